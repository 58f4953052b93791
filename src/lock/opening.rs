//! Slots whose values are opened when they are needed, by the holder of their turn, with the queue
//! unlocked; the bound on how many are; keys that a turn reserves besides its own; and turns on a free
//! slot for a moment.

use std::sync::Arc;

use super::pending::Pending;
use super::queue::{Alarm, Notice, Who};
use super::sync::{Condvar, now, thread};
use super::{FairLock, Key, Keyed, NoTurn, Turn, Wait};
use crate::stop_handle::StopHandle;

/// How many slots are open, and how many may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Openness {
    pub(crate) open: usize,
    pub(crate) is_opening: bool,
    pub(crate) bound: usize,
}

impl<T: Keyed> FairLock<T> {
    pub(crate) fn openness(&self) -> Openness {
        let queue = self.queue.lock();
        Openness {
            open: queue.count_open(),
            is_opening: queue.slot_being_opened().is_some(),
            bound: queue.bound,
        }
    }

    /// Sets the most slots that may be open; those that are open stay so.
    pub(crate) fn set_bound(&self, bound: usize) {
        let mut queue = self.queue.lock();
        queue.bound = bound;
        self.go_on(queue);
    }

    /// A turn on this slot for a moment, if it is open and no turn has it.
    pub(crate) fn take_free(self: &Arc<Self>, slot: usize) -> Option<Turn<T>> {
        let mut queue = self.queue.lock();
        let state = queue.slots.get(slot)?;
        if queue.is_closed || state.owner.is_some() || !state.is_open {
            return None;
        }
        let who = Who {
            thread: thread::current(),
            by_thread: true,
            wanted: None,
            label: None,
        };
        let ticket = self.ticket(queue.admit(slot, who, now()));
        Some(Turn {
            ticket,
            slot,
            at_once: None,
        })
    }

    /// Whether this thread has the turn of this slot.
    pub(crate) fn is_held_here(&self, slot: usize) -> bool {
        let queue = self.queue.lock();
        let state = queue.slots.get(slot);
        let owner = state.and_then(|state| state.owner.as_ref());
        owner.is_some_and(|owner| owner.is_of(thread::current().id()))
    }

    /// Reserves a key for the turn of this slot, besides the key that the turn is for: until the
    /// reservation [ends](Self::end_reservation), no turn is granted for a key that it
    /// [covers](Key::covers). If a turn is held for such a key, that is returned instead.
    ///
    /// It overtakes all who wait, because the turn would only end later if it waited for them.
    pub(crate) fn reserve(&self, slot: usize, key: &T::Key) -> Result<(), T::Key> {
        let mut queue = self.queue.lock();
        let mut held = queue.owners().filter_map(|(_, owner)| {
            let wanted = owner.who.wanted.as_ref();
            wanted.filter(|wanted| key.covers(wanted))
        });
        if let Some(held) = held.next() {
            return Err(held.clone());
        }
        drop(held);
        if let Some(state) = queue.slots.get_mut(slot) {
            state.reserved = Some(key.clone());
        }
        Ok(())
    }

    /// Ends a [reservation](Self::reserve).
    pub(crate) fn end_reservation(&self, slot: usize) {
        let mut queue = self.queue.lock();
        let state = queue.slots.get_mut(slot);
        let reserved = state.and_then(|state| state.reserved.take());
        self.go_on(queue);
        drop(reserved);
    }
}

impl<T: Keyed> Turn<T> {
    /// Whether the slot is open; if not, this turn opens it.
    pub(crate) fn is_open(&self) -> bool {
        let queue = self.ticket.lock.queue.lock();
        queue.slots.get(self.slot).is_some_and(|slot| slot.is_open)
    }

    /// The value has proved unusable. Whether this turn may open it now: no other turn opens one.
    pub(crate) fn begin_opening(&self) -> bool {
        let mut queue = self.ticket.lock.queue.lock();
        if queue
            .slot_being_opened()
            .is_some_and(|slot| slot != self.slot)
        {
            return false;
        }
        if let Some(state) = queue.slots.get_mut(self.slot) {
            state.is_open = false;
        }
        true
    }

    /// The value can be used from now on, and the next slot can be opened.
    pub(crate) fn opened(&self) {
        let lock = &self.ticket.lock;
        let mut queue = lock.queue.lock();
        if let Some(state) = queue.slots.get_mut(self.slot) {
            state.is_open = true;
        }
        lock.go_on(queue);
    }

    /// There can be no more open slots than there are now, without this one; returns their number,
    /// or `None` if there are none.
    pub(crate) fn lower_bound(&self) -> Option<usize> {
        let mut queue = self.ticket.lock.queue.lock();
        let open = queue.count_open();
        if open == 0 {
            return None;
        }
        queue.bound = open;
        Some(open)
    }

    /// Gives the slot back, and waits for another turn from the same place in the order of arrival.
    pub(crate) fn wait_again(
        mut self,
        wait: Wait,
        stop: Option<&StopHandle>,
    ) -> Result<Self, NoTurn<T::Holder>>
    where
        T: Send + 'static,
    {
        let lock = Arc::clone(&self.ticket.lock);
        let granted = Arc::new(Condvar::new());
        self.give_back(Notice::Thread(Arc::clone(&granted)), true)?;
        let bell = stop.map(|stop| lock.bell(stop, &granted));
        self.slot = lock.wait(self.ticket.number, &granted, wait, stop)?;
        drop(bell);
        Ok(self)
    }

    /// Gives the slot back, and [requests](FairLock::request) another turn from the same place in
    /// the order of arrival.
    pub(crate) fn request_again(
        self,
        wait: Wait,
        stop: Option<StopHandle>,
        alarm: Alarm,
    ) -> Result<Pending<T>, NoTurn<T::Holder>> {
        self.give_back(Notice::Alarm(Arc::clone(&alarm)), false)?;
        Pending::new(self.ticket, wait, stop, alarm)
    }

    fn give_back(&self, notice: Notice, by_thread: bool) -> Result<(), NoTurn<T::Holder>> {
        let lock = &self.ticket.lock;
        let mut queue = lock.queue.lock();
        let Some(mut owner) = lock.free(&mut queue, self.slot) else {
            return Err(NoTurn::Closed);
        };
        owner.who.by_thread = by_thread;
        let before = queue.enqueue_again(owner, notice);
        lock.go_on(queue);
        drop(before);
        Ok(())
    }
}
