//! Namespaces: the prefixes of the user's own mailboxes, of other users' and of shared ones (RFC
//! 9051 sections 6.3.10, 7.3.5; RFC 2342).

use std::fmt;

use crate::printable::Printable;
use crate::types::mailbox_name::MailboxName;

/// The namespaces of an account, as NAMESPACE returned them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Namespaces {
    pub(crate) personal: Vec<Namespace>,
    pub(crate) other_users: Vec<Namespace>,
    pub(crate) shared: Vec<Namespace>,
}

/// A namespace: the prefix of the names of its mailboxes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Namespace {
    prefix: MailboxName,
    delimiter: Option<char>,
}

impl Namespaces {
    /// The user's own mailboxes.
    pub fn personal(&self) -> &[Namespace] {
        &self.personal
    }

    /// Mailboxes of other users.
    pub fn other_users(&self) -> &[Namespace] {
        &self.other_users
    }

    /// Shared mailboxes, which belong to no single user.
    pub fn shared(&self) -> &[Namespace] {
        &self.shared
    }
}

impl Namespace {
    pub(crate) fn new(prefix: MailboxName, delimiter: Option<char>) -> Self {
        Self { prefix, delimiter }
    }

    /// The prefix of the names; often empty, otherwise it usually ends with the delimiter.
    pub fn prefix(&self) -> &str {
        self.prefix.as_str()
    }

    /// The separator between the levels of names; `None` if names are flat.
    pub fn delimiter(&self) -> Option<char> {
        self.delimiter
    }
}

impl fmt::Display for Namespace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{}\"", Printable(&self.prefix))
    }
}

impl fmt::Display for Namespaces {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kinds = [
            (&self.personal, "personal"),
            (&self.other_users, "other users"),
            (&self.shared, "shared"),
        ];
        let mut before = "";
        for (namespaces, kind) in kinds {
            for namespace in namespaces {
                write!(f, "{before}{kind} {namespace}")?;
                before = ", ";
            }
        }
        Ok(())
    }
}
