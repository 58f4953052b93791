//! The error of a text that is not a stored checkpoint.

use std::error::Error;
use std::fmt;

/// An error: a text is not a checkpoint that this version can read.
///
/// If it is [damaged](Self::is_damaged), begin without a checkpoint, as at the first sync. If it is
/// [newer](Self::is_newer), a later version of this crate wrote it: keep it for that version. If it is of
/// [another kind](Self::is_other_kind), it is something else that was stored, such as the checkpoint of an
/// account in place of that of a mailbox.
///
/// `Display` shows no part of the text except the kind of another valid line.
///
/// ```
/// use latchbox::sync::AccountCheckpoint;
///
/// let error = "account-checkpoint/1;acc".parse::<AccountCheckpoint>().unwrap_err();
/// assert!(error.is_damaged());
/// assert_eq!(error.newer_version(), None);
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct InvalidCheckpoint {
    reason: Reason,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Reason {
    Damaged { part: &'static str, length: usize },
    Newer { version: u32, newest_known: u32 },
    OtherKind { wanted: Box<str>, found: Box<str> },
}

impl InvalidCheckpoint {
    /// A part of the text is invalid, absent, or does not belong there.
    pub(crate) fn damaged(part: &'static str, text: &str) -> Self {
        let length = text.len();
        Self {
            reason: Reason::Damaged { part, length },
        }
    }

    pub(crate) fn newer(version: u32, newest_known: u32) -> Self {
        Self {
            reason: Reason::Newer {
                version,
                newest_known,
            },
        }
    }

    /// Both kinds are short and printable.
    pub(crate) fn other_kind(wanted: &str, found: &str) -> Self {
        Self {
            reason: Reason::OtherKind {
                wanted: wanted.into(),
                found: found.into(),
            },
        }
    }

    /// Whether the text is damaged, or was never a checkpoint.
    #[must_use]
    pub fn is_damaged(&self) -> bool {
        matches!(self.reason, Reason::Damaged { .. })
    }

    /// Whether a later version of this crate wrote the text.
    #[must_use]
    pub fn is_newer(&self) -> bool {
        self.newer_version().is_some()
    }

    /// The version of a text that a later version of this crate wrote; `None` for other errors.
    #[must_use]
    pub fn newer_version(&self) -> Option<u32> {
        match self.reason {
            Reason::Newer { version, .. } => Some(version),
            _ => None,
        }
    }

    /// Whether the text is intact, and is a stored value of another kind.
    #[must_use]
    pub fn is_other_kind(&self) -> bool {
        matches!(self.reason, Reason::OtherKind { .. })
    }
}

impl fmt::Display for InvalidCheckpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.reason {
            Reason::Damaged { part, length } => {
                write!(f, "the checkpoint of {length} octets is damaged: {part}")
            }
            Reason::Newer {
                version,
                newest_known,
            } => write!(
                f,
                "the checkpoint has version {version}, and the newest known is {newest_known}"
            ),
            Reason::OtherKind { wanted, found } => {
                write!(f, "the text is a `{found}`, not a `{wanted}`")
            }
        }
    }
}

/// The text too: `main` prints an error by it.
impl fmt::Debug for InvalidCheckpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Error for InvalidCheckpoint {}
