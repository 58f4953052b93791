//! The results that a search can request (RFC 9051 section 6.4.4, RFC 9394), and its result.

use std::fmt;
use std::num::NonZeroU32;

use crate::types::asked_for::AskedFor;
use crate::types::number_set::NumberSet;
use crate::types::partial_range::PartialRange;
use crate::types::sequence_set::SequenceSet;
use crate::types::uid::{ModSeq, SeqNum, Uid};
use crate::types::uid_set::UidSet;

/// The results that a search requests; several can be combined.
///
/// Requesting less costs less: a count is a few octets, while all UIDs may be megabytes. A server
/// without ESEARCH (RFC 4731) sends all UIDs in any case, and the results are computed from them.
///
/// ```
/// use latchbox::types::SearchReturn;
///
/// let returned = SearchReturn::new().min().max().count();
/// assert_eq!(returned, SearchReturn::new().count().max().min());
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SearchReturn {
    min: bool,
    max: bool,
    count: bool,
    all: bool,
    save: bool,
    partial: Option<PartialRange>,
}

/// The options of RETURN (`search-return-opts`, in their parentheses): ALL if none is requested,
/// and instead of a page if the server lacks pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ReturnOptions(SearchReturn);

/// The result of a search: the values that its [`SearchReturn`] requested, and no others.
///
/// Messages are named in the form of the search: by UID, or by sequence number with
/// [`Numbered::run`](crate::guard::Numbered::run).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SearchResult<S = UidSet> {
    min: Option<NonZeroU32>,
    max: Option<NonZeroU32>,
    count: Option<u32>,
    all: Option<S>,
    partial: Option<S>,
    mod_seq: Option<ModSeq>,
}

/// The results that a server sent, before the kind of their numbers is known.
#[derive(Clone, Debug, Default)]
pub(crate) struct Found {
    pub(crate) min: Option<NonZeroU32>,
    pub(crate) max: Option<NonZeroU32>,
    pub(crate) count: Option<u32>,
    pub(crate) all: Option<NumberSet>,
    pub(crate) partial: Option<NumberSet>,
    pub(crate) mod_seq: Option<ModSeq>,
}

impl Found {
    /// Without the messages that were not requested; `None` if one of them is the lowest or the
    /// highest.
    pub(crate) fn cut(self, asked_for: &AskedFor) -> Option<Self> {
        if asked_for.is_anything() {
            return Some(self);
        }
        let mut ends = self.min.iter().chain(&self.max);
        if !ends.all(|end| asked_for.allows(*end)) {
            return None;
        }
        let all = self.all.map(|all| asked_for.cut(all));
        let length = all.as_ref().and_then(NumberSet::len);
        Some(Self {
            count: length.and_then(|n| u32::try_from(n).ok()).or(self.count),
            all,
            partial: self.partial.map(|page| asked_for.cut(page)),
            ..self
        })
    }
}

impl SearchReturn {
    /// Creates an empty request, which counts as [`all`](Self::all).
    #[must_use]
    pub const fn new() -> Self {
        Self {
            min: false,
            max: false,
            count: false,
            all: false,
            save: false,
            partial: None,
        }
    }

    /// Requests the lowest number (MIN).
    #[must_use]
    pub const fn min(mut self) -> Self {
        self.min = true;
        self
    }

    /// Requests the highest number (MAX).
    #[must_use]
    pub const fn max(mut self) -> Self {
        self.max = true;
        self
    }

    /// Requests the number of messages (COUNT).
    #[must_use]
    pub const fn count(mut self) -> Self {
        self.count = true;
        self
    }

    /// Requests all messages (ALL).
    #[must_use]
    pub const fn all(mut self) -> Self {
        self.all = true;
        self
    }

    /// Requests a page of the messages (PARTIAL, RFC 9394; RFC 5267 for pages from the start).
    ///
    /// If the server supports neither, it sends all messages, and the page is selected from them.
    #[must_use]
    pub const fn partial(mut self, range: PartialRange) -> Self {
        self.partial = Some(range);
        self
    }

    /// Requests that the server saves the result, and the number of messages.
    pub(crate) const fn save() -> Self {
        let mut returns = Self::new().count();
        returns.save = true;
        returns
    }

    /// Whether it requests that the server saves the result.
    pub(crate) const fn is_saving(&self) -> bool {
        self.save
    }

    /// The requested results of an order: the first, the last, the number, all.
    pub(crate) fn of_order(&self) -> (bool, bool, bool, bool) {
        let all = self.all || self.save || *self == Self::new();
        (self.min, self.max, self.count, all)
    }

    /// Whether it requests only a page.
    pub(crate) fn is_only_page(&self) -> bool {
        let is_of_more = self.min || self.max || self.count || self.all || self.save;
        self.partial.is_some() && !is_of_more
    }

    /// Whether it requests more than the options that every server with ESEARCH has (RFC 4731).
    pub(crate) fn is_of_extensions(&self) -> bool {
        self.save || self.partial.is_some()
    }

    /// Whether it requests all messages, and nothing else.
    pub(crate) fn is_all(&self) -> bool {
        *self == Self::new() || *self == Self::new().all()
    }

    /// Whether it requests only the lowest or highest number, so that a value for all messages is
    /// not a value for these.
    pub(crate) fn is_of_ends(&self) -> bool {
        let is_of_more = self.all || self.count || self.save || self.partial.is_some();
        (self.min || self.max) && !is_of_more
    }

    /// The page that is requested.
    pub(crate) fn page(&self) -> Option<&PartialRange> {
        self.partial.as_ref()
    }

    /// The options to send. PARTIAL is sent only to a server that has pages; ALL excludes it (RFC
    /// 9394 section 3.1). `RETURN ()` is never sent: some servers do not treat it as ALL.
    pub(crate) fn options(&self, has_pages: bool) -> ReturnOptions {
        let page = self.partial.filter(|_| has_pages && !self.all);
        let is_nothing = *self == Self::new();
        let all = self.all || is_nothing || (self.partial.is_some() && page.is_none());
        ReturnOptions(Self {
            all,
            partial: page,
            ..*self
        })
    }

    /// The requested part of the server's results. Missing values are computed if all messages are
    /// known; `None` if a value cannot be computed.
    ///
    /// All that were requested are left out only if no message was found (RFC 4731 section 3.1), which
    /// another value must not deny.
    pub(crate) fn of(&self, mut found: Found, asked_all: bool) -> Option<Found> {
        if asked_all && found.all.is_none() {
            let is_some = found.min.is_some() || found.max.is_some();
            if is_some || found.count.is_some_and(|count| count > 0) {
                return None;
            }
            found.all = Some(NumberSet::new());
        }
        let all = found.all.as_ref();
        let page = self.partial.zip(all).map(|(page, all)| page.pick(all));
        let length = all.and_then(NumberSet::len);
        let count = found.count.or(length.and_then(|n| u32::try_from(n).ok()));
        let partial = match (self.partial, count) {
            (None, _) => None,
            (Some(_), Some(0)) => Some(NumberSet::new()),
            (Some(_), _) => Some(found.partial.or(page)?),
        };
        if self.count && count.is_none() {
            return None;
        }
        // A later command names them to a server that does not save results.
        let wants_all = self.all || self.save || *self == Self::new();
        Some(Found {
            min: found
                .min
                .or(all.and_then(NumberSet::first))
                .filter(|_| self.min),
            max: found
                .max
                .or(all.and_then(NumberSet::last))
                .filter(|_| self.max),
            count: count.filter(|_| self.count),
            partial,
            mod_seq: found.mod_seq,
            all: found.all.filter(|_| wants_all),
        })
    }
}

impl ReturnOptions {
    /// Whether the server is requested to send all.
    pub(crate) fn has_all(self) -> bool {
        self.0.all
    }
}

impl fmt::Display for ReturnOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(returns) = self;
        let words = [
            (returns.save, "SAVE"),
            (returns.min, "MIN"),
            (returns.max, "MAX"),
            (returns.count, "COUNT"),
            (returns.all, "ALL"),
        ];
        let mut before = "(";
        for (_, word) in words.into_iter().filter(|(is_sent, _)| *is_sent) {
            write!(f, "{before}{word}")?;
            before = " ";
        }
        if let Some(page) = returns.partial {
            write!(f, "{before}PARTIAL {page}")?;
        }
        f.write_str(")")
    }
}

impl<S> SearchResult<S> {
    pub(crate) fn new(found: Found, named: impl Fn(NumberSet) -> S) -> Self {
        Self {
            min: found.min,
            max: found.max,
            count: found.count,
            all: found.all.map(&named),
            partial: found.partial.map(&named),
            mod_seq: found.mod_seq,
        }
    }

    /// The number of messages found; `None` if it was not requested.
    #[must_use]
    pub fn count(&self) -> Option<u32> {
        self.count
    }

    /// All messages found; `None` if they were not requested.
    #[must_use]
    pub fn all(&self) -> Option<&S> {
        self.all.as_ref()
    }

    /// The page, which may be empty; `None` if none was requested.
    #[must_use]
    pub fn partial(&self) -> Option<&S> {
        self.partial.as_ref()
    }

    /// The highest mod-sequence of the returned messages, if the search key is one of
    /// mod-sequences.
    ///
    /// It is that of all messages found, or of the lowest and highest if only these were requested
    /// (RFC 7162 section 3.1.5).
    #[must_use]
    pub fn mod_seq(&self) -> Option<ModSeq> {
        self.mod_seq
    }
}

impl SearchResult<UidSet> {
    /// The lowest UID found; `None` if there is none, or if it was not requested.
    #[must_use]
    pub fn min(&self) -> Option<Uid> {
        self.min.map(Uid::from)
    }

    /// The highest UID found; `None` if there is none, or if it was not requested.
    #[must_use]
    pub fn max(&self) -> Option<Uid> {
        self.max.map(Uid::from)
    }
}

impl SearchResult<SequenceSet<'_>> {
    /// The lowest sequence number found; `None` if there is none, or if it was not requested.
    #[must_use]
    pub fn min(&self) -> Option<SeqNum> {
        self.min.map(SeqNum::from)
    }

    /// The highest sequence number found; `None` if there is none, or if it was not requested.
    #[must_use]
    pub fn max(&self) -> Option<SeqNum> {
        self.max.map(SeqNum::from)
    }
}

/// The values that the server returned, each after its name.
impl<S: fmt::Display> fmt::Display for SearchResult<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let values: [(&str, Option<&dyn fmt::Display>); 6] = [
            ("count", self.count.as_ref().map(|count| count as _)),
            ("min", self.min.as_ref().map(|min| min as _)),
            ("max", self.max.as_ref().map(|max| max as _)),
            ("all", self.all.as_ref().map(|all| all as _)),
            ("partial", self.partial.as_ref().map(|partial| partial as _)),
            ("modseq", self.mod_seq.as_ref().map(|mod_seq| mod_seq as _)),
        ];
        let mut before = "";
        for (name, value) in values {
            if let Some(value) = value {
                write!(f, "{before}{name} {value}")?;
                before = ", ";
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(text: &str) -> NumberSet {
        NumberSet::parse(text.as_bytes()).unwrap()
    }

    fn number(number: u32) -> NonZeroU32 {
        NonZeroU32::new(number).unwrap()
    }

    #[test]
    fn q85_nothing_is_written_as_all() {
        let page = PartialRange::first(number(5));
        for (returns, pages, expected) in [
            (SearchReturn::new(), true, "(ALL)"),
            (SearchReturn::new().all(), true, "(ALL)"),
            (
                SearchReturn::new().max().min().count(),
                true,
                "(MIN MAX COUNT)",
            ),
            (SearchReturn::new().partial(page), true, "(PARTIAL 1:5)"),
            (SearchReturn::new().partial(page), false, "(ALL)"),
            (SearchReturn::new().partial(page).all(), true, "(ALL)"),
            (
                SearchReturn::new().partial(page).count(),
                true,
                "(COUNT PARTIAL 1:5)",
            ),
            (SearchReturn::save(), true, "(SAVE COUNT)"),
        ] {
            assert_eq!(returns.options(pages).to_string(), expected);
        }
    }

    #[test]
    fn everything_can_be_computed_of_all() {
        let returns = SearchReturn::new()
            .min()
            .max()
            .count()
            .partial(PartialRange::from_end(number(2), number(3)));
        let all = Found {
            all: Some(set("2:4,9")),
            ..Found::default()
        };
        let found = returns.of(all, true).unwrap();
        assert_eq!((found.min, found.max), (Some(number(2)), Some(number(9))));
        assert_eq!((found.count, found.all), (Some(4), None));
        assert_eq!(found.partial, Some(set("3:4")));
        let nothing = returns.of(Found::default(), true).unwrap();
        assert_eq!((nothing.min, nothing.count), (None, Some(0)));
        assert_eq!(nothing.partial, Some(NumberSet::new()));
    }

    #[test]
    fn what_was_left_out_and_cannot_be_computed_is_no_result() {
        let min = || Found {
            min: Some(number(2)),
            ..Found::default()
        };
        assert!(SearchReturn::new().min().of(min(), false).is_some());
        assert!(SearchReturn::new().min().count().of(min(), false).is_none());
        let page = SearchReturn::new().partial(PartialRange::first(number(5)));
        assert!(page.of(min(), false).is_none());
        let none = Found {
            count: Some(0),
            ..Found::default()
        };
        assert_eq!(
            page.of(none, false).unwrap().partial,
            Some(NumberSet::new())
        );
    }
}
