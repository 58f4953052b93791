//! Sets of messages by sequence number, which belong to the view that created them.

use std::fmt;
use std::marker::PhantomData;
use std::num::NonZeroU32;
use std::ops::RangeInclusive;
use std::sync::Arc;

use crate::types::message_set::{MessageSet, NamesMessages, SetIter, message_set};
use crate::types::number_set::NumberSet;
use crate::types::origin::{Numbering, Origin};
use crate::types::uid::SeqNum;

/// A set of message sequence numbers (RFC 9051 section 2.3.1.2), valid until a message is expunged.
///
/// It is useful for "the last 50".
///
/// Only a view of a guard creates one: [`Numbered`](crate::guard::Numbered), which borrows the
/// guard. While the set exists, no other command of the guard compiles, so that no message can be
/// removed and the numbers keep their meaning:
///
/// ```compile_fail
#[doc = include_str!("../doc/session.txt")]
/// let mut inbox = session.lock_mailbox("INBOX")?;
/// let last_50 = inbox.numbered().last(50);
/// inbox.expunge_all_deleted()?; // error: `inbox` is borrowed by `last_50`
/// println!("{last_50}");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// A set of another guard is refused before anything is sent
/// ([`MailboxError::ForeignNumbers`](crate::error::MailboxError::ForeignNumbers)). Sets of two guards can
/// be put together, but what comes of it is taken by neither.
///
/// ```
#[doc = include_str!("../doc/session.txt")]
/// let mut inbox = session.lock_mailbox("INBOX")?;
/// let last_50 = inbox.numbered().last(50); // of the one that there is
/// assert_eq!(last_50.to_string(), "1");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct SequenceSet<'n> {
    numbers: NumberSet,
    numbering: Numbering,
    view: PhantomData<&'n ()>,
}

/// The numbers of a [`SequenceSet`] without its lifetime, as a search key stores them.
///
/// They are valid only at the moment in which the set was created. A search with them is rejected,
/// before anything is sent, once a message was expunged or the mailbox was reselected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SequenceNumbers {
    numbers: NumberSet,
    numbering: Numbering,
}

impl<'n> SequenceSet<'n> {
    /// Adds a sequence number; does nothing if the set already contains it.
    ///
    /// To add many in no order, use `extend`, which sorts once.
    ///
    /// ```
    #[doc = include_str!("../doc/session.txt")]
    /// use latchbox::types::SeqNum;
    ///
    /// let mut inbox = session.lock_mailbox("INBOX")?;
    /// let numbered = inbox.numbered();
    /// let mut set = numbered.parse("1:3")?;
    /// set.insert(SeqNum::try_from(5)?);
    /// set.extend([SeqNum::try_from(4)?]);
    /// assert_eq!(set.to_string(), "1:5");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn insert(&mut self, number: SeqNum) {
        self.numbers.insert(number.into());
    }

    pub(crate) fn new(numbers: NumberSet, numbering: Numbering) -> Self {
        Self {
            numbers,
            numbering,
            view: PhantomData,
        }
    }

    /// Returns the numbers that are in at least one of the two sets.
    ///
    /// ```
    #[doc = include_str!("../doc/session.txt")]
    /// let mut inbox = session.lock_mailbox("INBOX")?;
    /// let numbered = inbox.numbered();
    /// let both = numbered.parse("1:5")?.union(&numbered.parse("4:9")?);
    /// assert_eq!(both.to_string(), "1:9");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        self.combine(other, NumberSet::union)
    }

    /// Returns the numbers that are in both sets.
    ///
    /// If only one of them contains `*`, it is dropped: the result never names a message that is
    /// not certainly in both.
    #[must_use]
    pub fn intersection(&self, other: &Self) -> Self {
        self.combine(other, NumberSet::intersection)
    }

    /// Returns the numbers that are in this set and not in `other`.
    ///
    /// `n:*` counts as "n and all higher numbers". As `*` may stand for any message, it is dropped
    /// from a set that numbers are removed from. If a lone `*` is removed, no number is certain to
    /// remain, and the result is empty.
    #[must_use]
    pub fn difference(&self, other: &Self) -> Self {
        self.combine(other, NumberSet::difference)
    }

    fn combine(
        &self,
        other: &Self,
        operation: impl Fn(&NumberSet, &NumberSet) -> NumberSet,
    ) -> Self {
        let numbers = operation(&self.numbers, &other.numbers);
        Self::new(numbers, self.numbering.meet(&other.numbering))
    }

    fn alike(&self, numbers: NumberSet) -> Self {
        Self::new(numbers, self.numbering.clone())
    }
}

impl Extend<SeqNum> for SequenceSet<'_> {
    fn extend<I: IntoIterator<Item = SeqNum>>(&mut self, numbers: I) {
        let added: NumberSet = numbers.into_iter().map(NonZeroU32::from).collect();
        self.numbers = self.numbers.union(&added);
    }
}

message_set!(
    SequenceSet<'n>,
    SeqNum,
    "numbered.parse",
    concat!(
        include_str!("../doc/session.txt"),
        "let mut inbox = session.lock_mailbox(\"INBOX\")?;\n",
        "let numbered = inbox.numbered();",
    )
);

impl NamesMessages for SequenceSet<'_> {
    const UID: bool = false;
}

impl MessageSet for SequenceSet<'_> {
    fn numbers(&self) -> &NumberSet {
        &self.numbers
    }

    fn shared_origin(&self) -> Option<&Arc<Origin>> {
        None
    }

    fn numbering(&self) -> Option<&Numbering> {
        Some(&self.numbering)
    }
}

impl SequenceNumbers {
    /// Whether the set is empty.
    pub fn is_empty(&self) -> bool {
        self.numbers.is_empty()
    }

    pub(crate) fn numbering(&self) -> &Numbering {
        &self.numbering
    }

    pub(crate) fn as_numbers(&self) -> &NumberSet {
        &self.numbers
    }

    pub(crate) fn split_by_length(&self, longest: usize) -> impl Iterator<Item = Self> + '_ {
        self.numbers.split_by_length(longest).map(|numbers| Self {
            numbers,
            numbering: self.numbering.clone(),
        })
    }
}

impl From<&SequenceSet<'_>> for SequenceNumbers {
    fn from(set: &SequenceSet<'_>) -> Self {
        Self {
            numbers: set.numbers.clone(),
            numbering: set.numbering.clone(),
        }
    }
}

impl fmt::Display for SequenceNumbers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.numbers.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::mailbox_name::MailboxName;
    use crate::types::uid::UidValidity;
    use crate::types::uid_set::UidSet;

    #[test]
    fn a_command_learns_its_form_from_the_set() {
        fn is_uid<S: MessageSet>(_: &S) -> bool {
            S::UID
        }
        assert!(is_uid(&UidSet::all()));
        assert!(!is_uid(&places("1:*", &Numbering::new(&selection(), 0))));
    }

    #[test]
    fn places_of_two_selections_put_together_belong_to_neither() {
        let (one, other) = (selection(), selection());
        let here = Numbering::new(&one, 0);
        let (set, same) = (places("1:5", &here), places("4:9", &here));
        assert_eq!(set.union(&same), places("1:9", &here));
        assert_eq!(set.intersection(&same), places("4:5", &here));
        assert_eq!(set.difference(&same), places("1:3", &here));
        for elsewhere in [Numbering::new(&other, 0), Numbering::new(&one, 1)] {
            let both = set.union(&places("4:9", &elsewhere));
            assert_eq!(both.to_string(), "1:9");
            assert!(!both.numbering.is_of(&one) && !both.numbering.is_of(&other));
            assert_ne!(set, places("1:5", &elsewhere));
        }
    }

    #[test]
    fn what_is_made_of_a_set_is_good_as_long() {
        let here = Numbering::new(&selection(), 3);
        let mut set = places("1:5,9", &here);
        set.insert(SeqNum::MIN);
        set.extend([SeqNum::MAX]);
        assert!(set.chunks(1).all(|chunk| chunk.numbering == here));
        assert_eq!(*SequenceNumbers::from(&set).numbering(), here);
    }

    fn selection() -> Arc<Origin> {
        let mailbox = MailboxName::new("INBOX").unwrap();
        Arc::new(Origin::new(mailbox, UidValidity::new(1)))
    }

    fn places(text: &str, numbering: &Numbering) -> SequenceSet<'static> {
        let numbers = NumberSet::parse(text.as_bytes()).unwrap();
        SequenceSet::new(numbers, numbering.clone())
    }
}
