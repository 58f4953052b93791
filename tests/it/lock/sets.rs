//! Sets of messages know where they come from, and an empty one never means all.

use latchbox::types::{FetchItem, Flag, SearchKey, StoreAction, Uid, UidSet, UidValidity};
use latchbox::{Error, MailboxGuard};

use super::{Place, count, fill, on_both_servers};

on_both_servers!(
    uids_of_another_mailbox_are_refused_before_anything_is_sent,
    uids_from_before_a_new_uid_validity_are_refused_before_anything_is_sent,
    uids_of_copies_and_appended_messages_belong_to_their_mailbox,
    uids_without_origin_are_taken_as_they_are,
    an_empty_set_that_a_search_gave_is_nothing_to_do,
    an_empty_set_made_by_hand_is_refused,
    a_set_of_an_empty_mailbox_asks_for_nothing,
);

/// Every command of the guard that takes a set of UIDs.
fn attempts(
    guard: &mut MailboxGuard<'_>,
    uids: &UidSet,
) -> Vec<(&'static str, latchbox::Result<()>)> {
    let flags = [FetchItem::Flags];
    let fetch = guard.fetch(uids, flags.clone()).map(drop);
    vec![
        ("fetch", fetch),
        ("batches", guard.batches(uids, flags, 10).map(drop)),
        (
            "store",
            guard
                .store(uids, StoreAction::Add, [Flag::Deleted])
                .map(drop),
        ),
        ("copy", guard.copy(uids, "Archive").map(drop)),
        ("move", guard.move_to(uids, "Archive").map(drop)),
        ("expunge", guard.expunge_uids(uids).map(drop)),
        ("delete", guard.delete(uids).map(drop)),
    ]
}

#[track_caller]
fn assert_all_stale(guard: &mut MailboxGuard<'_>, uids: &UidSet, of: &str) {
    let mut refused = attempts(guard, uids);
    let search = guard.search(SearchKey::from(uids.clone())).map(drop);
    refused.push(("search", search));
    let nested = SearchKey::Seen.or(!SearchKey::from(uids.clone()));
    refused.push(("search in search", guard.search(nested).map(drop)));
    for (command, result) in refused {
        match result {
            Err(Error::StaleUids(stale)) => {
                assert_eq!(stale.origin().mailbox().as_str(), of);
                assert_eq!(stale.mailbox(), guard.name());
            }
            other => panic!("{command}: {other:?}"),
        }
    }
}

fn uids_of_another_mailbox_are_refused_before_anything_is_sent(place: &dyn Place) {
    let (session, sent) = place.tapped();
    fill(&session, "INBOX", 3);
    fill(&session, "Trash", 3);
    let in_trash = session
        .lock_mailbox("Trash")
        .unwrap()
        .search(SearchKey::All)
        .unwrap();
    assert_eq!(in_trash.origin().unwrap().mailbox().as_str(), "Trash");
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    sent.take();
    assert_all_stale(&mut inbox, &in_trash, "Trash");
    let none_in_trash = in_trash.difference(&in_trash).unwrap();
    assert!(none_in_trash.is_empty());
    assert_eq!(sent.take(), "");
    let in_inbox = inbox.search(SearchKey::All).unwrap();
    assert!(in_inbox.union(&in_trash).is_err());
    drop(inbox);
    assert_eq!((count(place, "INBOX"), count(place, "Trash")), (3, 3));
}

fn uids_from_before_a_new_uid_validity_are_refused_before_anything_is_sent(place: &dyn Place) {
    let ((session, sent), other) = (place.tapped(), place.session());
    session.create("Box").unwrap();
    fill(&session, "Box", 2);
    let old = session
        .lock_mailbox("Box")
        .unwrap()
        .search(SearchKey::All)
        .unwrap();
    session.lock_mailbox("Box").unwrap().unselect().unwrap();
    other.delete("Box").unwrap();
    other.create("Box").unwrap();
    fill(&other, "Box", 2);
    let mut again = session.lock_mailbox("Box").unwrap();
    let validity = again.mailbox().unwrap().uid_validity();
    assert_ne!(old.origin().unwrap().uid_validity(), validity);
    sent.take();
    assert_all_stale(&mut again, &old, "Box");
    assert_eq!(sent.take(), "");
    assert_eq!(again.search(SearchKey::All).unwrap().len(), 2);
    drop(again);
    assert_eq!(count(place, "Box"), 2);
}

fn uids_of_copies_and_appended_messages_belong_to_their_mailbox(place: &dyn Place) {
    let session = place.session();
    let appended = session.append("INBOX", b"Subject: one\r\n\r\n").unwrap();
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let validity: Option<UidValidity> = inbox.mailbox().unwrap().uid_validity();
    assert_eq!(appended.uid_validity(), validity);
    let appended = appended.uids().unwrap();
    assert_eq!(inbox.search(SearchKey::All).unwrap(), *appended);
    let copied = inbox.copy(appended, "Archive").unwrap();
    assert_all_stale(&mut inbox, copied.copies().unwrap(), "Archive");
    let moved = inbox.move_to(appended, "Archive").unwrap();
    drop(inbox);
    let mut archive = session.lock_mailbox("Archive").unwrap();
    let both = copied
        .copies()
        .unwrap()
        .union(moved.copies().unwrap())
        .unwrap();
    assert_eq!(archive.search(SearchKey::All).unwrap(), both);
    assert_eq!(archive.delete(&both).unwrap().count(), 2);
}

fn uids_without_origin_are_taken_as_they_are(place: &dyn Place) {
    let session = place.session();
    fill(&session, "INBOX", 3);
    fill(&session, "Trash", 3);
    let in_trash = session
        .lock_mailbox("Trash")
        .unwrap()
        .search(SearchKey::All)
        .unwrap();
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let bare = in_trash.without_origin();
    assert!(bare.origin().is_none());
    assert_eq!(
        inbox
            .fetch(&bare, [FetchItem::Flags])
            .unwrap()
            .into_iter()
            .count(),
        3
    );
    let two = UidSet::unbound_range(Uid::MIN..=Uid::new(2).unwrap());
    assert_eq!(inbox.delete(&two).unwrap().count(), 2);
    assert_eq!(inbox.exists(), 1);
}

fn an_empty_set_that_a_search_gave_is_nothing_to_do(place: &dyn Place) {
    let (session, sent) = place.tapped();
    fill(&session, "INBOX", 2);
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let none = inbox.search(SearchKey::Flagged).unwrap();
    assert!(none.is_empty());
    sent.take();
    for (command, result) in attempts(&mut inbox, &none) {
        assert!(result.is_ok(), "{command}: {result:?}");
    }
    assert_eq!(
        inbox
            .fetch(&none, [FetchItem::Flags])
            .unwrap()
            .into_iter()
            .count(),
        0
    );
    assert_eq!(inbox.delete(&none).unwrap().count(), 0);
    assert_eq!(sent.take(), "");
    assert_eq!(inbox.exists(), 2);
    assert_eq!(count(place, "INBOX"), 2);
    // In a search it would say nothing, or everything.
    let refused = inbox.search(SearchKey::from(none)).unwrap_err();
    assert!(matches!(refused, Error::Argument(_)), "{refused}");
}

fn an_empty_set_made_by_hand_is_refused(place: &dyn Place) {
    let (session, sent) = place.tapped();
    fill(&session, "INBOX", 2);
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    sent.take();
    for (command, result) in attempts(&mut inbox, &UidSet::new()) {
        assert!(
            matches!(result, Err(Error::Argument(_))),
            "{command}: {result:?}"
        );
    }
    for key in [SearchKey::And(Vec::new()), SearchKey::from(UidSet::new())] {
        let search = inbox.search(key);
        assert!(matches!(search, Err(Error::Argument(_))), "{search:?}");
    }
    assert_eq!(sent.take(), "");
    drop(inbox);
    assert_eq!(count(place, "INBOX"), 2);
}

/// Some servers refuse `1:*` where there is nothing.
fn a_set_of_an_empty_mailbox_asks_for_nothing(place: &dyn Place) {
    let (session, sent) = place.tapped();
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    sent.take();
    let mut messages = inbox.fetch(&UidSet::all(), [FetchItem::Flags]).unwrap();
    assert!(messages.next().unwrap().is_none());
    drop(messages);
    assert_eq!(sent.take(), "");
    assert!(inbox.search(SearchKey::All).unwrap().is_empty());
}
