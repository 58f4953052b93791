//! The deadlines of commands, of streams, and of opening a session: how they begin, restart and end.

use std::time::{Duration, Instant};

use crate::client_builder::bounds::Timeouts;
use crate::connection::Connection;
use crate::connection::clock::{Clock, Renewal, Whole};
use crate::error::Stage;

/// Draining that ended longer ago was not done for the command that is sent now.
const SAME_CALL: Duration = Duration::from_secs(1);

impl Connection {
    /// From now on an answer is due, within that time.
    pub(super) fn expect_answer(&mut self, silence: Duration, total: Duration) {
        let clock = Clock::starting_now(silence, self.bounds.timeouts.write, total);
        let clock = match self.drained.take() {
            Some((began, ended)) if ended.elapsed() < SAME_CALL => {
                clock.less(ended.saturating_duration_since(began))
            }
            _ => clock,
        };
        let clock = clock.not_after(self.bounds.until);
        self.stream
            .set_clock(clock.within(Whole::opening(&self.bounds)));
        self.answering.renew(silence);
    }

    /// The time of a command, or what is left of it until `deadline`.
    pub(crate) fn time_left(&self, deadline: Option<Instant>) -> Duration {
        let command = self.timeouts().command;
        deadline.map_or(command, |deadline| {
            deadline
                .saturating_duration_since(Instant::now())
                .min(command)
        })
    }

    /// Restarts the whole time of the answer that is being read.
    pub(crate) fn restart_clock(&mut self) {
        // Nothing was waited for since: many rows arrive with one read.
        if self.stream.renews_clock() {
            return;
        }
        let Timeouts { write, command, .. } = self.bounds.timeouts;
        self.stream.renew_clock(Renewal {
            read: self.answering.silence,
            write,
            total: command,
            until: self.bounds.until,
            stream: self.answering.stream_end,
        });
    }

    /// The deadline of a stream that begins now.
    pub(crate) fn end_of_stream(&self) -> Option<Whole> {
        let within = self.bounds.timeouts.stream?;
        let at = Instant::now().checked_add(within)?;
        let stage = Stage::Stream;
        Some(Whole { at, within, stage })
    }

    /// It is connected: until the login, the program takes its own time.
    pub(crate) fn end_connecting(&mut self) {
        self.bounds.pause_opening();
    }

    /// The login has the time that connecting has left of the time for both.
    pub(crate) fn begin_login(&mut self) {
        self.bounds.resume_opening();
    }

    /// The wait for this connection to be made is over: its commands have their own deadlines.
    pub(crate) fn forget_deadline(&mut self) {
        self.bounds.until = None;
        self.bounds.end_opening();
    }

    /// The command that was started is part of a stream.
    pub(crate) fn end_with_stream(&mut self, stream: Option<Whole>) {
        self.answering.stream_end = stream;
        if let Some(end) = stream {
            self.stream.end_with_stream(end);
        }
    }

    /// The answer has to come by `deadline`, and what is missing then is left to be drained by
    /// the next command.
    pub(crate) fn leave_at(&mut self, deadline: Instant) {
        let Timeouts { write, command, .. } = self.bounds.timeouts;
        let clock = Clock::starting_now(self.answering.silence, write, command);
        let clock = clock.not_after(Some(deadline));
        self.stream.set_clock(clock);
        self.answering.survives_timeout = true;
    }
}
