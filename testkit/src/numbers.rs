//! Sets of message numbers: from the client's form to sorted ranges, and back to text.

use std::fmt::{self, Write as _};

use crate::grammar::sets::{Bound, Set};

/// Numbers as ascending ranges that do not touch.
#[derive(Clone, Debug, Default)]
pub(crate) struct Numbers(Vec<(u32, u32)>);

impl Numbers {
    /// The numbers of a set in which `*` stands for `largest`; in an empty mailbox `*` is no number.
    /// A saved result has none of its own.
    pub(crate) fn resolve(set: &Set, largest: Option<u32>) -> Self {
        let value = |bound: Bound| match bound {
            Bound::Number(number) => Some(number),
            Bound::Last => largest,
        };
        let Set::Ranges(ranges) = set else {
            return Self::default();
        };
        let ranges = ranges.iter().filter_map(|(first, last)| {
            let (a, b) = (value(*first)?, value(*last)?);
            Some((a.min(b), a.max(b)))
        });
        Self::from_ranges(ranges.collect())
    }

    /// Ascending numbers.
    pub(crate) fn of(numbers: impl IntoIterator<Item = u32>) -> Self {
        Self::from_ranges(numbers.into_iter().map(|number| (number, number)).collect())
    }

    /// Ranges in any order, which may overlap.
    pub(crate) fn from_ranges(mut ranges: Vec<(u32, u32)>) -> Self {
        ranges.sort_unstable();
        ranges.dedup_by(|next, kept| {
            let joins = next.0 <= kept.1.saturating_add(1);
            if joins {
                kept.1 = kept.1.max(next.1);
            }
            joins
        });
        Self(ranges)
    }

    pub(crate) fn contains(&self, number: u32) -> bool {
        let at = self.0.partition_point(|(_, last)| *last < number);
        self.0.get(at).is_some_and(|(first, _)| *first <= number)
    }

    /// The ranges, ascending.
    pub(crate) fn ranges(&self) -> &[(u32, u32)] {
        &self.0
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many numbers there are.
    pub(crate) fn len(&self) -> u64 {
        let lengths = self
            .0
            .iter()
            .map(|(first, last)| u64::from(last - first) + 1);
        lengths.sum()
    }

    /// The numbers that are in both.
    pub(crate) fn within(&self, other: &Self) -> Self {
        let mut both = Vec::new();
        for (first, last) in &self.0 {
            let at = other.0.partition_point(|(_, end)| end < first);
            let here = other.0.get(at..).unwrap_or_default();
            let here = here.iter().take_while(|(begin, _)| begin <= last);
            both.extend(here.map(|(begin, end)| (*begin.max(first), *end.min(last))));
        }
        Self(both)
    }

    /// The numbers from `from` on.
    pub(crate) fn from(&self, from: u32) -> Self {
        self.within(&Self(vec![(from, u32::MAX)]))
    }

    /// The largest number of the set.
    pub(crate) fn largest(&self) -> Option<u32> {
        self.0.last().map(|(_, last)| *last)
    }
}

impl fmt::Display for Numbers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = String::new();
        let ranges = self.0.iter().copied();
        ranges.for_each(|range| push_range(&mut text, Some(range)));
        f.write_str(&text)
    }
}

/// Whether the set says `*` somewhere.
pub(crate) fn has_asterisk(set: &Set) -> bool {
    let is_last = |(first, last): &(Bound, Bound)| [first, last].contains(&&Bound::Last);
    matches!(set, Set::Ranges(ranges) if ranges.iter().any(is_last))
}

/// Ascending numbers as the shortest set, such as `1:3,7`.
pub(crate) fn ranges_text(numbers: impl IntoIterator<Item = u32>) -> String {
    let mut text = String::new();
    let mut open: Option<(u32, u32)> = None;
    for number in numbers {
        match &mut open {
            Some((_, last)) if last.checked_add(1) == Some(number) => *last = number,
            _ => {
                push_range(&mut text, open);
                open = Some((number, number));
            }
        }
    }
    push_range(&mut text, open);
    text
}

/// The numbers of a set as [`ranges_text`] writes it; `None` if there are more than `most`.
pub(crate) fn expanded(text: &str, most: usize) -> Option<Vec<u32>> {
    let mut numbers = Vec::new();
    for range in text.split(',') {
        let (first, last) = range.split_once(':').unwrap_or((range, range));
        let (first, last): (u32, u32) = (first.parse().ok()?, last.parse().ok()?);
        for number in first..=last {
            if numbers.len() == most {
                return None;
            }
            numbers.push(number);
        }
    }
    Some(numbers)
}

fn push_range(text: &mut String, range: Option<(u32, u32)>) {
    let Some((first, last)) = range else { return };
    if !text.is_empty() {
        text.push(',');
    }
    let _ = if first == last {
        write!(text, "{first}")
    } else {
        write!(text, "{first}:{last}")
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_are_merged_and_asterisk_is_the_largest() {
        let range = |first, last| (Bound::Number(first), Bound::Number(last));
        let (one, two, three) = (range(9, 9), range(2, 4), range(3, 5));
        let last = (Bound::Number(20), Bound::Last);
        let set = Set::Ranges(vec![one, two, three, range(6, 6), last]);
        let numbers = Numbers::resolve(&set, Some(12));
        let members: Vec<u32> = (1..30).filter(|n| numbers.contains(*n)).collect();
        assert_eq!(
            members,
            [2, 3, 4, 5, 6, 9, 12, 13, 14, 15, 16, 17, 18, 19, 20]
        );
        assert_eq!(numbers.largest(), Some(20));
        assert!(has_asterisk(&set));
        assert!(!Numbers::resolve(&set, None).contains(20));
    }

    #[test]
    fn what_is_in_both() {
        let one = Numbers::from_ranges(vec![(9, 12), (1, 3), (4, 5), (20, 30)]);
        assert_eq!(
            (one.to_string().as_str(), one.len()),
            ("1:5,9:12,20:30", 20)
        );
        let other = Numbers::from_ranges(vec![(2, 2), (5, 10), (12, 21), (40, 50)]);
        assert_eq!(one.within(&other).to_string(), "2,5,9:10,12,20:21");
        assert_eq!(one.from(11).to_string(), "11:12,20:30");
        assert!(one.within(&Numbers::default()).is_empty());
    }

    #[test]
    fn text_is_the_shortest_form() {
        assert_eq!(ranges_text([1, 2, 3, 7, 9, 10]), "1:3,7,9:10");
        assert_eq!(ranges_text([]), "");
        assert_eq!(expanded("1:3,7", 4), Some(vec![1, 2, 3, 7]));
        assert_eq!((expanded("1:3,7", 3), expanded("", 3)), (None, None));
    }
}
