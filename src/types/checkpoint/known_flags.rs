//! The flags of the messages that a checkpoint knows, for a mailbox without mod-sequences.

use std::collections::HashMap;

use crate::types::checkpoint::stretches::Stretches;
use crate::types::flag::Flag;
use crate::types::number_range::Span;
use crate::types::number_set::{NumberSet, NumberSetBuilder};
use crate::types::uid::Uid;

/// The flags of the messages of a set. Messages with the same flags share one list, and those next to each
/// other in the set one stretch of 8 octets.
#[derive(Clone, Debug, Default)]
pub(crate) struct KnownFlags {
    /// The place of the list of each message.
    stretches: Stretches,
    /// Each list as [`canonical`] text.
    lists: Vec<Box<str>>,
    places: HashMap<Box<str>, u32>,
}

/// The flags as one text that does not depend on their order. `\Recent` is a property of the
/// session and is left out.
pub(crate) fn canonical(flags: &[Flag]) -> String {
    let is_kept = |flag: &&Flag| **flag != Flag::Recent;
    let mut names: Vec<String> = flags.iter().filter(is_kept).map(Flag::to_string).collect();
    names.sort_unstable_by_key(|name| name.to_ascii_lowercase());
    names.dedup_by(|one, other| one.eq_ignore_ascii_case(other));
    names.join(" ")
}

/// Whether two canonical texts are the same flags: their case does not count.
fn is_same(one: &str, other: &str) -> bool {
    one.eq_ignore_ascii_case(other)
}

impl KnownFlags {
    /// The flags of a message of the set, as canonical text.
    fn of(&self, uid: Uid) -> Option<&str> {
        self.list(self.stretches.get(uid.into())?)
    }

    fn list(&self, place: u32) -> Option<&str> {
        Some(self.lists.get(usize::try_from(place).ok()?)?)
    }

    /// Whether the message of the set is known to have these flags.
    pub(crate) fn is_known(&self, uid: Uid, flags: &[Flag]) -> bool {
        let known = self.of(uid);
        known.is_some_and(|known| is_same(known, &canonical(flags)))
    }

    /// Sets the flags of messages, which come in the order of their UIDs. `known` is the set.
    pub(crate) fn put_all<'f>(
        &mut self,
        messages: impl Iterator<Item = (Uid, &'f [Flag])>,
        known: &NumberSet,
    ) {
        let mut last: Option<(&[Flag], u32)> = None;
        let mut added: Vec<(Span, Option<u32>)> = Vec::new();
        for (uid, flags) in messages {
            let place = match last {
                Some((known, place)) if known == flags => place,
                _ => self.place(&canonical(flags)),
            };
            last = Some((flags, place));
            let (first, last) = (uid.into(), uid.into());
            added.push((Span { first, last }, Some(place)));
        }
        if !added.is_empty() {
            self.stretches.put_all(added.into_iter(), known);
        }
    }

    /// Nothing is known about the flags of these messages, which have come to the set.
    pub(crate) fn add_unknown(&mut self, uids: &NumberSet, known: &NumberSet) {
        let ranges = uids.closed().map(|span| (span, None));
        self.stretches.put_all(ranges, known);
    }

    /// The messages of the set whose flags are known.
    pub(crate) fn uids(&self, known: &NumberSet) -> NumberSet {
        let mut uids = NumberSetBuilder::default();
        let ranges = self.stretches.ranges(known).into_iter();
        ranges.for_each(|(span, _)| uids.push_span(span));
        uids.finish()
    }

    /// Messages have gone from the set.
    pub(crate) fn keep(&mut self, known: &NumberSet) {
        self.stretches.settle(known);
    }

    /// Each list that is in use, with its messages.
    pub(crate) fn groups(&self, known: &NumberSet) -> Vec<(&str, NumberSet)> {
        let mut groups: Vec<NumberSetBuilder> = Vec::new();
        groups.resize_with(self.lists.len(), NumberSetBuilder::default);
        for (span, place) in self.stretches.ranges(known) {
            let place = usize::try_from(place).unwrap_or(usize::MAX);
            if let Some(group) = groups.get_mut(place) {
                group.push_span(span);
            }
        }
        let groups = self.lists.iter().zip(groups);
        let groups = groups.map(|(list, group)| (&**list, group.finish()));
        groups.filter(|(_, uids)| !uids.is_empty()).collect()
    }

    /// Reads groups, and returns them with all their messages; `None` if a message is in two of them.
    pub(crate) fn from_groups(groups: Vec<(String, NumberSet)>) -> Option<(Self, NumberSet)> {
        let mut known = Self::default();
        let mut spans = Vec::new();
        for (list, uids) in groups {
            let place = known.place(&list);
            spans.extend(uids.closed().map(|span| (span, Some(place))));
        }
        spans.sort_unstable_by_key(|(span, _)| span.first);
        let mut all = NumberSetBuilder::default();
        spans.iter().for_each(|(span, _)| all.push_span(*span));
        let all = all.finish();
        let are_apart = spans.is_sorted_by(|(one, _), (next, _)| one.last < next.first);
        known.stretches.put_all(spans.into_iter(), &all);
        are_apart.then_some((known, all))
    }

    #[cfg(test)]
    pub(crate) fn octets(&self) -> usize {
        self.stretches.octets()
    }

    fn place(&mut self, list: &str) -> u32 {
        if let Some(place) = self.places.get(list) {
            return *place;
        }
        let place = u32::try_from(self.lists.len()).unwrap_or(u32::MAX);
        self.lists.push(list.into());
        self.places.insert(list.into(), place);
        place
    }
}

impl PartialEq for KnownFlags {
    /// Whether the messages of one set have the same flags. Lists that no message uses any more, and their
    /// order, do not count.
    fn eq(&self, other: &Self) -> bool {
        let ours = self.stretches.changes();
        let ours = ours.map(|(first, place)| (first, place.and_then(|place| self.list(place))));
        let theirs = other.stretches.changes();
        ours.eq(theirs.map(|(first, place)| (first, place.and_then(|place| other.list(place)))))
    }
}

impl Eq for KnownFlags {}

#[cfg(test)]
mod tests {
    use super::*;

    fn uid(number: u32) -> Uid {
        Uid::new(number).unwrap()
    }

    #[test]
    fn flags_are_the_same_in_any_order_and_case() {
        let keyword = |name: &str| name.parse::<Flag>().unwrap();
        let known = canonical(&[Flag::Seen, keyword("b"), Flag::Recent, keyword("A")]);
        assert_eq!(known, "\\Seen A b");
        let mut flags = KnownFlags::default();
        let known = NumberSet::parse(b"3:4").unwrap();
        let work = [(uid(3), &[Flag::Seen, keyword("work")][..])];
        flags.add_unknown(&known, &known);
        flags.put_all(work.into_iter(), &known);
        assert!(flags.is_known(uid(3), &[keyword("WORK"), Flag::Recent, Flag::Seen]));
        assert!(!flags.is_known(uid(3), &[Flag::Seen]));
        assert!(!flags.is_known(uid(4), &[]));
    }

    #[test]
    fn the_later_flags_of_a_message_count() {
        let mut flags = KnownFlags::default();
        let seen: &[Flag] = &[Flag::Seen];
        let set = |text: &str| NumberSet::parse(text.as_bytes()).unwrap();
        let first = [(uid(1), seen), (uid(3), &[]), (uid(5), seen)];
        flags.put_all(first.into_iter(), &set("1,3,5"));
        flags.put_all([(uid(3), seen), (uid(4), &[])].into_iter(), &set("1,3:5"));
        let known = set("1,3:4");
        flags.keep(&known);
        let groups: Vec<_> = flags.groups(&known);
        let shown: Vec<_> = (groups.iter().map(|(list, uids)| (*list, uids.len()))).collect();
        assert_eq!(shown, [("\\Seen", Some(2)), ("", Some(1))]);
        let again = groups.iter().map(|(l, u)| ((*l).to_owned(), u.clone()));
        assert_eq!(
            KnownFlags::from_groups(again.collect()),
            Some((flags.clone(), known))
        );
    }

    #[test]
    fn a_message_is_in_one_group() {
        let set = |text: &str| NumberSet::parse(text.as_bytes()).unwrap();
        let groups = vec![("".to_owned(), set("1:4")), ("a".to_owned(), set("4"))];
        assert_eq!(KnownFlags::from_groups(groups), None);
    }
}
