//! A command that is sent part by part, so that its message need not be in memory.

use std::io::{self, Read};

use crate::connection::Connection;
use crate::connection::answer::{Received, leave};
use crate::connection::answering::{InFlight, Kind};
use crate::connection::clock::Whole;
use crate::connection::pieces::OF_A_COMMAND;
use crate::connection::send::Alone;
use crate::error::{CloseReason, Effect, Error, InvalidArgument, ReaderError, Result, StaleUids};
use crate::types::capability::Capability;
use crate::types::mailbox_name::MailboxName;
use crate::types::new_message::{AppendOptions, CatenatePart, NewMessage, Source, header};
use crate::types::origin::is_same_account;
use crate::types::progress::{Progress, ProgressUnit};
use crate::types::response_code::ResponseCode;
use crate::types::uid::Uid;
use crate::wire::append_data::Form;
use crate::wire::encoder::Encoder;
use crate::wire::response::Untagged;

/// The most octets of a reader that are in memory at once.
pub(super) const CHUNK: u64 = 64 << 10;

/// A command that stores messages, while it is sent. If it is dropped in the middle it closes the
/// connection, because the server waits for the rest.
pub(crate) struct Upload<'c> {
    connection: &'c mut Connection,
    head: Head<'c>,
    has_begun: bool,
    is_whole: bool,
    /// The refusal of the server before it had all; the rest is sent, because the server has to
    /// read it.
    refused: Option<Error>,
    /// The deadline for sending and completing all of it.
    end: Option<Whole>,
}

/// The octets before the first message: the command, the message that it replaces if it does, the
/// mailbox.
#[derive(Clone, Copy)]
pub(crate) struct Head<'c> {
    pub(crate) command: &'static str,
    pub(crate) replaced: Option<Uid>,
    pub(crate) mailbox: &'c MailboxName,
}

impl Head<'_> {
    pub(crate) fn write(&self, encoder: &mut Encoder<'_>) -> Result<()> {
        encoder.raw(self.command).sp();
        if let Some(uid) = self.replaced {
            encoder.display(uid).sp();
        }
        encoder.mailbox(self.mailbox)?;
        Ok(())
    }
}

/// The octets of a reader, piece by piece.
struct Contents<'r, 'a> {
    reader: &'r mut (dyn Read + 'a),
    announced: u64,
    left: u64,
    may_hold_nul: bool,
    buffer: Vec<u8>,
}

impl Connection {
    /// Rejects a message that the server cannot accept in this mailbox, as far as is known
    /// beforehand.
    pub(crate) fn check_message(
        &mut self,
        command: &'static str,
        mailbox: &MailboxName,
        message: &NewMessage<'_>,
    ) -> Result<()> {
        if let Source::Parts(parts) = &message.source {
            self.check_urls(parts)?;
        }
        let capabilities = self.capabilities()?;
        let lacks = |capability| !capabilities.supports(capability);
        match (&message.source, message.len()) {
            (Source::Parts(parts), _) if parts.is_empty() => {
                return Err(Error::text("message", "no parts"));
            }
            (Source::Parts(_), _) if lacks(&Capability::Catenate) => {
                return Err(Error::unsupported(command, Capability::Catenate));
            }
            (Source::Reader(..), _) if message.options.binary && lacks(&Capability::Binary) => {
                return Err(Error::unsupported(command, Capability::Binary));
            }
            (_, Some(0)) => return Err(Error::text("message", "it is empty")),
            _ => {}
        }
        match (message.len(), self.state.append_limits.of(mailbox)) {
            (Some(size), Some(limit)) if size > limit => {
                Err(InvalidArgument::TooBig { size, limit }.into())
            }
            _ => Ok(()),
        }
    }
}

impl Connection {
    /// Whether a message is sent through a buffer: from a reader, or from memory if it is large and
    /// its progress is reported. One with a NUL is sent as a whole, which has a form of its own.
    pub(crate) fn goes_in_pieces(&self, message: &NewMessage<'_>) -> bool {
        match &message.source {
            Source::Reader(..) => true,
            Source::Octets(octets) => {
                self.is_reporting()
                    && message.len().is_some_and(|len| len > CHUNK)
                    && memchr::memchr(0, octets).is_none()
            }
            Source::Parts(_) => false,
        }
    }

    /// Rejects URLs of messages of another account.
    fn check_urls(&self, parts: &[CatenatePart<'_>]) -> Result<()> {
        for part in parts {
            let CatenatePart::Url(url) = part else {
                continue;
            };
            let origin = url.origin();
            if !is_same_account(origin.shared_account(), self.state.account()) {
                let here = origin.mailbox().clone();
                return Err(Error::StaleUids(Box::new(StaleUids {
                    here: self.state.origin_of(here, origin.uid_validity()),
                    origin: origin.into(),
                })));
            }
        }
        Ok(())
    }
}

impl<'c> Upload<'c> {
    /// Nothing is sent yet.
    pub(crate) fn new(connection: &'c mut Connection, head: Head<'c>) -> Self {
        Self {
            connection,
            head,
            has_begun: false,
            is_whole: false,
            refused: None,
            end: None,
        }
    }

    /// The head, until it has been sent.
    fn head_due(&self) -> Option<Head<'c>> {
        (!self.has_begun).then_some(self.head)
    }

    /// Sends a message; with the first one the head, with `is_last` the end of the command too.
    ///
    /// After an error that is not the server's and did not close the connection nothing of this
    /// message was sent.
    pub(crate) fn send(&mut self, message: &mut NewMessage<'_>, is_last: bool) -> Result<()> {
        let Head {
            command, mailbox, ..
        } = self.head;
        self.connection.check_message(command, mailbox, message)?;
        let end = if is_last { "\r\n" } else { "" };
        if self.connection.goes_in_pieces(message) {
            return self.send_in_pieces(message, is_last);
        }
        let head = self.head_due();
        self.send_part(is_last, |encoder| {
            head.map_or(Ok(()), |head| head.write(encoder))?;
            encoder.append_message::<Error>(message)?;
            encoder.raw(end);
            Ok(())
        })
    }

    /// Sends a message through a buffer: from a reader, or from memory for the progress of it.
    fn send_in_pieces(&mut self, message: &mut NewMessage<'_>, is_last: bool) -> Result<()> {
        let announced = message.len().unwrap_or(0);
        let options = &message.options;
        let (mut octets, of_octets);
        let (reader, options): (&mut dyn Read, &AppendOptions) = match &mut message.source {
            Source::Reader(reader, _) => (reader, options),
            Source::Octets(whole) => {
                of_octets = AppendOptions {
                    binary: false,
                    utf8_headers: !header(whole).is_ascii(),
                    ..AppendOptions::clone(options)
                };
                octets = &**whole;
                (&mut octets, &of_octets)
            }
            Source::Parts(_) => return Ok(()),
        };
        let contents = Contents {
            reader,
            announced,
            left: announced,
            may_hold_nul: options.binary,
            buffer: Vec::new(),
        };
        self.send_contents(contents, options, is_last)
    }

    /// Receives the answer to the command, which has been sent whole.
    pub(crate) fn finish(
        mut self,
        claim: impl for<'r> FnMut(Untagged<'r>) -> Option<Untagged<'r>>,
    ) -> Result<Option<ResponseCode>> {
        self.is_whole = true;
        if let Some(refused) = self.refused.take() {
            self.connection.answering.clear();
            return Err(refused);
        }
        self.connection.finish(claim)
    }

    /// Reads what has arrived before the last part is sent, and never waits: an OK that is there by
    /// then is of no message that the server has.
    fn receive_early(&mut self) -> Result<()> {
        let (connection, command) = (&mut *self.connection, self.head.command);
        loop {
            match connection.receive_if_arrived(command) {
                Ok(None) => return Ok(()),
                Ok(Some(Received::Continue)) => connection.forgive_continuation(command)?,
                Ok(Some(_)) => {}
                Err(refused @ (Error::Refused(_) | Error::Throttled(_))) => {
                    self.refused = Some(refused);
                    return Ok(());
                }
                Err(error) => return Err(error),
            }
        }
    }

    /// Aborts a command of several messages: an empty one undoes those that were sent (RFC 3502).
    /// Returns the error to be reported, which is `why` unless aborting fails.
    pub(crate) fn give_up(mut self, why: Error) -> Error {
        if !self.has_begun || !self.connection.answering.is_due() {
            return why;
        }
        let sent = self.send_part(false, |encoder| {
            encoder.sp().literal_announced(0).raw("\r\n");
            Ok(())
        });
        self.is_whole = true;
        self.connection.answering.call_off();
        match sent.and_then(|()| self.connection.finish(leave)) {
            Err(closed @ Error::Closed(_)) => closed,
            Err(_) => why,
            Ok(_) => {
                let reason =
                    CloseReason::Protocol("a canceled APPEND was completed with OK".into());
                self.connection
                    .close(self.head.command, Effect::Possible, reason)
            }
        }
    }

    /// What is sent along with the command is read before anything of it is sent; what needs a
    /// continuation request is not read until that comes.
    fn send_contents(
        &mut self,
        mut contents: Contents<'_, '_>,
        options: &AppendOptions,
        is_last: bool,
    ) -> Result<()> {
        let abilities = self.connection.state.abilities();
        let form = Form::announced(options, abilities.utf8_append);
        let len = contents.announced;
        if len <= abilities.literal_at_once {
            let filled = contents.fill();
            filled.map_err(|error| Error::Reader(Box::new(error)))?;
        }
        let end = match is_last {
            true => [form.end(), "\r\n"],
            false => [form.end(), ""],
        };
        let (is_end, head) = (contents.is_at_end(), self.head_due());
        self.send_part(is_end && is_last, |encoder| {
            head.map_or(Ok(()), |head| head.write(encoder))?;
            encoder.append_options(options, form)?;
            encoder.append_announced(len, form);
            contents.write(encoder, end);
            Ok(())
        })?;
        self.report(&contents);
        while !contents.is_at_end() {
            if let Err(error) = contents.fill() {
                let reason = CloseReason::Reader(error);
                return Err(self
                    .connection
                    .close(self.head.command, Effect::None, reason));
            }
            self.send_part(contents.is_at_end() && is_last, |encoder| {
                contents.write(encoder, end);
                Ok(())
            })?;
            self.report(&contents);
        }
        Ok(())
    }

    fn report(&self, contents: &Contents<'_, '_>) {
        let (total, unit) = (contents.announced, ProgressUnit::Octets);
        let done = total.saturating_sub(contents.left);
        self.connection
            .report(Progress::new(self.head.command, unit, done, Some(total)));
    }

    /// Sends what `encode` writes, or nothing if it fails. The command may take effect only with
    /// the last part.
    fn send_part<'a>(
        &mut self,
        is_last: bool,
        encode: impl FnOnce(&mut Encoder<'a>) -> Result<()>,
    ) -> Result<()> {
        if is_last && self.has_begun {
            self.receive_early()?;
        }
        let (connection, command) = (&mut *self.connection, self.head.command);
        let is_first = !self.has_begun;
        if is_first {
            connection.make_ready(command)?;
            connection.tag.advance();
            self.end = connection.end_of_stream();
        }
        let in_flight = InFlight {
            tag: connection.tag,
            command,
            kind: Kind::Plain,
            effect: Some(Effect::Possible),
        };
        connection.write(|connection, encoder| {
            if is_first {
                encoder.tag(in_flight.tag.as_bytes());
            }
            encode(encoder)?;
            self.has_begun = true;
            connection.log_line(command, encoder.line());
            // It may have been refused already.
            if !connection.answering.is_due() {
                connection.push_in_flight(in_flight);
            }
            // Each part has its whole time again: an upload that makes progress is not aborted.
            let timeouts = &connection.bounds.timeouts;
            let (silence, total) = (timeouts.silence(command), timeouts.command);
            connection.expect_answer(silence, total);
            connection.end_with_stream(self.end);
            connection.send_fragments::<OF_A_COMMAND>(&mut Alone(command), encoder, is_last)
        })
    }
}

impl Drop for Upload<'_> {
    fn drop(&mut self) {
        if self.has_begun && !self.is_whole && self.connection.answering.is_due() {
            let reason = CloseReason::Interrupted(self.head.command);
            self.connection
                .close(self.head.command, Effect::None, reason);
        }
    }
}

impl Contents<'_, '_> {
    /// Whether all of it is in the buffer or was sent.
    fn is_at_end(&self) -> bool {
        self.left == 0
    }

    /// Writes what is in the buffer, and after the last of it its end.
    fn write<'a>(&'a self, encoder: &mut Encoder<'a>, end: [&str; 2]) {
        encoder.octets(&self.buffer);
        if self.is_at_end() {
            end.into_iter().fold(encoder, Encoder::raw);
        }
    }

    /// Reads the next piece. With the last one the reader has to be at its end.
    fn fill(&mut self) -> Result<(), ReaderError> {
        let octets = usize::try_from(self.left.min(CHUNK)).unwrap_or_default();
        self.buffer.resize(octets, 0);
        let mut filled = 0;
        while let Some(rest) = self
            .buffer
            .get_mut(filled..)
            .filter(|rest| !rest.is_empty())
        {
            match read(self.reader, rest)? {
                0 => {
                    let had = u64::try_from(filled).unwrap_or_default();
                    return Err(ReaderError::TooShort {
                        announced: self.announced,
                        given: self.announced.saturating_sub(self.left).saturating_add(had),
                    });
                }
                count => filled = filled.saturating_add(count),
            }
        }
        self.left = self.left.saturating_sub(CHUNK);
        if !self.may_hold_nul && memchr::memchr(0, &self.buffer).is_some() {
            return Err(ReaderError::Nul);
        }
        if self.is_at_end() && read(self.reader, &mut [0])? > 0 {
            return Err(ReaderError::TooLong {
                announced: self.announced,
            });
        }
        Ok(())
    }
}

fn read(reader: &mut dyn Read, place: &mut [u8]) -> Result<usize, ReaderError> {
    loop {
        match reader.read(place) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            read => return read.map_err(ReaderError::Failed),
        }
    }
}
