//! The requests of a sync: changed flags, messages that are gone, and messages that are unknown.

use std::num::NonZeroU32;

use crate::error::{Error, Result};
use crate::mailbox_guard::{Access, MailboxGuard};
use crate::sync::request::{History, Way};
use crate::sync::steps::{Requested, Stage, Steps, every_uid, newest};
use crate::types::changed_flags::ChangedFlags;
use crate::types::checkpoint::Pass;
use crate::types::checkpoint::known_flags::KnownFlags;
use crate::types::fetch_messages::FetchMessages;
use crate::types::number_range::previous;
use crate::types::number_set::NumberSet;
use crate::types::search::SearchKey;
use crate::types::uid::{ModSeq, Uid};
use crate::wire::response::fetch::Fetch;
use crate::wire::response::item_error::ItemError;

impl Steps {
    /// Begins with a copy that has nothing: all messages are history, unless the mailbox is new.
    pub(super) fn begin_copy<A: Access>(&mut self, guard: &mut MailboxGuard<'_, A>) -> Result<()> {
        let below = self.below_uid_next();
        let exists = u64::from(self.look.exists);
        let is_uid_next_too_low = below.len() < Some(exists);
        // If one batch can have them all, its FETCH shows as well as a search which of them there are.
        // As many messages as there are UIDs have each of them.
        let is_one_batch = self.look.exists <= self.request.batch_size
            && self.request.history == History::All
            && self.request.batch_octets.is_none()
            && self.look.exists > 0;
        let is_without_gaps = below.len() == Some(exists);
        let is_known = !is_uid_next_too_low
            && (is_one_batch || is_without_gaps || self.needs_no_search(guard)?);
        let all = match is_known {
            true => below,
            false if is_uid_next_too_low => self.search_all(guard, every_uid())?,
            false => self.search_all(guard, below)?,
        };
        let above = all
            .last()
            .and_then(|last| last.checked_add(1))
            .map(Uid::from);
        let pending = match self.request.history {
            History::All => all.clone(),
            History::Newest(most) => newest(&all, u64::from(most)),
            History::Since(date) => {
                self.search(guard, all.clone(), Some(SearchKey::Since(date)))?
            }
        };
        let mod_seq = self.look.mod_seq;
        let is_new = self.request.is_new;
        let checkpoint = self.next_checkpoint();
        // What is there before the first batch is history, wherever UIDNEXT is.
        checkpoint.first_new = match is_new {
            true => Uid::MIN,
            false => checkpoint.first_new.max(above.unwrap_or(Uid::MIN)),
        };
        checkpoint.older = all.difference(&pending);
        checkpoint.pending = pending;
        checkpoint.mod_seq = mod_seq;
        checkpoint.flags = mod_seq.is_none().then(KnownFlags::default);
        self.is_compared = !is_known;
        self.are_flags_compared = true;
        self.stage = Stage::Give;
        Ok(())
    }

    /// Requests what has changed, as far as it is not known: flags, and which messages are gone or
    /// unknown.
    pub(super) fn request_changes<A: Access>(
        &mut self,
        guard: &mut MailboxGuard<'_, A>,
    ) -> Result<()> {
        let checkpoint = &self.checkpoint;
        let reached = checkpoint.pass.map(|pass| pass.target);
        match (checkpoint.mod_seq, self.look.mod_seq) {
            (Some(since), Some(now)) if reached.unwrap_or(since) <= now => {
                self.request_since(guard, since, now)?;
            }
            _ => self.compare_flags(guard)?,
        }
        if self.changed.left() == 0 {
            self.settle_pass(None);
        }
        Ok(())
    }

    /// Requests the flags that have changed since a mod-sequence.
    fn request_since<A: Access>(
        &mut self,
        guard: &mut MailboxGuard<'_, A>,
        since: ModSeq,
        now: ModSeq,
    ) -> Result<()> {
        let pass = self.checkpoint.pass;
        let target = pass.map_or(now, |pass| pass.target);
        let range = self.checkpoint.rest_of_pass();
        self.requested = Some(Requested {
            target: Some(target),
            last: None,
            is_last: true,
        });
        if let Some((first, all_last)) = range.filter(|_| pass.is_some() || since < now) {
            let last = self.end_of_part(first, all_last);
            let resynced = self.look.resynced.take();
            let asked = self.checkpoint.resync();
            match resynced.filter(|resynced| last == all_last && Some(resynced.asked) == asked) {
                Some(resynced) => {
                    self.changed = resynced.changed;
                    self.changed.set_origin(&self.checkpoint.origin);
                    self.gone = self.gone.union(&resynced.vanished);
                }
                None => self.fetch_changed(guard, first, last, since)?,
            }
            self.drop_no_news();
            self.requested = Some(Requested {
                target: Some(target),
                last: Uid::new(last.get()),
                is_last: last == all_last,
            });
        }
        self.request_unknown(guard)
    }

    /// Drops flags of messages that the copy does not have, and changes that this program made.
    fn drop_no_news(&mut self) {
        let checkpoint = &self.checkpoint;
        self.changed
            .retain(|row| checkpoint.known.contains(row.uid().into()) && !checkpoint.is_own(row));
    }

    fn fetch_changed<A: Access>(
        &mut self,
        guard: &mut MailboxGuard<'_, A>,
        first: NonZeroU32,
        last: NonZeroU32,
        since: ModSeq,
    ) -> Result<()> {
        let set = self.mark(NumberSet::between(first, last));
        let fetch = FetchMessages::flags(&set);
        let fetch = match self.look.way {
            Way::Qresync => fetch.changed_or_vanished_since(since),
            Way::CondStore | Way::Comparison => fetch.changed_since(since),
        };
        let mut changed = self.changed.emptied();
        changed.set_origin(&self.checkpoint.origin);
        let checkpoint = &self.checkpoint;
        let mut unread = Vec::new();
        let mut messages = guard.stream(fetch)?;
        while let Some(message) = messages.next()? {
            let uid = message.uid();
            if checkpoint.known.contains(uid.into()) {
                put(&mut changed, message, &mut unread);
            }
        }
        let vanished = messages.vanished();
        changed.settle();
        unread.retain(|(uid, _)| !changed.has(*uid));
        self.omissions.unread.append(&mut unread);
        self.changed = changed;
        self.gone = self.gone.union(vanished.as_numbers());
        Ok(())
    }

    /// Finds the messages that are unknown and, if the server does not report it, those that are
    /// gone.
    fn request_unknown<A: Access>(&mut self, guard: &mut MailboxGuard<'_, A>) -> Result<()> {
        let checkpoint = &self.checkpoint;
        if self.is_compared {
            return Ok(());
        }
        let has_new = checkpoint.uid_next < self.look.uid_next;
        let last = previous(self.look.uid_next.into()).filter(|_| has_new);
        let new = last.map(|last| NumberSet::between(checkpoint.uid_next.into(), last));
        let is_reported = self.look.way == Way::Qresync;
        let found = match new {
            // If messages are gone, too, their number shows it when these have been fetched.
            Some(new) if new.len() <= Some(u64::from(self.request.batch_size)) => new,
            Some(new) if is_reported => self.search(guard, new, None)?,
            None if is_reported || self.is_complete(guard)? => return Ok(()),
            _ => return self.compare_uids(guard),
        };
        self.add_pending(&found.difference(&self.checkpoint.all()));
        self.reach_uid_next();
        Ok(())
    }

    /// Messages that the copy does not have are to be fetched: by this sync, or by the one that
    /// continues from its checkpoint.
    pub(super) fn add_pending(&mut self, unknown: &NumberSet) {
        if !unknown.is_empty() {
            let checkpoint = self.next_checkpoint();
            checkpoint.pending = checkpoint.pending.union(unknown);
        }
    }

    /// All messages of the look are accounted for.
    pub(super) fn reach_uid_next(&mut self) {
        let uid_next = self.look.uid_next;
        if self.checkpoint.uid_next < uid_next {
            self.next_checkpoint().uid_next = uid_next;
        }
    }

    /// Notes how far the flags have been given: to the end of what was requested, if nothing of it
    /// is left, or to the last message of a batch.
    pub(super) fn settle_pass(&mut self, given: Option<Uid>) {
        let Some(requested) = self.requested else {
            return;
        };
        let is_given = self.changed.left() == 0;
        let is_whole = is_given && self.changed.is_whole();
        let done = if is_whole { requested.last } else { given };
        if is_given {
            self.requested = None;
            self.is_divided |= !is_whole;
        }
        if is_whole && requested.is_last {
            self.are_flags_compared = true;
            let checkpoint = &self.checkpoint;
            if checkpoint.pass.is_some() || checkpoint.mod_seq != requested.target {
                // What was noted after a pass began that another sync has begun may be later.
                let noted = match requested.target == self.look.mod_seq {
                    true => std::mem::take(&mut self.noted),
                    false => NumberSet::new(),
                };
                self.next_checkpoint().end_pass(requested.target, &noted);
            }
            return;
        }
        let next = done.and_then(|done| NonZeroU32::from(done).checked_add(1));
        self.compare_from = next.unwrap_or(self.compare_from);
        if let (Some(target), Some(done)) = (requested.target, done) {
            self.next_checkpoint().pass = Some(Pass { target, done });
        }
    }

    /// The last message of a request that begins at `first`: if changes come part by part, no more
    /// than are kept.
    pub(super) fn end_of_part(&self, first: NonZeroU32, last: NonZeroU32) -> NonZeroU32 {
        if !self.is_divided {
            return last;
        }
        let rest = NumberSet::between(first, last).intersection(&self.checkpoint.known);
        let most = u64::try_from(self.changed.most()).unwrap_or(u64::MAX);
        match rest.len() > Some(most) {
            true => rest.places(1, most).last().unwrap_or(last),
            false => last,
        }
    }
}

/// Adds the flags of one message; those that cannot be read become `unread`.
pub(super) fn put(changed: &mut ChangedFlags, message: &Fetch, unread: &mut Vec<(Uid, Error)>) {
    let uid = message.uid();
    let Some(flags) = message.flags() else {
        let error = message.errors().next();
        let missing = || ItemError::missing("FLAGS");
        unread.push((uid, error.unwrap_or_else(missing).into()));
        return;
    };
    let read = || flags.collect();
    changed.put(uid, flags.octets(), read, message.mod_seq());
}
