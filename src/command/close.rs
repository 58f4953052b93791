//! CLOSE and UNSELECT (RFC 9051 sections 6.4.1 and 6.4.2): the ends of the selected state.

use crate::error::Result;
use crate::mailbox_guard::{Access, MailboxGuard, WriteAccess};
use crate::types::capability::Capability;

impl<A: Access> MailboxGuard<'_, A> {
    /// Ends the guard and the selection with it, and changes nothing (UNSELECT).
    ///
    /// # Errors
    ///
    /// [`Error::Unsupported`](crate::Error::Unsupported) when the server does not have UNSELECT;
    /// [`Error::Mailbox`](crate::Error::Mailbox), [`Error::Closed`](crate::Error::Closed),
    /// [`Error::Refused`](crate::Error::Refused).
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
        lease.run_and_unselect("UNSELECT")
    }
}

impl<A: Access> MailboxGuard<'_, A> {
    /// Permanently removes all messages with `\Deleted`, deselects the mailbox and releases the lock
    /// (CLOSE, RFC 9051 section 6.4.1).
    ///
    /// It does not compile on a read-only guard. It removes messages that another client has flagged as
    /// well. The server does not report what it
    /// removed; [`expunge_all_deleted`](Self::expunge_all_deleted) returns that.
    ///
    /// # Errors
    ///
    /// [`Error::Mailbox`](crate::Error::Mailbox), [`Error::Closed`](crate::Error::Closed),
    /// [`Error::Refused`](crate::Error::Refused).
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
        self.held.lease("CLOSE")?.run_and_unselect("CLOSE")
    }
}
