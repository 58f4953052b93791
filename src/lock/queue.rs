//! The rules of the lock: which turn holds which slot, who waits, and who is next.
//!
//! A waiter is *excluded* while a turn is held whose key excludes its own, or whose reservation covers
//! it. It is *barred* while an earlier waiter that may not be overtaken any more has such a key.
//! Otherwise any free slot serves it. A later turn overtakes a waiter if the slot could have served the
//! waiter, or if the keys exclude each other, because the waiter then has to wait for that turn too.
//! With one slot, waiters are neither excluded nor barred when the slot is free.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::lock::recent::Recent;
use crate::lock::slots::Slots;
use crate::lock::sync::{Condvar, Thread, ThreadId, now};

/// The purpose of a turn: the key that the value has to have open.
pub(crate) trait Key: Clone + Eq + Send {
    /// Whether turns for these two keys may not be held at one time; symmetric.
    fn excludes(&self, other: &Self) -> bool;

    /// Whether no turn for the other key may be granted while this key is
    /// [reserved](crate::lock::FairLock::reserve).
    fn covers(&self, other: &Self) -> bool;
}

/// A function that is called when a waiter counts on a turn whose holder can end it early, and when
/// a waiter without a thread is granted its turn.
pub(crate) type Alarm = Arc<dyn Fn() + Send + Sync>;

/// The policy by which turns are granted.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LockPolicy {
    /// The most times that a waiter may be overtaken.
    pub(crate) max_overtakes: u32,
    /// The time after which the log reports that a turn is held, once.
    pub(crate) warn_after: Duration,
    /// Keys do not exclude each other.
    pub(crate) several_writers: bool,
}

impl Default for LockPolicy {
    fn default() -> Self {
        Self {
            max_overtakes: 16,
            warn_after: Duration::from_secs(60),
            several_writers: false,
        }
    }
}

/// All that the lock's mutex protects.
pub(super) struct Queue<K> {
    pub(super) slots: Slots<SlotState<K>>,
    /// In the order of arrival.
    pub(super) waiting: VecDeque<Waiter<K>>,
    pub(super) is_closed: bool,
    /// The alarms that are to be called: of waiters that were granted a turn, and of values that
    /// another turn has used.
    due: Vec<Alarm>,
    last_ticket: u64,
    last_release: u64,
    /// The thread that requested a turn last, which gives its turns back when it ends.
    pub(super) last_thread: Option<ThreadId>,
    /// The keys of the last turns, if there are several slots.
    recent: Recent<K>,
    pub(super) policy: LockPolicy,
    /// The most slots that may be open.
    pub(super) bound: usize,
    #[cfg(all(test, shuttle))]
    pub(super) grants: Vec<super::model::Grant<K>>,
}

pub(super) struct SlotState<K> {
    pub(super) owner: Option<Owner<K>>,
    /// What the turn has reserved besides its key.
    pub(super) reserved: Option<K>,
    /// The key that the value had open when the last turn ended.
    pub(super) open: Option<K>,
    /// Whether the value can be used. A turn on a slot that is not open is to open it, and one slot
    /// is opened at a time.
    pub(super) is_open: bool,
    /// The alarm of the last turn that parked something in the value.
    pub(super) parked: Option<Alarm>,
    /// The alarm of the turn that has the slot, if it will leave something.
    pub(super) parking: Option<Alarm>,
    /// The number of the release that freed it: the lowest is that of the slot idle for longest.
    release: u64,
}

/// A turn that is held.
pub(super) struct Owner<K> {
    pub(super) ticket: u64,
    pub(super) who: Who<K>,
    pub(super) alarm: Option<Alarm>,
    /// How often it was overtaken when it waited.
    overtaken: u32,
    pub(super) since: Instant,
    /// That it is held for long.
    pub(super) is_reported: bool,
}

pub(super) struct Waiter<K> {
    ticket: u64,
    pub(super) who: Who<K>,
    overtaken: u32,
    /// The ticket of the turn that is to end for this waiter.
    asked: Option<u64>,
    pub(super) notice: Notice,
}

/// What tells a waiter that it was granted a turn, or that it never will be.
pub(super) enum Notice {
    /// A thread waits for this condition.
    Thread(Arc<Condvar>),
    /// No thread waits. The alarm is that of the turn from the beginning.
    Alarm(Alarm),
}

/// A thread and the key that it wants.
pub(super) struct Who<K> {
    pub(super) thread: Thread,
    /// Whether the turn belongs to this thread, which then cannot wait for itself.
    pub(super) by_thread: bool,
    pub(super) wanted: Option<K>,
    pub(super) label: Option<Arc<str>>,
}

impl<K: Key> Queue<K> {
    pub(super) fn new(slots: Slots<SlotState<K>>, policy: LockPolicy) -> Self {
        Self {
            bound: slots.iter().count(),
            slots,
            waiting: VecDeque::new(),
            is_closed: false,
            due: Vec::new(),
            last_ticket: 0,
            last_release: 0,
            last_thread: None,
            recent: Recent::new(),
            policy,
            #[cfg(all(test, shuttle))]
            grants: Vec::new(),
        }
    }

    /// Each turn that is held, with its slot.
    pub(super) fn owners(&self) -> impl Iterator<Item = (usize, &Owner<K>)> {
        let slots = self.slots.iter().enumerate();
        slots.filter_map(|(slot, state)| Some((slot, state.owner.as_ref()?)))
    }

    pub(super) fn slot_of(&self, ticket: u64) -> Option<usize> {
        self.position(|_, owner| owner.ticket == ticket)
    }

    pub(super) fn slot_of_thread(&self, thread: ThreadId) -> Option<usize> {
        self.position(|_, owner| owner.is_of(thread))
    }

    /// The first slot whose turn `is_it`.
    pub(super) fn position(&self, is_it: impl Fn(usize, &Owner<K>) -> bool) -> Option<usize> {
        let is_held_by_it = |owner: &Option<Owner<K>>, slot| match owner {
            Some(owner) => is_it(slot, owner),
            None => false,
        };
        self.slots
            .position(|slot, state| is_held_by_it(&state.owner, slot))
    }

    pub(super) fn owner_mut(&mut self, ticket: u64) -> Option<&mut Owner<K>> {
        let slot = self.slot_of(ticket)?;
        self.slots.get_mut(slot)?.owner.as_mut()
    }

    /// The slot that a newcomer is granted at once. Without a choice of slots no keys are compared.
    #[inline]
    pub(super) fn slot_for(&self, wanted: Option<&K>) -> Option<usize> {
        if !self.slots.has_several() {
            return self.slots.position(|_, state| state.owner.is_none());
        }
        let slot = self.best_free(wanted)?;
        self.is_servable(self.waiting.len(), wanted).then_some(slot)
    }

    /// Grants a newcomer the slot that is [for it](Self::slot_for).
    #[inline]
    pub(super) fn admit(&mut self, slot: usize, who: Who<K>, at: Instant) -> u64 {
        if !self.waiting.is_empty() {
            self.note_overtaking(self.waiting.len(), who.wanted.as_ref());
        }
        self.last_ticket += 1;
        self.hold(slot, Owner::new(self.last_ticket, who, 0, at));
        self.last_ticket
    }

    pub(super) fn enqueue(&mut self, who: Who<K>, notice: Notice) -> u64 {
        self.last_ticket += 1;
        self.waiting.push_back(Waiter {
            ticket: self.last_ticket,
            who,
            overtaken: 0,
            asked: None,
            notice,
        });
        self.last_ticket
    }

    /// The owner of a turn that has ended waits again, at its place in the order of arrival. Returns
    /// the alarm that the turn had.
    pub(super) fn enqueue_again(&mut self, owner: Owner<K>, notice: Notice) -> Option<Alarm> {
        for waiter in &mut self.waiting {
            // It may count on the turn that this becomes, too.
            waiter.asked.take_if(|asked| *asked == owner.ticket);
        }
        let is_later = |waiter: &Waiter<K>| waiter.ticket > owner.ticket;
        let place = self.waiting.iter().position(is_later);
        let waiter = Waiter {
            ticket: owner.ticket,
            who: owner.who,
            overtaken: owner.overtaken,
            asked: None,
            notice,
        };
        self.waiting
            .insert(place.unwrap_or(self.waiting.len()), waiter);
        owner.alarm
    }

    /// The waiter has left. Those that it barred may be servable now.
    pub(super) fn forget(&mut self, ticket: u64) -> Option<Waiter<K>> {
        let is_its = |waiter: &Waiter<K>| waiter.ticket == ticket;
        let place = self.waiting.iter().position(is_its)?;
        self.waiting.remove(place)
    }

    /// The turn that had the slot has ended; `update` notes what its value has open.
    #[inline]
    pub(super) fn free(
        &mut self,
        slot: usize,
        update: impl FnOnce(&mut Option<K>, &mut bool),
    ) -> Option<Owner<K>> {
        self.last_release += 1;
        let state = self.slots.get_mut(slot)?;
        let was_open = state.is_open;
        update(&mut state.open, &mut state.is_open);
        if was_open && !state.is_open {
            // It was closed because it is not needed, or must be: what comes next is seen anew.
            self.recent.clear();
        }
        state.release = self.last_release;
        if state.parked.is_some() || state.parking.is_some() {
            let parked = state.parking.take();
            self.due
                .extend(std::mem::replace(&mut state.parked, parked));
        }
        state.owner.take()
    }

    /// Whether no turn is requested and no alarm is to be called.
    #[inline]
    pub(super) fn has_nothing_to_do(&self) -> bool {
        self.waiting.is_empty() && self.due.is_empty()
    }

    /// Goes on with the turn for another key, unless that is excluded or barred.
    pub(super) fn change_wanted(&mut self, ticket: u64, wanted: K) -> bool {
        if self.slots.has_several() {
            let others = self.in_the_way(Some(&wanted));
            let is_excluded = others
                .map(|owner| owner.ticket)
                .any(|other| other != ticket);
            if is_excluded || self.is_barred(usize::MAX, Some(&wanted)) {
                return false;
            }
            #[cfg(all(test, shuttle))]
            self.note_grant(u64::MAX, Some(&wanted), None);
            let keys_matter = self.keys_matter();
            for waiter in &mut self.waiting {
                let its = waiter.who.wanted.as_ref();
                waiter.overtaken += u32::from(keys_matter && exclude(its, Some(&wanted)));
            }
        }
        self.note_use(Some(&wanted));
        if let Some(owner) = self.owner_mut(ticket) {
            owner.who.wanted = Some(wanted);
        }
        true
    }

    /// Grants free slots to waiters for as long as there is one that a free slot can serve.
    pub(super) fn grant_free(&mut self) {
        while let Some((place, slot)) = self.choose() {
            let Some(waiter) = self.waiting.remove(place) else {
                return;
            };
            self.note_overtaking(place, waiter.who.wanted.as_ref());
            let Waiter { ticket, who, .. } = waiter;
            self.hold(slot, Owner::new(ticket, who, waiter.overtaken, now()));
            match waiter.notice {
                Notice::Thread(granted) => {
                    granted.notify_one();
                }
                Notice::Alarm(alarm) => self.give_alarm(slot, alarm),
            }
        }
    }

    /// The turn of this slot has this alarm from the beginning, which is called to report the grant.
    fn give_alarm(&mut self, slot: usize, alarm: Alarm) {
        let state = self.slots.get_mut(slot);
        if let Some(owner) = state.and_then(|state| state.owner.as_mut()) {
            owner.alarm = Some(Arc::clone(&alarm));
        }
        self.due.push(alarm);
    }

    /// The first waiter whose key a free slot has open, unless one before it has been overtaken
    /// often enough; else the first of all. Waiters that cannot be served are left aside.
    fn choose(&self) -> Option<(usize, usize)> {
        if self.waiting.is_empty() || self.free_slots().next().is_none() {
            return None;
        }
        let mut first = None;
        for (place, waiter) in self.waiting.iter().enumerate() {
            let wanted = waiter.who.wanted.as_ref();
            if !self.is_servable(place, wanted) {
                continue;
            }
            if let Some((slot, _)) = self.free_slots().find(|(_, state)| state.has_open(wanted)) {
                return Some((place, slot));
            }
            first = first.or(Some((place, wanted)));
            if waiter.overtaken >= self.policy.max_overtakes {
                break;
            }
        }
        let (place, wanted) = first?;
        Some((place, self.best_free(wanted)?))
    }

    /// The slots that a turn can have now: those that are open, and one to be opened if that is
    /// allowed.
    fn free_slots(&self) -> impl Iterator<Item = (usize, &SlotState<K>)> {
        let may_open = self.may_open();
        let slots = self.slots.iter().enumerate();
        slots.filter(move |(_, state)| state.owner.is_none() && (state.is_open || may_open))
    }

    /// Whether a slot may be opened: the bound is not reached, and no other slot is being opened. A
    /// single slot is opened by its holder at any time.
    fn may_open(&self) -> bool {
        !self.slots.has_several()
            || (self.count_open() < self.bound && self.slot_being_opened().is_none())
    }

    /// The number of slots that are open.
    pub(super) fn count_open(&self) -> usize {
        self.slots.iter().filter(|state| state.is_open).count()
    }

    /// The slot whose turn opens it.
    pub(super) fn slot_being_opened(&self) -> Option<usize> {
        let is_being_opened = |state: &SlotState<K>| state.owner.is_some() && !state.is_open;
        self.slots.position(|_, state| is_being_opened(state))
    }

    /// A free slot with the key open, else one with nothing open, else the one idle for longest, else
    /// one to be opened, else one in which something is parked. One to be opened comes before the idle
    /// one if the key would still be open with all slots: closing it to save a slot was wrong.
    fn best_free(&self, wanted: Option<&K>) -> Option<usize> {
        let is_recent = wanted.is_some_and(|wanted| self.recent.has(wanted, self.bound));
        let best = self.free_slots().reduce(|best, other| {
            match other.1.costs_for(wanted, is_recent) < best.1.costs_for(wanted, is_recent) {
                true => other,
                false => best,
            }
        });
        best.map(|(slot, _)| slot)
    }

    /// Whether any free slot can serve a waiter at this place that wants this key.
    fn is_servable(&self, place: usize, wanted: Option<&K>) -> bool {
        !self.slots.has_several()
            || (self.in_the_way(wanted).next().is_none() && !self.is_barred(place, wanted))
    }

    /// Whether the keys of turns and waiters exclude each other.
    fn keys_matter(&self) -> bool {
        self.slots.has_several() && !self.policy.several_writers
    }

    /// The turns that exclude this key, or have reserved it.
    fn in_the_way<'q>(&'q self, wanted: Option<&'q K>) -> impl Iterator<Item = &'q Owner<K>> {
        let wanted = wanted.filter(|_| self.slots.has_several());
        let keys_matter = self.keys_matter();
        self.slots.iter().filter_map(move |state| {
            let owner = state.owner.as_ref()?;
            let is_excluded = keys_matter && exclude(owner.who.wanted.as_ref(), wanted);
            let is_reserved = match (&state.reserved, wanted) {
                (Some(reserved), Some(wanted)) => reserved.covers(wanted),
                _ => false,
            };
            (is_excluded || is_reserved).then_some(owner)
        })
    }

    /// Whether a waiter before this place would be overtaken once too often.
    fn is_barred(&self, place: usize, wanted: Option<&K>) -> bool {
        if !self.keys_matter() {
            return false;
        }
        let mut earlier = self.waiting.iter().take(place);
        earlier.any(|waiter| {
            waiter.overtaken >= self.policy.max_overtakes
                && exclude(waiter.who.wanted.as_ref(), wanted)
        })
    }

    /// A turn is granted before those at the first places.
    fn note_overtaking(&mut self, places: usize, wanted: Option<&K>) {
        // Backwards, because what bars a waiter are the counts of those before it.
        for place in (0..places).rev() {
            let Some(waiter) = self.waiting.get(place) else {
                continue;
            };
            let its = waiter.who.wanted.as_ref();
            let is_overtaken =
                self.is_servable(place, its) || (self.keys_matter() && exclude(its, wanted));
            if let Some(waiter) = self.waiting.get_mut(place) {
                waiter.overtaken += u32::from(is_overtaken);
            }
        }
    }

    #[inline]
    fn hold(&mut self, slot: usize, owner: Owner<K>) {
        let wanted = owner.who.wanted.as_ref();
        #[cfg(all(test, shuttle))]
        self.note_grant(owner.ticket, wanted, Some(slot));
        self.note_use(wanted);
        if let Some(state) = self.slots.get_mut(slot) {
            state.owner = Some(owner);
        }
    }

    /// A turn for this key begins.
    #[inline]
    fn note_use(&mut self, wanted: Option<&K>) {
        if let Some(wanted) = wanted.filter(|_| self.slots.has_several()) {
            self.recent.note(wanted, self.bound);
        }
    }

    /// The alarm of a waiter that was granted its turn, or of a turn that a waiter counts on from now
    /// on. Each waiter counts on one turn, and on no turn that another waiter counts on.
    pub(super) fn next_alarm(&mut self) -> Option<Alarm> {
        if let Some(alarm) = self.due.pop() {
            return Some(alarm);
        }
        if self.waiting.is_empty() || !self.owners().any(|(_, owner)| owner.alarm.is_some()) {
            return None;
        }
        for place in 0..self.waiting.len() {
            let waiter = self.waiting.get(place)?;
            if waiter
                .asked
                .is_some_and(|ticket| self.slot_of(ticket).is_some())
            {
                continue;
            }
            let Some(owner) = self.could_serve(place, waiter.who.wanted.as_ref()) else {
                continue;
            };
            let (ticket, alarm) = (owner.ticket, owner.alarm.clone());
            self.waiting.get_mut(place)?.asked = Some(ticket);
            return alarm;
        }
        None
    }

    /// A turn whose end would serve this waiter and that has an alarm; of several, one for the key
    /// that the waiter wants. The alarms of turns that exclude the waiter are called one after the
    /// other, if all of them have one.
    fn could_serve(&self, place: usize, wanted: Option<&K>) -> Option<&Owner<K>> {
        if self.is_barred(place, wanted) {
            return None;
        }
        if self.in_the_way(wanted).any(|owner| owner.alarm.is_none()) {
            return None;
        }
        let is_excluded = self.in_the_way(wanted).next().is_some();
        let owners = self.owners().map(|(_, owner)| owner);
        let mut candidates = owners.filter(|owner| {
            owner.alarm.is_some()
                && !self.is_counted_on(owner.ticket)
                && (!is_excluded || exclude(owner.who.wanted.as_ref(), wanted))
        });
        let first = candidates.next()?;
        let has_open = |owner: &&Owner<K>| wanted.is_some() && owner.who.wanted.as_ref() == wanted;
        match has_open(&first) {
            true => Some(first),
            false => candidates.find(has_open).or(Some(first)),
        }
    }

    /// Whether a waiter counts on the end of this turn.
    pub(super) fn is_counted_on(&self, ticket: u64) -> bool {
        let mut asked = self.waiting.iter().map(|waiter| waiter.asked);
        asked.any(|asked| asked == Some(ticket))
    }

    #[cfg(all(test, shuttle))]
    fn note_grant(&mut self, ticket: u64, wanted: Option<&K>, slot: Option<usize>) {
        let held = self.held_now();
        let is_open = |slot: usize| self.slots.get(slot).is_some_and(|slot| slot.is_open);
        let mut slots = self.slots.iter();
        self.grants.push(super::model::Grant {
            opens: slot.is_some_and(|slot| !is_open(slot)),
            is_open_one_free: slots.any(|slot| slot.is_open && slot.owner.is_none()),
            ticket,
            wanted: wanted.cloned(),
            held,
            waiting: self.waiting_now(),
        });
    }

    /// The keys of the turns that are held, and those that are reserved.
    #[cfg(all(test, shuttle))]
    pub(super) fn held_now(&self) -> Vec<Option<K>> {
        let held = self.owners().map(|(_, owner)| owner.who.wanted.clone());
        let reserved = self.slots.iter().filter_map(|slot| slot.reserved.clone());
        held.chain(reserved.map(Some)).collect()
    }

    #[cfg(all(test, shuttle))]
    pub(super) fn waiting_now(&self) -> Vec<(u64, Option<K>)> {
        let waiting = self.waiting.iter();
        waiting.map(|w| (w.ticket, w.who.wanted.clone())).collect()
    }
}

impl<K: Key> SlotState<K> {
    /// A slot that no turn has had yet.
    pub(super) fn new(is_open: bool) -> Self {
        Self {
            owner: None,
            reserved: None,
            open: None,
            is_open,
            parked: None,
            parking: None,
            release: 0,
        }
    }

    fn has_open(&self, wanted: Option<&K>) -> bool {
        wanted.is_some() && self.open.as_ref() == wanted
    }

    /// The lower, the better the slot is for this key.
    fn costs_for(&self, wanted: Option<&K>, is_recent: bool) -> (u8, bool, u64) {
        let cost = match (self.is_open, &self.open) {
            (true, Some(_)) if self.has_open(wanted) => 0,
            (true, None) => 1,
            // A turn that needs nothing open leaves open what there is.
            (true, Some(_)) if wanted.is_none() => 2,
            (false, _) if is_recent => 3,
            (true, Some(_)) if self.parked.is_none() => 4,
            (false, _) => 5,
            (true, Some(_)) => 6,
        };
        (cost, self.parked.is_some(), self.release)
    }
}

impl<K> Owner<K> {
    fn new(ticket: u64, who: Who<K>, overtaken: u32, since: Instant) -> Self {
        Self {
            ticket,
            who,
            alarm: None,
            overtaken,
            since,
            is_reported: false,
        }
    }

    pub(super) fn is_of(&self, thread: ThreadId) -> bool {
        self.who.by_thread && self.who.thread.id() == thread
    }
}

fn exclude<K: Key>(one: Option<&K>, other: Option<&K>) -> bool {
    matches!((one, other), (Some(one), Some(other)) if one.excludes(other))
}
