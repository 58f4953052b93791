//! What sets of UIDs and of sequence numbers have in common (RFC 9051 section 9, `sequence-set`).

use std::fmt;
use std::marker::PhantomData;
use std::num::NonZeroU32;
use std::sync::Arc;

use crate::types::number_range::Piece;
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

/// One range of a set: `7`, `1:5`, `9:*` or `*`, where `*` is the highest number in the mailbox.
///
/// ```
/// use latchbox::types::{Uid, UidSet};
///
/// let set: UidSet = "1:5,9:*".parse()?;
/// let open = set.ranges().next_back().unwrap();
/// assert_eq!(open.first(), Uid::new(9));
/// assert_eq!(open.last(), None);
/// # Ok::<(), latchbox::types::InvalidSet>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct SetRange<N> {
    piece: Piece,
    kind: PhantomData<N>,
}

/// The numbers of a set one by one, lowest first; see [`UidSet::iter`](crate::types::UidSet::iter)
/// and [`SequenceSet::iter`](crate::types::SequenceSet::iter).
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
            /// Whether there is nothing in it.
            pub fn is_empty(&self) -> bool {
                self.numbers.is_empty()
            }

            /// How many there are; `None` when `*` is among them, as only the server knows it.
            pub fn len(&self) -> Option<u64> {
                self.numbers.len()
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
            /// assert_eq!(set.len(), None);
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

            /// The ranges, ascending and apart from each other; one that holds `*` is the last.
            pub fn ranges(&self) -> impl DoubleEndedIterator<Item = SetRange<$number>> + '_ {
                self.numbers.pieces().map(SetRange::new)
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
            pub fn iter(&self) -> SetIter<'_, $number> {
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
                self.iter()
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

impl<N> SetRange<N> {
    pub(crate) fn new(piece: Piece) -> Self {
        let kind = PhantomData;
        Self { piece, kind }
    }
}

impl<N: From<NonZeroU32>> SetRange<N> {
    /// The lower end; `None` when the range is `*` alone.
    pub fn first(&self) -> Option<N> {
        self.piece.first.map(N::from)
    }

    /// The upper end, which belongs to the range; `None` when it is `*`.
    pub fn last(&self) -> Option<N> {
        self.piece.last.map(N::from)
    }
}

impl<N> fmt::Display for SetRange<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.piece.fmt(f)
    }
}

impl<N> fmt::Debug for SetRange<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SetRange({})", self.piece)
    }
}

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
