//! How often a lock tries to reconnect, and what makes it give up.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use latchbox::types::ResponseCode;
use latchbox::{Account, Backoff, Credentials, Error};

use super::{at_once, reconnecting, reconnecting_with};
use crate::sessions::{Asked, LONG, assert_shows_no_secret, builder, played, until_hung_up};

/// A server that is too busy: one attempt.
const BUSY: &str = "
    accept
    S: * BYE [UNAVAILABLE] too busy
    close
    ";

/// Long enough to get to where the server is silent, on a busy machine too.
const SHORT: Duration = Duration::from_secs(3);

#[test]
fn a_lock_tries_until_the_server_has_time() {
    let server = played(&format!(
        "
        hello
        cut
        {BUSY}
        {BUSY}
        {BUSY}
        accept
        hello: pass5
        select: INBOX
        "
    ));
    let backoff = Backoff::new()
        .initial_delay(Duration::from_millis(1))
        .max_delay(Duration::from_millis(2));
    let (session, asked) = reconnecting_with(&server, backoff);
    until_hung_up(server.port());
    drop(session.lock_mailbox("INBOX").unwrap());
    assert_eq!(asked.times(), 5);
    server.finish();
}

#[test]
fn a_lock_tries_as_often_as_it_may_and_the_next_one_tries_again() {
    for (attempts, most) in [(0, 1), (1, 1), (3, 3)] {
        let failed = BUSY.repeat(most);
        let server = played(&format!(
            "
            hello
            cut
            {failed}
            {failed}
            accept
            hello: pass{}
            select: INBOX
            ",
            2 + 2 * most
        ));
        let (session, asked) = reconnecting_with(&server, at_once().max_attempts(attempts));
        until_hung_up(server.port());
        for round in 1..=2 {
            let error = session.lock_mailbox("INBOX").unwrap_err();
            assert!(matches!(error, Error::Connect(_)), "{error}");
            assert!(!error.may_have_taken_effect() && !error.is_auth());
            let code = error.response_code();
            assert!(matches!(code, Some(ResponseCode::Unavailable)), "{error}");
            assert_eq!(asked.times(), 1 + round * most);
        }
        drop(session.lock_mailbox("INBOX").unwrap());
        server.finish();
    }
}

#[test]
fn a_server_that_says_no_to_the_login_is_not_asked_again() {
    let server = played(
        r#"
        hello
        cut
        accept
        S: * OK [CAPABILITY IMAP4rev1] ready
        C: {l} LOGIN "jane" "pass2"
        S: {l} NO [AUTHENTICATIONFAILED] pass2 is not the password
        accept
        hello: pass3
        select: INBOX
        "#,
    );
    let (session, asked) = reconnecting(&server);
    until_hung_up(server.port());
    let error = session.lock_mailbox("INBOX").unwrap_err();
    assert!(error.is_auth(), "{error}");
    assert_shows_no_secret(&error);
    assert_eq!(asked.times(), 2);
    drop(session.lock_mailbox("INBOX").unwrap());
    assert_eq!(asked.times(), 3);
    server.finish();
}

#[test]
fn no_error_of_a_broken_login_shows_the_password() {
    for answer in [
        "S: * BYE pass2 is not welcome",
        "S: pass2",
        "S: {l} MAYBE pass2",
        "S: {l} BAD LOGIN \"jane\" \"pass2\"?",
    ] {
        let server = played(&format!(
            "
            hello
            cut
            accept
            S: * OK [CAPABILITY IMAP4rev1] ready
            C: {{l}} LOGIN \"jane\" \"pass2\"
            {answer}
            C-close
            "
        ));
        let (session, _) = reconnecting_with(&server, at_once().max_attempts(1));
        until_hung_up(server.port());
        assert_shows_no_secret(&session.lock_mailbox("INBOX").unwrap_err());
        server.finish();
    }
}

/// Wherever the reconnection gets stuck, the lock's deadline ends it.
fn gets_stuck(stuck: &str) {
    let server = played(&format!(
        "
        hello
        cut
        accept
        {stuck}
        accept
        hello: pass3
        select: INBOX
        "
    ));
    let (session, asked) = reconnecting(&server);
    until_hung_up(server.port());
    let error = session.mailbox("INBOX").timeout(SHORT).lock().unwrap_err();
    assert!(error.is_timeout(), "{error}");
    assert_shows_no_secret(&error);
    assert_eq!(asked.times(), 2);
    // The new connection has no deadline of that kind left.
    drop(session.lock_mailbox("INBOX").unwrap());
    server.finish();
}

#[test]
fn the_deadline_of_the_lock_covers_the_greeting() {
    gets_stuck("stall");
}

#[test]
fn the_deadline_of_the_lock_covers_a_greeting_that_does_not_end() {
    gets_stuck("S-raw: * OK rea\nstall");
}

#[test]
fn the_deadline_of_the_lock_covers_the_capabilities() {
    gets_stuck("S: * OK ready\nC: {c} CAPABILITY\nS: * CAPABILITY IMAP4rev1\nstall");
}

#[test]
fn the_deadline_of_the_lock_covers_the_login() {
    gets_stuck("S: * OK [CAPABILITY IMAP4rev1] ready\nC-start: {l} LOGIN\nstall");
}

#[test]
fn the_deadline_of_the_lock_covers_the_wait_between_attempts() {
    let server = played(&format!(
        "
        hello
        cut
        {BUSY}
        "
    ));
    let (session, asked) = reconnecting_with(&server, Backoff::new().initial_delay(LONG));
    until_hung_up(server.port());
    for timeout in [SHORT, Duration::ZERO, Duration::ZERO] {
        let error = session
            .mailbox("INBOX")
            .timeout(timeout)
            .lock()
            .unwrap_err();
        assert!(error.is_timeout(), "{error}");
        assert_eq!(
            asked.times(),
            2,
            "only when its time comes is it tried again"
        );
    }
    server.finish();
}

#[test]
fn the_deadline_of_the_lock_covers_the_select_after_the_reconnection() {
    let server = played(
        r#"
        hello
        cut
        accept
        hello: pass2
        C: {s} SELECT "INBOX"
        signal: selecting
        wait: answer
        S: {s} NO too late
        select: INBOX
        "#,
    );
    let (session, asked) = reconnecting(&server);
    until_hung_up(server.port());
    let error = session.mailbox("INBOX").timeout(SHORT).lock().unwrap_err();
    assert!(error.is_timeout() && !error.is_closed(), "{error}");
    server.reached("selecting");
    server.go("answer");
    drop(session.lock_mailbox("INBOX").unwrap());
    assert_eq!(asked.times(), 2);
    server.finish();
}

#[test]
fn a_provider_that_fails_is_asked_as_often_and_nothing_is_sent() {
    let server = played(
        "
        hello
        cut
        accept
        hello
        select: INBOX
        ",
    );
    let (asked, fails) = (Asked::default(), Arc::new(AtomicBool::new(false)));
    let (counting, failing) = (asked.clone(), Arc::clone(&fails));
    let account = Account::new(builder(server.port()), move |_| {
        counting.count();
        match failing.load(Ordering::SeqCst) {
            true => Err("the vault is locked".into()),
            false => Ok(Credentials::login("jane", "pass1")),
        }
    });
    let session = account
        .reconnecting(at_once().max_attempts(3))
        .open()
        .unwrap();
    until_hung_up(server.port());
    fails.store(true, Ordering::SeqCst);
    let error = session.lock_mailbox("INBOX").unwrap_err();
    assert!(matches!(error, Error::Credentials(_)), "{error}");
    assert_eq!(error.to_string(), "no credentials: the vault is locked");
    assert!(std::error::Error::source(&error).is_some());
    assert_eq!(asked.times(), 4);
    fails.store(false, Ordering::SeqCst);
    drop(session.lock_mailbox("INBOX").unwrap());
    server.finish();
}

#[test]
fn a_provider_that_fails_at_the_first_login_is_told_at_once() {
    let account = Account::new(builder(1), |_| Err("the vault is locked".into()));
    let error = account.reconnecting(Backoff::new()).open().unwrap_err();
    assert!(matches!(error, Error::Credentials(_)), "{error}");
}
