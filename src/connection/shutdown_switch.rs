//! The control that other threads have over a connection in use: whether it is open, and a way to
//! cut it.

use std::fmt;
use std::mem;
use std::ops::Deref;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use crate::stop_handle::{Bell, StopHandle};
use crate::transport::Shutdown;

/// Shared by a session and all handles that may end it; outlives each single connection of an
/// account.
#[derive(Default)]
pub(crate) struct ShutdownSwitch {
    /// Counts beginnings and ends of connections after the first: odd while there is none.
    epoch: AtomicU64,
    is_cut: AtomicBool,
    end: Mutex<End>,
    ended: Condvar,
}

#[derive(Default)]
struct End {
    shutdown: Option<Shutdown>,
}

/// A connection's hold on a shutdown switch. A close handle may be kept for longer than the
/// connection, and must not keep its socket open.
#[derive(Default)]
pub(crate) struct Attached(Arc<ShutdownSwitch>);

/// Wakes a thread in [`ShutdownSwitch::wait_until`] whose stop handle is used. Lives as long as the
/// wait, because a stop handle keeps all bells of current waits.
struct WaitBell(Arc<ShutdownSwitch>);

/// A value that identifies a connection, or the time between two.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Epoch(u64);

impl ShutdownSwitch {
    /// A connection exists; `shutdown` ends what its thread is blocked in.
    pub(crate) fn attach(self: &Arc<Self>, shutdown: Option<Shutdown>) -> Attached {
        self.keep(shutdown);
        if self.epoch().is_down() {
            self.epoch.fetch_add(1, Ordering::Release);
        }
        Attached(Arc::clone(self))
    }

    /// A connection is being made; `shutdown` ends that, too.
    pub(crate) fn keep(&self, shutdown: Option<Shutdown>) {
        let before = mem::replace(&mut self.lock().shutdown, shutdown);
        drop(before);
        if self.is_cut() {
            self.shut_down();
        }
    }

    /// The socket belongs to another session, or to none.
    pub(crate) fn let_go(&self) {
        let before = self.lock().shutdown.take();
        drop(before);
    }

    /// The function that shuts a stream down may be the caller's code, as may be what it holds: it
    /// is called, and dropped, with nothing locked.
    fn shut_down(&self) {
        let shutdown = self.lock().shutdown.take();
        if let Some(shutdown) = shutdown {
            shutdown();
        }
    }

    /// The connection has ended: only the system reports that to the other end.
    pub(crate) fn hang_up(&self) {
        if !self.epoch().is_down() {
            self.epoch.fetch_add(1, Ordering::Release);
        }
        self.shut_down();
    }

    /// The current connection, or that there is none as far as is known.
    pub(crate) fn epoch(&self) -> Epoch {
        Epoch(self.epoch.load(Ordering::Acquire))
    }

    /// Cuts it permanently, whatever its thread is blocked in.
    pub(crate) fn cut(&self) {
        let end = self.lock();
        self.is_cut.store(true, Ordering::Release);
        self.ended.notify_all();
        drop(end);
        self.shut_down();
    }

    /// Whether it was cut.
    pub(crate) fn is_cut(&self) -> bool {
        self.is_cut.load(Ordering::Acquire)
    }

    /// Waits until an instant, until it is cut, or until the handle is used.
    pub(crate) fn wait_until(self: &Arc<Self>, until: Instant, stop: Option<&StopHandle>) {
        let _bell = stop.map(|stop| {
            let bell = Arc::new(WaitBell(Arc::clone(self)));
            stop.rings(&bell);
            bell
        });
        let mut end = self.lock();
        while !self.is_cut() && !stop.is_some_and(StopHandle::is_stopped) {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return;
            }
            let waited = self.ended.wait_timeout(end, left);
            end = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// A panic of another thread leaves the state consistent.
    fn lock(&self) -> MutexGuard<'_, End> {
        self.end.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Bell for WaitBell {
    fn ring(&self) {
        // The waiter has checked the handle before it released this mutex, or checks it after this.
        let _end = self.0.lock();
        self.0.ended.notify_all();
    }
}

impl Epoch {
    /// Whether there was no connection.
    pub(crate) fn is_down(self) -> bool {
        self.0 % 2 == 1
    }
}

impl Deref for Attached {
    type Target = Arc<ShutdownSwitch>;

    fn deref(&self) -> &Arc<ShutdownSwitch> {
        &self.0
    }
}

impl Drop for Attached {
    fn drop(&mut self) {
        self.0.let_go();
    }
}

impl fmt::Debug for ShutdownSwitch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ShutdownSwitch")
            .field("epoch", &self.epoch())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::thread;
    use std::time::Duration;

    use super::*;

    /// Each wait has a bell of its own, which is dropped with it.
    #[test]
    fn a_stop_handle_ends_the_waits_that_have_it() {
        let switch = &Arc::<ShutdownSwitch>::default();
        let (stop, other) = (StopHandle::new(), StopHandle::new());
        let began = Instant::now();
        let minute = began + Duration::from_secs(60);
        thread::scope(|scope| {
            let waiting = [Some(&stop), Some(&stop), Some(&other), None]
                .map(|stop| scope.spawn(move || switch.wait_until(minute, stop)));
            while stop.bells_in_use() < 2 || other.bells_in_use() < 1 {
                thread::yield_now();
            }
            stop.stop();
            let [first, second, patient, deaf] = waiting;
            first.join().unwrap();
            second.join().unwrap();
            assert!(!patient.is_finished() && !deaf.is_finished());
            assert_eq!((stop.bells_in_use(), other.bells_in_use()), (0, 1));
            switch.wait_until(minute, Some(&stop));
            switch.cut();
        });
        assert!(began.elapsed() < Duration::from_secs(50));
    }
}
