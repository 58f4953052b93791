//! What a watch does at a moment, for people and for tests.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use crate::sync::Way;
use crate::types::mailbox_name::MailboxName;

/// The activity of a watch at this moment; made by [`Watch::state`](crate::watch::Watch::state).
///
/// Its `Display` is a line for people, such as `listens to INBOX by IDLE; 12 others by STATUS`.
#[derive(Clone, Debug)]
pub struct WatchState {
    pub(super) activity: Activity,
    pub(super) mailboxes: usize,
    pub(super) others: Others,
    pub(super) way: Option<Way>,
    pub(super) connections: u64,
}

/// The activity of a watch.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Activity {
    /// It needs the lock: it connects, or waits until other threads have released the lock.
    Locking,
    /// It reads what has changed in this mailbox.
    Reading(MailboxName),
    /// It waits for changes; the lock is free.
    Listening {
        /// The mailbox that is selected.
        mailbox: MailboxName,
        /// Whether the server reports changes by itself (IDLE, RFC 9051 section 6.3.13); otherwise it
        /// is polled by NOOP.
        by_idle: bool,
    },
    /// It waits before it connects again.
    Disconnected {
        /// When it connects again.
        retry_at: Instant,
    },
    /// It has ended.
    Ended,
}

/// The way in which a watch notices changes of mailboxes that are not selected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Others {
    /// There are none.
    None,
    /// The server reports it by itself (NOTIFY, RFC 5465).
    Notify,
    /// It is asked for their numbers at an interval (STATUS, RFC 9051 section 6.3.11).
    Status,
}

impl WatchState {
    pub(super) fn of(activity: Activity) -> Self {
        Self {
            activity,
            mailboxes: 0,
            others: Others::None,
            way: None,
            connections: 0,
        }
    }

    /// The activity.
    #[must_use]
    pub fn activity(&self) -> &Activity {
        &self.activity
    }

    /// The number of mailboxes; of a watch of all mailboxes, those that it knows of.
    #[must_use]
    pub fn mailboxes(&self) -> usize {
        self.mailboxes
    }

    /// The way in which changes of mailboxes that are not selected are noticed.
    #[must_use]
    pub fn others(&self) -> Others {
        self.others
    }

    /// The extensions by which the last look read the changes; `None` before the first.
    #[must_use]
    pub fn way(&self) -> Option<Way> {
        self.way
    }

    /// The number of connections so far: the first, and one after each loss.
    #[must_use]
    pub fn connections(&self) -> u64 {
        self.connections
    }
}

impl fmt::Display for WatchState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.activity {
            Activity::Locking => f.write_str("connects, or waits for the lock")?,
            Activity::Reading(mailbox) => write!(f, "reads {mailbox}")?,
            Activity::Listening { mailbox, by_idle } => {
                let how = if *by_idle { "IDLE" } else { "NOOP" };
                write!(f, "listens to {mailbox} by {how}")?;
            }
            Activity::Disconnected { retry_at } => {
                let left = retry_at.saturating_duration_since(Instant::now());
                write!(f, "is disconnected, and connects in {left:.1?}")?;
            }
            Activity::Ended => return f.write_str("has ended"),
        }
        match (self.others, self.mailboxes.saturating_sub(1)) {
            (Others::None, _) => Ok(()),
            (by, 1) => write!(f, "; 1 other by {by}"),
            (by, others) => write!(f, "; {others} others by {by}"),
        }
    }
}

impl fmt::Display for Others {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::None => "none",
            Self::Notify => "NOTIFY",
            Self::Status => "STATUS",
        })
    }
}

impl fmt::Display for Activity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Locking => "locking",
            Self::Reading(_) => "reading",
            Self::Listening { .. } => "listening",
            Self::Disconnected { .. } => "disconnected",
            Self::Ended => "ended",
        })
    }
}

/// The state of a watch, which other threads read while it works.
#[derive(Clone)]
pub(super) struct SharedState(Arc<Mutex<WatchState>>);

impl SharedState {
    pub(super) fn new() -> Self {
        Self(Arc::new(Mutex::new(WatchState::of(Activity::Locking))))
    }

    pub(super) fn change(&self, change: impl FnOnce(&mut WatchState)) {
        // A panic of another thread leaves the state consistent.
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner));
    }

    pub(super) fn now(&self) -> WatchState {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}
