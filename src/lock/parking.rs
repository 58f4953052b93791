//! What a turn leaves in its value when it ends, such as an IDLE, and the alarm that is called when
//! another turn has used the value.

use std::sync::Arc;

use super::queue::Alarm;
use super::{Keyed, Ticket, Turn};

impl<T: Keyed> Turn<T> {
    /// The turn leaves something in the value when it ends. `alarm` is called, with the queue unlocked,
    /// when the next turn on this slot has ended, and when the lock is closed.
    pub(crate) fn park(&self, alarm: Alarm) {
        let Ticket { lock, number } = &self.ticket;
        let mut queue = lock.queue.lock();
        let slot = queue.slot_of(*number);
        let before = match slot.and_then(|slot| queue.slots.get_mut(slot)) {
            Some(state) => state.parking.replace(alarm),
            None => Some(alarm),
        };
        drop(queue);
        drop(before);
    }

    /// Takes back what was [parked](Self::park) with this alarm; `false` if another turn has had the
    /// value since.
    pub(crate) fn unpark(&self, alarm: &Alarm) -> bool {
        let mut queue = self.ticket.lock.queue.lock();
        let Some(state) = queue.slots.get_mut(self.slot) else {
            return false;
        };
        let is_ours = state.parked.as_ref();
        if !is_ours.is_some_and(|parked| Arc::ptr_eq(parked, alarm)) {
            return false;
        }
        let parked = state.parked.take();
        drop(queue);
        parked.is_some()
    }
}

#[cfg(test)]
#[cfg(not(shuttle))]
mod tests;
