//! The authenticated state: one connection that threads share, and the locks on its mailboxes.

pub(crate) mod entrance;
mod meters;
mod place;
pub(crate) mod pooled;
mod progress;
mod stats;
mod timeouts;
pub(crate) mod unauthenticate_error;

use std::fmt;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use crate::client_builder::bounds::Timeouts;
use crate::client_builder::session_settings::SessionSettings;
use crate::close_handle::CloseHandle;
use crate::connection::Connection;
use crate::connection::desired::Desired;
use crate::connection::shutdown_switch::ShutdownSwitch;
use crate::connection::state::MailboxAccess;
use crate::error::lock::LockState;
use crate::error::{CloseReason, Effect, Error, Result};
use crate::events::SessionEvents;
use crate::events::session_event::SessionEvent;
use crate::lock::{Alarm, FairLock, Report, Request};
use crate::mailbox_guard::lease::{Held, WantedMailbox};
use crate::mailbox_guard::lock_request::LockRequest;
use crate::mailbox_guard::lock_source::{LockSource, Queued};
use crate::mailbox_guard::{MailboxGuard, ReadOnly, ReadWrite};
use crate::reconnect::Reconnector;
use crate::session::meters::Meters;
use crate::session::place::Place;
use crate::types::mailbox_name::IntoMailboxName;

/// The most times that a thread yields the processor to threads that release the session.
const MOST_YIELDS: u32 = 10_000;

/// An authenticated connection that any number of threads share (RFC 9051 section 3.2).
///
/// | to | call |
/// |---|---|
/// | hold a mailbox | [`lock_mailbox`](Self::lock_mailbox), [`lock_mailbox_read_only`](Self::lock_mailbox_read_only), [`try_lock_mailbox`](Self::try_lock_mailbox), or [`mailbox`](Self::mailbox) with a timeout, a label, ... |
/// | list mailboxes | [`list`](Self::list), [`special_mailboxes`](Self::special_mailboxes) |
/// | count messages without selecting | [`status`](Self::status), [`status_many`](Self::status_many) |
/// | store a message | [`append`](Self::append), [`append_each`](Self::append_each) |
/// | create, rename, delete a mailbox | [`create`](Self::create), [`rename`](Self::rename), [`delete`](Self::delete) |
/// | send several commands in one round trip | [`pipeline`](Self::pipeline) |
/// | take unsolicited data, such as alerts | [`events`](Self::events) |
/// | keep the connection alive, or end it | [`noop`](Self::noop), [`logout`](Self::logout), [`logout_without_waiting`](Self::logout_without_waiting), [`close_handle`](Self::close_handle) |
/// | look at it | [`stats`](Self::stats), [`lock_state`](Self::lock_state), [`capabilities`](Self::capabilities) |
/// | use an extension | [`acl`](Self::acl), [`quota`](Self::quota), [`metadata`](Self::metadata), [`notify`](Self::notify) |
///
/// Commands on messages are methods of the [`MailboxGuard`] that a lock returns. The session is
/// `Send + Sync`: share it by reference or in an `Arc`.
///
/// A command of the session waits for the lock, except on the thread that holds a guard, where it is
/// sent at once. The wait ends with [`Error::Lock`] after the
/// [`turn_timeout`](crate::ClientBuilder::turn_timeout), 10 minutes by default. If the connection is
/// closed and the session belongs to an [`Account`](crate::Account) that is
/// [reconnecting](crate::Account::reconnecting), the command first makes a new connection, as a lock
/// does; the errors of that ([`Error::Connect`], [`Error::Credentials`], a refused login) are then
/// errors of the command. Without such an account, the error is [`Error::Closed`].
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
    /// What a new connection is set up with.
    desired: Desired,
    meters: Meters,
    reconnector: Option<Reconnector>,
    settings: Box<SessionSettings>,
    /// The slot of a pool whose connection this is; `None` if the session has its own.
    place: Option<Place>,
}

impl Session {
    pub(crate) fn new(mut connection: Connection, settings: Box<SessionSettings>) -> Self {
        let timeouts = *connection.timeouts();
        let session_events = connection.state.session_events.clone();
        let desired = connection.state.desired.clone();
        let meters = Meters::new(connection.meter());
        let shutdown_switch = Arc::default();
        connection.forget_deadline();
        connection.attach(&shutdown_switch);
        Self {
            lock: Arc::new(FairLock::new(connection, [], settings.lock_policy)),
            shutdown_switch,
            timeouts,
            session_events,
            desired,
            meters,
            reconnector: None,
            settings,
            place: None,
        }
    }

    /// Acquires the session's lock, selects the mailbox unless selected, and returns a read-write
    /// guard.
    ///
    /// The lock is granted in order of arrival, except that a request for the mailbox that is
    /// selected already may [overtake](crate::ClientBuilder::max_overtakes). Sends SELECT (RFC 9051
    /// section 6.3.2), or nothing if the mailbox is already selected; what has arrived meanwhile is
    /// read without waiting, so the counters are as fresh as they can be without a round trip.
    ///
    /// Waits without limit unless a [`lock_timeout`](crate::ClientBuilder::lock_timeout) is set,
    /// which then covers the wait, a reconnection and the SELECT. For a timeout, a label, an expected
    /// UIDVALIDITY or an owned guard, use [`mailbox`](Self::mailbox).
    ///
    /// # Errors
    ///
    /// Before anything is sent: [`Error::Argument`] if the name is invalid; [`Error::Lock`] if this
    /// thread already holds a guard or is inside a call of the session (in a logger, a provider), or
    /// if the lock is not granted in time. Then [`Error::Refused`] if the server does not select the
    /// mailbox, and then none is selected; [`Error::Mailbox`] if it grants only reading, and then
    /// the mailbox stays selected and no lock is held; [`Error::Closed`]. If it reconnects, also the
    /// errors of that.
    ///
    /// ```
    #[doc = include_str!("doc/session.txt")]
    /// let inbox = session.lock_mailbox("INBOX")?;
    /// let again = session.lock_mailbox("Trash").unwrap_err(); // would wait for itself
    /// assert!(again.to_string().contains("this thread holds the lock already"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[doc(alias = "SELECT")]
    #[doc(alias = "select")]
    #[doc(alias = "mailboxOpen")]
    #[doc(alias = "getMailboxLock")]
    pub fn lock_mailbox(&self, name: impl IntoMailboxName) -> Result<MailboxGuard<'_, ReadWrite>> {
        self.mailbox(name).lock()
    }

    /// Like [`lock_mailbox`](Self::lock_mailbox), but read-only (EXAMINE, RFC 9051 section 6.3.3).
    ///
    /// No method that changes the mailbox compiles on this guard, and fetching a message does not set
    /// `\Seen`.
    ///
    /// # Errors
    ///
    /// As for [`lock_mailbox`](Self::lock_mailbox), except that a mailbox which is only readable is
    /// no error.
    ///
    /// ```
    #[doc = include_str!("doc/session.txt")]
    /// use latchbox::types::SearchKey;
    ///
    /// let mut inbox = session.lock_mailbox_read_only("INBOX")?;
    /// println!("{} unread", inbox.search(SearchKey::Unseen)?);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[doc(alias = "EXAMINE")]
    #[doc(alias = "examine")]
    pub fn lock_mailbox_read_only(
        &self,
        name: impl IntoMailboxName,
    ) -> Result<MailboxGuard<'_, ReadOnly>> {
        self.mailbox(name).read_only().lock()
    }

    /// [`lock_mailbox`](Self::lock_mailbox) without waiting for the lock.
    ///
    /// It still waits for a SELECT or a reconnection, as long as the
    /// [`lock_timeout`](crate::ClientBuilder::lock_timeout) allows.
    ///
    /// # Errors
    ///
    /// [`Error::Lock`] with [`LockError::WouldBlock`](crate::error::LockError::WouldBlock) if the lock is
    /// not free; otherwise as for [`lock_mailbox`](Self::lock_mailbox).
    ///
    /// ```
    #[doc = include_str!("doc/session.txt")]
    /// let inbox = session.lock_mailbox("INBOX")?;
    /// std::thread::scope(|scope| {
    ///     scope.spawn(|| assert!(session.try_lock_mailbox("Trash").unwrap_err().is_busy()));
    /// });
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn try_lock_mailbox(
        &self,
        name: impl IntoMailboxName,
    ) -> Result<MailboxGuard<'_, ReadWrite>> {
        self.mailbox(name).try_lock()
    }

    /// A request for the lock of a mailbox, with options: a timeout, a label, an owned guard, and
    /// others.
    ///
    /// Sends nothing. If the name is invalid, the call that acquires the lock returns
    /// [`Error::Argument`].
    ///
    /// ```
    #[doc = include_str!("doc/session.txt")]
    /// use std::time::Duration;
    ///
    /// let trash = session
    ///     .mailbox("Trash")
    ///     .timeout(Duration::from_secs(30))
    ///     .label("nightly clean-up")
    ///     .lock()?;
    /// assert_eq!(trash.name(), "Trash");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[doc(alias = "lock_mailbox_with")]
    #[doc(alias = "getMailboxLock")]
    pub fn mailbox(&self, name: impl IntoMailboxName) -> LockRequest<'_> {
        LockRequest::new(self, name)
    }

    /// Sends LOGOUT (RFC 9051 section 6.1.3) and closes the connection.
    ///
    /// Waits for the lock first. Draining an abandoned answer and LOGOUT together take the
    /// [`logout_timeout`](crate::ClientBuilder::logout_timeout) at most. Does not reconnect. A
    /// server that closes the connection without an answer is no error, and neither is a NO or BAD.
    ///
    /// # Errors
    ///
    /// [`Error::Lock`] if the lock is not granted in time; [`Error::Closed`] if the connection was
    /// known to have ended.
    #[doc(alias = "LOGOUT")]
    pub fn logout(self) -> Result<()> {
        self.lease_as_it_is("LOGOUT")?.log_out();
        Ok(())
    }

    /// Like [`logout`](Self::logout), but closes the connection without waiting for the answer to
    /// LOGOUT, which saves the last round trip of a program that ends.
    ///
    /// All earlier commands have been answered, so nothing depends on that answer. For a moment the server
    /// may still count the connection among those of the user.
    ///
    /// ```
    #[doc = include_str!("doc/session.txt")]
    /// session.append("Drafts", &b"Subject: x\r\n\r\nx"[..])?;
    /// session.logout_without_waiting()?;
    /// # let said = |line: &str| line.contains("LOGOUT");
    /// # assert!(server.wait_for(std::time::Duration::from_secs(20), |event| said(&event.line)));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As for [`logout`](Self::logout).
    #[doc(alias = "LOGOUT")]
    pub fn logout_without_waiting(self) -> Result<()> {
        self.lease_as_it_is("LOGOUT")?.log_out_without_waiting();
        Ok(())
    }

    /// A handle that closes the session from any thread, even while another thread uses it.
    #[must_use]
    pub fn close_handle(&self) -> CloseHandle {
        CloseHandle {
            lock: Arc::downgrade(&self.lock),
            shutdown_switch: Arc::clone(&self.shutdown_switch),
            beside: self.switches_beside(),
        }
    }

    /// Makes the session reconnect when it is used.
    pub(crate) fn with_reconnector(mut self, reconnector: Reconnector) -> Self {
        self.reconnector = Some(reconnector);
        self
    }

    /// The connection of a session that no other thread has yet.
    pub(crate) fn into_connection(self) -> Result<Connection> {
        let gone = || Error::closed("login", Effect::None, &CloseReason::Cancelled.into());
        Arc::into_inner(self.lock)
            .map(FairLock::into_value)
            .ok_or_else(gone)
    }

    /// The events of the session as a whole.
    pub(crate) fn session_events(&self) -> &SessionEvents {
        &self.session_events
    }

    /// The connection, which no thread has in use: a thread that had a guard releases the rest of
    /// it in a moment.
    #[allow(
        clippy::result_large_err,
        reason = "the session is given back as it was"
    )]
    pub(crate) fn try_into_connection(
        mut self,
    ) -> std::result::Result<(Connection, Box<SessionSettings>), Self> {
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
        Err(self)
    }

    pub(crate) fn take_event(&self) -> Option<SessionEvent> {
        self.session_events.take()
    }

    /// The current holders of the lock, with mailbox and hold time, and the number of waiters.
    #[must_use]
    #[doc(alias = "holder")]
    #[doc(alias = "waiters")]
    pub fn lock_state(&self) -> LockState {
        let Report { holders, waiting } = self.lock.report();
        LockState { holders, waiting }
    }
}

impl LockSource for Session {
    fn lock_timeout(&self) -> Option<Duration> {
        self.timeouts.lock
    }

    fn acquire(
        &self,
        wanted: &WantedMailbox,
        request: Request<MailboxAccess>,
        deadline: Option<Instant>,
    ) -> Result<Held> {
        let lease = self.enter("lock", request, deadline)?;
        lease.hold(wanted, deadline)
    }

    fn request(&self, request: Request<MailboxAccess>, alarm: Alarm) -> Result<Queued> {
        self.enqueue("lock", request, alarm)
    }

    fn try_take(
        &self,
        wanted: &WantedMailbox,
        queued: Queued,
        deadline: Option<Instant>,
    ) -> Result<Result<Held, Queued>> {
        match self.try_enter("lock", queued, wanted.continues.is_some(), deadline)? {
            Ok(lease) => lease.hold(wanted, deadline).map(Ok),
            Err(queued) => Ok(Err(queued)),
        }
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session").finish_non_exhaustive()
    }
}
