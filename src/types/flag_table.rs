//! The flags of many messages, in little memory.

use std::collections::HashMap;
use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use crate::types::flag::Flag;
use crate::types::number_set::{NumberSet, NumberSetBuilder};
use crate::types::origin::Origin;
use crate::types::uid::{ModSeq, Uid};
use crate::types::uid_set::UidSet;

/// The flags of many messages, by UID, with their mod-sequences if the server reports them.
///
/// A message takes 16 octets: messages with the same flags share one list. Filled by
/// [`MailboxGuard::fetch_flags`](crate::MailboxGuard::fetch_flags).
///
/// ```
#[doc = include_str!("../doc/session.txt")]
/// use latchbox::types::{Flag, UidSet};
///
/// let mut inbox = session.lock_mailbox_read_only("INBOX")?;
/// let table = inbox.fetch_flags(&UidSet::all())?;
/// for message in &table {
///     println!("{}: {} flags", message.uid(), message.flags().len());
/// }
/// let unseen = table.without_flag(&Flag::Seen); // good for any command on this mailbox
/// assert_eq!(unseen.len(), 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Default)]
pub struct FlagTable {
    /// In the order of the UIDs, once sorted.
    rows: Vec<Row>,
    is_unsettled: bool,
    /// The number of rows that is allowed before the rows are sorted early.
    most_unsettled: usize,
    lists: Vec<Box<[Flag]>>,
    /// What the lists take, in octets.
    learned: usize,
    /// The lists, by the octets that the server sent.
    known: HashMap<Box<[u8]>, u32>,
    /// The octets that were read last, and their list: the next message often has the same.
    last: (Vec<u8>, u32),
    origin: Option<Arc<Origin>>,
}

#[derive(Clone, Copy)]
struct Row {
    uid: Uid,
    list: u32,
    mod_seq: Option<ModSeq>,
}

/// One message of a [`FlagTable`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MessageFlags<'t> {
    uid: Uid,
    flags: &'t [Flag],
    mod_seq: Option<ModSeq>,
}

impl<'t> MessageFlags<'t> {
    /// The message's UID.
    pub fn uid(&self) -> Uid {
        self.uid
    }

    /// All its flags.
    pub fn flags(&self) -> &'t [Flag] {
        self.flags
    }

    /// Its mod-sequence, if the server reported it.
    pub fn mod_seq(&self) -> Option<ModSeq> {
        self.mod_seq
    }
}

impl FlagTable {
    /// Creates an empty table.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The number of messages.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether the table is empty.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The flags of one message; `None` if the server did not report them.
    #[must_use]
    pub fn get(&self, uid: Uid) -> Option<MessageFlags<'_>> {
        let place = self.rows.binary_search_by_key(&uid, |row| row.uid).ok()?;
        self.rows.get(place).map(|row| self.message(row))
    }

    /// The messages, in the order of their UIDs.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = MessageFlags<'_>> + ExactSizeIterator {
        self.rows.iter().map(|row| self.message(row))
    }

    /// The messages that have this flag.
    #[must_use]
    pub fn with_flag(&self, flag: &Flag) -> UidSet {
        self.set_of(|flags| flags.contains(flag))
    }

    /// The messages that do not have this flag.
    #[must_use]
    pub fn without_flag(&self, flag: &Flag) -> UidSet {
        self.set_of(|flags| !flags.contains(flag))
    }

    /// Removes messages from the table, such as expunged ones.
    pub fn remove(&mut self, uids: &UidSet) {
        self.rows.retain(|row| !uids.contains(row.uid));
    }

    /// Removes all messages except these from the table.
    pub(crate) fn keep(&mut self, uids: &UidSet) {
        self.rows.retain(|row| uids.contains(row.uid));
    }

    /// Adds the flags that a server sent for one message; they replace earlier ones. `read` parses
    /// a list that has not been seen before.
    pub(crate) fn put(
        &mut self,
        uid: Uid,
        written: &[u8],
        read: impl FnOnce() -> Vec<Flag>,
        mod_seq: Option<ModSeq>,
    ) {
        let list = self.intern(written, read);
        self.is_unsettled |= self.rows.last().is_some_and(|last| last.uid >= uid);
        if self.rows.len() == self.rows.capacity() {
            // Not twice as many: a large table would be half empty.
            self.rows.reserve_exact(LEAST_ROOM.max(self.rows.len() / 4));
        }
        self.rows.push(Row { uid, list, mod_seq });
        if self.is_unsettled && self.rows.len() > self.most_unsettled {
            self.settle();
            self.most_unsettled = (2 * self.rows.len()).max(LEAST_UNSETTLED);
        }
    }

    /// Sorts the messages, with one row each: the last that was added.
    pub(crate) fn settle(&mut self) {
        if std::mem::take(&mut self.is_unsettled) {
            self.rows.sort_by_key(|row| row.uid);
            self.rows.dedup_by(|later, earlier| {
                let is_same = later.uid == earlier.uid;
                if is_same {
                    let mod_seq = later.mod_seq.or(earlier.mod_seq);
                    *earlier = Row { mod_seq, ..*later };
                }
                is_same
            });
        }
    }

    /// Gives back the room for more messages.
    pub(crate) fn shrink(&mut self) {
        self.rows.shrink_to_fit();
    }

    /// Keeps only some messages.
    pub(crate) fn retain(&mut self, is_kept: impl Fn(&MessageFlags<'_>) -> bool) {
        let lists = &self.lists;
        self.rows.retain(|row| {
            is_kept(&MessageFlags {
                uid: row.uid,
                flags: list(lists, row.list),
                mod_seq: row.mod_seq,
            })
        });
    }

    /// The message at a place, in the order of the UIDs.
    pub(crate) fn at(&self, place: usize) -> Option<MessageFlags<'_>> {
        self.rows.get(place).map(|row| self.message(row))
    }

    /// The place of the first message from this UID on.
    pub(crate) fn place_of(&self, uid: Uid) -> usize {
        self.rows.partition_point(|row| row.uid < uid)
    }

    /// The UIDs of all messages.
    pub(crate) fn numbers(&self) -> NumberSet {
        let mut uids = NumberSetBuilder::default();
        self.rows.iter().for_each(|row| uids.push(row.uid.value()));
        uids.finish()
    }

    /// The message with the highest UID.
    pub(crate) fn last(&self) -> Option<Uid> {
        self.rows.last().map(|row| row.uid)
    }

    /// A table of some of the messages, from one place to another.
    pub(crate) fn part(&self, places: Range<usize>) -> Self {
        let mut part = Self {
            origin: self.origin.clone(),
            ..Self::default()
        };
        let mut lists: HashMap<u32, u32> = HashMap::new();
        for row in self.rows.get(places).unwrap_or_default() {
            let list = *lists.entry(row.list).or_insert_with(|| {
                let list = u32::try_from(part.lists.len()).unwrap_or(u32::MAX);
                part.lists.push(self.list(row.list).into());
                list
            });
            part.rows.push(Row { list, ..*row });
        }
        part
    }

    /// About the memory that it takes, in octets.
    pub(crate) fn octets(&self) -> u64 {
        let octets = self.rows.len() * size_of::<Row>() + self.learned;
        u64::try_from(octets).unwrap_or(u64::MAX)
    }

    pub(crate) fn origin(&self) -> Option<&Arc<Origin>> {
        self.origin.as_ref()
    }

    pub(crate) fn set_origin(&mut self, origin: Arc<Origin>) {
        self.origin = Some(origin);
    }

    fn intern(&mut self, written: &[u8], read: impl FnOnce() -> Vec<Flag>) -> u32 {
        if self.last.0 == written && !self.lists.is_empty() {
            return self.last.1;
        }
        let list = match self.known.get(written) {
            Some(list) => *list,
            None => self.learn(written, read().into()),
        };
        self.last.0.clear();
        self.last.0.extend_from_slice(written);
        self.last.1 = list;
        list
    }

    fn learn(&mut self, written: &[u8], flags: Box<[Flag]>) -> u32 {
        let list = u32::try_from(self.lists.len()).unwrap_or(u32::MAX);
        // The octets once more for what the keywords keep of them.
        let entry = size_of::<(Box<[u8]>, u32, Box<[Flag]>)>() + 2 * written.len();
        self.learned += entry + size_of_val(&*flags);
        self.lists.push(flags);
        self.known.insert(written.into(), list);
        list
    }

    fn message(&self, row: &Row) -> MessageFlags<'_> {
        MessageFlags {
            uid: row.uid,
            flags: self.list(row.list),
            mod_seq: row.mod_seq,
        }
    }

    fn list(&self, place: u32) -> &[Flag] {
        list(&self.lists, place)
    }

    fn set_of(&self, is_wanted: impl Fn(&[Flag]) -> bool) -> UidSet {
        let wanted: Vec<bool> = self.lists.iter().map(|flags| is_wanted(flags)).collect();
        let mut uids = NumberSetBuilder::default();
        for row in &self.rows {
            let list = usize::try_from(row.list).unwrap_or(usize::MAX);
            if wanted.get(list).copied().unwrap_or(false) {
                uids.push(row.uid.value());
            }
        }
        let uids = UidSet::from(uids.finish());
        match &self.origin {
            Some(origin) => uids.with_origin(Arc::clone(origin)),
            None => uids,
        }
    }
}

/// The list at a place.
fn list(lists: &[Box<[Flag]>], place: u32) -> &[Flag] {
    let place = usize::try_from(place).ok();
    place
        .and_then(|place| lists.get(place))
        .map_or(&[], |flags| flags)
}

/// The least number of rows for which room is made at once.
const LEAST_ROOM: usize = 64;

/// The least number of rows for which the table is sorted early.
const LEAST_UNSETTLED: usize = 1 << 16;

impl<'t> IntoIterator for &'t FlagTable {
    type Item = MessageFlags<'t>;
    type IntoIter = Box<dyn Iterator<Item = MessageFlags<'t>> + 't>;

    fn into_iter(self) -> Self::IntoIter {
        Box::new(self.iter())
    }
}

impl fmt::Debug for FlagTable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let messages = self.iter().map(|message| (message.uid, message.flags));
        f.debug_map().entries(messages).finish()
    }
}

impl fmt::Display for MessageFlags<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "UID {}:", self.uid)?;
        for flag in self.flags {
            write!(f, " {flag}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn put(table: &mut FlagTable, uid: u32, written: &str, mod_seq: u64) {
        let flags = || {
            let words = written.split_whitespace();
            words.map(|word| word.parse().unwrap()).collect()
        };
        let mod_seq = ModSeq::new(mod_seq);
        table.put(Uid::new(uid).unwrap(), written.as_bytes(), flags, mod_seq);
    }

    fn uids(table: &FlagTable) -> Vec<u32> {
        table.iter().map(|message| message.uid().value()).collect()
    }

    #[test]
    fn what_comes_last_of_a_message_holds() {
        let mut table = FlagTable::new();
        for (uid, written, mod_seq) in [
            (3, "\\Seen", 1),
            (1, "", 2),
            (3, "\\Seen $Work", 0),
            (2, "\\Seen", 3),
            (1, "\\Deleted", 4),
        ] {
            put(&mut table, uid, written, mod_seq);
        }
        table.settle();
        assert_eq!(uids(&table), [1, 2, 3]);
        let third = table.get(Uid::new(3).unwrap()).unwrap();
        assert_eq!(third.flags(), [Flag::Seen, Flag::keyword("$work").unwrap()]);
        assert_eq!(third.mod_seq(), ModSeq::new(1), "none came with the last");
        assert_eq!(table.with_flag(&Flag::Seen).to_string(), "2:3");
        assert_eq!(table.without_flag(&Flag::Deleted).to_string(), "2:3");
        assert!(table.get(Uid::new(4).unwrap()).is_none());
        table.remove(&"2:9".parse().unwrap());
        assert_eq!((uids(&table), table.len()), (vec![1], 1));
    }

    #[test]
    fn messages_that_come_again_and_again_take_no_room() {
        let mut table = FlagTable::new();
        for round in 0..20 {
            for uid in 1..=10_000 {
                put(
                    &mut table,
                    uid,
                    if round % 2 == 0 { "" } else { "\\Seen" },
                    0,
                );
            }
        }
        assert!(table.rows.capacity() < 4 * LEAST_UNSETTLED);
        table.settle();
        assert_eq!((table.len(), table.lists.len()), (10_000, 2));
        assert_eq!(table.with_flag(&Flag::Seen).to_string(), "1:10000");
    }

    #[test]
    fn no_flags_at_first_are_no_list_of_nothing() {
        let mut table = FlagTable::new();
        put(&mut table, 1, "", 0);
        put(&mut table, 2, "\\Seen", 0);
        assert!(table.get(Uid::MIN).unwrap().flags().is_empty());
        assert_eq!(size_of::<Row>(), 16);
    }
}
