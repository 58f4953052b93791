//! The options of a wait for events, and why one ends.

use std::fmt;
use std::time::Duration;

use crate::stop_handle::StopHandle;

/// The shortest time that an option may have: with zero, commands would be sent without end.
const SHORTEST: Duration = Duration::from_millis(1);

/// The options of [`MailboxGuard::idle_with`](crate::MailboxGuard::idle_with) and
/// [`Session::notifications`](crate::Session::notifications).
///
/// ```
#[doc = include_str!("doc/session.txt")]
/// use std::time::Duration;
/// use latchbox::command::IdleOptions;
///
/// let options = IdleOptions::new().yield_to_waiters(false).probe_after(Duration::from_secs(60));
/// let mut inbox = session.lock_mailbox_read_only("INBOX")?;
/// let idle = inbox.idle_with(&options)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct IdleOptions {
    pub(crate) yield_to_waiters: bool,
    pub(crate) rhythm: Rhythm,
    pub(crate) stop: StopHandle,
}

/// After what time a listener sends something.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rhythm {
    pub(crate) renew_after: Duration,
    pub(crate) probe_after: Duration,
    pub(crate) poll_interval: Duration,
}

impl Default for IdleOptions {
    fn default() -> Self {
        Self {
            yield_to_waiters: true,
            rhythm: Rhythm {
                renew_after: Duration::from_secs(25 * 60),
                probe_after: Duration::from_secs(5 * 60),
                poll_interval: Duration::from_secs(60),
            },
            stop: StopHandle::new(),
        }
    }
}

impl IdleOptions {
    /// The defaults: it yields the lock, and has the times that each option names.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Whether a wait ends as soon as another thread waits for the lock; `true` by default.
    ///
    /// The other thread waits to lock a mailbox, or for a command of the session.
    ///
    /// The wait then returns `None` (an iterator ends), with the reason [`IdleEnd::Yielded`]. The
    /// other thread acquires the lock when the guard is dropped, so a program that continues to watch
    /// drops the guard and locks again. [`Notifications`](crate::notify::Notifications) are dropped
    /// and begun again in this way too.
    ///
    /// With `false`, other threads wait until the guard is dropped, without limit; commands of the
    /// session fail after the [`turn_timeout`](crate::ClientBuilder::turn_timeout).
    #[must_use]
    pub fn yield_to_waiters(mut self, yield_to_waiters: bool) -> Self {
        self.yield_to_waiters = yield_to_waiters;
        self
    }

    /// Age at which an IDLE is renewed; 25 minutes by default.
    ///
    /// A server may close the connection of a client that has sent nothing for 30 minutes
    /// (RFC 9051 section 5.4), and RFC 2177 advises to renew an IDLE within 29.
    #[must_use]
    pub fn renew_after(mut self, time: Duration) -> Self {
        self.rhythm.renew_after = time.max(SHORTEST);
        self
    }

    /// Time without a response after which the server is probed; 5 minutes by default.
    ///
    /// The probe renews the IDLE, or sends NOOP if there is no IDLE. If the server does not answer it
    /// within this time too, the connection is closed. [`Duration::MAX`] never probes.
    #[must_use]
    pub fn probe_after(mut self, time: Duration) -> Self {
        self.rhythm.probe_after = time.max(SHORTEST);
        self
    }

    /// Interval of NOOP, which polls for changes without IDLE or NOTIFY; 60 seconds by default.
    ///
    /// NOOP is sent if the server lacks IDLE, NOTIFY is not in force, or the stream cannot be
    /// polled.
    #[must_use]
    pub fn poll_interval(mut self, time: Duration) -> Self {
        self.rhythm.poll_interval = time.max(SHORTEST);
        self
    }

    /// The handle that stops the wait; it stops every other wait with this handle too.
    ///
    /// By default each set of options has a handle of its own, which
    /// [`Idle::stop_handle`](crate::command::Idle::stop_handle) returns.
    #[must_use]
    pub fn stop_handle(mut self, handle: &StopHandle) -> Self {
        self.stop = handle.clone();
        self
    }
}

/// Why a wait returned no event; see [`Idle::end_reason`](crate::command::Idle::end_reason) and
/// [`Notifications::end_reason`](crate::notify::Notifications::end_reason).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum IdleEnd {
    /// The [`StopHandle`] was used.
    Stopped,
    /// Another thread waits for the lock, and
    /// [`yield_to_waiters`](IdleOptions::yield_to_waiters) is `true`. Later waits return no event
    /// either: drop the guard, and lock again to continue.
    Yielded,
    /// The deadline of this wait has passed. The IDLE continues: the next wait returns what came in
    /// between.
    Deadline,
    /// The server ended the IDLE by itself.
    Server,
    /// A wait returned an error.
    Failed,
}

impl fmt::Display for IdleEnd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Stopped => "stopped by its StopHandle",
            Self::Yielded => "yielded to a thread that waits for the lock",
            Self::Deadline => "the deadline of the wait passed",
            Self::Server => "ended by the server",
            Self::Failed => "a wait returned an error",
        })
    }
}
