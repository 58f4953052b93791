//! The login that the server refused last, so that the same credentials are not sent again.

use std::collections::VecDeque;
use std::fmt;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::account::Credentials;
use crate::error::{Error, Result};

/// Remembers a refusal, and of the credentials only a digest under a random key.
#[derive(Default)]
pub(super) struct Refusals {
    key: RandomState,
    last: Mutex<Option<Refusal>>,
}

/// How many refused credentials are told from new ones: a provider may go round a few.
const MOST: usize = 16;

struct Refusal {
    /// The digests of what was refused, the newest first.
    of: VecDeque<Digest>,
    error: Error,
}

/// What tells credentials from others.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Digest(u64);

impl Refusals {
    /// Why the server refused the login that was tried last, if it did.
    pub(super) fn last(&self) -> Option<Error> {
        self.locked().as_ref()?.error.refused_credentials()
    }

    /// The digest of credentials, unless they are those that were refused.
    pub(super) fn check(&self, credentials: &Credentials) -> Result<Digest> {
        let digest = self.digest(credentials);
        let refusal = self.locked();
        let refused = refusal
            .as_ref()
            .filter(|refusal| refusal.of.contains(&digest));
        match refused.and_then(|refusal| refusal.error.refused_credentials()) {
            Some(error) => Err(error),
            None => Ok(digest),
        }
    }

    /// Takes note of how the login with these credentials ended.
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

    /// Runs code of a caller's mechanism, so nothing is locked meanwhile.
    fn digest(&self, credentials: &Credentials) -> Digest {
        let mut hasher = self.key.build_hasher();
        credentials.fingerprint(&mut hasher);
        Digest(hasher.finish())
    }

    /// A panic of another thread leaves nothing half done here.
    fn locked(&self) -> MutexGuard<'_, Option<Refusal>> {
        self.last.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Refusals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Refusals").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sasl::choice::Choice;
    use crate::sasl::mechanism::Mechanism;
    use crate::sasl::mechanism_error::MechanismError;
    use crate::sasl::method::Method;
    use crate::sasl::plain::Plain;
    use crate::sasl::secret::Secret;
    use crate::sasl::xoauth2::XOAuth2;

    /// A mechanism that does not say what it logs in with.
    struct Own;

    impl Mechanism for Own {
        fn name(&self) -> &'static str {
            "X-OWN"
        }

        fn shows_secret(&self) -> bool {
            true
        }

        fn initial(&mut self) -> std::result::Result<Option<Secret>, MechanismError> {
            Ok(None)
        }

        fn step(&mut self, _: &[u8]) -> std::result::Result<Secret, MechanismError> {
            Ok("".into())
        }
    }

    #[test]
    fn fault_09_credentials_are_told_apart_by_all_that_they_log_in_with() {
        let refusals = Refusals::default();
        let given: [fn() -> Credentials; 16] = [
            || Credentials::login("jane", "one"),
            || Credentials::login("jane", "two"),
            || Credentials::login("janeo", "ne"),
            || Credentials::login("joe", "one"),
            || Credentials::strongest("jane", "one"),
            || Credentials::strongest("jane", "two"),
            || Choice::password("jane", "one").acting_as("joe").into(),
            || Choice::password("jane", "one").only([Method::Plain]).into(),
            || Choice::password("jane", "one").bar([Method::Plain]).into(),
            || {
                Choice::password("jane", "one")
                    .at_least(Method::Plain)
                    .into()
            },
            || Credentials::token("jane", "one"),
            || Credentials::sasl(Plain::new("jane", "one")),
            || Credentials::sasl(Plain::new("jane", "two")),
            || Credentials::sasl(Plain::new("jane", "one").acting_as("joe")),
            || Credentials::sasl(XOAuth2::new("jane", "one")),
            || Credentials::sasl(Own),
        ];
        for (place, one) in given.iter().enumerate() {
            for (other_place, other) in given.iter().enumerate() {
                let is_same = refusals.digest(&one()) == refusals.digest(&other());
                assert_eq!(is_same, place == other_place, "{place} and {other_place}");
            }
        }
        let elsewhere = Refusals::default();
        assert!(elsewhere.digest(&given[0]()) != refusals.digest(&given[0]()));
    }
}
