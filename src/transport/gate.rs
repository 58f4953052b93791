//! A transport that can be closed for good, so that nothing is sent when it is dropped.

use std::io::{self, IoSlice, Read, Write};
use std::time::{Duration, Instant};

use crate::transport::{Descriptor, Shutdown, Transport};

/// The innermost layer below the buffer. A buffered writer sends what it still holds when it is
/// dropped; behind a closed gate there is nobody to send to.
pub(crate) struct Gate {
    pub(crate) transport: Box<dyn Transport>,
    is_closed: bool,
}

impl Gate {
    pub(crate) fn new(transport: Box<dyn Transport>) -> Self {
        Self {
            transport,
            is_closed: false,
        }
    }

    /// Lets nothing through any more.
    pub(crate) fn close(&mut self) {
        self.is_closed = true;
    }

    fn check(&self) -> io::Result<()> {
        match self.is_closed {
            true => Err(io::ErrorKind::BrokenPipe.into()),
            false => Ok(()),
        }
    }
}

impl Read for Gate {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.check()?;
        self.transport.read(buffer)
    }
}

impl Write for Gate {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.check()?;
        self.transport.write(bytes)
    }

    fn write_vectored(&mut self, pieces: &[IoSlice<'_>]) -> io::Result<usize> {
        self.check()?;
        self.transport.write_vectored(pieces)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.check()?;
        self.transport.flush()
    }
}

impl Transport for Gate {
    fn set_deadlines(&mut self, read: Duration, write: Duration, end: Option<Instant>) {
        self.transport.set_deadlines(read, write, end);
    }

    fn set_nonblocking(&mut self, nonblocking: bool) -> bool {
        self.transport.set_nonblocking(nonblocking)
    }

    fn descriptor(&self) -> Option<Descriptor<'_>> {
        self.transport.descriptor()
    }

    fn shutdown(&self) -> Option<Shutdown> {
        self.transport.shutdown()
    }

    fn server_end_point(&self) -> Option<Vec<u8>> {
        self.transport.server_end_point()
    }
}
