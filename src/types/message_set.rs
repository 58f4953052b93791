//! The common parts of sets of UIDs and of sequence numbers (RFC 9051 section 9, `sequence-set`).

use std::fmt;
use std::marker::PhantomData;
use std::num::NonZeroU32;
use std::sync::Arc;

use crate::types::number_set::{NumberSet, Numbers};
use crate::types::origin::{Numbering, Origin};

/// A set of messages for a command: of UIDs, with which the command is sent in its UID form, or of
/// sequence numbers.
pub(crate) trait MessageSet: NamesMessages {
    /// The numbers, of either kind.
    fn numbers(&self) -> &NumberSet;

    /// The origin of UIDs.
    fn shared_origin(&self) -> Option<&Arc<Origin>>;

    /// The period in which sequence numbers are valid.
    fn numbering(&self) -> Option<&Numbering>;
}

/// An argument that names messages: UIDs, sequence numbers, or
/// [`SavedResult`](crate::types::SavedResult).
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not name messages",
    label = "no set of messages",
    note = "a command takes a `UidSet`, a `SequenceSet` of a view, or `SavedResult`"
)]
pub trait NamesMessages {
    /// Whether the command is sent in its UID form.
    const UID: bool;
}

/// An iterator over the numbers of a set, lowest first.
#[derive(Clone)]
pub struct SetIter<'a, N> {
    numbers: Numbers<'a>,
    kind: PhantomData<N>,
}

/// Writes the common methods of the two kinds of sets. `$made` begins an expression that makes a
/// set from a text, and `$first` is the code before it.
macro_rules! message_set {
    ($set:ident $(<$life:lifetime>)?, $number:ident, $made:literal, $first:expr) => {
        impl $(<$life>)? $set $(<$life>)? {
            /// Whether the set is empty.
            pub fn is_empty(&self) -> bool {
                self.numbers.is_empty()
            }

            /// The number of elements; for a set from a server, the number of messages.
            ///
            /// If the set [is open](Self::is_open), only the server knows how many messages it
            /// names, and this is the highest possible number: `9:*` counts as all numbers from 9
            /// to 4294967295, as in [`contains`](Self::contains), and `*` alone as one.
            ///
            /// ```
            #[doc = $first]
            #[doc = concat!("assert_eq!(", $made, "(\"7,1:5\")?.len(), 6);")]
            #[doc = concat!("assert_eq!(", $made, "(\"1:*\")?.len(), 4_294_967_295);")]
            /// # Ok::<(), Box<dyn std::error::Error>>(())
            /// ```
            pub fn len(&self) -> u64 {
                self.numbers.most()
            }

            /// Whether the set contains `*`, the highest number in the mailbox.
            ///
            /// It may be alone or the end of a range. A set from a server is never open.
            ///
            /// ```
            #[doc = $first]
            #[doc = concat!("assert!(", $made, "(\"1:5,9:*\")?.is_open());")]
            #[doc = concat!("assert!(!", $made, "(\"1:5,9\")?.is_open());")]
            /// # Ok::<(), Box<dyn std::error::Error>>(())
            /// ```
            pub fn is_open(&self) -> bool {
                self.numbers.is_open()
            }

            /// Whether the set contains `number`.
            ///
            /// The number that `*` stands for is not known: `9:*` contains all from 9 on, and `*`
            /// contains none.
            ///
            /// ```
            #[doc = $first]
            #[doc = concat!("use latchbox::types::", stringify!($number), ";")]
            ///
            #[doc = concat!("let set = ", $made, "(\"1:3,9:*\")?;")]
            #[doc = concat!("assert!(set.contains(", stringify!($number), "::try_from(10)?));")]
            #[doc = concat!("assert!(!set.contains(", stringify!($number), "::try_from(4)?));")]
            /// # Ok::<(), Box<dyn std::error::Error>>(())
            /// ```
            pub fn contains(&self, number: $number) -> bool {
                self.numbers.contains(number.into())
            }

            /// The lowest number that is written in the set.
            pub fn first(&self) -> Option<$number> {
                self.numbers.first().map($number::from)
            }

            /// The highest number; `None` if there is none, or if it is `*`.
            pub fn last(&self) -> Option<$number> {
                self.numbers.last().map($number::from)
            }

            /// The ranges, ascending and not adjacent.
            ///
            /// `9:*` is the range from 9 to 4294967295; `*` alone is no range.
            ///
            /// ```
            #[doc = $first]
            #[doc = concat!("let set = ", $made, "(\"7,1:5\")?;")]
            /// let ends = set.ranges().map(|range| (range.start().value(), range.end().value()));
            /// assert!(ends.eq([(1, 5), (7, 7)]));
            /// # Ok::<(), Box<dyn std::error::Error>>(())
            /// ```
            pub fn ranges(
                &self,
            ) -> impl DoubleEndedIterator<Item = RangeInclusive<$number>> + Clone + '_ {
                self.numbers
                    .closed()
                    .map(|span| span.first.into()..=span.last.into())
            }

            /// The numbers one by one, lowest first, without expanding the set.
            ///
            /// A range that ends in `*` yields none, because only the server knows where it ends.
            ///
            /// ```
            #[doc = $first]
            #[doc = concat!("let set = ", $made, "(\"7,1:2\")?;")]
            /// let numbers: Vec<u32> = set.iter().map(|number| number.value()).collect();
            /// assert_eq!(numbers, [1, 2, 7]);
            /// # Ok::<(), Box<dyn std::error::Error>>(())
            /// ```
            pub fn iter(&self) -> impl DoubleEndedIterator<Item = $number> + Clone + '_ {
                SetIter::new(self.numbers.numbers())
            }

            /// The `count` lowest numbers, or all if there are fewer.
            ///
            /// Of those that [`iter`](Self::iter) yields: none of a range that ends in `*`.
            ///
            /// ```
            #[doc = $first]
            #[doc = concat!("let set = ", $made, "(\"1:3,7,9\")?;")]
            /// assert_eq!(set.lowest(4).to_string(), "1:3,7");
            /// # Ok::<(), Box<dyn std::error::Error>>(())
            /// ```
            pub fn lowest(&self, count: u64) -> Self {
                self.alike(self.numbers.places(1, count))
            }

            /// The `count` highest numbers, or all if there are fewer: of UIDs, those of the messages
            /// that came last.
            ///
            /// Of those that [`iter`](Self::iter) yields: none of a range that ends in `*`.
            ///
            /// ```
            #[doc = $first]
            #[doc = concat!("let set = ", $made, "(\"1:3,7,9\")?;")]
            /// assert_eq!(set.highest(3).to_string(), "3,7,9");
            /// # Ok::<(), Box<dyn std::error::Error>>(())
            /// ```
            pub fn highest(&self, count: u64) -> Self {
                let known = self.numbers.known();
                self.alike(self.numbers.places(known.saturating_sub(count) + 1, known))
            }

            /// The set in parts of at most `most` messages each, and of at least one, lowest first.
            ///
            /// A range that ends in `*` is the last part by itself, because only the server knows how
            /// many messages it names.
            ///
            /// ```
            #[doc = $first]
            #[doc = concat!("let set = ", $made, "(\"1:5,7,9:*\")?;")]
            /// let parts: Vec<String> = set.chunks(4).map(|part| part.to_string()).collect();
            /// assert_eq!(parts, ["1:4", "5,7", "9:*"]);
            /// # Ok::<(), Box<dyn std::error::Error>>(())
            /// ```
            #[doc(alias = "batches")]
            pub fn chunks(&self, most: u64) -> impl Iterator<Item = Self> + '_ {
                let parts = self.numbers.fewer(most).chain(self.numbers.unknown());
                parts.map(|numbers| self.alike(numbers))
            }

            /// The set in parts of at most `longest` octets each when written.
            ///
            /// For servers that refuse long lines. A part contains at least one range, so it may
            /// have up to 21 octets even if `longest` is less. The commands of this crate divide their
            /// sets by themselves.
            ///
            /// ```
            #[doc = $first]
            #[doc = concat!("let set = ", $made, "(\"1:5,7,9:*\")?;")]
            /// let parts: Vec<String> = set.split_by_length(5).map(|part| part.to_string()).collect();
            /// assert_eq!(parts, ["1:5,7", "9:*"]);
            /// # Ok::<(), Box<dyn std::error::Error>>(())
            /// ```
            pub fn split_by_length(&self, longest: usize) -> impl Iterator<Item = Self> + '_ {
                self.numbers
                    .split_by_length(longest)
                    .map(|numbers| self.alike(numbers))
            }
        }

        impl<'a $(, $life)?> IntoIterator for &'a $set $(<$life>)? {
            type Item = $number;
            type IntoIter = SetIter<'a, $number>;

            fn into_iter(self) -> Self::IntoIter {
                SetIter::new(self.numbers.numbers())
            }
        }

        impl $(<$life>)? fmt::Display for $set $(<$life>)? {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.numbers.fmt(f)
            }
        }

        impl $(<$life>)? fmt::Debug for $set $(<$life>)? {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($set), "({})"), self.numbers)
            }
        }
    };
}
pub(crate) use message_set;

impl<'a, N> SetIter<'a, N> {
    pub(crate) fn new(numbers: Numbers<'a>) -> Self {
        let kind = PhantomData;
        Self { numbers, kind }
    }
}

impl<N: From<NonZeroU32>> Iterator for SetIter<'_, N> {
    type Item = N;

    fn next(&mut self) -> Option<N> {
        self.numbers.next().map(N::from)
    }
}

impl<N: From<NonZeroU32>> DoubleEndedIterator for SetIter<'_, N> {
    fn next_back(&mut self) -> Option<N> {
        self.numbers.next_back().map(N::from)
    }
}

impl<N> fmt::Debug for SetIter<'_, N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SetIter")
    }
}
