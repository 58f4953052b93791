//! Sets beside others: whether two can have a number in common, sets that grow, and what is known of a set.

use crate::types::number_set::NumberSet;

impl NumberSet {
    /// Adds the numbers of another set. One whose numbers are all higher costs no more than its own
    /// ranges, any other a union.
    pub(crate) fn include(&mut self, other: &Self) {
        let highest = self.spans.last().map(|span| span.last);
        let lowest = other.spans.first().map(|span| span.first);
        if self.is_open() || other.is_open() || lowest <= highest {
            *self = self.union(other);
            return;
        }
        let mut added = other.spans.iter().copied();
        if let (Some(last), Some(first)) = (self.spans.last_mut(), other.spans.first()) {
            if last.join(*first) {
                added.next();
            }
        }
        self.spans.extend(added);
    }

    /// The number of those numbers that are known: of an open range, none is.
    pub(crate) fn known(&self) -> u64 {
        self.spans.iter().map(|span| span.len()).sum()
    }

    /// The open range by itself, if there is one.
    pub(crate) fn unknown(&self) -> Option<Self> {
        self.is_open().then(|| Self {
            spans: Vec::new(),
            open: self.open,
        })
    }

    /// Whether the same message may be in both: `*` may be any.
    pub(crate) fn may_overlap(&self, other: &Self) -> bool {
        if self.is_open() || other.is_open() {
            return true;
        }
        let (few, many) = match self.spans.len() <= other.spans.len() {
            true => (&self.spans, &other.spans),
            false => (&other.spans, &self.spans),
        };
        few.iter().any(|one| {
            let next = many.partition_point(|span| span.last < one.first);
            many.get(next).is_some_and(|span| span.first <= one.last)
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn set(text: &str) -> NumberSet {
        NumberSet::parse(text.as_bytes()).unwrap()
    }

    #[test]
    fn a_set_that_includes_others_is_their_union() {
        let mut sum = NumberSet::new();
        for (added, all) in [
            ("3", "3"),
            ("4:5", "3:5"),
            ("9,11:12", "3:5,9,11:12"),
            ("13", "3:5,9,11:13"),
            ("1,10", "1,3:5,9:13"),
            ("12:20", "1,3:5,9:20"),
            ("30:*", "1,3:5,9:20,30:*"),
            ("25", "1,3:5,9:20,25,30:*"),
        ] {
            sum.include(&set(added));
            assert_eq!(sum.to_string(), all, "with {added}");
        }
        sum.include(&NumberSet::new());
        assert_eq!(sum.to_string(), "1,3:5,9:20,25,30:*");
    }

    #[test]
    fn an_asterisk_may_be_any_message() {
        for (one, other) in [("1", "*"), ("5:*", "1"), ("*", "*")] {
            assert!(set(one).may_overlap(&set(other)), "{one} and {other}");
        }
        assert!(NumberSet::saved().may_overlap(&set("1")));
        assert!(!NumberSet::new().may_overlap(&set("1:9")));
    }

    proptest! {
        #[test]
        fn sets_overlap_if_they_have_a_number_in_common(
            one in proptest::collection::vec(1_u32..60, 0..8),
            other in proptest::collection::vec(1_u32..60, 0..8),
        ) {
            let numbers = |of: &[u32]| -> NumberSet {
                of.iter().filter_map(|number| std::num::NonZeroU32::new(*number)).collect()
            };
            let (left, right) = (numbers(&one), numbers(&other));
            prop_assert_eq!(left.may_overlap(&right), one.iter().any(|n| other.contains(n)));
            let mut sum = left.clone();
            sum.include(&right);
            prop_assert_eq!(sum, left.union(&right));
        }
    }
}
