//! A page of many messages (PARTIAL, RFC 9394 section 3).

use std::fmt;
use std::num::NonZeroU32;

use crate::types::number_set::NumberSet;

/// A page of messages, counted from the first or from the last of them, from 1.
///
/// It counts messages in the order of the mailbox, whatever their UIDs are.
///
/// ```
/// use latchbox::types::PartialRange;
/// use std::num::NonZeroU32;
///
/// let fifty = NonZeroU32::new(50).unwrap();
/// let newest = PartialRange::last(fifty);
/// assert_eq!(newest.to_string(), "-1:-50");
/// assert_eq!(newest.next_page().unwrap().to_string(), "-51:-100");
/// assert_eq!(PartialRange::first(fifty).to_string(), "1:50");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct PartialRange {
    near: NonZeroU32,
    far: NonZeroU32,
    is_from_end: bool,
}

impl PartialRange {
    /// The oldest `count` messages: `1:count`.
    pub const fn first(count: NonZeroU32) -> Self {
        Self {
            near: NonZeroU32::MIN,
            far: count,
            is_from_end: false,
        }
    }

    /// The newest `count` messages: `-1:-count`.
    pub const fn last(count: NonZeroU32) -> Self {
        Self {
            is_from_end: true,
            ..Self::first(count)
        }
    }

    /// A page between two positions, both counted from the first message.
    ///
    /// The two may be in any order.
    pub fn from_start(one: NonZeroU32, other: NonZeroU32) -> Self {
        Self {
            near: one.min(other),
            far: one.max(other),
            is_from_end: false,
        }
    }

    /// A page between two positions, both counted from the last message, which is 1.
    ///
    /// The two may be in any order.
    pub fn from_end(one: NonZeroU32, other: NonZeroU32) -> Self {
        Self {
            is_from_end: true,
            ..Self::from_start(one, other)
        }
    }

    /// The number of messages that fit on the page.
    #[must_use]
    pub fn count(&self) -> NonZeroU32 {
        NonZeroU32::MIN.saturating_add(self.far.get() - self.near.get())
    }

    /// The page after this one, of the same size; `None` if there are no such numbers.
    #[must_use]
    pub fn next_page(&self) -> Option<Self> {
        let near = self.far.checked_add(1)?;
        let far = self.far.checked_add(self.count().get())?;
        Some(Self { near, far, ..*self })
    }

    /// Whether it is counted from the last message.
    pub(crate) fn is_from_end(&self) -> bool {
        self.is_from_end
    }

    /// This page of things in their order.
    pub(crate) fn slice<'s, T>(&self, all: &'s [T]) -> &'s [T] {
        let places = |number: NonZeroU32| usize::try_from(number.get()).unwrap_or(usize::MAX);
        let (near, far) = (places(self.near), places(self.far));
        let (first, last) = match self.is_from_end {
            false => (near - 1, far.min(all.len())),
            true => (
                all.len().saturating_sub(far),
                (all.len() + 1).saturating_sub(near),
            ),
        };
        all.get(first..last).unwrap_or_default()
    }

    /// This page of numbers, the lowest of which are the first.
    pub(crate) fn pick(&self, numbers: &NumberSet) -> NumberSet {
        let (near, far) = (u64::from(self.near.get()), u64::from(self.far.get()));
        let count = numbers.len().unwrap_or(0);
        let (first, last) = match self.is_from_end {
            false => (near, far.min(count)),
            true => (
                count.saturating_sub(far) + 1,
                (count + 1).saturating_sub(near),
            ),
        };
        numbers.places(first, last)
    }
}

/// The wire form.
impl fmt::Display for PartialRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.is_from_end { "-" } else { "" };
        write!(f, "{sign}{}:{sign}{}", self.near, self.far)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_are_picked_of_numbers_from_either_end() {
        let numbers = NumberSet::parse(b"3:5,9,20:29").unwrap();
        let number = |number| NonZeroU32::new(number).unwrap();
        let start = |one, other| PartialRange::from_start(number(one), number(other));
        let end = |one, other| PartialRange::from_end(number(one), number(other));
        for (page, expected) in [
            (start(1, 1), "3"),
            (start(3, 6), "5,9,20:21"),
            (start(14, 20), "29"),
            (start(15, 20), ""),
            (start(1, u32::MAX), "3:5,9,20:29"),
            (end(1, 2), "28:29"),
            (end(10, 12), "5,9,20"),
            (end(14, 20), "3"),
            (end(15, 20), ""),
            (end(1, u32::MAX), "3:5,9,20:29"),
        ] {
            assert_eq!(page.pick(&numbers).to_string(), expected, "{page}");
            let all: Vec<NonZeroU32> = numbers.numbers().collect();
            let slice: NumberSet = page.slice(&all).iter().copied().collect();
            assert_eq!(slice.to_string(), expected, "{page}");
        }
        let everything = NumberSet::parse(b"1:4294967295").unwrap();
        assert_eq!(end(2, 2).pick(&everything).to_string(), "4294967294");
        assert!(start(1, 5).pick(&NumberSet::new()).is_empty());
    }

    #[test]
    fn pages_follow_one_another_and_end() {
        let number = |number| NonZeroU32::new(number).unwrap();
        let page = PartialRange::from_end(number(30), number(21));
        assert_eq!(
            (page.to_string(), page.count()),
            ("-21:-30".into(), number(10))
        );
        assert_eq!(page.next_page().unwrap().to_string(), "-31:-40");
        let all = PartialRange::first(NonZeroU32::MAX);
        assert_eq!((all.count(), all.next_page()), (NonZeroU32::MAX, None));
    }
}
