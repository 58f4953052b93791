//! The waits of a blocking socket whose reads the kernel bounds: for systems on which a shutdown ends
//! them.

use std::io::{self, IoSlice};
use std::time::{Duration, Instant};

use rustix::net::{RecvFlags, SendAncillaryBuffer, SendFlags, recv, send, sendmsg};

use crate::transport::Shutdown;
use crate::transport::readiness;
use crate::transport::socket::stream::{Stream, finite};

#[derive(Debug, Default)]
pub(super) struct Waits {
    /// The timeout that the kernel has, so that it is set only if it changes.
    applied: Option<Duration>,
}

impl Waits {
    /// Reads once, and waits until something arrives.
    pub(super) fn receive(
        &mut self,
        stream: &Stream,
        buffer: &mut [u8],
        within: Duration,
    ) -> io::Result<usize> {
        if self.applied != Some(within) {
            stream.set_read_timeout(finite(within))?;
            self.applied = Some(within);
        }
        stream.read(buffer)
    }

    /// Reads once and never waits, without a change of the socket's mode.
    pub(super) fn receive_arrived(
        &mut self,
        stream: &Stream,
        buffer: &mut [u8],
    ) -> io::Result<usize> {
        let (read, _) = recv(stream.descriptor(), buffer, RecvFlags::DONTWAIT)?;
        Ok(read)
    }

    /// Writes once and never waits. For a closed connection it returns an error; there is no signal.
    pub(super) fn send_now(
        &mut self,
        stream: &Stream,
        pieces: &[IoSlice<'_>],
    ) -> io::Result<usize> {
        #[cfg(not(target_vendor = "apple"))]
        let flags = SendFlags::DONTWAIT | SendFlags::NOSIGNAL;
        // The standard library has set SO_NOSIGPIPE.
        #[cfg(target_vendor = "apple")]
        let flags = SendFlags::DONTWAIT;
        if let [piece] = pieces {
            return Ok(send(stream.descriptor(), piece, flags)?);
        }
        let mut nothing = SendAncillaryBuffer::default();
        Ok(sendmsg(stream.descriptor(), pieces, &mut nothing, flags)?)
    }

    /// Waits until there is room for many octets, the stream has ended, or `until` has passed.
    pub(super) fn wait_to_write(
        &mut self,
        stream: &Stream,
        until: Option<Instant>,
    ) -> io::Result<()> {
        readiness::wait_to_write(stream.descriptor(), until)
    }

    pub(super) fn shutdown(&self, stream: &Stream) -> Shutdown {
        let stream = stream.clone();
        Box::new(move || stream.shut_down())
    }
}

impl Stream {
    fn set_read_timeout(&self, within: Option<Duration>) -> io::Result<()> {
        match self {
            Self::Tcp(stream) => stream.set_read_timeout(within),
            Self::Unix(stream) => stream.set_read_timeout(within),
        }
    }
}
