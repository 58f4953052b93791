//! NAMESPACE (RFC 9051 section 6.3.10, RFC 2342).

use crate::connection::Connection;
use crate::error::{Error, Result};
use crate::exchange::Simple;
use crate::session::Session;
use crate::set_up::namespaces::AskNamespaces;
use crate::types::capability::Capability;
use crate::types::list::MailboxPattern;
use crate::types::mailbox_name::MailboxName;
use crate::types::namespace::{Namespace, Namespaces};

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
    /// [`Error::Lock`], [`Error::Closed`], [`Error::MissingData`].
    ///
    /// ```
    #[doc = include_str!("../doc/session.txt")]
    /// for namespace in session.namespace()?.personal() {
    ///     println!("{:?}", namespace.prefix());
    /// }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[doc(alias = "NAMESPACE")]
    pub fn namespace(&self) -> Result<Namespaces> {
        self.lease(AskNamespaces::NAME)?.namespaces()
    }
}

impl Connection {
    /// NAMESPACE, where the server has it and has not been asked with the login.
    pub(crate) fn namespaces(&mut self) -> Result<Namespaces> {
        if let Some(known) = self.state.namespaces() {
            return Ok(known.clone());
        }
        self.require(AskNamespaces::NAME, Capability::Namespace)?;
        if self.state.has_no_namespaces {
            return self.root_namespace()?.ok_or(Error::MissingData("LIST"));
        }
        match self.execute(&AskNamespaces) {
            Err(Error::Refused(refused)) if refused.may_be_about_form() => {
                let root = match self.root_namespace() {
                    Err(Error::Refused(_) | Error::Unparsable(_)) => None,
                    root => root?,
                };
                self.state.has_no_namespaces = root.is_some();
                root.ok_or(Error::Refused(refused))
            }
            told => told,
        }
    }

    /// What `LIST "" ""` tells, for servers that advertise NAMESPACE and do not know it; `None` if
    /// it tells nothing.
    fn root_namespace(&mut self) -> Result<Option<Namespaces>> {
        let root = self.list(&MailboxPattern::new("")?)?;
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
