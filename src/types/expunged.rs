//! The result of EXPUNGE.

use crate::types::uid::SeqNum;
use crate::types::uid_set::UidSet;
use std::fmt;

/// The messages that were removed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Expunged {
    pub(crate) sequence_numbers: Vec<SeqNum>,
    pub(crate) vanished: UidSet,
}

/// The behavior if the server cannot expunge selected messages only (no UIDPLUS).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum WithoutUidPlus {
    /// An error.
    #[default]
    Refuse,
    /// The other messages lose `\Deleted` during an EXPUNGE.
    UnflagOthers,
}

/// The messages to remove, and what to do if the server lacks UIDPLUS.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Chosen<'u> {
    pub(crate) uids: &'u UidSet,
    pub(crate) fallback: WithoutUidPlus,
}

impl<'u> Chosen<'u> {
    pub(crate) const fn new(uids: &'u UidSet) -> Self {
        Self {
            uids,
            fallback: WithoutUidPlus::Refuse,
        }
    }

    pub(crate) const fn unflag_others(mut self) -> Self {
        self.fallback = WithoutUidPlus::UnflagOthers;
        self
    }
}

impl Expunged {
    /// The number of removed messages.
    #[must_use]
    pub fn count(&self) -> u64 {
        let numbered = u64::try_from(self.sequence_numbers.len()).unwrap_or(u64::MAX);
        numbered + self.vanished.len()
    }

    /// The removed sequence numbers, in the server's order.
    ///
    /// Each is counted after the removals before it.
    #[must_use]
    pub fn sequence_numbers(&self) -> &[SeqNum] {
        &self.sequence_numbers
    }

    /// The removed UIDs, if the server reports them instead of sequence numbers (QRESYNC).
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
