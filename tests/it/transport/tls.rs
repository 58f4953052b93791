//! TLS, the same for each library that does it: whom it believes, and what it says otherwise.

use std::io::Write;
use std::net::{TcpListener, TcpStream};
use std::thread;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use latchbox::error::{CloseReason, ConnectErrorKind, Stage};
use latchbox::transport::{TlsBackend, TlsErrorKind, TlsVersion};
use latchbox::types::{FetchItem, SearchKey, Section};
use latchbox::{Client, ClientBuilder};
use latchbox_testkit::Server;

use super::{BYE_AND_READS_NOTHING, WRITE, assert_bye_while_sending, assert_exists};
use crate::scripted::{SHORT, closed, log_in_client, problem, with_login};
use crate::sessions::TrustTheKit;
use crate::sessions::log_in_user;
use crate::support::certificates::{Leaf, certificates};
use crate::support::script::{Script, script};

/// Each of these for each library.
macro_rules! for_each_backend {
    ($($test:ident)*) => {
        #[cfg(feature = "native-tls")]
        mod native_tls {
            $(#[test]
            fn $test() {
                super::$test(latchbox::transport::TlsBackend::NativeTls);
            })*
        }

        #[cfg(feature = "rustls")]
        mod rustls {
            $(#[test]
            fn $test() {
                super::$test(latchbox::transport::TlsBackend::Rustls);
            })*
        }
    };
}

for_each_backend! {
    a_session_goes_through_tls_from_the_first_byte_and_after_starttls
    both_kinds_of_names_are_verified
    attack_025_a_certificate_for_another_name_is_told
    attack_025_what_nobody_vouches_for_is_told
    attack_025_an_expired_certificate_is_told
    danger_accepts_what_was_refused
    a_certificate_can_be_its_own_root
    settings_that_are_none_are_told_apart
    a_pinned_certificate_or_key_has_to_match
    a_pin_alone_is_enough_where_nobody_vouches
    an_old_version_is_refused
    plaintext_is_told_from_tls
    other_protocols_are_named
    a_silent_handshake_ends_at_its_deadline
    a_handshake_that_is_closed_is_told
    attack_027_an_end_without_farewell_inside_a_literal_is_an_error
    a_goodbye_without_farewell_is_one
    records_that_arrived_together_are_seen_before_the_socket_is_polled
    a_deadline_passes_through_tls
    much_in_both_directions_arrives_whole
    fault_42_a_bye_in_the_middle_of_an_append_is_the_error
}

#[cfg(feature = "scram")]
mod scram {
    for_each_backend! { a_login_can_be_bound_to_the_channel }

    /// The hash is the same on both sides, whatever signed the certificate.
    fn a_login_can_be_bound_to_the_channel(backend: latchbox::transport::TlsBackend) {
        use latchbox::sasl::Scram;
        use latchbox_testkit::{PASSWORD, Server, USER};
        let ours = super::certificates();
        let server = Server::builder()
            .with("AUTH=SCRAM-SHA-256-PLUS")
            .tls(&ours.server.certificate, &ours.server.key);
        let server = server.start().unwrap();
        let client = super::trusting(server.port(), backend).connect().unwrap();
        // That server's library gives no exporter.
        let scram = Scram::sha_256(USER, PASSWORD)
            .channel_binding(latchbox::sasl::ChannelBinding::TlsServerEndPoint)
            .require_channel_binding();
        client.authenticate(scram).unwrap();
    }
}

fn trusting(port: u16, backend: TlsBackend) -> ClientBuilder {
    Client::builder("localhost")
        .port(port)
        .tls_backend(backend)
        .trust_the_kit()
}

fn server_with(leaf: &Leaf) -> Server {
    let builder = Server::builder().tls(&leaf.certificate, &leaf.key);
    builder.start().unwrap()
}

/// What the handshake failed with.
#[track_caller]
fn refused(builder: ClientBuilder) -> TlsErrorKind {
    let error = builder.connect().unwrap_err();
    match problem(&error) {
        ConnectErrorKind::Tls(error) => error.kind(),
        other => panic!("{other:?}"),
    }
}

#[track_caller]
fn works(builder: ClientBuilder) {
    let session = log_in_user(builder);
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    assert!(inbox.search(SearchKey::All).unwrap().is_empty());
}

fn a_session_goes_through_tls_from_the_first_byte_and_after_starttls(backend: TlsBackend) {
    let ours = &certificates().server;
    works(trusting(server_with(ours).port(), backend));
    let server = server_with(ours);
    works(trusting(server.port(), backend).only_given_roots());
    let server = Server::builder().start_tls(&ours.certificate, &ours.key);
    let server = server.start().unwrap();
    works(trusting(server.port(), backend).start_tls());
}

fn both_kinds_of_names_are_verified(backend: TlsBackend) {
    let server = server_with(&certificates().server);
    for host in ["localhost", "127.0.0.1"] {
        let builder = Client::builder(host)
            .port(server.port())
            .tls_backend(backend)
            .trust_the_kit();
        works(builder);
    }
}

fn attack_025_a_certificate_for_another_name_is_told(backend: TlsBackend) {
    let server = server_with(&certificates().wrong_name);
    for host in ["localhost", "127.0.0.1"] {
        let builder = Client::builder(host)
            .port(server.port())
            .tls_backend(backend)
            .trust_the_kit();
        assert_eq!(refused(builder.clone()), TlsErrorKind::WrongName, "{host}");
        let error = builder.clone().connect().unwrap_err().to_string();
        assert!(
            error.contains("the certificate is for another name"),
            "{error}"
        );
        works(builder.clone().server_name("elsewhere.test"));
        works(builder.danger_accept_invalid_names());
    }
}

fn attack_025_what_nobody_vouches_for_is_told(backend: TlsBackend) {
    let self_signed = server_with(&certificates().self_signed);
    let ours = trusting(self_signed.port(), backend);
    assert_eq!(refused(ours.clone()), TlsErrorKind::UnknownIssuer);
    assert_eq!(
        refused(ours.only_given_roots()),
        TlsErrorKind::UnknownIssuer
    );
    let unknown = server_with(&certificates().server);
    let system = Client::builder("localhost")
        .port(unknown.port())
        .tls_backend(backend);
    let kind = refused(system);
    // Under wine, the system's verifier has another reason.
    assert!(
        kind == TlsErrorKind::UnknownIssuer || cfg!(windows),
        "{kind:?}"
    );
}

fn attack_025_an_expired_certificate_is_told(backend: TlsBackend) {
    let server = server_with(&certificates().expired);
    let builder = trusting(server.port(), backend);
    assert_eq!(refused(builder.clone()), TlsErrorKind::Expired);
    assert_eq!(refused(builder.only_given_roots()), TlsErrorKind::Expired);
}

fn danger_accepts_what_was_refused(backend: TlsBackend) {
    let ours = certificates();
    for leaf in [
        &ours.expired,
        &ours.self_signed,
        &ours.server,
        &ours.wrong_name,
    ] {
        let server = server_with(leaf);
        let builder = Client::builder("localhost")
            .port(server.port())
            .tls_backend(backend);
        works(builder.danger_accept_invalid_certificates());
    }
}

fn a_certificate_can_be_its_own_root(backend: TlsBackend) {
    let leaf = &certificates().self_signed;
    let server = server_with(leaf);
    let builder = Client::builder("localhost")
        .port(server.port())
        .tls_backend(backend)
        .root_certificates_pem(leaf.certificate.clone());
    // Under wine, the system's verifier takes no further authorities.
    if cfg!(not(windows)) {
        works(builder.clone());
    }
    works(builder.clone().only_given_roots());
    let other = builder.server_name("elsewhere.test");
    let other = match cfg!(windows) {
        true => other.only_given_roots(),
        false => other,
    };
    assert_eq!(refused(other), TlsErrorKind::WrongName);
}

fn settings_that_are_none_are_told_apart(backend: TlsBackend) {
    let server = server_with(&certificates().server);
    let builder = trusting(server.port(), backend);
    let client = &certificates().client;
    for builder in [
        builder.clone().root_certificates_pem("no certificate"),
        builder
            .clone()
            .root_certificate_der(*b"no certificate")
            .only_given_roots(),
        builder
            .clone()
            .client_certificate_pem("none", client.key.clone()),
        builder.client_certificate_pem(&client.certificate, "none"),
    ] {
        let shown = format!("{builder:?}");
        let error = builder.connect().unwrap_err();
        assert!(
            matches!(problem(&error), ConnectErrorKind::TlsSettings(_)),
            "{shown}: {error:?}"
        );
    }
}

/// How the public key of a certificate on P-256 begins (RFC 5480), and how long it is.
const KEY: [u8; 26] = [
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a,
    0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
];
const KEY_OCTETS: usize = 91;

/// The hashes of a certificate and of its public key.
fn hashes(leaf: &Leaf) -> ([u8; 32], [u8; 32]) {
    let pem = String::from_utf8(leaf.certificate.clone()).unwrap();
    let lines = pem.lines().filter(|line| !line.starts_with("-----"));
    let whole = BASE64_STANDARD.decode(lines.collect::<String>()).unwrap();
    let mut places = whole.windows(KEY.len());
    let key = places.position(|octets| octets == KEY).unwrap();
    let key = &whole[key..key + KEY_OCTETS];
    (
        hmac_sha256::Hash::hash(&whole),
        hmac_sha256::Hash::hash(key),
    )
}

fn a_pinned_certificate_or_key_has_to_match(backend: TlsBackend) {
    let ours = certificates();
    let server = server_with(&ours.server);
    let builder = trusting(server.port(), backend);
    let (whole, key) = hashes(&ours.server);
    let (other_whole, other_key) = hashes(&ours.wrong_name);
    works(builder.clone().pin_certificate_sha256(whole));
    works(builder.clone().pin_public_key_sha256(key));
    let several = builder.clone().pin_certificate_sha256(other_whole);
    works(several.pin_public_key_sha256(key));
    for wrong in [
        builder.clone().pin_certificate_sha256(other_whole),
        builder.clone().pin_public_key_sha256(other_key),
        builder.clone().pin_certificate_sha256(key),
        builder.pin_public_key_sha256(whole),
    ] {
        assert_eq!(refused(wrong), TlsErrorKind::Pin);
    }
}

fn a_pin_alone_is_enough_where_nobody_vouches(backend: TlsBackend) {
    let leaf = &certificates().self_signed;
    let server = server_with(leaf);
    let (whole, _) = hashes(leaf);
    let builder = Client::builder("localhost")
        .port(server.port())
        .tls_backend(backend);
    let pinned = builder.pin_certificate_sha256(whole);
    // A pin takes nothing away from what is verified otherwise.
    assert_eq!(refused(pinned.clone()), TlsErrorKind::UnknownIssuer);
    works(pinned.danger_accept_invalid_certificates());
    let another = server_with(&certificates().server);
    let builder = Client::builder("localhost")
        .port(another.port())
        .tls_backend(backend)
        .pin_certificate_sha256(whole);
    let unpinned = builder.danger_accept_invalid_certificates();
    assert_eq!(refused(unpinned), TlsErrorKind::Pin);
}

/// A server's part of a handshake by TLS 1.2 at most.
#[cfg(not(windows))]
fn accept_old(socket: TcpStream) -> Option<impl Write> {
    let mut acceptor = ::native_tls::TlsAcceptor::builder(certificates().server.identity());
    acceptor.max_protocol_version(Some(::native_tls::Protocol::Tlsv12));
    acceptor.build().unwrap().accept(socket).ok()
}

/// By rustls, because under wine the system's library reads no PKCS #8 key.
#[cfg(windows)]
fn accept_old(mut socket: TcpStream) -> Option<impl Write> {
    use ::rustls::pki_types::pem::PemObject;
    use ::rustls::pki_types::{CertificateDer, PrivateKeyDer};
    use ::rustls::{ServerConfig, ServerConnection, StreamOwned, crypto::ring, version};
    let own = &certificates().server;
    let chain = CertificateDer::pem_slice_iter(&own.certificate);
    let key = PrivateKeyDer::from_pem_slice(&own.key).unwrap();
    let config = ServerConfig::builder_with_provider(ring::default_provider().into())
        .with_protocol_versions(&[&version::TLS12])
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(chain.map(Result::unwrap).collect(), key);
    let mut connection = ServerConnection::new(config.unwrap().into()).unwrap();
    while connection.is_handshaking() {
        connection.complete_io(&mut socket).ok()?;
    }
    Some(StreamOwned::new(connection, socket))
}

fn an_old_version_is_refused(backend: TlsBackend) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let server = thread::spawn(move || {
        for greets in [false, true] {
            let (socket, _) = listener.accept().unwrap();
            let accepted = accept_old(socket);
            assert_eq!(accepted.is_some(), greets);
            if let Some(mut stream) = accepted {
                stream.write_all(b"* OK old and fine\r\n").unwrap();
            }
        }
    });
    let new = trusting(port, backend).minimum_tls_version(TlsVersion::Tls13);
    assert_eq!(refused(new), TlsErrorKind::Version);
    trusting(port, backend).connect().unwrap();
    server.join().unwrap();
}

fn plaintext_is_told_from_tls(backend: TlsBackend) {
    let server = Server::start().unwrap();
    let error = trusting(server.port(), backend).connect().unwrap_err();
    let ConnectErrorKind::Tls(problem) = problem(&error) else {
        panic!("{error:?}");
    };
    assert_eq!(problem.kind(), TlsErrorKind::NotTls);
    let error = error.to_string();
    assert!(error.contains("this port speaks plaintext"), "{error}");
    assert!(error.contains("* OK"), "{error}");
}

fn other_protocols_are_named(backend: TlsBackend) {
    for (line, name) in [
        ("+OK POP3 here", "POP3"),
        ("220 mail.example.com ESMTP", "SMTP"),
        ("HTTP/1.1 400 Bad Request", "HTTP"),
        ("SSH-2.0-OpenSSH_9.2", "SSH"),
    ] {
        let server = script(&format!("S: {line}\nstall"));
        let error = trusting(server.port(), backend).connect().unwrap_err();
        match problem(&error) {
            ConnectErrorKind::NotImap { protocol, .. } => assert_eq!(*protocol, Some(name)),
            other => panic!("{other:?}"),
        }
        drop(server);
    }
}

fn a_silent_handshake_ends_at_its_deadline(backend: TlsBackend) {
    let server = script("stall");
    let builder = trusting(server.port(), backend).tls_timeout(SHORT);
    let error = builder.connect().unwrap_err();
    assert!(error.is_timeout());
    assert!(
        matches!(problem(&error), ConnectErrorKind::Timeout(Stage::Tls)),
        "{error:?}"
    );
}

fn a_handshake_that_is_closed_is_told(backend: TlsBackend) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let server = thread::spawn(move || {
        let (mut socket, _) = listener.accept().unwrap();
        // All of its hello, so that the end is an end and no reset.
        std::io::Read::read(&mut socket, &mut [0; 4096]).unwrap();
    });
    assert_eq!(refused(trusting(port, backend)), TlsErrorKind::Closed);
    server.join().unwrap();
}

/// A script inside TLS that has let the user in and goes on with this.
fn inside(backend: TlsBackend, text: &str) -> (Script, latchbox::Session) {
    let server = script(&format!("tls\n{}", with_login("IMAP4rev1 IDLE", text)));
    let session = log_in_client(trusting(server.port(), backend).connect().unwrap());
    (server, session)
}

fn attack_027_an_end_without_farewell_inside_a_literal_is_an_error(backend: TlsBackend) {
    for end in ["cut", "close"] {
        let (_server, session) = inside(
            backend,
            &format!(
                "
                C: {{s}} SELECT \"INBOX\"
                S: * 1 EXISTS
                S: * OK [UIDVALIDITY 7] since
                S: {{s}} OK [READ-WRITE] selected
                C-start: {{f}} UID FETCH
                S-raw: * 1 FETCH (UID 1 BODY[] {{40}}\\r\\nSubject: cut\\r\\n
                {end}
                "
            ),
        );
        let mut inbox = session.lock_mailbox("INBOX").unwrap();
        let all = latchbox::types::UidSet::all();
        let mut messages = inbox
            .fetch(&all, [FetchItem::BodyPeek(Section::whole())])
            .unwrap();
        let error = messages.next().unwrap_err();
        assert!(
            matches!(closed(&error).reason(), CloseReason::Eof),
            "{end}: {error:?}"
        );
    }
}

fn a_goodbye_without_farewell_is_one(backend: TlsBackend) {
    for end in ["cut", "close"] {
        let (_server, session) = inside(
            backend,
            &format!(
                "
                C: {{n}} NOOP
                S: * BYE enough
                {end}
                "
            ),
        );
        let error = session.noop().unwrap_err();
        assert!(
            matches!(closed(&error).reason(), CloseReason::Bye { .. }),
            "{end}: {error:?}"
        );
    }
}

fn records_that_arrived_together_are_seen_before_the_socket_is_polled(backend: TlsBackend) {
    let (server, session) = inside(
        backend,
        "
        C: {s} SELECT \"INBOX\"
        S: * 3 EXISTS
        S: * OK [UIDVALIDITY 7] since
        S: {s} OK [READ-WRITE] selected
        C: {i} IDLE
        S: + idling
        wait: begun
        S: * 4 EXISTS
        S: * 5 EXISTS
        S: * 6 EXISTS
        signal: sent
        C: DONE
        S: {i} OK done
        ",
    );
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let mut idle = inbox.idle().unwrap();
    server.go("begun");
    server.reached("sent");
    for messages in 4..=6 {
        assert_exists(&mut idle, messages);
    }
    idle.done().unwrap();
}

fn a_deadline_passes_through_tls(backend: TlsBackend) {
    let server = script(&format!(
        "tls\n{}",
        with_login("IMAP4rev1", "C: {n} NOOP\nstall")
    ));
    let session = log_in_client(trusting(server.port(), backend).connect().unwrap());
    session.set_read_timeout(SHORT).unwrap();
    let error = session.noop().unwrap_err();
    assert!(
        matches!(
            closed(&error).reason(),
            CloseReason::Timeout(Stage::Read, _)
        ),
        "{error:?}"
    );
}

fn fault_42_a_bye_in_the_middle_of_an_append_is_the_error(backend: TlsBackend) {
    let server = script(&format!(
        "tls\n{}",
        with_login("IMAP4rev1 LITERAL+", BYE_AND_READS_NOTHING)
    ));
    let builder = trusting(server.port(), backend).write_timeout(WRITE);
    let session = log_in_client(builder.connect().unwrap());
    assert_bye_while_sending(&session);
    server.go("over");
    server.finish();
}

fn much_in_both_directions_arrives_whole(backend: TlsBackend) {
    let server = server_with(&certificates().server);
    let session = log_in_user(trusting(server.port(), backend));
    let lines = (0..60_000).map(|line| format!("line {line}, and nothing more\r\n"));
    let message = format!("Subject: much\r\n\r\n{}", lines.collect::<String>());
    session.append("INBOX", message.as_bytes()).unwrap();
    assert_eq!(server.messages("INBOX")[0].bytes[..], *message.as_bytes());
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let all = inbox.search(SearchKey::All).unwrap();
    let mut messages = inbox
        .fetch(&all, [FetchItem::BodyPeek(Section::whole())])
        .unwrap();
    let fetched = messages.next().unwrap().unwrap();
    assert!(fetched.body(&Section::whole()).unwrap() == message.as_bytes());
}
