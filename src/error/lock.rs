//! Reasons why a lock was not granted, and its holders.

use std::fmt;
use std::time::Duration;

use crate::types::mailbox_name::MailboxName;

/// The reason why a lock was not granted.
///
/// A [`Session`](crate::Session) has one connection, so its lock has one holder at most.
#[derive(Debug)]
#[non_exhaustive]
pub enum LockError {
    /// This thread already holds the lock, and would wait for itself.
    HeldByThisThread {
        /// The holds of this thread.
        holders: Vec<Holder>,
    },
    /// The lock is held, and the call does not wait.
    WouldBlock {
        /// The holders of the lock.
        holders: Vec<Holder>,
    },
    /// The deadline passed before the lock was granted.
    Timeout {
        /// The time that the call waited.
        waited: Duration,
        /// The holders of the lock; empty if the deadline passed after it was granted.
        ///
        /// That is during a reconnection or the SELECT.
        holders: Vec<Holder>,
        /// The number of waiters, without this call.
        waiting: usize,
        /// The last warning of the server during the SELECT; often the reason why it took so long.
        ///
        /// It is an untagged NO or BAD, or an ALERT: at most 300 characters, escaped as in the
        /// error's text.
        warning: Option<Box<str>>,
    },
}

impl LockError {
    /// The deadline passed when the lock was granted and the mailbox was not selected yet.
    pub(crate) fn after_its_grant(waited: Duration, warning: Option<Box<str>>) -> Self {
        Self::Timeout {
            waited,
            holders: Vec::new(),
            waiting: 0,
            warning,
        }
    }
}

/// A holder of the lock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holder {
    pub(crate) thread: Option<String>,
    pub(crate) label: Option<String>,
    pub(crate) mailbox: Option<MailboxName>,
    pub(crate) held_for: Duration,
}

/// The holders of the lock at one moment, and the number of waiters.
///
/// See [`Session::lock_state`](crate::Session::lock_state).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LockState {
    pub(crate) holders: Vec<Holder>,
    pub(crate) waiting: usize,
}

impl LockState {
    /// The holders of the lock: one at most for a session; empty if the lock is free.
    #[must_use]
    pub fn holders(&self) -> &[Holder] {
        &self.holders
    }

    /// The number of waiters.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.waiting
    }
}

impl Holder {
    /// The name of the holding thread; `None` if it has none.
    #[must_use]
    pub fn thread(&self) -> Option<&str> {
        self.thread.as_deref()
    }

    /// The label of this hold; `None` if it has none.
    ///
    /// See [`LockRequest::label`](crate::LockRequest::label).
    #[must_use]
    pub fn label(&self) -> Option<&str> {
        self.label.as_deref()
    }

    /// The mailbox that it holds; `None` while a command of the session runs.
    #[must_use]
    pub fn mailbox(&self) -> Option<&MailboxName> {
        self.mailbox.as_ref()
    }

    /// The time for which it had held the lock when this was recorded.
    #[must_use]
    pub fn held_for(&self) -> Duration {
        self.held_for
    }
}

impl fmt::Display for LockError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::HeldByThisThread { holders } => {
                f.write_str("this thread holds the lock already")?;
                write_all(f, ": ", holders)?;
                f.write_str("; release the guard first")
            }
            Self::WouldBlock { holders } => {
                f.write_str("the lock is held")?;
                write_all(f, " by ", holders)
            }
            Self::Timeout {
                waited,
                holders,
                waiting,
                warning,
            } => {
                write!(f, "the lock was not granted within {waited:?}")?;
                f.write_str(" (ClientBuilder::lock_timeout, or turn_timeout for a command)")?;
                write_all(f, "; held by ", holders)?;
                if *waiting > 0 {
                    write!(f, "; {waiting} more waiting")?;
                }
                write_warning(f, warning.as_deref())
            }
        }
    }
}

/// The end of the text of a deadline's error: what the server sent while it passed.
pub(super) fn write_warning(f: &mut fmt::Formatter<'_>, warning: Option<&str>) -> fmt::Result {
    match warning {
        Some(warning) => write!(f, "; before that the server sent: {warning}"),
        None => Ok(()),
    }
}

fn write_all(f: &mut fmt::Formatter<'_>, before: &str, holders: &[Holder]) -> fmt::Result {
    let mut between = before;
    for holder in holders {
        write!(f, "{between}{holder}")?;
        between = ", and ";
    }
    Ok(())
}

impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let thread = self.thread.as_deref().unwrap_or("unnamed");
        match &self.mailbox {
            Some(mailbox) => write!(f, "thread {thread:?}, mailbox {mailbox}")?,
            None => write!(f, "thread {thread:?}, a command of the session")?,
        }
        if let Some(label) = &self.label {
            write!(f, " ({label:?})")?;
        }
        write!(f, ", for {:?}", self.held_for)
    }
}

impl fmt::Display for LockState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.holders.as_slice() {
            [] => f.write_str("the lock is free")?,
            holders => {
                f.write_str("the lock is held")?;
                write_all(f, " by ", holders)?;
            }
        }
        write!(f, "; {} waiting", self.waiting)
    }
}
