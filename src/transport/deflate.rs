//! DEFLATE in both directions (RFC 4978), below the IMAP layer.

use std::io::{self, IoSlice, Read, Write};
use std::time::{Duration, Instant};

use flate2::{Compress, Compression, Decompress, FlushCompress, FlushDecompress, Status};

use crate::limits::EMPTY_BLOCKS;
use crate::transport::channel_binding::ChannelBinding;
use crate::transport::{Descriptor, Shutdown, Transport};

/// The compressed octets that are read at once.
const ROOM: usize = 32 << 10;

/// The compressed octets after which they are sent without a flush.
const OUTGOING: usize = 64 << 10;

/// A transport whose octets are compressed.
pub(crate) struct Deflate {
    below: Box<dyn Transport>,
    inflate: Decompress,
    /// Compressed octets that have arrived.
    incoming: Vec<u8>,
    /// The position of the first one that was not processed.
    start: usize,
    deflate: Compress,
    outgoing: Vec<u8>,
    /// Whether octets were compressed that the other end cannot have read yet.
    owes_flush: bool,
    nonblocking: bool,
    /// The timeout of a read and the deadline of all.
    ///
    /// The stream below may not support deadlines, and a read here may take many of its reads.
    read: Duration,
    end: Option<Instant>,
}

impl Deflate {
    /// Compresses the octets sent through `below`, and expands those received.
    ///
    /// `arrived` are the octets that came after the last one that was not compressed.
    pub(crate) fn new(below: Box<dyn Transport>, arrived: Vec<u8>) -> Self {
        Self {
            below,
            inflate: Decompress::new(false),
            incoming: arrived,
            start: 0,
            deflate: Compress::new(Compression::default(), false),
            outgoing: Vec::new(),
            owes_flush: false,
            nonblocking: false,
            read: Duration::MAX,
            end: None,
        }
    }

    /// Inflates octets that have arrived, without reading; 0 if there are none.
    fn inflate(&mut self, place: &mut [u8]) -> io::Result<usize> {
        loop {
            let held = self.incoming.get(self.start..).unwrap_or_default();
            let (had, gave) = (self.inflate.total_in(), self.inflate.total_out());
            let status = self
                .inflate
                .decompress(held, place, FlushDecompress::None)
                .map_err(|_| damaged("the compressed data is damaged"))?;
            let taken = distance(had, self.inflate.total_in());
            self.start += taken;
            let given = distance(gave, self.inflate.total_out());
            match status {
                _ if given > 0 => return Ok(given),
                Status::StreamEnd => return Err(io::ErrorKind::UnexpectedEof.into()),
                _ if taken == 0 => return Ok(0),
                _ => {}
            }
        }
    }

    /// The deadline of a read that begins now.
    fn last_moment(&self, now: Instant) -> Option<Instant> {
        let read = now.checked_add(self.read);
        read.into_iter().chain(self.end).min()
    }

    fn compress(&mut self, bytes: &[u8], flush: FlushCompress) -> io::Result<()> {
        let mut rest = bytes;
        loop {
            // With less room, an incomplete flush could be taken for a complete one (RFC 1951).
            self.outgoing.reserve(rest.len().clamp(1 << 10, OUTGOING));
            let had = self.deflate.total_in();
            self.deflate
                .compress_vec(rest, &mut self.outgoing, flush)
                .map_err(io::Error::other)?;
            let taken = distance(had, self.deflate.total_in());
            rest = rest.get(taken..).unwrap_or_default();
            if rest.is_empty() && self.outgoing.len() < self.outgoing.capacity() {
                return Ok(());
            }
        }
    }

    fn send(&mut self) -> io::Result<()> {
        let sent = self.below.write_all(&self.outgoing);
        self.outgoing.clear();
        self.outgoing.shrink_to(OUTGOING);
        sent
    }
}

fn distance(from: u64, to: u64) -> usize {
    usize::try_from(to.saturating_sub(from)).unwrap_or(usize::MAX)
}

fn damaged(problem: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, problem)
}

impl Read for Deflate {
    /// Returns the octets that the inflater holds before anything is read.
    fn read(&mut self, place: &mut [u8]) -> io::Result<usize> {
        if place.is_empty() {
            return Ok(0);
        }
        let mut until = None;
        for times in 1_usize.. {
            let inflated = self.inflate(place)?;
            if inflated > 0 {
                return Ok(inflated);
            }
            if times % EMPTY_BLOCKS == 0 {
                let now = Instant::now();
                let until = *until.get_or_insert_with(|| self.last_moment(now));
                if self.nonblocking || until.is_some_and(|until| until <= now) {
                    break;
                }
            }
            self.start = 0;
            self.incoming.resize(ROOM, 0);
            let read = self.below.read(&mut self.incoming);
            self.incoming.truncate(*read.as_ref().unwrap_or(&0));
            if read? == 0 {
                return Ok(0);
            }
        }
        Err(io::ErrorKind::WouldBlock.into())
    }
}

impl Write for Deflate {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let taken = bytes.get(..OUTGOING).unwrap_or(bytes);
        self.owes_flush |= !taken.is_empty();
        self.compress(taken, FlushCompress::None)?;
        if self.outgoing.len() >= OUTGOING {
            self.send()?;
        }
        Ok(taken.len())
    }

    fn write_vectored(&mut self, pieces: &[IoSlice<'_>]) -> io::Result<usize> {
        let piece = pieces.iter().find(|piece| !piece.is_empty());
        piece.map_or(Ok(0), |piece| self.write(piece))
    }

    /// Ends the block, so that the other end can read it all, and sends it.
    fn flush(&mut self) -> io::Result<()> {
        if self.owes_flush {
            self.owes_flush = false;
            self.compress(&[], FlushCompress::Sync)?;
            self.send()?;
        }
        self.below.flush()
    }
}

impl Transport for Deflate {
    fn set_deadlines(&mut self, read: Duration, write: Duration, end: Option<Instant>) {
        (self.read, self.end) = (read, end);
        self.below.set_deadlines(read, write, end);
    }

    fn set_nonblocking(&mut self, nonblocking: bool) -> bool {
        self.nonblocking = nonblocking;
        self.below.set_nonblocking(nonblocking)
    }

    fn descriptor(&self) -> Option<Descriptor<'_>> {
        self.below.descriptor()
    }

    fn shutdown(&self) -> Option<Shutdown> {
        self.below.shutdown()
    }

    fn release_buffers(&mut self) {
        if self.start == self.incoming.len() {
            (self.start, self.incoming) = (0, Vec::new());
        }
        if self.outgoing.is_empty() {
            self.outgoing = Vec::new();
        }
        self.below.release_buffers();
    }

    fn channel_binding(&self, binding: ChannelBinding) -> Option<Vec<u8>> {
        self.below.channel_binding(binding)
    }
}

#[cfg(test)]
mod tests;
