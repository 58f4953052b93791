//! A connection that ends: under a holder, while others wait, and while nobody looks.

use std::thread;

use latchbox::types::{Flag, StoreAction, UidSet};

use super::reconnecting;
use crate::sessions::{assert_closed, played, session, until_hung_up, until_waiting};

#[test]
fn the_holder_and_all_who_wait_are_told_and_the_next_lock_reconnects() {
    let server = played(
        r"
        hello
        select: INBOX
        C: {n} NOOP
        wait: lost
        cut
        accept
        hello: pass2
        select: Trash
        noop
        ",
    );
    let (session, asked) = reconnecting(&server);
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    thread::scope(|scope| {
        let waiting = [
            scope.spawn(|| session.lock_mailbox("Trash").map(drop)),
            scope.spawn(|| session.lock_mailbox_read_only("INBOX").map(drop)),
            scope.spawn(|| session.lock_mailbox("INBOX").map(drop)),
            scope.spawn(|| session.noop()),
        ];
        until_waiting(&session, waiting.len());
        server.go("lost");
        assert_closed(inbox.refresh(), false);
        assert_closed(inbox.refresh(), false);
        assert_closed(session.noop(), false);
        assert_closed(inbox.mailbox(), false);
        assert_closed(inbox.switch_to("Trash"), false);
        for waiter in waiting {
            assert_closed(waiter.join().unwrap(), false);
        }
    });
    assert_eq!(asked.times(), 1, "nobody has locked since");
    let mut trash = session.lock_mailbox("Trash").unwrap();
    trash.refresh().unwrap();
    assert_eq!(asked.times(), 2);
    drop(trash);
    let heard = server.finish();
    assert_eq!(heard.matches("NOOP").count(), 2, "{heard}");
}

#[test]
fn a_command_under_a_guard_is_never_sent_twice() {
    let server = played(
        r"
        hello
        select: INBOX
        C: {a} UID STORE 1:3 +FLAGS (\Flagged)
        S: * 1 FETCH (UID 1 FLAGS (\Flagged))
        cut
        accept
        hello: pass2
        noop
        select: INBOX
        noop
        ",
    );
    let (session, _) = reconnecting(&server);
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let all: UidSet = "1:3".parse().unwrap();
    assert_closed(inbox.store(&all, StoreAction::Add, [Flag::Flagged]), true);
    assert_closed(inbox.store(&all, StoreAction::Add, [Flag::Flagged]), false);
    assert_closed(session.noop(), false);
    drop(inbox);
    session.noop().unwrap();
    session.lock_mailbox("INBOX").unwrap().refresh().unwrap();
    let heard = server.finish();
    assert_eq!(heard.matches("STORE").count(), 1, "{heard}");
}

/// However the server ends an idle connection, the next lock knows and nobody is told of it.
fn dies_idle(end: &str) {
    let server = played(&format!(
        "
        hello
        select: INBOX
        {end}
        accept
        hello: pass2
        select: INBOX
        noop
        "
    ));
    let (session, asked) = reconnecting(&server);
    drop(session.lock_mailbox("INBOX").unwrap());
    until_hung_up(server.port());
    assert_eq!(asked.times(), 1);
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    assert_eq!(asked.times(), 2);
    inbox.refresh().unwrap();
    drop(inbox);
    server.finish();
}

#[test]
fn a_connection_that_was_cut_while_idle_is_replaced_by_the_next_lock() {
    dies_idle("cut");
}

#[test]
fn a_connection_that_was_reset_while_idle_is_replaced_by_the_next_lock() {
    dies_idle("reset");
}

#[test]
fn a_goodbye_while_idle_is_heard_by_the_next_lock() {
    dies_idle("S: * BYE [UNAVAILABLE] going down\nclose");
}

#[test]
fn nonsense_while_idle_ends_the_connection_and_the_next_lock_replaces_it() {
    dies_idle("S: t0001 OK nobody asked\nclose");
}

#[test]
fn a_connection_that_breaks_again_is_replaced_again() {
    let server = played(
        "
        hello
        cut
        accept
        hello: pass2
        select: INBOX
        cut
        accept
        hello: pass3
        select: INBOX
        cut
        accept
        hello: pass4
        select: INBOX
        noop
        ",
    );
    let (session, asked) = reconnecting(&server);
    for _ in 1..=3 {
        until_hung_up(server.port());
        drop(session.lock_mailbox("INBOX").unwrap());
    }
    session.lock_mailbox("INBOX").unwrap().refresh().unwrap();
    assert_eq!(asked.times(), 4);
    server.finish();
}

#[test]
fn without_reconnecting_a_session_stays_closed() {
    let server = played(
        "
        hello
        select: INBOX
        cut
        ",
    );
    let session = session(server.port());
    drop(session.lock_mailbox("INBOX").unwrap());
    until_hung_up(server.port());
    for _ in 0..3 {
        assert_closed(session.lock_mailbox("INBOX"), false);
        assert_closed(session.mailbox("Trash").read_only().try_lock(), false);
        assert_closed(session.noop(), false);
    }
    server.finish();
}

#[test]
fn an_account_that_does_not_reconnect_is_not_asked_again() {
    let server = played("hello\ncut");
    let (account, asked) = crate::sessions::account(crate::sessions::builder(server.port()));
    let session = account.open().unwrap();
    until_hung_up(server.port());
    assert_closed(session.lock_mailbox("INBOX"), false);
    assert_eq!(asked.times(), 1);
    server.finish();
}
