//! The authenticated state: one connection that threads share, and the locks on its mailboxes.

pub(crate) mod entrance;
mod timeouts;

use std::fmt;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use crate::client_builder::bounds::Timeouts;
use crate::client_builder::session_settings::SessionSettings;
use crate::close_handle::CloseHandle;
use crate::connection::Connection;
use crate::connection::answer::leave;
use crate::connection::answering::Kind;
use crate::connection::desired::Desired;
use crate::connection::shutdown_switch::ShutdownSwitch;
use crate::connection::state::MailboxAccess;
use crate::error::{CloseReason, Effect, Error, LockError, LockState, MailboxError, Result};
use crate::events::SessionEvents;
use crate::events::session_event::SessionEvent;
use crate::lock::{FairLock, Report, Request, Wait};
use crate::lock_options::LockOptions;
use crate::mailbox_guard::lease::Held;
use crate::mailbox_guard::{
    Access, Keeping, MailboxGuard, Owned, OwnedMailboxGuard, ReadOnly, ReadWrite, Scoped,
};
use crate::reconnect::Reconnector;
use crate::types::mailbox_name::IntoMailboxName;

/// How often the processor is left to those who let go of a session.
const MOST_YIELDS: u32 = 10_000;

/// An authenticated connection that any number of threads share (RFC 9051 section 3.2).
///
/// Commands that need no mailbox (LIST, STATUS, APPEND, CREATE, ...) are methods of the session;
/// those that do are methods of the [`MailboxGuard`] that
/// [`lock_mailbox`](Self::lock_mailbox) returns. The session is `Send + Sync`: share it by
/// reference or in an `Arc`.
///
/// A command of the session waits for its turn like a lock does, except on the thread that holds a
/// guard: there it is sent at once. It waits as long as the
/// [`turn_timeout`](crate::ClientBuilder::turn_timeout) allows, 10 minutes by default, and is
/// [`Error::Lock`] then. If the connection has ended and the session is of an
/// [`Account`](crate::Account) that is [reconnecting](crate::Account::reconnecting), it makes a new
/// one in its turn, before anything of it is sent, as a lock does; what that fails by
/// ([`Error::Connect`], [`Error::Credentials`], the refusal of a login) is then the error of the
/// command. Without such an account it is [`Error::Closed`].
///
/// Dropping the session and its owned guards closes the connection without LOGOUT; see
/// [`logout`](Self::logout).
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
    lock: Arc<FairLock<Connection>>,
    shutdown_switch: Arc<ShutdownSwitch>,
    timeouts: Timeouts,
    session_events: SessionEvents,
    /// What a new connection has to be given.
    desired: Desired,
    reconnector: Option<Reconnector>,
    settings: Box<SessionSettings>,
}

impl Session {
    pub(crate) fn new(mut connection: Connection, settings: Box<SessionSettings>) -> Self {
        let timeouts = *connection.timeouts();
        let session_events = connection.state.session_events.clone();
        let desired = connection.state.desired.clone();
        let shutdown_switch = Arc::default();
        connection.forget_deadline();
        connection.attach(&shutdown_switch);
        Self {
            lock: Arc::new(FairLock::new(connection, [], settings.lock_policy)),
            shutdown_switch,
            timeouts,
            session_events,
            desired,
            reconnector: None,
            settings,
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
    /// [`Error::Mailbox`] when it grants reading only, and then the mailbox stays selected and
    /// nothing is held; [`Error::Closed`]; [`Error::Argument`] for a name that cannot be one. When
    /// it reconnects, also what that fails by.
    ///
    /// ```
    #[doc = include_str!("doc/session.txt")]
    /// let inbox = session.lock_mailbox("INBOX")?;
    /// let again = session.lock_mailbox("Trash").unwrap_err(); // would wait for itself
    /// assert!(again.to_string().contains("this thread holds the lock already"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn lock_mailbox(&self, name: impl IntoMailboxName) -> Result<MailboxGuard<'_, ReadWrite>> {
        self.lock(name, &LockOptions::default())
    }

    /// The same for reading only: the guard has no method that changes the mailbox, and reading
    /// a message does not mark it as read. Sends EXAMINE (RFC 9051 section 6.3.3).
    ///
    /// # Errors
    ///
    /// As for [`lock_mailbox`](Self::lock_mailbox), except that reading only is what is asked for.
    pub fn lock_mailbox_read_only(
        &self,
        name: impl IntoMailboxName,
    ) -> Result<MailboxGuard<'_, ReadOnly>> {
        self.lock(name, &LockOptions::default())
    }

    /// [`lock_mailbox`](Self::lock_mailbox) without waiting for a turn.
    ///
    /// A SELECT that is needed is waited for, and so is a reconnection.
    ///
    /// # Errors
    ///
    /// [`Error::Lock`] with [`LockError::WouldBlock`](crate::error::LockError::WouldBlock) when another has the turn; otherwise as for
    /// [`lock_mailbox`](Self::lock_mailbox).
    pub fn try_lock_mailbox(
        &self,
        name: impl IntoMailboxName,
    ) -> Result<MailboxGuard<'_, ReadWrite>> {
        self.lock(name, &LockOptions::new().at_once())
    }

    /// [`lock_mailbox_read_only`](Self::lock_mailbox_read_only) without waiting for a turn.
    ///
    /// # Errors
    ///
    /// As for [`try_lock_mailbox`](Self::try_lock_mailbox).
    pub fn try_lock_mailbox_read_only(
        &self,
        name: impl IntoMailboxName,
    ) -> Result<MailboxGuard<'_, ReadOnly>> {
        self.lock(name, &LockOptions::new().at_once())
    }

    /// [`lock_mailbox`](Self::lock_mailbox) with one deadline over the wait and the SELECT.
    ///
    /// # Errors
    ///
    /// [`Error::Lock`] with [`LockError::Timeout`](crate::error::LockError::Timeout), which tells who has the turn, when the time is
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
    pub fn try_lock_mailbox_for(
        &self,
        name: impl IntoMailboxName,
        timeout: Duration,
    ) -> Result<MailboxGuard<'_, ReadWrite>> {
        self.lock(name, &LockOptions::new().timeout(timeout))
    }

    /// [`lock_mailbox_read_only`](Self::lock_mailbox_read_only) with one deadline over the wait
    /// and the EXAMINE.
    ///
    /// # Errors
    ///
    /// As for [`try_lock_mailbox_for`](Self::try_lock_mailbox_for).
    pub fn try_lock_mailbox_read_only_for(
        &self,
        name: impl IntoMailboxName,
        timeout: Duration,
    ) -> Result<MailboxGuard<'_, ReadOnly>> {
        self.lock(name, &LockOptions::new().timeout(timeout))
    }

    /// Sends LOGOUT (RFC 9051 section 6.1.3) and closes the connection.
    ///
    /// Waits for its turn. Does not reconnect. A server that closes without an answer is no error, and
    /// neither is a NO or BAD.
    ///
    /// # Errors
    ///
    /// [`Error::Lock`] when the turn does not come in time; [`Error::Closed`] when the connection was
    /// known to have ended.
    pub fn logout(self) -> Result<()> {
        let mut lease = self.lease_as_it_is("LOGOUT")?;
        let total = lease.timeouts().logout;
        let deadline = Instant::now().checked_add(total);
        // What is left of an answer that nobody reads has its part in the same time.
        let settled = lease.settle_until("LOGOUT", deadline);
        let sent = settled.and_then(|()| {
            let left = lease.time_left(deadline);
            lease.start_bare(Kind::Logout, "LOGOUT", left)
        });
        if sent.is_ok() {
            let _ = lease.finish(leave);
        }
        lease.close("LOGOUT", Effect::None, CloseReason::LoggedOut);
        Ok(())
    }

    /// [`lock_mailbox`](Self::lock_mailbox) with options: a deadline, a label, a UIDVALIDITY.
    ///
    /// # Errors
    ///
    /// As for [`lock_mailbox`](Self::lock_mailbox); [`Error::Mailbox`] also when the UIDVALIDITY is
    /// not the expected one, and then the mailbox stays selected and nothing is held.
    pub fn lock_mailbox_with(
        &self,
        name: impl IntoMailboxName,
        options: &LockOptions,
    ) -> Result<MailboxGuard<'_, ReadWrite>> {
        self.lock(name, options)
    }

    /// [`lock_mailbox_read_only`](Self::lock_mailbox_read_only) with options.
    ///
    /// # Errors
    ///
    /// As for [`lock_mailbox_with`](Self::lock_mailbox_with).
    pub fn lock_mailbox_read_only_with(
        &self,
        name: impl IntoMailboxName,
        options: &LockOptions,
    ) -> Result<MailboxGuard<'_, ReadOnly>> {
        self.lock(name, options)
    }

    /// [`lock_mailbox_with`](Self::lock_mailbox_with), for a guard that shares the session instead
    /// of borrowing it: it can move to another thread or into a struct, and keeps the connection
    /// alive.
    ///
    /// It belongs to no thread, so a second lock on the same thread is not told that it waits for
    /// itself: give such a wait a deadline. A command of the session beside it ends by its
    /// [`turn_timeout`](crate::ClientBuilder::turn_timeout). Until this call returns, the turn is that
    /// of the calling thread: a provider of credentials or a logger that uses the session is told so
    /// at once.
    ///
    /// # Errors
    ///
    /// As for [`lock_mailbox_with`](Self::lock_mailbox_with).
    ///
    /// ```
    #[doc = include_str!("doc/session.txt")]
    /// use latchbox::LockOptions;
    /// use latchbox::types::SearchKey;
    ///
    /// let mut inbox = session.lock_mailbox_owned("INBOX", &LockOptions::new())?;
    /// let worker = std::thread::spawn(move || inbox.search(SearchKey::All));
    /// assert_eq!(worker.join().unwrap()?.len(), 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn lock_mailbox_owned(
        &self,
        name: impl IntoMailboxName,
        options: &LockOptions,
    ) -> Result<OwnedMailboxGuard<ReadWrite>> {
        self.lock_owned(name, options)
    }

    /// [`lock_mailbox_owned`](Self::lock_mailbox_owned) for reading only.
    ///
    /// # Errors
    ///
    /// As for [`lock_mailbox_with`](Self::lock_mailbox_with).
    pub fn lock_mailbox_read_only_owned(
        &self,
        name: impl IntoMailboxName,
        options: &LockOptions,
    ) -> Result<OwnedMailboxGuard<ReadOnly>> {
        self.lock_owned(name, options)
    }

    /// A handle that ends the session from any thread, whatever another is doing with it.
    #[must_use]
    pub fn close_handle(&self) -> CloseHandle {
        CloseHandle {
            lock: Arc::downgrade(&self.lock),
            shutdown_switch: Arc::clone(&self.shutdown_switch),
        }
    }

    /// The session reconnects when it is used.
    pub(crate) fn with_reconnector(mut self, reconnector: Reconnector) -> Self {
        self.reconnector = Some(reconnector);
        self
    }

    /// The connection of a session that nobody else has yet.
    pub(crate) fn into_connection(self) -> Result<Connection> {
        let gone = || Error::closed("login", Effect::None, &CloseReason::Cancelled.into());
        Arc::into_inner(self.lock)
            .map(FairLock::into_value)
            .ok_or_else(gone)
    }

    /// What the server has told the session as a whole.
    pub(crate) fn session_events(&self) -> &SessionEvents {
        &self.session_events
    }

    /// The connection, which nobody has in use: whoever had a guard lets go of the rest of it in a
    /// moment.
    #[allow(
        clippy::result_large_err,
        reason = "the session is given back as it was"
    )]
    pub(crate) fn try_into_connection(
        mut self,
    ) -> std::result::Result<(Connection, Box<SessionSettings>), (Error, Self)> {
        for _ in 0..MOST_YIELDS {
            match Arc::try_unwrap(self.lock) {
                Ok(lock) => {
                    self.shutdown_switch.let_go();
                    return Ok((lock.into_value(), self.settings));
                }
                Err(lock) => self.lock = lock,
            }
            thread::yield_now();
        }
        Err((Error::StreamOpen, self))
    }

    pub(crate) fn take_event(&self) -> Option<SessionEvent> {
        self.session_events.take()
    }

    /// The holders of the lock at this moment, their mailboxes and since when, and the number of
    /// waiters.
    #[must_use]
    pub fn lock_state(&self) -> LockState {
        let Report { holders, waiting } = self.lock.report();
        LockState { holders, waiting }
    }

    fn lock<A>(
        &self,
        name: impl IntoMailboxName,
        options: &LockOptions,
    ) -> Result<MailboxGuard<'_, A>>
    where
        A: Access,
    {
        self.hold::<A, Scoped>(name, options).map(MailboxGuard::new)
    }

    fn lock_owned<A>(
        &self,
        name: impl IntoMailboxName,
        options: &LockOptions,
    ) -> Result<OwnedMailboxGuard<A>>
    where
        A: Access,
    {
        self.hold::<A, Owned>(name, options).map(MailboxGuard::new)
    }

    fn hold<A, K>(&self, name: impl IntoMailboxName, options: &LockOptions) -> Result<Held>
    where
        A: Access,
        K: Keeping,
    {
        let wanted = MailboxAccess {
            name: name.into_mailbox_name()?,
            read_only: A::READ_ONLY,
        };
        let wait = match options.at_once {
            true => Wait::No,
            false => Wait::for_at_most(options.timeout.or(self.timeouts.lock)),
        };
        // A clock that nobody will ask about is not read: most locks cost less than that.
        let is_timed = wait.deadline().is_some() || log::log_enabled!(log::Level::Debug);
        let began = is_timed.then(Instant::now);
        let request = Request {
            wanted: Some(wanted.clone()),
            label: options.label.clone(),
            wait,
        };
        let mut lease = self.enter("lock", request)?;
        lease.resume_counting()?;
        let (turn, connection) = lease.into_parts()?;
        let begun = Held::begin(turn, connection, &wanted, wait.deadline());
        let held = begun.map_err(|error| late(error, began))?;
        if options.uid_validity.is_some() && options.uid_validity != held.uid_validity() {
            return Err(Error::mailbox(MailboxError::UidValidityChanged(
                wanted.name,
            )));
        }
        let waited = began.map(|began| began.elapsed()).unwrap_or_default();
        log::debug!("{} locked after {waited:?}", wanted.name);
        // Until here the turn was this thread's, so that nothing that was called could wait for it.
        if !K::BY_THREAD {
            held.turn().hand_over();
        }
        Ok(held)
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session").finish_non_exhaustive()
    }
}

/// A timeout of the lock counts from when the lock was asked for.
fn late(mut error: Error, began: Option<Instant>) -> Error {
    if let (Error::Lock(lock), Some(began)) = (&mut error, began) {
        if let LockError::Timeout { waited, .. } = &mut **lock {
            *waited = began.elapsed();
        }
    }
    error
}
