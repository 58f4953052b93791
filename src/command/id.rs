//! ID (RFC 2971): the names of client and server.

use crate::error::Result;
use crate::exchange::Simple;
use crate::session::Session;
use crate::set_up::identify::Identify;
use crate::types::capability::Capability;
use crate::types::server_id::ServerId;

impl Session {
    /// Sends the identification of this program, and returns that of the server (ID, RFC 2971).
    ///
    /// `fields` are names and values, such as `("name", "mailtool")`; none at all sends NIL. Some
    /// providers refuse access to mail until the client has sent an ID.
    ///
    /// # Errors
    ///
    /// Before anything is sent: [`Error::Unsupported`](crate::Error::Unsupported) if the server
    /// lacks ID; [`Error::Argument`](crate::Error::Argument); [`Error::Lock`](crate::Error::Lock).
    /// Then [`Error::Refused`](crate::Error::Refused); [`Error::Closed`](crate::Error::Closed).
    ///
    /// ```
    #[doc = include_str!("../doc/session.txt")]
    /// let server = session.id(&[("name", "mailtool"), ("version", "1.0")])?;
    /// println!("connected to {server}");
    /// # assert!(server.name().is_some());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[doc(alias = "ID")]
    pub fn id(&self, fields: &[(&str, &str)]) -> Result<ServerId> {
        let mut connection = self.lease(Identify::NAME)?;
        connection.require(Identify::NAME, Capability::Id)?;
        connection
            .execute(&Identify::new(fields))
            .map(ServerId::new)
    }
}
