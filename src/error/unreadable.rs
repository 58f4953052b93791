//! An answer that came and cannot be read.

use std::fmt;

use crate::limits::LimitExceeded;

/// The most octets of a response that the error's text shows.
const SHOWN: usize = 120;

/// The answer that a command is for came and cannot be read, so nothing of it is given. The
/// connection is in step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreadable {
    pub(crate) command: &'static str,
    pub(crate) limit: Option<LimitExceeded>,
    pub(crate) octets: Box<[u8]>,
    pub(crate) is_ambiguous: bool,
}

impl Unreadable {
    pub(crate) fn new(command: &'static str) -> Self {
        Self {
            command,
            limit: None,
            octets: Box::default(),
            is_ambiguous: false,
        }
    }

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

    /// The response that cannot be read, as the server sent it; empty if it was not kept.
    #[must_use]
    pub fn octets(&self) -> &[u8] {
        &self.octets
    }

    /// Whether the response can be read, but not matched to a command: it does not name one, and
    /// several that it could answer were in flight.
    #[must_use]
    pub fn is_ambiguous(&self) -> bool {
        self.is_ambiguous
    }
}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_ambiguous {
            return write!(
                f,
                "{}: the server's answer does not name its command, and several were in flight",
                self.command
            );
        }
        write!(f, "{}: the server's answer cannot be read", self.command)?;
        if let Some(limit) = self.limit {
            write!(f, ": {limit}")?;
        }
        match self.octets.get(..SHOWN) {
            _ if self.octets.is_empty() => Ok(()),
            Some(start) => write!(f, ": {}...", start.escape_ascii()),
            None => write!(f, ": {}", self.octets.trim_ascii_end().escape_ascii()),
        }
    }
}
