//! Connections through a proxy: its address and credentials, and its errors.

mod http_connect;
mod socks5;

use std::error::Error as StdError;
use std::fmt;
use std::io;
use std::sync::Arc;

use zeroize::Zeroizing;

use crate::limits::{LimitExceeded, PROXY_ANSWER};
use crate::printable::Printable;
use crate::transport::Transport;

/// A proxy for connections to servers; see [`ClientBuilder::proxy`].
///
/// ```
/// use latchbox::Client;
/// use latchbox::transport::Proxy;
///
/// let proxy = Proxy::socks5("proxy.example.com", 1080).credentials("jane", "correct-horse");
/// let builder = Client::builder("imap.example.com").proxy(proxy);
/// ```
///
/// [`ClientBuilder::proxy`]: crate::ClientBuilder::proxy
#[derive(Clone)]
pub struct Proxy {
    kind: Kind,
    host: String,
    port: u16,
    credentials: Option<Credentials>,
    answer_limit: usize,
}

#[derive(Clone, Copy, Debug)]
enum Kind {
    Socks5,
    HttpConnect,
}

#[derive(Clone)]
struct Credentials {
    user: String,
    password: Arc<Zeroizing<String>>,
}

/// The reason why a connection through a proxy failed.
#[derive(Debug)]
#[non_exhaustive]
pub enum ProxyError {
    /// The proxy itself could not be reached.
    Unreachable(io::Error),
    /// The host, the user or the password is invalid for this kind of proxy; nothing was sent.
    Settings(&'static str),
    /// The proxy requires credentials, or other ones.
    Credentials,
    /// The proxy refused to connect; its reply.
    Refused {
        /// SOCKS: the reply field (RFC 1928 section 6). HTTP: the status code.
        code: u16,
        /// The meaning of the code, or the proxy's own text.
        text: String,
    },
    /// The proxy's answers exceed the limit on their length.
    Limit(LimitExceeded),
    /// The proxy does not speak its protocol, or violates it.
    Protocol(&'static str),
    /// The connection to the proxy failed or was closed.
    Io(io::Error),
}

impl Proxy {
    /// A proxy that speaks SOCKS version 5 (RFC 1928), usually on port 1080.
    ///
    /// The proxy resolves the name of the server.
    #[must_use]
    pub fn socks5(host: impl Into<String>, port: u16) -> Self {
        Self::new(Kind::Socks5, host.into(), port)
    }

    /// A proxy that speaks HTTP and supports CONNECT (RFC 9110 section 9.3.6).
    ///
    /// The proxy resolves the name of the server. The connection to the proxy itself does not use
    /// TLS.
    #[must_use]
    pub fn http(host: impl Into<String>, port: u16) -> Self {
        Self::new(Kind::HttpConnect, host.into(), port)
    }

    /// Sends this user name and password to the proxy (RFC 1929, or Basic of RFC 7617).
    ///
    /// They are not encrypted between the client and the proxy.
    #[must_use]
    pub fn credentials(mut self, user: impl Into<String>, password: impl Into<String>) -> Self {
        self.credentials = Some(Credentials {
            user: user.into(),
            password: Arc::new(Zeroizing::new(password.into())),
        });
        self
    }

    /// The maximum number of octets in an HTTP proxy's answers; 16 KiB by default.
    ///
    /// The limit is for all answers to one request, including interim ones. Replies of SOCKS have a fixed maximum of 262 octets.
    #[must_use]
    pub fn answer_limit(mut self, octets: usize) -> Self {
        self.answer_limit = octets;
        self
    }

    fn new(kind: Kind, host: String, port: u16) -> Self {
        Self {
            kind,
            host,
            port,
            credentials: None,
            answer_limit: PROXY_ANSWER,
        }
    }

    /// The address of the proxy.
    pub(crate) fn address(&self) -> (&str, u16) {
        (&self.host, self.port)
    }

    /// Requests a connection to `host`.
    ///
    /// After that `transport` is this connection, and none of its octets was read.
    pub(crate) fn connect(
        &self,
        transport: &mut dyn Transport,
        host: &str,
        port: u16,
    ) -> Result<(), ProxyError> {
        let credentials = self.credentials.as_ref();
        let credentials = credentials.map(|c| (c.user.as_str(), c.password.as_str()));
        match self.kind {
            Kind::Socks5 => socks5::connect(transport, host, port, credentials),
            Kind::HttpConnect => {
                http_connect::connect(transport, host, port, credentials, self.answer_limit)
            }
        }
    }
}

impl ProxyError {
    pub(crate) fn is_timeout(&self) -> bool {
        use io::ErrorKind::{TimedOut, WouldBlock};
        match self {
            Self::Io(error) | Self::Unreachable(error) => {
                matches!(error.kind(), TimedOut | WouldBlock)
            }
            _ => false,
        }
    }
}

impl From<io::Error> for ProxyError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl fmt::Debug for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Proxy")
            .field("kind", &self.kind)
            .field("host", &self.host)
            .field("port", &self.port)
            .field("user", &self.credentials.as_ref().map(|c| &c.user))
            .finish_non_exhaustive()
    }
}

impl fmt::Display for ProxyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreachable(error) => write!(f, "the proxy cannot be reached: {error}"),
            Self::Settings(problem) => write!(f, "invalid proxy request: {problem}"),
            Self::Credentials => f.write_str("the proxy did not accept the credentials"),
            Self::Refused { code, text } => {
                write!(f, "the proxy refused: {code} {}", Printable(text))
            }
            Self::Limit(exceeded) => exceeded.fmt(f),
            Self::Protocol(problem) => write!(f, "the proxy violates its protocol: {problem}"),
            Self::Io(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
                f.write_str("the proxy closed the connection")
            }
            Self::Io(error) => write!(f, "the connection to the proxy failed: {error}"),
        }
    }
}

impl StdError for ProxyError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match self {
            Self::Unreachable(error) | Self::Io(error) => error.source(),
            _ => None,
        }
    }
}
