//! Why a lock was not granted, and who holds it.

use std::fmt;
use std::time::Duration;

use crate::types::mailbox_name::MailboxName;

/// Why a lock was not granted.
#[derive(Debug)]
#[non_exhaustive]
pub enum LockError {
    /// This thread holds the lock already, and would wait for itself.
    HeldByThisThread {
        /// What it holds.
        holder: Holder,
    },
    /// Another holds the lock, and the call was told not to wait.
    WouldBlock {
        /// Who has it.
        holder: Option<Holder>,
    },
    /// The time was over before the turn came.
    Timeout {
        /// How long was waited.
        waited: Duration,
        /// Who has it.
        holder: Option<Holder>,
        /// How many were waiting, this call not counted.
        waiting: usize,
    },
}

/// Who holds the lock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holder {
    pub(crate) thread: Option<String>,
    pub(crate) label: Option<String>,
    pub(crate) mailbox: Option<MailboxName>,
    pub(crate) held_for: Duration,
}

/// Who holds the lock now, and how many wait for it; see
/// [`Session::lock_state`](crate::Session::lock_state).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LockState {
    pub(crate) holder: Option<Holder>,
    pub(crate) waiting: usize,
}

impl LockState {
    /// Who holds the lock; nobody when it is free.
    #[must_use]
    pub fn holder(&self) -> Option<&Holder> {
        self.holder.as_ref()
    }

    /// How many wait for it.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.waiting
    }
}

impl Holder {
    /// The name of the holding thread, where it has one.
    #[must_use]
    pub fn thread(&self) -> Option<&str> {
        self.thread.as_deref()
    }

    /// What the holder called this hold, where it did; see
    /// [`LockOptions::label`](crate::LockOptions::label).
    #[must_use]
    pub fn label(&self) -> Option<&str> {
        self.label.as_deref()
    }

    /// The mailbox it holds; none while a command of the session runs.
    #[must_use]
    pub fn mailbox(&self) -> Option<&MailboxName> {
        self.mailbox.as_ref()
    }

    /// How long it had held the lock when this was written.
    #[must_use]
    pub fn held_for(&self) -> Duration {
        self.held_for
    }
}

impl fmt::Display for LockError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::HeldByThisThread { holder } => {
                write!(f, "this thread holds the lock already: {holder}")
            }
            Self::WouldBlock {
                holder: Some(holder),
            } => write!(f, "the lock is taken: {holder}"),
            Self::WouldBlock { holder: None } => f.write_str("the lock is taken"),
            Self::Timeout {
                waited,
                holder,
                waiting,
            } => {
                write!(f, "the lock was not free within {waited:?}")?;
                if let Some(holder) = holder {
                    write!(f, "; it is held by {holder}")?;
                }
                if *waiting > 0 {
                    write!(f, "; {waiting} more wait")?;
                }
                Ok(())
            }
        }
    }
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
