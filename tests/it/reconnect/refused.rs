//! A login that the server refuses: the same secret is not sent again.

use std::sync::{Arc, Mutex};

use latchbox::types::ResponseCode;
use latchbox::{Account, Backoff, Credentials, Error, LoginReason, Session};

use super::at_once;
use crate::sessions::{LONG, assert_shows_no_secret, builder, played, until_hung_up};
use crate::support::script::Script;

/// What a provider gives, and why it was asked.
#[derive(Clone)]
struct Provider {
    password: Arc<Mutex<&'static str>>,
    reasons: Arc<Mutex<Vec<String>>>,
}

impl Provider {
    fn account(server: &Script) -> (Account, Self) {
        let it = Self {
            password: Arc::new(Mutex::new("pass1")),
            reasons: Arc::default(),
        };
        let provider = it.clone();
        let account = Account::new(builder(server.port()), move |reason| {
            let reason = match reason {
                LoginReason::Open => "open".to_owned(),
                LoginReason::ConnectionLost => "lost".to_owned(),
                LoginReason::Refused(error) => {
                    assert!(error.is_auth(), "{error}");
                    assert_shows_no_secret(error);
                    format!("refused {:?}", error.response_code())
                }
                other => panic!("{other:?}"),
            };
            provider.reasons.lock().unwrap().push(reason);
            Ok(Credentials::login(
                "jane",
                *provider.password.lock().unwrap(),
            ))
        });
        (account, it)
    }

    fn give(&self, password: &'static str) {
        *self.password.lock().unwrap() = password;
    }

    fn reasons(&self) -> Vec<String> {
        std::mem::take(&mut *self.reasons.lock().unwrap())
    }
}

/// A connection on which this login is answered so.
fn answered(password: &str, answer: &str) -> String {
    format!(
        "
        accept
        S: * OK [CAPABILITY IMAP4rev1] ready
        C: {{l}} LOGIN \"jane\" \"{password}\"
        S: {{l}} {answer}
        "
    )
}

const NO: &str = "NO [AUTHENTICATIONFAILED] not this one";

fn lost(server: &Script, account: &Account, backoff: Backoff) -> Session {
    let session = account.clone().reconnecting(backoff).open().unwrap();
    until_hung_up(server.port());
    session
}

/// Nothing was sent, and the error is the server's.
#[track_caller]
fn assert_remembered(error: Error) {
    assert!(error.is_auth() && !error.may_have_taken_effect(), "{error}");
    assert_shows_no_secret(&error);
    assert_eq!(
        error.response_code(),
        Some(&ResponseCode::AuthenticationFailed)
    );
    let text = error.to_string();
    assert!(
        text.contains("try_again") && text.contains("not this one"),
        "{text}"
    );
    match error {
        Error::Refused(refused) => assert!(refused.is_remembered()),
        other => panic!("{other}"),
    }
}

#[test]
fn fault_09_a_refused_password_is_sent_once() {
    let refused = answered("pass1", NO);
    let again = answered("pass1", "OK [CAPABILITY IMAP4rev1] welcome");
    let server = played(&format!("hello\ncut{refused}{again}noop\n"));
    let (account, provider) = Provider::account(&server);
    // A wait of the backoff would be seen.
    let session = lost(&server, &account, at_once());
    let error = session.lock_mailbox("INBOX").unwrap_err();
    assert!(error.is_auth(), "{error}");
    assert!(matches!(&error, Error::Refused(refused) if !refused.is_remembered()));
    assert_eq!(provider.reasons(), ["open", "lost"]);
    for _ in 0..3 {
        assert_remembered(session.lock_mailbox("INBOX").map(drop).unwrap_err());
        assert_remembered(session.lock_mailbox_read_only("Box").map(drop).unwrap_err());
        assert_remembered(session.noop().unwrap_err());
        assert_remembered(session.list("*").unwrap_err());
        assert_remembered(account.open().map(drop).unwrap_err());
        let other = account.clone().reconnecting(at_once());
        assert_remembered(other.open().map(drop).unwrap_err());
    }
    let reasons = provider.reasons();
    assert_eq!(reasons.len(), 18);
    let is_told = |reason: &String| reason == "refused Some(AuthenticationFailed)";
    assert!(reasons.iter().all(is_told), "{reasons:?}");
    account.try_again();
    session.noop().unwrap();
    assert_eq!(provider.reasons(), ["lost"]);
    server.finish();
}

/// The wait of the backoff is for connecting, and what is not sent needs none.
#[test]
fn fault_09_what_was_refused_fails_at_once() {
    let server = played(&format!("hello\ncut{}", answered("pass1", NO)));
    let (account, _) = Provider::account(&server);
    let session = lost(&server, &account, Backoff::new().initial_delay(LONG));
    session.lock_mailbox("INBOX").unwrap_err();
    assert_remembered(session.lock_mailbox("INBOX").map(drop).unwrap_err());
    assert_remembered(session.noop().unwrap_err());
    server.finish();
}

#[test]
fn fault_09_something_else_is_sent_and_what_was_refused_before_is_not() {
    let (first, second) = (answered("pass1", NO), answered("pass2", NO));
    let third = answered("pass3", "OK [CAPABILITY IMAP4rev1] welcome");
    let fourth = answered("pass1", "OK [CAPABILITY IMAP4rev1] welcome");
    let server = played(&format!(
        "hello\ncut{first}{second}{third}noop\ncut{fourth}noop\n"
    ));
    let (account, provider) = Provider::account(&server);
    let session = lost(&server, &account, at_once());
    assert!(session.noop().unwrap_err().is_auth());
    provider.give("pass2");
    assert!(session.noop().unwrap_err().is_auth());
    for password in ["pass1", "pass2", "pass1"] {
        provider.give(password);
        assert_remembered(session.noop().unwrap_err());
    }
    provider.give("pass3");
    session.noop().unwrap();
    // A login that succeeded ends it: the old password may be good again.
    provider.give("pass1");
    until_hung_up(server.port());
    session.noop().unwrap();
    assert_eq!(provider.reasons().last().unwrap(), "lost");
    server.finish();
}

#[test]
fn fault_09_the_first_login_is_remembered_too() {
    let server = played(&answered("pass1", "NO wrong").replacen("accept", "", 1));
    let (account, provider) = Provider::account(&server);
    for is_remembered in [false, true, true] {
        match account.open() {
            Err(Error::Refused(refused)) => assert_eq!(refused.is_remembered(), is_remembered),
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(provider.reasons(), ["open", "refused None", "refused None"]);
    server.finish();
}

#[test]
fn fault_09_the_end_of_the_connection_can_be_the_refusal() {
    let server = played(
        r#"
        S: * OK [CAPABILITY IMAP4rev1] ready
        C: {l} LOGIN "jane" "pass1"
        S: * BYE [AUTHENTICATIONFAILED] not this one
        close
        "#,
    );
    let (account, _) = Provider::account(&server);
    for _ in 0..3 {
        let error = account.open().unwrap_err();
        assert!(error.is_auth() && error.is_closed(), "{error}");
    }
    server.finish();
}

/// What passes by itself is tried again, by the same secret.
#[test]
fn fault_09_a_login_that_is_refused_for_now_is_tried_again() {
    for answer in [
        "NO [UNAVAILABLE] the directory is down",
        "NO [INUSE] somebody reads it",
        "NO [LIMIT] ten sessions",
        "NO [THROTTLED] slowly",
        "NO [SERVERBUG] oops",
    ] {
        let busy = answered("pass1", answer);
        let good = answered("pass1", "OK [CAPABILITY IMAP4rev1] welcome");
        let server = played(&format!("hello\ncut{busy}{busy}{good}noop\n"));
        let (account, provider) = Provider::account(&server);
        let session = lost(&server, &account, at_once());
        session.noop().unwrap();
        assert_eq!(provider.reasons(), ["open", "lost", "lost", "lost"]);
        server.finish();
    }
}

/// Without a code one attempt is made a call: the server may have had too many of them.
#[test]
fn fault_09_too_many_logins_are_not_made_more() {
    let busy = answered("pass1", "NO Too many logins, try again later");
    let good = answered("pass1", "OK [CAPABILITY IMAP4rev1] welcome");
    let server = played(&format!("hello\ncut{busy}{good}noop\n"));
    let (account, provider) = Provider::account(&server);
    let session = lost(&server, &account, at_once());
    let error = session.noop().unwrap_err();
    assert!(
        !error.is_auth() && matches!(error, Error::Refused(_)),
        "{error}"
    );
    assert_eq!(provider.reasons(), ["open", "lost"]);
    session.noop().unwrap();
    server.finish();
}

/// A connection on which this login is answered by these lines, which arrive together; then it ends.
fn ended(lines: &str) -> String {
    format!(
        "
        accept
        S: * OK [CAPABILITY IMAP4rev1] ready
        C: {{l}} LOGIN \"jane\" \"pass1\"
        {lines}
        cut
        "
    )
}

#[test]
fn fault_09_a_bye_whose_text_is_about_the_credentials_is_a_refusal() {
    for text in [
        "Authentication failed",
        "Too many invalid LOGIN attempts",
        "[ALERT] Too many failed logins, try again later",
        "[LIMIT] wrong password",
        // What it means is read before the password is hidden.
        "wrong pass1, Login failed",
    ] {
        let server = played(&format!("hello\ncut{}", ended(&format!("S: * BYE {text}"))));
        let (account, provider) = Provider::account(&server);
        let session = lost(&server, &account, at_once());
        for _ in 0..3 {
            let error = session.noop().unwrap_err();
            assert!(error.is_auth() && error.is_closed(), "{error}");
            assert!(!error.is_retryable(), "{error}");
            assert_shows_no_secret(&error);
        }
        assert!(account.open().unwrap_err().is_auth());
        assert_eq!(provider.reasons()[..2], ["open", "lost"]);
        server.finish();
    }
}

/// The tagged response that follows a BYE says more than that.
#[test]
fn fault_09_a_refusal_behind_a_bye_is_the_verdict() {
    for (bye, no, is_auth) in [
        (
            "Connection closed",
            "NO [AUTHENTICATIONFAILED] not this one",
            true,
        ),
        ("Connection closed", "NO no", true),
        ("Connection closed", "BAD no", true),
        ("Authentication failed", "NO [UNAVAILABLE] later", false),
    ] {
        let lines = format!("S-raw: * BYE {bye}\\r\\n* OK so\\r\\n{{l}} {no}\\r\\n");
        let next = match is_auth {
            true => String::new(),
            false => ended("S: {l} NO [AUTHENTICATIONFAILED] wrong"),
        };
        let server = played(&format!("hello\ncut{}{next}", ended(&lines)));
        let (account, _) = Provider::account(&server);
        let session = lost(&server, &account, at_once().max_attempts(1));
        let error = session.noop().unwrap_err();
        assert_eq!(error.is_auth(), is_auth, "{error}");
        match &error {
            Error::Refused(refused) => assert!(!refused.is_remembered()),
            other => panic!("{other}"),
        }
        for _ in 0..3 {
            assert!(session.noop().unwrap_err().is_auth());
        }
        server.finish();
    }
}

/// What arrives behind a BYE is no verdict if it is not the tagged response that refuses the login.
#[test]
fn fault_09_what_else_follows_a_bye_is_no_verdict() {
    for behind in [
        "{l} OK in",
        "{l} MAYBE",
        "x9 NO wrong",
        "* BYE and again",
        "+ go on",
    ] {
        let lines = format!("S-raw: * BYE good night\\r\\n{behind}\\r\\n");
        let good = answered("pass1", "OK [CAPABILITY IMAP4rev1] welcome");
        let server = played(&format!("hello\ncut{}{good}noop\n", ended(&lines)));
        let (account, _) = Provider::account(&server);
        let session = lost(&server, &account, at_once().max_attempts(1));
        let error = session.noop().unwrap_err();
        assert!(error.is_closed() && !error.is_auth(), "{behind}: {error}");
        session.noop().unwrap();
        server.finish();
    }
}

/// A server that restarts is reached again, and one that answers a wrong password by the end of the
/// connection gets it twice for each call, whatever the backoff allows.
#[test]
fn fault_09_a_login_without_an_answer_is_tried_once_more() {
    for end in [
        "",
        "S: * BYE shutting down",
        "S: * BYE [UNAVAILABLE] restarting",
    ] {
        let no_answer = ended(end);
        let good = answered("pass1", "OK [CAPABILITY IMAP4rev1] welcome");
        let server = played(&format!(
            "hello\ncut{no_answer}{good}noop\ncut{no_answer}{no_answer}{no_answer}{good}noop\n"
        ));
        let (account, provider) = Provider::account(&server);
        let session = lost(&server, &account, at_once());
        session.noop().unwrap();
        until_hung_up(server.port());
        provider.reasons();
        let error = session.noop().unwrap_err();
        assert!(error.is_closed() && !error.is_auth(), "{end}: {error}");
        assert_eq!(provider.reasons(), ["lost", "lost"]);
        session.noop().unwrap();
        assert_eq!(provider.reasons(), ["lost", "lost"]);
        server.finish();
    }
}

/// A text about wrong credentials is a verdict, also if it says that the server has had too many.
#[test]
fn fault_09_too_many_wrong_logins_are_a_refusal() {
    for answer in [
        "NO Too many failed login attempts",
        "NO Login rate limit exceeded for bad passwords, try again later",
        "NO [ALERT] account temporarily locked: wrong password",
        "NO [LIMIT] invalid password too often",
    ] {
        let server = played(&format!("hello\ncut{}", answered("pass1", answer)));
        let (account, _) = Provider::account(&server);
        let session = lost(&server, &account, at_once());
        for is_remembered in [false, true, true] {
            match session.noop() {
                Err(Error::Refused(refused)) => {
                    assert_eq!(refused.is_remembered(), is_remembered, "{answer}");
                }
                other => panic!("{answer}: {other:?}"),
            }
        }
        server.finish();
    }
}
