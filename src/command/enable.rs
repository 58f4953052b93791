//! ENABLE (RFC 9051 section 6.3.1): extensions that have to be switched on.

use crate::error::Result;
use crate::session::Session;
use crate::set_up::enable::Enable;
use crate::types::capability::Capability;

impl Session {
    /// Switches extensions on (ENABLE, RFC 5161); returns those of them that the server did switch
    /// on, in its order.
    ///
    /// What the server reports to have enabled beyond `capabilities` is ignored.
    ///
    /// If the server answers OK and does not list what it switched on, as iCloud does, all that it
    /// advertises of what was asked for counts as switched on. UTF8=ACCEPT and IMAP4rev2 do not,
    /// because they change how names are written.
    ///
    /// # Errors
    ///
    /// [`Error::Unsupported`](crate::Error::Unsupported) when the server does not have ENABLE;
    /// [`Error::Argument`](crate::Error::Argument) for a capability that is not an atom;
    /// [`Error::Lock`](crate::Error::Lock), [`Error::Closed`](crate::Error::Closed),
    /// [`Error::Refused`](crate::Error::Refused).
    ///
    /// ```
    #[doc = include_str!("../doc/session.txt")]
    /// use latchbox::types::Capability;
    ///
    /// let enabled = session.enable(&[Capability::CondStore])?;
    /// assert_eq!(enabled, [Capability::CondStore]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[doc(alias = "ENABLE")]
    pub fn enable(&self, capabilities: &[Capability]) -> Result<Vec<Capability>> {
        if capabilities.is_empty() {
            return Ok(Vec::new());
        }
        let mut connection = self.lease(Enable::NAME)?;
        connection.require(Enable::NAME, Capability::Enable)?;
        connection.execute(&Enable(capabilities.iter().collect()))
    }
}
