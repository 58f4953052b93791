//! NAMESPACE (RFC 9051 section 6.3.10, RFC 2342).

use crate::connection::Connection;
use crate::connection::searching::is_named;
use crate::error::{Error, Result};
use crate::session::Session;
use crate::types::capability::Capability;
use crate::types::list::MailboxPattern;
use crate::types::mailbox_name::MailboxName;
use crate::types::namespace::{Namespace, Namespaces};
use crate::wire::response::Untagged;

const NAME: &str = "NAMESPACE";

impl Session {
    /// Where the user's own mailboxes, those of others and the shared ones are to be found
    /// (NAMESPACE). Sends nothing where they were
    /// [asked for with the login](crate::ClientBuilder::namespace). Where the server advertises
    /// NAMESPACE and answers BAD, as some do, the delimiter is asked for by LIST, and the user's own
    /// mailboxes have no prefix; if LIST does not tell it either, the BAD is the error.
    ///
    /// # Errors
    ///
    /// [`Error::Unsupported`] when the server does not have NAMESPACE; [`Error::Refused`],
    /// [`Error::Lock`], [`Error::Closed`], [`Error::Unanswered`].
    ///
    /// ```
    #[doc = include_str!("../doc/session.txt")]
    /// for namespace in session.namespace()?.personal() {
    ///     println!("{:?}", namespace.prefix());
    /// }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn namespace(&self) -> Result<Namespaces> {
        self.lease("NAMESPACE")?.namespaces()
    }
}

impl Connection {
    /// NAMESPACE, where the server has it and has not been asked with the login.
    pub(crate) fn namespaces(&mut self) -> Result<Namespaces> {
        if let Some(known) = self.state.namespaces() {
            return Ok(known.clone());
        }
        if !self.capabilities()?.supports(&Capability::Namespace) {
            return Err(Error::unsupported("NAMESPACE", Capability::Namespace));
        }
        if self.state.has_no_namespaces {
            return self.root_namespace()?.ok_or(Error::Unanswered("LIST"));
        }
        match self.told_namespaces() {
            Err(Error::Refused(refused)) if refused.may_be_about_form() => {
                let root = match self.root_namespace() {
                    Err(Error::Refused(_) | Error::Unreadable(_)) => None,
                    root => root?,
                };
                self.state.has_no_namespaces = root.is_some();
                root.ok_or(Error::Refused(refused))
            }
            told => told,
        }
    }

    fn told_namespaces(&mut self) -> Result<Namespaces> {
        let (mut found, mut unreadable) = (None, None);
        self.run(
            NAME,
            |encoder| {
                encoder.raw(NAME);
                Ok(())
            },
            |data| match data {
                Untagged::Namespace(namespaces) => {
                    found = Some(namespaces);
                    None
                }
                Untagged::Invalid { bytes, .. } if is_named(bytes, &[NAME]) => {
                    unreadable = Some(bytes.into());
                    None
                }
                other => Some(other),
            },
        )?;
        match (found, unreadable) {
            (Some(found), _) => Ok(found),
            (None, Some(octets)) => Err(Error::unreadable_response(NAME, octets)),
            (None, None) => Err(Error::Unanswered(NAME)),
        }
    }

    /// What `LIST "" ""` tells, for servers that advertise NAMESPACE and do not know it; `None` if
    /// it tells nothing.
    fn root_namespace(&mut self) -> Result<Option<Namespaces>> {
        let root = self.list_plain("LIST", &MailboxPattern::new("")?)?;
        let Some(root) = root.first() else {
            return Ok(None);
        };
        let personal = vec![Namespace::new(
            MailboxName::from_wire(b"", String::new(), true),
            root.delimiter(),
        )];
        let namespaces = Namespaces {
            personal,
            ..Namespaces::default()
        };
        self.state.set_namespaces(&namespaces);
        Ok(Some(namespaces))
    }
}
