//! The comparison of a copy with the UIDs or the flags of all messages, held against the number of
//! messages that the server counts: an answer that names fewer shows of none that it is gone.

use std::num::NonZeroU32;

use crate::error::{Error, Result};
use crate::mailbox_guard::{Access, MailboxGuard};
use crate::sync::requesting::put;
use crate::sync::steps::{Requested, Steps, every_uid, newest};
use crate::types::checkpoint::Pass;
use crate::types::checkpoint::known_flags::KnownFlags;
use crate::types::fetch_messages::FetchMessages;
use crate::types::number_range::previous;
use crate::types::number_set::{NumberSet, NumberSetBuilder};
use crate::types::search::SearchKey;
use crate::types::uid::Uid;

pub(super) const FETCH: &str = "UID FETCH";
const SEARCH: &str = "UID SEARCH";

/// The messages that the server has named.
struct Named {
    all: NumberSet,
    /// Those that are accounted for and are gone.
    gone: NumberSet,
}

impl Steps {
    /// All messages, by a search; `within` are the UIDs that they can have.
    pub(super) fn search_all<A: Access>(
        &mut self,
        guard: &mut MailboxGuard<'_, A>,
        within: NumberSet,
    ) -> Result<NumberSet> {
        let found = self.search(guard, within, None)?;
        Ok(self.count_named(guard, found)?.all)
    }

    /// Compares the UIDs that are accounted for with those of the server; if that has been done, those
    /// that were requested since and not returned.
    pub(super) fn compare_uids<A: Access>(
        &mut self,
        guard: &mut MailboxGuard<'_, A>,
    ) -> Result<()> {
        if self.is_compared {
            let unanswered = std::mem::take(&mut self.omissions.unanswered);
            self.omissions.missed = self.search(guard, unanswered, None)?;
            let missed = self.omissions.missed.clone();
            self.add_pending(&missed);
            return Ok(());
        }
        let found = self.search(guard, self.comparable(), None)?;
        self.take_difference(guard, found).map(drop)
    }

    /// Takes in which messages there are; returns those that were named, `found` among them.
    fn take_difference<A: Access>(
        &mut self,
        guard: &mut MailboxGuard<'_, A>,
        found: NumberSet,
    ) -> Result<NumberSet> {
        let Named { all, gone } = self.count_named(guard, found)?;
        self.is_compared = true;
        self.omissions.missed = std::mem::take(&mut self.omissions.unanswered).intersection(&all);
        self.gone = self.gone.union(&gone);
        let unknown = all.difference(&self.checkpoint.all());
        self.add_pending(&unknown);
        self.reach_uid_next();
        Ok(all)
    }

    /// Looks once more if the server counts more messages than it has named, and judges which are gone:
    /// none, if there are still fewer.
    fn count_named<A: Access>(
        &mut self,
        guard: &mut MailboxGuard<'_, A>,
        found: NumberSet,
    ) -> Result<Named> {
        let unnamed = u64::from(self.checkpoint.unnamed);
        let mut lacking = self.lacking(guard, &found)?;
        let mut all = found;
        if lacking > unnamed {
            (all, lacking) = self.look_again(guard, all)?;
        }
        let mut gone = self.absent(&all);
        // Those that are lacking may be the absent ones; only the others have never been named.
        let mut never_named = lacking;
        if lacking > unnamed {
            never_named = unnamed.max(lacking.saturating_sub(gone.len().unwrap_or(u64::MAX)));
            gone = NumberSet::new();
            self.omissions.failure = Some(Error::MissingData(SEARCH));
        }
        if never_named != unnamed {
            self.next_checkpoint().unnamed = u32::try_from(never_named).unwrap_or(u32::MAX);
        }
        Ok(Named { all, gone })
    }

    /// How many messages the server counts that are not among these.
    fn lacking<A: Access>(&self, guard: &MailboxGuard<'_, A>, named: &NumberSet) -> Result<u64> {
        let (_, removed) = counters(guard)?;
        let there_are = u64::from(self.look.exists).saturating_sub(removed);
        Ok(there_are.saturating_sub(named.len().unwrap_or(0)))
    }

    /// Requests what some servers report only then, the messages that were removed meanwhile, and
    /// searches for those that were not named, also above UIDNEXT; returns all, and how many the server
    /// counts beside them.
    fn look_again<A: Access>(
        &self,
        guard: &mut MailboxGuard<'_, A>,
        found: NumberSet,
    ) -> Result<(NumberSet, u64)> {
        guard.refresh()?;
        let lacking = self.lacking(guard, &found)?;
        if lacking <= u64::from(self.checkpoint.unnamed) {
            return Ok((found, lacking));
        }
        let (exists, removed) = counters(guard)?;
        let others = every_uid().difference(&found);
        // A sync that compares flags needs no SEARCH otherwise.
        let more = match self.search(guard, others, None) {
            Err(Error::Refused(_)) => NumberSet::new(),
            more => more?,
        };
        let all = found.union(&more);
        let (_, removed_now) = counters(guard)?;
        let there_are = exists.saturating_sub(removed_now.saturating_sub(removed));
        let lacking = there_are.saturating_sub(all.len().unwrap_or(0));
        Ok((all, lacking))
    }

    /// Messages that are accounted for and not among these.
    fn absent(&self, named: &NumberSet) -> NumberSet {
        // Above the highest of them, the answer shows nothing: a view may be older than the copy.
        let below = self.below_uid_next();
        let shown = match named.last().max(below.last()) {
            Some(last) => NumberSet::between(NonZeroU32::MIN, last),
            None => NumberSet::new(),
        };
        let accounted = self.checkpoint.all();
        accounted.intersection(&shown).difference(named)
    }

    /// Fetches the flags of all messages, and compares them with those that are known; all that are
    /// not known count as changed.
    pub(super) fn compare_flags<A: Access>(
        &mut self,
        guard: &mut MailboxGuard<'_, A>,
    ) -> Result<()> {
        self.begin_comparison();
        let all_last = self.comparable().last();
        let rest = all_last.filter(|last| *last >= self.compare_from);
        let last = rest.map(|last| self.end_of_part(self.compare_from, last));
        let mut found = NumberSet::new();
        if let Some(last) = last.filter(|_| self.look.exists > 0) {
            let range = NumberSet::between(self.compare_from, last);
            found = self.fetch_all_flags(guard, &range)?;
        }
        let target = self.checkpoint.pass.map(|pass| pass.target);
        let is_last = last.is_none() || last == all_last;
        self.requested = Some(Requested {
            target: target.or(self.look.mod_seq),
            last: last.and_then(|last| Uid::new(last.get())),
            is_last,
        });
        self.add_pending(&found.difference(&self.checkpoint.all()));
        if !self.is_compared {
            self.flags_of = self.flags_of.union(&found);
            if is_last {
                self.end_comparison(guard)?;
            }
        }
        Ok(())
    }

    /// The flags of all messages have been requested once.
    fn end_comparison<A: Access>(&mut self, guard: &mut MailboxGuard<'_, A>) -> Result<()> {
        let found = std::mem::take(&mut self.flags_of);
        let all = self.take_difference(guard, found.clone())?;
        let unread = all.difference(&found).intersection(&self.checkpoint.known);
        let unread = unread.intersection(&self.comparable());
        if unread.is_empty() {
            return Ok(());
        }
        let most = u64::from(self.request.batch_size);
        if unread.len() > Some(most) {
            self.omissions.failure = Some(Error::MissingData(FETCH));
        }
        let told = newest(&unread, most);
        let missing = |uid| (Uid::from(uid), Error::MissingData(FETCH));
        self.omissions.unread.extend(told.numbers().map(missing));
        self.note_unread(&unread);
        Ok(())
    }

    fn fetch_all_flags<A: Access>(
        &mut self,
        guard: &mut MailboxGuard<'_, A>,
        range: &NumberSet,
    ) -> Result<NumberSet> {
        let set = self.mark(range.clone());
        let mut changed = self.changed.emptied();
        changed.set_origin(&self.checkpoint.origin);
        let checkpoint = &self.checkpoint;
        let done = checkpoint.pass.map(|pass| pass.done);
        let mut found = NumberSetBuilder::default();
        let mut unread = Vec::new();
        let mut flags = Vec::new();
        let mut messages = guard.stream(FetchMessages::flags(&set))?;
        while let Some(message) = messages.next()? {
            let uid = message.uid();
            found.push(uid.value());
            if !checkpoint.known.contains(uid.into()) || Some(uid) <= done {
                continue;
            }
            if let (Some(known), Some(now)) = (&checkpoint.flags, message.flags()) {
                flags.clear();
                flags.extend(now);
                if known.is_known(uid, &flags) {
                    continue;
                }
            }
            put(&mut changed, message, &mut unread);
        }
        drop(messages);
        changed.settle();
        unread.retain(|(uid, _)| !changed.has(*uid));
        self.omissions.unread.append(&mut unread);
        self.changed = changed;
        Ok(found.finish())
    }

    /// What is known about flags in a form that can be compared.
    fn begin_comparison(&mut self) {
        let now = self.look.mod_seq;
        let is_void = |pass: Pass| now.is_none_or(|now| pass.target > now);
        let checkpoint = &self.checkpoint;
        let needs_flags = now.is_none() && checkpoint.flags.is_none();
        if checkpoint.mod_seq.is_none() && !checkpoint.pass.is_some_and(is_void) && !needs_flags {
            return;
        }
        let checkpoint = self.next_checkpoint();
        checkpoint.pass = None;
        checkpoint.mod_seq = None;
        checkpoint.own = Default::default();
        // All flags are requested.
        checkpoint.unread = NumberSet::new();
        if needs_flags {
            checkpoint.flags = Some(KnownFlags::default());
        }
    }

    /// The UIDs that the messages of the look can have.
    pub(super) fn below_uid_next(&self) -> NumberSet {
        match previous(self.look.uid_next.into()) {
            Some(last) => NumberSet::between(NonZeroU32::MIN, last),
            None => NumberSet::new(),
        }
    }

    /// The UIDs that are compared: those below UIDNEXT, and those of the copy where UIDNEXT is too low.
    fn comparable(&self) -> NumberSet {
        match self.highest {
            Some(last) => NumberSet::between(NonZeroU32::MIN, last),
            None => NumberSet::new(),
        }
    }

    /// Whether the copy has as many messages as the mailbox had, or has been compared with it and lacks
    /// none that may be there.
    pub(super) fn is_complete<A: Access>(&self, guard: &MailboxGuard<'_, A>) -> Result<bool> {
        if self.is_compared && self.omissions.unanswered.is_empty() {
            return Ok(true);
        }
        let comparable = self.comparable();
        let checkpoint = &self.checkpoint;
        let count = |set: &NumberSet| set.intersection(&comparable).len().unwrap_or(0);
        let accounted = checkpoint.sets().into_iter().map(count).sum::<u64>();
        let exists = u64::from(self.look.exists);
        if !self.is_compared {
            // Those that were never named hide as many that are gone.
            return Ok(checkpoint.unnamed == 0 && accounted == exists);
        }
        let (_, removed) = counters(guard)?;
        let there_are = exists.saturating_sub(removed);
        Ok(accounted + u64::from(checkpoint.unnamed) >= there_are)
    }

    /// The messages of a set that there are, or that also meet a condition.
    pub(super) fn search<A: Access>(
        &self,
        guard: &mut MailboxGuard<'_, A>,
        among: NumberSet,
        condition: Option<SearchKey>,
    ) -> Result<NumberSet> {
        if among.is_empty() || self.look.exists == 0 {
            return Ok(NumberSet::new());
        }
        let key = SearchKey::Uid(self.mark(among.clone()));
        let key = match condition {
            Some(condition) => key.and(condition),
            None => key,
        };
        let found = guard.search(key)?;
        Ok(found.as_numbers().intersection(&among))
    }
}

/// The number of messages now, and of those that were removed since the mailbox was selected.
fn counters<A: Access>(guard: &MailboxGuard<'_, A>) -> Result<(u64, u64)> {
    let lease = guard.held.lease_as_it_is(SEARCH)?;
    Ok((u64::from(lease.exists()), lease.removed()))
}
