//! The keys that were used last, by which the queue sees whether one more slot would have a key open.

use std::collections::VecDeque;

/// Different keys, the last one first.
pub(super) struct Recent<K>(VecDeque<K>);

impl<K: Clone + Eq> Recent<K> {
    pub(super) fn new() -> Self {
        Self(VecDeque::new())
    }

    /// The key is used now; keeps the last `count` keys.
    pub(super) fn note(&mut self, key: &K, count: usize) {
        let place = self.0.iter().position(|known| known == key);
        if place == Some(0) {
            return;
        }
        let known = place.and_then(|place| self.0.remove(place));
        self.0.push_front(known.unwrap_or_else(|| key.clone()));
        self.0.truncate(count);
    }

    /// Whether it is one of the last `count` keys.
    pub(super) fn has(&self, key: &K, count: usize) -> bool {
        self.0.iter().take(count).any(|known| known == key)
    }

    pub(super) fn clear(&mut self) {
        self.0.clear();
    }
}
