//! One value is run as its method is: with what takes several commands, which a batch refuses.

use latchbox::command::{Append, FetchMessages, Store};
use latchbox::message::Fetch;
use latchbox::types::{FetchItem, Flag, NewMessage, SavedResult, SearchKey, Uid, UidSet};

use crate::sessions::plaintext_session;

fn server() -> latchbox_testkit::Server {
    let message = || latchbox_testkit::message("Hello", "ann@example.com", "Hi!");
    let server = latchbox_testkit::Server::builder().mailbox("INBOX", [message(), message()]);
    server.without("UIDPLUS").start().unwrap()
}

#[test]
fn a_message_for_the_mailbox_of_the_guard_is_looked_for() {
    let server = server();
    let session = plaintext_session(&server);
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let message = "Message-ID: <1@example.com>\r\n\r\nx";
    let appended = inbox.run(Append::new("INBOX", message).unwrap()).unwrap();
    assert!(appended.uid().is_some(), "{appended:?}");
    let appended = session.run(Append::new("INBOX", message).unwrap());
    assert!(appended.unwrap().uid().is_none());
}

#[test]
fn a_reader_is_run_and_stands_in_no_batch() {
    let server = server();
    let session = plaintext_session(&server);
    let append = || Append::new("INBOX", NewMessage::from_reader(&b"a: b\r\n\r\n"[..], 8)).unwrap();
    let [batched] = session.pipeline([append()]).unwrap();
    assert!(
        matches!(batched, Err(latchbox::Error::Argument(_))),
        "{batched:?}"
    );
    session.run(append()).unwrap();
    assert_eq!(server.messages("INBOX").len(), 3);
}

#[test]
fn a_set_that_a_batch_refuses_is_divided() {
    let server = server();
    let session = plaintext_session(&server);
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let long = UidSet::unbound((1..9_000).step_by(2).filter_map(Uid::new));
    let store = Store::add(&long, &[Flag::Flagged]);
    let fetch = FetchMessages::new(&long, &[FetchItem::Flags]);
    let (stored, fetched) = inbox.pipeline((store, fetch)).unwrap();
    assert!(
        matches!(stored, Err(latchbox::Error::Argument(_))),
        "{stored:?}"
    );
    assert!(
        matches!(fetched, Err(latchbox::Error::Argument(_))),
        "{fetched:?}"
    );
    assert_eq!(inbox.run(store).unwrap().changed().len(), 1);
    let fetched = inbox.run(fetch).unwrap();
    assert_eq!(fetched.iter().map(Fetch::uid).count(), 1);
}

#[test]
fn views_run_what_names_their_messages() {
    let server = server();
    let session = plaintext_session(&server);
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let mut numbered = inbox.numbered();
    let last = numbered.last(1);
    let stored = numbered
        .run(Store::add(&last, &[Flag::Seen]).silent())
        .unwrap();
    assert!(stored.changed().next().is_none());
    let rows = numbered.run(FetchMessages::flags(&last)).unwrap();
    assert_eq!(rows.len(), 1);
    let mut unseen = inbox.search_saved(SearchKey::Unseen).unwrap();
    let stored = unseen.run(Store::add(&SavedResult, &[Flag::Draft]).silent());
    assert!(stored.unwrap().changed().is_empty());
    assert_eq!(
        unseen
            .run(FetchMessages::flags(&SavedResult))
            .unwrap()
            .len(),
        1
    );
    assert_eq!(inbox.search(SearchKey::Draft).unwrap().to_string(), "1");
}
