//! LOGIN (RFC 9051 section 6.2.3).

use crate::client::{Client, LoginError};
use crate::error::{Error, LoginAborted, Result};
use crate::sasl::secret::Secret;
use crate::session::Session;
use crate::types::account_id::Identity;
use crate::types::capability::Capability;

impl Client {
    /// Logs in by user and password (LOGIN, RFC 9051 section 6.2.3).
    ///
    /// Name and password are sent quoted or as literals, as they need. If the OK has no
    /// capabilities, CAPABILITY is sent afterwards; if the server refuses that, it is sent again
    /// when they are needed.
    ///
    /// # Errors
    ///
    /// Each comes with the client, for another try. Before LOGIN is sent: [`Error::Login`] if there
    /// is no TLS (see [`danger_cleartext_login`](crate::ClientBuilder::danger_cleartext_login)) or
    /// the server advertises LOGINDISABLED. Then [`Error::Refused`] if the server answers NO
    /// ([`Error::is_auth`] is `true`); [`Error::Closed`]. If a step after the login fails, the
    /// connection is closed, so that the returned client is never logged in.
    ///
    /// ```
    /// # let server = latchbox_testkit::Server::start()?;
    /// # let client = latchbox::Client::builder("127.0.0.1").port(server.port())
    /// #     .danger_plaintext().danger_cleartext_login().connect()?;
    /// let error = client.login("jane@example.com", "wrong").unwrap_err();
    /// assert!(error.is_auth());
    /// let session = error.into_client().login("jane@example.com", "correct-horse")?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[doc(alias = "LOGIN")]
    pub fn login(
        mut self,
        user: &str,
        password: impl Into<Secret>,
    ) -> std::result::Result<Session, LoginError> {
        let password = password.into();
        self.connection.begin_login();
        match self.try_login(user, &password) {
            Ok(()) => Ok(self.into_session()),
            Err(error) => Err(LoginError::new(error, self)),
        }
    }

    pub(crate) fn try_login(&mut self, user: &str, password: &Secret) -> Result<()> {
        self.check_may_show_secret()?;
        self.prepare_login()?;
        if self
            .connection
            .capabilities()?
            .contains(&Capability::LoginDisabled)
        {
            return Err(Error::Login(LoginAborted::LoginDisabled));
        }
        let not_text = |_| Error::text("password", "LOGIN takes text only; AUTHENTICATE takes it");
        let text = std::str::from_utf8(password.expose()).map_err(not_text)?;
        let heard = self.connection.state.capabilities_heard();
        self.connection.redaction.begin(password.expose());
        let done = self.connection.run_plain("LOGIN", |encoder| {
            encoder
                .raw("LOGIN ")
                .string("user name", user)?
                .sp()
                .string("password", text)?;
            Ok(())
        });
        self.connection.wipe_login();
        done?;
        self.note_login(Some(Identity::user(user)));
        self.settle_in(heard)
    }
}
