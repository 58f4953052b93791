//! Batches on Dovecot.

use latchbox::command::Noop;
use latchbox::types::{MailboxName, StatusItem};

use super::messages;
use crate::dovecot::session;
use crate::support::dovecot::dovecot;

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
