//! What the program has changed itself is no news, and hides nothing that others have changed.

use latchbox::command::Store;
use latchbox::message::Fetch;
use latchbox::sync::Way;
use latchbox::types::{Flag, SearchKey, StoreAction, Uid, UidSet};

use super::follower::{Follower, Manner};
use super::hand::{Hand, append, message};
use super::place::{Kind, Place};

/// The program changes what others have changed too, before it knows of that.
#[track_caller]
fn notes(kind: Kind, way: Way, is_silent: bool) {
    let place = Place::new(kind);
    let when = format!("{way} on {kind:?}, silent: {is_silent}");
    let name = place.mailbox("Own");
    place.session().create(name.as_str()).unwrap();
    append(&place, &name, 9, &[]);
    let hand = Hand::new(&place, &name);
    let mut follower = Follower::new(&place, &name);
    let manner = Manner::new(way, 5);
    for _ in 0..2 {
        follower.synced(manner, &when);
    }

    hand.store(&[2], StoreAction::Add, &[Flag::Flagged]);
    store(&mut follower, &[2, 3, 4], is_silent);
    hand.store(&[4, 5], StoreAction::Add, &[Flag::Answered]);
    let before = follower.mirror.figures;
    follower.synced(manner, &when);
    follower.assert_same(&when);
    let figures = follower.mirror.figures.since(before);
    if !is_silent {
        assert_eq!((figures.changed, figures.unchanged), (2, 0), "{when}");
    }

    hand.append(1, &[]);
    let own = add(&mut follower);
    hand.delete(&[1]);
    remove(&mut follower, 6);
    let before = follower.mirror.figures;
    follower.synced(manner, &when);
    follower.assert_same(&when);
    let figures = follower.mirror.figures.since(before);
    assert_eq!((figures.arrived, figures.vanished), (1, 1), "{when}");
    hand.delete(&[-1]);
    follower.synced(manner, &when);
    follower.assert_same(&when);
    assert!(!follower.mirror.messages.contains_key(&own));
}

/// The program sets a flag, and puts into its copy what the server has told of it.
fn store(follower: &mut Follower<'_>, uids: &[u32], is_silent: bool) {
    let set = UidSet::unbound(uids.iter().map(|uid| Uid::new(*uid).unwrap()));
    let mut guard = follower.session.lock_mailbox(&*follower.mailbox).unwrap();
    guard.search(SearchKey::All).unwrap();
    let seen = [Flag::Seen];
    let command = Store::new(&set, StoreAction::Add, &seen);
    let stored = match is_silent {
        true => guard.run(command.silent()).unwrap(),
        false => guard.run(command).unwrap(),
    };
    for uid in uids {
        let row = stored
            .changed()
            .iter()
            .find(|row| row.uid().value() == *uid);
        match row.and_then(Fetch::flags) {
            Some(flags) => follower.mirror.set_flags(*uid, flags),
            None => follower.mirror.add_flag(*uid, &Flag::Seen),
        }
    }
    let is_noted = follower.mirror.note(|checkpoint| checkpoint.note(&stored));
    // Silently, and without mod-sequences, nothing is told.
    assert!(is_noted || is_silent);
}

/// The program adds a message.
fn add(follower: &mut Follower<'_>) -> u32 {
    let appended = follower.session.append(&*follower.mailbox, message());
    let appended = appended.unwrap();
    let uid = appended.uid().unwrap().value();
    follower.mirror.add_own(uid);
    follower
        .mirror
        .note(|checkpoint| checkpoint.note(&appended));
    uid
}

/// The program removes a message.
fn remove(follower: &mut Follower<'_>, uid: u32) {
    let mut guard = follower.session.lock_mailbox(&*follower.mailbox).unwrap();
    let set = guard.search(SearchKey::Uid(UidSet::unbound(Uid::new(uid))));
    let set = set.unwrap();
    guard.delete(&set).unwrap();
    follower.mirror.messages.remove(&uid);
    let is_noted = follower
        .mirror
        .note(|checkpoint| checkpoint.note_removed(&set));
    assert!(is_noted);
}

fn notes_in_all_ways(kind: Kind) {
    for way in [Way::Qresync, Way::CondStore, Way::Comparison] {
        for is_silent in [false, true] {
            notes(kind, way, is_silent);
        }
    }
}

#[test]
fn own_changes_are_no_news_on_dovecot() {
    notes_in_all_ways(Kind::Dovecot);
}

#[test]
fn own_changes_are_no_news_on_cyrus() {
    notes_in_all_ways(Kind::Cyrus);
}
