//! ENABLE (RFC 9051 section 6.3.1): extensions that the client has to enable.

use crate::error::Result;
use crate::session::Session;
use crate::set_up::enable::Enable;
use crate::types::capability::Capability;

impl Session {
    /// Enables extensions (ENABLE, RFC 5161); returns those that the server enabled, in its order.
    ///
    /// Extensions that the server reports beyond `capabilities` are ignored.
    ///
    /// If the server answers OK without the list of what it enabled, as iCloud does, each requested
    /// extension that it advertises counts as enabled. UTF8=ACCEPT and IMAP4rev2 do not, because
    /// they change how names are written.
    ///
    /// # Errors
    ///
    /// Before anything is sent: [`Error::Unsupported`](crate::Error::Unsupported) if the server
    /// lacks ENABLE; [`Error::Argument`](crate::Error::Argument) for a capability that is not an
    /// atom; [`Error::Lock`](crate::Error::Lock). Then [`Error::Refused`](crate::Error::Refused);
    /// [`Error::Closed`](crate::Error::Closed).
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
