//! CREATE (RFC 9051 section 6.3.4).

use crate::error::{Error, Result};
use crate::session::Session;
use crate::types::mailbox_name::MailboxName;

impl Session {
    /// Creates a mailbox (CREATE); those above it in the hierarchy come into being with it.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`], with the code `ALREADYEXISTS` where the server says so;
    /// [`Error::Argument`] for a name that cannot be one; [`Error::Lock`], [`Error::Closed`].
    ///
    /// ```
    #[doc = include_str!("../doc/session.txt")]
    /// session.create("Projects/Entwürfe & Ideen")?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn create<N>(&self, name: N) -> Result<()>
    where
        N: TryInto<MailboxName, Error: Into<Error>>,
    {
        let name = name.try_into().map_err(Into::into)?;
        self.lease("CREATE")?.run_plain("CREATE", |encoder| {
            encoder.raw("CREATE ").mailbox(&name)?;
            Ok(())
        })?;
        Ok(())
    }
}
