//! EXPUNGE, UID EXPUNGE and delete: what goes, and above all what stays.

use latchbox::types::{Flag, MailboxEvent, SearchKey, StoreAction};

use super::{session, uids};
use crate::support::dovecot::{User, dovecot};

fn filled(count: usize) -> User {
    let user = dovecot().user();
    user.fill("INBOX", count);
    user
}

#[test]
fn delete_removes_these_and_leaves_what_others_flagged() {
    let user = filled(6);
    let (one, other) = (session(&user), session(&user));
    let mut theirs = other.lock_mailbox("INBOX").unwrap();
    theirs
        .store(&uids("1,6"), StoreAction::Add, [Flag::Deleted])
        .unwrap();
    let mut inbox = one.lock_mailbox("INBOX").unwrap();
    let gone = inbox.delete(&uids("2,4")).unwrap();
    assert_eq!(gone.count(), 2);
    assert_eq!(gone.sequence_numbers().len(), 2);
    assert_eq!(inbox.exists(), 4);
    assert_eq!(inbox.search(SearchKey::All).unwrap().to_string(), "1,3,5:6");
    assert_eq!(inbox.search(SearchKey::Deleted).unwrap().to_string(), "1,6");
}

#[test]
fn uid_expunge_removes_only_what_is_both_named_and_flagged() {
    let session = session(&filled(5));
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    inbox
        .store(&uids("1:3"), StoreAction::Add, [Flag::Deleted])
        .unwrap();
    assert_eq!(inbox.expunge_uids(&uids("3:5")).unwrap().count(), 1);
    assert_eq!(inbox.search(SearchKey::All).unwrap().to_string(), "1:2,4:5");
    assert_eq!(inbox.expunge_uids(&uids("4:5")).unwrap().count(), 0);
    assert_eq!(inbox.exists(), 4);
}

#[test]
fn expunge_removes_everything_that_anybody_flagged() {
    let user = filled(5);
    let (one, other) = (session(&user), session(&user));
    let mut theirs = other.lock_mailbox("INBOX").unwrap();
    theirs
        .store(&uids("5"), StoreAction::Add, [Flag::Deleted])
        .unwrap();
    let mut inbox = one.lock_mailbox("INBOX").unwrap();
    inbox
        .store(&uids("1:2"), StoreAction::Add, [Flag::Deleted])
        .unwrap();
    let gone = inbox.expunge_all_deleted().unwrap();
    assert_eq!(gone.count(), 3);
    assert!(gone.vanished().is_empty());
    assert_eq!(inbox.search(SearchKey::All).unwrap().to_string(), "3:4");
    assert_eq!(inbox.expunge_all_deleted().unwrap().count(), 0);
}

#[test]
fn another_sessions_expunge_is_told_as_events_and_counted_once() {
    let user = filled(5);
    let (one, other) = (session(&user), session(&user));
    let mut inbox = one.lock_mailbox("INBOX").unwrap();
    inbox.events();
    other
        .lock_mailbox("INBOX")
        .unwrap()
        .delete(&uids("2,5"))
        .unwrap();
    inbox.refresh().unwrap();
    assert_eq!(inbox.exists(), 3);
    let gone = inbox.events().into_iter();
    let gone = gone.filter(|event| matches!(event, MailboxEvent::Expunged(_)));
    assert_eq!(gone.count(), 2);
}

#[test]
fn with_qresync_the_uids_that_went_are_told() {
    let session = session(&filled(5));
    let qresync = [latchbox::types::Capability::Qresync];
    assert_eq!(session.enable(&qresync).unwrap(), qresync);
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let gone = inbox.delete(&uids("2:3")).unwrap();
    assert_eq!(
        (gone.count(), gone.vanished().to_string().as_str()),
        (2, "2:3")
    );
    assert_eq!(inbox.exists(), 3);
    let events = inbox.events();
    let told = |event: &MailboxEvent| matches!(event, MailboxEvent::Vanished { uids, .. } if uids.to_string() == "2:3");
    assert!(events.iter().any(told), "{events:?}");
}

#[test]
fn an_emptied_mailbox_is_empty() {
    let session = session(&filled(200));
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let all = inbox.search(SearchKey::All).unwrap();
    assert_eq!(inbox.delete(&all).unwrap().count(), 200);
    assert_eq!(inbox.exists(), 0);
    assert!(inbox.search(SearchKey::All).unwrap().is_empty());
    assert_eq!(inbox.delete(&all).unwrap().count(), 0, "once is enough");
}
