//! The pace of a watch: times at which something is due, and pauses so that it does not occupy the
//! connection or the thread.

use std::time::{Duration, Instant};

/// The first pause after the watch was displaced again.
const PAUSE: Duration = Duration::from_millis(100);

/// The longest pause.
const LONGEST_PAUSE: Duration = Duration::from_secs(3);

/// Longer than any program runs, and no time that the system cannot represent.
const FOREVER: Duration = Duration::from_secs(1 << 32);

/// A time at which something is due. It may be done a little earlier, together with what is due for
/// other watches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Window {
    pub(super) until: Instant,
    pub(super) from: Instant,
}

/// How often the watch had to begin again, in quick succession, because another thread had used the
/// connection, or because the server had deselected the mailbox.
#[derive(Default)]
pub(super) struct Displaced {
    times: u32,
    at: Option<Instant>,
}

impl Window {
    /// A part of the time from now may be saved: an eighth, at most a minute.
    pub(super) fn around(until: Instant) -> Self {
        let left = until.saturating_duration_since(Instant::now());
        let early = (left / 8).min(Duration::from_secs(60));
        let from = until.checked_sub(early).unwrap_or(until);
        Self { until, from }
    }

    pub(super) fn at(until: Instant) -> Self {
        Self { until, from: until }
    }
}

impl Displaced {
    /// The watch was displaced; the time until which it pauses, if that happens again and again.
    pub(super) fn note(&mut self) -> Option<Instant> {
        let now = Instant::now();
        let is_again = |at: Instant| now.duration_since(at) < LONGEST_PAUSE * 2;
        self.times = match self.at.is_some_and(is_again) {
            true => self.times.saturating_add(1),
            false => 0,
        };
        self.at = Some(now);
        let doubled = 2_u32.saturating_pow(self.times.saturating_sub(1));
        let pause = PAUSE.saturating_mul(doubled).min(LONGEST_PAUSE);
        (self.times > 0).then_some(now + pause)
    }
}

/// The instant so long after another one; one far away if the system cannot represent it.
pub(super) fn after(instant: Instant, time: Duration) -> Instant {
    instant + time.min(FOREVER)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_the_longest_and_the_first_time_there_is_none() {
        let mut displaced = Displaced::default();
        let mut pause = || displaced.note().map(|until| until - Instant::now());
        assert_eq!(pause(), None);
        let pauses: Vec<_> = (0..8).map(|_| pause().unwrap()).collect();
        assert!(pauses[0] <= PAUSE && pauses[1] > PAUSE && pauses[7] > LONGEST_PAUSE / 2);
        assert!(pauses.iter().all(|pause| *pause <= LONGEST_PAUSE));
    }

    #[test]
    fn a_time_without_end_is_no_panic() {
        let now = Instant::now();
        assert!(after(now, Duration::MAX) > now + Duration::from_secs(3_600));
        assert_eq!(after(now, PAUSE), now + PAUSE);
    }

    #[test]
    fn a_window_begins_an_eighth_before_its_end() {
        let hour = Instant::now() + Duration::from_secs(3_600);
        let window = Window::around(hour);
        assert_eq!(window.until - window.from, Duration::from_secs(60));
        let soon = Window::around(Instant::now() + Duration::from_secs(80));
        let early = soon.until - soon.from;
        assert!(early > Duration::from_secs(9) && early <= Duration::from_secs(10));
    }
}
