//! The not authenticated state: a client that is connected and not logged in.

use std::error::Error as StdError;
use std::fmt;

use crate::client_builder::ClientBuilder;
use crate::client_builder::session_settings::SessionSettings;
use crate::connection::Connection;
use crate::error::failed::Failed;
use crate::error::{CloseReason, Effect, Error, LoginAborted, LoginHint, Result};
use crate::events::session_event::SessionEvent;
use crate::session::Session;
use crate::set_up::Wishes;
use crate::set_up::identify::Identify;
use crate::types::account_id::Identity;
use crate::types::capability::{Capabilities, Capability};
use crate::types::response_text::ResponseText;

/// A connection that is not authenticated yet (RFC 9051 section 3.1).
///
/// [`login`](Self::login) and [`authenticate`](Self::authenticate) turn it into a [`Session`], and
/// return it in the [`LoginError`] if they fail, so that another password can be tried.
///
/// ```no_run
/// let session = latchbox::Client::connect("imap.example.com")?
///     .login("jane@example.com", "password")?;
/// # Ok::<(), latchbox::Error>(())
/// ```
pub struct Client {
    pub(crate) connection: Box<Connection>,
    pub(crate) is_preauthenticated: bool,
    pub(crate) settings: Box<SessionSettings>,
}

impl Client {
    /// Connects to `host` on port 993, with implicit TLS.
    ///
    /// Tries every address of the name within 30 seconds, verifies the certificate against the
    /// system's authorities, and reads the greeting. [`builder`](Self::builder) changes any of
    /// this.
    ///
    /// # Errors
    ///
    /// [`Error::Connect`], whose kind is the step that failed.
    pub fn connect(host: &str) -> Result<Self> {
        Self::builder(host).connect()
    }

    /// A builder, to set more than the host before connecting.
    #[doc(alias = "ImapConnection")]
    pub fn builder(host: &str) -> ClientBuilder {
        ClientBuilder::new(host)
    }

    /// Returns the capabilities before a login (CAPABILITY, RFC 9051 section 6.1.1).
    ///
    /// Sends nothing if the server has already reported them.
    ///
    /// # Errors
    ///
    /// [`Error::Closed`] or [`Error::Refused`].
    #[doc(alias = "CAPABILITY")]
    pub fn capabilities(&mut self) -> Result<Capabilities> {
        self.connection.ask_capabilities().cloned()
    }

    /// Whether everything is sent and received through TLS.
    #[must_use]
    pub fn is_encrypted(&self) -> bool {
        self.settings.is_private
    }

    /// Whether the server greeted with PREAUTH: the user is already authenticated.
    ///
    /// [`into_preauthenticated`](Self::into_preauthenticated) then makes the session.
    ///
    /// Only with [`ClientBuilder::accept_preauth`]; otherwise such a greeting is
    /// [`ConnectErrorKind::UnexpectedPreauth`](crate::error::ConnectErrorKind::UnexpectedPreauth).
    #[must_use]
    pub fn is_preauthenticated(&self) -> bool {
        self.is_preauthenticated
    }

    /// The greeting of the server (RFC 9051 section 7.1); `None` after STARTTLS.
    ///
    /// A greeting before TLS may be forged.
    ///
    /// ```
    /// # let server = latchbox_testkit::Server::start()?;
    /// # let builder = latchbox::Client::builder("127.0.0.1").port(server.port()).danger_plaintext();
    /// let client = builder.connect()?;
    /// let greeting = client.greeting().ok_or("STARTTLS")?;
    /// println!("{greeting}"); // controls are escaped
    /// assert!(!client.is_preauthenticated());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn greeting(&self) -> Option<ResponseText> {
        self.connection.meter().greeting()
    }

    /// Takes the events so far, oldest first: alerts, such as one in the greeting or of a refused
    /// login.
    ///
    /// Events that are not taken here are in [`Session::events`].
    #[must_use = "the events are taken out of the queue"]
    pub fn events(&mut self) -> Vec<SessionEvent> {
        self.connection.state.session_events.take_all()
    }

    /// Makes the session of a server that greeted with PREAUTH; sends no login.
    ///
    /// # Errors
    ///
    /// [`Error::Login`] with the client if the server greeted otherwise; [`Error::Refused`] or
    /// [`Error::Closed`] if a step after that fails.
    pub fn into_preauthenticated(mut self) -> std::result::Result<Session, LoginError> {
        if !self.is_preauthenticated {
            return Err(LoginError::new(
                Error::Login(LoginAborted::NotAuthenticated),
                self,
            ));
        }
        self.connection.begin_login();
        self.note_login(None);
        match self.set_up(None) {
            Ok(()) => Ok(self.into_session()),
            Err(error) => Err(LoginError::new(error, self)),
        }
    }

    pub(crate) fn into_session(mut self) -> Session {
        self.connection.redaction.clear();
        Session::new(*self.connection, self.settings)
    }

    /// The client of a session that was unauthenticated.
    pub(crate) fn again(connection: Connection, settings: Box<SessionSettings>) -> Self {
        Self {
            connection: Box::new(connection),
            is_preauthenticated: false,
            settings,
        }
    }

    /// From now on UIDs are those of this account; `identity` is `None` if the login named no user.
    pub(crate) fn note_login(&mut self, identity: Option<Identity>) {
        let account = self.settings.home.account(identity);
        self.connection.state.set_account(account);
    }

    pub(crate) fn check_may_show_secret(&self) -> Result<()> {
        if self.is_preauthenticated {
            return Err(Error::Login(LoginAborted::AlreadyAuthenticated));
        }
        if !self.settings.is_private && !self.settings.cleartext_login {
            return Err(Error::Login(LoginAborted::Cleartext));
        }
        Ok(())
    }

    /// What follows a login: the capabilities of the authenticated state, requested unless the
    /// server reported them, and the other steps that the builder set, in one round trip.
    pub(crate) fn settle_in(&mut self, heard_before: u64) -> Result<()> {
        let before = self.connection.state.capabilities().cloned();
        if self.connection.state.capabilities_heard() == heard_before {
            self.connection.state.forget_capabilities();
        }
        self.set_up(before).inspect_err(|_| {
            // The server has authenticated the user: this must not be used as a client any more.
            let reason = CloseReason::LoggedOut;
            drop(self.connection.close("LOGIN", Effect::None, reason));
        })
    }

    /// The steps after authentication; `before` is the capabilities before it.
    fn set_up(&mut self, before: Option<Capabilities>) -> Result<()> {
        let wishes = Wishes {
            identity: &self.settings.identity.fields,
            enable: self.settings.set_up.enable.iter().collect(),
            namespaces: self.settings.set_up.namespaces,
        };
        self.connection.set_up(wishes, before.as_ref())?;
        #[cfg(feature = "compress")]
        if self.settings.compress && self.connection.state.capabilities().is_some() {
            self.connection.try_to_compress()?;
        }
        Ok(())
    }

    /// The steps before a login.
    pub(crate) fn prepare_login(&mut self) -> Result<()> {
        let mut fields = self.settings.identity.fields.iter();
        if fields.any(|(name, value)| name.contains('\0') || value.contains('\0')) {
            return Err(Error::text("ID field", "a NUL cannot be sent"));
        }
        for capability in &self.settings.set_up.enable {
            capability.check()?;
        }
        match self.settings.identity.before_login {
            true => self.introduce(),
            false => Ok(()),
        }
    }

    /// Sends ID, if it was requested and the server supports it.
    fn introduce(&mut self) -> Result<()> {
        let Self {
            settings,
            connection,
            ..
        } = self;
        let identity = &settings.identity;
        let takes_it =
            !identity.fields.is_empty() && connection.capabilities()?.supports(&Capability::Id);
        if !takes_it {
            return Ok(());
        }
        match connection.execute(&Identify::of(&identity.fields)) {
            Err(error) if error.is_dispensable() => {
                log::debug!("step before login skipped: {error}");
            }
            told => _ = told?,
        }
        Ok(())
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("is_encrypted", &self.settings.is_private)
            .finish_non_exhaustive()
    }
}

/// A login that failed: the [`Error`], and the [`Client`] for another try.
///
/// `?` converts it into [`Error`], `anyhow::Error` or `Box<dyn Error>`. Its text and its sources are
/// those of the error inside. The connection stays open until the `LoginError` is dropped, or
/// converted into an [`Error`].
///
/// ```
/// # let server = latchbox_testkit::Server::start()?;
/// # let client = latchbox::Client::builder("127.0.0.1").port(server.port())
/// #     .danger_plaintext().danger_cleartext_login().connect()?;
/// let session = match client.login("jane@example.com", "guess") {
///     Ok(session) => session,
///     Err(error) if error.is_auth() => {
///         println!("{error}");
///         error.into_client().login("jane@example.com", "correct-horse")?
///     }
///     Err(error) => return Err(error.into()),
/// };
/// session.logout()?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct LoginError(Failed<Client>);

impl LoginError {
    pub(crate) fn new(error: Error, client: Client) -> Self {
        Self(Failed::new(error, client))
    }

    /// Why the login failed.
    #[must_use]
    pub fn error(&self) -> &Error {
        self.0.error()
    }

    /// The client that was to log in; not authenticated, and closed if the connection has ended.
    #[must_use]
    pub fn client(&self) -> &Client {
        self.0.on()
    }

    /// Whether the login failed because of the credentials; see [`Error::is_auth`].
    #[must_use]
    pub fn is_auth(&self) -> bool {
        self.error().is_auth()
    }

    /// Whether the same login may succeed later; see [`Error::is_retryable`].
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        self.error().is_retryable()
    }

    /// An action by which the user can make the login succeed; see [`Error::login_hint`].
    #[must_use]
    pub fn login_hint(&self) -> Option<LoginHint> {
        self.error().login_hint()
    }

    /// Returns the client, for another try.
    #[must_use]
    pub fn into_client(self) -> Client {
        self.0.into_parts().1
    }

    /// Returns the error, and closes the connection.
    #[must_use]
    pub fn into_error(self) -> Error {
        self.0.into_parts().0
    }

    /// Returns both the error and the client.
    #[must_use]
    pub fn into_parts(self) -> (Error, Client) {
        self.0.into_parts()
    }
}

/// Keeps the error, and closes the connection.
impl From<LoginError> for Error {
    fn from(error: LoginError) -> Self {
        error.into_error()
    }
}

impl fmt::Display for LoginError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for LoginError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.debug(f, ["LoginError", "client"])
    }
}

impl StdError for LoginError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_an_error_that_crosses_threads_and_one_word_long() {
        fn is_portable<T: StdError + Send + Sync + 'static>() {}
        is_portable::<LoginError>();
        assert_eq!(size_of::<LoginError>(), size_of::<usize>());
    }
}
