//! The keys of SEARCH (RFC 9051 section 6.4.4).

pub(crate) mod check;
mod display;
pub(crate) mod divide;
mod parse;

use std::borrow::Cow;
use std::ops::Not;
use std::time::Duration;

use crate::types::capability::Capability;
use crate::types::date::Date;
use crate::types::extension_name::ExtensionName;
use crate::types::flag::{Flag, Keyword};
use crate::types::label::Label;
use crate::types::number_set::NumberSet;
use crate::types::sequence_set::{SequenceNumbers, SequenceSet};
use crate::types::uid::ModSeq;
use crate::types::uid_set::UidSet;

/// A search condition, or a combination of several.
///
/// `Display` writes it as text, and `FromStr` reads that text, such as a query that a user typed.
///
/// Texts are found at any place in a field, without regard to case; the server decides what exactly
/// matches. For example, Exchange compares [`From`](Self::From) and [`To`](Self::To) with the
/// display names only, while a [`header`](Self::header) search compares the whole field.
///
/// A [`Date`] has no time and no zone: a server may compare it in its own zone. It can be read from
/// text, `SearchKey::Since("2026-11-01".parse()?)`.
///
/// The documentation of a key names the extension that it needs. On a server without the extension
/// the search is [`Error::Unsupported`](crate::Error::Unsupported) before anything is sent: no key
/// is ever left out.
///
/// ```
/// use latchbox::types::SearchKey;
///
/// let key = SearchKey::Unseen.and(!SearchKey::From("list@example.com".into()));
/// assert_eq!(key.to_string(), "UNSEEN NOT FROM \"list@example.com\"");
/// let key = SearchKey::Flagged.or(SearchKey::Larger(1_000_000));
/// assert_eq!(key.to_string(), "OR FLAGGED LARGER 1000000");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SearchKey {
    /// Every message.
    All,
    /// Has `\Answered`.
    Answered,
    /// Has `\Deleted`.
    Deleted,
    /// Has `\Draft`.
    Draft,
    /// Has `\Flagged`.
    Flagged,
    /// Has `\Recent` and not `\Seen` (RFC 3501).
    New,
    /// Has no `\Recent` (RFC 3501).
    Old,
    /// Has `\Recent` (RFC 3501).
    Recent,
    /// Has `\Seen`.
    Seen,
    /// Has no `\Answered`.
    Unanswered,
    /// Has no `\Deleted`.
    Undeleted,
    /// Has no `\Draft`.
    Undraft,
    /// Has no `\Flagged`.
    Unflagged,
    /// Has no `\Seen`.
    Unseen,
    /// Has this keyword.
    Keyword(Keyword),
    /// Does not have this keyword.
    Unkeyword(Keyword),
    /// The Bcc field contains the text.
    Bcc(String),
    /// The body contains the text.
    Body(String),
    /// The Cc field contains the text.
    Cc(String),
    /// The From field contains the text.
    From(String),
    /// The Subject field contains the text.
    Subject(String),
    /// The header or the body contains the text.
    Text(String),
    /// The To field contains the text.
    To(String),
    /// The header has a field with this name that contains the text.
    Header {
        /// The name of the field, without a colon.
        name: String,
        /// The text; if it is empty, the field need only exist.
        value: String,
    },
    /// Was received before the day.
    Before(Date),
    /// Was received on the day.
    On(Date),
    /// Was received on the day or later.
    Since(Date),
    /// Its Date field contains a day before this one.
    SentBefore(Date),
    /// Its Date field contains this day.
    SentOn(Date),
    /// Its Date field contains this day or a later one.
    SentSince(Date),
    /// Is larger than this number of octets.
    Larger(u64),
    /// Is smaller than this number of octets.
    Smaller(u64),
    /// Has one of these UIDs.
    Uid(UidSet),
    /// Has one of these sequence numbers, which come from a [`SequenceSet`] by `SearchKey::from`.
    ///
    /// They are valid only at the moment, and rejected once a message was expunged.
    Sequence(SequenceNumbers),
    /// Has this mod-sequence or a higher one (CONDSTORE, RFC 7162).
    ModSeq(ModSeq),
    /// Has this mod-sequence or a higher one for the flag (CONDSTORE, RFC 7162 section 3.1.5).
    ///
    /// A server that has no mod-sequence for each flag compares that of the message.
    ModSeqOf {
        /// The flag.
        flag: Flag,
        /// The kind of flag: private, shared or either.
        entry_type: EntryType,
        /// The mod-sequence.
        mod_seq: ModSeq,
    },
    /// Was received this long ago, or longer (WITHIN, RFC 5032).
    ///
    /// In whole seconds, at most 4,294,967,295.
    Older(Duration),
    /// Was received within this time until now, in whole seconds (WITHIN, RFC 5032).
    Younger(Duration),
    /// Was put into the mailbox before the day (SAVEDATE, RFC 8514).
    SavedBefore(Date),
    /// Was put into the mailbox on the day (SAVEDATE, RFC 8514).
    SavedOn(Date),
    /// Was put into the mailbox on the day or later (SAVEDATE, RFC 8514).
    SavedSince(Date),
    /// Is in a mailbox that stores the save date: every message or none (SAVEDATE, RFC 8514).
    SaveDateSupported,
    /// Has this EMAILID (OBJECTID, RFC 8474).
    EmailId(String),
    /// Has this THREADID (OBJECTID, RFC 8474).
    ThreadId(String),
    /// Meets this approximately, as the server decides (SEARCH=FUZZY, RFC 6203).
    Fuzzy(Box<SearchKey>),
    /// Meets the search that the server stores with this name (FILTERS, RFC 5466).
    Filter(String),
    /// Is found by Gmail's own search (X-GM-EXT-1).
    GmailRaw(String),
    /// Has this label (X-GM-EXT-1).
    GmailLabel(Label),
    /// Has this X-GM-MSGID (X-GM-EXT-1).
    GmailMessageId(u64),
    /// Has this X-GM-THRID (X-GM-EXT-1).
    GmailThreadId(u64),
    /// Meets a key of an extension that this crate does not know.
    ///
    /// A server without the extension refuses the search, if the server is correct.
    Other {
        /// The word of the key.
        name: ExtensionName,
        /// The arguments after it: each is sent unquoted if it is an atom or a number, and as a
        /// string otherwise.
        arguments: Vec<String>,
    },
    /// Meets all of these.
    And(Vec<SearchKey>),
    /// Meets one of the two, or both.
    Or(Box<SearchKey>, Box<SearchKey>),
    /// Does not meet this.
    Not(Box<SearchKey>),
}

/// The kind of a flag on a server that has private and shared flags (RFC 7162 section 3.1.5).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum EntryType {
    /// A private flag of this user.
    Private,
    /// A flag that is shared by all users.
    Shared,
    /// Either kind.
    All,
}

impl SearchKey {
    /// Returns a condition that requires this and the other.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        match self {
            Self::And(mut keys) if !keys.is_empty() => {
                keys.push(other);
                Self::And(keys)
            }
            key => Self::And(vec![key, other]),
        }
    }

    /// Returns a condition that requires this or the other.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self::Or(Box::new(self), Box::new(other))
    }

    /// Creates a condition that the header has a field with this name that contains the text.
    ///
    /// ```
    /// use latchbox::types::SearchKey;
    ///
    /// let key = SearchKey::header("List-Id", "example.com");
    /// assert_eq!(key.to_string(), "HEADER List-Id \"example.com\"");
    /// ```
    pub fn header(name: impl Into<String>, value: impl Into<String>) -> Self {
        Self::Header {
            name: name.into(),
            value: value.into(),
        }
    }

    /// Returns a condition that requires this approximately: see [`Fuzzy`](Self::Fuzzy).
    ///
    /// ```
    /// use latchbox::types::SearchKey;
    ///
    /// let key = SearchKey::Unseen.and(SearchKey::Subject("recieve".into()).fuzzy());
    /// assert_eq!(key.to_string(), "UNSEEN FUZZY SUBJECT \"recieve\"");
    /// ```
    #[must_use]
    pub fn fuzzy(self) -> Self {
        Self::Fuzzy(Box::new(self))
    }

    /// Whether it contains a text that is not ASCII, so that the command has to name the charset.
    pub(crate) fn needs_charset(&self) -> bool {
        !self.all_texts(str::is_ascii)
    }

    /// Whether `is` holds for each text in it, at any depth.
    pub(crate) fn all_texts(&self, mut is: impl FnMut(&str) -> bool) -> bool {
        !self.any(&mut |key| match key {
            Self::Header { value, .. } => !is(value),
            Self::Other { arguments, .. } => !arguments.iter().all(|it| is(it)),
            key => key.text().is_some_and(|(_, text)| !is(text)),
        })
    }

    /// The sets of UIDs in it, for the check of their origins.
    pub(crate) fn uid_sets(&self) -> Vec<&UidSet> {
        let mut sets = Vec::new();
        self.any(&mut |key| {
            if let Self::Uid(set) = key {
                sets.push(set);
            }
            false
        });
        sets
    }

    /// The numbers that it names, if it is a set of the kind of number that the search returns.
    pub(crate) fn numbers(&self, by_uid: bool) -> Option<&NumberSet> {
        match self {
            Self::Uid(set) if by_uid => Some(set.as_numbers()),
            Self::Sequence(set) if !by_uid => Some(set.as_numbers()),
            _ => None,
        }
    }

    /// The capabilities that it needs beyond the base protocol.
    pub(crate) fn capabilities(&self) -> Vec<Capability> {
        let mut needed = Vec::new();
        self.any(&mut |key| {
            needed.extend(key.capability());
            false
        });
        needed
    }

    fn capability(&self) -> Option<Capability> {
        Some(match self {
            Self::ModSeq(_) | Self::ModSeqOf { .. } => Capability::CondStore,
            Self::Older(_) | Self::Younger(_) => Capability::Within,
            Self::SavedBefore(_)
            | Self::SavedOn(_)
            | Self::SavedSince(_)
            | Self::SaveDateSupported => Capability::SaveDate,
            Self::EmailId(_) | Self::ThreadId(_) => Capability::ObjectId,
            Self::Fuzzy(_) => Capability::SearchFuzzy,
            Self::Filter(_) => Capability::Filters,
            Self::GmailRaw(_)
            | Self::GmailLabel(_)
            | Self::GmailMessageId(_)
            | Self::GmailThreadId(_) => Capability::Gmail,
            _ => return None,
        })
    }

    /// The sequence numbers in it, for the check that they are still valid.
    pub(crate) fn sequence_numbers(&self) -> Vec<&SequenceNumbers> {
        let mut numbers = Vec::new();
        self.any(&mut |key| {
            if let Self::Sequence(set) = key {
                numbers.push(set);
            }
            false
        });
        numbers
    }

    /// Whether `asked` holds for one of the keys in it; stops at the first.
    fn any<'a>(&'a self, asked: &mut impl FnMut(&'a Self) -> bool) -> bool {
        let mut waiting = vec![self];
        while let Some(key) = waiting.pop() {
            if asked(key) {
                return true;
            }
            match key {
                Self::And(keys) => waiting.extend(keys.iter().rev()),
                Self::Or(one, other) => waiting.extend([&**other, &**one]),
                Self::Not(key) | Self::Fuzzy(key) => waiting.push(key),
                _ => {}
            }
        }
        false
    }

    /// The word and the text of a key that searches for a text in one place.
    pub(crate) fn text(&self) -> Option<(&'static str, &str)> {
        match self {
            Self::Bcc(text) => Some(("BCC", text)),
            Self::Body(text) => Some(("BODY", text)),
            Self::Cc(text) => Some(("CC", text)),
            Self::From(text) => Some(("FROM", text)),
            Self::Subject(text) => Some(("SUBJECT", text)),
            Self::Text(text) => Some(("TEXT", text)),
            Self::To(text) => Some(("TO", text)),
            Self::GmailRaw(text) => Some(("X-GM-RAW", text)),
            _ => None,
        }
    }

    /// The word and the day of a key that compares days.
    pub(crate) fn date(&self) -> Option<(&'static str, Date)> {
        match self {
            Self::Before(date) => Some(("BEFORE", *date)),
            Self::On(date) => Some(("ON", *date)),
            Self::Since(date) => Some(("SINCE", *date)),
            Self::SentBefore(date) => Some(("SENTBEFORE", *date)),
            Self::SentOn(date) => Some(("SENTON", *date)),
            Self::SentSince(date) => Some(("SENTSINCE", *date)),
            Self::SavedBefore(date) => Some(("SAVEDBEFORE", *date)),
            Self::SavedOn(date) => Some(("SAVEDON", *date)),
            Self::SavedSince(date) => Some(("SAVEDSINCE", *date)),
            _ => None,
        }
    }

    /// The word and the number of a key that compares numbers.
    pub(crate) fn number(&self) -> Option<(&'static str, u64)> {
        match self {
            Self::Larger(octets) => Some(("LARGER", *octets)),
            Self::Smaller(octets) => Some(("SMALLER", *octets)),
            Self::ModSeq(mod_seq) => Some(("MODSEQ", mod_seq.value())),
            Self::Older(age) => Some(("OLDER", age.as_secs())),
            Self::Younger(age) => Some(("YOUNGER", age.as_secs())),
            Self::GmailMessageId(id) => Some(("X-GM-MSGID", *id)),
            Self::GmailThreadId(id) => Some(("X-GM-THRID", *id)),
            _ => None,
        }
    }

    /// The word and the name of a key whose name is an atom.
    pub(crate) fn name(&self) -> Option<(&'static str, &str)> {
        match self {
            Self::Keyword(keyword) => Some(("KEYWORD", keyword.as_str())),
            Self::Unkeyword(keyword) => Some(("UNKEYWORD", keyword.as_str())),
            Self::EmailId(id) => Some(("EMAILID", id)),
            Self::ThreadId(id) => Some(("THREADID", id)),
            Self::Filter(name) => Some(("FILTER", name)),
            _ => None,
        }
    }

    /// The word of a key that consists of a word.
    pub(crate) fn word(&self) -> Option<&'static str> {
        match self {
            Self::All => Some("ALL"),
            Self::Answered => Some("ANSWERED"),
            Self::Deleted => Some("DELETED"),
            Self::Draft => Some("DRAFT"),
            Self::Flagged => Some("FLAGGED"),
            Self::New => Some("NEW"),
            Self::Old => Some("OLD"),
            Self::Recent => Some("RECENT"),
            Self::Seen => Some("SEEN"),
            Self::Unanswered => Some("UNANSWERED"),
            Self::Undeleted => Some("UNDELETED"),
            Self::Undraft => Some("UNDRAFT"),
            Self::Unflagged => Some("UNFLAGGED"),
            Self::Unseen => Some("UNSEEN"),
            Self::SaveDateSupported => Some("SAVEDATESUPPORTED"),
            _ => None,
        }
    }
}

impl EntryType {
    /// `entry-type-req`.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Private => "priv",
            Self::Shared => "shared",
            Self::All => "all",
        }
    }
}

impl Not for SearchKey {
    type Output = Self;

    /// Negates the condition; twice gives the original one.
    fn not(self) -> Self {
        match self {
            Self::Not(key) => *key,
            key => Self::Not(Box::new(key)),
        }
    }
}

impl From<UidSet> for SearchKey {
    fn from(set: UidSet) -> Self {
        Self::Uid(set)
    }
}

/// Searches for sequence numbers, for example to get the UIDs of "the last 50":
///
/// ```
#[doc = include_str!("../doc/session.txt")]
/// use latchbox::types::SearchKey;
///
/// let mut inbox = session.lock_mailbox("INBOX")?;
/// let last_50 = SearchKey::from(&inbox.numbered().last(50));
/// let uids = inbox.search(last_50)?;
/// assert_eq!(uids.to_string(), "1");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
impl From<&UidSet> for SearchKey {
    fn from(set: &UidSet) -> Self {
        Self::Uid(set.clone())
    }
}

impl From<&SequenceSet<'_>> for SearchKey {
    fn from(set: &SequenceSet<'_>) -> Self {
        Self::Sequence(set.into())
    }
}

impl From<SearchKey> for Cow<'_, SearchKey> {
    fn from(key: SearchKey) -> Self {
        Self::Owned(key)
    }
}

impl<'k> From<&'k SearchKey> for Cow<'k, SearchKey> {
    fn from(key: &'k SearchKey) -> Self {
        Self::Borrowed(key)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::types::mailbox_name::MailboxName;
    use crate::types::number_set::NumberSet;
    use crate::types::origin::{Numbering, Origin};

    #[test]
    fn putting_together_stays_flat() {
        let three = SearchKey::Seen.and(SearchKey::Draft).and(SearchKey::Old);
        assert_eq!(
            three,
            SearchKey::And(vec![SearchKey::Seen, SearchKey::Draft, SearchKey::Old])
        );
        assert_eq!(!!SearchKey::Seen, SearchKey::Seen);
        assert_eq!((!three).to_string(), "NOT (SEEN DRAFT OLD)");
    }

    #[test]
    fn texts_tell_whether_a_charset_is_needed() {
        assert!(!SearchKey::Subject("plain".into()).needs_charset());
        assert!((!SearchKey::Seen.or(SearchKey::Subject("Größe".into()))).needs_charset());
        assert!(SearchKey::header("X", "ö").needs_charset());
    }

    #[test]
    fn sets_of_uids_are_found_in_all_depths() {
        let key = SearchKey::Uid("1:3".parse().unwrap()).or(!SearchKey::from(UidSet::all()));
        let sets: Vec<String> = key.uid_sets().iter().map(ToString::to_string).collect();
        assert_eq!(sets, ["1:3", "1:*"]);
        let key = SearchKey::Seen.or(!SearchKey::from(&places(NumberSet::all())));
        assert_eq!(key.sequence_numbers().len(), 1);
        assert_eq!(key.to_string(), "OR SEEN NOT 1:*");
    }

    fn places(numbers: NumberSet) -> SequenceSet<'static> {
        let origin = Origin::new(MailboxName::new("INBOX").unwrap(), None);
        SequenceSet::new(numbers, Numbering::new(&Arc::new(origin), 0))
    }
}
