//! Sets of message numbers as ascending ranges that are never expanded: the core of `UidSet` and
//! `SequenceSet`, and the form of a server's sets before their kind is known.

mod none_below;
mod overlap;

use std::fmt;
use std::num::NonZeroU32;
use std::ops::Bound;
use std::slice;

use crate::types::invalid_set::InvalidSet;
use crate::types::number_range::{Open, Piece, Span, previous};

/// Message numbers of a response code, such as MODIFIED (RFC 7162 section 3.1.3).
///
/// Only the command that was sent determines whether they are UIDs or sequence numbers.
///
/// [`MailboxGuard::modified`](crate::MailboxGuard::modified) or
/// [`Numbered::modified`](crate::guard::Numbered::modified) converts it into a set of the kind that
/// the command had.
#[derive(Clone, Default, PartialEq, Eq, Hash)]
pub struct NumberSet {
    spans: Vec<Span>,
    open: Open,
}

/// Takes numbers and ranges in any order; an ascending one costs no more than an append, all others
/// are sorted once, at the end.
#[derive(Default)]
pub(crate) struct NumberSetBuilder {
    set: NumberSet,
    unsorted: bool,
}

impl NumberSet {
    pub(crate) const fn new() -> Self {
        Self {
            spans: Vec::new(),
            open: Open::Not,
        }
    }

    /// `1:*`.
    pub(crate) const fn all() -> Self {
        Self {
            spans: Vec::new(),
            open: Open::From(NonZeroU32::MIN),
        }
    }

    /// `first:*`.
    pub(crate) const fn starting_at(first: NonZeroU32) -> Self {
        Self {
            spans: Vec::new(),
            open: Open::From(first),
        }
    }

    /// `$`. It is in no other set, has no known numbers, and is in no set that a caller gets.
    pub(crate) const fn saved() -> Self {
        Self {
            spans: Vec::new(),
            open: Open::Saved,
        }
    }

    /// `first:last`, or an empty set if `first` is higher.
    pub(crate) fn between(first: NonZeroU32, last: NonZeroU32) -> Self {
        let mut builder = NumberSetBuilder::default();
        if first <= last {
            builder.push_span(Span { first, last });
        }
        builder.finish()
    }

    /// The numbers in a range of Rust: `5..` is `5:*`, and `5..=1` is empty.
    pub(crate) fn within(first: Bound<NonZeroU32>, last: Bound<NonZeroU32>) -> Self {
        let first = match first {
            Bound::Included(first) => Some(first),
            Bound::Excluded(before) => before.checked_add(1),
            Bound::Unbounded => Some(NonZeroU32::MIN),
        };
        let last = match last {
            Bound::Included(last) => Some(last),
            Bound::Excluded(behind) => previous(behind),
            Bound::Unbounded => return first.map(Self::starting_at).unwrap_or_default(),
        };
        match (first, last) {
            (Some(first), Some(last)) => Self::between(first, last),
            _ => Self::new(),
        }
    }

    /// Reads the wire form. The ends of a range may be in any order, as RFC 9051 allows.
    pub(crate) fn parse(text: &[u8]) -> Result<Self, InvalidSet> {
        // Most sets that a server sends are one number or one range.
        if let Some(span) = Span::parse(text) {
            let spans = vec![span];
            return Ok(Self {
                spans,
                ..Self::default()
            });
        }
        let mut builder = NumberSetBuilder::default();
        for piece in text.split(|byte| *byte == b',') {
            let parsed = Piece::parse(piece).ok_or_else(|| InvalidSet::found(text, piece))?;
            builder.push_piece(parsed);
        }
        Ok(builder.finish())
    }

    /// Reads ranges in their order; an empty text is no ranges, `*` is rejected.
    pub(crate) fn parse_in_order(text: &[u8]) -> Result<Vec<Span>, InvalidSet> {
        if text.is_empty() {
            return Ok(Vec::new());
        }
        let span = |piece| Span::parse(piece).ok_or_else(|| InvalidSet::found(text, piece));
        text.split(|byte| *byte == b',').map(span).collect()
    }

    /// Adds one number. For many numbers in no order, use a [`NumberSetBuilder`].
    pub(crate) fn insert(&mut self, number: NonZeroU32) {
        let mut added = Span {
            first: number,
            last: number,
        };
        let start = self
            .spans
            .partition_point(|span| span.last.saturating_add(1) < number);
        let end = self
            .spans
            .partition_point(|span| span.first <= number.saturating_add(1));
        for span in self.spans.get(start..end).unwrap_or_default() {
            added = added.hull(*span);
        }
        self.spans.splice(start..end, [added]);
        self.absorb();
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.spans.is_empty() && self.open == Open::Not
    }

    /// Whether it is `$`.
    pub(crate) fn is_saved(&self) -> bool {
        self.open == Open::Saved
    }

    /// Whether it contains `*`, alone or at the end of a range, or is `$`: only the server knows
    /// its numbers.
    pub(crate) fn is_open(&self) -> bool {
        self.open != Open::Not
    }

    /// Whether it contains `n:*`, which names the highest number even if that is below `n`.
    pub(crate) fn may_reach_below(&self) -> bool {
        matches!(self.open, Open::From(first) if first > NonZeroU32::MIN)
    }

    /// This set with the highest possible number in place of `*`, which is the highest in use;
    /// `None` if it has no `n:*`.
    pub(crate) fn closed_above(&self) -> Option<Self> {
        let Open::From(first) = self.open else {
            return None;
        };
        let known = Self {
            spans: self.spans.clone(),
            open: Open::Not,
        };
        Some(known.union(&Self::between(first, NonZeroU32::MAX)))
    }

    /// The number of elements; `None` if `*` is among them.
    pub(crate) fn len(&self) -> Option<u64> {
        if self.is_open() {
            return None;
        }
        Some(self.spans.iter().map(|span| span.len()).sum())
    }

    /// The highest possible number of elements: `n:*` is all from `n` on, `*` alone is one, and `$`
    /// may be all.
    pub(crate) fn most(&self) -> u64 {
        let lone = match self.open {
            Open::Not | Open::From(_) => 0,
            Open::Last => 1,
            Open::Saved => u64::from(u32::MAX),
        };
        self.closed().map(Span::len).sum::<u64>() + lone
    }

    /// The number of octets when written, with a comma at the end.
    pub(crate) fn wire_len(&self) -> usize {
        self.pieces().map(|piece| piece.wire_len() + 1).sum()
    }

    /// Whether `number` is certainly in it: a number that only `*` may stand for is not.
    pub(crate) fn contains(&self, number: NonZeroU32) -> bool {
        let at = self.spans.partition_point(|span| span.last < number);
        self.spans.get(at).is_some_and(|span| span.first <= number)
            || matches!(self.open, Open::From(first) if first <= number)
    }

    /// Whether `number` may be in it: `*` and `$` may stand for any message, but `n:*` for none
    /// below `n`.
    pub(crate) fn may_name(&self, number: NonZeroU32) -> bool {
        matches!(self.open, Open::Last | Open::Saved) || self.contains(number)
    }

    /// The lowest number that is written in it.
    pub(crate) fn first(&self) -> Option<NonZeroU32> {
        match (self.spans.first(), self.open) {
            (Some(span), _) => Some(span.first),
            (None, Open::From(first)) => Some(first),
            (None, _) => None,
        }
    }

    /// The highest number; `None` if there is none, or if it is `*`.
    pub(crate) fn last(&self) -> Option<NonZeroU32> {
        match self.open {
            Open::Not => self.spans.last().map(|span| span.last),
            Open::Last | Open::From(_) | Open::Saved => None,
        }
    }

    /// The ranges, ascending, `*` at the end.
    pub(crate) fn pieces(&self) -> impl DoubleEndedIterator<Item = Piece> + Clone + '_ {
        self.spans
            .iter()
            .copied()
            .map(Piece::from)
            .chain(self.open.piece())
    }

    /// The numbers one by one. An open range yields none: only the server knows where it ends.
    pub(crate) fn numbers(&self) -> Numbers<'_> {
        Numbers {
            rest: self.spans.iter(),
            front: None,
            back: None,
        }
    }

    pub(crate) fn union(&self, other: &Self) -> Self {
        let mut builder = NumberSetBuilder::from(self.clone());
        builder.push_set(other);
        builder.finish()
    }

    /// The numbers that are certainly in both. If `*` is in one only, it is dropped.
    pub(crate) fn intersection(&self, other: &Self) -> Self {
        let mut builder = NumberSetBuilder::default();
        let (mut left, mut right) = (self.closed().peekable(), other.closed().peekable());
        while let (Some(a), Some(b)) = (left.peek().copied(), right.peek().copied()) {
            if let Some(common) = Span::new(a.first.max(b.first), a.last.min(b.last)) {
                builder.push_span(common);
            }
            if a.last < b.last {
                left.next()
            } else {
                right.next()
            };
        }
        builder.push_open(self.open.and(other.open));
        builder.finish()
    }

    /// The numbers that are certainly in `self` and not in `other`. `*` stays only if nothing is
    /// removed: it may stand for any number, so also for one of those to remove. For the same
    /// reason no number is certain if a lone `*` is removed.
    pub(crate) fn difference(&self, other: &Self) -> Self {
        if other.is_empty() {
            return self.clone();
        }
        if matches!(other.open, Open::Last | Open::Saved) {
            return Self::new();
        }
        let mut builder = NumberSetBuilder::default();
        let mut cuts = other.closed().peekable();
        for span in self.closed() {
            let mut rest = Some(span);
            while let Some(span) = rest {
                while cuts.next_if(|cut| cut.last < span.first).is_some() {}
                let (kept, left) = match cuts.peek() {
                    Some(cut) => span.cut(*cut),
                    None => (Some(span), None),
                };
                kept.into_iter().for_each(|kept| builder.push_span(kept));
                rest = left;
            }
        }
        builder.finish()
    }

    /// The numbers from one position to another, of which the lowest is 1; the set has no `*`.
    pub(crate) fn places(&self, first: u64, last: u64) -> Self {
        let mut builder = NumberSetBuilder::default();
        let mut before = 0;
        for span in &self.spans {
            let from = first.saturating_sub(before).max(1);
            let to = last.saturating_sub(before).min(span.len());
            before += span.len();
            let place = |place: u64| {
                let number = u64::from(span.first.get()) + place - 1;
                u32::try_from(number).unwrap_or(0)
            };
            if from <= to {
                builder.push_range(place(from), place(to));
            }
            if before >= last {
                break;
            }
        }
        builder.finish()
    }

    /// The set in parts of at most `longest` octets each when written. A part has at least one
    /// range, so a `longest` below 21 may be exceeded.
    pub(crate) fn split_by_length(&self, longest: usize) -> impl Iterator<Item = NumberSet> + '_ {
        let mut rest = self.spans.as_slice();
        let mut open = self.open;
        std::iter::from_fn(move || {
            let (taken, length) = leading(rest, longest);
            let (part, later) = rest.split_at_checked(taken)?;
            rest = later;
            let mut chunk = NumberSet {
                spans: part.to_vec(),
                open: Open::Not,
            };
            let comma = usize::from(taken > 0);
            let fits = open
                .piece()
                .is_none_or(|p| length + comma + p.wire_len() <= longest);
            if rest.is_empty() && (fits || taken == 0) {
                chunk.open = std::mem::take(&mut open);
            }
            (!chunk.is_empty()).then_some(chunk)
        })
    }

    /// The set in parts of at most `most` numbers each, and at least one; open ranges are left out.
    pub(crate) fn fewer(&self, most: u64) -> impl Iterator<Item = NumberSet> + '_ {
        let most = most.max(1);
        let mut spans = self.spans.iter().copied();
        let mut begun = None;
        std::iter::from_fn(move || {
            let mut part = Vec::new();
            let mut room = most;
            while room > 0 {
                let Some(span) = begun.take().or_else(|| spans.next()) else {
                    break;
                };
                let (taken, rest) = span.split_at(room);
                part.push(taken);
                room = room.saturating_sub(taken.len());
                begun = rest;
            }
            let open = Open::Not;
            (!part.is_empty()).then_some(NumberSet { spans: part, open })
        })
    }

    /// The end of the set.
    pub(crate) fn open(&self) -> Open {
        self.open
    }

    /// The ranges with `n:*` as "n and all higher numbers".
    pub(crate) fn closed(&self) -> impl DoubleEndedIterator<Item = Span> + Clone + '_ {
        let tail = match self.open {
            Open::From(first) => Some(Span {
                first,
                last: NonZeroU32::MAX,
            }),
            Open::Not | Open::Last | Open::Saved => None,
        };
        self.spans.iter().copied().chain(tail)
    }

    /// Merges the ranges that an open range covers or is adjacent to.
    fn absorb(&mut self) {
        while let (Open::From(first), Some(span)) = (self.open, self.spans.last()) {
            if span.last.saturating_add(1) < first {
                break;
            }
            self.open = Open::From(first.min(span.first));
            self.spans.pop();
        }
    }
}

impl NumberSetBuilder {
    /// 0 is no message's number and is skipped.
    #[inline]
    pub(crate) fn push(&mut self, number: u32) {
        let Some(number) = NonZeroU32::new(number) else {
            return;
        };
        match self.set.spans.last_mut() {
            // Most numbers follow the previous one.
            Some(span) if span.last.checked_add(1) == Some(number) => span.last = number,
            _ => self.push_span(Span {
                first: number,
                last: number,
            }),
        }
    }

    /// The ends may be in any order; a range with 0 at either end is skipped.
    pub(crate) fn push_range(&mut self, one: u32, other: u32) {
        let ends = (
            NonZeroU32::new(one.min(other)),
            NonZeroU32::new(one.max(other)),
        );
        if let (Some(first), Some(last)) = ends {
            self.push_span(Span { first, last });
        }
    }

    /// Adds a whole set: many answers put together need one sort, while a union for each would copy
    /// all earlier ones.
    pub(crate) fn push_set(&mut self, set: &NumberSet) {
        set.spans.iter().for_each(|span| self.push_span(*span));
        self.push_open(set.open);
    }

    /// The number of ranges.
    pub(crate) fn ranges(&self) -> usize {
        self.set.spans.len()
    }

    pub(crate) fn finish(mut self) -> NumberSet {
        if self.unsorted {
            // A stable sort detects the runs of a set that is partly sorted.
            self.set.spans.sort_by_key(|span| span.first);
            self.set
                .spans
                .dedup_by(|later, earlier| earlier.join(*later));
        }
        self.set.absorb();
        self.set
    }

    pub(crate) fn push_span(&mut self, span: Span) {
        if let Some(last) = self.set.spans.last_mut() {
            if span.first < last.first {
                self.unsorted = true;
            } else if last.join(span) {
                return;
            }
        }
        self.set.spans.push(span);
    }

    fn push_piece(&mut self, piece: Piece) {
        match (piece.first, piece.last) {
            (Some(one), Some(other)) => self.push_range(one.get(), other.get()),
            (Some(first), None) | (None, Some(first)) => self.push_open(Open::From(first)),
            (None, None) => self.push_open(Open::Last),
        }
    }

    fn push_open(&mut self, open: Open) {
        self.set.open = self.set.open.or(open);
    }
}

impl From<NumberSet> for NumberSetBuilder {
    fn from(set: NumberSet) -> Self {
        Self {
            set,
            unsorted: false,
        }
    }
}

impl fmt::Display for NumberSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_saved() {
            return f.write_str("$");
        }
        for (at, piece) in self.pieces().enumerate() {
            if at > 0 {
                f.write_str(",")?;
            }
            piece.fmt(f)?;
        }
        Ok(())
    }
}

impl fmt::Debug for NumberSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "NumberSet({self})")
    }
}

impl FromIterator<NonZeroU32> for NumberSet {
    fn from_iter<I: IntoIterator<Item = NonZeroU32>>(numbers: I) -> Self {
        let mut builder = NumberSetBuilder::default();
        numbers
            .into_iter()
            .for_each(|number| builder.push(number.get()));
        builder.finish()
    }
}

/// The numbers of a set, from either end.
#[derive(Clone)]
pub(crate) struct Numbers<'a> {
    rest: slice::Iter<'a, Span>,
    front: Option<Span>,
    back: Option<Span>,
}

impl<'a> Numbers<'a> {
    pub(crate) fn over(spans: &'a [Span]) -> Self {
        Self {
            rest: spans.iter(),
            front: None,
            back: None,
        }
    }
}

impl Iterator for Numbers<'_> {
    type Item = NonZeroU32;

    fn next(&mut self) -> Option<NonZeroU32> {
        let span = self.front.take();
        let span = span
            .or_else(|| self.rest.next().copied())
            .or_else(|| self.back.take())?;
        self.front = span
            .first
            .checked_add(1)
            .and_then(|first| Span::new(first, span.last));
        Some(span.first)
    }
}

impl DoubleEndedIterator for Numbers<'_> {
    fn next_back(&mut self) -> Option<NonZeroU32> {
        let span = self.back.take();
        let span = span
            .or_else(|| self.rest.next_back().copied())
            .or_else(|| self.front.take())?;
        self.back = previous(span.last).and_then(|last| Span::new(span.first, last));
        Some(span.last)
    }
}

/// The number of `spans` that fit into `longest` octets, at least one, and their length.
fn leading(spans: &[Span], longest: usize) -> (usize, usize) {
    let mut length = 0;
    for (at, span) in spans.iter().enumerate() {
        let longer = length + usize::from(at > 0) + Piece::from(*span).wire_len();
        if longer > longest && at > 0 {
            return (at, length);
        }
        length = longer;
    }
    (spans.len(), length)
}

#[cfg(test)]
mod tests;
