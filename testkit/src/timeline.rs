//! The record of what went over the wire, in order and within a bound.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// How much of a line is kept.
const LINE: usize = 300;

/// Who sent a line.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Direction {
    /// The client sent it.
    Client,
    /// The server sent it.
    Server,
    /// Neither: the kit notes what it did, such as a fault of the plan or a restart.
    Kit,
}

/// One line on the wire.
#[derive(Clone, Debug)]
pub struct Event {
    /// The time at which the server read or queued it, or the kit did it.
    pub at: Instant,
    /// The number of the connection: 1 for the first that the server accepted; 0 if all are meant.
    pub connection: u64,
    /// Who sent it.
    pub direction: Direction,
    /// The line without its CRLF. A literal is shown as its length and `…`, names and passwords of
    /// LOGIN and AUTHENTICATE as `***`, and a long line is cut.
    pub line: String,
}

/// A bounded list of events; when it is full the oldest goes.
#[derive(Debug)]
pub(crate) struct Timeline {
    limit: usize,
    events: Mutex<VecDeque<Event>>,
    more: Condvar,
}

impl Timeline {
    pub(crate) fn new(limit: usize) -> Self {
        Self {
            limit,
            events: Mutex::default(),
            more: Condvar::new(),
        }
    }

    pub(crate) fn record(&self, connection: u64, direction: Direction, line: &str) {
        if self.limit == 0 {
            return;
        }
        let line = line.chars().take(LINE).collect();
        let mut events = self.lock();
        if events.len() == self.limit {
            events.pop_front();
        }
        events.push_back(Event {
            at: Instant::now(),
            connection,
            direction,
            line,
        });
        drop(events);
        self.more.notify_all();
    }

    pub(crate) fn events(&self) -> Vec<Event> {
        self.lock().iter().cloned().collect()
    }

    pub(crate) fn clear(&self) {
        self.lock().clear();
    }

    /// Waits until an event matches, for at most `timeout`; says whether one did.
    pub(crate) fn wait_for(&self, timeout: Duration, matches: impl Fn(&Event) -> bool) -> bool {
        let (_events, result) = self
            .more
            .wait_timeout_while(self.lock(), timeout, |events| !events.iter().any(&matches))
            .unwrap_or_else(PoisonError::into_inner);
        !result.timed_out()
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<Event>> {
        self.events.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_goes_when_it_is_full() {
        let timeline = Timeline::new(2);
        for line in ["one", "two", "three"] {
            timeline.record(1, Direction::Client, line);
        }
        let lines: Vec<String> = timeline
            .events()
            .into_iter()
            .map(|event| event.line)
            .collect();
        assert_eq!(lines, ["two", "three"]);
        assert!(timeline.wait_for(Duration::ZERO, |event| event.line == "two"));
        assert!(!timeline.wait_for(Duration::ZERO, |event| event.line == "one"));
    }
}
