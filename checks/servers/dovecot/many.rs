//! Ten thousand messages: as a stream, in batches, from several threads.

use std::thread;

use latchbox::types::{FetchItem, Flag, SearchKey, Section, StoreAction, UidSet};

use super::{session, tapped_on, uid};
use crate::support::dovecot::{User, dovecot};

const COUNT: u32 = 10_000;

fn filled() -> User {
    let user = dovecot().user();
    user.fill("INBOX", COUNT as usize);
    user
}

#[test]
fn ten_thousand_messages_are_listed_in_a_stream() {
    let session = session(&filled());
    let mut inbox = session.lock_mailbox_read_only("INBOX").unwrap();
    assert_eq!(inbox.exists(), COUNT);
    let subject = Section::header_fields(["Subject"]).unwrap();
    let items = [
        FetchItem::Envelope,
        FetchItem::Flags,
        FetchItem::Rfc822Size,
        FetchItem::BodyPeek(subject.clone()),
    ];
    let mut number = 0;
    let mut messages = inbox.fetch(&UidSet::all(), items).unwrap();
    while let Some(message) = messages.next().unwrap() {
        number += 1;
        assert_eq!(message.uid(), uid(number));
        let envelope = message.envelope().unwrap();
        assert_eq!(envelope.subject(), format!("message {number}"));
        let sender = format!("s{}@example.test", number % 97);
        assert_eq!(envelope.from().next().unwrap().email(), Some(sender));
        let is_seen = message.flags().unwrap().contains(&Flag::Seen);
        assert_eq!(is_seen, number % 2 == 1);
        let line = format!("Subject: message {number}\r\n\r\n");
        assert_eq!(message.body(&subject), Some(line.as_bytes()));
        assert!(message.size().is_some_and(|size| size > 100));
    }
    assert_eq!(number, COUNT);
    drop(messages);
    assert_eq!(inbox.search(SearchKey::All).unwrap().to_string(), "1:10000");
}

#[test]
fn batches_are_complete_and_let_commands_go_between_them() {
    let session = session(&filled());
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let unseen = inbox.search(SearchKey::Unseen).unwrap();
    assert_eq!(unseen.len(), u64::from(COUNT / 2));
    let mut batches = inbox.batches(&unseen, [FetchItem::Envelope], 700).unwrap();
    let mut sizes = Vec::new();
    let mut next = 2;
    while let Some(batch) = batches.next(&mut inbox).unwrap() {
        for message in &batch {
            assert_eq!(message.uid(), uid(next));
            let subject = message.envelope().unwrap().subject().into_owned();
            assert_eq!(subject, format!("message {next}"));
            next += 2;
        }
        let done = UidSet::unbound(batch.iter().map(latchbox::message::Fetch::uid));
        inbox.store(&done, StoreAction::Add, [Flag::Seen]).unwrap();
        session.noop().unwrap();
        sizes.push(batch.len());
    }
    assert_eq!(sizes, [700, 700, 700, 700, 700, 700, 700, 100]);
    assert!(batches.next(&mut inbox).unwrap().is_none());
    assert!(inbox.search(SearchKey::Unseen).unwrap().is_empty());
}

#[test]
fn batches_of_one_mailbox_are_refused_for_another() {
    let user = dovecot().user();
    user.fill("INBOX", 3);
    let session = session(&user);
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let mut batches = inbox
        .batches(&UidSet::all(), [FetchItem::Flags], 1)
        .unwrap();
    assert_eq!(batches.next(&mut inbox).unwrap().unwrap().len(), 1);
    drop(inbox);
    let mut trash = session.lock_mailbox("Trash").unwrap();
    let error = batches.next(&mut trash).unwrap_err();
    assert!(matches!(error, latchbox::Error::StaleUids(_)), "{error}");
    drop(trash);
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let last = batches.next(&mut inbox).unwrap().unwrap();
    assert_eq!(
        last[0].uid(),
        uid(3),
        "the one that failed is not tried again"
    );
}

#[test]
fn a_set_too_long_for_one_command_is_fetched_in_several() {
    let (session, sent) = tapped_on(dovecot(), &filled());
    let mut inbox = session.lock_mailbox_read_only("INBOX").unwrap();
    // No two of them are neighbours, so that each is a range of its own.
    let odd = inbox.search(SearchKey::Seen).unwrap();
    sent.take();
    let fetched = inbox.fetch(&odd, [FetchItem::Rfc822Size]).unwrap();
    let found = UidSet::unbound(fetched.into_iter().map(|m| m.unwrap().uid()));
    assert_eq!(found.to_string(), odd.to_string());
    let commands = sent.take();
    assert!(commands.lines().count() > 1);
    assert!(commands.lines().all(|line| line.len() < 8000));
}

#[test]
fn a_long_set_is_searched_stored_copied_and_deleted() {
    let session = session(&filled());
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let odd = inbox.search(SearchKey::Seen).unwrap();
    assert_eq!(inbox.search(SearchKey::from(odd.clone())).unwrap(), odd);
    inbox
        .store(&odd, StoreAction::Add, [Flag::Flagged])
        .unwrap();
    assert_eq!(inbox.search(SearchKey::Flagged).unwrap(), odd);
    let copied = inbox.copy(&odd, "Archive").unwrap();
    assert_eq!(copied.pairs().count(), 5000);
    assert_eq!(inbox.delete(&odd).unwrap().count(), 5000);
    assert_eq!(inbox.exists(), COUNT / 2);
}

#[test]
fn an_early_drop_of_a_long_stream_leaves_the_connection_in_step() {
    let session = session(&filled());
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let items = [FetchItem::Envelope, FetchItem::BodyStructure];
    let mut messages = inbox.fetch(&UidSet::all(), items).unwrap();
    for _ in 0..10 {
        messages.next().unwrap().unwrap();
    }
    drop(messages);
    assert_eq!(
        inbox.search(SearchKey::All).unwrap().len(),
        u64::from(COUNT)
    );
    drop(inbox);
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                let mut inbox = session.lock_mailbox_read_only("INBOX").unwrap();
                let mut messages = inbox.fetch(&UidSet::all(), [FetchItem::Flags]).unwrap();
                assert_eq!(messages.next().unwrap().unwrap().uid(), uid(1));
            });
        }
    });
    session.noop().unwrap();
}
