//! STORE: flags that are added, removed and replaced, and what has changed meanwhile.

use latchbox::command::Store;
use latchbox::types::{FetchItem, Flag, SearchKey, StoreAction, Uid, UidSet};
use latchbox::{Error, MailboxGuard};

use super::{session, tapped_on, uid, uids};
use crate::support::dovecot::{User, dovecot};

fn filled(count: usize) -> User {
    let user = dovecot().user();
    user.fill("INBOX", count);
    user
}

fn flags_of(inbox: &mut MailboxGuard<'_>, uid: Uid) -> Vec<String> {
    let set = UidSet::unbound([uid]);
    let mut messages = inbox.fetch(&set, [FetchItem::Flags]).unwrap();
    let message = messages.next().unwrap().unwrap();
    let mut flags: Vec<_> = message
        .flags()
        .unwrap()
        .map(|flag| flag.to_string())
        .collect();
    flags.retain(|flag| flag != "\\Recent");
    flags.sort();
    flags
}

#[test]
fn flags_are_added_removed_and_replaced() {
    let session = session(&filled(3));
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let two = uids("2");
    let work = Flag::keyword("$Work").unwrap();
    inbox
        .store(&two, StoreAction::Add, [Flag::Flagged, work.clone()])
        .unwrap();
    assert_eq!(flags_of(&mut inbox, uid(2)), ["$Work", "\\Flagged"]);
    inbox
        .store(&two, StoreAction::Add, [Flag::Answered])
        .unwrap();
    assert_eq!(
        flags_of(&mut inbox, uid(2)),
        ["$Work", "\\Answered", "\\Flagged"]
    );
    inbox
        .store(&two, StoreAction::Remove, [Flag::Flagged, Flag::Draft])
        .unwrap();
    assert_eq!(flags_of(&mut inbox, uid(2)), ["$Work", "\\Answered"]);
    inbox
        .store(&two, StoreAction::Replace, [Flag::Seen, Flag::Draft])
        .unwrap();
    assert_eq!(flags_of(&mut inbox, uid(2)), ["\\Draft", "\\Seen"]);
    inbox.store(&two, StoreAction::Replace, []).unwrap();
    assert!(flags_of(&mut inbox, uid(2)).is_empty());
    assert_eq!(flags_of(&mut inbox, uid(1)), ["\\Seen"], "the others stay");
    assert!(flags_of(&mut inbox, uid(3)) == ["\\Seen"]);
}

#[test]
fn a_store_tells_the_new_flags_unless_it_is_silent() {
    let session = session(&filled(4));
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let stored = inbox
        .store(&uids("2:3"), StoreAction::Add, [Flag::Flagged])
        .unwrap();
    let told: Vec<_> = stored
        .changed()
        .iter()
        .map(|message| {
            (
                message.uid(),
                message.flags().unwrap().contains(&Flag::Flagged),
            )
        })
        .collect();
    assert_eq!(told, [(uid(2), true), (uid(3), true)]);
    assert!(stored.modified().is_empty());
    let stored = inbox.run(Store::remove(&uids("2:3"), &[Flag::Flagged]).silent());
    assert!(stored.unwrap().changed().is_empty());
    assert!(inbox.search(SearchKey::Flagged).unwrap().is_empty());
    let mut numbered = inbox.numbered();
    let places = numbered.parse("1:2").unwrap();
    let stored = numbered
        .store(&places, StoreAction::Add, [Flag::Answered])
        .unwrap();
    assert_eq!(stored.changed().count(), 2);
    assert_eq!(
        inbox.search(SearchKey::Answered).unwrap().to_string(),
        "1:2"
    );
}

#[test]
fn what_another_session_changed_meanwhile_is_left_alone_and_reported() {
    let user = filled(3);
    let (one, other) = (session(&user), session(&user));
    let mut inbox = one.lock_mailbox("INBOX").unwrap();
    let mod_seqs: Vec<_> = inbox
        .fetch(&UidSet::all(), [FetchItem::ModSeq])
        .unwrap()
        .into_iter()
        .map(|message| message.unwrap().mod_seq().unwrap())
        .collect();
    let seen_until = *mod_seqs.iter().max().unwrap();
    let mut theirs = other.lock_mailbox("INBOX").unwrap();
    theirs
        .store(&uids("2"), StoreAction::Add, [Flag::Flagged])
        .unwrap();
    let stored = inbox
        .run(Store::add(&uids("1:3"), &[Flag::Deleted]).unchanged_since(seen_until))
        .unwrap();
    assert_eq!(stored.modified().to_string(), "2");
    assert_eq!(
        stored.modified().origin().unwrap().mailbox().as_str(),
        "INBOX"
    );
    assert_eq!(inbox.search(SearchKey::Deleted).unwrap().to_string(), "1,3");
    // The same by places, where the server's numbers are places too.
    let mut numbered = inbox.numbered();
    let places = numbered.parse("2:3").unwrap();
    let stored = numbered
        .run(
            Store::remove(&places, &[Flag::Deleted])
                .unchanged_since(seen_until)
                .silent(),
        )
        .unwrap();
    assert_eq!(stored.modified().to_string(), "2:3");
    numbered
        .store(stored.modified(), StoreAction::Add, [Flag::Draft])
        .unwrap();
    assert_eq!(inbox.search(SearchKey::Draft).unwrap().to_string(), "2:3");
    assert_eq!(inbox.search(SearchKey::Deleted).unwrap().to_string(), "1,3");
}

#[test]
fn a_store_without_conflict_reports_none() {
    let session = session(&filled(2));
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let set = uids("1:2");
    let newest = inbox
        .fetch(&set, [FetchItem::ModSeq])
        .unwrap()
        .into_iter()
        .filter_map(|message| message.unwrap().mod_seq())
        .max()
        .unwrap();
    let stored = inbox
        .run(Store::add(&set, &[Flag::Flagged]).unchanged_since(newest))
        .unwrap();
    assert!(stored.modified().is_empty());
    assert_eq!(inbox.search(SearchKey::Flagged).unwrap().len(), 2);
}

#[test]
fn flags_that_cannot_be_sent_are_refused_before_anything_is() {
    let (session, sent) = tapped_on(dovecot(), &filled(1));
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    sent.take();
    let none = inbox.store(&uids("1"), StoreAction::Add, []).unwrap_err();
    assert!(matches!(none, Error::Argument(_)), "{none}");
    let recent = inbox
        .store(&uids("1"), StoreAction::Add, [Flag::Recent])
        .unwrap_err();
    assert!(matches!(recent, Error::Argument(_)), "{recent}");
    assert_eq!(sent.take(), "");
    for name in ["two words", "a(b", "a\r\nb", "", "a{b", "\\x y", "]"] {
        assert!(Flag::keyword(name).is_err() || name == "]", "{name}");
    }
}

#[test]
fn a_keyword_is_told_among_the_flags_of_the_mailbox() {
    let session = session(&filled(1));
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let keyword = Flag::keyword("NewKeyword").unwrap();
    assert!(!inbox.mailbox().unwrap().flags().contains(&keyword));
    inbox
        .store(&uids("1"), StoreAction::Add, [keyword.clone()])
        .unwrap();
    assert!(inbox.mailbox().unwrap().flags().contains(&keyword));
}
