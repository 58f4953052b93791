//! An answer that cannot be read.

use std::fmt;

use crate::limits::LimitExceeded;
use crate::types::uid::SeqNum;

/// The most octets of a response that the error's text shows.
const SHOWN: usize = 120;

/// The answer to a command cannot be read, so nothing of it is returned.
///
/// Of messages and downloads, all that could be read was returned before. The connection is usable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unparsable {
    pub(crate) command: &'static str,
    pub(crate) limit: Option<LimitExceeded>,
    pub(crate) octets: Box<[u8]>,
    pub(crate) is_ambiguous: bool,
    pub(crate) seq: Option<SeqNum>,
}

/// The most octets of a response that an error keeps.
const MOST: usize = 64 * 1024;

impl Unparsable {
    pub(crate) fn new(command: &'static str) -> Self {
        Self {
            command,
            limit: None,
            octets: Box::default(),
            is_ambiguous: false,
            seq: None,
        }
    }

    /// This response cannot be read.
    pub(crate) fn of(command: &'static str, octets: &[u8]) -> Self {
        Self {
            octets: octets.get(..MOST).unwrap_or(octets).into(),
            ..Self::new(command)
        }
    }

    /// The command.
    #[must_use]
    pub fn command(&self) -> &'static str {
        self.command
    }

    /// The limit that the answer exceeded; `None` if it cannot be read for another reason.
    #[must_use]
    pub fn limit(&self) -> Option<LimitExceeded> {
        self.limit
    }

    /// The response that cannot be read, as the server sent it; empty if it was not kept.
    #[must_use]
    pub fn octets(&self) -> &[u8] {
        &self.octets
    }

    /// The sequence number of a FETCH response without a usable UID; `None` for other responses.
    #[must_use]
    pub fn seq(&self) -> Option<SeqNum> {
        self.seq
    }

    /// Whether the response can be read, but not matched to a command.
    ///
    /// It names no command, and several that it could answer were in flight.
    #[must_use]
    pub fn is_ambiguous(&self) -> bool {
        self.is_ambiguous
    }
}

impl fmt::Display for Unparsable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_ambiguous {
            return write!(
                f,
                "{}: the server's answer does not name its command, and several were in flight",
                self.command
            );
        }
        write!(f, "{}: the server's answer cannot be read", self.command)?;
        if let Some(seq) = self.seq {
            write!(f, ", of message {seq} without a usable UID")?;
        }
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
