//! An answer that came and cannot be read.

use std::fmt;

use crate::limits::LimitExceeded;

/// The answer that a command is for came and cannot be read, so nothing of it is given. The
/// connection is in step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unreadable {
    pub(crate) command: &'static str,
    pub(crate) limit: Option<LimitExceeded>,
}

impl Unreadable {
    /// The command.
    #[must_use]
    pub fn command(&self) -> &'static str {
        self.command
    }

    /// The limit that the answer went beyond, where that is why.
    #[must_use]
    pub fn limit(&self) -> Option<LimitExceeded> {
        self.limit
    }
}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: the server's answer cannot be read", self.command)?;
        self.limit.map_or(Ok(()), |limit| write!(f, ": {limit}"))
    }
}
