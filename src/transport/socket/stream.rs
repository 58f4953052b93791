//! The socket of a transport, of either kind.

use std::io::{self, Read};
use std::net::TcpStream;
#[cfg(unix)]
use std::os::unix::net::UnixStream;
use std::sync::Arc;
#[cfg(unix)]
use std::time::Duration;

use crate::transport::Descriptor;

/// Shared with what shuts it down, so that a connection is one descriptor.
#[derive(Clone, Debug)]
pub(super) enum Stream {
    Tcp(Arc<TcpStream>),
    #[cfg(unix)]
    Unix(Arc<UnixStream>),
}

/// Does the same with either kind of stream.
macro_rules! either {
    ($stream:expr, $inner:ident => $do:expr) => {
        match $stream {
            Stream::Tcp($inner) => $do,
            #[cfg(unix)]
            Stream::Unix($inner) => $do,
        }
    };
}

impl Stream {
    pub(super) fn read(&self, buffer: &mut [u8]) -> io::Result<usize> {
        either!(self, s => (&**s).read(buffer))
    }

    pub(super) fn descriptor(&self) -> Descriptor<'_> {
        either!(self, s => descriptor_of(s))
    }

    /// Ends it in both directions, as far as the system does that at once.
    pub(super) fn shut_down(&self) {
        let _ = either!(self, s => s.shutdown(std::net::Shutdown::Both));
    }
}

#[cfg(unix)]
fn descriptor_of(stream: &impl std::os::fd::AsFd) -> Descriptor<'_> {
    stream.as_fd()
}

#[cfg(windows)]
fn descriptor_of(stream: &impl std::os::windows::io::AsSocket) -> Descriptor<'_> {
    stream.as_socket()
}

/// `None` for `Duration::MAX`, which means no timeout.
#[cfg(unix)]
pub(super) fn finite(allowed: Duration) -> Option<Duration> {
    (allowed != Duration::MAX).then(|| allowed.max(Duration::from_millis(1)))
}
