//! UNAUTHENTICATE (RFC 8437): the same connection for another user.

use crate::client::Client;
use crate::connection::Connection;
use crate::error::{Error, Result};
use crate::exchange::Simple;
use crate::session::Session;
use crate::session::unauthenticate_error::UnauthenticateError;
use crate::types::capability::Capability;

impl Session {
    /// Logs out but keeps the connection, for a login of another user (UNAUTHENTICATE, RFC 8437).
    ///
    /// It is for programs that act for many users, one after the other. It consumes the session, so
    /// it does not compile while something is borrowed from it, and waits until guards that own
    /// their session are dropped. TLS stays; the selection, enabled extensions and the request of
    /// NOTIFY end on both sides. The client logs in with the settings of the
    /// [`ClientBuilder`](crate::ClientBuilder) that made it. An [`Account`](crate::Account) does
    /// not reconnect it.
    ///
    /// # Errors
    ///
    /// Each comes with the session. Before anything is sent: [`Error::Unsupported`] if the server
    /// lacks UNAUTHENTICATE; [`Error::Argument`] if the connection is compressed, because the
    /// server ends the compression with the login, which this crate does not support;
    /// [`Error::Lock`]. Then [`Error::Refused`]; [`Error::Closed`].
    ///
    /// ```
    #[doc = include_str!("../doc/session.txt")]
    /// let session = match session.unauthenticate() {
    ///     Ok(client) => client.login("joe@example.com", "secret")?,
    ///     Err(error) if matches!(error.error(), latchbox::Error::Unsupported(_)) => {
    ///         error.into_session() // log out and connect again
    ///     }
    ///     Err(error) => return Err(error.into()),
    /// };
    /// session.noop()?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[doc(alias = "UNAUTHENTICATE")]
    pub fn unauthenticate(self) -> std::result::Result<Client, UnauthenticateError> {
        let lease = self.lease_as_it_is(Unauthenticate::NAME);
        let done = lease.and_then(|mut lease| {
            lease.require(Unauthenticate::NAME, Capability::Unauthenticate)?;
            let heard = lease.state.capabilities_heard();
            lease.execute(&Unauthenticate)?;
            lease.state.unauthenticate(heard);
            Ok(())
        });
        match done {
            Ok(()) => match self.try_into_connection() {
                Ok((connection, settings)) => Ok(Client::again(connection, settings)),
                Err(session) => Err(UnauthenticateError::new(Error::StreamOpen, session)),
            },
            Err(error) => Err(UnauthenticateError::new(error, self)),
        }
    }
}

struct Unauthenticate;

impl Simple for Unauthenticate {
    const NAME: &'static str = "UNAUTHENTICATE";
    type Partial = ();

    fn check(&self, connection: &mut Connection) -> Result<()> {
        let problem = "COMPRESS is in use; log out and connect again";
        match connection.is_compressed() {
            true => Err(Error::text("connection", problem)),
            false => Ok(()),
        }
    }
}
