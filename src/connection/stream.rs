//! Octets in and out: whole frames from the buffered stream, bounded in time, resumable.

mod arriving;
mod filling;
mod resting;
mod section;

use std::io;
use std::sync::Arc;
use std::time::Instant;

use memchr::{memchr, memrchr};

use crate::connection::clock::{Clock, Renewal, Whole};
use crate::connection::pieces::Pieces;
use crate::connection::shutdown_switch::ShutdownSwitch;
use crate::connection::stream::arriving::{Arriving, Spare};
use crate::error::{CloseReason, Stage};
use crate::limits::{Limit, Limits};
use crate::transport::buffered::{Buffered, READ};
use crate::transport::channel_binding::ChannelBinding;
use crate::transport::readiness::Awaited;
use crate::transport::{Shutdown, Transport};
use crate::wire::frame::{Frame, FrameError, Framer, OutOfLine, Step};

/// The first allocation for a frame that does not lie whole in the buffer.
const FIRST_SPILL: usize = 2048;

/// The octets of a SEARCH line that are collected before they are returned as a response of their
/// own, and the capacity that is kept between frames.
const PART: usize = 64 * 1024;

/// Nanoseconds: shorter than any packet is on its way.
const MOMENT: u64 = 5_000;

/// The most reads for one response that is looked for without waiting, before other work is done.
const LOOKS: u32 = 1024;

/// The beginning of a line that may be returned in parts: a server may send many of these as well.
const SEARCH: &[u8] = b"* SEARCH ";

/// The two directions of a connection.
pub(crate) struct Stream {
    buffered: Buffered,
    framer: Framer,
    limits: Limits,
    /// A frame that did not lie whole in the buffer, as far as it has come, and the octets after it
    /// that were needed only to decide where it ends: they begin the next frame.
    spill: Vec<u8>,
    /// Octets of the line in `spill` that were returned in parts.
    parted: usize,
    /// The content of `spill` cannot be returned in parts.
    is_whole: bool,
    literals: Vec<OutOfLine>,
    /// A large literal that is being read.
    arriving: Option<Arriving>,
    spare: Spare,
    /// The number of octets left of the literal of a section that is returned as it arrives.
    section: Option<u64>,
    /// Where it stood in the row; 0 in a row that has had none.
    section_at: usize,
    /// The next frame, if it is there already.
    found: Option<Found>,
    /// The frame that was returned last, to be dropped before the next one.
    handed_out: HandedOut,
    clock: Clock,
    /// The time that an answer gets from the next read on.
    renewal: Option<Renewal>,
    /// Whether there was a read since the clock was set.
    has_waited: bool,
    /// Octets of all frames returned so far.
    received: u64,
    /// There may be more to look at than was looked at.
    is_cut_short: bool,
    /// Whether another thread has closed the connection: a socket that was shut down still returns
    /// what keeps arriving.
    shutdown_switch: Arc<ShutdownSwitch>,
}

#[derive(Clone, Copy)]
enum HandedOut {
    Nothing,
    InBuffer(usize),
    /// This many octets of what was set aside.
    InSpill(usize),
    Part(usize),
}

/// The place of the next whole frame.
enum Found {
    InBuffer(usize),
    /// This many octets of what was set aside.
    InSpill(usize),
    /// This many octets of a line that has not ended.
    Part(usize),
    /// Up to the literal of a section, which is returned as it arrives.
    UpToSection,
}

impl Stream {
    pub(crate) fn new(buffered: Buffered, limits: Limits, clock: Clock) -> Self {
        let mut stream = Self {
            buffered,
            framer: Framer::default(),
            limits,
            spill: Vec::new(),
            parted: 0,
            is_whole: false,
            literals: Vec::new(),
            arriving: None,
            spare: Spare::default(),
            section: None,
            section_at: 0,
            found: None,
            handed_out: HandedOut::Nothing,
            clock,
            renewal: None,
            has_waited: false,
            received: 0,
            is_cut_short: false,
            shutdown_switch: Arc::default(),
        };
        stream.set_clock(clock);
        stream
    }

    /// Bounds in time what follows.
    pub(crate) fn set_clock(&mut self, clock: Clock) {
        self.clock = clock;
        self.renewal = None;
        self.has_waited = false;
        self.buffered.traffic().note_time(clock.made);
        self.buffered
            .set_deadlines(clock.read, clock.write, clock.end);
    }

    /// An error if the deadline has passed.
    pub(crate) fn check_clock(&self) -> Result<(), CloseReason> {
        match self.clock.is_over() {
            true => Err(self.clock.timeout(Stage::Read)),
            false => Ok(()),
        }
    }

    /// Bounds what follows by the end of a stream too.
    pub(crate) fn end_with_stream(&mut self, stream: Whole) {
        self.set_clock(self.clock.within(Some(stream)));
    }

    /// Restarts the deadlines of what follows, from the first wait: what has arrived already costs
    /// no look at the clock.
    pub(crate) fn renew_clock(&mut self, renewal: Renewal) {
        self.renewal = Some(renewal);
    }

    /// Whether the deadlines restart at the next wait.
    pub(crate) fn renews_clock(&self) -> bool {
        self.renewal.is_some()
    }

    /// Octets of all frames returned so far.
    pub(crate) fn received(&self) -> u64 {
        self.received
    }

    /// Nothing is read or written any more, not even when this is dropped.
    pub(crate) fn close(&mut self) {
        self.buffered.close();
    }

    /// From now on nothing is waited for once this is cut.
    pub(crate) fn heed(&mut self, shutdown_switch: &Arc<ShutdownSwitch>) {
        self.shutdown_switch = Arc::clone(shutdown_switch);
    }

    /// A way to shut the stream down from any thread.
    pub(crate) fn shutdown(&mut self) -> Option<Shutdown> {
        self.buffered.shutdown()
    }

    /// Puts a layer between this and the transport; it is given what has arrived and was not looked
    /// at.
    #[cfg(feature = "compress")]
    pub(crate) fn put_between(
        &mut self,
        layer: impl FnOnce(Box<dyn Transport>, Vec<u8>) -> Box<dyn Transport>,
    ) {
        self.drop_handed_out();
        self.buffered.put_between(layer);
    }

    /// See [`Buffered::channel_bindings`].
    pub(crate) fn channel_bindings(&mut self) -> Vec<(ChannelBinding, Vec<u8>)> {
        self.buffered.channel_bindings()
    }

    /// Bounds in size what follows.
    pub(crate) fn set_limits(&mut self, limits: Limits) {
        self.limits = limits;
    }

    /// The transport, if nothing was read ahead of the frames that were returned.
    pub(crate) fn into_transport(mut self) -> Option<Box<dyn Transport>> {
        self.drop_handed_out();
        if self.spill.is_empty() {
            self.buffered.into_transport()
        } else {
            None
        }
    }

    /// The next frame, waiting for it.
    ///
    /// After a timeout it can be called again and continues.
    pub(crate) fn next_frame(&mut self) -> Result<Frame<'_>, CloseReason> {
        self.wait()?;
        Ok(self.hand_out())
    }

    /// Waits until the next frame is there, without returning it.
    pub(crate) fn wait(&mut self) -> Result<(), CloseReason> {
        self.drop_handed_out();
        while self.found.is_none() {
            self.advance(true)?;
        }
        Ok(())
    }

    /// Waits like [`wait`](Self::wait), but no longer than `goes_on` is true of the octets of the
    /// frame; returns whether it was until the frame was whole.
    pub(crate) fn wait_while(
        &mut self,
        goes_on: impl Fn(&[u8]) -> bool,
    ) -> Result<bool, CloseReason> {
        self.drop_handed_out();
        while self.found.is_none() {
            self.advance(true)?;
            if self.found.is_none() && !goes_on(self.begun()) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// What has come of a frame that is not whole.
    pub(crate) fn begun(&mut self) -> &[u8] {
        match self.spill.is_empty() {
            true => self.buffered.bytes(),
            false => &self.spill,
        }
    }

    /// Whether the next frame was read whole along with those that were returned; reads from no
    /// socket.
    pub(crate) fn has_read_ahead(&mut self) -> Result<bool, CloseReason> {
        self.drop_handed_out();
        // Nothing is read while there is something in the buffer.
        while self.found.is_none() && !self.buffered.is_empty() {
            self.advance(false)?;
        }
        Ok(self.found.is_some())
    }

    /// Whether octets came a moment before `now`, and all of them were returned. The stream may have
    /// ended since, but that cannot be told from an end a moment later.
    #[inline]
    pub(crate) fn is_read_up_to(&mut self, now: Instant) -> bool {
        self.drop_handed_out();
        let is_within = self.found.is_some() || self.arriving.is_some() || self.section.is_some();
        if is_within || !self.spill.is_empty() || !self.buffered.is_empty() {
            return false;
        }
        let since = self.buffered.traffic().since_received(now);
        since.is_some_and(|nanoseconds| nanoseconds <= MOMENT)
    }

    /// Whether the next frame has arrived whole, as far as that can be told in little time: a long
    /// one arrives while it is looked at. Never waits.
    pub(crate) fn has_arrived(&mut self) -> Result<bool, CloseReason> {
        self.drop_handed_out();
        self.is_cut_short = false;
        for looks in 0.. {
            if self.found.is_some() {
                break;
            }
            if looks >= LOOKS {
                self.is_cut_short = true;
                return Ok(false);
            }
            if !self.advance(false)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Whether a poll reports what arrives, which can then be read without waiting.
    pub(crate) fn can_be_polled(&mut self) -> bool {
        self.buffered.can_be_polled()
    }

    /// The event to wait for before there is more to read than [`has_arrived`](Self::has_arrived)
    /// has looked at.
    pub(crate) fn awaited(&mut self) -> Awaited<'_> {
        if self.is_cut_short {
            return Awaited::Nothing;
        }
        self.give_back();
        // A poll would report what cannot be read without waiting again and again.
        let can_be_polled = self.can_be_polled();
        match self.buffered.descriptor() {
            Some(descriptor) if can_be_polled => Awaited::Readable(descriptor),
            _ => Awaited::Unknown,
        }
    }

    /// The frame that was returned last, with its large literals, which can be taken.
    pub(crate) fn last_frame(&mut self) -> (&[u8], &mut Vec<OutOfLine>) {
        let bytes = match self.handed_out {
            HandedOut::Nothing => &[],
            HandedOut::InSpill(octets) | HandedOut::Part(octets) => {
                self.spill.get(..octets).unwrap_or_default()
            }
            HandedOut::InBuffer(octets) => self.buffered.bytes().get(..octets).unwrap_or_default(),
        };
        (bytes, &mut self.literals)
    }

    /// Sends octets that are in one place.
    pub(crate) fn write_all(&mut self, octets: &[u8]) -> Result<(), CloseReason> {
        let sent = self.buffered.write_all(octets);
        sent.map_err(|error| failure(error, Stage::Write, &self.clock))
    }

    /// Sends all the pieces of a command, and empties them.
    pub(crate) fn send<const MOST: usize>(
        &mut self,
        pieces: &mut Pieces<'_, MOST>,
    ) -> Result<(), CloseReason> {
        self.buffered
            .send(pieces.as_mut_slice())
            .map_err(|error| failure(error, Stage::Write, &self.clock))?;
        pieces.clear();
        Ok(())
    }

    /// Whether the reader is in the middle of the literal of a section.
    pub(crate) fn is_within_section(&self) -> bool {
        self.section.is_some() || matches!(self.found, Some(Found::UpToSection))
    }

    #[inline]
    fn drop_handed_out(&mut self) {
        if !matches!(self.handed_out, HandedOut::Nothing) {
            self.consume_handed_out();
        }
    }

    fn consume_handed_out(&mut self) {
        match std::mem::replace(&mut self.handed_out, HandedOut::Nothing) {
            HandedOut::Nothing => {}
            HandedOut::InBuffer(octets) => self.buffered.consume(octets),
            HandedOut::InSpill(octets) => {
                self.spill.drain(..octets.min(self.spill.len()));
                self.spill.shrink_to(PART);
                (self.parted, self.is_whole) = (0, false);
                self.section_at = 0;
            }
            HandedOut::Part(octets) => {
                let gone = octets.saturating_sub(SEARCH.len());
                self.spill.drain(SEARCH.len()..octets);
                self.framer.forget(gone);
                self.parted += gone;
            }
        }
        if !self.literals.is_empty() {
            self.spare.keep(&mut self.literals);
        }
    }

    /// The next frame, which has been waited for.
    pub(crate) fn hand_out(&mut self) -> Frame<'_> {
        let bytes = match self.found.take() {
            None | Some(Found::UpToSection) => &[],
            Some(Found::InSpill(octets)) => {
                self.handed_out = HandedOut::InSpill(octets);
                self.spill.get(..octets).unwrap_or_default()
            }
            Some(Found::Part(octets)) => {
                self.handed_out = HandedOut::Part(octets);
                self.spill.get(..octets).unwrap_or_default()
            }
            Some(Found::InBuffer(octets)) => {
                self.handed_out = HandedOut::InBuffer(octets);
                self.buffered.bytes().get(..octets).unwrap_or_default()
            }
        };
        let octets = bytes.len() + self.literals.iter().map(|l| l.data.len()).sum::<usize>();
        self.received += u64::try_from(octets).unwrap_or(u64::MAX);
        Frame {
            bytes,
            literals: &self.literals,
            utf8: false,
            text: "",
        }
    }

    /// Passes to `take` what is in the read buffer, if a frame begins there that was not looked for
    /// yet, and returns as many octets as it takes for one. It has to know where a frame ends.
    pub(crate) fn hand_out_unframed(
        &mut self,
        limits: &Limits,
        take: impl FnOnce(&[u8]) -> Option<usize>,
    ) -> bool {
        self.drop_handed_out();
        let is_within = self.found.is_some() || self.arriving.is_some() || self.section.is_some();
        if is_within || !self.spill.is_empty() || self.framer.reports_sections {
            return false;
        }
        let taken = take(self.buffered.bytes());
        let Some(octets) = taken.filter(|octets| *octets <= limits.line.min(limits.response))
        else {
            return false;
        };
        self.buffered.consume(octets);
        self.received += u64::try_from(octets).unwrap_or(u64::MAX);
        true
    }

    /// Passes the next frame to `take`, after a wait for it, if it lies whole in the read buffer,
    /// and consumes it if `take` accepts it.
    pub(crate) fn hand_out_to(&mut self, take: impl FnOnce(&[u8]) -> bool) -> bool {
        let Some(Found::InBuffer(octets)) = self.found else {
            return false;
        };
        let bytes = self.buffered.bytes().get(..octets).unwrap_or_default();
        let is_taken = take(bytes);
        if is_taken {
            self.found = None;
            self.buffered.consume(octets);
            self.received += u64::try_from(octets).unwrap_or(u64::MAX);
        }
        is_taken
    }

    /// One read's worth of progress towards the next frame; `false` if nothing has arrived.
    fn advance(&mut self, wait: bool) -> Result<bool, CloseReason> {
        if self.arriving.is_some() {
            return self.read_literal(wait);
        }
        if self.section.is_some() {
            return self.pass_over_section(wait);
        }
        if !self.fill(wait)? {
            return Ok(false);
        }
        let bytes = self.buffered.bytes();
        if self.spill.is_empty() {
            match self.framer.scan(bytes, &self.limits).map_err(unframed)? {
                Step::Complete(octets) => self.found = Some(Found::InBuffer(octets)),
                Step::More => self.spill_over(),
                Step::Literal { at, len } => {
                    self.spill
                        .extend_from_slice(bytes.get(..at).unwrap_or_default());
                    self.buffered.consume(at);
                    self.expect_literal(at, len);
                }
                Step::Section { at, len } => {
                    self.spill
                        .extend_from_slice(bytes.get(..at).unwrap_or_default());
                    self.buffered.consume(at);
                    self.expect_section(at, len);
                }
            }
            return Ok(true);
        }
        let had = self.spill.len();
        let piece = match self.section_at {
            0 => bytes.len().min(had.max(FIRST_SPILL)),
            // Hardly more than the end of the row.
            _ => memchr(b'\n', bytes).map_or(bytes.len(), |at| at + 1),
        };
        self.spill
            .extend_from_slice(bytes.get(..piece).unwrap_or_default());
        let kept = match self
            .framer
            .scan(&self.spill, &self.limits)
            .map_err(unframed)?
        {
            Step::More => {
                self.found = self.part()?;
                self.spill.len()
            }
            Step::Complete(octets) => {
                self.found = Some(Found::InSpill(octets));
                octets
            }
            Step::Literal { at, len } => {
                self.expect_literal(at, len);
                at
            }
            Step::Section { at, len } => {
                self.expect_section(at, len);
                at
            }
        };
        // What lay here before is kept: where an unclosed row ends is decided by the octets behind
        // it, which are no more in the buffer.
        self.spill.truncate(kept.max(had));
        self.buffered.consume(kept.saturating_sub(had));
        Ok(true)
    }

    /// The part of a long SEARCH line that can be processed already: whole numbers, so that an
    /// answer of any length takes no more room than the ranges that it is kept as.
    fn part(&mut self) -> Result<Option<Found>, CloseReason> {
        if self.spill.len() < PART || self.is_whole {
            return Ok(None);
        }
        if self.parted.saturating_add(self.spill.len()) > self.limits.line {
            return Err(CloseReason::Limit(self.limits.exceeded(Limit::Line)));
        }
        let numbers = self.spill.strip_prefix(SEARCH).unwrap_or_default();
        let end = memrchr(b' ', numbers).unwrap_or(0);
        // Looked at once: any other line, or one that continues in parentheses, is collected to its
        // end.
        self.is_whole = end == 0 || memchr(b'(', numbers).is_some();
        Ok((!self.is_whole).then_some(Found::Part(SEARCH.len() + end)))
    }

    /// Moves what the buffer holds of an unfinished frame out of it, so that more can be read.
    fn spill_over(&mut self) {
        let bytes = self.buffered.bytes();
        let octets = bytes.len();
        self.spill.extend_from_slice(bytes);
        self.buffered.consume(octets);
    }

    fn expect_literal(&mut self, at: usize, len: usize) {
        self.arriving = Some(Arriving::new(at, len, &mut self.spare));
    }

    /// One read's worth of a literal: directly to its place if much of it is missing. `false` if
    /// nothing has arrived.
    fn read_literal(&mut self, wait: bool) -> Result<bool, CloseReason> {
        let Some(mut literal) = self.arriving.take() else {
            return Ok(true);
        };
        let read = match wait && self.buffered.is_empty() && literal.missing() >= READ {
            true => self.read_past(&mut literal).map(|()| true),
            false => self.fill(wait).inspect(|_| {
                let taken = literal.take(self.buffered.bytes());
                self.buffered.consume(taken);
            }),
        };
        if literal.missing() > 0 {
            self.arriving = Some(literal);
        } else {
            self.literals.push(literal.finish());
            self.framer.literal_taken();
        }
        read
    }

    /// One read past the buffer to the place of a literal.
    fn read_past(&mut self, literal: &mut Arriving) -> Result<(), CloseReason> {
        self.begin_wait()?;
        let read = self.buffered.read_past(literal.room());
        let read = read.map_err(|error| failure(error, Stage::Read, &self.clock))?;
        literal.came(read);
        if read == 0 {
            Err(CloseReason::Eof)
        } else {
            Ok(())
        }
    }
}

/// The limit that a frame exceeded, or the way in which it broke the protocol.
fn unframed(error: FrameError) -> CloseReason {
    match error {
        FrameError::Limit(exceeded) => CloseReason::Limit(exceeded),
        FrameError::BadLiteral => CloseReason::Protocol(error.to_string()),
    }
}

fn failure(error: io::Error, stage: Stage, clock: &Clock) -> CloseReason {
    match error.kind() {
        io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut => clock.timeout(stage),
        io::ErrorKind::UnexpectedEof => CloseReason::Eof,
        // A layer below could make nothing of what came.
        io::ErrorKind::InvalidData => CloseReason::Protocol(error.to_string()),
        _ => CloseReason::Io(error),
    }
}

#[cfg(test)]
mod tests;
