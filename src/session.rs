//! The authenticated state: one connection that threads share, and the locks on its mailboxes.

use std::fmt;
use std::ops::{Deref, DerefMut};
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::client_builder::Timeouts;
use crate::connection::Connection;
use crate::connection::answer::leave;
use crate::connection::state::Opened;
use crate::error::{CloseReason, Effect, Error, LockError, MailboxError, Result};
use crate::lock::{InUse, Latch, Patience, Turn};
use crate::mailbox_guard::{MailboxGuard, ReadOnly, ReadWrite};
use crate::types::mailbox_name::MailboxName;

/// An authenticated connection that any number of threads share (RFC 9051 section 3.2).
///
/// Commands that need no mailbox (LIST, STATUS, APPEND, CREATE, ...) are methods of the session;
/// those that do are methods of the [`MailboxGuard`] that
/// [`lock_mailbox`](Self::lock_mailbox) returns. The session is `Send + Sync`: share it by
/// reference or in an `Arc`.
///
/// A command of the session waits its turn like a lock does, except on the thread that holds a
/// guard: there it is sent at once. It waits as long as the
/// [`lock_timeout`](crate::ClientBuilder::lock_timeout) allows.
///
/// Dropping the session closes the connection without a word; [`logout`](Self::logout) says
/// goodbye.
///
/// ```
#[doc = include_str!("doc/session.txt")]
/// use latchbox::types::SearchKey;
///
/// std::thread::scope(|scope| {
///     for _ in 0..2 {
///         scope.spawn(|| -> latchbox::Result<()> {
///             let mut inbox = session.lock_mailbox("INBOX")?; // one of the two waits here
///             inbox.search(SearchKey::Unseen)?;
///             Ok(())
///         });
///     }
/// });
/// session.logout()?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Session {
    latch: Arc<Latch<Connection>>,
    timeouts: Timeouts,
}

impl Session {
    pub(crate) fn new(connection: Connection, overtaking: u32) -> Self {
        let timeouts = *connection.timeouts();
        Self {
            latch: Arc::new(Latch::new(connection, overtaking)),
            timeouts,
        }
    }

    /// Waits its turn, selects the mailbox if it is not selected already, and holds it for
    /// reading and writing.
    ///
    /// Turns are granted in the order of arrival. Sends SELECT (RFC 9051 section 6.3.2), or
    /// nothing when the mailbox is selected already; what has arrived meanwhile is read first
    /// without waiting, so that the counters are as fresh as they can be for nothing.
    ///
    /// Waits as long as it takes unless a
    /// [`lock_timeout`](crate::ClientBuilder::lock_timeout) is set, which then covers the wait and
    /// the SELECT.
    ///
    /// # Errors
    ///
    /// [`Error::Lock`] at once when this thread holds a guard already, and when the time is over;
    /// [`Error::Refused`] when the server does not select the mailbox, and then none is selected;
    /// [`Error::Mailbox`] when it grants reading only; [`Error::Closed`]; [`Error::Argument`] for
    /// a name that cannot be one.
    ///
    /// ```
    #[doc = include_str!("doc/session.txt")]
    /// let inbox = session.lock_mailbox("INBOX")?;
    /// let again = session.lock_mailbox("Trash").unwrap_err(); // would wait for itself
    /// assert!(again.to_string().contains("this thread holds the lock already"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn lock_mailbox<N>(&self, name: N) -> Result<MailboxGuard<'_, ReadWrite>>
    where
        N: TryInto<MailboxName, Error: Into<Error>>,
    {
        self.lock(name, false, Patience::for_at_most(self.timeouts.lock))
    }

    /// The same for reading only: the guard has no method that changes the mailbox, and reading
    /// a message does not mark it as read. Sends EXAMINE (RFC 9051 section 6.3.3).
    ///
    /// # Errors
    ///
    /// As for [`lock_mailbox`](Self::lock_mailbox), except that reading only is what is asked for.
    pub fn lock_mailbox_read_only<N>(&self, name: N) -> Result<MailboxGuard<'_, ReadOnly>>
    where
        N: TryInto<MailboxName, Error: Into<Error>>,
    {
        self.lock(name, true, Patience::for_at_most(self.timeouts.lock))
    }

    /// [`lock_mailbox`](Self::lock_mailbox) without waiting for a turn.
    ///
    /// A SELECT that is needed is waited for.
    ///
    /// # Errors
    ///
    /// [`Error::Lock`] with [`LockError::WouldBlock`] when another has the turn; otherwise as for
    /// [`lock_mailbox`](Self::lock_mailbox).
    pub fn try_lock_mailbox<N>(&self, name: N) -> Result<MailboxGuard<'_, ReadWrite>>
    where
        N: TryInto<MailboxName, Error: Into<Error>>,
    {
        self.lock(name, false, Patience::None)
    }

    /// [`lock_mailbox_read_only`](Self::lock_mailbox_read_only) without waiting for a turn.
    ///
    /// # Errors
    ///
    /// As for [`try_lock_mailbox`](Self::try_lock_mailbox).
    pub fn try_lock_mailbox_read_only<N>(&self, name: N) -> Result<MailboxGuard<'_, ReadOnly>>
    where
        N: TryInto<MailboxName, Error: Into<Error>>,
    {
        self.lock(name, true, Patience::None)
    }

    /// [`lock_mailbox`](Self::lock_mailbox) with one deadline over the wait and the SELECT.
    ///
    /// # Errors
    ///
    /// [`Error::Lock`] with [`LockError::Timeout`], which tells who has the turn, when the time is
    /// over; the connection stays usable. Otherwise as for [`lock_mailbox`](Self::lock_mailbox).
    ///
    /// ```
    #[doc = include_str!("doc/session.txt")]
    /// use std::time::Duration;
    ///
    /// let inbox = session.try_lock_mailbox_for("INBOX", Duration::from_secs(5))?;
    /// std::thread::scope(|scope| {
    ///     scope.spawn(|| {
    ///         let short = Duration::from_millis(10);
    ///         let error = session.try_lock_mailbox_for("Trash", short).unwrap_err();
    ///         assert!(error.is_timeout() && error.to_string().contains("mailbox INBOX"));
    ///     });
    /// });
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn try_lock_mailbox_for<N>(
        &self,
        name: N,
        timeout: Duration,
    ) -> Result<MailboxGuard<'_, ReadWrite>>
    where
        N: TryInto<MailboxName, Error: Into<Error>>,
    {
        self.lock(name, false, Patience::for_at_most(Some(timeout)))
    }

    /// [`lock_mailbox_read_only`](Self::lock_mailbox_read_only) with one deadline over the wait
    /// and the EXAMINE.
    ///
    /// # Errors
    ///
    /// As for [`try_lock_mailbox_for`](Self::try_lock_mailbox_for).
    pub fn try_lock_mailbox_read_only_for<N>(
        &self,
        name: N,
        timeout: Duration,
    ) -> Result<MailboxGuard<'_, ReadOnly>>
    where
        N: TryInto<MailboxName, Error: Into<Error>>,
    {
        self.lock(name, true, Patience::for_at_most(Some(timeout)))
    }

    /// Says goodbye and closes the connection (LOGOUT, RFC 9051 section 6.1.3).
    ///
    /// Waits its turn. A server that closes without a word has been said goodbye to as well.
    ///
    /// # Errors
    ///
    /// [`Error::Lock`] when the turn does not come; never because the server is unfriendly.
    pub fn logout(self) -> Result<()> {
        let mut lease = self.lease("LOGOUT")?;
        let total = lease.timeouts().logout;
        let sent = lease.start_within("LOGOUT", total, |encoder| {
            encoder.raw("LOGOUT");
            Ok(())
        });
        if sent.is_ok() {
            let _ = lease.finish(leave);
        }
        lease.close("LOGOUT", Effect::None, CloseReason::LoggedOut);
        Ok(())
    }

    fn lock<A, N>(
        &self,
        name: N,
        read_only: bool,
        patience: Patience,
    ) -> Result<MailboxGuard<'_, A>>
    where
        A: crate::mailbox_guard::Access,
        N: TryInto<MailboxName, Error: Into<Error>>,
    {
        let began = Instant::now();
        let wanted = Opened {
            name: name.try_into().map_err(Into::into)?,
            read_only,
        };
        let turn = self
            .latch
            .acquire(Some(wanted.clone()), patience)
            .map_err(lock_error)?;
        let mut connection = turn.value().ok_or(Error::StreamOpen)?;
        let selected = connection.select(&wanted, patience.deadline());
        let found = selected.map(|selected| (Arc::clone(&selected.origin), selected.selection));
        turn.note_opened(connection.state.opened());
        drop(connection);
        log::debug!("{} locked after {:?}", wanted.name, began.elapsed());
        let (origin, selection) = found?;
        Ok(MailboxGuard::new(turn, origin, selection))
    }

    /// The connection for one command of the session: at once on the thread that holds a guard,
    /// in turn on every other.
    pub(crate) fn lease(&self, command: &'static str) -> Result<Lease<'_>> {
        let turn = match self.latch.is_mine() {
            true => None,
            false => {
                let patience = Patience::for_at_most(self.timeouts.lock);
                Some(self.latch.acquire(None, patience).map_err(lock_error)?)
            }
        };
        let connection = self.latch.value().ok_or(Error::StreamOpen)?;
        connection.check_open(command)?;
        if turn.is_none() && connection.is_being_read() {
            return Err(Error::StreamOpen);
        }
        Ok(Lease { connection, turn })
    }
}

/// The connection in the hands of one command of the session.
pub(crate) struct Lease<'s> {
    connection: InUse<'s, Connection>,
    /// Nothing on the thread that holds a guard.
    turn: Option<Turn<Connection>>,
}

impl Lease<'_> {
    /// Makes sure that nothing is selected of a mailbox that is about to go away, or of one below
    /// it; refuses when this thread holds a guard of it.
    pub(crate) fn leave_mailbox(&mut self, name: &MailboxName) -> Result<()> {
        match (self.selected_within(name), &self.turn) {
            (None, _) => Ok(()),
            (Some(held), None) => Err(Error::mailbox(MailboxError::Held(held))),
            (Some(_), Some(turn)) => {
                self.connection.deselect()?;
                turn.note_opened(None);
                Ok(())
            }
        }
    }

    fn selected_within(&self, name: &MailboxName) -> Option<MailboxName> {
        let selected = self.connection.state.selected()?.mailbox.name();
        let is_within = selected.as_str().starts_with(name.as_str());
        is_within.then(|| selected.clone())
    }
}

impl Deref for Lease<'_> {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        &self.connection
    }
}

impl DerefMut for Lease<'_> {
    fn deref_mut(&mut self) -> &mut Connection {
        &mut self.connection
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session").finish_non_exhaustive()
    }
}

fn lock_error(error: LockError) -> Error {
    Error::Lock(Box::new(error))
}
