//! The changed flags that a server reports, of which only so many are kept.

use std::fmt;
use std::sync::Arc;

use crate::types::flag::Flag;
use crate::types::flag_table::{FlagTable, MessageFlags};
use crate::types::origin::Origin;
use crate::types::uid::{ModSeq, Uid};

/// The most changed flags that are kept of one answer: 1 MiB.
pub(crate) const MOST_CHANGED: usize = 1 << 16;

/// Flags by UID: if more come than may be kept, those of the lowest UIDs.
pub(crate) struct ChangedFlags {
    table: FlagTable,
    most: usize,
    /// The number of messages that have been taken.
    taken: usize,
    is_whole: bool,
}

impl ChangedFlags {
    pub(crate) fn new(most: usize) -> Self {
        Self {
            table: FlagTable::new(),
            most,
            taken: 0,
            is_whole: true,
        }
    }

    /// An empty table with this limit.
    pub(crate) fn emptied(&self) -> Self {
        Self::new(self.most)
    }

    pub(crate) fn set_origin(&mut self, origin: &Arc<Origin>) {
        self.table.set_origin(Arc::clone(origin));
    }

    /// Adds the flags of one message; they replace earlier ones.
    pub(crate) fn put(
        &mut self,
        uid: Uid,
        written: &[u8],
        read: impl FnOnce() -> Vec<Flag>,
        mod_seq: Option<ModSeq>,
    ) {
        self.table.put(uid, written, read, mod_seq);
        if self.table.len() > self.most.saturating_mul(2) {
            self.settle();
        }
    }

    /// Sorts the messages, and drops those that are too many.
    pub(crate) fn settle(&mut self) {
        self.table.settle();
        if self.table.len() > self.most {
            self.is_whole = false;
            // Into a new table, so that lists of flags that nothing uses take no room.
            self.table = self.table.part(0..self.most);
        }
    }

    /// Whether none was dropped.
    pub(crate) fn is_whole(&self) -> bool {
        self.is_whole
    }

    /// Keeps only some of the messages that have not been taken.
    pub(crate) fn retain(&mut self, is_kept: impl Fn(&MessageFlags<'_>) -> bool) {
        if self.taken > 0 {
            self.table = self.table.part(self.taken..self.table.len());
            self.taken = 0;
        }
        self.table.retain(is_kept);
    }

    /// The most messages that are kept.
    pub(crate) fn most(&self) -> usize {
        self.most
    }

    /// The number of messages that have not been taken.
    pub(crate) fn left(&self) -> usize {
        self.table.len() - self.taken
    }

    /// The flags of a message.
    pub(crate) fn has(&self, uid: Uid) -> bool {
        self.table.get(uid).is_some()
    }

    /// Takes the next messages, in the order of their UIDs.
    pub(crate) fn take(&mut self, most: usize) -> FlagTable {
        let end = self.taken + most.min(self.left());
        let taken = self.table.part(self.taken..end);
        self.taken = end;
        taken
    }
}

impl fmt::Debug for ChangedFlags {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ChangedFlags")
            .field("left", &self.left())
            .field("is_whole", &self.is_whole)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn put(changed: &mut ChangedFlags, number: u32) {
        let written = format!("k{number}");
        let flags = || vec![written.parse().unwrap()];
        let uid = Uid::new(number).unwrap();
        changed.put(uid, written.as_bytes(), flags, None);
    }

    #[test]
    fn of_too_many_the_lowest_are_kept_in_any_order_that_they_come_in() {
        for order in [(1..=100).collect::<Vec<_>>(), (1..=100).rev().collect()] {
            let mut changed = ChangedFlags::new(7);
            order.iter().for_each(|number| put(&mut changed, *number));
            changed.settle();
            assert!(!changed.is_whole());
            let taken = [changed.take(5), changed.take(5), changed.take(5)];
            let uids = taken.map(|table| {
                let uids = table.iter().map(|message| {
                    let flag = format!("k{}", message.uid());
                    assert_eq!(message.flags(), [flag.parse::<Flag>().unwrap()]);
                    message.uid().value()
                });
                uids.collect::<Vec<_>>()
            });
            assert_eq!(uids, [vec![1, 2, 3, 4, 5], vec![6, 7], vec![]]);
        }
    }

    #[test]
    fn what_was_taken_is_not_among_those_that_are_kept() {
        let mut changed = ChangedFlags::new(10);
        (1..=6).for_each(|number| put(&mut changed, number));
        changed.settle();
        assert_eq!(changed.take(2).len(), 2);
        changed.retain(|row| row.uid().value() % 2 == 0);
        assert_eq!(changed.left(), 2);
        let uids: Vec<u32> = changed
            .take(9)
            .iter()
            .map(|row| row.uid().value())
            .collect();
        assert_eq!(uids, [4, 6]);
    }

    #[test]
    fn as_many_as_may_be_kept_are_all() {
        let mut changed = ChangedFlags::new(3);
        [3, 1, 2, 1].iter().for_each(|n| put(&mut changed, *n));
        changed.settle();
        assert!(changed.is_whole() && changed.left() == 3);
    }
}
