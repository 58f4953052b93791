//! What came unasked and waits until somebody asks for it: queues that cannot grow without bound.

pub(crate) mod event;
pub(crate) mod session_event;

use std::collections::VecDeque;
use std::fmt;
use std::mem;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::limits::SessionLimits;
use crate::news::event::Event;
use crate::news::session_event::SessionEvent;
use crate::types::event::MailboxEvent;
use crate::types::flag::Flag;

/// Events in the order in which they came, few enough and small enough to be kept.
pub(crate) struct Waiting<E> {
    events: VecDeque<E>,
    octets: usize,
    lost: u64,
    most: usize,
    most_octets: usize,
}

impl<E: Event> Waiting<E> {
    /// None yet, and as many as these limits allow.
    pub(crate) fn new(limits: &SessionLimits) -> Self {
        Self {
            events: VecDeque::new(),
            octets: 0,
            lost: 0,
            most: limits.events,
            most_octets: limits.event_octets,
        }
    }

    /// None, and as many as here.
    pub(crate) fn like_this(&self) -> Self {
        Self {
            events: VecDeque::new(),
            octets: 0,
            lost: 0,
            ..*self
        }
    }

    /// Adds an event, for which the oldest give way where there is no room.
    pub(crate) fn push(&mut self, event: E) {
        if event.can_replace() {
            self.drop_replaced(&event);
        }
        self.octets = self.octets.saturating_add(event.octets());
        self.events.push_back(event);
        while self.events.len() > self.most
            || self.octets > self.most_octets && self.events.len() > 1
        {
            self.pop();
            self.lost += 1;
        }
    }

    /// Takes the oldest event; first of all how many were lost, if any were.
    pub(crate) fn take(&mut self) -> Option<E> {
        match mem::take(&mut self.lost) {
            0 => self.pop(),
            lost => Some(E::overflow(lost)),
        }
    }

    /// Takes them all, the oldest first; the first tells how many were lost, if any were.
    pub(crate) fn take_all(&mut self) -> Vec<E> {
        let lost = mem::take(&mut self.lost);
        self.octets = 0;
        let overflow = (lost > 0).then(|| E::overflow(lost));
        overflow.into_iter().chain(self.events.drain(..)).collect()
    }

    /// Forgets the others, and that any were lost.
    pub(crate) fn retain(&mut self, is_kept: impl FnMut(&E) -> bool) {
        self.events.retain(is_kept);
        self.octets = self.events.iter().map(Event::octets).sum();
        self.lost = 0;
    }

    /// Drops the event that a later one makes needless; there is one at most.
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

/// What is told to a session as a whole. Shared with its connection, so that it can be asked for
/// while the connection is in use, and after its end.
#[derive(Clone)]
pub(crate) struct News(Arc<Mutex<Waiting<SessionEvent>>>);

impl News {
    /// None yet, and as many as these limits allow.
    pub(crate) fn new(limits: &SessionLimits) -> Self {
        Self(Arc::new(Mutex::new(Waiting::new(limits))))
    }

    pub(crate) fn take(&self) -> Option<SessionEvent> {
        self.waiting().take()
    }

    pub(crate) fn push(&self, event: SessionEvent) {
        log::debug!("{event}");
        self.waiting().push(event);
    }

    pub(crate) fn take_all(&self) -> Vec<SessionEvent> {
        self.waiting().take_all()
    }

    /// A panic of another thread leaves nothing half done here.
    fn waiting(&self) -> MutexGuard<'_, Waiting<SessionEvent>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for News {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("News").finish_non_exhaustive()
    }
}

impl Event for MailboxEvent {
    fn overflow(lost: u64) -> Self {
        Self::Overflow { lost }
    }

    fn octets(&self) -> usize {
        match self {
            Self::Notice { text, .. } => text.len(),
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
    fn what_is_large_gives_way_before_what_is_many() {
        let mut waiting = Waiting::new(&SessionLimits::DEFAULT);
        for _ in 0..20 {
            waiting.push(notice(1 << 20));
        }
        assert!(waiting.octets <= SessionLimits::DEFAULT.event_octets);
        assert_eq!(waiting.take(), Some(MailboxEvent::Overflow { lost: 4 }));
        assert_eq!(waiting.take_all().len(), 16);
        assert_eq!(waiting.octets, 0);
    }

    #[test]
    fn an_event_that_is_too_large_is_kept_alone() {
        let mut waiting = Waiting::new(&SessionLimits::DEFAULT);
        waiting.push(MailboxEvent::Exists(1));
        let large = notice(SessionLimits::DEFAULT.event_octets + 1);
        waiting.push(large.clone());
        let lost = MailboxEvent::Overflow { lost: 1 };
        assert_eq!(waiting.take_all(), [lost, large]);
    }

    #[test]
    fn a_thousand_wait_and_the_oldest_go() {
        let mut waiting = Waiting::new(&SessionLimits::DEFAULT);
        for number in 0..=1024 {
            waiting.push(MailboxEvent::Exists(number));
        }
        assert_eq!(waiting.take(), Some(MailboxEvent::Overflow { lost: 1 }));
        assert_eq!(waiting.take(), Some(MailboxEvent::Exists(1)));
    }
}
