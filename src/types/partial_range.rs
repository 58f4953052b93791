//! Which page of many messages is wanted (PARTIAL, RFC 9394 section 3).

use std::fmt;
use std::num::NonZeroU32;

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

    /// From one place to another, both counted from the first message; the two may be in any
    /// order.
    pub fn from_start(one: NonZeroU32, other: NonZeroU32) -> Self {
        Self {
            near: one.min(other),
            far: one.max(other),
            is_from_end: false,
        }
    }

    /// From one place to another, both counted from the last message, which is 1; the two may be
    /// in any order.
    pub fn from_end(one: NonZeroU32, other: NonZeroU32) -> Self {
        Self {
            is_from_end: true,
            ..Self::from_start(one, other)
        }
    }

    /// How many messages fit on the page.
    #[must_use]
    pub fn count(&self) -> NonZeroU32 {
        NonZeroU32::MIN.saturating_add(self.far.get() - self.near.get())
    }

    /// The page behind this one, of the same size; `None` where there are no such numbers.
    #[must_use]
    pub fn next_page(&self) -> Option<Self> {
        let near = self.far.checked_add(1)?;
        let far = self.far.checked_add(self.count().get())?;
        Some(Self { near, far, ..*self })
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
