//! Batches on Dovecot.

use latchbox::command::{Noop, Search, Status, Store};
use latchbox::types::{Flag, MailboxName, SearchKey, SearchReturn, StatusItem, UidSet};

use crate::dovecot::session;
use crate::support::dovecot::dovecot;

/// STATUS of the number of messages.
fn messages(name: &str) -> Status {
    Status::new(name, [StatusItem::Messages]).unwrap()
}

#[test]
fn three_hundred_mailboxes_are_counted_in_one_go() {
    let user = dovecot().user();
    let session = session(&user);
    let names: Vec<_> = (0..300).map(|n| format!("Box {n} ü")).collect();
    for name in &names {
        session.create(name.as_str()).unwrap();
    }
    for name in &names[..5] {
        session
            .append(name.as_str(), b"Subject: x\r\n\r\nx\r\n")
            .unwrap();
    }
    let mut asked: Vec<_> = names.iter().map(String::as_str).collect();
    asked.insert(100, "Nowhere");
    let counts = session
        .status_many(asked.clone(), [StatusItem::Messages, StatusItem::UidNext])
        .unwrap();
    assert_eq!(counts.len(), 301);
    for (place, (name, counts)) in asked.iter().zip(counts).enumerate() {
        match counts {
            Ok(counts) => {
                assert_eq!(*counts.name(), MailboxName::new(name).unwrap());
                assert_eq!(counts.messages(), Some(u32::from(place < 5)));
            }
            Err(error) => assert!(place == 100 && !error.is_closed(), "{name}: {error}"),
        }
    }
    session.logout().unwrap();
}

#[test]
fn a_batch_in_a_guard_stands_beside_its_mailbox() {
    let user = dovecot().user();
    user.fill("INBOX", 3);
    let session = session(&user);
    session.create("Box").unwrap();
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let (noop, status) = inbox.pipeline((Noop, messages("Box"))).unwrap();
    noop.unwrap();
    assert_eq!(status.unwrap().messages(), Some(0));
    assert_eq!(inbox.exists(), 3);
}

fn set(text: &str) -> UidSet {
    text.parse().unwrap()
}

#[test]
fn two_hundred_stores_in_one_go_on_dovecot() {
    let user = dovecot().user();
    user.fill("INBOX", 200);
    let session = session(&user);
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let sets: Vec<_> = (1..=200).map(|uid: u32| set(&uid.to_string())).collect();
    let flags = [[Flag::Flagged], [Flag::Answered], [Flag::Draft]];
    let stores = sets.iter().enumerate();
    let stores = stores.map(|(place, uids)| Store::add(uids, &flags[place % 3]));
    for (place, stored) in inbox
        .pipeline(stores.collect::<Vec<_>>())
        .unwrap()
        .into_iter()
        .enumerate()
    {
        let stored = stored.unwrap();
        let [message] = stored.changed() else {
            panic!("message {place}: {stored:?}");
        };
        assert!(message.flags().unwrap().contains(&flags[place % 3][0]));
    }
    let found = inbox.search(SearchKey::Flagged).unwrap();
    assert_eq!(found.len(), 67);
}

fn count(key: SearchKey) -> Search<'static> {
    Search::new(key).returning(SearchReturn::new().count())
}

#[test]
fn dovecot_answers_several_searches_in_one_go() {
    let jane = dovecot().user();
    jane.fill("INBOX", 5);
    let session = session(&jane);
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let uids: UidSet = "2:3".parse().unwrap();
    let flagged = Store::add(&uids, &[Flag::Flagged]);
    let batch = (
        flagged,
        count(SearchKey::Flagged),
        count(SearchKey::All),
        Search::new(SearchKey::Unflagged),
    );
    let (stored, flagged, all, unflagged) = inbox.pipeline(batch).unwrap();
    stored.unwrap();
    assert_eq!(flagged.unwrap().count(), Some(2));
    assert_eq!(all.unwrap().count(), Some(5));
    assert_eq!(unflagged.unwrap().all().unwrap().to_string(), "1,4:5");
}
