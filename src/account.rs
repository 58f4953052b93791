//! An account: how to connect and how to get credentials, so that a session can be opened and
//! opened again.

use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;
use std::time::Instant;

use crate::client::LoginError;
use crate::client_builder::{ClientBuilder, OnSocket};
use crate::connection::Connection;
use crate::connection::lifeline::Lifeline;
use crate::error::{Error, Result};
use crate::revival::{BackOff, Revival};
use crate::sasl::choice::Choice;
use crate::sasl::mechanism::Mechanism;
use crate::sasl::secret::Secret;
use crate::session::Session;
use crate::types::server_url::{InvalidServerUrl, ServerUrl};

/// Who logs in, and by what.
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
    Choice(Choice),
}

/// Why there are no credentials: whatever the caller's provider failed with.
pub type NoCredentials = Box<dyn StdError + Send + Sync>;

/// How to connect and how to log in: what a session needs to be opened, and opened again.
///
/// The provider is asked at each login, so that what it gives can be fresh: a token, a password
/// that was changed. When a lock reconnects, it is asked on the thread that locks, whose turn it is
/// then; a command of the same session in it is an error at once.
///
/// With [`reconnecting`](Self::reconnecting), a session that has lost its connection gets a new one
/// at the next lock, and only there: no command is ever sent twice, and what happens inside a guard
/// happens on one connection or fails. Whoever was waiting when the connection broke is told so,
/// with the same kind of error as the holder; the locks that are asked for afterwards reconnect,
/// and many of them together cause one reconnection. What
/// [`enable`](crate::Session::enable) had switched on is switched on again.
///
/// ```
/// # let server = latchbox_server::Server::builder()
/// #     .mailbox("INBOX", Vec::<Vec<u8>>::new()).start()?;
/// use latchbox::{Account, BackOff, Client, Credentials};
///
/// # let builder = Client::builder("127.0.0.1").port(server.port()).danger_plaintext()
/// #     .danger_cleartext_login();
/// # let _ = stringify! {
/// let builder = Client::builder("imap.example.com");
/// # };
/// let account = Account::new(builder, || {
///     Ok(Credentials::login("jane@example.com", "correct-horse")) // asked at each login
/// })
/// .reconnecting(BackOff::new());
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
    reconnecting: Option<BackOff>,
}

struct Login {
    builder: ClientBuilder,
    provider: Box<dyn Fn() -> Result<Credentials, NoCredentials> + Send + Sync>,
}

impl Credentials {
    /// A user and a password.
    pub fn login(user: impl Into<String>, password: impl Into<Secret>) -> Self {
        Self::Login {
            user: user.into(),
            password: password.into(),
        }
    }

    /// A user and a password, for the strongest way that the server offers; see [`Choice`].
    pub fn strongest(user: impl Into<String>, password: impl Into<Secret>) -> Self {
        Self::Choice(Choice::password(user, password))
    }

    /// A user and an OAuth token, for OAUTHBEARER or XOAUTH2, whichever the server offers.
    pub fn token(user: impl Into<String>, token: impl Into<Secret>) -> Self {
        Self::Choice(Choice::token(user, token))
    }

    /// The user and the mechanism that a URL names, with the password or the token for them. Without
    /// a mechanism, or with `AUTH=*`, it is a password for the strongest way that the server offers.
    ///
    /// # Errors
    ///
    /// When the URL names no user, or a mechanism that takes neither a password nor a token, or is not
    /// known here.
    pub fn for_url(url: &ServerUrl, secret: impl Into<Secret>) -> Result<Self, InvalidServerUrl> {
        let user = url.user().ok_or(InvalidServerUrl::NO_USER)?;
        match url.mechanism() {
            None | Some("*") => Ok(Self::strongest(user, secret)),
            Some(mechanism) => Choice::named(user, secret.into(), mechanism)
                .map(Self::Choice)
                .ok_or(InvalidServerUrl::UNKNOWN_MECHANISM),
        }
    }

    /// A SASL mechanism, fresh for this login.
    pub fn sasl(mechanism: impl Mechanism + Send + 'static) -> Self {
        Self::Sasl(Box::new(mechanism))
    }
}

impl From<Choice> for Credentials {
    fn from(choice: Choice) -> Self {
        Self::Choice(choice)
    }
}

impl Account {
    /// An account that is connected to as `builder` says, with credentials from `provider`.
    pub fn new(
        builder: ClientBuilder,
        provider: impl Fn() -> Result<Credentials, NoCredentials> + Send + Sync + 'static,
    ) -> Self {
        let login = Login {
            builder,
            provider: Box::new(provider),
        };
        Self {
            login: Arc::new(login),
            reconnecting: None,
        }
    }

    /// The account that a URL names, such as `imaps://jane@imap.example.com`, with the password or
    /// the token for it from `secret`, which is asked at each login. Other settings, such as own
    /// certificate authorities, go with [`new`](Self::new), [`ClientBuilder::from_url`] and
    /// [`Credentials::for_url`].
    ///
    /// # Errors
    ///
    /// As for [`Credentials::for_url`]; nothing is connected to yet.
    ///
    /// ```
    /// use latchbox::Account;
    ///
    /// let url = "imaps://jane%40example.com@imap.example.com".parse()?;
    /// let account = Account::from_url(&url, || Ok("correct-horse".into()))?;
    /// # let _ = || {
    /// let session = account.open()?;
    /// # Ok::<_, latchbox::Error>(session)
    /// # };
    ///
    /// let nobody = "imaps://imap.example.com".parse()?;
    /// assert!(Account::from_url(&nobody, || Ok("correct-horse".into())).is_err());
    /// # Ok::<(), latchbox::types::InvalidServerUrl>(())
    /// ```
    pub fn from_url(
        url: &ServerUrl,
        secret: impl Fn() -> Result<Secret, NoCredentials> + Send + Sync + 'static,
    ) -> Result<Self, InvalidServerUrl> {
        Credentials::for_url(url, "")?;
        let builder = ClientBuilder::from_url(url);
        let url = url.clone();
        Ok(Self::new(builder, move || {
            Ok(Credentials::for_url(&url, secret()?)?)
        }))
    }

    /// Sessions reconnect at a lock when their connection has ended.
    #[must_use]
    pub fn reconnecting(mut self, back_off: BackOff) -> Self {
        self.reconnecting = Some(back_off);
        self
    }

    /// Connects and logs in.
    ///
    /// # Errors
    ///
    /// [`Error::Credentials`] when the provider fails; otherwise as for
    /// [`ClientBuilder::connect`] and [`Client::login`](crate::Client::login).
    pub fn open(&self) -> Result<Session> {
        let session = self.login.open(None, None)?;
        let Some(back_off) = self.reconnecting else {
            return Ok(session);
        };
        let login = Arc::clone(&self.login);
        let connect = move |lifeline: &Arc<Lifeline>, deadline| login.connect(lifeline, deadline);
        Ok(session.with_revival(Revival::new(Box::new(connect), back_off)))
    }
}

impl Login {
    fn open(&self, deadline: Option<Instant>, watch: Option<OnSocket>) -> Result<Session> {
        let credentials = (self.provider)().map_err(Error::Credentials)?;
        let mut builder = self.builder.clone();
        builder.bounds.until = deadline;
        builder.on_socket = watch;
        let client = builder.connect()?;
        let opened = match credentials {
            Credentials::Login { user, password } => client.login(&user, password),
            Credentials::Sasl(mechanism) => client.authenticate(mechanism),
            Credentials::Choice(choice) => client.authenticate_with(&choice),
        };
        opened.map_err(|(error, _client): LoginError| error)
    }

    /// Whoever cuts the lifeline ends this, too.
    fn connect(&self, lifeline: &Arc<Lifeline>, deadline: Option<Instant>) -> Result<Connection> {
        let lifeline = Arc::clone(lifeline);
        let watch: OnSocket = Arc::new(move |shutdown| lifeline.keep(shutdown));
        self.open(deadline, Some(watch))?.into_connection()
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

#[cfg(test)]
mod tests {
    use super::*;

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
}
