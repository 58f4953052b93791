//! Both TLS libraries beside each other: what one refuses the other refuses, for the same reason.

use std::fs;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use latchbox::{Client, ClientBuilder, ConnectProblem, TlsBackend, TlsProblem};
use latchbox_testkit::Server;

use crate::scripted::problem;
use crate::support::certificates::{Leaf, certificates};

/// What comes of connecting.
#[derive(Debug, PartialEq, Eq)]
enum Outcome {
    Connected,
    Tls(TlsProblem),
    Settings,
}

use Outcome::{Connected, Settings, Tls};

const BACKENDS: [TlsBackend; 2] = [TlsBackend::NativeTls, TlsBackend::Rustls];

fn outcome(builder: ClientBuilder) -> Outcome {
    match builder.connect() {
        Ok(_) => Connected,
        Err(error) => match problem(&error) {
            ConnectProblem::Tls(error) => Tls(error.problem()),
            ConnectProblem::TlsSettings(_) => Settings,
            other => panic!("{other:?}"),
        },
    }
}

fn trusting(port: u16, backend: TlsBackend) -> ClientBuilder {
    Client::builder("127.0.0.1")
        .port(port)
        .tls_backend(backend)
        .root_certificates_pem(certificates().authority.clone())
        .only_given_roots()
}

fn serving(leaf: &Leaf) -> Server {
    let builder = Server::builder().tls(&leaf.certificate, &leaf.key);
    builder.start().unwrap()
}

#[test]
fn fault_68_names_are_verified_alike() {
    // For localhost, 127.0.0.1 and ::1.
    let server = serving(&certificates().server);
    let wrong = Tls(TlsProblem::WrongName);
    for (name, expected) in [
        ("localhost", &Connected),
        ("LOCALHOST", &Connected),
        ("localhost.", &Connected),
        ("127.0.0.1", &Connected),
        ("::1", &Connected),
        ("[::1]", &Connected),
        ("::1%lo", &Connected),
        ("[::1%1]", &Connected),
        ("127.0.0.2", &wrong),
        ("::2", &wrong),
        ("fe80::1%eth0", &wrong),
        ("elsewhere.test", &wrong),
        ("elsewhere.test.", &wrong),
        ("xn--bcher-kva.example", &wrong),
        ("sub.localhost", &wrong),
        ("my_host.example", &wrong),
        ("b\u{fc}cher.example", &Settings),
        ("\u{6771}\u{4eac}.example", &Settings),
        ("localhost..", &Settings),
        ("", &Settings),
        ("two words", &Settings),
        ("local\0host", &Settings),
        ("*.example.com", &Settings),
    ] {
        for backend in BACKENDS {
            let builder = trusting(server.port(), backend).server_name(name);
            assert_eq!(outcome(builder), *expected, "{name:?} by {backend:?}");
        }
    }
}

#[test]
fn fault_68_certificates_are_verified_alike() {
    let ours = certificates();
    for (leaf, what, expected) in [
        (&ours.server, "good", Connected),
        (
            &ours.common_name_only,
            "CN only",
            Tls(TlsProblem::WrongName),
        ),
        (
            &ours.client,
            "CN and an e-mail address",
            Tls(TlsProblem::WrongName),
        ),
        (&ours.expired, "expired", Tls(TlsProblem::Expired)),
        (&ours.wrong_name, "another host", Tls(TlsProblem::WrongName)),
        (
            &ours.self_signed,
            "self-signed",
            Tls(TlsProblem::UnknownIssuer),
        ),
    ] {
        let server = serving(leaf);
        for backend in BACKENDS {
            let name = match what {
                "CN and an e-mail address" => "alice",
                _ => "localhost",
            };
            let builder = || trusting(server.port(), backend).server_name(name);
            assert_eq!(outcome(builder()), expected, "{what} by {backend:?}");
            let any_name = outcome(builder().danger_accept_invalid_names());
            match &expected {
                Tls(TlsProblem::WrongName) => assert_eq!(any_name, Connected, "{what}"),
                expected => assert_eq!(any_name, *expected, "{what}"),
            }
            let any = outcome(builder().danger_accept_invalid_certificates());
            assert_eq!(any, Connected, "{what} by {backend:?}");
        }
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
            let expected = Tls(TlsProblem::ClientCertificate);
            assert_eq!(
                outcome(builder.clone()),
                expected,
                "{version} by {backend:?}"
            );
            let key = self_signed.key.clone();
            let builder = builder.client_certificate_pem(&self_signed.certificate, key);
            assert_eq!(
                outcome(builder),
                expected,
                "unknown, {version} by {backend:?}"
            );
        }
    }
}
