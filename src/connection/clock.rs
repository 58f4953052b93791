//! Deadlines: of one read or write, of a command, and of a stream that several commands make.

use std::time::{Duration, Instant};

use crate::client_builder::bounds::{Bounds, Opening};
use crate::error::{CloseReason, Stage};

/// Deadlines that begin at the first wait.
#[derive(Clone, Copy)]
pub(crate) struct Renewal {
    pub(crate) read: Duration,
    pub(crate) write: Duration,
    pub(crate) total: Duration,
    pub(crate) until: Option<Instant>,
    /// The deadline of the stream that the answer is part of.
    pub(crate) stream: Option<Whole>,
}

/// The deadline of something with several answers: a stream, or opening the session.
#[derive(Clone, Copy)]
pub(crate) struct Whole {
    pub(crate) at: Instant,
    /// The time for all of it.
    pub(crate) within: Duration,
    pub(crate) stage: Stage,
}

impl Whole {
    /// The deadline of opening the session, if that is in progress.
    pub(super) fn opening(bounds: &Bounds) -> Option<Self> {
        let Opening { at, within } = bounds.opening?;
        let stage = Stage::Open;
        Some(Self { at, within, stage })
    }
}

/// The current deadlines.
#[derive(Clone, Copy)]
pub(crate) struct Clock {
    pub(crate) read: Duration,
    pub(crate) write: Duration,
    pub(crate) began: Instant,
    /// The instant at which it was made.
    pub(crate) made: Instant,
    pub(crate) end: Option<Instant>,
    /// The end is that of something larger, which has this time in all.
    whole: Option<(Stage, Duration)>,
}

impl Clock {
    /// From now for at most `total`.
    pub(crate) fn starting_now(read: Duration, write: Duration, total: Duration) -> Self {
        let began = Instant::now();
        Self {
            read,
            write,
            began,
            made: began,
            end: began.checked_add(total),
            whole: None,
        }
    }

    /// From now, with the deadlines that begin again.
    pub(crate) fn renewed(renewal: &Renewal) -> Self {
        let Renewal {
            read,
            write,
            total,
            until,
            stream,
        } = *renewal;
        let clock = Self::starting_now(read, write, total).not_after(until);
        clock.within(stream)
    }

    /// The clock as if it had been started earlier by `spent`.
    pub(crate) fn less(mut self, spent: Duration) -> Self {
        if !spent.is_zero() {
            self.end = self.end.and_then(|end| end.checked_sub(spent));
            self.began = self.began.checked_sub(spent).unwrap_or(self.began);
        }
        self
    }

    /// But not beyond the end of what it is part of.
    pub(crate) fn within(mut self, whole: Option<Whole>) -> Self {
        if let Some(Whole { at, within, stage }) = whole {
            if self.end.is_none_or(|end| at < end) {
                (self.end, self.whole) = (Some(at), Some((stage, within)));
            }
        }
        self
    }

    /// But not beyond a point in time.
    pub(crate) fn not_after(mut self, until: Option<Instant>) -> Self {
        if let Some(until) = until {
            self.end = Some(self.end.map_or(until, |end| end.min(until)));
        }
        self
    }

    pub(crate) fn is_over(&self) -> bool {
        self.end.is_some_and(|end| Instant::now() >= end)
    }

    /// The deadline that has passed if a read or a write timed out.
    pub(crate) fn timeout(&self, stage: Stage) -> CloseReason {
        match (stage, self.whole) {
            (_, Some((whole, within))) if self.is_over() => CloseReason::Timeout(whole, within),
            _ if self.is_over() => CloseReason::Timeout(Stage::Command, self.began.elapsed()),
            (Stage::Write, _) => CloseReason::Timeout(stage, self.write),
            _ => CloseReason::Timeout(stage, self.read),
        }
    }
}
