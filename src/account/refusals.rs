//! The login that the server refused last, so that the same credentials are not sent again.

use std::collections::VecDeque;
use std::fmt;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::error::{Error, Result};

/// Remembers a refusal, and of the credentials only a digest under a random key.
#[derive(Default)]
pub(super) struct Refusals {
    key: RandomState,
    last: Mutex<Option<Refusal>>,
}

/// The most refused credentials that are remembered: a provider may alternate between a few.
const MOST: usize = 16;

struct Refusal {
    /// The digests of what was refused, the newest first.
    of: VecDeque<Digest>,
    error: Error,
}

/// A value that distinguishes credentials.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Digest(u64);

impl Refusals {
    /// The refusal of the login that was tried last, if it was refused.
    pub(super) fn last(&self) -> Option<Error> {
        self.locked().as_ref()?.error.refused_credentials()
    }

    /// The error of the refusal, if these are credentials that were refused.
    pub(super) fn check(&self, digest: Digest) -> Result<()> {
        let refusal = self.locked();
        let refused = refusal
            .as_ref()
            .filter(|refusal| refusal.of.contains(&digest));
        match refused.and_then(|refusal| refusal.error.refused_credentials()) {
            Some(error) => Err(error),
            None => Ok(()),
        }
    }

    /// Records the outcome of the login with these credentials.
    pub(super) fn note<T>(&self, digest: Digest, outcome: &Result<T>) {
        let mut last = self.locked();
        match outcome.as_ref().map_err(Error::refused_credentials) {
            Ok(_) => *last = None,
            Err(None) => {}
            Err(Some(error)) => {
                let mut of = last.take().map(|last| last.of).unwrap_or_default();
                of.truncate(MOST - 1);
                of.push_front(digest);
                *last = Some(Refusal { of, error });
            }
        }
    }

    pub(super) fn forget(&self) {
        *self.locked() = None;
    }

    /// The digest of what is written. That can be code of a caller's mechanism, so nothing is
    /// locked meanwhile.
    pub(super) fn digest(&self, write: impl FnOnce(&mut dyn Hasher)) -> Digest {
        let mut hasher = self.key.build_hasher();
        write(&mut hasher);
        Digest(hasher.finish())
    }

    /// A panic of another thread leaves the memory consistent.
    fn locked(&self) -> MutexGuard<'_, Option<Refusal>> {
        self.last.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Refusals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Refusals").finish_non_exhaustive()
    }
}
