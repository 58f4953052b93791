//! The buffered stream of a connection: what was read ahead is known to the octet.

use std::io::{self, BufRead, Write};
use std::time::{Duration, Instant};

use bufstream::BufStream;

use crate::transport::gate::Gate;
use crate::transport::{Shutdown, Transport};

/// Large enough that a full pipe is drained in few reads.
const READ: usize = 64 * 1024;

/// Holds most commands whole.
const WRITE: usize = 16 * 1024;

/// A transport behind one read buffer and one write buffer.
pub(crate) struct Buffered {
    stream: BufStream<Gate>,
    /// Octets in the read buffer that nobody has consumed.
    unread: usize,
}

impl Buffered {
    /// For a stream that is what it will stay.
    pub(crate) fn new(stream: Box<dyn Transport>) -> Self {
        Self {
            stream: BufStream::with_capacities(READ, WRITE, Gate::new(stream)),
            unread: 0,
        }
    }

    /// For the cleartext before STARTTLS: it never reads beyond what was asked for, so nothing
    /// that arrived early can be taken for an answer given inside TLS.
    pub(crate) fn without_read_ahead(stream: Box<dyn Transport>) -> Self {
        Self {
            stream: BufStream::with_capacities(1, WRITE, Gate::new(stream)),
            unread: 0,
        }
    }

    /// Gives the transport back, or nothing when octets were read ahead or not yet written.
    pub(crate) fn into_transport(self) -> Option<Box<dyn Transport>> {
        if self.unread > 0 {
            None
        } else {
            self.stream.into_inner().ok().map(|gate| gate.transport)
        }
    }

    /// A way to end the stream from any thread.
    pub(crate) fn shutdown(&self) -> Option<Shutdown> {
        self.stream.get_ref().shutdown()
    }

    /// Nothing is read or written any more, not even when this is dropped.
    pub(crate) fn close(&mut self) {
        self.stream.get_mut().close();
    }

    /// Bounds what follows; see [`Transport::set_deadlines`].
    pub(crate) fn set_deadlines(&mut self, read: Duration, write: Duration, end: Option<Instant>) {
        self.stream.get_mut().set_deadlines(read, write, end);
    }

    /// What is in the buffer, after a read when it is empty; empty at the end of the stream.
    pub(crate) fn fill(&mut self) -> io::Result<&[u8]> {
        loop {
            match self.stream.fill_buf() {
                Ok(bytes) => {
                    self.unread = bytes.len();
                    break;
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        if self.unread == 0 {
            Ok(&[])
        } else {
            self.stream.fill_buf()
        }
    }

    /// Like [`fill`](Self::fill), but never waits: nothing when nothing has arrived.
    pub(crate) fn fill_arrived(&mut self) -> io::Result<Option<&[u8]>> {
        if self.unread == 0 {
            if !self.stream.get_mut().set_nonblocking(true) {
                return Ok(None);
            }
            let arrived = self.fill().map(<[u8]>::len);
            self.stream.get_mut().set_nonblocking(false);
            match arrived {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(None),
                other => other?,
            };
        }
        self.fill().map(Some)
    }

    /// Whether the next look at the buffer has to read first.
    pub(crate) fn is_empty(&self) -> bool {
        self.unread == 0
    }

    /// Takes `count` octets off the buffer.
    pub(crate) fn consume(&mut self, count: usize) {
        let count = count.min(self.unread);
        self.unread -= count;
        self.stream.consume(count);
    }

    /// Puts `bytes` into the write buffer.
    pub(crate) fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.stream.write_all(bytes)
    }

    /// Sends what is in the write buffer.
    pub(crate) fn flush(&mut self) -> io::Result<()> {
        self.stream.flush()
    }
}
