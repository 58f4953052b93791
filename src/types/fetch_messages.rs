//! FETCH as a value: its messages, its items, and its modifiers (RFC 4466 section 2.4).

use std::fmt;

use crate::types::capability::Capability;
use crate::types::fetch::FetchItem;
use crate::types::message_set::NamesMessages;
use crate::types::partial_range::PartialRange;
use crate::types::uid::ModSeq;
use crate::types::uid_set::UidSet;

/// FETCH as a value, with its modifiers.
///
/// [`MailboxGuard::stream`](crate::MailboxGuard::stream) reads the messages one by one, as
/// [`MailboxGuard::fetch`](crate::MailboxGuard::fetch) does without modifiers.
/// [`MailboxGuard::run`](crate::MailboxGuard::run) and
/// [`MailboxGuard::pipeline`](crate::MailboxGuard::pipeline) return a `Vec` of
/// [`Fetch`](crate::message::Fetch), one for each message, in the server's order. All are in memory
/// together, up to the [`answer_limit`](crate::ClientBuilder::answer_limit).
///
/// In a pipeline, a FETCH or [`Store`](crate::command::Store) that names a message that an earlier
/// one names is sent after the answer to that one, because their responses could not be told apart.
/// A pipeline rejects, with [`Error::Argument`](crate::Error::Argument), a set that does not fit
/// into one command, and an item that sets `\Seen` (unless the guard is read-only; use a
/// [`Store`](crate::command::Store) beside it to set the flag).
///
/// ```
#[doc = include_str!("../doc/session.txt")]
/// use latchbox::command::{FetchMessages, Search};
/// use latchbox::types::{FetchItem, Printable, SearchKey, SearchReturn, UidSet};
///
/// let mut inbox = session.lock_mailbox_read_only("INBOX")?;
/// let all = UidSet::all();
/// let (messages, unread) = inbox.pipeline((
///     FetchMessages::new(&all, &[FetchItem::Flags, FetchItem::Envelope]),
///     Search::new(SearchKey::Unseen).returning(SearchReturn::new().count()),
/// ))?;
/// for message in &messages? {
///     println!("{}", Printable(message.envelope()?.subject()));
/// }
/// assert_eq!(unread?.count(), Some(1));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
#[must_use = "a command does nothing until it is run"]
pub struct FetchMessages<'u, S = UidSet> {
    pub(crate) set: &'u S,
    pub(crate) items: &'u [FetchItem],
    pub(crate) options: FetchOptions,
}

impl<'u, S: NamesMessages> FetchMessages<'u, S> {
    /// Requests items of messages: by UID, by sequence number, or of a
    /// [`SavedResult`](crate::types::SavedResult).
    ///
    /// The sequence numbers are those of a view. An invalid request is an error when it is run; see
    /// [`MailboxGuard::fetch`](crate::MailboxGuard::fetch).
    pub const fn new(set: &'u S, items: &'u [FetchItem]) -> Self {
        Self {
            set,
            items,
            options: FetchOptions::new(),
        }
    }

    /// Requests the flags of messages, for
    /// [`fetch_flags_into`](crate::MailboxGuard::fetch_flags_into).
    pub const fn flags(set: &'u S) -> Self {
        Self::new(set, &[FetchItem::Flags])
    }

    /// Limits the FETCH to messages that have changed since this mod-sequence (CHANGEDSINCE).
    ///
    /// Each message comes with its [`mod_seq`](crate::message::Fetch::mod_seq), which need not be
    /// requested as an item (RFC 7162 section 3.1.4.1).
    ///
    /// Needs CONDSTORE. A server refuses it for a mailbox that has no mod-sequences.
    pub const fn changed_since(mut self, mod_seq: ModSeq) -> Self {
        self.options.changed_since = Some(mod_seq);
        self
    }

    /// Like [`changed_since`](Self::changed_since), and the server reports messages removed since
    /// then.
    ///
    /// These are messages of the set (CHANGEDSINCE with VANISHED, RFC 7162 section 3.2.6); see
    /// [`Messages::vanished`](crate::command::Messages::vanished). A server may report more
    /// messages than were removed since then, but none of those reported exists.
    ///
    /// Needs QRESYNC, which has to be [enabled](crate::Session::enable) before the mailbox is
    /// locked, and a set of UIDs. Only [`stream`](crate::MailboxGuard::stream) can return the
    /// removed messages: elsewhere it is [`Error::Argument`](crate::Error::Argument).
    pub const fn changed_or_vanished_since(mut self, mod_seq: ModSeq) -> Self {
        self.options.vanished = true;
        self.changed_since(mod_seq)
    }

    /// Limits the FETCH to this page of the messages (PARTIAL, RFC 9394 section 3.4).
    ///
    /// Needs PARTIAL, and a set of UIDs that is short enough for one command.
    pub const fn partial(mut self, page: PartialRange) -> Self {
        self.options.partial = Some(page);
        self
    }
}

impl<'u, S> FetchMessages<'u, S> {
    /// The command for the messages of this set.
    pub(crate) fn on<T>(self, set: &'u T) -> FetchMessages<'u, T> {
        FetchMessages {
            set,
            items: self.items,
            options: self.options,
        }
    }

    pub(crate) fn has_flags(&self) -> bool {
        self.items.contains(&FetchItem::Flags)
    }

    pub(crate) fn asks_for_vanished(&self) -> bool {
        self.options.vanished
    }
}

impl<S> Clone for FetchMessages<'_, S> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<S> Copy for FetchMessages<'_, S> {}

/// The modifiers that limit a FETCH to some messages of its set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct FetchOptions {
    pub(crate) changed_since: Option<ModSeq>,
    pub(crate) vanished: bool,
    pub(crate) partial: Option<PartialRange>,
}

impl FetchOptions {
    pub(crate) const fn new() -> Self {
        Self {
            changed_since: None,
            vanished: false,
            partial: None,
        }
    }

    /// The capabilities that it needs beyond the base protocol.
    pub(crate) fn capabilities(&self) -> impl Iterator<Item = Capability> {
        let condstore = self.changed_since.map(|_| Capability::CondStore);
        let qresync = self.vanished.then_some(Capability::Qresync);
        let partial = self.partial.map(|_| Capability::Partial);
        [condstore, qresync, partial].into_iter().flatten()
    }
}

/// The wire form, after the items; empty for all messages.
impl fmt::Display for FetchOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut before = " (";
        if let Some(mod_seq) = self.changed_since {
            write!(f, "{before}CHANGEDSINCE {mod_seq}")?;
            before = " ";
        }
        if self.vanished {
            write!(f, "{before}VANISHED")?;
            before = " ";
        }
        if let Some(page) = self.partial {
            write!(f, "{before}PARTIAL {page}")?;
            before = " ";
        }
        f.write_str(if before == " " { ")" } else { "" })
    }
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU32;

    use super::*;

    #[test]
    fn modifiers_stand_in_one_list() {
        let mod_seq = ModSeq::new(12345).unwrap();
        let page = PartialRange::last(NonZeroU32::new(30).unwrap());
        let new = FetchOptions::new;
        let since = FetchOptions {
            changed_since: Some(mod_seq),
            ..new()
        };
        let paged = FetchOptions {
            partial: Some(page),
            ..new()
        };
        let all = FetchOptions {
            vanished: true,
            partial: Some(page),
            ..since
        };
        for (options, wire) in [
            (new(), ""),
            (since, " (CHANGEDSINCE 12345)"),
            (paged, " (PARTIAL -1:-30)"),
            (all, " (CHANGEDSINCE 12345 VANISHED PARTIAL -1:-30)"),
        ] {
            assert_eq!(options.to_string(), wire);
        }
    }
}
