//! CAPABILITY (RFC 9051 section 6.1.1): what the server can do.

use crate::connection::ask_capabilities::CAPABILITY;
use crate::error::Result;
use crate::session::Session;
use crate::types::capability::Capabilities;

impl Session {
    /// What the server can do: as it said last, or asked for where it has not said.
    ///
    /// # Errors
    ///
    /// [`Error::Lock`](crate::Error::Lock), [`Error::Closed`](crate::Error::Closed),
    /// [`Error::Refused`](crate::Error::Refused).
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
