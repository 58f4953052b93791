//! The batches of a sync, each with the checkpoint that is true after it.

use std::fmt;
use std::sync::Arc;

use crate::sync::added::{Added, AddedMessages, UnreadableMessage};
use crate::types::checkpoint::Checkpoint;
use crate::types::flag_table::FlagTable;
use crate::types::uid::Uid;
use crate::types::uid_set::UidSet;

/// One step of a sync: what to change in the copy, and the checkpoint that is true afterwards.
///
/// Change the copy and store the checkpoint in one transaction.
#[derive(Clone, Debug)]
pub enum ChangeBatch {
    /// The UIDs of the copy are invalid: remove all messages from it.
    ///
    /// The batches that follow have the messages that are in the mailbox now, as its history. If there
    /// were none in it before, they have arrived since.
    Restart(Restart),
    /// Messages are gone, have other flags, or are new to the copy.
    Changes(Box<ChangedMessages>),
}

/// A copy has to be built again, because all its UIDs are invalid.
#[derive(Clone, Debug)]
pub struct Restart {
    pub(super) reason: RestartReason,
    pub(super) checkpoint: Arc<Checkpoint>,
}

/// The reason why a copy has to be built again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RestartReason {
    /// UIDVALIDITY differs: the mailbox was deleted and recreated, or the server has assigned new
    /// UIDs.
    UidValidityChanged,
    /// UIDNEXT is lower than it was, with the same UIDVALIDITY: the mailbox was recreated by a server
    /// that does not choose another UIDVALIDITY.
    UidNextFell,
    /// MAILBOXID differs, with the same UIDVALIDITY: it is another mailbox of that name.
    MailboxIdChanged,
}

/// The changes of one batch.
///
/// A message is new to the copy in one batch only, if each checkpoint is stored with its batch. A
/// change of flags may be reported again after an interruption, with the flags as they are then.
#[derive(Clone, Debug)]
pub struct ChangedMessages {
    pub(super) vanished: UidSet,
    pub(super) changed: FlagTable,
    pub(super) added: Added,
    pub(super) uids: UidSet,
    pub(super) checkpoint: Arc<Checkpoint>,
}

impl ChangeBatch {
    /// The checkpoint that is true after this batch has been applied.
    #[must_use]
    pub fn checkpoint(&self) -> &Checkpoint {
        self.shared_checkpoint()
    }

    pub(crate) fn shared_checkpoint(&self) -> &Arc<Checkpoint> {
        match self {
            Self::Restart(restart) => &restart.checkpoint,
            Self::Changes(changes) => &changes.checkpoint,
        }
    }

    /// Whether the batch changes nothing in the copy, and only its checkpoint is later.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        match self {
            Self::Restart(_) => false,
            Self::Changes(changes) => {
                changes.vanished.is_empty()
                    && changes.changed.is_empty()
                    && changes.added.is_empty()
            }
        }
    }
}

impl Restart {
    /// The reason why the copy has to be built again.
    #[must_use]
    pub fn reason(&self) -> RestartReason {
        self.reason
    }

    /// The checkpoint that is true after all messages were removed from the copy.
    #[must_use]
    pub fn checkpoint(&self) -> &Checkpoint {
        &self.checkpoint
    }
}

impl ChangedMessages {
    /// The messages that are gone: expunged, or moved to another mailbox.
    ///
    /// The copy has all of them: they were in earlier batches.
    #[must_use]
    pub fn vanished(&self) -> &UidSet {
        &self.vanished
    }

    /// The messages whose flags have changed, each with all the flags that it has now, or with none.
    #[must_use]
    pub fn changed(&self) -> &FlagTable {
        &self.changed
    }

    /// The messages that arrived after the first checkpoint, with their flags and the requested
    /// items.
    #[must_use]
    pub fn arrived(&self) -> AddedMessages<'_> {
        self.added.from(self.checkpoint.first_new)
    }

    /// The messages that were in the mailbox before the first checkpoint, with the same data as
    /// [`arrived`](Self::arrived).
    ///
    /// They are new to the copy, but not new mail: no program should announce them.
    #[must_use]
    pub fn history(&self) -> AddedMessages<'_> {
        self.added.below(self.checkpoint.first_new)
    }

    /// All messages that are new to the copy: those of the [`history`](Self::history) and those that
    /// [`arrived`](Self::arrived), in the order of their UIDs.
    #[must_use]
    pub fn messages(&self) -> AddedMessages<'_> {
        self.added.messages()
    }

    /// The UIDs of [`messages`](Self::messages), for example for
    /// [`download_each`](crate::MailboxGuard::download_each).
    #[must_use]
    pub fn uids(&self) -> &UidSet {
        &self.uids
    }

    /// The messages that the server does not return, each with the reason; usually none.
    ///
    /// The sync continues without them, and the copy does not have them: they are in no other part of the
    /// batch, and when they are gone that is not reported. The checkpoint
    /// [lists them](Checkpoint::unreadable). Each later sync requests up to 16 of them again; one that
    /// can be read then is among its [`messages`](Self::messages).
    ///
    /// A message of the copy is reported here if its flags have changed and cannot be read. Each later
    /// sync requests up to 16 of these flags again; those that can be read then are
    /// [`changed`](Self::changed).
    #[must_use]
    pub fn unreadable(&self) -> &[UnreadableMessage] {
        &self.added.unreadable
    }

    /// Whether a message of this batch was in the mailbox before the first checkpoint.
    #[must_use]
    pub fn is_history(&self, uid: Uid) -> bool {
        self.checkpoint.is_history(uid)
    }

    /// The checkpoint that is true after these changes have been applied.
    #[must_use]
    pub fn checkpoint(&self) -> &Checkpoint {
        &self.checkpoint
    }
}

impl fmt::Display for ChangeBatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Restart(restart) => restart.fmt(f),
            Self::Changes(changes) => changes.fmt(f),
        }
    }
}

impl fmt::Display for Restart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the copy has to be built again: {}", self.reason)
    }
}

impl fmt::Display for ChangedMessages {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} arrived, {} of the history, {} changed, {} gone",
            self.arrived().len(),
            self.history().len(),
            self.changed.len(),
            self.vanished.len()
        )?;
        match self.unreadable() {
            [] => Ok(()),
            unreadable => write!(f, ", {} unreadable", unreadable.len()),
        }
    }
}

impl fmt::Display for RestartReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::UidValidityChanged => "UIDVALIDITY has changed",
            Self::UidNextFell => "UIDNEXT has become lower",
            Self::MailboxIdChanged => "MAILBOXID has changed",
        })
    }
}
