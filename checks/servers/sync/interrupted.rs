//! A sync is interrupted at each of its steps, another client changes the mailbox, and a program that
//! has only what it stored goes on: it ends with what the server has, and is given nothing twice.

use latchbox::sync::Way;
use latchbox::types::{Flag, StoreAction};
use latchbox::{MailboxGuard, ReadWrite, Session};

use super::follower::{Follower, Go, Manner};
use super::hand::{at, message};
use super::place::{Kind, Place};

/// So small that there are many steps.
const BATCH: u32 = 3;

/// How many messages there are at first.
const MESSAGES: usize = 14;

/// More syncs than any interrupted one takes.
const ENOUGH: usize = 100;

/// Where a program is when it is interrupted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum From {
    /// It has nothing yet.
    Nothing,
    /// It has what the mailbox was, and much has changed since.
    Before,
}

/// How it is interrupted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum How {
    /// After that batch was stored.
    Between,
    /// After the next batch was given, and before it was stored.
    Losing,
    /// Not at all: the other client changes the mailbox at that step.
    Beside,
}

/// The other client, on a session that it keeps.
struct Other {
    session: Session,
    rounds: u32,
}

impl Other {
    fn new(place: &Place) -> Self {
        Self {
            session: place.session(),
            rounds: 0,
        }
    }

    fn change(&self, mailbox: &str, change: impl FnOnce(&mut MailboxGuard<'_, ReadWrite>)) {
        let mut guard = self.session.lock_mailbox(mailbox).unwrap();
        guard.refresh().unwrap();
        change(&mut guard);
        guard.unselect().unwrap();
    }

    fn append(&self, mailbox: &str, count: usize) {
        for _ in 0..count {
            self.session.append(mailbox, message()).unwrap();
        }
    }

    /// Makes a mailbox anew, with all its messages.
    fn make(&self, mailbox: &str) {
        self.session.create(mailbox).unwrap();
        self.append(mailbox, MESSAGES);
    }

    /// What a sync then has to find out: flags, messages that are gone, and others that arrived.
    fn change_much(&self, mailbox: &str) {
        self.append(mailbox, 5);
        self.change(mailbox, |guard| {
            let flagged = at(guard, &[1, 2, 4, 6, 7, 9, 12, 14, 15]);
            guard
                .store(&flagged, StoreAction::Add, [Flag::Flagged])
                .unwrap();
            let gone = at(guard, &[3, 8, 13, -2]);
            guard.delete(&gone).unwrap();
        });
    }

    /// Something of each kind, to messages of each kind: at the beginning, in the middle, at the end.
    fn interfere(&mut self, mailbox: &str) {
        self.rounds += 1;
        let flag = Flag::keyword(&format!("k{}", self.rounds % 5)).unwrap();
        self.append(mailbox, 2);
        self.change(mailbox, |guard| {
            let some = at(guard, &[1, 5, -3, -1]);
            guard.store(&some, StoreAction::Add, [flag]).unwrap();
            let cleared = at(guard, &[2, 6, -4]);
            let nothing: [Flag; 0] = [];
            guard
                .store(&cleared, StoreAction::Replace, nothing)
                .unwrap();
            let gone = at(guard, &[3, -2]);
            guard.delete(&gone).unwrap();
        });
    }
}

/// One program that is interrupted at one step.
struct Trial<'p> {
    place: &'p Place,
    ways: [Way; 2],
    from: From,
    how: How,
}

impl Trial<'_> {
    /// Interrupts the sync at that step; whether it had one.
    #[track_caller]
    fn at(&self, step: usize, other: &mut Other) -> bool {
        let Self {
            place,
            ways,
            from,
            how,
        } = *self;
        let [one, two] = ways;
        let mailbox = place.mailbox(&format!("{from:?}-{how:?}-{one}-{two}-{step}"));
        let when = format!("{from:?}, {how:?}, {one}, then {two}, step {step}");
        other.make(&mailbox);
        let mut follower = Follower::new(place, &mailbox);
        if from == From::Before {
            follower.sync(Manner::new(one, 100)).unwrap();
            other.change_much(&mailbox);
            follower.restart();
        }
        let mut was_there = false;
        let ran = follower.sync_while(Manner::new(one, BATCH), |batches| {
            if batches != step {
                return Go::On;
            }
            was_there = true;
            match how {
                How::Between => Go::Stop,
                How::Losing => Go::Lose,
                How::Beside => {
                    other.interfere(&mailbox);
                    Go::On
                }
            }
        });
        let ran = ran.unwrap_or_else(|error| panic!("{when}: {error}\n{}", follower.wire.text()));
        if how != How::Beside {
            assert!(!was_there || ran.batches == step, "{when}");
            other.interfere(&mailbox);
        }
        let before = follower.mirror.figures;
        follower.restart();
        follower.sync(Manner::new(two, BATCH)).unwrap();
        follower.assert_same(&when);
        let figures = follower.mirror.figures.since(before);
        assert_eq!(figures.restarts, 0, "{when}");
        was_there
    }

    /// At each step that it has, and how many those are.
    #[track_caller]
    fn at_each(&self) -> usize {
        let mut other = Other::new(self.place);
        let steps = (0..ENOUGH).find(|step| !self.at(*step, &mut other));
        let steps = steps.expect("a sync ends");
        assert!(steps > 4, "{steps} steps");
        steps
    }
}

/// Each batch is progress: of each sync only the first is stored, the program ends, and another
/// client changes something, as long as it has changes left.
#[track_caller]
fn one_batch_at_a_time(place: &Place, way: Way) {
    let mut other = Other::new(place);
    let mailbox = place.mailbox(&format!("Slow-{way}"));
    other.make(&mailbox);
    let mut follower = Follower::new(place, &mailbox);
    let mut changes = 0;
    for round in 0..ENOUGH {
        let manner = Manner::new(way, BATCH).in_turn(round);
        let ran = follower.sync_while(manner, |batches| match batches {
            0 => Go::On,
            _ => Go::Stop,
        });
        if ran.unwrap().is_done {
            follower.assert_same("one batch at a time");
            assert!(round > changes);
            return;
        }
        follower.restart();
        if changes < 5 {
            other.interfere(&mailbox);
            changes += 1;
        }
    }
    panic!("{way}: it does not end; {}", follower.mirror.text());
}

fn interrupted(kind: Kind) {
    let place = Place::new(kind);
    let mut all = 0;
    for way in [Way::Qresync, Way::CondStore, Way::Comparison] {
        for from in [From::Nothing, From::Before] {
            for how in [How::Between, How::Losing, How::Beside] {
                let trial = Trial {
                    place: &place,
                    ways: [way, way],
                    from,
                    how,
                };
                all += trial.at_each();
            }
        }
        one_batch_at_a_time(&place, way);
    }
    // The next one takes another way.
    for ways in [
        [Way::Qresync, Way::Comparison],
        [Way::Comparison, Way::CondStore],
        [Way::CondStore, Way::Qresync],
    ] {
        let trial = Trial {
            place: &place,
            ways,
            from: From::Before,
            how: How::Between,
        };
        all += trial.at_each();
    }
    eprintln!("{kind:?}: {all} interruptions");
}

#[test]
fn a_sync_goes_on_after_each_of_its_steps_on_dovecot() {
    interrupted(Kind::Dovecot);
}

#[test]
fn a_sync_goes_on_after_each_of_its_steps_on_cyrus() {
    interrupted(Kind::Cyrus);
}
