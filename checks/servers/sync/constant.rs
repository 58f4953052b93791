//! Another client writes all the time while one sync follows the other: nothing is new twice, and when
//! it has ended, one more sync has everything.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;

use latchbox::sync::Way;
use latchbox::types::{Flag, SearchKey, StoreAction, Uid, UidSet};
use latchbox::{MailboxGuard, ReadWrite, Session};

use super::follower::{Follower, Go, Manner};
use super::hand::message;
use super::place::{Kind, Place};
use crate::sessions::until;
use crate::support::chance::Chance;

/// What the writer does.
const OPERATIONS: usize = 200;

/// How many of them it is ahead of the syncs at most.
const AHEAD: usize = 4;

/// How many messages there are at least, and at most.
const FEW: usize = 10;
const MANY: usize = 40;

/// Appends, stores and expunges by chance.
struct Writer<'s> {
    session: &'s Session,
    mailbox: String,
    chance: Chance,
    syncs: &'s AtomicUsize,
}

impl Writer<'_> {
    fn write(&mut self) {
        let mut guard = self.session.lock_mailbox(self.mailbox.as_str()).unwrap();
        for number in 0..OPERATIONS {
            until("nobody follows", || {
                number <= (self.syncs.load(Ordering::SeqCst) + 1) * AHEAD
            });
            let there = guard.search(SearchKey::All).unwrap();
            let there: Vec<Uid> = there.iter().collect();
            match self.chance.below(8) {
                _ if there.len() < FEW => self.append(&mut guard),
                _ if there.len() > MANY => self.delete(&mut guard, &there),
                0..2 => self.append(&mut guard),
                2 => self.delete(&mut guard, &there),
                _ => self.store(&mut guard, &there),
            }
        }
        guard.unselect().unwrap();
    }

    fn append(&mut self, guard: &mut MailboxGuard<'_, ReadWrite>) {
        guard.append(message()).unwrap();
        guard.refresh().unwrap();
    }

    fn delete(&mut self, guard: &mut MailboxGuard<'_, ReadWrite>, there: &[Uid]) {
        // The highest are removed as often as any others.
        let uids = match self.chance.one_in(3) {
            true => UidSet::unbound(there.last().copied()),
            false => self.some(there),
        };
        guard.delete(&uids).unwrap();
    }

    fn store(&mut self, guard: &mut MailboxGuard<'_, ReadWrite>, there: &[Uid]) {
        let uids = self.some(there);
        let keyword = Flag::keyword(&format!("k{}", self.chance.below(4))).unwrap();
        let flags = [Flag::Seen, Flag::Flagged, keyword];
        let flag = flags[self.chance.below(3) as usize].clone();
        let actions = [StoreAction::Add, StoreAction::Remove, StoreAction::Replace];
        let action = actions[self.chance.below(3) as usize];
        guard.store(&uids, action, [flag]).unwrap();
    }

    fn some(&mut self, there: &[Uid]) -> UidSet {
        let count = 1 + self.chance.below(4);
        let mut one = || there[self.chance.below(there.len() as u64) as usize];
        UidSet::unbound((0..count).map(|_| one()))
    }
}

/// Syncs until the writer has ended, each time leaving at some step; then to the end.
fn follow(place: &Place, ways: &[Way], seed: u64) {
    let mailbox = place.mailbox(&format!("Busy-{seed}"));
    place.other().create(mailbox.as_str()).unwrap();
    let session = place.session();
    for _ in 0..FEW {
        session.append(mailbox.as_str(), message()).unwrap();
    }
    let syncs = AtomicUsize::new(0);
    let mut writer = Writer {
        session: &session,
        syncs: &syncs,
        mailbox: mailbox.clone(),
        chance: Chance::new(seed),
    };
    let mut follower = Follower::new(place, &mailbox);
    let mut chance = Chance::new(seed + 1000);
    let has_ended = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            writer.write();
            has_ended.store(true, Ordering::SeqCst);
        });
        while !has_ended.load(Ordering::SeqCst) {
            let number = syncs.load(Ordering::SeqCst);
            let manner = Manner::new(ways[number % ways.len()], 4).in_turn(number);
            let last = chance.below(6) as usize;
            let go = match chance.below(3) {
                0 => Go::On,
                1 => Go::Stop,
                _ => Go::Lose,
            };
            let ran = follower.sync_while(manner, |batches| match batches {
                _ if batches < last => Go::On,
                _ => go,
            });
            ran.unwrap();
            if chance.one_in(4) {
                follower.restart();
            }
            syncs.fetch_add(1, Ordering::SeqCst);
        }
    });
    let syncs = syncs.into_inner();
    let when = format!("seed {seed}, {ways:?}, after {syncs} syncs");
    follower.synced(Manner::new(ways[0], 4), &when);
    follower.assert_same(&when);
    let figures = follower.mirror.figures;
    assert_eq!(figures.restarts, 0, "{when}");
    assert!(syncs > 10 && figures.arrived > 10, "{when}: {figures:?}");
    eprintln!("{when}: {figures:?}");
}

fn followed(kind: Kind) {
    let place = Place::new(kind);
    let [qresync, condstore, comparison] = [Way::Qresync, Way::CondStore, Way::Comparison];
    let ways: [&[Way]; 4] = [
        &[qresync],
        &[condstore],
        &[comparison],
        &[
            qresync, comparison, condstore, qresync, condstore, comparison,
        ],
    ];
    let rounds = match std::env::var_os("LATCHBOX_LONG") {
        Some(_) => 25,
        None => 1,
    };
    for seed in 0..rounds {
        for (number, ways) in (0..).zip(ways) {
            follow(&place, ways, seed * 10 + number);
        }
    }
}

#[test]
fn syncs_while_another_client_writes_end_with_what_dovecot_has() {
    followed(Kind::Dovecot);
}

#[test]
fn syncs_while_another_client_writes_end_with_what_cyrus_has() {
    followed(Kind::Cyrus);
}
