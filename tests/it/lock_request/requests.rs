//! The request itself: when it is looked at, how often it can be used, what its time covers.

use std::time::{Duration, Instant};

use latchbox::Error;
use latchbox::error::LockError;

use crate::sessions::{LONG, played, session};

#[test]
fn an_invalid_name_is_an_error_of_every_end_and_costs_no_command() {
    let server = played("hello\nselect: INBOX\nnoop");
    let session = session(server.port());
    let request = session.mailbox("a\r\nb").timeout(LONG).label("invalid");
    for error in [
        request.lock().unwrap_err(),
        request.try_lock().unwrap_err(),
        request.lock_owned().unwrap_err(),
        request.try_lock_owned().unwrap_err(),
        request.clone().read_only().lock().unwrap_err(),
    ] {
        assert!(matches!(error, Error::Argument(_)), "{error}");
    }
    session.lock_mailbox("INBOX").unwrap().refresh().unwrap();
    server.finish();
}

#[test]
fn a_request_locks_as_often_as_it_is_asked_to() {
    let server = played("hello\nselect: INBOX\nnoop");
    let session = session(server.port());
    let request = session.mailbox("INBOX").label("each time");
    for _ in 0..2 {
        let inbox = request.lock().unwrap();
        assert_eq!(session.lock_state().holders()[0].label(), Some("each time"));
        drop(inbox);
    }
    request.try_lock_owned().unwrap().refresh().unwrap();
    server.finish();
}

#[test]
fn of_a_timeout_and_a_deadline_the_later_call_counts() {
    let server = played("hello\nselect: INBOX\nnoop");
    let session = session(server.port());
    let past = Instant::now();
    let late = session.mailbox("INBOX").timeout(LONG).deadline(past);
    let error = late.lock().unwrap_err();
    assert!(error.is_timeout() && !error.is_closed(), "{error}");
    let mut inbox = late.timeout(LONG).lock().unwrap();
    inbox.refresh().unwrap();
    drop(inbox);
    server.finish();
}

/// It does not wait for the lock, and for the SELECT not longer than it may.
#[test]
fn a_try_has_a_timeout_over_its_select() {
    let server = played(
        r#"
        hello
        C: {s} SELECT "INBOX"
        wait: late
        S: {s} NO too late
        noop
        "#,
    );
    let session = session(server.port());
    let request = session.mailbox("INBOX").timeout(Duration::from_secs(2));
    let error = request.try_lock().unwrap_err();
    assert!(error.is_timeout() && !error.is_closed(), "{error}");
    let Error::Lock(error) = error else {
        panic!("{error}");
    };
    assert!(matches!(*error, LockError::Timeout { .. }), "{error}");
    server.go("late");
    session.noop().unwrap();
    server.finish();
}
