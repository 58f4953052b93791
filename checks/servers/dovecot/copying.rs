//! COPY and MOVE, and which messages became which.

use latchbox::Error;
use latchbox::types::{Flag, ResponseCode, SearchKey, StoreAction, Uid};

use super::{session, tapped_on, uid, uids, whole};
use crate::support::dovecot::{User, dovecot};

fn filled(count: usize) -> User {
    let user = dovecot().user();
    user.fill("INBOX", count);
    user
}

fn pairs(copied: &latchbox::command::Copied) -> Vec<(u32, u32)> {
    let numbers = |(from, to): (Uid, Uid)| (from.value(), to.value());
    copied.pairs().map(numbers).collect()
}

#[test]
fn copies_are_paired_with_their_originals_and_both_stay() {
    let session = session(&filled(6));
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    inbox
        .store(&uids("5"), StoreAction::Add, [Flag::Flagged])
        .unwrap();
    let copied = inbox.copy(&uids("5,2"), "Archive").unwrap();
    assert_eq!(pairs(&copied), [(2, 1), (5, 2)]);
    let copies = copied.copies().unwrap();
    assert_eq!(copies.to_string(), "1:2");
    let original = whole(&mut inbox, uid(5));
    assert_eq!(inbox.search(SearchKey::All).unwrap().len(), 6);
    drop(inbox);
    let mut archive = session.lock_mailbox("Archive").unwrap();
    assert_eq!(archive.search(SearchKey::All).unwrap(), *copies);
    assert_eq!(archive.search(SearchKey::Flagged).unwrap().to_string(), "2");
    assert_eq!(whole(&mut archive, uid(2)), original);
    let origin = copies.origin().unwrap();
    assert_eq!(
        origin.uid_validity(),
        archive.mailbox().unwrap().uid_validity()
    );
}

#[test]
fn a_copy_under_a_guard_that_only_reads_changes_nothing_here() {
    let session = session(&filled(2));
    let mut inbox = session.lock_mailbox_read_only("INBOX").unwrap();
    let all = inbox.search(SearchKey::All).unwrap();
    assert_eq!(
        pairs(&inbox.copy(&all, "Archive").unwrap()),
        [(1, 1), (2, 2)]
    );
    let numbered = inbox.numbered();
    let places = numbered.all();
    assert_eq!(
        pairs(&numbered.copy(&places, "Archive").unwrap()),
        [(1, 3), (2, 4)]
    );
    assert_eq!(inbox.exists(), 2);
}

#[test]
fn a_target_that_is_not_there_is_refused_and_nothing_is_copied_or_moved() {
    let session = session(&filled(3));
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let all = inbox.search(SearchKey::All).unwrap();
    for result in [
        inbox.copy(&all, "None such").map(drop),
        inbox.move_to(&all, "None such").map(drop),
    ] {
        let error = result.unwrap_err();
        assert_eq!(error.response_code(), Some(&ResponseCode::TryCreate));
    }
    assert_eq!(inbox.search(SearchKey::All).unwrap(), all);
    assert!(inbox.search(SearchKey::Deleted).unwrap().is_empty());
}

#[test]
fn moved_messages_are_paired_and_gone_from_here() {
    let session = session(&filled(5));
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let content = whole(&mut inbox, uid(4));
    let moved = inbox.move_to(&uids("2,4"), "Archive").unwrap();
    assert_eq!(pairs(&moved), [(2, 1), (4, 2)]);
    assert_eq!(inbox.exists(), 3);
    assert_eq!(inbox.search(SearchKey::All).unwrap().to_string(), "1,3,5");
    let numbered = inbox.numbered();
    let places = numbered.parse("1").unwrap();
    let moved = numbered.move_to(&places, "Archive").unwrap();
    assert_eq!(pairs(&moved), [(1, 3)]);
    drop(inbox);
    let mut archive = session.lock_mailbox("Archive").unwrap();
    assert_eq!(archive.exists(), 3);
    assert_eq!(whole(&mut archive, uid(2)), content);
}

#[test]
fn uids_of_no_message_copy_and_move_nothing() {
    let session = session(&filled(2));
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let copied = inbox.copy(&uids("77"), "Archive").unwrap();
    assert!(copied.copies().is_none() && copied.pairs().next().is_none());
    let moved = inbox.move_to(&uids("77"), "Archive").unwrap();
    assert!(moved.pairs().next().is_none());
    assert_eq!(inbox.exists(), 2);
}

#[test]
fn a_target_that_cannot_be_named_is_refused_before_anything_is_sent() {
    let (session, sent) = tapped_on(dovecot(), &filled(1));
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    sent.take();
    for name in ["", "a\r\nA9 LOGOUT", "a\0"] {
        let refused = inbox.copy(&uids("1"), name).unwrap_err();
        assert!(matches!(refused, Error::Argument(_)), "{refused}");
        let refused = inbox.move_to(&uids("1"), name).unwrap_err();
        assert!(matches!(refused, Error::Argument(_)), "{refused}");
    }
    assert_eq!(sent.take(), "");
}

#[test]
fn many_pairs_come_as_ranges() {
    let session = session(&filled(2000));
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let odd = inbox.search(SearchKey::Seen).unwrap();
    assert_eq!(odd.len(), 1000);
    let moved = inbox.move_to(&odd, "Archive").unwrap();
    let expected: Vec<_> = (1..=1000).map(|n| (2 * n - 1, n)).collect();
    assert_eq!(pairs(&moved), expected);
    assert_eq!(inbox.exists(), 1000);
}
