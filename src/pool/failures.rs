//! The last failure to make a connection, which is the error of all threads that waited for one.

use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::error::Error;

#[derive(Default)]
pub(super) struct Failures(Mutex<Last>);

#[derive(Default)]
struct Last {
    count: u64,
    /// `None` once a connection was made.
    error: Option<Error>,
}

impl Failures {
    /// The number of failures so far.
    pub(super) fn count(&self) -> u64 {
        self.lock().count
    }

    /// The error of an attempt that failed after `count` of them, unless one has succeeded since.
    pub(super) fn since(&self, count: u64) -> Option<Error> {
        let last = self.lock();
        last.error.as_ref().filter(|_| last.count > count)?.again()
    }

    pub(super) fn note(&self, error: &Error) {
        let Some(error) = error.again() else {
            return;
        };
        let mut last = self.lock();
        last.count += 1;
        let before = last.error.replace(error);
        drop(last);
        drop(before);
    }

    /// A connection was made.
    pub(super) fn clear(&self) {
        let before = self.lock().error.take();
        drop(before);
    }

    /// A panic of another thread leaves the memory consistent.
    fn lock(&self) -> MutexGuard<'_, Last> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Failures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Failures").finish_non_exhaustive()
    }
}
