//! An IDLE that nobody ends: the connection knows it, and the next command ends it.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use latchbox::error::CloseReason;
use latchbox::types::MailboxEvent;

use super::{assert_exists, selecting};
use crate::scripted::close_reason;

#[test]
fn dropping_sends_nothing_and_the_next_command_ends_the_idle_once() {
    let (server, session) = selecting(
        "
        C: {a} IDLE
        S: + idling
        wait: dropped
        silent
        S: * 4 EXISTS
        signal: sent
        C: DONE
        S: * 5 EXISTS
        S: {a} OK done
        C: {b} NOOP
        S: {b} OK
        C: {c} NOOP
        S: {c} OK
        ",
    );
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    drop(inbox.idle().unwrap());
    server.go("dropped");
    server.reached("sent");
    inbox.refresh().unwrap();
    assert_eq!(inbox.events(), [4, 5].map(MailboxEvent::Exists));
    inbox.refresh().unwrap();
    server.finish();
}

#[test]
fn a_leaked_idle_and_a_panic_in_one_are_ended_by_the_next_command() {
    let (server, session) = selecting(
        "
        C: {a} IDLE
        S: + idling
        C: DONE
        S: {a} OK done
        C: {b} NOOP
        S: {b} OK
        C: {c} IDLE
        S: + idling
        S: * 4 EXISTS
        C: DONE
        S: {c} OK done
        C: {d} NOOP
        S: {d} OK
        ",
    );
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    std::mem::forget(inbox.idle().unwrap());
    inbox.refresh().unwrap();
    let panicked = catch_unwind(AssertUnwindSafe(|| {
        let mut idle = inbox.idle().unwrap();
        assert_exists(&mut idle, 4);
        panic!("on purpose");
    }));
    panicked.unwrap_err();
    inbox.refresh().unwrap();
    server.finish();
}

#[test]
fn a_lock_of_the_same_mailbox_hears_what_came_and_sends_nothing() {
    let (server, session) = selecting(
        "
        C: {a} IDLE
        S: + idling
        S: * 4 EXISTS
        wait: dropped
        S: * 5 EXISTS
        signal: sent
        wait: locked
        silent
        signal: looked
        C: DONE
        S: {a} OK done
        C: {b} NOOP
        S: {b} OK
        ",
    );
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let mut idle = inbox.idle().unwrap();
    assert_exists(&mut idle, 4);
    drop(idle);
    drop(inbox);
    server.go("dropped");
    server.reached("sent");
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    assert_eq!(inbox.exists(), 5);
    server.go("locked");
    server.reached("looked");
    inbox.refresh().unwrap();
    server.finish();
}

#[test]
fn a_lock_notices_that_the_connection_ended_during_a_left_idle() {
    let (server, session) =
        selecting("C: {a} IDLE\nS-raw: + idling\\r\\n* BYE gone\\r\\n\ntaken\nsignal: sent\n");
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    drop(inbox.idle().unwrap());
    server.reached("sent");
    drop(inbox);
    let error = session.lock_mailbox("INBOX").unwrap_err();
    assert!(matches!(close_reason(&error), CloseReason::Bye { .. }));
    server.finish();
}

#[test]
fn a_lock_of_another_mailbox_and_a_logout_end_a_left_idle_first() {
    let (server, session) = selecting(
        r#"
        C: {a} IDLE
        S: + idling
        C: DONE
        S: {a} OK done
        C: {b} SELECT "Trash"
        S: * 1 EXISTS
        S: {b} OK [READ-WRITE] selected
        C: {c} IDLE
        S: + idling
        C: DONE
        S: {c} OK done
        C: {d} LOGOUT
        S: * BYE gone
        S: {d} OK
        "#,
    );
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    drop(inbox.idle().unwrap());
    drop(inbox);
    let mut trash = session.lock_mailbox("Trash").unwrap();
    assert_eq!(trash.exists(), 1);
    drop(trash.idle().unwrap());
    drop(trash);
    session.logout().unwrap();
    server.finish();
}

#[test]
fn release_ends_a_left_idle() {
    let (server, session) = selecting("C: {a} IDLE\nS: + idling\nC: DONE\nS: {a} OK done\n");
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    drop(inbox.idle().unwrap());
    inbox.release().unwrap();
    server.finish();
}

#[test]
fn a_left_idle_whose_done_is_not_answered_closes_the_connection() {
    let (server, session) = selecting("C: {a} IDLE\nS: + idling\nC: DONE\nC-close\n");
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    drop(inbox.idle().unwrap());
    session
        .set_read_timeout(Duration::from_millis(200))
        .unwrap();
    let error = inbox.refresh().unwrap_err();
    assert!(matches!(close_reason(&error), CloseReason::Timeout(..)));
    server.finish();
}

#[test]
fn a_lock_whose_time_is_over_leaves_the_end_of_the_idle_to_the_next() {
    let (server, session) = selecting(
        r#"
        C: {a} IDLE
        S: + idling
        C: DONE
        wait: late
        S: {a} OK done
        C: {b} SELECT "Trash"
        S: * 1 EXISTS
        S: {b} OK [READ-WRITE] selected
        "#,
    );
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    drop(inbox.idle().unwrap());
    drop(inbox);
    let short = Duration::from_millis(50);
    let error = session.mailbox("Trash").timeout(short).lock().unwrap_err();
    assert!(error.is_timeout() && !error.is_closed(), "{error}");
    server.go("late");
    assert_eq!(session.lock_mailbox("Trash").unwrap().exists(), 1);
    server.finish();
}
