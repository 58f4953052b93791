//! Asking a proxy for a connection to somebody else: who it is, and what it refuses.

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

/// A proxy that connections are made through; see [`ClientBuilder::proxy`].
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

/// Why a proxy did not connect.
#[derive(Debug)]
#[non_exhaustive]
pub enum ProxyError {
    /// The proxy itself could not be reached.
    Unreachable(io::Error),
    /// The host, the user or the password cannot be told to this kind of proxy; nothing was sent.
    Settings(&'static str),
    /// The proxy wants other credentials, or some at all.
    Credentials,
    /// The proxy did not connect: what it said.
    Refused {
        /// SOCKS: the reply field (RFC 1928 section 6). HTTP: the status code.
        code: u16,
        /// What that means, or what the proxy said.
        text: String,
    },
    /// The proxy answered with more than is listened to.
    Limit(LimitExceeded),
    /// The other end does not speak the proxy's protocol, or breaks it.
    Protocol(&'static str),
    /// The connection to the proxy failed or ended.
    Io(io::Error),
}

impl Proxy {
    /// A proxy that speaks SOCKS version 5 (RFC 1928), usually on port 1080.
    ///
    /// It is the proxy that looks the host's name up.
    #[must_use]
    pub fn socks5(host: impl Into<String>, port: u16) -> Self {
        Self::new(Kind::Socks5, host.into(), port)
    }

    /// A proxy that speaks HTTP and connects on demand (CONNECT, RFC 9110 section 9.3.6).
    ///
    /// It is the proxy that looks the host's name up. The way to the proxy is not inside TLS.
    #[must_use]
    pub fn http(host: impl Into<String>, port: u16) -> Self {
        Self::new(Kind::HttpConnect, host.into(), port)
    }

    /// Who the proxy is told that we are: by username and password (RFC 1929), or by Basic
    /// authentication (RFC 7617). They can be read on the way to the proxy.
    #[must_use]
    pub fn credentials(mut self, user: impl Into<String>, password: impl Into<String>) -> Self {
        self.credentials = Some(Credentials {
            user: user.into(),
            password: Arc::new(Zeroizing::new(password.into())),
        });
        self
    }

    /// How much a proxy that speaks HTTP may answer in all, in octets, its interim answers
    /// included; 16 KiB unless set. Answers of SOCKS have a length of their own, 262 octets at most.
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

    /// Where the proxy is.
    pub(crate) fn address(&self) -> (&str, u16) {
        (&self.host, self.port)
    }

    /// Asks for a connection to `host`. Afterwards `transport` is that, and not an octet of it was
    /// read.
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
            Self::Settings(problem) => write!(f, "the proxy cannot be asked: {problem}"),
            Self::Credentials => f.write_str("the proxy did not accept the credentials"),
            Self::Refused { code, text } => {
                write!(f, "the proxy refused: {code} {}", Printable(text))
            }
            Self::Limit(exceeded) => exceeded.fmt(f),
            Self::Protocol(problem) => write!(f, "this is no such proxy: {problem}"),
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
