//! ENABLE (RFC 9051 section 6.3.1): extensions that have to be switched on.

use crate::error::{Error, Result};
use crate::session::Session;
use crate::types::capability::Capability;
use crate::wire::response::Untagged;

impl Session {
    /// Switches extensions on (ENABLE, RFC 5161); returns those that the server did switch on.
    ///
    /// # Errors
    ///
    /// [`Error::Unsupported`] when the server does not have ENABLE; [`Error::Argument`] for a
    /// capability that is not an atom; [`Error::Lock`], [`Error::Closed`], [`Error::Refused`].
    ///
    /// ```
    #[doc = include_str!("../doc/session.txt")]
    /// use latchbox::types::Capability;
    ///
    /// let enabled = session.enable(&[Capability::CondStore])?;
    /// assert_eq!(enabled, [Capability::CondStore]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn enable(&self, capabilities: &[Capability]) -> Result<Vec<Capability>> {
        if capabilities.is_empty() {
            return Ok(Vec::new());
        }
        let mut connection = self.lease("ENABLE")?;
        if !connection.capabilities()?.supports(&Capability::Enable) {
            return Err(Error::unsupported("ENABLE", Capability::Enable));
        }
        for capability in capabilities {
            capability.check()?;
        }
        let mut enabled = Vec::new();
        connection.run(
            "ENABLE",
            |encoder| {
                encoder.raw("ENABLE");
                for capability in capabilities {
                    encoder.sp().display(capability);
                }
                Ok(())
            },
            |data| {
                if let Untagged::Enabled(capabilities) = &data {
                    enabled.extend_from_slice(capabilities);
                }
                Some(data)
            },
        )?;
        Ok(enabled)
    }
}
