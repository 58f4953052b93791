//! A copy of a mailbox, kept as a program keeps it: from batches, with the last checkpoint stored as
//! text.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;

use latchbox::sync::{AddedMessage, ChangeBatch, ChangedMessages, Checkpoint};
use latchbox::types::{Flag, Uid, UidSet};

use super::reader::{Flags, of};

/// The copy. A clone of it is what a program has that ended there.
#[derive(Clone, Debug, Default)]
pub(crate) struct Mirror {
    pub(crate) messages: BTreeMap<u32, Flags>,
    stored: Option<String>,
    /// Each message that was new to the copy, since the last restart.
    given: BTreeSet<u32>,
    /// Where UIDNEXT was at the first checkpoint.
    first_new: Option<RangeInclusive<u32>>,
    pub(crate) figures: Figures,
}

/// What the batches had.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Figures {
    pub(crate) batches: usize,
    pub(crate) restarts: usize,
    pub(crate) vanished: usize,
    /// Messages whose flags were given, and those of them whose flags were known.
    pub(crate) changed: usize,
    pub(crate) unchanged: usize,
    pub(crate) arrived: usize,
    pub(crate) history: usize,
}

impl Figures {
    /// What came after those.
    pub(crate) fn since(self, before: Self) -> Self {
        Self {
            batches: self.batches - before.batches,
            restarts: self.restarts - before.restarts,
            vanished: self.vanished - before.vanished,
            changed: self.changed - before.changed,
            unchanged: self.unchanged - before.unchanged,
            arrived: self.arrived - before.arrived,
            history: self.history - before.history,
        }
    }
}

impl Mirror {
    /// The last checkpoint, parsed again.
    #[track_caller]
    pub(crate) fn checkpoint(&self) -> Option<Checkpoint> {
        self.stored.as_ref().map(|text| text.parse().unwrap())
    }

    pub(crate) fn text(&self) -> &str {
        self.stored.as_deref().unwrap_or_default()
    }

    /// Messages below are those of the history, as somebody else has seen UIDNEXT.
    pub(crate) fn set_first_new(&mut self, uid_next: RangeInclusive<u32>) {
        self.first_new = Some(uid_next);
    }

    /// Applies a batch, and stores its checkpoint.
    #[track_caller]
    pub(crate) fn apply(&mut self, batch: &ChangeBatch) {
        match batch {
            ChangeBatch::Restart(_) => {
                self.messages.clear();
                self.given.clear();
                self.first_new = None;
                self.figures.restarts += 1;
            }
            ChangeBatch::Changes(changes) => self.change(changes),
        }
        let checkpoint = batch.checkpoint();
        if let Some(before) = self.checkpoint() {
            assert!(checkpoint.is_later_than(&before));
        }
        let known = numbers(&checkpoint.known());
        let has = self.messages.keys().copied();
        assert!(known.iter().copied().eq(has), "{known:?}: {self:?}");
        let text = checkpoint.to_string();
        assert_eq!(&text.parse::<Checkpoint>().unwrap(), checkpoint);
        self.stored = Some(text);
        self.figures.batches += 1;
    }

    /// The program notes what it has changed itself in its checkpoint.
    #[track_caller]
    pub(crate) fn note(&mut self, note: impl FnOnce(&mut Checkpoint) -> bool) -> bool {
        let mut checkpoint = self.checkpoint().unwrap();
        let is_noted = note(&mut checkpoint);
        self.stored = Some(checkpoint.to_string());
        is_noted
    }

    pub(crate) fn set_flags(&mut self, uid: u32, all: impl Iterator<Item = Flag>) {
        self.messages.insert(uid, flags(all));
    }

    pub(crate) fn add_flag(&mut self, uid: u32, flag: &Flag) {
        let flags = self.messages.get_mut(&uid).unwrap();
        flags.extend(of([flag.to_string().as_str()].into_iter()));
    }

    /// A message that the program has added, which is not to be given to it.
    pub(crate) fn add_own(&mut self, uid: u32) {
        assert!(self.given.insert(uid));
        self.messages.insert(uid, Flags::new());
    }

    #[track_caller]
    fn change(&mut self, changes: &ChangedMessages) {
        for uid in changes.vanished().iter() {
            let known = self.messages.remove(&uid.value());
            assert!(known.is_some(), "{uid} is gone, and was not there");
            self.figures.vanished += 1;
        }
        for message in changes.changed() {
            let uid = message.uid().value();
            let flags = flags(message.flags().iter().cloned());
            let known = self.messages.insert(uid, flags.clone());
            assert!(known.is_some(), "{uid} has changed, and was not there");
            self.figures.changed += 1;
            self.figures.unchanged += usize::from(known == Some(flags));
        }
        for message in changes.arrived() {
            assert!(!changes.is_history(message.uid()));
            let first = self.first_new.as_ref().map_or(1, |first| *first.start());
            self.add(message, first..=u32::MAX);
            self.figures.arrived += 1;
        }
        for message in changes.history() {
            assert!(changes.is_history(message.uid()));
            let end = self
                .first_new
                .as_ref()
                .map_or(u32::MAX, |first| *first.end());
            self.add(message, 1..=end - 1);
            self.figures.history += 1;
        }
        let new = changes.messages().map(|row| row.uid().value());
        assert_eq!(new.collect::<BTreeSet<_>>(), numbers(changes.uids()));
    }

    #[track_caller]
    fn add(&mut self, message: AddedMessage<'_>, among: RangeInclusive<u32>) {
        let uid = message.uid().value();
        let is_first = self.given.insert(uid);
        assert!(is_first, "{uid} is new twice: {}", self.text());
        assert!(among.contains(&uid), "{uid} is not among {among:?}");
        let flags = flags(message.flags().iter().cloned());
        assert!(self.messages.insert(uid, flags).is_none());
    }
}

fn flags(flags: impl Iterator<Item = Flag>) -> Flags {
    let flags: Vec<String> = flags.map(|flag| flag.to_string()).collect();
    of(flags.iter().map(String::as_str))
}

fn numbers(uids: &UidSet) -> BTreeSet<u32> {
    uids.iter().map(Uid::value).collect()
}
