//! ID (RFC 2971): who the two ends are.

use crate::error::Result;
use crate::exchange::Simple;
use crate::session::Session;
use crate::set_up::identify::Identify;
use crate::types::capability::Capability;
use crate::types::server_id::ServerId;

impl Session {
    /// Tells the server who this program is, and asks who the server is (ID, RFC 2971).
    ///
    /// `fields` are names and values, such as `("name", "mailtool")`; none at all sends NIL. Some
    /// providers let nobody read mail who has not said who he is.
    ///
    /// # Errors
    ///
    /// [`Error::Unsupported`](crate::Error::Unsupported) when the server does not have ID;
    /// [`Error::Lock`](crate::Error::Lock), [`Error::Closed`](crate::Error::Closed),
    /// [`Error::Refused`](crate::Error::Refused), [`Error::Argument`](crate::Error::Argument).
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
