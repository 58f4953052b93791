//! NOTIFY (RFC 5465): what happens in mailboxes that are not selected, as it happens.

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::connection::Connection;
use crate::connection::notifying::NOTIFY;
use crate::error::{Error, Result};
use crate::idle_options::{IdleEnd, IdleOptions, StopHandle};
use crate::limits::WITHOUT_NEWS;
use crate::lock::Turn;
use crate::mailbox_guard::Scoped;
use crate::news::session_event::SessionEvent;
use crate::session::Session;
use crate::transport::readiness::Waker;
use crate::types::event::MailboxEvent;
use crate::types::notify::NotifyRequest;

/// The events of a session as the server tells them, with the connection held for waiting.
///
/// Made by [`Session::notifications`]. Unless [`give_way`](IdleOptions::give_way) is off, the waiting
/// ends as soon as another thread waits for the lock: drop this then, and begin again to go on.
/// Commands of the session on this thread are sent at once, in between. Nothing has to be sent for the events to come: where the server is silent for
/// [`probe_after`](IdleOptions::probe_after), it is asked for a sign of life by NOOP. Where NOTIFY
/// is not in force, it is asked for news every [`poll_every`](IdleOptions::poll_every).
///
/// Dropping it sends nothing and lets the next thread go on.
#[must_use = "the events come as they are asked for"]
pub struct Notifications<'s> {
    session: &'s Session,
    turn: Turn<Connection>,
    options: IdleOptions,
    waker: Arc<Waker>,
    heard: Instant,
    ended: Option<IdleEnd>,
    /// What went wrong after events that have not been taken.
    failure: Option<Error>,
    /// The queue knows who has the turn by the thread.
    thread: PhantomData<Scoped>,
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

impl Session {
    /// Asks the server to tell what happens in mailboxes that are not selected (NOTIFY SET,
    /// RFC 5465).
    ///
    /// What it tells is booked with the answers of whatever command runs, and waits in
    /// [`events`](Self::events); [`notifications`](Self::notifications) waits for it. The request is
    /// in force until the next one, and a session of an [`Account`](crate::Account) asks again when it
    /// reconnects. When there is too much to tell, the server switches it off, which is
    /// [`SessionEvent::NotificationOverflow`].
    ///
    /// What happened while LIST ran and is told like its answer cannot be told apart from it, and
    /// is part of it.
    ///
    /// # Errors
    ///
    /// Before anything is sent: [`Error::Unsupported`] when the server does not have NOTIFY, or not
    /// what an item needs; [`Error::Argument`] for a request that the standard does not allow. Then
    /// [`Error::Refused`], and what was in force before stays so: with
    /// [`ResponseCode::BadEvent`](crate::types::ResponseCode::BadEvent) the server names the events
    /// that it knows. [`Error::Lock`], [`Error::Closed`].
    ///
    /// ```
    #[doc = include_str!("../doc/session.txt")]
    /// use latchbox::types::{MailboxScope, NotifyEvent, NotifyRequest};
    /// use latchbox::{Error, IdleOptions, SessionEvent};
    /// use std::time::Duration;
    ///
    /// let request = NotifyRequest::new().mailboxes(MailboxScope::Personal, NotifyEvent::messages());
    /// match session.notify(&request) {
    ///     Ok(()) => {
    ///         let mut notifications = session.notifications(&IdleOptions::new())?;
    ///         while let Some(event) = notifications.next_timeout(Duration::from_secs(60))? {
    ///             if let SessionEvent::Status(status) = &event {
    ///                 println!("{}: {:?} messages", status.name(), status.messages());
    ///             }
    ///         }
    ///     }
    ///     Err(Error::Unsupported(_)) => println!("ask by STATUS every now and then"),
    ///     Err(error) => return Err(error.into()),
    /// }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn notify(&self, request: &NotifyRequest) -> Result<()> {
        self.lease(NOTIFY)?.notify(&Arc::new(request.clone()), None)
    }

    /// Ends what [`notify`](Self::notify) asked for; of the selected mailbox the server goes on to
    /// tell, as without NOTIFY.
    ///
    /// Sends NOTIFY SET for just that. NOTIFY NONE would silence the selected mailbox too, and the
    /// counters of its guard would stand still.
    ///
    /// # Errors
    ///
    /// As for [`notify`](Self::notify).
    pub fn stop_notifying(&self) -> Result<()> {
        self.lease(NOTIFY)?.stop_notifying()
    }

    /// Waits for events of the session: takes the turn, and holds it until what is returned is
    /// dropped, or has ended.
    ///
    /// # Errors
    ///
    /// [`Error::Lock`] at once when this thread holds a guard, whose
    /// [`idle`](crate::MailboxGuard::idle) waits instead, and when the turn does not come in time;
    /// [`Error::Closed`]; [`Error::Resources`] when the system has no descriptors left to wait with.
    ///
    /// ```
    #[doc = include_str!("../doc/session.txt")]
    /// use latchbox::IdleOptions;
    /// use latchbox::command::IdleEnd;
    ///
    /// let mut notifications = session.notifications(&IdleOptions::new())?;
    /// # notifications.stop_handle().stop();
    /// while let Some(event) = notifications.next()? {
    ///     println!("{event}");
    /// }
    /// # assert_eq!(notifications.ended(), Some(IdleEnd::Stopped));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn notifications(&self, options: &IdleOptions) -> Result<Notifications<'_>> {
        Notifications::begin(self, options.clone())
    }
}

impl<'s> Notifications<'s> {
    fn begin(session: &'s Session, options: IdleOptions) -> Result<Self> {
        let turn = session.turn_to_listen(NOTIFY)?;
        let waker = Arc::new(Waker::new().map_err(Error::Resources)?);
        options.stop.rings(&waker);
        let bell = Arc::clone(&waker);
        turn.set_alarm(Some(Arc::new(move || bell.ring())));
        Ok(Self {
            session,
            turn,
            options,
            waker,
            heard: Instant::now(),
            ended: None,
            failure: None,
            thread: PhantomData,
        })
    }

    /// The next event, waiting for it; nothing when there will be none, for the reason that
    /// [`ended`](Self::ended) tells.
    ///
    /// # Errors
    ///
    /// [`Error::Closed`] when the connection ends, or the server does not show a sign of life in
    /// time. All that it told before that has been returned first.
    #[allow(clippy::should_implement_trait)]
    pub fn next(&mut self) -> Result<Option<SessionEvent>> {
        self.event(None)
    }

    /// The next event that is there, without waiting for one.
    ///
    /// # Errors
    ///
    /// As for [`next`](Self::next).
    pub fn next_now(&mut self) -> Result<Option<SessionEvent>> {
        self.event(Some(Instant::now()))
    }

    /// The next event, waiting for it until `deadline`.
    ///
    /// # Errors
    ///
    /// As for [`next`](Self::next).
    pub fn next_until(&mut self, deadline: Instant) -> Result<Option<SessionEvent>> {
        self.event(Some(deadline))
    }

    /// The next event, waiting for it as long as `timeout`.
    ///
    /// # Errors
    ///
    /// As for [`next`](Self::next).
    pub fn next_timeout(&mut self, timeout: Duration) -> Result<Option<SessionEvent>> {
        self.event(Instant::now().checked_add(timeout))
    }

    /// Why the last wait returned no event; nothing before that.
    #[must_use]
    pub fn ended(&self) -> Option<IdleEnd> {
        self.ended
    }

    /// A handle that ends the waiting from any thread.
    #[must_use]
    pub fn stop_handle(&self) -> StopHandle {
        self.options.stop.clone()
    }

    fn event(&mut self, deadline: Option<Instant>) -> Result<Option<SessionEvent>> {
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
            match self.step(deadline, &mut most) {
                Ok(Step::Again) => {}
                Ok(Step::Heard) if without_news < WITHOUT_NEWS || !is_over(deadline) => {
                    without_news += 1;
                }
                Ok(Step::Heard | Step::OutOfTime) => self.ended = Some(IdleEnd::Deadline),
                Err(error) => {
                    self.ended = Some(IdleEnd::Failed);
                    self.failure = Some(error);
                }
            }
        }
    }

    /// The oldest event: of the session, or of the mailbox that is selected and that no guard
    /// holds.
    fn take_event(&self) -> Option<SessionEvent> {
        if let Some(event) = self.session.take_event() {
            return Some(event);
        }
        let mut connection = self.turn.value()?;
        let mailbox = connection.state.selected()?.mailbox.name().clone();
        loop {
            match connection.state.take_event()? {
                // The session is told of it anyway.
                MailboxEvent::Alert(_) => {}
                event => return Some(SessionEvent::Selected { mailbox, event }),
            }
        }
    }

    /// Does what is next: ends, asks, hears or waits. `most` is how far a server may go without an
    /// event.
    fn step(&mut self, deadline: Option<Instant>, most: &mut Option<u64>) -> Result<Step> {
        if let Some(end) = self.wanted_end() {
            self.ended = Some(end);
            return Ok(Step::Again);
        }
        let mut connection = self.turn.value().ok_or(Error::StreamOpen)?;
        connection.check_open(NOTIFY)?;
        let is_told = connection.state.is_notifying() && connection.can_be_polled();
        let every = match is_told {
            true => self.options.probe_after,
            false => self.options.poll_every,
        };
        let due = self.heard.checked_add(every);
        if due.is_some_and(|due| due <= Instant::now()) {
            connection.resume_counting()?;
            connection.ask_for_news(self.options.probe_after)?;
            drop(connection);
            self.heard = Instant::now();
            return Ok(Step::Heard);
        }
        if connection.hear_if_arrived(NOTIFY)?.is_some() {
            let most = *most.get_or_insert_with(|| connection.most_of_an_answer());
            connection.check_answer(most)?;
            drop(connection);
            self.heard = if is_told { Instant::now() } else { self.heard };
            return Ok(Step::Heard);
        }
        if is_over(deadline) {
            return Ok(Step::OutOfTime);
        }
        let until = deadline.into_iter().chain(due).min();
        connection.wait_for_more(&self.waker, until)?;
        Ok(Step::Again)
    }

    /// Why the waiting is to end, if somebody wants it to.
    fn wanted_end(&self) -> Option<IdleEnd> {
        if self.options.stop.is_stopped() {
            return Some(IdleEnd::Stopped);
        }
        let is_wanted = self.options.give_way && self.turn.is_wanted();
        is_wanted.then_some(IdleEnd::GaveWay)
    }
}

fn is_over(deadline: Option<Instant>) -> bool {
    deadline.is_some_and(|deadline| deadline <= Instant::now())
}

impl Drop for Notifications<'_> {
    /// Passes the turn on; no octet is read or written here.
    fn drop(&mut self) {
        self.turn.set_alarm(None);
    }
}

impl fmt::Debug for Notifications<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Notifications")
            .field("ended", &self.ended)
            .finish_non_exhaustive()
    }
}
