//! CAPABILITY (RFC 9051 section 6.1.1): the capabilities of the server.

use crate::connection::ask_capabilities::CAPABILITY;
use crate::error::Result;
use crate::session::Session;
use crate::types::capability::Capabilities;

impl Session {
    /// The capabilities of the server, as it reported them last (CAPABILITY, RFC 9051 section
    /// 6.1.1).
    ///
    /// Sends CAPABILITY only if the server has not reported them on this connection since the
    /// login.
    ///
    /// # Errors
    ///
    /// [`Error::Lock`](crate::Error::Lock); [`Error::Refused`](crate::Error::Refused);
    /// [`Error::MissingData`](crate::Error::MissingData); [`Error::Closed`](crate::Error::Closed).
    ///
    /// ```
    #[doc = include_str!("../doc/session.txt")]
    /// use latchbox::types::Capability;
    ///
    /// if session.capabilities()?.supports(&Capability::Move) {
    ///     println!("messages can be moved in one step");
    /// }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[doc(alias = "CAPABILITY")]
    #[doc(alias = "has_str")]
    pub fn capabilities(&self) -> Result<Capabilities> {
        self.lease(CAPABILITY)?.ask_capabilities().cloned()
    }
}
