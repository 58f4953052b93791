//! Values by UID, as runs of adjacent UIDs with the same value.

use std::iter::Peekable;

use crate::types::number_range::Span;
use crate::types::number_set::{NumberSet, NumberSetBuilder};
use crate::types::uid::Uid;

/// A value for each of many UIDs, in ascending runs that are never expanded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Runs<V> {
    runs: Vec<(Span, V)>,
}

impl<V> Default for Runs<V> {
    fn default() -> Self {
        Self { runs: Vec::new() }
    }
}

impl<V: Copy + PartialEq> Runs<V> {
    pub(crate) fn is_empty(&self) -> bool {
        self.runs.is_empty()
    }

    pub(crate) fn get(&self, uid: Uid) -> Option<V> {
        let uid = uid.into();
        let at = self.runs.partition_point(|(span, _)| span.last < uid);
        let (span, value) = self.runs.get(at)?;
        (span.first <= uid).then_some(*value)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (Span, V)> + '_ {
        self.runs.iter().copied()
    }

    /// Sets values, which come in ascending order; they replace earlier ones.
    pub(crate) fn put_all(&mut self, values: impl Iterator<Item = (Uid, V)>) {
        let span = |uid: Uid| Span {
            first: uid.into(),
            last: uid.into(),
        };
        let mut added = Self::default();
        values.for_each(|(uid, value)| added.push(span(uid), value));
        self.put_runs(added);
    }

    fn put_runs(&mut self, added: Self) {
        let follows = match (self.runs.last(), added.runs.first()) {
            (Some((last, _)), Some((first, _))) => last.last < first.first,
            _ => true,
        };
        if !follows {
            self.remove(&added.uids());
        }
        let mut before = std::mem::take(&mut self.runs).into_iter().peekable();
        let mut added = added.runs.into_iter().peekable();
        while let Some((span, value)) = lower(&mut before, &mut added) {
            self.push(span, value);
        }
    }

    /// Removes the values of these UIDs.
    pub(crate) fn remove(&mut self, uids: &NumberSet) {
        let mut cuts = uids.closed().peekable();
        for (span, value) in std::mem::take(&mut self.runs) {
            let mut rest = Some(span);
            while let Some(span) = rest {
                while cuts.next_if(|cut| cut.last < span.first).is_some() {}
                let (kept, left) = match cuts.peek() {
                    Some(cut) => span.cut(*cut),
                    None => (Some(span), None),
                };
                kept.into_iter().for_each(|kept| self.push(kept, value));
                rest = left;
            }
        }
    }

    /// Keeps only some values.
    pub(crate) fn retain(&mut self, is_kept: impl Fn(V) -> bool) {
        self.runs.retain(|(_, value)| is_kept(*value));
    }

    /// The UIDs that have a value.
    pub(crate) fn uids(&self) -> NumberSet {
        let mut uids = NumberSetBuilder::default();
        self.iter().for_each(|(span, _)| uids.push_span(span));
        uids.finish()
    }

    /// Reads runs in any order; `None` if a UID has two values.
    pub(crate) fn from_spans(mut spans: Vec<(Span, V)>) -> Option<Self> {
        spans.sort_unstable_by_key(|(span, _)| span.first);
        let are_apart = spans.is_sorted_by(|(one, _), (next, _)| one.last < next.first);
        let mut runs = Self::default();
        spans
            .into_iter()
            .for_each(|(span, value)| runs.push(span, value));
        are_apart.then_some(runs)
    }

    /// Adds a run behind all others.
    fn push(&mut self, span: Span, value: V) {
        match self.runs.last_mut() {
            Some((last, known))
                if *known == value && last.last.checked_add(1) == Some(span.first) =>
            {
                last.last = span.last;
            }
            _ => self.runs.push((span, value)),
        }
    }
}

type Values<V> = Peekable<std::vec::IntoIter<(Span, V)>>;

/// The next run of two lists that have no UID in common.
fn lower<V>(one: &mut Values<V>, other: &mut Values<V>) -> Option<(Span, V)> {
    let is_first = match (one.peek(), other.peek()) {
        (Some((one, _)), Some((other, _))) => one.first < other.first,
        (one, _) => one.is_some(),
    };
    if is_first { one.next() } else { other.next() }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    fn uid(number: u32) -> Uid {
        Uid::new(number).unwrap()
    }

    proptest! {
        /// Runs are what a map of single values is.
        #[test]
        fn runs_are_a_map(steps in prop::collection::vec(
            (any::<bool>(), prop::collection::btree_map(1..40_u32, 0..3_u8, 0..20)), 0..12))
        {
            let (mut runs, mut map) = (Runs::default(), BTreeMap::new());
            for (puts, values) in steps {
                match puts {
                    true => {
                        runs.put_all(values.iter().map(|(number, value)| (uid(*number), *value)));
                        map.extend(values);
                    }
                    false => {
                        let gone = values.keys().map(|number| uid(*number).into());
                        runs.remove(&gone.collect());
                        map.retain(|number, _| !values.contains_key(number));
                    }
                }
                for number in 1..42 {
                    prop_assert_eq!(runs.get(uid(number)), map.get(&number).copied());
                }
                let spans: Vec<_> = runs.iter().collect();
                let is_sorted = spans.is_sorted_by(|(one, was), (next, is)| {
                    one.last < next.first
                        && (was != is || one.last.saturating_add(1) < next.first)
                });
                prop_assert!(is_sorted);
                prop_assert_eq!(Runs::from_spans(spans), Some(runs.clone()));
            }
        }
    }

    #[test]
    fn a_uid_has_one_value() {
        let span = |first, last| Span {
            first: uid(first).into(),
            last: uid(last).into(),
        };
        assert_eq!(
            Runs::from_spans(vec![(span(4, 4), 1), (span(1, 4), 2)]),
            None
        );
        assert!(Runs::from_spans(vec![(span(5, 5), 1), (span(1, 4), 1)]).is_some());
    }
}
