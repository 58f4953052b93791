//! One deadline over the wait and the SELECT: what it leaves behind.

use std::time::Duration;

use latchbox::Error;
use latchbox::error::LockError;

use super::heard;
use crate::sessions::{played, session};

const SHORT: Duration = Duration::from_millis(30);

/// On a busy machine too.
const ENOUGH_TO_SEND: Duration = Duration::from_secs(2);

/// However late and whatever the answer is, it is nobody's.
fn stalls(late_answer: &str) {
    let server = played(&format!(
        r#"
        hello
        C: {{s}} SELECT "INBOX"
        S: * 9 EXISTS
        wait: late
        {late_answer}
        noop
        select: INBOX
        noop
        "#
    ));
    let session = session(server.port());
    let error = session
        .mailbox("INBOX")
        .timeout(ENOUGH_TO_SEND)
        .lock()
        .unwrap_err();
    assert!(error.is_timeout() && !error.is_closed(), "{error}");
    let Error::Lock(error) = error else {
        panic!("{error}");
    };
    assert!(matches!(*error, LockError::Timeout { ref holders, .. } if holders.is_empty()));
    assert!(session.lock_state().holders().is_empty());
    server.go("late");
    session.noop().unwrap();
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    assert_eq!(inbox.exists(), 3);
    inbox.refresh().unwrap();
    drop(inbox);
    server.finish();
}

#[test]
fn a_select_that_succeeds_too_late_is_done_again() {
    stalls("S: * OK [UIDVALIDITY 7] valid\nS: {s} OK [READ-WRITE] done");
}

#[test]
fn a_select_that_is_refused_too_late_is_done_again() {
    stalls("S: {s} NO too busy");
}

#[test]
fn a_select_that_closes_and_succeeds_too_late_is_done_again() {
    stalls("S: * OK [CLOSED] x\nS: * 1 EXISTS\nS: {s} OK [READ-ONLY] done");
}

/// Nor does a second lock wait longer for the late answer than it may, or break the connection.
#[test]
fn a_deadline_covers_what_an_earlier_lock_left_unread() {
    let server = played(
        r#"
        hello
        C: {s} SELECT "INBOX"
        wait: late
        S: * 9 EXISTS
        S: {s} OK [READ-WRITE] done
        select: Trash
        noop
        "#,
    );
    let session = session(server.port());
    for (name, timeout) in [
        ("INBOX", ENOUGH_TO_SEND),
        ("INBOX", SHORT),
        ("Trash", SHORT),
        ("INBOX", SHORT),
    ] {
        let error = session.mailbox(name).timeout(timeout).lock().unwrap_err();
        assert!(error.is_timeout() && !error.is_closed(), "{error}");
    }
    assert_eq!(heard(&server).len(), 2, "one SELECT, and nothing behind it");
    server.go("late");
    session.lock_mailbox("Trash").unwrap().refresh().unwrap();
    server.finish();
}

/// Half a command would cost everybody the connection.
#[test]
fn a_select_for_which_there_is_no_time_is_not_begun() {
    let server = played("hello\nselect: INBOX\nnoop");
    let session = session(server.port());
    for _ in 0..3 {
        let error = session
            .mailbox("INBOX")
            .timeout(Duration::ZERO)
            .lock()
            .unwrap_err();
        assert!(error.is_timeout() && !error.is_closed(), "{error}");
    }
    drop(session.lock_mailbox("INBOX").unwrap());
    // What needs no command needs no time.
    let mut inbox = session
        .mailbox("INBOX")
        .timeout(Duration::ZERO)
        .lock()
        .unwrap();
    inbox.refresh().unwrap();
    drop(inbox);
    server.finish();
}

#[test]
fn the_deadline_of_a_lock_is_not_that_of_the_commands_under_it() {
    let server = played(
        "
        hello
        select: INBOX
        C: {n} NOOP
        signal: asked
        wait: answer
        S: {n} OK done
        ",
    );
    let session = session(server.port());
    let request = session.mailbox("INBOX").timeout(Duration::from_millis(500));
    let mut inbox = request.lock().unwrap();
    std::thread::scope(|scope| {
        let asking = scope.spawn(|| {
            server.reached("asked");
            // Until the lock's own time is over, by the lock's own clock.
            while session.lock_state().holders()[0].held_for() < Duration::from_millis(600) {
                std::thread::yield_now();
            }
            server.go("answer");
        });
        inbox.refresh().unwrap();
        asking.join().unwrap();
    });
    drop(inbox);
    server.finish();
}
