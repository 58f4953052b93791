//! The selected state: a guard that holds one mailbox of a session, and its data.

pub(crate) mod access;
mod asked;
pub(crate) mod asking;
pub(crate) mod lease;
pub(crate) mod lock_key;
pub(crate) mod lock_request;
pub(crate) mod lock_source;
pub(crate) mod numbered;
pub(crate) mod parts;
pub(crate) mod pending_lock;
pub(crate) mod pieces;
pub(crate) mod saved_search;
pub(crate) mod search;
pub(crate) mod requested_items;

use std::fmt;
use std::marker::PhantomData;
use std::ops::RangeBounds;

use crate::connection::state::MailboxAccess;
use crate::error::Result;
use crate::mailbox_guard::lease::Held;
use crate::types::event::MailboxEvent;
use crate::types::mailbox::Mailbox;
use crate::types::mailbox_name::{IntoMailboxName, MailboxName};
use crate::types::origin::Origin;
use crate::types::response_code::ResponseCode;
use crate::types::uid::Uid;
use crate::types::uid_set::UidSet;

pub use self::access::{Access, Owned, ReadOnly, ReadWrite, WriteAccess};

/// A guard that can move to another thread or into a struct.
///
/// Made by [`LockRequest::lock_owned`](crate::LockRequest::lock_owned).
pub type OwnedMailboxGuard<A = ReadWrite> = MailboxGuard<'static, Owned<A>>;

/// One mailbox of a session, selected and held until the guard is dropped (RFC 9051 section 3.3).
///
/// | to | call |
/// |---|---|
/// | find messages | [`search`](Self::search), [`sort`](Self::sort), [`thread`](Self::thread) |
/// | read them | [`fetch`](Self::fetch), [`fetch_one`](Self::fetch_one), [`batches`](Self::batches), [`fetch_flags`](Self::fetch_flags) |
/// | read a body or an attachment of any size | [`download`](Self::download), [`download_part`](Self::download_part), [`download_text`](Self::download_text) |
/// | change flags | [`store`](Self::store) |
/// | copy, move, delete | [`copy`](Self::copy), [`move_to`](Self::move_to), [`move_to_trash`](Self::move_to_trash), [`delete`](Self::delete) |
/// | wait for new mail | [`idle`](Self::idle), [`refresh`](Self::refresh), [`events`](Self::events) |
/// | work by sequence number, "the last 50" | [`numbered`](Self::numbered) |
/// | send several commands in one round trip | [`pipeline`](Self::pipeline) |
/// | release the lock, or select another mailbox | `drop`, [`release`](Self::release), [`unselect`](Self::unselect), [`switch_to`](Self::switch_to) |
///
/// Every command on the selected mailbox is a method of this guard, so none compiles where the
/// mailbox is not held, and while the guard lives no other thread can select another mailbox. The
/// guard borrows its session and stays on its thread; an [`OwnedMailboxGuard`] can move.
///
/// Dropping the guard sends nothing and does not block: the mailbox stays selected, so the next lock
/// of it sends no command.
///
/// ```
#[doc = include_str!("doc/session.txt")]
/// use latchbox::types::SearchKey;
///
/// let mut inbox = session.lock_mailbox("INBOX")?;
/// let all = inbox.search(SearchKey::All)?;
/// assert_eq!(all.len(), u64::from(inbox.exists()));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use = "the mailbox is held only as long as the guard lives"]
pub struct MailboxGuard<'s, A = ReadWrite> {
    pub(crate) held: Held,
    session: PhantomData<&'s ()>,
    /// Keeps the guard on its thread, unless its access is [`Owned`].
    _access: [A; 0],
}

impl<A: Access> MailboxGuard<'_, A> {
    pub(crate) fn new(held: Held) -> Self {
        Self {
            held,
            session: PhantomData,
            _access: [],
        }
    }

    /// The name of the mailbox.
    #[must_use]
    pub fn name(&self) -> &MailboxName {
        self.held.name()
    }

    /// The origin of UIDs of this mailbox: the account that is logged in, the mailbox, its
    /// UIDVALIDITY.
    ///
    /// ```
    #[doc = include_str!("doc/session.txt")]
    /// let inbox = session.lock_mailbox("INBOX")?;
    /// let account = inbox.origin().account().ok_or("not logged in")?;
    /// assert_eq!(account.user(), Some("jane@example.com"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn origin(&self) -> &Origin {
        self.held.origin()
    }

    /// Returns these UIDs as a set of this mailbox, which no other mailbox accepts.
    ///
    /// Sends nothing: that the UIDs are of this mailbox is the caller's claim. Rows are better
    /// collected by their [`id`](crate::message::Fetch::id), which cannot be that of another
    /// mailbox.
    ///
    /// ```
    #[doc = include_str!("doc/session.txt")]
    /// use latchbox::command::Search;
    /// use latchbox::types::{SearchKey, SearchReturn};
    ///
    /// let mut inbox = session.lock_mailbox("INBOX")?;
    /// let search = Search::new(SearchKey::All).returning(SearchReturn::new().max());
    /// let newest = inbox.run(search)?.max();
    /// let newest = inbox.uids(newest);
    /// drop(inbox);
    /// let mut trash = session.lock_mailbox("Trash")?;
    /// assert!(trash.delete(&newest).is_err());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn uids(&self, uids: impl IntoIterator<Item = Uid>) -> UidSet {
        self.held.mark(UidSet::unbound(uids))
    }

    /// Returns the UIDs of a range as a set of this mailbox, like [`uids`](Self::uids).
    ///
    /// `first..` is from there to the highest.
    pub fn uids_in(&self, uids: impl RangeBounds<Uid>) -> UidSet {
        self.held.mark(UidSet::unbound_range(uids))
    }

    /// The messages that a response code MODIFIED names, as a set of this mailbox; `None` for
    /// another code.
    ///
    /// The code is that of an error of a command by UID on this mailbox (RFC 7162 section 3.1.3);
    /// [`Stored::modified`](crate::command::Stored::modified) has the messages of a STORE that
    /// succeeded.
    #[must_use]
    pub fn modified(&self, code: &ResponseCode) -> Option<UidSet> {
        match code {
            ResponseCode::Modified(numbers) => Some(self.held.mark(numbers.clone())),
            _ => None,
        }
    }

    /// The number of messages, as of the last response that was read.
    ///
    /// It may change with every command; [`refresh`](Self::refresh) polls for changes.
    #[must_use]
    #[doc(alias = "EXISTS")]
    pub fn exists(&self) -> u32 {
        self.mailbox().map_or(0, |mailbox| mailbox.exists())
    }

    /// The counters, flags and other data of the mailbox, as of the last response that was read.
    ///
    /// # Errors
    ///
    /// [`Error::Mailbox`](crate::Error::Mailbox) if it is no longer selected;
    /// [`Error::Closed`](crate::Error::Closed) if the connection is closed.
    pub fn mailbox(&self) -> Result<Mailbox> {
        let lease = self.held.lease_as_it_is("mailbox")?;
        let selected = lease
            .state
            .selected()
            .map(|selected| selected.mailbox.clone());
        selected.ok_or_else(|| self.held.not_selected())
    }

    /// Selects another mailbox without releasing the lock, so no other thread can get in between.
    ///
    /// Sends SELECT, or EXAMINE if this guard is read-only; sends nothing for the same mailbox.
    ///
    /// # Errors
    ///
    /// As for [`lock_mailbox`](crate::Session::lock_mailbox). After an error, the guard is consumed and
    /// no mailbox is selected, with one exception: if the server grants only reading, the new mailbox
    /// stays selected.
    ///
    /// ```
    #[doc = include_str!("doc/session.txt")]
    /// let inbox = session.lock_mailbox("INBOX")?;
    /// let archive = inbox.switch_to("Archive")?;
    /// assert_eq!(archive.name(), "Archive");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[doc(alias = "SELECT")]
    pub fn switch_to(mut self, name: impl IntoMailboxName) -> Result<Self> {
        let name = name.into_mailbox_name()?;
        self.held.switch(MailboxAccess {
            name,
            read_only: A::READ_ONLY,
        })?;
        Ok(self)
    }

    /// Takes the mailbox events that were queued since the last call, oldest first.
    ///
    /// The queue is bounded; if it overflowed, the first event is [`MailboxEvent::Overflow`] with
    /// the number of lost events. Empty if the mailbox is no longer selected; the next command
    /// returns that error.
    #[doc(alias = "unilateral")]
    #[doc(alias = "unsolicited")]
    #[doc(alias = "unsolicited_responses")]
    #[doc(alias = "EXISTS")]
    #[doc(alias = "EXPUNGE")]
    pub fn events(&mut self) -> Vec<MailboxEvent> {
        match self.held.lease_as_it_is("events") {
            Ok(mut lease) => lease.state.take_events(),
            Err(_) => Vec::new(),
        }
    }

    /// Releases the lock, and reports whether the connection is still usable.
    ///
    /// The mailbox stays selected. Sends nothing but the end of an IDLE; an abandoned answer is
    /// drained, within limits.
    ///
    /// # Errors
    ///
    /// [`Error::Closed`](crate::Error::Closed) if the connection is closed;
    /// [`Error::Mailbox`](crate::Error::Mailbox) if the mailbox was no longer selected.
    #[doc(alias = "unlock")]
    pub fn release(self) -> Result<()> {
        self.held.lease("release").map(drop)
    }
}

impl<A> fmt::Debug for MailboxGuard<'_, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("MailboxGuard")
            .field(self.held.name())
            .finish()
    }
}

impl<A> Drop for MailboxGuard<'_, A> {
    /// Releases the lock; no octet is read or written.
    fn drop(&mut self) {}
}
