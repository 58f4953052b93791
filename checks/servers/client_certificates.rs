//! A server that wants a certificate of the client, and gets none or an unknown one.

use std::fs;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use latchbox::error::ConnectErrorKind;
use latchbox::transport::{TlsBackend, TlsErrorKind};
use latchbox::{Client, ClientBuilder};

use crate::scripted::problem;
use crate::support::certificates::certificates;

const BACKENDS: [TlsBackend; 2] = [TlsBackend::NativeTls, TlsBackend::Rustls];

fn trusting(port: u16, backend: TlsBackend) -> ClientBuilder {
    Client::builder("127.0.0.1")
        .port(port)
        .tls_backend(backend)
        .root_certificates_pem(certificates().authority.clone())
        .only_given_roots()
}

fn tls_problem(builder: ClientBuilder) -> TlsErrorKind {
    let error = builder.connect().map(drop).unwrap_err();
    match problem(&error) {
        ConnectErrorKind::Tls(error) => error.kind(),
        other => panic!("{other:?}"),
    }
}

/// A server of OpenSSL's own, which wants a certificate of the client.
struct Demanding {
    child: Child,
    port: u16,
    _directory: tempfile::TempDir,
}

impl Demanding {
    fn start(version: &str) -> Self {
        let ours = certificates();
        let directory = tempfile::tempdir().unwrap();
        let file = |name: &str, octets: &[u8]| {
            let path = directory.path().join(name);
            fs::write(&path, octets).unwrap();
            path
        };
        let mut child = Command::new("openssl")
            .args([
                "s_server",
                "-accept",
                "127.0.0.1:0",
                "-Verify",
                "1",
                "-verify_return_error",
            ])
            .arg(version)
            .arg("-cert")
            .arg(file("server.pem", &ours.server.certificate))
            .arg("-key")
            .arg(file("server.key", &ours.server.key))
            .arg("-CAfile")
            .arg(file("ca.pem", &ours.authority))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut lines = lines.map(Result::unwrap);
        let accepting = lines.find(|line| line.starts_with("ACCEPT ")).unwrap();
        let port = accepting
            .rsplit(':')
            .next()
            .unwrap()
            .trim()
            .parse()
            .unwrap();
        // Read to the end, or the server would wait for room.
        std::thread::spawn(move || lines.for_each(drop));
        Self {
            child,
            port,
            _directory: directory,
        }
    }
}

impl Drop for Demanding {
    fn drop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

#[test]
fn fault_68_a_client_certificate_that_is_missing_or_unknown_is_told_alike() {
    let self_signed = &certificates().self_signed;
    for version in ["-tls1_2", "-tls1_3"] {
        let server = Demanding::start(version);
        for backend in BACKENDS {
            let builder = trusting(server.port, backend).server_name("localhost");
            let expected = TlsErrorKind::ClientCertificate;
            assert_eq!(
                tls_problem(builder.clone()),
                expected,
                "{version} by {backend:?}"
            );
            let key = self_signed.key.clone();
            let builder = builder.client_certificate_pem(&self_signed.certificate, key);
            assert_eq!(
                tls_problem(builder),
                expected,
                "unknown, {version} by {backend:?}"
            );
        }
    }
}
