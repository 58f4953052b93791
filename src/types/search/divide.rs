//! A search whose sets of messages are too long for one command, divided into several searches that
//! together find the same messages.

use std::fmt::{self, Write};

use crate::types::number_set::{NumberSet, NumberSetBuilder};
use crate::types::search::SearchKey;

/// Sets up to this length are never the reason why a command is too long.
const SHORT: usize = 200;

/// The maximum number of searches that one is divided into.
const MOST: usize = 1_000;

/// Searches in place of one: together they find the same messages, except for some numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Divided {
    pub(crate) keys: Vec<SearchKey>,
    /// The numbers to remove from their results.
    pub(crate) without: NumberSet,
}

/// A search that is too long and cannot be divided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TooLong;

impl SearchKey {
    /// Whether its sets make it longer than `room` octets.
    pub(crate) fn is_too_long(&self, room: usize) -> bool {
        let mut sets = 0;
        self.any(&mut |key| {
            sets += key.set().map_or(0, NumberSet::wire_len);
            false
        });
        sets > SHORT && (sets > room || self.written_len() > room)
    }

    /// The searches that find the same messages, none of them longer than `room` octets. `by_uid`
    /// is whether they find UIDs and not sequence numbers.
    pub(crate) fn divide(&self, room: usize, by_uid: bool) -> Result<Divided, TooLong> {
        let mut conditions = self.conditions();
        let mut without = NumberSetBuilder::default();
        // The numbers to exclude can be removed from the result instead.
        conditions.retain(|condition| match condition.excluded(by_uid) {
            Some(set) => {
                without.push_set(set);
                false
            }
            None => true,
        });
        if conditions.is_empty() {
            conditions.push(Self::All);
        }
        let mut keys = Vec::new();
        let mut waiting = vec![together(conditions)];
        while let Some(key) = waiting.pop() {
            if key.is_too_long(room) {
                waiting.extend(key.split(room)?.into_iter().rev());
            } else {
                keys.push(key);
            }
            if keys.len() + waiting.len() > MOST {
                return Err(TooLong);
            }
        }
        let without = without.finish();
        Ok(Divided { keys, without })
    }

    /// The conditions that all have to be met.
    fn conditions(&self) -> Vec<Self> {
        match self {
            Self::And(keys) => keys.iter().flat_map(Self::conditions).collect(),
            key => vec![key.clone()],
        }
    }

    /// The numbers that it excludes, if they are of the kind that the search returns, are many and
    /// are known.
    fn excluded(&self, by_uid: bool) -> Option<&NumberSet> {
        let Self::Not(key) = self else { return None };
        let set = match (&**key, by_uid) {
            (Self::Uid(_), true) | (Self::Sequence(_), false) => key.set()?,
            _ => return None,
        };
        (!set.is_open() && set.wire_len() > SHORT).then_some(set)
    }

    /// Two or more searches that find the same messages together.
    fn split(&self, room: usize) -> Result<Vec<Self>, TooLong> {
        let conditions = self.conditions();
        let length = |condition: &Self| condition.set().map_or(0, NumberSet::wire_len);
        let longest = conditions
            .iter()
            .enumerate()
            .max_by_key(|(_, it)| length(it));
        let (place, parts) = match longest {
            Some((place, condition)) if length(condition) > SHORT => {
                let others = self.written_len().saturating_sub(length(condition));
                let least = (room / 2).max(SHORT);
                // At most half of a set, so that each step makes progress.
                let part = room.saturating_sub(others).max(least);
                (
                    place,
                    condition.parts(part.min(length(condition) / 2).max(SHORT / 2)),
                )
            }
            _ => {
                let is_or = |key: &Self| matches!(key, Self::Or(..)) && key.is_too_long(SHORT);
                let place = conditions.iter().position(is_or).ok_or(TooLong)?;
                let parts = match conditions.get(place) {
                    Some(Self::Or(one, other)) => vec![(**one).clone(), (**other).clone()],
                    _ => return Err(TooLong),
                };
                (place, parts)
            }
        };
        let with = |part: Self| {
            let mut conditions = conditions.clone();
            if let Some(condition) = conditions.get_mut(place) {
                *condition = part;
            }
            together(conditions)
        };
        match parts.len() {
            0 | 1 => Err(TooLong),
            _ => Ok(parts.into_iter().map(with).collect()),
        }
    }

    fn set(&self) -> Option<&NumberSet> {
        match self {
            Self::Uid(set) => Some(set.as_numbers()),
            Self::Sequence(set) => Some(set.as_numbers()),
            _ => None,
        }
    }

    fn parts(&self, longest: usize) -> Vec<Self> {
        match self {
            Self::Uid(set) => set.split_by_length(longest).map(Self::Uid).collect(),
            Self::Sequence(set) => set.split_by_length(longest).map(Self::Sequence).collect(),
            key => vec![key.clone()],
        }
    }

    fn written_len(&self) -> usize {
        let mut count = Count(0);
        let _ = write!(count, "{self}");
        count.0
    }
}

/// One condition alone, or all of them.
fn together(mut conditions: Vec<SearchKey>) -> SearchKey {
    match (conditions.pop(), conditions.is_empty()) {
        (Some(only), true) => only,
        (last, _) => {
            conditions.extend(last);
            SearchKey::And(conditions)
        }
    }
}

/// Counts octets without storing them.
struct Count(usize);

impl Write for Count {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0 += text.len();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::uid_set::UidSet;

    /// Single UIDs of five digits: six octets each with the comma.
    fn many(first: u32, count: u32) -> UidSet {
        let uids = (0..count).filter_map(|n| crate::types::uid::Uid::new(first + 2 * n));
        UidSet::unbound(uids)
    }

    fn found(divided: &Divided) -> String {
        let keys = divided.keys.iter().map(|key| match key {
            SearchKey::Uid(set) => format!("{}", set.len()),
            key => key.to_string().chars().take(40).collect(),
        });
        keys.collect::<Vec<_>>().join(" | ")
    }

    #[test]
    fn short_searches_are_left_alone() {
        let key = SearchKey::Uid(many(10_000, 30)).and(SearchKey::Subject("x".repeat(10_000)));
        assert!(!key.is_too_long(8_000), "a text is not to blame");
        assert!(SearchKey::Uid(many(10_000, 2_000)).is_too_long(8_000));
    }

    #[test]
    fn a_set_is_looked_for_part_by_part_with_all_else() {
        let set = many(10_000, 3_000);
        let key = SearchKey::Unseen.and(SearchKey::Uid(set.clone()));
        let divided = key.divide(8_000, true).unwrap();
        assert!(divided.keys.iter().all(|key| key.written_len() <= 8_000));
        let mut all = UidSet::new();
        for key in &divided.keys {
            let SearchKey::And(keys) = key else {
                panic!("{key}")
            };
            let [SearchKey::Unseen, SearchKey::Uid(part)] = keys.as_slice() else {
                panic!("{key}")
            };
            all = all.union(part).unwrap();
        }
        assert_eq!(all, set);
        assert!(
            (3..=4).contains(&divided.keys.len()),
            "{}",
            divided.keys.len()
        );
    }

    #[test]
    fn two_long_sets_are_both_divided() {
        let key = SearchKey::Uid(many(10_000, 3_000)).and(SearchKey::Uid(many(12_000, 3_000)));
        let divided = key.divide(8_000, true).unwrap();
        assert!(divided.keys.iter().all(|key| key.written_len() <= 8_000));
    }

    #[test]
    fn either_of_two_is_two_searches() {
        let either = SearchKey::Uid(many(10_000, 1_000)).or(SearchKey::Uid(many(20_000, 1_000)));
        let divided = either.divide(8_000, true).unwrap();
        assert_eq!(found(&divided), "1000 | 1000");
    }

    #[test]
    fn what_is_not_looked_for_is_taken_away() {
        let set = many(10_000, 3_000);
        let key = SearchKey::Deleted.and(!SearchKey::Uid(set.clone()));
        let divided = key.divide(8_000, true).unwrap();
        assert_eq!(found(&divided), "DELETED");
        assert_eq!(&divided.without, set.as_numbers());
        let divided = (!SearchKey::Uid(set.clone())).divide(8_000, true).unwrap();
        assert_eq!(found(&divided), "ALL");
        // Sequence numbers cannot be told by UIDs.
        assert_eq!(key.divide(8_000, false), Err(TooLong));
    }

    #[test]
    fn where_it_cannot_be_divided_it_is_refused() {
        let either = SearchKey::Uid(many(10_000, 2_000)).or(SearchKey::Seen);
        for key in [!either.clone(), (!either).fuzzy()] {
            assert_eq!(key.divide(8_000, true), Err(TooLong));
        }
    }
}
