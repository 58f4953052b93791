//! A request that waits for a connection of a pool.

use std::fmt;

use crate::types::mailbox_name::MailboxName;

/// A request that waits for a connection: see [`PoolState::waiters`](crate::pool::PoolState::waiters).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiter {
    pub(super) thread: Option<String>,
    pub(super) label: Option<String>,
    pub(super) mailbox: Option<MailboxName>,
}

impl Waiter {
    /// The name of the thread that made the request; `None` if it has none.
    #[must_use]
    pub fn thread(&self) -> Option<&str> {
        self.thread.as_deref()
    }

    /// The label of the request; `None` if it has none.
    ///
    /// See [`LockRequest::label`](crate::LockRequest::label).
    #[must_use]
    pub fn label(&self) -> Option<&str> {
        self.label.as_deref()
    }

    /// The mailbox that it is for; `None` if it is for a command of the session.
    #[must_use]
    pub fn mailbox(&self) -> Option<&MailboxName> {
        self.mailbox.as_ref()
    }
}

/// Like `thread "worker", mailbox INBOX ("report")`.
impl fmt::Display for Waiter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let thread = self.thread.as_deref().unwrap_or("unnamed");
        match &self.mailbox {
            Some(mailbox) => write!(f, "thread {thread:?}, mailbox {mailbox}")?,
            None => write!(f, "thread {thread:?}, a command of the session")?,
        }
        match &self.label {
            Some(label) => write!(f, " ({label:?})"),
            None => Ok(()),
        }
    }
}
