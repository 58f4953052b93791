//! IDLE (RFC 9051 section 6.3.13): what happens in a mailbox, as it happens.

use std::fmt;
use std::time::{Duration, Instant};

use crate::connection::Connection;
use crate::connection::idling::IDLE;
use crate::error::Result;
use crate::idle_options::{IdleEnd, IdleOptions, StopHandle};
use crate::listener::Listener;
use crate::listener::driver::{Driver, EventSource, Wait};
use crate::lock::{InUse, Turn};
use crate::mailbox_guard::{Access, Held, Keeping, MailboxGuard};
use crate::types::event::MailboxEvent;

/// A mailbox that is being watched: its events, as the server tells them.
///
/// Made by [`MailboxGuard::idle`]. It borrows the guard, so no other command can be written while
/// it lives, and the counters of the guard are current whenever an event has been taken. What
/// happened while nobody held the lock is in the counters and not among the events.
///
/// A wait returns an event, or nothing when it is over; [`end_reason`](Self::end_reason) then tells why. Unless
/// [`yield_to_waiters`](IdleOptions::yield_to_waiters) is off, it is over when another thread waits for the lock:
/// drop the guard then, and lock again to go on watching. The
/// forms are those of an iterator: [`iter`](Self::iter) for what is there now,
/// [`blocking_iter`](Self::blocking_iter), and [`timeout_iter`](Self::timeout_iter) until a
/// deadline; [`try_next`](Self::try_next), [`next`](Self::next) and [`next_until`](Self::next_until)
/// do the same for one event.
///
/// [`done`](Self::done) ends the IDLE and reports. Dropping it sends nothing: the next command ends
/// the IDLE first.
///
/// Where the server has no IDLE, or the stream is one that cannot be polled, the same is done by
/// NOOP every now and then.
///
/// ```
#[doc = include_str!("../doc/session.txt")]
/// use std::time::Duration;
/// use latchbox::types::MailboxEvent;
///
/// let mut inbox = session.lock_mailbox_read_only("INBOX")?;
/// let mut idle = inbox.idle()?;
/// # let news = latchbox_server::message("new", "a@b.example", "x");
/// # server.deliver(latchbox_server::USER, "INBOX", news);
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
/// No command can be written meanwhile:
///
/// ```compile_fail,E0499
#[doc = include_str!("../doc/session.txt")]
/// let mut inbox = session.lock_mailbox("INBOX")?;
/// let mut idle = inbox.idle()?;
/// inbox.refresh()?; // the guard is borrowed
/// idle.try_next()?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use = "the events come as they are asked for"]
pub struct Idle<'g> {
    driver: Driver<Watched<'g>>,
}

/// The mailbox of the guard that an [`Idle`] borrows.
struct Watched<'g>(&'g mut Held);

/// The events of an [`Idle`] as an iterator, until a wait is over or an error has been given.
#[derive(Debug)]
#[must_use = "nothing is waited for until the next event is asked for"]
pub struct IdleEvents<'i, 'g> {
    idle: &'i mut Idle<'g>,
    wait: Wait,
    is_over: bool,
}

impl<A: Access, K: Keeping> MailboxGuard<'_, A, K> {
    /// Watches the mailbox: its events come as they happen (IDLE).
    ///
    /// Sends IDLE and waits until the server has begun it, or sends nothing where the server has
    /// no IDLE and is asked by NOOP instead. Events that wait in [`events`](Self::events) are the
    /// first to come.
    ///
    /// Gives way: as soon as another thread waits for the lock, the IDLE is ended and the wait returns
    /// nothing, with [`IdleEnd::Yielded`] as the reason. [`idle_with`](Self::idle_with) can keep the
    /// lock instead.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] when the server answers NO or BAD, and the connection can be used then;
    /// [`Error::Mailbox`]; [`Error::Closed`], also when the server does not answer in time;
    /// [`Error::Resources`] when the system has no descriptors left to wait with.
    pub fn idle(&mut self) -> Result<Idle<'_>> {
        self.idle_with(&IdleOptions::new())
    }

    /// [`idle`](Self::idle) with options: whether it gives way to other threads, a handle that stops
    /// it, and its times.
    ///
    /// A thread that watches a mailbox and gives way drops the guard and locks again, which is
    /// granted when those who waited have had their turn. What happened between its turns it sees
    /// in the counters:
    ///
    /// ```
    #[doc = include_str!("../doc/session.txt")]
    /// use latchbox::command::IdleEnd;
    /// use latchbox::{IdleOptions, StopHandle};
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
    ///         } // the guard goes, and the next thread goes on
    ///     });
    ///     drop(session.lock_mailbox("Trash")?); // the watcher gives way
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
        let listener = Listener::of_mailbox(&mut *held.connection(IDLE)?, options.rhythm)?;
        let driver = Driver::begin(Watched(held), listener, options)?;
        Ok(Self { driver })
    }

    /// The next event, waiting for it; nothing when there will be none, for the reason that
    /// [`end_reason`](Self::end_reason) tells.
    ///
    /// # Errors
    ///
    /// [`Error::Closed`] when the connection ends, or the server does not show a sign of life in
    /// time; [`Error::Refused`] when the server answers NO or BAD; [`Error::Mailbox`] when the
    /// mailbox is no longer selected. All that the server told before that has been returned
    /// first.
    #[allow(clippy::should_implement_trait)]
    pub fn next(&mut self) -> Result<Option<MailboxEvent>> {
        self.driver.next(Wait::Forever)
    }

    /// The next event that is there, without waiting for one.
    ///
    /// A server without IDLE is asked all the same when it is time to.
    ///
    /// # Errors
    ///
    /// As for [`next`](Self::next).
    pub fn try_next(&mut self) -> Result<Option<MailboxEvent>> {
        self.driver.next(Wait::No)
    }

    /// The next event, waiting for it until `deadline`.
    ///
    /// Takes longer by an answer of the server's when the IDLE has to be sent anew.
    ///
    /// # Errors
    ///
    /// As for [`next`](Self::next).
    pub fn next_until(&mut self, deadline: Instant) -> Result<Option<MailboxEvent>> {
        self.driver.next(Wait::Until(deadline))
    }

    /// The next event, waiting for it as long as `timeout`.
    ///
    /// # Errors
    ///
    /// As for [`next`](Self::next).
    pub fn next_timeout(&mut self, timeout: Duration) -> Result<Option<MailboxEvent>> {
        self.driver.next(Wait::for_at_most(timeout))
    }

    /// The events that are there, without waiting for more.
    pub fn iter(&mut self) -> IdleEvents<'_, 'g> {
        IdleEvents::new(self, Wait::No)
    }

    /// The events as they come, until there will be none.
    pub fn blocking_iter(&mut self) -> IdleEvents<'_, 'g> {
        IdleEvents::new(self, Wait::Forever)
    }

    /// The events that come within `timeout` from now, all of it together.
    pub fn timeout_iter(&mut self, timeout: Duration) -> IdleEvents<'_, 'g> {
        IdleEvents::new(self, Wait::for_at_most(timeout))
    }

    /// Why the last wait returned no event; nothing before that, and nothing after
    /// [`try_next`](Self::try_next) when more may come.
    #[must_use]
    pub fn end_reason(&self) -> Option<IdleEnd> {
        self.driver.end_reason()
    }

    /// A handle that ends the waiting from any thread.
    #[must_use]
    pub fn stop_handle(&self) -> StopHandle {
        self.driver.stop_handle()
    }

    /// How many messages there are, as of the last answer that was read.
    #[must_use]
    pub fn exists(&self) -> u32 {
        let connection = self.driver.source().connection().ok();
        connection
            .and_then(|c| Some(c.state.selected()?.mailbox.exists()))
            .unwrap_or(0)
    }

    /// Ends the IDLE (DONE) and reads its answer to the end. Events that come with it wait in the
    /// guard's [`events`](MailboxGuard::events).
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] when the server completes the IDLE with NO or BAD; [`Error::Closed`],
    /// also when it does not in time; the error of the IDLE when that has not been returned.
    pub fn done(mut self) -> Result<()> {
        self.driver.finish()
    }
}

impl EventSource for Watched<'_> {
    type Event = MailboxEvent;

    fn turn(&self) -> &Turn<Connection> {
        self.0.turn()
    }

    fn connection(&self) -> Result<InUse<'_, Connection>> {
        self.0.connection_as_it_is(IDLE)
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
    /// Leaves the end of the IDLE to the next command; no octet is read or written here.
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
