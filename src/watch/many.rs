//! Many watches on one thread, or on a few.

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
use crate::watch::state::WatchState;
use crate::watch::watcher::Watcher;

/// Any number of watches, of any accounts, sessions and pools, on one thread.
///
/// All connections are waited for in one poll. A watch on which nothing happens costs no thread, and
/// no wake-up but the renewal of its IDLE, which is done together with those of others.
///
/// [`add`](Self::add) and [`remove`](Self::remove) can be called from any thread at any time, and so
/// can [`next`](Self::next). A step of a watch, such as a sync or a reconnection, waits for its
/// server: with one thread in `next`, a slow server delays the other watches for as long as the
/// [timeouts](crate::ClientBuilder) of its account allow. With a few threads in `next`, the others go
/// on meanwhile.
///
/// ```
#[doc = include_str!("../doc/pool.txt")]
/// use latchbox::watch::{WatchItem, WatchRequest, Watches};
///
/// let watches = Watches::new()?;
/// for name in ["INBOX", "Archive"] {
///     watches.add(WatchRequest::new(&account).mailbox(name, None))?;
/// }
/// let mut up_to_date = 0;
/// while let Some((id, item)) = watches.next()? {
///     println!("{id}: {item}");
///     up_to_date += usize::from(matches!(item, WatchItem::UpToDate));
///     if up_to_date == watches.len() {
///         break; // a program that goes on gets each change as it happens
///     }
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Watches {
    runner: Runner,
}

/// Identifies one of several [`Watches`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WatchId(u64);

impl Watches {
    /// No watches yet.
    ///
    /// # Errors
    ///
    /// [`Error::Resources`] if the system has no descriptors left to wait with.
    pub fn new() -> Result<Self> {
        let runner = Runner::new(StopHandle::new(), false).map_err(Error::Resources)?;
        Ok(Self { runner })
    }

    /// Adds a watch. Sends nothing by itself.
    ///
    /// The [stop handle](WatchRequest::stop_handle) of the request ends this watch alone.
    ///
    /// # Errors
    ///
    /// As for [`WatchRequest::begin`].
    pub fn add(&self, mut request: WatchRequest) -> Result<WatchId> {
        let mailboxes = request.mailboxes()?;
        let WatchRequest {
            source,
            settings,
            stop,
            ..
        } = request;
        let source = Source::new(source);
        let number = self.runner.add(&stop, |parts| {
            Watcher::new(parts, source, settings, mailboxes)
        });
        Ok(WatchId(number))
    }

    /// Removes a watch; returns whether there was one.
    ///
    /// It sends nothing: a connection of its own is closed. If another thread takes a step of this
    /// watch, it is removed after the step. No item of it is returned afterwards.
    pub fn remove(&self, id: WatchId) -> bool {
        self.runner.remove(id.0).is_some()
    }

    /// The number of watches; one that has ended is not counted.
    #[must_use]
    pub fn len(&self) -> usize {
        self.runner.count()
    }

    /// Whether there are no watches.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Waits for the next item of any watch; `None` after the [handle](Self::stop_handle) was used.
    ///
    /// It also waits if there are no watches, because another thread may add one.
    ///
    /// # Errors
    ///
    /// [`Error::Resources`] if the system cannot wait. Errors of the watches are items.
    pub fn next(&self) -> Result<Option<(WatchId, WatchItem)>> {
        self.next_in(Wait::Forever)
    }

    /// Returns the next item if there is one now.
    ///
    /// It does what is due, such as a sync after a report of a server, and waits for the answers. For
    /// use in an event loop; see [`next_due`](Self::next_due).
    ///
    /// # Errors
    ///
    /// As for [`next`](Self::next).
    pub fn try_next(&self) -> Result<Option<(WatchId, WatchItem)>> {
        self.next_in(Wait::No)
    }

    /// [`next`](Self::next) until `deadline`; also `None` when that has passed.
    ///
    /// # Errors
    ///
    /// As for [`next`](Self::next).
    pub fn next_until(&self, deadline: Instant) -> Result<Option<(WatchId, WatchItem)>> {
        self.next_in(Wait::Until(deadline))
    }

    /// [`next`](Self::next) for at most `timeout`; also `None` when that has passed.
    ///
    /// # Errors
    ///
    /// As for [`next`](Self::next).
    pub fn next_timeout(&self, timeout: Duration) -> Result<Option<(WatchId, WatchItem)>> {
        self.next_in(Wait::for_at_most(timeout))
    }

    fn next_in(&self, wait: Wait) -> Result<Option<(WatchId, WatchItem)>> {
        let next = self.runner.next(wait).map_err(Error::Resources)?;
        Ok(next.map(|(number, item)| (WatchId(number), item)))
    }

    /// When a watch has something to do by itself; a past time if one has something to do now, `None`
    /// if never.
    ///
    /// An event loop calls [`try_next`](Self::try_next) until it returns `None` when this time has come
    /// and when one of the [`descriptors`](Self::descriptors) is readable.
    #[must_use]
    pub fn next_due(&self) -> Option<Instant> {
        self.runner.next_due()
    }

    /// The descriptors to poll for readability in an event loop; see
    /// [`Watch::descriptors`](crate::watch::Watch::descriptors).
    #[must_use]
    pub fn descriptors(&self) -> Descriptors<'_> {
        self.runner.poller().descriptors()
    }

    /// A handle that makes every [`next`](Self::next) return `None`, from any thread.
    #[must_use]
    pub fn stop_handle(&self) -> StopHandle {
        self.runner.stop_handle().clone()
    }

    /// Returns the activity of a watch at this moment; `None` if it has ended, or was removed.
    #[must_use]
    pub fn state(&self, id: WatchId) -> Option<WatchState> {
        self.runner.state(id.0)
    }

    /// Returns the activity of each watch at this moment.
    #[must_use]
    pub fn states(&self) -> Vec<(WatchId, WatchState)> {
        let states = self.runner.states().into_iter();
        states
            .map(|(number, state)| (WatchId(number), state))
            .collect()
    }
}

/// The descriptor is readable when [`try_next`](Watches::try_next) has something to do before
/// [`next_due`](Watches::next_due). It stays the same.
#[cfg(any(target_os = "linux", target_os = "android"))]
impl std::os::fd::AsFd for Watches {
    fn as_fd(&self) -> std::os::fd::BorrowedFd<'_> {
        self.runner.poller().descriptor()
    }
}

impl fmt::Debug for Watches {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Watches")
            .field("len", &self.len())
            .finish_non_exhaustive()
    }
}

/// A number, such as `watch 3`.
impl fmt::Display for WatchId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "watch {}", self.0)
    }
}
