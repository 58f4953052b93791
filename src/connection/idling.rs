//! IDLE on the wire (RFC 9051 section 6.3.13): its begin, its end, and the NOOP by
//! which a listener polls or probes.

use std::time::Duration;

use crate::connection::Connection;
use crate::connection::answer::{Received, leave};
use crate::connection::answering::Kind;
use crate::connection::clock::Clock;
use crate::error::Result;
use crate::transport::readiness::Awaited;

pub(crate) const IDLE: &str = "IDLE";

/// Octets that have arrived and are read before an IDLE is ended.
const LOOK_BEFORE_DONE: u64 = 1 << 20;

impl Connection {
    /// Whether an IDLE is in flight that only DONE ends.
    pub(crate) fn is_idling(&self) -> bool {
        self.answering.is_idling()
    }

    /// Whether a poll reports what arrives.
    pub(crate) fn can_be_polled(&mut self) -> bool {
        self.stream.can_be_polled()
    }

    /// Sends IDLE and waits for the continuation request, or for its completion.
    pub(crate) fn begin_idle(&mut self, within: Duration) -> Result<()> {
        self.start_bare(Kind::Idle, IDLE, self.at_most(within))?;
        let most = self.most_of_an_answer();
        loop {
            match self.receive(IDLE, leave)? {
                Received::Data => self.check_answer(most)?,
                Received::Done(_) => return Ok(()),
                Received::Continue => {
                    self.answering.owes_done = true;
                    self.meter().set_idling(true);
                    return Ok(());
                }
            }
        }
    }

    /// Ends the IDLE, unless the server has done so by itself, and reads its answer to the end.
    pub(crate) fn end_idle(&mut self, within: Duration) -> Result<()> {
        let most = self.stream.received().saturating_add(LOOK_BEFORE_DONE);
        while self.is_idling()
            && self.stream.received() < most
            && self.receive_if_arrived(IDLE)?.is_some()
        {}
        if self.is_idling() {
            self.bound(within);
            self.send_done()?;
            self.finish(leave)?;
        }
        Ok(())
    }

    /// Sends DONE, which ends the IDLE; never twice.
    pub(crate) fn send_done(&mut self) -> Result<()> {
        log::trace!("C: DONE");
        self.answering.owes_done = false;
        self.answering.forgives_done = true;
        self.send_line(IDLE, b"DONE")
    }

    /// Polls for changes, which also probes the server (NOOP).
    pub(crate) fn poll_for_changes(&mut self, within: Duration) -> Result<()> {
        self.start_bare(Kind::Plain, "NOOP", self.at_most(within))?;
        self.finish(leave).map(drop)
    }

    /// The event to wait for before there is more to read than was looked at.
    pub(crate) fn awaited(&mut self) -> Awaited<'_> {
        self.stream.awaited()
    }

    fn bound(&mut self, within: Duration) {
        let (total, timeouts) = (self.at_most(within), self.timeouts());
        let clock = Clock::starting_now(timeouts.silence(IDLE), timeouts.write, total);
        self.stream.set_clock(clock);
    }

    /// The time of any other command at most.
    fn at_most(&self, within: Duration) -> Duration {
        within.min(self.timeouts().command)
    }
}
