//! The not authenticated state: a client that is connected and nobody yet.

use std::fmt;

use crate::client_builder::ClientBuilder;
use crate::client_builder::session_settings::SessionSettings;
use crate::connection::Connection;
use crate::error::{CloseReason, Effect, Error, LoginAborted, Result};
use crate::events::session_event::SessionEvent;
use crate::session::Session;
use crate::set_up::Wishes;
use crate::set_up::identify::Identify;
use crate::types::account_id::Identity;
use crate::types::capability::{Capabilities, Capability};

/// A connection that is not authenticated yet (RFC 9051 section 3.1).
///
/// [`login`](Self::login) and [`authenticate`](Self::authenticate) turn it into a [`Session`], and
/// give it back with the error when they fail, so that another password can be tried.
///
/// ```no_run
/// let session = latchbox::Client::connect("imap.example.com")?
///     .login("jane@example.com", "password")
///     .map_err(|(error, _client)| error)?;
/// # Ok::<(), latchbox::Error>(())
/// ```
pub struct Client {
    pub(crate) connection: Box<Connection>,
    pub(crate) is_preauthenticated: bool,
    pub(crate) settings: Box<SessionSettings>,
}

/// What a login that failed gives back: why, and the client to try again with.
pub type LoginError = (Error, Client);

impl Client {
    /// Connects to `host` on port 993, with TLS from the first byte.
    ///
    /// Tries every address of the name within 30 seconds, verifies the certificate against the
    /// system's authorities, and hears the greeting. [`builder`](Self::builder) changes any of it.
    ///
    /// # Errors
    ///
    /// [`Error::Connect`], which says how far it came.
    pub fn connect(host: &str) -> Result<Self> {
        Self::builder(host).connect()
    }

    /// Settles more than the host before connecting.
    pub fn builder(host: &str) -> ClientBuilder {
        ClientBuilder::new(host)
    }

    /// What the server can do, as far as it says before a login (CAPABILITY, RFC 9051 section
    /// 6.1.1); sent only when it has not said so already.
    ///
    /// # Errors
    ///
    /// [`Error::Closed`] or [`Error::Refused`].
    pub fn capabilities(&mut self) -> Result<Capabilities> {
        self.connection.ask_capabilities().cloned()
    }

    /// Whether everything goes through TLS.
    #[must_use]
    pub fn is_encrypted(&self) -> bool {
        self.settings.is_private
    }

    /// Takes what the server has told the user so far, the oldest first: alerts, such as one in the
    /// greeting or with a refused login. What is not taken here waits in
    /// [`Session::events`].
    #[must_use = "the events are taken out of the queue"]
    pub fn events(&mut self) -> Vec<SessionEvent> {
        self.connection.state.session_events.take_all()
    }

    /// The session of a server that greeted with PREAUTH: no login is needed, and none is sent.
    ///
    /// # Errors
    ///
    /// [`Error::Login`] with the client when the server greeted otherwise.
    pub fn into_preauthenticated(mut self) -> std::result::Result<Session, LoginError> {
        if !self.is_preauthenticated {
            return Err((Error::Login(LoginAborted::NotAuthenticated), self));
        }
        self.connection.begin_login();
        self.note_login(None);
        match self.set_up(None) {
            Ok(()) => Ok(self.into_session()),
            Err(error) => Err((error, self)),
        }
    }

    pub(crate) fn into_session(mut self) -> Session {
        self.connection.redaction.clear();
        Session::new(*self.connection, self.settings)
    }

    /// The client of a session whose login was given up.
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

    /// What follows a login: the capabilities of the authenticated state, asked for unless they
    /// came by themselves, and what else was wished for, in one go.
    pub(crate) fn settle_in(&mut self, heard_before: u64) -> Result<()> {
        let before = self.connection.state.capabilities().cloned();
        if self.connection.state.capabilities_heard() == heard_before {
            self.connection.state.forget_capabilities();
        }
        self.set_up(before).inspect_err(|_| {
            // The server has let the user in: nobody must take this for a client.
            let reason = CloseReason::LoggedOut;
            drop(self.connection.close("LOGIN", Effect::None, reason));
        })
    }

    /// What is to be done once it is authenticated; `before` is what the server could do until
    /// then.
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

    /// What precedes a login.
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

    /// Says who the program is, where that was asked for and the server takes it.
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
            Err(error) if error.is_dispensable() => log::debug!("{error}"),
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
