//! A copy of a mailbox that is kept by the loop of the documentation, and what it must never see.

use std::collections::{BTreeMap, BTreeSet};

use latchbox::guard::Access;
use latchbox::sync::{ChangeBatch, Changes, Checkpoint};
use latchbox::types::{Flag, Uid};
use latchbox_testkit::{Server, USER};

/// The flags of a message, in one order.
pub(crate) type Flags = BTreeSet<String>;

/// What a program keeps: messages with their flags, and the checkpoint as text.
#[derive(Clone, Debug, Default)]
pub(crate) struct Mirror {
    pub(crate) messages: BTreeMap<u32, Flags>,
    pub(crate) checkpoint: Option<String>,
    /// The UIDs that were told as arrived since the last restart.
    pub(crate) arrived: BTreeSet<u32>,
    pub(crate) restarts: usize,
    /// UIDNEXT at the first sync since the last restart: what was there before is history.
    first_new: u32,
    /// The highest that UIDNEXT can have been when the present sync selected the mailbox.
    pub(crate) uid_next: u32,
    /// Messages whose last change this program made itself.
    pub(crate) own: BTreeSet<u32>,
}

impl Mirror {
    pub(crate) fn checkpoint(&self) -> Option<Checkpoint> {
        let text = self.checkpoint.as_deref();
        text.map(|text| {
            assert!(text.bytes().all(|octet| octet.is_ascii_graphic()), "{text}");
            let read: Checkpoint = text.parse().unwrap();
            assert_eq!(read.to_string(), text, "it is read as it was written");
            read
        })
    }

    /// Applies batches up to the end, or so many; the next one is then taken and lost. `between` runs
    /// after each.
    pub(crate) fn apply<'s, A: Access>(
        &mut self,
        changes: &mut Changes<'_, 's, A>,
        most: Option<usize>,
        mut between: impl FnMut(&mut Changes<'_, 's, A>),
    ) -> latchbox::Result<()> {
        let mut applied = 0;
        while let Some(batch) = changes.next()? {
            if Some(applied) == most {
                return Ok(());
            }
            self.take(&batch);
            assert_eq!(changes.checkpoint(), batch.checkpoint());
            applied += 1;
            between(changes);
        }
        Ok(())
    }

    /// The program itself has put this message there.
    pub(crate) fn noted(&mut self, uid: u32) {
        if uid >= self.first_new {
            self.arrived.insert(uid);
        }
    }

    /// The program itself has removed this message.
    pub(crate) fn forget(&mut self, uid: u32) {
        self.messages.remove(&uid);
        self.own.remove(&uid);
    }

    pub(crate) fn take(&mut self, batch: &ChangeBatch) {
        let before = self.checkpoint();
        if before.is_none() || matches!(batch, ChangeBatch::Restart(_)) {
            let next = batch.checkpoint();
            let is_new = |uid: &u32| Uid::new(*uid).is_some_and(|uid| !next.is_history(uid));
            self.first_new = (1..).find(is_new).unwrap();
            assert!(
                self.first_new <= self.uid_next,
                "new messages passed for history"
            );
        }
        match batch {
            ChangeBatch::Restart(_) => {
                self.messages.clear();
                self.arrived.clear();
                self.own.clear();
                self.restarts += 1;
            }
            ChangeBatch::Changes(changes) => {
                for uid in changes.vanished().iter() {
                    self.own.remove(&uid.value());
                    let had = self.messages.remove(&uid.value());
                    assert!(had.is_some(), "{uid} vanished and was not there");
                }
                for message in changes.changed() {
                    let uid = message.uid().value();
                    assert!(!self.own.contains(&uid), "{uid} is our own change");
                    let now = flags(message.flags().iter().cloned());
                    let before = self.messages.insert(uid, now);
                    assert!(before.is_some(), "{uid} changed and was not there");
                }
                for message in changes.messages() {
                    let uid = message.uid().value();
                    let now = flags(message.flags().iter().cloned());
                    let before = self.messages.insert(uid, now);
                    assert!(before.is_none(), "{uid} is new twice");
                    assert!(changes.uids().contains(message.uid()));
                }
                for message in changes.arrived() {
                    let uid = message.uid().value();
                    assert!(self.arrived.insert(uid), "{uid} arrived twice");
                    assert!(uid >= self.first_new, "{uid} was there before");
                }
                for message in changes.history() {
                    let uid = message.uid().value();
                    assert!(uid < self.first_new, "{uid} was not there before");
                }
                assert_eq!(changes.uids().len(), changes.messages().len() as u64);
            }
        }
        let after = batch.checkpoint();
        assert!(before.is_none_or(|before| after.is_later_than(&before)));
        let known: Vec<u32> = after.known().iter().map(Uid::value).collect();
        assert!(known.iter().eq(self.messages.keys()), "{after} {self:?}");
        self.checkpoint = Some(after.to_string());
    }

    /// The mirror is what the server has.
    #[track_caller]
    pub(crate) fn assert_is(&self, server: &Server, mailbox: &str) {
        let messages = server.messages_of(USER, mailbox).into_iter();
        let there: BTreeMap<u32, Flags> = messages
            .map(|message| (message.uid, message.flags.into_iter().collect()))
            .collect();
        assert_eq!(self.messages, there, "{:?}", self.checkpoint);
        let new = self.messages.keys().filter(|uid| **uid >= self.first_new);
        for uid in new {
            assert!(self.arrived.contains(uid), "{uid} did not arrive");
        }
    }
}

pub(crate) fn flags(flags: impl IntoIterator<Item = Flag>) -> Flags {
    let flags = flags.into_iter().filter(|flag| *flag != Flag::Recent);
    flags.map(|flag| flag.to_string()).collect()
}
