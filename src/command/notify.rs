//! NOTIFY (RFC 5465): what happens in mailboxes that are not selected, as it happens.

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::connection::Connection;
use crate::connection::notifying::NOTIFY;
use crate::error::{Error, Result};
use crate::events::session_event::SessionEvent;
use crate::idle_options::{IdleEnd, IdleOptions, StopHandle};
use crate::listener::Listener;
use crate::listener::driver::{Driver, EventSource, Wait};
use crate::lock::{InUse, Turn};
use crate::mailbox_guard::Scoped;
use crate::session::Session;
use crate::types::event::MailboxEvent;
use crate::types::notify::NotifyRequest;

/// The events of a session as the server tells them, with the connection held for waiting.
///
/// Made by [`Session::notifications`]. Unless [`yield_to_waiters`](IdleOptions::yield_to_waiters) is off, the waiting
/// ends as soon as another thread waits for the lock: drop this then, and begin again to go on.
/// Commands of the session on this thread are sent at once, in between. Nothing has to be sent for the events to come: where the server is silent for
/// [`probe_after`](IdleOptions::probe_after), it is asked for a sign of life by NOOP. Where NOTIFY
/// is not in force, it is asked for news every [`poll_interval`](IdleOptions::poll_interval).
///
/// Dropping it sends nothing and lets the next thread go on.
#[must_use = "the events come as they are asked for"]
pub struct Notifications<'s> {
    driver: Driver<Listened<'s>>,
    /// The queue knows who has the turn by the thread.
    thread: PhantomData<Scoped>,
}

/// A session, and a turn on its connection in which no guard is held.
struct Listened<'s> {
    session: &'s Session,
    turn: Turn<Connection>,
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
    /// # assert_eq!(notifications.end_reason(), Some(IdleEnd::Stopped));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn notifications(&self, options: &IdleOptions) -> Result<Notifications<'_>> {
        Notifications::begin(self, options.clone())
    }
}

impl<'s> Notifications<'s> {
    fn begin(session: &'s Session, options: IdleOptions) -> Result<Self> {
        let turn = session.turn_to_listen(NOTIFY)?;
        let listener = Listener::of_session(options.rhythm);
        let driver = Driver::begin(Listened { session, turn }, listener, options)?;
        Ok(Self {
            driver,
            thread: PhantomData,
        })
    }

    /// The next event, waiting for it; nothing when there will be none, for the reason that
    /// [`end_reason`](Self::end_reason) tells.
    ///
    /// # Errors
    ///
    /// [`Error::Closed`] when the connection ends, or the server does not show a sign of life in
    /// time. All that it told before that has been returned first.
    #[allow(clippy::should_implement_trait)]
    pub fn next(&mut self) -> Result<Option<SessionEvent>> {
        self.driver.next(Wait::Forever)
    }

    /// The next event that is there, without waiting for one.
    ///
    /// # Errors
    ///
    /// As for [`next`](Self::next).
    pub fn try_next(&mut self) -> Result<Option<SessionEvent>> {
        self.driver.next(Wait::Until(Instant::now()))
    }

    /// The next event, waiting for it until `deadline`.
    ///
    /// # Errors
    ///
    /// As for [`next`](Self::next).
    pub fn next_until(&mut self, deadline: Instant) -> Result<Option<SessionEvent>> {
        self.driver.next(Wait::Until(deadline))
    }

    /// The next event, waiting for it as long as `timeout`.
    ///
    /// # Errors
    ///
    /// As for [`next`](Self::next).
    pub fn next_timeout(&mut self, timeout: Duration) -> Result<Option<SessionEvent>> {
        self.driver.next(Wait::for_at_most(timeout))
    }

    /// Why the last wait returned no event; nothing before that.
    #[must_use]
    pub fn end_reason(&self) -> Option<IdleEnd> {
        self.driver.end_reason()
    }

    /// A handle that ends the waiting from any thread.
    #[must_use]
    pub fn stop_handle(&self) -> StopHandle {
        self.driver.stop_handle()
    }
}

impl EventSource for Listened<'_> {
    type Event = SessionEvent;

    fn turn(&self) -> &Turn<Connection> {
        &self.turn
    }

    fn connection(&self) -> Result<InUse<'_, Connection>> {
        let connection = self.turn.value().ok_or(Error::StreamOpen)?;
        connection.check_open(NOTIFY)?;
        Ok(connection)
    }

    /// The oldest event of the session, or of the mailbox that is selected and that no guard holds.
    fn take_event(&self) -> Option<SessionEvent> {
        if let Some(event) = self.session.take_event() {
            return Some(event);
        }
        let mut connection = self.turn.value()?;
        let mailbox = connection.state.selected()?.mailbox.name().clone();
        loop {
            match connection.state.take_event()? {
                // It is an event of the session too.
                MailboxEvent::Alert(_) => {}
                event => return Some(SessionEvent::Selected { mailbox, event }),
            }
        }
    }
}

impl fmt::Debug for Notifications<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Notifications")
            .field("end_reason", &self.driver.end_reason())
            .finish_non_exhaustive()
    }
}
