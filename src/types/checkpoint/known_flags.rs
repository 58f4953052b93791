//! The flags of the messages that a checkpoint knows, for a mailbox without mod-sequences.

use std::collections::HashMap;

use crate::types::checkpoint::runs::Runs;
use crate::types::flag::Flag;
use crate::types::number_set::{NumberSet, NumberSetBuilder};
use crate::types::uid::Uid;

/// The flags of messages by UID. Messages with the same flags share one list, and adjacent ones
/// one run of 12 octets.
#[derive(Clone, Debug, Default)]
pub(crate) struct KnownFlags {
    /// The place of the list of each message.
    runs: Runs<u32>,
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
    /// The flags of a message, as canonical text.
    pub(crate) fn of(&self, uid: Uid) -> Option<&str> {
        let place = self.runs.get(uid)?;
        Some(self.lists.get(usize::try_from(place).ok()?)?)
    }

    /// Whether the message is known to have these flags.
    pub(crate) fn is_known(&self, uid: Uid, flags: &[Flag]) -> bool {
        let known = self.of(uid);
        known.is_some_and(|known| is_same(known, &canonical(flags)))
    }

    /// Sets the flags of messages, which come in the order of their UIDs.
    pub(crate) fn put_all<'f>(&mut self, messages: impl Iterator<Item = (Uid, &'f [Flag])>) {
        let mut last: Option<(&[Flag], u32)> = None;
        let mut added: Vec<(Uid, u32)> = Vec::new();
        for (uid, flags) in messages {
            let place = match last {
                Some((known, place)) if known == flags => place,
                _ => self.place(&canonical(flags)),
            };
            last = Some((flags, place));
            added.push((uid, place));
        }
        self.runs.put_all(added.into_iter());
    }

    /// The messages whose flags are known.
    pub(crate) fn uids(&self) -> NumberSet {
        self.runs.uids()
    }

    /// Removes messages.
    pub(crate) fn remove(&mut self, uids: &NumberSet) {
        if !uids.is_empty() {
            self.runs.remove(uids);
        }
    }

    /// Each list that is in use, with its messages.
    pub(crate) fn groups(&self) -> Vec<(&str, NumberSet)> {
        let mut groups: Vec<NumberSetBuilder> = Vec::new();
        groups.resize_with(self.lists.len(), NumberSetBuilder::default);
        for (span, place) in self.runs.iter() {
            let place = usize::try_from(place).unwrap_or(usize::MAX);
            if let Some(group) = groups.get_mut(place) {
                group.push_span(span);
            }
        }
        let groups = self.lists.iter().zip(groups);
        let groups = groups.map(|(list, group)| (&**list, group.finish()));
        groups.filter(|(_, uids)| !uids.is_empty()).collect()
    }

    /// Reads groups; `None` if a message is in two of them.
    pub(crate) fn from_groups(groups: Vec<(String, NumberSet)>) -> Option<Self> {
        let mut known = Self::default();
        let mut spans = Vec::new();
        for (list, uids) in groups {
            let place = known.place(&list);
            spans.extend(uids.closed().map(|span| (span, place)));
        }
        known.runs = Runs::from_spans(spans)?;
        Some(known)
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
    /// Lists that no message uses any more, and their order, do not count.
    fn eq(&self, other: &Self) -> bool {
        let sorted = |known: &Self| {
            let mut groups: Vec<(String, NumberSet)> = (known.groups().into_iter())
                .map(|(list, uids)| (list.to_owned(), uids))
                .collect();
            groups.sort_by(|one, other| one.0.cmp(&other.0));
            groups
        };
        sorted(self) == sorted(other)
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
        flags.put_all([(uid(3), &[Flag::Seen, keyword("work")][..])].into_iter());
        assert!(flags.is_known(uid(3), &[keyword("WORK"), Flag::Recent, Flag::Seen]));
        assert!(!flags.is_known(uid(3), &[Flag::Seen]));
        assert!(!flags.is_known(uid(4), &[]));
    }

    #[test]
    fn the_later_flags_of_a_message_count() {
        let mut flags = KnownFlags::default();
        let seen: &[Flag] = &[Flag::Seen];
        flags.put_all([(uid(1), seen), (uid(3), &[]), (uid(5), seen)].into_iter());
        flags.put_all([(uid(3), seen), (uid(4), &[])].into_iter());
        flags.remove(&NumberSet::parse(b"5").unwrap());
        let groups: Vec<_> = flags.groups();
        let shown: Vec<_> = (groups.iter().map(|(list, uids)| (*list, uids.len()))).collect();
        assert_eq!(shown, [("\\Seen", Some(2)), ("", Some(1))]);
        let again = groups.iter().map(|(l, u)| ((*l).to_owned(), u.clone()));
        assert_eq!(KnownFlags::from_groups(again.collect()), Some(flags));
    }

    #[test]
    fn a_message_is_in_one_group() {
        let set = |text: &str| NumberSet::parse(text.as_bytes()).unwrap();
        let groups = vec![("".to_owned(), set("1:4")), ("a".to_owned(), set("4"))];
        assert_eq!(KnownFlags::from_groups(groups), None);
    }
}
