//! A hundred thousand messages on a real server, stored, listed, searched and deleted by us.

use latchbox::types::{FetchItem, Flag, SearchKey, SortKey, StoreAction, ThreadAlgorithm, UidSet};
use latchbox::{MailboxGuard, Session};
use latchbox_counting::cost;

use super::{session, tapped_on, uid};
use crate::support::dovecot::dovecot;

const COUNT: u32 = 100_000;

/// How many are stored by one command.
const AT_ONCE: u32 = 10_000;

/// Messages of some 150 octets, made as they are sent.
fn store_all(session: &Session) {
    let message = |number: u32| {
        format!(
            "From: Sender {sender} <s{sender}@example.test>\r\n\
             Subject: message {number}\r\n\
             Message-ID: <{number}@example.test>\r\n\
             \r\n\
             body of message {number}\r\n",
            sender = number % 97,
        )
        .into_bytes()
    };
    for first in (1..COUNT).step_by(AT_ONCE as usize) {
        let messages = (first..first + AT_ONCE).map(message);
        let (cost, appended) = cost(|| session.append_atomic("INBOX", messages).unwrap());
        let uids = format!("{first}:{}", first + AT_ONCE - 1);
        assert_eq!(appended.uids().unwrap().to_string(), uids);
        assert!(cost.peak < 16 << 10, "{cost:?}");
    }
}

#[test]
fn a_hundred_thousand_messages_are_stored_listed_searched_and_deleted() {
    let user = dovecot().user_with("secret", "userdb_mail=mdbox:~/mdbox");
    store_all(&session(&user));
    let (session, sent) = tapped_on(dovecot(), &user);
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    assert_eq!(inbox.exists(), COUNT);

    let items = [FetchItem::Envelope, FetchItem::Flags, FetchItem::Rfc822Size];
    let (cost, listed) = cost(|| {
        let mut messages = inbox.fetch(&UidSet::all(), items).unwrap();
        let mut number = 0;
        while let Some(message) = messages.next().unwrap() {
            number += 1;
            assert_eq!(message.uid(), uid(number));
            let envelope = message.envelope().unwrap();
            assert!(envelope.subject().ends_with(&number.to_string()));
        }
        number
    });
    assert_eq!(listed, COUNT);
    // The read buffer is large while the answer comes.
    assert!(cost.peak < 80 << 10, "{cost:?}");

    // No two of them are neighbours, so that each is a range of its own.
    let odd = UidSet::unbound((1..=COUNT).step_by(2).map(uid));
    sent.take();
    inbox
        .store(&odd, StoreAction::Add, [Flag::Flagged])
        .unwrap();
    let commands = sent.take();
    assert!(commands.lines().count() > 10);
    assert!(commands.lines().all(|line| line.len() < 8000));
    let odd = inbox.search(SearchKey::Flagged).unwrap();
    assert!(odd.iter().map(u32::from).eq((1..=COUNT).step_by(2)));

    let (octets, flagged) = table_of_flags(&mut inbox);
    assert_eq!(flagged, u64::from(COUNT / 2));
    assert!(octets < 4 << 20, "{octets} octets");

    let last = inbox.sort([SortKey::Arrival.reverse()], SearchKey::All);
    assert_eq!(last.unwrap().len(), COUNT as usize);
    let threads = inbox.thread(ThreadAlgorithm::References, SearchKey::All);
    assert_eq!(threads.unwrap().len(), COUNT as usize);

    let mut batches = inbox.batches(&odd, [FetchItem::Envelope], 10_000).unwrap();
    let mut sizes = Vec::new();
    while let Some(batch) = batches.next(&mut inbox).unwrap() {
        sizes.push(batch.len());
    }
    assert_eq!(sizes, [10_000; 5]);

    sent.take();
    assert_eq!(inbox.delete(&odd).unwrap().count(), u64::from(COUNT / 2));
    let commands = sent.take();
    assert!(commands.lines().all(|line| line.len() < 8000));
    assert_eq!(inbox.exists(), COUNT / 2);
    let left = inbox.search(SearchKey::All).unwrap();
    assert!(left.iter().map(u32::from).eq((2..=COUNT).step_by(2)));
}

/// The octets that the table of all flags took at most, and how many are flagged in it.
fn table_of_flags(inbox: &mut MailboxGuard<'_>) -> (u64, u64) {
    let (cost, table) = cost(|| inbox.fetch_flags(&UidSet::all()).unwrap());
    let flagged = table.with_flag(&Flag::Flagged);
    (cost.peak, flagged.len())
}
