//! IDLE on the wire (RFC 9051 section 6.3.13): when it has begun, what ends it, and waiting for
//! what the server says meanwhile.

use std::time::Duration;

use crate::connection::Connection;
use crate::connection::answer::{Heard, leave};
use crate::connection::clock::Clock;
use crate::error::Result;
use crate::transport::readiness::Awaited;

pub(crate) const IDLE: &str = "IDLE";

/// How much of what has arrived is looked at before an IDLE is ended, in octets.
const LOOK_BEFORE_DONE: u64 = 1 << 20;

impl Connection {
    /// Whether the server takes nothing but DONE now.
    pub(crate) fn is_idling(&self) -> bool {
        self.outstanding
            .is_some_and(|outstanding| outstanding.owes_done)
    }

    /// Whether what arrives can be waited for without reading.
    pub(crate) fn can_be_polled(&mut self) -> bool {
        self.stream.can_be_polled()
    }

    /// Sends IDLE and waits until it has begun; it has not when the server completes it at once.
    pub(crate) fn begin_idle(&mut self, within: Duration) -> Result<()> {
        self.start_within(IDLE, self.at_most(within), |encoder| {
            encoder.raw(IDLE);
            Ok(())
        })?;
        let most = self.most_of_an_answer();
        loop {
            match self.hear(IDLE, leave)? {
                Heard::Data => self.check_answer(most)?,
                Heard::Done(_) => return Ok(()),
                Heard::Continue => {
                    if let Some(outstanding) = &mut self.outstanding {
                        outstanding.owes_done = true;
                    }
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
            && self.hear_if_arrived(IDLE)?.is_some()
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
        if let Some(outstanding) = &mut self.outstanding {
            outstanding.owes_done = false;
        }
        self.forgives_done = true;
        self.send_line(IDLE, b"DONE")
    }

    /// Polls for changes, which also shows that the server is there (NOOP).
    pub(crate) fn poll_for_changes(&mut self, within: Duration) -> Result<()> {
        self.start_within("NOOP", self.at_most(within), |encoder| {
            encoder.raw("NOOP");
            Ok(())
        })?;
        self.finish(leave).map(drop)
    }

    /// What has to happen before there is more to read than was looked at.
    pub(crate) fn awaited(&mut self) -> Awaited<'_> {
        self.stream.awaited()
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
