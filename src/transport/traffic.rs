//! The octets of a stream and their times: written by the thread that uses it, read by any.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// The nanoseconds of a second.
const NANOSECONDS: u64 = 1_000_000_000;

/// The traffic of both directions of a stream.
pub(crate) struct Traffic {
    began: Instant,
    /// Nanoseconds from the start of the stream to the last reading of the clock for a send.
    now: AtomicU64,
    pub(crate) sent: Direction,
    pub(crate) received: Direction,
}

/// One direction. Only the thread that uses the stream writes it, so no atomic addition is needed.
#[derive(Default)]
pub(crate) struct Direction {
    octets: AtomicU64,
    /// Nanoseconds from the start of the stream to the last octets.
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
    /// The time at which the stream began.
    pub(crate) fn began(&self) -> Instant {
        self.began
    }

    /// The time of the last octets in that direction; `None` if there were none.
    pub(crate) fn last(&self, direction: &Direction) -> Option<Instant> {
        let after = Duration::from_nanos(direction.last.load(Ordering::Relaxed));
        (direction.octets() > 0).then(|| self.began.checked_add(after))?
    }

    /// The nanoseconds from the last octets that came until `now`; `None` if they came after it, or
    /// none came.
    #[inline]
    pub(crate) fn since_received(&self, now: Instant) -> Option<u64> {
        match self.received.last.load(Ordering::Relaxed) {
            0 => None,
            last => self.nanoseconds(now).checked_sub(last),
        }
    }

    /// Records the time that was read for the deadlines of a send, so that the clock is not read
    /// again.
    pub(crate) fn note_time(&self, now: Instant) {
        self.now.store(self.nanoseconds(now), Ordering::Relaxed);
    }

    /// The time that was recorded last, since the stream began.
    pub(super) fn now(&self) -> Duration {
        Duration::from_nanos(self.now.load(Ordering::Relaxed))
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

    /// Nanoseconds from the start of the stream to `now`; centuries fit.
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
