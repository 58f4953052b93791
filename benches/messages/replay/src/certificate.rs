//! A certificate for 127.0.0.1 that lives as long as the server.

use std::process::Command;

use native_tls::{Identity, TlsAcceptor};

/// One that is its own authority, in PEM, and who shows it.
pub fn made() -> (String, TlsAcceptor) {
    let arguments = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout - \
                     -days 2 -subj /CN=replay -addext subjectAltName=IP:127.0.0.1";
    let output = Command::new("openssl")
        .args(arguments.split_whitespace())
        .output()
        .expect("the `openssl` command");
    let pem = String::from_utf8(output.stdout).expect("PEM");
    let start = pem
        .find("-----BEGIN CERTIFICATE")
        .expect("a certificate of `openssl`");
    let (key, certificate) = pem.split_at(start);
    let identity = Identity::from_pkcs8(certificate.as_bytes(), key.as_bytes()).expect("a key");
    let acceptor = TlsAcceptor::new(identity).expect("an acceptor");
    (certificate.to_owned(), acceptor)
}
