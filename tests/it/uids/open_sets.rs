//! `n:*` where `n` is above the highest UID: nothing below what was asked for.

use latchbox::command::{CopyMessages, Search, Store};
use latchbox::types::{
    FetchItem, Flag, SearchKey, SearchReturn, SortKey, StoreAction, ThreadAlgorithm, Uid, UidSet,
};
use latchbox_testkit::Server;

use super::log_in;
use crate::scripted::selecting_with;

fn from_100() -> UidSet {
    UidSet::from_uid(Uid::try_from(100).unwrap())
}

/// On a server that takes the numbers as the RFC says, which has the UIDs 1 to 3.
#[test]
fn fault_62_a_set_from_a_uid_on_is_nothing_where_all_are_below() {
    for without in [&[][..], &["MOVE", "ESEARCH", "SEARCHRES", "SORT"]] {
        let messages = (1..=3).map(|number| format!("Subject: {number}\r\n\r\n").into_bytes());
        let builder_of_it = Server::builder()
            .user("jane", "secret")
            .mailbox("INBOX", messages)
            .mailbox("Archive", Vec::<Vec<u8>>::new());
        let builder_of_it = without
            .iter()
            .fold(builder_of_it, |it, name| it.without(name));
        let server = builder_of_it.start().unwrap();
        let before = server.messages("INBOX").len();
        let session = log_in(&server, "jane");
        let mut inbox = session.lock_mailbox("INBOX").unwrap();
        let set = from_100();
        let key = || SearchKey::Uid(set.clone());
        assert_eq!(
            inbox
                .fetch(&set, [FetchItem::Flags])
                .unwrap()
                .into_iter()
                .count(),
            0
        );
        assert_eq!(inbox.fetch_flags(&set).unwrap().len(), 0);
        assert_eq!(
            inbox
                .batches(&set, [FetchItem::Flags], 5)
                .unwrap()
                .remaining(),
            0
        );
        assert!(inbox.search(key()).unwrap().is_empty());
        assert_eq!(inbox.search(!key()).unwrap().len(), 3);
        let count = SearchReturn::new().count().max();
        let found = inbox.run(Search::new(key()).returning(count)).unwrap();
        assert_eq!((found.count(), found.max()), (Some(0), None));
        assert!(inbox.search_saved(key()).unwrap().is_empty());
        assert!(inbox.sort([SortKey::Arrival], key()).unwrap().is_empty());
        let threads = inbox.thread(ThreadAlgorithm::References, key()).unwrap();
        assert!(threads.uids().is_empty());
        inbox
            .store(&set, StoreAction::Add, [Flag::Deleted])
            .unwrap();
        inbox.copy(&set, "Archive").unwrap();
        inbox.delete(&set).unwrap();
        inbox.expunge_uids(&set).unwrap();
        inbox.move_to(&set, "Archive").unwrap();
        let (found, stored, copied) = inbox
            .pipeline((
                Search::new(key()),
                Store::add(&set, &[Flag::Deleted]),
                CopyMessages::new(&set, "Archive").unwrap(),
            ))
            .unwrap();
        assert!(found.unwrap().all().unwrap().is_empty());
        assert!(stored.unwrap().changed().is_empty());
        copied.unwrap();
        // Numbers in the order of the mailbox, too.
        let mut numbered = inbox.numbered();
        let above = numbered.parse("100:*").unwrap();
        assert_eq!(
            numbered
                .fetch(&above, [FetchItem::Uid])
                .unwrap()
                .into_iter()
                .count(),
            0
        );
        numbered
            .store(&above, StoreAction::Add, [Flag::Deleted])
            .unwrap();
        numbered.move_to(&above, "Archive").unwrap();
        drop(inbox);
        let after = server.messages("INBOX");
        assert_eq!(after.len(), before);
        assert!(
            after.iter().all(|message| message.flags.is_empty()),
            "{after:?}"
        );
        assert!(server.messages("Archive").is_empty());
    }
}

/// On a server that names the highest all the same.
#[test]
fn fault_62_rows_and_numbers_below_are_not_taken() {
    let (server, session) = selecting_with(
        "IMAP4rev1 UIDPLUS MOVE",
        r"
        C: {a} UID FETCH 100:4294967295 (FLAGS)
        S: * 3 FETCH (UID 99 FLAGS (\Seen))
        S: * 4 FETCH (UID 101 FLAGS ())
        S: {a} OK done
        C: {b} UID SEARCH UID 100:4294967295
        S: * SEARCH 99
        S: {b} OK done
        C: {c} UID SEARCH UID 100:4294967295
        S: * SEARCH 99 100
        S: {c} OK done
        C: {d} UID STORE 100 +FLAGS.SILENT (\Deleted)
        S: {d} OK done
        C: {e} UID EXPUNGE 100
        S: {e} OK done
        C: {f} UID STORE 5,100:4294967295 +FLAGS (\Seen)
        S: * 3 FETCH (UID 99 FLAGS (\Seen))
        S: {f} OK done
        ",
        |builder| builder,
    );
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let rows = inbox.fetch(&from_100(), [FetchItem::Flags]).unwrap();
    let uids: Vec<_> = rows.into_iter().map(|row| row.unwrap().uid()).collect();
    assert_eq!(uids, [Uid::new(101).unwrap()]);
    assert!(inbox.search(SearchKey::Uid(from_100())).unwrap().is_empty());
    inbox.delete(&from_100()).unwrap();
    let some = super::set("5,100:*");
    let stored = inbox.store(&some, StoreAction::Add, [Flag::Seen]).unwrap();
    assert!(stored.changed().is_empty());
    drop(inbox);
    drop(session);
    server.finish();
}
