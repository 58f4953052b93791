//! Reconnecting: how a session, or a slot of a pool, gets a connection, with pauses between attempts.

use std::cell::Cell;
use std::fmt;
use std::hash::{BuildHasher, RandomState};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::connection::Connection;
use crate::connection::desired::Desired;
use crate::connection::shutdown_switch::ShutdownSwitch;
use crate::error::{CloseReason, Effect, Error, LockError, Result};
use crate::stop_handle::StopHandle;

/// The number and the pace of the attempts of a lock or command to reconnect.
///
/// The first attempt is made at once. After each failure the wait doubles, from
/// [`initial_delay`](Self::initial_delay) up to [`max_delay`](Self::max_delay), and a random part
/// of up to a half is subtracted, so that many clients do not come back at the same time. The wait
/// continues across locks and commands: one that comes right after a failure waits for the rest of
/// it. A [`StopHandle`] of the lock ends the wait. A login that the server refuses because of the
/// credentials is not tried again; see [`Account`](crate::Account). One that ends with the connection
/// and without an answer is tried once more, because it may be a refusal too.
///
/// ```
/// use std::time::Duration;
/// use latchbox::Backoff;
///
/// let backoff = Backoff::new().initial_delay(Duration::from_secs(1)).max_attempts(3);
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Backoff {
    initial_delay: Duration,
    max_delay: Duration,
    attempts: u32,
}

impl Default for Backoff {
    fn default() -> Self {
        Self {
            initial_delay: Duration::from_millis(500),
            max_delay: Duration::from_secs(60),
            attempts: 5,
        }
    }
}

impl Backoff {
    /// The defaults: half a second at first, a minute at most, five attempts for a lock or command.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The delay after the first failure; half a second by default.
    #[must_use]
    pub fn initial_delay(mut self, delay: Duration) -> Self {
        self.initial_delay = delay;
        self
    }

    /// The longest delay; a minute by default.
    #[must_use]
    pub fn max_delay(mut self, delay: Duration) -> Self {
        self.max_delay = delay;
        self
    }

    /// The most attempts of one lock or command before it fails; 5 by default, and at least 1.
    #[must_use]
    pub fn max_attempts(mut self, attempts: u32) -> Self {
        self.attempts = attempts;
        self
    }

    /// The wait after so many failures in a row.
    pub(crate) fn delay(&self, failures: u32) -> Duration {
        let doubled = 2_u32.saturating_pow(failures.saturating_sub(1));
        let whole = self
            .initial_delay
            .saturating_mul(doubled)
            .min(self.max_delay);
        let random = RandomState::new().hash_one(failures) % 1024;
        let part = u32::try_from(random).unwrap_or(0);
        whole - whole / 2 * part / 1024
    }
}

/// The most logins of one lock or command that end without an answer: a server that restarts answers
/// the second one, and one that answers a wrong password so gets it no more often.
const UNANSWERED_LOGINS: u32 = 2;

/// Makes a connection that is logged in and has the desired settings, before the deadline, unless
/// the shutdown switch is cut. Calls `begin` before it connects, and fails if that fails: `begin`
/// waits for the time of the attempt.
pub(crate) type Connect = Box<
    dyn Fn(
            &Arc<ShutdownSwitch>,
            &Desired,
            Option<Instant>,
            &dyn Fn() -> Result<()>,
        ) -> Result<Connection>
        + Send
        + Sync,
>;

/// The means by which a session makes a new connection.
pub(crate) struct Reconnector {
    connect: Connect,
    backoff: Backoff,
    /// A login that is refused because of too many connections is not tried again at once.
    ends_at_limit: bool,
    past: Mutex<Past>,
}

/// The history of the attempts so far.
#[derive(Clone, Copy, Default)]
struct Past {
    failures: u32,
    not_before: Option<Instant>,
}

impl Reconnector {
    pub(crate) fn new(connect: Connect, backoff: Backoff) -> Self {
        Self {
            connect,
            backoff,
            ends_at_limit: false,
            past: Mutex::default(),
        }
    }

    /// For a pool, which then makes do with the connections that it has.
    pub(crate) fn for_pool(connect: Connect, backoff: Backoff) -> Self {
        Self {
            ends_at_limit: true,
            ..Self::new(connect, backoff)
        }
    }

    /// Makes a new connection, in as many attempts as the backoff and the deadline allow.
    ///
    /// It is set up as the session has `desired`. A stop handle that is used ends the wait before an
    /// attempt, and an attempt in progress is completed. Only the holder of the turn calls it, so that
    /// many waiters cause one reconnection.
    pub(crate) fn reconnect(
        &self,
        shutdown_switch: &Arc<ShutdownSwitch>,
        desired: &Desired,
        deadline: Option<Instant>,
        stop: Option<&StopHandle>,
    ) -> Result<Connection> {
        let began = Instant::now();
        let mut attempts = self.backoff.attempts.max(1);
        let mut unanswered_logins = 0;
        loop {
            let has_begun = Cell::new(false);
            let begin = || {
                self.wait(shutdown_switch, deadline, stop);
                check_not_cut(shutdown_switch)?;
                if stop.is_some_and(StopHandle::is_stopped) {
                    return Err(Error::cancelled("lock", Effect::None));
                }
                if has_passed(deadline) {
                    return Err(too_late(began));
                }
                log::debug!("session reconnecting");
                has_begun.set(true);
                Ok(())
            };
            let error = match (self.connect)(shutdown_switch, desired, deadline, &begin) {
                Ok(connection) => {
                    self.set_past(Past::default());
                    return Ok(connection);
                }
                Err(error) => error,
            };
            if !has_begun.get() {
                return Err(error);
            }
            shutdown_switch.let_go();
            check_not_cut(shutdown_switch)?;
            log::debug!("reconnection failed: {error}");
            self.note_failure();
            attempts -= 1;
            unanswered_logins += u32::from(error.is_unanswered_login());
            let is_over = error.is_timeout() && has_passed(deadline);
            let is_limit = self.ends_at_limit && error.is_of_too_many_connections();
            let is_refused = error.ends_attempts() || unanswered_logins >= UNANSWERED_LOGINS;
            if attempts == 0 || is_over || is_limit || is_refused {
                return Err(error);
            }
        }
    }

    /// Waits until the next attempt may be made.
    fn wait(
        &self,
        shutdown_switch: &Arc<ShutdownSwitch>,
        deadline: Option<Instant>,
        stop: Option<&StopHandle>,
    ) {
        if let Some(not_before) = self.past().not_before {
            let until = deadline.map_or(not_before, |deadline| deadline.min(not_before));
            shutdown_switch.wait_until(until, stop);
        }
    }

    fn note_failure(&self) {
        let failures = self.past().failures.saturating_add(1);
        let not_before = Instant::now().checked_add(self.backoff.delay(failures));
        self.set_past(Past {
            failures,
            not_before,
        });
    }

    fn past(&self) -> Past {
        *self.past.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn set_past(&self, past: Past) {
        *self.past.lock().unwrap_or_else(PoisonError::into_inner) = past;
    }
}

fn check_not_cut(shutdown_switch: &ShutdownSwitch) -> Result<()> {
    let cancelled = || Error::closed("lock", Effect::None, &CloseReason::Cancelled.into());
    match shutdown_switch.is_cut() {
        true => Err(cancelled()),
        false => Ok(()),
    }
}

fn has_passed(deadline: Option<Instant>) -> bool {
    deadline.is_some_and(|deadline| Instant::now() >= deadline)
}

/// The deadline of the lock has passed, and there is no connection.
fn too_late(began: Instant) -> Error {
    Error::Lock(Box::new(LockError::after_its_grant(began.elapsed(), None)))
}

impl fmt::Debug for Reconnector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reconnector")
            .field("backoff", &self.backoff)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wait_doubles_up_to_the_longest_and_loses_at_most_a_half() {
        let backoff = Backoff::new()
            .initial_delay(Duration::from_secs(1))
            .max_delay(Duration::from_secs(10));
        for (failures, whole) in [(1, 1), (2, 2), (3, 4), (4, 8), (5, 10), (99, 10)] {
            let (delay, whole) = (backoff.delay(failures), Duration::from_secs(whole));
            assert!(
                delay <= whole && delay >= whole / 2,
                "{failures}: {delay:?}"
            );
        }
    }
}
