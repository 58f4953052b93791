//! Implicit TLS, STARTTLS and cleartext; whom TLS refuses.

use latchbox::error::{ConnectError, ConnectErrorKind, LoginAborted};
use latchbox::types::{Capability, SearchKey};
use latchbox::{Client, Error};
use latchbox_testkit::{PASSWORD, Server, USER};

use super::{log_in, plaintext};
use crate::support::certificates::{Leaf, certificates};
use crate::support::closed_port::ClosedPort;
use crate::support::dovecot::dovecot;

#[track_caller]
fn refusal(result: latchbox::Result<Client>) -> ConnectError {
    match result {
        Err(Error::Connect(error)) => *error,
        other => panic!("{other:?}"),
    }
}

#[track_caller]
fn assert_tls_refused(result: latchbox::Result<Client>) {
    let error = refusal(result);
    assert!(
        matches!(error.kind(), ConnectErrorKind::Tls(_)),
        "{error:?}"
    );
}

fn works(client: Client) {
    let user = dovecot().user();
    let session = log_in(client, &user);
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    assert!(inbox.search(SearchKey::All).unwrap().is_empty());
    drop(inbox);
    session.logout().unwrap();
}

#[test]
fn implicit_tls_with_our_own_authority() {
    for host in ["localhost", "127.0.0.1"] {
        let client = Client::builder(host)
            .port(dovecot().tls_port())
            .root_certificates_pem(certificates().authority.clone())
            .connect()
            .unwrap();
        assert!(client.is_encrypted());
        works(client);
    }
}

#[test]
fn implicit_tls_with_no_authority_but_our_own() {
    let client = Client::builder("localhost")
        .port(dovecot().tls_port())
        .root_certificates_pem(certificates().authority.clone())
        .only_given_roots()
        .connect();
    works(client.unwrap());
}

#[test]
fn starttls_is_the_same_afterwards() {
    let mut client = Client::builder("localhost")
        .port(dovecot().port())
        .root_certificates_pem(certificates().authority.clone())
        .start_tls()
        .connect()
        .unwrap();
    assert!(client.is_encrypted());
    // What was advertised in cleartext is forgotten and asked for again.
    let capabilities = client.capabilities().unwrap();
    assert!(!capabilities.contains(&Capability::StartTls));
    works(client);
}

#[test]
fn an_unknown_authority_is_refused_by_either_kind_of_tls() {
    assert_tls_refused(
        Client::builder("localhost")
            .port(dovecot().tls_port())
            .connect(),
    );
    assert_tls_refused(
        Client::builder("localhost")
            .port(dovecot().port())
            .start_tls()
            .connect(),
    );
    let stranger = certificates().self_signed.certificate.clone();
    assert_tls_refused(
        Client::builder("localhost")
            .port(dovecot().tls_port())
            .root_certificates_pem(stranger)
            .only_given_roots()
            .connect(),
    );
}

#[test]
fn a_certificate_for_another_name_is_refused() {
    let to = |name: &str| {
        Client::builder("127.0.0.1")
            .port(dovecot().tls_port())
            .root_certificates_pem(certificates().authority.clone())
            .server_name(name)
    };
    assert_tls_refused(to("elsewhere.test").connect());
    works(to("localhost").connect().unwrap());
    let unnamed = to("elsewhere.test").danger_accept_invalid_names();
    works(unnamed.connect().unwrap());
}

fn server_with(leaf: &Leaf, start_tls: bool) -> Server {
    let builder = Server::builder();
    let builder = match start_tls {
        true => builder.start_tls(&leaf.certificate, &leaf.key),
        false => builder.tls(&leaf.certificate, &leaf.key),
    };
    builder.start().unwrap()
}

#[test]
fn an_expired_certificate_and_one_of_nobody_are_refused_unless_danger_is_asked_for() {
    let certificates = certificates();
    for leaf in [&certificates.expired, &certificates.self_signed] {
        for start_tls in [false, true] {
            let server = server_with(leaf, start_tls);
            let builder = || {
                let builder = Client::builder("localhost")
                    .port(server.port())
                    .root_certificates_pem(certificates.authority.clone());
                match start_tls {
                    true => builder.start_tls(),
                    false => builder,
                }
            };
            assert_tls_refused(builder().connect());
            let client = builder().danger_accept_invalid_certificates().connect();
            let session = client.unwrap().login(USER, PASSWORD);
            session.unwrap();
        }
    }
}

#[test]
fn a_password_is_not_sent_in_cleartext_unless_danger_is_asked_for() {
    let user = dovecot().user();
    let client = Client::builder("127.0.0.1")
        .port(dovecot().port())
        .danger_plaintext();
    let client = client.connect().unwrap();
    assert!(!client.is_encrypted());
    let (error, client) = client
        .login(user.name(), user.password())
        .unwrap_err()
        .into_parts();
    assert!(matches!(error, Error::Login(LoginAborted::Cleartext)));
    let plain = latchbox::sasl::Plain::new(user.name(), user.password());
    let (error, _) = client.authenticate(plain).unwrap_err().into_parts();
    assert!(matches!(error, Error::Login(LoginAborted::Cleartext)));
    works(plaintext(dovecot()).connect().unwrap());
}

#[test]
fn the_wrong_kind_of_port_is_an_error_that_says_so() {
    let cleartext = Client::builder("localhost").port(dovecot().port());
    assert_tls_refused(cleartext.connect());
    let short = std::time::Duration::from_millis(200);
    let inside_tls = plaintext(dovecot())
        .port(dovecot().tls_port())
        .greeting_timeout(short);
    let error = refusal(inside_tls.connect());
    assert!(
        matches!(
            error.kind(),
            ConnectErrorKind::Timeout(_)
                | ConnectErrorKind::Closed(_)
                | ConnectErrorKind::NotImap { .. }
        ),
        "{error:?}"
    );
    let nobody = ClosedPort::new();
    let error = refusal(plaintext(dovecot()).port(nobody.address().port()).connect());
    assert!(matches!(error.kind(), ConnectErrorKind::Tcp(_)));
    assert_eq!(error.port(), nobody.address().port());
    assert_eq!(error.host(), "127.0.0.1");
}

#[test]
fn starttls_is_never_skipped() {
    let without = Server::start().unwrap();
    let client = Client::builder("localhost")
        .port(without.port())
        .start_tls()
        .connect();
    let error = refusal(client);
    assert!(matches!(error.kind(), ConnectErrorKind::StartTls(_)));
}

#[test]
fn a_root_that_is_none_is_an_error_of_the_settings() {
    let client = Client::builder("localhost")
        .port(dovecot().tls_port())
        .root_certificates_pem("no certificate at all")
        .connect();
    let error = refusal(client);
    assert!(
        matches!(error.kind(), ConnectErrorKind::TlsSettings(_)),
        "{error:?}"
    );
}
