//! How TLS is set up, whichever library does it, and why it did not come about.

use std::error::Error as StdError;
use std::fmt;
use std::io;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::sync::Arc;
#[cfg(any(feature = "native-tls", feature = "rustls"))]
use std::sync::{Mutex, MutexGuard, PoisonError};

use zeroize::Zeroizing;

use crate::printable::Printable;

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
    /// Made of these settings at the first connection, and shared by all clones of them.
    pub(crate) connectors: Arc<Connectors>,
}

/// The connectors that were made of some settings, one for each library. They are costly: the
/// system's authorities are read, and are kept with them.
#[derive(Default)]
pub(crate) struct Connectors {
    #[cfg(feature = "native-tls")]
    pub(crate) native_tls: Kept<native_tls::TlsConnector>,
    #[cfg(feature = "rustls")]
    pub(crate) rustls: Kept<Arc<rustls::ClientConfig>>,
}

/// Something that is made when it is needed first, and kept.
#[cfg(any(feature = "native-tls", feature = "rustls"))]
pub(crate) struct Kept<T>(Mutex<Option<T>>);

#[cfg(any(feature = "native-tls", feature = "rustls"))]
impl<T: Clone> Kept<T> {
    /// What is kept, made by `make` if there is none. What cannot be made is tried again.
    ///
    /// Nothing is locked while it is made: a TLS library calls the caller's logger, which may connect
    /// too. Two threads that need it first may both make one; the first is kept.
    pub(crate) fn get_or_make<E>(&self, make: impl FnOnce() -> Result<T, E>) -> Result<T, E> {
        if let Some(made) = &*self.lock() {
            return Ok(made.clone());
        }
        let made = make()?;
        Ok(self.lock().get_or_insert(made).clone())
    }

    fn lock(&self) -> MutexGuard<'_, Option<T>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(any(feature = "native-tls", feature = "rustls"))]
impl<T> Default for Kept<T> {
    fn default() -> Self {
        Self(Mutex::new(None))
    }
}

impl TlsSettings {
    /// To change what a connector is made of: those that were made are for the settings as they were.
    pub(crate) fn changed(&mut self) -> &mut Self {
        self.connectors = Arc::default();
        self
    }

    /// The name that the certificate must bear, in the one form that every library takes: without
    /// the brackets and the zone of an IPv6 address, and without the dot at the end of an absolute
    /// name.
    pub(crate) fn name<'a>(&'a self, host: &'a str) -> Result<&'a str, Refusal> {
        let whole = self.name.as_deref().unwrap_or(host);
        let name = whole.strip_prefix('[');
        let name = name
            .and_then(|name| name.strip_suffix(']'))
            .unwrap_or(whole);
        let address = name.split_once('%').map_or(name, |(address, _)| address);
        if address.parse::<Ipv6Addr>().is_ok() {
            return Ok(address);
        }
        let name = name.strip_suffix('.').unwrap_or(name);
        if name.parse::<Ipv4Addr>().is_ok() || is_dns_name(name) {
            return Ok(name);
        }
        let problem = match name.is_ascii() {
            true => {
                "is neither an address nor the name of a host; ClientBuilder::server_name names \
                     what the certificate must bear"
            }
            false => "is not ASCII: write its labels as A-labels (xn--..., RFC 5890)",
        };
        Err(Refusal::Settings(
            format!("the name {whole:?} {problem}").into(),
        ))
    }
}

/// Whether it is what a certificate can name (RFC 5280 section 4.2.1.6), or almost: underscores are
/// in use. The last label of a name is no number.
fn is_dns_name(name: &str) -> bool {
    let is_label = |label: &str| {
        let octets = label.as_bytes();
        let is_edge = |octet: Option<&u8>| octet.is_some_and(|octet| *octet != b'-');
        let is_in_label = |octet: &u8| octet.is_ascii_alphanumeric() || b"-_".contains(octet);
        octets.len() <= 63
            && is_edge(octets.first())
            && is_edge(octets.last())
            && octets.iter().all(is_in_label)
    };
    let last = name.rsplit('.').next().unwrap_or_default();
    name.len() <= 253
        && name.split('.').all(is_label)
        && !last.bytes().all(|octet| octet.is_ascii_digit())
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
    problem: TlsErrorKind,
    source: Box<dyn StdError + Send + Sync>,
}

/// What is wrong when a TLS handshake fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TlsErrorKind {
    /// This port speaks plaintext: IMAP without TLS from the first byte.
    /// [`start_tls`](crate::ClientBuilder::start_tls) may be what it wants.
    NotTls,
    /// The certificate was issued for another name.
    WrongName,
    /// The certificate's time is over.
    Expired,
    /// The certificate's time has not begun; often it is this machine's clock that is wrong.
    NotYetValid,
    /// The issuer of the certificate is not trusted; the certificate may be self-signed.
    /// [`root_certificates_pem`](crate::ClientBuilder::root_certificates_pem) adds an issuer.
    UnknownIssuer,
    /// The certificate was revoked.
    Revoked,
    /// The certificate is none of those that were
    /// [pinned](crate::ClientBuilder::pin_certificate_sha256).
    Pin,
    /// The server wants a [client certificate](crate::ClientBuilder::client_certificate_pem), or
    /// another one. With TLS 1.3 it may say so only after the handshake.
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
        problem: TlsErrorKind,
        source: impl Into<Box<dyn StdError + Send + Sync>>,
    ) -> Self {
        Self {
            problem,
            source: source.into(),
        }
    }

    /// What is wrong.
    #[must_use]
    pub fn kind(&self) -> TlsErrorKind {
        self.problem
    }
}

/// For what a transport reads or writes.
impl From<TlsError> for io::Error {
    fn from(error: TlsError) -> Self {
        Self::new(io::ErrorKind::ConnectionAborted, error)
    }
}

impl fmt::Display for TlsErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotTls => "this port speaks plaintext; ClientBuilder::start_tls upgrades it to TLS",
            Self::WrongName => {
                "the certificate is for another name; ClientBuilder::server_name sets the expected one"
            }
            Self::Expired => "the certificate has expired",
            Self::NotYetValid => "the certificate is not valid yet; check the clock of this machine",
            Self::UnknownIssuer => {
                "the issuer of the certificate is not trusted; \
                 ClientBuilder::root_certificates_pem adds one"
            }
            Self::Revoked => "the certificate was revoked",
            Self::Pin => {
                "the certificate is not pinned by ClientBuilder::pin_certificate_sha256 or \
                 pin_public_key_sha256"
            }
            Self::ClientCertificate => {
                "the server requires a client certificate, or another one \
                 (ClientBuilder::client_certificate_pem)"
            }
            Self::Version => {
                "no version of TLS or cipher in common (ClientBuilder::minimum_tls_version)"
            }
            Self::Closed => "the other end closed the connection in the handshake",
            Self::Other => "the handshake failed",
        })
    }
}

impl fmt::Display for TlsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words = self.source.to_string();
        write!(f, "{} ({})", self.problem, Printable(words))
    }
}

impl StdError for TlsError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.source.source()
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

impl fmt::Display for TlsVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Tls12 => "TLS 1.2",
            Self::Tls13 => "TLS 1.3",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(any(feature = "native-tls", feature = "rustls"))]
    #[test]
    fn fault_74_a_connector_is_made_once_by_all_who_share_it() {
        use std::sync::atomic::{AtomicUsize, Ordering};
        let (kept, made) = (Kept::default(), AtomicUsize::new(0));
        let make = || match made.fetch_add(1, Ordering::Relaxed) {
            0 => Err("not yet"),
            count => Ok(count),
        };
        assert_eq!(kept.get_or_make(make), Err("not yet"));
        let first = kept.get_or_make(make);
        assert_eq!(first, Ok(1));
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| assert_eq!(kept.get_or_make(make), first));
            }
        });
        assert_eq!(made.load(Ordering::Relaxed), 2);
    }

    /// As a logger may that a TLS library calls while it makes one.
    #[cfg(any(feature = "native-tls", feature = "rustls"))]
    #[test]
    fn fault_10_what_is_called_while_a_connector_is_made_may_need_one_too() {
        let kept = Kept::default();
        let outer = kept.get_or_make(|| {
            let inner = kept.get_or_make(|| Ok::<_, ()>("inner"));
            assert_eq!(inner, Ok("inner"));
            Ok::<_, ()>("outer")
        });
        assert_eq!(outer, Ok("inner"));
    }

    #[test]
    fn fault_74_clones_share_connectors_until_one_is_changed() {
        let mut settings = TlsSettings::default();
        let clone = settings.clone();
        assert!(Arc::ptr_eq(&settings.connectors, &clone.connectors));
        settings.changed().only_these_roots = true;
        assert!(!Arc::ptr_eq(&settings.connectors, &clone.connectors));
    }

    #[test]
    fn fault_68_a_name_has_one_form_for_every_library() {
        let settings = TlsSettings::default();
        for (host, expected) in [
            ("imap.example.com", Some("imap.example.com")),
            ("imap.example.com.", Some("imap.example.com")),
            ("IMAP.Example.COM", Some("IMAP.Example.COM")),
            ("xn--bcher-kva.example", Some("xn--bcher-kva.example")),
            ("my_host", Some("my_host")),
            ("localhost", Some("localhost")),
            ("127.0.0.1", Some("127.0.0.1")),
            ("127.0.0.1.", Some("127.0.0.1")),
            ("::1", Some("::1")),
            ("[::1]", Some("::1")),
            ("[fe80::1%eth0]", Some("fe80::1")),
            ("fe80::1%2", Some("fe80::1")),
            ("b\u{fc}cher.example", None),
            ("imap.example.com..", None),
            (".example.com", None),
            ("", None),
            (".", None),
            ("-a.example", None),
            ("a b", None),
            ("a\0b", None),
            ("1.2.3", None),
            ("1.2.3.4.5", None),
            ("*.example.com", None),
        ] {
            let name = settings.name(host);
            assert_eq!(name.as_ref().ok().copied(), expected, "{host}");
            assert!(matches!(name, Ok(_) | Err(Refusal::Settings(_))));
        }
        let long = format!("{}.example", "a".repeat(64));
        assert!(settings.name(&long).is_err());
    }
}
