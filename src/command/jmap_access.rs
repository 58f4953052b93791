//! GETJMAPACCESS (RFC 9698): where the same mail is by JMAP.

use crate::error::{Error, Result};
use crate::session::Session;
use crate::types::capability::Capability;
use crate::wire::response::{Untagged, jmap_access};

const COMMAND: &str = "GETJMAPACCESS";

impl Session {
    /// The URL of the JMAP session resource that has the same mail, for the same user and by the
    /// same credentials (GETJMAPACCESS, RFC 9698). As the server wrote it: nothing is fetched from
    /// there, and whoever does should look at its host first.
    ///
    /// # Errors
    ///
    /// [`Error::Unsupported`] before anything is sent when the server does not have JMAPACCESS;
    /// [`Error::Unanswered`], [`Error::Refused`], [`Error::Lock`], [`Error::Closed`].
    ///
    /// ```
    #[doc = include_str!("../doc/session.txt")]
    /// match session.jmap_access() {
    ///     Ok(url) => println!("{url:?}"),
    ///     Err(latchbox::Error::Unsupported(_)) => println!("IMAP it is"),
    ///     Err(error) => return Err(error.into()),
    /// }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn jmap_access(&self) -> Result<String> {
        let mut connection = self.lease(COMMAND)?;
        if !connection.capabilities()?.supports(&Capability::JmapAccess) {
            return Err(Error::unsupported(COMMAND, Capability::JmapAccess));
        }
        let mut found = None;
        connection.run(
            COMMAND,
            |encoder| {
                encoder.raw(COMMAND);
                Ok(())
            },
            |data| {
                let url = match &data {
                    Untagged::Other(bytes) => jmap_access::parse(bytes),
                    _ => None,
                };
                let is_it = url.is_some();
                found = url.or(found.take());
                (!is_it).then_some(data)
            },
        )?;
        found.ok_or(Error::Unanswered(COMMAND))
    }
}
