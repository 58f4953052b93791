//! The channel bindings of TLS, which bind a login to its connection.

use std::fmt;

/// A channel binding: a value of a TLS connection that both ends know, to bind a login to it.
///
/// A man in the middle has a separate connection to each end, so a login that is bound to one of
/// them fails on the other. `tls-unique` (RFC 5929) is not used, because TLS 1.3 does not define
/// it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ChannelBinding {
    /// `tls-exporter` (RFC 9266): a value that is unique to the connection.
    ///
    /// It is available over TLS 1.3 with rustls; the platform's libraries do not provide it.
    TlsExporter,
    /// `tls-server-end-point` (RFC 5929 section 4): the hash of the server's certificate.
    ///
    /// It does not detect a man in the middle who has the server's private key.
    TlsServerEndPoint,
}

impl ChannelBinding {
    /// All bindings, the strongest first.
    pub(crate) const BY_STRENGTH: [Self; 2] = [Self::TlsExporter, Self::TlsServerEndPoint];

    /// The name in IANA's registry, such as `tls-exporter`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::TlsExporter => "tls-exporter",
            Self::TlsServerEndPoint => "tls-server-end-point",
        }
    }
}

impl fmt::Display for ChannelBinding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
