//! The stream that a connection uses: blocking, with deadlines, and the layers that it is built of.

pub(crate) mod buffered;
pub(crate) mod channel_binding;
#[cfg(unix)]
pub(crate) mod child_process;
#[cfg(feature = "compress")]
pub(crate) mod deflate;
#[cfg(any(feature = "native-tls", feature = "rustls", fuzzing))]
pub(crate) mod der;
pub(crate) mod descriptors;
pub(crate) mod gate;
pub(crate) mod handshake;
#[cfg(feature = "native-tls")]
mod native_tls;
#[cfg(any(feature = "native-tls", feature = "rustls"))]
mod pin;
pub(crate) mod plain;
pub(crate) mod poller;
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
// Without a TLS library, TLS is an error; its settings remain.
#[cfg_attr(not(any(feature = "native-tls", feature = "rustls")), allow(dead_code))]
pub(crate) mod tls;
pub(crate) mod traffic;

use std::io::{Read, Write};
use std::time::{Duration, Instant};

use crate::transport::channel_binding::ChannelBinding;

#[cfg(unix)]
pub use self::child_process::ChildProcess;
pub use self::descriptors::Descriptors;
#[cfg(feature = "proxy")]
pub use self::proxy::{Proxy, ProxyError};
#[cfg(all(target_os = "android", feature = "rustls"))]
pub use self::rustls::android::init_android_verifier;
pub use self::socket::Socket;
pub use self::tcp_error::TcpError;
pub use self::tls::{TlsBackend, TlsError, TlsErrorKind, TlsVersion};

/// A blocking stream that a [`Client`](crate::Client) can use.
///
/// [`ClientBuilder::connect_stream`](crate::ClientBuilder::connect_stream) accepts any
/// `Read + Write + Send`; an implementation of this trait adds deadlines and readiness. Every
/// method has a default for a stream that does not support it.
///
/// A stream without deadlines can block for as long as the other end sends nothing: latchbox checks
/// the clock between reads, and cannot interrupt one.
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
    /// Sets the timeouts of the following reads and writes, and a deadline for all of them.
    ///
    /// No single read or write blocks longer than `read` or `write`, and none blocks beyond `end`.
    /// One that times out returns [`std::io::ErrorKind::TimedOut`] or
    /// [`std::io::ErrorKind::WouldBlock`].
    fn set_deadlines(&mut self, read: Duration, write: Duration, end: Option<Instant>) {
        let _ = (read, write, end);
    }

    /// Makes the following reads nonblocking (`true`) or blocking (`false`), if it can.
    ///
    /// Returns whether it can. A nonblocking read returns [`std::io::ErrorKind::WouldBlock`] if no
    /// octets have arrived. The default returns `false`, which is always safe: unsolicited responses
    /// are then read with the next answer.
    fn set_nonblocking(&mut self, nonblocking: bool) -> bool {
        let _ = nonblocking;
        false
    }

    /// The descriptor to poll for readability: that of the socket below all layers.
    ///
    /// It is used only if [`set_nonblocking`](Self::set_nonblocking) works too. The default has
    /// none: an IDLE over such a stream polls by NOOP, and only then notices that another thread
    /// requested its end.
    fn descriptor(&self) -> Option<Descriptor<'_>> {
        None
    }

    /// Returns a closure that shuts the stream down from any thread.
    ///
    /// A read or write in progress then returns. The default has none.
    fn shutdown(&self) -> Option<Shutdown> {
        None
    }

    /// Gives back memory that is not needed until octets arrive or are sent, such as empty buffers.
    ///
    /// Called when the connection begins to wait for the server or rests after a long answer. A
    /// layer passes it on to the one below. The default does nothing.
    fn release_buffers(&mut self) {}

    /// The value of a channel binding, which binds a login to its TLS connection.
    ///
    /// The default returns `None`, which is right for every stream that is not TLS: mechanisms
    /// whose names end in `-PLUS` are then not used.
    fn channel_binding(&self, binding: ChannelBinding) -> Option<Vec<u8>> {
        let _ = binding;
        None
    }
}

/// A descriptor that the system can poll; see [`Transport::descriptor`].
#[cfg(unix)]
pub type Descriptor<'a> = std::os::fd::BorrowedFd<'a>;

/// A descriptor that the system can poll; see [`Transport::descriptor`].
#[cfg(windows)]
pub type Descriptor<'a> = std::os::windows::io::BorrowedSocket<'a>;

/// A closure that shuts a stream down from any thread; see [`Transport::shutdown`].
pub type Shutdown = Box<dyn FnOnce() + Send>;

/// Delegates the deadlines and the readiness of a layer to the layer below it.
macro_rules! like_the_layer_below {
    ($layer:ty: |$this:ident| $below:expr) => {
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

            fn release_buffers(&mut $this) {
                $below.release_buffers();
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
#[cfg(unix)]
pub(crate) use like_the_layer_below;

like_the_layer_below!(Box<dyn Transport>: |self| (**self));
