//! A transport that can be closed, so that nothing is sent when it is dropped, and that counts
//! octets.

use std::io::{self, IoSlice, Read, Write};
use std::sync::{Arc, Mutex, PoisonError};

use crate::transport::Transport;
use crate::transport::plain::Plain;
use crate::transport::traffic::Traffic;

/// The innermost layer below the buffer.
///
/// A buffered writer sends what it still holds when it is dropped; a closed gate stops that.
pub(crate) struct Gate {
    /// Never locked, only borrowed mutably.
    ///
    /// A transport need not be `Sync`, but its owner is, such as an error that returns a client.
    transport: Mutex<Box<dyn Transport>>,
    is_closed: bool,
    traffic: Arc<Traffic>,
}

impl Gate {
    pub(crate) fn new(transport: Box<dyn Transport>) -> Self {
        Self {
            transport: Mutex::new(transport),
            is_closed: false,
            traffic: Arc::default(),
        }
    }

    /// A closed gate, for the moment in which the other one is moved.
    pub(crate) fn nowhere(traffic: Arc<Traffic>) -> Self {
        Self {
            transport: Mutex::new(nothing()),
            is_closed: true,
            traffic,
        }
    }

    /// The transport, whose deadlines and readiness are those of the gate.
    pub(crate) fn below(&mut self) -> &mut Box<dyn Transport> {
        self.transport
            .get_mut()
            .unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn into_below(self) -> Box<dyn Transport> {
        self.transport
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// The octets that were sent and received, for any thread.
    pub(crate) fn traffic(&self) -> &Arc<Traffic> {
        &self.traffic
    }

    /// Puts a layer over the transport.
    #[cfg(feature = "compress")]
    pub(crate) fn put_over(
        &mut self,
        layer: impl FnOnce(Box<dyn Transport>) -> Box<dyn Transport>,
    ) {
        let transport = self.below();
        *transport = layer(std::mem::replace(transport, nothing()));
    }

    /// Closes the gate: no octet passes after this.
    pub(crate) fn close(&mut self) {
        self.is_closed = true;
    }

    /// Calls `pass` with the transport.
    ///
    /// After a panic the transport is not used again, because its state is unknown.
    fn pass<T>(&mut self, pass: impl FnOnce(&mut dyn Transport) -> io::Result<T>) -> io::Result<T> {
        if self.is_closed {
            return Err(io::ErrorKind::BrokenPipe.into());
        }
        self.is_closed = true;
        let passed = pass(&mut **self.below());
        self.is_closed = false;
        passed
    }
}

/// A transport without an end; no allocation.
fn nothing() -> Box<dyn Transport> {
    Box::new(Plain(io::empty()))
}

impl Read for Gate {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.pass(|transport| transport.read(buffer))?;
        self.traffic.count_received(read);
        Ok(read)
    }
}

impl Write for Gate {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.pass(|transport| transport.write(bytes))?;
        self.traffic.count_sent(written);
        Ok(written)
    }

    fn write_vectored(&mut self, pieces: &[IoSlice<'_>]) -> io::Result<usize> {
        let written = self.pass(|transport| transport.write_vectored(pieces))?;
        self.traffic.count_sent(written);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.pass(|transport| transport.flush())
    }
}
