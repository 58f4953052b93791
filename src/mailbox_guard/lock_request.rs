//! A request for the lock of a mailbox: its options, and the methods that acquire it.

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::connection::state::MailboxAccess;
use crate::error::{Effect, Error, Result};
use crate::lock::{Alarm, Request, Wait};
use crate::mailbox_guard::lease::{Held, WantedMailbox};
use crate::mailbox_guard::lock_source::{LockCall, LockSource};
use crate::mailbox_guard::pending_lock::PendingLock;
use crate::mailbox_guard::{Access, MailboxGuard, OwnedMailboxGuard, ReadOnly, ReadWrite};
use crate::stop_handle::StopHandle;
use crate::types::checkpoint::{Checkpoint, Report};
use crate::types::mailbox_name::{IntoMailboxName, InvalidMailboxName, MailboxName};
use crate::types::uid::UidValidity;

/// A request for the lock of a mailbox, made by [`Session::mailbox`](crate::Session::mailbox).
///
/// Its options are a timeout, a label, the expected UIDVALIDITY, a handle that cancels it, and
/// read-only access. [`lock`](Self::lock), [`try_lock`](Self::try_lock),
/// [`lock_owned`](Self::lock_owned) and [`try_lock_owned`](Self::try_lock_owned) acquire the lock,
/// as often as they are called; until then nothing is sent.
///
/// ```
#[doc = include_str!("../doc/session.txt")]
/// use std::time::Duration;
///
/// let inbox = session
///     .mailbox("INBOX")
///     .read_only()
///     .timeout(Duration::from_secs(30))
///     .label("nightly report")
///     .lock()?;
/// let state = session.lock_state();
/// assert_eq!(state.holders()[0].label(), Some("nightly report"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use = "a request acquires no lock until `lock`, `try_lock` or `lock_owned` is called"]
pub struct LockRequest<'s, A = ReadWrite> {
    source: &'s dyn LockSource,
    name: Result<MailboxName, InvalidMailboxName>,
    patience: Patience,
    label: Option<Arc<str>>,
    uid_validity: Option<UidValidity>,
    report: Option<Report>,
    continues: Option<u64>,
    stop: Option<StopHandle>,
    access: PhantomData<fn() -> A>,
}

/// The time that a request may take.
#[derive(Clone, Copy, Debug)]
enum Patience {
    /// The default of the source of the lock.
    Default,
    For(Duration),
    Until(Instant),
}

impl<'s> LockRequest<'s, ReadWrite> {
    pub(crate) fn new(source: &'s dyn LockSource, name: impl IntoMailboxName) -> Self {
        Self {
            source,
            name: name.into_mailbox_name(),
            patience: Patience::Default,
            label: None,
            uid_validity: None,
            report: None,
            continues: None,
            stop: None,
            access: PhantomData,
        }
    }
}

impl<'s, A: Access> LockRequest<'s, A> {
    /// Requests a read-only guard, by EXAMINE instead of SELECT (RFC 9051 section 6.3.3).
    ///
    /// No method that changes the mailbox compiles on this guard, and fetching a message does not set
    /// `\Seen`.
    ///
    /// ```
    #[doc = include_str!("../doc/session.txt")]
    /// use latchbox::types::SearchKey;
    ///
    /// let mut inbox = session.mailbox("INBOX").read_only().lock()?;
    /// println!("{} unread", inbox.search(SearchKey::Unseen)?);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn read_only(self) -> LockRequest<'s, ReadOnly> {
        LockRequest {
            source: self.source,
            name: self.name,
            patience: self.patience,
            label: self.label,
            uid_validity: self.uid_validity,
            report: self.report,
            continues: self.continues,
            stop: self.stop,
            access: PhantomData,
        }
    }

    /// Timeout for the wait, a reconnection and the SELECT together.
    ///
    /// [`lock_timeout`](crate::ClientBuilder::lock_timeout) by default. It counts from the call
    /// that acquires the lock, and replaces a [`deadline`](Self::deadline). When it passes, the
    /// connection stays usable.
    ///
    /// ```
    #[doc = include_str!("../doc/session.txt")]
    /// use std::time::Duration;
    ///
    /// let inbox = session.mailbox("INBOX").timeout(Duration::from_secs(5)).lock()?;
    /// std::thread::scope(|scope| {
    ///     scope.spawn(|| {
    ///         let short = Duration::from_millis(10);
    ///         let error = session.mailbox("Trash").timeout(short).lock().unwrap_err();
    ///         assert!(error.is_timeout() && error.to_string().contains("mailbox INBOX"));
    ///     });
    /// });
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.patience = Patience::For(timeout);
        self
    }

    /// Deadline for the whole lock, like a [`timeout`](Self::timeout) that ends at this instant.
    ///
    /// It replaces a timeout.
    ///
    /// ```
    #[doc = include_str!("../doc/session.txt")]
    /// use std::time::{Duration, Instant};
    ///
    /// let deadline = Instant::now() + Duration::from_secs(60);
    /// for name in ["INBOX", "Trash"] {
    ///     let mailbox = session.mailbox(name).deadline(deadline).lock()?;
    ///     println!("{}: {} messages", mailbox.name(), mailbox.exists());
    /// }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn deadline(mut self, deadline: Instant) -> Self {
        self.patience = Patience::Until(deadline);
        self
    }

    /// Requests what has changed since a checkpoint with the SELECT itself; `None` for the first sync.
    ///
    /// This saves [`changes_since`](crate::MailboxGuard::changes_since) round trips. Give it the same
    /// checkpoint, before any other command of the guard.
    ///
    /// The lock then sends SELECT, or EXAMINE, also if the mailbox is selected already: with QRESYNC
    /// (RFC 7162 section 3.2.5) if the server has it, else with CONDSTORE if it has that, else without
    /// parameters. If QRESYNC is not enabled on this connection, ENABLE is sent with it, in the same round
    /// trip, and UNSELECT before that if a mailbox is selected. If the server does not enable it, the
    /// SELECT is sent again without QRESYNC.
    ///
    /// ```
    #[doc = include_str!("../doc/session.txt")]
    /// # let stored: Option<latchbox::sync::Checkpoint> = None;
    /// let mut inbox = session.mailbox("INBOX").read_only().since(stored.as_ref()).lock()?;
    /// let mut changes = inbox.changes_since(stored.as_ref())?;
    /// # assert!(changes.next()?.is_some());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[doc(alias = "QRESYNC")]
    #[doc(alias = "CONDSTORE")]
    pub fn since(mut self, checkpoint: Option<&Checkpoint>) -> Self {
        let resync = checkpoint.and_then(Checkpoint::resync);
        self.report = Some(resync.map_or(Report::ModSeq, Report::Since));
        self
    }

    /// Continues this selection: if it is still the current one, nothing is sent, and if its connection
    /// has ended, that is the error.
    pub(crate) fn continuing(mut self, selection: Option<u64>) -> Self {
        self.continues = selection;
        self
    }

    /// The label of this hold, for the log and for waiters.
    ///
    /// It is in [`lock_state`](crate::Session::lock_state) and in the errors of the waiters, too.
    pub fn label(mut self, label: &str) -> Self {
        self.label = Some(label.into());
        self
    }

    /// The UIDVALIDITY that the mailbox must have, because the caller stored UIDs of it.
    ///
    /// Any other makes the lock fail with
    /// [`MailboxError::UidValidityChanged`](crate::error::MailboxError::UidValidityChanged).
    ///
    /// ```
    #[doc = include_str!("../doc/session.txt")]
    /// let stored = session.lock_mailbox("INBOX")?.mailbox()?.uid_validity().ok_or("no UIDs")?;
    /// assert!(session.mailbox("INBOX").uid_validity(stored).lock().is_ok());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn uid_validity(mut self, expected: UidValidity) -> Self {
        self.uid_validity = Some(expected);
        self
    }

    /// The handle that cancels the lock and the calls of its guard, from any thread.
    ///
    /// The connection stays usable.
    ///
    /// After [`StopHandle::stop`]:
    ///
    /// - A wait for the lock ends with [`Error::Cancelled`](crate::Error::Cancelled), and so does the
    ///   wait before an attempt to reconnect ([`Backoff`](crate::Backoff)). A SELECT or an attempt in
    ///   progress is completed first.
    /// - A stream of messages ends with it before the next message, and a download before the next
    ///   piece. The wait of a FETCH that the server throttles
    ///   ([`wait_when_throttled`](crate::ClientBuilder::wait_when_throttled)) ends with it, too. The
    ///   next command drains the rest of the answer, like that of a stream dropped early:
    ///   within the [`drain_limit`](crate::ClientBuilder::drain_limit), or the connection is closed.
    /// - A call that is sent in several commands, such as a STORE of many messages, ends between two
    ///   of them with [`Error::Unfinished`](crate::Error::Unfinished), which has what was done. Steps
    ///   that would leave messages half changed are completed.
    /// - An IDLE is ended (DONE), and its wait returns `None`.
    /// - Every later command of the guard is [`Error::Cancelled`](crate::Error::Cancelled) before it
    ///   is sent. Drop the guard.
    ///
    /// A command in flight is not interrupted: one that the server works on for minutes, such as a
    /// SEARCH, is waited for. A [`CloseHandle`](crate::CloseHandle) interrupts it, and closes the
    /// connection.
    ///
    /// ```
    #[doc = include_str!("../doc/session.txt")]
    /// use latchbox::StopHandle;
    /// use latchbox::types::{FetchItem, UidSet};
    ///
    /// let stop = StopHandle::new(); // a clone goes to the button
    /// let mut inbox = session.mailbox("INBOX").stop_handle(&stop).lock()?;
    /// let mut messages = inbox.fetch(&UidSet::all(), [FetchItem::Envelope])?;
    /// # stop.stop();
    /// let error = messages.next().unwrap_err();
    /// assert!(error.is_cancelled() && !error.is_closed());
    /// drop(inbox);
    /// assert!(session.lock_mailbox("INBOX").is_ok()); // the session continues
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn stop_handle(mut self, handle: &StopHandle) -> Self {
        self.stop = Some(handle.clone());
        self
    }

    /// Acquires the lock, selects the mailbox unless it is already selected, and returns its guard.
    ///
    /// Sends what [`lock_mailbox`](crate::Session::lock_mailbox) sends, or EXAMINE if the request is
    /// [read-only](Self::read_only).
    ///
    /// # Errors
    ///
    /// Before anything is sent: [`Error::Argument`] if the name is invalid; [`Error::Lock`] if this
    /// thread already holds a guard or is inside a call of the session (in a logger, a provider), or
    /// if the lock is not granted in time; [`Error::Cancelled`] if its
    /// [handle](Self::stop_handle) is stopped. Then [`Error::Refused`] if the server does not select
    /// the mailbox; [`Error::Mailbox`] if it grants only reading, or if the UIDVALIDITY is not the
    /// [expected one](Self::uid_validity), and then the mailbox stays selected and no lock is held;
    /// [`Error::Closed`]. If it reconnects, also the errors of that.
    pub fn lock(&self) -> Result<MailboxGuard<'s, A>> {
        self.acquire(IfTaken::Wait).map(MailboxGuard::new)
    }

    /// [`lock`](Self::lock) without waiting for the lock.
    ///
    /// It still waits for a SELECT or a reconnection, as long as the [`timeout`](Self::timeout)
    /// allows.
    ///
    /// # Errors
    ///
    /// [`Error::Lock`] with [`LockError::WouldBlock`](crate::error::LockError::WouldBlock) if the lock is
    /// not free; otherwise as for [`lock`](Self::lock).
    pub fn try_lock(&self) -> Result<MailboxGuard<'s, A>> {
        self.acquire(IfTaken::Fail).map(MailboxGuard::new)
    }

    /// [`lock`](Self::lock) for a guard that shares the session instead of borrowing it.
    ///
    /// The guard can move to another thread or into a struct, and keeps the connection open.
    ///
    /// It belongs to no thread, so a second lock on its thread waits instead of failing at once: give
    /// such a wait a timeout. A command of the session beside it ends by its
    /// [`turn_timeout`](crate::ClientBuilder::turn_timeout). Until this call returns, the lock
    /// belongs to the calling thread: a provider of credentials or a logger that uses the session
    /// gets an error at once.
    ///
    /// # Errors
    ///
    /// As for [`lock`](Self::lock).
    ///
    /// ```
    #[doc = include_str!("../doc/session.txt")]
    /// use latchbox::types::SearchKey;
    ///
    /// let mut inbox = session.mailbox("INBOX").lock_owned()?;
    /// let worker = std::thread::spawn(move || inbox.search(SearchKey::All));
    /// assert_eq!(worker.join().unwrap()?.len(), 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn lock_owned(&self) -> Result<OwnedMailboxGuard<A>> {
        self.acquire_owned(IfTaken::Wait)
    }

    /// [`lock_owned`](Self::lock_owned) without waiting for the lock.
    ///
    /// # Errors
    ///
    /// As for [`try_lock`](Self::try_lock).
    pub fn try_lock_owned(&self) -> Result<OwnedMailboxGuard<A>> {
        self.acquire_owned(IfTaken::Fail)
    }

    fn acquire_owned(&self, if_taken: IfTaken) -> Result<OwnedMailboxGuard<A>> {
        let held = self.acquire(if_taken)?;
        // Until here the turn was this thread's, so that nothing that was called could wait for it.
        held.turn().hand_over();
        Ok(MailboxGuard::new(held))
    }

    /// Requests an owned guard, and does not wait for it. The caller takes it when `alarm` was
    /// called.
    ///
    /// The thread may hold guards. `alarm` is called on any thread: when
    /// the lock is granted; when it never will be, because the connection or the pool is closed or the
    /// request is stopped; and when a waiter counts on the release of the lock.
    pub(crate) fn request_owned(&self, alarm: Alarm) -> Result<PendingLock<A>> {
        let call = self.begin_call()?;
        let request = self.turn_for(&call, IfTaken::Wait);
        let queued = self.source.request(request, alarm)?;
        Ok(PendingLock::new(queued, call))
    }

    fn acquire(&self, if_taken: IfTaken) -> Result<Held> {
        let call = self.begin_call()?;
        let request = self.turn_for(&call, if_taken);
        let acquired = self
            .source
            .acquire(&call.wanted, request, call.wait.deadline());
        call.finish(acquired)
    }

    #[inline]
    fn begin_call(&self) -> Result<LockCall> {
        let began = Instant::now();
        let name = self.name.clone()?;
        if self.stop.as_ref().is_some_and(StopHandle::is_stopped) {
            return Err(Error::cancelled("lock", Effect::None));
        }
        let wait = match self.patience {
            Patience::Default => Wait::from(began, self.source.lock_timeout()),
            Patience::For(timeout) => Wait::from(began, timeout),
            Patience::Until(deadline) => Wait::Until(deadline),
        };
        let read_only = A::READ_ONLY;
        Ok(LockCall {
            wanted: WantedMailbox {
                access: MailboxAccess { name, read_only },
                report: self.report,
                continues: self.continues,
            },
            uid_validity: self.uid_validity,
            stop: self.stop.clone(),
            wait,
            began,
        })
    }

    /// The turn that the call needs.
    #[inline]
    fn turn_for(&self, call: &LockCall, if_taken: IfTaken) -> Request<MailboxAccess> {
        Request {
            wanted: Some(call.wanted.access.clone()),
            label: self.label.clone(),
            wait: match if_taken {
                IfTaken::Wait => call.wait,
                IfTaken::Fail => Wait::No,
            },
            at: call.began,
            stop: self.stop.clone(),
        }
    }
}

/// What to do if the lock is not free.
#[derive(Clone, Copy)]
enum IfTaken {
    Wait,
    Fail,
}

impl<A> Clone for LockRequest<'_, A> {
    fn clone(&self) -> Self {
        Self {
            source: self.source,
            name: self.name.clone(),
            patience: self.patience,
            label: self.label.clone(),
            uid_validity: self.uid_validity,
            report: self.report,
            continues: self.continues,
            stop: self.stop.clone(),
            access: PhantomData,
        }
    }
}

impl<A> fmt::Debug for LockRequest<'_, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LockRequest")
            .field("name", &self.name)
            .field("patience", &self.patience)
            .field("label", &self.label)
            .field("uid_validity", &self.uid_validity)
            .finish_non_exhaustive()
    }
}
