//! Search keys that cannot be sent, or would have another meaning.

use std::error::Error;
use std::fmt;
use std::time::Duration;

use crate::types::atom::is_atom;
use crate::types::flag::Keyword;
use crate::types::invalid_set::InvalidSet;
use crate::types::label::InvalidLabel;
use crate::types::search::SearchKey;
use crate::types::section::is_field_name;

/// An error: a search that cannot be sent, or would have another meaning.
///
/// An empty [`SearchKey::And`], an empty set and an empty text are rejected because servers that
/// accept them find every message, and a deletion by that search would then remove all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidSearch {
    reason: Reason,
    /// The offset in the text that was read, in octets.
    at: Option<usize>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Reason {
    EmptyAnd,
    EmptySet,
    EmptyText(&'static str),
    Nul(&'static str),
    FieldName(Box<str>),
    Keyword(Box<str>),
    Year,
    Age(Duration),
    ObjectId(Box<str>),
    FilterName(Box<str>),
    TooDeep,
    Expected(&'static str),
    Unknown(Box<str>),
    Moment(&'static str),
    Label(InvalidLabel),
    Set(InvalidSet),
    TextTooLong,
}

/// The maximum depth of nested keys.
pub(super) const DEEPEST: usize = 64;

impl SearchKey {
    /// Whether it can be sent with its meaning, as far as that does not depend on the server.
    pub(crate) fn check(&self) -> Result<(), InvalidSearch> {
        self.check_at(0)
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
            Self::Not(key) | Self::Fuzzy(key) => key.check_at(depth + 1),
            Self::Uid(set) if set.is_empty() => Err(Reason::EmptySet.into()),
            Self::Sequence(set) if set.is_empty() => Err(Reason::EmptySet.into()),
            Self::Keyword(keyword) | Self::Unkeyword(keyword) => check_keyword(keyword),
            Self::Header { name, value } => check_header(name, value),
            Self::Other { arguments, .. } => {
                let mut arguments = arguments.iter();
                arguments.try_for_each(|it| check_nul("a key of an extension", it))
            }
            Self::ModSeqOf { flag, .. } => flag
                .check()
                .map_err(|_| Reason::Keyword(flag.to_string().into()).into()),
            Self::Older(age) | Self::Younger(age) => check_age(*age),
            Self::EmailId(id) | Self::ThreadId(id) if !is_object_id(id) => {
                Err(Reason::ObjectId(id.as_str().into()).into())
            }
            Self::Filter(name) if !is_filter_name(name) => {
                Err(Reason::FilterName(name.as_str().into()).into())
            }
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
            Some((_, date)) if date.year() == 0 => Err(Reason::Year.into()),
            _ => Ok(()),
        }
    }
}

impl From<Reason> for InvalidSearch {
    fn from(reason: Reason) -> Self {
        Self { reason, at: None }
    }
}

impl Reason {
    pub(super) fn at(self, position: usize) -> InvalidSearch {
        let (reason, at) = (self, Some(position));
        InvalidSearch { reason, at }
    }
}

impl InvalidSearch {
    /// The position of the problem in the text, in octets from 0.
    ///
    /// `None` for a key that was not read from text, and for a problem of the whole text.
    ///
    /// ```
    /// use latchbox::types::SearchKey;
    ///
    /// let refused = "UNSEEN FORM ann".parse::<SearchKey>().unwrap_err();
    /// assert_eq!(refused.position(), Some(7));
    /// ```
    #[must_use]
    pub fn position(&self) -> Option<usize> {
        self.at
    }

    /// Sets the position, if none is known yet.
    pub(super) fn or_at(mut self, position: usize) -> Self {
        self.at.get_or_insert(position);
        self
    }
}

impl fmt::Display for InvalidSearch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.reason.fmt(f)?;
        match self.at {
            Some(at) => write!(f, " (at octet {at})"),
            None => Ok(()),
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Reason::EmptyAnd => {
                f.write_str("AND of no search keys; to find every message, use ALL")
            }
            Reason::EmptySet => f.write_str(
                "the set of messages to search in is empty, so the search can find nothing",
            ),
            Reason::EmptyText(word) => write!(
                f,
                "{word} looks for an empty text, which is in every message; to find every \
                 message, use ALL"
            ),
            Reason::Nul(word) => {
                write!(f, "the text for {word} contains NUL, which cannot be sent")
            }
            Reason::FieldName(name) => write!(
                f,
                "not the name of a header field: {name:?}; use printable ASCII without spaces \
                 and without a colon"
            ),
            Reason::Keyword(name) => {
                write!(
                    f,
                    "the keyword {name:?} came from a server and cannot be sent"
                )
            }
            Reason::Year => f.write_str("the year 0 cannot be sent; use 1 to 9999"),
            Reason::Age(age) => write!(
                f,
                "an age of {age:?}; write whole seconds, from 1 to {}",
                u32::MAX
            ),
            Reason::ObjectId(id) => write!(
                f,
                "not an id of a message or thread: {id:?}; it has 1 to 255 ASCII letters, digits, \
                 `_` and `-`"
            ),
            Reason::FilterName(name) => {
                write!(
                    f,
                    "not the name of a filter: {name:?}; it is an atom without `/`"
                )
            }
            Reason::TooDeep => write!(f, "search keys are nested deeper than {DEEPEST}"),
            Reason::Expected(what) => write!(f, "expected {what}"),
            Reason::Unknown(word) => write!(f, "unknown search key {word:?}"),
            Reason::Moment(what) => write!(
                f,
                "{what} cannot be read from text: valid at one moment only; use UID and a set of \
                 UIDs"
            ),
            Reason::Label(error) => error.fmt(f),
            Reason::Set(error) => error.fmt(f),
            Reason::TextTooLong => f.write_str("a search is longer than 1 MiB"),
        }
    }
}

impl Error for InvalidSearch {}

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

/// `interval = nz-number`: a fraction of a second cannot be sent.
fn check_age(age: Duration) -> Result<(), InvalidSearch> {
    let seconds = u32::try_from(age.as_secs()).unwrap_or(0);
    match seconds > 0 && age.subsec_nanos() == 0 {
        true => Ok(()),
        false => Err(Reason::Age(age).into()),
    }
}

/// `objectid` (RFC 8474).
fn is_object_id(id: &str) -> bool {
    let is_one_of = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    (1..=255).contains(&id.len()) && id.bytes().all(is_one_of)
}

/// `filter-name` (RFC 5466).
fn is_filter_name(name: &str) -> bool {
    is_atom(name) && !name.contains('/')
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::types::date::Date;
    use crate::types::flag::Flag;
    use crate::types::mailbox_name::MailboxName;
    use crate::types::number_set::NumberSet;
    use crate::types::origin::{Numbering, Origin};
    use crate::types::search::EntryType;
    use crate::types::sequence_set::SequenceSet;
    use crate::types::uid::ModSeq;
    use crate::types::uid_set::UidSet;

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
        assert!(refusal(&SearchKey::Text(String::new())).contains("use ALL"));
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
        assert!(refusal(&SearchKey::Since(Date::MIN)).contains("the year 0"));
        assert!(SearchKey::Since(Date::MAX).check().is_ok());
    }

    #[test]
    fn nesting_has_an_end() {
        let nested = |depth| (0..depth).fold(SearchKey::Seen, |key, _| key.or(SearchKey::Draft));
        assert!(nested(DEEPEST).check().is_ok());
        assert!(nested(DEEPEST + 1).check().is_err());
    }

    #[test]
    fn ages_are_whole_seconds_that_fit() {
        for (age, fits) in [
            (Duration::from_secs(1), true),
            (Duration::from_secs(u64::from(u32::MAX)), true),
            (Duration::ZERO, false),
            (Duration::from_millis(1500), false),
            (Duration::from_secs(1 << 32), false),
        ] {
            assert_eq!(SearchKey::Older(age).check().is_ok(), fits, "{age:?}");
            assert_eq!((!SearchKey::Younger(age)).check().is_ok(), fits, "{age:?}");
        }
    }

    #[test]
    fn attack_103_ids_names_and_flags_are_words() {
        for bad in ["", "a b", "a\r\nb", "a)", "\u{e4}", "a\0"] {
            for key in [
                SearchKey::EmailId(bad.into()),
                SearchKey::ThreadId(bad.into()).fuzzy(),
                SearchKey::Filter(bad.into()),
            ] {
                assert!(key.check().is_err(), "{key}");
            }
        }
        assert!(SearchKey::EmailId("x".repeat(256)).check().is_err());
        assert!(SearchKey::EmailId("M6d99ac3275bb4e".into()).check().is_ok());
        assert!(SearchKey::GmailRaw(String::new()).check().is_err());
        let of = |flag| SearchKey::ModSeqOf {
            flag,
            entry_type: EntryType::All,
            mod_seq: ModSeq::new(7).unwrap(),
        };
        assert!(of(Flag::from_server(b"a b")).check().is_err());
        assert!(of(Flag::Draft).check().is_ok());
    }

    fn places(numbers: NumberSet) -> SequenceSet<'static> {
        let origin = Origin::new(MailboxName::new("INBOX").unwrap(), None);
        SequenceSet::new(numbers, Numbering::new(&Arc::new(origin), 0))
    }
}
