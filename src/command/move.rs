//! MOVE (RFC 9051 section 6.4.8).

use crate::error::{Error, Result};
use crate::mailbox_guard::{Keeping, MailboxGuard, ReadWrite};
use crate::types::capability::Capability;
use crate::types::copied::Copied;
use crate::types::mailbox_name::MailboxName;
use crate::types::response_code::ResponseCode;
use crate::types::sequence_set::MessageSet;
use crate::wire::response::Untagged;

impl<K: Keeping> MailboxGuard<'_, ReadWrite, K> {
    /// Moves messages to another mailbox (MOVE, or UID MOVE for a set of UIDs): for each message
    /// in one step, so that none is ever in both or in neither.
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
    pub fn move_to<S, N>(&mut self, set: &S, target: N) -> Result<Copied>
    where
        S: MessageSet,
        N: TryInto<MailboxName, Error: Into<Error>>,
    {
        let target = target.try_into().map_err(Into::into)?;
        let command = if S::UID { "UID MOVE" } else { "MOVE" };
        if !self.held.check_set(command, set)? {
            return Ok(Copied::nothing());
        }
        let mut connection = self.held.connection_to_change(command)?;
        if !connection.capabilities()?.supports(&Capability::Move) {
            return Err(Error::unsupported(command, Capability::Move));
        }
        let mut told = None;
        let code = connection.run(
            command,
            |encoder| {
                encoder
                    .raw(command)
                    .sp()
                    .sequence_set(set.numbers())
                    .sp()
                    .mailbox(&target)?;
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
        Ok(Copied::by(told, &target))
    }
}
