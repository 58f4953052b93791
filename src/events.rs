//! Event queues: the unsolicited responses as events, until the program takes them; bounded.

pub(crate) mod event;
pub(crate) mod session_event;

use std::collections::VecDeque;
use std::fmt;
use std::mem;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::events::event::Event;
use crate::events::session_event::SessionEvent;
use crate::limits::SessionLimits;
use crate::types::event::MailboxEvent;
use crate::types::flag::Flag;

/// Events in the order in which they came, bounded in number and octets.
pub(crate) struct EventQueue<E> {
    events: VecDeque<E>,
    octets: usize,
    lost: u64,
    max_events: usize,
    max_octets: usize,
}

impl<E: Event> EventQueue<E> {
    /// An empty queue with these limits.
    pub(crate) fn new(limits: &SessionLimits) -> Self {
        Self {
            events: VecDeque::new(),
            octets: 0,
            lost: 0,
            max_events: limits.events,
            max_octets: limits.event_octets,
        }
    }

    /// An empty queue with the limits of this one.
    pub(crate) fn like_this(&self) -> Self {
        Self {
            events: VecDeque::new(),
            octets: 0,
            lost: 0,
            ..*self
        }
    }

    /// Adds an event; the oldest ones are dropped if a limit is exceeded.
    pub(crate) fn push(&mut self, event: E) {
        if event.can_replace() {
            self.drop_replaced(&event);
        }
        self.octets = self.octets.saturating_add(event.octets());
        self.events.push_back(event);
        while self.events.len() > self.max_events
            || self.octets > self.max_octets && self.events.len() > 1
        {
            self.pop();
            self.lost += 1;
        }
    }

    /// Takes the oldest event. If events were dropped, the first one taken is an overflow with their
    /// number.
    pub(crate) fn take(&mut self) -> Option<E> {
        match mem::take(&mut self.lost) {
            0 => self.pop(),
            lost => Some(E::overflow(lost)),
        }
    }

    /// Takes all events, oldest first, as [`take`](Self::take) does.
    pub(crate) fn take_all(&mut self) -> Vec<E> {
        let lost = mem::take(&mut self.lost);
        self.octets = 0;
        let overflow = (lost > 0).then(|| E::overflow(lost));
        overflow.into_iter().chain(self.events.drain(..)).collect()
    }

    /// Drops all other events, and the number of those that were lost.
    pub(crate) fn retain(&mut self, is_kept: impl FnMut(&E) -> bool) {
        self.events.retain(is_kept);
        self.octets = self.events.iter().map(Event::octets).sum();
        self.lost = 0;
    }

    /// Drops the event that a later one replaces; there is at most one.
    fn drop_replaced(&mut self, event: &E) {
        let place = self.events.iter().rposition(|other| event.replaces(other));
        if let Some(replaced) = place.and_then(|place| self.events.remove(place)) {
            self.octets = self.octets.saturating_sub(replaced.octets());
        }
    }

    fn pop(&mut self) -> Option<E> {
        let event = self.events.pop_front()?;
        self.octets = self.octets.saturating_sub(event.octets());
        Some(event)
    }
}

/// The events of a session as a whole. The connection shares them, so that the program can take
/// them while the connection is in use, and after its end.
#[derive(Clone)]
pub(crate) struct SessionEvents(Arc<Mutex<EventQueue<SessionEvent>>>);

impl SessionEvents {
    /// No events, with these limits.
    pub(crate) fn new(limits: &SessionLimits) -> Self {
        Self(Arc::new(Mutex::new(EventQueue::new(limits))))
    }

    pub(crate) fn take(&self) -> Option<SessionEvent> {
        self.queue().take()
    }

    pub(crate) fn push(&self, event: SessionEvent) {
        log::debug!("event queued: {event}");
        self.queue().push(event);
    }

    pub(crate) fn take_all(&self) -> Vec<SessionEvent> {
        self.queue().take_all()
    }

    /// A panic of another thread cannot leave the queue in an inconsistent state.
    fn queue(&self) -> MutexGuard<'_, EventQueue<SessionEvent>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for SessionEvents {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SessionEvents").finish_non_exhaustive()
    }
}

impl Event for MailboxEvent {
    fn overflow(lost: u64) -> Self {
        Self::Overflow { lost }
    }

    fn octets(&self) -> usize {
        match self {
            Self::Notice { text, .. } => text.len(),
            Self::Unparsable { octets } => octets.len(),
            Self::Flags { flags, .. } | Self::FlagsDefined(flags) => {
                let names = flags.iter().map(Flag::octets);
                names.sum::<usize>() + size_of_val(flags.as_slice())
            }
            Self::Vanished { uids, .. } => uids.ranges().count() * 8,
            _ => 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn notice(octets: usize) -> MailboxEvent {
        let (code, text) = (None, "x".repeat(octets));
        MailboxEvent::Notice { code, text }
    }

    #[test]
    fn octets_are_limited_before_the_number_is_reached() {
        let mut queue = EventQueue::new(&SessionLimits::DEFAULT);
        for _ in 0..20 {
            queue.push(notice(1 << 20));
        }
        assert!(queue.octets <= SessionLimits::DEFAULT.event_octets);
        assert_eq!(queue.take(), Some(MailboxEvent::Overflow { lost: 4 }));
        assert_eq!(queue.take_all().len(), 16);
        assert_eq!(queue.octets, 0);
    }

    #[test]
    fn an_event_that_is_too_large_is_kept_alone() {
        let mut queue = EventQueue::new(&SessionLimits::DEFAULT);
        queue.push(MailboxEvent::Exists(1));
        let large = notice(SessionLimits::DEFAULT.event_octets + 1);
        queue.push(large.clone());
        let lost = MailboxEvent::Overflow { lost: 1 };
        assert_eq!(queue.take_all(), [lost, large]);
    }

    #[test]
    fn a_thousand_are_queued_and_the_oldest_are_dropped() {
        let mut queue = EventQueue::new(&SessionLimits::DEFAULT);
        for number in 0..=1024 {
            queue.push(MailboxEvent::Exists(number));
        }
        assert_eq!(queue.take(), Some(MailboxEvent::Overflow { lost: 1 }));
        assert_eq!(queue.take(), Some(MailboxEvent::Exists(1)));
    }
}
