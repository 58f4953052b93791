//! CAPABILITY (RFC 9051 section 6.1.1): what the server can do.

use crate::connection::Connection;
use crate::error::{Error, Result};
use crate::session::Session;
use crate::types::capability::Capabilities;

impl Session {
    /// What the server can do: as it said last, or asked for where it has not said.
    ///
    /// # Errors
    ///
    /// [`Error::Lock`], [`Error::Closed`], [`Error::Refused`].
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
    pub fn capabilities(&self) -> Result<Capabilities> {
        self.lease("CAPABILITY")?.capabilities()
    }
}

impl Connection {
    /// The capabilities, asked for where they are not known.
    pub(crate) fn capabilities(&mut self) -> Result<Capabilities> {
        if self.state.capabilities().is_none() {
            self.run_plain("CAPABILITY", |encoder| {
                encoder.raw("CAPABILITY");
                Ok(())
            })?;
        }
        self.state
            .capabilities()
            .cloned()
            .ok_or(Error::Unanswered("CAPABILITY"))
    }
}
