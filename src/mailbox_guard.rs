//! The selected state: a guard that holds one mailbox of a session, and what it knows of it.

mod asked;
pub(crate) mod numbered;
pub(crate) mod parts;
pub(crate) mod pieces;
pub(crate) mod saved_search;
pub(crate) mod searching;
pub(crate) mod sections;
pub(crate) mod wanted;

use std::fmt;
use std::marker::PhantomData;
use std::ops::RangeBounds;
use std::sync::Arc;
use std::time::Instant;

use crate::connection::Connection;
use crate::connection::state::MailboxAccess;
use crate::error::{Error, LockError, MailboxError, Result, StaleUids};
use crate::lock::{InUse, Turn};
use crate::types::event::MailboxEvent;
use crate::types::mailbox::Mailbox;
use crate::types::mailbox_name::MailboxName;
use crate::types::message_set::MessageSet;
use crate::types::number_set::NumberSet;
use crate::types::origin::Origin;
use crate::types::uid::{Uid, UidValidity};
use crate::types::uid_set::UidSet;

/// Access that may change the mailbox: it was opened by SELECT.
#[derive(Clone, Copy, Debug)]
pub enum ReadWrite {}

/// Access that cannot change the mailbox: it was opened by EXAMINE.
#[derive(Clone, Copy, Debug)]
pub enum ReadOnly {}

/// What a guard may do: [`ReadWrite`] or [`ReadOnly`]. Nothing else can be one.
pub trait Access: sealed::Access {}

impl Access for ReadWrite {}
impl Access for ReadOnly {}

/// A guard that borrows its session and belongs to the thread that made it.
///
/// The array has no element: it takes no room, and makes the type not `Send`. Unlike `PhantomData`,
/// it lets the compiler's message name types of this crate only.
#[derive(Debug)]
pub struct Scoped([*const StaysOnItsThread; 0]);

/// What the compiler names where a scoped guard is sent to another thread;
/// [`lock_mailbox_owned`](crate::Session::lock_mailbox_owned) gives one that can be.
enum StaysOnItsThread {}

/// A guard that shares its session and can move to another thread or into a struct.
#[derive(Debug)]
pub struct Owned(());

/// How a guard keeps its session: [`Scoped`] or [`Owned`]. Nothing else can be one.
pub trait Keeping: sealed::Keeping {}

impl Keeping for Scoped {}
impl Keeping for Owned {}

pub(crate) mod sealed {
    /// Whether the mailbox is opened by EXAMINE.
    pub trait Access {
        const READ_ONLY: bool;
    }

    impl Access for super::ReadWrite {
        const READ_ONLY: bool = false;
    }

    impl Access for super::ReadOnly {
        const READ_ONLY: bool = true;
    }

    /// Whether the turn belongs to a thread.
    pub trait Keeping {
        const BY_THREAD: bool;
    }

    impl Keeping for super::Scoped {
        const BY_THREAD: bool = true;
    }

    impl Keeping for super::Owned {
        const BY_THREAD: bool = false;
    }
}

/// A guard that can move to another thread or into a struct; see
/// [`Session::lock_mailbox_owned`](crate::Session::lock_mailbox_owned).
pub type OwnedMailboxGuard<A = ReadWrite> = MailboxGuard<'static, A, Owned>;

/// One mailbox of a session, selected and held until the guard is dropped.
///
/// Every command that works on the selected mailbox is a method of this guard, so none can be
/// written where the mailbox is not held, and while the guard lives no other thread can select
/// another. It borrows its session and stays on its thread.
///
/// Dropping it sends nothing and waits for no thread: the mailbox stays selected, so that the next lock
/// of the same mailbox costs no command, and the next thread goes on. [`release`](Self::release),
/// [`unselect`](Self::unselect) and [`close`](Self::close) end it with a report.
///
/// ```
#[doc = include_str!("doc/session.txt")]
/// use latchbox::types::SearchKey;
///
/// let mut inbox = session.lock_mailbox("INBOX")?;
/// let all = inbox.search(SearchKey::All)?;
/// assert_eq!(all.len(), Some(u64::from(inbox.exists())));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use = "the mailbox is held only as long as the guard lives"]
pub struct MailboxGuard<'s, A = ReadWrite, K = Scoped> {
    pub(crate) held: Held,
    session: PhantomData<&'s ()>,
    access: PhantomData<A>,
    /// Keeps a scoped guard on its thread: the queue knows the holder by its thread.
    _keeping: [K; 0],
}

/// A turn on the connection, and the selection that it is for.
pub(crate) struct Held {
    turn: Turn<Connection>,
    origin: Arc<Origin>,
    selection: u64,
}

impl<A: Access, K: Keeping> MailboxGuard<'_, A, K> {
    pub(crate) fn new(held: Held) -> Self {
        Self {
            held,
            session: PhantomData,
            access: PhantomData,
            _keeping: [],
        }
    }

    /// The name of the mailbox.
    #[must_use]
    pub fn name(&self) -> &MailboxName {
        self.held.origin.mailbox()
    }

    /// What UIDs of this mailbox are marked with: the account that is logged in, the mailbox and its
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
        &self.held.origin
    }

    /// These UIDs as a set of this mailbox, which no other takes. Sends nothing: that they are of this
    /// mailbox is the caller's word. Rows are better made a set by their
    /// [`id`](crate::message::Fetch::id), which cannot be those of another mailbox.
    ///
    /// ```
    #[doc = include_str!("doc/session.txt")]
    /// use latchbox::types::{SearchKey, SearchReturn};
    ///
    /// let mut inbox = session.lock_mailbox("INBOX")?;
    /// let newest = inbox.search_with(SearchKey::All, SearchReturn::new().max())?.max();
    /// let newest = inbox.uids(newest);
    /// # drop(inbox);
    /// let mut trash = session.lock_mailbox("Trash")?;
    /// assert!(trash.delete(&newest).is_err());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn uids(&self, uids: impl IntoIterator<Item = Uid>) -> UidSet {
        self.held.mark(UidSet::unbound(uids))
    }

    /// The UIDs of a range as a set of this mailbox, like [`uids`](Self::uids): `first..` is from
    /// there to the highest.
    pub fn uids_in(&self, uids: impl RangeBounds<Uid>) -> UidSet {
        self.held.mark(UidSet::unbound_range(uids))
    }

    /// Numbers that a response code named for a command by UID on this mailbox, such as MODIFIED, as
    /// a set of it.
    pub fn told(&self, numbers: &NumberSet) -> UidSet {
        self.held.mark(numbers.clone())
    }

    /// How many messages there are, as of the last answer that was read.
    ///
    /// The count moves with every command; [`refresh`](Self::refresh) asks for nothing but news.
    #[must_use]
    pub fn exists(&self) -> u32 {
        self.mailbox().map_or(0, |mailbox| mailbox.exists())
    }

    /// What is known of the mailbox, as of the last answer that was read.
    ///
    /// # Errors
    ///
    /// [`Error::Mailbox`] when it is no longer selected, [`Error::Closed`] when the connection is
    /// gone.
    pub fn mailbox(&self) -> Result<Mailbox> {
        let connection = self.held.connection_as_it_is("mailbox")?;
        let selected = connection
            .state
            .selected()
            .map(|selected| selected.mailbox.clone());
        selected.ok_or_else(|| self.held.not_selected())
    }

    /// Goes on with another mailbox without letting go of the turn: nobody comes in between.
    ///
    /// Sends SELECT or EXAMINE as this guard was opened, or nothing for the same mailbox.
    ///
    /// # Errors
    ///
    /// As for [`lock_mailbox`](crate::Session::lock_mailbox). The guard is consumed then, and nothing
    /// is selected, except a mailbox that was refused here because it is only readable.
    ///
    /// ```
    #[doc = include_str!("doc/session.txt")]
    /// let inbox = session.lock_mailbox("INBOX")?;
    /// let archive = inbox.switch_to("Archive")?;
    /// assert_eq!(archive.name(), "Archive");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn switch_to<N>(mut self, name: N) -> Result<Self>
    where
        N: TryInto<MailboxName, Error: Into<Error>>,
    {
        let name = name.try_into().map_err(Into::into)?;
        self.held.switch(MailboxAccess {
            name,
            read_only: A::READ_ONLY,
        })?;
        Ok(self)
    }

    /// Takes what the server has said unasked since the last call, the oldest first.
    ///
    /// The queue is bounded; when it overflowed, the first event is
    /// [`MailboxEvent::Overflow`] and tells how many are lost. Empty when the mailbox is no longer
    /// selected; the next command says so.
    pub fn events(&mut self) -> Vec<MailboxEvent> {
        match self.held.connection_as_it_is("events") {
            Ok(mut connection) => connection.state.take_events(),
            Err(_) => Vec::new(),
        }
    }

    /// Ends the guard and reports whether the connection is still in order. The mailbox stays
    /// selected.
    ///
    /// Sends nothing but the end of an IDLE; an answer that was left unread is read to its end,
    /// within bounds.
    ///
    /// # Errors
    ///
    /// [`Error::Closed`] when the connection is gone, [`Error::Mailbox`] when the mailbox was no
    /// longer selected.
    pub fn release(self) -> Result<()> {
        self.held.connection("release").map(drop)
    }
}

impl Held {
    /// Makes sure that the mailbox is selected, in a turn that has just begun.
    pub(crate) fn begin(
        turn: Turn<Connection>,
        mut connection: InUse<'_, Connection>,
        wanted: &MailboxAccess,
        deadline: Option<Instant>,
    ) -> Result<Self> {
        let selected = connection.select(wanted, deadline);
        let found = selected.map(|selected| (Arc::clone(&selected.origin), selected.selection));
        drop(connection);
        let (origin, selection) = found?;
        Ok(Self {
            turn,
            origin,
            selection,
        })
    }

    fn switch(&mut self, wanted: MailboxAccess) -> Result<()> {
        let allowed = self.turn.change_wanted(wanted.clone());
        allowed.map_err(|holders| Error::Lock(Box::new(LockError::WouldBlock { holders })))?;
        let mut connection = self.turn.value().ok_or(Error::StreamOpen)?;
        let selected = connection
            .hear_arrived("lock")
            .and_then(|()| connection.select(&wanted, None));
        let found = selected.map(|selected| (Arc::clone(&selected.origin), selected.selection));
        drop(connection);
        (self.origin, self.selection) = found?;
        Ok(())
    }

    /// What UIDs of this mailbox are marked with.
    pub(crate) fn origin(&self) -> &Arc<Origin> {
        &self.origin
    }

    /// The UIDVALIDITY under which the mailbox is held.
    pub(crate) fn uid_validity(&self) -> Option<UidValidity> {
        self.origin.uid_validity()
    }

    /// The turn itself, for who waits with it.
    pub(crate) fn turn(&self) -> &Turn<Connection> {
        &self.turn
    }

    /// Whether the mailbox is selected read-only: by the guard, or because the server has made it so
    /// meanwhile.
    pub(crate) fn is_read_only(&self) -> Result<bool> {
        let connection = self.connection_as_it_is("FETCH")?;
        let selected = connection.state.selected();
        Ok(selected.is_some_and(|selected| selected.mailbox.is_read_only()))
    }

    /// The connection for a command that changes the mailbox, which the server may meanwhile have
    /// made read-only.
    pub(crate) fn connection_to_change(
        &self,
        command: &'static str,
    ) -> Result<InUse<'_, Connection>> {
        let connection = self.connection(command)?;
        if connection
            .state
            .selected()
            .is_some_and(|s| s.mailbox.is_read_only())
        {
            return Err(Error::mailbox(MailboxError::ReadOnly(self.name().clone())));
        }
        Ok(connection)
    }

    /// The connection for a new command, with this mailbox selected.
    ///
    /// What was left unread is read before the look at what is selected, because it may tell that
    /// the mailbox is closed.
    pub(crate) fn connection(&self, command: &'static str) -> Result<InUse<'_, Connection>> {
        let mut connection = self.turn.value().ok_or(Error::StreamOpen)?;
        connection.settle(command)?;
        self.check_selected(&connection)?;
        Ok(connection)
    }

    /// The connection in the middle of an answer, or to be looked at only, with this mailbox
    /// selected.
    pub(crate) fn connection_as_it_is(
        &self,
        command: &'static str,
    ) -> Result<InUse<'_, Connection>> {
        let Some(connection) = self.turn.value() else {
            return Err(Error::StreamOpen);
        };
        connection.check_open(command)?;
        self.check_selected(&connection)?;
        Ok(connection)
    }

    fn check_selected(&self, connection: &Connection) -> Result<()> {
        match connection.state.selected() {
            Some(selected) if selected.selection != self.selection => Err(self.not_selected()),
            Some(selected) if selected.is_stale => Err(Error::mailbox(
                MailboxError::UidValidityChanged(self.name().clone()),
            )),
            Some(_) => Ok(()),
            None => Err(self.not_selected()),
        }
    }

    pub(crate) fn name(&self) -> &MailboxName {
        self.origin.mailbox()
    }

    /// Refuses UIDs of another account, another mailbox or another UIDVALIDITY.
    pub(crate) fn check_origin(&self, origin: Option<&Arc<Origin>>) -> Result<()> {
        let is_of_here = |origin: &Arc<Origin>| match self.uid_validity() {
            Some(_) => Arc::ptr_eq(origin, &self.origin) || origin.may_be(&self.origin),
            // Nothing tells whether a server without UIDVALIDITY has given new UIDs since.
            None => Arc::ptr_eq(origin, &self.origin),
        };
        match origin {
            Some(origin) if !is_of_here(origin) => Err(Error::StaleUids(Box::new(StaleUids {
                origin: Arc::clone(origin),
                here: Arc::clone(&self.origin),
            }))),
            _ => Ok(()),
        }
    }

    /// Whether there is anything to do for a set, after refusing what must not be sent.
    ///
    /// A set that a server or a view gave may be empty, and then there is nothing to do; one made
    /// by hand may not, because an empty set has no form on the wire. One with `*` is nothing to do
    /// in a mailbox that is known to be empty: there are servers that refuse it.
    pub(crate) fn check_set<S: MessageSet>(&self, command: &'static str, set: &S) -> Result<bool> {
        self.check_origin(set.shared_origin())?;
        if set.numbering().is_some() {
            self.check_numbering(&*self.connection(command)?, set.numbering())?;
        }
        let is_by_hand = S::UID && set.shared_origin().is_none();
        match (set.numbers().is_empty(), is_by_hand) {
            (false, _) => Ok(self.exists(command)? > 0 || !set.numbers().is_open()),
            (true, false) => Ok(false),
            (true, true) => Err(Error::text("set of messages", "it is empty")),
        }
    }

    /// How many messages there are, as far as is known.
    pub(crate) fn exists(&self, command: &'static str) -> Result<u32> {
        let connection = self.connection(command)?;
        let selected = connection.state.selected();
        Ok(selected.map_or(0, |selected| selected.mailbox.exists()))
    }

    /// These UIDs with the mark of this mailbox.
    pub(crate) fn mark(&self, uids: impl Into<UidSet>) -> UidSet {
        uids.into().with_origin(Arc::clone(&self.origin))
    }

    pub(crate) fn not_selected(&self) -> Error {
        Error::mailbox(MailboxError::NotSelected(self.name().clone()))
    }
}

impl<A, K> fmt::Debug for MailboxGuard<'_, A, K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("MailboxGuard")
            .field(self.held.name())
            .finish()
    }
}

impl<A, K> Drop for MailboxGuard<'_, A, K> {
    /// Passes the turn on; no octet is read or written.
    fn drop(&mut self) {}
}
