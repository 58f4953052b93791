//! Whose turn it is: a queue of tickets in front of the one connection that threads share.
//!
//! The queue decides who may use the value; the value lies in a mutex of its own, which the
//! holder of the turn takes for the time of one command and which is free whenever the queue is
//! right. A holder is a ticket, not a mutex guard, so it can be dropped, leaked or moved without
//! leaving the value locked.

use std::collections::VecDeque;
use std::sync::Arc;
use std::thread::{self, Thread, ThreadId};
use std::time::{Duration, Instant};

use parking_lot::{Condvar, Mutex, MutexGuard};

use crate::connection::state::Opened;
use crate::error::{Holder, LockError};

/// The value while its holder uses it, for the time of one command.
pub(crate) type InUse<'a, T> = MutexGuard<'a, T>;

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

/// A value that one holder at a time may use, in order of arrival.
///
/// One exception to the order: a waiter for what is open already may go ahead of others, but
/// nobody is overtaken more than `bound` times.
pub(crate) struct Latch<T> {
    queue: Mutex<Queue>,
    value: Mutex<T>,
    bound: u32,
}

/// A turn. Dropping it passes the turn on; nothing else happens then.
pub(crate) struct Turn<T> {
    latch: Arc<Latch<T>>,
    ticket: u64,
}

struct Queue {
    owner: Option<Owner>,
    waiting: VecDeque<Waiter>,
    /// What the value has open, for whoever is to be chosen next.
    opened: Option<Opened>,
    last_ticket: u64,
}

struct Owner {
    ticket: u64,
    thread: Thread,
    wish: Option<Opened>,
    since: Instant,
}

struct Waiter {
    ticket: u64,
    thread: Thread,
    wish: Option<Opened>,
    overtaken: u32,
    granted: Arc<Condvar>,
}

impl<T> Latch<T> {
    pub(crate) fn new(value: T, bound: u32) -> Self {
        let queue = Queue {
            owner: None,
            waiting: VecDeque::new(),
            opened: None,
            last_ticket: 0,
        };
        Self {
            queue: Mutex::new(queue),
            value: Mutex::new(value),
            bound,
        }
    }

    /// Waits for a turn; `wish` is what it will be used for, none when it is for nothing that
    /// has to be open.
    pub(crate) fn acquire(
        self: &Arc<Self>,
        wish: Option<Opened>,
        patience: Patience,
    ) -> Result<Turn<T>, LockError> {
        let thread = thread::current();
        let mut queue = self.queue.lock();
        if let Some(holder) = queue.held_by(thread.id()) {
            return Err(LockError::HeldByThisThread { holder });
        }
        let ticket = queue.next_ticket();
        if queue.owner.is_none() {
            queue.owner = Some(Owner {
                ticket,
                thread,
                wish,
                since: Instant::now(),
            });
            return Ok(self.turn(ticket));
        }
        if matches!(patience, Patience::None) {
            return Err(LockError::WouldBlock {
                holder: queue.holder(),
            });
        }
        let granted = Arc::new(Condvar::new());
        let waiter = Waiter {
            ticket,
            thread,
            wish,
            overtaken: 0,
            granted: Arc::clone(&granted),
        };
        queue.waiting.push_back(waiter);
        self.wait(queue, ticket, &granted, patience)
    }

    fn wait(
        self: &Arc<Self>,
        mut queue: MutexGuard<'_, Queue>,
        ticket: u64,
        granted: &Condvar,
        patience: Patience,
    ) -> Result<Turn<T>, LockError> {
        let began = Instant::now();
        while !queue.is_owned_by(ticket) {
            let timed_out = match patience {
                Patience::Until(deadline) => granted.wait_until(&mut queue, deadline).timed_out(),
                Patience::None | Patience::Unlimited => {
                    granted.wait(&mut queue);
                    false
                }
            };
            if timed_out && !queue.is_owned_by(ticket) {
                queue.waiting.retain(|waiter| waiter.ticket != ticket);
                return Err(LockError::Timeout {
                    waited: began.elapsed(),
                    holder: queue.holder(),
                    waiting: queue.waiting.len(),
                });
            }
        }
        Ok(self.turn(ticket))
    }

    /// Whether this thread has the turn.
    pub(crate) fn is_mine(&self) -> bool {
        self.queue.lock().held_by(thread::current().id()).is_some()
    }

    /// The value, for whoever has the turn; nothing while it is in use all the same.
    pub(crate) fn value(&self) -> Option<InUse<'_, T>> {
        self.value.try_lock()
    }

    fn turn(self: &Arc<Self>, ticket: u64) -> Turn<T> {
        Turn {
            latch: Arc::clone(self),
            ticket,
        }
    }

    fn release(&self, ticket: u64) {
        let mut queue = self.queue.lock();
        if queue.is_owned_by(ticket) {
            queue.owner = None;
            queue.grant_next(self.bound);
        }
    }
}

impl<T> Turn<T> {
    /// The value; nothing while it is in use all the same.
    pub(crate) fn value(&self) -> Option<InUse<'_, T>> {
        self.latch.value()
    }

    /// Says what is open now.
    pub(crate) fn note_opened(&self, opened: Option<Opened>) {
        self.latch.queue.lock().opened = opened;
    }
}

impl<T> Drop for Turn<T> {
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

    fn held_by(&self, thread: ThreadId) -> Option<Holder> {
        self.owner
            .as_ref()
            .filter(|owner| owner.thread.id() == thread)
            .map(Owner::holder)
    }

    fn holder(&self) -> Option<Holder> {
        self.owner.as_ref().map(Owner::holder)
    }

    /// Makes the next waiter the owner and wakes it.
    fn grant_next(&mut self, bound: u32) {
        let chosen = self.choose(bound);
        for passed in self.waiting.iter_mut().take(chosen) {
            passed.overtaken += 1;
        }
        if let Some(next) = self.waiting.remove(chosen) {
            let Waiter {
                ticket,
                thread,
                wish,
                granted,
                ..
            } = next;
            self.owner = Some(Owner {
                ticket,
                thread,
                wish,
                since: Instant::now(),
            });
            granted.notify_one();
        }
    }

    /// The first waiter for what is open already, unless somebody before it has been overtaken
    /// often enough; else the first of all.
    fn choose(&self, bound: u32) -> usize {
        for (place, waiter) in self.waiting.iter().enumerate() {
            if waiter.wish.is_some() && waiter.wish == self.opened {
                return place;
            }
            if waiter.overtaken >= bound {
                break;
            }
        }
        0
    }
}

impl Owner {
    fn holder(&self) -> Holder {
        Holder {
            thread: self.thread.name().map(str::to_owned),
            mailbox: self.wish.as_ref().map(|wish| wish.name.clone()),
            held_for: self.since.elapsed(),
        }
    }
}

impl Patience {
    /// Waiting for `limit` from now, or for ever without one.
    pub(crate) fn for_at_most(limit: Option<Duration>) -> Self {
        match limit.and_then(|limit| Instant::now().checked_add(limit)) {
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
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::mailbox_name::MailboxName;

    fn latch(bound: u32) -> Arc<Latch<Vec<usize>>> {
        Arc::new(Latch::new(Vec::new(), bound))
    }

    fn wish(name: &str) -> Option<Opened> {
        Some(Opened {
            name: MailboxName::new(name).unwrap(),
            read_only: false,
        })
    }

    fn wait_until_waiting<T>(latch: &Latch<T>, count: usize) {
        while latch.queue.lock().waiting.len() < count {
            thread::yield_now();
        }
    }

    /// Starts a waiter for each wish, in order, and returns the order in which they were served.
    fn order_served(latch: &Arc<Latch<Vec<usize>>>, wishes: &[&str]) -> Vec<usize> {
        let first = latch.acquire(wish(wishes[0]), Patience::Unlimited).unwrap();
        first.note_opened(wish(wishes[0]));
        thread::scope(|scope| {
            for (number, name) in wishes.iter().enumerate() {
                scope.spawn(move || {
                    let turn = latch.acquire(wish(name), Patience::Unlimited).unwrap();
                    turn.note_opened(wish(name));
                    turn.value().unwrap().push(number);
                });
                wait_until_waiting(latch, number + 1);
            }
            drop(first);
        });
        latch.value().unwrap().clone()
    }

    #[test]
    fn turns_come_in_order_of_arrival() {
        assert_eq!(
            order_served(&latch(0), &["A", "B", "A", "B", "A"]),
            [0, 1, 2, 3, 4]
        );
    }

    #[test]
    fn waiters_for_what_is_open_go_first_within_the_bound() {
        assert_eq!(
            order_served(&latch(16), &["A", "B", "A", "B", "A"]),
            [0, 2, 4, 1, 3]
        );
        assert_eq!(
            order_served(&latch(1), &["A", "B", "A", "B", "A"]),
            [0, 2, 1, 3, 4]
        );
    }

    #[test]
    fn a_second_turn_of_the_same_thread_is_refused() {
        let latch = latch(0);
        let _turn = latch.acquire(wish("A"), Patience::Unlimited).unwrap();
        let error = latch.acquire(wish("B"), Patience::Unlimited).err().unwrap();
        assert!(
            matches!(error, LockError::HeldByThisThread { .. }),
            "{error}"
        );
    }

    #[test]
    fn impatience_names_the_holder() {
        let latch = latch(0);
        let _turn = latch.acquire(wish("A"), Patience::Unlimited).unwrap();
        let other = thread::scope(|scope| {
            let soon = Patience::for_at_most(Some(Duration::from_millis(1)));
            let impatient = scope.spawn(|| latch.acquire(None, Patience::None).err().unwrap());
            let patient = scope.spawn(|| latch.acquire(None, soon).err().unwrap());
            (impatient.join().unwrap(), patient.join().unwrap())
        });
        assert!(
            matches!(other.0, LockError::WouldBlock { holder: Some(_) }),
            "{}",
            other.0
        );
        assert!(
            matches!(
                other.1,
                LockError::Timeout {
                    holder: Some(_),
                    ..
                }
            ),
            "{}",
            other.1
        );
        assert!(latch.queue.lock().waiting.is_empty());
    }

    #[test]
    fn a_panic_of_the_holder_passes_the_turn_on() {
        let latch = latch(0);
        let inner = Arc::clone(&latch);
        let panicked = thread::spawn(move || {
            let _turn = inner.acquire(wish("A"), Patience::Unlimited).unwrap();
            panic!("on purpose");
        });
        assert!(panicked.join().is_err());
        assert!(latch.acquire(None, Patience::None).is_ok());
    }
}
