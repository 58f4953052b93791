//! The changes of a mailbox since a checkpoint, as a method of its guard.

use std::fmt;

use crate::error::Result;
use crate::mailbox_guard::{Access, MailboxGuard};
use crate::sync::batch::ChangeBatch;
use crate::sync::request::{FetchChanges, Way};
use crate::sync::steps::Steps;
use crate::types::checkpoint::Checkpoint;

/// The changes of a mailbox since a checkpoint, in batches; made by
/// [`MailboxGuard::changes_since`].
///
/// A batch owns its data and is complete when it is returned, so the guard is free between two
/// batches: [`guard`](Self::guard) lends it. Dropping the changes sends nothing.
#[must_use = "the batches come as they are requested"]
pub struct Changes<'g, 's, A> {
    pub(super) guard: &'g mut MailboxGuard<'s, A>,
    pub(super) steps: Steps,
}

impl<'s, A: Access> MailboxGuard<'s, A> {
    /// Returns what has changed in the mailbox since a checkpoint, in batches; `None` for the first
    /// sync.
    ///
    /// Each batch has the checkpoint to store with it. This is the short form of
    /// [`changes`](Self::changes), with no item of new messages except their flags.
    ///
    /// ```
    #[doc = include_str!("../doc/session.txt")]
    /// use latchbox::sync::ChangeBatch;
    /// # let stored = None;
    /// let mut inbox = session.lock_mailbox_read_only("INBOX")?;
    /// let mut changes = inbox.changes_since(stored.as_ref())?;
    /// while let Some(batch) = changes.next()? {
    ///     match &batch {
    ///         ChangeBatch::Restart(restart) => println!("forget all: {}", restart.reason()),
    ///         ChangeBatch::Changes(changes) => {
    ///             println!("gone: {}", changes.vanished());
    ///             for message in changes.changed() {
    ///                 println!("{} has now {} flags", message.uid(), message.flags().len());
    ///             }
    ///             for message in changes.messages() {
    ///                 println!("{} is new to the copy", message.uid());
    ///             }
    ///         }
    ///     }
    ///     let line = batch.checkpoint().to_string(); // to be stored with what was changed
    ///     # assert!(line.starts_with("checkpoint/1;"));
    /// }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As for [`changes`](Self::changes).
    #[doc(alias = "CHANGEDSINCE")]
    #[doc(alias = "QRESYNC")]
    #[doc(alias = "CONDSTORE")]
    #[doc(alias = "sync")]
    pub fn changes_since(&mut self, checkpoint: Option<&Checkpoint>) -> Result<Changes<'_, 's, A>> {
        self.changes(FetchChanges::since(checkpoint))
    }

    /// Returns what has changed in the mailbox since a checkpoint, as requested by a
    /// [`FetchChanges`].
    ///
    /// After all batches have been applied, the copy has what the mailbox had at one moment. That is
    /// the moment of the lock, if the lock has selected the mailbox and this is the first call of the
    /// guard; otherwise it is a moment after this call began. Later changes are in the next call, even
    /// if another command has reported them, or this program made them.
    ///
    /// It sends SELECT, or EXAMINE if the guard is read-only, unless the lock has just sent it. What
    /// follows depends on the server; [`Changes::way`] returns which of these it is:
    ///
    /// - QRESYNC (RFC 7162): SELECT itself reports changed flags and removed messages, otherwise one UID
    ///   FETCH. UID SEARCH is sent if many messages are new. If QRESYNC is not enabled yet, UNSELECT and
    ///   ENABLE are sent in the same round trip as SELECT, unless the lock has enabled it
    ///   ([`LockRequest::since`](crate::LockRequest::since)).
    /// - CONDSTORE: UID FETCH of the flags that have changed, and UID SEARCH if messages are new or gone.
    /// - Neither: UID FETCH of the flags of all messages, also if nothing has changed.
    ///
    /// If messages are new to the copy, UID FETCH is sent for those of each batch when that batch is
    /// requested. The first sync sends UID SEARCH before that, unless one batch can hold all
    /// messages, or each UID below UIDNEXT has one.
    ///
    /// A message that the server does not return is in
    /// [`unreadable`](crate::sync::ChangedMessages::unreadable), and the sync continues.
    ///
    /// Nothing is tried again inside. After an error, the batches that were returned are valid:
    /// continue from the checkpoint of the last one.
    ///
    /// # Errors
    ///
    /// Before anything is sent: [`Error::ForeignCheckpoint`] if the checkpoint is of another account
    /// or mailbox; [`Error::Argument`] if the batch size is 0. Then [`Error::Refused`] if the mailbox
    /// cannot be selected any more, because it was deleted or renamed, or no message can be fetched;
    /// no message is reported as gone then. [`Error::MissingData`] if the server reports no UIDVALIDITY
    /// or no UIDNEXT; after the last batch, if it names fewer messages than it counts. Otherwise as for
    /// [`fetch`](Self::fetch) and [`search`](Self::search).
    ///
    /// ```
    #[doc = include_str!("../doc/session.txt")]
    /// use latchbox::sync::{ChangeBatch, Checkpoint, FetchChanges, History};
    ///
    /// # let stored: Option<Checkpoint> = None;
    /// let mut inbox = session.lock_mailbox_read_only("INBOX")?;
    /// let request = FetchChanges::since(stored.as_ref()).history(History::Newest(0));
    /// let mut changes = inbox.changes(request)?;
    /// println!("by {}", changes.way());
    /// while let Some(batch) = changes.next()? {
    ///     assert!(batch.is_empty()); // nothing of the history, and nothing has arrived yet
    /// }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// [`Error::ForeignCheckpoint`]: crate::Error::ForeignCheckpoint
    /// [`Error::Argument`]: crate::Error::Argument
    /// [`Error::Refused`]: crate::Error::Refused
    /// [`Error::MissingData`]: crate::Error::MissingData
    pub fn changes(&mut self, request: FetchChanges<'_>) -> Result<Changes<'_, 's, A>> {
        let steps = Steps::begin(self, request)?;
        Ok(Changes { guard: self, steps })
    }
}

impl<'s, A: Access> Changes<'_, 's, A> {
    /// Returns the next batch; `None` after the last one.
    ///
    /// The last batch may [be empty](ChangeBatch::is_empty): its checkpoint makes the next sync cheaper, or
    /// has another name or MAILBOXID of the mailbox.
    ///
    /// # Errors
    ///
    /// As for [`MailboxGuard::changes`].
    #[allow(clippy::should_implement_trait)]
    pub fn next(&mut self) -> Result<Option<ChangeBatch>> {
        self.steps.next(self.guard)
    }

    /// The extensions that this sync uses.
    #[must_use]
    pub fn way(&self) -> Way {
        self.steps.way()
    }

    /// The checkpoint of the last batch that was returned, with what was [noted](Self::note) since.
    ///
    /// Before the first batch, it is the checkpoint from which the sync continues, with the name and the
    /// MAILBOXID that the mailbox has now; of a first sync, one of a copy that has nothing.
    #[must_use]
    pub fn checkpoint(&self) -> &Checkpoint {
        self.steps.checkpoint()
    }

    /// Lends the guard, for other commands between two batches.
    ///
    /// If the guard is read-write, changed flags that were read and not returned yet are read again,
    /// because the program may change them now.
    ///
    /// ```
    #[doc = include_str!("../doc/session.txt")]
    /// use latchbox::sync::ChangeBatch;
    /// use latchbox::types::Section;
    ///
    /// let mut inbox = session.lock_mailbox_read_only("INBOX")?;
    /// let mut changes = inbox.changes_since(None)?;
    /// while let Some(batch) = changes.next()? {
    ///     if let ChangeBatch::Changes(new) = &batch {
    ///         for message in new.messages() {
    ///             let mut octets = Vec::new(); // or a file
    ///             let mut download = changes.guard().download(message, &Section::whole())?;
    ///             download.copy_to(&mut octets)?;
    ///             # assert!(octets.ends_with(b"Hi!\r\n"));
    ///         }
    ///     }
    /// }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn guard(&mut self) -> &mut MailboxGuard<'s, A> {
        if !A::READ_ONLY {
            self.steps.expect_changes();
        }
        self.guard
    }
}

impl<A> fmt::Debug for Changes<'_, '_, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Changes")
            .field("way", &self.steps.way())
            .field("checkpoint", self.steps.checkpoint())
            .finish_non_exhaustive()
    }
}
