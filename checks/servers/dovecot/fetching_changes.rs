//! FETCH on Dovecot: what has changed and what is gone, and the items of its extensions.

use latchbox::command::FetchMessages;
use latchbox::types::{Capability, FetchItem, Flag, Section, StoreAction, UidSet};

use super::{session, uid, uids};
use crate::support::dovecot::dovecot;

const COUNT: u32 = 20;

#[test]
fn what_has_changed_and_what_is_gone_since_a_mod_sequence() {
    let user = dovecot().user();
    user.fill("INBOX", COUNT as usize);
    let (one, other) = (session(&user), session(&user));
    let enabled = one.enable(&[Capability::Qresync]).unwrap();
    assert!(enabled.contains(&Capability::Qresync), "{enabled:?}");
    let all = UidSet::all();
    let mut inbox = one.lock_mailbox("INBOX").unwrap();
    let mut table = inbox.fetch_flags(&all).unwrap();
    let seen = inbox.mailbox().unwrap().highest_mod_seq().unwrap();
    assert_eq!(table.len(), COUNT as usize);

    let mut elsewhere = other.lock_mailbox("INBOX").unwrap();
    elsewhere
        .store(&uids("5"), StoreAction::Add, [Flag::Flagged])
        .unwrap();
    elsewhere
        .store(&uids("7:9"), StoreAction::Add, [Flag::Deleted])
        .unwrap();
    elsewhere.expunge_uids(&uids("7:9")).unwrap();
    inbox.refresh().unwrap();

    let mut messages = inbox
        .stream(FetchMessages::new(&all, &[FetchItem::Flags]).changed_or_vanished_since(seen))
        .unwrap();
    let mut changed = Vec::new();
    while let Some(message) = messages.next().unwrap() {
        assert!(message.mod_seq().is_some_and(|mod_seq| mod_seq > seen));
        changed.push(message.uid());
    }
    assert_eq!(changed, [uid(5)]);
    let vanished = messages.vanished();
    for gone in 7..=9 {
        assert!(vanished.contains(uid(gone)), "{vanished}");
    }
    assert!(!vanished.contains(uid(5)) && !vanished.contains(uid(COUNT)));

    inbox
        .fetch_flags_into(
            &mut table,
            FetchMessages::flags(&all).changed_or_vanished_since(seen),
        )
        .unwrap();
    assert_eq!(table.len(), COUNT as usize - 3);
    assert!(table.get(uid(8)).is_none());
    assert_eq!(table.with_flag(&Flag::Flagged).to_string(), "5");
    let found = inbox.search(latchbox::types::SearchKey::Flagged).unwrap();
    assert_eq!(table.with_flag(&Flag::Flagged), found);
}

#[test]
fn when_a_message_was_saved_and_how_its_text_begins() {
    let session = session(&dovecot().user());
    let message =
        b"Subject: hi\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nHello, \xc3\xa4!\r\n";
    session.append("INBOX", message).unwrap();
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let items = [
        FetchItem::SaveDate,
        FetchItem::Preview,
        FetchItem::InternalDate,
    ];
    let all = UidSet::all();
    let mut messages = inbox.fetch(&all, items).unwrap();
    let fetched = messages.next().unwrap().unwrap();
    let saved = fetched.save_date().unwrap().unwrap();
    let received = fetched.internal_date().unwrap().unwrap();
    let apart = saved.unix_timestamp().abs_diff(received.unix_timestamp());
    assert!(apart < 60, "{saved} and {received}");
    let preview = fetched.preview().unwrap();
    assert_eq!(preview.as_deref(), Some("Hello, \u{e4}!"));
    assert_eq!(fetched.errors().count(), 0);
    assert!(messages.next().unwrap().is_none());

    let mut messages = inbox.fetch(&all, [FetchItem::PreviewLazy]).unwrap();
    let fetched = messages.next().unwrap().unwrap();
    let preview = fetched.preview().unwrap();
    assert!(preview.is_none_or(|preview| preview == "Hello, \u{e4}!"));
}

#[test]
fn a_part_is_decoded_by_the_server() {
    let session = session(&dovecot().user());
    let message = b"MIME-Version: 1.0\r\nContent-Type: application/octet-stream\r\n\
        Content-Transfer-Encoding: base64\r\n\r\nYQBiYw==\r\n";
    session.append("INBOX", message).unwrap();
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let part = Section::part("1").unwrap();
    let partial = part
        .clone()
        .partial(1, std::num::NonZeroU32::new(2).unwrap());
    let items = [
        FetchItem::BinaryPeek(part.clone()),
        FetchItem::BinaryPeek(partial.clone()),
        FetchItem::BinarySize(part.clone()),
        FetchItem::Flags,
    ];
    let mut messages = inbox.fetch(&UidSet::all(), items).unwrap();
    let fetched = messages.next().unwrap().unwrap();
    assert_eq!(fetched.binary(&partial), Some(&b"\0b"[..]));
    assert_eq!(fetched.binary_size(&part), Some(4));
    assert_eq!(fetched.binary(&part), Some(&b"a\0bc"[..]));
    assert!(!fetched.flags().unwrap().contains(&Flag::Seen));
}
