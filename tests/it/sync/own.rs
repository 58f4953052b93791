//! A change that the program makes itself while a sync is under way.

use latchbox::Session;
use latchbox::sync::{ChangeBatch, FetchChanges, Way};
use latchbox::types::{Flag, StoreAction, Uid};
use latchbox_testkit::{Server, USER, message};

use crate::sessions::{builder, log_in_user};

const INBOX: &str = "INBOX";

fn session(server: &Server) -> Session {
    log_in_user(builder(server.port()))
}

/// What a sync has read before is not returned after it: the flag would be undone in the copy.
#[test]
fn what_was_read_before_an_own_change_does_not_undo_it() {
    for way in [Way::Qresync, Way::CondStore, Way::Comparison] {
        let server = Server::builder().with("QRESYNC");
        let three = [(); 3].map(|()| message("x", "a@example.com", "x"));
        let server = server.mailbox(INBOX, three).start().unwrap();
        let first = session(&server);
        let mut inbox = first.lock_mailbox_read_only(INBOX).unwrap();
        let request = FetchChanges::since(None).best_way(way);
        let mut changes = inbox.changes(request).unwrap();
        while changes.next().unwrap().is_some() {}
        let stored = changes.checkpoint().clone();
        for uid in 1..=3 {
            server.set_flags(USER, INBOX, uid, &["\\Answered"]);
        }
        let request = FetchChanges::since(Some(&stored)).best_way(way);
        let mut changes = inbox.changes(request.batch_size(1)).unwrap();
        let mut reported = Vec::new();
        let mut take = |batch: &ChangeBatch| {
            let ChangeBatch::Changes(batch) = batch else {
                panic!("{batch:?}");
            };
            let rows = batch.changed().iter();
            reported.extend(rows.map(|row| {
                // The messages are recent as long as no session takes note of them.
                let flags = row.flags().iter().filter(|flag| **flag != Flag::Recent);
                (row.uid().value(), flags.cloned().collect())
            }));
        };
        take(&changes.next().unwrap().unwrap());
        // On another session, as another thread would.
        let other = session(&server);
        let mut guard = other.lock_mailbox(INBOX).unwrap();
        let last = guard.uids(Uid::new(3));
        let set = [Flag::Flagged];
        let mine = guard.store(&last, StoreAction::Replace, set).unwrap();
        drop(guard);
        assert!(changes.note(&mine), "{way}");
        while let Some(batch) = changes.next().unwrap() {
            take(&batch);
        }
        let after = changes.checkpoint().clone();
        let answered = |uid| (uid, vec![Flag::Answered]);
        assert_eq!(reported, [answered(1), answered(2)], "{way}");
        // Nor is it news for the next one.
        let request = FetchChanges::since(Some(&after)).best_way(way);
        let mut changes = inbox.changes(request).unwrap();
        while let Some(batch) = changes.next().unwrap() {
            assert!(batch.is_empty(), "{way}: {batch:?}");
        }
    }
}
