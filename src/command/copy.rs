//! COPY (RFC 9051 section 6.4.7).

use crate::error::{Error, Result};
use crate::mailbox_guard::{Access, Keeping, MailboxGuard};
use crate::types::copied::Copied;
use crate::types::mailbox_name::MailboxName;
use crate::types::response_code::ResponseCode;
use crate::types::sequence_set::MessageSet;

impl<A: Access, K: Keeping> MailboxGuard<'_, A, K> {
    /// Copies messages to another mailbox (COPY, or UID COPY for a
    /// [`UidSet`](crate::types::UidSet)): all of them or,
    /// when it fails, none.
    ///
    /// Flags and dates go along. An empty set that a search gave is nothing to do.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`], with the code `TRYCREATE` when there is no such mailbox and it could be
    /// created; [`Error::StaleUids`] for UIDs of elsewhere; [`Error::Argument`] for an empty set
    /// made by hand; [`Error::Mailbox`], [`Error::Closed`].
    ///
    /// ```
    #[doc = include_str!("../doc/session.txt")]
    /// use latchbox::types::SearchKey;
    ///
    /// let mut inbox = session.lock_mailbox_read_only("INBOX")?;
    /// let all = inbox.search(SearchKey::All)?;
    /// let copied = inbox.copy(&all, "Archive")?;
    /// for (original, copy) in copied.pairs() {
    ///     println!("{original} is {copy} in Archive");
    /// }
    /// # assert_eq!(copied.copies().and_then(|copies| copies.len()), all.len());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn copy<S, N>(&mut self, set: &S, target: N) -> Result<Copied>
    where
        S: MessageSet,
        N: TryInto<MailboxName, Error: Into<Error>>,
    {
        let target = target.try_into().map_err(Into::into)?;
        let command = if S::UID { "UID COPY" } else { "COPY" };
        if !self.held.check_set(command, set)? {
            return Ok(Copied::nothing());
        }
        let code = self
            .held
            .connection(command)?
            .run_plain(command, |encoder| {
                encoder
                    .raw(command)
                    .sp()
                    .sequence_set(set.numbers())
                    .sp()
                    .mailbox(&target)?;
                Ok(())
            })?;
        let copy_uid = match code {
            Some(ResponseCode::CopyUid(copy_uid)) => Some(copy_uid),
            _ => None,
        };
        Ok(Copied::by(copy_uid, &target))
    }
}
