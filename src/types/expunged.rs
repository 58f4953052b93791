//! What EXPUNGE is asked and what it did.

use crate::types::uid::SeqNum;
use crate::types::uid_set::UidSet;
use std::fmt;

/// What was removed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Expunged {
    pub(crate) sequence_numbers: Vec<SeqNum>,
    pub(crate) vanished: UidSet,
}

/// How messages are to be removed where the server cannot remove just these.
///
/// ```
/// use latchbox::command::ExpungeOptions;
///
/// let options = ExpungeOptions::new().unflag_others();
/// # let _ = options;
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ExpungeOptions {
    pub(crate) unflag_others: bool,
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

impl ExpungeOptions {
    /// A server without UIDPLUS is not asked to remove anything.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// On a server without UIDPLUS, the other messages that are flagged `\Deleted` lose the flag
    /// for the time of an EXPUNGE, and get it back.
    ///
    /// Sends UID SEARCH, UID STORE, EXPUNGE and UID STORE, each only when the one before it
    /// succeeded, and nothing else than a UID EXPUNGE where the server has UIDPLUS. When a step
    /// fails the error tells which messages are left without the flag
    /// ([`deleted_flag_lost`](crate::error::Unfinished::deleted_flag_lost)).
    ///
    /// Another client that works in the same mailbox at that moment can still lose by it: what it
    /// flags `\Deleted` between the SEARCH and the EXPUNGE is removed, what it saves from deletion
    /// between the EXPUNGE and the last STORE is flagged again, and a client that shows the mailbox
    /// sees the messages undeleted for a moment.
    #[must_use]
    pub fn unflag_others(mut self) -> Self {
        self.unflag_others = true;
        self
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
