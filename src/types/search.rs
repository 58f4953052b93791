//! What SEARCH can look for (RFC 9051 section 6.4.4).

use std::error::Error;
use std::fmt;
use std::ops::Not;

use chrono::{Datelike, NaiveDate};

use crate::types::capability::Capability;
use crate::types::flag::Keyword;
use crate::types::section::is_field_name;
use crate::types::sequence_set::{SequenceNumbers, SequenceSet};
use crate::types::uid::ModSeq;
use crate::types::uid_set::UidSet;

/// One condition, or several put together, that messages are to meet.
///
/// Texts are found wherever they stand in a field, without regard to case; what exactly matches is
/// the server's to say. Dates have no time and no zone: a server may compare them in its own.
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
    /// The text stands in the Bcc field.
    Bcc(String),
    /// The text stands in the body.
    Body(String),
    /// The text stands in the Cc field.
    Cc(String),
    /// The text stands in the From field.
    From(String),
    /// The text stands in the Subject field.
    Subject(String),
    /// The text stands in the header or the body.
    Text(String),
    /// The text stands in the To field.
    To(String),
    /// The header has a field of this name, with the text in it.
    Header {
        /// The name of the field, without a colon.
        name: String,
        /// The text; if it is empty, the field need only be there.
        value: String,
    },
    /// Was received before the day.
    Before(NaiveDate),
    /// Was received on the day.
    On(NaiveDate),
    /// Was received on the day or later.
    Since(NaiveDate),
    /// Its Date field is before the day.
    SentBefore(NaiveDate),
    /// Its Date field is on the day.
    SentOn(NaiveDate),
    /// Its Date field is on the day or later.
    SentSince(NaiveDate),
    /// Is larger than so many octets.
    Larger(u64),
    /// Is smaller than so many octets.
    Smaller(u64),
    /// Has one of these UIDs.
    Uid(UidSet),
    /// Has one of these sequence numbers: numbers of the moment, made of a
    /// [`SequenceSet`] by `SearchKey::from`, and refused once a message was removed.
    Sequence(SequenceNumbers),
    /// Is in the result that an earlier SEARCH saved: `$` (SEARCHRES, RFC 5182).
    SavedResult,
    /// Has this mod-sequence or a higher one (CONDSTORE, RFC 7162).
    ModSeq(ModSeq),
    /// Meets all of these.
    And(Vec<SearchKey>),
    /// Meets one of the two, or both.
    Or(Box<SearchKey>, Box<SearchKey>),
    /// Does not meet this.
    Not(Box<SearchKey>),
}

/// A search that cannot be sent, or would not mean what it says.
///
/// An empty [`SearchKey::And`], an empty set and an empty text are refused because servers that
/// take them find every message, and a deletion by that search would take them all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidSearch {
    reason: Reason,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Reason {
    EmptyAnd,
    EmptySet,
    EmptyText(&'static str),
    Nul(&'static str),
    FieldName(Box<str>),
    Keyword(Box<str>),
    Year(i32),
    TooDeep,
}

/// How deep keys may stand in each other.
const DEEPEST: usize = 64;

impl SearchKey {
    /// Meets this and the other.
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

    /// Meets this or the other.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self::Or(Box::new(self), Box::new(other))
    }

    /// The header has a field of this name with the text in it.
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

    /// Whether it can be sent and means what it says, as far as that takes no server.
    pub(crate) fn check(&self) -> Result<(), InvalidSearch> {
        self.check_at(0)
    }

    /// Whether a text in it is not ASCII, so that the server has to be told the charset.
    pub(crate) fn needs_charset(&self) -> bool {
        self.any(&mut |key| match key {
            Self::Header { value, .. } => !value.is_ascii(),
            key => key.text().is_some_and(|(_, text)| !text.is_ascii()),
        })
    }

    /// The sets of UIDs in it, so that their origins can be checked.
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

    /// What the server needs to have for it, beyond the base protocol.
    pub(crate) fn capabilities(&self) -> Vec<Capability> {
        let mut needed = Vec::new();
        self.any(&mut |key| {
            match key {
                Self::ModSeq(_) => needed.push(Capability::CondStore),
                Self::SavedResult => needed.push(Capability::SearchRes),
                _ => {}
            }
            false
        });
        needed
    }

    /// The sequence numbers in it, so that their time can be checked.
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

    /// Whether one of the keys in it answers yes; asks none after that.
    fn any<'a>(&'a self, asked: &mut impl FnMut(&'a Self) -> bool) -> bool {
        let mut waiting = vec![self];
        while let Some(key) = waiting.pop() {
            if asked(key) {
                return true;
            }
            match key {
                Self::And(keys) => waiting.extend(keys.iter().rev()),
                Self::Or(one, other) => waiting.extend([&**other, &**one]),
                Self::Not(key) => waiting.push(key),
                _ => {}
            }
        }
        false
    }

    fn check_at(&self, depth: usize) -> Result<(), InvalidSearch> {
        if depth > DEEPEST {
            return Err(Reason::TooDeep.into());
        }
        match self {
            Self::And(keys) if keys.is_empty() => Err(Reason::EmptyAnd.into()),
            Self::And(keys) => keys.iter().try_for_each(|key| key.check_at(depth + 1)),
            Self::Or(one, other) => {
                one.check_at(depth + 1)?;
                other.check_at(depth + 1)
            }
            Self::Not(key) => key.check_at(depth + 1),
            Self::Uid(set) if set.is_empty() => Err(Reason::EmptySet.into()),
            Self::Sequence(set) if set.is_empty() => Err(Reason::EmptySet.into()),
            Self::Keyword(keyword) | Self::Unkeyword(keyword) => check_keyword(keyword),
            Self::Header { name, value } => check_header(name, value),
            key => key.check_value(),
        }
    }

    fn check_value(&self) -> Result<(), InvalidSearch> {
        if let Some((word, text)) = self.text() {
            if text.is_empty() {
                return Err(Reason::EmptyText(word).into());
            }
            check_nul(word, text)?;
        }
        match self.date() {
            Some((_, date)) if !(1..=9999).contains(&date.year()) => {
                Err(Reason::Year(date.year()).into())
            }
            _ => Ok(()),
        }
    }

    /// The word and the text of a key that looks for a text in a place of its own.
    pub(crate) fn text(&self) -> Option<(&'static str, &str)> {
        match self {
            Self::Bcc(text) => Some(("BCC", text)),
            Self::Body(text) => Some(("BODY", text)),
            Self::Cc(text) => Some(("CC", text)),
            Self::From(text) => Some(("FROM", text)),
            Self::Subject(text) => Some(("SUBJECT", text)),
            Self::Text(text) => Some(("TEXT", text)),
            Self::To(text) => Some(("TO", text)),
            _ => None,
        }
    }

    /// The word and the day of a key that compares days.
    pub(crate) fn date(&self) -> Option<(&'static str, NaiveDate)> {
        match self {
            Self::Before(date) => Some(("BEFORE", *date)),
            Self::On(date) => Some(("ON", *date)),
            Self::Since(date) => Some(("SINCE", *date)),
            Self::SentBefore(date) => Some(("SENTBEFORE", *date)),
            Self::SentOn(date) => Some(("SENTON", *date)),
            Self::SentSince(date) => Some(("SENTSINCE", *date)),
            _ => None,
        }
    }

    /// The word of a key that is a word alone.
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
            Self::SavedResult => Some("$"),
            _ => None,
        }
    }

    fn is_simple(&self) -> bool {
        !matches!(self, Self::And(_))
    }
}

impl Not for SearchKey {
    type Output = Self;

    /// Does not meet it. Twice is once again what it was.
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

/// Which UIDs "the last 50" have:
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
impl From<&SequenceSet<'_>> for SearchKey {
    fn from(set: &SequenceSet<'_>) -> Self {
        Self::Sequence(set.into())
    }
}

/// Nearly the wire form, for people: texts are quoted and escaped as Rust does it.
impl fmt::Display for SearchKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(word) = self.word() {
            return f.write_str(word);
        }
        if let Some((word, text)) = self.text() {
            return write!(f, "{word} {text:?}");
        }
        if let Some((word, date)) = self.date() {
            return write!(f, "{word} {date}");
        }
        match self {
            Self::Keyword(keyword) => write!(f, "KEYWORD {keyword}"),
            Self::Unkeyword(keyword) => write!(f, "UNKEYWORD {keyword}"),
            Self::Header { name, value } => write!(f, "HEADER {name} {value:?}"),
            Self::Larger(octets) => write!(f, "LARGER {octets}"),
            Self::Smaller(octets) => write!(f, "SMALLER {octets}"),
            Self::Uid(set) => write!(f, "UID {set}"),
            Self::Sequence(set) => write!(f, "{set}"),
            Self::ModSeq(mod_seq) => write!(f, "MODSEQ {mod_seq}"),
            Self::And(keys) => write_all(keys, f),
            Self::Or(one, other) => write!(f, "OR {} {}", Inner(one), Inner(other)),
            Self::Not(key) => write!(f, "NOT {}", Inner(key)),
            _ => Ok(()),
        }
    }
}

/// A key inside another: what is several needs parentheses.
struct Inner<'a>(&'a SearchKey);

impl fmt::Display for Inner<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_simple() {
            self.0.fmt(f)
        } else {
            write!(f, "({})", self.0)
        }
    }
}

impl From<Reason> for InvalidSearch {
    fn from(reason: Reason) -> Self {
        Self { reason }
    }
}

impl fmt::Display for InvalidSearch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.reason {
            Reason::EmptyAnd => {
                f.write_str("AND of no search keys; to find every message, use SearchKey::All")
            }
            Reason::EmptySet => f.write_str(
                "the set of messages to search in is empty; there is nothing to be found",
            ),
            Reason::EmptyText(word) => write!(
                f,
                "{word} looks for an empty text, which is in every message; to find every \
                 message, use SearchKey::All"
            ),
            Reason::Nul(word) => write!(f, "the text for {word} holds NUL, which cannot be sent"),
            Reason::FieldName(name) => write!(
                f,
                "not the name of a header field: {name:?}; use printable ASCII without spaces \
                 and without a colon"
            ),
            Reason::Keyword(name) => {
                write!(
                    f,
                    "the keyword {name:?}, which a server made, cannot be sent"
                )
            }
            Reason::Year(year) => write!(f, "the year {year} is not one of 1 to 9999"),
            Reason::TooDeep => write!(f, "search keys are nested deeper than {DEEPEST}"),
        }
    }
}

impl Error for InvalidSearch {}

fn write_all(keys: &[SearchKey], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    for (at, key) in keys.iter().enumerate() {
        write!(f, "{}{}", if at > 0 { " " } else { "" }, Inner(key))?;
    }
    Ok(())
}

fn check_keyword(keyword: &Keyword) -> Result<(), InvalidSearch> {
    keyword
        .check()
        .map_err(|_| Reason::Keyword(keyword.as_str().into()).into())
}

fn check_header(name: &str, value: &str) -> Result<(), InvalidSearch> {
    if !is_field_name(name) {
        return Err(Reason::FieldName(name.into()).into());
    }
    check_nul("HEADER", value)
}

fn check_nul(word: &'static str, text: &str) -> Result<(), InvalidSearch> {
    if text.contains('\0') {
        return Err(Reason::Nul(word).into());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::types::flag::Flag;
    use crate::types::mailbox_name::MailboxName;
    use crate::types::number_set::NumberSet;
    use crate::types::origin::{Numbering, Origin};

    fn refusal(key: &SearchKey) -> String {
        key.check().unwrap_err().to_string()
    }

    #[test]
    fn nothing_is_not_everything() {
        for key in [
            SearchKey::And(Vec::new()),
            SearchKey::Seen.and(SearchKey::And(Vec::new())),
            !SearchKey::And(Vec::new()),
            SearchKey::Uid(UidSet::new()),
            SearchKey::from(&places(NumberSet::new())),
            SearchKey::Subject(String::new()),
        ] {
            assert!(key.check().is_err(), "{key}");
        }
        assert!(refusal(&SearchKey::Text(String::new())).contains("SearchKey::All"));
        assert!(SearchKey::header("X-Spam", "").check().is_ok());
    }

    #[test]
    fn what_cannot_be_sent_is_refused() {
        assert!(SearchKey::From("a\0b".into()).check().is_err());
        assert!(SearchKey::header("Subject", "\0").check().is_err());
        assert!(
            SearchKey::From("a\r\nb".into()).check().is_ok(),
            "a literal carries it"
        );
        for name in ["", "a b", "a:", "a\r\nb", "ä"] {
            assert!(SearchKey::header(name, "x").check().is_err(), "{name:?}");
        }
        let Flag::Keyword(heard) = Flag::from_server(b"a b") else {
            unreachable!()
        };
        assert!(SearchKey::Keyword(heard).check().is_err());
        let far = NaiveDate::from_ymd_opt(10_000, 1, 1).unwrap();
        assert!(refusal(&SearchKey::Since(far)).contains("10000"));
    }

    #[test]
    fn nesting_has_an_end() {
        let nested = |depth| (0..depth).fold(SearchKey::Seen, |key, _| key.or(SearchKey::Draft));
        assert!(nested(DEEPEST).check().is_ok());
        assert!(nested(DEEPEST + 1).check().is_err());
    }

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
