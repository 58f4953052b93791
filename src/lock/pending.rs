//! A place in the queue in which no thread waits, and the turn that it becomes.

use std::sync::Arc;
use std::time::Instant;

use super::queue::{Alarm, Notice, Who};
use super::sync::{now, thread};
use super::{FairLock, Keyed, NoTurn, Request, Ticket, Turn, Wait, ring};
use crate::stop_handle::{Bell, StopHandle};

/// A place in the queue that belongs to no thread. Dropping it leaves the queue, or ends the turn
/// that it became.
pub(crate) struct Pending<T: Keyed> {
    ticket: Ticket<T>,
    wait: Wait,
    began: Instant,
    stop: Option<(StopHandle, Arc<StopBell>)>,
}

/// The turn, or the place that still waits for it.
pub(crate) enum Polled<T: Keyed> {
    Granted(Turn<T>),
    Waiting(Pending<T>),
}

/// Calls the alarm of a request that is stopped.
struct StopBell(Alarm);

impl<T: Keyed> FairLock<T> {
    /// Requests a turn, and does not wait for it.
    ///
    /// The turn belongs to no thread, so a thread that has a turn may request another. `alarm` is
    /// called, on any thread and with the queue unlocked, when the turn is granted, unless that is at
    /// once; when it never will be, because the lock is closed or the request is stopped; and
    /// when a waiter counts on the end of the turn, until the turn is given another
    /// [alarm](Turn::set_alarm). No alarm is called when the time to wait is over.
    pub(crate) fn request(
        self: &Arc<Self>,
        request: Request<T::Key>,
        alarm: Alarm,
    ) -> Result<Pending<T>, NoTurn<T::Holder>> {
        let who = Who {
            thread: thread::current(),
            by_thread: false,
            wanted: request.wanted,
            label: request.label,
        };
        let mut queue = self.queue.lock();
        if queue.is_closed {
            return Err(NoTurn::Closed);
        }
        let ticket = match queue.slot_for(who.wanted.as_ref()) {
            Some(slot) => {
                let number = queue.admit(slot, who, request.at);
                if let Some(owner) = queue.owner_mut(number) {
                    owner.alarm = Some(Arc::clone(&alarm));
                }
                self.ticket(number)
            }
            None => {
                let number = queue.enqueue(who, Notice::Alarm(Arc::clone(&alarm)));
                let ticket = self.ticket(number);
                self.go_on(queue);
                ticket
            }
        };
        Pending::new(ticket, request.wait, request.stop, alarm)
    }
}

impl<T: Keyed> Pending<T> {
    pub(super) fn new(
        ticket: Ticket<T>,
        wait: Wait,
        stop: Option<StopHandle>,
        alarm: Alarm,
    ) -> Result<Self, NoTurn<T::Holder>> {
        let stop = stop.map(|stop| (stop, Arc::new(StopBell(alarm))));
        if let Some((stop, bell)) = &stop {
            stop.rings(bell);
            if stop.is_stopped() {
                return Err(NoTurn::Stopped);
            }
        }
        let began = now();
        Ok(Self {
            ticket,
            wait,
            began,
            stop,
        })
    }

    /// The turn, if it has been granted.
    pub(crate) fn try_take(self) -> Result<Polled<T>, NoTurn<T::Holder>> {
        let stop = self.stop.as_ref().map(|(stop, _)| stop);
        let queue = self.ticket.lock.queue.lock();
        let outcome =
            FairLock::<T>::outcome(&queue, self.ticket.number, self.wait, stop, self.began);
        drop(queue);
        Ok(match outcome? {
            Some(slot) => Polled::Granted(Turn {
                ticket: self.ticket,
                slot,
                at_once: None,
            }),
            None => Polled::Waiting(self),
        })
    }
}

impl Bell for StopBell {
    fn ring(&self) {
        ring(Arc::clone(&self.0));
    }
}

#[cfg(test)]
#[cfg(not(shuttle))]
pub(super) mod tests;
