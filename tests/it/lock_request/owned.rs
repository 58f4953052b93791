//! Guards that share the session: moved, kept, and dropped elsewhere.

use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use latchbox::types::{FetchItem, SearchKey, UidSet};
use latchbox::{OwnedMailboxGuard, ReadOnly};

use super::{selected, server};
use crate::sessions::{patient_session, until, until_waiting};

/// Something of a program that works on one mailbox for as long as it lives.
struct Worker {
    inbox: OwnedMailboxGuard<ReadOnly>,
    seen: UidSet,
}

impl Worker {
    fn work(&mut self) -> usize {
        self.seen = self.inbox.search(SearchKey::All).unwrap();
        let messages = self.inbox.fetch(&self.seen, [FetchItem::Flags]).unwrap();
        messages.into_iter().map(Result::unwrap).count()
    }
}

#[test]
fn an_owned_guard_lives_in_a_struct_and_moves_between_threads() {
    let server = server();
    let session = patient_session(&server);
    let request = session.mailbox("INBOX").read_only().label("worker");
    let inbox = request.lock_owned().unwrap();
    let mut worker = Worker {
        inbox,
        seen: UidSet::new(),
    };
    assert_eq!(worker.work(), 3);
    let mut worker = thread::spawn(move || {
        assert_eq!(worker.work(), 3);
        worker
    })
    .join()
    .unwrap();
    assert_eq!(worker.work(), 3);
    let state = session.lock_state();
    assert_eq!(state.holders()[0].label(), Some("worker"));
    // Wherever it is dropped, the next one goes on.
    thread::scope(|scope| {
        let waiting = scope.spawn(|| session.lock_mailbox("Trash").map(drop));
        until_waiting(&session, 1);
        thread::spawn(move || drop(worker)).join().unwrap();
        waiting.join().unwrap().unwrap();
    });
    assert_eq!(selected(&server), ["EXAMINE \"INBOX\"", "SELECT \"Trash\""]);
}

#[test]
fn an_owned_guard_keeps_the_connection_when_the_session_is_gone() {
    let server = server();
    let session = patient_session(&server);
    let mut inbox = session.mailbox("INBOX").lock_owned().unwrap();
    drop(session);
    assert_eq!(inbox.search(SearchKey::All).unwrap().len(), Some(3));
    let inbox = inbox.switch_to("Trash").unwrap();
    assert_eq!(inbox.exists(), 0);
    assert_eq!(server.connections(), 1);
    drop(inbox);
    until("the connection stays", || server.connections() == 0);
}

/// It belongs to no thread, so its own thread waits for it like any other.
#[test]
fn a_lock_beside_an_owned_guard_waits_for_its_deadline() {
    let server = server();
    let session = patient_session(&server);
    let inbox = session.mailbox("INBOX").lock_owned().unwrap();
    let short = Duration::from_millis(5);
    let error = session.mailbox("INBOX").timeout(short).lock().unwrap_err();
    assert!(error.is_timeout(), "{error}");
    drop(inbox);
    drop(session.mailbox("INBOX").timeout(short).lock().unwrap());
}

#[test]
fn a_stream_of_an_owned_guard_can_be_left_and_the_guard_goes_on_elsewhere() {
    let server = server();
    let session = patient_session(&server);
    let mut inbox = session.mailbox("INBOX").lock_owned().unwrap();
    let mut messages = inbox.fetch(&UidSet::all(), [FetchItem::Flags]).unwrap();
    assert!(messages.next().unwrap().is_some());
    drop(messages);
    let (send, receive) = mpsc::channel();
    let worker = thread::spawn(move || {
        let mut inbox: OwnedMailboxGuard = receive.recv().unwrap();
        inbox.search(SearchKey::All).unwrap().len()
    });
    send.send(inbox).unwrap();
    assert_eq!(worker.join().unwrap(), Some(3));
    drop(session.lock_mailbox("INBOX").unwrap());
}
