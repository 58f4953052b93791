//! Draining: reads what has arrived before a command is sent, and abandoned answers to their end, so that
//! none of it can pass for an answer to that command.

use std::time::Instant;

use crate::client_builder::bounds::Timeouts;
use crate::connection::Connection;
use crate::connection::answer::{Received, leave};
use crate::connection::clock::Clock;
use crate::error::{Effect, Error, Result};

impl Connection {
    /// Like [`receive_arrived`](Self::receive_arrived), for a call that was made at `at`. The socket is
    /// not looked at if all that came a moment before has been read: commands in a row cost one read
    /// each.
    #[inline]
    pub(crate) fn receive_arrived_before(
        &mut self,
        command: &'static str,
        at: Option<Instant>,
    ) -> Result<()> {
        self.check_open(command)?;
        if self.answering.is_due() || self.stream.is_within_section() {
            return self.receive_what_arrived(command);
        }
        if at.is_some_and(|at| self.stream.is_read_up_to(at)) {
            return Ok(());
        }
        // Mostly nothing has arrived.
        self.stream.hand_out_sections(false);
        let has_arrived = self.stream.has_arrived();
        match has_arrived.map_err(|reason| self.lost(command, reason))? {
            true => self.receive_what_arrived(command),
            false => Ok(()),
        }
    }

    /// Reads the unsolicited responses and the parts of an abandoned answer that have arrived, and
    /// never waits: updates the counters without a round trip, and detects a closed connection.
    pub(crate) fn receive_arrived(&mut self, command: &'static str) -> Result<()> {
        self.receive_arrived_before(command, None)
    }

    #[cold]
    fn receive_what_arrived(&mut self, command: &'static str) -> Result<()> {
        let drained = self.bounds.session.drain;
        let most = self.stream.received().saturating_add(drained);
        let may_read = |it: &Self| it.is_idling() || !it.is_being_read();
        if !may_read(self) {
            return Ok(());
        }
        self.give_up_section(command, drained)?;
        while self.stream.received() < most && may_read(self) {
            match self.receive_if_arrived(command) {
                Ok(None) => break,
                Ok(Some(Received::Continue)) => self.forgive_continuation(command)?,
                Ok(Some(_)) | Err(Error::Refused(_) | Error::Throttled(_)) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Dispatches what was read along with earlier answers, so that none of it can pass for an
    /// answer to the command that is about to be sent; reads from no socket.
    pub(crate) fn receive_read_ahead(&mut self, command: &'static str) -> Result<()> {
        while self.has_read_ahead(command)? {
            if let Received::Continue = self.dispatch(command, leave, |_| {})? {
                self.forgive_continuation(command)?;
            }
        }
        Ok(())
    }

    fn has_read_ahead(&mut self, command: &'static str) -> Result<bool> {
        let has = self.stream.has_read_ahead();
        has.map_err(|reason| self.lost(command, reason))
    }

    /// Makes sure that nothing is in flight and the connection is open: drains an abandoned answer,
    /// or closes. Sends nothing, except the end of an IDLE.
    pub(crate) fn settle(&mut self, next: &'static str) -> Result<()> {
        self.settle_until(next, None)
    }

    /// Like [`settle`](Self::settle); what has not come by `deadline` is drained later.
    #[inline]
    pub(crate) fn settle_until(
        &mut self,
        next: &'static str,
        deadline: Option<Instant>,
    ) -> Result<()> {
        self.check_open(next)?;
        let Some(command) = self.answering.command() else {
            // The answer that was returned in pieces has come to its end.
            self.stream.hand_out_sections(false);
            return Ok(());
        };
        let began = Instant::now();
        let drained = self.drain(command, next, deadline);
        // A deadline of the caller holds for both.
        if deadline.is_none() {
            self.drained = Some((began, Instant::now()));
        }
        drained
    }

    /// Reads the rest of the answer to `command`, within the time of the next command.
    #[cold]
    fn drain(
        &mut self,
        command: &'static str,
        next: &'static str,
        deadline: Option<Instant>,
    ) -> Result<()> {
        let Timeouts {
            write,
            drain,
            command: most_time,
            ..
        } = self.bounds.timeouts;
        let drained = self.bounds.session.drain;
        let within = drain.min(most_time);
        let last = self.answering.drained_until;
        let last = last.or_else(|| Instant::now().checked_add(within));
        let silence = self.answering.silence;
        let clock = Clock::starting_now(silence, write, within).not_after(last);
        self.stream.set_clock(clock);
        if self.answering.owes_done && self.send_done().is_err() {
            return self.check_still_open(next);
        }
        self.give_up_section(next, drained)?;
        self.stream.set_clock(clock.not_after(deadline));
        self.answering.is_read = false;
        self.answering.survives_timeout = deadline.is_some() && deadline < last;
        self.answering.drained_until = last;
        let most = self.stream.received().saturating_add(drained);
        while self.answering.is_due() {
            match self.receive(command, leave) {
                Ok(_) | Err(Error::Refused(_) | Error::Throttled(_)) => {}
                Err(late @ Error::Lock(_)) => return Err(late),
                Err(_) => return self.check_still_open(next),
            }
            if self.stream.received() > most {
                return Err(self.close(next, Effect::None, self.too_much_to_drain()));
            }
        }
        Ok(())
    }
}
