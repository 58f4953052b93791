//! A mailbox of a million messages: a change costs no more than in a small one.

use latchbox::sync::{ChangeBatch, Checkpoint, FetchChanges};
use latchbox_testkit::{Server, USER, message};

use crate::sessions::{builder, log_in_user};

const MANY: u32 = 1_000_000;

#[test]
fn one_change_in_a_million_costs_little() {
    let server = Server::builder().with("QRESYNC").timeline_limit(100);
    let server = server.fill("INBOX", MANY, message("s", "a@example.com", "b"));
    let server = server.start().unwrap();
    let session = log_in_user(builder(server.port()));
    let mut stored: Option<Checkpoint> = None;
    let mut messages = 0;
    let mut inbox = session.lock_mailbox_read_only("INBOX").unwrap();
    let mut changes = inbox
        .changes(FetchChanges::since(None).batch_size(50_000))
        .unwrap();
    while let Some(batch) = changes.next().unwrap() {
        let ChangeBatch::Changes(new) = &batch else {
            panic!("{batch:?}");
        };
        messages += new.history().len();
        stored = Some(batch.checkpoint().clone());
    }
    drop(inbox);
    assert_eq!(messages, MANY as usize);
    let stored = stored.unwrap().to_string();
    assert!(stored.len() < 250, "{stored}");
    server.set_flags(USER, "INBOX", MANY / 2, &["\\Seen"]);
    server.expunge(USER, "INBOX", [MANY]);
    server.deliver(USER, "INBOX", message("s", "a@example.com", "b"));
    let stored: Checkpoint = stored.parse().unwrap();
    let before = session.stats();
    let mut inbox = session
        .mailbox("INBOX")
        .read_only()
        .since(Some(&stored))
        .lock()
        .unwrap();
    let mut changes = inbox.changes_since(Some(&stored)).unwrap();
    let batch = changes.next().unwrap().unwrap();
    let ChangeBatch::Changes(new) = &batch else {
        panic!("{batch:?}");
    };
    assert_eq!(new.vanished().to_string(), MANY.to_string());
    assert_eq!((new.changed().len(), new.arrived().len()), (1, 1));
    assert!(changes.next().unwrap().is_none());
    let after = session.stats();
    let received = after.octets_received - before.octets_received;
    assert!(received < 1_024, "{received} octets");
}
