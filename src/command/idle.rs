//! IDLE (RFC 9051 section 6.3.13): what happens in a mailbox, as it happens.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::connection::Connection;
use crate::connection::idling::IDLE;
use crate::error::{Error, Result};
use crate::idle_options::{IdleEnd, IdleOptions, StopHandle};
use crate::limits::WITHOUT_NEWS;
use crate::mailbox_guard::lease::Held;
use crate::mailbox_guard::{Access, Keeping, MailboxGuard};
use crate::transport::readiness::Waker;
use crate::types::capability::Capability;
use crate::types::event::MailboxEvent;

/// A mailbox that is being watched: its events, as the server tells them.
///
/// Made by [`MailboxGuard::idle`]. It borrows the guard, so no other command can be written while
/// it lives, and the counters of the guard are current whenever an event has been taken. What
/// happened while nobody held the lock is in the counters and not among the events.
///
/// A wait returns an event, or nothing when it is over; [`ended`](Self::ended) then tells why. Unless
/// [`give_way`](IdleOptions::give_way) is off, it is over when another thread waits for the lock:
/// drop the guard then, and lock again to go on watching. The
/// forms are those of an iterator: [`iter`](Self::iter) for what is there now,
/// [`blocking_iter`](Self::blocking_iter), and [`timeout_iter`](Self::timeout_iter) until a
/// deadline; [`next_now`](Self::next_now), [`next`](Self::next) and [`next_until`](Self::next_until)
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
/// No command can be written meanwhile:
///
/// ```compile_fail,E0499
#[doc = include_str!("../doc/session.txt")]
/// let mut inbox = session.lock_mailbox("INBOX")?;
/// let mut idle = inbox.idle()?;
/// inbox.refresh()?; // the guard is borrowed
/// idle.next_now()?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use = "the events come as they are asked for"]
pub struct Idle<'g> {
    held: &'g mut Held,
    options: IdleOptions,
    waker: Arc<Waker>,
    way: Way,
    ended: Option<IdleEnd>,
    /// What went wrong after events that have not been taken.
    failure: Option<Error>,
}

/// The events of an [`Idle`] as an iterator, until a wait is over or an error has been given.
#[derive(Debug)]
#[must_use = "nothing is waited for until the next event is asked for"]
pub struct IdleEvents<'i, 'g> {
    idle: &'i mut Idle<'g>,
    patience: Patience,
    is_over: bool,
}

/// How long to wait for an event.
#[derive(Clone, Copy, Debug)]
enum Patience {
    None,
    Until(Instant),
    Unlimited,
}

/// How news is had.
#[derive(Clone, Copy, Debug)]
enum Way {
    /// The server tells it.
    Idle(Rhythm),
    /// It is asked for, next at this time.
    Poll(Option<Instant>),
}

/// When an IDLE was begun and when something was heard last.
#[derive(Clone, Copy, Debug)]
struct Rhythm {
    began: Instant,
    heard: Instant,
}

/// What one step of waiting led to.
enum Step {
    /// To another look.
    Again,
    /// An answer was read, with or without news.
    Heard,
    /// To nothing, and the time is over.
    OutOfTime,
}

impl<A: Access, K: Keeping> MailboxGuard<'_, A, K> {
    /// Watches the mailbox: its events come as they happen (IDLE).
    ///
    /// Sends IDLE and waits until the server has begun it, or sends nothing where the server has
    /// no IDLE and is asked by NOOP instead. Events that wait in [`events`](Self::events) are the
    /// first to come.
    ///
    /// Gives way: as soon as another thread waits for the lock, the IDLE is ended and the wait returns
    /// nothing, with [`IdleEnd::GaveWay`] as the reason. [`idle_with`](Self::idle_with) can keep the
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
    ///             if idle.ended() == Some(IdleEnd::Stopped) {
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
        let mut connection = held.lease(IDLE)?;
        let is_told = connection.capabilities()?.supports(&Capability::Idle);
        let is_told = is_told && connection.can_be_polled();
        drop(connection);
        let now = Instant::now();
        let way = match is_told {
            true => Way::Idle(Rhythm::new(now)),
            false => Way::Poll(Some(now)),
        };
        let waker = Arc::new(Waker::new().map_err(Error::Resources)?);
        options.stop.rings(&waker);
        let bell = Arc::clone(&waker);
        held.turn().set_alarm(Some(Arc::new(move || bell.ring())));
        let mut idle = Self {
            held,
            options,
            waker,
            way,
            ended: None,
            failure: None,
        };
        idle.ended = idle.wanted_end();
        if is_told && idle.ended.is_none() {
            let within = idle.within();
            idle.held.lease(IDLE)?.begin_idle(within)?;
        }
        Ok(idle)
    }

    /// The next event, waiting for it; nothing when there will be none, for the reason that
    /// [`ended`](Self::ended) tells.
    ///
    /// # Errors
    ///
    /// [`Error::Closed`] when the connection ends, or the server does not show a sign of life in
    /// time; [`Error::Refused`] when the server answers NO or BAD; [`Error::Mailbox`] when the
    /// mailbox is no longer selected. All that the server told before that has been returned
    /// first.
    #[allow(clippy::should_implement_trait)]
    pub fn next(&mut self) -> Result<Option<MailboxEvent>> {
        self.event(Patience::Unlimited)
    }

    /// The next event that is there, without waiting for one.
    ///
    /// A server without IDLE is asked all the same when it is time to.
    ///
    /// # Errors
    ///
    /// As for [`next`](Self::next).
    pub fn next_now(&mut self) -> Result<Option<MailboxEvent>> {
        self.event(Patience::None)
    }

    /// The next event, waiting for it until `deadline`.
    ///
    /// Takes longer by an answer of the server's when the IDLE has to be sent anew.
    ///
    /// # Errors
    ///
    /// As for [`next`](Self::next).
    pub fn next_until(&mut self, deadline: Instant) -> Result<Option<MailboxEvent>> {
        self.event(Patience::Until(deadline))
    }

    /// The next event, waiting for it as long as `timeout`.
    ///
    /// # Errors
    ///
    /// As for [`next`](Self::next).
    pub fn next_timeout(&mut self, timeout: Duration) -> Result<Option<MailboxEvent>> {
        self.event(Patience::for_at_most(timeout))
    }

    /// The events that are there, without waiting for more.
    pub fn iter(&mut self) -> IdleEvents<'_, 'g> {
        IdleEvents::new(self, Patience::None)
    }

    /// The events as they come, until there will be none.
    pub fn blocking_iter(&mut self) -> IdleEvents<'_, 'g> {
        IdleEvents::new(self, Patience::Unlimited)
    }

    /// The events that come within `timeout` from now, all of it together.
    pub fn timeout_iter(&mut self, timeout: Duration) -> IdleEvents<'_, 'g> {
        IdleEvents::new(self, Patience::for_at_most(timeout))
    }

    /// Why the last wait returned no event; nothing before that, and nothing after
    /// [`next_now`](Self::next_now) when more may come.
    #[must_use]
    pub fn ended(&self) -> Option<IdleEnd> {
        self.ended
    }

    /// A handle that ends the waiting from any thread.
    #[must_use]
    pub fn stop_handle(&self) -> StopHandle {
        self.options.stop.clone()
    }

    /// How many messages there are, as of the last answer that was read.
    #[must_use]
    pub fn exists(&self) -> u32 {
        let connection = self.held.lease_as_it_is(IDLE).ok();
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
        if let Some(failure) = self.failure.take() {
            return Err(failure);
        }
        let within = self.within();
        self.held.lease_as_it_is(IDLE)?.end_idle(within)
    }

    fn event(&mut self, patience: Patience) -> Result<Option<MailboxEvent>> {
        self.ended = self.ended.filter(|end| *end != IdleEnd::Deadline);
        let mut without_news = 0;
        let mut most = None;
        loop {
            if let Some(event) = self.take_event() {
                return Ok(Some(event));
            }
            if let Some(failure) = self.failure.take() {
                return Err(failure);
            }
            if self.ended.is_some() {
                return Ok(None);
            }
            match self.step(patience, &mut most) {
                Ok(Step::Again) => {}
                Ok(Step::Heard) if without_news < WITHOUT_NEWS || !patience.is_over() => {
                    without_news += 1;
                }
                Ok(Step::Heard | Step::OutOfTime) => {
                    let is_deadline = matches!(patience, Patience::Until(_));
                    self.ended = is_deadline.then_some(IdleEnd::Deadline);
                    return Ok(None);
                }
                Err(error) => {
                    self.ended = Some(IdleEnd::Failed);
                    self.failure = Some(error);
                }
            }
        }
    }

    /// The oldest event that was heard, also when the connection has ended since.
    fn take_event(&self) -> Option<MailboxEvent> {
        self.held.turn().value()?.state.take_event()
    }

    /// Does what is next: ends, asks, hears or waits. `most` is how far a server may go without an
    /// event.
    fn step(&mut self, patience: Patience, most: &mut Option<u64>) -> Result<Step> {
        let mut connection = self.held.lease_as_it_is(IDLE)?;
        let within = self.within();
        if let Some(end) = self.wanted_end() {
            connection.end_idle(within)?;
            self.ended = Some(end);
            return Ok(Step::Again);
        }
        if matches!(self.way, Way::Idle(_)) && !connection.is_idling() {
            self.ended = Some(IdleEnd::Server);
            return Ok(Step::Again);
        }
        let now = Instant::now();
        if self.due().is_some_and(|due| due <= now) {
            let way = self.renewed(&mut connection)?;
            drop(connection);
            self.way = way;
            return Ok(Step::Again);
        }
        if connection.hear_if_arrived(IDLE)?.is_some() {
            let most = *most.get_or_insert_with(|| connection.most_of_an_answer());
            connection.check_answer(most)?;
            drop(connection);
            self.note_heard();
            return Ok(Step::Heard);
        }
        if patience.is_over() {
            return Ok(Step::OutOfTime);
        }
        let until = patience.deadline().into_iter().chain(self.due()).min();
        connection.wait_for_more(&self.waker, until)?;
        Ok(Step::Again)
    }

    /// Why the IDLE is to end, if somebody wants it to.
    fn wanted_end(&self) -> Option<IdleEnd> {
        if self.options.stop.is_stopped() {
            return Some(IdleEnd::Stopped);
        }
        let is_wanted = self.options.give_way && self.held.turn().waiting() > 0;
        is_wanted.then_some(IdleEnd::GaveWay)
    }

    /// When something has to be sent.
    fn due(&self) -> Option<Instant> {
        match self.way {
            Way::Idle(rhythm) => rhythm.due(&self.options),
            Way::Poll(next) => next,
        }
    }

    fn note_heard(&mut self) {
        if let Way::Idle(rhythm) = &mut self.way {
            rhythm.heard = Instant::now();
        }
    }

    /// Sends the IDLE anew, or asks for news, so that the connection shows that it lives.
    fn renewed(&self, connection: &mut Connection) -> Result<Way> {
        let within = self.within();
        if let Way::Poll(_) = self.way {
            connection.ask_for_news(within)?;
            return Ok(Way::Poll(
                Instant::now().checked_add(self.options.poll_every),
            ));
        }
        connection.end_idle(within)?;
        connection.begin_idle(within)?;
        Ok(Way::Idle(Rhythm::new(Instant::now())))
    }

    /// How long the server may take for an answer.
    fn within(&self) -> Duration {
        self.options.probe_after
    }
}

impl Rhythm {
    fn new(now: Instant) -> Self {
        Self {
            began: now,
            heard: now,
        }
    }

    /// When the IDLE has to be sent anew: because of its age, or of silence.
    fn due(self, options: &IdleOptions) -> Option<Instant> {
        let aged = self.began.checked_add(options.renew_after);
        let silent = self.heard.checked_add(options.probe_after);
        aged.into_iter().chain(silent).min()
    }
}

impl Patience {
    fn for_at_most(timeout: Duration) -> Self {
        Instant::now()
            .checked_add(timeout)
            .map_or(Self::Unlimited, Self::Until)
    }

    fn deadline(self) -> Option<Instant> {
        match self {
            Self::Until(deadline) => Some(deadline),
            Self::None | Self::Unlimited => None,
        }
    }

    fn is_over(self) -> bool {
        match self {
            Self::None => true,
            Self::Until(deadline) => deadline <= Instant::now(),
            Self::Unlimited => false,
        }
    }
}

impl<'i, 'g> IdleEvents<'i, 'g> {
    fn new(idle: &'i mut Idle<'g>, patience: Patience) -> Self {
        Self {
            idle,
            patience,
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
        let event = self.idle.event(self.patience).transpose();
        self.is_over = !matches!(event, Some(Ok(_)));
        event
    }
}

impl Drop for Idle<'_> {
    /// Leaves the end of the IDLE to the next command; no octet is read or written here.
    fn drop(&mut self) {
        self.held.turn().set_alarm(None);
        if let Some(mut connection) = self.held.turn().value() {
            connection.abandon();
        }
    }
}

impl fmt::Debug for Idle<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Idle")
            .field("mailbox", self.held.name())
            .field("ended", &self.ended)
            .finish_non_exhaustive()
    }
}
