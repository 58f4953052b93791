//! The changes of the mailboxes of an account.

use std::fmt;

use crate::error::Error;
use crate::types::account_checkpoint::AccountCheckpoint;
use crate::types::mailbox_name::MailboxName;
use crate::types::mailbox_state::MailboxState;

/// The mailboxes of an account that have changed since a checkpoint, and the new checkpoint.
///
/// [`Session::mailboxes_changed_since`](crate::Session::mailboxes_changed_since) returns it. Mailboxes
/// that did not change are not among the changes. The order is one in which a program can apply them
/// one by one: mailboxes that are gone; those that were renamed, each after the one that its new name
/// belonged to; then all others by name. If mailboxes have swapped their names, no order suffices.
#[derive(Debug)]
#[must_use = "the changes are reported once"]
pub struct AccountChanges {
    changes: Vec<MailboxChange>,
    checkpoint: AccountCheckpoint,
}

/// A mailbox that has changed since a checkpoint.
#[derive(Debug)]
pub struct MailboxChange {
    pub(super) state: MailboxState,
    pub(super) kind: MailboxChangeKind,
}

/// The change of a mailbox.
#[derive(Debug)]
#[non_exhaustive]
pub enum MailboxChangeKind {
    /// The checkpoint does not have the mailbox.
    New,
    /// There is no mailbox with this name any more, or it cannot be selected any more.
    Gone,
    /// The mailbox has another name now.
    Renamed {
        /// The name that it has in the checkpoint.
        from: MailboxName,
        /// Whether it was recognized only by its numbers.
        ///
        /// If `false`, it has the same MAILBOXID (OBJECTID, RFC 8474). If `true`, a mailbox is gone
        /// and another one is new, both have the same UIDVALIDITY, UIDNEXT and number of messages,
        /// which is not 0, and no third one has them. A program should compare the messages before
        /// it relies on that.
        is_guess: bool,
        /// Whether its messages have to be read too, because its numbers differ or do not show every
        /// change.
        may_have_changed: bool,
    },
    /// Another mailbox has this name now, or the mailbox has new UIDs.
    ///
    /// Its UIDVALIDITY differs, or its UIDNEXT is lower: all stored UIDs are invalid.
    Recreated,
    /// A number differs: the messages have to be read.
    Changed,
    /// No number differs, but the numbers do not show every change.
    ///
    /// The server reported no HIGHESTMODSEQ for the mailbox (CONDSTORE, RFC 7162), and without it a
    /// change of flags is not visible, except in the number of unseen messages. Messages that arrived
    /// or were expunged are visible if the server reported UIDNEXT, UIDVALIDITY and the number of
    /// messages.
    MayHaveChanged,
    /// The server refused STATUS for this mailbox, or its answer cannot be read.
    ///
    /// The new checkpoint has the old numbers of the mailbox, so that the next call reports what has
    /// changed by then. A mailbox that was not in the old checkpoint is not in the new one.
    Failed(Error),
}

impl AccountChanges {
    pub(super) fn new(changes: Vec<MailboxChange>, checkpoint: AccountCheckpoint) -> Self {
        Self {
            changes,
            checkpoint,
        }
    }

    /// The changes in the order in which they can be applied.
    pub fn iter(&self) -> std::slice::Iter<'_, MailboxChange> {
        self.changes.iter()
    }

    /// The number of changes.
    #[must_use]
    pub fn len(&self) -> usize {
        self.changes.len()
    }

    /// Whether there are no changes.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }

    /// The checkpoint to be stored after the changes were applied.
    ///
    /// Its [`mailboxes`](AccountCheckpoint::mailboxes) are all mailboxes of the account with their
    /// numbers, also those that did not change.
    #[must_use]
    pub fn checkpoint(&self) -> &AccountCheckpoint {
        &self.checkpoint
    }

    /// The changes, and the checkpoint.
    pub(crate) fn into_parts(self) -> (Vec<MailboxChange>, AccountCheckpoint) {
        (self.changes, self.checkpoint)
    }

    /// The [`checkpoint`](Self::checkpoint).
    #[must_use]
    pub fn into_checkpoint(self) -> AccountCheckpoint {
        self.checkpoint
    }
}

impl<'c> IntoIterator for &'c AccountChanges {
    type Item = &'c MailboxChange;
    type IntoIter = std::slice::Iter<'c, MailboxChange>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl MailboxChange {
    pub(crate) fn into_parts(self) -> (MailboxState, MailboxChangeKind) {
        (self.state, self.kind)
    }

    /// The name of the mailbox now; of one that is gone, its last name.
    #[must_use]
    pub fn name(&self) -> &MailboxName {
        &self.state.name
    }

    /// The change.
    #[must_use]
    pub fn kind(&self) -> &MailboxChangeKind {
        &self.kind
    }

    /// The numbers of the mailbox.
    ///
    /// Those of a mailbox that is gone or [failed](MailboxChangeKind::Failed) are of the old
    /// checkpoint.
    #[must_use]
    pub fn state(&self) -> &MailboxState {
        &self.state
    }

    /// The number of messages, if it is known.
    #[must_use]
    pub fn messages(&self) -> Option<u32> {
        self.state.messages
    }

    /// The number of messages without `\Seen`, if it is known.
    #[must_use]
    pub fn unseen(&self) -> Option<u32> {
        self.state.unseen
    }

    /// Whether the messages of the mailbox have to be read to bring a copy of them up to date.
    ///
    /// `false` if it is gone, failed, or was only renamed.
    #[must_use]
    pub fn has_to_be_read(&self) -> bool {
        match &self.kind {
            MailboxChangeKind::New
            | MailboxChangeKind::Recreated
            | MailboxChangeKind::Changed
            | MailboxChangeKind::MayHaveChanged => true,
            MailboxChangeKind::Renamed {
                may_have_changed, ..
            } => *may_have_changed,
            MailboxChangeKind::Gone | MailboxChangeKind::Failed(_) => false,
        }
    }
}

/// A summary, such as `2 changes in 40 mailboxes`.
impl fmt::Display for AccountChanges {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (changes, mailboxes) = (self.len(), self.checkpoint.mailboxes().len());
        write!(f, "{changes} changes in {mailboxes} mailboxes")
    }
}

/// The mailbox and the change, such as `INBOX, 30 messages, 2 unseen: changed`.
impl fmt::Display for MailboxChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.state, self.kind)
    }
}

impl fmt::Display for MailboxChangeKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::New => f.write_str("new"),
            Self::Gone => f.write_str("gone"),
            Self::Renamed { from, is_guess, .. } => {
                let how = if *is_guess { ", by its numbers" } else { "" };
                write!(f, "renamed from {from}{how}")
            }
            Self::Recreated => f.write_str("recreated"),
            Self::Changed => f.write_str("changed"),
            Self::MayHaveChanged => f.write_str("may have changed"),
            Self::Failed(error) => write!(f, "failed: {error}"),
        }
    }
}
