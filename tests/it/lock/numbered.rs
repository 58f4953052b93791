//! Sequence numbers hold as long as the view that made them, and a server that breaks its word
//! about them is heard before anything is sent.

use latchbox::error::MailboxError;
use latchbox::guard::Numbered;
use latchbox::types::{FetchItem, Flag, SearchKey, SeqNum, SequenceSet, StoreAction, Uid, UidSet};
use latchbox::{Error, Session};

use super::{Place, commands, count, fill, on_both_servers};
use crate::scripted::selecting_with;
use crate::support::script::Script;

on_both_servers!(
    the_last_ones_are_as_many_as_there_are,
    numbers_found_by_a_search_are_places_and_not_uids,
    a_set_is_made_of_what_is_at_hand,
    no_message_is_nothing_to_do,
    numbers_of_another_guard_are_refused_before_anything_is_sent,
    numbers_kept_in_a_key_are_refused_once_a_message_has_gone,
    what_moves_by_number_uses_the_view_up,
);

/// The UIDs of messages that are streamed by number.
fn uids(messages: latchbox::command::Messages<'_>) -> Vec<u32> {
    let uid = |message: latchbox::Result<latchbox::message::Fetch>| message.unwrap().uid();
    let messages = messages.into_iter();
    messages.map(|message| uid(message).value()).collect()
}

#[track_caller]
fn assert_renumbered<T: std::fmt::Debug>(result: latchbox::Result<T>) {
    match result {
        Err(Error::Mailbox(error)) if matches!(*error, MailboxError::Renumbered(_)) => {}
        other => panic!("{other:?}"),
    }
}

#[track_caller]
fn assert_foreign<T: std::fmt::Debug>(result: latchbox::Result<T>) {
    match result {
        Err(Error::Mailbox(error)) if matches!(*error, MailboxError::ForeignNumbers(_)) => {}
        other => panic!("{other:?}"),
    }
}

fn the_last_ones_are_as_many_as_there_are(place: &dyn Place) {
    let session = place.session();
    fill(&session, "INBOX", 4);
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    inbox.delete(&UidSet::unbound([Uid::MIN])).unwrap();
    let mut numbered = inbox.numbered();
    assert_eq!(numbered.exists(), 3);
    assert_eq!(numbered.last(50).to_string(), "1:3");
    assert_eq!(numbered.last(u32::MAX).to_string(), "1:3");
    assert!(numbered.last(0).is_empty());
    let last_two = numbered.last(2);
    assert_eq!(last_two.to_string(), "2:3");
    let fetched = numbered.fetch(&last_two, [FetchItem::Uid]).unwrap();
    assert_eq!(uids(fetched), [3, 4]);
    let stored = numbered
        .store(&last_two, StoreAction::Add, [Flag::Seen])
        .unwrap();
    assert_eq!(stored.changed().count(), 2);
    let key = SearchKey::from(&last_two);
    assert_eq!(inbox.search(SearchKey::Seen).unwrap().to_string(), "3:4");
    assert_eq!(inbox.search(key).unwrap().to_string(), "3:4");
}

fn numbers_found_by_a_search_are_places_and_not_uids(place: &dyn Place) {
    let (session, sent) = place.tapped();
    fill(&session, "INBOX", 4);
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    inbox.delete(&UidSet::unbound([Uid::MIN])).unwrap();
    sent.take();
    let mut numbered = inbox.numbered();
    let found = numbered.search(SearchKey::Unseen).unwrap();
    assert_eq!(found.to_string(), "1:3");
    let searched = commands(&sent);
    assert!(
        searched.iter().all(|line| line.starts_with("SEARCH ")),
        "{searched:?}"
    );
    let narrower = SearchKey::from(&numbered.last(2)).and(SearchKey::Unseen);
    assert_eq!(numbered.search(narrower).unwrap().to_string(), "2:3");
    let fetched = numbered.fetch(&found, [FetchItem::Uid]).unwrap();
    assert_eq!(uids(fetched), [2, 3, 4]);
}

fn a_set_is_made_of_what_is_at_hand(place: &dyn Place) {
    let session = place.session();
    let mut inbox = session.lock_mailbox_read_only("INBOX").unwrap();
    let numbered = inbox.numbered();
    let number = |number| SeqNum::new(number).unwrap();
    let (two, five) = (number(2), number(5));
    assert_eq!(numbered.all().to_string(), "1:*");
    for (set, written) in [
        (numbered.range(two..=five), "2:5"),
        (numbered.range(two..five), "2:4"),
        (numbered.range(..=five), "1:5"),
        (numbered.range(..five), "1:4"),
        (numbered.range(five..), "5:*"),
        (numbered.range(..), "1:*"),
        (numbered.range(five..=two), ""),
        (numbered.range(..number(1)), ""),
        (numbered.set([five, two]), "2,5"),
        (numbered.set(None), ""),
        (numbered.parse("9:*,4,1:3").unwrap(), "1:4,9:*"),
    ] {
        assert_eq!(set.to_string(), written);
    }
    for text in ["", "0", "1,", "x", "1..5"] {
        assert!(numbered.parse(text).is_err(), "{text:?}");
    }
}

fn no_message_is_nothing_to_do(place: &dyn Place) {
    let (session, sent) = place.tapped();
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    sent.take();
    for text in ["", "1:*", "5:*", "*"] {
        let mut numbered = inbox.numbered();
        let set = match text {
            "" => numbered.last(50),
            text => numbered.parse(text).unwrap(),
        };
        assert_eq!(set.to_string(), text);
        let fetched = numbered.fetch(&set, [FetchItem::Uid]).unwrap();
        assert!(uids(fetched).is_empty());
        let stored = numbered.store(&set, StoreAction::Add, [Flag::Seen]);
        assert!(stored.unwrap().changed().next().is_none());
        let copied = numbered.copy(&set, "Archive").unwrap();
        assert!(copied.copies().is_none());
    }
    assert_eq!(sent.take(), "");
}

fn numbers_of_another_guard_are_refused_before_anything_is_sent(place: &dyn Place) {
    let ((here, sent), there) = (place.tapped(), place.session());
    fill(&here, "INBOX", 3);
    let mut inbox = here.lock_mailbox("INBOX").unwrap();
    let mut theirs = there.lock_mailbox("INBOX").unwrap();
    let other = theirs.numbered();
    sent.take();
    let mut numbered = inbox.numbered();
    let mixed = numbered.last(1).union(&other.last(2));
    for set in [other.last(1), other.last(0), mixed] {
        assert_foreign(numbered.fetch(&set, [FetchItem::Uid]).map(drop));
        assert_foreign(numbered.store(&set, StoreAction::Add, [Flag::Deleted]));
    }
    let set = other.all();
    assert_foreign(numbered.search(!SearchKey::from(&set)));
    assert_foreign(inbox.numbered().copy(&set, "Archive"));
    assert_foreign(inbox.numbered().move_to(&set, "Archive"));
    assert_foreign(inbox.search(SearchKey::Seen.or(SearchKey::from(&set))));
    assert_eq!(sent.take(), "");
    assert_eq!((count(place, "INBOX"), count(place, "Archive")), (3, 0));
}

fn numbers_kept_in_a_key_are_refused_once_a_message_has_gone(place: &dyn Place) {
    let (session, sent) = place.tapped();
    fill(&session, "INBOX", 3);
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let last = SearchKey::from(&inbox.numbered().last(1));
    assert_eq!(inbox.search(&last).unwrap().to_string(), "3");
    inbox.delete(&UidSet::unbound([Uid::MIN])).unwrap();
    sent.take();
    assert_renumbered(inbox.search(&last));
    assert_renumbered(inbox.search(SearchKey::Seen.or(!last)));
    assert_eq!(sent.take(), "");
}

fn what_moves_by_number_uses_the_view_up(place: &dyn Place) {
    let session = place.session();
    fill(&session, "INBOX", 3);
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let numbered = inbox.numbered();
    let first = numbered.set(SeqNum::new(1));
    let moved = numbered.move_to(&first, "Archive").unwrap();
    assert_eq!(moved.copies().unwrap().len(), 1);
    let mut numbered = inbox.numbered();
    let rest = numbered.last(50);
    assert_eq!(rest.to_string(), "1:2");
    let fetched = numbered.fetch(&rest, [FetchItem::Uid]).unwrap();
    assert_eq!(uids(fetched), [2, 3]);
}

/// A script that goes on after INBOX was locked, on a server without UIDPLUS.
#[track_caller]
fn selecting(lines: &str) -> (Script, Session) {
    selecting_with("IMAP4rev1 MOVE", lines, |builder| builder)
}

/// Each use of a view that is no longer good, and of the numbers kept from it.
fn assert_all_renumbered<'n>(mut numbered: Numbered<'n>, set: &SequenceSet<'n>) {
    assert_renumbered(
        numbered
            .fetch(set, [FetchItem::Uid])
            .and_then(|mut messages| {
                let message = messages.next()?;
                Ok(message.map(latchbox::message::Fetch::uid))
            }),
    );
    assert_renumbered(numbered.store(set, StoreAction::Add, [Flag::Deleted]));
    assert_renumbered(numbered.search(SearchKey::All));
    let later = numbered.last(1);
    assert_renumbered(numbered.store(&later, StoreAction::Add, [Flag::Deleted]));
    assert_renumbered(numbered.move_to(set, "Archive"));
}

#[test]
fn a_message_removed_in_the_middle_of_a_fetch_ends_the_view() {
    let (server, session) = selecting(
        "
        C: {a} FETCH 1:3 (UID)
        S: * 1 FETCH (UID 11)
        S: * 1 EXPUNGE
        S: * 1 FETCH (UID 12)
        S: * 2 FETCH (UID 13)
        S: {a} OK done
        C: {b} FETCH 1:2 (UID)
        S: * 1 FETCH (UID 12)
        S: * 2 FETCH (UID 13)
        S: {b} OK done
        ",
    );
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let mut numbered = inbox.numbered();
    let set = numbered.last(3);
    let mut messages = numbered.fetch(&set, [FetchItem::Uid]).unwrap();
    assert_eq!(messages.next().unwrap().unwrap().uid().value(), 11);
    assert_renumbered(messages.next().map(|message| message.is_some()));
    assert!(messages.next().unwrap().is_none());
    drop(messages);
    assert_all_renumbered(numbered, &set);
    let mut numbered = inbox.numbered();
    let set = numbered.last(3);
    let fetched = numbered.fetch(&set, [FetchItem::Uid]).unwrap();
    assert_eq!(uids(fetched), [12, 13]);
    drop(inbox);
    server.finish();
}

#[test]
fn a_message_removed_at_the_end_of_an_answer_spares_the_answer() {
    for news in ["* 2 EXPUNGE", "* VANISHED 12", "* 2 EXISTS"] {
        let (server, session) = selecting(&format!(
            "
            C: {{a}} FETCH 1:2 (UID)
            S: * 1 FETCH (UID 11)
            S: * 2 FETCH (UID 12)
            S: {news}
            S: {{a}} OK done
            "
        ));
        let mut inbox = session.lock_mailbox("INBOX").unwrap();
        let mut numbered = inbox.numbered();
        let set = numbered.parse("1:2").unwrap();
        let fetched = numbered.fetch(&set, [FetchItem::Uid]).unwrap();
        assert_eq!(uids(fetched), [11, 12]);
        assert_all_renumbered(numbered, &set);
        assert_eq!(inbox.exists(), 2, "{news}");
        drop(inbox);
        server.finish();
    }
}

#[test]
fn what_is_no_removal_spares_the_view() {
    let (server, session) = selecting(
        "
        C: {a} FETCH 1 (UID)
        S: * VANISHED (EARLIER) 1:5
        S: * 3 EXISTS
        S: * 4 EXISTS
        S: * 1 FETCH (UID 11)
        S: {a} OK done
        C: {b} FETCH 1 (UID)
        S: * 1 FETCH (UID 11)
        S: {b} OK done
        ",
    );
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let mut numbered = inbox.numbered();
    let set = numbered.range(..=SeqNum::MIN);
    for _ in 0..2 {
        let fetched = numbered.fetch(&set, [FetchItem::Uid]).unwrap();
        assert_eq!(uids(fetched), [11]);
    }
    assert_eq!(numbered.last(1).to_string(), "4");
    server.finish();
}

#[test]
fn a_removal_that_has_arrived_is_heard_before_the_next_command() {
    let (server, session) = selecting(
        r"
        C: {a} SEARCH ALL
        S-raw: * SEARCH 1 2 3\r\n{a} OK done\r\n* 2 EXPUNGE\r\n
        ",
    );
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let mut numbered = inbox.numbered();
    let set = numbered.search(SearchKey::All).unwrap();
    assert_all_renumbered(numbered, &set);
    drop(inbox);
    server.finish();
}

/// Each command looks for itself, not only the first after the removal.
#[test]
fn a_removal_that_has_arrived_is_heard_by_every_command() {
    type Attempt = for<'n> fn(Numbered<'n>, &SequenceSet<'n>) -> latchbox::Result<()>;
    let attempts: [Attempt; 5] = [
        |mut numbered, set| {
            let mut messages = numbered.fetch(set, [FetchItem::Uid])?;
            messages.next().map(drop)
        },
        |mut numbered, set| {
            let stored = numbered.store(set, StoreAction::Add, [Flag::Deleted]);
            stored.map(drop)
        },
        |mut numbered, _| numbered.search(SearchKey::All).map(drop),
        |numbered, set| numbered.copy(set, "Archive").map(drop),
        |numbered, set| numbered.move_to(set, "Archive").map(drop),
    ];
    for attempt in attempts {
        let (server, session) = selecting(
            r"
            C: {a} SEARCH ALL
            S-raw: * SEARCH 1 2 3\r\n{a} OK done\r\n* 2 EXPUNGE\r\n
            ",
        );
        let mut inbox = session.lock_mailbox("INBOX").unwrap();
        let mut numbered = inbox.numbered();
        let set = numbered.search(SearchKey::All).unwrap();
        assert_renumbered(attempt(numbered, &set));
        drop(inbox);
        server.finish();
    }
}

#[test]
fn a_removal_that_has_arrived_is_heard_by_a_search_for_uids_of_numbers() {
    let (server, session) = selecting(
        r"
        C: {a} SEARCH ALL
        S-raw: * SEARCH 1 2 3\r\n{a} OK done\r\n* 2 EXPUNGE\r\n
        ",
    );
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let found = inbox.numbered().search(SearchKey::All).unwrap();
    let found = SearchKey::from(&found);
    assert_renumbered(inbox.search(found));
    drop(inbox);
    server.finish();
}

#[test]
fn a_removal_in_what_was_left_of_a_stream_is_heard_before_the_next_command() {
    let (server, session) = selecting(
        "
        C: {a} FETCH 1:3 (UID)
        S: * 1 FETCH (UID 11)
        wait: dropped
        S: * 1 EXPUNGE
        S: {a} OK done
        ",
    );
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let mut numbered = inbox.numbered();
    let set = numbered.last(3);
    let mut messages = numbered.fetch(&set, [FetchItem::Uid]).unwrap();
    assert!(messages.next().unwrap().is_some());
    drop(messages);
    server.go("dropped");
    assert_all_renumbered(numbered, &set);
    drop(inbox);
    server.finish();
}

#[test]
fn a_set_too_long_for_one_command_is_not_gone_on_with() {
    let (server, session) = selecting(
        "
        C-start: {a} FETCH 1,3,5,
        S: * 1 FETCH (UID 11)
        S: * 2 EXPUNGE
        S: {a} OK done
        ",
    );
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let mut numbered = inbox.numbered();
    let odd = numbered.set((1..5_000).step_by(2).filter_map(SeqNum::new));
    let mut messages = numbered.fetch(&odd, [FetchItem::Uid]).unwrap();
    assert!(messages.next().unwrap().is_some());
    assert_renumbered(messages.next().map(|message| message.is_some()));
    drop(messages);
    drop(inbox);
    server.finish();
}

#[test]
fn a_store_tells_no_flags_by_numbers_that_have_changed() {
    let (server, session) = selecting(
        r"
        C: {a} STORE 1:3 +FLAGS (\Seen)
        S: * 1 FETCH (FLAGS (\Seen))
        S: * 1 EXPUNGE
        S: * 1 FETCH (FLAGS (\Seen))
        S: {a} OK done
        ",
    );
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let mut numbered = inbox.numbered();
    let set = numbered.last(3);
    let stored = numbered
        .store(&set, StoreAction::Add, [Flag::Seen])
        .unwrap();
    assert_eq!(stored.changed().count(), 1);
    assert_all_renumbered(numbered, &set);
    // What came later is told in its order.
    assert_eq!(inbox.events().len(), 2);
    drop(inbox);
    server.finish();
}

#[test]
fn numbers_of_an_earlier_selection_are_foreign() {
    let (server, session) = selecting(
        r#"
        C: {a} SELECT "Trash"
        S: * 1 EXISTS
        S: {a} OK [READ-WRITE] fine
        C: {b} SELECT "INBOX"
        S: * 3 EXISTS
        S: * OK [UIDVALIDITY 1] fine
        S: {b} OK [READ-WRITE] fine
        "#,
    );
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let key = SearchKey::from(&inbox.numbered().last(1));
    let trash = inbox.switch_to("Trash").unwrap();
    let mut inbox = trash.switch_to("INBOX").unwrap();
    assert_foreign(inbox.search(key));
    drop(inbox);
    server.finish();
}

#[test]
fn a_mailbox_that_is_gone_is_not_taken_for_an_empty_one() {
    let (server, session) = selecting(
        "
        C: {a} FETCH 1 (UID)
        S: * 1 FETCH (UID 11)
        S: * OK [CLOSED] it is gone
        S: {a} OK done
        ",
    );
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let mut numbered = inbox.numbered();
    let one = numbered.range(..=SeqNum::MIN);
    let mut messages = numbered.fetch(&one, [FetchItem::Uid]).unwrap();
    while let Ok(Some(_)) = messages.next() {}
    drop(messages);
    let last = numbered.last(50);
    let error = numbered.fetch(&last, [FetchItem::Uid]).unwrap_err();
    match error {
        Error::Mailbox(error) => assert!(matches!(*error, MailboxError::NotSelected(_))),
        other => panic!("{other:?}"),
    }
    drop(inbox);
    server.finish();
}
