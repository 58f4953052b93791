//! Octets in and out: whole frames from the buffered stream, bounded in time, resumable.

use std::io;
use std::time::{Duration, Instant};

use crate::error::{CloseReason, Stage};
use crate::transport::buffered::Buffered;
use crate::transport::{Shutdown, Transport};
use crate::wire::frame::{Frame, FrameError, Framer, OutOfLine, Step};
use crate::wire::limits::Limits;

/// How much is set aside at first for a frame that does not lie whole in the buffer.
const FIRST_SPILL: usize = 2048;

/// The most that is set aside for a literal before its octets arrive.
const FIRST_LITERAL: usize = 1 << 20;

/// The two directions of a connection.
pub(crate) struct Stream {
    buffered: Buffered,
    framer: Framer,
    limits: Limits,
    /// A frame that did not lie whole in the buffer, as far as it has come.
    spill: Vec<u8>,
    literals: Vec<OutOfLine>,
    /// A large literal that is being read, and how much of it is missing.
    arriving: Option<(OutOfLine, usize)>,
    /// The next frame, when it is there already.
    found: Option<Found>,
    /// The frame that was handed out last, to be dropped before the next one.
    handed_out: HandedOut,
    clock: Clock,
    /// Octets of all the frames handed out so far.
    received: u64,
}

#[derive(Clone, Copy)]
enum HandedOut {
    Nothing,
    InBuffer(usize),
    InSpill,
}

/// Where the next whole frame lies.
enum Found {
    InBuffer(usize),
    InSpill,
}

/// The deadlines that hold now.
#[derive(Clone, Copy)]
pub(crate) struct Clock {
    pub(crate) read: Duration,
    pub(crate) write: Duration,
    pub(crate) began: Instant,
    pub(crate) end: Option<Instant>,
}

impl Clock {
    /// From now for at most `total`.
    pub(crate) fn starting_now(read: Duration, write: Duration, total: Duration) -> Self {
        let began = Instant::now();
        Self {
            read,
            write,
            began,
            end: began.checked_add(total),
        }
    }

    /// But not beyond a point in time.
    pub(crate) fn not_after(mut self, until: Option<Instant>) -> Self {
        self.end = match (self.end, until) {
            (Some(end), Some(until)) => Some(end.min(until)),
            (end, until) => end.or(until),
        };
        self
    }

    fn is_over(&self) -> bool {
        self.end.is_some_and(|end| Instant::now() >= end)
    }

    fn timeout(&self, stage: Stage) -> CloseReason {
        match stage {
            _ if self.is_over() => CloseReason::Timeout(Stage::Command, self.began.elapsed()),
            Stage::Write => CloseReason::Timeout(stage, self.write),
            _ => CloseReason::Timeout(stage, self.read),
        }
    }
}

impl Stream {
    pub(crate) fn new(buffered: Buffered, limits: Limits, clock: Clock) -> Self {
        let mut stream = Self {
            buffered,
            framer: Framer::default(),
            limits,
            spill: Vec::new(),
            literals: Vec::new(),
            arriving: None,
            found: None,
            handed_out: HandedOut::Nothing,
            clock,
            received: 0,
        };
        stream.set_clock(clock);
        stream
    }

    /// Bounds in time what follows.
    pub(crate) fn set_clock(&mut self, clock: Clock) {
        self.clock = clock;
        self.buffered
            .set_deadlines(clock.read, clock.write, clock.end);
    }

    /// Octets of all the frames handed out so far.
    pub(crate) fn received(&self) -> u64 {
        self.received
    }

    /// Nothing is read or written any more, not even when this is dropped.
    pub(crate) fn close(&mut self) {
        self.buffered.close();
    }

    /// A way to end the stream from any thread.
    pub(crate) fn shutdown(&self) -> Option<Shutdown> {
        self.buffered.shutdown()
    }

    /// Bounds in size what follows.
    pub(crate) fn set_limits(&mut self, limits: Limits) {
        self.limits = limits;
    }

    /// The transport, when nothing was read ahead of what has been handed out.
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
    /// After a timeout it can be called again and goes on where it stopped.
    pub(crate) fn next_frame(&mut self) -> Result<Frame<'_>, CloseReason> {
        self.wait()?;
        self.hand_out()
    }

    /// Waits until the next frame is there, without handing it out.
    pub(crate) fn wait(&mut self) -> Result<(), CloseReason> {
        self.drop_handed_out();
        while self.found.is_none() {
            self.found = self.advance(true)?;
        }
        Ok(())
    }

    /// The next frame if it has arrived whole; never waits.
    pub(crate) fn arrived_frame(&mut self) -> Result<Option<Frame<'_>>, CloseReason> {
        self.drop_handed_out();
        while self.found.is_none() {
            match self.advance(false) {
                Ok(found) => self.found = found,
                Err(CloseReason::Timeout(..)) => return Ok(None),
                Err(reason) => return Err(reason),
            }
        }
        self.hand_out().map(Some)
    }

    /// The frame that was handed out last, with its large literals for the taking.
    pub(crate) fn last_frame(&mut self) -> (&[u8], &mut Vec<OutOfLine>) {
        let bytes = match self.handed_out {
            HandedOut::Nothing => &[],
            HandedOut::InSpill => &*self.spill,
            HandedOut::InBuffer(octets) => {
                let bytes = self.buffered.fill().unwrap_or_default();
                bytes.get(..octets).unwrap_or_default()
            }
        };
        (bytes, &mut self.literals)
    }

    /// Puts octets into the write buffer.
    pub(crate) fn write(&mut self, octets: &[u8]) -> Result<(), CloseReason> {
        let clock = self.clock;
        self.buffered
            .write_all(octets)
            .map_err(|error| failure(error, Stage::Write, &clock))
    }

    /// Sends the write buffer.
    pub(crate) fn flush(&mut self) -> Result<(), CloseReason> {
        let clock = self.clock;
        self.buffered
            .flush()
            .map_err(|error| failure(error, Stage::Write, &clock))
    }

    fn drop_handed_out(&mut self) {
        match std::mem::replace(&mut self.handed_out, HandedOut::Nothing) {
            HandedOut::Nothing => return,
            HandedOut::InBuffer(octets) => self.buffered.consume(octets),
            HandedOut::InSpill => self.spill.clear(),
        }
        self.literals.clear();
    }

    fn hand_out(&mut self) -> Result<Frame<'_>, CloseReason> {
        let bytes = match self.found.take() {
            None => &[],
            Some(Found::InSpill) => {
                self.handed_out = HandedOut::InSpill;
                &*self.spill
            }
            Some(Found::InBuffer(octets)) => {
                self.handed_out = HandedOut::InBuffer(octets);
                let bytes = self.buffered.fill().map_err(CloseReason::Io)?;
                bytes.get(..octets).unwrap_or_default()
            }
        };
        let octets = bytes.len() + self.literals.iter().map(|l| l.data.len()).sum::<usize>();
        self.received += u64::try_from(octets).unwrap_or(u64::MAX);
        Ok(Frame {
            bytes,
            literals: &self.literals,
        })
    }

    /// One read's worth of progress towards the next frame.
    fn advance(&mut self, wait: bool) -> Result<Option<Found>, CloseReason> {
        if self.arriving.is_some() {
            return self.read_literal(wait).map(|()| None);
        }
        let clock = self.clock;
        let bytes = fill(&mut self.buffered, wait, &clock)?;
        if self.spill.is_empty() {
            match self.framer.scan(bytes, &self.limits).map_err(unframed)? {
                Step::Complete(octets) => return Ok(Some(Found::InBuffer(octets))),
                Step::More => self.spill_over(),
                Step::Literal { at, len } => {
                    self.spill
                        .extend_from_slice(bytes.get(..at).unwrap_or_default());
                    self.buffered.consume(at);
                    self.expect_literal(at, len);
                }
            }
            return Ok(None);
        }
        let had = self.spill.len();
        let piece = bytes.len().min(had.max(FIRST_SPILL));
        self.spill
            .extend_from_slice(bytes.get(..piece).unwrap_or_default());
        let (kept, found) = match self
            .framer
            .scan(&self.spill, &self.limits)
            .map_err(unframed)?
        {
            Step::More => (self.spill.len(), None),
            Step::Complete(octets) => (octets, Some(Found::InSpill)),
            Step::Literal { at, len } => {
                self.expect_literal(at, len);
                (at, None)
            }
        };
        self.spill.truncate(kept);
        self.buffered.consume(kept.saturating_sub(had));
        Ok(found)
    }

    /// Moves what the buffer holds of an unfinished frame out of it, so that more can be read.
    fn spill_over(&mut self) {
        if let Ok(bytes) = self.buffered.fill() {
            let octets = bytes.len();
            self.spill.extend_from_slice(bytes);
            self.buffered.consume(octets);
        }
    }

    fn expect_literal(&mut self, at: usize, len: usize) {
        let data = Vec::with_capacity(len.min(FIRST_LITERAL));
        self.arriving = Some((OutOfLine { at, data }, len));
    }

    fn read_literal(&mut self, wait: bool) -> Result<(), CloseReason> {
        let clock = self.clock;
        let Some((literal, missing)) = &mut self.arriving else {
            return Ok(());
        };
        let bytes = fill(&mut self.buffered, wait, &clock)?;
        let taken = bytes.len().min(*missing);
        if literal.data.len() + taken > literal.data.capacity() {
            literal
                .data
                .reserve_exact((*missing).min(literal.data.len().max(FIRST_LITERAL)));
        }
        literal
            .data
            .extend_from_slice(bytes.get(..taken).unwrap_or_default());
        *missing -= taken;
        let done = *missing == 0;
        self.buffered.consume(taken);
        if done {
            self.literals
                .extend(self.arriving.take().map(|(literal, _)| literal));
            self.framer.literal_taken();
        }
        Ok(())
    }
}

/// What is in the buffer, after one read when it is empty; the end of the stream is an error.
fn fill<'b>(
    buffered: &'b mut Buffered,
    wait: bool,
    clock: &Clock,
) -> Result<&'b [u8], CloseReason> {
    let waited = wait && buffered.is_empty();
    let filled = match wait {
        true => buffered.fill().map(Some),
        false => buffered.fill_arrived(),
    };
    match filled {
        Ok(Some([])) => Err(CloseReason::Eof),
        Ok(Some(_)) if waited && clock.is_over() => Err(clock.timeout(Stage::Read)),
        Ok(Some(bytes)) => Ok(bytes),
        Ok(None) => Err(CloseReason::Timeout(Stage::Read, Duration::ZERO)),
        Err(error) => Err(failure(error, Stage::Read, clock)),
    }
}

/// Which limit a frame went beyond, or how it broke the protocol.
fn unframed(error: FrameError) -> CloseReason {
    let (what, allowed, option) = match error {
        FrameError::LineTooLong { limit } => ("a line", limit, "line_limit"),
        FrameError::LiteralTooLong { limit, .. } => ("a literal", limit, "literal_limit"),
        FrameError::ResponseTooLong { limit } => ("a response", limit, "response_limit"),
        FrameError::BadLiteral => return CloseReason::Protocol(error.to_string()),
    };
    CloseReason::Limit {
        what,
        allowed,
        option,
    }
}

fn failure(error: io::Error, stage: Stage, clock: &Clock) -> CloseReason {
    match error.kind() {
        io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut => clock.timeout(stage),
        io::ErrorKind::UnexpectedEof => CloseReason::Eof,
        _ => CloseReason::Io(error),
    }
}
