//! One connection: sends commands, receives responses, and keeps track of the answers that are due;
//! with the commands that change the connection itself, such as SELECT, IDLE, COMPRESS and NOTIFY.
//!
//! An answer that its reader left unread (a stream dropped early or leaked, a panic, a deadline) is
//! remembered here. The next command drains it within limits or the connection is closed; no
//! command ever receives the answer to another.
//!
//! The words of this directory, from the wire upwards:
//!
//! - A *frame* is one response with its literals, as [`stream`] cuts it from what arrives.
//! - A *response* is the content of a frame: untagged data, a continuation request, or the tagged
//!   completion of a command.
//! - A *row* is a FETCH response. A *section* is the literal in it that a download reads while it
//!   arrives.
//! - A command is *in flight* from when it is sent until it is completed; an *answer* is all that
//!   comes for it. While a command is in flight, an answer is *due* ([`answering`]).
//! - To *receive* is to wait for one response and to *dispatch* it: to the command that it completes,
//!   to the command that *claims* the data, or to the [`state`], which *absorbs* what no command
//!   claims.
//! - An answer that is read piece by piece has a *reader*, which *abandons* it when it is dropped
//!   early.
//! - To *drain* is to read on to the end of an abandoned answer. A connection is *settled* when
//!   nothing is in flight: the next command can be sent.

mod ahead;
pub(crate) mod answer;
pub(crate) mod answering;
mod append_limits;
pub(crate) mod ask_capabilities;
pub(crate) mod bounded;
pub(crate) mod clock;
#[cfg(feature = "compress")]
mod compression;
pub(crate) mod desired;
pub(crate) mod download;
mod draining;
pub(crate) mod idling;
mod log_out;
pub(crate) mod meter;
pub(crate) mod notifying;
pub(crate) mod of_mailbox;
pub(crate) mod on_progress;
pub(crate) mod pieces;
pub(crate) mod pipeline;
mod progress;
mod raw;
mod receive;
pub(crate) mod redaction;
mod reporting;
pub(crate) mod resync;
mod rows;
pub(crate) mod search_habits;
pub(crate) mod selection;
mod send;
pub(crate) mod shutdown_switch;
pub(crate) mod state;
pub(crate) mod stream;
pub(crate) mod tag;
pub(crate) mod throttle;
mod time;
mod trace;
pub(crate) mod upload;

use std::fmt;
use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

use zeroize::Zeroize;

use crate::client_builder::bounds::{Bounds, Timeouts};
use crate::client_builder::learned::Learned;
use crate::connection::answer::{Received, leave};
use crate::connection::answering::Answering;
use crate::connection::clock::{Clock, Whole};
use crate::connection::meter::Meter;
use crate::connection::on_progress::{MessagesDone, OnProgress};
use crate::connection::redaction::Redaction;
use crate::connection::shutdown_switch::{Attached, ShutdownSwitch};
use crate::connection::state::State;
use crate::connection::stream::Stream;
use crate::connection::tag::Tag;
use crate::error::{CloseReason, Closed, Effect, Error, InvalidArgument, Result, Throttled};
use crate::stop_handle::StopHandle;
use crate::transport::Transport;
use crate::transport::buffered::Buffered;
use crate::transport::channel_binding::ChannelBinding;
use crate::transport::plain::Plain;
use crate::types::response_code::ResponseCode;
use crate::wire::encoder::{Encoder, Unencodable};
use crate::wire::response::Untagged;

/// A connection to a server, from the greeting to its end.
pub struct Connection {
    stream: Stream,
    pub(crate) state: State,
    bounds: Bounds,
    tag: Tag,
    answering: Answering,
    /// The reason and the instant of its end.
    closed: Option<(Arc<CloseReason>, Instant)>,
    /// The buffer of the line that is sent.
    line: Vec<u8>,
    shutdown_switch: Attached,
    learned: Arc<Learned>,
    /// Called with the progress of long calls.
    on_progress: Option<OnProgress>,
    /// The messages done by the pipeline that is run, if its commands are for one message each.
    counted: Option<MessagesDone>,
    /// When the last draining began and ended: its time is taken from that of the command that it was
    /// done for.
    drained: Option<(Instant, Instant)>,
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
        // A server may be silent for as long as the whole greeting may take.
        let clock = Clock::starting_now(greeting, write, greeting).not_after(bounds.until);
        let meter = Arc::new(Meter::new(buffered.traffic()));
        let clock = clock.within(Whole::opening(&bounds));
        Self {
            stream: Stream::new(buffered, bounds.limits, clock),
            state: State::new(&bounds.session, meter),
            bounds,
            tag: Tag::default(),
            answering: Answering::default(),
            closed: None,
            line: Vec::new(),
            shutdown_switch: Attached::default(),
            learned,
            on_progress: None,
            counted: None,
            drained: None,
            #[cfg(feature = "compress")]
            is_compressed: false,
            redaction: Redaction::default(),
        }
    }

    /// In the place of a connection that was not made yet: a closed one.
    pub(crate) fn unmade(bounds: Bounds, learned: Arc<Learned>) -> Self {
        let nothing = Buffered::without_read_ahead(Box::new(Plain(io::empty())));
        let mut connection = Self::new(nothing, bounds, learned);
        connection.stream.close();
        connection.meter().note_closed();
        connection.closed = Some((Arc::new(CloseReason::LoggedOut), Instant::now()));
        connection
    }

    /// Whether it has not ended, as far as is known.
    pub(crate) fn is_open(&self) -> bool {
        self.closed.is_none()
    }

    /// Whether what is sent and received is compressed.
    pub(crate) fn is_compressed(&self) -> bool {
        #[cfg(feature = "compress")]
        return self.is_compressed;
        #[cfg(not(feature = "compress"))]
        false
    }

    /// The data that other threads may read.
    pub(crate) fn meter(&self) -> &Arc<Meter> {
        &self.state.meter
    }

    /// The transport, if nothing has arrived beyond the last frame that was returned.
    pub(crate) fn into_transport(self) -> Option<Box<dyn Transport>> {
        self.stream.into_transport()
    }

    /// The values of the channel bindings, which tie a login to the TLS of this connection; see
    /// [`Transport::channel_binding`].
    pub(crate) fn channel_bindings(&mut self) -> Vec<(ChannelBinding, Vec<u8>)> {
        self.stream.channel_bindings()
    }

    /// Allows other threads to see whether this connection is open, and to close it.
    pub(crate) fn attach(&mut self, shutdown_switch: &Arc<ShutdownSwitch>) {
        self.shutdown_switch = shutdown_switch.attach(self.stream.shutdown());
        self.stream.heed(shutdown_switch);
    }

    /// From now on no command has time beyond the deadline.
    pub(crate) fn keep_to(&mut self, deadline: Option<Instant>) {
        self.bounds.until = deadline;
    }

    pub(crate) fn timeouts(&self) -> &Timeouts {
        &self.bounds.timeouts
    }

    /// Changes the deadlines of all later commands, also of the session's next connection.
    pub(crate) fn change_timeouts(&mut self, change: impl FnOnce(&mut Timeouts)) {
        change(&mut self.bounds.timeouts);
        self.state.desired.set_timeouts(self.bounds.timeouts);
    }

    /// Takes over the deadlines of the connection before.
    pub(crate) fn replace_timeouts(&mut self, timeouts: Timeouts) {
        self.bounds.timeouts = timeouts;
    }

    /// Whether an answer may still be read on this thread.
    pub(crate) fn is_being_read(&self) -> bool {
        self.answering.is_being_read()
    }

    /// A token for the reader of the answer that was begun: dropping it abandons the answer. A
    /// stream can hold it without a `Drop` of its own, so that its borrow of the guard ends at its
    /// last use.
    pub(crate) fn lend_reader(&mut self) -> Arc<()> {
        self.answering.lend_reader()
    }

    /// Sends a command and receives its answer.
    ///
    /// `claim` takes the data of the answer, and returns all other data.
    pub(crate) fn run<'a>(
        &mut self,
        command: &'static str,
        encode: impl FnOnce(&mut Encoder<'a>) -> Result<()>,
        mut claim: impl for<'r> FnMut(Untagged<'r>) -> Option<Untagged<'r>>,
    ) -> Result<Option<ResponseCode>> {
        self.start(command, encode)?;
        self.finish(&mut claim)
    }

    /// Receives the rest of the answer to the command that was started.
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

    /// Runs a command whose answer is only its completion.
    pub(crate) fn run_plain(
        &mut self,
        command: &'static str,
        encode: impl FnOnce(&mut Encoder<'_>) -> Result<()>,
    ) -> Result<Option<ResponseCode>> {
        self.run(command, encode, leave)
    }

    /// Runs a command that consists of its name.
    pub(crate) fn run_bare(&mut self, command: &'static str) -> Result<Option<ResponseCode>> {
        self.run_line(command, command)
    }

    /// Runs a command that is this line.
    pub(crate) fn run_line(
        &mut self,
        command: &'static str,
        line: &'static str,
    ) -> Result<Option<ResponseCode>> {
        self.run_plain(command, |encoder| {
            encoder.raw(line);
            Ok(())
        })
    }

    /// Reads one response of the command that was started; returns its response code once it is
    /// complete.
    pub(crate) fn proceed(
        &mut self,
        claim: impl for<'r> FnOnce(Untagged<'r>) -> Option<Untagged<'r>>,
    ) -> Result<Option<Option<ResponseCode>>> {
        let Some(command) = self.answering.command() else {
            return Ok(Some(None));
        };
        match self.receive(command, claim)? {
            Received::Done(code) => Ok(Some(code)),
            Received::Data => Ok(None),
            Received::Continue => {
                self.forgive_continuation(command)?;
                Ok(None)
            }
        }
    }

    /// The tag of the command that was started last, as a value.
    pub(crate) fn sent_tag(&self) -> Tag {
        self.tag
    }

    /// Waits as long as a throttling server requests, if that is within the rest of the ceiling;
    /// returns whether it was. A stop handle that is used ends the wait, and its owner checks it
    /// before the next command.
    pub(crate) fn wait_out(
        &self,
        throttled: &Throttled,
        waited: &mut Duration,
        stop: Option<&StopHandle>,
    ) -> bool {
        let Some(wait) = throttled.wait() else {
            return false;
        };
        let total = waited.saturating_add(wait);
        let until = Instant::now().checked_add(wait);
        let Some(until) = until.filter(|_| total <= self.bounds.throttle_ceiling) else {
            return false;
        };
        *waited = total;
        log::debug!("throttled: retrying in {wait:?}");
        self.shutdown_switch.wait_until(until, stop);
        true
    }

    /// The answer that is due has no reader any more.
    pub(crate) fn abandon(&mut self) {
        self.answering.is_read = false;
    }

    /// Closes the connection; returns the error for `command`.
    pub(crate) fn close(
        &mut self,
        command: &'static str,
        effect: Effect,
        reason: CloseReason,
    ) -> Error {
        log::debug!("connection closed: {command}: {reason}");
        let is_lost = matches!(
            reason,
            CloseReason::Bye { .. } | CloseReason::Eof | CloseReason::Io(_)
        );
        if self.answering.is_due() && self.answering.asks_for_binary && is_lost {
            self.learned.avoid_binary();
        }
        self.state.unselect();
        let warning = self.answering.progress.warning.take();
        self.answering.clear();
        let reason = if self.shutdown_switch.is_cut() {
            CloseReason::Cancelled
        } else {
            reason
        };
        self.shutdown_switch.hang_up();
        self.stream.close();
        self.meter().note_closed();
        let warning = warning.filter(|_| reason.is_timeout());
        let ended = || (Arc::new(reason), Instant::now());
        let (reason, _) = self.closed.get_or_insert_with(ended);
        Error::Closed(Closed::after(command, effect, reason, warning))
    }

    /// An error if the connection has ended.
    #[inline]
    pub(crate) fn check_open(&self, command: &'static str) -> Result<()> {
        match self.closed.is_some() || self.shutdown_switch.is_cut() {
            true => Err(self.why_closed(command)),
            false => Ok(()),
        }
    }

    /// Like [`check_open`](Self::check_open), for a connection that was open when `command` began.
    pub(crate) fn check_still_open(&self, command: &'static str) -> Result<()> {
        let met = |error| match error {
            Error::Closed(mut closed) => {
                closed.closed_for = None;
                Error::Closed(closed)
            }
            error => error,
        };
        self.check_open(command).map_err(met)
    }

    #[cold]
    fn why_closed(&self, command: &'static str) -> Error {
        match &self.closed {
            Some((reason, at)) if !self.shutdown_switch.is_cut() => {
                Error::Closed(Closed::before(command, reason, at.elapsed()))
            }
            _ => Error::closed(command, Effect::None, &CloseReason::Cancelled.into()),
        }
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
            .field("closed", &self.closed.as_ref().map(|(reason, _)| reason))
            .field("in_flight", &self.answering.command())
            .finish_non_exhaustive()
    }
}
