//! The mutex, condition, threads and clock that the lock is made of: real ones, or those of a model
//! checker.

#[cfg(not(all(test, shuttle)))]
use std::time::Instant;

#[cfg(not(all(test, shuttle)))]
pub(super) use parking_lot::{Condvar, Mutex, MutexGuard};
#[cfg(not(all(test, shuttle)))]
pub(super) use std::thread::{self, Thread, ThreadId};

#[cfg(all(test, shuttle))]
pub(super) use super::model::{Condvar, Mutex, MutexGuard, Thread, ThreadId, here, now, thread};

#[cfg(not(all(test, shuttle)))]
pub(super) fn now() -> Instant {
    Instant::now()
}

/// A number that no other living thread has; never 0.
#[cfg(not(all(test, shuttle)))]
pub(super) fn here() -> usize {
    thread_local!(static HERE: u8 = const { 0 });
    HERE.with(|here| std::ptr::from_ref(here).addr())
}
