//! Moves without MOVE, expunges without UIDPLUS and the trash, on servers that lack them.

use std::sync::OnceLock;

use latchbox::Session;
use latchbox::command::{DeleteMessages, MoveMessages};
use latchbox::types::{Flag, FlagColor, FoundBy, SearchKey, StoreAction, UidSet};

use super::{session, session_on, tapped_on, uids};
use crate::support::dovecot::{Dovecot, User, dovecot};
use crate::support::tap::Sent;

/// A server that has UID EXPUNGE and no MOVE.
fn without_move() -> &'static Dovecot {
    static SERVER: OnceLock<Dovecot> = OnceLock::new();
    SERVER.get_or_init(|| Dovecot::start("imap_capability = IMAP4rev1 UIDPLUS ESEARCH").unwrap())
}

/// A server that has neither.
fn bare() -> &'static Dovecot {
    static SERVER: OnceLock<Dovecot> = OnceLock::new();
    SERVER.get_or_init(|| Dovecot::start("imap_capability = IMAP4rev1").unwrap())
}

fn filled(server: &Dovecot, count: usize) -> (User, Session, Sent) {
    let user = server.user();
    user.fill("INBOX", count);
    let (session, sent) = tapped_on(server, &user);
    (user, session, sent)
}

#[test]
fn a_move_without_move_moves_these_and_leaves_what_others_flagged() {
    let (user, session, sent) = filled(without_move(), 6);
    let other = session_on(without_move(), &user);
    let mut theirs = other.lock_mailbox("INBOX").unwrap();
    theirs
        .store(&uids("1:2"), StoreAction::Add, [Flag::Deleted])
        .unwrap();
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let moved = inbox.move_to(&uids("2,5,77"), "Archive").unwrap();
    let pairs = moved.pairs().map(|(from, to)| (from.value(), to.value()));
    assert_eq!(pairs.collect::<Vec<_>>(), [(2, 1), (5, 2)]);
    assert_eq!(inbox.search(SearchKey::All).unwrap().to_string(), "1,3:4,6");
    assert_eq!(inbox.search(SearchKey::Deleted).unwrap().to_string(), "1");
    assert!(!sent.take().contains("UID MOVE"));
    drop(inbox);
    let archive = session.lock_mailbox("Archive").unwrap();
    assert_eq!(archive.exists(), 2);
}

#[test]
fn a_move_of_sequence_numbers_without_move() {
    let (_, session, _) = filled(without_move(), 5);
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    inbox.delete(&uids("1")).unwrap();
    let numbered = inbox.numbered();
    let last = numbered.last(2);
    numbered.move_to(&last, "Archive").unwrap();
    assert_eq!(inbox.search(SearchKey::All).unwrap().to_string(), "2:3");
}

#[test]
fn a_target_that_is_not_there_leaves_all_as_it_was() {
    let (_, session, sent) = filled(without_move(), 3);
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    sent.take();
    let refused = inbox.move_to(&UidSet::all(), "None such").unwrap_err();
    assert!(!refused.may_have_taken_effect(), "{refused:?}");
    assert!(!sent.take().contains("STORE"));
    assert!(inbox.search(SearchKey::Deleted).unwrap().is_empty());
    assert_eq!(inbox.exists(), 3);
}

#[test]
fn without_uidplus_others_keep_their_messages_and_their_flags() {
    let (user, session, _) = filled(bare(), 6);
    let other = session_on(bare(), &user);
    let mut theirs = other.lock_mailbox("INBOX").unwrap();
    theirs
        .store(&uids("1,6"), StoreAction::Add, [Flag::Deleted])
        .unwrap();
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let gone = inbox
        .run(DeleteMessages::new(&uids("2,4")).unflag_others())
        .unwrap();
    assert_eq!(gone.count(), 2);
    assert_eq!(inbox.search(SearchKey::All).unwrap().to_string(), "1,3,5:6");
    assert_eq!(inbox.search(SearchKey::Deleted).unwrap().to_string(), "1,6");
    inbox
        .run(
            MoveMessages::new(&uids("3"), "Archive")
                .unwrap()
                .unflag_others(),
        )
        .unwrap();
    assert_eq!(inbox.search(SearchKey::All).unwrap().to_string(), "1,5:6");
    assert_eq!(inbox.search(SearchKey::Deleted).unwrap().to_string(), "1,6");
    drop(inbox);
    assert_eq!(session.lock_mailbox("Archive").unwrap().exists(), 1);
}

#[test]
fn the_trash_is_found_by_attribute_and_where_there_is_none_by_name() {
    let user = dovecot().user();
    user.fill("INBOX", 3);
    let with_attributes = session(&user);
    let mut inbox = with_attributes.lock_mailbox("INBOX").unwrap();
    let trashed = inbox.move_to_trash(&uids("1:2")).unwrap();
    assert_eq!(trashed.trash().mailbox().name(), "Trash");
    assert_eq!(trashed.trash().found_by(), FoundBy::Attribute);
    assert_eq!(trashed.copied().pairs().count(), 2);
    assert_eq!(inbox.exists(), 1);
    drop(inbox);
    let mut trash = with_attributes.lock_mailbox("Trash").unwrap();
    assert_eq!(trash.exists(), 2);
    assert!(trash.move_to_trash(&UidSet::all()).is_err());
    assert_eq!(trash.exists(), 2);
}

#[test]
fn colours_are_keywords_that_other_sessions_see() {
    let user = dovecot().user();
    user.fill("INBOX", 3);
    let (one, other) = (session(&user), session(&user));
    let mut inbox = one.lock_mailbox("INBOX").unwrap();
    inbox.set_flag_color(&uids("1:2"), FlagColor::Gray).unwrap();
    inbox.set_flag_color(&uids("2"), FlagColor::Orange).unwrap();
    let mut theirs = other.lock_mailbox_read_only("INBOX").unwrap();
    let mut colors = || -> Vec<_> {
        let rows = theirs
            .fetch(&UidSet::all(), [latchbox::types::FetchItem::Flags])
            .unwrap();
        let color = |row: latchbox::message::Fetch| FlagColor::of(row.flags().unwrap());
        rows.into_iter().map(|row| color(row.unwrap())).collect()
    };
    assert_eq!(
        colors(),
        [Some(FlagColor::Gray), Some(FlagColor::Orange), None]
    );
    inbox.clear_flag_color(&uids("1:2")).unwrap();
    assert_eq!(colors(), [None; 3]);
}
