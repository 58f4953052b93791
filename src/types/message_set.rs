//! What sets of UIDs and of sequence numbers have in common (RFC 9051 section 9, `sequence-set`).

use std::fmt;
use std::marker::PhantomData;
use std::num::NonZeroU32;
use std::sync::Arc;

use crate::types::number_set::{NumberSet, Numbers};
use crate::types::origin::{Numbering, Origin};

/// A set of messages that a command can be given: of UIDs, with which the command is sent in its UID
/// form, or of sequence numbers.
pub(crate) trait MessageSet: NamesMessages {
    /// The numbers, whatever they count.
    fn numbers(&self) -> &NumberSet;

    /// Where UIDs come from.
    fn shared_origin(&self) -> Option<&Arc<Origin>>;

    /// When sequence numbers are good.
    fn numbering(&self) -> Option<&Numbering>;
}

/// What names the messages of a command: a set of UIDs or of sequence numbers, or
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

/// The numbers of a set one by one, lowest first.
#[derive(Clone)]
pub struct SetIter<'a, N> {
    numbers: Numbers<'a>,
    kind: PhantomData<N>,
}

/// Writes what the two kinds of sets have in common. `$made` begins an expression that makes one of
/// a text, and `$first` what has to stand before it.
macro_rules! message_set {
    ($set:ident $(<$life:lifetime>)?, $number:ident, $made:literal, $first:expr) => {
        impl $(<$life>)? $set $(<$life>)? {
            /// Whether the set is empty.
            pub fn is_empty(&self) -> bool {
                self.numbers.is_empty()
            }

            /// The number of elements. For a set from a server that is the number of messages.
            ///
            /// If the set [is open](Self::is_open), only the server knows how many messages it
            /// names, and this is the most that it can be: `9:*` counts as all numbers from 9 to
            /// 4294967295, as in [`contains`](Self::contains), and `*` alone as one.
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

            /// Whether the set holds `*`, the highest number in the mailbox, alone or as the end of
            /// a range. A set from a server is never open.
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

            /// Whether `number` is in it. What `*` stands for is not known: in `9:*`, all from 9
            /// on are; in `*`, none is.
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

            /// The lowest that is written in it.
            pub fn first(&self) -> Option<$number> {
                self.numbers.first().map($number::from)
            }

            /// The highest; `None` when there is none or when it is `*`.
            pub fn last(&self) -> Option<$number> {
                self.numbers.last().map($number::from)
            }

            /// The ranges, ascending and apart from each other. `9:*` is the range from 9 to
            /// 4294967295; `*` alone is none.
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

            /// The numbers one by one, lowest first, without expanding the set. A range that ends
            /// in `*` yields none, as only the server knows where it ends.
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

            /// The set in parts that are at most `longest` octets each when written, for servers
            /// that refuse long lines. A part holds at least one range, so it may be as long as
            /// 21 octets whatever `longest` says.
            ///
            /// ```
            #[doc = $first]
            #[doc = concat!("let set = ", $made, "(\"1:5,7,9:*\")?;")]
            /// let parts: Vec<String> = set.chunks(5).map(|part| part.to_string()).collect();
            /// assert_eq!(parts, ["1:5,7", "9:*"]);
            /// # Ok::<(), Box<dyn std::error::Error>>(())
            /// ```
            pub fn chunks(&self, longest: usize) -> impl Iterator<Item = Self> + '_ {
                self.numbers
                    .chunks(longest)
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
