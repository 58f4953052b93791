//! Changes that the program made itself, which the next sync does not report.

use std::sync::Arc;

use crate::command::Stored;
use crate::mailbox_guard::Access;
use crate::sync::changes::Changes;
use crate::sync::steps::Steps;
use crate::types::appended::Appended;
use crate::types::checkpoint::Checkpoint;
use crate::types::copied::Copied;
use crate::types::expunged::Expunged;
use crate::types::flag::Flag;
use crate::types::message_set::MessageSet as _;
use crate::types::number_set::NumberSet;
use crate::types::origin::Origin;
use crate::types::uid::{ModSeq, Uid};
use crate::types::uid_set::UidSet;
use crate::wire::response::flags::Flags;

/// The answer to a command that changed a mailbox; [`Checkpoint::note`] takes it.
///
/// [`Stored`], [`Appended`], [`Copied`] and [`Expunged`] implement it; no other type can.
pub trait OwnChange: sealed::Change {}

mod sealed {
    use super::{Origin, Own};

    pub trait Change {
        /// The part of it that is about this mailbox.
        fn within(&self, origin: &Origin) -> Own;
    }
}

/// The changes of a program in one mailbox.
#[derive(Debug, Default)]
#[allow(unreachable_pub)]
pub struct Own {
    /// The flags that messages have now, and since when.
    stored: Vec<(Uid, Option<ModSeq>, Option<Vec<Flag>>)>,
    added: NumberSet,
    removed: NumberSet,
}

impl Own {
    fn is_empty(&self) -> bool {
        self.stored.is_empty() && self.added.is_empty() && self.removed.is_empty()
    }
}

impl OwnChange for Stored {}

impl sealed::Change for Stored {
    fn within(&self, origin: &Origin) -> Own {
        let is_of = |other: Option<&Arc<Origin>>| other.is_some_and(|other| other.may_be(origin));
        let rows = self.changed().iter();
        let rows = rows.filter(|row| is_of(row.id().shared_origin()));
        let flags = |flags: Flags<'_>| flags.collect();
        let mut stored: Vec<_> = rows
            .map(|row| (row.uid(), row.mod_seq(), row.flags().map(flags)))
            .collect();
        stored.sort_by_key(|(uid, ..)| *uid);
        Own {
            stored,
            ..Own::default()
        }
    }
}

impl OwnChange for Appended {}

impl sealed::Change for Appended {
    fn within(&self, origin: &Origin) -> Own {
        Own {
            added: self.uids().map(|uids| of(uids, origin)).unwrap_or_default(),
            ..Own::default()
        }
    }
}

impl OwnChange for Copied {}

impl sealed::Change for Copied {
    fn within(&self, origin: &Origin) -> Own {
        let copies = self.copies().map(|copies| of(copies, origin));
        Own {
            added: copies.unwrap_or_default(),
            ..Own::default()
        }
    }
}

impl OwnChange for Expunged {}

impl sealed::Change for Expunged {
    fn within(&self, origin: &Origin) -> Own {
        Own {
            removed: of(self.vanished(), origin),
            ..Own::default()
        }
    }
}

/// The UIDs, if they are of this mailbox.
fn of(uids: &UidSet, origin: &Origin) -> NumberSet {
    let is_of = |other: &Arc<Origin>| other.may_be(origin);
    match uids.shared_origin().is_some_and(is_of) {
        true => uids.as_numbers().clone(),
        false => NumberSet::new(),
    }
}

impl Checkpoint {
    /// Notes a change that this program made, so that the next sync does not report it.
    ///
    /// The program makes the same change in its copy, and stores the checkpoint with it. The change is
    /// the answer to a command of this session, or of another one of the same account: flags that a
    /// [`Stored`] reports, messages that an [`Appended`] or a [`Copied`] has added to this mailbox, and
    /// those that an [`Expunged`] has removed by UID. For messages that were deleted or moved away,
    /// use [`note_removed`](Self::note_removed). Returns whether any of it was in this mailbox.
    ///
    /// Of flags, put those that the answer reports into the copy: another client may have changed them
    /// before the STORE. That change is then not reported again; a later one is, because STORE returns
    /// the mod-sequence of its own change. If a silent STORE is answered without flags, the next sync
    /// reports its change.
    ///
    /// A server returns mod-sequences in a session that has enabled CONDSTORE or QRESYNC. Without them the
    /// flags are compared.
    ///
    /// While [`Changes`] are open, note the change with [`Changes::note`].
    ///
    /// ```
    #[doc = include_str!("../doc/session.txt")]
    /// use latchbox::types::{Flag, StoreAction, UidSet};
    ///
    /// # let mut checkpoint = {
    /// #     let mut inbox = session.lock_mailbox("INBOX")?;
    /// #     let mut changes = inbox.changes_since(None)?;
    /// #     while changes.next()?.is_some() {}
    /// #     changes.checkpoint().clone()
    /// # };
    /// let mut inbox = session.lock_mailbox("INBOX")?;
    /// let stored = inbox.store(&UidSet::all(), StoreAction::Add, [Flag::Flagged])?;
    /// assert!(checkpoint.note(&stored)); // and the program stores it with its own flags
    /// while let Some(batch) = inbox.changes_since(Some(&checkpoint))?.next()? {
    ///     assert!(batch.is_empty()); // our own change is not reported
    /// #   break;
    /// }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn note(&mut self, change: &impl OwnChange) -> bool {
        let own = change.within(&self.origin);
        self.apply(&own)
    }

    /// Notes messages that this program has deleted, or moved to another mailbox.
    ///
    /// The program removes them from its copy, and stores the checkpoint with that. Returns whether the
    /// set is of this mailbox.
    pub fn note_removed(&mut self, uids: &UidSet) -> bool {
        self.apply(&Own {
            removed: of(uids, &self.origin),
            ..Own::default()
        })
    }

    fn apply(&mut self, own: &Own) -> bool {
        if own.is_empty() {
            return false;
        }
        self.number += 1;
        self.remove(&own.removed);
        self.add_known(&own.added);
        let known = self.known.clone();
        let stored = || {
            let stored = own.stored.iter();
            stored.filter(|(uid, ..)| known.contains((*uid).into()))
        };
        // Without its flags, the copy may lack an earlier change of another client.
        let complete = stored().filter(|(.., flags)| flags.is_some());
        let mod_seqs = complete.filter_map(|(uid, mod_seq, _)| Some((*uid, (*mod_seq)?)));
        if self.mod_seq.is_some() {
            let later = mod_seqs.filter(|(uid, mod_seq)| self.own.get(*uid) < Some(*mod_seq));
            let later: Vec<_> = later.collect();
            self.own.put_all(later.into_iter());
        }
        let compares = self.mod_seq.is_none();
        let flags = stored().filter(|(_, mod_seq, _)| compares || mod_seq.is_none());
        let flags: Vec<(Uid, &[Flag])> = flags
            .filter_map(|(uid, _, flags)| Some((*uid, flags.as_deref()?)))
            .collect();
        if !flags.is_empty() {
            self.flags.get_or_insert_default();
            self.put_flags(flags.into_iter());
        }
        true
    }
}

impl<A: Access> Changes<'_, '_, A> {
    /// Notes a change that this program made since the sync began; see [`Checkpoint::note`].
    ///
    /// The batches that follow do not report it, and do not undo it with what was read before.
    pub fn note(&mut self, change: &impl OwnChange) -> bool {
        let own = change.within(&self.steps.checkpoint().origin);
        self.steps.apply(&own)
    }

    /// Notes messages that this program has removed since the sync began; see
    /// [`Checkpoint::note_removed`].
    pub fn note_removed(&mut self, uids: &UidSet) -> bool {
        let own = Own {
            removed: of(uids, &self.steps.checkpoint().origin),
            ..Own::default()
        };
        self.steps.apply(&own)
    }
}

impl Steps {
    fn apply(&mut self, own: &Own) -> bool {
        let is_noted = self.next_checkpoint().apply(own);
        Arc::make_mut(&mut self.given).apply(own);
        let stored: NumberSet = own.stored.iter().map(|(uid, ..)| (*uid).into()).collect();
        self.noted = self.noted.difference(&stored);
        let checkpoint = &self.checkpoint;
        self.changed.retain(|row| {
            let uid = row.uid().into();
            let has_mod_seqs = checkpoint.own.get(row.uid()).is_some() && row.mod_seq().is_some();
            // Without mod-sequences, what was read before is taken for older.
            let is_old = stored.contains(uid) && !has_mod_seqs || checkpoint.is_own(row);
            !(is_old || own.removed.contains(uid))
        });
        is_noted
    }
}
