//! The engine of a sync: the steps from a checkpoint to the state of the mailbox, without the guard
//! by which they are taken.

use std::num::NonZeroU32;
use std::sync::Arc;

use crate::error::{Error, ForeignCheckpoint, Result};
use crate::mailbox_guard::{Access, MailboxGuard};
use crate::sync::added::Added;
use crate::sync::batch::{ChangeBatch, ChangedMessages, Restart, RestartReason};
use crate::sync::look::Look;
use crate::sync::request::{FetchChanges, History, Way};
use crate::types::changed_flags::ChangedFlags;
use crate::types::checkpoint::Checkpoint;
use crate::types::fetch::FetchItem;
use crate::types::flag_table::FlagTable;
use crate::types::number_range::previous;
use crate::types::number_set::NumberSet;
use crate::types::origin::is_same_account;
use crate::types::uid::{ModSeq, Uid};
use crate::types::uid_set::UidSet;

/// How many messages that could not be read are requested again by each sync.
const AGAIN: u64 = 16;

/// How many batches of changed flags are kept at a time.
const BATCHES_KEPT: usize = 64;

/// A sync in progress. Each step borrows the guard, so the steps can be kept while the guard is used
/// for something else, or moved.
pub(crate) struct Steps {
    pub(super) request: Settings,
    pub(super) look: Look,
    /// What will be true after the next batch.
    pub(super) checkpoint: Arc<Checkpoint>,
    /// The checkpoint of the last batch that was given.
    pub(super) given: Arc<Checkpoint>,
    /// Known to be gone, and not given yet.
    pub(super) gone: NumberSet,
    pub(super) changed: ChangedFlags,
    /// Messages that an earlier sync could not read, to be requested once more.
    pub(super) again: NumberSet,
    /// Messages whose flags this program had set before the look, without learning the mod-sequence.
    pub(super) noted: NumberSet,
    pub(super) omissions: Omissions,
    pub(super) stage: Stage,
    /// Ranges of UIDs that have a batch of messages each, the newest last, once they were requested.
    pub(super) ranges: Option<Vec<UidSet>>,
    /// The request whose answer is being given.
    pub(super) requested: Option<Requested>,
    /// The UIDs have been compared with those of the server.
    pub(super) is_compared: bool,
    /// The flags of all messages have been compared with those of the server.
    pub(super) are_flags_compared: bool,
    /// The highest UID that a message of the look can have, or that the copy had before.
    pub(super) highest: Option<NonZeroU32>,
    /// The first message whose flags are still to be compared.
    pub(super) compare_from: NonZeroU32,
    /// The messages whose flags have been compared so far.
    pub(super) flags_of: NumberSet,
    /// Changes were too many for one answer: they are requested part by part.
    pub(super) is_divided: bool,
    restart: Option<RestartReason>,
    /// The checkpoint is a later one than the caller has.
    is_later: bool,
}

/// The settings of a [`FetchChanges`].
#[derive(Debug)]
pub(super) struct Settings {
    /// FLAGS, and what else of new messages.
    pub(super) items: Vec<FetchItem>,
    pub(super) batch_size: u32,
    /// The octets of bodies in a batch; `None` if no bodies are requested.
    pub(super) batch_octets: Option<u64>,
    pub(super) history: History,
    pub(super) is_new: bool,
}

/// What the server has left out of its answers.
#[derive(Debug, Default)]
pub(super) struct Omissions {
    /// Known messages whose flags an earlier sync could not read, to be requested once more.
    pub(super) unread_before: NumberSet,
    /// Changed flags of known messages that could not be read, and were not given yet.
    pub(super) unread: Vec<(Uid, Error)>,
    /// New messages that were requested, and that the server did not return: they may be gone.
    pub(super) unanswered: NumberSet,
    /// Those of them that a later search has named.
    pub(super) missed: NumberSet,
    /// What is to be reported when everything else has been given.
    pub(super) failure: Option<Error>,
}

/// A request for changed flags.
#[derive(Clone, Copy, Debug)]
pub(super) struct Requested {
    /// The mod-sequence that the flags are then of.
    pub(super) target: Option<ModSeq>,
    /// The last message that it is about.
    pub(super) last: Option<Uid>,
    /// No message that is known is behind that.
    pub(super) is_last: bool,
}

/// The next step of a sync.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    /// Request what has changed.
    Request,
    /// Give what has come.
    Give,
    /// Compare the number of messages.
    Count,
    End,
}

impl Steps {
    /// Begins a sync: checks the request, and takes a look at the mailbox.
    pub(crate) fn begin<A: Access>(
        guard: &mut MailboxGuard<'_, A>,
        request: FetchChanges<'_>,
    ) -> Result<Self> {
        request.check()?;
        if let Some(checkpoint) = request.since {
            check_origin(checkpoint, guard)?;
        }
        let (since, best_way) = (request.since, request.best_way);
        let look = Look::take(&mut guard.held, A::READ_ONLY, since, best_way)?;
        let origin = guard.held.origin();
        let first = || Checkpoint::new(Arc::clone(origin), look.uid_validity, look.uid_next);
        let restart = since.and_then(|since| restart(since, &look));
        let mut checkpoint = match since.filter(|_| restart.is_none()) {
            Some(since) => since.clone(),
            None => first(),
        };
        checkpoint.number = since.map_or(0, |since| since.number);
        checkpoint.origin = Arc::clone(origin);
        checkpoint.mailbox_id = look.mailbox_id.clone().or(checkpoint.mailbox_id);
        let is_first = since.is_none() || restart.is_some();
        // On Courier the UIDVALIDITY changes until there is a message.
        let was_empty = restart.is_some() && since.is_some_and(Checkpoint::is_of_nothing);
        let is_new = request.is_new || was_empty;
        let request = request.of_new_mailbox(is_new);
        // Another name or a new MAILBOXID is to be stored, too.
        let is_known_otherwise = since.is_some_and(|since| {
            since.mailbox() != checkpoint.mailbox() || since.mailbox_id != checkpoint.mailbox_id
        });
        let highest = highest(&checkpoint, &look);
        let checkpoint = Arc::new(checkpoint);
        let most = usize::try_from(request.batch_size).unwrap_or(usize::MAX);
        let mut steps = Self {
            request: Settings::of(&request),
            look,
            given: Arc::clone(&checkpoint),
            checkpoint,
            gone: NumberSet::new(),
            changed: ChangedFlags::new(most.saturating_mul(BATCHES_KEPT)),
            again: NumberSet::new(),
            noted: NumberSet::new(),
            omissions: Omissions::default(),
            stage: Stage::Request,
            ranges: None,
            requested: None,
            is_compared: false,
            are_flags_compared: false,
            highest,
            compare_from: NonZeroU32::MIN,
            flags_of: NumberSet::new(),
            is_divided: false,
            restart,
            is_later: is_first || is_known_otherwise,
        };
        if is_first {
            steps.begin_copy(guard)?;
        }
        steps.add_older(u64::from(request.older));
        let checkpoint = &steps.checkpoint;
        if let Some(flags) = checkpoint
            .flags
            .as_ref()
            .filter(|_| steps.look.mod_seq.is_some())
        {
            steps.noted = flags.uids(&checkpoint.known);
        }
        steps.again = newest(&steps.checkpoint.unreadable, AGAIN);
        steps.omissions.unread_before = newest(&steps.checkpoint.unread, AGAIN);
        Ok(steps)
    }

    /// The next batch; `None` after the last one.
    ///
    /// [`Error::StaleUids`] if the guard holds another mailbox, or the mailbox has other UIDs now.
    pub(crate) fn next<A: Access>(
        &mut self,
        guard: &mut MailboxGuard<'_, A>,
    ) -> Result<Option<ChangeBatch>> {
        if !self.is_of(guard) {
            guard.held.check_origin(Some(&self.checkpoint.origin))?;
        }
        if let Some(reason) = self.restart.take() {
            let checkpoint = self.give_checkpoint();
            return Ok(Some(ChangeBatch::Restart(Restart { reason, checkpoint })));
        }
        loop {
            match self.stage {
                Stage::Request => {
                    self.request_changes(guard)?;
                    self.stage = Stage::Give;
                }
                Stage::Give => match self.give(guard)? {
                    Some(batch) => return Ok(Some(batch)),
                    None if self.is_up_to_date() => self.stage = Stage::Count,
                    None => self.stage = Stage::Request,
                },
                Stage::Count if !self.omissions.unread_before.is_empty() => {
                    if let Some(batch) = self.read_again(guard)? {
                        return Ok(Some(batch));
                    }
                }
                Stage::Count if self.is_complete(guard)? => self.stage = Stage::End,
                Stage::Count => {
                    self.compare_uids(guard)?;
                    self.stage = Stage::Give;
                }
                Stage::End if self.is_later => {
                    let nothing = NumberSet::new;
                    let none = (FlagTable::new(), Added::default());
                    return Ok(Some(self.batch(nothing(), none.0, none.1, nothing())));
                }
                Stage::End => return self.omissions.failure.take().map_or(Ok(None), Err),
            }
        }
    }

    /// The extensions that this sync uses.
    pub(crate) fn way(&self) -> Way {
        self.look.way
    }

    /// The checkpoint of the last batch that was returned; before the first one, that of the beginning.
    pub(crate) fn checkpoint(&self) -> &Arc<Checkpoint> {
        let Self { given, .. } = self;
        given
    }

    /// Whether the guard still holds the selection with which the steps began, so that they can be
    /// continued; otherwise a sync begins again from the checkpoint of the last batch.
    pub(crate) fn is_of<A: Access>(&self, guard: &MailboxGuard<'_, A>) -> bool {
        // Each selection has an origin of its own.
        Arc::ptr_eq(&self.checkpoint.origin, guard.held.origin())
    }

    /// Changed flags that were read and not returned yet are read again, because the program may
    /// change them now.
    pub(crate) fn expect_changes(&mut self) {
        if self.changed.left() > 0 {
            self.changed = self.changed.emptied();
            self.stage = Stage::Request;
        }
    }

    /// The checkpoint, for a change: it is then later than the one that the caller has.
    pub(super) fn next_checkpoint(&mut self) -> &mut Checkpoint {
        self.is_later = true;
        Arc::make_mut(&mut self.checkpoint)
    }

    /// Some of the history that was left out is to be given.
    fn add_older(&mut self, most: u64) {
        let older = newest(&self.checkpoint.older, most);
        if !older.is_empty() {
            let checkpoint = self.next_checkpoint();
            checkpoint.older = checkpoint.older.difference(&older);
            checkpoint.pending = checkpoint.pending.union(&older);
        }
    }

    /// Whether the flags of the known messages are those of the look.
    fn is_up_to_date(&self) -> bool {
        let checkpoint = &self.checkpoint;
        match self.look.mod_seq {
            Some(now) => checkpoint.mod_seq == Some(now) && checkpoint.pass.is_none(),
            None => self.are_flags_compared,
        }
    }

    /// The next batch of what has come, with messages that are fetched for it; `None` if nothing is
    /// left.
    fn give<A: Access>(&mut self, guard: &mut MailboxGuard<'_, A>) -> Result<Option<ChangeBatch>> {
        let size = usize::try_from(self.request.batch_size).unwrap_or(usize::MAX);
        if !self.gone.is_empty() {
            // Removed after its flags were reported.
            let gone = &self.gone;
            self.changed.retain(|row| !gone.contains(row.uid().into()));
        }
        loop {
            let room = size.saturating_sub(self.changed.left());
            let (requested, mut added) =
                self.new_messages(guard, u64::try_from(room).unwrap_or(0))?;
            let changed = self.changed.take(size);
            let has_none = changed.is_empty() && self.omissions.unread.is_empty();
            if has_none && self.gone.is_empty() && requested.is_empty() {
                return Ok(None);
            }
            for (uid, error) in std::mem::take(&mut self.omissions.unread) {
                added.add_unreadable(uid, None, error);
            }
            let uids = added.uids();
            let vanished = self.book(&requested, &changed, &added, &uids);
            // Messages that came and went since are no news.
            if !vanished.is_empty() || !changed.is_empty() || !added.is_empty() {
                return Ok(Some(self.batch(vanished, changed, added, uids)));
            }
        }
    }

    /// Books what is given; returns the messages of the copy that are gone.
    fn book(
        &mut self,
        requested: &NumberSet,
        changed: &FlagTable,
        added: &Added,
        uids: &NumberSet,
    ) -> NumberSet {
        self.settle_pass(changed.last());
        let gone = std::mem::take(&mut self.gone);
        let checkpoint = self.next_checkpoint();
        let vanished = checkpoint.remove(&gone);
        checkpoint.remove_from_history(requested);
        checkpoint.add_known(uids);
        for table in [changed, added.flags()] {
            checkpoint.put_flags(table.iter().map(|row| (row.uid(), row.flags())));
        }
        if !checkpoint.unread.is_empty() {
            checkpoint.unread = checkpoint.unread.difference(&changed.numbers());
        }
        if !added.unreadable.is_empty() {
            let all = added.unreadable_uids();
            let unreadable = all.difference(&checkpoint.known);
            checkpoint.unreadable = checkpoint.unreadable.union(&unreadable);
            self.note_unread(&all);
        }
        vanished
    }

    /// These known messages have flags that the next sync has to request again; without mod-sequences it
    /// requests all.
    pub(super) fn note_unread(&mut self, uids: &NumberSet) {
        let unread = uids.intersection(&self.checkpoint.known);
        if self.look.mod_seq.is_some() && !unread.is_empty() {
            let checkpoint = self.next_checkpoint();
            checkpoint.unread = checkpoint.unread.union(&unread);
        }
    }

    /// Flags that an earlier sync could not read, if they can be read now.
    fn read_again<A: Access>(
        &mut self,
        guard: &mut MailboxGuard<'_, A>,
    ) -> Result<Option<ChangeBatch>> {
        let uids = std::mem::take(&mut self.omissions.unread_before);
        let uids = uids.intersection(&self.checkpoint.unread);
        if uids.is_empty() {
            return Ok(None);
        }
        let set = self.mark(uids);
        let mut read = Added::of(&self.checkpoint.origin);
        match self.fetch_flags(guard, &set, &mut read) {
            Err(Error::Refused(_)) => {}
            fetched => fetched?,
        }
        read.settle();
        let changed = read.into_flags();
        if changed.is_empty() {
            return Ok(None);
        }
        let (none, nothing) = (Added::default(), NumberSet::new());
        self.book(&nothing, &changed, &none, &nothing);
        Ok(Some(self.batch(
            NumberSet::new(),
            changed,
            none,
            NumberSet::new(),
        )))
    }

    fn batch(
        &mut self,
        vanished: NumberSet,
        changed: FlagTable,
        added: Added,
        uids: NumberSet,
    ) -> ChangeBatch {
        let checkpoint = self.give_checkpoint();
        ChangeBatch::Changes(Box::new(ChangedMessages {
            vanished: self.mark(vanished),
            changed,
            added,
            uids: self.mark(uids),
            checkpoint,
        }))
    }

    /// The checkpoint of the batch that is returned next.
    fn give_checkpoint(&mut self) -> Arc<Checkpoint> {
        self.next_checkpoint().number += 1;
        self.is_later = false;
        self.given = Arc::clone(&self.checkpoint);
        Arc::clone(&self.given)
    }

    /// Returns these UIDs as a set of this mailbox.
    pub(super) fn mark(&self, numbers: impl Into<UidSet>) -> UidSet {
        numbers
            .into()
            .with_origin(Arc::clone(&self.checkpoint.origin))
    }
}

/// A checkpoint is accepted in its own mailbox, under whatever name that has now.
fn check_origin<A: Access>(checkpoint: &Checkpoint, guard: &MailboxGuard<'_, A>) -> Result<()> {
    let (of, here) = (&checkpoint.origin, guard.held.origin());
    let is_same_name = of.mailbox() == here.mailbox();
    let is_it = is_same_name || {
        let id = guard.mailbox()?.mailbox_id;
        checkpoint.mailbox_id().is_some() && checkpoint.mailbox_id() == id.as_deref()
    };
    match is_it && is_same_account(of.shared_account(), here.shared_account()) {
        true => Ok(()),
        false => Err(Error::ForeignCheckpoint(Box::new(ForeignCheckpoint {
            origin: Arc::clone(of),
            here: Arc::clone(here),
        }))),
    }
}

/// The reason for which the copy has to be built again, if it has.
fn restart(since: &Checkpoint, look: &Look) -> Option<RestartReason> {
    let ids = since.mailbox_id.as_ref().zip(look.mailbox_id.as_ref());
    if since.uid_validity != look.uid_validity {
        Some(RestartReason::UidValidityChanged)
    } else if ids.is_some_and(|(known, now)| known != now) {
        Some(RestartReason::MailboxIdChanged)
    } else if look.uid_next < since.uid_next {
        Some(RestartReason::UidNextFell)
    } else {
        None
    }
}

/// The highest UID that a message of the look can have, or that the copy had before.
fn highest(checkpoint: &Checkpoint, look: &Look) -> Option<NonZeroU32> {
    let had = checkpoint.sets().into_iter().filter_map(NumberSet::last);
    had.chain(previous(look.uid_next.into())).max()
}

/// `1:4294967295`.
pub(super) fn every_uid() -> NumberSet {
    NumberSet::between(NonZeroU32::MIN, NonZeroU32::MAX)
}

/// The highest numbers of a set, at most so many.
pub(super) fn newest(set: &NumberSet, most: u64) -> NumberSet {
    let len = set.len().unwrap_or(0);
    set.places(len.saturating_sub(most) + 1, len)
}

impl Settings {
    fn of(request: &FetchChanges<'_>) -> Self {
        let mut items = vec![FetchItem::Flags];
        let others = request.items.iter();
        items.extend(others.filter(|item| **item != FetchItem::Flags).cloned());
        Self {
            items,
            batch_size: request.batch_size,
            batch_octets: request.has_bodies().then_some(request.batch_octets),
            history: match request.is_new {
                true => History::All,
                false => request.history,
            },
            is_new: request.is_new,
        }
    }
}
