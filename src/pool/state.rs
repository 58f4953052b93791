//! The state of a pool at one moment.

use std::fmt;
use std::time::Duration;

use crate::error::lock::Holder;
use crate::lock::opening::Openness;
use crate::pool::waiter::Waiter;

/// The state of a pool at one moment: see [`Pool::state`](crate::Pool::state).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PoolState {
    pub(super) holders: Vec<Holder>,
    pub(super) waiters: Vec<Waiter>,
    pub(super) openness: Openness,
    pub(super) max_connections: usize,
    pub(super) retry_in: Option<Duration>,
}

impl PoolState {
    /// The threads that hold a connection, with mailbox, label and hold time.
    #[must_use]
    pub fn holders(&self) -> &[Holder] {
        &self.holders
    }

    /// The number of waiters.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.waiters.len()
    }

    /// The requests that wait for a connection, in the order of arrival.
    ///
    /// ```
    #[doc = include_str!("../doc/pool.txt")]
    /// # let options = latchbox::pool::PoolOptions::new().max_connections(1);
    /// # let pool = latchbox::Pool::with_options(account, options);
    /// let inbox = pool.lock_mailbox("INBOX")?;
    /// std::thread::scope(|scope| {
    ///     scope.spawn(|| pool.mailbox("Trash").label("clean-up").lock().map(drop));
    ///     while pool.state().waiting() == 0 {
    ///         std::thread::yield_now();
    ///     }
    ///     assert_eq!(pool.state().waiters()[0].label(), Some("clean-up"));
    ///     drop(inbox);
    /// });
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn waiters(&self) -> &[Waiter] {
        &self.waiters
    }

    /// The number of connections, without one that is being made.
    ///
    /// One that the server has closed counts until it is used again.
    #[must_use]
    pub fn connections(&self) -> usize {
        self.openness.open
    }

    /// Whether a thread is making a connection.
    #[must_use]
    pub fn is_connecting(&self) -> bool {
        self.openness.is_opening
    }

    /// The [option](crate::pool::PoolOptions::max_connections).
    #[must_use]
    pub fn max_connections(&self) -> usize {
        self.max_connections
    }

    /// The number of connections that the server has allowed, once it refused one more; `None` if
    /// it has refused none.
    #[must_use]
    pub fn learned_limit(&self) -> Option<usize> {
        let bound = self.openness.bound;
        (bound < self.max_connections).then_some(bound)
    }

    /// The time after which a lock tries one more connection than the
    /// [learned limit](Self::learned_limit), zero if the next one does; `None` without such a limit.
    ///
    /// See [`retry_limit_after`](crate::pool::PoolOptions::retry_limit_after).
    #[must_use]
    pub fn limit_retry_in(&self) -> Option<Duration> {
        self.retry_in.filter(|_| self.learned_limit().is_some())
    }
}

/// One line: `2 of 3 connections, 1 waiting; held by thread "main", mailbox INBOX, for 3s; waiting:
/// thread "worker", mailbox Trash`.
impl fmt::Display for PoolState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (open, most) = (self.openness.open, self.max_connections);
        write!(f, "{open} of {most} connections")?;
        if let Some(limit) = self.learned_limit() {
            write!(f, " (the server allows {limit}")?;
            match self.limit_retry_in().map(|time| time.as_secs()) {
                Some(0) => f.write_str("; the next lock may try one more")?,
                Some(seconds) => write!(f, "; one more is tried in {seconds}s")?,
                None => {}
            }
            f.write_str(")")?;
        }
        if self.openness.is_opening {
            f.write_str(", connecting")?;
        }
        write!(f, ", {} waiting", self.waiters.len())?;
        write_all(f, "; held by ", &self.holders)?;
        write_all(f, "; waiting: ", &self.waiters)
    }
}

fn write_all<T: fmt::Display>(
    f: &mut fmt::Formatter<'_>,
    before: &str,
    items: &[T],
) -> fmt::Result {
    let mut between = before;
    for item in items {
        write!(f, "{between}{item}")?;
        between = ", and ";
    }
    Ok(())
}
