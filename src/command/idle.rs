//! IDLE (RFC 9051 section 6.3.13): the events of the selected mailbox, as they happen.

use std::fmt;
use std::time::{Duration, Instant};

use crate::connection::Connection;
use crate::connection::idling::IDLE;
use crate::error::Result;
use crate::idle_options::{IdleEnd, IdleOptions};
use crate::listener::Listener;
use crate::listener::driver::{Driver, EventSource};
use crate::lock::{InUse, Turn, Wait};
use crate::mailbox_guard::lease::Held;
use crate::mailbox_guard::{Access, MailboxGuard};
use crate::stop_handle::StopHandle;
use crate::types::event::MailboxEvent;

/// The events of the selected mailbox, as the server sends them.
///
/// Made by [`MailboxGuard::idle`]. It borrows the guard, so no other command can be sent while it
/// lives. When it returns an event, the counters of the guard are current. A change that happened
/// while no guard held the mailbox is in the counters, but is no event.
///
/// A wait returns an event, or `None` if it ended without one; [`end_reason`](Self::end_reason)
/// returns why. A wait also ends as soon as another thread waits for the lock, unless
/// [`yield_to_waiters`](IdleOptions::yield_to_waiters) is `false`: drop the guard then, and lock
/// again to continue. For one event there are
/// [`try_next`](Self::try_next), which does not wait, [`next`](Self::next),
/// [`next_until`](Self::next_until) and [`next_timeout`](Self::next_timeout). As iterators there are
/// [`iter`](Self::iter), which does not wait, [`blocking_iter`](Self::blocking_iter) and
/// [`timeout_iter`](Self::timeout_iter).
///
/// [`done`](Self::done) ends the IDLE and returns its errors. Dropping it sends nothing: the next
/// command ends the IDLE first.
///
/// If the server lacks IDLE, or the stream cannot be polled, it sends NOOP at an interval instead
/// ([`poll_interval`](IdleOptions::poll_interval)).
///
/// ```
#[doc = include_str!("../doc/session.txt")]
/// use std::time::Duration;
/// use latchbox::types::MailboxEvent;
///
/// let mut inbox = session.lock_mailbox_read_only("INBOX")?;
/// let mut idle = inbox.idle()?;
/// # let news = latchbox_testkit::message("new", "a@b.example", "x");
/// # server.deliver(latchbox_testkit::USER, "INBOX", news);
/// for event in idle.timeout_iter(Duration::from_secs(60)) {
///     if let MailboxEvent::Exists(messages) = event? {
///         println!("{messages} messages");
/// #       assert_eq!(messages, 2);
///         break;
///     }
/// }
/// idle.done()?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// No other command can be written while it lives:
///
/// ```compile_fail,E0499
#[doc = include_str!("../doc/session.txt")]
/// let mut inbox = session.lock_mailbox("INBOX")?;
/// let mut idle = inbox.idle()?;
/// inbox.refresh()?; // the guard is borrowed
/// idle.try_next()?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use = "events are returned by its methods"]
pub struct Idle<'g> {
    driver: Driver<Watched<'g>>,
}

/// The mailbox of the guard that an [`Idle`] borrows.
struct Watched<'g>(&'g mut Held);

/// An iterator over the events of an [`Idle`], until a wait is over or has returned an error.
#[derive(Debug)]
#[must_use = "iterators are lazy: it waits when `next` is called"]
pub struct IdleEvents<'i, 'g> {
    idle: &'i mut Idle<'g>,
    wait: Wait,
    is_over: bool,
}

impl<A: Access> MailboxGuard<'_, A> {
    /// Waits for events of the mailbox (IDLE, RFC 9051 section 6.3.13).
    ///
    /// Sends IDLE and waits for the server's continuation request. If the server lacks IDLE, it sends
    /// nothing now, and NOOP in the waits. Events that are queued for [`events`](Self::events) come
    /// first.
    ///
    /// Yields the lock: as soon as another thread waits for it, the crate ends the IDLE and the wait
    /// returns `None`, with [`IdleEnd::Yielded`] as the reason. [`idle_with`](Self::idle_with) can
    /// keep the lock instead.
    ///
    /// To print new mail, sync after each wait: no message is lost between two IDLEs, because
    /// [`changes_since`](Self::changes_since) does not depend on the events. The
    /// [page on events](crate::manual::events#new-mail-and-none-of-it-lost) has the loop of a program
    /// with several threads.
    ///
    /// ```
    #[doc = include_str!("../doc/session.txt")]
    /// use latchbox::sync::ChangeBatch;
    ///
    /// let mut inbox = session.lock_mailbox_read_only("INBOX")?;
    /// let mut stored = None; // or the checkpoint of the last run
    /// for _ in 0..2 {
    ///     let mut changes = inbox.changes_since(stored.as_ref())?;
    ///     while let Some(batch) = changes.next()? {
    ///         if let ChangeBatch::Changes(batch) = &batch {
    ///             for message in batch.arrived() {
    ///                 println!("new: message {}", message.uid());
    /// #               assert_eq!(u32::from(message.uid()), 2);
    ///             }
    ///         }
    ///         stored = Some(batch.checkpoint().clone());
    ///     }
    ///     // A message that arrives here ends the wait at once.
    /// #   let mail = latchbox_testkit::message("new", "a@b.example", "x");
    /// #   server.deliver(latchbox_testkit::USER, "INBOX", mail);
    ///     inbox.idle()?.next()?;
    /// }
    /// # assert!(stored.is_some_and(|stored| stored.known().len() == 2));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Refused`](crate::Error::Refused) if the server answers NO or BAD; the connection stays
    /// usable. [`Error::Mailbox`](crate::Error::Mailbox) if the mailbox is no longer selected;
    /// [`Error::Resources`](crate::Error::Resources) if the system has no descriptors left to wait
    /// with; [`Error::StreamOpen`](crate::Error::StreamOpen);
    /// [`Error::Closed`](crate::Error::Closed), also if the server does not answer in time.
    #[doc(alias = "IDLE")]
    #[doc(alias = "wait_keepalive")]
    pub fn idle(&mut self) -> Result<Idle<'_>> {
        self.idle_with(&IdleOptions::new())
    }

    /// [`idle`](Self::idle) with options: whether it yields the lock, a handle that stops it, and its
    /// times.
    ///
    /// A thread that watches a mailbox and yields the lock drops the guard and locks again, behind
    /// the waiters. The counters show the changes from the time when it did not hold the lock:
    ///
    /// ```
    #[doc = include_str!("../doc/session.txt")]
    /// use latchbox::command::IdleEnd;
    /// use latchbox::StopHandle;
    /// use latchbox::command::IdleOptions;
    ///
    /// let stop = StopHandle::new();
    /// let options = IdleOptions::new().stop_handle(&stop);
    /// std::thread::scope(|scope| -> latchbox::Result<()> {
    ///     let session = &session;
    ///     let watcher = scope.spawn(move || -> latchbox::Result<()> {
    ///         let mut seen = 0;
    ///         loop {
    ///             let mut inbox = session.lock_mailbox_read_only("INBOX")?;
    ///             if inbox.exists() != seen {
    ///                 seen = inbox.exists();
    ///                 println!("{seen} messages");
    ///             }
    ///             let mut idle = inbox.idle_with(&options)?;
    ///             while let Some(event) = idle.next()? {
    ///                 println!("{event}");
    ///             }
    ///             seen = idle.exists();
    ///             if idle.end_reason() == Some(IdleEnd::Stopped) {
    ///                 return Ok(());
    ///             }
    ///         } // the guard is dropped, and a waiter acquires the lock
    ///     });
    ///     drop(session.lock_mailbox("Trash")?); // the watcher yields the lock
    ///     stop.stop();
    ///     watcher.join().unwrap()
    /// })?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As for [`idle`](Self::idle).
    pub fn idle_with(&mut self, options: &IdleOptions) -> Result<Idle<'_>> {
        Idle::begin(&mut self.held, options.clone())
    }
}

impl<'g> Idle<'g> {
    fn begin(held: &'g mut Held, options: IdleOptions) -> Result<Self> {
        let listener = Listener::of_mailbox(&mut *held.lease(IDLE)?, options.rhythm)?;
        let driver = Driver::begin(Watched(held), listener, options)?;
        Ok(Self { driver })
    }

    /// Waits for the next event; `None` if there will be no more, for the reason in
    /// [`end_reason`](Self::end_reason).
    ///
    /// # Errors
    ///
    /// Events that were received before come first. [`Error::Refused`](crate::Error::Refused) if the
    /// server answers NO or BAD; [`Error::Mailbox`](crate::Error::Mailbox) if the mailbox is no longer
    /// selected; [`Error::Closed`](crate::Error::Closed) if the connection ends, or the server does not
    /// answer a probe in time.
    #[allow(clippy::should_implement_trait)]
    pub fn next(&mut self) -> Result<Option<MailboxEvent>> {
        self.driver.next(Wait::Forever)
    }

    /// Returns the next event that has arrived, without waiting; `None` if there is none.
    ///
    /// If a NOOP is due, it is sent; if the IDLE is due, it is renewed.
    ///
    /// # Errors
    ///
    /// As for [`next`](Self::next).
    pub fn try_next(&mut self) -> Result<Option<MailboxEvent>> {
        self.driver.next(Wait::No)
    }

    /// [`next`](Self::next) until `deadline`; `None` when that has passed.
    ///
    /// Takes longer, by one answer of the server, if the IDLE has to be renewed.
    ///
    /// # Errors
    ///
    /// As for [`next`](Self::next).
    pub fn next_until(&mut self, deadline: Instant) -> Result<Option<MailboxEvent>> {
        self.driver.next(Wait::Until(deadline))
    }

    /// [`next`](Self::next) for at most `timeout`; `None` when that has passed.
    ///
    /// # Errors
    ///
    /// As for [`next`](Self::next).
    pub fn next_timeout(&mut self, timeout: Duration) -> Result<Option<MailboxEvent>> {
        self.driver.next(Wait::for_at_most(timeout))
    }

    /// The events that have arrived, without waiting for more.
    pub fn iter(&mut self) -> IdleEvents<'_, 'g> {
        IdleEvents::new(self, Wait::No)
    }

    /// The events as they come, until there will be no more.
    pub fn blocking_iter(&mut self) -> IdleEvents<'_, 'g> {
        IdleEvents::new(self, Wait::Forever)
    }

    /// The events that come within `timeout` from now.
    pub fn timeout_iter(&mut self, timeout: Duration) -> IdleEvents<'_, 'g> {
        IdleEvents::new(self, Wait::for_at_most(timeout))
    }

    /// The reason why the last wait returned no event; `None` before that.
    ///
    /// Also `None` after [`try_next`](Self::try_next) if more events may come.
    #[must_use]
    pub fn end_reason(&self) -> Option<IdleEnd> {
        self.driver.end_reason()
    }

    /// A handle that ends the wait from any thread.
    #[must_use]
    pub fn stop_handle(&self) -> StopHandle {
        self.driver.stop_handle()
    }

    /// The number of messages in the mailbox, as of the last response that was read.
    #[must_use]
    pub fn exists(&self) -> u32 {
        let connection = self.driver.source().connection().ok();
        connection
            .and_then(|c| Some(c.state.selected()?.mailbox.exists()))
            .unwrap_or(0)
    }

    /// Ends the IDLE (DONE) and reads its answer to the end.
    ///
    /// Events that come with it are queued for the guard's [`events`](MailboxGuard::events).
    ///
    /// # Errors
    ///
    /// The error of a wait, if no wait has returned it. [`Error::Refused`](crate::Error::Refused) if
    /// the server completes the IDLE with NO or BAD; [`Error::Mailbox`](crate::Error::Mailbox);
    /// [`Error::Closed`](crate::Error::Closed), also if the server does not answer in time.
    pub fn done(mut self) -> Result<()> {
        self.driver.finish()
    }
}

impl EventSource for Watched<'_> {
    type Event = MailboxEvent;

    fn turn(&self) -> &Turn<Connection> {
        self.0.turn()
    }

    fn stop_handle(&self) -> Option<&StopHandle> {
        self.0.stop_handle()
    }

    fn connection(&self) -> Result<InUse<'_, Connection>> {
        self.0.in_use(IDLE)
    }

    fn take_event(&self) -> Option<MailboxEvent> {
        self.0.turn().value()?.state.take_event()
    }
}

impl<'i, 'g> IdleEvents<'i, 'g> {
    fn new(idle: &'i mut Idle<'g>, wait: Wait) -> Self {
        Self {
            idle,
            wait,
            is_over: false,
        }
    }
}

impl Iterator for IdleEvents<'_, '_> {
    type Item = Result<MailboxEvent>;

    fn next(&mut self) -> Option<Result<MailboxEvent>> {
        if self.is_over {
            return None;
        }
        let event = self.idle.driver.next(self.wait).transpose();
        self.is_over = !matches!(event, Some(Ok(_)));
        event
    }
}

impl Drop for Idle<'_> {
    /// Leaves the end of the IDLE to the next command: nothing is read or written here.
    fn drop(&mut self) {
        if let Some(mut connection) = self.driver.source().turn().value() {
            connection.abandon();
        }
    }
}

impl fmt::Debug for Idle<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Idle")
            .field("mailbox", self.driver.source().0.name())
            .field("end_reason", &self.driver.end_reason())
            .finish_non_exhaustive()
    }
}
