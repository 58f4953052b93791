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
    /// The prefixes of the user's own, other users' and shared mailboxes (NAMESPACE).
    ///
    /// Sends nothing if they were [requested at login](crate::ClientBuilder::namespace). Some
    /// servers advertise NAMESPACE and answer BAD. LIST then finds the delimiter, and the user's
    /// own mailboxes have no prefix; if LIST does not report it either, the BAD is the error.
    ///
    /// # Errors
    ///
    /// Before anything is sent: [`Error::Unsupported`] if the server lacks NAMESPACE;
    /// [`Error::Lock`]. Then [`Error::Refused`]; [`Error::MissingData`]; [`Error::Closed`].
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
    /// NAMESPACE, if the server has it and it was not requested at login.
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

    /// The answer to `LIST "" ""`, for servers that advertise NAMESPACE and do not support it;
    /// `None` if it is empty.
    fn root_namespace(&mut self) -> Result<Option<Namespaces>> {
        let root = self.list(&MailboxPattern::new("")?)?;
        let Some(root) = root.first() else {
            return Ok(None);
        };
        let personal = vec![Namespace::new(
            MailboxName::from_wire(b"", "", true),
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
