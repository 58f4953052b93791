//! One connection: sends commands, hears answers, and knows what is outstanding.
//!
//! Everything that is left unread by whoever was reading (a stream dropped early or leaked, a
//! panic, a deadline) stays known here. The next command drains it within bounds or the
//! connection is closed; no command ever hears another's answer.

pub(crate) mod answer;
mod append_limits;
pub(crate) mod bounded;
pub(crate) mod clock;
#[cfg(feature = "compress")]
mod compression;
pub(crate) mod download;
mod enabling;
mod exchange;
pub(crate) mod hear;
pub(crate) mod idling;
pub(crate) mod lifeline;
pub(crate) mod notifying;
pub(crate) mod of_mailbox;
pub(crate) mod pieces;
pub(crate) mod pipeline;
pub(crate) mod redaction;
pub(crate) mod search_habits;
pub(crate) mod selection;
pub(crate) mod set_up;
pub(crate) mod state;
pub(crate) mod stream;
pub(crate) mod tag;
pub(crate) mod throttle;
mod time;
mod trace;
pub(crate) mod upload;

use std::fmt;
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use zeroize::{Zeroize, Zeroizing};

use crate::client_builder::bounds::{Bounds, Timeouts};
use crate::client_builder::learned::Learned;
use crate::connection::answer::{Heard, Outstanding, Row, SoFar, UnderWay, leave};
use crate::connection::clock::{Clock, StreamEnd};
use crate::connection::lifeline::{Attached, Lifeline};
use crate::connection::pieces::Pieces;
use crate::connection::redaction::Redaction;
use crate::connection::state::State;
use crate::connection::stream::Stream;
use crate::connection::tag::Tag;
use crate::connection::trace::Line;
use crate::error::{CloseReason, Closed, Effect, Error, InvalidArgument, Result, Throttled};
use crate::transport::Transport;
use crate::transport::buffered::Buffered;
use crate::types::response_code::ResponseCode;
use crate::wire::encoder::{Encoder, Fragment, Unencodable};
use crate::wire::response::Untagged;
use crate::wire::response::fetch::Fetch;

/// What was read so much earlier was not read for the command that is sent now.
const SAME_CALL: Duration = Duration::from_secs(1);

/// A connection to a server, from the greeting to the goodbye.
pub struct Connection {
    stream: Stream,
    pub(crate) state: State,
    bounds: Bounds,
    tag: Tag,
    outstanding: Option<Outstanding>,
    /// The commands that are outstanding where they are several; empty where it is one.
    under_way: UnderWay,
    /// Lives as long as somebody reads the outstanding answer piece by piece.
    reader: Option<Weak<()>>,
    closed: Option<Arc<CloseReason>>,
    line: Vec<u8>,
    stray_continuations: usize,
    so_far: SoFar,
    lifeline: Attached,
    /// DONE was sent, and nobody has complained of it.
    forgives_done: bool,
    learned: Arc<Learned>,
    /// The outstanding command asks the server to decode a part.
    asks_for_binary: bool,
    /// How long the server may be silent while the answer is due that is outstanding.
    silence: Duration,
    /// When the stream has to have ended that the answer is part of.
    stream_end: Option<StreamEnd>,
    /// When reading what was left of another answer began and ended: it has its part in the deadline
    /// of the command that it was done for.
    ahead: Option<(Instant, Instant)>,
    #[cfg(feature = "compress")]
    is_compressed: bool,
    pub(crate) redaction: Redaction,
}

impl Connection {
    /// A connection over `transport`, before its greeting.
    pub(crate) fn new(buffered: Buffered, bounds: Bounds, learned: Arc<Learned>) -> Self {
        let Timeouts {
            write, greeting, ..
        } = bounds.timeouts;
        let silence = bounds.timeouts.silence("");
        // A server may be silent for as long as the whole greeting may take.
        let clock = Clock::starting_now(greeting, write, greeting).not_after(bounds.until);
        Self {
            stream: Stream::new(buffered, bounds.limits, clock),
            state: State::new(&bounds.session),
            bounds,
            tag: Tag::default(),
            outstanding: None,
            under_way: UnderWay::default(),
            reader: None,
            closed: None,
            line: Vec::new(),
            stray_continuations: 0,
            so_far: SoFar::default(),
            lifeline: Attached::default(),
            forgives_done: false,
            learned,
            asks_for_binary: false,
            silence,
            stream_end: None,
            ahead: None,
            #[cfg(feature = "compress")]
            is_compressed: false,
            redaction: Redaction::default(),
        }
    }

    /// Whether what is sent and received is compressed.
    pub(crate) fn is_compressed(&self) -> bool {
        #[cfg(feature = "compress")]
        return self.is_compressed;
        #[cfg(not(feature = "compress"))]
        false
    }

    /// The transport, when nothing has arrived beyond what was heard.
    pub(crate) fn into_transport(self) -> Option<Box<dyn Transport>> {
        self.stream.into_transport()
    }

    /// What ties a login to the TLS of this connection, where it has one; see
    /// [`Transport::server_end_point`].
    pub(crate) fn server_end_point(&self) -> Option<Vec<u8>> {
        self.stream.server_end_point()
    }

    /// Lets others see whether this connection lives, and end it.
    pub(crate) fn attach(&mut self, lifeline: &Arc<Lifeline>) {
        self.lifeline = lifeline.attach(self.stream.shutdown());
        self.stream.heed(lifeline);
    }

    /// Nobody waits for this connection to be made any more: its commands have their own deadlines.
    pub(crate) fn forget_deadline(&mut self) {
        self.bounds.until = None;
    }

    pub(crate) fn timeouts(&self) -> &Timeouts {
        &self.bounds.timeouts
    }

    /// The deadlines of all later commands.
    pub(crate) fn timeouts_mut(&mut self) -> &mut Timeouts {
        &mut self.bounds.timeouts
    }

    /// Whether somebody on this thread may still be reading an answer.
    pub(crate) fn is_being_read(&self) -> bool {
        let is_read = self
            .outstanding
            .is_some_and(|outstanding| outstanding.is_read);
        let reader = self.reader.as_ref();
        is_read && reader.is_none_or(|reader| reader.strong_count() > 0)
    }

    /// A token for whoever reads the answer that was begun: dropping it says that nobody does any
    /// more. A stream can hold it without a `Drop` of its own, so that its borrow of the guard ends
    /// where it was used last.
    pub(crate) fn lend_reader(&mut self) -> Arc<()> {
        let token = Arc::new(());
        self.reader = Some(Arc::downgrade(&token));
        token
    }

    /// Sends a command and hears its answer.
    ///
    /// `claim` takes the data that the command is for, and gives back what it is not.
    pub(crate) fn run<'a>(
        &mut self,
        command: &'static str,
        encode: impl FnOnce(&mut Encoder<'a>) -> Result<()>,
        mut claim: impl for<'r> FnMut(Untagged<'r>) -> Option<Untagged<'r>>,
    ) -> Result<Option<ResponseCode>> {
        self.start(command, encode)?;
        self.finish(&mut claim)
    }

    /// Hears the rest of the answer to the command that was started.
    pub(crate) fn finish(
        &mut self,
        mut claim: impl for<'r> FnMut(Untagged<'r>) -> Option<Untagged<'r>>,
    ) -> Result<Option<ResponseCode>> {
        let most = self.most_of_an_answer();
        loop {
            if let Some(done) = self.proceed(&mut claim)? {
                return Ok(done);
            }
            self.check_answer(most)?;
        }
    }

    /// A command whose answer is only its completion.
    pub(crate) fn run_plain(
        &mut self,
        command: &'static str,
        encode: impl FnOnce(&mut Encoder<'_>) -> Result<()>,
    ) -> Result<Option<ResponseCode>> {
        self.run(command, encode, leave)
    }

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

    /// Like `start`, for a command that changes something although its name says that it reads, such as a
    /// FETCH that sets `\Seen`.
    pub(crate) fn start_changing<'a>(
        &mut self,
        command: &'static str,
        encode: impl FnOnce(&mut Encoder<'a>) -> Result<()>,
    ) -> Result<()> {
        let total = self.bounds.timeouts.command;
        self.start_as(command, Effect::Possible, total, encode)
    }

    /// The same with a deadline of its own.
    pub(crate) fn start_within<'a>(
        &mut self,
        command: &'static str,
        total: Duration,
        encode: impl FnOnce(&mut Encoder<'a>) -> Result<()>,
    ) -> Result<()> {
        self.start_as(command, Effect::of(command), total, encode)
    }

    fn start_as<'a>(
        &mut self,
        command: &'static str,
        effect: Effect,
        total: Duration,
        encode: impl FnOnce(&mut Encoder<'a>) -> Result<()>,
    ) -> Result<()> {
        self.drain(command, None)?;
        self.hear_read_ahead(command)?;
        self.tag.advance();
        let mut encoder = Encoder::new(std::mem::take(&mut self.line), self.state.abilities());
        encoder.tag(self.tag.as_bytes());
        let sent = encode(&mut encoder).and_then(|()| {
            encoder.raw("\r\n");
            // A logger may panic: then nothing is outstanding yet.
            self.log_line(command, &encoder);
            let silence = self.bounds.timeouts.silence(command);
            self.expect_answer(command, silence, total);
            self.send_fragments(command, effect, &encoder)
        });
        self.line = encoder.into_line();
        sent
    }

    /// Reads one response of the command that was started; its response code when it is
    /// complete.
    pub(crate) fn proceed(
        &mut self,
        claim: impl for<'r> FnOnce(Untagged<'r>) -> Option<Untagged<'r>>,
    ) -> Result<Option<Option<ResponseCode>>> {
        let Some(Outstanding { command, .. }) = self.outstanding else {
            return Ok(Some(None));
        };
        match self.hear(command, claim)? {
            Heard::Done(code) => Ok(Some(code)),
            Heard::Data => Ok(None),
            Heard::Continue => {
                self.forgive_continuation(command)?;
                Ok(None)
            }
        }
    }

    /// Reads one response of the FETCH that was started into `message`, if it is one.
    pub(crate) fn next_row(&mut self, message: &mut Fetch) -> Result<Row> {
        if self.next_plain_row(message)? {
            return Ok(Row::Message);
        }
        let (mut place, mut vanished) = (None, None);
        let done = self.proceed(|data| match data {
            Untagged::Fetch(row) => {
                place = Some(row.place);
                None
            }
            Untagged::Vanished {
                earlier: true,
                uids,
            } => {
                vanished = Some(uids);
                None
            }
            other => Some(other),
        })?;
        if done.is_some() {
            return Ok(Row::End);
        }
        if let Some(place) = place {
            let (bytes, literals) = self.stream.last_frame();
            message.assign_taking(place, &self.bounds.limits, bytes, literals);
            return Ok(Row::Message);
        }
        Ok(vanished.map_or(Row::Other, Row::Vanished))
    }

    /// The tag of the command that was started last, as a value.
    pub(crate) fn sent_tag(&self) -> Tag {
        self.tag
    }

    /// Waits as long as a throttling server asks for, if that is within what is left of the
    /// ceiling; whether it was.
    pub(crate) fn wait_out(&self, throttled: &Throttled, waited: &mut Duration) -> bool {
        let Some(wait) = throttled.wait() else {
            return false;
        };
        let total = waited.saturating_add(wait);
        let until = Instant::now().checked_add(wait);
        let Some(until) = until.filter(|_| total <= self.bounds.throttle_ceiling) else {
            return false;
        };
        *waited = total;
        log::debug!("throttled: asking again in {wait:?}");
        self.lifeline.wait_until(until);
        true
    }

    /// Nobody reads the outstanding answer any more.
    pub(crate) fn abandon(&mut self) {
        if let Some(outstanding) = &mut self.outstanding {
            outstanding.is_read = false;
        }
    }

    /// Ends the connection; the error for `command`.
    pub(crate) fn close(
        &mut self,
        command: &'static str,
        effect: Effect,
        reason: CloseReason,
    ) -> Error {
        log::debug!("{command}: closed: {reason}");
        let is_lost = matches!(
            reason,
            CloseReason::Bye { .. } | CloseReason::Eof | CloseReason::Io(_)
        );
        if self.asks_for_binary && is_lost && self.outstanding.is_some() {
            self.learned.avoid_binary();
        }
        self.state.unselect();
        self.outstanding = None;
        self.under_way.clear();
        let reason = if self.lifeline.is_cut() {
            CloseReason::Cancelled
        } else {
            reason
        };
        self.lifeline.hang_up();
        self.stream.close();
        let warning = self.so_far.warning.take().filter(|_| reason.is_timeout());
        let reason = self.closed.get_or_insert_with(|| Arc::new(reason));
        Error::Closed(Closed::after(command, effect, reason, warning))
    }

    /// Refuses when the connection has ended.
    #[inline]
    pub(crate) fn check_open(&self, command: &'static str) -> Result<()> {
        match self.closed.is_some() || self.lifeline.is_cut() {
            true => Err(self.why_closed(command)),
            false => Ok(()),
        }
    }

    #[cold]
    fn why_closed(&self, command: &'static str) -> Error {
        match &self.closed {
            Some(reason) if !self.lifeline.is_cut() => Error::closed(command, Effect::None, reason),
            _ => Error::closed(command, Effect::None, &CloseReason::Cancelled.into()),
        }
    }

    /// From now on an answer to this command is due, within that time.
    fn expect_answer(&mut self, command: &'static str, silence: Duration, total: Duration) {
        let clock = Clock::starting_now(silence, self.bounds.timeouts.write, total);
        let clock = match self.ahead.take() {
            Some((began, ended)) if ended.elapsed() < SAME_CALL => {
                clock.less(ended.saturating_duration_since(began))
            }
            _ => clock,
        };
        let clock = clock.not_after(self.bounds.until);
        (self.silence, self.stream_end) = (silence, None);
        self.stream.set_clock(clock);
        self.stray_continuations = 0;
        if self.under_way.is_empty() {
            self.so_far.end();
        }
        self.reader = None;
        self.asks_for_binary = false;
        self.outstanding = Some(Outstanding {
            command,
            effect: Effect::of(command),
            is_read: true,
            survives_timeout: false,
            drained_until: None,
            owes_done: false,
        });
    }

    fn log_line(&self, command: &'static str, encoder: &Encoder<'_>) {
        match self.redaction.is_under_way() {
            true => log::trace!("C: {} {command} ***", self.tag.as_str()),
            false => log::trace!("C: {}", Line(encoder.line())),
        }
    }

    /// Sends what was written; `effect` is what the command may have done if the last of it does
    /// not get through.
    fn send_fragments(
        &mut self,
        command: &'static str,
        effect: Effect,
        encoder: &Encoder<'_>,
    ) -> Result<()> {
        let mut pieces: Pieces<'_> = Pieces::default();
        if encoder.is_a_line() {
            self.note_effect(effect);
            pieces.push(encoder.line());
            return self.send_pieces(command, effect, &mut pieces);
        }
        self.note_effect(if encoder.waits() > 0 {
            Effect::None
        } else {
            effect
        });
        for fragment in encoder.fragments() {
            match fragment {
                Fragment::Octets(octets) => {
                    if !pieces.push(octets) {
                        self.send_pieces(command, effect, &mut pieces)?;
                        pieces.push(octets);
                    }
                }
                Fragment::Wait => {
                    self.send_pieces(command, Effect::None, &mut pieces)?;
                    self.wait_for_continuation(command)?;
                }
            }
        }
        self.note_effect(effect);
        self.send_pieces(command, effect, &mut pieces)
    }

    /// What the command may have done if the connection ends from here on.
    fn note_effect(&mut self, effect: Effect) {
        if let Some(outstanding) = &mut self.outstanding {
            outstanding.effect = effect;
        }
    }

    fn send_pieces<const MOST: usize>(
        &mut self,
        command: &'static str,
        effect: Effect,
        pieces: &mut Pieces<'_, MOST>,
    ) -> Result<()> {
        let sent = self.stream.send(pieces);
        sent.map_err(|reason| self.not_sent(command, effect, reason))
    }

    /// Ends a connection that nothing can be written to. What the server said before it hung up
    /// tells more than that it did.
    fn not_sent(&mut self, command: &'static str, effect: Effect, reason: CloseReason) -> Error {
        self.note_effect(effect);
        let mut refused = None;
        while self.outstanding.is_some() {
            match self.hear_if_arrived(command) {
                Ok(Some(_)) => {}
                Ok(None) => break,
                Err(closed @ Error::Closed(_)) => return closed,
                Err(no) => refused = Some(no),
            }
        }
        let closed = self.close(command, effect, reason);
        refused.unwrap_or(closed)
    }

    /// Until the server asks for the literal; its refusal instead leaves the connection in step.
    fn wait_for_continuation(&mut self, command: &'static str) -> Result<()> {
        let most = self.most_of_an_answer();
        loop {
            match self.hear(command, leave)? {
                Heard::Continue => return Ok(()),
                Heard::Data => self.check_answer(most)?,
                Heard::Done(_) => {
                    let problem = "it answered a command before it was sent whole";
                    let reason = CloseReason::Protocol(problem.into());
                    return Err(self.close(command, Effect::Possible, reason));
                }
            }
        }
    }

    /// Sends one line in answer to a continuation request, and nothing else.
    pub(crate) fn send_line(&mut self, command: &'static str, line: &[u8]) -> Result<()> {
        let mut pieces: Pieces<'_> = Pieces::default();
        pieces.push(line);
        pieces.push(b"\r\n");
        self.send_pieces(command, Effect::Possible, &mut pieces)
    }

    /// The same with octets in base64, which are wiped afterwards.
    pub(crate) fn send_base64(&mut self, command: &'static str, octets: &[u8]) -> Result<()> {
        let line = Zeroizing::new(BASE64_STANDARD.encode(octets));
        self.send_line(command, line.as_bytes())
    }

    /// The login is over: wipes what was sent last.
    pub(crate) fn wipe_login(&mut self) {
        self.line.zeroize();
        self.redaction.end();
    }
}

impl From<Unencodable> for Error {
    fn from(refusal: Unencodable) -> Self {
        let Unencodable { argument, problem } = refusal;
        InvalidArgument::Text { argument, problem }.into()
    }
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connection")
            .field("closed", &self.closed)
            .field(
                "outstanding",
                &self.outstanding.map(|outstanding| outstanding.command),
            )
            .finish_non_exhaustive()
    }
}
