//! The octets that went through a stream, and when: counted by the thread that uses it, read by any.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// Both directions of a stream.
pub(crate) struct Traffic {
    began: Instant,
    pub(crate) sent: Direction,
    pub(crate) received: Direction,
}

/// One direction. Only the thread that uses the stream writes it, so nothing is added up atomically.
#[derive(Default)]
pub(crate) struct Direction {
    octets: AtomicU64,
    /// Nanoseconds from when the stream began to the last octets.
    last: AtomicU64,
}

impl Default for Traffic {
    fn default() -> Self {
        Self {
            began: Instant::now(),
            sent: Direction::default(),
            received: Direction::default(),
        }
    }
}

impl Traffic {
    /// When the stream began.
    pub(crate) fn began(&self) -> Instant {
        self.began
    }

    /// When octets went in that direction last; `None` if none did.
    pub(crate) fn last(&self, direction: &Direction) -> Option<Instant> {
        let after = Duration::from_nanos(direction.last.load(Ordering::Relaxed));
        (direction.octets() > 0).then(|| self.began.checked_add(after))?
    }

    pub(super) fn count_sent(&self, octets: usize) {
        self.count(&self.sent, octets);
    }

    pub(super) fn count_received(&self, octets: usize) {
        self.count(&self.received, octets);
    }

    fn count(&self, direction: &Direction, octets: usize) {
        if octets == 0 {
            return;
        }
        let octets = u64::try_from(octets).unwrap_or(u64::MAX);
        let octets = direction.octets().saturating_add(octets);
        // Centuries fit.
        let after = self.began.elapsed().as_nanos();
        let after = u64::try_from(after).unwrap_or(u64::MAX);
        direction.last.store(after, Ordering::Relaxed);
        direction.octets.store(octets, Ordering::Relaxed);
    }
}

impl Direction {
    /// The number of octets.
    pub(crate) fn octets(&self) -> u64 {
        self.octets.load(Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_direction_is_counted_by_itself() {
        let traffic = Traffic::default();
        assert_eq!(traffic.last(&traffic.sent), None);
        traffic.count_sent(0);
        assert_eq!(traffic.last(&traffic.sent), None, "nothing went");
        traffic.count_sent(3);
        let before = traffic.last(&traffic.sent).unwrap();
        traffic.count_sent(4);
        assert_eq!(traffic.sent.octets(), 7);
        assert!(traffic.last(&traffic.sent).unwrap() >= before && before >= traffic.began());
        assert_eq!(traffic.received.octets(), 0);
        assert_eq!(traffic.last(&traffic.received), None);
    }
}
