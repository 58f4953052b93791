//! A value for each number of a set that is kept elsewhere, 8 octets for each change of the value.

use std::num::NonZeroU32;

use crate::types::number_range::Span;
use crate::types::number_set::NumberSet;

/// The value of a number that has none.
const NONE: u32 = u32::MAX;

/// Values for the numbers of a set. Numbers that are not in the set do not end a stretch of equal
/// values, and the value of one of them means nothing.
#[derive(Clone, Debug, Default)]
pub(crate) struct Stretches {
    /// Where the value changes, in ascending order.
    starts: Vec<(NonZeroU32, u32)>,
}

impl Stretches {
    /// The value of a number of the set.
    pub(crate) fn get(&self, number: NonZeroU32) -> Option<u32> {
        let next = self.starts.partition_point(|(first, _)| *first <= number);
        let (_, value) = self.starts.get(next.checked_sub(1)?)?;
        (*value != NONE).then_some(*value)
    }

    /// Sets the values of ranges, which come in ascending order; `None` removes them. `set` is the set
    /// as it is now.
    pub(crate) fn put_all(
        &mut self,
        ranges: impl Iterator<Item = (Span, Option<u32>)>,
        set: &NumberSet,
    ) {
        let mut old = std::mem::take(&mut self.starts).into_iter().peekable();
        let mut value_before = NONE;
        let mut goes_on_at: Option<NonZeroU32> = None;
        for (range, value) in ranges {
            if let Some(at) = goes_on_at.take().filter(|at| *at < range.first) {
                while let Some((_, value)) = old.next_if(|(first, _)| *first <= at) {
                    value_before = value;
                }
                self.push(at, value_before);
            }
            while let Some((first, value)) = old.next_if(|(first, _)| *first < range.first) {
                value_before = value;
                self.push(first, value);
            }
            self.push(range.first, value.unwrap_or(NONE));
            while let Some((_, value)) = old.next_if(|(first, _)| *first <= range.last) {
                value_before = value;
            }
            goes_on_at = range.last.checked_add(1);
        }
        if let Some(at) = goes_on_at {
            while let Some((_, value)) = old.next_if(|(first, _)| *first <= at) {
                value_before = value;
            }
            self.push(at, value_before);
        }
        old.for_each(|(first, value)| self.push(first, value));
        self.settle(set);
    }

    /// Drops what no number of the set needs: each stretch then begins at a number of the set.
    pub(crate) fn settle(&mut self, set: &NumberSet) {
        let starts = std::mem::take(&mut self.starts);
        let ends = starts.iter().skip(1).map(|(first, _)| Some(*first));
        let ends = ends.chain([None]);
        let mut spans = set.closed().peekable();
        for ((first, value), end) in starts.iter().zip(ends) {
            while spans.next_if(|span| span.last < *first).is_some() {}
            let Some(span) = spans.peek() else {
                break;
            };
            let member = span.first.max(*first);
            if end.is_none_or(|end| member < end) {
                self.push(member, *value);
            }
        }
        self.starts.shrink_to_fit();
    }

    /// The ranges of the set whose numbers have one value.
    pub(crate) fn ranges(&self, set: &NumberSet) -> Vec<(Span, u32)> {
        let mut ranges = Vec::new();
        for span in set.closed() {
            let mut rest = Some(span);
            while let Some(span) = rest {
                let next = self
                    .starts
                    .partition_point(|(first, _)| *first <= span.first);
                let next = self.starts.get(next).map(|(first, _)| *first);
                let next = next.filter(|next| *next <= span.last);
                let last = next.and_then(|next| NonZeroU32::new(next.get() - 1));
                let first = span.first;
                let last = last.unwrap_or(span.last);
                ranges.extend(self.get(first).map(|value| (Span { first, last }, value)));
                rest = next.map(|first| Span { first, ..span });
            }
        }
        ranges
    }

    /// Where the value changes, and to what; once settled, the same for the same values.
    pub(crate) fn changes(&self) -> impl Iterator<Item = (NonZeroU32, Option<u32>)> {
        let starts = self.starts.iter();
        starts.map(|(first, value)| (*first, (*value != NONE).then_some(*value)))
    }

    fn push(&mut self, first: NonZeroU32, value: u32) {
        let before = self.starts.last().map_or(NONE, |(_, value)| *value);
        if before != value {
            self.starts.push((first, value));
        }
    }

    #[cfg(test)]
    pub(crate) fn octets(&self) -> usize {
        self.starts.capacity() * size_of::<(NonZeroU32, u32)>()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    fn number(number: u32) -> NonZeroU32 {
        NonZeroU32::new(number).unwrap()
    }

    fn one(at: u32) -> Span {
        Span {
            first: number(at),
            last: number(at),
        }
    }

    proptest! {
        /// Stretches are what a map of single values is, and take no more than 8 octets a number.
        #[test]
        fn stretches_are_a_map(steps in prop::collection::vec(
            (any::<bool>(), prop::collection::btree_map(1..40_u32, prop::option::of(0..3_u32), 0..20)), 0..12))
        {
            let (mut stretches, mut map) = (Stretches::default(), BTreeMap::new());
            for (puts, values) in steps {
                match puts {
                    true => {
                        map.extend(values.clone());
                        let set = map.keys().map(|at| number(*at)).collect();
                        stretches.put_all(values.into_iter().map(|(at, value)| (one(at), value)), &set);
                    }
                    false => {
                        map.retain(|number, _| !values.contains_key(number));
                        let set = map.keys().map(|at| number(*at)).collect();
                        stretches.settle(&set);
                    }
                }
                let set: NumberSet = map.keys().map(|at| number(*at)).collect();
                for (at, value) in &map {
                    prop_assert_eq!(stretches.get(number(*at)), *value);
                }
                let ranges = stretches.ranges(&set).into_iter();
                let ranges = ranges.flat_map(|(span, value)| {
                    (span.first.get()..=span.last.get()).map(move |at| (at, value))
                });
                let valued = map.iter().filter_map(|(at, value)| Some((*at, (*value)?)));
                prop_assert!(ranges.eq(valued));
                prop_assert!(stretches.octets() <= 8 * map.len());
                let mut again = Stretches::default();
                again.put_all(map.iter().map(|(at, value)| (one(*at), *value)), &set);
                prop_assert!(again.changes().eq(stretches.changes()), "one form for the same values");
            }
        }
    }
}
