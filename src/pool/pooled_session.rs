//! A connection of a pool, leased to a thread for the commands of a session.

use std::fmt;
use std::marker::PhantomData;
use std::ops::Deref;

use crate::connection::Connection;
use crate::lock::Turn;
use crate::session::Session;

/// A connection of a pool, held by this thread, with the commands of a [`Session`].
///
/// Made by [`Pool::session`](crate::Pool::session). Dropping it releases the connection and sends
/// nothing.
///
/// It belongs to its thread: a command on another thread, through `&Session`, is
/// [`Error::Lock`](crate::Error::Lock) before anything is sent, and so is a lock of a mailbox on the
/// session itself; use the pool's. [`enable`](Session::enable), [`notify`](Session::notify) and the
/// timeouts take effect on this connection and on those that the pool makes later. Its
/// [`close_handle`](Session::close_handle) closes the pool. It does not reconnect: if the connection
/// ends, drop it.
///
/// ```
#[doc = include_str!("../doc/pool.txt")]
/// use latchbox::command::{Noop, Status};
/// use latchbox::types::StatusItem;
///
/// let session = pool.session()?;
/// let trash = Status::new("Trash", [StatusItem::Messages])?;
/// let (_, trash) = session.pipeline((Noop, trash))?;
/// assert_eq!(trash?.messages(), Some(1));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use = "dropping it at once releases the connection unused"]
pub struct PooledSession<'p> {
    session: &'p Session,
    /// `None` on a thread that holds a guard.
    _turn: Option<Turn<Connection>>,
    /// A turn belongs to a thread.
    of_thread: PhantomData<*const ()>,
}

impl<'p> PooledSession<'p> {
    pub(super) fn new(session: &'p Session, turn: Option<Turn<Connection>>) -> Self {
        Self {
            session,
            _turn: turn,
            of_thread: PhantomData,
        }
    }
}

impl Deref for PooledSession<'_> {
    type Target = Session;

    fn deref(&self) -> &Session {
        self.session
    }
}

impl fmt::Debug for PooledSession<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PooledSession").finish_non_exhaustive()
    }
}
