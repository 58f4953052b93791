//! What EXPUNGE did.

use crate::types::uid::SeqNum;
use crate::types::uid_set::UidSet;
use std::fmt;

/// What was removed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Expunged {
    pub(crate) sequence_numbers: Vec<SeqNum>,
    pub(crate) vanished: UidSet,
}

/// What is done where the server cannot remove just some messages (no UIDPLUS).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum WithoutUidPlus {
    /// Nothing: it is an error.
    #[default]
    Refuse,
    /// The others lose `\Deleted` for the time of an EXPUNGE.
    UnflagOthers,
}

impl Expunged {
    /// How many messages are gone.
    #[must_use]
    pub fn count(&self) -> u64 {
        let numbered = u64::try_from(self.sequence_numbers.len()).unwrap_or(u64::MAX);
        numbered + self.vanished.len()
    }

    /// The places that were removed, in the order in which the server told them: each is counted
    /// when those before it are already gone.
    #[must_use]
    pub fn sequence_numbers(&self) -> &[SeqNum] {
        &self.sequence_numbers
    }

    /// The UIDs that were removed, from a server that tells those instead (QRESYNC).
    #[must_use]
    pub fn vanished(&self) -> &UidSet {
        &self.vanished
    }
}

impl fmt::Display for Expunged {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.count() {
            1 => f.write_str("1 message removed"),
            count => write!(f, "{count} messages removed"),
        }
    }
}
