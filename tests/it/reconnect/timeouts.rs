//! Deadlines that were changed after the login.

use std::time::Duration;

use latchbox::Error;
use latchbox::error::{CloseReason, Stage};
use latchbox::types::FetchItem;

use super::reconnecting;
use crate::scripted::{SHORT, SOON, closed, logged_in, plain};
use crate::sessions::{played, until_hung_up};
use crate::support::script::script;

#[test]
fn a_deadline_that_was_set_after_the_login_holds_after_a_reconnection() {
    let server = played(
        "
        hello
        cut
        accept
        hello: pass2
        select: INBOX
        C: {n} NOOP
        stall
        ",
    );
    let (session, _) = reconnecting(&server);
    session.set_read_timeout(SOON).unwrap();
    until_hung_up(server.port());
    drop(session.lock_mailbox("INBOX").unwrap());
    let error = session.noop().unwrap_err();
    match closed(&error).reason() {
        CloseReason::Timeout(Stage::Read, after) => assert_eq!(*after, SOON),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_deadline_is_not_changed_while_this_thread_reads_a_stream() {
    let (server, session) = logged_in(
        "
        C: {s} EXAMINE \"INBOX\"
        S: * 2 EXISTS
        S: {s} OK done
        C: {f} UID FETCH 1:2 (FLAGS)
        S: * 1 FETCH (UID 1 FLAGS ())
        wait: refused
        S: * 2 FETCH (UID 2 FLAGS ())
        S: {f} OK done
        ",
    );
    let mut inbox = session.lock_mailbox_read_only("INBOX").unwrap();
    let two = "1:2".parse().unwrap();
    let mut messages = inbox.fetch(&two, [FetchItem::Flags]).unwrap();
    messages.next().unwrap().unwrap();
    let error = session.set_command_timeout(SHORT).unwrap_err();
    assert!(matches!(error, Error::StreamOpen), "{error:?}");
    server.go("refused");
    messages.next().unwrap().unwrap();
    assert!(messages.next().unwrap().is_none());
    drop(inbox);
    drop(session);
    server.finish();
}

/// The greeting has a deadline of its own, however short the one for later answers is.
#[test]
fn fault_69_a_greeting_is_not_bounded_by_the_read_timeout() {
    let short = Duration::from_millis(10);
    let server = script("wait: late\nS: * OK [CAPABILITY IMAP4rev1] ready\n");
    let client = std::thread::scope(|scope| {
        let builder = plain(&server).read_timeout(short);
        let connecting = scope.spawn(|| builder.connect());
        // Passes the deadline that must not hold; a slower machine only passes it by more.
        std::thread::sleep(short * 10);
        server.go("late");
        connecting.join().unwrap()
    });
    drop(client.unwrap());
    server.finish();
}
