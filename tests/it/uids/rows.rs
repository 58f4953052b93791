//! What is made of rows knows the mailbox that they are of.

use latchbox::types::{FetchItem, Flag, MessageUid, MixedOrigins, Section, StoreAction, UidSet};
use latchbox_testkit::Server;

use super::{assert_stale, log_in, two_users};

/// The example of the table: a row of INBOX, made into a set, used in Trash.
#[test]
fn fault_02_rows_of_one_mailbox_are_refused_in_another() {
    let server = Server::builder()
        .user("jane", "secret")
        .mailbox("INBOX", [b"Subject: 1\r\n\r\n".to_vec()])
        .mailbox("Trash", [b"Subject: 2\r\n\r\n".to_vec()])
        .start()
        .unwrap();
    let session = log_in(&server, "jane");
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let all = UidSet::all();
    let mut lent = Vec::new();
    let mut rows = inbox.fetch(&all, [FetchItem::Flags]).unwrap();
    while let Some(row) = rows.next().unwrap() {
        lent.push(row.id());
    }
    let owned = inbox.fetch(&all, [FetchItem::Flags]).unwrap();
    let owned: Vec<_> = owned.into_iter().map(|row| row.unwrap().id()).collect();
    let mut batches = inbox.batches(&all, [FetchItem::Flags], 9).unwrap();
    let batch = batches.next(&mut inbox).unwrap().unwrap();
    let kept = batch
        .iter()
        .collect::<Result<UidSet, MixedOrigins>>()
        .unwrap();
    let batch: Vec<_> = batch.iter().map(latchbox::message::Fetch::id).collect();
    let stored = inbox.store(&all, StoreAction::Add, [Flag::Seen]).unwrap();
    let stored: Vec<_> = stored
        .changed()
        .iter()
        .map(latchbox::message::Fetch::id)
        .collect();
    let [piped] = inbox
        .pipeline([latchbox::command::Store::remove(&all, &[Flag::Seen])])
        .unwrap();
    let piped = piped.unwrap();
    let piped: Vec<_> = piped
        .changed()
        .iter()
        .map(latchbox::message::Fetch::id)
        .collect();
    let mut numbered = inbox.numbered();
    let last = numbered.last(1);
    let by_number = numbered.fetch(&last, [FetchItem::Flags]).unwrap();
    let by_number: Vec<_> = by_number.into_iter().map(|row| row.unwrap().id()).collect();
    let by_hand = inbox.uids(lent.iter().map(MessageUid::uid));
    let from_there = inbox.uids_in(lent[0].uid()..);
    let origin = inbox.origin().clone();
    drop(inbox);

    let mut trash = session.lock_mailbox("Trash").unwrap();
    server.clear_timeline();
    for rows in [lent, owned, batch, stored, piped, by_number] {
        assert_eq!(rows.len(), 1);
        assert_eq!(rows[0].origin(), Some(&origin));
        assert_stale(trash.download(&rows[0], &Section::whole()));
        assert_stale(trash.download_and_mark_seen(rows[0].clone(), &Section::whole()));
        assert_stale(trash.fetch_one(&rows[0], [FetchItem::Flags]));
        let lent = rows.iter().collect::<Result<UidSet, MixedOrigins>>();
        assert_stale(trash.delete(&lent.unwrap()));
        let set = rows
            .into_iter()
            .collect::<Result<UidSet, MixedOrigins>>()
            .unwrap();
        assert_stale(trash.delete(&set));
    }
    assert_stale(trash.delete(&kept));
    assert_stale(trash.delete(&by_hand));
    assert_stale(trash.delete(&from_there));
    assert!(server.timeline().is_empty());
    assert_eq!(server.messages("Trash").len(), 1);
    // Without an origin it is the caller's word.
    let unbound = UidSet::unbound(by_hand.iter());
    assert_eq!(trash.delete(&unbound).unwrap().count(), 1);
}

/// As when an account is copied: UIDs of the source used on the target by mistake.
#[test]
fn fault_02_rows_of_the_source_account_are_refused_on_the_target() {
    let server = two_users();
    let (from, to) = (log_in(&server, "jane"), log_in(&server, "joe"));
    let mut source = from.lock_mailbox_read_only("INBOX").unwrap();
    let mut target = to.lock_mailbox("INBOX").unwrap();
    let mut copied = UidSet::new();
    let mut batches = source
        .batches(&UidSet::all(), [FetchItem::Flags], 2)
        .unwrap();
    while let Some(batch) = batches.next(&mut source).unwrap() {
        for row in &batch {
            let id = row.id();
            let mut octets = Vec::new();
            let mut message = source.download(&id, &Section::whole()).unwrap();
            message.copy_to(&mut octets).unwrap();
            copied.insert(&id).unwrap();
            assert_stale(target.download(&id, &Section::whole()));
        }
    }
    assert_eq!(copied.len(), 3);
    assert_stale(target.store(&copied, StoreAction::Add, [Flag::Deleted]));
    assert_stale(target.delete(&copied));
    let theirs = target.fetch(&UidSet::all(), [FetchItem::Flags]).unwrap();
    for row in theirs {
        assert!(copied.insert(&row.unwrap().id()).is_err());
    }
    assert_eq!(server.messages_of("joe", "INBOX").len(), 3);
}
