//! Sets of message numbers: from the client's form to sorted ranges, and back to text.

use std::fmt::Write as _;

use imap_codec::imap_types::sequence::{SeqOrUid, Sequence, SequenceSet};

/// Numbers as ascending ranges that do not touch.
#[derive(Debug, Default)]
pub(crate) struct Numbers(Vec<(u32, u32)>);

impl Numbers {
    /// Reads a set in which `*` stands for `largest`; in an empty mailbox `*` is no number.
    pub(crate) fn resolve(set: &SequenceSet, largest: Option<u32>) -> Self {
        let value = |number: &SeqOrUid| match number {
            SeqOrUid::Value(value) => Some(value.get()),
            SeqOrUid::Asterisk => largest,
        };
        let mut ranges: Vec<(u32, u32)> = set
            .0
            .as_ref()
            .iter()
            .filter_map(|element| match element {
                Sequence::Single(one) => value(one).map(|one| (one, one)),
                Sequence::Range(a, b) => {
                    let (a, b) = (value(a)?, value(b)?);
                    Some((a.min(b), a.max(b)))
                }
            })
            .collect();
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

    /// The largest number of the set.
    pub(crate) fn largest(&self) -> Option<u32> {
        self.0.last().map(|(_, last)| *last)
    }
}

/// Whether the set says `*` somewhere.
pub(crate) fn has_asterisk(set: &SequenceSet) -> bool {
    set.0.as_ref().iter().any(|element| match element {
        Sequence::Single(one) => matches!(one, SeqOrUid::Asterisk),
        Sequence::Range(a, b) => matches!(a, SeqOrUid::Asterisk) || matches!(b, SeqOrUid::Asterisk),
    })
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
        let set = SequenceSet::try_from("9,2:4,3:5,6,20:*").unwrap();
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
    fn text_is_the_shortest_form() {
        assert_eq!(ranges_text([1, 2, 3, 7, 9, 10]), "1:3,7,9:10");
        assert_eq!(ranges_text([]), "");
    }
}
