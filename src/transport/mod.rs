//! What a connection runs on: a blocking stream that knows its deadlines, and the layers that
//! make one.

pub(crate) mod buffered;
pub(crate) mod channel_binding;
#[cfg(unix)]
pub(crate) mod child_process;
#[cfg(feature = "compress")]
pub(crate) mod deflate;
#[cfg(any(feature = "native-tls", feature = "rustls", fuzzing))]
pub(crate) mod der;
pub(crate) mod gate;
pub(crate) mod handshake;
#[cfg(feature = "native-tls")]
mod native_tls;
#[cfg(any(feature = "native-tls", feature = "rustls"))]
mod pin;
pub(crate) mod plain;
#[cfg(feature = "proxy")]
pub(crate) mod proxy;
mod race;
mod read_ahead;
pub(crate) mod readiness;
#[cfg(feature = "rustls")]
mod rustls;
pub(crate) mod socket;
pub(crate) mod tcp;
pub(crate) mod tcp_error;
// Without a library for it, TLS is an error; its settings stay.
#[cfg_attr(not(any(feature = "native-tls", feature = "rustls")), allow(dead_code))]
pub(crate) mod tls;
pub(crate) mod traffic;

use std::io::{Read, Write};
use std::time::{Duration, Instant};

use crate::transport::channel_binding::ChannelBinding;

#[cfg(unix)]
pub use self::child_process::ChildProcess;
#[cfg(feature = "proxy")]
pub use self::proxy::{Proxy, ProxyError};
pub use self::socket::Socket;
pub use self::tcp_error::TcpError;
pub use self::tls::{TlsBackend, TlsError, TlsErrorKind, TlsVersion};

/// A blocking stream that a [`Client`](crate::Client) can run on.
///
/// Any `Read + Write + Send` can be made one with
/// [`ClientBuilder::connect_stream`](crate::ClientBuilder::connect_stream); implementing this
/// trait by hand adds what such a stream does not tell: deadlines and readiness. Every method has
/// a default that says "this stream cannot".
///
/// A stream without deadlines can block for as long as its other end is silent: latchbox looks
/// at the clock between reads, and cannot interrupt one.
///
/// ```
/// use std::io::{self, Read, Write};
/// use std::os::unix::net::UnixStream;
/// use std::time::{Duration, Instant};
///
/// struct Local(UnixStream);
///
/// impl Read for Local {
///     fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
///         self.0.read(buffer)
///     }
/// }
///
/// impl Write for Local {
///     fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
///         self.0.write(bytes)
///     }
///     fn flush(&mut self) -> io::Result<()> {
///         self.0.flush()
///     }
/// }
///
/// impl latchbox::transport::Transport for Local {
///     fn set_deadlines(&mut self, read: Duration, write: Duration, end: Option<Instant>) {
///         let left = end.map_or(read, |end| end.saturating_duration_since(Instant::now()));
///         let _ = self.0.set_read_timeout(Some(read.min(left).max(Duration::from_millis(1))));
///         let _ = self.0.set_write_timeout(Some(write));
///     }
/// }
/// ```
pub trait Transport: Read + Write + Send {
    /// Bounds what follows: no single read or write blocks longer than `read` or `write`, and
    /// none blocks beyond `end`.
    ///
    /// A read or write that runs out of time returns [`std::io::ErrorKind::TimedOut`] or
    /// [`std::io::ErrorKind::WouldBlock`].
    fn set_deadlines(&mut self, read: Duration, write: Duration, end: Option<Instant>) {
        let _ = (read, write, end);
    }

    /// Makes the reads that follow return at once, with [`std::io::ErrorKind::WouldBlock`] when
    /// nothing has arrived (`true`), or wait again (`false`). Returns whether the stream can.
    ///
    /// The default cannot, which is always safe: what arrives unasked is then read with the next
    /// answer.
    fn set_nonblocking(&mut self, nonblocking: bool) -> bool {
        let _ = nonblocking;
        false
    }

    /// What to poll to learn that the stream can be read: the socket below, whatever lies above
    /// it. Used only while [`set_nonblocking`](Self::set_nonblocking) works too.
    ///
    /// The default has none: an IDLE over such a stream polls by NOOP, and an end that is requested
    /// elsewhere is seen only then.
    fn descriptor(&self) -> Option<Descriptor<'_>> {
        None
    }

    /// A way to end the stream from any thread, so that a read or write that is under way returns.
    ///
    /// The default has none.
    fn shutdown(&self) -> Option<Shutdown> {
        None
    }

    /// The value of a channel binding, which ties a login to the TLS that it goes through.
    ///
    /// The default returns `None`, as everything that is not TLS does: without any, the mechanisms
    /// whose names end in `-PLUS` are not used.
    fn channel_binding(&self, binding: ChannelBinding) -> Option<Vec<u8>> {
        let _ = binding;
        None
    }
}

/// What the system polls; see [`Transport::descriptor`].
#[cfg(unix)]
pub type Descriptor<'a> = std::os::fd::BorrowedFd<'a>;

/// What the system polls; see [`Transport::descriptor`].
#[cfg(windows)]
pub type Descriptor<'a> = std::os::windows::io::BorrowedSocket<'a>;

/// Ends a stream from any thread; see [`Transport::shutdown`].
pub type Shutdown = Box<dyn FnOnce() + Send>;

/// A layer has the deadlines and the readiness of the layer below it.
macro_rules! like_the_layer_below {
    ($layer:ty: |$this:ident| $below:expr $(, $rest:item)*) => {
        impl $crate::transport::Transport for $layer {
            fn set_deadlines(
                &mut $this,
                read: std::time::Duration,
                write: std::time::Duration,
                end: Option<std::time::Instant>,
            ) {
                $below.set_deadlines(read, write, end);
            }

            fn set_nonblocking(&mut $this, nonblocking: bool) -> bool {
                $below.set_nonblocking(nonblocking)
            }

            fn descriptor(&$this) -> Option<$crate::transport::Descriptor<'_>> {
                $below.descriptor()
            }

            fn shutdown(&$this) -> Option<$crate::transport::Shutdown> {
                $below.shutdown()
            }

            fn channel_binding(
                &$this,
                binding: $crate::transport::channel_binding::ChannelBinding,
            ) -> Option<Vec<u8>> {
                $below.channel_binding(binding)
            }
        }
    };
}
pub(crate) use like_the_layer_below;

like_the_layer_below!(Box<dyn Transport>: |self| (**self));
