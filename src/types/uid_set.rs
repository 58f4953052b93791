//! Sets of messages by UID, which know their mailbox.

use std::error::Error;
use std::fmt;
use std::num::NonZeroU32;
use std::ops::{RangeFrom, RangeFull, RangeInclusive, RangeToInclusive};
use std::str::FromStr;
use std::sync::Arc;

use crate::types::message_set::{MessageSet, SetIter, SetRange, message_set};
use crate::types::number_set::{InvalidSet, NumberSet};
use crate::types::origin::{Numbering, Origin};
use crate::types::uid::Uid;

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

/// Two sets of UIDs were to be combined that belong to different accounts, to different mailboxes,
/// or to different UIDVALIDITYs of one.
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

    /// What an earlier search saved; for a view that knows that it still is.
    pub(crate) fn as_numbers(&self) -> &NumberSet {
        &self.numbers
    }

    pub(crate) fn saved() -> Self {
        NumberSet::saved().into()
    }

    pub(crate) fn is_saved(&self) -> bool {
        self.numbers.is_saved()
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
            (Some(one), Some(two)) if !Arc::ptr_eq(one, two) && !one.may_be(two) => {
                return Err(MixedOrigins::of(one, two));
            }
            // The one that is known better.
            (Some(one), Some(two)) if one.account().is_none() => Some(Arc::clone(two)),
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

impl UidSet {
    /// An empty set.
    pub fn new() -> Self {
        Self::default()
    }

    /// `1:*`, every message of the mailbox.
    ///
    /// ```
    /// use latchbox::types::UidSet;
    ///
    /// assert_eq!(UidSet::all().to_string(), "1:*");
    /// ```
    pub fn all() -> Self {
        NumberSet::all().into()
    }

    /// `first:*`: from there to the highest in the mailbox. Where `first` is above the
    /// highest, a server takes it for the highest alone (RFC 9051 section 9). What removes or moves
    /// messages searches for them first, and leaves that one where it is.
    ///
    /// ```
    /// use latchbox::types::{Uid, UidSet};
    ///
    /// let first = Uid::try_from(7)?;
    /// let set = UidSet::from_uid(first);
    /// assert_eq!(set.to_string(), "7:*");
    /// assert_eq!(set, UidSet::from(first..));
    /// # Ok::<(), latchbox::types::InvalidNumber>(())
    /// ```
    pub fn from_uid(first: Uid) -> Self {
        NumberSet::starting_at(first.into()).into()
    }
}

message_set!(
    UidSet,
    Uid,
    "UidSet::try_from",
    "use latchbox::types::UidSet;"
);
impl MessageSet for UidSet {
    const UID: bool = true;

    fn numbers(&self) -> &NumberSet {
        &self.numbers
    }

    fn shared_origin(&self) -> Option<&Arc<Origin>> {
        self.origin.as_ref()
    }

    fn numbering(&self) -> Option<&Numbering> {
        None
    }
}

impl From<Uid> for UidSet {
    fn from(uid: Uid) -> Self {
        Self::from(uid..=uid)
    }
}

impl From<RangeInclusive<Uid>> for UidSet {
    /// Empty if the range is: unlike on the wire, `5..=1` has nothing in it.
    fn from(range: RangeInclusive<Uid>) -> Self {
        let (first, last) = range.into_inner();
        NumberSet::between(first.into(), last.into()).into()
    }
}

impl From<RangeFrom<Uid>> for UidSet {
    fn from(range: RangeFrom<Uid>) -> Self {
        Self::from_uid(range.start)
    }
}

impl From<RangeToInclusive<Uid>> for UidSet {
    fn from(range: RangeToInclusive<Uid>) -> Self {
        Self::from(Uid::MIN..=range.end)
    }
}

impl From<RangeFull> for UidSet {
    fn from(_: RangeFull) -> Self {
        Self::all()
    }
}

impl From<&[Uid]> for UidSet {
    fn from(uids: &[Uid]) -> Self {
        uids.iter().collect()
    }
}

impl<const N: usize> From<[Uid; N]> for UidSet {
    fn from(uids: [Uid; N]) -> Self {
        uids.into_iter().collect()
    }
}

impl From<Vec<Uid>> for UidSet {
    fn from(uids: Vec<Uid>) -> Self {
        uids.into_iter().collect()
    }
}

impl FromIterator<Uid> for UidSet {
    fn from_iter<I: IntoIterator<Item = Uid>>(uids: I) -> Self {
        let numbers: NumberSet = uids.into_iter().map(NonZeroU32::from).collect();
        numbers.into()
    }
}

impl<'a> FromIterator<&'a Uid> for UidSet {
    fn from_iter<I: IntoIterator<Item = &'a Uid>>(uids: I) -> Self {
        uids.into_iter().copied().collect()
    }
}

impl FromStr for UidSet {
    type Err = InvalidSet;

    fn from_str(text: &str) -> Result<Self, InvalidSet> {
        NumberSet::parse(text.as_bytes()).map(Self::from)
    }
}

impl TryFrom<&str> for UidSet {
    type Error = InvalidSet;

    fn try_from(text: &str) -> Result<Self, InvalidSet> {
        text.parse()
    }
}

impl From<NumberSet> for UidSet {
    fn from(numbers: NumberSet) -> Self {
        Self {
            numbers,
            origin: None,
        }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::mailbox_name::MailboxName;
    use crate::types::uid::UidValidity;

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
