//! What other threads may do with a connection that is in use: see whether it lives, and cut it.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use crate::transport::Shutdown;

/// Shared by a session and everybody who may end it; outlives each single connection of an
/// account.
#[derive(Default)]
pub(crate) struct Lifeline {
    is_down: AtomicBool,
    end: Mutex<End>,
    ended: Condvar,
}

#[derive(Default)]
struct End {
    is_cut: bool,
    shutdown: Option<Shutdown>,
}

impl Lifeline {
    /// A connection is there; `shutdown` ends what its thread is blocked in.
    pub(crate) fn attach(&self, shutdown: Option<Shutdown>) {
        let mut end = self.lock();
        end.shutdown = shutdown;
        self.is_down.store(false, Ordering::Release);
        if end.is_cut {
            end.shut_down();
        }
    }

    /// The connection has ended: the other end is told by the system, and nobody else.
    pub(crate) fn hang_up(&self) {
        self.is_down.store(true, Ordering::Release);
        self.lock().shut_down();
    }

    /// Whether the connection is known to have ended.
    pub(crate) fn is_down(&self) -> bool {
        self.is_down.load(Ordering::Acquire)
    }

    /// Ends it for good, whatever its thread is blocked in.
    pub(crate) fn cut(&self) {
        let mut end = self.lock();
        end.is_cut = true;
        end.shut_down();
        self.ended.notify_all();
    }

    /// Whether it was cut.
    pub(crate) fn is_cut(&self) -> bool {
        self.lock().is_cut
    }

    /// Waits until a point in time, or less when it is cut.
    pub(crate) fn wait_until(&self, until: Instant) {
        let mut end = self.lock();
        while !end.is_cut {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return;
            }
            let waited = self.ended.wait_timeout(end, left);
            end = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// A panic of another holder leaves nothing half done here.
    fn lock(&self) -> MutexGuard<'_, End> {
        self.end.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl End {
    fn shut_down(&mut self) {
        if let Some(shutdown) = self.shutdown.take() {
            shutdown();
        }
    }
}

impl fmt::Debug for Lifeline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lifeline")
            .field("is_down", &self.is_down())
            .finish_non_exhaustive()
    }
}
