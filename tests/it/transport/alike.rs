//! Both TLS libraries beside each other: what one refuses the other refuses, for the same reason.

use latchbox::error::ConnectErrorKind;
use latchbox::transport::{TlsBackend, TlsErrorKind};
use latchbox::{Client, ClientBuilder};
use latchbox_testkit::Server;

use crate::scripted::problem;
use crate::support::certificates::{Leaf, certificates};

/// What comes of connecting.
#[derive(Debug, PartialEq, Eq)]
enum Outcome {
    Connected,
    Tls(TlsErrorKind),
    Settings,
}

use Outcome::{Connected, Settings, Tls};

const BACKENDS: [TlsBackend; 2] = [TlsBackend::NativeTls, TlsBackend::Rustls];

fn outcome(builder: ClientBuilder) -> Outcome {
    match builder.connect() {
        Ok(_) => Connected,
        Err(error) => match problem(&error) {
            ConnectErrorKind::Tls(error) => Tls(error.kind()),
            ConnectErrorKind::TlsSettings(_) => Settings,
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
    let wrong = Tls(TlsErrorKind::WrongName);
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
            Tls(TlsErrorKind::WrongName),
        ),
        (
            &ours.client,
            "CN and an e-mail address",
            Tls(TlsErrorKind::WrongName),
        ),
        (&ours.expired, "expired", Tls(TlsErrorKind::Expired)),
        (
            &ours.wrong_name,
            "another host",
            Tls(TlsErrorKind::WrongName),
        ),
        (
            &ours.self_signed,
            "self-signed",
            Tls(TlsErrorKind::UnknownIssuer),
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
                Tls(TlsErrorKind::WrongName) => assert_eq!(any_name, Connected, "{what}"),
                expected => assert_eq!(any_name, *expected, "{what}"),
            }
            let any = outcome(builder().danger_accept_invalid_certificates());
            assert_eq!(any, Connected, "{what} by {backend:?}");
        }
    }
}
