//! GETJMAPACCESS (RFC 9698): where the same mail is by JMAP.

use crate::connection::pipeline::Among;
use crate::error::Result;
use crate::exchange::{Simple, take_other};
use crate::session::Session;
use crate::types::capability::Capability;
use crate::wire::response::{Untagged, jmap_access};

impl Session {
    /// The URL of the JMAP session resource that has the same mail, for the same user and by the
    /// same credentials (GETJMAPACCESS, RFC 9698). As the server wrote it: nothing is fetched from
    /// there, and whoever does should look at its host first.
    ///
    /// # Errors
    ///
    /// [`Error::Unsupported`](crate::Error::Unsupported) before anything is sent when the server
    /// does not have JMAPACCESS; [`Error::MissingData`](crate::Error::MissingData),
    /// [`Error::Refused`](crate::Error::Refused), [`Error::Lock`](crate::Error::Lock),
    /// [`Error::Closed`](crate::Error::Closed).
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
    #[doc(alias = "JMAPACCESS")]
    pub fn jmap_access(&self) -> Result<String> {
        self.execute(&GetJmapAccess)
    }
}

struct GetJmapAccess;

impl Simple for GetJmapAccess {
    const NAME: &'static str = "GETJMAPACCESS";
    const NEEDS: Option<Capability> = Some(Capability::JmapAccess);
    type Partial = Option<String>;

    fn claim<'r>(
        &self,
        found: &mut Self::Partial,
        data: Untagged<'r>,
        _: Option<Among>,
    ) -> Option<Untagged<'r>> {
        take_other(found, data, jmap_access::parse)
    }
}
