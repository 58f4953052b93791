//! How a client connects: address, TLS, deadlines, limits, and what it is allowed to risk.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use zeroize::Zeroizing;

use crate::transport::Shutdown;
#[cfg(feature = "proxy")]
use crate::transport::proxy::Proxy;
use crate::transport::tls::{
    ClientIdentity, Pin, RootCertificate, TlsBackend, TlsSettings, TlsVersion,
};
use crate::types::capability::Capability;
use crate::types::server_url::ServerUrl;
use crate::wire::limits::Limits;

/// The port of IMAP inside TLS (RFC 8314).
const PORT_IMPLICIT_TLS: u16 = 993;

/// The port of IMAP that begins in cleartext (RFC 9051 section 2.1).
const PORT_CLEARTEXT: u16 = 143;

/// When TLS begins, if it does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TlsMode {
    /// From the first byte, on port 993 unless another is named. The default.
    Implicit,
    /// After a STARTTLS command (RFC 9051 section 6.2.1), on port 143 unless another is named.
    /// Required: a server that has it not, or refuses it, is an error.
    StartTls,
    /// Never. Chosen by [`ClientBuilder::danger_plaintext`].
    Plaintext,
}

/// How long each stage may take; all are finite, each is an option of [`ClientBuilder`].
#[derive(Clone, Copy, Debug)]
pub(crate) struct Timeouts {
    pub(crate) connect: Duration,
    pub(crate) tls: Duration,
    pub(crate) greeting: Duration,
    pub(crate) read: Duration,
    pub(crate) write: Duration,
    pub(crate) command: Duration,
    pub(crate) logout: Duration,
    pub(crate) lock: Option<Duration>,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(30),
            tls: Duration::from_secs(30),
            greeting: Duration::from_secs(30),
            read: Duration::from_secs(60),
            write: Duration::from_secs(60),
            command: Duration::from_secs(600),
            logout: Duration::from_secs(5),
            lock: None,
        }
    }
}

/// How the queue for the lock is to behave.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Manners {
    /// How often a waiter may be overtaken.
    pub(crate) overtaking: u32,
    /// How long a turn may be before it is told in the log, once.
    pub(crate) long_hold: Duration,
}

/// What a connection keeps to: its deadlines, and how much it takes in.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bounds {
    pub(crate) timeouts: Timeouts,
    pub(crate) limits: Limits,
    /// Octets of all the responses to one command that is not read as a stream.
    pub(crate) answer: u64,
    /// When connecting and logging in have to be done, whatever each stage may take.
    pub(crate) until: Option<Instant>,
    /// How long a FETCH that is throttled may be put off in all.
    pub(crate) throttle_ceiling: Duration,
}

impl Bounds {
    /// When a stage ends that begins now and may take so long.
    pub(crate) fn deadline(&self, limit: Duration) -> Option<Instant> {
        let end = Instant::now().checked_add(limit);
        match (end, self.until) {
            (Some(end), Some(until)) => Some(end.min(until)),
            (end, until) => end.or(until),
        }
    }
}

impl Default for Bounds {
    fn default() -> Self {
        let (timeouts, limits) = (Timeouts::default(), Limits::default());
        Self {
            timeouts,
            limits,
            answer: 256 << 20,
            until: None,
            throttle_ceiling: Duration::ZERO,
        }
    }
}

/// Told how to end the socket as soon as there is one.
pub(crate) type OnSocket = Arc<dyn Fn(Option<Shutdown>) + Send + Sync>;

/// Settles how to connect, then connects.
///
/// Made by [`Client::builder`](crate::Client::builder). What is not set has a safe default: TLS
/// from the first byte, the system's certificates, finite deadlines and limits.
///
/// ```
/// use std::time::Duration;
/// use latchbox::Client;
///
/// # let server = latchbox_server::Server::start()?;
/// let client = Client::builder("127.0.0.1")
///     .port(server.port())
///     .danger_plaintext()
///     .connect_timeout(Duration::from_secs(5))
///     .connect()?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
#[must_use = "a builder does nothing until `connect` is called"]
pub struct ClientBuilder {
    pub(crate) host: String,
    port: Option<u16>,
    pub(crate) mode: TlsMode,
    pub(crate) tls: TlsSettings,
    pub(crate) bounds: Bounds,
    pub(crate) manners: Manners,
    pub(crate) accept_preauth: bool,
    pub(crate) cleartext_login: bool,
    pub(crate) on_socket: Option<OnSocket>,
    #[cfg(feature = "proxy")]
    pub(crate) proxy: Option<Proxy>,
    #[cfg(feature = "compress")]
    pub(crate) compress: bool,
    pub(crate) identity: Identity,
    pub(crate) set_up: SetUp,
}

/// What is done as soon as somebody is logged in.
#[derive(Clone, Debug, Default)]
pub(crate) struct SetUp {
    pub(crate) enable: Arc<[Capability]>,
    pub(crate) namespaces: bool,
}

/// What the server is told of the program that connects (ID, RFC 2971).
#[derive(Clone, Debug, Default)]
pub(crate) struct Identity {
    pub(crate) fields: Arc<[(String, String)]>,
    pub(crate) before_login: bool,
}

impl ClientBuilder {
    pub(crate) fn new(host: &str) -> Self {
        Self {
            host: host.to_owned(),
            port: None,
            mode: TlsMode::Implicit,
            tls: TlsSettings::default(),
            bounds: Bounds::default(),
            manners: Manners {
                overtaking: 16,
                long_hold: Duration::from_secs(60),
            },
            accept_preauth: false,
            cleartext_login: false,
            on_socket: None,
            #[cfg(feature = "proxy")]
            proxy: None,
            #[cfg(feature = "compress")]
            compress: false,
            identity: Identity::default(),
            set_up: SetUp::default(),
        }
    }

    /// The settings that a URL names: host, port, and how TLS begins. Its user and mechanism are for
    /// the login.
    pub fn from_url(url: &ServerUrl) -> Self {
        let builder = Self::new(url.host());
        let builder = match url.is_start_tls() {
            true => builder.start_tls(),
            false => builder,
        };
        match url.port() {
            Some(port) => builder.port(port),
            None => builder,
        }
    }

    /// The port; 993 with implicit TLS and 143 otherwise unless set.
    pub fn port(mut self, port: u16) -> Self {
        self.port = Some(port);
        self
    }

    /// Begins in cleartext and requires STARTTLS before anything else (RFC 9051 section 6.2.1).
    ///
    /// Never opportunistic: where the server cannot or will not, connecting fails, and no
    /// credential is ever sent.
    pub fn start_tls(mut self) -> Self {
        self.mode = TlsMode::StartTls;
        self
    }

    /// Uses no TLS at all: everything can be read and changed on the way.
    ///
    /// For loopback, tunnels, and streams that are already private. Passwords are still refused
    /// unless [`danger_cleartext_login`](Self::danger_cleartext_login) allows them too.
    pub fn danger_plaintext(mut self) -> Self {
        self.mode = TlsMode::Plaintext;
        self
    }

    /// Lets a login that shows the password be sent without TLS.
    pub fn danger_cleartext_login(mut self) -> Self {
        self.cleartext_login = true;
        self
    }

    /// Says who this program is, right after each login and before anything else (ID, RFC 2971):
    /// names and values such as `("name", "mailtool")`. Not said unless set.
    ///
    /// It is sent where the server advertises ID, and a server that refuses it is none the worse.
    /// The mail servers of NetEase (163.com, 126.com, yeah.net) let nobody open a mailbox who has
    /// not said who he is. [`Session::id`](crate::Session::id) asks who the server is.
    ///
    /// ```
    /// use latchbox::Client;
    ///
    /// # let server = latchbox_server::Server::start()?;
    /// # let builder = Client::builder("127.0.0.1").port(server.port()).danger_plaintext()
    /// #     .danger_cleartext_login();
    /// # let _ = stringify! {
    /// let builder = Client::builder("imap.163.com");
    /// # };
    /// let session = builder
    ///     .identify([("name", "mailtool"), ("version", "1.0")])
    ///     .connect()?
    ///     .login("jane@example.com", "correct-horse")
    ///     .map_err(|(error, _client)| error)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn identify<N: Into<String>, V: Into<String>>(
        mut self,
        fields: impl IntoIterator<Item = (N, V)>,
    ) -> Self {
        let fields = fields.into_iter();
        self.identity.fields = fields.map(|(n, v)| (n.into(), v.into())).collect();
        self
    }

    /// Says what [`identify`](Self::identify) gives before the login, too.
    ///
    /// For servers that let only programs log in which they know. Others, and proxies in front of
    /// them, do not take ID before the login, so that after it is the default.
    pub fn identify_before_login(mut self) -> Self {
        self.identity.before_login = true;
        self
    }

    /// Switches these extensions on as soon as somebody is logged in (ENABLE, RFC 5161): those of
    /// them that the server has, and none on a server without ENABLE. None unless set.
    ///
    /// What the login leaves to be asked (the capabilities unless they came with it, ID, NAMESPACE,
    /// ENABLE) is asked in one go, so that it costs one round trip in all.
    ///
    /// ```
    /// # let server = latchbox_server::Server::start()?;
    /// # let builder = latchbox::Client::builder("127.0.0.1").port(server.port())
    /// #     .danger_plaintext().danger_cleartext_login();
    /// use latchbox::types::Capability;
    ///
    /// # let _ = stringify! {
    /// let builder = latchbox::Client::builder("imap.example.com");
    /// # };
    /// let session = builder
    ///     .enable([Capability::CondStore])
    ///     .namespace()
    ///     .identify([("name", "mailtool")])
    ///     .connect()?
    ///     .login("jane@example.com", "correct-horse")
    ///     .map_err(|(error, _client)| error)?;
    /// let namespaces = session.namespace()?; // known already
    /// # let _ = namespaces;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn enable(mut self, capabilities: impl IntoIterator<Item = Capability>) -> Self {
        self.set_up.enable = capabilities.into_iter().collect();
        self
    }

    /// Asks for the namespaces as soon as somebody is logged in (NAMESPACE, RFC 9051 section
    /// 6.3.10), along with what else is asked then; [`Session::namespace`] then sends nothing. Not
    /// done unless set, nor on a server without NAMESPACE.
    ///
    /// [`Session::namespace`]: crate::Session::namespace
    pub fn namespace(mut self) -> Self {
        self.set_up.namespaces = true;
        self
    }

    /// Trusts these certificate authorities too: one or more certificates in PEM.
    ///
    /// Bytes that are no certificate make connecting fail.
    pub fn root_certificates_pem(mut self, pem: impl Into<Vec<u8>>) -> Self {
        self.tls.roots.push(RootCertificate::Pem(pem.into()));
        self
    }

    /// Trusts this certificate authority too: one certificate in DER.
    pub fn root_certificate_der(mut self, der: impl Into<Vec<u8>>) -> Self {
        self.tls.roots.push(RootCertificate::Der(der.into()));
        self
    }

    /// Trusts only the certificates given to this builder, none of the system's.
    pub fn only_given_roots(mut self) -> Self {
        self.tls.only_these_roots = true;
        self
    }

    /// The name that the server's certificate must bear, when it is not the host's.
    pub fn server_name(mut self, name: impl Into<String>) -> Self {
        self.tls.name = Some(name.into());
        self
    }

    /// Has TLS done by this library, of those that were built in.
    ///
    /// Unless set it is native-tls, and rustls where only that was built in. A library that needs
    /// one of them says so here, because another crate of the same program may switch the other on.
    pub fn tls_backend(mut self, backend: TlsBackend) -> Self {
        self.tls.backend = Some(backend);
        self
    }

    /// Accepts no version of TLS older than this one; TLS 1.2 unless set.
    pub fn minimum_tls_version(mut self, version: TlsVersion) -> Self {
        self.tls.minimum = version;
        self
    }

    /// Shows the server this certificate when it asks for one: in PEM, the client's own first and
    /// then those that lead to its authority, and the private key in PEM (PKCS #8).
    ///
    /// Often followed by a login by the mechanism EXTERNAL. Bytes that are no certificate or key
    /// make connecting fail.
    pub fn client_certificate_pem(
        mut self,
        chain: impl AsRef<[u8]>,
        key: impl Into<Vec<u8>>,
    ) -> Self {
        self.tls.identity = Some(ClientIdentity {
            chain: chain.as_ref().into(),
            key: Arc::new(Zeroizing::new(key.into())),
        });
        self
    }

    /// Accepts only a certificate with this SHA-256, as `openssl x509 -fingerprint -sha256` shows
    /// it. Of several pins of either kind, one has to match.
    ///
    /// What else is verified still is. For a certificate that no authority vouches for, add
    /// [`danger_accept_invalid_certificates`](Self::danger_accept_invalid_certificates): then the
    /// pin alone decides, and there is no danger as long as the server keeps its key to itself.
    pub fn pin_certificate_sha256(mut self, hash: [u8; 32]) -> Self {
        self.tls.pins.push(Pin::Certificate(hash));
        self
    }

    /// Accepts only a certificate whose public key (SubjectPublicKeyInfo) has this SHA-256 (RFC
    /// 7469 section 2.4). It outlives a certificate that is renewed with the same key.
    ///
    /// Otherwise like [`pin_certificate_sha256`](Self::pin_certificate_sha256).
    pub fn pin_public_key_sha256(mut self, hash: [u8; 32]) -> Self {
        self.tls.pins.push(Pin::PublicKey(hash));
        self
    }

    /// Connects through this proxy, within the
    /// [`connect_timeout`](Self::connect_timeout).
    ///
    /// TLS is with the server, whose certificate is verified for the server's name; the proxy sees
    /// what anybody on the way sees.
    #[cfg(feature = "proxy")]
    pub fn proxy(mut self, proxy: Proxy) -> Self {
        self.proxy = Some(proxy);
        self
    }

    /// Compresses the connection after the login where the server can (COMPRESS=DEFLATE, RFC
    /// 4978), for one round trip more; see [`Session::compress`](crate::Session::compress).
    ///
    /// A server that cannot, or refuses, is spoken to without.
    #[cfg(feature = "compress")]
    pub fn compress(mut self) -> Self {
        self.compress = true;
        self
    }

    /// Accepts a certificate that nobody vouches for, or that has expired. Such a certificate can
    /// bear any name, so its name is not looked at either.
    pub fn danger_accept_invalid_certificates(mut self) -> Self {
        self.tls.danger_accept_invalid_certificates = true;
        self
    }

    /// Accepts a certificate that was issued for another name.
    pub fn danger_accept_invalid_names(mut self) -> Self {
        self.tls.danger_accept_invalid_names = true;
        self
    }

    /// Accepts a greeting of PREAUTH (RFC 9051 section 7.1.4), which makes the connection
    /// authenticated without a login; see [`Client::into_preauthenticated`].
    ///
    /// Without it such a greeting is an error. With STARTTLS it is always one: there it could
    /// only keep TLS from beginning.
    ///
    /// [`Client::into_preauthenticated`]: crate::Client::into_preauthenticated
    pub fn accept_preauth(mut self) -> Self {
        self.accept_preauth = true;
        self
    }

    /// How long looking the name up and connecting may take, all addresses together; 30 seconds
    /// unless set.
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.bounds.timeouts.connect = timeout;
        self
    }

    /// How long the TLS handshake may take; 30 seconds unless set.
    pub fn tls_timeout(mut self, timeout: Duration) -> Self {
        self.bounds.timeouts.tls = timeout;
        self
    }

    /// How long the server may take to greet; 30 seconds unless set.
    pub fn greeting_timeout(mut self, timeout: Duration) -> Self {
        self.bounds.timeouts.greeting = timeout;
        self
    }

    /// How long the server may be silent while an answer is due; 60 seconds unless set.
    pub fn read_timeout(mut self, timeout: Duration) -> Self {
        self.bounds.timeouts.read = timeout;
        self
    }

    /// How long the server may take to accept more bytes; 60 seconds unless set.
    pub fn write_timeout(mut self, timeout: Duration) -> Self {
        self.bounds.timeouts.write = timeout;
        self
    }

    /// How long a whole command may take, however lively the server is; 10 minutes unless set.
    ///
    /// While messages stream it begins anew with each message that is handed out.
    pub fn command_timeout(mut self, timeout: Duration) -> Self {
        self.bounds.timeouts.command = timeout;
        self
    }

    /// How long LOGOUT may take; 5 seconds unless set.
    pub fn logout_timeout(mut self, timeout: Duration) -> Self {
        self.bounds.timeouts.logout = timeout;
        self
    }

    /// How long [`Session::lock_mailbox`](crate::Session::lock_mailbox) and the commands of the
    /// session wait for their turn; as long as it takes unless set.
    ///
    /// The wait is finite either way, because every command of a holder has its deadline; but a
    /// holder that computes for an hour makes the others wait for an hour.
    pub fn lock_timeout(mut self, timeout: Duration) -> Self {
        self.bounds.timeouts.lock = Some(timeout);
        self
    }

    /// The longest line of an answer, literals not counted, in octets; 16 MiB unless set.
    pub fn line_limit(mut self, octets: usize) -> Self {
        self.bounds.limits.line = octets;
        self
    }

    /// The longest literal that is kept in memory, in octets; 64 MiB unless set.
    pub fn literal_limit(mut self, octets: usize) -> Self {
        self.bounds.limits.literal = octets;
        self
    }

    /// The longest single response with all its literals, in octets; 128 MiB unless set.
    pub fn response_limit(mut self, octets: usize) -> Self {
        self.bounds.limits.response = octets;
        self
    }

    /// The deepest nesting of parentheses in an answer; 64 unless set.
    pub fn depth_limit(mut self, levels: usize) -> Self {
        self.bounds.limits.depth = levels;
        self
    }

    /// The longest list in an answer (flags, capabilities, addresses), in elements; one million
    /// unless set.
    pub fn list_limit(mut self, elements: usize) -> Self {
        self.bounds.limits.list = elements;
        self
    }

    /// How much one command may be answered with in all, in octets, when the answer is collected
    /// and not streamed; 256 MiB unless set.
    pub fn answer_limit(mut self, octets: u64) -> Self {
        self.bounds.answer = octets;
        self
    }

    /// How often a waiter for the lock may be overtaken by others who want the mailbox that is
    /// selected already; 16 unless set, and 0 is strict order of arrival.
    ///
    /// Overtaking saves a SELECT each time. The bound keeps every wait finite.
    pub fn overtaking(mut self, times: u32) -> Self {
        self.manners.overtaking = times;
        self
    }

    /// How long a lock may be held before that is told in the log, once, at `warn`; 60 seconds
    /// unless set.
    pub fn long_hold(mut self, time: Duration) -> Self {
        self.manners.long_hold = time;
        self
    }

    /// Waits and asks again when the server throttles a FETCH before its first message: for as
    /// long as the server says, and up to `ceiling` for one stream in all. Never unless set.
    ///
    /// The lock is held meanwhile. A server that does not say how long, or asks for more, makes the
    /// FETCH fail with [`Error::Throttled`](crate::Error::Throttled).
    pub fn wait_when_throttled(mut self, ceiling: Duration) -> Self {
        self.bounds.throttle_ceiling = ceiling;
        self
    }

    /// The port that will be connected to.
    pub(crate) fn effective_port(&self) -> u16 {
        self.port.unwrap_or(match self.mode {
            TlsMode::Implicit => PORT_IMPLICIT_TLS,
            TlsMode::StartTls | TlsMode::Plaintext => PORT_CLEARTEXT,
        })
    }
}

impl fmt::Debug for ClientBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientBuilder")
            .field("host", &self.host)
            .field("port", &self.effective_port())
            .field("mode", &self.mode)
            .field("tls", &self.tls)
            .field("bounds", &self.bounds)
            .finish_non_exhaustive()
    }
}
