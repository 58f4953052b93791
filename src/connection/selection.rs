//! SELECT, EXAMINE and the steps before them: what they send, and what has to be true afterwards.

use std::time::{Duration, Instant};

use crate::connection::Connection;
use crate::connection::ahead::UNSELECT;
use crate::connection::answer::leave;
use crate::connection::resync::{Resynced, SelectParameter};
use crate::connection::state::{MailboxAccess, Selected};
use crate::error::{Error, LockError, MailboxError, Result};
use crate::types::capability::Capability;
use crate::types::checkpoint::Report;

/// The least time for sending a command, whatever is left of the time for its answer.
const LEAST_TO_SEND: Duration = Duration::from_secs(1);

impl Connection {
    /// Makes sure that the mailbox is selected in that mode: sends nothing if it is.
    ///
    /// The rest of the answer when `deadline` passes is drained by the next command.
    pub(crate) fn select(
        &mut self,
        wanted: &MailboxAccess,
        deadline: Option<Instant>,
    ) -> Result<&Selected> {
        if !self.state.is_open(wanted) {
            self.send_select(wanted, SelectParameter::Plain, deadline)?;
        }
        self.selected_as(wanted)
    }

    /// The mailbox that was selected.
    fn selected_as(&self, wanted: &MailboxAccess) -> Result<&Selected> {
        let not_selected = || Error::mailbox(MailboxError::NotSelected(wanted.name.clone()));
        self.state.selected().ok_or_else(not_selected)
    }

    /// Selects the mailbox, also if it is selected, so that its state is that of now and the server
    /// reports the most of this; returns what it reported of changes.
    pub(crate) fn select_anew(
        &mut self,
        wanted: &MailboxAccess,
        report: Option<Report>,
        deadline: Option<Instant>,
    ) -> Result<(&Selected, Option<Resynced>)> {
        let parameter = self.parameter_of(report)?;
        let is_enabling = self.state.ahead.is_enabling_qresync();
        let selected = self.send_select(wanted, parameter, deadline);
        let is_refused = is_enabling && self.state.ahead.is_qresync_refused();
        let resynced = match (selected, self.parameter_of(report)) {
            // It was sent along with an ENABLE that has not enabled what it relied upon.
            (Ok(_) | Err(Error::Refused(_)), next) if is_refused => {
                self.send_select(wanted, next?, deadline)?
            }
            (selected, _) => selected?,
        };
        Ok((self.selected_as(wanted)?, resynced))
    }

    /// The parameter by which the server reports the most of this.
    fn parameter_of(&mut self, report: Option<Report>) -> Result<SelectParameter> {
        let Some(report) = report else {
            return Ok(SelectParameter::Plain);
        };
        let is_enabled = self.state.has_enabled(&Capability::Qresync);
        let is_enabled = is_enabled || self.state.ahead.is_enabling_qresync();
        let capabilities = self.capabilities()?;
        Ok(match report {
            Report::Since(resync) if is_enabled => SelectParameter::Resync(resync),
            _ if is_enabled => SelectParameter::Plain,
            _ if capabilities.supports(&Capability::CondStore) => SelectParameter::CondStore,
            _ => SelectParameter::Plain,
        })
    }

    fn send_select(
        &mut self,
        wanted: &MailboxAccess,
        parameter: SelectParameter,
        deadline: Option<Instant>,
    ) -> Result<Option<Resynced>> {
        let command = if wanted.read_only {
            "EXAMINE"
        } else {
            "SELECT"
        };
        self.settle_until(command, deadline)?;
        let total = self.time_to_send(deadline)?;
        let sent = self.start_within(command, total, |encoder| {
            encoder.raw(command).sp().mailbox(&wanted.name)?;
            parameter.encode(encoder);
            Ok(())
        });
        // A refusal of the name, sent as a literal, is one of the command.
        sent.inspect_err(|error| {
            if matches!(error, Error::Refused(_) | Error::Throttled(_)) {
                self.state.unselect();
            }
        })?;
        if let Some(deadline) = deadline {
            self.leave_at(deadline);
        }
        let was_selected = self.state.selected().is_some() || self.state.ahead.is_still_selected();
        self.state
            .begin_select(wanted.name.clone(), wanted.read_only);
        let answered = match parameter {
            SelectParameter::Resync(asked) => self.finish_resync(asked, was_selected),
            _ => self.finish(leave).map(|_| None),
        };
        let resynced = answered.inspect_err(|_| self.state.unselect())?;
        let unread = self.state.unread_of_select();
        let Some(selected) = self.state.end_select() else {
            return Err(match unread {
                Some(octets) => Error::unreadable_response(command, octets),
                None => Error::MissingData(command),
            });
        };
        if selected.mailbox.is_read_only() && !wanted.read_only {
            return Err(Error::mailbox(MailboxError::ReadOnly(wanted.name.clone())));
        }
        Ok(resynced)
    }

    /// Deselects the mailbox and changes nothing in it, because it is about to be removed: servers
    /// may close a session whose selected mailbox is deleted.
    ///
    /// If the server lacks UNSELECT, another mailbox is selected by EXAMINE.
    pub(crate) fn deselect(&mut self) -> Result<()> {
        let is_inbox = self
            .state
            .selected()
            .is_some_and(|s| s.mailbox.name().is_inbox());
        match self.capabilities()?.supports(&Capability::Unselect) {
            true => self.run_and_unselect(UNSELECT, UNSELECT),
            // It is reselected when it is needed: after a RENAME, INBOX is another mailbox.
            false if is_inbox => {
                self.state.unselect();
                Ok(())
            }
            false => self.run_and_unselect("EXAMINE", "EXAMINE INBOX"),
        }
    }

    /// Runs a command that is this line and ends the selection. No mailbox is assumed selected afterwards, even if
    /// it was refused: that costs a SELECT, while the other mistake would be a command without a
    /// mailbox.
    pub(crate) fn run_and_unselect(
        &mut self,
        command: &'static str,
        line: &'static str,
    ) -> Result<()> {
        let done = self.run_line(command, line);
        self.state.unselect();
        done.map(drop)
    }

    /// The time for sending a SELECT. One that has begun is sent whole, because half a command
    /// would close the connection; one that comes too late is not begun.
    fn time_to_send(&self, deadline: Option<Instant>) -> Result<Duration> {
        let command = self.timeouts().command;
        let Some(deadline) = deadline else {
            return Ok(command);
        };
        let left = self.time_left(Some(deadline));
        if left.is_zero() {
            let late = LockError::after_its_grant(Duration::ZERO, None);
            return Err(Error::Lock(Box::new(late)));
        }
        Ok(left.max(LEAST_TO_SEND).min(command))
    }
}
