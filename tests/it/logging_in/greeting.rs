//! Greetings: PREAUTH, refusals, other protocols, and those that never end.

use latchbox::error::{CloseReason, ConnectErrorKind, Limit, LoginAborted, Stage};
use latchbox::types::ResponseCode;
use latchbox::{ClientBuilder, Error};

use crate::pieces::Connect;
use crate::scripted::{SHORT, implicit_tls, log_in_client, logged_in, plain, problem, start_tls};
use crate::sessions::preauthenticated;
use crate::support::script::{Script, script};

/// The error of connecting to what says only this; nothing is sent to it.
#[track_caller]
fn greeted(text: &str, builder: impl FnOnce(&Script) -> ClientBuilder) -> Error {
    let server = script(text);
    let error = builder(&server).connect_in_pieces().unwrap_err();
    assert_eq!(server.finish(), "");
    error
}

#[track_caller]
fn assert_preauth(error: &Error) {
    assert!(
        matches!(problem(error), ConnectErrorKind::UnexpectedPreauth),
        "{error:?}"
    );
    assert!(error.to_string().contains("unexpected PREAUTH"), "{error}");
}

#[test]
fn attack_016_preauth_where_tls_is_required_closes() {
    const GREETING: &str = "
        S: * PREAUTH [CAPABILITY IMAP4rev1] welcome
        C-close
    ";
    assert_preauth(&greeted(GREETING, start_tls));
    // Nor when it is allowed otherwise: here it could only keep TLS from beginning.
    assert_preauth(&greeted(GREETING, |server| {
        start_tls(server).accept_preauth()
    }));
}

#[test]
fn attack_017_preauth_that_offers_starttls_closes_as_well() {
    const GREETING: &str = "
        S: * PREAUTH [CAPABILITY IMAP4rev1 STARTTLS] welcome
        C-close
    ";
    assert_preauth(&greeted(GREETING, |server| {
        start_tls(server).accept_preauth()
    }));
    assert_preauth(&greeted(GREETING, plain));
}

#[test]
fn attack_018_preauth_inside_tls_is_for_those_who_ask_for_it() {
    const GREETING: &str = "
        tls
        S: * PREAUTH [CAPABILITY IMAP4rev1] welcome
    ";
    assert_preauth(&greeted(&format!("{GREETING}C-close\n"), implicit_tls));
    let server = script(&format!("{GREETING}C: {{a}} NOOP\nS: {{a}} OK done\n"));
    let client = implicit_tls(&server)
        .accept_preauth()
        .connect_in_pieces()
        .unwrap();
    let session = preauthenticated(client);
    session.noop().unwrap();
    drop(session);
    server.finish();
}

#[test]
fn attack_018_no_credential_is_sent_to_who_has_let_us_in() {
    let server = script("tls\nS: * PREAUTH [CAPABILITY IMAP4rev1 AUTH=PLAIN] welcome\n");
    let client = implicit_tls(&server)
        .accept_preauth()
        .connect_in_pieces()
        .unwrap();
    let (error, client) = client
        .login("ann", "secret")
        .map(drop)
        .unwrap_err()
        .into_parts();
    let already = |error: &Error| matches!(error, Error::Login(LoginAborted::AlreadyAuthenticated));
    assert!(already(&error), "{error:?}");
    let plain = latchbox::sasl::Plain::new("ann", "secret");
    let (error, _client) = client
        .authenticate(plain)
        .map(drop)
        .unwrap_err()
        .into_parts();
    assert!(already(&error), "{error:?}");
    assert_eq!(server.finish(), "");
}

#[test]
fn attack_019_a_greeting_that_refuses_is_told() {
    for status in ["BYE", "NO", "BAD"] {
        let text = format!("S: * {status} [UNAVAILABLE] too busy\nC-close\n");
        let error = greeted(&text, plain);
        match problem(&error) {
            ConnectErrorKind::Greeting { code, text } => {
                assert_eq!(*code, Some(ResponseCode::Unavailable));
                assert_eq!(text, "too busy");
            }
            other => panic!("{other:?}"),
        }
        assert!(error.to_string().contains("too busy"), "{error}");
        assert_eq!(error.response_code(), Some(&ResponseCode::Unavailable));
    }
}

#[test]
fn attack_019_and_020_garbage_closes_and_is_shown() {
    for garbage in [
        "hello there",
        "* ",
        "*",
        "* 3 EXISTS",
        "A1 OK ready",
        "+ go on",
        "",
    ] {
        let error = greeted(
            &format!("S-raw: {garbage}\\r\\n* OK [CAPABILITY IMAP4rev1] ready\\r\\n\nC-close\n"),
            plain,
        );
        match problem(&error) {
            ConnectErrorKind::NotImap {
                protocol: None,
                seen,
            } => assert_eq!(seen, garbage.trim()),
            other => panic!("{garbage}: {other:?}"),
        }
    }
    let error = greeted("S-raw: \\x1b[2J\\r\\n\nC-close\n", plain);
    assert!(!error.to_string().contains('\x1b'), "{error}");
}

#[test]
fn attack_021_another_protocol_is_named() {
    for (line, expected) in [
        ("+OK POP3 ready", "POP3"),
        ("HTTP/1.1 400 Bad Request", "HTTP"),
        ("SSH-2.0-OpenSSH_9.6", "SSH"),
        ("220 mail.example.com ESMTP", "SMTP"),
    ] {
        let error = greeted(&format!("S: {line}\nC-close\n"), plain);
        match problem(&error) {
            ConnectErrorKind::NotImap { protocol, seen } => {
                assert_eq!(*protocol, Some(expected));
                assert_eq!(seen, line);
            }
            other => panic!("{line}: {other:?}"),
        }
        assert!(error.to_string().contains(expected), "{error}");
    }
}

#[test]
fn attack_022_a_greeting_that_never_ends_meets_a_limit_of_size() {
    let server = script("S-raw: * OK \nS-fill: 65536 x\nstall\n");
    let error = plain(&server).connect_in_pieces().unwrap_err();
    match problem(&error) {
        ConnectErrorKind::Closed(reason) => {
            assert!(
                matches!(**reason, CloseReason::Limit(exceeded) if exceeded.limit() == Limit::Greeting),
                "{reason:?}"
            );
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(server.finish(), "");
}

#[test]
fn attack_022_a_greeting_that_never_ends_meets_a_limit_of_time() {
    for text in ["S-raw: * OK almost\nC-close\n", "C-close\n"] {
        let error = greeted(text, |server| plain(server).greeting_timeout(SHORT));
        let timeout = ConnectErrorKind::Timeout(Stage::Greeting);
        assert_eq!(format!("{:?}", problem(&error)), format!("{timeout:?}"));
        assert!(error.is_timeout());
    }
}

#[track_caller]
fn assert_referral(error: &Error) {
    match error.response_code() {
        Some(ResponseCode::Referral(urls)) => assert!(urls[0].starts_with("imap://"), "{urls:?}"),
        other => panic!("{other:?} in {error:?}"),
    }
}

/// It comes as data, and nothing is done for it: the script has no second connection.
#[test]
fn attack_023_a_referral_is_not_followed() {
    assert_referral(&greeted(
        "S: * BYE [REFERRAL imap://evil.example/] elsewhere\nC-close\n",
        plain,
    ));
    let server = script(
        "
        S: * OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN] ready
        C: {a} LOGIN \"ann\" \"secret\"
        S: {a} NO [REFERRAL imap://evil.example/] elsewhere
        C: {b} AUTHENTICATE PLAIN AGFubgBzZWNyZXQ=
        S: {b} NO [REFERRAL imap://evil.example/] elsewhere
        C: {c} LOGIN \"ann\" \"secret\"
        S: {c} OK [REFERRAL imap://evil.example/] welcome, or go elsewhere
        C: {d} CAPABILITY
        S: * CAPABILITY IMAP4rev1
        S: {d} OK done
        C: {e} NOOP
        S: {e} OK done
        ",
    );
    let client = plain(&server).connect_in_pieces().unwrap();
    let (error, client) = client
        .login("ann", "secret")
        .map(drop)
        .unwrap_err()
        .into_parts();
    assert_referral(&error);
    let mechanism = latchbox::sasl::Plain::new("ann", "secret");
    let (error, client) = client
        .authenticate(mechanism)
        .map(drop)
        .unwrap_err()
        .into_parts();
    assert_referral(&error);
    let session = log_in_client(client);
    session.noop().unwrap();
    drop(session);
    server.finish();
}

#[test]
fn attack_024_a_referral_of_a_mailbox_is_not_followed() {
    let (server, session) = logged_in(
        "
        C: {a} SELECT \"Elsewhere\"
        S: {a} NO [REFERRAL imap://evil.example/Elsewhere] elsewhere
        C: {b} SELECT \"INBOX\"
        S: * 1 EXISTS
        S: {b} OK done
        ",
    );
    assert_referral(&session.lock_mailbox("Elsewhere").unwrap_err());
    assert_eq!(session.lock_mailbox("INBOX").unwrap().exists(), 1);
    drop(session);
    server.finish();
}
