//! The attributes of mailboxes in LIST (RFC 9051 section 7.3.1), and a set of them.

use std::fmt;

use crate::printable::Printable;
use crate::types::special_use::SpecialUse;

/// An attribute of a mailbox in a LIST response (RFC 9051 section 7.3.1).
///
/// The special uses of RFC 6154, RFC 8457 and RFC 9979 are among them.
///
/// ```
/// assert_eq!(latchbox::types::MailboxAttribute::NoSelect.to_string(), "\\Noselect");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum MailboxAttribute {
    /// `\NonExistent`: there is no mailbox with this name.
    NonExistent,
    /// `\Noselect`: the mailbox cannot be selected.
    NoSelect,
    /// `\Noinferiors`: the mailbox cannot have children.
    NoInferiors,
    /// `\HasChildren`: the mailbox has children.
    HasChildren,
    /// `\HasNoChildren`: the mailbox has no children.
    HasNoChildren,
    /// `\Marked`: there may be new messages.
    Marked,
    /// `\Unmarked`: there are no new messages.
    Unmarked,
    /// `\Subscribed`: the user is subscribed to the mailbox.
    Subscribed,
    /// `\Remote`: the mailbox is on another server.
    Remote,
    /// `\All`: every message of the account.
    All,
    /// `\Archive`.
    Archive,
    /// `\Drafts`.
    Drafts,
    /// `\Flagged`: every message that has the flag.
    Flagged,
    /// `\Important` (RFC 8457).
    Important,
    /// `\Junk`.
    Junk,
    /// `\Memos` (RFC 9979).
    Memos,
    /// `\Scheduled` (RFC 9979).
    Scheduled,
    /// `\Sent`.
    Sent,
    /// `\Snoozed` (RFC 9979).
    Snoozed,
    /// `\Trash`.
    Trash,
    /// `\Inbox`: INBOX under another name, as XLIST reports it.
    Inbox,
    /// An attribute that this crate does not know, with its backslash.
    Other(Box<str>),
}

/// In the order of the variants.
static WORDS: [(&str, MailboxAttribute); 21] = [
    ("\\NonExistent", MailboxAttribute::NonExistent),
    ("\\Noselect", MailboxAttribute::NoSelect),
    ("\\Noinferiors", MailboxAttribute::NoInferiors),
    ("\\HasChildren", MailboxAttribute::HasChildren),
    ("\\HasNoChildren", MailboxAttribute::HasNoChildren),
    ("\\Marked", MailboxAttribute::Marked),
    ("\\Unmarked", MailboxAttribute::Unmarked),
    ("\\Subscribed", MailboxAttribute::Subscribed),
    ("\\Remote", MailboxAttribute::Remote),
    ("\\All", MailboxAttribute::All),
    ("\\Archive", MailboxAttribute::Archive),
    ("\\Drafts", MailboxAttribute::Drafts),
    ("\\Flagged", MailboxAttribute::Flagged),
    ("\\Important", MailboxAttribute::Important),
    ("\\Junk", MailboxAttribute::Junk),
    ("\\Memos", MailboxAttribute::Memos),
    ("\\Scheduled", MailboxAttribute::Scheduled),
    ("\\Sent", MailboxAttribute::Sent),
    ("\\Snoozed", MailboxAttribute::Snoozed),
    ("\\Trash", MailboxAttribute::Trash),
    ("\\Inbox", MailboxAttribute::Inbox),
];

/// The words of XLIST for some uses, from before RFC 6154.
static OLD_WORDS: [(&str, MailboxAttribute); 3] = [
    ("\\AllMail", MailboxAttribute::All),
    ("\\Spam", MailboxAttribute::Junk),
    ("\\Starred", MailboxAttribute::Flagged),
];

/// Attributes that this crate knows, a bit for each.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct KnownAttributes(u32);

impl MailboxAttribute {
    /// The special use that the attribute names (RFC 6154, RFC 8457, RFC 9979); `None` if it names
    /// none.
    pub fn special_use(&self) -> Option<SpecialUse> {
        SpecialUse::ALL
            .into_iter()
            .find(|special_use| Self::from(*special_use) == *self)
    }

    /// The attribute that a server sent, in any case.
    pub(crate) fn from_server(word: &[u8]) -> Self {
        // Most servers write them as the standard does.
        let same = WORDS.iter().find(|(known, _)| known.as_bytes() == word);
        let found = same.or_else(|| {
            let mut words = WORDS.iter().chain(&OLD_WORDS);
            words.find(|(known, _)| known.as_bytes().eq_ignore_ascii_case(word))
        });
        match found {
            Some((_, attribute)) => attribute.clone(),
            None => Self::Other(String::from_utf8_lossy(word).into()),
        }
    }
}

impl From<SpecialUse> for MailboxAttribute {
    fn from(special_use: SpecialUse) -> Self {
        match special_use {
            SpecialUse::All => Self::All,
            SpecialUse::Archive => Self::Archive,
            SpecialUse::Drafts => Self::Drafts,
            SpecialUse::Flagged => Self::Flagged,
            SpecialUse::Important => Self::Important,
            SpecialUse::Junk => Self::Junk,
            SpecialUse::Memos => Self::Memos,
            SpecialUse::Scheduled => Self::Scheduled,
            SpecialUse::Sent => Self::Sent,
            SpecialUse::Snoozed => Self::Snoozed,
            SpecialUse::Trash => Self::Trash,
        }
    }
}

/// The wire form; controls in a word from a server are escaped.
impl fmt::Display for MailboxAttribute {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Other(word) => Printable(word).fmt(f),
            known => {
                let found = WORDS.iter().find(|(_, attribute)| attribute == known);
                f.write_str(found.map_or("", |(word, _)| word))
            }
        }
    }
}

impl KnownAttributes {
    /// Adds an attribute; returns whether it is known.
    pub(crate) fn insert(&mut self, attribute: &MailboxAttribute) -> bool {
        let bit = bit(attribute);
        self.0 |= bit;
        bit != 0
    }

    pub(crate) fn contains(self, attribute: &MailboxAttribute) -> bool {
        self.0 & bit(attribute) != 0
    }

    pub(crate) fn iter(self) -> impl Iterator<Item = &'static MailboxAttribute> + Clone {
        let all = WORDS.iter().zip(0..);
        all.filter_map(move |((_, attribute), place)| {
            (self.0 & (1 << place) != 0).then_some(attribute)
        })
    }
}

/// The bit of an attribute; 0 if it is not known.
fn bit(attribute: &MailboxAttribute) -> u32 {
    let found = WORDS
        .iter()
        .zip(0..)
        .find(|((_, known), _)| known == attribute);
    found.map_or(0, |(_, place)| 1 << place)
}

impl fmt::Debug for KnownAttributes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_attribute_is_read_as_it_is_written_in_any_case() {
        for (word, attribute) in &WORDS {
            assert_eq!(attribute.to_string(), *word);
            assert_eq!(
                MailboxAttribute::from_server(word.to_uppercase().as_bytes()),
                *attribute
            );
            let mut set = KnownAttributes::default();
            assert!(set.insert(attribute) && set.contains(attribute), "{word}");
            assert!(set.iter().eq([attribute]));
        }
        let other = MailboxAttribute::from_server(b"\\X\x1b[2J");
        assert_eq!(other.to_string(), "\\X\\u{1b}[2J");
        assert!(!KnownAttributes::default().insert(&other));
    }

    #[test]
    fn a_special_use_is_an_attribute_of_the_same_name() {
        for special_use in SpecialUse::ALL {
            let attribute = MailboxAttribute::from(special_use);
            assert_eq!(attribute.to_string(), special_use.to_string());
            assert_eq!(attribute.special_use(), Some(special_use));
        }
        assert_eq!(MailboxAttribute::Marked.special_use(), None);
    }

    #[test]
    fn the_words_are_in_the_order_of_the_variants() {
        assert!(WORDS.windows(2).all(|pair| pair[0].1 < pair[1].1));
    }
}
