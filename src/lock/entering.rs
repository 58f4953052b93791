//! The way to a turn: at once if a slot is free, else by waiting for one.

use std::sync::{Arc, Weak};
use std::time::Instant;

use super::queue::{Notice, Owner, Queue, Who};
use super::sync::{Condvar, MutexGuard, ThreadId, here, now, thread};
#[cfg(not(all(test, shuttle)))]
use super::thread_end;
use super::{FairLock, Keyed, NoTurn, Request, Turn, Wait};
use crate::stop_handle::{Bell, StopHandle};

/// What a thread gets that may hold a turn already.
pub(crate) enum Entry<T: Keyed> {
    Turn(Turn<T>),
    /// The slot of a turn that this thread has, or whose value it is in the middle of using.
    Here(usize),
}

/// Wakes the waiter of a request that is stopped.
pub(super) struct WaiterBell<T: Keyed> {
    lock: Weak<FairLock<T>>,
    granted: Arc<Condvar>,
}

impl<T: Keyed> FairLock<T> {
    /// Waits for a turn. A thread that would wait for itself is refused at once: it has a turn, or
    /// it is in the middle of using a value.
    pub(crate) fn acquire(
        self: &Arc<Self>,
        request: Request<T::Key>,
    ) -> Result<Turn<T>, NoTurn<T::Holder>>
    where
        T: Send + 'static,
    {
        match self.enter(request)? {
            Entry::Turn(turn) => Ok(turn),
            Entry::Here(_) => Err(self.held_here()),
        }
    }

    /// Waits for a turn, unless the thread would wait for itself.
    #[inline]
    pub(crate) fn enter(
        self: &Arc<Self>,
        request: Request<T::Key>,
    ) -> Result<Entry<T>, NoTurn<T::Holder>>
    where
        T: Send + 'static,
    {
        let Request {
            wanted,
            label,
            wait,
            at,
            stop,
        } = request;
        let may_wait = !matches!(wait, Wait::No);
        let thread = thread::current();
        let mut queue = self.queue.lock();
        let here = queue.position(|slot, owner| self.is_of_here(slot, owner, thread.id()));
        let slot = match here {
            Some(slot) if may_wait => return Ok(Entry::Here(slot)),
            _ if queue.is_closed => return Err(NoTurn::Closed),
            _ => queue.slot_for(wanted.as_ref()),
        };
        self.remember(&mut queue, thread.id());
        let who = Who {
            thread,
            by_thread: true,
            wanted,
            label,
        };
        match (slot, here) {
            (Some(slot), _) => {
                let ticket = self.ticket(queue.admit(slot, who, at));
                Ok(Entry::Turn(Turn {
                    ticket,
                    slot,
                    at_once: Some(at),
                }))
            }
            (None, Some(slot)) => Ok(Entry::Here(slot)),
            (None, None) if may_wait => self.wait_in(queue, who, wait, stop.as_ref()),
            (None, None) => Err(NoTurn::WouldBlock {
                holders: Self::holders(&queue),
            }),
        }
    }

    /// Waits at the end of the queue.
    #[cold]
    fn wait_in(
        self: &Arc<Self>,
        mut queue: MutexGuard<'_, Queue<T::Key>>,
        who: Who<T::Key>,
        wait: Wait,
        stop: Option<&StopHandle>,
    ) -> Result<Entry<T>, NoTurn<T::Holder>>
    where
        T: Send + 'static,
    {
        let granted = Arc::new(Condvar::new());
        let ticket = self.ticket(queue.enqueue(who, Notice::Thread(Arc::clone(&granted))));
        self.go_on(queue);
        let bell = stop.map(|stop| self.bell(stop, &granted));
        let slot = self.wait(ticket.number, &granted, wait, stop)?;
        drop(bell);
        Ok(Entry::Turn(Turn {
            ticket,
            slot,
            at_once: None,
        }))
    }

    /// The refusal of a thread that would wait for itself.
    #[cold]
    fn held_here(&self) -> NoTurn<T::Holder> {
        let queue = self.queue.lock();
        if queue.is_closed {
            return NoTurn::Closed;
        }
        let thread = thread::current().id();
        let owners = queue.owners();
        let owners = owners.filter(|(slot, owner)| self.is_of_here(*slot, owner, thread));
        let holdings = owners.filter_map(|(slot, _)| queue.holding(slot));
        NoTurn::HeldByThisThread {
            holders: holdings.map(T::holder).collect(),
        }
    }

    /// Whether it is the turn of this thread, or its value is in the hands of this thread.
    fn is_of_here(&self, slot: usize, owner: &Owner<T::Key>, thread: ThreadId) -> bool {
        owner.is_of(thread) || self.is_in_hand_here(slot)
    }

    /// Makes sure that what this thread holds is taken back when it ends.
    #[inline]
    pub(super) fn remember(self: &Arc<Self>, queue: &mut Queue<T::Key>, thread: ThreadId)
    where
        T: Send + 'static,
    {
        // Most turns are of the thread that had the last one.
        if queue.last_thread != Some(thread) {
            queue.last_thread = Some(thread);
            #[cfg(not(all(test, shuttle)))]
            thread_end::remember(self, thread);
        }
    }

    /// Waits until the ticket is granted a slot. The caller drops the ticket if it is not, and also if
    /// a logger panics here.
    pub(super) fn wait(
        &self,
        number: u64,
        granted: &Condvar,
        wait: Wait,
        stop: Option<&StopHandle>,
    ) -> Result<usize, NoTurn<T::Holder>> {
        let mut queue = self.queue.lock();
        let began = now();
        loop {
            if let Some(slot) = Self::outcome(&queue, number, wait, stop, began)? {
                return Ok(slot);
            }
            if let Some(slot) = queue.slot_held_long() {
                let holder = queue.report_long_hold(slot).map(T::holder);
                drop(queue);
                if let Some(holder) = holder {
                    log::warn!("lock held for long: {holder}");
                }
                queue = self.queue.lock();
                continue;
            }
            match earlier(wait.deadline(), queue.next_long_hold()) {
                Some(until) => {
                    let _ = granted.wait_until(&mut queue, until);
                }
                None => granted.wait(&mut queue),
            }
        }
    }

    /// The slot that the ticket was granted, or the reason why it will not be; `None` while it waits.
    pub(super) fn outcome(
        queue: &Queue<T::Key>,
        number: u64,
        wait: Wait,
        stop: Option<&StopHandle>,
        began: Instant,
    ) -> Result<Option<usize>, NoTurn<T::Holder>> {
        if let Some(slot) = queue.slot_of(number) {
            return Ok(Some(slot));
        }
        if queue.is_closed {
            return Err(NoTurn::Closed);
        }
        if stop.is_some_and(StopHandle::is_stopped) {
            return Err(NoTurn::Stopped);
        }
        if !wait.is_over() {
            return Ok(None);
        }
        let holders = Self::holders(queue);
        Err(match wait {
            Wait::No => NoTurn::WouldBlock { holders },
            Wait::Until(_) | Wait::Forever => NoTurn::Timeout {
                waited: now().saturating_duration_since(began),
                holders,
                waiting: queue.waiting.len().saturating_sub(1),
            },
        })
    }

    /// What wakes a waiter when its request is stopped.
    pub(super) fn bell(
        self: &Arc<Self>,
        stop: &StopHandle,
        granted: &Arc<Condvar>,
    ) -> Arc<WaiterBell<T>>
    where
        T: Send + 'static,
    {
        let bell = Arc::new(WaiterBell {
            lock: Arc::downgrade(self),
            granted: Arc::clone(granted),
        });
        stop.rings(&bell);
        bell
    }

    /// The slot of a turn of this thread, or of a value that this thread is in the middle of using:
    /// code of the caller's that is called then (a logger, a reader, a provider) would wait for
    /// itself.
    pub(crate) fn slot_here(&self) -> Option<usize> {
        let in_hand = self.slots.position(|_, slot| slot.is_in_hand_of(here()));
        in_hand.or_else(|| self.queue.lock().slot_of_thread(thread::current().id()))
    }

    fn is_in_hand_here(&self, slot: usize) -> bool {
        let slot = self.slots.get(slot);
        slot.is_some_and(|slot| slot.is_in_hand_of(here()))
    }
}

impl<T: Keyed + Send> Bell for WaiterBell<T> {
    fn ring(&self) {
        if let Some(lock) = self.lock.upgrade() {
            // The waiter has looked at its handle before it waits, or will.
            let queue = lock.queue.lock();
            self.granted.notify_one();
            drop(queue);
        }
    }
}

fn earlier(one: Option<Instant>, other: Option<Instant>) -> Option<Instant> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    }
}
