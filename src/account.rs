//! An account: how to connect and how to get credentials, so that a session can be opened and
//! opened again.

mod refusals;

use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;
use std::time::Instant;

use zeroize::Zeroizing;

use crate::account::refusals::{Digest, Refusals};
use crate::client_builder::{ClientBuilder, OnSocket};
use crate::connection::Connection;
use crate::connection::desired::Desired;
use crate::connection::shutdown_switch::ShutdownSwitch;
use crate::error::{CredentialsError, Error, Result};
use crate::reconnect::{Backoff, Connect, Reconnector};
use crate::sasl::login_choice::LoginChoice;
use crate::sasl::mechanism::Mechanism;
use crate::sasl::secret::Secret;
use crate::session::Session;
use crate::types::server_url::{InvalidServerUrl, ServerUrl};

/// The credentials of one login: a user and a password, or a mechanism.
#[non_exhaustive]
pub enum Credentials {
    /// A user and a password, for LOGIN.
    Login {
        /// The user's name.
        user: String,
        /// The password.
        password: Secret,
    },
    /// A SASL mechanism, for AUTHENTICATE.
    Sasl(Box<dyn Mechanism + Send>),
    /// The strongest way that the server offers and the choice allows.
    Choice(LoginChoice),
}

/// The reason why the provider of an [`Account`] is called for credentials.
///
/// ```
/// use latchbox::{Account, Client, Credentials, LoginReason};
/// # struct Cache;
/// # impl Cache {
/// #     fn token(&self) -> Result<String, std::io::Error> { Ok("t0k3n".into()) }
/// #     fn drop_token(&self) {}
/// # }
/// # let cache = Cache;
///
/// let account = Account::new(Client::builder("imap.example.com"), move |reason| {
///     if let LoginReason::Refused(error) = reason {
///         eprintln!("the token is not taken any more: {error}");
///         cache.drop_token();
///     }
///     Ok(Credentials::token("jane@example.com", cache.token()?))
/// });
/// ```
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum LoginReason<'a> {
    /// A session is being opened ([`Account::open`]).
    Open,
    /// A session has lost its connection and reconnects.
    ConnectionLost,
    /// The server refused the credentials that were given last, by this error.
    ///
    /// Credentials that the server has refused are not sent again.
    Refused(&'a Error),
}

/// An account: how to connect and log in, so that a session can be opened, and opened again.
///
/// The provider is called at each login, with [the reason](LoginReason), so that the credentials
/// can be fresh: a token, a password that was changed. When a session reconnects, the provider is
/// called on the thread of the lock or command, which holds the lock meanwhile; a lock or command
/// of the same session in the provider is an error at once.
///
/// With [`reconnecting`](Self::reconnecting), a session that has lost its connection makes a new
/// one at the next lock or the next command of the session, before anything of that is sent: no
/// command is repeated on the new connection. On the thread that holds a guard nothing reconnects,
/// so all commands of a guard run on one connection or fail. A thread that was waiting when the
/// connection was lost gets the same kind of error as the holder; later locks and commands
/// reconnect, and many of them together cause one reconnection. Extensions that
/// [`enable`](crate::Session::enable) had enabled are enabled again, and so is
/// [`notify`](crate::notify::NotifyCommands::set). [`logout`](crate::Session::logout) does not
/// reconnect.
///
/// # A refused login
///
/// If the server refuses the credentials ([`Error::is_auth`]), the account and its sessions do not
/// send the same ones again, because a wrong password that is sent repeatedly gets an account
/// blocked. Each further lock, command or [`open`](Self::open) calls the provider with the refusal
/// ([`LoginReason::Refused`]); if it returns the same credentials, the error of the refusal is
/// returned at once and nothing is sent
/// ([`Refused::is_remembered`](crate::error::Refused::is_remembered)). Other credentials are sent.
/// [`try_again`](Self::try_again) discards the refusal, say after the user has enabled IMAP in the
/// provider's settings.
///
/// Credentials are compared by a digest under a random key; the account keeps no copy of them. A
/// mechanism of the caller's own is compared by its
/// [`fingerprint`](crate::sasl::Mechanism::fingerprint). A temporary refusal of a login
/// (`UNAVAILABLE`, `INUSE`, throttled) is not remembered. A connection that ends without an answer to
/// the login is no refusal; a lock or command then logs in once more, and no more often.
///
/// ```
/// # let server = latchbox_testkit::Server::builder()
/// #     .mailbox("INBOX", Vec::<Vec<u8>>::new()).start()?;
/// use latchbox::{Account, Backoff, Client, Credentials};
///
/// # let builder = Client::builder("127.0.0.1").port(server.port()).danger_plaintext()
/// #     .danger_cleartext_login();
/// # let _ = stringify! {
/// let builder = Client::builder("imap.example.com");
/// # };
/// let account = Account::new(builder, |_reason| {
///     Ok(Credentials::login("jane@example.com", "correct-horse")) // asked at each login
/// })
/// .reconnecting(Backoff::new());
///
/// let session = account.open()?;
/// drop(session.lock_mailbox("INBOX")?);
/// # server.kick();
/// let inbox = session.lock_mailbox("INBOX")?; // the connection was lost in between
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Account {
    login: Arc<Login>,
    reconnecting: Option<Backoff>,
}

struct Login {
    builder: ClientBuilder,
    provider: Box<Provider>,
    refusals: Refusals,
}

type Provider = dyn Fn(LoginReason<'_>) -> Result<Credentials, CredentialsError> + Send + Sync;

impl Credentials {
    /// A user and a password.
    pub fn login(user: impl Into<String>, password: impl Into<Secret>) -> Self {
        Self::Login {
            user: user.into(),
            password: password.into(),
        }
    }

    /// A user and a password, for the strongest login method that the server offers; see
    /// [`LoginChoice`].
    pub fn password(user: impl Into<String>, password: impl Into<Secret>) -> Self {
        Self::Choice(LoginChoice::password(user, password))
    }

    /// A user and an OAuth token, for OAUTHBEARER or XOAUTH2, whichever the server offers.
    pub fn token(user: impl Into<String>, token: impl Into<Secret>) -> Self {
        Self::Choice(LoginChoice::token(user, token))
    }

    /// The user and the mechanism of a URL, with the password or the token for them.
    ///
    /// Without a mechanism, or with `AUTH=*`, it is a password for the strongest login method that
    /// the server offers.
    ///
    /// # Errors
    ///
    /// If the URL names no user, a mechanism that takes neither a password nor a token, or an
    /// unknown one.
    pub fn for_url(url: &ServerUrl, secret: impl Into<Secret>) -> Result<Self, InvalidServerUrl> {
        let user = url.user().ok_or(InvalidServerUrl::NO_USER)?;
        match url.mechanism() {
            None | Some("*") => Ok(Self::password(user, secret)),
            Some(mechanism) => LoginChoice::named(user, secret.into(), mechanism)
                .map(Self::Choice)
                .ok_or(InvalidServerUrl::UNKNOWN_MECHANISM),
        }
    }

    /// Writes what distinguishes these credentials from others to a keyed hash.
    fn fingerprint(&self, mut hasher: &mut dyn Hasher) {
        match self {
            Self::Login { user, password } => {
                ("LOGIN", user, password.expose()).hash(&mut hasher);
            }
            Self::Sasl(mechanism) => {
                mechanism.name().hash(&mut hasher);
                mechanism.fingerprint(hasher);
            }
            Self::Choice(choice) => choice.fingerprint(hasher),
        }
    }

    /// The secrets that are known before anything is sent: a server may repeat them in its greeting,
    /// from an earlier login.
    fn secrets(&self) -> Vec<Secret> {
        match self {
            Self::Login { password, .. } => vec![password.clone()],
            Self::Sasl(mechanism) => mechanism.secrets().unwrap_or_default(),
            Self::Choice(choice) => vec![choice.secret().clone()],
        }
    }

    /// A SASL mechanism, fresh for this login.
    pub fn sasl(mechanism: impl Mechanism + Send + 'static) -> Self {
        Self::Sasl(Box::new(mechanism))
    }
}

impl From<LoginChoice> for Credentials {
    fn from(choice: LoginChoice) -> Self {
        Self::Choice(choice)
    }
}

impl Account {
    /// An account with the settings of `builder` and credentials from `provider`.
    ///
    /// The provider is called at each login, with the reason.
    pub fn new(
        builder: ClientBuilder,
        provider: impl Fn(LoginReason<'_>) -> Result<Credentials, CredentialsError>
        + Send
        + Sync
        + 'static,
    ) -> Self {
        let login = Login {
            builder,
            provider: Box::new(provider),
            refusals: Refusals::default(),
        };
        Self {
            login: Arc::new(login),
            reconnecting: None,
        }
    }

    /// The account of a URL, such as `imaps://jane@imap.example.com`.
    ///
    /// `secret` returns the password or the token for it; it is called at each login, with the
    /// reason. For other settings, such as the caller's own certificate authorities, use
    /// [`new`](Self::new), [`ClientBuilder::from_url`] and [`Credentials::for_url`].
    ///
    /// # Errors
    ///
    /// As for [`Credentials::for_url`]; no connection is made yet.
    ///
    /// ```
    /// use latchbox::Account;
    ///
    /// let url = "imaps://jane%40example.com@imap.example.com".parse()?;
    /// let account = Account::from_url(&url, |_reason| Ok("correct-horse".into()))?;
    /// # let _ = || {
    /// let session = account.open()?;
    /// # Ok::<_, latchbox::Error>(session)
    /// # };
    ///
    /// let nobody = "imaps://imap.example.com".parse()?;
    /// assert!(Account::from_url(&nobody, |_| Ok("correct-horse".into())).is_err());
    /// # Ok::<(), latchbox::types::InvalidServerUrl>(())
    /// ```
    pub fn from_url(
        url: &ServerUrl,
        secret: impl Fn(LoginReason<'_>) -> Result<Secret, CredentialsError> + Send + Sync + 'static,
    ) -> Result<Self, InvalidServerUrl> {
        Credentials::for_url(url, "")?;
        let builder = ClientBuilder::from_url(url);
        let url = url.clone();
        Ok(Self::new(builder, move |reason| {
            Ok(Credentials::for_url(&url, secret(reason)?)?)
        }))
    }

    /// Makes sessions reconnect at a lock or a command of the session, if their connection has
    /// ended.
    #[must_use]
    #[doc(alias = "reconnect")]
    pub fn reconnecting(mut self, backoff: Backoff) -> Self {
        self.reconnecting = Some(backoff);
        self
    }

    /// Connects and logs in.
    ///
    /// # Errors
    ///
    /// [`Error::Credentials`] if the provider fails; the error of an earlier refusal if the
    /// provider returns the credentials that the server has refused; otherwise as for
    /// [`ClientBuilder::connect`] and [`Client::login`](crate::Client::login).
    #[doc(alias = "connect")]
    pub fn open(&self) -> Result<Session> {
        let session = self.login.open(LoginReason::Open, None, None, &|| Ok(()))?;
        let Some(backoff) = self.reconnecting else {
            return Ok(session);
        };
        let connect = self.connector(LoginReason::ConnectionLost);
        Ok(session.with_reconnector(Reconnector::new(connect, backoff)))
    }

    /// The settings of its connections.
    pub(crate) fn builder(&self) -> &ClientBuilder {
        &self.login.builder
    }

    /// The means by which a pool makes its connections.
    pub(crate) fn opener(&self) -> Reconnector {
        let backoff = self.reconnecting;
        let backoff = backoff.unwrap_or_else(|| Backoff::new().max_attempts(1));
        Reconnector::for_pool(self.connector(LoginReason::Open), backoff)
    }

    fn connector(&self, reason: LoginReason<'static>) -> Connect {
        let login = Arc::clone(&self.login);
        let connect = move |shutdown_switch: &Arc<ShutdownSwitch>,
                            desired: &Desired,
                            deadline,
                            begin: &dyn Fn() -> Result<()>| {
            let mut connection = login.connect(reason, shutdown_switch, deadline, begin)?;
            connection.set_up_as(desired, deadline)?;
            Ok(connection)
        };
        Box::new(connect)
    }

    /// Discards the memory of a refused login: the next login sends whatever the provider returns.
    ///
    /// Sends nothing itself. Call it after the user has done something about the refusal, and not
    /// from a timer: see [a refused login](Self#a-refused-login). It concerns this account, its
    /// clones, and the sessions that they have opened.
    ///
    /// ```
    /// # let server = latchbox_testkit::Server::start()?;
    /// # let builder = latchbox::Client::builder("127.0.0.1").port(server.port())
    /// #     .danger_plaintext().danger_cleartext_login();
    /// use latchbox::{Account, Credentials, Error};
    ///
    /// let account = Account::new(builder, |_| Ok(Credentials::login("jane@example.com", "wrong")));
    /// assert!(account.open().unwrap_err().is_auth());
    /// let Err(Error::Refused(again)) = account.open() else { panic!() };
    /// assert!(again.is_remembered()); // the wrong password was sent once
    /// account.try_again();
    /// let Err(Error::Refused(again)) = account.open() else { panic!() };
    /// assert!(!again.is_remembered());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn try_again(&self) {
        self.login.refusals.forget();
    }
}

impl Login {
    /// Calls the provider and logs in, unless the server has refused the same credentials. `begin`
    /// is called before anything is connected to; after a refusal the provider is called before it,
    /// so that what would fail in any case fails at once.
    fn open(
        &self,
        reason: LoginReason<'_>,
        deadline: Option<Instant>,
        watch: Option<OnSocket>,
        begin: &dyn Fn() -> Result<()>,
    ) -> Result<Session> {
        let credentials = match self.refusals.last() {
            Some(error) => {
                let credentials = self.ask(LoginReason::Refused(&error))?;
                self.refusals.check(self.digest(&credentials))?;
                begin()?;
                credentials
            }
            None => {
                begin()?;
                self.ask(reason)?
            }
        };
        // Another session may have been refused meanwhile.
        let digest = self.digest(&credentials);
        self.refusals.check(digest)?;
        let opened = self.log_in(credentials, deadline, watch);
        self.refusals.note(digest, &opened);
        opened
    }

    fn digest(&self, credentials: &Credentials) -> Digest {
        self.refusals
            .digest(|hasher| credentials.fingerprint(hasher))
    }

    fn ask(&self, reason: LoginReason<'_>) -> Result<Credentials> {
        (self.provider)(reason).map_err(Error::Credentials)
    }

    fn log_in(
        &self,
        credentials: Credentials,
        deadline: Option<Instant>,
        watch: Option<OnSocket>,
    ) -> Result<Session> {
        let mut builder = self.builder.clone();
        builder.bounds.until = deadline;
        builder.on_socket = watch;
        let secrets = credentials.secrets();
        let octets = |secret: &Secret| Zeroizing::new(secret.expose().to_vec());
        builder.secrets = secrets.iter().map(octets).collect();
        let client = builder.connect()?;
        let opened = match credentials {
            Credentials::Login { user, password } => client.login(&user, password),
            Credentials::Sasl(mechanism) => client.authenticate(mechanism),
            Credentials::Choice(choice) => client.authenticate_with(&choice),
        };
        opened.map_err(Error::from)
    }

    /// Cutting the shutdown switch interrupts this, too.
    fn connect(
        &self,
        reason: LoginReason<'_>,
        shutdown_switch: &Arc<ShutdownSwitch>,
        deadline: Option<Instant>,
        begin: &dyn Fn() -> Result<()>,
    ) -> Result<Connection> {
        let shutdown_switch = Arc::clone(shutdown_switch);
        let watch: OnSocket = Arc::new(move |shutdown| shutdown_switch.keep(shutdown));
        self.open(reason, deadline, Some(watch), begin)?
            .into_connection()
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Login { user, .. } => f
                .debug_struct("Login")
                .field("user", user)
                .finish_non_exhaustive(),
            Self::Sasl(mechanism) => f.debug_tuple("Sasl").field(&mechanism.name()).finish(),
            Self::Choice(choice) => choice.fmt(f),
        }
    }
}

impl fmt::Debug for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Account")
            .field("builder", &self.login.builder)
            .field("reconnecting", &self.reconnecting)
            .finish()
    }
}

impl fmt::Display for LoginReason<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Open => f.write_str("a session is opened"),
            Self::ConnectionLost => f.write_str("the connection was lost"),
            Self::Refused(error) => write!(f, "the credentials were refused: {error}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sasl::login_method::LoginMethod;
    use crate::sasl::mechanism_error::MechanismError;
    use crate::sasl::plain::Plain;
    use crate::sasl::xoauth2::XOAuth2;

    #[test]
    fn a_url_says_who_logs_in_and_how() {
        for (user, expected) in [
            ("jane%40example.com", Some("\"jane@example.com\"")),
            ("jane;AUTH=*", Some("\"jane\"")),
            ("jane;AUTH=plain", Some("[Plain]")),
            ("jane;AUTH=OAUTHBEARER", Some("[OAuthBearer]")),
            ("jane;AUTH=GSSAPI", None),
            ("jane;AUTH=ANONYMOUS", None),
        ] {
            let url = format!("imaps://{user}@imap.example.com");
            let credentials = Credentials::for_url(&url.parse().unwrap(), "correct-horse");
            let shown = credentials
                .map(|credentials| format!("{credentials:?}"))
                .ok();
            assert_eq!(shown.is_some(), expected.is_some(), "{url}");
            let shown = shown.unwrap_or_default();
            assert!(
                shown.contains(expected.unwrap_or_default()),
                "{url}: {shown}"
            );
            assert!(!shown.contains("correct-horse"));
        }
        assert!(Credentials::for_url(&"imaps://host".parse().unwrap(), "x").is_err());
    }

    /// A mechanism that does not say what it logs in with.
    struct Own;

    impl Mechanism for Own {
        fn name(&self) -> &'static str {
            "X-OWN"
        }

        fn exposes_secret(&self) -> bool {
            true
        }

        fn initial(&mut self) -> std::result::Result<Option<Secret>, MechanismError> {
            Ok(None)
        }

        fn step(&mut self, _: &[u8]) -> std::result::Result<Secret, MechanismError> {
            Ok("".into())
        }
    }

    #[test]
    fn fault_09_credentials_are_told_apart_by_all_that_they_log_in_with() {
        let refusals = Refusals::default();
        let digest =
            |of: &Refusals, given: &Credentials| of.digest(|hasher| given.fingerprint(hasher));
        let given: [fn() -> Credentials; 16] = [
            || Credentials::login("jane", "one"),
            || Credentials::login("jane", "two"),
            || Credentials::login("janeo", "ne"),
            || Credentials::login("joe", "one"),
            || Credentials::password("jane", "one"),
            || Credentials::password("jane", "two"),
            || LoginChoice::password("jane", "one").acting_as("joe").into(),
            || {
                LoginChoice::password("jane", "one")
                    .only([LoginMethod::Plain])
                    .into()
            },
            || {
                LoginChoice::password("jane", "one")
                    .exclude([LoginMethod::Plain])
                    .into()
            },
            || {
                LoginChoice::password("jane", "one")
                    .at_least(LoginMethod::Plain)
                    .into()
            },
            || Credentials::token("jane", "one"),
            || Credentials::sasl(Plain::new("jane", "one")),
            || Credentials::sasl(Plain::new("jane", "two")),
            || Credentials::sasl(Plain::new("jane", "one").acting_as("joe")),
            || Credentials::sasl(XOAuth2::new("jane", "one")),
            || Credentials::sasl(Own),
        ];
        for (place, one) in given.iter().enumerate() {
            for (other_place, other) in given.iter().enumerate() {
                let is_same = digest(&refusals, &one()) == digest(&refusals, &other());
                assert_eq!(is_same, place == other_place, "{place} and {other_place}");
            }
        }
        let elsewhere = Refusals::default();
        assert_ne!(
            digest(&elsewhere, &given[0]()),
            digest(&refusals, &given[0]())
        );
    }
}
