//! MOVE (RFC 9051 section 6.4.8), and its fallback for servers without it.

use crate::connection::on_progress::MessagesDone;
use crate::connection::pipeline::Footprint;
use crate::error::{Error, Result, Unfinished};
use crate::exchange::{Batchable, Command, Exchange, Planned, Sent, sealed};
use crate::mailbox_guard::lease::{Held, MailboxLease, SelectedState};
use crate::mailbox_guard::numbered::Numbered;
use crate::mailbox_guard::parts::Parts;
use crate::mailbox_guard::saved_search::SavedSearch;
use crate::mailbox_guard::{Access, MailboxGuard, ReadWrite, WriteAccess};
use crate::types::asked_for::AskedFor;
use crate::types::capability::Capability;
use crate::types::copied::{Copied, CopiedSoFar, Pairing};
use crate::types::expunged::{Expunged, WithoutUidPlus};
use crate::types::flag::Flag;
use crate::types::mailbox_name::{IntoMailboxName, MailboxName};
use crate::types::message_set::MessageSet;
use crate::types::number_set::{NumberSet, NumberSetBuilder};
use crate::types::response_code::ResponseCode;
use crate::types::search::SearchKey;
use crate::types::sequence_set::SequenceSet;
use crate::types::store::StoreAction;
use crate::types::uid_set::UidSet;
use crate::wire::encoder::Encoder;
use crate::wire::response::Untagged;

/// The name of the public methods of this file in errors.
const MOVE_TO: &str = "move_to";
const UID_MOVE: &str = "UID MOVE";

impl<A: Access> MailboxGuard<'_, A> {
    /// Moves messages to another mailbox (UID MOVE).
    ///
    /// MOVE is atomic for each message: none is ever in both mailboxes or in neither. An empty set
    /// that a search returned sends nothing. For sequence numbers see [`numbered`](Self::numbered).
    ///
    /// If the server lacks MOVE, the steps are: UID SEARCH for the messages that exist and those
    /// that have `\Deleted` already, UID COPY, UID STORE to flag only what was copied, and UID
    /// EXPUNGE (UIDPLUS) to remove only that. Each step is sent only if the one before it
    /// succeeded, so no message is lost; for a moment it is in both mailboxes. If a step after COPY
    /// fails, UID STORE removes the flag again.
    ///
    /// # Errors
    ///
    /// Before anything is sent: [`Error::Unsupported`] if the server has neither MOVE nor UIDPLUS;
    /// [`MailboxError::NotPermanent`](crate::error::MailboxError::NotPermanent) if it lacks MOVE
    /// and `\Deleted` is not permanent in the mailbox. Then [`Error::Unfinished`] if messages were
    /// copied or moved and a later step failed, or the server refused MOVE after it had moved some,
    /// or left some uncopied that are still there: it has the messages that were copied, those that
    /// remain, and those left with `\Deleted` because the flag could not be removed again. If the
    /// first step is refused, nothing has changed, and the error is as for [`copy`](Self::copy).
    ///
    /// ```
    #[doc = include_str!("../doc/session.txt")]
    /// use latchbox::types::SearchKey;
    ///
    /// let mut inbox = session.lock_mailbox("INBOX")?;
    /// let read = inbox.search(SearchKey::Seen)?;
    /// inbox.move_to(&read, "Archive")?;
    /// # assert!(inbox.search(SearchKey::Seen)?.is_empty());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[doc(alias = "MOVE")]
    #[doc(alias = "mv")]
    #[doc(alias = "uid_mv")]
    pub fn move_to(&mut self, uids: &UidSet, target: impl IntoMailboxName) -> Result<Copied>
    where
        A: WriteAccess,
    {
        self.run(MoveMessages::new(uids, target)?)
    }
}

impl<'n, A: Access> Numbered<'n, A> {
    /// Moves messages to another mailbox (MOVE). An empty set sends nothing.
    ///
    /// Consumes the view, because later messages get other sequence numbers. If the server lacks
    /// MOVE, the UIDs are searched for, and the steps of [`MailboxGuard::move_to`] are sent.
    ///
    /// # Errors
    ///
    /// As for [`MailboxGuard::move_to`]. Before anything is sent: [`MailboxError::Renumbered`] and
    /// [`MailboxError::ForeignNumbers`].
    ///
    /// [`MailboxError::Renumbered`]: crate::error::MailboxError::Renumbered
    /// [`MailboxError::ForeignNumbers`]: crate::error::MailboxError::ForeignNumbers
    ///
    /// ```
    #[doc = include_str!("../doc/session.txt")]
    /// let mut inbox = session.lock_mailbox("INBOX")?;
    /// let numbered = inbox.numbered();
    /// let last_50 = numbered.last(50);
    /// numbered.move_to(&last_50, "Archive")?;
    /// assert_eq!(inbox.exists(), 0);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[doc(alias = "MOVE")]
    #[doc(alias = "mv")]
    #[doc(alias = "uid_mv")]
    pub fn move_to(self, set: &SequenceSet<'n>, target: impl IntoMailboxName) -> Result<Copied>
    where
        A: WriteAccess,
    {
        let target = target.into_mailbox_name()?;
        let mut lease = self.held.lease("MOVE")?;
        lease.move_messages(set, &target, WithoutUidPlus::Refuse, None)
    }
}

impl<A: Access> SavedSearch<'_, A> {
    /// Moves the found messages to another mailbox (UID MOVE with `$`).
    ///
    /// If the server lacks MOVE, they are moved by their UIDs. Consumes the view, because its
    /// messages are no longer in the mailbox afterwards.
    ///
    /// # Errors
    ///
    /// As for [`MailboxGuard::move_to`].
    ///
    /// ```
    #[doc = include_str!("../doc/session.txt")]
    /// use latchbox::types::{SearchKey};
    ///
    /// let mut inbox = session.lock_mailbox("INBOX")?;
    /// let unread = inbox.search_saved(SearchKey::Unseen)?;
    /// unread.move_to("Archive")?;
    /// assert_eq!(inbox.exists(), 0);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[doc(alias = "MOVE")]
    #[doc(alias = "mv")]
    #[doc(alias = "uid_mv")]
    pub fn move_to(mut self, target: impl IntoMailboxName) -> Result<Copied>
    where
        A: WriteAccess,
    {
        let capabilities = self.held.lease(UID_MOVE)?.capabilities()?.clone();
        if !capabilities.supports(&Capability::Move) {
            self.set = self.uids()?;
        }
        let target = target.into_mailbox_name()?;
        let mut lease = self.held.lease(UID_MOVE)?;
        if !lease.check_set(&self.set)? {
            return Ok(Copied::nothing());
        }
        let asked_for = Some(self.asked_for);
        lease.move_messages(&self.set, &target, WithoutUidPlus::Refuse, asked_for)
    }
}

/// MOVE as a value. Its answer is a [`Copied`].
///
/// ```
#[doc = include_str!("../doc/session.txt")]
/// use latchbox::command::MoveMessages;
/// use latchbox::types::UidSet;
///
/// let mut inbox = session.lock_mailbox("INBOX")?;
/// inbox.run(MoveMessages::new(&UidSet::all(), "Archive")?.unflag_others())?;
/// # assert_eq!(inbox.exists(), 0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
#[must_use = "a command does nothing until it is run"]
pub struct MoveMessages<'u> {
    uids: &'u UidSet,
    target: MailboxName,
    fallback: WithoutUidPlus,
}

impl<'u> MoveMessages<'u> {
    /// Moves messages as [`MailboxGuard::move_to`] does.
    ///
    /// Running it is [`Error::Unsupported`] if the server lacks both MOVE and UIDPLUS.
    ///
    /// # Errors
    ///
    /// [`Error::Argument`] for an invalid name.
    pub fn new(uids: &'u UidSet, target: impl IntoMailboxName) -> Result<Self> {
        Ok(Self {
            uids,
            target: target.into_mailbox_name()?,
            fallback: WithoutUidPlus::Refuse,
        })
    }

    /// Falls back to COPY and EXPUNGE if the server has neither MOVE nor UIDPLUS.
    ///
    /// The messages are copied, flagged and removed by EXPUNGE, while other messages with
    /// `\Deleted` lose the flag and then get it back; for the risk see
    /// [`Expunge::unflag_others`](crate::command::Expunge::unflag_others). If the flag cannot be
    /// added again, the error has the messages that are left without it
    /// ([`Unfinished::deleted_flag_lost`](crate::error::Unfinished::deleted_flag_lost)).
    pub fn unflag_others(mut self) -> Self {
        self.fallback = WithoutUidPlus::UnflagOthers;
        self
    }
}

impl sealed::Command for MoveMessages<'_> {
    fn name(&self) -> &'static str {
        UID_MOVE
    }
}

impl<A: WriteAccess> Command<SelectedState<A>> for MoveMessages<'_> {
    type Answer = Copied;

    fn run_on(self, held: &mut Held) -> Result<Copied> {
        let mut lease = held.lease(UID_MOVE)?;
        if !lease.check_set(self.uids)? {
            return Ok(Copied::nothing());
        }
        let uids = lease.none_below(self.uids)?;
        lease.move_messages(&*uids, &self.target, self.fallback, None)
    }
}

impl MailboxLease<'_> {
    /// Moves messages: by MOVE, or in steps if the server lacks it. `asked_for` is the messages
    /// that these can be, if more is known than the set.
    pub(crate) fn move_messages<S: MessageSet>(
        &mut self,
        set: &S,
        target: &MailboxName,
        fallback: WithoutUidPlus,
        asked_for: Option<AskedFor>,
    ) -> Result<Copied>
    where
        for<'s> SearchKey: From<&'s S>,
    {
        let command = if S::UID { UID_MOVE } else { "MOVE" };
        if !self.check_set(set)? {
            return Ok(Copied::nothing());
        }
        self.check_writable()?;
        let capabilities = self.capabilities()?;
        if !capabilities.supports(&Capability::Move) {
            let has_uid_plus = capabilities.supports(&Capability::UidPlus);
            if !has_uid_plus && fallback == WithoutUidPlus::Refuse {
                return Err(Error::unsupported(command, Capability::Move));
            }
            return self.move_in_steps(set, target, fallback);
        }
        let asked_for = asked_for.unwrap_or_else(|| self.asked_for(set));
        // Modified UTF-7 makes three octets of one at most.
        let room = 3 * target.as_str().len();
        let parts = self.parts(set, room);
        if !S::UID && parts.len() > 1 {
            // Each part that is moved renumbers later messages.
            let uids = self.uids_of(set)?;
            let asked_for = AskedFor::set(uids.numbers());
            let parts = self.parts(&uids, room);
            return self.move_parts(&uids, parts, target, &asked_for);
        }
        self.move_parts(set, parts, target, &asked_for)
    }

    fn move_parts<S: MessageSet>(
        &mut self,
        set: &S,
        parts: Parts,
        target: &MailboxName,
        asked_for: &AskedFor,
    ) -> Result<Copied> {
        let origin = self.held().origin();
        let mut told = MovedSoFar::default();
        let mut messages = MessagesDone::of(set.numbers());
        let done = parts.each(
            "MOVE",
            &mut told,
            |part, told| {
                let mut now = MovedSoFar::default();
                let code = self.execute_into(&Move { set, part, target }, &mut now);
                // If the code is in the tagged response as well, it repeats the earlier one.
                if let Ok(Some(ResponseCode::CopyUid(_))) = &code {
                    now.copied = CopiedSoFar::default();
                }
                told.join(now);
                if code.is_ok() {
                    let command = if S::UID { "UID MOVE" } else { "MOVE" };
                    self.report_part(command, &mut messages, part);
                }
                code
            },
            |told, code| {
                told.copied.hear(code.as_ref());
                told.has_part = true;
            },
        );
        let Err(mut stopped) = done else {
            return Ok(told.copied.finish(target, origin, asked_for));
        };
        let gone = told.take_gone(asked_for);
        let is_shown = told.is_expunged || !gone.is_empty();
        let is_copied = told.has_part || told.copied.is_told();
        stopped.is_begun |= is_copied;
        Err(stopped.into_error(MOVE_TO, is_shown, |unfinished, rest| {
            if S::UID {
                unfinished.remaining = self.held().mark(rest.difference(&gone));
                unfinished.not_done = unfinished.remaining.clone();
            }
            // A message that is gone may have been removed by another client.
            unfinished.copied = is_copied.then(|| told.copied.finish(target, origin, asked_for));
        }))
    }

    /// The safe emulation: messages that are not known to be copied are not flagged, and messages
    /// that this call has not flagged are not removed.
    fn move_in_steps<S: MessageSet>(
        &mut self,
        set: &S,
        target: &MailboxName,
        fallback: WithoutUidPlus,
    ) -> Result<Copied>
    where
        for<'s> SearchKey: From<&'s S>,
    {
        let removal = self.removal(fallback)?;
        self.check_keeps(&Flag::Deleted)?;
        // Exactly these messages: one that arrives later must not be removed uncopied.
        let present = self.uids_of(set)?;
        if present.is_empty() {
            return Ok(Copied::nothing());
        }
        let was_deleted = SearchKey::Uid(present.clone()).and(SearchKey::Deleted);
        let was_deleted = self.search_uids(&was_deleted)?;
        let copied = self
            .copy::<UidSet>(&present, target, None)
            .map_err(|error| {
                let Error::Unfinished(mut unfinished) = error else {
                    return error;
                };
                unfinished.call = MOVE_TO;
                unfinished.remaining = present.clone();
                Error::Unfinished(unfinished)
            })?;
        let none = self.held().mark(UidSet::new());
        let stop = |cause: Error, copied: Copied, flagged: &UidSet| {
            let mut unfinished = cause.into_unfinished(MOVE_TO);
            unfinished.not_done = UidSet::new();
            unfinished.copied = Some(copied);
            if unfinished.expunged.is_none() {
                unfinished.remaining = present.clone();
            }
            unfinished.left_deleted = unfinished.remaining.intersection(flagged)?;
            Err(unfinished.into())
        };
        if copied.pairing() == Pairing::Unparsable {
            return stop(Error::unreadable("UID COPY"), copied, &none);
        }
        let gone = match copied.sources() {
            Some(sources) => present.intersection(&sources)?,
            None => present.clone(),
        };
        // The answer to COPY may have ended the selection.
        if let Err(cause) = self.ready_to_change("UID STORE") {
            return stop(cause, copied, &none);
        }
        self.ignore_stops();
        let removed = self
            .mark_deleted(&gone, StoreAction::Add)
            .and_then(|()| self.remove(MOVE_TO, &gone, removal));
        match removed {
            Ok(expunged) => self.check_copied(copied, expunged, present.difference(&gone)?),
            Err(cause) => {
                let flagged = gone.difference(&was_deleted)?;
                match flagged.is_empty() || self.mark_deleted(&flagged, StoreAction::Remove).is_ok()
                {
                    true => stop(cause, copied, &none),
                    false => stop(cause, copied, &flagged),
                }
            }
        }
    }

    /// The result of a move in steps whose copied messages are removed: an error if others are still
    /// there. Another client may have removed them before they could be copied.
    fn check_copied(
        &mut self,
        copied: Copied,
        expunged: Expunged,
        others: UidSet,
    ) -> Result<Copied> {
        if others.is_empty() {
            return Ok(copied);
        }
        let (left, cause) = match self.search_uids(&SearchKey::Uid(others.clone())) {
            Ok(left) if left.is_empty() => return Ok(copied),
            Ok(left) => (left, Error::MissingData("UID COPY")),
            Err(cause) => (others, cause),
        };
        Err(Unfinished {
            copied: Some(copied),
            expunged: Some(expunged),
            remaining: left.clone(),
            not_done: left,
            ..Unfinished::new(MOVE_TO, cause)
        }
        .into())
    }
}

/// What a MOVE has reported so far.
#[derive(Default)]
struct MovedSoFar {
    copied: CopiedSoFar,
    vanished: NumberSetBuilder,
    /// A message was removed, of which only the sequence number is known.
    is_expunged: bool,
    /// A command was completed by OK.
    has_part: bool,
}

impl MovedSoFar {
    /// Adds what a further command has reported.
    fn join(&mut self, next: Self) {
        self.copied.join(next.copied);
        self.vanished.push_set(&next.vanished.finish());
        self.is_expunged |= next.is_expunged;
    }

    /// Takes those of the requested messages that were moved or are gone, as far as their UIDs were
    /// reported.
    fn take_gone(&mut self, asked_for: &AskedFor) -> NumberSet {
        let sources = self.copied.sources(asked_for).unwrap_or_default();
        let vanished = asked_for.cut(std::mem::take(&mut self.vanished).finish());
        sources.as_numbers().union(&vanished)
    }
}

/// MOVE of as many messages as go into one command.
struct Move<'m, S> {
    set: &'m S,
    part: &'m NumberSet,
    target: &'m MailboxName,
}

impl<S> Batchable<SelectedState<ReadWrite>> for Move<'_, S> {
    type Answer = ();
}

impl<S: MessageSet> Exchange<SelectedState<ReadWrite>> for Move<'_, S> {
    type Plan = ();
    type Partial = MovedSoFar;

    fn name(&self) -> &'static str {
        if S::UID { UID_MOVE } else { "MOVE" }
    }

    fn plan(&self, lease: &mut MailboxLease<'_>) -> Result<Planned<(), ()>> {
        lease.confirm_numbering(self.name(), self.set.numbering())?;
        lease.check_writable()?;
        Ok(Planned::Send(()))
    }

    fn encode<'a>(&'a self, _plan: &'a (), encoder: &mut Encoder<'a>) -> Result<()> {
        encoder.raw(self.name()).sp();
        encoder.message_set::<S>(self.part).sp();
        encoder.mailbox(self.target)?;
        Ok(())
    }

    fn footprint<'a>(&'a self, _plan: &'a ()) -> Footprint<'a> {
        Footprint::Copies(self.part, self.target)
    }

    fn claim<'r>(
        &self,
        _sent: Sent<'_, ()>,
        told: &mut MovedSoFar,
        data: Untagged<'r>,
    ) -> Option<Untagged<'r>> {
        match &data {
            // By RFC 6851 the code comes before the messages are removed, in an untagged OK.
            Untagged::Status { text, .. } => {
                told.copied.hear(text.code.as_ref());
            }
            Untagged::Expunge(_) => told.is_expunged = true,
            Untagged::Vanished {
                earlier: false,
                uids,
            } => told.vanished.push_set(uids),
            _ => {}
        }
        Some(data)
    }

    fn finish(&self, (): (), _told: MovedSoFar, _lease: &mut MailboxLease<'_>) -> Result<()> {
        Ok(())
    }
}
