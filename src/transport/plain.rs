//! A stream of the caller as a transport without deadlines or readiness.

use std::io::{self, IoSlice, Read, Write};

use crate::transport::Transport;

/// A transport of any `Read + Write + Send`.
pub(crate) struct Plain<S>(pub(crate) S);

impl<S: Read> Read for Plain<S> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.read(buffer)
    }
}

impl<S: Write> Write for Plain<S> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes)
    }

    fn write_vectored(&mut self, pieces: &[IoSlice<'_>]) -> io::Result<usize> {
        self.0.write_vectored(pieces)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

impl<S: Read + Write + Send> Transport for Plain<S> {}
