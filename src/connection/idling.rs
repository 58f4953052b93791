//! IDLE on the wire (RFC 9051 section 6.3.13): when it has begun, what ends it, and waiting for
//! what the server says meanwhile.

use std::time::{Duration, Instant};

use crate::connection::Connection;
use crate::connection::answer::{Received, leave};
use crate::connection::answering::Kind;
use crate::connection::clock::Clock;
use crate::error::{Effect, Result};
use crate::transport::readiness::Waker;

pub(crate) const IDLE: &str = "IDLE";

/// How much of what has arrived is looked at before an IDLE is ended, in octets.
const LOOK_BEFORE_DONE: u64 = 1 << 20;

impl Connection {
    /// Whether the server takes nothing but DONE now.
    pub(crate) fn is_idling(&self) -> bool {
        self.answering.is_idling()
    }

    /// Whether what arrives can be waited for without reading.
    pub(crate) fn can_be_polled(&mut self) -> bool {
        self.stream.can_be_polled()
    }

    /// Sends IDLE and waits until it has begun; it has not when the server completes it at once.
    pub(crate) fn begin_idle(&mut self, within: Duration) -> Result<()> {
        self.start_bare(Kind::Idle, IDLE, self.at_most(within))?;
        let most = self.most_of_an_answer();
        loop {
            match self.receive(IDLE, leave)? {
                Received::Data => self.check_answer(most)?,
                Received::Done(_) => return Ok(()),
                Received::Continue => {
                    self.answering.owes_done = true;
                    return Ok(());
                }
            }
        }
    }

    /// Ends the IDLE, if the server has not done so by itself, and hears all that comes before
    /// its end.
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

    /// Sends the line that ends an IDLE, which is sent once and never again.
    pub(crate) fn send_done(&mut self) -> Result<()> {
        log::trace!("C: DONE");
        self.answering.owes_done = false;
        self.answering.forgives_done = true;
        self.send_line(IDLE, b"DONE")
    }

    /// Asks for news, which is also a sign of life (NOOP).
    pub(crate) fn ask_for_news(&mut self, within: Duration) -> Result<()> {
        self.start_within("NOOP", self.at_most(within), |encoder| {
            encoder.raw("NOOP");
            Ok(())
        })?;
        self.finish(leave).map(drop)
    }

    /// Waits until something has arrived that was not looked at, the waker is rung, or the time is
    /// over.
    pub(crate) fn wait_for_more(&mut self, waker: &Waker, until: Option<Instant>) -> Result<()> {
        let waited = self.stream.wait_for_more(waker, until);
        waited.map_err(|reason| self.close(IDLE, Effect::None, reason))
    }

    fn bound(&mut self, within: Duration) {
        let (total, timeouts) = (self.at_most(within), self.timeouts());
        let clock = Clock::starting_now(timeouts.silence(IDLE), timeouts.write, total);
        self.stream.set_clock(clock);
    }

    /// No answer is waited for longer than that of any other command.
    fn at_most(&self, within: Duration) -> Duration {
        within.min(self.timeouts().command)
    }
}
