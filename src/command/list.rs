//! LIST and LSUB (RFC 9051 section 6.3.9, RFC 3501 section 6.3.9).

use crate::error::{Error, Result};
use crate::session::Session;
use crate::types::list::{ListEntry, MailboxPattern};

impl Session {
    /// The mailboxes whose names match a pattern (LIST): `*` stands for anything, `%` for
    /// anything within one level of the hierarchy. [`list_with`](Self::list_with) selects and tells
    /// more, [`list_status`](Self::list_status) counts.
    ///
    /// What a server tells beyond the one level of a pattern such as `%` or `Work/%` is left out. A
    /// level that cannot be opened has no delimiter at the end of its name.
    ///
    /// # Errors
    ///
    /// [`Error::Argument`] for a pattern that cannot be one; [`Error::Refused`], [`Error::Lock`],
    /// [`Error::Closed`].
    ///
    /// ```
    #[doc = include_str!("../doc/session.txt")]
    /// for mailbox in session.list("*")? {
    ///     println!("{}", mailbox.name());
    /// }
    /// # assert!(session.list("INBOX")?.len() == 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn list<P>(&self, pattern: P) -> Result<Vec<ListEntry>>
    where
        P: TryInto<MailboxPattern, Error: Into<Error>>,
    {
        let pattern = pattern.try_into().map_err(Into::into)?;
        self.lease("LIST")?.list_plain("LIST", &pattern)
    }

    /// The mailboxes that the user has subscribed to and whose names match a pattern (LSUB).
    ///
    /// A name can be subscribed to whose mailbox is gone.
    ///
    /// # Errors
    ///
    /// As for [`list`](Self::list).
    ///
    /// ```
    #[doc = include_str!("../doc/session.txt")]
    /// session.subscribe("INBOX")?;
    /// assert_eq!(session.lsub("INBOX")?.len(), 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn lsub<P>(&self, pattern: P) -> Result<Vec<ListEntry>>
    where
        P: TryInto<MailboxPattern, Error: Into<Error>>,
    {
        let pattern = pattern.try_into().map_err(Into::into)?;
        self.lease("LSUB")?.list_plain("LSUB", &pattern)
    }
}
