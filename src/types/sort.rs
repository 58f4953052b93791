//! The keys of SORT (RFC 5256, RFC 5957), and its result.

use std::collections::HashSet;
use std::fmt;
use std::num::NonZeroU32;
use std::slice;
use std::sync::Arc;

use crate::types::capability::Capability;
use crate::types::extension_name::ExtensionName;
use crate::types::number_set::NumberSet;
use crate::types::origin::Origin;
use crate::types::uid::{ModSeq, Uid};
use crate::types::uid_set::UidSet;

/// A key by which messages are sorted.
///
/// ```
/// use latchbox::types::SortKey;
///
/// assert_eq!(SortKey::Date.reverse().to_string(), "REVERSE DATE");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SortKey {
    /// The date and time at which the server received the message.
    Arrival,
    /// The part before the `@` of the first address in the Cc field.
    Cc,
    /// The date and time in the Date field, or those of receipt if there is none.
    Date,
    /// The part before the `@` of the first address in the From field.
    From,
    /// The size of the message.
    Size,
    /// The base subject, without "Re:", "Fwd:" and similar prefixes (RFC 5256 section 2.1).
    Subject,
    /// The part before the `@` of the first address in the To field.
    To,
    /// The name of the first address in the From field, or the address if it has no name.
    ///
    /// Needs SORT=DISPLAY (RFC 5957).
    DisplayFrom,
    /// The name of the first address in the To field, or the address if it has no name.
    ///
    /// Needs SORT=DISPLAY (RFC 5957).
    DisplayTo,
    /// A key of an extension that this crate does not know; only a server can sort by it.
    Other(ExtensionName),
}

/// A [`SortKey`] and its direction.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct SortCriterion {
    key: SortKey,
    is_reverse: bool,
}

impl SortKey {
    /// Sorts by this key in reverse: the largest, latest or last first.
    #[must_use]
    pub const fn reverse(self) -> SortCriterion {
        SortCriterion {
            key: self,
            is_reverse: true,
        }
    }

    /// The capability that it needs.
    pub(crate) fn capability(&self) -> Capability {
        match self {
            Self::DisplayFrom | Self::DisplayTo => Capability::SortDisplay,
            _ => Capability::Sort,
        }
    }

    fn word(&self) -> &str {
        match self {
            Self::Arrival => "ARRIVAL",
            Self::Cc => "CC",
            Self::Date => "DATE",
            Self::From => "FROM",
            Self::Size => "SIZE",
            Self::Subject => "SUBJECT",
            Self::To => "TO",
            Self::DisplayFrom => "DISPLAYFROM",
            Self::DisplayTo => "DISPLAYTO",
            Self::Other(name) => name.as_str(),
        }
    }
}

impl SortCriterion {
    /// The key that is compared.
    #[must_use]
    pub const fn key(&self) -> &SortKey {
        &self.key
    }

    /// Whether the largest, latest or last comes first.
    #[must_use]
    pub const fn is_reverse(&self) -> bool {
        self.is_reverse
    }
}

impl From<SortKey> for SortCriterion {
    fn from(key: SortKey) -> Self {
        Self {
            key,
            is_reverse: false,
        }
    }
}

/// The wire form.
impl fmt::Display for SortCriterion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.is_reverse { "REVERSE " } else { "" })?;
        f.write_str(self.key.word())
    }
}

/// The result of a sort: the values that its [`Sort`](crate::command::Sort) requested, in sort
/// order.
///
/// The UIDs have the mailbox as their origin (RFC 5267 section 3.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SortResult {
    pub(crate) min: Option<Uid>,
    pub(crate) max: Option<Uid>,
    pub(crate) count: Option<u32>,
    pub(crate) all: Option<SortedUids>,
    pub(crate) partial: Option<SortedUids>,
    pub(crate) mod_seq: Option<ModSeq>,
}

impl SortResult {
    /// The first message of the order, if it was requested and there is one.
    #[must_use]
    pub fn min(&self) -> Option<Uid> {
        self.min
    }

    /// The last message of the order, if it was requested and there is one.
    #[must_use]
    pub fn max(&self) -> Option<Uid> {
        self.max
    }

    /// The number of messages, if it was requested.
    #[must_use]
    pub fn count(&self) -> Option<u32> {
        self.count
    }

    /// All messages in their order, if they were requested.
    #[must_use]
    pub fn all(&self) -> Option<&SortedUids> {
        self.all.as_ref()
    }

    /// The page, if one was requested; empty if the order does not reach that far.
    #[must_use]
    pub fn partial(&self) -> Option<&SortedUids> {
        self.partial.as_ref()
    }

    /// The highest mod-sequence of the messages, if the search key is one of mod-sequences.
    ///
    /// See RFC 7162 section 3.1.6.
    #[must_use]
    pub fn mod_seq(&self) -> Option<ModSeq> {
        self.mod_seq
    }
}

/// UIDs in the order in which messages were sorted, each once, with their mailbox as origin.
///
/// A command takes a set, which has no order: [`to_set`](Self::to_set) and [`page`](Self::page)
/// return one. FETCH returns messages in the order of the mailbox.
#[derive(Clone, PartialEq, Eq)]
pub struct SortedUids {
    uids: Vec<Uid>,
    origin: Arc<Origin>,
}

impl SortedUids {
    pub(crate) fn new(numbers: Vec<NonZeroU32>, origin: Arc<Origin>) -> Self {
        let mut uids: Vec<Uid> = numbers.into_iter().map(Uid::from).collect();
        let set: NumberSet = uids.iter().copied().map(NonZeroU32::from).collect();
        if set.len() != u64::try_from(uids.len()).ok() {
            let mut seen = HashSet::new();
            uids.retain(|uid| seen.insert(*uid));
        }
        Self { uids, origin }
    }

    /// The UIDs in order.
    #[must_use]
    pub fn as_slice(&self) -> &[Uid] {
        &self.uids
    }

    /// The UIDs in order, without their mailbox.
    #[must_use]
    pub fn into_vec(self) -> Vec<Uid> {
        self.uids
    }

    /// The UIDs in order.
    pub fn iter(&self) -> slice::Iter<'_, Uid> {
        self.uids.iter()
    }

    /// The number of UIDs.
    #[must_use]
    pub fn len(&self) -> usize {
        self.uids.len()
    }

    /// Whether there are no UIDs.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.uids.is_empty()
    }

    /// The origin of the UIDs.
    #[must_use]
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    /// All UIDs as a set, with their origin.
    #[must_use]
    pub fn to_set(&self) -> UidSet {
        self.set_of(&self.uids)
    }

    /// The UIDs at `count` positions from `start` on, counted from 0, as a set with their origin.
    #[must_use]
    pub fn page(&self, start: usize, count: usize) -> UidSet {
        let rest = self.uids.get(start..).unwrap_or_default();
        self.set_of(rest.get(..count).unwrap_or(rest))
    }

    fn set_of(&self, uids: &[Uid]) -> UidSet {
        UidSet::unbound(uids.iter().copied()).with_origin(Arc::clone(&self.origin))
    }
}

impl<'a> IntoIterator for &'a SortedUids {
    type Item = &'a Uid;
    type IntoIter = slice::Iter<'a, Uid>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl fmt::Debug for SortedUids {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let uids = self.uids.iter().map(|uid| uid.value());
        write!(f, "SortedUids of {} ", self.origin)?;
        f.debug_list().entries(uids).finish()
    }
}

impl fmt::Display for SortKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// The UIDs in their order, separated by commas.
impl fmt::Display for SortedUids {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, uid) in self.iter().enumerate() {
            let before = if place > 0 { "," } else { "" };
            write!(f, "{before}{uid}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::mailbox_name::MailboxName;

    #[test]
    fn attack_071_uids_come_once_and_in_order() {
        let numbers = [7, 3, 7, 9, 3].into_iter().filter_map(NonZeroU32::new);
        let origin = Arc::new(Origin::new(MailboxName::inbox(), None));
        let sorted = SortedUids::new(numbers.collect(), origin);
        let values: Vec<u32> = sorted.iter().map(|uid| uid.value()).collect();
        assert_eq!(values, [7, 3, 9]);
        assert_eq!(sorted.to_set().to_string(), "3,7,9");
        assert_eq!(sorted.page(1, 5).to_string(), "3,9");
        assert_eq!(sorted.page(0, 1).origin(), Some(sorted.origin()));
        assert!(sorted.page(3, 5).is_empty());
    }
}
