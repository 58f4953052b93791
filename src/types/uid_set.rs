//! Sets of messages by UID, with their mailbox.

use std::error::Error;
use std::fmt;
use std::num::NonZeroU32;
use std::ops::{Bound, RangeBounds, RangeFull, RangeInclusive};
use std::str::FromStr;
use std::sync::Arc;

use crate::types::invalid_set::InvalidSet;
use crate::types::message_set::{MessageSet, NamesMessages, SetIter, message_set};
use crate::types::message_uid::MessageUid;
use crate::types::number_set::{NumberSet, NumberSetBuilder};
use crate::types::origin::{Numbering, Origin};
use crate::types::uid::Uid;

/// A set of UIDs, as ascending ranges that are never expanded: `1:4294967295` takes 8 octets.
///
/// A set from a server contains its [`Origin`] (account, mailbox, UIDVALIDITY), so that it is
/// rejected elsewhere. A set that is collected from the [`id`](crate::message::Fetch::id) of
/// messages, or created by [`MailboxGuard::uids`](crate::MailboxGuard::uids), contains it too. A
/// set that the caller built by [`unbound`](Self::unbound), from text, or as [`all`](Self::all),
/// has no origin. `==` compares UIDs and origin.
///
/// ```
/// use latchbox::types::{Uid, UidSet};
///
/// let by_hand: UidSet = "5,1:3".parse()?;
/// let set = by_hand.union(&UidSet::unbound([Uid::try_from(4)?]))?;
/// assert_eq!(set.to_string(), "1:5");
/// assert_eq!(set.len(), 5);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Default, PartialEq, Eq, Hash)]
pub struct UidSet {
    numbers: NumberSet,
    origin: Option<Arc<Origin>>,
}

/// An error: two sets of UIDs have different origins and cannot be combined.
///
/// They belong to different accounts, to different mailboxes, or to different UIDVALIDITYs of one
/// mailbox.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MixedOrigins {
    origins: Box<(Origin, Origin)>,
}

impl UidSet {
    /// The origin of the UIDs, if a server reported them.
    ///
    /// ```
    /// use latchbox::types::UidSet;
    ///
    /// assert!(UidSet::all().origin().is_none());
    /// ```
    pub fn origin(&self) -> Option<&Origin> {
        self.origin.as_deref()
    }

    /// Returns the UIDs without their origin, for example after the mailbox was renamed.
    ///
    /// The set is then accepted by every mailbox, also by a wrong one.
    #[must_use]
    pub fn without_origin(self) -> Self {
        Self {
            numbers: self.numbers,
            origin: None,
        }
    }

    /// Returns the UIDs that are in at least one of the two sets.
    ///
    /// A set without an origin takes that of the other.
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

    /// Returns the UIDs that are in both sets.
    ///
    /// If only one of them contains `*`, it is dropped: the result never names a message that is
    /// not certainly in both.
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

    /// Returns the UIDs that are in this set and not in `other`.
    ///
    /// `n:*` counts as "n and all higher numbers". As `*` may stand for any message, it is dropped
    /// from a set that UIDs are removed from. If a lone `*` is removed, no UID is certain to
    /// remain, and the result is empty.
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

    /// The numbers, without their origin.
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

    /// Adds a message, with its mailbox; does nothing if the set already contains it.
    ///
    /// A set without an origin takes that of the message. Collect many messages into a
    /// `Result<UidSet, MixedOrigins>`, which sorts once.
    ///
    /// # Errors
    ///
    /// [`MixedOrigins`] if both have an origin and these differ; then nothing is added.
    ///
    /// ```
    #[doc = include_str!("../doc/session.txt")]
    /// use latchbox::types::{FetchItem, UidSet};
    ///
    /// let mut inbox = session.lock_mailbox("INBOX")?;
    /// let mut large = UidSet::new();
    /// for message in inbox.fetch(&UidSet::all(), [FetchItem::Rfc822Size])? {
    ///     let message = message?;
    ///     if message.size() > Some(10) {
    ///         large.insert(&message.id())?;
    ///     }
    /// }
    /// inbox.delete(&large)?; // and no other mailbox takes this set
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn insert(&mut self, message: &MessageUid) -> Result<(), MixedOrigins> {
        self.origin = meet(self.origin.as_ref(), message.shared_origin())?;
        self.numbers.insert(message.uid().into());
        Ok(())
    }

    fn combine(
        &self,
        other: &Self,
        operation: impl Fn(&NumberSet, &NumberSet) -> NumberSet,
    ) -> Result<Self, MixedOrigins> {
        let origin = meet(self.origin.as_ref(), other.origin.as_ref())?;
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

/// The origin that both may have; that of the other if one has none.
fn meet(
    one: Option<&Arc<Origin>>,
    other: Option<&Arc<Origin>>,
) -> Result<Option<Arc<Origin>>, MixedOrigins> {
    Ok(match (one, other) {
        (Some(one), Some(other)) if !Arc::ptr_eq(one, other) && !one.may_be(other) => {
            return Err(MixedOrigins::of(one, other));
        }
        // The origin that is known better.
        (Some(one), Some(other)) if one.account().is_none() => Some(Arc::clone(other)),
        (Some(origin), _) | (None, Some(origin)) => Some(Arc::clone(origin)),
        (None, None) => None,
    })
}

/// Sets without an origin.
impl UidSet {
    /// Creates a set of UIDs without an origin, which every mailbox accepts, also a wrong one.
    ///
    /// Use it for UIDs that do not come from a server's answer. For UIDs of the held mailbox use
    /// [`MailboxGuard::uids`](crate::MailboxGuard::uids), for messages their
    /// [`id`](crate::message::Fetch::id), and for stored UIDs
    /// [`StoredUids`](crate::types::StoredUids).
    ///
    /// ```
    /// use latchbox::types::{Uid, UidSet};
    ///
    /// let set = UidSet::unbound([Uid::try_from(7)?, Uid::try_from(3)?]);
    /// assert_eq!(set.to_string(), "3,7");
    /// assert!(set.origin().is_none());
    /// # Ok::<(), latchbox::types::InvalidNumber>(())
    /// ```
    pub fn unbound(uids: impl IntoIterator<Item = Uid>) -> Self {
        let uids = uids.into_iter().map(NonZeroU32::from);
        uids.collect::<NumberSet>().into()
    }

    /// Creates a set of a range of UIDs without an origin, like [`unbound`](Self::unbound).
    ///
    /// It is empty if the range is empty: unlike on the wire, `5..=1` contains nothing. For the
    /// held mailbox see [`MailboxGuard::uids_in`](crate::MailboxGuard::uids_in).
    ///
    /// ```
    /// use latchbox::types::{Uid, UidSet};
    ///
    /// let seven = Uid::try_from(7)?;
    /// assert_eq!(UidSet::unbound_range(seven..=Uid::try_from(9)?).to_string(), "7:9");
    /// assert_eq!(UidSet::unbound_range(seven..).to_string(), "7:*");
    /// # Ok::<(), latchbox::types::InvalidNumber>(())
    /// ```
    pub fn unbound_range(uids: impl RangeBounds<Uid>) -> Self {
        let bound = |bound: Bound<&Uid>| bound.map(|uid| NonZeroU32::from(*uid));
        NumberSet::within(bound(uids.start_bound()), bound(uids.end_bound())).into()
    }

    /// An empty set.
    pub fn new() -> Self {
        Self::default()
    }

    /// `1:*`, every message of the mailbox that it is used on; it has no origin.
    ///
    /// ```
    /// use latchbox::types::UidSet;
    ///
    /// assert_eq!(UidSet::all().to_string(), "1:*");
    /// ```
    pub fn all() -> Self {
        NumberSet::all().into()
    }

    /// `first:*`: all UIDs from `first` on in the mailbox that it is used on; it has no origin.
    ///
    /// See [`MailboxGuard::uids_in`](crate::MailboxGuard::uids_in) for a set with an origin.
    ///
    /// If `first` is above the highest UID, the set names no message. It is sent as
    /// `first:4294967295`, because a server takes `first:*` for the highest message then, although
    /// that is below `first` (RFC 9051 section 9). A UID below `first` that a server returns
    /// nevertheless is ignored.
    ///
    /// ```
    /// use latchbox::types::{Uid, UidSet};
    ///
    /// let first = Uid::try_from(7)?;
    /// let set = UidSet::from_uid(first);
    /// assert_eq!(set.to_string(), "7:*");
    /// assert_eq!(set, UidSet::unbound_range(first..));
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
impl NamesMessages for UidSet {
    const UID: bool = true;
}

impl MessageSet for UidSet {
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

impl From<RangeFull> for UidSet {
    fn from(_: RangeFull) -> Self {
        Self::all()
    }
}

/// Collects messages with their mailbox; [`MixedOrigins`] if they have different origins.
impl FromIterator<MessageUid> for Result<UidSet, MixedOrigins> {
    fn from_iter<I: IntoIterator<Item = MessageUid>>(messages: I) -> Self {
        let (mut numbers, mut origin) = (NumberSetBuilder::default(), None);
        for message in messages {
            numbers.push(message.uid().value());
            origin = meet(origin.as_ref(), message.shared_origin())?;
        }
        let numbers = numbers.finish();
        Ok(UidSet { numbers, origin })
    }
}

impl<'m> FromIterator<&'m MessageUid> for Result<UidSet, MixedOrigins> {
    fn from_iter<I: IntoIterator<Item = &'m MessageUid>>(messages: I) -> Self {
        messages.into_iter().cloned().collect()
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

    /// The origins of the two sets, in their order.
    pub fn origins(&self) -> (&Origin, &Origin) {
        (&self.origins.0, &self.origins.1)
    }
}

impl fmt::Display for MixedOrigins {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (one, other) = self.origins();
        write!(
            f,
            "UIDs of {one} cannot be combined with UIDs of {other}; search again in one mailbox"
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
        grown
            .insert(&MessageUid::new(uid(7), grown.shared_origin()))
            .unwrap();
        grown.insert(&MessageUid::new(uid(8), None)).unwrap();
        assert_eq!(grown.origin(), origin);
        assert_eq!(grown.to_string(), "1:5,7:9");
        assert!(grown.without_origin().origin().is_none());
    }

    #[test]
    fn fault_02_sets_are_made_of_what_is_at_hand() {
        assert_eq!(UidSet::unbound([uid(7)]).to_string(), "7");
        assert_eq!(UidSet::unbound_range(uid(7)..=uid(9)).to_string(), "7:9");
        assert!(UidSet::unbound_range(uid(9)..=uid(7)).is_empty());
        assert_eq!(UidSet::unbound_range(uid(7)..).to_string(), "7:*");
        assert_eq!(UidSet::unbound_range(..=uid(7)).to_string(), "1:7");
        assert_eq!(UidSet::from(..).to_string(), "1:*");
        assert_eq!(UidSet::unbound([uid(3), uid(1), uid(2)]).to_string(), "1:3");
        assert_eq!(UidSet::unbound(vec![uid(3)]).to_string(), "3");
        let (inbox, trash) = (from("INBOX", 1, "1"), from("Trash", 1, "1"));
        let of = |set: &UidSet, number| MessageUid::new(uid(number), set.shared_origin());
        let rows = [of(&inbox, 5), of(&inbox, 3), of(&inbox, 4)];
        let set: Result<UidSet, MixedOrigins> = rows.into_iter().collect();
        assert_eq!(set.unwrap(), from("INBOX", 1, "3:5"));
        let rows = [of(&inbox, 5), of(&trash, 3)];
        let mixed: Result<UidSet, MixedOrigins> = rows.into_iter().collect();
        assert_eq!(mixed.unwrap_err().origins().1, trash.origin().unwrap());
        let mut set = UidSet::new();
        set.insert(&of(&inbox, 5)).unwrap();
        assert!(set.insert(&of(&trash, 6)).is_err());
        assert_eq!(set, from("INBOX", 1, "5"));
        assert_eq!(UidSet::new().to_string(), "");
    }

    #[test]
    fn ranges_tell_the_star_from_a_number() {
        let set: UidSet = "3:5,7,4294967295,*".parse().unwrap();
        let ranges: Vec<_> = set
            .ranges()
            .map(|range| (range.start().value(), range.end().value()))
            .collect();
        assert_eq!(ranges, [(3, 5), (7, 7), (u32::MAX, u32::MAX)]);
        let ends = (set.last(), set.first());
        assert_eq!((set.len(), ends), (6, (None, Some(uid(3)))));
        assert!(set.is_open());
    }

    #[test]
    fn the_length_of_an_open_set_is_the_most_that_it_can_be() {
        for (set, len, is_open) in [
            ("", 0, false),
            ("1:5,9", 6, false),
            ("*", 1, true),
            ("1:5,*", 6, true),
            ("4294967294:*", 2, true),
            ("1:5,4294967295:*", 6, true),
            ("1:*", u64::from(u32::MAX), true),
        ] {
            let set = match set {
                "" => UidSet::new(),
                set => set.parse().unwrap(),
            };
            assert_eq!((set.len(), set.is_open()), (len, is_open), "{set}");
        }
    }

    #[test]
    fn a_refusal_names_both_origins() {
        let refused = from("INBOX", 1, "1")
            .union(&from("Trash", 0, "1"))
            .unwrap_err();
        assert_eq!(
            refused.to_string(),
            "UIDs of mailbox INBOX with UIDVALIDITY 1 cannot be combined with UIDs of mailbox \
             Trash without UIDVALIDITY; search again in one mailbox"
        );
    }
}
