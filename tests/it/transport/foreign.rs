//! What is no greeting: TLS and other protocols, whole or cut off, on a port that was taken for IMAP.

use latchbox::error::ConnectErrorKind;
use latchbox::transport::TlsErrorKind;
use latchbox::{Client, ClientBuilder};

use crate::scripted::problem;
use crate::support::script::script;

/// How records of TLS begin: alerts of several versions, a handshake, and a whole ServerHello's head.
const RECORDS: [&str; 6] = [
    r"\x15\x03\x01\0\x02\x02\x46",
    r"\x15\x03\x03\0\x02\x01\0",
    r"\x15\x03\0\0\x02\x02\x28",
    r"\x16\x03\x03\0\x7a\x02\0\0\x76\x03\x03",
    r"\x16\x03\x01\x0a\0\x02",
    r"\x15\x03",
];

const PLAIN: [fn(ClientBuilder) -> ClientBuilder; 2] =
    [ClientBuilder::danger_plaintext, ClientBuilder::start_tls];

/// What the error of connecting in cleartext to what plays this says of the protocol.
fn protocol(
    play: &str,
    settings: fn(ClientBuilder) -> ClientBuilder,
) -> (Option<&'static str>, String) {
    let server = script(play);
    let builder = Client::builder("127.0.0.1").port(server.port());
    let error = settings(builder).connect().unwrap_err();
    match problem(&error) {
        ConnectErrorKind::NotImap { protocol, .. } => (*protocol, error.to_string()),
        other => panic!("{play}: {other:?}"),
    }
}

#[test]
fn fault_41_a_port_that_speaks_tls_is_told() {
    for record in RECORDS {
        // It closes, or it goes on waiting.
        for play in [
            format!("S-raw: {record}\nclose"),
            format!("S-raw: {record}\nstall"),
        ] {
            for settings in PLAIN {
                let (protocol, error) = protocol(&play, settings);
                assert_eq!(protocol, Some("TLS"), "{play}");
                assert!(error.contains("this port speaks TLS"), "{error}");
                assert!(error.contains("start_tls"), "{error}");
                assert!(
                    error.is_ascii() && !error.contains(char::is_control),
                    "{error:?}"
                );
            }
        }
    }
}

#[test]
fn fault_41_two_octets_apart_are_enough_to_tell_tls() {
    for record in [r"\x15\x03", r"\x16\x03"] {
        for settings in PLAIN {
            let (protocol, _) = protocol(&format!("bytes\nS-raw: {record}\nstall"), settings);
            assert_eq!(protocol, Some("TLS"), "{record}");
        }
    }
}

#[test]
fn fault_41_other_protocols_are_told_without_the_end_of_their_line() {
    for (begun, expected) in [
        ("+OK POP3", Some("POP3")),
        ("-ERR [SYS/TEMP] later", Some("POP3")),
        ("220 mail.example.com ESMTP", Some("SMTP")),
        ("SSH-2.0-OpenSSH_9.2", Some("SSH")),
        ("HTTP/1.1 400 Bad", Some("HTTP")),
        (r"J\0\0\0\x0a8.0.36", None),
        (r"\x03\0\0\x13\x0e\xd0", None),
    ] {
        for settings in PLAIN {
            let (protocol, _) = protocol(&format!("S-raw: {begun}\nclose"), settings);
            assert_eq!(protocol, expected, "{begun}");
        }
    }
}

#[test]
fn fault_41_a_greeting_that_breaks_off_is_an_end() {
    for begun in ["*", "* OK", "* OK [CAPABILITY IMAP4rev1] re", "* BYE to"] {
        let server = script(&format!("S-raw: {begun}\nclose"));
        let builder = Client::builder("127.0.0.1").port(server.port());
        let error = builder.danger_plaintext().connect().unwrap_err();
        let is_end = matches!(problem(&error), ConnectErrorKind::Closed(_));
        assert!(is_end, "{begun}: {error:?}");
    }
}

#[cfg(any(feature = "native-tls", feature = "rustls"))]
#[test]
fn fault_41_plaintext_where_tls_was_expected_is_told_however_it_ends() {
    use latchbox::transport::TlsBackend;
    for backend in [
        #[cfg(feature = "native-tls")]
        TlsBackend::NativeTls,
        #[cfg(feature = "rustls")]
        TlsBackend::Rustls,
    ] {
        for play in [
            "S: * OK ready\nstall",
            // The client may have sent the beginning of a handshake by then.
            "S-raw: * OK\nhalf-close\nstall",
            "S-raw: *\nhalf-close\nstall",
            "bytes\nS-raw: *\nhalf-close\nstall",
        ] {
            let server = script(play);
            let builder = Client::builder("127.0.0.1").port(server.port());
            let error = builder.tls_backend(backend).connect().unwrap_err();
            let ConnectErrorKind::Tls(tls) = problem(&error) else {
                panic!("{play}: {error:?}");
            };
            assert_eq!(tls.kind(), TlsErrorKind::NotTls, "{play}");
        }
    }
}
