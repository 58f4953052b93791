//! The result of a SEARCH that the server keeps: a view of the guard in which it is valid.

use std::fmt;
use std::marker::PhantomData;

use crate::exchange::State;
use crate::mailbox_guard::lease::Held;
use crate::mailbox_guard::{Access, ReadWrite};
use crate::types::asked_for::AskedFor;
use crate::types::number_set::NumberSet;
use crate::types::uid_set::UidSet;

/// The messages that a search found, kept by the server as `$` (SEARCHRES, RFC 5182).
///
/// They need not be sent to the client and back. Made by
/// [`MailboxGuard::search_saved`](crate::MailboxGuard::search_saved).
///
/// A server keeps one result, until another is kept, a SELECT, or the end of the connection. So the
/// view borrows the guard: while it lives no other command of the guard compiles, and the result
/// does not change. Messages that are removed meanwhile are removed from it.
///
/// If the server lacks SEARCHRES, the view holds the UIDs, and all its commands name them.
///
/// ```
#[doc = include_str!("../doc/session.txt")]
/// use latchbox::types::{FetchItem, Flag, Printable, SearchKey, StoreAction};
///
/// let mut inbox = session.lock_mailbox("INBOX")?;
/// let mut unread = inbox.search_saved(SearchKey::Unseen)?;
/// println!("{} messages are unread", unread.count());
/// for message in unread.fetch([FetchItem::Envelope])? {
///     println!("{}", Printable(message?.envelope()?.subject()));
/// }
/// unread.store(StoreAction::Add, [Flag::Seen])?;
/// unread.copy("Archive")?;
/// # assert_eq!(server.messages("Archive").len(), 2);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// ```compile_fail
#[doc = include_str!("../doc/session.txt")]
/// use latchbox::types::SearchKey;
///
/// let mut inbox = session.lock_mailbox("INBOX")?;
/// let mut unread = inbox.search_saved(SearchKey::Unseen)?;
/// inbox.search_saved(SearchKey::Seen)?; // error: `inbox` is borrowed by `unread`
/// println!("{}", unread.count());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use = "a view does nothing by itself"]
pub struct SavedSearch<'g, A = ReadWrite> {
    pub(crate) held: &'g mut Held,
    /// `$`, or UIDs; empty if no message was found.
    pub(crate) set: UidSet,
    count: u32,
    /// The messages that these can be, by the search key and the count.
    pub(crate) asked_for: AskedFor,
    /// Keeps the view on the thread of its guard.
    _access: [A; 0],
}

/// The state in which [`SavedSearch::run`] runs commands; `A` is the access of the guard.
#[derive(Clone, Copy, Debug)]
pub struct SavedState<A>(PhantomData<A>);

/// A view, for one command on its messages.
pub struct SavedPlace<'p> {
    pub(crate) held: &'p mut Held,
    pub(crate) set: &'p UidSet,
    asked_for: &'p AskedFor,
}

impl<A: Access> State for SavedState<A> {
    type Place<'p> = SavedPlace<'p>;
}

impl SavedPlace<'_> {
    /// Those of these messages that the kept result can contain.
    pub(crate) fn mark(&self, numbers: NumberSet) -> UidSet {
        self.held.mark(self.asked_for.cut(numbers))
    }
}

impl<'g, A: Access> SavedSearch<'g, A> {
    /// `set` is empty if `count` is 0. `asked_for` is what the search could find.
    pub(crate) fn new(held: &'g mut Held, set: UidSet, count: u32, asked_for: AskedFor) -> Self {
        let asked_for = asked_for.at_most(count.into());
        Self {
            held,
            set,
            count,
            asked_for,
            _access: [],
        }
    }

    /// The view for a command that it runs.
    pub(crate) fn place(&mut self) -> SavedPlace<'_> {
        SavedPlace {
            held: self.held,
            set: &self.set,
            asked_for: &self.asked_for,
        }
    }

    /// The number of messages that were found; some may have been removed since.
    #[must_use]
    pub fn count(&self) -> u32 {
        self.count
    }

    /// Whether no message was found; every command is then a no-op.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Whether the server keeps the result; otherwise the view has the UIDs.
    #[must_use]
    pub fn is_on_server(&self) -> bool {
        self.set.is_saved()
    }
}

impl<A> fmt::Debug for SavedSearch<'_, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SavedSearch")
            .field("mailbox", self.held.name())
            .field("count", &self.count)
            .finish()
    }
}
