//! MOVE (RFC 9051 section 6.4.8).

use crate::error::{Error, Result};
use crate::mailbox_guard::numbered::Numbered;
use crate::mailbox_guard::saved_search::SavedSearch;
use crate::mailbox_guard::{Held, Keeping, MailboxGuard, ReadWrite};
use crate::types::capability::Capability;
use crate::types::copied::Copied;
use crate::types::mailbox_name::MailboxName;
use crate::types::message_set::MessageSet;
use crate::types::response_code::ResponseCode;
use crate::types::sequence_set::SequenceSet;
use crate::types::uid_set::UidSet;
use crate::wire::response::Untagged;

impl<K: Keeping> MailboxGuard<'_, ReadWrite, K> {
    /// Moves messages to another mailbox (UID MOVE): for each message in one step, so that none is
    /// ever in both or in neither. For sequence numbers see [`numbered`](Self::numbered).
    ///
    /// An empty set that a search gave is nothing to do.
    ///
    /// # Errors
    ///
    /// [`Error::Unsupported`] when the server does not have MOVE; otherwise as for
    /// [`copy`](Self::copy). A server may move some messages before it refuses.
    ///
    /// ```
    #[doc = include_str!("../doc/session.txt")]
    /// use latchbox::types::SearchKey;
    ///
    /// let mut inbox = session.lock_mailbox("INBOX")?;
    /// let read = inbox.search(SearchKey::Seen)?;
    /// inbox.move_to(&read, "Archive")?;
    /// # assert!(inbox.search(SearchKey::Seen)?.is_empty());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn move_to<N>(&mut self, uids: &UidSet, target: N) -> Result<Copied>
    where
        N: TryInto<MailboxName, Error: Into<Error>>,
    {
        move_to(&self.held, uids, &target.try_into().map_err(Into::into)?)
    }
}

impl<'n> Numbered<'n, ReadWrite> {
    /// Moves messages to another mailbox (MOVE): for each message in one step, so that none is
    /// ever in both or in neither. An empty set is nothing to do.
    ///
    /// Uses the view up, because the messages behind those that go get other numbers.
    ///
    /// # Errors
    ///
    /// As for [`MailboxGuard::move_to`]; [`MailboxError::Renumbered`] and
    /// [`MailboxError::ForeignNumbers`] before anything is sent.
    ///
    /// [`MailboxError::Renumbered`]: crate::MailboxError::Renumbered
    /// [`MailboxError::ForeignNumbers`]: crate::MailboxError::ForeignNumbers
    ///
    /// ```
    #[doc = include_str!("../doc/session.txt")]
    /// let mut inbox = session.lock_mailbox("INBOX")?;
    /// let numbered = inbox.numbered();
    /// let last_50 = numbered.last(50);
    /// numbered.move_to(&last_50, "Archive")?;
    /// assert_eq!(inbox.exists(), 0);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn move_to<N>(self, set: &SequenceSet<'n>, target: N) -> Result<Copied>
    where
        N: TryInto<MailboxName, Error: Into<Error>>,
    {
        move_to(self.held, set, &target.try_into().map_err(Into::into)?)
    }
}

impl<K: Keeping> SavedSearch<'_, '_, ReadWrite, K> {
    /// Moves the messages that were found to another mailbox (UID MOVE with `$`; by their UIDs where
    /// the server does not have MOVE). Uses the view up, for nothing is left in it.
    ///
    /// # Errors
    ///
    /// As for [`MailboxGuard::move_to`].
    ///
    /// ```
    #[doc = include_str!("../doc/session.txt")]
    /// use latchbox::types::{SearchKey};
    ///
    /// let mut inbox = session.lock_mailbox("INBOX")?;
    /// let unread = inbox.search_saved(SearchKey::Unseen)?;
    /// unread.move_to("Archive")?;
    /// assert_eq!(inbox.exists(), 0);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn move_to<N>(mut self, target: N) -> Result<Copied>
    where
        N: TryInto<MailboxName, Error: Into<Error>>,
    {
        let mut connection = self.guard.held.connection("UID MOVE")?;
        let can_move = connection.capabilities()?.supports(&Capability::Move);
        drop(connection);
        if !can_move {
            self.set = self.uids()?;
        }
        self.guard.move_to(&self.set, target)
    }
}

fn move_to<S: MessageSet>(held: &Held, set: &S, target: &MailboxName) -> Result<Copied> {
    let command = if S::UID { "UID MOVE" } else { "MOVE" };
    if !held.check_set(command, set)? {
        return Ok(Copied::nothing());
    }
    let mut connection = held.connection_to_change(command)?;
    if !connection.capabilities()?.supports(&Capability::Move) {
        return Err(Error::unsupported(command, Capability::Move));
    }
    held.confirm_numbering(&mut connection, command, set.numbering())?;
    let mut told = None;
    let code = connection.run(
        command,
        |encoder| {
            encoder
                .raw(command)
                .sp()
                .sequence_set(set.numbers())
                .sp()
                .mailbox(target)?;
            Ok(())
        },
        |data| {
            // RFC 6851 has the code come before the messages go, in an untagged OK.
            if let Untagged::Status { text, .. } = &data {
                if let Some(ResponseCode::CopyUid(copy_uid)) = &text.code {
                    told = Some(copy_uid.clone());
                }
            }
            Some(data)
        },
    )?;
    if let Some(ResponseCode::CopyUid(copy_uid)) = code {
        told = Some(copy_uid);
    }
    Ok(Copied::by(told, target))
}
