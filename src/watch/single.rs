//! One watch, and its items.

use std::fmt;
use std::time::{Duration, Instant};

use crate::error::{Error, Result};
use crate::lock::Wait;
use crate::stop_handle::StopHandle;
use crate::transport::descriptors::Descriptors;
use crate::watch::item::WatchItem;
use crate::watch::request::WatchRequest;
use crate::watch::runner::Runner;
use crate::watch::source::Source;
use crate::watch::state::{Activity, WatchState};
use crate::watch::watcher::Watcher;

/// Mailboxes that are watched: what has changed since the checkpoints, then what changes.
///
/// Made by [`WatchRequest::begin`]. The items are the batches of a sync, with the name of the mailbox:
/// store the checkpoint of a batch together with what it changes, as for
/// [`changes_since`](crate::MailboxGuard::changes_since). Nothing is lost and no message is new twice,
/// whatever happens in between: a connection that is cut, a restart of the server or of the program, a
/// computer that sleeps. A report of the server only makes the watch look; what it returns is what a
/// sync from the checkpoint finds.
///
/// # How changes are noticed
///
/// The watch selects the first mailbox read-only (EXAMINE), reads what has changed, and waits (IDLE, or
/// NOOP at an interval if the server lacks it). After each report of the server it selects the mailbox
/// again, which with QRESYNC or CONDSTORE (RFC 7162) costs one round trip. It also does so at the
/// [`look_interval`](WatchRequest::look_interval). Of other mailboxes it is notified by the server
/// (NOTIFY, RFC 5465), or asks for their numbers; one that has changed is selected, read, and left
/// again. So one connection is enough for any number of mailboxes; to listen to several of them, begin
/// a watch for each, on a [`Pool`](crate::Pool). [`state`](Self::state) says what is used.
///
/// While it waits, it does not hold the lock of a shared session or pool: another thread gets the
/// connection at once, and the watch continues when that thread has released it.
///
/// # Connections
///
/// If the connection ends, that is an [item](WatchItem::Disconnected); the watch connects again, by
/// itself on a connection of its own, by the lock on a session or pool, which has to belong to an
/// [`Account`](crate::Account) that is [reconnecting](crate::Account::reconnecting). If the server
/// refuses the credentials, the watch [ends](WatchItem::Ended).
///
/// ```
#[doc = include_str!("../doc/pool.txt")]
/// use latchbox::watch::{WatchItem, WatchRequest};
///
/// let mut watch = WatchRequest::new(&account).mailbox("INBOX", None).begin()?;
/// for item in &mut watch {
///     println!("{item}");
///     if matches!(item, WatchItem::UpToDate) {
///         break; // a program that goes on gets each change as it happens
///     }
/// }
/// println!("the watch {}", watch.state()); // listens to INBOX by IDLE
/// watch.end();
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Watch {
    runner: Runner,
    number: u64,
}

impl WatchRequest {
    /// Makes the watch. Sends nothing.
    ///
    /// # Errors
    ///
    /// [`Error::Argument`] if there is no mailbox, the same one twice, or an invalid name, or if the
    /// batch size is 0; [`Error::Resources`] if the system has no descriptors left to wait with.
    pub fn begin(mut self) -> Result<Watch> {
        let mailboxes = self.mailboxes()?;
        let Self {
            source,
            settings,
            stop,
            ..
        } = self;
        let runner = Runner::new(stop.clone(), true).map_err(Error::Resources)?;
        let source = Source::new(source);
        let number = runner.add(&stop, |parts| {
            Watcher::new(parts, source, settings, mailboxes)
        });
        Ok(Watch { runner, number })
    }
}

impl Watch {
    /// Waits for the next item; `None` after the [handle](Self::stop_handle) was used, or after
    /// [`WatchItem::Ended`].
    ///
    /// The watch also is an iterator, whose `next` is this.
    #[allow(clippy::should_implement_trait)]
    pub fn next(&mut self) -> Option<WatchItem> {
        self.next_in(Wait::Forever)
    }

    /// Returns the next item if there is one now.
    ///
    /// It does what is due, such as a sync after a report of the server, and waits for the answers.
    /// For use in an event loop; see [`next_due`](Self::next_due).
    pub fn try_next(&mut self) -> Option<WatchItem> {
        self.next_in(Wait::No)
    }

    /// [`next`](Self::next) until `deadline`; also `None` when that has passed.
    ///
    /// A command that is in flight then is completed first.
    pub fn next_until(&mut self, deadline: Instant) -> Option<WatchItem> {
        self.next_in(Wait::Until(deadline))
    }

    /// [`next`](Self::next) for at most `timeout`; also `None` when that has passed.
    ///
    /// A command that is in flight then is completed first.
    pub fn next_timeout(&mut self, timeout: Duration) -> Option<WatchItem> {
        self.next_in(Wait::for_at_most(timeout))
    }

    fn next_in(&mut self, wait: Wait) -> Option<WatchItem> {
        match self.runner.next(wait) {
            Ok(next) => next.map(|(_, item)| item),
            Err(error) => {
                self.runner.remove(self.number);
                Some(WatchItem::Ended(Error::Resources(error)))
            }
        }
    }

    /// When the watch has something to do by itself, such as renewing an IDLE; a past time if it has
    /// something to do now, `None` if never.
    ///
    /// An event loop calls [`try_next`](Self::try_next) until it returns `None` when this time has come
    /// and when one of the [`descriptors`](Self::descriptors) is readable.
    #[must_use]
    pub fn next_due(&self) -> Option<Instant> {
        self.runner.next_due()
    }

    /// The descriptors to poll for readability in an event loop, besides the time
    /// [`next_due`](Self::next_due).
    ///
    /// They are valid until the next [`try_next`](Self::try_next): ask for them again after it. On
    /// Linux and Android, where the watch also is `AsFd`, it is one descriptor, which stays the same.
    ///
    /// ```
    #[doc = include_str!("../doc/pool.txt")]
    /// # if cfg!(unix) {
    /// use std::time::Instant;
    /// use latchbox::watch::{WatchItem, WatchRequest};
    /// use rustix::event::{PollFd, PollFlags, Timespec, poll};
    ///
    /// let mut watch = WatchRequest::new(&account).mailbox("INBOX", None).begin()?;
    /// 'watching: loop {
    ///     while let Some(item) = watch.try_next() {
    ///         println!("{item}");
    ///         if matches!(item, WatchItem::UpToDate) {
    ///             break 'watching;
    ///         }
    ///     }
    ///     let left = watch.next_due().map(|due| due.saturating_duration_since(Instant::now()));
    ///     let left = left.map(Timespec::try_from).transpose()?;
    ///     let descriptors = watch.descriptors();
    ///     let polled = descriptors.iter();
    ///     let polled = polled.map(|each| PollFd::from_borrowed_fd(each, PollFlags::IN));
    ///     // A real program adds its own descriptors here.
    ///     poll(&mut polled.collect::<Vec<_>>(), left.as_ref())?;
    /// }
    /// # }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn descriptors(&self) -> Descriptors<'_> {
        self.runner.poller().descriptors()
    }

    /// A handle that ends the watch, from any thread.
    #[must_use]
    pub fn stop_handle(&self) -> StopHandle {
        self.runner.stop_handle().clone()
    }

    /// Returns its activity at this moment.
    #[must_use]
    pub fn state(&self) -> WatchState {
        let state = self.runner.state(self.number);
        state.unwrap_or_else(|| WatchState::of(Activity::Ended))
    }

    /// Ends the watch; a connection of its own is ended by LOGOUT (RFC 9051 section 6.1.3).
    ///
    /// It takes the [`logout_timeout`](crate::ClientBuilder::logout_timeout) at most. Dropping the
    /// watch sends nothing. On a session or pool, the next command ends the IDLE.
    pub fn end(self) {
        if let Some(Some(watcher)) = self.runner.remove(self.number) {
            watcher.log_out();
        }
    }
}

impl Iterator for Watch {
    type Item = WatchItem;

    fn next(&mut self) -> Option<WatchItem> {
        Self::next(self)
    }
}

/// The descriptor is readable when [`try_next`](Watch::try_next) has something to do before
/// [`next_due`](Watch::next_due). It stays the same.
#[cfg(any(target_os = "linux", target_os = "android"))]
impl std::os::fd::AsFd for Watch {
    fn as_fd(&self) -> std::os::fd::BorrowedFd<'_> {
        self.runner.poller().descriptor()
    }
}

impl fmt::Debug for Watch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Watch")
            .field("state", &self.state())
            .finish_non_exhaustive()
    }
}
