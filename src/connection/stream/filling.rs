//! The reads of a stream, and the deadlines that they keep to.

use crate::connection::clock::Clock;
use crate::connection::stream::{Stream, failure};
use crate::error::{CloseReason, Stage};

impl Stream {
    /// Makes sure that something is in the buffer, by one read if it is empty; `false` if nothing
    /// has arrived. The end of the stream is an error.
    #[inline]
    pub(super) fn fill(&mut self, wait: bool) -> Result<bool, CloseReason> {
        match self.buffered.is_empty() {
            true => self.read(wait),
            false => Ok(true),
        }
    }

    /// One read into the buffer, which is empty.
    fn read(&mut self, wait: bool) -> Result<bool, CloseReason> {
        let filled = match wait {
            true => {
                self.begin_wait()?;
                self.buffered.fill().map(|()| true)
            }
            false => self.buffered.fill_arrived(),
        };
        match filled {
            Ok(true) if self.buffered.is_empty() => Err(CloseReason::Eof),
            Ok(arrived) => Ok(arrived),
            Err(error) => match failure(error, Stage::Read, &self.clock) {
                CloseReason::Timeout(..) if !wait => Ok(false),
                reason => Err(reason),
            },
        }
    }

    /// Called before a read that may wait. A stream may ignore a deadline and wait beyond it; then
    /// there is no further read, but a frame that is whole by then is processed.
    pub(super) fn begin_wait(&mut self) -> Result<(), CloseReason> {
        if self.shutdown_switch.is_cut() {
            return Err(CloseReason::Cancelled);
        }
        let checks_clock = match &self.renewal {
            Some(renewal) => {
                let (clock, is_of_stream) = (Clock::renewed(renewal), renewal.stream.is_some());
                self.set_clock(clock);
                is_of_stream
            }
            None => self.has_waited,
        };
        if checks_clock {
            self.check_clock()?;
        }
        self.has_waited = true;
        Ok(())
    }
}
