//! The content of COPYUID: which copy belongs to which message (RFC 9051 section 7.1).

use crate::types::asked_for::AskedFor;
use crate::types::invalid_set::InvalidSet;
use crate::types::number_range::Span;
use crate::types::number_set::{NumberSet, NumberSetBuilder, Numbers};
use crate::types::uid::{Uid, UidValidity};
use crate::types::uid_set::UidSet;

/// The messages that were copied or moved, and the UIDs of their copies.
///
/// The two sets are kept in the order in which the server sent them, because the order determines
/// which copy belongs to which message. Ranges are not expanded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CopyUid {
    uid_validity: Option<UidValidity>,
    sources: Vec<Span>,
    copies: Vec<Span>,
}

impl CopyUid {
    /// The UIDVALIDITY of the mailbox that the copies are in; `None` if the server sent 0.
    pub fn uid_validity(&self) -> Option<UidValidity> {
        self.uid_validity
    }

    /// The UIDs of the copied messages in the mailbox that they were copied from.
    pub fn sources(&self) -> UidSet {
        in_order(&self.sources).into()
    }

    /// The UIDs of the copies in the mailbox that they were copied to.
    pub fn copies(&self) -> UidSet {
        in_order(&self.copies).into()
    }

    /// Each message with its copy, as the server named them; empty if they cannot be paired.
    ///
    /// They cannot be paired if the server named different numbers of messages and copies, or one
    /// of them twice. [`Copied::pairs`] has the pairs of requested messages only.
    ///
    /// [`Copied::pairs`]: crate::command::Copied::pairs
    pub fn pairs(&self) -> impl Iterator<Item = (Uid, Uid)> + '_ {
        let is_paired = self.is_paired(&AskedFor::anything());
        let copies: &[Span] = if is_paired { &self.copies } else { &[] };
        let sources = Numbers::over(&self.sources).map(Uid::from);
        sources.zip(Numbers::over(copies).map(Uid::from))
    }

    /// Whether each named message was requested, is named once, and has a copy of its own.
    pub(crate) fn is_paired(&self, asked_for: &AskedFor) -> bool {
        count(&self.sources) == count(&self.copies)
            && asked_for.is_each_once(&self.sources)
            && AskedFor::anything().is_each_once(&self.copies)
    }

    /// Whether no message was reported.
    pub(crate) fn is_empty(&self) -> bool {
        self.sources.is_empty() && self.copies.is_empty()
    }

    /// Adds the server's report about further messages of the same command.
    pub(crate) fn append(&mut self, next: Self) {
        match self.uid_validity == next.uid_validity {
            true => {
                self.sources.extend(next.sources);
                self.copies.extend(next.copies);
            }
            // Copies of two mailboxes by one command cannot be told apart.
            false => self.copies.clear(),
        }
    }

    /// Reads the two sets. Empty ones, which Outlook.com sends, mean that nothing is known. `*` is
    /// rejected, because a server knows its own numbers.
    pub(crate) fn parse(
        uid_validity: u32,
        sources: &[u8],
        copies: &[u8],
    ) -> Result<Self, InvalidSet> {
        Ok(Self {
            uid_validity: UidValidity::new(uid_validity),
            sources: NumberSet::parse_in_order(sources)?,
            copies: NumberSet::parse_in_order(copies)?,
        })
    }
}

impl std::fmt::Display for CopyUid {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} to {}", self.sources(), self.copies())
    }
}

fn in_order(spans: &[Span]) -> NumberSet {
    let mut builder = NumberSetBuilder::default();
    spans.iter().for_each(|span| builder.push_span(*span));
    builder.finish()
}

fn count(spans: &[Span]) -> u128 {
    spans.iter().map(|span| u128::from(span.len())).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(sources: &str, copies: &str) -> Vec<(u32, u32)> {
        let copied = CopyUid::parse(7, sources.as_bytes(), copies.as_bytes()).unwrap();
        copied
            .pairs()
            .map(|(from, to)| (from.value(), to.value()))
            .collect()
    }

    #[test]
    fn the_order_of_the_server_pairs_messages_with_copies() {
        assert_eq!(
            pairs("304,319:320", "3956:3958"),
            [(304, 3956), (319, 3957), (320, 3958)]
        );
        assert_eq!(pairs("9,2:3", "10:11,4"), [(9, 10), (2, 11), (3, 4)]);
        assert_eq!(pairs("3:1", "5:7"), [(1, 5), (2, 6), (3, 7)]);
    }

    #[test]
    fn what_is_told_in_parts_is_one() {
        let read = |uid_validity, sources: &[u8], copies: &[u8]| {
            CopyUid::parse(uid_validity, sources, copies).unwrap()
        };
        let mut copied = read(7, b"9", b"1");
        copied.append(read(7, b"2:3", b"4:5"));
        let numbers: Vec<_> = copied
            .pairs()
            .map(|(from, to)| (from.value(), to.value()))
            .collect();
        assert_eq!(numbers, [(9, 1), (2, 4), (3, 5)]);
        copied.append(read(8, b"10", b"6"));
        assert!(!copied.is_paired(&AskedFor::anything()));
        assert!(read(7, b"", b"").is_empty());
    }

    #[test]
    fn what_does_not_agree_is_no_mapping() {
        assert_eq!(pairs("1:3", "7:8"), []);
        assert_eq!(pairs("", ""), []);
        assert_eq!(pairs("", "7"), []);
        assert_eq!(pairs("1,1", "7:8"), []);
        assert_eq!(pairs("1:2", "7,7"), []);
        let all = CopyUid::parse(0, b"1:4294967295", b"1:4294967295").unwrap();
        assert_eq!(all.uid_validity(), None);
        assert_eq!(all.pairs().take(2).count(), 2);
        assert!(CopyUid::parse(1, b"1:*", b"5").is_err());
        assert!(CopyUid::parse(1, b"1,", b"5").is_err());
    }
}
