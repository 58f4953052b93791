//! The handle that stops waits, and what a guard does, between two steps.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

/// A handle that stops waits for events or the lock, and the work of a guard, from any thread.
///
/// The connection stays usable. A handle is given to
/// [`IdleOptions`](crate::command::IdleOptions::stop_handle) for one wait, or to
/// [`LockRequest`](crate::LockRequest::stop_handle) for a guard and all that is done with it; both
/// pages say where it takes effect. Its clones stop the same waits and guards.
///
/// A used handle stays used: an IDLE or a lock that begins with it ends before anything is sent. So
/// a stop that comes before the wait is not lost. To end a session and all that any thread does
/// with it at once, use a [`CloseHandle`](crate::CloseHandle).
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
#[derive(Clone, Default)]
pub struct StopHandle(Arc<Stop>);

#[derive(Default)]
struct Stop {
    is_stopped: AtomicBool,
    /// The bells of the current waits, and of some that have ended.
    bells: Mutex<Vec<Weak<dyn Bell>>>,
}

/// Wakes a thread that waits, so that it checks the handle. A ring that comes too early is not
/// lost.
pub(crate) trait Bell: Send + Sync {
    fn ring(&self);
}

impl StopHandle {
    /// Creates a handle before the wait or the lock that it stops.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Stops all waits and guards that have this handle, now and later; does not wait until they
    /// end.
    pub fn stop(&self) {
        self.0.is_stopped.store(true, Ordering::SeqCst);
        // Ringing or dropping a bell may acquire other locks.
        let bells: Vec<_> = self.bells().iter().filter_map(Weak::upgrade).collect();
        bells.iter().for_each(|bell| bell.ring());
    }

    /// Whether [`stop`](Self::stop) was called.
    #[must_use]
    pub fn is_stopped(&self) -> bool {
        self.0.is_stopped.load(Ordering::SeqCst)
    }

    /// Rings this bell too. Its owner has to read [`is_stopped`](Self::is_stopped) after this call
    /// and before each wait.
    pub(crate) fn rings(&self, bell: &Arc<impl Bell + 'static>) {
        let bell: Weak<dyn Bell> = Arc::downgrade(bell) as _;
        let mut bells = self.bells();
        bells.retain(|bell| bell.strong_count() > 0);
        bells.push(bell);
    }

    /// The number of bells whose waits have not ended.
    #[cfg(test)]
    pub(crate) fn bells_in_use(&self) -> usize {
        let bells = self.bells();
        bells.iter().filter(|bell| bell.strong_count() > 0).count()
    }

    /// A panic of another thread cannot leave the list in an inconsistent state.
    fn bells(&self) -> MutexGuard<'_, Vec<Weak<dyn Bell>>> {
        self.0.bells.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for StopHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StopHandle")
            .field("is_stopped", &self.is_stopped())
            .finish_non_exhaustive()
    }
}
