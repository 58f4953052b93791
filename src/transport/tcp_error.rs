//! The error of a TCP connection to the addresses of a name: each address with its error.

use std::error::Error as StdError;
use std::fmt;
use std::io;
use std::net::SocketAddr;

/// The most addresses that the text of an error lists.
const MOST_SHOWN: usize = 8;

/// The error if no address of a name accepted a TCP connection: each address with its error.
///
/// The addresses are tried in parallel, as [`ClientBuilder::connect`] describes; the text lists the
/// first eight of them.
///
/// ```
/// use latchbox::{Client, Error};
/// use latchbox::error::ConnectErrorKind;
///
/// # let free = std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
/// # let port = free; // nothing listens there
/// let error = Client::builder("127.0.0.1").port(port).connect().unwrap_err();
/// if let Error::Connect(error) = error {
///     if let ConnectErrorKind::Tcp(error) = error.kind() {
///         for (address, cause) in error.attempts() {
///             println!("{address}: {cause}");
///         }
///     }
/// }
/// # Ok::<(), std::io::Error>(())
/// ```
///
/// [`ClientBuilder::connect`]: crate::ClientBuilder::connect
#[derive(Debug)]
pub struct TcpError {
    attempts: Vec<(SocketAddr, io::Error)>,
    is_timeout: bool,
}

impl TcpError {
    /// The same error for another thread.
    pub(crate) fn again(&self) -> Self {
        let copy = |error: &io::Error| io::Error::new(error.kind(), error.to_string());
        let attempts = self.attempts.iter();
        Self {
            attempts: attempts.map(|(at, error)| (*at, copy(error))).collect(),
            is_timeout: self.is_timeout,
        }
    }

    pub(crate) fn new(attempts: Vec<(SocketAddr, io::Error)>, is_timeout: bool) -> Self {
        Self {
            attempts,
            is_timeout,
        }
    }

    /// Returns each address of the name with its error.
    ///
    /// Addresses that failed come first, in the order in which they did. The others, which did not
    /// connect before the deadline, have [`std::io::ErrorKind::TimedOut`].
    pub fn attempts(&self) -> impl ExactSizeIterator<Item = (SocketAddr, &io::Error)> {
        let attempts = self.attempts.iter();
        attempts.map(|(address, error)| (*address, error))
    }

    /// Whether the deadline passed before all addresses had failed.
    ///
    /// If so, one of them may have been slow, not unreachable.
    #[must_use]
    pub fn is_timeout(&self) -> bool {
        self.is_timeout
    }
}

/// An error with the kind of the last one, or of a timeout.
impl From<TcpError> for io::Error {
    fn from(error: TcpError) -> Self {
        let last = error.attempts.last();
        let kind = match (error.is_timeout, last) {
            (false, Some((_, last))) => last.kind(),
            _ => io::ErrorKind::TimedOut,
        };
        Self::new(kind, error)
    }
}

impl fmt::Display for TcpError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.is_timeout {
            true => "no address accepted a connection within connect_timeout and open_timeout",
            false => "no address accepted a connection",
        })?;
        for (index, (address, error)) in self.attempts.iter().take(MOST_SHOWN).enumerate() {
            let before = if index == 0 { ": " } else { "; " };
            write!(f, "{before}{address}: {error}")?;
        }
        match self.attempts.len().saturating_sub(MOST_SHOWN) {
            0 => Ok(()),
            1 => f.write_str("; and 1 other"),
            others => write!(f, "; and {others} others"),
        }
    }
}

// The text shows the errors of all addresses: none of them is the source.
impl StdError for TcpError {}
