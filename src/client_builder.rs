//! How a client connects: address, TLS, deadlines, limits, and the risks that it accepts.

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

use zeroize::Zeroizing;

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
    /// Implicit TLS (RFC 8314), on port 993 unless another is set; the default.
    Implicit,
    /// After a STARTTLS command (RFC 9051 section 6.2.1), on port 143 unless another is set.
    ///
    /// Required: a server that lacks it, or refuses it, is an error.
    StartTls,
    /// No TLS, chosen by [`ClientBuilder::danger_plaintext`].
    Plaintext,
}

/// Called with a way to shut the socket down as soon as there is a socket.
pub(crate) type OnSocket = Arc<dyn Fn(Option<Shutdown>) + Send + Sync>;

/// The settings of a connection; [`connect`](Self::connect) then makes it.
///
/// Made by [`Client::builder`](crate::Client::builder). Every setting has a safe default: implicit
/// TLS, the system's certificates, finite deadlines and limits.
///
/// The system's certificate authorities are read at the first connection with TLS. What the TLS
/// library makes of them and of the options is shared by all clones of a builder, and by all
/// connections of an [`Account`](crate::Account). A change of the system's authorities takes effect
/// with the next builder or account. rustls does not read them with
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
    /// Secrets of the login that follows, which a server may know from an earlier connection.
    pub(crate) secrets: Vec<Zeroizing<Vec<u8>>>,
    pub(crate) learned: Arc<Learned>,
}

/// The steps right after the login.
#[derive(Clone, Debug)]
pub(crate) struct SetUp {
    /// Extensions that are enabled if the server has them.
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

/// The field-value pairs about this program that are sent (ID, RFC 2971).
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
            secrets: Vec::new(),
            learned: Arc::default(),
        }
    }

    /// The settings of a URL: host, port, and when TLS begins.
    ///
    /// The user and the mechanism of the URL are for the login.
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

    /// The port; 993 with implicit TLS and 143 otherwise by default.
    pub fn port(mut self, port: u16) -> Self {
        self.port = Some(port);
        self
    }

    /// Begins in cleartext and requires STARTTLS before anything else (RFC 9051 section 6.2.1).
    ///
    /// Never opportunistic: if the server lacks or refuses it, connecting fails, and no credential
    /// is sent.
    pub fn start_tls(mut self) -> Self {
        self.mode = TlsMode::StartTls;
        self
    }

    /// Uses no TLS at all: an attacker can read and change everything in transit.
    ///
    /// For loopback, tunnels, and streams that are already private. A login that exposes the
    /// password is still rejected unless [`danger_cleartext_login`](Self::danger_cleartext_login)
    /// allows it too.
    pub fn danger_plaintext(mut self) -> Self {
        self.mode = TlsMode::Plaintext;
        self
    }

    /// Allows a login that exposes the password to be sent without TLS.
    pub fn danger_cleartext_login(mut self) -> Self {
        self.cleartext_login = true;
        self
    }

    /// Sends ID (RFC 2971) right after each login, before any mailbox command; not sent by default.
    ///
    /// The field-value pairs are such as `("name", "mailtool")`. ID is sent if the server
    /// advertises it, and a refusal is no error. The mail servers of NetEase (163.com, 126.com,
    /// yeah.net) refuse to select a mailbox before they have received ID.
    /// [`Session::id`](crate::Session::id) requests the ID of the server.
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

    /// Sends the ID of [`identify`](Self::identify) before the login, too.
    ///
    /// For servers that let only known programs log in. Other servers, and proxies in front of
    /// them, do not accept ID before the login, so ID is sent after it by default.
    pub fn identify_before_login(mut self) -> Self {
        self.identity.before_login = true;
        self
    }

    /// Enables these extensions right after each login, if the server has them (ENABLE, RFC 5161).
    ///
    /// None is enabled on a server without ENABLE. They are in addition to UTF8=ACCEPT and
    /// IMAP4rev2, which are enabled unless [`without_utf8`](Self::without_utf8) and
    /// [`without_imap4rev2`](Self::without_imap4rev2) are set.
    ///
    /// The requests after a login (CAPABILITY unless the server reported the capabilities, ID,
    /// NAMESPACE, ENABLE) are pipelined, so that they cost one round trip in all.
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

    /// Never requests that the server decodes a part (BINARY, RFC 3516).
    ///
    /// [`download_part`](crate::MailboxGuard::download_part) and
    /// [`download_text`](crate::MailboxGuard::download_text) then fetch it by BODY.PEEK and decode
    /// it here.
    ///
    /// By default the server decodes if it has BINARY. If it closes the connection instead, as
    /// Dovecot 2.3 does for a part whose base64 is cut off, the [account](crate::Account), the
    /// session and the clones of this builder do not use BINARY from then on.
    pub fn without_binary(mut self) -> Self {
        self.learned = Arc::new(Learned::without_binary());
        self
    }

    /// Does not enable UTF8=ACCEPT (RFC 6855, RFC 9755) after a login.
    ///
    /// By default it is enabled if the server has it. Then names of mailboxes and texts are sent as
    /// UTF-8 in both directions, a SEARCH needs no charset, and messages with UTF-8 in their header
    /// can be [appended](crate::Session::append) unchanged. The program sees the same names either
    /// way. If IMAP4rev2 is enabled, names are UTF-8 as well: see
    /// [`without_imap4rev2`](Self::without_imap4rev2).
    ///
    /// A server with UTF8=ONLY accepts no name of a mailbox before UTF-8 is enabled: every command
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

    /// Does not enable IMAP4rev2 (RFC 9051) if the server has IMAP4rev1 as well.
    ///
    /// By default it is enabled if the server has it. The differences that a program can see: the
    /// server no longer reports [`recent`](crate::types::Mailbox::recent) and
    /// [`first_unseen`](crate::types::Mailbox::first_unseen), and
    /// [`StatusItem::Deleted`](crate::types::StatusItem::Deleted) can be requested.
    pub fn without_imap4rev2(mut self) -> Self {
        self.set_up.enable.retain(|on| *on != Capability::Imap4Rev2);
        self
    }

    /// Requests the namespaces right after each login (NAMESPACE, RFC 9051 section 6.3.10).
    ///
    /// The request is pipelined with the other ones after the login; [`Session::namespace`] then
    /// sends nothing. Not requested by default, nor on a server without NAMESPACE.
    ///
    /// [`Session::namespace`]: crate::Session::namespace
    pub fn namespace(mut self) -> Self {
        self.set_up.namespaces = true;
        self
    }

    /// Connects through this proxy, within the [`connect_timeout`](Self::connect_timeout).
    ///
    /// TLS is with the server, whose certificate is verified for the server's name; the proxy sees
    /// only what an eavesdropper in transit sees.
    #[cfg(feature = "proxy")]
    pub fn proxy(mut self, proxy: Proxy) -> Self {
        self.proxy = Some(proxy);
        self
    }

    /// Compresses the connection after the login if the server can (COMPRESS=DEFLATE, RFC 4978).
    ///
    /// It costs one more round trip; see [`Session::compress`](crate::Session::compress). If the
    /// server lacks or refuses it, the connection is not compressed.
    #[cfg(feature = "compress")]
    pub fn compress(mut self) -> Self {
        self.compress = true;
        self
    }

    /// Accepts a greeting of PREAUTH (RFC 9051 section 7.1.4); see
    /// [`Client::into_preauthenticated`].
    ///
    /// PREAUTH makes the connection authenticated without a login. Without this setting such a
    /// greeting is an error. With STARTTLS it is always one: there it could only keep TLS from
    /// starting.
    ///
    /// [`Client::into_preauthenticated`]: crate::Client::into_preauthenticated
    pub fn accept_preauth(mut self) -> Self {
        self.accept_preauth = true;
        self
    }

    /// Names the account of a login that names no user, so that its UIDs are valid in other
    /// sessions.
    ///
    /// UIDs of one session are then known to be of the same account in another, or in another run
    /// of the program. It is for a login by PREAUTH, OAUTHBEARER without a user, EXTERNAL without a
    /// name, or a [`Mechanism`](crate::sasl::Mechanism) without
    /// [`identity`](crate::sasl::Mechanism::identity). The name is never sent.
    ///
    /// Without a name such a login is equal to no other (EXTERNAL with a client certificate of this
    /// builder: to those with the same one), and its UIDs are
    /// [`Error::StaleUids`](crate::Error::StaleUids) elsewhere; see
    /// [`AccountId`](crate::types::AccountId).
    ///
    /// ```no_run
    /// let builder = latchbox::Client::builder("imap.example.com").accept_preauth().account_name("jane");
    /// ```
    pub fn account_name(mut self, name: impl Into<String>) -> Self {
        self.account_name = Some(name.into().into());
        self
    }

    /// The host, port and account name, as far as they are known before the login.
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

    /// The port to connect to.
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
