//! How TLS is set up, whichever library does it, and why it did not come about.

use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;

use zeroize::Zeroizing;

/// Which library does TLS; chosen by [`ClientBuilder::tls_backend`].
///
/// There is a variant for each that was built in. Both are held to the same tests.
///
/// [`ClientBuilder::tls_backend`]: crate::ClientBuilder::tls_backend
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TlsBackend {
    /// The platform's own: OpenSSL on Linux, Secure Transport on macOS, SChannel on Windows. The
    /// default where it is built in (feature `native-tls`, on unless switched off).
    #[cfg(feature = "native-tls")]
    NativeTls,
    /// rustls with ring, and the platform's verifier of certificates (feature `rustls`).
    #[cfg(feature = "rustls")]
    Rustls,
}

impl TlsBackend {
    /// The one that is used unless another is named.
    pub(crate) const USUAL: Option<Self> = {
        #[cfg(feature = "native-tls")]
        {
            Some(Self::NativeTls)
        }
        #[cfg(all(feature = "rustls", not(feature = "native-tls")))]
        {
            Some(Self::Rustls)
        }
        #[cfg(not(any(feature = "rustls", feature = "native-tls")))]
        {
            None
        }
    };
}

/// The oldest version of TLS that is accepted; older ones than these never are (RFC 8996).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum TlsVersion {
    /// TLS 1.2 (RFC 5246). The default.
    #[default]
    Tls12,
    /// TLS 1.3 (RFC 8446). What the platform's library on macOS has not.
    Tls13,
}

/// A certificate authority that the caller trusts, as the bytes of its file.
#[derive(Clone)]
pub(crate) enum RootCertificate {
    /// One or more certificates in PEM.
    Pem(Vec<u8>),
    /// One certificate in DER.
    Der(Vec<u8>),
}

/// What the client shows of itself.
#[derive(Clone)]
pub(crate) struct ClientIdentity {
    /// Certificates in PEM, its own first.
    pub(crate) chain: Arc<[u8]>,
    /// The private key in PEM.
    pub(crate) key: Arc<Zeroizing<Vec<u8>>>,
}

impl ClientIdentity {
    /// The SHA-256 of the first certificate, of what is written between its lines, without blanks.
    pub(crate) fn fingerprint(&self) -> [u8; 32] {
        let end = memchr::memmem::find(&self.chain, b"-----END").unwrap_or(self.chain.len());
        let first = self.chain.get(..end).unwrap_or_default();
        let begin =
            memchr::memmem::rfind(first, b"-----\n").or(memchr::memmem::rfind(first, b"-----\r"));
        let first = first.get(begin.unwrap_or(0)..).unwrap_or_default();
        let mut hash = hmac_sha256::Hash::new();
        let octets = first.iter().filter(|octet| !octet.is_ascii_whitespace());
        octets.for_each(|octet| hash.update([*octet]));
        hash.finalize()
    }
}

/// A SHA-256 that something of the server's certificate must have.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pin {
    /// Of the whole certificate in DER.
    Certificate([u8; 32]),
    /// Of its public key: the SubjectPublicKeyInfo in DER (RFC 7469 section 2.4).
    PublicKey([u8; 32]),
}

/// What a TLS handshake must satisfy.
#[derive(Clone, Default)]
pub(crate) struct TlsSettings {
    /// Who does it.
    pub(crate) backend: Option<TlsBackend>,
    /// The oldest version that is accepted.
    pub(crate) minimum: TlsVersion,
    /// Trusted beside the system's own.
    pub(crate) roots: Vec<RootCertificate>,
    /// Trust only `roots`.
    pub(crate) only_these_roots: bool,
    /// One of them has to match, where there are any.
    pub(crate) pins: Vec<Pin>,
    /// Shown when the server asks for it.
    pub(crate) identity: Option<ClientIdentity>,
    /// The name that the certificate must bear, when it is not the host's.
    pub(crate) name: Option<String>,
    /// Accept a certificate that nobody vouches for.
    pub(crate) danger_accept_invalid_certificates: bool,
    /// Accept a certificate for another name.
    pub(crate) danger_accept_invalid_names: bool,
}

impl TlsSettings {
    /// The name that the certificate must bear, without the brackets of an IPv6 address.
    pub(crate) fn name<'a>(&'a self, host: &'a str) -> &'a str {
        let name = self.name.as_deref().unwrap_or(host);
        name.strip_prefix('[')
            .and_then(|name| name.strip_suffix(']'))
            .unwrap_or(name)
    }
}

/// Why TLS did not come about.
#[derive(Debug)]
pub(crate) enum Refusal {
    /// The settings themselves are wrong: a certificate that does not parse.
    Settings(Box<dyn StdError + Send + Sync>),
    /// The handshake failed.
    Handshake(TlsError),
    /// The other end said this, which is no TLS.
    NotTls(Vec<u8>),
    /// The handshake did not end in time.
    Timeout,
}

/// Why a TLS handshake failed: what is wrong, and in the words of the library.
#[derive(Debug)]
pub struct TlsError {
    problem: TlsProblem,
    source: Box<dyn StdError + Send + Sync>,
}

/// What is wrong when a TLS handshake fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TlsProblem {
    /// This port speaks plaintext: IMAP without TLS from the first byte.
    /// [`start_tls`](crate::ClientBuilder::start_tls) may be what it wants.
    NotTls,
    /// The certificate was issued for another name.
    WrongName,
    /// The certificate's time is over.
    Expired,
    /// The certificate's time has not begun; often it is this machine's clock that is wrong.
    NotYetValid,
    /// Nobody who is trusted vouches for the certificate; it may have signed itself.
    UnknownIssuer,
    /// The certificate was revoked.
    Revoked,
    /// The certificate is none of those that were
    /// [pinned](crate::ClientBuilder::pin_certificate_sha256).
    Pin,
    /// The server wants a [client certificate](crate::ClientBuilder::client_certificate_pem), or
    /// another one.
    ClientCertificate,
    /// The server has no version of TLS that is new enough, or no cipher in common.
    Version,
    /// The other end closed the connection in the middle.
    Closed,
    /// Something else; the library's words are all there is.
    Other,
}

impl TlsError {
    pub(crate) fn new(
        problem: TlsProblem,
        source: impl Into<Box<dyn StdError + Send + Sync>>,
    ) -> Self {
        Self {
            problem,
            source: source.into(),
        }
    }

    /// What is wrong.
    #[must_use]
    pub fn problem(&self) -> TlsProblem {
        self.problem
    }
}

impl fmt::Display for TlsProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotTls => "this port speaks plaintext",
            Self::WrongName => "the certificate is for another name",
            Self::Expired => "the certificate has expired",
            Self::NotYetValid => "the certificate is not valid yet",
            Self::UnknownIssuer => "nobody who is trusted vouches for the certificate",
            Self::Revoked => "the certificate was revoked",
            Self::Pin => "the certificate is not the pinned one",
            Self::ClientCertificate => "the server wants another client certificate",
            Self::Version => "no version of TLS or cipher in common",
            Self::Closed => "the other end closed the connection in the handshake",
            Self::Other => "the handshake failed",
        })
    }
}

impl fmt::Display for TlsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.problem, self.source)
    }
}

impl StdError for TlsError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        Some(&*self.source)
    }
}

impl fmt::Debug for TlsSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TlsSettings")
            .field("backend", &self.backend)
            .field("minimum", &self.minimum)
            .field("roots", &self.roots.len())
            .field("only_these_roots", &self.only_these_roots)
            .field("pins", &self.pins.len())
            .field("client_certificate", &self.identity.is_some())
            .field("name", &self.name)
            .field(
                "danger_accept_invalid_certificates",
                &self.danger_accept_invalid_certificates,
            )
            .field(
                "danger_accept_invalid_names",
                &self.danger_accept_invalid_names,
            )
            .finish()
    }
}
