//! How a client connects: address, TLS, deadlines, limits, and what it is allowed to risk.

#[cfg(test)]
mod defaults_tests;
pub(crate) mod bounds;
pub(crate) mod learned;
mod limits;
pub(crate) mod session_settings;
mod timeouts;
mod tls;

use std::fmt;
use std::sync::Arc;

use crate::client_builder::bounds::Bounds;
use crate::client_builder::learned::Learned;
use crate::lock::LockPolicy;
use crate::transport::Shutdown;
#[cfg(feature = "proxy")]
use crate::transport::proxy::Proxy;
use crate::transport::tls::{ClientIdentity, TlsSettings};
use crate::types::account_id::{Home, Server};
use crate::types::capability::Capability;
use crate::types::server_url::ServerUrl;

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

/// Told how to end the socket as soon as there is one.
pub(crate) type OnSocket = Arc<dyn Fn(Option<Shutdown>) + Send + Sync>;

/// Settles how to connect, then connects.
///
/// Made by [`Client::builder`](crate::Client::builder). What is not set has a safe default: TLS
/// from the first byte, the system's certificates, finite deadlines and limits.
///
/// The system's certificate authorities are read at the first connection with TLS, and what the TLS
/// library makes of them and of the options is shared by all clones of a builder, and by all
/// connections of an [`Account`](crate::Account). A change of the system's authorities is seen by the
/// next builder or account. rustls does not read them with
/// [`only_given_roots`](Self::only_given_roots) or
/// [`danger_accept_invalid_certificates`](Self::danger_accept_invalid_certificates); OpenSSL reads
/// them once for a builder, and does not trust them.
///
/// ```
/// use std::time::Duration;
/// use latchbox::Client;
///
/// # let server = latchbox_testkit::Server::start()?;
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
    pub(crate) lock_policy: LockPolicy,
    pub(crate) accept_preauth: bool,
    pub(crate) cleartext_login: bool,
    pub(crate) on_socket: Option<OnSocket>,
    #[cfg(feature = "proxy")]
    pub(crate) proxy: Option<Proxy>,
    #[cfg(feature = "compress")]
    pub(crate) compress: bool,
    pub(crate) identity: Identity,
    pub(crate) set_up: SetUp,
    /// Of the Unix socket, in place of host and port.
    pub(crate) socket_path: Option<Box<[u8]>>,
    account_name: Option<Box<str>>,
    pub(crate) learned: Arc<Learned>,
}

/// What is done as soon as somebody is logged in.
#[derive(Clone, Debug)]
pub(crate) struct SetUp {
    /// What is switched on where the server has it.
    pub(crate) enable: Vec<Capability>,
    pub(crate) namespaces: bool,
}

impl Default for SetUp {
    fn default() -> Self {
        Self {
            enable: vec![Capability::Imap4Rev2, Capability::Utf8Accept],
            namespaces: false,
        }
    }
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
            lock_policy: LockPolicy::default(),
            accept_preauth: false,
            cleartext_login: false,
            on_socket: None,
            #[cfg(feature = "proxy")]
            proxy: None,
            #[cfg(feature = "compress")]
            compress: false,
            identity: Identity::default(),
            set_up: SetUp::default(),
            socket_path: None,
            account_name: None,
            learned: Arc::default(),
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
    /// # let server = latchbox_testkit::Server::start()?;
    /// # let builder = Client::builder("127.0.0.1").port(server.port()).danger_plaintext()
    /// #     .danger_cleartext_login();
    /// # let _ = stringify! {
    /// let builder = Client::builder("imap.163.com");
    /// # };
    /// let session = builder
    ///     .identify([("name", "mailtool"), ("version", "1.0")])
    ///     .connect()?
    ///     .login("jane@example.com", "correct-horse")?;
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
    /// them that the server has, and none on a server without ENABLE. They come in addition to
    /// UTF8=ACCEPT and IMAP4rev2, which are enabled unless [`without_utf8`](Self::without_utf8) and
    /// [`without_imap4rev2`](Self::without_imap4rev2) say otherwise.
    ///
    /// What the login leaves to be asked (the capabilities unless they came with it, ID, NAMESPACE,
    /// ENABLE) is asked in one go, so that it costs one round trip in all.
    ///
    /// ```
    /// # let server = latchbox_testkit::Server::start()?;
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
    ///     .login("jane@example.com", "correct-horse")?;
    /// let namespaces = session.namespace()?; // known already
    /// # let _ = namespaces;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn enable(mut self, capabilities: impl IntoIterator<Item = Capability>) -> Self {
        for capability in capabilities {
            if !self.set_up.enable.contains(&capability) {
                self.set_up.enable.push(capability);
            }
        }
        self
    }

    /// Never asks the server to decode a part (BINARY, RFC 3516):
    /// [`download_part`](crate::MailboxGuard::download_part) and
    /// [`download_text`](crate::MailboxGuard::download_text) fetch it by BODY.PEEK and decode it here.
    ///
    /// By default the server decodes if it has BINARY. If it ends the connection instead, as Dovecot
    /// 2.3 does for a part whose base64 is cut off, the
    /// [account](crate::Account), the session and the clones of this builder do without BINARY from
    /// then on.
    pub fn without_binary(mut self) -> Self {
        self.learned = Arc::new(Learned::without_binary());
        self
    }

    /// Leaves UTF-8 off: UTF8=ACCEPT (RFC 6855, RFC 9755) is not enabled after a login.
    ///
    /// Unless this is set it is enabled where the server has it. Then names of mailboxes and texts
    /// travel as UTF-8 in both directions, a SEARCH needs no charset, and messages with UTF-8 in
    /// their header can be [appended](crate::Session::append) as what they are. Names look the same
    /// to the program either way. Where IMAP4rev2 is enabled names are UTF-8 as well: see
    /// [`without_imap4rev2`](Self::without_imap4rev2).
    ///
    /// A server with UTF8=ONLY takes no name of a mailbox before UTF-8 is enabled: every command
    /// that has one is then [`Error::Argument`](crate::Error::Argument), and nothing is sent.
    ///
    /// ```
    /// # let server = latchbox_testkit::Server::builder().with("UTF8=ACCEPT").start()?;
    /// # let builder = || latchbox::Client::builder("127.0.0.1").port(server.port())
    /// #     .danger_plaintext().danger_cleartext_login();
    /// # let login = |client: latchbox::Client| client
    /// #     .login(latchbox_testkit::USER, latchbox_testkit::PASSWORD).map_err(latchbox::Error::from);
    /// let session = login(builder().connect()?)?;
    /// session.create("Entwürfe")?; // sent as UTF-8
    ///
    /// let old = login(builder().without_utf8().connect()?)?;
    /// old.delete("Entwürfe")?; // sent as Entw&APw-rfe
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn without_utf8(mut self) -> Self {
        self.set_up
            .enable
            .retain(|on| *on != Capability::Utf8Accept);
        self
    }

    /// Leaves IMAP4rev2 (RFC 9051) off where the server has IMAP4rev1 as well.
    ///
    /// Unless this is set it is enabled where the server has it. The differences that a program can
    /// see: [`recent`](crate::types::Mailbox::recent) and
    /// [`first_unseen`](crate::types::Mailbox::first_unseen) are not told any more, and
    /// [`StatusItem::Deleted`](crate::types::StatusItem::Deleted) can be asked for.
    pub fn without_imap4rev2(mut self) -> Self {
        self.set_up.enable.retain(|on| *on != Capability::Imap4Rev2);
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

    /// Names the account of a login that names no user, so that UIDs of one session are known to be
    /// of the same account in another, or in another run of the program: after PREAUTH, OAUTHBEARER
    /// without a user, EXTERNAL without a name, or a [`Mechanism`](crate::sasl::Mechanism) without
    /// [`identity`](crate::sasl::Mechanism::identity). Nothing of it is sent.
    ///
    /// Without a name such a login is equal to no other (EXTERNAL: to those with the same client
    /// certificate), and its UIDs are [`Error::StaleUids`](crate::Error::StaleUids) elsewhere; see
    /// [`AccountId`](crate::types::AccountId).
    ///
    /// ```no_run
    /// let builder = latchbox::Client::builder("imap.example.com").accept_preauth().account_name("jane");
    /// ```
    pub fn account_name(mut self, name: impl Into<String>) -> Self {
        self.account_name = Some(name.into().into());
        self
    }

    /// What is known of the account before the login.
    pub(crate) fn home(&self) -> Home {
        let server = match &self.socket_path {
            Some(path) => Server::Unix { path: path.clone() },
            None => Server::tcp(&self.host, self.effective_port()),
        };
        Home {
            server,
            certificate: self.tls.identity.as_ref().map(ClientIdentity::fingerprint),
            name: self.account_name.clone(),
        }
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

impl fmt::Display for TlsMode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Implicit => "implicit TLS",
            Self::StartTls => "STARTTLS",
            Self::Plaintext => "plaintext",
        })
    }
}
