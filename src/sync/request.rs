//! The request for a sync: since when, which items of new messages, in which batches.

use std::fmt;

use crate::error::{Error, Result};
use crate::types::checkpoint::Checkpoint;
use crate::types::date::Date;
use crate::types::fetch::FetchItem;

/// The number of messages in a batch, unless the caller chooses another.
const BATCH_SIZE: u32 = 1_000;

/// The octets of the bodies in a batch, unless the caller chooses another number.
const BATCH_OCTETS: u64 = 16 << 20;

/// A request for the changes of a mailbox, as a value.
///
/// [`MailboxGuard::changes`](crate::MailboxGuard::changes) sends it;
/// [`MailboxGuard::changes_since`](crate::MailboxGuard::changes_since) is the short form.
///
/// ```
#[doc = include_str!("../doc/session.txt")]
/// use latchbox::sync::{ChangeBatch, FetchChanges, History};
/// use latchbox::types::{FetchItem, Printable};
///
/// let mut inbox = session.lock_mailbox_read_only("INBOX")?;
/// let request = FetchChanges::since(None)
///     .items(&[FetchItem::Envelope])
///     .batch_size(100)
///     .history(History::Newest(500));
/// let mut changes = inbox.changes(request)?;
/// while let Some(batch) = changes.next()? {
///     if let ChangeBatch::Changes(changes) = &batch {
///         for message in changes.history() {
///             println!("{}", Printable(message.items()?.envelope()?.subject()));
///         }
///     }
///     // Here the program stores batch.checkpoint().
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug)]
#[must_use = "a request does nothing until it is sent"]
pub struct FetchChanges<'r> {
    pub(super) since: Option<&'r Checkpoint>,
    pub(super) items: &'r [FetchItem],
    pub(super) batch_size: u32,
    pub(super) batch_octets: u64,
    pub(super) history: History,
    pub(super) older: u32,
    pub(super) best_way: Way,
    /// The mailbox was made after the program began to look for it.
    pub(super) is_new: bool,
}

/// The messages that the first sync returns, of those that are in the mailbox already.
///
/// It applies again after a [`ChangeBatch::Restart`](crate::sync::ChangeBatch::Restart), because all
/// messages are history then, also those that have arrived since the last sync: with `Newest(0)` none
/// of them is returned.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum History {
    /// All messages.
    #[default]
    All,
    /// At most this many messages, the newest; `Newest(0)` for none.
    Newest(u32),
    /// The messages that the server received on this date or later (INTERNALDATE).
    Since(Date),
}

/// The extensions by which a sync finds what has changed, from the least to the most.
///
/// The outcome is the same; the cost is not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Way {
    /// Without mod-sequences: the flags of all messages are fetched and compared.
    ///
    /// The checkpoint then has the flags of each message, and each sync receives about 34 octets for
    /// each message.
    Comparison,
    /// CONDSTORE (RFC 7162): the server reports changed flags; a search shows which messages are
    /// gone, if the counters differ.
    CondStore,
    /// QRESYNC (RFC 7162): the server reports changed flags and removed messages.
    Qresync,
}

impl fmt::Display for History {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::All => f.write_str("all messages"),
            Self::Newest(1) => f.write_str("the newest message"),
            Self::Newest(messages) => write!(f, "the newest {messages} messages"),
            Self::Since(date) => write!(f, "the messages since {date}"),
        }
    }
}

impl fmt::Display for Way {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Comparison => "comparison",
            Self::CondStore => "CONDSTORE",
            Self::Qresync => "QRESYNC",
        })
    }
}

impl<'r> FetchChanges<'r> {
    /// Requests what has changed since this checkpoint; `None` for the first sync.
    pub const fn since(checkpoint: Option<&'r Checkpoint>) -> Self {
        Self {
            since: checkpoint,
            items: &[],
            batch_size: BATCH_SIZE,
            batch_octets: BATCH_OCTETS,
            history: History::All,
            older: 0,
            best_way: Way::Qresync,
            is_new: false,
        }
    }

    /// In a mailbox that was made after the program began to look for it, no message is history.
    pub(crate) const fn of_new_mailbox(mut self, is_new: bool) -> Self {
        self.is_new = is_new;
        self
    }

    /// The items to fetch of messages that are new to the copy, besides their flags; none by default.
    ///
    /// Whole messages of any size are better downloaded, by the
    /// [`uids`](crate::sync::ChangedMessages::uids) of a batch and
    /// [`download_each`](crate::MailboxGuard::download_each).
    pub const fn items(mut self, items: &'r [FetchItem]) -> Self {
        self.items = items;
        self
    }

    /// The most messages in a batch, changed and new ones together; 1,000 by default.
    pub const fn batch_size(mut self, messages: u32) -> Self {
        self.batch_size = messages;
        self
    }

    /// The most octets of messages in a batch if [`items`](Self::items) contains sections of bodies;
    /// 16 MiB by default.
    ///
    /// The size of each message is then fetched before its body. A single message may exceed it.
    pub const fn batch_octets(mut self, octets: u64) -> Self {
        self.batch_octets = octets;
        self
    }

    /// The messages that the first sync returns, of those that are in the mailbox already; all by
    /// default.
    ///
    /// [`older`](Self::older) requests the others later. With a checkpoint it has no effect, except
    /// after a restart.
    pub const fn history(mut self, history: History) -> Self {
        self.history = history;
        self
    }

    /// Also requests messages that [`history`](Self::history) has left out: this many, the newest of
    /// them.
    pub const fn older(mut self, messages: u32) -> Self {
        self.older = messages;
        self
    }

    /// The best way that the sync may use, if the server has it; [`Way::Qresync`] by default.
    ///
    /// [`Way::Comparison`] is for a server whose mod-sequences are wrong.
    pub const fn best_way(mut self, way: Way) -> Self {
        self.best_way = way;
        self
    }

    pub(crate) fn check(&self) -> Result<()> {
        match self.batch_size {
            0 => Err(Error::text("batch size", "it is 0")),
            _ => Ok(()),
        }
    }

    /// Whether messages may come with their bodies.
    pub(super) fn has_bodies(&self) -> bool {
        self.items.iter().any(|item| {
            matches!(
                item,
                FetchItem::BodyPeek(_)
                    | FetchItem::BodyAndMarkSeen(_)
                    | FetchItem::BinaryPeek(_)
                    | FetchItem::BinaryAndMarkSeen(_)
            )
        })
    }
}
