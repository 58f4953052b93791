//! A mailbox that has another name, or an id that it did not have.

use latchbox::Session;
use latchbox::sync::{ChangeBatch, Checkpoint};
use latchbox_testkit::{NewMessage, Server, USER, message};

use crate::sessions::{builder, log_in_user};

fn synced(session: &Session, mailbox: &str, since: Option<&Checkpoint>) -> Vec<ChangeBatch> {
    let request = session.mailbox(mailbox).read_only().since(since);
    let mut guard = request.lock().unwrap();
    let mut changes = guard.changes_since(since).unwrap();
    let mut batches = Vec::new();
    while let Some(batch) = changes.next().unwrap() {
        assert_eq!(changes.checkpoint(), batch.checkpoint());
        batches.push(batch);
    }
    batches
}

#[test]
fn another_name_is_a_later_checkpoint_once() {
    let server = Server::builder().with("QRESYNC").with("OBJECTID");
    let server = server.mailbox("Old", [message("x", "a@example.com", "x")]);
    let server = server.start().unwrap();
    let session = log_in_user(builder(server.port()));
    let stored = synced(&session, "Old", None)[0].checkpoint().clone();
    server.rename_mailbox(USER, "Old", "New");
    let session = log_in_user(builder(server.port()));
    let renamed = synced(&session, "New", Some(&stored));
    let [batch] = &renamed[..] else {
        panic!("{renamed:?}");
    };
    assert!(batch.is_empty(), "{batch:?}");
    let renamed = batch.checkpoint();
    assert_eq!(renamed.mailbox().as_str(), "New");
    assert!(renamed.is_later_than(&stored));
    assert_eq!(renamed.known().to_string(), "1");
    assert!(synced(&session, "New", Some(renamed)).is_empty());
}

#[test]
fn a_mailbox_without_an_id_is_not_known_under_another_name() {
    let server = Server::builder().with("QRESYNC").without("OBJECTID");
    let server = server.mailbox("Old", std::iter::empty::<NewMessage>());
    let server = server.start().unwrap();
    let session = log_in_user(builder(server.port()));
    let stored = synced(&session, "Old", None)[0].checkpoint().clone();
    server.rename_mailbox(USER, "Old", "New");
    let session = log_in_user(builder(server.port()));
    let mut guard = session.lock_mailbox_read_only("New").unwrap();
    let error = guard.changes_since(Some(&stored)).unwrap_err();
    assert!(
        matches!(error, latchbox::Error::ForeignCheckpoint(_)),
        "{error:?}"
    );
}
