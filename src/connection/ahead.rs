//! Commands that are sent in one write with the next command, before it, because that does not depend
//! on their answers: UNSELECT, and ENABLE before a SELECT (RFC 5161 section 3.1 allows it).
//!
//! No caller waits for them: the connection itself receives their answers. What ENABLED names is
//! enabled, and a refusal is logged. The command that they go out with is encoded as if they had
//! succeeded, so its sender looks afterwards whether they have.

use crate::connection::Connection;
use crate::connection::answer::Received;
use crate::connection::answering::{InFlight, Kind};
use crate::connection::state::ahead::Phase;
use crate::error::{Effect, Error, Result};
use crate::types::capability::Capability;
use crate::wire::encoder::Encoder;

const ENABLE: &str = "ENABLE";
pub(super) const UNSELECT: &str = "UNSELECT";

impl Connection {
    /// Enables QRESYNC with the next command, if the server has it and has not refused it: a sync can
    /// do without. ENABLE is allowed only where no mailbox is selected (RFC 5161 section 3.1), so the
    /// selected one is deselected.
    pub(crate) fn enable_qresync_ahead(&mut self) -> Result<()> {
        let is_enabled = self.state.has_enabled(&Capability::Qresync);
        if is_enabled || self.state.ahead.enable_qresync != Phase::NotDue {
            return Ok(());
        }
        let capabilities = self.capabilities()?;
        let needed = [Capability::Enable, Capability::Qresync];
        if !needed.iter().all(|needed| capabilities.supports(needed)) {
            return Ok(());
        }
        if self.state.selected().is_some() {
            self.deselect_ahead()?;
        }
        self.state.ahead.enable_qresync = Phase::Due;
        Ok(())
    }

    /// Like [`deselect`](Self::deselect), but UNSELECT is sent with the next command; that must not
    /// depend on it.
    pub(crate) fn deselect_ahead(&mut self) -> Result<()> {
        if !self.capabilities()?.supports(&Capability::Unselect) {
            return self.deselect();
        }
        // Nothing that needs the mailbox may follow, whenever the next command is sent.
        self.state.unselect();
        self.state.ahead.unselect = Phase::Due;
        Ok(())
    }

    /// Writes the commands that are due; returns them, to be in flight before the command that is
    /// written next.
    #[inline]
    pub(super) fn write_ahead(
        &mut self,
        kind: Kind,
        encoder: &mut Encoder<'_>,
    ) -> Option<[Option<InFlight>; 2]> {
        let is_first = kind == Kind::Plain && self.state.ahead.is_due();
        is_first.then(|| self.write_due(encoder))
    }

    #[cold]
    fn write_due(&mut self, encoder: &mut Encoder<'_>) -> [Option<InFlight>; 2] {
        let ahead = &self.state.ahead;
        let [unselect, enable] =
            [ahead.unselect, ahead.enable_qresync].map(|phase| phase == Phase::Due);
        let unselect = unselect.then(|| self.write_one(UNSELECT, UNSELECT, encoder));
        let enable = enable.then(|| self.write_one(ENABLE, "ENABLE QRESYNC", encoder));
        [unselect, enable]
    }

    fn write_one(
        &mut self,
        command: &'static str,
        line: &str,
        encoder: &mut Encoder<'_>,
    ) -> InFlight {
        self.tag.advance();
        let mark = encoder.mark();
        encoder.tag(self.tag.as_bytes()).raw(line).raw("\r\n");
        self.log_line(command, encoder.line_since(mark));
        InFlight {
            tag: self.tag,
            command,
            kind: Kind::Ahead,
            effect: Some(Effect::None),
        }
    }

    /// These commands are about to be sent.
    #[cold]
    pub(super) fn push_ahead(&mut self, written: [Option<InFlight>; 2]) {
        for command in written.into_iter().flatten() {
            let ahead = &mut self.state.ahead;
            match command.command {
                UNSELECT => ahead.unselect = Phase::InFlight,
                _ => (ahead.enable_qresync, ahead.is_reported) = (Phase::InFlight, false),
            }
            self.push_in_flight(command);
        }
    }

    /// The completion of a command, unless it was sent ahead: no caller waits for that.
    #[inline]
    pub(super) fn unless_ahead(
        &mut self,
        answered: &InFlight,
        ended: Result<Received>,
    ) -> Result<Received> {
        match answered.kind {
            Kind::Ahead => self.end_ahead(answered.command, ended),
            _ => ended,
        }
    }

    /// Takes the completion of a command that was sent ahead.
    #[cold]
    fn end_ahead(&mut self, command: &'static str, ended: Result<Received>) -> Result<Received> {
        let is_done = match ended {
            Ok(_) => true,
            Err(error @ (Error::Refused(_) | Error::Throttled(_) | Error::Unparsable(_))) => {
                log::debug!("sent ahead and not done: {error}");
                false
            }
            Err(error) => return Err(error),
        };
        let of = |is_done| {
            if is_done {
                Phase::NotDue
            } else {
                Phase::Refused
            }
        };
        if command == UNSELECT {
            self.state.ahead.unselect = of(is_done);
            if is_done {
                self.state.note_deselected();
            }
            return Ok(Received::Data);
        }
        if is_done && !self.state.ahead.is_reported {
            self.state.assume_enabled([Capability::Qresync].iter());
        }
        self.state.ahead.enable_qresync = of(self.state.has_enabled(&Capability::Qresync));
        Ok(Received::Data)
    }
}
