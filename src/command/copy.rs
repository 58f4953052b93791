//! COPY (RFC 9051 section 6.4.7).

use crate::error::{Error, Result};
use crate::mailbox_guard::numbered::Numbered;
use crate::mailbox_guard::saved_search::SavedSearch;
use crate::mailbox_guard::{Access, Held, Keeping, MailboxGuard};
use crate::types::copied::Copied;
use crate::types::mailbox_name::MailboxName;
use crate::types::message_set::MessageSet;
use crate::types::response_code::ResponseCode;
use crate::types::sequence_set::SequenceSet;
use crate::types::uid_set::UidSet;

impl<A: Access, K: Keeping> MailboxGuard<'_, A, K> {
    /// Copies messages to another mailbox (UID COPY): all of them or, when it fails, none. For
    /// sequence numbers see [`numbered`](Self::numbered).
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
    pub fn copy<N>(&mut self, uids: &UidSet, target: N) -> Result<Copied>
    where
        N: TryInto<MailboxName, Error: Into<Error>>,
    {
        let target = target.try_into().map_err(Into::into)?;
        self.held.copy_messages(uids, &target)
    }
}

impl<'n, A: Access> Numbered<'n, A> {
    /// Copies messages to another mailbox (COPY): all of them or, when it fails, none. An empty
    /// set is nothing to do.
    ///
    /// Uses the view up, because the server may remove messages meanwhile and numbers change.
    ///
    /// # Errors
    ///
    /// As for [`MailboxGuard::copy`]; [`MailboxError::Renumbered`] and
    /// [`MailboxError::ForeignNumbers`] before anything is sent.
    ///
    /// [`MailboxError::Renumbered`]: crate::MailboxError::Renumbered
    /// [`MailboxError::ForeignNumbers`]: crate::MailboxError::ForeignNumbers
    ///
    /// ```
    #[doc = include_str!("../doc/session.txt")]
    /// let mut inbox = session.lock_mailbox_read_only("INBOX")?;
    /// let numbered = inbox.numbered();
    /// let last_50 = numbered.last(50);
    /// let copied = numbered.copy(&last_50, "Archive")?;
    /// # assert_eq!(copied.copies().and_then(|copies| copies.len()), Some(1));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn copy<N>(self, set: &SequenceSet<'n>, target: N) -> Result<Copied>
    where
        N: TryInto<MailboxName, Error: Into<Error>>,
    {
        let target = target.try_into().map_err(Into::into)?;
        self.held.copy_messages(set, &target)
    }
}

impl<A: Access, K: Keeping> SavedSearch<'_, '_, A, K> {
    /// Copies the messages that were found to another mailbox (UID COPY with `$`).
    ///
    /// # Errors
    ///
    /// As for [`MailboxGuard::copy`].
    ///
    /// ```
    #[doc = include_str!("../doc/session.txt")]
    /// use latchbox::types::{SearchKey};
    ///
    /// let mut inbox = session.lock_mailbox("INBOX")?;
    /// let mut unread = inbox.search_saved(SearchKey::Unseen)?;
    /// unread.copy("Archive")?;
    /// # assert_eq!(server.messages("Archive").len(), 2);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn copy<N>(&mut self, target: N) -> Result<Copied>
    where
        N: TryInto<MailboxName, Error: Into<Error>>,
    {
        self.guard.copy(&self.set, target)
    }
}

impl Held {
    /// Copies messages: all of them or none.
    pub(crate) fn copy_messages<S: MessageSet>(
        &self,
        set: &S,
        target: &MailboxName,
    ) -> Result<Copied> {
        let command = if S::UID { "UID COPY" } else { "COPY" };
        if !self.check_set(command, set)? {
            return Ok(Copied::nothing());
        }
        let mut connection = self.connection(command)?;
        self.confirm_numbering(&mut connection, command, set.numbering())?;
        let code = connection.run_plain(command, |encoder| {
            encoder
                .raw(command)
                .sp()
                .sequence_set(set.numbers())
                .sp()
                .mailbox(target)?;
            Ok(())
        })?;
        Ok(match code {
            Some(ResponseCode::CopyUid(copy_uid)) => Copied::by(Some(copy_uid), target),
            Some(ResponseCode::Other { name, .. }) if name.eq_ignore_ascii_case("COPYUID") => {
                Copied::unreadable()
            }
            _ => Copied::nothing(),
        })
    }
}
