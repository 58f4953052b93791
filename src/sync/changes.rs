//! The steps of a sync: from the checkpoint to the state of the mailbox, batch by batch.

use std::collections::BTreeMap;
use std::fmt;
use std::num::NonZeroU32;
use std::sync::Arc;

use crate::error::{Error, ForeignCheckpoint, Result};
use crate::mailbox_guard::{Access, MailboxGuard};
use crate::sync::batch::{ChangeBatch, ChangedMessages, Restart, RestartReason};
use crate::sync::look::Look;
use crate::sync::request::{FetchChanges, History, Way};
use crate::types::changed_flags::ChangedFlags;
use crate::types::checkpoint::Checkpoint;
use crate::types::fetch::FetchItem;
use crate::types::flag::Flag;
use crate::types::flag_table::FlagTable;
use crate::types::number_set::NumberSet;
use crate::types::origin::is_same_account;
use crate::types::uid::{ModSeq, Uid};
use crate::wire::response::fetch::Fetch;

/// How many batches of changed flags are kept at a time.
const BATCHES_KEPT: usize = 64;

/// The changes of a mailbox since a checkpoint, in batches; made by
/// [`MailboxGuard::changes_since`].
///
/// A batch owns its data and is complete when it is returned, so the guard is free between two
/// batches: [`guard`](Self::guard) lends it. Dropping the changes sends nothing.
#[must_use = "the batches come as they are requested"]
pub struct Changes<'g, 's, A> {
    pub(super) guard: &'g mut MailboxGuard<'s, A>,
    pub(super) request: Settings,
    pub(super) look: Look,
    pub(super) checkpoint: Arc<Checkpoint>,
    /// Known to be gone, and not given yet.
    pub(super) gone: NumberSet,
    pub(super) changed: ChangedFlags,
    /// Unknown messages that are in the mailbox, to be fetched.
    pub(super) unknown: NumberSet,
    pub(super) stage: Stage,
    /// The request whose answer is being given.
    pub(super) requested: Option<Requested>,
    /// The UIDs have been compared with those of the server.
    pub(super) is_compared: bool,
    /// The flags of all messages have been compared with those of the server.
    pub(super) are_flags_compared: bool,
    /// The first message whose flags are still to be compared.
    pub(super) compare_from: NonZeroU32,
    /// Changes were too many for one answer: they are requested part by part.
    pub(super) is_divided: bool,
    restart: Option<RestartReason>,
    /// The checkpoint is a later one than the caller has.
    is_later: bool,
}

/// The settings of a [`FetchChanges`].
#[derive(Debug)]
pub(super) struct Settings {
    items: Vec<FetchItem>,
    pub(super) batch_size: u32,
    /// The octets of bodies in a batch; `None` if no bodies are requested.
    batch_octets: Option<u64>,
    pub(super) history: History,
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

impl<'s, A: Access> MailboxGuard<'s, A> {
    /// Returns what has changed in the mailbox since a checkpoint, in batches; `None` for the first
    /// sync.
    ///
    /// Each batch has the checkpoint to store with it. This is the short form of
    /// [`changes`](Self::changes), with no item of new messages except their flags.
    ///
    /// ```
    #[doc = include_str!("../doc/session.txt")]
    /// use latchbox::sync::ChangeBatch;
    /// # let stored = None;
    /// let mut inbox = session.lock_mailbox_read_only("INBOX")?;
    /// let mut changes = inbox.changes_since(stored.as_ref())?;
    /// while let Some(batch) = changes.next()? {
    ///     match &batch {
    ///         ChangeBatch::Restart(restart) => println!("forget all: {}", restart.reason()),
    ///         ChangeBatch::Changes(changes) => {
    ///             println!("gone: {}", changes.vanished());
    ///             for message in changes.changed() {
    ///                 println!("{} has now {} flags", message.uid(), message.flags().len());
    ///             }
    ///             for message in changes.messages() {
    ///                 println!("{} is new to the copy", message.uid());
    ///             }
    ///         }
    ///     }
    ///     let line = batch.checkpoint().to_string(); // to be stored with what was changed
    ///     # assert!(line.starts_with("checkpoint/1;"));
    /// }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As for [`changes`](Self::changes).
    #[doc(alias = "CHANGEDSINCE")]
    #[doc(alias = "QRESYNC")]
    #[doc(alias = "CONDSTORE")]
    #[doc(alias = "sync")]
    pub fn changes_since(&mut self, checkpoint: Option<&Checkpoint>) -> Result<Changes<'_, 's, A>> {
        self.changes(FetchChanges::since(checkpoint))
    }

    /// Returns what has changed in the mailbox since a checkpoint, as requested by a
    /// [`FetchChanges`].
    ///
    /// After all batches have been applied, the copy has what the mailbox had at one moment. That is
    /// the moment of the lock, if the lock has selected the mailbox and this is the first call of the
    /// guard; otherwise it is a moment after this call began. Later changes are in the next call, even
    /// if another command has reported them, or this program made them.
    ///
    /// It sends SELECT, or EXAMINE if the guard is read-only, unless the lock has just sent it. What
    /// follows depends on the server; [`Changes::way`] returns which of these it is:
    ///
    /// - QRESYNC (RFC 7162): SELECT itself reports changed flags and removed messages, otherwise one UID
    ///   FETCH. UID SEARCH is sent if many messages are new. If QRESYNC is not enabled yet, the mailbox
    ///   is deselected once to enable it, unless the lock has enabled it
    ///   ([`LockRequest::since`](crate::LockRequest::since)).
    /// - CONDSTORE: UID FETCH of the flags that have changed, and UID SEARCH if messages are new or gone.
    /// - Neither: UID FETCH of the flags of all messages, also if nothing has changed.
    ///
    /// If messages are new to the copy, UID FETCH is sent for those of each batch when that batch is
    /// requested.
    ///
    /// Nothing is tried again inside. After an error, the batches that were returned are valid:
    /// continue from the checkpoint of the last one.
    ///
    /// # Errors
    ///
    /// Before anything is sent: [`Error::ForeignCheckpoint`] if the checkpoint is of another account
    /// or mailbox; [`Error::Argument`] if the batch size is 0. Then [`Error::Refused`] if the mailbox
    /// cannot be selected any more, because it was deleted or renamed; no message is reported as gone
    /// then. [`Error::MissingData`] if the server reports no UIDVALIDITY or no UIDNEXT. Otherwise as for
    /// [`fetch`](Self::fetch) and [`search`](Self::search).
    ///
    /// ```
    #[doc = include_str!("../doc/session.txt")]
    /// use latchbox::sync::{ChangeBatch, Checkpoint, FetchChanges, History};
    ///
    /// # let stored: Option<Checkpoint> = None;
    /// let mut inbox = session.lock_mailbox_read_only("INBOX")?;
    /// let request = FetchChanges::since(stored.as_ref()).history(History::Newest(0));
    /// let mut changes = inbox.changes(request)?;
    /// println!("by {}", changes.way());
    /// while let Some(batch) = changes.next()? {
    ///     assert!(batch.is_empty()); // nothing of the history, and nothing has arrived yet
    /// }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn changes(&mut self, request: FetchChanges<'_>) -> Result<Changes<'_, 's, A>> {
        request.check()?;
        if let Some(checkpoint) = request.since {
            check_origin(checkpoint, self)?;
        }
        let (since, best_way) = (request.since, request.best_way);
        let look = Look::take(&mut self.held, A::READ_ONLY, since, best_way)?;
        let origin = self.held.origin();
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
        let most = usize::try_from(request.batch_size).unwrap_or(usize::MAX);
        let mut changes = Changes {
            guard: self,
            request: Settings::of(&request),
            look,
            checkpoint: Arc::new(checkpoint),
            gone: NumberSet::new(),
            changed: ChangedFlags::new(most.saturating_mul(BATCHES_KEPT)),
            unknown: NumberSet::new(),
            stage: Stage::Request,
            requested: None,
            is_compared: false,
            are_flags_compared: false,
            compare_from: NonZeroU32::MIN,
            is_divided: false,
            restart,
            is_later: is_first,
        };
        if is_first {
            changes.begin()?;
        }
        changes.add_older(u64::from(request.older));
        Ok(changes)
    }
}

impl<'s, A: Access> Changes<'_, 's, A> {
    /// Returns the next batch; `None` after the last one.
    ///
    /// The last batch may [be empty](ChangeBatch::is_empty): its checkpoint makes the next sync cheaper.
    ///
    /// # Errors
    ///
    /// As for [`MailboxGuard::changes`].
    #[allow(clippy::should_implement_trait)]
    pub fn next(&mut self) -> Result<Option<ChangeBatch>> {
        if let Some(reason) = self.restart.take() {
            self.next_checkpoint().number += 1;
            self.is_later = false;
            let checkpoint = Arc::clone(&self.checkpoint);
            return Ok(Some(ChangeBatch::Restart(Restart { reason, checkpoint })));
        }
        loop {
            match self.stage {
                Stage::Request => {
                    self.request_changes()?;
                    self.stage = Stage::Give;
                }
                Stage::Give => match self.give()? {
                    Some(batch) => return Ok(Some(batch)),
                    None if self.is_up_to_date() => self.stage = Stage::Count,
                    None => self.stage = Stage::Request,
                },
                Stage::Count if self.is_complete() => self.stage = Stage::End,
                Stage::Count => {
                    self.compare_uids()?;
                    self.stage = Stage::Give;
                }
                Stage::End if self.is_later => {
                    let nothing = (NumberSet::new(), FlagTable::new());
                    return Ok(Some(self.batch(nothing.0, nothing.1, Vec::new())));
                }
                Stage::End => return Ok(None),
            }
        }
    }

    /// The extensions that this sync uses.
    #[must_use]
    pub fn way(&self) -> Way {
        self.look.way
    }

    /// The checkpoint of the last batch that was returned; before the first one, that of the beginning.
    #[must_use]
    pub fn checkpoint(&self) -> &Checkpoint {
        &self.checkpoint
    }

    /// Lends the guard, for other commands between two batches.
    ///
    /// If the guard is read-write, changed flags that were read and not returned yet are read again,
    /// because the program may change them now.
    ///
    /// ```
    #[doc = include_str!("../doc/session.txt")]
    /// use latchbox::sync::ChangeBatch;
    /// use latchbox::types::Section;
    ///
    /// let mut inbox = session.lock_mailbox_read_only("INBOX")?;
    /// let mut changes = inbox.changes_since(None)?;
    /// while let Some(batch) = changes.next()? {
    ///     if let ChangeBatch::Changes(new) = &batch {
    ///         for message in new.messages() {
    ///             let mut octets = Vec::new(); // or a file
    ///             let mut download = changes.guard().download(message, &Section::whole())?;
    ///             download.copy_to(&mut octets)?;
    ///             # assert!(octets.ends_with(b"Hi!\r\n"));
    ///         }
    ///     }
    /// }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn guard(&mut self) -> &mut MailboxGuard<'s, A> {
        if self.changed.left() > 0 && !A::READ_ONLY {
            // The guard may change flags: what was read before must not be given afterwards.
            self.changed = self.changed.emptied();
            self.stage = Stage::Request;
        }
        self.guard
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
    fn give(&mut self) -> Result<Option<ChangeBatch>> {
        let size = usize::try_from(self.request.batch_size).unwrap_or(usize::MAX);
        if !self.gone.is_empty() {
            // Removed after its flags were reported.
            let gone = &self.gone;
            self.changed.retain(|row| !gone.contains(row.uid().into()));
        }
        loop {
            let room = size.saturating_sub(self.changed.left());
            let (requested, messages) = self.new_messages(u64::try_from(room).unwrap_or(0))?;
            let changed = self.changed.take(size);
            if self.gone.is_empty() && changed.is_empty() && requested.is_empty() {
                return Ok(None);
            }
            let vanished = self.book(&requested, &changed, &messages);
            // Messages that came and went since are no news.
            if !vanished.is_empty() || !changed.is_empty() || !messages.is_empty() {
                return Ok(Some(self.batch(vanished, changed, messages)));
            }
        }
    }

    /// Books what is given; returns the messages of the copy that are gone.
    fn book(
        &mut self,
        requested: &NumberSet,
        changed: &FlagTable,
        messages: &[Fetch],
    ) -> NumberSet {
        self.settle_pass(changed.last());
        let gone = std::mem::take(&mut self.gone);
        let is_last = self.unknown.is_empty();
        let next = requested.last().and_then(|last| last.checked_add(1));
        let next = next.and_then(|next| Uid::new(next.get()));
        let reached = match is_last {
            true => Some(self.look.uid_next),
            false => next,
        };
        let checkpoint = self.next_checkpoint();
        let vanished = checkpoint.remove(&gone);
        checkpoint.remove_from_history(requested);
        checkpoint.add_known(&messages.iter().map(|row| row.uid().into()).collect());
        checkpoint.uid_next = checkpoint.uid_next.max(reached.unwrap_or(Uid::MIN));
        checkpoint.put_flags(changed.iter().map(|row| (row.uid(), row.flags())));
        if checkpoint.flags.is_some() {
            let mut flags = flags_of(messages);
            flags.sort_by_key(|(uid, _)| *uid);
            checkpoint.put_flags(flags.iter().map(|(uid, flags)| (*uid, &**flags)));
        }
        vanished
    }

    fn batch(
        &mut self,
        vanished: NumberSet,
        changed: FlagTable,
        messages: Vec<Fetch>,
    ) -> ChangeBatch {
        let checkpoint = self.next_checkpoint();
        checkpoint.number += 1;
        self.is_later = false;
        let mut messages = messages;
        messages.sort_by_key(|row| self.checkpoint.is_history(row.uid()));
        let arrived = messages.partition_point(|row| !self.checkpoint.is_history(row.uid()));
        let uids: NumberSet = messages.iter().map(|row| row.uid().into()).collect();
        ChangeBatch::Changes(Box::new(ChangedMessages {
            vanished: self.guard.held.mark(vanished),
            changed,
            uids: self.guard.held.mark(uids),
            messages,
            arrived,
            checkpoint: Arc::clone(&self.checkpoint),
        }))
    }

    /// Fetches the next messages that the copy does not have: those that arrived, then the newest of
    /// the history; with the UIDs that were requested.
    fn new_messages(&mut self, room: u64) -> Result<(NumberSet, Vec<Fetch>)> {
        let arrived = self.unknown.places(1, room);
        let left = room - arrived.len().unwrap_or(0);
        let pending = &self.checkpoint.pending;
        let history = match self.gone.is_empty() {
            true => newest(pending, left),
            // Some servers refuse a set with messages that are gone.
            false => newest(&pending.difference(&self.gone), left),
        };
        let (arrived, history) = self.fitting(arrived, history)?;
        let requested = arrived.union(&history);
        let mut messages = Vec::new();
        if !requested.is_empty() {
            let set = self.guard.held.mark(requested.clone());
            let stream = self.guard.fetch(&set, &self.request.items)?;
            stream.collect_into(&mut messages)?;
        }
        self.unknown = self.unknown.difference(&arrived);
        Ok((requested, messages))
    }

    /// Those messages whose bodies fit into one batch together, and at least one.
    fn fitting(
        &mut self,
        arrived: NumberSet,
        history: NumberSet,
    ) -> Result<(NumberSet, NumberSet)> {
        let Some(most) = self.request.batch_octets else {
            return Ok((arrived, history));
        };
        let both = arrived.union(&history);
        if both.len() < Some(2) {
            return Ok((arrived, history));
        }
        let mut sizes = BTreeMap::new();
        let set = self.guard.held.mark(both);
        let mut messages = self.guard.fetch(&set, [FetchItem::Rfc822Size])?;
        while let Some(message) = messages.next()? {
            sizes.insert(NonZeroU32::from(message.uid()), message.size().unwrap_or(0));
        }
        let mut octets: u64 = 0;
        let mut is_first = true;
        let mut fits = |uid: &NonZeroU32| {
            octets = octets.saturating_add(sizes.get(uid).copied().unwrap_or(0));
            std::mem::take(&mut is_first) || octets <= most
        };
        let some: NumberSet = arrived.numbers().take_while(&mut fits).collect();
        let history = match some == arrived {
            true => history.numbers().rev().take_while(&mut fits).collect(),
            false => NumberSet::new(),
        };
        Ok((some, history))
    }
}

impl<A> fmt::Debug for Changes<'_, '_, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Changes")
            .field("way", &self.look.way)
            .field("checkpoint", &self.checkpoint)
            .finish_non_exhaustive()
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

/// The flags of messages, as far as they could be read.
fn flags_of(messages: &[Fetch]) -> Vec<(Uid, Vec<Flag>)> {
    let flags = |row: &Fetch| Some((row.uid(), row.flags()?.collect()));
    messages.iter().filter_map(flags).collect()
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
            history: request.history,
        }
    }
}
