//! What happens to a mailbox, step by step on each server, with a sync after each step.

use latchbox::sync::{FetchChanges, History, Way};
use latchbox::types::{Flag, StoreAction};
use latchbox::{Error, Session};

use super::follower::{Follower, Manner};
use super::hand::{Hand, append};
use super::mirror::Figures;
use super::place::{Kind, Place, commands};

/// A step, and what of it a copy is told: messages that arrived, that have other flags, and that
/// are gone.
type Step = (&'static str, fn(&Hand<'_>), [usize; 3]);

const OTHER: &str = "Archive";

const STEPS: &[Step] = &[
    ("nothing", |_| {}, [0, 0, 0]),
    ("three arrive", |hand| hand.append(3, &[]), [3, 0, 0]),
    (
        "one arrives with flags",
        |hand| hand.append(1, &[Flag::Seen, hand.keyword("Work")]),
        [1, 0, 0],
    ),
    ("nothing after that", |_| {}, [0, 0, 0]),
    (
        "flags are set",
        |hand| hand.store(&[1, 3, 4, -1], StoreAction::Add, &[Flag::Flagged]),
        [0, 4, 0],
    ),
    (
        "flags are cleared",
        |hand| hand.store(&[1, 3, -1], StoreAction::Replace, &[]),
        [0, 3, 0],
    ),
    (
        "a keyword is set",
        |hand| hand.store(&[2, 5], StoreAction::Add, &[hand.keyword("Later")]),
        [0, 2, 0],
    ),
    (
        "a keyword is cleared",
        |hand| hand.store(&[2], StoreAction::Remove, &[hand.keyword("Later")]),
        [0, 1, 0],
    ),
    (
        "a flag is set and cleared",
        |hand| {
            hand.store(&[6], StoreAction::Add, &[Flag::Answered]);
            hand.store(&[6], StoreAction::Remove, &[Flag::Answered]);
        },
        [0, 0, 0],
    ),
    ("two are removed", |hand| hand.delete(&[2, 7]), [0, 0, 2]),
    (
        "one is moved away",
        |hand| hand.move_to(&[3], &hand.place.mailbox(OTHER)),
        [0, 0, 1],
    ),
    ("two are moved here", move_here, [2, 0, 0]),
    (
        "the highest is removed",
        |hand| hand.delete(&[-1]),
        [0, 0, 1],
    ),
    (
        "one arrives after that",
        |hand| hand.append(1, &[]),
        [1, 0, 0],
    ),
    (
        "one comes and goes",
        |hand| {
            hand.append(1, &[]);
            hand.delete(&[-1]);
        },
        [0, 0, 0],
    ),
    (
        "one goes and one arrives",
        |hand| {
            hand.delete(&[1]);
            hand.append(1, &[]);
        },
        [1, 0, 1],
    ),
    (
        "all at once",
        |hand| {
            hand.store(
                &[2, 3],
                StoreAction::Add,
                &[Flag::Seen, hand.keyword("New")],
            );
            hand.append(2, &[Flag::Draft]);
            hand.delete(&[1, -3]);
        },
        [2, 2, 2],
    ),
    (
        "all are removed",
        |hand| {
            let count = hand.seen().messages.len() as i32;
            hand.delete(&(1..=count).collect::<Vec<_>>());
        },
        [0, 0, 15],
    ),
    ("nothing in nothing", |_| {}, [0, 0, 0]),
    (
        "one arrives in nothing",
        |hand| hand.append(1, &[]),
        [1, 0, 0],
    ),
];

fn move_here(hand: &Hand<'_>) {
    let other = hand.place.mailbox(OTHER);
    let away = Hand::new(hand.place, &other);
    away.append(2, &[Flag::Flagged]);
    away.move_to(&[-2, -1], &hand.mailbox);
}

/// A step of a story, told to the end.
struct Told {
    number: usize,
}

impl Told {
    /// Syncs and compares; the figures of the sync.
    #[track_caller]
    fn sync(&mut self, follower: &mut Follower<'_>, way: Way, when: &str) -> Figures {
        self.number += 1;
        let before = follower.mirror.figures;
        follower.place.settle(&follower.mailbox);
        let manner = Manner::new(way, 5).in_turn(self.number);
        let ran = follower.synced(manner, when);
        follower.assert_same(when);
        let figures = follower.mirror.figures.since(before);
        // Where nothing has to be requested, it is the one that is enabled.
        let is_needed = figures.vanished + figures.changed + figures.arrived > 0;
        let best = way.min(follower.place.kind.best());
        assert!(ran.way == best || !is_needed, "{when}: {}", ran.way);
        figures
    }
}

/// The whole story, by these ways in turn.
fn told(kind: Kind, ways: &[Way]) {
    let place = Place::new(kind);
    let name = place.mailbox("Story");
    let mut way = ways.iter().copied().cycle();
    let mut way = || way.next().unwrap();
    let session = place.session();
    make(&session, &place.mailbox(OTHER));
    session.create(name.as_str()).unwrap();
    append(&place, &name, 12, &[Flag::Seen]);
    let mut follower = Follower::new(&place, &name);
    let mut told = Told { number: 0 };
    let first = told.sync(&mut follower, way(), "the first sync");
    assert_eq!((first.history, first.arrived), (12, 0));
    let hand = Hand::new(&place, &name);
    for (when, happens, expected) in STEPS {
        let when = format!("{when} ({ways:?})");
        happens(&hand);
        let figures = told.sync(&mut follower, way(), &when);
        // It gives the newest message another UID, and mailboxes another UIDVALIDITY.
        if kind != Kind::Imap4d {
            assert_eq!((figures.restarts, figures.history), (0, 0), "{when}");
            let changed = figures.changed - figures.unchanged;
            let seen = [figures.arrived, changed, figures.vanished];
            assert_eq!(seen, *expected, "{when}:\n{}", follower.wire.text());
        }
    }
    renamed(&mut follower, &mut told, way());
    made_anew(&mut follower, &mut told, way());
    deleted(&mut follower, way());
}

fn make(session: &Session, name: &str) {
    if session.list(name).unwrap().is_empty() {
        session.create(name).unwrap();
    }
}

/// The mailbox gets another name, and then its own again.
fn renamed(follower: &mut Follower<'_>, told: &mut Told, way: Way) {
    let (old, new) = (follower.mailbox.clone(), follower.place.mailbox("Renamed"));
    let session = follower.place.session();
    follower.restart();
    session.rename(old.as_str(), new.as_str()).unwrap();
    append(follower.place, &new, 1, &[]);
    follower.mailbox = new.clone();
    let is_known_by_id = follower.place.kind == Kind::Cyrus;
    if is_known_by_id {
        let figures = told.sync(follower, way, "renamed");
        assert_eq!((figures.restarts, figures.arrived), (0, 1));
    } else {
        let before = follower.mirror.text().to_owned();
        let error = follower.sync(Manner::new(way, 5)).unwrap_err();
        assert!(matches!(error, Error::ForeignCheckpoint(_)), "{error}");
        assert_eq!(follower.mirror.text(), before);
    }
    follower.restart();
    session.rename(new.as_str(), old.as_str()).unwrap();
    follower.mailbox = old;
    append(follower.place, &follower.mailbox, 1, &[]);
    let figures = told.sync(follower, way, "renamed again");
    match follower.place.kind {
        Kind::Courier => assert_eq!(figures.restarts, 1),
        Kind::Imap4d => {}
        Kind::Dovecot => assert_eq!((figures.restarts, figures.arrived), (0, 2)),
        Kind::Cyrus => assert_eq!((figures.restarts, figures.arrived), (0, 1)),
    }
}

/// The mailbox is deleted, and there is another of its name.
fn made_anew(follower: &mut Follower<'_>, told: &mut Told, way: Way) {
    follower.restart();
    let session = follower.place.session();
    session.delete(follower.mailbox.as_str()).unwrap();
    session.create(follower.mailbox.as_str()).unwrap();
    append(follower.place, &follower.mailbox, 2, &[Flag::Flagged]);
    let figures = told.sync(follower, way, "made anew");
    assert_eq!(figures.restarts, 1);
    assert_eq!((figures.history, figures.arrived), (2, 0));
    append(follower.place, &follower.mailbox, 1, &[]);
    let figures = told.sync(follower, way, "one arrives in the new one");
    if figures.restarts == 0 {
        assert_eq!((figures.history, figures.arrived), (0, 1));
    }
}

/// The server does not let it be selected: the copy stays as it is.
fn deleted(follower: &mut Follower<'_>, way: Way) {
    follower.restart();
    let session = follower.place.session();
    session.delete(follower.mailbox.as_str()).unwrap();
    let before = follower.mirror.clone();
    for number in 0..2 {
        let error = follower.sync(Manner::new(way, 5).in_turn(number));
        let error = error.unwrap_err();
        assert!(matches!(error, Error::Refused(_)), "{error:?}");
    }
    assert_eq!(follower.mirror.messages, before.messages);
    assert_eq!(follower.mirror.text(), before.text());
}

/// The mailbox is deleted while the guard is held: an error, and nothing is said to be gone.
fn deleted_while_held(kind: Kind, way: Way) {
    let place = Place::new(kind);
    let name = place.mailbox("Held");
    place.session().create(name.as_str()).unwrap();
    append(&place, &name, 3, &[]);
    place.settle(&name);
    let mut follower = Follower::new(&place, &name);
    follower.synced(Manner::new(way, 5), "held");
    let checkpoint = follower.mirror.checkpoint();
    let guard = follower.session.lock_mailbox_read_only(name.as_str());
    let mut guard = guard.unwrap();
    place.session().delete(name.as_str()).unwrap();
    // Some tell it as messages that are gone, some as an error.
    let _ = guard.refresh();
    let request = FetchChanges::since(checkpoint.as_ref()).best_way(way);
    let mut changes = match guard.changes(request) {
        Ok(changes) => changes,
        Err(error) => return assert!(is_refused(&error), "{error:?}"),
    };
    let batch = changes.next();
    assert!(batch.as_ref().is_err_and(is_refused), "{way}: {batch:?}");
}

fn is_refused(error: &Error) -> bool {
    matches!(error, Error::Refused(_) | Error::Closed(_))
}

/// Nothing has changed: with mod-sequences, the SELECT of the lock is all that is sent.
fn unchanged(kind: Kind, way: Way) {
    let place = Place::new(kind);
    let name = place.mailbox("Quiet");
    place.session().create(name.as_str()).unwrap();
    append(&place, &name, 7, &[Flag::Seen]);
    place.settle(&name);
    let mut follower = Follower::new(&place, &name);
    follower.synced(Manner::new(way, 100), "at first");
    // The connection of the first sync enables QRESYNC.
    follower.synced(Manner::new(way, 100), "at first");
    for (at_lock, read_only) in [(true, true), (true, false), (false, true), (false, false)] {
        let before = follower.mirror.figures;
        let manner = Manner {
            at_lock,
            read_only,
            ..Manner::new(way, 100)
        };
        // The lock selects only what is not selected.
        if !at_lock {
            follower.restart();
        }
        follower.synced(manner, "nothing");
        assert_eq!(follower.mirror.figures, before, "{way} on {kind:?}");
        let wire = follower.wire.text();
        let sent = commands(&wire);
        if way > Way::Comparison {
            let is_select = |sent: &&str| sent.starts_with("SELECT") || sent.starts_with("EXAMINE");
            assert!(sent.len() == 1 && is_select(&sent[0]), "{wire}");
        } else {
            let flags = sent.iter().filter(|sent| sent.starts_with("UID FETCH"));
            assert_eq!(flags.count(), 1, "{wire}");
        }
    }
    follower.assert_same("nothing has changed");
}

/// A copy that has the newest messages only, and the others on demand.
fn on_demand(kind: Kind, way: Way) {
    let place = Place::new(kind);
    let name = place.mailbox("Long");
    place.session().create(name.as_str()).unwrap();
    append(&place, &name, 20, &[]);
    place.settle(&name);
    let hand = Hand::new(&place, &name);
    let mut follower = Follower::new(&place, &name);
    let manner = Manner {
        history: History::Newest(4),
        ..Manner::new(way, 3)
    };
    follower.synced(manner, "the newest");
    follower.assert_same("the newest");
    assert_eq!(follower.mirror.messages.len(), 4);
    for number in 1..=4 {
        hand.append(1, &[Flag::Seen]);
        hand.store(&[1, -4, -8], StoreAction::Add, &[Flag::Answered]);
        hand.delete(&[2, -6]);
        place.settle(&name);
        let manner = Manner { older: 5, ..manner };
        follower.synced(manner, "older ones");
        follower.assert_same("older ones");
        let arrived = follower.mirror.figures.arrived;
        assert!(arrived == number || kind == Kind::Imap4d);
    }
    let unloaded = follower.mirror.checkpoint().unwrap();
    assert!(unloaded.unloaded().is_empty(), "{unloaded}");
    assert_eq!(follower.mirror.messages, hand.seen().messages);
}

const ALL: [Way; 3] = [Way::Qresync, Way::CondStore, Way::Comparison];

/// Each way alone, and from each to each other.
fn told_in_all_ways(kind: Kind) {
    for way in ALL {
        told(kind, &[way]);
        unchanged(kind, way);
        deleted_while_held(kind, way);
        on_demand(kind, way);
    }
    told(kind, &[ALL[0], ALL[1], ALL[2], ALL[0], ALL[2], ALL[1]]);
}

#[test]
fn a_copy_follows_dovecot_in_all_ways() {
    told_in_all_ways(Kind::Dovecot);
}

#[test]
fn a_copy_follows_cyrus_in_all_ways() {
    told_in_all_ways(Kind::Cyrus);
}

#[test]
fn a_copy_follows_courier() {
    told(Kind::Courier, &[Way::Qresync]);
    unchanged(Kind::Courier, Way::Comparison);
    deleted_while_held(Kind::Courier, Way::Qresync);
    on_demand(Kind::Courier, Way::Qresync);
}

#[test]
fn a_copy_follows_imap4d() {
    told(Kind::Imap4d, &[Way::Qresync]);
    unchanged(Kind::Imap4d, Way::Comparison);
    deleted_while_held(Kind::Imap4d, Way::Qresync);
    on_demand(Kind::Imap4d, Way::Qresync);
}
