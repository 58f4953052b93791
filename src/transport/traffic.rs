//! The octets that went through a stream, and when: counted by the thread that uses it, read by any.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// Of a second.
const NANOSECONDS: u64 = 1_000_000_000;

/// Both directions of a stream.
pub(crate) struct Traffic {
    began: Instant,
    /// Nanoseconds from then to when the clock was read last for what is sent next.
    now: AtomicU64,
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
            now: AtomicU64::new(0),
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

    /// The time, read for the deadlines of what is sent next: no other look at the clock is needed.
    pub(crate) fn note_time(&self, now: Instant) {
        self.now.store(self.nanoseconds(now), Ordering::Relaxed);
    }

    pub(super) fn count_sent(&self, octets: usize) {
        if octets > 0 {
            let now = self.now.load(Ordering::Relaxed);
            self.sent.count(octets, now);
        }
    }

    pub(super) fn count_received(&self, octets: usize) {
        if octets > 0 {
            let now = self.nanoseconds(Instant::now());
            self.received.count(octets, now);
        }
    }

    /// From when the stream began to `now`; centuries fit.
    fn nanoseconds(&self, now: Instant) -> u64 {
        let after = now.saturating_duration_since(self.began);
        let seconds = after.as_secs().wrapping_mul(NANOSECONDS);
        seconds.wrapping_add(after.subsec_nanos().into())
    }
}

impl Direction {
    fn count(&self, octets: usize, now: u64) {
        let octets = self.octets().wrapping_add(octets as u64);
        self.last.store(now, Ordering::Relaxed);
        self.octets.store(octets, Ordering::Relaxed);
    }

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
        assert_eq!(traffic.last(&traffic.sent), Some(traffic.began()));
        let now = Instant::now();
        traffic.note_time(now);
        traffic.count_sent(4);
        assert_eq!(traffic.sent.octets(), 7);
        assert_eq!(traffic.last(&traffic.sent), Some(now));
        assert_eq!(traffic.received.octets(), 0);
        assert_eq!(traffic.last(&traffic.received), None);
        traffic.count_received(1);
        assert!(traffic.last(&traffic.received).unwrap() >= now);
    }
}
