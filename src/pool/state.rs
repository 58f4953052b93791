//! The state of a pool at one moment.

use std::fmt;

use crate::error::lock::Holder;
use crate::lock::opening::Openness;

/// The state of a pool at one moment: see [`Pool::state`](crate::Pool::state).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PoolState {
    holders: Vec<Holder>,
    waiting: usize,
    openness: Openness,
    max_connections: usize,
}

impl PoolState {
    pub(super) fn new(
        holders: Vec<Holder>,
        waiting: usize,
        openness: Openness,
        max_connections: usize,
    ) -> Self {
        Self {
            holders,
            waiting,
            openness,
            max_connections,
        }
    }

    /// The threads that hold a connection, with mailbox, label and hold time.
    #[must_use]
    pub fn holders(&self) -> &[Holder] {
        &self.holders
    }

    /// The number of waiters.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.waiting
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
}

/// One line: `2 of 3 connections, 1 waiting; held by thread "main", mailbox INBOX, for 3s`.
impl fmt::Display for PoolState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (open, most) = (self.openness.open, self.max_connections);
        write!(f, "{open} of {most} connections")?;
        if let Some(limit) = self.learned_limit() {
            write!(f, " (the server allows {limit})")?;
        }
        if self.openness.is_opening {
            f.write_str(", connecting")?;
        }
        write!(f, ", {} waiting", self.waiting)?;
        let mut between = "; held by ";
        for holder in &self.holders {
            write!(f, "{between}{holder}")?;
            between = ", and ";
        }
        Ok(())
    }
}
