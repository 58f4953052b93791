//! The options of a pool.

use std::time::Duration;

/// The most connections that an option can allow: beyond that the option is a mistake.
const MOST: usize = 1024;

/// The options of a [`Pool`](crate::Pool).
///
/// ```
/// use std::time::Duration;
/// use latchbox::pool::PoolOptions;
///
/// let options = PoolOptions::new().max_connections(5).idle_timeout(Duration::from_secs(120));
/// ```
#[derive(Clone, Copy, Debug)]
pub struct PoolOptions {
    pub(super) max_connections: usize,
    pub(super) idle_timeout: Duration,
    pub(super) max_age: Duration,
    pub(super) check_after: Duration,
    pub(super) retry_limit_after: Duration,
    pub(super) several_writers: bool,
}

impl Default for PoolOptions {
    fn default() -> Self {
        Self {
            max_connections: 3,
            idle_timeout: Duration::from_secs(5 * 60),
            max_age: Duration::from_secs(24 * 60 * 60),
            check_after: Duration::from_secs(60),
            retry_limit_after: Duration::from_secs(10 * 60),
            several_writers: false,
        }
    }
}

impl PoolOptions {
    /// The defaults.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The most connections; 3 by default, at least 1 and at most 1024.
    ///
    /// Servers allow 10 to 20 connections of a user, for all programs and devices together.
    #[must_use]
    pub fn max_connections(mut self, count: usize) -> Self {
        self.max_connections = count.clamp(1, MOST);
        self
    }

    /// The time after which an unused connection is closed; 5 minutes by default.
    ///
    /// It is closed with LOGOUT at the next lock, or by [`tend`](crate::Pool::tend). Nothing is
    /// expunged.
    #[must_use]
    pub fn idle_timeout(mut self, timeout: Duration) -> Self {
        self.idle_timeout = timeout;
        self
    }

    /// The age at which a connection is closed, once no guard holds it; 24 hours by default.
    #[must_use]
    pub fn max_age(mut self, age: Duration) -> Self {
        self.max_age = age;
        self
    }

    /// The time after which an unused connection is checked by NOOP before it is used; 60 seconds
    /// by default.
    ///
    /// A connection that does not answer within 10 seconds is replaced. A connection whose end has
    /// already been received is replaced without this.
    #[must_use]
    pub fn check_after(mut self, idle: Duration) -> Self {
        self.check_after = idle;
        self
    }

    /// The time for which the pool keeps to the number of connections that the server has allowed,
    /// before it tries one more; 10 minutes by default.
    #[must_use]
    pub fn retry_limit_after(mut self, time: Duration) -> Self {
        self.retry_limit_after = time;
        self
    }

    /// Lets several guards hold one mailbox at once, also if some are read-write; `false` by
    /// default.
    ///
    /// Each then has a connection of its own, and sees the changes of the others as those of another
    /// program.
    #[must_use]
    pub fn allow_several_writers(mut self, allow: bool) -> Self {
        self.several_writers = allow;
        self
    }
}
