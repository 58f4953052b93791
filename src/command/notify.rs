//! NOTIFY (RFC 5465): the events of mailboxes that are not selected, as they happen.

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::connection::Connection;
use crate::connection::notifying::NOTIFY;
use crate::error::{Error, Result};
use crate::events::session_event::SessionEvent;
use crate::idle_options::{IdleEnd, IdleOptions};
use crate::listener::Listener;
use crate::listener::driver::{Driver, EventSource};
use crate::lock::{InUse, Turn, Wait};
use crate::mailbox_guard::access::StaysOnItsThread;
use crate::session::Session;
use crate::stop_handle::StopHandle;
use crate::types::notify::NotifyRequest;

/// The events of a session, as the server sends them; holds the lock while it waits for them.
///
/// Made by [`Session::notifications`]. Unless
/// [`yield_to_waiters`](IdleOptions::yield_to_waiters) is `false`, the wait ends as soon as another
/// thread waits for the lock: drop this then, and begin again to continue. Commands of the session on
/// this thread are sent at once, between the waits.
///
/// While NOTIFY is in force, the server sends events by itself; NOOP is sent as a probe if it is
/// silent for [`probe_after`](IdleOptions::probe_after). Otherwise NOOP is sent every
/// [`poll_interval`](IdleOptions::poll_interval).
///
/// Dropping it sends nothing and releases the lock.
#[must_use = "events are returned by its methods"]
pub struct Notifications<'s> {
    driver: Driver<Listened<'s>>,
    /// The queue identifies the holder by its thread.
    thread: PhantomData<*const StaysOnItsThread>,
}

/// A session, and a turn on its connection in which no guard is held.
struct Listened<'s> {
    session: &'s Session,
    turn: Turn<Connection>,
}

/// The commands of NOTIFY (RFC 5465); see [`Session::notify`].
#[derive(Clone, Copy, Debug)]
#[must_use = "its methods send the commands"]
pub struct NotifyCommands<'s> {
    session: &'s Session,
}

impl NotifyCommands<'_> {
    /// Requests events of mailboxes that are not selected (NOTIFY SET, RFC 5465).
    ///
    /// They are read with the answers of all commands and queued for [`Session::events`];
    /// [`Session::notifications`] waits for them. The request is in force until the next
    /// one, and a session of an [`Account`](crate::Account) repeats it when it reconnects. If there are
    /// too many events, the server switches NOTIFY off, which is
    /// [`SessionEvent::NotificationOverflow`].
    ///
    /// A mailbox event that comes while LIST is in flight has the form of its answer, and is returned
    /// as part of it.
    ///
    /// # Errors
    ///
    /// Before anything is sent: [`Error::Unsupported`] if the server lacks NOTIFY, or an extension
    /// that an item needs; [`Error::Argument`] if RFC 5465 does not allow the request;
    /// [`Error::Lock`]; [`Error::StreamOpen`]. Then [`Error::Refused`], and the earlier request stays
    /// in force: with [`ResponseCode::BadEvent`](crate::types::ResponseCode::BadEvent) the server
    /// names the events that it supports. [`Error::Closed`].
    ///
    /// ```
    #[doc = include_str!("../doc/session.txt")]
    /// use latchbox::notify::{NotifyEvent, NotifyRequest};
    /// use latchbox::types::MailboxScope;
    /// use latchbox::{Error, SessionEvent};
    /// use latchbox::command::IdleOptions;
    /// use std::time::Duration;
    ///
    /// let request = NotifyRequest::new().mailboxes(MailboxScope::Personal, NotifyEvent::messages());
    /// match session.notify().set(&request) {
    ///     Ok(()) => {
    ///         let mut notifications = session.notifications(&IdleOptions::new())?;
    ///         while let Some(event) = notifications.next_timeout(Duration::from_secs(60))? {
    ///             if let SessionEvent::Status(status) = &event {
    ///                 println!("{}: {:?} messages", status.name(), status.messages());
    ///             }
    ///         }
    ///     }
    ///     Err(Error::Unsupported(_)) => println!("poll by STATUS instead"),
    ///     Err(error) => return Err(error.into()),
    /// }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[doc(alias = "NOTIFY SET")]
    pub fn set(&self, request: &NotifyRequest) -> Result<()> {
        let mut lease = self.session.lease(NOTIFY)?;
        lease.notify(&Arc::new(request.clone()))
    }

    /// Cancels the request of [`set`](Self::set).
    ///
    /// The server still sends events of the selected mailbox, as without NOTIFY.
    ///
    /// Sends NOTIFY SET for those events alone. After NOTIFY NONE the server would send no events
    /// of the selected mailbox, and the counters of its guard would not change.
    ///
    /// # Errors
    ///
    /// As for [`set`](Self::set).
    #[doc(alias = "NOTIFY NONE")]
    pub fn stop(&self) -> Result<()> {
        self.session.lease(NOTIFY)?.stop_notifying()
    }
}

impl Session {
    /// The commands of NOTIFY: events of mailboxes that are not selected (RFC 5465).
    ///
    /// Sends nothing by itself.
    ///
    /// ```
    #[doc = include_str!("../doc/session.txt")]
    /// use latchbox::Error;
    /// use latchbox::notify::{NotifyEvent, NotifyRequest};
    /// use latchbox::types::MailboxScope;
    ///
    /// let request = NotifyRequest::new().mailboxes(MailboxScope::Personal, NotifyEvent::messages());
    /// match session.notify().set(&request) {
    ///     Err(Error::Unsupported(_)) => println!("poll by STATUS instead"),
    ///     set => set?,
    /// }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[doc(alias = "NOTIFY")]
    pub fn notify(&self) -> NotifyCommands<'_> {
        NotifyCommands { session: self }
    }

    /// Waits for events of the session, and holds the lock until the returned value is dropped.
    ///
    /// Sends NOTIFY SET for the selected mailbox after a [`SessionEvent::NotificationOverflow`], and
    /// nothing otherwise. A session of an [`Account`](crate::Account) reconnects first if its
    /// connection has ended.
    ///
    /// # Errors
    ///
    /// [`Error::Lock`] at once if this thread holds a guard, whose
    /// [`idle`](crate::MailboxGuard::idle) waits for events instead, and if the lock is not granted
    /// within the [`turn_timeout`](crate::ClientBuilder::turn_timeout); [`Error::Resources`] if the
    /// system has no descriptors left to wait with; [`Error::Closed`].
    ///
    /// ```
    #[doc = include_str!("../doc/session.txt")]
    /// use latchbox::command::IdleOptions;
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
    #[doc(alias = "NOTIFY")]
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

    /// Waits for the next event; `None` if there will be no more, for the reason in
    /// [`end_reason`](Self::end_reason).
    ///
    /// # Errors
    ///
    /// Events that were received before come first. [`Error::Closed`] if the connection ends, or the
    /// server does not answer a probe in time; [`Error::Refused`] if it answers NO or BAD.
    #[allow(clippy::should_implement_trait)]
    pub fn next(&mut self) -> Result<Option<SessionEvent>> {
        self.driver.next(Wait::Forever)
    }

    /// Returns the next event that has arrived, without waiting; `None` if there is none.
    ///
    /// If a NOOP is due, it is sent.
    ///
    /// # Errors
    ///
    /// As for [`next`](Self::next).
    pub fn try_next(&mut self) -> Result<Option<SessionEvent>> {
        self.driver.next(Wait::No)
    }

    /// [`next`](Self::next) until `deadline`; `None` when that has passed.
    ///
    /// # Errors
    ///
    /// As for [`next`](Self::next).
    pub fn next_until(&mut self, deadline: Instant) -> Result<Option<SessionEvent>> {
        self.driver.next(Wait::Until(deadline))
    }

    /// [`next`](Self::next) for at most `timeout`; `None` when that has passed.
    ///
    /// # Errors
    ///
    /// As for [`next`](Self::next).
    pub fn next_timeout(&mut self, timeout: Duration) -> Result<Option<SessionEvent>> {
        self.driver.next(Wait::for_at_most(timeout))
    }

    /// The reason why the last wait returned no event; `None` before that.
    #[must_use]
    pub fn end_reason(&self) -> Option<IdleEnd> {
        self.driver.end_reason()
    }

    /// A handle that ends the wait from any thread.
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
        let connection = self.turn.value().ok_or_else(|| Error::StreamOpen)?;
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
        let event = connection.state.take_event()?;
        Some(SessionEvent::Selected { mailbox, event })
    }
}

impl fmt::Debug for Notifications<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Notifications")
            .field("end_reason", &self.driver.end_reason())
            .finish_non_exhaustive()
    }
}
