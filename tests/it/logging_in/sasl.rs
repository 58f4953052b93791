//! Mechanisms: what they do not say, to whom, and what they make of what servers say.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use latchbox::error::{LoginAborted, LoginHint};
use latchbox::sasl::{
    Anonymous, External, Login, LoginChoice, LoginMethod, Mechanism, MechanismError, OAuthBearer,
    Plain, XOAuth2,
};
use latchbox::types::{Capability, ResponseCode};
use latchbox::{Client, Error};

use super::{connected, refused};
use crate::pieces::Connect;
use crate::scripted::{log_in_client, logged_in_with, plain};
use crate::support::script::{Script, script};

const ALL: &str = "S: * OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN AUTH=LOGIN AUTH=XOAUTH2 \
    AUTH=OAUTHBEARER AUTH=EXTERNAL AUTH=ANONYMOUS] ready\n";

const TOKEN: &str = "ya29.t0k3n-of-ann";

fn base64(octets: impl AsRef<[u8]>) -> String {
    BASE64_STANDARD.encode(octets)
}

fn xoauth2() -> String {
    base64(format!("user=ann\x01auth=Bearer {TOKEN}\x01\x01"))
}

#[test]
fn attack_032_no_token_and_no_prompted_password_without_tls() {
    let server = script(ALL);
    let mut client = Client::builder("127.0.0.1")
        .port(server.port())
        .danger_plaintext()
        .connect_in_pieces()
        .unwrap();
    let mechanisms: [Box<dyn Mechanism>; 3] = [
        Box::new(XOAuth2::new("ann", TOKEN)),
        Box::new(OAuthBearer::new("ann", TOKEN)),
        Box::new(Login::new("ann", "secret")),
    ];
    for mechanism in mechanisms {
        let (error, back) = refused(client.authenticate(mechanism));
        let cleartext = matches!(error, Error::Login(LoginAborted::Cleartext));
        assert!(cleartext, "{error:?}");
        assert_eq!(error.login_hint(), Some(LoginHint::UseTls));
        client = back;
    }
    for choice in [
        LoginChoice::password("ann", "secret"),
        LoginChoice::token("ann", TOKEN),
        LoginChoice::password("ann", "secret")
            .only([LoginMethod::LoginCommand, LoginMethod::Login]),
    ] {
        let (error, back) = refused(client.authenticate_with(&choice));
        let cleartext = matches!(error, Error::Login(LoginAborted::Cleartext));
        assert!(cleartext, "{error:?}");
        client = back;
    }
    drop(client);
    assert_eq!(server.finish(), "");
}

#[test]
fn attack_034_nothing_weaker_than_the_least() {
    let (server, client) = connected("S: * OK [CAPABILITY IMAP4rev1 AUTH=LOGIN] ready\n");
    let choice = LoginChoice::password("ann", "secret").at_least(LoginMethod::Plain);
    let (error, client) = refused(client.authenticate_with(&choice));
    match &error {
        Error::Login(LoginAborted::NothingSuitable { offered }) => assert_eq!(&**offered, "LOGIN"),
        other => panic!("{other:?}"),
    }
    assert!(error.is_auth());
    let token = LoginChoice::token("ann", TOKEN);
    let (error, client) = refused(client.authenticate_with(&token));
    assert!(error.is_auth(), "{error:?}");
    drop(client);
    assert_eq!(server.finish(), "");
}

#[test]
fn attack_034_a_refused_way_is_not_followed_by_a_weaker_one() {
    let (server, client) = connected(&format!(
        "{ALL}
        C: {{a}} AUTHENTICATE PLAIN AGFubgBzZWNyZXQ=
        S: {{a}} NO [AUTHENTICATIONFAILED] no
        "
    ));
    let choice = LoginChoice::password("ann", "secret");
    let (error, _client) = refused(client.authenticate_with(&choice));
    assert_eq!(
        error.response_code(),
        Some(&ResponseCode::AuthenticationFailed)
    );
    server.finish();
}

#[test]
fn attack_033_a_choice_obeys_login_disabled() {
    let disabled = "S: * OK [CAPABILITY IMAP4rev1 LOGINDISABLED AUTH=GSSAPI] ready\n";
    let (server, client) = connected(disabled);
    let choice = LoginChoice::password("ann", "secret");
    let (error, client) = refused(client.authenticate_with(&choice));
    let nothing = matches!(error, Error::Login(LoginAborted::NothingSuitable { .. }));
    assert!(nothing, "{error:?}");
    let only = choice.only([LoginMethod::LoginCommand]);
    let (error, client) = refused(client.authenticate_with(&only));
    let is_disabled = matches!(error, Error::Login(LoginAborted::LoginDisabled));
    assert!(is_disabled, "{error:?}");
    drop(client);
    assert_eq!(server.finish(), "");
}

#[test]
fn attack_042_the_error_of_a_token_is_answered_once_and_told() {
    let json = r#"{"status":"400","schemes":"Bearer","scope":"https://mail.google.com/"}"#;
    let (server, client) = connected(&format!(
        "{ALL}
        C: {{a}} AUTHENTICATE XOAUTH2 {}
        S: + {json64}
        C:
        S: {{a}} NO [AUTHENTICATIONFAILED] SASL authentication failed
        C: {{b}} AUTHENTICATE OAUTHBEARER {}
        S: + {json64}
        C: AQ==
        S: {{b}} NO SASL authentication failed
        C: {{c}} AUTHENTICATE PLAIN AGFubgBzZWNyZXQ=
        S: {{c}} NO no
        ",
        xoauth2(),
        base64(format!("n,a=ann,\x01auth=Bearer {TOKEN}\x01\x01")),
        json64 = base64(json),
    ));
    let (first, client) = refused(client.authenticate(XOAuth2::new("ann", TOKEN)));
    let (second, client) = refused(client.authenticate(OAuthBearer::new("ann", TOKEN)));
    for error in [first, second] {
        let oauth = error.oauth().unwrap();
        assert_eq!(oauth.status(), Some("400"));
        assert_eq!(oauth.scope(), Some("https://mail.google.com/"));
        assert_eq!(oauth.openid_configuration(), None);
        assert!(
            error.is_auth() && error.to_string().contains("400"),
            "{error}"
        );
        assert_eq!(error.login_hint(), Some(LoginHint::RenewToken));
        assert!(!format!("{error} {error:?}").contains("t0k3n"));
    }
    let (error, _client) = refused(client.authenticate(Plain::new("ann", "secret")));
    assert!(error.oauth().is_none(), "of another login");
    server.finish();
}

#[test]
fn attack_042_an_ok_or_more_after_the_error_of_a_token() {
    for (more, is_protocol) in [
        ("S: {a} OK welcome", true),
        ("S: + bW9yZQ==\nC: *\nS: {a} NO cancelled", false),
    ] {
        let (server, client) = connected(&format!(
            "{ALL}
            C: {{a}} AUTHENTICATE XOAUTH2 {}
            S: + e30=
            C:
            {more}
            ",
            xoauth2()
        ));
        let (error, _client) = refused(client.authenticate(XOAuth2::new("ann", TOKEN)));
        if is_protocol {
            let said = matches!(&error, Error::Login(LoginAborted::Token(_)));
            assert!(said && error.oauth().is_some(), "{error:?}");
        } else {
            let expected = MechanismError::UnexpectedChallenge;
            assert!(
                matches!(&error, Error::Login(LoginAborted::Mechanism(it)) if *it == expected),
                "{error:?}"
            );
        }
        server.finish();
    }
}

#[test]
fn attack_042_without_sasl_ir_the_token_waits_for_the_server() {
    // What the server says first means nothing: only that it listens.
    for prompt in ["+ ", "+", "+ go ahead", "+ SGVsbG8="] {
        let (server, client) = connected(&format!(
            "
            S: * OK [CAPABILITY IMAP4rev1 AUTH=XOAUTH2] ready
            C: {{a}} AUTHENTICATE XOAUTH2
            S: {prompt}
            C: {}
            S: {{a}} OK [CAPABILITY IMAP4rev1] in
            ",
            xoauth2()
        ));
        let session = client.authenticate(XOAuth2::new("ann", TOKEN));
        drop(session.unwrap());
        server.finish();
    }
}

#[test]
fn attack_043_what_no_field_can_hold_is_refused_before_anything_is_sent() {
    let (server, mut client) = connected(ALL);
    let mechanisms: [Box<dyn Mechanism>; 9] = [
        Box::new(XOAuth2::new("an\x01n", TOKEN)),
        Box::new(XOAuth2::new("ann", "to\x01ken")),
        Box::new(XOAuth2::new("ann", "Bearer x")),
        Box::new(XOAuth2::new("ann", "")),
        Box::new(OAuthBearer::new("ann", "to\r\nken")),
        Box::new(OAuthBearer::new("ann", TOKEN).at("ho\x01st", 1)),
        Box::new(Login::new("an\0n", "secret")),
        Box::new(External::new().acting_as("an\0n")),
        Box::new(Anonymous::tracing("an\nn")),
    ];
    for mechanism in mechanisms {
        let (error, back) = refused(client.authenticate(mechanism));
        let rejected = MechanismError::Rejected("");
        let is = matches!(&error, Error::Login(LoginAborted::Mechanism(it))
            if std::mem::discriminant(it) == std::mem::discriminant(&rejected));
        assert!(is, "{error:?}");
        client = back;
    }
    drop(client);
    assert_eq!(server.finish(), "");
}

#[test]
fn attack_044_a_token_that_the_server_echoes_is_not_shown() {
    let json = format!(r#"{{"status":"401","scope":"{TOKEN} is old"}}"#);
    let (server, client) = connected(&format!(
        "{ALL}
        C: {{a}} AUTHENTICATE XOAUTH2 {message}
        S: + {}
        C:
        S: {{a}} NO {TOKEN} and {message} and {} are old
        ",
        base64(json),
        base64(TOKEN),
        message = xoauth2(),
    ));
    let (error, client) = refused(client.authenticate(XOAuth2::new("ann", TOKEN)));
    assert_eq!(error.oauth().unwrap().scope(), Some("*** is old"));
    for shown in [error.to_string(), format!("{error:?} {client:?}")] {
        for secret in [TOKEN, &base64(TOKEN), &xoauth2()] {
            assert!(!shown.contains(secret), "{shown}");
        }
    }
    server.finish();
}

#[test]
fn attack_046_challenges_shorter_than_anything_are_no_panic() {
    let whole = r#"{"status":"401","x":["a",{"b":"\u00e4\ud800"}],"scope":"s"}"#.as_bytes();
    let mechanisms: Vec<fn() -> Box<dyn Mechanism>> = vec![
        || Box::new(Plain::new("ann", "secret")),
        || Box::new(Login::new("ann", "secret")),
        || Box::new(XOAuth2::new("ann", TOKEN)),
        || Box::new(OAuthBearer::new("ann", TOKEN)),
        || Box::new(External::new()),
        || Box::new(Anonymous::new()),
        #[cfg(feature = "scram")]
        || Box::new(latchbox::sasl::CramMd5::new("ann", "secret")),
        #[cfg(feature = "scram")]
        || Box::new(latchbox::sasl::Scram::sha_256("ann", "secret")),
    ];
    for make in mechanisms {
        for end in 0..=whole.len() {
            for start in [&b""[..], b"r=", b"v=", b"e=", b"\xff\x00"] {
                let mut mechanism = make();
                mechanism.initial().unwrap();
                let challenge = [start, &whole[..end]].concat();
                for _ in 0..3 {
                    let _ = mechanism.step(&challenge);
                }
                let _ = mechanism.reason();
            }
        }
    }
}

#[test]
fn attack_047_enable_without_enabled_switches_nothing_on() {
    let (server, session) = logged_in_with(
        "IMAP4rev1 ENABLE UTF8=ACCEPT",
        "
        C: {a} ENABLE UTF8=ACCEPT
        S: {a} OK done
        C: {b} CREATE \"Entw&APw-rfe\"
        S: {b} OK made
        ",
        |builder| builder,
    );
    let enabled = session.enable(&[Capability::Utf8Accept]).unwrap();
    assert!(enabled.is_empty(), "{enabled:?}");
    session.create("Entwürfe").unwrap();
    server.finish();
}

#[test]
fn q33_authenticated_but_not_connected_is_a_login_that_failed() {
    let text = "User is authenticated but not connected.";
    let (server, session) = logged_in_with(
        "IMAP4rev1",
        &format!("C: {{a}} SELECT \"INBOX\"\nS: {{a}} BAD {text}\n"),
        |builder| builder,
    );
    let error = session.lock_mailbox("INBOX").map(drop).unwrap_err();
    assert!(
        error.is_authenticated_but_not_connected() && error.is_auth(),
        "{error:?}"
    );
    assert_eq!(error.login_hint(), Some(LoginHint::AskAdministrator));
    server.finish();
    // When the capabilities are asked for after the login, that is where it comes out.
    let (server, client) = connected(&format!(
        "
        S: * OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=XOAUTH2] ready
        C: {{a}} AUTHENTICATE XOAUTH2 {}
        S: {{a}} OK AUTHENTICATE completed.
        C: {{b}} CAPABILITY
        S: {{b}} BAD {text}
        ",
        xoauth2()
    ));
    let (error, _client) = refused(client.authenticate(XOAuth2::new("ann", TOKEN)));
    assert!(
        error.is_authenticated_but_not_connected() && error.is_auth(),
        "{error:?}"
    );
    server.finish();
}

const ID: &str = "IMAP4rev1 ID SASL-IR AUTH=PLAIN";

fn introducing(server: &Script) -> latchbox::ClientBuilder {
    plain(server).identify([("name", "mail\"tool"), ("version", "1.0")])
}

#[test]
fn q34_who_the_program_is_comes_right_after_the_login() {
    let server = script(&format!(
        "
        S: * OK [CAPABILITY {ID}] ready
        C: {{a}} LOGIN \"ann\" \"secret\"
        S: {{a}} OK [CAPABILITY {ID}] in
        C: {{b}} ID (\"name\" \"mail\\\"tool\" \"version\" \"1.0\")
        S: * ID NIL
        S: {{b}} OK hello
        C: {{c}} SELECT \"INBOX\"
        S: {{c}} NO Unsafe Login. Please contact kefu@188.com for help
        "
    ));
    let client = introducing(&server).connect_in_pieces().unwrap();
    let session = log_in_client(client);
    assert!(session.lock_mailbox("INBOX").is_err());
    drop(session);
    server.finish();
}

#[test]
fn q37_a_refused_id_is_no_failed_login() {
    let server = script(&format!(
        "
        S: * OK [CAPABILITY {ID}] ready
        C: {{a}} ID (\"name\" \"mail\\\"tool\" \"version\" \"1.0\")
        S: {{a}} BAD not before the login
        C: {{b}} AUTHENTICATE PLAIN AGFubgBzZWNyZXQ=
        S: {{b}} OK [CAPABILITY {ID}] in
        C: {{c}} ID (\"name\" \"mail\\\"tool\" \"version\" \"1.0\")
        S: {{c}} NO Only one Id allowed
        "
    ));
    let client = introducing(&server)
        .identify_before_login()
        .connect_in_pieces();
    let session = client.unwrap().authenticate(Plain::new("ann", "secret"));
    drop(session.unwrap());
    server.finish();
}

#[test]
fn q38_no_id_where_it_is_not_advertised_and_none_that_cannot_be_sent() {
    let server = script(
        "
        S: * OK [CAPABILITY IMAP4rev1] ready
        C: {a} LOGIN \"ann\" \"secret\"
        S: {a} OK [CAPABILITY IMAP4rev1] in
        ",
    );
    let client = introducing(&server).connect_in_pieces().unwrap();
    drop(log_in_client(client));
    server.finish();
    let server = script("S: * OK ready\n");
    let builder = plain(&server).identify([("name", "a\0b")]);
    let (error, client) = refused(builder.connect_in_pieces().unwrap().login("ann", "secret"));
    assert!(matches!(error, Error::Argument(_)), "{error:?}");
    drop(client);
    assert_eq!(server.finish(), "");
}

#[test]
fn q46_the_mechanism_login_never_goes_along_with_the_command() {
    let (server, client) = connected(&format!(
        "{ALL}
        C: {{a}} AUTHENTICATE LOGIN
        S: + VXNlciBOYW1lAA==
        C: YW5u
        S: + UGFzc3dvcmQA
        C: c2VjcmV0
        S: {{a}} OK [CAPABILITY IMAP4rev1] in
        "
    ));
    let session = client.authenticate(Login::new("ann", "secret"));
    drop(session.unwrap());
    server.finish();
}

#[test]
fn q44_q45_a_choice_can_do_without_what_does_not_work() {
    let (server, client) = connected(&format!(
        "{ALL}
        C: {{a}} LOGIN \"ann\" \"secret\"
        S: {{a}} OK [CAPABILITY IMAP4rev1] in
        "
    ));
    let choice = LoginChoice::password("ann", "secret").exclude([LoginMethod::Plain]);
    let session = client.authenticate_with(&choice);
    drop(session.unwrap());
    server.finish();
}

#[test]
fn nothing_to_say_is_said_by_a_sign_or_an_empty_line() {
    for (ir, sent) in [
        ("SASL-IR ", "C: {a} AUTHENTICATE EXTERNAL =\n"),
        ("", "C: {a} AUTHENTICATE EXTERNAL\nS: + \nC:\n"),
    ] {
        let (server, client) = connected(&format!(
            "S: * OK [CAPABILITY IMAP4rev1 {ir}AUTH=EXTERNAL] ready\n{sent}\
            S: {{a}} OK [CAPABILITY IMAP4rev1] in\n"
        ));
        let session = client.authenticate(External::new());
        drop(session.unwrap());
        server.finish();
    }
}
