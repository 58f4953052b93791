//! What a watch returns: changes of a mailbox, and errors of a mailbox or a connection.

use std::fmt;
use std::time::Instant;

use crate::error::Error;
use crate::printable::Printable;
use crate::sync::ChangeBatch;
use crate::types::mailbox_name::MailboxName;

/// An item of a [`Watch`](crate::watch::Watch).
///
/// Errors are items, because an error of one mailbox, or of one connection, does not end the watch.
/// The only one that does is [`Ended`](Self::Ended).
#[derive(Debug)]
#[non_exhaustive]
pub enum WatchItem {
    /// Changes of a mailbox: a batch of a sync, with the checkpoint to store with it.
    Changes {
        /// The mailbox.
        mailbox: MailboxName,
        /// The changes. If no message has changed, only the [checkpoint](ChangeBatch::checkpoint) is
        /// new.
        batch: ChangeBatch,
    },
    /// All changes of all mailboxes so far have been returned, once for each connection.
    ///
    /// From here on, changes are returned as they happen.
    UpToDate,
    /// A mailbox of the account is not there any more, or cannot be selected any more.
    ///
    /// It is returned by a watch of [all mailboxes](crate::watch::WatchRequest::all_mailboxes). A
    /// renamed mailbox is one that is gone and one that is new.
    MailboxGone(MailboxName),
    /// A mailbox cannot be watched for now; the others can.
    ///
    /// It was deleted or renamed, the server refuses to select it, or its checkpoint is of another
    /// mailbox or account. It is tried again after the
    /// [look interval](crate::watch::WatchRequest::look_interval). An error that repeats is
    /// returned once, until a try succeeds.
    MailboxFailed {
        /// The mailbox.
        mailbox: MailboxName,
        /// The error.
        error: Error,
    },
    /// A text that the server requires to be shown to the user (ALERT), if the watch has a connection of
    /// its own.
    Alert(String),
    /// The connection was lost, or could not be made; the watch connects again.
    ///
    /// Nothing is lost: the next connection continues from the checkpoint of the last batch.
    Disconnected {
        /// The error.
        error: Error,
        /// When the watch connects again.
        retry_at: Instant,
    },
    /// The watch has ended, because another attempt would fail in the same way: the server refused
    /// the credentials, or the session was closed.
    ///
    /// Nothing is tried again. To continue after the cause was removed, begin a new watch from the
    /// stored checkpoints.
    Ended(Error),
}

impl WatchItem {
    /// The mailbox that the item is about; `None` if it is about the connection.
    #[must_use]
    pub fn mailbox(&self) -> Option<&MailboxName> {
        match self {
            Self::Changes { mailbox, .. }
            | Self::MailboxGone(mailbox)
            | Self::MailboxFailed { mailbox, .. } => Some(mailbox),
            Self::UpToDate | Self::Alert(_) | Self::Disconnected { .. } | Self::Ended(_) => None,
        }
    }
}

/// A line of human-readable text.
impl fmt::Display for WatchItem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Changes { mailbox, batch } => match batch {
                ChangeBatch::Restart(restart) => {
                    write!(f, "{mailbox}: the copy is void: {}", restart.reason())
                }
                ChangeBatch::Changes(changes) => write!(
                    f,
                    "{mailbox}: {} new, {} changed, {} gone",
                    changes.arrived().len(),
                    changes.changed().len(),
                    changes.vanished().len(),
                ),
            },
            Self::Alert(text) => write!(f, "alert: {}", Printable(text)),
            Self::UpToDate => f.write_str("all mailboxes are up to date"),
            Self::MailboxGone(mailbox) => write!(f, "{mailbox} is gone"),
            Self::MailboxFailed { mailbox, error } => write!(f, "{mailbox}: {error}"),
            Self::Disconnected { error, retry_at } => {
                let left = retry_at.saturating_duration_since(Instant::now());
                write!(f, "{error}; the next attempt is in {left:.1?}")
            }
            Self::Ended(error) => write!(f, "the watch has ended: {error}"),
        }
    }
}
