//! A pool: several connections of one account behind one lock, with the guards of a session.

use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::Instant;

use crate::account::Account;
use crate::client_builder::TlsMode;
use crate::client_builder::bounds::Timeouts;
use crate::close_handle::CloseHandle;
use crate::connection::Connection;
use crate::connection::desired::Desired;
use crate::connection::shutdown_switch::ShutdownSwitch;
use crate::error::Result;
use crate::events::SessionEvents;
use crate::events::session_event::SessionEvent;
use crate::lock::{FairLock, Report};
use crate::mailbox_guard::lock_request::LockRequest;
use crate::mailbox_guard::{MailboxGuard, ReadOnly, ReadWrite};
use crate::pool::failures::Failures;
use crate::pool::options::PoolOptions;
use crate::pool::pooled_session::PooledSession;
use crate::pool::state::PoolState;
use crate::pool::waiter::Waiter;
use crate::reconnect::Reconnector;
use crate::session::Session;
use crate::session::pooled::PoolParts;
use crate::types::mailbox_name::IntoMailboxName;

/// Several connections of one account that any number of threads share, with one lock over them.
///
/// | to | call |
/// |---|---|
/// | hold a mailbox | [`lock_mailbox`](Self::lock_mailbox), [`lock_mailbox_read_only`](Self::lock_mailbox_read_only), [`try_lock_mailbox`](Self::try_lock_mailbox), or [`mailbox`](Self::mailbox) with a timeout, a label, ... |
/// | use the commands of a session: list, append, create, pipeline, ... | [`session`](Self::session) |
/// | close connections that are idle or old | [`tend`](Self::tend) |
/// | end it | [`logout`](Self::logout), [`close_handle`](Self::close_handle) |
/// | look at it | [`state`](Self::state) |
///
/// A lock returns the [`MailboxGuard`] that a [`Session`] returns. The pool is `Send + Sync`: share
/// it by reference or in an `Arc`. It has no thread of its own, and connects when a connection is
/// needed.
///
/// # Which connection
///
/// A lock gets, of the connections that no guard holds: one that has the mailbox selected in that
/// mode; else one that has none selected; else the one that was used longest ago. A new one is made,
/// up to [`max_connections`](PoolOptions::max_connections), if all are held, if a
/// [watch](crate::watch) listens on those that are not, or if the mailbox is one of the last
/// `max_connections` that were used. So a thread that walks through many mailboxes does it on one
/// connection, and threads that return to few get one for each. If none can be made, a watch lends its
/// connection.
/// If all are held and none can be made, it waits in order of arrival, except that a request for a mailbox that a
/// released connection has selected may
/// [overtake](crate::ClientBuilder::max_overtakes) a bounded number of times.
///
/// Two guards of one mailbox exist at once only if both are read-only, unless
/// [`allow_several_writers`](PoolOptions::allow_several_writers) is set. A mailbox that a
/// guard holds cannot be deleted or renamed through the pool
/// ([`MailboxError::Held`](crate::error::MailboxError::Held)).
///
/// # How many connections
///
/// A server allows a number of connections of one user. If it refuses one more login because of
/// that (`LIMIT`, `UNAVAILABLE`, or a text that reports it), the pool continues with the connections
/// that it has, logs it at `debug`, and reports the number in [`state`](Self::state). It tries again
/// after [`retry_limit_after`](PoolOptions::retry_limit_after). If the pool has no connection,
/// the refusal is the error of the lock.
///
/// One connection is made at a time, by the thread that needs it, while other threads use those that
/// exist. If a login fails, the threads that were waiting and would need a new connection get that
/// error, and do not try again. A connection that has ended is replaced at the next lock, as often
/// and as fast as [`Account::reconnecting`] says; without it, each lock makes one attempt.
///
/// ```
#[doc = include_str!("../doc/pool.txt")]
/// use latchbox::types::SearchKey;
///
/// std::thread::scope(|scope| {
///     for name in ["INBOX", "Trash", "Archive"] {
///         let pool = &pool;
///         scope.spawn(move || -> latchbox::Result<()> {
///             let mut mailbox = pool.lock_mailbox_read_only(name)?; // none waits for another
///             mailbox.search(SearchKey::Unseen)?;
///             Ok(())
///         });
///     }
/// });
/// pool.session()?.create("Archive/2026")?;
/// println!("{}", pool.state());
/// pool.logout();
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Pool {
    pub(super) lock: Arc<FairLock<Connection>>,
    /// A session for each slot of the lock.
    pub(super) slots: Box<[Session]>,
    pub(super) switches: Arc<[Arc<ShutdownSwitch>]>,
    pub(super) session_events: SessionEvents,
    pub(super) desired: Desired,
    pub(super) timeouts: Timeouts,
    pub(super) options: PoolOptions,
    pub(super) opener: Reconnector,
    pub(super) failures: Failures,
    /// When the server refused a connection because there were too many.
    pub(super) limited_at: Mutex<Option<Instant>>,
    pub(super) last_tended: Mutex<Instant>,
}

impl Pool {
    /// A pool of connections of this account, with the default options.
    ///
    /// Connects to nothing yet.
    ///
    /// ```
    #[doc = include_str!("../doc/pool.txt")]
    /// use latchbox::Pool;
    ///
    /// let pool = Pool::new(account);
    /// assert_eq!(pool.state().connections(), 0);
    /// let inbox = pool.lock_mailbox("INBOX")?; // connects and logs in
    /// assert_eq!(pool.state().connections(), 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn new(account: Account) -> Self {
        Self::with_options(account, PoolOptions::new())
    }

    /// A pool of connections of this account, with these options.
    ///
    /// Connects to nothing yet.
    ///
    /// ```
    #[doc = include_str!("../doc/pool.txt")]
    /// use latchbox::Pool;
    /// use latchbox::pool::PoolOptions;
    ///
    /// let pool = Pool::with_options(account, PoolOptions::new().max_connections(8));
    /// assert_eq!(pool.state().max_connections(), 8);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    #[allow(
        clippy::needless_pass_by_value,
        reason = "a pool belongs to its account as a session does"
    )]
    pub fn with_options(account: Account, options: PoolOptions) -> Self {
        let builder = account.builder();
        let count = options.max_connections;
        let unmade = || Connection::unmade(builder.bounds, Arc::clone(&builder.learned));
        let mut policy = builder.lock_policy;
        policy.several_writers = options.several_writers;
        let others = (1..count).map(|_| unmade());
        let lock = Arc::new(FairLock::new(unmade(), others, policy));
        let switches: Arc<[Arc<ShutdownSwitch>]> = (0..count).map(|_| Arc::default()).collect();
        let session_events = SessionEvents::new(&builder.bounds.session);
        let desired = Desired::default();
        let parts = PoolParts {
            lock: &lock,
            switches: &switches,
            bounds: &builder.bounds,
            session_events: &session_events,
            desired: &desired,
        };
        let slots = switches.iter().enumerate().filter_map(|(slot, switch)| {
            let connection = lock.value(slot)?;
            let settings = builder.session_settings(builder.mode != TlsMode::Plaintext);
            Some(Session::of_slot(
                slot,
                switch,
                &connection,
                settings,
                &parts,
            ))
        });
        Self {
            slots: slots.collect(),
            timeouts: builder.bounds.timeouts,
            opener: account.opener(),
            lock,
            switches,
            session_events,
            desired,
            options,
            failures: Failures::default(),
            limited_at: Mutex::default(),
            last_tended: Mutex::new(Instant::now()),
        }
    }

    /// Acquires a connection with the mailbox selected read-write, and returns its guard.
    ///
    /// Sends nothing if a free connection has the mailbox selected; otherwise SELECT (RFC 9051
    /// section 6.3.2), after the connection was made if that is needed. A connection that was not
    /// used for [`check_after`](PoolOptions::check_after) gets a NOOP before.
    ///
    /// Waits without limit unless a [`lock_timeout`](crate::ClientBuilder::lock_timeout) is set,
    /// which then covers the wait, a new connection and the SELECT. For a timeout, a label or an
    /// owned guard, use [`mailbox`](Self::mailbox).
    ///
    /// # Errors
    ///
    /// As for [`Session::lock_mailbox`]; and if a connection has to be made, as for
    /// [`Account::open`], also if another thread's attempt failed while this one waited.
    ///
    /// ```
    #[doc = include_str!("../doc/pool.txt")]
    /// let inbox = pool.lock_mailbox("INBOX")?;
    /// std::thread::scope(|scope| {
    ///     scope.spawn(|| pool.lock_mailbox("Trash").map(drop)); // does not wait
    /// });
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[doc(alias = "SELECT")]
    #[doc(alias = "get")]
    pub fn lock_mailbox(&self, name: impl IntoMailboxName) -> Result<MailboxGuard<'_, ReadWrite>> {
        self.mailbox(name).lock()
    }

    /// Like [`lock_mailbox`](Self::lock_mailbox), but read-only (EXAMINE, RFC 9051 section 6.3.3).
    ///
    /// Several threads can hold one mailbox read-only at once, each on a connection of its own.
    ///
    /// # Errors
    ///
    /// As for [`lock_mailbox`](Self::lock_mailbox), except that a mailbox which is only readable is
    /// no error.
    ///
    /// ```
    #[doc = include_str!("../doc/pool.txt")]
    /// let inbox = pool.lock_mailbox_read_only("INBOX")?;
    /// std::thread::scope(|scope| {
    ///     scope.spawn(|| pool.lock_mailbox_read_only("INBOX").map(drop));
    /// });
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[doc(alias = "EXAMINE")]
    pub fn lock_mailbox_read_only(
        &self,
        name: impl IntoMailboxName,
    ) -> Result<MailboxGuard<'_, ReadOnly>> {
        self.mailbox(name).read_only().lock()
    }

    /// [`lock_mailbox`](Self::lock_mailbox) without waiting for a connection to be released.
    ///
    /// It still waits for a SELECT or a new connection, as long as the
    /// [`lock_timeout`](crate::ClientBuilder::lock_timeout) allows. A thread that holds a guard can
    /// acquire another one so.
    ///
    /// # Errors
    ///
    /// [`Error::Lock`](crate::Error::Lock) with
    /// [`LockError::WouldBlock`](crate::error::LockError::WouldBlock) if all connections are held,
    /// if a guard of this mailbox is held, or if another thread is making the connection that this
    /// call would need; with `HeldByThisThread` then, if this thread holds a guard; otherwise as for
    /// [`lock_mailbox`](Self::lock_mailbox).
    ///
    /// ```
    #[doc = include_str!("../doc/pool.txt")]
    /// let inbox = pool.try_lock_mailbox("INBOX")?;
    /// assert!(pool.try_lock_mailbox("INBOX").is_err()); // it is held
    /// assert!(pool.try_lock_mailbox("Trash").is_ok());
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
    /// [`Error::Argument`](crate::Error::Argument).
    ///
    /// ```
    #[doc = include_str!("../doc/pool.txt")]
    /// use std::time::Duration;
    ///
    /// let trash = pool.mailbox("Trash").timeout(Duration::from_secs(30)).label("clean-up").lock()?;
    /// assert_eq!(pool.state().holders()[0].label(), Some("clean-up"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn mailbox(&self, name: impl IntoMailboxName) -> LockRequest<'_> {
        LockRequest::new(self, name)
    }

    /// Acquires any connection, for the commands of a session; on a thread that holds a guard of
    /// this pool, the connection of that guard.
    ///
    /// Sends nothing, except a NOOP to a connection that was not used for
    /// [`check_after`](PoolOptions::check_after); a connection is made only if all others are held,
    /// up to the bound. The wait ends after the
    /// [`turn_timeout`](crate::ClientBuilder::turn_timeout), 10 minutes by default.
    ///
    /// # Errors
    ///
    /// As for a lock that selects nothing: see [`lock_mailbox`](Self::lock_mailbox).
    ///
    /// ```
    #[doc = include_str!("../doc/pool.txt")]
    /// use latchbox::types::StatusItem;
    ///
    /// let status = pool.session()?.status("INBOX", [StatusItem::Messages])?;
    /// assert_eq!(status.messages(), Some(1));
    ///
    /// let session = pool.session()?; // several commands on one connection
    /// session.create("New")?;
    /// session.append("New", b"Subject: first\r\n\r\nHello")?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn session(&self) -> Result<PooledSession<'_>> {
        self.any_session()
    }

    /// Takes the oldest event that is not about a selected mailbox, of any connection; `None` if
    /// there is none.
    ///
    /// They are those of [`Session::events`]: alerts, and the ends of connections.
    ///
    /// ```
    #[doc = include_str!("../doc/pool.txt")]
    /// drop(pool.lock_mailbox("INBOX")?);
    /// while let Some(event) = pool.take_event() {
    ///     println!("{event}");
    /// }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn take_event(&self) -> Option<SessionEvent> {
        self.session_events.take()
    }

    /// The holders, the waiters, and the connections of this moment.
    ///
    /// ```
    #[doc = include_str!("../doc/pool.txt")]
    /// let inbox = pool.mailbox("INBOX").label("report").lock()?;
    /// let state = pool.state();
    /// assert_eq!((state.connections(), state.max_connections(), state.waiting()), (1, 3, 0));
    /// assert_eq!(state.holders()[0].label(), Some("report"));
    /// assert_eq!(state.learned_limit(), None);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn state(&self) -> PoolState {
        let Report { holders, .. } = self.lock.report();
        let waiters = self.lock.waiters(|thread, label, wanted| Waiter {
            thread: thread.map(str::to_owned),
            label: label.map(str::to_owned),
            mailbox: wanted.map(|wanted| wanted.name.clone()),
        });
        PoolState {
            holders,
            waiters,
            openness: self.lock.openness(),
            max_connections: self.slots.len(),
            retry_in: self.limit_retry_in(),
        }
    }

    /// A handle that closes the pool from any thread, even while other threads use it.
    ///
    /// ```
    #[doc = include_str!("../doc/pool.txt")]
    /// let inbox = pool.lock_mailbox("INBOX")?;
    /// pool.close_handle().close();
    /// drop(inbox);
    /// assert!(pool.lock_mailbox("INBOX").unwrap_err().is_closed());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn close_handle(&self) -> CloseHandle {
        CloseHandle {
            lock: Arc::downgrade(&self.lock),
            shutdown_switch: self.switches.first().cloned().unwrap_or_default(),
            beside: Some(Arc::clone(&self.switches)),
        }
    }
}

impl fmt::Debug for Pool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pool")
            .field("options", &self.options)
            .finish_non_exhaustive()
    }
}
