//! A fair lock with one slot or several: a queue of tickets in front of values that threads share.
//!
//! The queue decides which turn has which slot. The value of a slot lies in a mutex of its own, which
//! the holder of the turn takes for the time of one command, and which is free whenever the queue is
//! right. A turn is a ticket, not a mutex guard, so it can be dropped, leaked or moved without
//! leaving the value locked.
//!
//! Turns are granted in the order of arrival, with two exceptions: a waiter whose key a free slot has
//! open may overtake others, a bounded number of times; and a waiter whose key a held turn excludes
//! or has reserved does not block those behind it. The rules are in [`queue`].
//!
//! No foreign code runs while the queue's mutex is held: no logger, no alarm, no caller's value.

pub(crate) mod entering;
mod long_hold;
pub(crate) mod opening;
mod parking;
pub(crate) mod pending;
mod queue;
mod recent;
mod reporting;
mod slots;
mod sync;
#[cfg(not(all(test, shuttle)))]
mod thread_end;

#[cfg(test)]
#[cfg(shuttle)]
mod model;
#[cfg(test)]
#[cfg(shuttle)]
mod model_tests;
#[cfg(test)]
#[cfg(not(shuttle))]
mod tests;

use std::fmt;
use std::ops::{Deref, DerefMut};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use self::queue::{Notice, Owner, Queue, SlotState};
use self::slots::Slots;
use self::sync::{Mutex, MutexGuard, ThreadId, here, now, thread};

use crate::stop_handle::StopHandle;

pub(crate) use self::long_hold::Holding;
pub(crate) use self::queue::{Alarm, Key, LockPolicy};

/// A value that knows which key it has open.
pub(crate) trait Keyed {
    type Key: Key;
    /// A turn in errors and in the log.
    type Holder: fmt::Display;

    /// Brings `known` up to date with the key that is open; leaves it alone if it is.
    fn update_key(&self, known: &mut Option<Self::Key>);

    /// Whether it can be used; if not, the holder of the turn has to open it.
    fn is_usable(&self) -> bool {
        true
    }

    fn holder(turn: Holding<'_, Self::Key>) -> Self::Holder;
}

/// The time to wait.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Wait {
    No,
    Until(Instant),
    Forever,
}

/// A request for a turn.
#[derive(Clone, Debug)]
pub(crate) struct Request<K> {
    /// The key that has to be open; `None` if the turn needs nothing open.
    pub(crate) wanted: Option<K>,
    /// The caller's name for the turn.
    pub(crate) label: Option<Arc<str>>,
    pub(crate) wait: Wait,
    /// The instant at which it was made: a turn that is granted at once is held since then.
    pub(crate) at: Instant,
    /// A handle that ends the wait before that.
    pub(crate) stop: Option<StopHandle>,
}

/// The reason why a turn was not granted.
#[derive(Debug)]
pub(crate) enum NoTurn<H> {
    /// The thread would wait for itself: it has these turns, or is using their values.
    HeldByThisThread { holders: Vec<H> },
    /// The request does not wait.
    WouldBlock { holders: Vec<H> },
    /// The deadline has passed.
    Timeout {
        waited: Duration,
        holders: Vec<H>,
        /// The number of other waiters.
        waiting: usize,
    },
    /// The request was stopped.
    Stopped,
    /// No turns are granted any more.
    Closed,
}

/// The turns that are held, and the number of waiters.
pub(crate) struct Report<H> {
    pub(crate) holders: Vec<H>,
    pub(crate) waiting: usize,
}

/// Values each of which one holder at a time may use.
pub(crate) struct FairLock<T: Keyed> {
    queue: Mutex<Queue<T::Key>>,
    slots: Slots<Slot<T>>,
    /// A turn was taken back from a thread that has ended.
    has_taken_back: AtomicBool,
}

struct Slot<T> {
    value: Mutex<T>,
    /// The thread that uses the value now, as [`here`] numbers threads; 0 for none.
    in_hand_of: AtomicUsize,
}

/// The value while its holder uses it, for the time of one command.
pub(crate) struct InUse<'a, T> {
    value: MutexGuard<'a, T>,
    in_hand_of: &'a AtomicUsize,
}

/// A turn on the value of one slot. Dropping it passes the slot on; besides that, at most a long hold
/// is logged.
///
/// It belongs to the thread that requested it until it is [handed over](Self::hand_over).
pub(crate) struct Turn<T: Keyed> {
    ticket: Ticket<T>,
    slot: usize,
    /// The instant of its request, if it was granted without a wait.
    at_once: Option<Instant>,
}

/// A place in the queue, or the turn that it became. Dropping it leaves the queue, or ends the turn.
struct Ticket<T: Keyed> {
    lock: Arc<FairLock<T>>,
    number: u64,
}

impl<T: Keyed> FairLock<T> {
    /// A lock with a slot for each value.
    pub(crate) fn new(first: T, others: impl IntoIterator<Item = T>, policy: LockPolicy) -> Self {
        let slots = Slots::new(Slot::new(first), others.into_iter().map(Slot::new));
        let state = |slot: &Slot<T>| {
            let value = slot.value.try_lock();
            SlotState::new(value.is_some_and(|value| value.is_usable()))
        };
        Self {
            queue: Mutex::new(Queue::new(slots.map(state), policy)),
            slots,
            has_taken_back: AtomicBool::new(false),
        }
    }

    /// The value of a lock with one slot.
    pub(crate) fn into_value(self) -> T {
        self.slots.into_first().value.into_inner()
    }

    /// The value of a slot, for the holder of its turn; `None` while it is in use.
    pub(crate) fn value(&self, slot: usize) -> Option<InUse<'_, T>> {
        let Slot { value, in_hand_of } = self.slots.get(slot)?;
        let value = value.try_lock()?;
        in_hand_of.store(here(), Ordering::Relaxed);
        Some(InUse { value, in_hand_of })
    }

    /// Grants no turns any more: all who wait are refused, and all who come.
    pub(crate) fn close(&self) {
        let mut queue = self.queue.lock();
        queue.is_closed = true;
        let alarms = queue.owners().filter_map(|(_, owner)| owner.alarm.clone());
        let mut alarms: Vec<_> = alarms.collect();
        alarms.extend(queue.slots.iter().filter_map(|state| state.parked.clone()));
        for waiter in &queue.waiting {
            match &waiter.notice {
                Notice::Thread(granted) => {
                    granted.notify_one();
                }
                Notice::Alarm(alarm) => alarms.push(Arc::clone(alarm)),
            }
        }
        drop(queue);
        alarms.into_iter().for_each(ring);
    }

    fn ticket(self: &Arc<Self>, number: u64) -> Ticket<T> {
        Ticket {
            lock: Arc::clone(self),
            number,
        }
    }

    /// Ends a turn, or leaves the queue; then, with nothing locked, logs a long hold.
    fn leave(&self, number: u64) {
        let mut queue = self.queue.lock();
        let Some(slot) = queue.slot_of(number) else {
            let left = queue.forget(number);
            self.go_on(queue);
            drop(left);
            return;
        };
        // The clock is not read if no logger listens.
        let is_listened_to = log::max_level() >= log::LevelFilter::Warn;
        let long = match is_listened_to {
            true => queue.report_long_hold(slot).map(T::holder),
            false => None,
        };
        let owner = self.free(&mut queue, slot);
        match queue.has_nothing_to_do() {
            true => drop(queue),
            false => self.go_on(queue),
        }
        drop(owner);
        if let Some(holder) = long {
            // A guard can be dropped anywhere: a panic of the logger ends here.
            let _ = catch_unwind(AssertUnwindSafe(|| {
                log::warn!("lock released after a long hold: {holder}");
            }));
        }
    }

    /// The turn of this slot has ended. Its key is read off the value, which no other thread uses.
    fn free(&self, queue: &mut Queue<T::Key>, slot: usize) -> Option<Owner<T::Key>> {
        queue.free(slot, |open, is_open| {
            let value = self.slots.get(slot).and_then(|slot| slot.value.try_lock());
            if let Some(value) = value {
                value.update_key(open);
                *is_open = value.is_usable();
            }
        })
    }

    /// Grants what can be granted now. Then rings the alarms of turns that waiters count on from now
    /// on, one at a time with the queue unlocked.
    fn go_on<'q>(&'q self, mut queue: MutexGuard<'q, Queue<T::Key>>) {
        queue.grant_free();
        while let Some(alarm) = queue.next_alarm() {
            drop(queue);
            ring(alarm);
            queue = self.queue.lock();
        }
    }

    /// A thread has ended. It cannot use its turns any more, and no other thread can.
    fn take_back_from(&self, thread: ThreadId) {
        loop {
            let mut queue = self.queue.lock();
            let Some(slot) = queue.slot_of_thread(thread) else {
                return;
            };
            self.has_taken_back.store(true, Ordering::SeqCst);
            let owner = self.free(&mut queue, slot);
            self.go_on(queue);
            drop(owner);
        }
    }
}

#[cfg(not(all(test, shuttle)))]
impl<T: Keyed + Send> thread_end::Lockable for FairLock<T> {
    fn thread_ended(&self, thread: ThreadId) {
        self.take_back_from(thread);
    }
}

impl<T> Slot<T> {
    fn new(value: T) -> Self {
        Self {
            value: Mutex::new(value),
            in_hand_of: AtomicUsize::new(0),
        }
    }

    fn is_in_hand_of(&self, thread: usize) -> bool {
        self.in_hand_of.load(Ordering::Relaxed) == thread
    }
}

impl<T> Deref for InUse<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T> DerefMut for InUse<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.value
    }
}

impl<T> Drop for InUse<'_, T> {
    fn drop(&mut self) {
        self.in_hand_of.store(0, Ordering::Relaxed);
    }
}

impl<T: Keyed> Turn<T> {
    /// The slot that the turn has.
    pub(crate) fn slot(&self) -> usize {
        self.slot
    }

    /// The instant of the request for it, if it was granted without a wait.
    pub(crate) fn granted_at_once(&self) -> Option<Instant> {
        self.at_once
    }

    /// The value; `None` while it is in use, or if the turn was taken back because its thread is
    /// ending.
    pub(crate) fn value(&self) -> Option<InUse<'_, T>> {
        let Ticket { lock, number } = &self.ticket;
        if lock.has_taken_back.load(Ordering::SeqCst) {
            lock.queue.lock().slot_of(*number)?;
        }
        lock.value(self.slot)
    }

    /// The turn belongs to no thread from now on.
    pub(crate) fn hand_over(&self) {
        let Ticket { lock, number } = &self.ticket;
        if let Some(owner) = lock.queue.lock().owner_mut(*number) {
            owner.who.by_thread = false;
        }
    }

    /// The turn belongs to this thread from now on.
    pub(crate) fn take_over(&self)
    where
        T: Send + 'static,
    {
        let Ticket { lock, number } = &self.ticket;
        let thread = thread::current();
        let mut queue = lock.queue.lock();
        lock.remember(&mut queue, thread.id());
        if let Some(owner) = queue.owner_mut(*number) {
            owner.who.thread = thread;
            owner.who.by_thread = true;
        }
    }

    /// Goes on with the turn for another key.
    ///
    /// A turn does not wait for others, because they could be waiting for it: it is refused if another
    /// turn excludes the key, and if a waiter for it may not be overtaken any more. Returns the turns
    /// that are held beside this one then. With one slot it is never refused.
    pub(crate) fn change_wanted(&self, wanted: T::Key) -> Result<(), Vec<T::Holder>> {
        let Ticket { lock, number } = &self.ticket;
        let mut queue = lock.queue.lock();
        if queue.change_wanted(*number, wanted) {
            lock.go_on(queue);
            return Ok(());
        }
        let others = queue.owners().filter(|(slot, _)| *slot != self.slot);
        let holdings = others.filter_map(|(slot, _)| queue.holding(slot));
        Err(holdings.map(T::holder).collect())
    }

    /// Calls `alarm` when a waiter begins to [count on](Self::is_wanted) the end of this turn, and when
    /// the lock is closed; `None` ends that.
    pub(crate) fn set_alarm(&self, alarm: Option<Alarm>) {
        let Ticket { lock, number } = &self.ticket;
        let mut queue = lock.queue.lock();
        let before = match queue.owner_mut(*number) {
            Some(owner) => std::mem::replace(&mut owner.alarm, alarm),
            None => alarm,
        };
        lock.go_on(queue);
        drop(before);
    }

    /// Whether a waiter counts on the end of this turn.
    pub(crate) fn is_wanted(&self) -> bool {
        let Ticket { lock, number } = &self.ticket;
        lock.queue.lock().is_counted_on(*number)
    }
}

impl<T: Keyed> Drop for Ticket<T> {
    fn drop(&mut self) {
        self.lock.leave(self.number);
    }
}

impl Wait {
    /// Waits for `limit` from now, or forever without one.
    pub(crate) fn for_at_most(limit: impl Into<Option<Duration>>) -> Self {
        Self::from(now(), limit)
    }

    /// Waits for `limit` from this instant, or forever without one.
    pub(crate) fn from(at: Instant, limit: impl Into<Option<Duration>>) -> Self {
        match limit.into().and_then(|limit| at.checked_add(limit)) {
            Some(deadline) => Self::Until(deadline),
            None => Self::Forever,
        }
    }

    pub(crate) fn deadline(self) -> Option<Instant> {
        match self {
            Self::Until(deadline) => Some(deadline),
            Self::No | Self::Forever => None,
        }
    }

    pub(crate) fn is_over(self) -> bool {
        match self {
            Self::No => true,
            Self::Until(deadline) => now() >= deadline,
            Self::Forever => false,
        }
    }
}

/// A turn may end while a panic unwinds: one of the alarm ends here.
fn ring(alarm: Alarm) {
    let _ = catch_unwind(AssertUnwindSafe(move || alarm()));
}
