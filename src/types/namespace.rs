//! Namespaces: under which prefixes a user's own mailboxes, other users' and shared ones are
//! (RFC 9051 sections 6.3.10, 7.3.5; RFC 2342).

use std::fmt;

use crate::printable::Printable;
use crate::types::mailbox_name::MailboxName;

/// What NAMESPACE answered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Namespaces {
    pub(crate) personal: Vec<Namespace>,
    pub(crate) other_users: Vec<Namespace>,
    pub(crate) shared: Vec<Namespace>,
}

/// One namespace: what the names of its mailboxes start with.
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

    /// Mailboxes that belong to nobody in particular.
    pub fn shared(&self) -> &[Namespace] {
        &self.shared
    }
}

impl Namespace {
    pub(crate) fn new(prefix: MailboxName, delimiter: Option<char>) -> Self {
        Self { prefix, delimiter }
    }

    /// What the names start with; often empty, otherwise mostly with the delimiter at its end.
    pub fn prefix(&self) -> &str {
        self.prefix.as_str()
    }

    /// What separates the levels of names; `None` when names are flat.
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
