//! Whose turn it is: a queue of tickets in front of the one connection that threads share.
//!
//! The queue decides who may use the value; the value lies in a mutex of its own, which the
//! holder of the turn takes for the time of one command and which is free whenever the queue is
//! right. A holder is a ticket, not a mutex guard, so it can be dropped, leaked or moved without
//! leaving the value locked.
//!
//! Turns come in order of arrival, with one exception: a waiter for what is open already may go
//! ahead of others, but nobody is overtaken more than a set number of times.
//!
//! No foreign code runs while the queue's mutex is held: no logger, no alarm, no caller's value.

use std::collections::VecDeque;
use std::ops::{Deref, DerefMut};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

#[cfg(not(all(test, shuttle)))]
use parking_lot::{Condvar, Mutex, MutexGuard};
#[cfg(not(all(test, shuttle)))]
use std::thread::{self, Thread, ThreadId};

#[cfg(all(test, shuttle))]
use model::{Condvar, Mutex, MutexGuard, Thread, ThreadId, here, now, thread};

use crate::client_builder::bounds::Manners;
use crate::connection::state::Opened;
use crate::error::{Holder, LockError, LockState};

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

/// The value while its holder uses it, for the time of one command.
pub(crate) struct InUse<'a, T> {
    value: MutexGuard<'a, T>,
    in_hand_of: &'a AtomicUsize,
}

/// A value that tells what it has open.
pub(crate) trait Keyed {
    /// Brings up to date what is known of it.
    fn note_opened(&self, known: &mut Option<Opened>);
}

/// What is called when somebody begins to wait for a turn that its owner could end early.
pub(crate) type Alarm = Arc<dyn Fn() + Send + Sync>;

/// How long to wait for a turn.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Patience {
    /// Not at all.
    None,
    /// Until a point in time.
    Until(Instant),
    /// As long as it takes.
    Unlimited,
}

/// Who wants a turn, and what for.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    /// What has to be open; nothing for what needs nothing open.
    pub(crate) wish: Option<Opened>,
    /// What the caller calls it.
    pub(crate) label: Option<Arc<str>>,
    pub(crate) patience: Patience,
}

/// Why there is no turn.
#[derive(Debug)]
pub(crate) enum NoTurn {
    /// It is not this caller's, or not in time.
    Busy(LockError),
    /// There will be none any more.
    Closed,
}

/// A value that one holder at a time may use.
pub(crate) struct Latch<T> {
    queue: Mutex<Queue>,
    value: Mutex<T>,
    /// The thread that uses the value now, as [`here`] numbers threads; 0 for none.
    in_hand_of: AtomicUsize,
    /// A turn was taken from a thread that has ended.
    has_taken_back: AtomicBool,
    manners: Manners,
}

/// A turn, or the place of who waits for it. Dropping it passes the turn on, or leaves the queue;
/// all that can happen besides is that a long hold is told in the log.
///
/// It belongs to the thread that asked for it until it is [handed over](Self::hand_over).
pub(crate) struct Turn<T: Keyed> {
    latch: Arc<Latch<T>>,
    ticket: u64,
}

#[derive(Default)]
struct Queue {
    owner: Option<Owner>,
    waiting: VecDeque<Waiter>,
    /// What the value has open, for whoever is to be chosen next.
    opened: Option<Opened>,
    last_ticket: u64,
    is_closed: bool,
}

struct Owner {
    ticket: u64,
    who: Who,
    since: Instant,
    is_told: bool,
    alarm: Option<Alarm>,
}

struct Waiter {
    ticket: u64,
    who: Who,
    overtaken: u32,
    granted: Arc<Condvar>,
}

/// A thread and what it wants.
struct Who {
    thread: Thread,
    /// Whether the turn belongs to this thread, which then cannot wait for itself.
    by_thread: bool,
    wish: Option<Opened>,
    label: Option<Arc<str>>,
}

impl<T: Keyed> Latch<T> {
    pub(crate) fn new(value: T, manners: Manners) -> Self {
        Self {
            queue: Mutex::new(Queue::default()),
            value: Mutex::new(value),
            in_hand_of: AtomicUsize::new(0),
            has_taken_back: AtomicBool::new(false),
            manners,
        }
    }

    /// The value, when nobody can have a turn any more.
    pub(crate) fn into_value(self) -> T {
        self.value.into_inner()
    }

    /// Waits for a turn, which is refused at once to a thread that would wait for itself: it has
    /// the turn, or it is in the middle of using the value.
    pub(crate) fn acquire(self: &Arc<Self>, request: Request) -> Result<Turn<T>, NoTurn>
    where
        T: Send + 'static,
    {
        let Request {
            wish,
            label,
            patience,
        } = request;
        let thread = thread::current();
        #[cfg(not(all(test, shuttle)))]
        thread_end::remember(self, thread.id());
        let mut queue = self.queue.lock();
        if queue.is_closed {
            return Err(NoTurn::Closed);
        }
        let is_mine = queue.is_held_by(thread.id()) || self.is_in_hand_here();
        if let Some(owner) = queue.owner.as_ref().filter(|_| is_mine) {
            let holder = owner.holder();
            return Err(NoTurn::Busy(LockError::HeldByThisThread { holder }));
        }
        let who = Who {
            thread,
            by_thread: true,
            wish,
            label,
        };
        let ticket = queue.next_ticket();
        if queue.owner.is_none() {
            queue.owner = Some(Owner::new(ticket, who));
            return Ok(self.turn(ticket));
        }
        if matches!(patience, Patience::None) {
            return Err(NoTurn::Busy(LockError::WouldBlock {
                holder: queue.holder(),
            }));
        }
        let granted = Arc::new(Condvar::new());
        queue.waiting.push_back(Waiter {
            ticket,
            who,
            overtaken: 0,
            granted: granted.clone(),
        });
        let alarm = queue.alarm();
        drop(queue);
        let turn = self.turn(ticket);
        sound(alarm);
        self.wait(turn, &granted, patience)
    }

    /// Waits until `turn` has come. It is dropped where it has not, and also where a caller's logger
    /// panics, so that nobody waits for a thread that is gone; `queue` goes before it, as the later one.
    fn wait(
        &self,
        turn: Turn<T>,
        granted: &Condvar,
        patience: Patience,
    ) -> Result<Turn<T>, NoTurn> {
        let ticket = turn.ticket;
        let mut queue = self.queue.lock();
        let began = now();
        loop {
            if queue.is_owned_by(ticket) {
                return Ok(turn);
            }
            if queue.is_closed {
                return Err(NoTurn::Closed);
            }
            if patience.is_over() {
                queue.forget(ticket);
                let (holder, waiting) = (queue.holder(), queue.waiting.len());
                let waited = now().saturating_duration_since(began);
                return Err(NoTurn::Busy(LockError::Timeout {
                    waited,
                    holder,
                    waiting,
                }));
            }
            if let Some(held) = queue.tell_long_hold(self.manners.long_hold) {
                drop(queue);
                log::warn!("the lock is held for long by {held}");
                queue = self.queue.lock();
                continue;
            }
            match earlier(
                patience.deadline(),
                queue.long_hold_at(self.manners.long_hold),
            ) {
                Some(until) => {
                    let _ = granted.wait_until(&mut queue, until);
                }
                None => granted.wait(&mut queue),
            }
        }
    }

    /// Whether this thread has the turn, or uses the value.
    pub(crate) fn is_mine(&self) -> bool {
        self.is_in_hand_here() || self.queue.lock().is_held_by(thread::current().id())
    }

    /// Whether this thread is in the middle of using the value, in whatever turn: code of the
    /// caller's that is called then (a logger, a reader, a provider) would wait for itself.
    fn is_in_hand_here(&self) -> bool {
        self.in_hand_of.load(Ordering::Relaxed) == here()
    }

    /// The value, for whoever has the turn; nothing while it is in use all the same.
    pub(crate) fn value(&self) -> Option<InUse<'_, T>> {
        let value = self.value.try_lock()?;
        self.in_hand_of.store(here(), Ordering::Relaxed);
        Some(InUse {
            value,
            in_hand_of: &self.in_hand_of,
        })
    }

    /// Who holds the turn, and how many wait.
    pub(crate) fn state(&self) -> LockState {
        let queue = self.queue.lock();
        LockState {
            holder: queue.holder(),
            waiting: queue.waiting.len(),
        }
    }

    /// There are no more turns: everybody who waits is told so, and everybody who comes.
    pub(crate) fn close(&self) {
        let mut queue = self.queue.lock();
        queue.is_closed = true;
        for waiter in &queue.waiting {
            waiter.granted.notify_one();
        }
        let alarm = queue.alarm();
        drop(queue);
        sound(alarm);
    }

    fn turn(self: &Arc<Self>, ticket: u64) -> Turn<T> {
        Turn {
            latch: Arc::clone(self),
            ticket,
        }
    }

    /// Passes the turn on, or leaves the queue; then, with nothing held, tells of a long hold.
    fn release(&self, ticket: u64) {
        let mut queue = self.queue.lock();
        if !queue.is_owned_by(ticket) {
            let left = queue.forget(ticket);
            drop(queue);
            drop(left);
            return;
        }
        // Where nobody listens, the clock is not asked.
        let is_listened_to = log::max_level() >= log::LevelFilter::Warn;
        let long = is_listened_to
            .then(|| queue.tell_long_hold(self.manners.long_hold))
            .flatten();
        let owner = self.pass_on(&mut queue);
        drop(queue);
        drop(owner);
        if let Some(held) = long {
            // A guard can be dropped anywhere: what a logger does there is nobody's panic.
            let _ = catch_unwind(AssertUnwindSafe(|| {
                log::warn!("the lock was held for long by {held}");
            }));
        }
    }

    /// The turn of the owner has ended: the next waiter is the owner. What is open is read off the
    /// value, which only the owner uses.
    fn pass_on(&self, queue: &mut Queue) -> Option<Owner> {
        if let Some(value) = self.value.try_lock() {
            value.note_opened(&mut queue.opened);
        }
        let owner = queue.owner.take();
        queue.grant_next(self.manners.overtaking);
        owner
    }

    /// A thread has ended. What it had locked it cannot use any more, and no other thread can.
    fn thread_ended(&self, thread: ThreadId) {
        let mut queue = self.queue.lock();
        if queue.is_held_by(thread) {
            self.has_taken_back.store(true, Ordering::SeqCst);
            let owner = self.pass_on(&mut queue);
            drop(queue);
            drop(owner);
        }
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
    /// The value; nothing while it is in use all the same, or when the turn was taken back because
    /// its thread is ending.
    pub(crate) fn value(&self) -> Option<InUse<'_, T>> {
        let latch = &self.latch;
        if latch.has_taken_back.load(Ordering::SeqCst)
            && !latch.queue.lock().is_owned_by(self.ticket)
        {
            return None;
        }
        latch.value()
    }

    /// The turn belongs to no thread from now on.
    pub(crate) fn hand_over(&self) {
        if let Some(owner) = &mut self.latch.queue.lock().owner {
            owner.who.by_thread = false;
        }
    }

    /// The turn goes on for something else.
    pub(crate) fn note_wish(&self, wish: Opened) {
        if let Some(owner) = &mut self.latch.queue.lock().owner {
            owner.who.wish = Some(wish);
        }
    }

    /// Calls `alarm` whenever somebody begins to wait; nothing ends that.
    pub(crate) fn set_alarm(&self, alarm: Option<Alarm>) {
        let mut queue = self.latch.queue.lock();
        let before = match &mut queue.owner {
            Some(owner) => std::mem::replace(&mut owner.alarm, alarm),
            None => alarm,
        };
        drop(queue);
        drop(before);
    }

    /// How many wait for this turn to end.
    pub(crate) fn waiting(&self) -> usize {
        self.latch.queue.lock().waiting.len()
    }
}

impl<T: Keyed> Drop for Turn<T> {
    fn drop(&mut self) {
        self.latch.release(self.ticket);
    }
}

impl Queue {
    fn next_ticket(&mut self) -> u64 {
        self.last_ticket += 1;
        self.last_ticket
    }

    fn is_owned_by(&self, ticket: u64) -> bool {
        self.owner
            .as_ref()
            .is_some_and(|owner| owner.ticket == ticket)
    }

    fn is_held_by(&self, thread: ThreadId) -> bool {
        let is_its = |owner: &Owner| owner.who.by_thread && owner.who.thread.id() == thread;
        self.owner.as_ref().is_some_and(is_its)
    }

    fn holder(&self) -> Option<Holder> {
        self.owner.as_ref().map(Owner::holder)
    }

    fn forget(&mut self, ticket: u64) -> Option<Waiter> {
        let place = self
            .waiting
            .iter()
            .position(|waiter| waiter.ticket == ticket)?;
        self.waiting.remove(place)
    }

    /// What the owner wants to have called when somebody begins to wait.
    fn alarm(&self) -> Option<Alarm> {
        self.owner.as_ref()?.alarm.clone()
    }

    /// Makes the next waiter the owner and wakes it.
    fn grant_next(&mut self, bound: u32) {
        if self.waiting.is_empty() {
            return;
        }
        let chosen = self.choose(bound);
        for passed in self.waiting.iter_mut().take(chosen) {
            passed.overtaken += 1;
        }
        if let Some(Waiter {
            ticket,
            who,
            granted,
            ..
        }) = self.waiting.remove(chosen)
        {
            self.owner = Some(Owner::new(ticket, who));
            granted.notify_one();
        }
    }

    /// The first waiter for what is open already, unless somebody before it has been overtaken
    /// often enough; else the first of all.
    fn choose(&self, bound: u32) -> usize {
        for (place, waiter) in self.waiting.iter().enumerate() {
            if waiter.who.wish.is_some() && waiter.who.wish == self.opened {
                return place;
            }
            if waiter.overtaken >= bound {
                break;
            }
        }
        0
    }

    /// When the owner will have held the turn for long, if that is still to be told.
    fn long_hold_at(&self, long_hold: Duration) -> Option<Instant> {
        self.owner
            .as_ref()
            .filter(|owner| !owner.is_told)?
            .since
            .checked_add(long_hold)
    }

    /// The owner, the first time that it is asked after holding the turn for long.
    fn tell_long_hold(&mut self, long_hold: Duration) -> Option<Holder> {
        let is_long = self.long_hold_at(long_hold).is_some_and(|at| now() >= at);
        let owner = self.owner.as_mut().filter(|_| is_long)?;
        owner.is_told = true;
        Some(owner.holder())
    }
}

impl Owner {
    fn new(ticket: u64, who: Who) -> Self {
        Self {
            ticket,
            who,
            since: now(),
            is_told: false,
            alarm: None,
        }
    }

    fn holder(&self) -> Holder {
        Holder {
            thread: self.who.thread.name().map(str::to_owned),
            label: self.who.label.as_deref().map(str::to_owned),
            mailbox: self.who.wish.as_ref().map(|wish| wish.name.clone()),
            held_for: now().saturating_duration_since(self.since),
        }
    }
}

impl Patience {
    /// Waiting for `limit` from now, or for ever without one.
    pub(crate) fn for_at_most(limit: Option<Duration>) -> Self {
        match limit.and_then(|limit| now().checked_add(limit)) {
            Some(deadline) => Self::Until(deadline),
            None => Self::Unlimited,
        }
    }

    /// When it ends, if it does.
    pub(crate) fn deadline(self) -> Option<Instant> {
        match self {
            Self::Until(deadline) => Some(deadline),
            Self::None | Self::Unlimited => None,
        }
    }

    fn is_over(self) -> bool {
        self.deadline().is_some_and(|deadline| now() >= deadline)
    }
}

fn sound(alarm: Option<Alarm>) {
    if let Some(alarm) = alarm {
        alarm();
    }
}

#[cfg(not(all(test, shuttle)))]
fn now() -> Instant {
    Instant::now()
}

/// A number that no other living thread has; never 0.
#[cfg(not(all(test, shuttle)))]
fn here() -> usize {
    thread_local!(static HERE: u8 = const { 0 });
    HERE.with(|here| std::ptr::from_ref(here).addr())
}

fn earlier(one: Option<Instant>, other: Option<Instant>) -> Option<Instant> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    }
}
