//! Closing while threads wait for the lock, while one holds it and does nothing, and before
//! anything was done.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;

use latchbox::OwnedMailboxGuard;
use latchbox::types::{SearchKey, UidSet};
use latchbox_testkit::Server;

use super::{Line, with_and_without_tls};
use crate::sessions::{
    LONG, assert_cancelled, builder, log_in, patient_session, played, preauthenticated, session,
    until, until_waiting,
};

with_and_without_tls!(
    all_who_wait_are_told_while_somebody_holds,
    a_session_that_was_closed_before_anything_sends_nothing,
);

fn all_who_wait_are_told_while_somebody_holds(line: Line) {
    let server = line.played(
        "
        hello
        select: INBOX
        C-close
        ",
    );
    let session = log_in(line.builder(server.port()));
    let close_handle = session.close_handle();
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    thread::scope(|scope| {
        let waiting = [
            scope.spawn(|| session.lock_mailbox("INBOX").map(drop)),
            scope.spawn(|| session.lock_mailbox_read_only("Trash").map(drop)),
            scope.spawn(|| session.mailbox("Trash").timeout(LONG).lock().map(drop)),
            scope.spawn(|| session.noop()),
            scope.spawn(|| session.create("Box").map(drop)),
        ];
        until_waiting(&session, waiting.len());
        close_handle.clone().close();
        for waiter in waiting {
            assert_cancelled(waiter.join().unwrap());
        }
    });
    assert_eq!(session.lock_state().waiting(), 0);
    assert_cancelled(inbox.refresh());
    assert_cancelled(inbox.search(SearchKey::All));
    assert_cancelled(inbox.mailbox());
    assert_cancelled(inbox.delete(&UidSet::all()));
    drop(inbox);
    assert_cancelled(session.lock_mailbox("INBOX"));
    drop(session);
    server.finish();
}

fn a_session_that_was_closed_before_anything_sends_nothing(line: Line) {
    let server = line.played("hello\nC-close");
    let session = log_in(line.builder(server.port()));
    let close_handle = session.close_handle();
    close_handle.close();
    close_handle.close();
    assert_cancelled(session.lock_mailbox("INBOX"));
    assert_cancelled(session.try_lock_mailbox("INBOX"));
    assert_cancelled(session.noop());
    assert_cancelled(session.list("*"));
    assert!(session.lock_state().holders().is_empty());
    drop(session);
    close_handle.close();
    server.finish();
}

#[test]
fn a_closed_session_is_dropped_without_a_word() {
    let server = played("hello\nselect: INBOX\nC-close");
    let session = session(server.port());
    let inbox = session.lock_mailbox("INBOX").unwrap();
    session.close_handle().close();
    drop(inbox);
    drop(session);
    server.finish();
}

#[test]
fn an_owned_guard_is_told_too_wherever_it_is() {
    let server = played("hello\nselect: INBOX\nC: {n} NOOP\nsignal: blocked\nstall");
    let session = session(server.port());
    let close_handle = session.close_handle();
    let mut inbox: OwnedMailboxGuard = session.mailbox("INBOX").lock_owned().unwrap();
    drop(session);
    let working = thread::spawn(move || inbox.refresh());
    server.reached("blocked");
    close_handle.close();
    assert_cancelled(working.join().unwrap());
    server.finish();
}

#[test]
fn a_close_handle_keeps_no_connection_open() {
    let server = Server::start().unwrap();
    let session = patient_session(&server);
    let close_handle = session.close_handle();
    drop(session.lock_mailbox("INBOX").unwrap());
    drop(session);
    until("the connection stays", || server.connections() == 0);
    close_handle.close();
}

/// Over a stream that cannot be shut down from elsewhere nothing blocked is interrupted, and all
/// that comes later is told.
#[test]
fn a_stream_of_the_callers_is_closed_for_what_comes_next() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let ours = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    let (mut theirs, _) = listener.accept().unwrap();
    let serving = thread::spawn(move || {
        let greeting = b"* PREAUTH [CAPABILITY IMAP4rev1] ready\r\n";
        theirs.write_all(greeting).unwrap();
        let mut heard = Vec::new();
        theirs.read_to_end(&mut heard).unwrap();
        heard
    });
    let client = builder(1).accept_preauth().connect_stream(ours).unwrap();
    let session = preauthenticated(client);
    session.close_handle().close();
    assert_cancelled(session.lock_mailbox("INBOX"));
    assert_cancelled(session.noop());
    drop(session);
    assert_eq!(serving.join().unwrap(), b"");
}
