//! What mailboxes are for: drafts, sent mail, trash and so on (RFC 6154, RFC 8457, RFC 9979).

use std::fmt;

/// What a mailbox is for.
///
/// ```
/// use latchbox::types::SpecialUse;
///
/// assert_eq!(SpecialUse::Trash.to_string(), "\\Trash");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum SpecialUse {
    /// `\All`: every message of the account.
    All,
    /// `\Archive`: messages that are kept out of the way.
    Archive,
    /// `\Drafts`: messages that are not finished.
    Drafts,
    /// `\Flagged`: every message that has the flag.
    Flagged,
    /// `\Important`: every message that matters (RFC 8457).
    Important,
    /// `\Junk`: spam.
    Junk,
    /// `\Memos`: messages that the user wrote as notes (RFC 9979).
    Memos,
    /// `\Scheduled`: messages that are to be sent later (RFC 9979).
    Scheduled,
    /// `\Sent`: copies of what was sent.
    Sent,
    /// `\Snoozed`: messages that are to come back to the user later (RFC 9979).
    Snoozed,
    /// `\Trash`: messages that are to be deleted.
    Trash,
}

impl SpecialUse {
    /// All there are.
    pub const ALL: [Self; 11] = [
        Self::All,
        Self::Archive,
        Self::Drafts,
        Self::Flagged,
        Self::Important,
        Self::Junk,
        Self::Memos,
        Self::Scheduled,
        Self::Sent,
        Self::Snoozed,
        Self::Trash,
    ];
}

/// The wire form.
impl fmt::Display for SpecialUse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::All => "\\All",
            Self::Archive => "\\Archive",
            Self::Drafts => "\\Drafts",
            Self::Flagged => "\\Flagged",
            Self::Important => "\\Important",
            Self::Junk => "\\Junk",
            Self::Memos => "\\Memos",
            Self::Scheduled => "\\Scheduled",
            Self::Sent => "\\Sent",
            Self::Snoozed => "\\Snoozed",
            Self::Trash => "\\Trash",
        })
    }
}
