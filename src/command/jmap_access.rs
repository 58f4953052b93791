//! GETJMAPACCESS (RFC 9698): access to the same mail by JMAP.

use crate::connection::pipeline::Among;
use crate::error::Result;
use crate::exchange::{Simple, take_other};
use crate::session::Session;
use crate::types::capability::Capability;
use crate::wire::response::{Untagged, jmap_access};

impl Session {
    /// The URL of the JMAP session resource with the same mail (GETJMAPACCESS, RFC 9698).
    ///
    /// It is for the same user with the same credentials. The URL is returned as the server sent
    /// it: nothing is fetched from there, and a program that does so should check its host first.
    ///
    /// # Errors
    ///
    /// Before anything is sent: [`Error::Unsupported`](crate::Error::Unsupported) if the server
    /// lacks JMAPACCESS; [`Error::Lock`](crate::Error::Lock). Then
    /// [`Error::Refused`](crate::Error::Refused);
    /// [`Error::MissingData`](crate::Error::MissingData); [`Error::Closed`](crate::Error::Closed).
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
