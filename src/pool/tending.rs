//! Closing the connections of a pool that are idle or old.

use std::sync::TryLockError;
use std::time::{Duration, Instant};

use crate::connection::Connection;
use crate::pool::connections::Pool;

impl Pool {
    /// Closes the connections that are idle for [`idle_timeout`](crate::pool::PoolOptions::idle_timeout)
    /// or older than [`max_age`](crate::pool::PoolOptions::max_age); returns their number.
    ///
    /// Sends LOGOUT to each, never CLOSE, and skips those that are held. Locks do this by themselves
    /// from time to time, so it is needed only in a program that stops using the pool for a while.
    /// Draining an abandoned answer and LOGOUT together take the
    /// [`logout_timeout`](crate::ClientBuilder::logout_timeout) at most for each.
    ///
    /// ```
    #[doc = include_str!("../doc/pool.txt")]
    /// # use std::time::Duration;
    /// # use latchbox::pool::PoolOptions;
    /// # let options = PoolOptions::new().idle_timeout(Duration::ZERO);
    /// # let pool = latchbox::Pool::with_options(account, options);
    /// drop(pool.lock_mailbox("INBOX")?);
    /// pool.tend(); // from a timer of the program, say
    /// assert_eq!(pool.state().connections(), 0); // it was idle for long
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn tend(&self) -> usize {
        if let Ok(mut last) = self.last_tended.lock() {
            *last = Instant::now();
        }
        self.retire(|connection| {
            let is_idle = self.is_idle_for_long(connection);
            let is_old = self.is_old(connection).then_some("old");
            is_idle.then_some("idle").or(is_old)
        })
    }

    /// Sends LOGOUT (RFC 9051 section 6.1.3) on each connection that is not held, and closes the
    /// pool.
    ///
    /// A connection that an owned guard holds is closed when the guard is dropped, without LOGOUT.
    /// Each LOGOUT takes the [`logout_timeout`](crate::ClientBuilder::logout_timeout) at most. No
    /// connection is made for it, and no answer of the server is an error.
    #[doc(alias = "LOGOUT")]
    pub fn logout(self) {
        self.retire(|_| Some("logout"));
        self.lock.close();
    }

    /// Tends the pool if the last time was long ago, for a lock.
    pub(super) fn tend_from_time_to_time(&self) {
        let due = match self.last_tended.try_lock() {
            Ok(last) => last.elapsed() >= self.options.idle_timeout / 2,
            Err(TryLockError::Poisoned(_)) => true,
            Err(TryLockError::WouldBlock) => false,
        };
        if due {
            self.tend();
        }
    }

    /// Closes the free connections for which there is a reason; returns their number.
    fn retire(&self, reason: impl Fn(&Connection) -> Option<&'static str>) -> usize {
        let mut count = 0;
        for slot in 0..self.slots.len() {
            let Some(turn) = self.lock.take_free(slot) else {
                continue;
            };
            let Some(mut connection) = turn.value() else {
                continue;
            };
            if !connection.is_open() {
                continue;
            }
            if let Some(reason) = reason(&connection) {
                log::debug!("pool: connection retired: {reason}");
                connection.log_out();
                count += 1;
            }
        }
        count
    }

    fn is_idle_for_long(&self, connection: &Connection) -> bool {
        // A watch listens on it.
        !connection.is_idling() && unused_for(connection) >= self.options.idle_timeout
    }

    pub(super) fn is_old(&self, connection: &Connection) -> bool {
        let began = connection.meter().traffic().began();
        began.elapsed() >= self.options.max_age
    }
}

/// The time since something was last sent.
pub(super) fn unused_for(connection: &Connection) -> Duration {
    let traffic = connection.meter().traffic();
    let last = traffic.last(&traffic.sent);
    last.unwrap_or_else(|| traffic.began()).elapsed()
}
