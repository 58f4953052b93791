//! The selected state: a guard that holds one mailbox of a session, and what it knows of it.

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use crate::connection::Connection;
use crate::error::{Error, MailboxError, Result, StaleUids};
use crate::lock::{InUse, Turn};
use crate::types::event::MailboxEvent;
use crate::types::mailbox::Mailbox;
use crate::types::mailbox_name::MailboxName;
use crate::types::sequence_set::{MessageSet, Origin, UidSet};

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

mod sealed {
    /// Keeps others from inventing kinds of access.
    pub trait Access {}

    impl Access for super::ReadWrite {}
    impl Access for super::ReadOnly {}
}

/// One mailbox of a session, selected and held until the guard is dropped.
///
/// Every command that works on the selected mailbox is a method of this guard, so none can be
/// written where the mailbox is not held, and while the guard lives no other thread can select
/// another. It borrows its session and stays on its thread.
///
/// Dropping it sends nothing and cannot block: the mailbox stays selected, so that the next lock
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
pub struct MailboxGuard<'s, A = ReadWrite> {
    pub(crate) held: Held,
    session: PhantomData<&'s ()>,
    access: PhantomData<A>,
    /// Keeps the guard on its thread: the queue knows who holds it by the thread.
    thread: PhantomData<*const ()>,
}

/// A turn on the connection, and the selection that it is for.
pub(crate) struct Held {
    turn: Turn<Connection>,
    origin: Arc<Origin>,
    selection: u64,
}

impl<'s, A: Access> MailboxGuard<'s, A> {
    pub(crate) fn new(turn: Turn<Connection>, origin: Arc<Origin>, selection: u64) -> Self {
        Self {
            held: Held {
                turn,
                origin,
                selection,
            },
            session: PhantomData,
            access: PhantomData,
            thread: PhantomData,
        }
    }

    /// The name of the mailbox.
    #[must_use]
    pub fn name(&self) -> &MailboxName {
        self.held.origin.mailbox()
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
        let connection = self.held.connection("mailbox")?;
        let selected = connection
            .state
            .selected()
            .map(|selected| selected.mailbox.clone());
        selected.ok_or_else(|| self.held.not_selected())
    }

    /// Takes what the server has said unasked since the last call, the oldest first.
    ///
    /// The queue is bounded; when it overflowed, the first event is
    /// [`MailboxEvent::Overflow`] and tells how many are lost. Empty when the mailbox is no longer
    /// selected; the next command says so.
    pub fn events(&mut self) -> Vec<MailboxEvent> {
        match self.held.connection("events") {
            Ok(mut connection) => connection.state.take_events(),
            Err(_) => Vec::new(),
        }
    }

    /// Ends the guard and reports whether the connection is still in order. The mailbox stays
    /// selected.
    ///
    /// Sends nothing; an answer that was left unread is read to its end, within bounds.
    ///
    /// # Errors
    ///
    /// [`Error::Closed`] when the connection is gone, [`Error::Mailbox`] when the mailbox was no
    /// longer selected.
    pub fn release(self) -> Result<()> {
        self.held.connection("release")?.settle("release")
    }
}

impl Held {
    /// The connection, with this mailbox selected.
    pub(crate) fn connection(&self, command: &'static str) -> Result<InUse<'_, Connection>> {
        let Some(connection) = self.turn.value() else {
            return Err(Error::StreamOpen);
        };
        connection.check_open(command)?;
        match connection.state.selected() {
            Some(selected) if selected.selection != self.selection => Err(self.not_selected()),
            Some(selected) if selected.is_stale => Err(Error::mailbox(
                MailboxError::UidValidityChanged(self.name().clone()),
            )),
            Some(_) => Ok(connection),
            None => Err(self.not_selected()),
        }
    }

    pub(crate) fn name(&self) -> &MailboxName {
        self.origin.mailbox()
    }

    /// Refuses UIDs of another mailbox or another UIDVALIDITY.
    pub(crate) fn check_origin(&self, origin: Option<&Arc<Origin>>) -> Result<()> {
        match origin {
            Some(origin) if *origin != self.origin => Err(Error::StaleUids(Box::new(StaleUids {
                origin: Arc::clone(origin),
                mailbox: self.name().clone(),
                uid_validity: self.origin.uid_validity(),
            }))),
            _ => Ok(()),
        }
    }

    /// Whether there is anything to do for a set, after refusing what must not be sent.
    ///
    /// A set that a server gave may be empty, and then there is nothing to do; one made by hand
    /// may not, because an empty set has no form on the wire.
    pub(crate) fn check_set<S: MessageSet>(&self, set: &S) -> Result<bool> {
        self.check_origin(set.origin())?;
        match (set.numbers().is_empty(), set.origin()) {
            (false, _) => Ok(true),
            (true, Some(_)) => Ok(false),
            (true, None) => Err(Error::text("set of messages", "it is empty")),
        }
    }

    /// These UIDs with the mark of this mailbox.
    pub(crate) fn mark(&self, uids: impl Into<UidSet>) -> UidSet {
        uids.into().with_origin(Arc::clone(&self.origin))
    }

    /// Tells the queue what is open now.
    pub(crate) fn note_opened(&self, connection: &Connection) {
        self.turn.note_opened(connection.state.opened());
    }

    pub(crate) fn not_selected(&self) -> Error {
        Error::mailbox(MailboxError::NotSelected(self.name().clone()))
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
    /// Passes the turn on; no octet is read or written.
    fn drop(&mut self) {}
}
