//! The limits on what a server sends: reads the greeting within its own, and closes a connection that
//! exceeds one.

use crate::connection::Connection;
use crate::connection::answer::Received;
use crate::error::{CloseReason, Effect, Error, Result};
use crate::limits::{Limit, LimitExceeded, Limits, SessionLimits};
use crate::types::number_set::NumberSet;
use crate::wire::frame::Frame;

/// The number of rows that a FETCH was answered with, and their limit.
#[derive(Clone, Copy, Default)]
pub(crate) struct Rows {
    /// The number of messages in the set; `None` if it is open.
    asked: Option<u64>,
    /// The number of messages that there can be of it.
    messages: u64,
    given: u64,
    most: u64,
}

impl Connection {
    /// The first frame that the server sends.
    pub(crate) fn greeting(&mut self) -> Result<Frame<'_>, CloseReason> {
        let (limits, most) = (self.bounds.limits, self.bounds.session.greeting);
        let greeting = LimitExceeded::new(Limit::Greeting, most);
        self.stream.set_limits(Limits {
            line: limits.line.min(most),
            literal: limits.literal.min(most),
            response: limits.response.min(most),
            ..limits
        });
        let arrived = self.stream.wait_while(|begun| !is_tls(begun));
        self.stream.set_limits(limits);
        if matches!(arrived, Ok(false)) {
            return Err(CloseReason::Protocol("TLS in place of a greeting".into()));
        }
        arrived.map_err(|reason| match reason {
            CloseReason::Limit(exceeded) if exceeded.allowed() == greeting.allowed() => {
                CloseReason::Limit(greeting)
            }
            other => other,
        })?;
        self.stream.next_frame()
    }

    /// The octets of a greeting that did not become whole.
    pub(crate) fn begun_greeting(&mut self) -> &[u8] {
        self.stream.begun()
    }

    /// The limit for the answer to a command that is sent now, in octets received in all.
    pub(crate) fn most_of_an_answer(&self) -> u64 {
        self.stream
            .received()
            .saturating_add(self.bounds.session.answer)
    }

    /// An error, and closes, if the answer has exceeded `most`.
    pub(crate) fn check_answer(&mut self, most: u64) -> Result<()> {
        match self.stream.received() <= most {
            true => Ok(()),
            false => Err(self.too_long_an_answer()),
        }
    }

    /// Closes the connection because an answer is longer than it may be.
    pub(crate) fn too_long_an_answer(&mut self) -> Error {
        let command = self.answering.command().unwrap_or("");
        self.beyond(command, Limit::Answer, self.bounds.session.answer)
    }

    /// Closes the connection because the server exceeded a limit.
    fn beyond(&mut self, command: &'static str, limit: Limit, allowed: impl TryInto<u64>) -> Error {
        let exceeded = LimitExceeded::new(limit, allowed);
        self.close(command, self.effect(), CloseReason::Limit(exceeded))
    }

    /// The limit on the rows that may answer a FETCH that is sent now.
    pub(crate) fn rows_for(&self, asked: &NumberSet) -> Rows {
        let mut rows = Rows {
            asked: asked.len(),
            messages: 1,
            given: 0,
            most: 0,
        };
        self.raise(&mut rows);
        rows
    }

    /// Counts a row; too many close the connection.
    #[inline]
    pub(crate) fn count_row(&mut self, rows: &mut Rows) -> Result<()> {
        rows.given += 1;
        match rows.given <= rows.most {
            true => Ok(()),
            false => self.check_rows(rows),
        }
    }

    /// There may be more messages than there were when the command was sent.
    #[cold]
    fn check_rows(&mut self, rows: &mut Rows) -> Result<()> {
        self.raise(rows);
        if rows.given <= rows.most {
            return Ok(());
        }
        let command = self.answering.command().unwrap_or("FETCH");
        Err(self.beyond(command, Limit::Rows, self.bounds.session.rows))
    }

    fn raise(&self, rows: &mut Rows) {
        let exists = u64::from(self.state.exists());
        let messages = rows.asked.map_or(exists, |asked| asked.min(exists));
        rows.messages = rows.messages.max(messages);
        rows.most = rows.messages.saturating_mul(self.bounds.session.rows);
    }

    /// An error, and closes, if a literal is longer than a download may be.
    pub(crate) fn check_download(&mut self, command: &'static str, octets: u64) -> Result<()> {
        let most = self.bounds.session.download;
        if octets <= most {
            return Ok(());
        }
        Err(self.beyond(command, Limit::Download, most))
    }

    pub(crate) fn session_limits(&self) -> &SessionLimits {
        &self.bounds.session
    }

    /// Counts the responses of an answer that lengthen lists; too many close the connection.
    pub(super) fn check_gathered(&mut self, command: &'static str) -> Result<Received> {
        match self.answering.progress.gathered > self.bounds.limits.list {
            true => Err(self.too_many(command, self.effect())),
            false => Ok(Received::Data),
        }
    }

    /// The most elements that a list may have.
    pub(crate) fn list_limit(&self) -> usize {
        self.bounds.limits.list
    }

    pub(crate) fn forgive_continuation(&mut self, command: &'static str) -> Result<()> {
        self.answering.stray_continuations += 1;
        let most = self.bounds.session.continuations;
        if self.answering.stray_continuations <= most {
            return Ok(());
        }
        let exceeded = LimitExceeded::new(Limit::Continuations, most);
        Err(self.close(command, Effect::Possible, CloseReason::Limit(exceeded)))
    }

    /// Closes the connection because a list has become longer than it may.
    pub(crate) fn too_many(&mut self, command: &'static str, effect: Effect) -> Error {
        let exceeded = self.bounds.limits.exceeded(Limit::List);
        self.close(command, effect, CloseReason::Limit(exceeded))
    }

    /// The reason why an abandoned answer is not drained to its end.
    pub(crate) fn too_much_to_drain(&self) -> CloseReason {
        CloseReason::Limit(LimitExceeded::new(Limit::Drain, self.bounds.session.drain))
    }
}

/// Whether a record of TLS begins like this (RFC 8446 section 5.1). It may never contain the end of
/// a line.
fn is_tls(begun: &[u8]) -> bool {
    matches!(begun, [0x14..=0x17, 3, ..])
}
