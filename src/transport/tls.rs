//! The settings of TLS for all libraries, and the errors of its handshake.

use std::error::Error as StdError;
use std::fmt;
use std::io;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::sync::Arc;
#[cfg(any(feature = "native-tls", feature = "rustls"))]
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
#[cfg(any(feature = "native-tls", feature = "rustls"))]
use std::thread::{self, ThreadId};
#[cfg(any(feature = "native-tls", feature = "rustls"))]
use std::time::{Duration, Instant};

use zeroize::Zeroizing;

use crate::printable::Printable;

/// A TLS library, selected by [`ClientBuilder::tls_backend`].
///
/// There is a variant for each library that was built in. Both pass the same tests.
///
/// [`ClientBuilder::tls_backend`]: crate::ClientBuilder::tls_backend
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TlsBackend {
    /// The platform's library: OpenSSL on Linux, Secure Transport on macOS, SChannel on Windows.
    ///
    /// The default if it is built in (feature `native-tls`, on by default).
    #[cfg(feature = "native-tls")]
    NativeTls,
    /// rustls with ring, and the platform's certificate verifier (feature `rustls`).
    #[cfg(feature = "rustls")]
    Rustls,
}

impl TlsBackend {
    /// The library that is used by default; `None` if none was built in.
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

/// The oldest TLS version that is accepted; versions before 1.2 never are (RFC 8996).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum TlsVersion {
    /// TLS 1.2 (RFC 5246). The default.
    #[default]
    Tls12,
    /// TLS 1.3 (RFC 8446). Not supported by the platform's library on macOS.
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

/// The client's certificates and key.
#[derive(Clone)]
pub(crate) struct ClientIdentity {
    /// Certificates in PEM, the client's own first.
    pub(crate) chain: Arc<[u8]>,
    /// The private key in PEM.
    pub(crate) key: Arc<Zeroizing<Vec<u8>>>,
}

impl ClientIdentity {
    /// The SHA-256 of the first certificate's PEM text between its lines, without blanks.
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

/// A SHA-256 that the server's certificate or its key must have.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pin {
    /// The hash of the whole certificate in DER.
    Certificate([u8; 32]),
    /// The hash of its public key: the SubjectPublicKeyInfo in DER (RFC 7469 section 2.4).
    PublicKey([u8; 32]),
}

/// The requirements of a TLS handshake.
#[derive(Clone, Default)]
pub(crate) struct TlsSettings {
    /// The library that does it.
    pub(crate) backend: Option<TlsBackend>,
    /// The oldest version that is accepted.
    pub(crate) minimum: TlsVersion,
    /// Certificates that are trusted in addition to the system's.
    pub(crate) roots: Vec<RootCertificate>,
    /// Whether only `roots` are trusted.
    pub(crate) only_these_roots: bool,
    /// If there are any, one of them has to match.
    pub(crate) pins: Vec<Pin>,
    /// Sent if the server requests it.
    pub(crate) identity: Option<ClientIdentity>,
    /// The name that the certificate must have, if it is not the host's.
    pub(crate) name: Option<String>,
    /// Whether a certificate from an untrusted issuer is accepted.
    pub(crate) danger_accept_invalid_certificates: bool,
    /// Whether a certificate for another name is accepted.
    pub(crate) danger_accept_invalid_names: bool,
    /// The connectors of these settings, made at the first connection, shared by all clones.
    pub(crate) connectors: Arc<Connectors>,
}

/// The connectors of some settings, one for each library.
///
/// They are costly: making one reads the system's authorities, which it then keeps.
#[derive(Default)]
pub(crate) struct Connectors {
    #[cfg(feature = "native-tls")]
    pub(crate) native_tls: Kept<native_tls::TlsConnector>,
    #[cfg(feature = "rustls")]
    pub(crate) rustls: Kept<Arc<rustls::ClientConfig>>,
}

/// A value that is made at its first use, and kept.
#[cfg(any(feature = "native-tls", feature = "rustls"))]
pub(crate) struct Kept<T> {
    stage: Mutex<Stage<T>>,
    has_changed: Condvar,
}

#[cfg(any(feature = "native-tls", feature = "rustls"))]
enum Stage<T> {
    Nothing,
    MadeBy(ThreadId),
    Made(T),
}

/// How long a thread waits for what another one makes, which takes some 40 ms.
#[cfg(any(feature = "native-tls", feature = "rustls"))]
const PATIENCE: Duration = Duration::from_secs(2);

#[cfg(any(feature = "native-tls", feature = "rustls"))]
impl<T: Clone> Kept<T> {
    /// Returns the kept value, made by `make` if there is none. After a failure, the next call
    /// tries again.
    ///
    /// Threads that need it at once wait for the first. No lock is held while it is made: a TLS
    /// library calls the caller's logger, which may connect too, or wait for a thread that does. Then
    /// two are made, and the one that is ready first is kept.
    pub(crate) fn get_or_make<E>(&self, make: impl FnOnce() -> Result<T, E>) -> Result<T, E> {
        let mut stage = self.lock();
        let mut until = None;
        loop {
            match &*stage {
                Stage::Made(made) => return Ok(made.clone()),
                Stage::MadeBy(thread) if *thread != thread::current().id() => {
                    let now = Instant::now();
                    let left = *until.get_or_insert(now + PATIENCE) - now;
                    if left.is_zero() {
                        break;
                    }
                    let waited = self.has_changed.wait_timeout(stage, left);
                    stage = waited.unwrap_or_else(PoisonError::into_inner).0;
                }
                Stage::MadeBy(_) => break,
                Stage::Nothing => {
                    *stage = Stage::MadeBy(thread::current().id());
                    break;
                }
            }
        }
        drop(stage);
        let _making = Making(self);
        let made = make()?;
        let mut stage = self.lock();
        if let Stage::Made(kept) = &*stage {
            return Ok(kept.clone());
        }
        *stage = Stage::Made(made.clone());
        Ok(made)
    }
}

#[cfg(any(feature = "native-tls", feature = "rustls"))]
impl<T> Kept<T> {
    fn lock(&self) -> MutexGuard<'_, Stage<T>> {
        self.stage.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(any(feature = "native-tls", feature = "rustls"))]
impl<T> Default for Kept<T> {
    fn default() -> Self {
        Self {
            stage: Mutex::new(Stage::Nothing),
            has_changed: Condvar::new(),
        }
    }
}

/// Wakes those who wait for what this thread makes, also if that failed or panicked.
#[cfg(any(feature = "native-tls", feature = "rustls"))]
struct Making<'k, T>(&'k Kept<T>);

#[cfg(any(feature = "native-tls", feature = "rustls"))]
impl<T> Drop for Making<'_, T> {
    fn drop(&mut self) {
        let mut stage = self.0.lock();
        if matches!(&*stage, Stage::MadeBy(thread) if *thread == thread::current().id()) {
            *stage = Stage::Nothing;
        }
        drop(stage);
        self.0.has_changed.notify_all();
    }
}

impl TlsSettings {
    /// Resets the connectors, because the settings are about to change.
    pub(crate) fn changed(&mut self) -> &mut Self {
        self.connectors = Arc::default();
        self
    }

    /// The name that the certificate must have, in the one form that every library accepts.
    ///
    /// That is without the brackets and the zone of an IPv6 address, and without the dot at the end
    /// of an absolute name.
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

/// Whether a certificate can have this host name (RFC 5280 section 4.2.1.6).
///
/// Underscores are allowed too, because they are in use. The last label of a name is no number.
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

/// The reason why no TLS connection was made.
#[derive(Debug)]
pub(crate) enum Refusal {
    /// The settings are invalid, such as a certificate that does not parse.
    Settings(Box<dyn StdError + Send + Sync>),
    /// The handshake failed.
    Handshake(TlsError),
    /// The other end sent this, which is not TLS.
    NotTls(Vec<u8>),
    /// The handshake timed out.
    Timeout,
}

/// The error of a TLS handshake: its kind, and the text of the library.
#[derive(Debug)]
pub struct TlsError {
    problem: TlsErrorKind,
    source: Box<dyn StdError + Send + Sync>,
}

/// The kind of error of a TLS handshake.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TlsErrorKind {
    /// The port speaks plaintext, not implicit TLS.
    ///
    /// [`start_tls`](crate::ClientBuilder::start_tls) may be what the server supports.
    NotTls,
    /// The certificate was issued for another name.
    WrongName,
    /// The certificate has expired.
    Expired,
    /// The certificate is not valid yet; often the clock of this machine is wrong.
    NotYetValid,
    /// The issuer of the certificate is not trusted; the certificate may be self-signed.
    ///
    /// [`root_certificates_pem`](crate::ClientBuilder::root_certificates_pem) adds an issuer.
    UnknownIssuer,
    /// The certificate was revoked.
    Revoked,
    /// The certificate is not one of the [pinned](crate::ClientBuilder::pin_certificate_sha256)
    /// ones.
    Pin,
    /// The server requires a client certificate, or another one.
    ///
    /// [`client_certificate_pem`](crate::ClientBuilder::client_certificate_pem) sets it. With TLS
    /// 1.3, the server may report this only after the handshake.
    ClientCertificate,
    /// Client and server have no common TLS version that is accepted, or no common cipher.
    Version,
    /// The other end closed the connection during the handshake.
    Closed,
    /// Another error, described only by the text of the library.
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

    /// The kind of the error.
    #[must_use]
    pub fn kind(&self) -> TlsErrorKind {
        self.problem
    }
}

/// The error of a read or write of a transport.
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

    /// As those of a pool do: a connector reads the authorities of the system, which takes long.
    #[cfg(any(feature = "native-tls", feature = "rustls"))]
    #[test]
    fn threads_that_need_a_connector_at_once_wait_for_one() {
        use std::sync::atomic::{AtomicUsize, Ordering};
        const THREADS: usize = 8;
        let (kept, made, come) = (Kept::default(), AtomicUsize::new(0), AtomicUsize::new(0));
        thread::scope(|scope| {
            for _ in 0..THREADS {
                scope.spawn(|| {
                    come.fetch_add(1, Ordering::SeqCst);
                    let got = kept.get_or_make(|| {
                        let number = made.fetch_add(1, Ordering::Relaxed);
                        while come.load(Ordering::SeqCst) < THREADS {
                            thread::yield_now();
                        }
                        Ok::<_, ()>(number)
                    });
                    assert_eq!(got, Ok(0));
                });
            }
        });
        assert_eq!(made.load(Ordering::Relaxed), 1);
    }

    #[cfg(any(feature = "native-tls", feature = "rustls"))]
    #[test]
    fn a_connector_whose_making_failed_or_panicked_is_made_by_the_next() {
        let kept = Kept::default();
        thread::scope(|scope| {
            let panicked = scope.spawn(|| kept.get_or_make(|| -> Result<u8, ()> { panic!() }));
            assert!(panicked.join().is_err());
            assert!(matches!(*kept.lock(), Stage::Nothing));
            let failed = scope.spawn(|| kept.get_or_make(|| Err::<u8, _>("no")));
            assert_eq!(failed.join().unwrap(), Err("no"));
            assert!(matches!(*kept.lock(), Stage::Nothing));
        });
        assert_eq!(kept.get_or_make(|| Ok::<_, ()>(7)), Ok(7));
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
