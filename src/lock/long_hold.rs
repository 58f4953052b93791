//! Turns that are held for long, each of which the log reports once.

use std::time::{Duration, Instant};

use super::queue::{Key, Owner, Queue};
use super::sync::now;

/// A turn that is held, as errors and the log report it.
pub(crate) struct Holding<'a, K> {
    pub(crate) thread: Option<&'a str>,
    pub(crate) label: Option<&'a str>,
    pub(crate) key: Option<&'a K>,
    pub(crate) held_for: Duration,
}

impl<K: Key> Queue<K> {
    /// The instant at which the next turn will have been held for long.
    pub(super) fn next_long_hold(&self) -> Option<Instant> {
        let limit = self.policy.warn_after;
        let owners = self.owners();
        owners.filter_map(|(_, owner)| owner.long_at(limit)).min()
    }

    /// A slot whose turn is held for long, which was not reported yet.
    pub(super) fn slot_held_long(&self) -> Option<usize> {
        let limit = self.policy.warn_after;
        let is_over = |at| now() >= at;
        let mut owners = self.owners();
        owners.find_map(|(slot, owner)| owner.long_at(limit).is_some_and(is_over).then_some(slot))
    }

    /// The turn of this slot, the first time after it was held for long.
    pub(super) fn report_long_hold(&mut self, slot: usize) -> Option<Holding<'_, K>> {
        let limit = self.policy.warn_after;
        let owner = self.slots.get_mut(slot)?.owner.as_mut()?;
        owner.long_at(limit).filter(|at| now() >= *at)?;
        owner.is_reported = true;
        self.holding(slot)
    }

    /// The turn of this slot as errors and the log report it.
    pub(super) fn holding(&self, slot: usize) -> Option<Holding<'_, K>> {
        let state = self.slots.get(slot)?;
        let owner = state.owner.as_ref()?;
        Some(Holding {
            thread: owner.who.thread.name(),
            label: owner.who.label.as_deref(),
            key: owner.who.wanted.as_ref().or(state.reserved.as_ref()),
            held_for: now().saturating_duration_since(owner.since),
        })
    }
}

impl<K> Owner<K> {
    /// The instant at which it will have been held for long, if that is still to be reported.
    fn long_at(&self, limit: Duration) -> Option<Instant> {
        match self.is_reported {
            true => None,
            false => self.since.checked_add(limit),
        }
    }
}
