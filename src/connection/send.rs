//! Sending: one command, several of a pipeline, or one in parts, and waiting for the continuation
//! request of a literal.

use std::time::Duration;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use zeroize::Zeroizing;

use crate::connection::Connection;
use crate::connection::answer::{Received, leave};
use crate::connection::answering::{InFlight, Kind};
use crate::connection::pieces::{OF_A_COMMAND, Pieces};
use crate::connection::trace::Line;
use crate::error::{CloseReason, Effect, Error, Result};
use crate::wire::encoder::Encoder;
use crate::wire::encoder::parts::Part;

/// Receives responses while commands are being sent.
pub(super) trait Receiver {
    /// The command that errors are of.
    fn command(&self) -> &'static str;

    /// Waits for one response. `Continue` is only returned to a command that waits for it.
    fn receive(&mut self, connection: &mut Connection) -> Result<Received>;
}

/// The only command in flight, which receives nothing before it is sent.
pub(super) struct Alone(pub(super) &'static str);

impl Receiver for Alone {
    fn command(&self) -> &'static str {
        self.0
    }

    fn receive(&mut self, connection: &mut Connection) -> Result<Received> {
        connection.receive(self.0, leave)
    }
}

impl Connection {
    /// Sends a command whose answer is then read piece by piece with
    /// [`proceed`](Self::proceed).
    pub(crate) fn start<'a>(
        &mut self,
        command: &'static str,
        encode: impl FnOnce(&mut Encoder<'a>) -> Result<()>,
    ) -> Result<()> {
        let total = self.bounds.timeouts.command;
        self.start_within(command, total, encode)
    }

    /// Like `start`, for a command that changes something although its name implies that it only
    /// reads, such as a FETCH that sets `\Seen`.
    pub(crate) fn start_changing<'a>(
        &mut self,
        command: &'static str,
        encode: impl FnOnce(&mut Encoder<'a>) -> Result<()>,
    ) -> Result<()> {
        let total = self.bounds.timeouts.command;
        self.start_as(Kind::Plain, command, Some(Effect::Possible), total, encode)
    }

    /// Like `start`, with a deadline of its own.
    pub(crate) fn start_within<'a>(
        &mut self,
        command: &'static str,
        total: Duration,
        encode: impl FnOnce(&mut Encoder<'a>) -> Result<()>,
    ) -> Result<()> {
        self.start_as(Kind::Plain, command, None, total, encode)
    }

    /// Sends a command that consists of its name, is answered in a way of its own, and changes
    /// nothing.
    pub(crate) fn start_bare(
        &mut self,
        kind: Kind,
        command: &'static str,
        total: Duration,
    ) -> Result<()> {
        self.start_as(kind, command, Some(Effect::None), total, |encoder| {
            encoder.raw(command);
            Ok(())
        })
    }

    fn start_as<'a>(
        &mut self,
        kind: Kind,
        command: &'static str,
        effect: Option<Effect>,
        total: Duration,
        encode: impl FnOnce(&mut Encoder<'a>) -> Result<()>,
    ) -> Result<()> {
        self.make_ready(command)?;
        self.write(|it, encoder| {
            let ahead = it.write_ahead(kind, encoder);
            it.tag.advance();
            let in_flight = InFlight {
                tag: it.tag,
                command,
                kind,
                effect,
            };
            let mark = encoder.mark();
            encoder.tag(in_flight.tag.as_bytes());
            encode(encoder)?;
            encoder.raw("\r\n");
            // A logger may panic: then nothing is in flight yet.
            it.log_line(command, encoder.line_since(mark));
            if let Some(ahead) = ahead {
                it.push_ahead(ahead);
            }
            it.push_in_flight(in_flight);
            it.expect_answer(it.bounds.timeouts.silence(command), total);
            it.send_fragments::<OF_A_COMMAND>(&mut Alone(command), encoder, true)
        })
    }

    /// Prepares the connection for a command: nothing is in flight, and nothing that was read can
    /// pass for an answer to what is sent next.
    pub(super) fn make_ready(&mut self, command: &'static str) -> Result<()> {
        self.settle(command)?;
        self.receive_read_ahead(command)
    }

    /// Lends `write` an encoder, with the line's buffer that all commands share.
    pub(super) fn write<'a, T>(
        &mut self,
        write: impl FnOnce(&mut Self, &mut Encoder<'a>) -> Result<T>,
    ) -> Result<T> {
        let line = std::mem::take(&mut self.line);
        let mut encoder = Encoder::new(line, self.state.abilities());
        let sent = write(self, &mut encoder);
        self.line = encoder.into_line();
        sent
    }

    /// A command is about to be sent.
    pub(super) fn push_in_flight(&mut self, command: InFlight) {
        self.meter().count_command();
        self.answering.push(command);
    }

    pub(super) fn log_line(&self, command: &'static str, line: &[u8]) {
        if log::log_enabled!(log::Level::Trace) {
            match self.redaction.is_logging_in() {
                true => log::trace!("C: {} {command} ***", self.tag.as_str()),
                false => log::trace!("C: {}", Line(line)),
            }
        }
    }

    /// Sends what was written; with `is_last` the last command of it is sent whole then. Only that
    /// one may have to wait for the server, and what it refused before is not sent.
    pub(super) fn send_fragments<const MOST: usize>(
        &mut self,
        receiver: &mut impl Receiver,
        encoder: &Encoder<'_>,
        is_last: bool,
    ) -> Result<()> {
        if encoder.is_a_line() {
            self.answering.is_whole = is_last;
            let sent = self.stream.write_all(encoder.line());
            return sent.map_err(|reason| self.not_sent(receiver, reason));
        }
        let mut pieces: Pieces<'_, MOST> = Pieces::default();
        let mut waits = encoder.waits();
        self.answering.is_whole = is_last && waits == 0;
        for Part {
            line,
            waits: is_awaited,
            body,
        } in encoder.parts()
        {
            self.send_later(receiver, &mut pieces, line)?;
            if is_awaited {
                self.send_pieces(receiver, &mut pieces)?;
                if !self.wait_for_continuation(receiver)? {
                    return Ok(());
                }
                waits -= 1;
                self.answering.is_whole = is_last && waits == 0;
            }
            self.send_later(receiver, &mut pieces, body)?;
        }
        self.send_later(receiver, &mut pieces, encoder.rest())?;
        self.send_pieces(receiver, &mut pieces)
    }

    /// Adds a piece; without room for it those before it are sent.
    fn send_later<'a, const MOST: usize>(
        &mut self,
        receiver: &mut impl Receiver,
        pieces: &mut Pieces<'a, MOST>,
        octets: &'a [u8],
    ) -> Result<()> {
        if octets.is_empty() || pieces.push(octets) {
            return Ok(());
        }
        self.send_pieces(receiver, pieces)?;
        pieces.push(octets);
        Ok(())
    }

    fn send_pieces<const MOST: usize>(
        &mut self,
        receiver: &mut impl Receiver,
        pieces: &mut Pieces<'_, MOST>,
    ) -> Result<()> {
        let sent = self.stream.send(pieces);
        sent.map_err(|reason| self.not_sent(receiver, reason))
    }

    /// Closes a connection that nothing can be written to. The last responses of the server are
    /// more informative than the error of the write.
    fn not_sent(&mut self, receiver: &mut impl Receiver, reason: CloseReason) -> Error {
        let (effect, mut refused) = (self.effect(), None);
        while self.answering.is_due() {
            let received = match self.stream.has_arrived() {
                Ok(true) => receiver.receive(self),
                Ok(false) => break,
                Err(reason) => return self.close(receiver.command(), effect, reason),
            };
            match received {
                Ok(_) => {}
                Err(closed @ Error::Closed(_)) => return closed,
                Err(no) => refused = Some(no),
            }
        }
        let closed = self.close(receiver.command(), effect, reason);
        refused.unwrap_or(closed)
    }

    /// Waits for the continuation request for the literal of the command that was sent last: no
    /// other command in flight has one. Returns whether it came; the server refuses the literal by
    /// completing the command, which leaves the connection usable.
    fn wait_for_continuation(&mut self, receiver: &mut impl Receiver) -> Result<bool> {
        let mut most = self.most_of_an_answer();
        loop {
            match receiver.receive(self)? {
                Received::Continue => return Ok(true),
                Received::Done(_) if self.answering.is_whole => return Ok(false),
                Received::Done(_) => most = self.most_of_an_answer(),
                Received::Data => {}
            }
            self.check_answer(most)?;
        }
    }

    /// Sends one line in answer to a continuation request, and nothing else.
    pub(crate) fn send_line(&mut self, command: &'static str, line: &[u8]) -> Result<()> {
        let mut pieces = Pieces::<2>::default();
        pieces.push(line);
        pieces.push(b"\r\n");
        self.send_pieces(&mut Alone(command), &mut pieces)
    }

    /// Sends octets in base64 like [`send_line`](Self::send_line), and wipes them afterwards.
    pub(crate) fn send_base64(&mut self, command: &'static str, octets: &[u8]) -> Result<()> {
        let line = Zeroizing::new(BASE64_STANDARD.encode(octets));
        self.send_line(command, line.as_bytes())
    }
}
