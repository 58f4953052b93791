//! The buffered stream of a connection; the number of octets that were read ahead is known.

use std::io::{self, BufRead, IoSlice, Read, Write};
use std::mem;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bufstream::BufStream;

use crate::transport::channel_binding::ChannelBinding;
use crate::transport::gate::Gate;
use crate::transport::traffic::Traffic;
use crate::transport::{Descriptor, Shutdown, Transport};

/// Large enough that a full pipe is drained in few reads.
pub(crate) const READ: usize = 64 * 1024;

/// Large enough for the answers to most commands: what a connection keeps that rests.
pub(crate) const SHORT: usize = 2 * 1024;

/// The most octets whose copy costs less than a write from several places: they go by way of the
/// write buffer.
const FEW: usize = 1024;

/// The buffer becomes large at short intervals if less time than this lies between.
const SHORT_INTERVAL: Duration = Duration::from_millis(100);

/// How often the buffer may become large at short intervals before it stays so.
const HASTE: u8 = 16;

/// After so many commands it does not stay so any more.
const COMMANDS: u8 = 64;

/// A transport with one read buffer and one write buffer.
///
/// The read buffer is short until a read fills it, and again once the connection rests.
pub(crate) struct Buffered {
    stream: BufStream<Gate>,
    /// The octets in the read buffer that have not been consumed.
    unread: usize,
    /// The size of the read buffer.
    room: usize,
    /// A read of so many octets fills the buffer, and it becomes large.
    large_after: usize,
    is_filled: bool,
    /// When it became large last.
    large_since: Duration,
    /// How often in a row it became large at short intervals.
    haste: u8,
    /// The commands that have ended since it became large.
    commands: u8,
}

impl Buffered {
    /// For a stream that will not be replaced by TLS.
    pub(crate) fn new(stream: Box<dyn Transport>) -> Self {
        Self::with_room(SHORT, stream)
    }

    /// For the cleartext before STARTTLS: never reads more octets than were requested.
    ///
    /// So nothing that arrived early can be taken for an answer inside TLS.
    pub(crate) fn without_read_ahead(stream: Box<dyn Transport>) -> Self {
        Self::with_room(1, stream)
    }

    fn with_room(room: usize, stream: Box<dyn Transport>) -> Self {
        Self {
            stream: BufStream::with_capacities(room, FEW, Gate::new(stream)),
            unread: 0,
            room,
            large_after: if room == SHORT { SHORT } else { usize::MAX },
            is_filled: false,
            large_since: Duration::ZERO,
            haste: 0,
            commands: 0,
        }
    }

    /// Returns the transport; `None` if octets were read ahead or are not written yet.
    pub(crate) fn into_transport(self) -> Option<Box<dyn Transport>> {
        if self.unread > 0 {
            None
        } else {
            self.stream.into_inner().ok().map(Gate::into_below)
        }
    }

    /// The octets that were sent and received, before compression and TLS; for any thread.
    pub(crate) fn traffic(&self) -> &Arc<Traffic> {
        self.stream.get_ref().traffic()
    }

    /// Returns a closure that shuts the stream down from any thread.
    pub(crate) fn shutdown(&mut self) -> Option<Shutdown> {
        self.stream.get_mut().below().shutdown()
    }

    /// Puts a layer between the buffer and the transport; the layer gets the content of the buffer.
    #[cfg(feature = "compress")]
    pub(crate) fn put_between(
        &mut self,
        layer: impl FnOnce(Box<dyn Transport>, Vec<u8>) -> Box<dyn Transport>,
    ) {
        let arrived = self.bytes().to_vec();
        self.consume(arrived.len());
        self.stream
            .get_mut()
            .put_over(|below| layer(below, arrived));
    }

    /// The values of the channel bindings that the transport has.
    pub(crate) fn channel_bindings(&mut self) -> Vec<(ChannelBinding, Vec<u8>)> {
        let transport = self.stream.get_mut().below();
        let bindings = ChannelBinding::BY_STRENGTH.into_iter();
        bindings
            .filter_map(|binding| Some((binding, transport.channel_binding(binding)?)))
            .collect()
    }

    /// Closes the stream: nothing is read or written after this, not even when it is dropped.
    pub(crate) fn close(&mut self) {
        self.stream.get_mut().close();
    }

    /// The descriptor to poll, if the stream has one; see [`Transport::descriptor`].
    pub(crate) fn descriptor(&mut self) -> Option<Descriptor<'_>> {
        self.stream.get_mut().below().descriptor()
    }

    /// Whether the stream can be polled, and then read without waiting.
    pub(crate) fn can_be_polled(&mut self) -> bool {
        let stream = self.stream.get_mut().below();
        let can = stream.set_nonblocking(true);
        stream.set_nonblocking(false);
        can && stream.descriptor().is_some()
    }

    /// Sets the deadlines; see [`Transport::set_deadlines`].
    pub(crate) fn set_deadlines(&mut self, read: Duration, write: Duration, end: Option<Instant>) {
        self.stream
            .get_mut()
            .below()
            .set_deadlines(read, write, end);
    }

    /// The content of the buffer; never reads.
    pub(crate) fn bytes(&mut self) -> &[u8] {
        match self.unread {
            0 => &[],
            // Does not read, because the buffer is not empty.
            _ => self.stream.fill_buf().unwrap_or_default(),
        }
    }

    /// Reads into the buffer if it is empty. At the end of the stream, it stays empty.
    pub(crate) fn fill(&mut self) -> io::Result<()> {
        if self.is_filled {
            self.become_large();
        }
        while self.unread == 0 {
            match self.stream.fill_buf() {
                Ok([]) => break,
                Ok(bytes) => self.unread = bytes.len(),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
            if self.unread == self.large_after {
                self.is_filled = true;
            }
        }
        Ok(())
    }

    /// The number of octets in the buffer.
    pub(crate) fn unread(&self) -> usize {
        self.unread
    }

    /// Whether the buffer is larger than that of a connection that rests.
    pub(crate) fn is_large(&self) -> bool {
        self.room > SHORT
    }

    /// A command has ended, and none is in flight: whether a large buffer should be given back.
    ///
    /// Not if that has happened often at short intervals, which would cost more than it helps.
    pub(crate) fn should_rest(&mut self) -> bool {
        self.commands = self.commands.saturating_add(1);
        self.haste < HASTE || self.commands >= COMMANDS
    }

    /// Gives back the memory that is not needed until octets arrive.
    pub(crate) fn give_back(&mut self) {
        if self.is_large() && self.unread == 0 {
            self.resize(SHORT);
            self.large_after = SHORT;
        }
        self.stream.get_mut().below().release_buffers();
    }

    #[cold]
    fn become_large(&mut self) {
        if self.unread > 0 {
            return;
        }
        self.is_filled = false;
        let now = self.traffic().now();
        let is_soon = now.saturating_sub(self.large_since) < SHORT_INTERVAL;
        self.haste = if is_soon {
            self.haste.saturating_add(1)
        } else {
            0
        };
        (self.large_since, self.commands) = (now, 0);
        self.large_after = usize::MAX;
        self.resize(READ);
    }

    /// Replaces the buffers, which are empty.
    fn resize(&mut self, room: usize) {
        let nothing = Gate::nowhere(Arc::clone(self.traffic()));
        let nothing = BufStream::with_capacities(0, 0, nothing);
        let stream = mem::replace(&mut self.stream, nothing);
        self.stream = match stream.into_inner() {
            Ok(gate) => {
                self.room = room;
                BufStream::with_capacities(room, FEW, gate)
            }
            // What could not be written is kept: the stream is closed, or will be.
            Err(unwritten) => unwritten.into_inner(),
        };
    }

    /// Like [`fill`](Self::fill), but never waits: `false` if nothing has arrived.
    pub(crate) fn fill_arrived(&mut self) -> io::Result<bool> {
        if self.unread > 0 {
            return Ok(true);
        }
        if !self.stream.get_mut().below().set_nonblocking(true) {
            return Ok(false);
        }
        let filled = self.fill();
        self.stream.get_mut().below().set_nonblocking(false);
        match filled {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(false),
            filled => filled.map(|()| true),
        }
    }

    /// Reads once, not into the buffer, which is empty, but into a place that is at least as large.
    pub(crate) fn read_past(&mut self, place: &mut [u8]) -> io::Result<usize> {
        debug_assert!(self.unread == 0 && place.len() >= self.room);
        loop {
            match self.stream.read(place) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                read => return read,
            }
        }
    }

    /// Whether the buffer is empty, so that the next access has to read first.
    pub(crate) fn is_empty(&self) -> bool {
        self.unread == 0
    }

    /// Removes `count` octets from the buffer.
    pub(crate) fn consume(&mut self, count: usize) {
        let count = count.min(self.unread);
        self.unread -= count;
        self.stream.consume(count);
    }

    /// Sends octets that are in one place.
    pub(crate) fn write_all(&mut self, octets: &[u8]) -> io::Result<()> {
        // The write buffer is empty: an incomplete write has ended the stream.
        let stream = self.stream.get_mut();
        stream.write_all(octets)?;
        stream.flush()
    }

    /// Sends octets: through the write buffer if they are few and in several places.
    ///
    /// Otherwise they are sent from where they are, in one write if the stream takes them all.
    pub(crate) fn send(&mut self, mut pieces: &mut [IoSlice<'_>]) -> io::Result<()> {
        let mut left: usize = pieces.iter().map(|piece| piece.len()).sum();
        if pieces.len() > 1 && left <= FEW {
            for piece in pieces {
                self.stream.write_all(piece)?;
            }
            return self.stream.flush();
        }
        // The write buffer is empty: an incomplete write has ended the stream.
        let stream = self.stream.get_mut();
        while left > 0 {
            match stream.write_vectored(pieces) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(written) if written >= left => break,
                Ok(written) => {
                    left -= written;
                    IoSlice::advance_slices(&mut pieces, written);
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        stream.flush()
    }
}

#[cfg(test)]
mod tests;
