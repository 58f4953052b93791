//! CLOSE and UNSELECT (RFC 9051 sections 6.4.1 and 6.4.2): deselect the mailbox.

use crate::error::Result;
use crate::mailbox_guard::{Access, MailboxGuard, WriteAccess};
use crate::types::capability::Capability;

impl<A: Access> MailboxGuard<'_, A> {
    /// Deselects the mailbox without removing messages, and releases the lock (UNSELECT).
    ///
    /// # Errors
    ///
    /// Before anything is sent: [`Error::Unsupported`](crate::Error::Unsupported) if the server
    /// lacks UNSELECT. Then [`Error::Refused`](crate::Error::Refused);
    /// [`Error::Mailbox`](crate::Error::Mailbox); [`Error::Closed`](crate::Error::Closed).
    ///
    /// ```
    #[doc = include_str!("../doc/session.txt")]
    /// session.lock_mailbox("INBOX")?.unselect()?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[doc(alias = "UNSELECT")]
    pub fn unselect(self) -> Result<()> {
        let mut lease = self.held.lease("UNSELECT")?;
        lease.require("UNSELECT", Capability::Unselect)?;
        lease.run_and_unselect("UNSELECT", "UNSELECT")
    }
}

impl<A: Access> MailboxGuard<'_, A> {
    /// Permanently removes all messages with `\Deleted`, and deselects the mailbox (CLOSE).
    ///
    /// Releases the lock. It removes every message with `\Deleted`, whichever client has flagged
    /// it, and the server does not report which (RFC 9051 section 6.4.1);
    /// [`expunge_all_deleted`](Self::expunge_all_deleted) returns them. It does not compile on a
    /// read-only guard.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`](crate::Error::Refused); [`Error::Mailbox`](crate::Error::Mailbox);
    /// [`Error::Closed`](crate::Error::Closed).
    ///
    /// ```
    #[doc = include_str!("../doc/session.txt")]
    /// session.lock_mailbox("Trash")?.close_and_expunge()?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[doc(alias = "CLOSE")]
    #[doc(alias = "close")]
    pub fn close_and_expunge(self) -> Result<()>
    where
        A: WriteAccess,
    {
        self.held.lease("CLOSE")?.run_and_unselect("CLOSE", "CLOSE")
    }
}
