//! Failures of connecting: the host, the port, and the reason.

use std::error::Error as StdError;
use std::fmt;
use std::io;
use std::sync::Arc;

use crate::error::closed::{CloseReason, Stage};
use crate::error::said::Said;
use crate::printable::Printable;
#[cfg(feature = "proxy")]
use crate::transport::proxy::ProxyError;
use crate::transport::tcp_error::TcpError;
use crate::transport::tls::TlsError;
use crate::types::response_code::ResponseCode;

/// A connection that could not be made.
#[derive(Debug)]
pub struct ConnectError {
    pub(crate) host: String,
    pub(crate) port: u16,
    pub(crate) problem: ConnectErrorKind,
}

/// The reason why a connection could not be made.
#[derive(Debug)]
#[non_exhaustive]
pub enum ConnectErrorKind {
    /// The name could not be looked up.
    Resolve(io::Error),
    /// No address of the name accepted a connection.
    Tcp(TcpError),
    /// The Unix socket did not accept a connection.
    Unix(io::Error),
    /// The certificates or other settings given for TLS are unusable.
    TlsSettings(Box<dyn StdError + Send + Sync>),
    /// The TLS handshake failed: the certificate, its name, or no TLS at all on that port.
    Tls(TlsError),
    /// The proxy could not be reached, or did not connect.
    #[cfg(feature = "proxy")]
    Proxy(ProxyError),
    /// STARTTLS was requested and is not available; with the server's text or the reason.
    StartTls(String),
    /// The server refused in its greeting (BYE, NO or BAD).
    Greeting {
        /// The response code, if there was one.
        code: Option<ResponseCode>,
        /// The human-readable text.
        text: String,
    },
    /// The server does not speak IMAP.
    NotImap {
        /// The protocol that it seems to speak instead; `None` if unknown.
        protocol: Option<&'static str>,
        /// The beginning of its first line.
        seen: String,
    },
    /// A greeting of PREAUTH without [`accept_preauth`](crate::ClientBuilder::accept_preauth).
    UnexpectedPreauth,
    /// A deadline passed.
    Timeout(Stage),
    /// The connection ended or failed after it was made.
    Closed(Arc<CloseReason>),
}

impl ConnectError {
    /// The host to connect to.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The port to connect to.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The reason why the connection could not be made.
    #[must_use]
    pub fn kind(&self) -> &ConnectErrorKind {
        &self.problem
    }

    pub(crate) fn is_cancelled(&self) -> bool {
        match &self.problem {
            ConnectErrorKind::Closed(reason) => matches!(**reason, CloseReason::Cancelled),
            _ => false,
        }
    }

    pub(crate) fn is_timeout(&self) -> bool {
        match &self.problem {
            ConnectErrorKind::Timeout(_) => true,
            ConnectErrorKind::Resolve(error) | ConnectErrorKind::Unix(error) => {
                error.kind() == io::ErrorKind::TimedOut
            }
            ConnectErrorKind::Tcp(error) => error.is_timeout(),
            ConnectErrorKind::Closed(reason) => reason.is_timeout(),
            _ => false,
        }
    }
}

impl fmt::Display for ConnectError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "connecting to {}:{}: {}",
            Printable(&self.host),
            self.port,
            self.problem
        )?;
        let has_port = |host: &str| {
            let port = host.rsplit_once(':').map_or("", |(_, port)| port);
            !port.is_empty() && port.bytes().all(|octet| octet.is_ascii_digit())
        };
        match self.problem {
            ConnectErrorKind::Resolve(_) if has_port(&self.host) => {
                f.write_str("; another port is set by ClientBuilder::port")
            }
            _ => Ok(()),
        }
    }
}

impl fmt::Display for ConnectErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Resolve(error) => write!(f, "the name could not be resolved: {error}"),
            Self::Tcp(error) => error.fmt(f),
            Self::Unix(error) => write!(f, "{error}"),
            Self::TlsSettings(error) => write!(f, "the TLS settings are unusable: {error}"),
            Self::Tls(error) => write!(f, "TLS: {error}"),
            #[cfg(feature = "proxy")]
            Self::Proxy(error) => error.fmt(f),
            Self::StartTls(text) => write!(f, "STARTTLS was refused: {}", Printable(text)),
            Self::Greeting { code, text } => {
                write!(f, "the server refused: {}", Said(code.as_ref(), text))
            }
            Self::NotImap {
                protocol: Some("TLS"),
                seen,
            } => {
                write!(
                    f,
                    "this port speaks TLS without STARTTLS: connect without start_tls and danger_plaintext; \
                     it sent \"{}\"",
                    Printable(seen)
                )
            }
            Self::NotImap {
                protocol: Some(protocol),
                seen,
            } => {
                write!(
                    f,
                    "this is a server for {protocol}, not IMAP; it sent \"{}\"",
                    Printable(seen)
                )
            }
            Self::NotImap {
                protocol: None,
                seen,
            } => {
                let seen = Printable(seen);
                write!(f, "the other end does not speak IMAP; it sent \"{seen}\"")
            }
            Self::UnexpectedPreauth => {
                f.write_str("unexpected PREAUTH greeting; ClientBuilder::accept_preauth accepts it")
            }
            Self::Timeout(stage) => write!(f, "{stage} timed out ({})", stage.option()),
            Self::Closed(reason) => reason.fmt(f),
        }
    }
}

impl StdError for ConnectErrorKind {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match self {
            Self::Resolve(error) | Self::Unix(error) => error.source(),
            Self::TlsSettings(error) => error.source(),
            Self::Tls(error) => error.source(),
            #[cfg(feature = "proxy")]
            Self::Proxy(error) => error.source(),
            Self::Closed(reason) => reason.source(),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_in_the_host_is_named_as_the_mistake() {
        let text = |host: &str| {
            let error = ConnectError {
                host: host.to_owned(),
                port: 993,
                problem: ConnectErrorKind::Resolve(io::ErrorKind::NotFound.into()),
            };
            error.to_string()
        };
        let hint = "; another port is set by ClientBuilder::port";
        assert!(text("imap.example.com:1993").ends_with(hint));
        for host in ["imap.example.com", "imap.example.com:", "a:b"] {
            assert!(!text(host).contains("another port"), "{host}");
        }
    }
}
