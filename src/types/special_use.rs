//! The special uses of mailboxes: drafts, sent mail, trash and so on (RFC 6154, RFC 8457, RFC
//! 9979).

use std::error::Error;
use std::fmt;
use std::str::FromStr;

/// A special use of a mailbox.
///
/// ```
/// use latchbox::types::SpecialUse;
///
/// assert_eq!(SpecialUse::Trash.to_string(), "\\Trash");
/// assert_eq!("\\trash".parse(), Ok(SpecialUse::Trash));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum SpecialUse {
    /// `\All`: every message of the account.
    All,
    /// `\Archive`: messages that are archived.
    Archive,
    /// `\Drafts`: messages that are not complete.
    Drafts,
    /// `\Flagged`: every message that has the flag.
    Flagged,
    /// `\Important`: every message that is important (RFC 8457).
    Important,
    /// `\Junk`: spam.
    Junk,
    /// `\Memos`: messages that the user wrote as notes (RFC 9979).
    Memos,
    /// `\Scheduled`: messages that are to be sent later (RFC 9979).
    Scheduled,
    /// `\Sent`: copies of sent messages.
    Sent,
    /// `\Snoozed`: messages that are to be shown to the user again later (RFC 9979).
    Snoozed,
    /// `\Trash`: messages that are to be deleted.
    Trash,
}

/// An error: a text that is not the wire form of a [`SpecialUse`].
///
/// ```
/// use latchbox::types::SpecialUse;
///
/// let error = "Trash".parse::<SpecialUse>().unwrap_err();
/// assert_eq!(error.to_string(), "not a special use: \"Trash\"; write it as \\Trash");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidSpecialUse {
    text: Box<str>,
}

impl SpecialUse {
    /// All special uses.
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

impl FromStr for SpecialUse {
    type Err = InvalidSpecialUse;

    /// Reads the wire form in any case: `\Trash`.
    fn from_str(text: &str) -> Result<Self, InvalidSpecialUse> {
        let found = Self::ALL
            .into_iter()
            .find(|special_use| special_use.to_string().eq_ignore_ascii_case(text));
        found.ok_or_else(|| InvalidSpecialUse { text: text.into() })
    }
}

impl fmt::Display for InvalidSpecialUse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "not a special use: {:?}; write it as \\Trash", self.text)
    }
}

impl Error for InvalidSpecialUse {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_use_is_read_as_it_is_written_in_any_case() {
        for special_use in SpecialUse::ALL {
            let text = special_use.to_string();
            assert_eq!(text.parse(), Ok(special_use));
            assert_eq!(text.to_uppercase().parse(), Ok(special_use));
        }
        for text in ["", "\\", "Trash", "\\Trash ", "\\Inbox"] {
            assert!(text.parse::<SpecialUse>().is_err(), "{text}");
        }
    }
}
