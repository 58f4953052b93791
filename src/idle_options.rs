//! How an IDLE is to behave, and the handle that stops it from any thread.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use crate::transport::readiness::Waker;

/// Nobody needs an answer more often, and a zero would ask without end.
const SHORTEST: Duration = Duration::from_millis(1);

/// How an [`Idle`](crate::command::Idle) is to behave; see
/// [`MailboxGuard::idle_with`](crate::MailboxGuard::idle_with).
///
/// ```
#[doc = include_str!("doc/session.txt")]
/// use std::time::Duration;
/// use latchbox::IdleOptions;
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
    /// Gives way, and keeps the times that each option names.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Whether the waiting ends as soon as another thread waits for the lock, with a lock or with a
    /// command of the session; it does by default.
    ///
    /// The wait then returns `None` (an iterator ends), and the reason is [`IdleEnd::Yielded`]. The
    /// lock is free for the other thread when the guard is dropped, so a program that goes on
    /// watching drops the guard and locks again. The same holds for
    /// [`Session::notifications`](crate::Session::notifications), which is to be dropped and begun
    /// again.
    ///
    /// With `false`, other threads wait until the guard is dropped, however long that is; commands of
    /// the session fail after the [`turn_timeout`](crate::ClientBuilder::turn_timeout).
    #[must_use]
    pub fn yield_to_waiters(mut self, yield_to_waiters: bool) -> Self {
        self.yield_to_waiters = yield_to_waiters;
        self
    }

    /// How long one IDLE lasts before it is sent anew; 25 minutes unless set.
    ///
    /// A server may end the connection of a client that has sent nothing for 30 minutes
    /// (RFC 9051 section 5.4), and RFC 2177 asks for less than 29.
    #[must_use]
    pub fn renew_after(mut self, time: Duration) -> Self {
        self.rhythm.renew_after = time.max(SHORTEST);
        self
    }

    /// How long the server may be silent before it has to show that it is still there; 5 minutes
    /// unless set.
    ///
    /// It is asked by sending the IDLE anew, or by NOOP where there is no IDLE, and has as long
    /// again to answer; else the connection is closed. [`Duration::MAX`] trusts a silent line.
    #[must_use]
    pub fn probe_after(mut self, time: Duration) -> Self {
        self.rhythm.probe_after = time.max(SHORTEST);
        self
    }

    /// How often to ask for news by NOOP where the server has no IDLE, or the stream cannot be
    /// waited for; 60 seconds unless set.
    #[must_use]
    pub fn poll_interval(mut self, time: Duration) -> Self {
        self.rhythm.poll_interval = time.max(SHORTEST);
        self
    }

    /// Lets this handle stop the IDLE, and every other one that is given it.
    ///
    /// Without it each set of options has a handle of its own, which
    /// [`Idle::stop_handle`](crate::command::Idle::stop_handle) tells.
    #[must_use]
    pub fn stop_handle(mut self, handle: &StopHandle) -> Self {
        self.stop = handle.clone();
        self
    }
}

/// Why a wait for an event returned nothing; see [`Idle::end_reason`](crate::command::Idle::end_reason) and
/// [`Notifications::end_reason`](crate::command::Notifications::end_reason).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum IdleEnd {
    /// The [`StopHandle`] was used.
    Stopped,
    /// Another thread waits for the lock, and [`yield_to_waiters`](IdleOptions::yield_to_waiters) is on. No later
    /// wait returns an event: drop the guard, and lock again to go on.
    Yielded,
    /// The time of this wait is over. The IDLE goes on: the next wait hears what came meanwhile.
    Deadline,
    /// The server ended the IDLE by itself.
    Server,
    /// An error, which was returned.
    Failed,
}

/// Ends an IDLE from any thread; its clones are the same handle.
///
/// What it stops stays stopped: an IDLE that is begun with a handle that has been used ends before
/// it has sent anything. So nothing is missed by stopping too early.
///
/// ```
#[doc = include_str!("doc/session.txt")]
/// use latchbox::command::IdleEnd;
///
/// let mut inbox = session.lock_mailbox("INBOX")?;
/// let mut idle = inbox.idle()?;
/// let stop = idle.stop_handle();
/// std::thread::spawn(move || stop.stop());
/// while let Some(event) = idle.next()? {
///     println!("{event}");
/// }
/// assert_eq!(idle.end_reason(), Some(IdleEnd::Stopped));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct StopHandle(Arc<Stop>);

#[derive(Debug, Default)]
struct Stop {
    is_stopped: AtomicBool,
    /// Those who wait now, and some who no longer do.
    bells: Mutex<Vec<Weak<Waker>>>,
}

impl StopHandle {
    /// A handle for [`IdleOptions::stop_handle`], when it has to exist before the IDLE does.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Ends every IDLE that was begun with this handle, now and later. Does not wait for its end.
    pub fn stop(&self) {
        self.0.is_stopped.store(true, Ordering::SeqCst);
        for bell in self.bells().iter().filter_map(Weak::upgrade) {
            bell.ring();
        }
    }

    /// Whether it has been used.
    #[must_use]
    pub fn is_stopped(&self) -> bool {
        self.0.is_stopped.load(Ordering::SeqCst)
    }

    /// Rings this bell too; whoever waits by it looks at [`is_stopped`](Self::is_stopped) after
    /// this call and before each wait.
    pub(crate) fn rings(&self, bell: &Arc<Waker>) {
        let mut bells = self.bells();
        bells.retain(|bell| bell.strong_count() > 0);
        bells.push(Arc::downgrade(bell));
    }

    /// A panic of another thread leaves nothing half done here.
    fn bells(&self) -> MutexGuard<'_, Vec<Weak<Waker>>> {
        self.0.bells.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
