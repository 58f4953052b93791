//! How sessions end, what crosses threads and what does not.

use std::sync::Arc;
use std::thread;

use latchbox::command::{Batches, Messages};
use latchbox::error::CloseReason;
use latchbox::guard::{Numbered, Owned, SavedSearch};
use latchbox::message::Fetch;
use latchbox::types::{FetchItem, SearchKey, UidSet};
use latchbox::{
    Client, Error, LockRequest, MailboxGuard, OwnedMailboxGuard, ReadOnly, ReadWrite, Session,
};

use super::{InProcess, Place, commands, fill, on_both_servers};

on_both_servers!(
    a_session_can_be_shared_in_an_arc,
    logout_says_goodbye,
    a_dropped_session_closes_its_connection,
    a_broken_connection_fails_the_holder_and_all_who_wait_alike,
);

fn is_send_and_sync<T: Send + Sync>() {}

/// Has two forms for what is `Send`, so that a use of it without saying which compiles only for
/// what is not.
trait NotSend<Form> {
    fn is_not_send() {}
}
impl<T: ?Sized> NotSend<()> for T {}
impl<T: ?Sized + Send> NotSend<u8> for T {}

#[test]
fn sessions_cross_threads_and_guards_stay() {
    is_send_and_sync::<Session>();
    is_send_and_sync::<Error>();
    is_send_and_sync::<UidSet>();
    is_send_and_sync::<Batches>();
    is_send_and_sync::<Fetch>();
    fn is_send<T: Send>() {}
    is_send::<Client>();
    <MailboxGuard<'static, ReadWrite> as NotSend<_>>::is_not_send();
    <MailboxGuard<'static, ReadOnly> as NotSend<_>>::is_not_send();
    <Numbered<'static, ReadWrite> as NotSend<_>>::is_not_send();
    <SavedSearch<'static, ReadWrite> as NotSend<_>>::is_not_send();
    is_send::<OwnedMailboxGuard<ReadWrite>>();
    is_send::<OwnedMailboxGuard<ReadOnly>>();
    is_send::<SavedSearch<'static, Owned<ReadWrite>>>();
    is_send_and_sync::<LockRequest<'static, ReadWrite>>();
    // Never built, only compiled: a stream may not outlive what it borrows.
    let _: fn(&Messages<'_>) = |_| {};
}

fn a_session_can_be_shared_in_an_arc(place: &dyn Place) {
    let session = Arc::new(place.session());
    fill(&session, "INBOX", 1);
    let threads: Vec<_> = ["INBOX", "Trash", "INBOX", "Archive"]
        .into_iter()
        .map(|name| {
            let session = Arc::clone(&session);
            thread::spawn(move || {
                for _ in 0..5 {
                    let mut guard = session.lock_mailbox(name).unwrap();
                    let found = guard.search(SearchKey::All).unwrap();
                    assert_eq!(found.len(), Some(u64::from(name == "INBOX")));
                }
            })
        })
        .collect();
    for thread in threads {
        thread.join().unwrap();
    }
    Arc::into_inner(session).unwrap().logout().unwrap();
}

fn logout_says_goodbye(place: &dyn Place) {
    let (session, sent) = place.tapped();
    drop(session.lock_mailbox("INBOX").unwrap());
    sent.take();
    session.logout().unwrap();
    assert_eq!(commands(&sent), ["LOGOUT"]);
    // After a stream that was dropped early too.
    let (session, sent) = place.tapped();
    fill(&session, "INBOX", 5);
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let mut messages = inbox.fetch(&UidSet::all(), [FetchItem::Flags]).unwrap();
    messages.next().unwrap().unwrap();
    drop(messages);
    drop(inbox);
    sent.take();
    session.logout().unwrap();
    assert_eq!(commands(&sent), ["LOGOUT"]);
}

fn a_dropped_session_closes_its_connection(place: &dyn Place) {
    let (session, sent) = place.tapped();
    drop(session.lock_mailbox("INBOX").unwrap());
    sent.take();
    drop(session);
    assert_eq!(sent.take(), "", "without a word");
    drop(place.session());
}

#[test]
fn the_server_sees_that_a_session_was_dropped() {
    let place = InProcess::new();
    let sessions: Vec<_> = (0..3).map(|_| place.session()).collect();
    assert_eq!(place.0.connections(), 3);
    drop(sessions);
    while place.0.connections() > 0 {
        thread::yield_now();
    }
}

/// Kicks the account's connections, by whatever the server has for it.
pub(super) fn broken(place: &dyn Place, session: &Session, kick: impl FnOnce()) {
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    thread::scope(|scope| {
        let waiting = [
            scope.spawn(|| session.lock_mailbox("Trash").map(drop)),
            scope.spawn(|| session.noop()),
        ];
        super::wait_until_waiting(session, 2);
        kick();
        let told = loop {
            if let Err(error) = inbox.refresh() {
                break error;
            }
        };
        assert!(told.is_closed(), "{told}");
        let again = inbox.search(SearchKey::All).unwrap_err();
        assert!(again.is_closed() && !again.may_have_taken_effect());
        assert!(inbox.mailbox().unwrap_err().is_closed());
        drop(inbox);
        for waiter in waiting {
            let error = waiter.join().unwrap().unwrap_err();
            assert!(error.is_closed(), "{error}");
        }
    });
    assert!(session.lock_mailbox("INBOX").unwrap_err().is_closed());
    drop(place.session());
}

fn a_broken_connection_fails_the_holder_and_all_who_wait_alike(place: &dyn Place) {
    // A server's BYE and a bare end of the stream have tests of their own below; here it is
    // whatever comes of a socket that the other end has shut.
    let (tap, _) = crate::support::tap::Tap::connect(place.port());
    let socket = tap.socket();
    let session = place.log_in(place.builder().connect_stream(tap).unwrap());
    broken(place, &session, || {
        socket.shutdown(std::net::Shutdown::Both).unwrap();
    });
}

#[test]
fn an_end_of_the_stream_is_told_as_such() {
    let place = InProcess::new();
    let session = place.session();
    broken(&place, &session, || place.0.kick());
    let Error::Closed(closed) = session.noop().unwrap_err() else {
        panic!("it is closed");
    };
    assert!(
        matches!(closed.reason(), CloseReason::Eof | CloseReason::Io(_)),
        "{closed:?}"
    );
}
