//! A lock under the model checker, what threads do with it, and what has to be true of it at any
//! time, by rules that do not use those of the lock.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};

use shuttle::rand::{Rng, thread_rng};

use super::super::model::Grant;
use super::super::pending::{Pending, Polled};
use super::super::*;

pub(super) const TICK: Duration = Duration::from_secs(1);

/// A name, and whether a turn for it only reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Name(pub(super) char, pub(super) bool);

impl Key for Name {
    fn excludes(&self, other: &Self) -> bool {
        self.0 == other.0 && !(self.1 && other.1)
    }

    fn covers(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}

/// The tickets in the order in which they were served, and what is open since.
#[derive(Default)]
pub(super) struct Value {
    served: Vec<u64>,
    opened: Option<Name>,
    is_unusable: bool,
}

impl Keyed for Value {
    type Key = Name;
    type Holder = String;

    fn update_key(&self, known: &mut Option<Name>) {
        *known = self.opened;
    }

    fn is_usable(&self) -> bool {
        !self.is_unusable
    }

    fn holder(turn: Holding<'_, Name>) -> String {
        format!("{:?}", turn.key)
    }
}

/// A lock and those around it.
#[derive(Clone)]
pub(super) struct Scene {
    pub(super) lock: Arc<FairLock<Value>>,
    /// How many work in each slot.
    at_work: Arc<[AtomicUsize; 3]>,
    /// How many open a slot.
    opening: Arc<AtomicUsize>,
    policy: LockPolicy,
    pub(super) slots: usize,
}

impl Scene {
    pub(super) fn new(slots: usize, max_overtakes: u32) -> Self {
        let policy = LockPolicy {
            max_overtakes,
            warn_after: TICK * 2,
            several_writers: false,
        };
        Self::with(slots, policy)
    }

    pub(super) fn with(slots: usize, policy: LockPolicy) -> Self {
        Self::of_values(slots, policy, false)
    }

    /// A lock whose slots have to be opened first.
    pub(super) fn unopened(slots: usize, max_overtakes: u32) -> Self {
        let policy = LockPolicy {
            max_overtakes,
            warn_after: TICK * 2,
            several_writers: false,
        };
        Self::of_values(slots, policy, true)
    }

    fn of_values(slots: usize, policy: LockPolicy, is_unusable: bool) -> Self {
        let value = || Value {
            is_unusable,
            ..Value::default()
        };
        let others = (1..slots).map(|_| value());
        Self {
            lock: Arc::new(FairLock::new(value(), others, policy)),
            at_work: Arc::default(),
            opening: Arc::default(),
            policy,
            slots,
        }
    }

    pub(super) fn spawn(
        &self,
        play: impl FnOnce(&Self) + Send + 'static,
    ) -> thread::JoinHandle<()> {
        let scene = self.clone();
        thread::spawn(move || play(&scene))
    }

    pub(super) fn acquire(
        &self,
        wanted: Option<Name>,
        wait: Wait,
    ) -> Result<Turn<Value>, NoTurn<String>> {
        let label = None;
        let turn = self.lock.acquire(Request {
            wanted,
            label,
            wait,
            at: now(),
            stop: None,
        });
        self.look();
        turn
    }

    /// Turns of no thread, as many as there are slots, for keys that do not exclude each other.
    pub(super) fn fill(&self) -> Vec<Turn<Value>> {
        let turns = (0..self.slots).map(|_| {
            let turn = self.acquire(any_key(), Wait::No);
            let turn = turn.or_else(|_| self.acquire(None, Wait::No)).unwrap();
            turn.hand_over();
            turn
        });
        turns.collect()
    }

    /// What a holder does: it is alone, the value is free for it, and it says what is open.
    pub(super) fn work(&self, turn: &Turn<Value>, wanted: Option<Name>) {
        let at_work = &self.at_work[turn.slot()];
        assert_eq!(at_work.fetch_add(1, SeqCst), 0, "two have the slot");
        let mut value = turn.value().expect("the value is free for its holder");
        value.served.push(turn.ticket.number);
        // Code of the caller's that is called meanwhile does not wait for itself.
        assert_eq!(self.lock.slot_here(), Some(turn.slot()));
        thread::yield_now();
        if wanted.is_some() {
            value.opened = wanted;
        }
        drop(value);
        assert!(turn.value().is_some());
        assert_eq!(at_work.fetch_sub(1, SeqCst), 1, "two had the slot");
    }

    pub(super) fn take_turn(&self, wanted: Option<Name>) {
        let turn = self.acquire(wanted, Wait::Forever).unwrap();
        self.work(&turn, wanted);
    }

    /// A turn on a slot that is open, or that is opened in it, unless there can be no more of them.
    pub(super) fn take_turn_opening(&self, wanted: Option<Name>) {
        let mut turn = self.acquire(wanted, Wait::Forever).unwrap();
        while !turn.is_open() {
            if self.slots > 1 {
                assert_eq!(self.opening.fetch_add(1, SeqCst), 0, "two open a slot");
            }
            thread::yield_now();
            let is_refused = thread_rng().gen_range(0..3) == 0 && turn.lower_bound().is_some();
            if self.slots > 1 {
                self.opening.fetch_sub(1, SeqCst);
            }
            match is_refused {
                true => turn = turn.wait_again(Wait::Forever, None).unwrap(),
                false => {
                    turn.value().unwrap().is_unusable = false;
                    turn.opened();
                }
            }
            self.look();
        }
        self.work(&turn, wanted);
        if thread_rng().gen_range(0..3) == 0 {
            let mut value = turn.value().unwrap();
            (value.is_unusable, value.opened) = (true, None);
        }
    }

    /// A request that no thread waits for, and what its alarm sets.
    pub(super) fn request(
        &self,
        wanted: Option<Name>,
    ) -> Result<(Pending<Value>, Alarm, Arc<AtomicBool>), NoTurn<String>> {
        let is_rung = Arc::new(AtomicBool::new(false));
        let (setting, me) = (Arc::clone(&is_rung), thread::current());
        let alarm: Alarm = Arc::new(move || {
            setting.store(true, SeqCst);
            me.unpark();
        });
        let request = Request {
            wanted,
            label: None,
            wait: Wait::Forever,
            at: now(),
            stop: None,
        };
        let pending = self.lock.request(request, Arc::clone(&alarm))?;
        self.look();
        Ok((pending, alarm, is_rung))
    }

    /// A turn of no thread: unless it is granted already, the thread sleeps until the alarm of its
    /// request is called. An alarm that is not called is a deadlock, which the checker reports.
    pub(super) fn await_request(
        &self,
        mut pending: Pending<Value>,
        is_rung: &AtomicBool,
    ) -> Result<Turn<Value>, NoTurn<String>> {
        loop {
            match pending.try_take()? {
                Polled::Granted(turn) => return Ok(turn),
                Polled::Waiting(waiting) => pending = waiting,
            }
            while !is_rung.swap(false, SeqCst) {
                thread::park();
            }
        }
    }

    /// A turn that is requested, maybe given back and requested again, and held until a waiter counts
    /// on it or for one piece of work.
    pub(super) fn take_requested(&self, wanted: Option<Name>) {
        let (pending, alarm, is_rung) = self.request(wanted).unwrap();
        let mut turn = self.await_request(pending, &is_rung).unwrap();
        if thread_rng().gen_range(0..3) == 0 {
            turn.take_over();
            let again = turn.request_again(Wait::Forever, None, alarm).unwrap();
            turn = self.await_request(again, &is_rung).unwrap();
        }
        self.work(&turn, wanted);
    }

    /// A turn that reserves a name: meanwhile no other turn has it. A thread that wants the name and
    /// waits is served afterwards.
    pub(super) fn take_turn_reserving(&self, name: char) {
        let turn = self.acquire(None, Wait::Forever).unwrap();
        self.work(&turn, None);
        let key = Name(name, false);
        if self.lock.reserve(turn.slot(), &key).is_ok() {
            self.look();
            thread::yield_now();
            self.look();
            self.lock.end_reservation(turn.slot());
        }
    }

    fn excludes(&self, one: Option<Name>, other: Option<Name>) -> bool {
        let is_excluded = |(one, other): (Name, Name)| one.excludes(&other);
        self.slots > 1 && !self.policy.several_writers && one.zip(other).is_some_and(is_excluded)
    }

    /// What is true at any time: no two turns exclude each other, no slot is free that could serve a
    /// waiter, and no waiter was overtaken too often.
    pub(super) fn look(&self) {
        let queue = self.lock.queue.lock();
        let counts = self.counts(&queue.grants);
        self.check_opening(&queue.grants);
        let held = queue.held_now();
        for (place, one) in held.iter().enumerate() {
            let mut others = held[..place].iter();
            assert!(
                !others.any(|other| self.excludes(*one, *other)),
                "two writers of one key: {held:?}"
            );
        }
        let open = queue.slots.iter().filter(|slot| slot.is_open).count();
        let is_opening = |slot: &SlotState<Name>| slot.owner.is_some() && !slot.is_open;
        let may_open = self.slots == 1 || open < queue.bound && !queue.slots.iter().any(is_opening);
        let is_free = |slot: &SlotState<Name>| slot.owner.is_none() && (slot.is_open || may_open);
        if !queue.slots.iter().any(is_free) {
            return;
        }
        let waiting: Vec<_> = queue.waiting_now();
        for place in 0..waiting.len() {
            assert!(
                !self.is_servable(place, &waiting, &held, &counts),
                "a slot is free beside {held:?}, and waiting are {waiting:?}"
            );
        }
    }

    /// Whether a free slot could serve the waiter at this place, by rules of the test's own.
    fn is_servable(
        &self,
        place: usize,
        waiting: &[(u64, Option<Name>)],
        held: &[Option<Name>],
        counts: &BTreeMap<u64, u32>,
    ) -> bool {
        let wanted = waiting[place].1;
        let is_excluded = held.iter().any(|held| self.excludes(*held, wanted));
        let is_barred = waiting[..place].iter().any(|(ticket, its)| {
            let count = counts.get(ticket).copied().unwrap_or_default();
            count >= self.policy.max_overtakes && self.excludes(*its, wanted)
        });
        !is_excluded && !is_barred
    }

    /// A slot is opened beside a free one that is open only for a key that was wanted before, and not
    /// longer ago than as many other keys as there are slots beside it.
    fn check_opening(&self, grants: &[Grant<Name>]) {
        for (place, grant) in grants.iter().enumerate() {
            if self.slots == 1 || !grant.opens || !grant.is_open_one_free {
                continue;
            }
            let mut between = Vec::new();
            let mut earlier = grants[..place].iter().rev().map(|grant| grant.wanted);
            let is_known = earlier.any(|key| {
                if key.is_some() && key != grant.wanted && !between.contains(&key) {
                    between.push(key);
                }
                key.is_some() && key == grant.wanted
            });
            assert!(
                is_known && between.len() < self.slots,
                "{:?} opened a slot beside a free one",
                grant.wanted
            );
        }
    }

    /// How often each ticket has been overtaken, which is checked.
    fn counts(&self, grants: &[Grant<Name>]) -> BTreeMap<u64, u32> {
        let mut counts = BTreeMap::new();
        for grant in grants {
            let waiting = &grant.waiting;
            let is_overtaken = |place: &usize| {
                let (ticket, wanted) = waiting[*place];
                // A turn that goes on for another key takes no slot from a waiter.
                let takes_slot = grant.ticket != u64::MAX
                    && self.is_servable(*place, waiting, &grant.held, &counts);
                ticket < grant.ticket && (takes_slot || self.excludes(wanted, grant.wanted))
            };
            let overtaken: Vec<_> = (0..waiting.len()).filter(is_overtaken).collect();
            for place in overtaken {
                let ticket = waiting[place].0;
                let count: &mut u32 = counts.entry(ticket).or_default();
                *count += 1;
                assert!(
                    *count <= self.policy.max_overtakes,
                    "{ticket} was overtaken {count} times"
                );
            }
        }
        counts
    }

    /// Nothing is held or waited for, and no waiter was overtaken too often. Returns how many turns
    /// were served.
    pub(super) fn check_end(&self) -> usize {
        self.look();
        let mut count = 0;
        for slot in 0..self.slots {
            let value = self.lock.value(slot).unwrap();
            let queue = self.lock.queue.lock();
            let state = queue.slots.get(slot).unwrap();
            assert!(state.owner.is_none(), "a turn is held that has ended");
            assert!(queue.waiting.is_empty(), "a waiter is left that has gone");
            assert_eq!(state.open, value.opened, "what is open is known");
            count += value.served.len();
            if self.slots == 1 {
                self.check_order(&value.served);
            }
        }
        count
    }

    /// With one slot the order of service tells the same.
    fn check_order(&self, served: &[u64]) {
        for (place, ticket) in served.iter().enumerate() {
            // Tickets are numbered in the order of arrival.
            let overtakers = served[..place].iter().filter(|earlier| *earlier > ticket);
            let times = u32::try_from(overtakers.count()).unwrap();
            assert!(
                times <= self.policy.max_overtakes,
                "{ticket} was overtaken {times} times: {served:?}"
            );
        }
    }
}

pub(super) fn write(name: char) -> Option<Name> {
    Some(Name(name, false))
}

/// A or B, to write or to read, or nothing.
pub(super) fn any_key() -> Option<Name> {
    match thread_rng().gen_range(0..6) {
        0 | 1 => write('A'),
        2 => write('B'),
        3 => Some(Name('A', true)),
        4 => Some(Name('B', true)),
        _ => None,
    }
}
