//! The channel bindings of TLS: what ties a login to the connection that it goes through.

use std::fmt;

/// A channel binding: a value that both ends of a TLS connection know, and that ties a login to it.
///
/// A man in the middle has another connection to each end, so that a login that is bound to one of
/// them fails on the other. `tls-unique` (RFC 5929) is not used: TLS 1.3 does not define it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ChannelBinding {
    /// `tls-exporter` (RFC 9266): a value of this one connection. Over TLS 1.3, by rustls; the
    /// platform's libraries do not give it.
    TlsExporter,
    /// `tls-server-end-point` (RFC 5929 section 4): the hash of the server's certificate. It does not
    /// notice a man in the middle who has the server's private key.
    TlsServerEndPoint,
}

impl ChannelBinding {
    /// The one that binds to most comes first.
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
