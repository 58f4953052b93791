//! LOGIN and AUTHENTICATE PLAIN.

use latchbox::error::LoginAborted;
use latchbox::sasl::Plain;
use latchbox::types::{Capability, ResponseCode};
use latchbox::{Client, Error};
use latchbox_testkit::Server;

use super::plaintext;
use crate::support::dovecot::{Dovecot, dovecot};
use crate::support::tap::{Sent, Tap};

fn client_on(server: &Dovecot) -> (Client, Sent) {
    let (tap, sent) = Tap::connect(server.port());
    (plaintext(server).connect_stream(tap).unwrap(), sent)
}

#[test]
fn login_with_the_right_password_learns_the_capabilities_without_asking() {
    let user = dovecot().user();
    let (client, sent) = client_on(dovecot());
    let session = client.login(user.name(), user.password()).unwrap();
    assert!(session.capabilities().unwrap().supports(&Capability::Move));
    assert_eq!(sent.text().matches("CAPABILITY").count(), 0);
}

#[test]
fn a_wrong_password_gives_the_client_back_for_another_try() {
    let user = dovecot().user();
    let (client, _) = client_on(dovecot());
    let (error, client) = client.login(user.name(), "wrong").unwrap_err().into_parts();
    assert!(error.is_auth() && !error.is_closed() && !error.is_timeout());
    assert_eq!(
        error.response_code(),
        Some(&ResponseCode::AuthenticationFailed)
    );
    let plain = Plain::new(user.name(), "wrong too");
    let (error, client) = client.authenticate(plain).unwrap_err().into_parts();
    assert!(error.is_auth(), "{error}");
    assert!(!format!("{error} {error:?}").contains("wrong too"));
    let (error, client) = client
        .login("nobody at all", "secret")
        .unwrap_err()
        .into_parts();
    assert!(error.is_auth(), "{error}");
    client.login(user.name(), user.password()).unwrap();
}

#[test]
fn passwords_with_quotes_backslashes_and_spaces_log_in_by_either_command() {
    for password in [r#"pass "word\"#, "  two spaces  ", "(){%*]", "a\\\"b\\"] {
        let user = dovecot().user_with(password, "");
        let (client, _) = client_on(dovecot());
        let (error, client) = client
            .login(
                user.name(),
                password.trim_end_matches('\\').to_owned() + "x",
            )
            .unwrap_err()
            .into_parts();
        assert!(error.is_auth(), "{error}");
        client.login(user.name(), password).unwrap();
        let (client, _) = client_on(dovecot());
        client
            .authenticate(Plain::new(user.name(), password))
            .unwrap();
    }
}

#[test]
fn passwords_beyond_ascii_log_in_by_either_command() {
    for password in ["pässwörd", "密码", "🔑🔑"] {
        let user = dovecot().user_with(password, "");
        let (client, sent) = client_on(dovecot());
        client.login(user.name(), password).unwrap();
        assert!(
            sent.text().contains("{"),
            "it went as a literal: {}",
            sent.text()
        );
        let (client, _) = client_on(dovecot());
        client
            .authenticate(Plain::new(user.name(), password))
            .unwrap();
    }
}

#[test]
fn plain_goes_along_with_the_command_where_the_server_has_sasl_ir() {
    let user = dovecot().user();
    let (client, sent) = client_on(dovecot());
    let plain = Plain::new(user.name(), user.password());
    client.authenticate(plain).unwrap();
    let text = sent.text();
    assert_eq!(text.lines().count(), 1, "{text}");
    assert!(text.contains(" AUTHENTICATE PLAIN "), "{text}");
}

#[test]
fn plain_waits_for_the_continuation_where_the_server_has_no_sasl_ir() {
    // What is advertised before the login is the login process's affair.
    let own = Dovecot::start("imap_capability = IMAP4rev1 LITERAL+ AUTH=PLAIN").unwrap();
    let user = own.user();
    let (mut client, sent) = client_on(&own);
    assert!(!client.capabilities().unwrap().supports(&Capability::SaslIr));
    let (error, client) = client
        .authenticate(Plain::new(user.name(), "wrong"))
        .unwrap_err()
        .into_parts();
    assert!(error.is_auth(), "{error}");
    sent.take();
    let session = client
        .authenticate(Plain::new(user.name(), user.password()))
        .unwrap();
    let text = sent.take();
    let lines: Vec<_> = text.lines().collect();
    assert!(lines[0].ends_with(" AUTHENTICATE PLAIN"), "{text}");
    assert!(!lines[1].contains(' '), "{text}");
    session.noop().unwrap();
}

#[test]
fn a_user_or_password_that_cannot_be_sent_is_refused_before_anything_is() {
    let user = dovecot().user();
    let (mut client, sent) = client_on(dovecot());
    client.capabilities().unwrap();
    sent.take();
    for (name, password) in [("a\0b", "secret"), (user.name(), "a\0b")] {
        let (error, back) = client.login(name, password).unwrap_err().into_parts();
        assert!(matches!(error, Error::Argument(_)), "{error}");
        assert_eq!(sent.take(), "");
        client = back;
    }
    client.login(user.name(), user.password()).unwrap();
}

#[test]
fn nothing_in_a_name_or_password_becomes_a_command() {
    let user = dovecot().user();
    let (client, _) = client_on(dovecot());
    let injected = format!("x\r\nA9 LOGIN {} secret", user.name());
    let (error, client) = client
        .login(&injected, "x\r\nA9 LOGOUT")
        .unwrap_err()
        .into_parts();
    assert!(error.is_auth(), "{error}");
    let session = client.login(user.name(), user.password()).unwrap();
    session.noop().unwrap();
}

#[test]
fn a_server_that_has_login_disabled_is_not_shown_the_password() {
    let server = Server::builder().with("LOGINDISABLED").start().unwrap();
    let (tap, sent) = Tap::connect(server.port());
    let client = Client::builder("127.0.0.1")
        .danger_plaintext()
        .danger_cleartext_login();
    let client = client.connect_stream(tap).unwrap();
    let (error, _) = client
        .login(latchbox_testkit::USER, latchbox_testkit::PASSWORD)
        .unwrap_err()
        .into_parts();
    assert!(matches!(error, Error::Login(LoginAborted::LoginDisabled)));
    assert!(error.is_auth());
    assert!(!sent.text().contains(latchbox_testkit::PASSWORD));
}

#[test]
fn a_mechanism_that_is_not_offered_is_refused_before_anything_is_sent() {
    let server = Server::builder().without("AUTH=PLAIN").start().unwrap();
    let client = Client::builder("127.0.0.1")
        .port(server.port())
        .danger_plaintext()
        .danger_cleartext_login();
    let plain = Plain::new(latchbox_testkit::USER, latchbox_testkit::PASSWORD);
    let (error, client) = client
        .connect()
        .unwrap()
        .authenticate(plain)
        .unwrap_err()
        .into_parts();
    assert!(matches!(
        error,
        Error::Login(LoginAborted::MechanismNotOffered("PLAIN"))
    ));
    client
        .login(latchbox_testkit::USER, latchbox_testkit::PASSWORD)
        .unwrap();
}

#[test]
fn capabilities_are_known_before_and_after_the_login() {
    let user = dovecot().user();
    let (mut client, _) = client_on(dovecot());
    let before = client.capabilities().unwrap();
    assert!(before.offers_mechanism("PLAIN") && before.contains(&Capability::Imap4Rev1));
    assert!(!before.contains(&Capability::Move));
    let session = client.login(user.name(), user.password()).unwrap();
    let after = session.capabilities().unwrap();
    for capability in [
        Capability::Move,
        Capability::UidPlus,
        Capability::CondStore,
        Capability::Qresync,
        Capability::Esearch,
        Capability::LiteralPlus,
        Capability::Binary,
    ] {
        assert!(after.contains(&capability), "{capability}");
    }
}
