//! One range of message numbers, and its wire form.

use std::fmt;
use std::num::NonZeroU32;

/// A range: both ends belong to it, and `first <= last`.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Span {
    pub(crate) first: NonZeroU32,
    pub(crate) last: NonZeroU32,
}

/// The end of a set. `*` is the highest number in use, which only the server knows: it is stored
/// apart from the ranges and never treated as 4294967295.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
pub(crate) enum Open {
    /// Without `*`.
    #[default]
    Not,
    /// `*` alone.
    Last,
    /// `n:*`.
    From(NonZeroU32),
    /// `$`: the saved result of an earlier search, alone (RFC 5182).
    Saved,
}

/// One range as it is written: `None` stands for `*`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Piece {
    pub(crate) first: Option<NonZeroU32>,
    pub(crate) last: Option<NonZeroU32>,
}

impl Span {
    pub(crate) fn new(first: NonZeroU32, last: NonZeroU32) -> Option<Self> {
        (first <= last).then_some(Self { first, last })
    }

    /// The ends in any order.
    pub(crate) fn ordered(one: NonZeroU32, other: NonZeroU32) -> Option<Self> {
        Self::new(one.min(other), one.max(other))
    }

    /// `7` or `1:5`, the ends in any order.
    pub(crate) fn parse(text: &[u8]) -> Option<Self> {
        let Piece { first, last } = Piece::parse(text)?;
        Self::ordered(first?, last?)
    }

    pub(crate) fn len(self) -> u64 {
        u64::from(self.last.get()) - u64::from(self.first.get()) + 1
    }

    /// The first `count` numbers of it, at least one, and the rest.
    pub(crate) fn split_at(self, count: u64) -> (Self, Option<Self>) {
        let end = u64::from(self.first.get()) + count.max(1) - 1;
        let end = u32::try_from(end).ok().and_then(NonZeroU32::new);
        let Some(last) = end.filter(|end| *end < self.last) else {
            return (self, None);
        };
        let rest = last.checked_add(1).map(|first| Self { first, ..self });
        (Self { last, ..self }, rest)
    }

    pub(crate) fn hull(self, other: Self) -> Self {
        Self {
            first: self.first.min(other.first),
            last: self.last.max(other.last),
        }
    }

    /// Merges a range that starts no earlier, if the two overlap or are adjacent.
    pub(crate) fn join(&mut self, later: Self) -> bool {
        let joins = later.first <= self.last.saturating_add(1);
        if joins {
            self.last = self.last.max(later.last);
        }
        joins
    }

    /// The parts of it before and after `cut`, which does not end before it starts.
    pub(crate) fn cut(self, cut: Self) -> (Option<Self>, Option<Self>) {
        if cut.first > self.last {
            return (Some(self), None);
        }
        let before = previous(cut.first).and_then(|last| Self::new(self.first, last));
        let behind = cut
            .last
            .checked_add(1)
            .and_then(|first| Self::new(first, self.last));
        (before, behind)
    }
}

impl Open {
    pub(crate) fn or(self, other: Self) -> Self {
        match (self, other) {
            (Self::From(a), Self::From(b)) => Self::From(a.min(b)),
            (Self::From(first), _) | (_, Self::From(first)) => Self::From(first),
            (Self::Last, _) | (_, Self::Last) => Self::Last,
            (Self::Saved, _) | (_, Self::Saved) => Self::Saved,
            (Self::Not, Self::Not) => Self::Not,
        }
    }

    pub(crate) fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Not | Self::Saved, _) | (_, Self::Not | Self::Saved) => Self::Not,
            (Self::From(a), Self::From(b)) => Self::From(a.max(b)),
            (Self::Last, _) | (_, Self::Last) => Self::Last,
        }
    }

    pub(crate) fn piece(self) -> Option<Piece> {
        match self {
            Self::Not | Self::Saved => None,
            Self::Last => Some(Piece {
                first: None,
                last: None,
            }),
            Self::From(first) => Some(Piece {
                first: Some(first),
                last: None,
            }),
        }
    }
}

impl Piece {
    /// `7`, `1:5`, `9:*`, `*:9` or `*`.
    pub(crate) fn parse(text: &[u8]) -> Option<Self> {
        let mut ends = text.splitn(2, |byte| *byte == b':');
        let first = parse_number(ends.next()?)?;
        let last = ends.next().map_or(Some(first), parse_number)?;
        Some(Self { first, last })
    }

    pub(crate) fn wire_len(self) -> usize {
        let length = |number: Option<NonZeroU32>| number.map_or(1, digits);
        if self.first == self.last {
            return length(self.first);
        }
        length(self.first) + 1 + length(self.last)
    }
}

impl fmt::Debug for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&Piece::from(*self), f)
    }
}

impl From<Span> for Piece {
    fn from(span: Span) -> Self {
        Self {
            first: Some(span.first),
            last: Some(span.last),
        }
    }
}

impl fmt::Display for Piece {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_number(self.first, f)?;
        if self.first != self.last {
            f.write_str(":")?;
            write_number(self.last, f)?;
        }
        Ok(())
    }
}

/// `Some(None)` is `*`.
fn parse_number(text: &[u8]) -> Option<Option<NonZeroU32>> {
    if text == b"*" {
        return Some(None);
    }
    let mut number: u32 = 0;
    for byte in text {
        let digit = byte.is_ascii_digit().then(|| u32::from(byte - b'0'))?;
        number = number.checked_mul(10)?.checked_add(digit)?;
    }
    NonZeroU32::new(number).map(Some)
}

fn write_number(number: Option<NonZeroU32>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    match number {
        Some(number) => fmt::Display::fmt(&number, f),
        None => f.write_str("*"),
    }
}

fn digits(number: NonZeroU32) -> usize {
    number.ilog10() as usize + 1
}

pub(crate) fn previous(number: NonZeroU32) -> Option<NonZeroU32> {
    NonZeroU32::new(number.get() - 1)
}
