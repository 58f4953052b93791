//! Sets of messages, by UID or by sequence number (RFC 9051 section 9, `sequence-set`), and where
//! a set of UIDs comes from.

use std::error::Error;
use std::fmt;
use std::marker::PhantomData;
use std::num::NonZeroU32;
use std::ops::{RangeFrom, RangeFull, RangeInclusive, RangeToInclusive};
use std::str::FromStr;
use std::sync::Arc;

use crate::types::mailbox_name::MailboxName;
use crate::types::number_range::Piece;
use crate::types::number_set::{InvalidSet, NumberSet, Numbers};
use crate::types::uid::{SeqNum, Uid, UidValidity};

/// A set of UIDs, kept as ascending ranges that are never expanded: `1:4294967295` takes 8 octets.
///
/// A set that a server gave remembers its [`Origin`], so that it cannot be used on another mailbox;
/// a set that the caller made has none. Both count in `==`.
///
/// ```
/// use latchbox::types::{Uid, UidSet};
///
/// let mut set: UidSet = "5,1:3".parse()?;
/// set.insert(Uid::try_from(4)?);
/// assert_eq!(set.to_string(), "1:5");
/// assert_eq!(set.len(), Some(5));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Default, PartialEq, Eq, Hash)]
pub struct UidSet {
    numbers: NumberSet,
    origin: Option<Arc<Origin>>,
}

/// A set of message sequence numbers: what is good for "the last 50", and void as soon as a message
/// is expunged.
///
/// ```
/// use latchbox::types::{SeqNum, SequenceSet};
///
/// let exists = 1200;
/// let last_50 = SequenceSet::from(SeqNum::try_from(exists - 49)?..=SeqNum::try_from(exists)?);
/// assert_eq!(last_50.to_string(), "1151:1200");
/// # Ok::<(), latchbox::types::InvalidNumber>(())
/// ```
#[derive(Clone, Default, PartialEq, Eq, Hash)]
pub struct SequenceSet {
    numbers: NumberSet,
}

/// The mailbox that a server's UIDs belong to, and the UIDVALIDITY under which they do
/// (RFC 9051 section 2.3.1.1).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Origin {
    mailbox: MailboxName,
    uid_validity: Option<UidValidity>,
}

/// A set of messages that a command can be given: [`UidSet`], with which the command is sent in its
/// UID form, or [`SequenceSet`]. Nothing else can be one.
pub trait MessageSet: sealed::Numbered {}

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

/// The numbers of a set one by one, lowest first; see [`UidSet::iter`] and [`SequenceSet::iter`].
#[derive(Clone)]
pub struct SetIter<'a, N> {
    numbers: Numbers<'a>,
    kind: PhantomData<N>,
}

/// Two sets of UIDs were to be combined that belong to different mailboxes, or to different
/// UIDVALIDITYs of one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MixedOrigins {
    origins: Box<(Origin, Origin)>,
}

impl UidSet {
    /// Where the UIDs come from, if a server gave them.
    ///
    /// ```
    /// use latchbox::types::UidSet;
    ///
    /// assert!(UidSet::all().origin().is_none());
    /// ```
    pub fn origin(&self) -> Option<&Origin> {
        self.origin.as_deref()
    }

    /// The same UIDs without their origin: for a caller that knows better, as when the mailbox was
    /// renamed. Nothing then keeps them from being used on the wrong mailbox.
    #[must_use]
    pub fn without_origin(self) -> Self {
        Self {
            numbers: self.numbers,
            origin: None,
        }
    }

    /// What is in one of the two. A set without an origin takes that of the other.
    ///
    /// # Errors
    ///
    /// [`MixedOrigins`] if both have an origin and these differ.
    ///
    /// ```
    /// use latchbox::types::UidSet;
    ///
    /// let both = UidSet::try_from("1:5")?.union(&"4:9".parse()?)?;
    /// assert_eq!(both.to_string(), "1:9");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn union(&self, other: &Self) -> Result<Self, MixedOrigins> {
        self.combine(other, NumberSet::union)
    }

    /// What is in both. Where only one of them holds `*` it falls away: the answer never names a
    /// message that is not surely in both.
    ///
    /// # Errors
    ///
    /// [`MixedOrigins`] if both have an origin and these differ.
    ///
    /// ```
    /// use latchbox::types::UidSet;
    ///
    /// let both = UidSet::try_from("1:5,7:*")?.intersection(&"4:9".parse()?)?;
    /// assert_eq!(both.to_string(), "4:5,7:9");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn intersection(&self, other: &Self) -> Result<Self, MixedOrigins> {
        self.combine(other, NumberSet::intersection)
    }

    /// What is in this set and not in `other`. `n:*` counts as "n and everything above"; as `*`
    /// may stand for any message, it does not stay in a set that something is taken from, and
    /// nothing is sure to be left, so nothing is, where a lone `*` is taken away.
    ///
    /// # Errors
    ///
    /// [`MixedOrigins`] if both have an origin and these differ.
    ///
    /// ```
    /// use latchbox::types::UidSet;
    ///
    /// let rest = UidSet::try_from("1:9")?.difference(&"4,8:*".parse()?)?;
    /// assert_eq!(rest.to_string(), "1:3,5:7");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn difference(&self, other: &Self) -> Result<Self, MixedOrigins> {
        self.combine(other, NumberSet::difference)
    }

    pub(crate) fn with_origin(self, origin: Arc<Origin>) -> Self {
        Self {
            numbers: self.numbers,
            origin: Some(origin),
        }
    }

    fn combine(
        &self,
        other: &Self,
        operation: impl Fn(&NumberSet, &NumberSet) -> NumberSet,
    ) -> Result<Self, MixedOrigins> {
        let origin = match (&self.origin, &other.origin) {
            (Some(one), Some(two)) if !Arc::ptr_eq(one, two) && one != two => {
                return Err(MixedOrigins::of(one, two));
            }
            (Some(origin), _) | (None, Some(origin)) => Some(Arc::clone(origin)),
            (None, None) => None,
        };
        Ok(Self {
            numbers: operation(&self.numbers, &other.numbers),
            origin,
        })
    }

    fn alike(&self, numbers: NumberSet) -> Self {
        Self {
            numbers,
            origin: self.origin.clone(),
        }
    }
}

impl SequenceSet {
    /// What is in one of the two.
    ///
    /// ```
    /// use latchbox::types::SequenceSet;
    ///
    /// let both = SequenceSet::try_from("1:5")?.union(&"4:9".parse()?);
    /// assert_eq!(both.to_string(), "1:9");
    /// # Ok::<(), latchbox::types::InvalidSet>(())
    /// ```
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        self.alike(self.numbers.union(&other.numbers))
    }

    /// What is in both. Where only one of them holds `*` it falls away: the answer never names a
    /// message that is not surely in both.
    #[must_use]
    pub fn intersection(&self, other: &Self) -> Self {
        self.alike(self.numbers.intersection(&other.numbers))
    }

    /// What is in this set and not in `other`. `n:*` counts as "n and everything above"; as `*`
    /// may stand for any message, it does not stay in a set that something is taken from, and
    /// nothing is sure to be left, so nothing is, where a lone `*` is taken away.
    #[must_use]
    pub fn difference(&self, other: &Self) -> Self {
        self.alike(self.numbers.difference(&other.numbers))
    }

    fn alike(&self, numbers: NumberSet) -> Self {
        Self { numbers }
    }
}

/// Writes what the two kinds of sets have in common.
macro_rules! message_set {
    ($set:ident, $number:ident, $uid:literal, $from_first:ident) => {
        impl $set {
            /// An empty set.
            pub fn new() -> Self {
                Self::default()
            }

            /// `1:*`, every message of the mailbox.
            ///
            /// ```
            #[doc = concat!("use latchbox::types::", stringify!($set), ";")]
            ///
            #[doc = concat!("assert_eq!(", stringify!($set), "::all().to_string(), \"1:*\");")]
            /// ```
            pub fn all() -> Self {
                NumberSet::all().into()
            }

            /// `first:*`: from there to the highest in the mailbox. Where `first` is above the
            /// highest, a server takes it for the highest alone (RFC 9051 section 9).
            ///
            /// ```
            #[doc = concat!("use latchbox::types::{", stringify!($set), ", ",
                                                        stringify!($number), "};")]
            ///
            #[doc = concat!("let first = ", stringify!($number), "::try_from(7)?;")]
            #[doc = concat!("let set = ", stringify!($set), "::",
                                                        stringify!($from_first), "(first);")]
            /// assert_eq!(set.to_string(), "7:*");
            #[doc = concat!("assert_eq!(set, ", stringify!($set), "::from(first..));")]
            /// # Ok::<(), latchbox::types::InvalidNumber>(())
            /// ```
            pub fn $from_first(first: $number) -> Self {
                NumberSet::starting_at(first.into()).into()
            }

            /// Adds one; does nothing if it is there. To add many in no order, collect them or
            /// use `extend`, which sorts once.
            ///
            /// ```
            #[doc = concat!("use latchbox::types::{", stringify!($set), ", ",
                stringify!($number), "};")]
            ///
            #[doc = concat!("let mut set: ", stringify!($set), " = \"1:3\".parse()?;")]
            #[doc = concat!("set.insert(", stringify!($number), "::try_from(5)?);")]
            #[doc = concat!("set.extend([", stringify!($number), "::try_from(4)?]);")]
            /// assert_eq!(set.to_string(), "1:5");
            /// # Ok::<(), Box<dyn std::error::Error>>(())
            /// ```
            pub fn insert(&mut self, number: $number) {
                self.numbers.insert(number.into());
            }

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
            #[doc = concat!("use latchbox::types::{", stringify!($set), ", ",
                stringify!($number), "};")]
            ///
            #[doc = concat!("let set: ", stringify!($set), " = \"1:3,9:*\".parse()?;")]
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
                self.numbers.pieces().map(|piece| SetRange {
                    piece,
                    kind: PhantomData,
                })
            }

            /// The numbers one by one, lowest first, without expanding the set. A range that ends
            /// in `*` yields none, as only the server knows where it ends.
            ///
            /// ```
            #[doc = concat!("use latchbox::types::", stringify!($set), ";")]
            ///
            #[doc = concat!("let set: ", stringify!($set), " = \"7,1:2\".parse()?;")]
            /// let numbers: Vec<u32> = set.iter().map(|number| number.value()).collect();
            /// assert_eq!(numbers, [1, 2, 7]);
            /// # Ok::<(), latchbox::types::InvalidSet>(())
            /// ```
            pub fn iter(&self) -> SetIter<'_, $number> {
                SetIter {
                    numbers: self.numbers.numbers(),
                    kind: PhantomData,
                }
            }

            /// The set in parts that are at most `longest` octets each when written, for servers
            /// that refuse long lines. A part holds at least one range, so it may be as long as
            /// 21 octets whatever `longest` says.
            ///
            /// ```
            #[doc = concat!("use latchbox::types::", stringify!($set), ";")]
            ///
            #[doc = concat!("let set: ", stringify!($set), " = \"1:5,7,9:*\".parse()?;")]
            /// let parts: Vec<String> = set.chunks(5).map(|part| part.to_string()).collect();
            /// assert_eq!(parts, ["1:5,7", "9:*"]);
            /// # Ok::<(), latchbox::types::InvalidSet>(())
            /// ```
            pub fn chunks(&self, longest: usize) -> impl Iterator<Item = $set> + '_ {
                self.numbers
                    .chunks(longest)
                    .map(|numbers| self.alike(numbers))
            }
        }

        impl MessageSet for $set {}

        impl sealed::Numbered for $set {
            const UID: bool = $uid;

            fn numbers(&self) -> &NumberSet {
                &self.numbers
            }

            fn origin(&self) -> Option<&Arc<Origin>> {
                self.shared_origin()
            }

            fn part(&self, numbers: NumberSet) -> Self {
                self.alike(numbers)
            }
        }

        impl From<$number> for $set {
            fn from(number: $number) -> Self {
                Self::from(number..=number)
            }
        }

        impl From<RangeInclusive<$number>> for $set {
            /// Empty if the range is: unlike on the wire, `5..=1` has nothing in it.
            fn from(range: RangeInclusive<$number>) -> Self {
                let (first, last) = range.into_inner();
                NumberSet::between(first.into(), last.into()).into()
            }
        }

        impl From<RangeFrom<$number>> for $set {
            fn from(range: RangeFrom<$number>) -> Self {
                Self::$from_first(range.start)
            }
        }

        impl From<RangeToInclusive<$number>> for $set {
            fn from(range: RangeToInclusive<$number>) -> Self {
                Self::from($number::MIN..=range.end)
            }
        }

        impl From<RangeFull> for $set {
            fn from(_: RangeFull) -> Self {
                Self::all()
            }
        }

        impl From<&[$number]> for $set {
            fn from(numbers: &[$number]) -> Self {
                numbers.iter().collect()
            }
        }

        impl<const N: usize> From<[$number; N]> for $set {
            fn from(numbers: [$number; N]) -> Self {
                numbers.into_iter().collect()
            }
        }

        impl From<Vec<$number>> for $set {
            fn from(numbers: Vec<$number>) -> Self {
                numbers.into_iter().collect()
            }
        }

        impl FromIterator<$number> for $set {
            fn from_iter<I: IntoIterator<Item = $number>>(numbers: I) -> Self {
                let numbers: NumberSet = numbers.into_iter().map(NonZeroU32::from).collect();
                numbers.into()
            }
        }

        impl<'a> FromIterator<&'a $number> for $set {
            fn from_iter<I: IntoIterator<Item = &'a $number>>(numbers: I) -> Self {
                numbers.into_iter().copied().collect()
            }
        }

        impl Extend<$number> for $set {
            fn extend<I: IntoIterator<Item = $number>>(&mut self, numbers: I) {
                let added: NumberSet = numbers.into_iter().map(NonZeroU32::from).collect();
                self.numbers = self.numbers.union(&added);
            }
        }

        impl<'a> IntoIterator for &'a $set {
            type Item = $number;
            type IntoIter = SetIter<'a, $number>;

            fn into_iter(self) -> Self::IntoIter {
                self.iter()
            }
        }

        impl FromStr for $set {
            type Err = InvalidSet;

            fn from_str(text: &str) -> Result<Self, InvalidSet> {
                NumberSet::parse(text.as_bytes()).map(Self::from)
            }
        }

        impl TryFrom<&str> for $set {
            type Error = InvalidSet;

            fn try_from(text: &str) -> Result<Self, InvalidSet> {
                text.parse()
            }
        }

        impl fmt::Display for $set {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.numbers.fmt(f)
            }
        }

        impl fmt::Debug for $set {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($set), "({})"), self.numbers)
            }
        }
    };
}

message_set!(UidSet, Uid, true, from_uid);
message_set!(SequenceSet, SeqNum, false, from_number);

impl From<NumberSet> for UidSet {
    fn from(numbers: NumberSet) -> Self {
        Self {
            numbers,
            origin: None,
        }
    }
}

impl From<NumberSet> for SequenceSet {
    fn from(numbers: NumberSet) -> Self {
        Self { numbers }
    }
}

impl UidSet {
    pub(crate) fn shared_origin(&self) -> Option<&Arc<Origin>> {
        self.origin.as_ref()
    }
}

impl SequenceSet {
    fn shared_origin(&self) -> Option<&Arc<Origin>> {
        None
    }
}

impl Origin {
    pub(crate) fn new(mailbox: MailboxName, uid_validity: Option<UidValidity>) -> Self {
        Self {
            mailbox,
            uid_validity,
        }
    }

    /// The mailbox.
    pub fn mailbox(&self) -> &MailboxName {
        &self.mailbox
    }

    /// The UIDVALIDITY that the mailbox had; `None` if the server keeps none.
    pub fn uid_validity(&self) -> Option<UidValidity> {
        self.uid_validity
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "mailbox {}", self.mailbox)?;
        match self.uid_validity {
            Some(uid_validity) => write!(f, " with UIDVALIDITY {uid_validity}"),
            None => f.write_str(" without UIDVALIDITY"),
        }
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

impl MixedOrigins {
    fn of(one: &Origin, other: &Origin) -> Self {
        Self {
            origins: Box::new((one.clone(), other.clone())),
        }
    }

    /// The origins of the two sets, in the order in which they stood.
    pub fn origins(&self) -> (&Origin, &Origin) {
        (&self.origins.0, &self.origins.1)
    }
}

impl fmt::Display for MixedOrigins {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (one, other) = self.origins();
        write!(
            f,
            "UIDs of {one} cannot be combined with UIDs of {other}; search anew in one mailbox"
        )
    }
}

impl Error for MixedOrigins {}

/// Keeps others from making sets of their own, and shows the crate what it needs of one.
pub(crate) mod sealed {
    use std::sync::Arc;

    use crate::types::number_set::NumberSet;
    use crate::types::sequence_set::Origin;

    /// What a command needs to know of a set.
    pub trait Numbered: Sized {
        /// Whether the command is sent in its UID form.
        const UID: bool;

        /// The numbers, whatever they count.
        fn numbers(&self) -> &NumberSet;

        /// Where UIDs come from.
        fn origin(&self) -> Option<&Arc<Origin>>;

        /// A set of the same kind and origin.
        fn part(&self, numbers: NumberSet) -> Self;
    }
}

#[cfg(test)]
mod tests {
    use super::sealed::Numbered;
    use super::*;

    fn from(mailbox: &str, uid_validity: u32, set: &str) -> UidSet {
        let mailbox = MailboxName::new(mailbox).unwrap();
        let origin = Origin::new(mailbox, UidValidity::new(uid_validity));
        set.parse::<UidSet>().unwrap().with_origin(Arc::new(origin))
    }

    fn uid(number: u32) -> Uid {
        Uid::new(number).unwrap()
    }

    #[test]
    fn sets_of_two_mailboxes_do_not_mix() {
        let inbox = from("INBOX", 1, "1:5");
        for other in [
            from("Trash", 1, "1:5"),
            from("INBOX", 2, "1:5"),
            from("INBOX", 0, "1:5"),
        ] {
            let refused = inbox.union(&other).unwrap_err();
            assert_eq!(refused.origins().1, other.origin().unwrap());
            assert!(inbox.intersection(&other).is_err());
            assert!(inbox.difference(&other).is_err());
            assert_ne!(inbox, other);
        }
    }

    #[test]
    fn an_origin_is_kept_by_all_that_is_made_of_a_set() {
        let inbox = from("INBOX", 1, "1:5,9");
        let by_hand: UidSet = "4:7".parse().unwrap();
        let origin = inbox.origin();
        assert_eq!(
            inbox.union(&from("inbox", 1, "7")).unwrap().origin(),
            origin
        );
        assert_eq!(inbox.union(&by_hand).unwrap().origin(), origin);
        assert_eq!(by_hand.difference(&inbox).unwrap().origin(), origin);
        assert!(inbox.chunks(3).all(|chunk| chunk.origin() == origin));
        assert_eq!(inbox.part(NumberSet::all()).origin(), origin);
        let mut grown = inbox.clone();
        grown.insert(uid(7));
        grown.extend([uid(8)]);
        assert_eq!(grown.origin(), origin);
        assert_eq!(grown.to_string(), "1:5,7:9");
        assert!(grown.without_origin().origin().is_none());
    }

    #[test]
    fn sets_are_made_of_what_is_at_hand() {
        assert_eq!(UidSet::from(uid(7)).to_string(), "7");
        assert_eq!(UidSet::from(uid(7)..=uid(9)).to_string(), "7:9");
        assert!(UidSet::from(uid(9)..=uid(7)).is_empty());
        assert_eq!(UidSet::from(uid(7)..).to_string(), "7:*");
        assert_eq!(UidSet::from(..=uid(7)).to_string(), "1:7");
        assert_eq!(UidSet::from(..).to_string(), "1:*");
        assert_eq!(UidSet::from([uid(3), uid(1), uid(2)]).to_string(), "1:3");
        assert_eq!(UidSet::from(&[uid(3), uid(5)][..]).to_string(), "3,5");
        assert_eq!(UidSet::from(vec![uid(3)]).to_string(), "3");
        assert_eq!(
            [uid(3), uid(4)].iter().collect::<UidSet>().to_string(),
            "3:4"
        );
        assert_eq!(UidSet::new().to_string(), "");
    }

    #[test]
    fn ranges_tell_the_star_from_a_number() {
        let set: UidSet = "3:5,7,4294967295,*".parse().unwrap();
        let ranges: Vec<_> = set
            .ranges()
            .map(|range| (range.first(), range.last()))
            .collect();
        let number = |number| Some(uid(number));
        let (three, largest) = ((number(3), number(5)), number(u32::MAX));
        assert_eq!(
            ranges,
            [
                three,
                (number(7), number(7)),
                (largest, largest),
                (None, None)
            ]
        );
        assert_eq!(set.ranges().next_back().unwrap().to_string(), "*");
        assert_eq!(
            (set.len(), set.last(), set.first()),
            (None, None, number(3))
        );
    }

    #[test]
    fn a_command_learns_its_form_from_the_set() {
        fn is_uid<S: MessageSet>(_: &S) -> bool {
            S::UID
        }
        assert!(is_uid(&UidSet::all()));
        assert!(!is_uid(&SequenceSet::all()));
    }

    #[test]
    fn a_refusal_names_both_origins() {
        let refused = from("INBOX", 1, "1")
            .union(&from("Trash", 0, "1"))
            .unwrap_err();
        assert_eq!(
            refused.to_string(),
            "UIDs of mailbox INBOX with UIDVALIDITY 1 cannot be combined with UIDs of mailbox \
             Trash without UIDVALIDITY; search anew in one mailbox"
        );
    }
}
