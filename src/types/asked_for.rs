//! The messages that a server may name in an answer: each set that a server sends and that later
//! goes into a command is reduced here to the requested messages.

use std::num::NonZeroU32;

use crate::types::number_range::{Open, Span};
use crate::types::number_set::{NumberSet, NumberSetBuilder};
use crate::types::search::SearchKey;

/// The messages that an answer may name: by UID or by sequence number, as in the command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct AskedFor {
    /// Without `*`: `n:*` is all from n on.
    within: NumberSet,
    /// One message besides these, the highest (`*`), whose number only the server knows.
    with_highest: bool,
    /// The highest possible number of messages, if a limit beyond their numbers is known.
    most: Option<u64>,
}

impl AskedFor {
    /// Any message: nothing is known about the answer.
    pub(crate) fn anything() -> Self {
        Self {
            within: NumberSet::between(NonZeroU32::MIN, NonZeroU32::MAX),
            with_highest: false,
            most: None,
        }
    }

    /// Adds a limit on the number of messages.
    pub(crate) fn at_most(self, most: u64) -> Self {
        Self {
            most: Some(self.most.map_or(most, |known| known.min(most))),
            ..self
        }
    }

    /// Whether these are more messages than can be meant.
    pub(crate) fn is_exceeded_by(&self, named: &NumberSet) -> bool {
        self.most
            .is_some_and(|most| named.len().is_none_or(|len| len > most))
    }

    /// These messages; for `$`, any message.
    pub(crate) fn set(set: &NumberSet) -> Self {
        match set.open() {
            Open::Saved => Self::anything(),
            open => Self {
                within: set.closed().collect_spans(),
                with_highest: open == Open::Last,
                most: None,
            },
        }
    }

    /// The messages that can meet a condition, as far as it names them. `by_uid` is whether the
    /// answer names messages by UID.
    pub(crate) fn by_key(key: &SearchKey, by_uid: bool) -> Self {
        match key.numbers(by_uid) {
            Some(set) => Self::set(set),
            None => match key {
                SearchKey::And(keys) => {
                    let asked = keys.iter().map(|key| Self::by_key(key, by_uid));
                    asked.fold(Self::anything(), |all, one| all.and(&one))
                }
                SearchKey::Or(one, other) => {
                    let (one, other) = (Self::by_key(one, by_uid), Self::by_key(other, by_uid));
                    one.or(&other)
                }
                SearchKey::Not(key) => Self::set(&all().difference(&surely(key, by_uid))),
                _ => Self::anything(),
            },
        }
    }

    /// Whether any message is allowed.
    pub(crate) fn is_anything(&self) -> bool {
        *self == Self::anything()
    }

    /// Whether an answer may name this message, considered alone.
    pub(crate) fn allows(&self, number: NonZeroU32) -> bool {
        self.with_highest || self.within.contains(number)
    }

    /// The requested messages among those that a server named.
    pub(crate) fn cut(&self, named: NumberSet) -> NumberSet {
        if self.is_anything() {
            return named;
        }
        let mut cut = named.intersection(&self.within);
        if let (true, Some(highest)) = (self.with_highest, named.last()) {
            cut.insert(highest);
        }
        cut
    }

    /// Whether every named message was requested, and each was named once.
    pub(crate) fn is_each_once(&self, named: &[Span]) -> bool {
        let set: NumberSet = named.iter().copied().collect_spans();
        let is_once = set.len() == Some(named.iter().map(|span| span.len()).sum());
        is_once && !self.is_exceeded_by(&set) && self.cut(set.clone()) == set
    }

    /// The messages that both allow.
    pub(crate) fn and(self, other: &Self) -> Self {
        match (self.is_anything(), other.is_anything()) {
            (_, true) => self,
            (true, false) => other.clone(),
            (false, false) => {
                let (one, other) = (self.surrounding(), other.surrounding());
                Self::set(&one.intersection(&other))
            }
        }
    }

    fn or(self, other: &Self) -> Self {
        Self::set(&self.surrounding().union(&other.surrounding()))
    }

    /// All messages that it may allow: the highest may be any message.
    fn surrounding(&self) -> NumberSet {
        match self.with_highest {
            true => all(),
            false => self.within.clone(),
        }
    }
}

/// The messages that certainly meet a condition.
fn surely(key: &SearchKey, by_uid: bool) -> NumberSet {
    match key.numbers(by_uid) {
        Some(set) => set.closed().collect_spans(),
        None => match key {
            SearchKey::And(keys) => {
                let sets = keys.iter().map(|key| surely(key, by_uid));
                sets.fold(all(), |all, one| all.intersection(&one))
            }
            SearchKey::Or(one, other) => surely(one, by_uid).union(&surely(other, by_uid)),
            SearchKey::Not(key) => all().difference(&AskedFor::by_key(key, by_uid).surrounding()),
            SearchKey::All => all(),
            _ => NumberSet::new(),
        },
    }
}

fn all() -> NumberSet {
    AskedFor::anything().within
}

/// Ranges in any order as a set.
trait CollectSpans {
    fn collect_spans(self) -> NumberSet;
}

impl<I: Iterator<Item = Span>> CollectSpans for I {
    fn collect_spans(self) -> NumberSet {
        let mut builder = NumberSetBuilder::default();
        self.for_each(|span| builder.push_span(span));
        builder.finish()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::types::uid::Uid;
    use crate::types::uid_set::UidSet;

    fn set(text: &str) -> NumberSet {
        match text {
            "" => NumberSet::new(),
            text => NumberSet::parse(text.as_bytes()).unwrap(),
        }
    }

    fn uids(text: &str) -> SearchKey {
        SearchKey::Uid(text.parse().unwrap())
    }

    #[track_caller]
    fn cuts(asked: &AskedFor, named: &str, expected: &str) {
        assert_eq!(asked.cut(set(named)).to_string(), expected);
    }

    #[test]
    fn fault_03_a_set_is_cut_down_to_what_was_asked_for() {
        cuts(&AskedFor::set(&set("100")), "100:102", "100");
        cuts(&AskedFor::set(&set("5,9:11")), "1:4,6,10,12:20", "10");
        cuts(
            &AskedFor::set(&set("7:*")),
            "5,9,4294967295",
            "9,4294967295",
        );
        cuts(&AskedFor::set(&set("1:*")), "5,9", "5,9");
        cuts(&AskedFor::set(&set("3,*")), "2,3,8,9", "3,9");
        cuts(&AskedFor::set(&set("*")), "7", "7");
        cuts(&AskedFor::set(&NumberSet::saved()), "2,3", "2:3");
        cuts(&AskedFor::set(&set("1:9")), "5:*", "5:9");
    }

    #[test]
    fn fault_03_a_condition_says_what_can_be_found() {
        let by_uid = |key: &SearchKey| AskedFor::by_key(key, true);
        cuts(&by_uid(&uids("1:5")), "4:9", "4:5");
        cuts(
            &by_uid(&SearchKey::Deleted.and(!uids("3,5"))),
            "1:6",
            "1:2,4,6",
        );
        cuts(&by_uid(&uids("1:5").and(SearchKey::Deleted)), "4:9", "4:5");
        cuts(&by_uid(&uids("1:5").and(uids("3:9"))), "1:9", "3:5");
        cuts(&by_uid(&uids("1:2").or(uids("8"))), "1:9", "1:2,8");
        cuts(&by_uid(&uids("1:2").or(SearchKey::Seen)), "1:9", "1:9");
        cuts(&by_uid(&!uids("1:2").or(SearchKey::Seen)), "1:9", "3:9");
        cuts(&by_uid(&!uids("1:2").and(SearchKey::Seen)), "1:9", "1:9");
        cuts(&by_uid(&uids("*").and(SearchKey::Seen)), "1:9", "9");
        cuts(&by_uid(&!uids("5,*")), "1:9", "1:4,6:9");
        cuts(&by_uid(&!!uids("4:5")), "1:9", "4:5");
        assert!(by_uid(&SearchKey::Unseen).is_anything());
        // Sequence numbers are not bounded by UIDs.
        assert!(AskedFor::by_key(&uids("1:5"), false).is_anything());
    }

    #[test]
    fn fault_04_each_message_is_named_once() {
        let asked = AskedFor::set(&set("100,101"));
        let once =
            |named: &str| asked.is_each_once(&NumberSet::parse_in_order(named.as_bytes()).unwrap());
        assert!(once("100:101") && once("101,100") && once("100"));
        for named in ["100,100", "100:101,101", "99:100", "500:501", "100:102"] {
            assert!(!once(named), "{named}");
        }
    }

    proptest! {
        #[test]
        fn fault_03_nothing_is_left_that_was_not_asked_for(
            asked in prop::collection::vec((1_u32..60, 0_u32..9), 1..5),
            named in prop::collection::vec(1_u32..80, 0..20),
            open in prop::option::of(1_u32..60),
        ) {
            let number = |number: u32| Uid::new(number).unwrap();
            let mut set = UidSet::new();
            for (first, more) in &asked {
                set = set.union(&UidSet::unbound_range(number(*first)..=number(first + more))).unwrap();
            }
            if let Some(first) = open {
                set = set.union(&UidSet::from_uid(number(first))).unwrap();
            }
            let is_asked = |n: u32| {
                asked.iter().any(|(first, more)| (*first..=first + more).contains(&n))
                    || open.is_some_and(|first| n >= first)
            };
            let named: NumberSet = named.iter().filter_map(|n| NonZeroU32::new(*n)).collect();
            let cut = AskedFor::by_key(&SearchKey::Uid(set), true).cut(named.clone());
            for number in named.numbers() {
                prop_assert_eq!(cut.contains(number), is_asked(number.get()));
            }
            prop_assert_eq!(cut.union(&named), named);
        }
    }
}
