//! MOVE (RFC 9051 section 6.4.8), and what stands in for it where the server does not have it.

use crate::error::{Error, Result, Unfinished};
use crate::mailbox_guard::numbered::Numbered;
use crate::mailbox_guard::parts::Parts;
use crate::mailbox_guard::saved_search::SavedSearch;
use crate::mailbox_guard::{Held, Keeping, MailboxGuard, ReadWrite};
use crate::types::asked_for::AskedFor;
use crate::types::capability::Capability;
use crate::types::copied::{Copied, CopiedSoFar, Pairing};
use crate::types::expunged::ExpungeOptions;
use crate::types::flag::Flag;
use crate::types::mailbox_name::MailboxName;
use crate::types::message_set::MessageSet;
use crate::types::number_set::NumberSet;
use crate::types::response_code::ResponseCode;
use crate::types::search::SearchKey;
use crate::types::sequence_set::SequenceSet;
use crate::types::store::StoreAction;
use crate::types::uid_set::UidSet;
use crate::wire::response::Untagged;

/// What the public calls of this file are called in errors.
const MOVE_TO: &str = "move_to";

impl<K: Keeping> MailboxGuard<'_, ReadWrite, K> {
    /// Moves messages to another mailbox (UID MOVE): for each message in one step, so that none is
    /// ever in both or in neither. For sequence numbers see [`numbered`](Self::numbered).
    ///
    /// On a server without MOVE: UID SEARCH tells which messages there are and which of them are
    /// flagged `\Deleted` already, UID COPY copies them, UID STORE flags just what was copied, and
    /// UID EXPUNGE (UIDPLUS) removes just that. Each step is taken only when the one before it
    /// succeeded, so no message is lost; for a moment it is in both mailboxes.
    ///
    /// An empty set that a search gave is nothing to do.
    ///
    /// # Errors
    ///
    /// [`Error::Unsupported`] before anything is sent when the server has neither MOVE nor UIDPLUS;
    /// [`MailboxError::NotKept`](crate::MailboxError::NotKept) when it has no MOVE and the mailbox
    /// does not keep `\Deleted`. [`Error::Unfinished`] when messages were copied or moved and a
    /// later step failed: it tells what was copied, what is still here, and what is left flagged
    /// `\Deleted` because that could not be taken back. A refusal of the first step leaves all as
    /// it was, and is as for [`copy`](Self::copy).
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
    pub fn move_to<N>(&mut self, uids: &UidSet, target: N) -> Result<Copied>
    where
        N: TryInto<MailboxName, Error: Into<Error>>,
    {
        self.move_to_with(uids, target, ExpungeOptions::new())
    }

    /// The same with a way for servers that have neither MOVE nor UIDPLUS:
    /// [`unflag_others`](ExpungeOptions::unflag_others).
    ///
    /// # Errors
    ///
    /// As for [`move_to`](Self::move_to) and [`expunge_uids_with`](Self::expunge_uids_with).
    ///
    /// ```
    #[doc = include_str!("../doc/session.txt")]
    /// use latchbox::command::ExpungeOptions;
    /// use latchbox::types::UidSet;
    ///
    /// let mut inbox = session.lock_mailbox("INBOX")?;
    /// let options = ExpungeOptions::new().unflag_others();
    /// inbox.move_to_with(&UidSet::all(), "Archive", options)?;
    /// assert_eq!(inbox.exists(), 0);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn move_to_with<N>(
        &mut self,
        uids: &UidSet,
        target: N,
        options: ExpungeOptions,
    ) -> Result<Copied>
    where
        N: TryInto<MailboxName, Error: Into<Error>>,
    {
        let target = target.try_into().map_err(Into::into)?;
        if !self.held.check_set("UID MOVE", uids)? {
            return Ok(Copied::nothing());
        }
        let uids = self.held.none_below(uids)?;
        self.held.move_messages(&*uids, &target, options, None)
    }
}

impl<'n> Numbered<'n, ReadWrite> {
    /// Moves messages to another mailbox (MOVE): for each message in one step, so that none is
    /// ever in both or in neither. An empty set is nothing to do.
    ///
    /// Uses the view up, because the messages behind those that go get other numbers. On a server
    /// without MOVE their UIDs are searched for and the steps of [`MailboxGuard::move_to`] are
    /// taken.
    ///
    /// # Errors
    ///
    /// As for [`MailboxGuard::move_to`]; [`MailboxError::Renumbered`] and
    /// [`MailboxError::ForeignNumbers`] before anything is sent.
    ///
    /// [`MailboxError::Renumbered`]: crate::MailboxError::Renumbered
    /// [`MailboxError::ForeignNumbers`]: crate::MailboxError::ForeignNumbers
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
    pub fn move_to<N>(self, set: &SequenceSet<'n>, target: N) -> Result<Copied>
    where
        N: TryInto<MailboxName, Error: Into<Error>>,
    {
        let target = target.try_into().map_err(Into::into)?;
        let options = ExpungeOptions::new();
        self.held.move_messages(set, &target, options, None)
    }
}

impl<K: Keeping> SavedSearch<'_, '_, ReadWrite, K> {
    /// Moves the messages that were found to another mailbox (UID MOVE with `$`; by their UIDs where
    /// the server does not have MOVE). Uses the view up, for nothing is left in it.
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
    pub fn move_to<N>(mut self, target: N) -> Result<Copied>
    where
        N: TryInto<MailboxName, Error: Into<Error>>,
    {
        let mut connection = self.guard.held.connection("UID MOVE")?;
        let can_move = connection.capabilities()?.supports(&Capability::Move);
        drop(connection);
        if !can_move {
            self.set = self.uids()?;
        }
        let target = target.try_into().map_err(Into::into)?;
        let held = &self.guard.held;
        if !held.check_set("UID MOVE", &self.set)? {
            return Ok(Copied::nothing());
        }
        let asked_for = Some(self.asked_for);
        held.move_messages(&self.set, &target, ExpungeOptions::new(), asked_for)
    }
}

impl Held {
    /// Moves messages: by MOVE, or step by step where there is none. `asked_for` is which messages
    /// these can be, if that is known better than by the set.
    pub(crate) fn move_messages<S: MessageSet>(
        &self,
        set: &S,
        target: &MailboxName,
        options: ExpungeOptions,
        asked_for: Option<AskedFor>,
    ) -> Result<Copied>
    where
        for<'s> SearchKey: From<&'s S>,
    {
        let command = if S::UID { "UID MOVE" } else { "MOVE" };
        if !self.check_set(command, set)? {
            return Ok(Copied::nothing());
        }
        let mut connection = self.connection_to_change(command)?;
        let capabilities = connection.capabilities()?;
        if !capabilities.supports(&Capability::Move) {
            let has_uid_plus = capabilities.supports(&Capability::UidPlus);
            if !has_uid_plus && !options.unflag_others {
                return Err(Error::unsupported(command, Capability::Move));
            }
            drop(connection);
            return self.move_in_steps(set, target, options);
        }
        drop(connection);
        let asked_for = asked_for.map_or_else(|| self.asked_for(set), Ok)?;
        // Modified UTF-7 makes three octets of one at most.
        let room = 3 * target.as_str().len();
        let parts = self.parts(set, room)?;
        if !S::UID && parts.len() > 1 {
            // Each part that goes gives those behind it other numbers.
            let uids = self.uids_of(set)?;
            let asked_for = AskedFor::set(uids.numbers());
            return self.move_parts(&uids, self.parts(&uids, room)?, target, &asked_for);
        }
        self.move_parts(set, parts, target, &asked_for)
    }

    fn move_parts<S: MessageSet>(
        &self,
        set: &S,
        mut parts: Parts,
        target: &MailboxName,
        asked_for: &AskedFor,
    ) -> Result<Copied> {
        let mut told = CopiedSoFar::default();
        let mut is_begun = false;
        while let Some(part) = parts.take() {
            let mut told_now = CopiedSoFar::default();
            let moved = self.move_part(set, &part, target, &mut told_now);
            let has_moved = told_now.sources(asked_for).is_some();
            told.join(told_now);
            match moved.or_else(|cause| parts.go_on_below(&part, cause)) {
                Ok(code) => {
                    told.hear(code.as_ref());
                    is_begun = true;
                }
                Err(cause) if !is_begun && !has_moved => return Err(cause),
                Err(cause) => {
                    let mut unfinished = Unfinished::new(MOVE_TO, cause);
                    if S::UID {
                        let gone = told.sources(asked_for).unwrap_or_default();
                        let left = UidSet::from(parts.rest(&part));
                        unfinished.remaining = self.mark(left.difference(&gone).unwrap_or(left));
                        unfinished.undone = unfinished.remaining.clone();
                    }
                    unfinished.copied = Some(told.finish(target, self.origin(), asked_for));
                    return Err(unfinished.into());
                }
            }
        }
        Ok(told.finish(target, self.origin(), asked_for))
    }

    /// MOVE of as many messages as go into one command.
    fn move_part<S: MessageSet>(
        &self,
        set: &S,
        part: &NumberSet,
        target: &MailboxName,
        told: &mut CopiedSoFar,
    ) -> Result<Option<ResponseCode>> {
        let command = if S::UID { "UID MOVE" } else { "MOVE" };
        let mut connection = self.connection_to_change(command)?;
        self.confirm_numbering(&mut connection, command, set.numbering())?;
        let code = connection.run(
            command,
            |encoder| {
                encoder.raw(command).sp().message_set::<S>(part).sp();
                encoder.mailbox(target)?;
                Ok(())
            },
            |data| {
                // RFC 6851 has the code come before the messages go, in an untagged OK.
                if let Untagged::Status { text, .. } = &data {
                    told.hear(text.code.as_ref());
                }
                Some(data)
            },
        )?;
        // Where it comes at the end as well, it is the same once more.
        if matches!(code, Some(ResponseCode::CopyUid(_))) {
            *told = CopiedSoFar::default();
        }
        Ok(code)
    }

    /// The safe emulation: what is not known to be copied is not flagged, and what is not flagged
    /// by this call is not removed.
    fn move_in_steps<S: MessageSet>(
        &self,
        set: &S,
        target: &MailboxName,
        options: ExpungeOptions,
    ) -> Result<Copied>
    where
        for<'s> SearchKey: From<&'s S>,
    {
        let removal = self.removal(options)?;
        self.check_keeps(&Flag::Deleted)?;
        // Exactly these from now on: what arrives meanwhile must not be removed uncopied.
        let present = self.uids_of(set)?;
        if present.is_empty() {
            return Ok(Copied::nothing());
        }
        let was_deleted = SearchKey::Uid(present.clone()).and(SearchKey::Deleted);
        let was_deleted = self.search_uids(&was_deleted)?;
        let copied = self
            .copy_messages::<UidSet>(&present, target, None)
            .map_err(|error| {
                let Error::Unfinished(mut unfinished) = error else {
                    return error;
                };
                unfinished.call = MOVE_TO;
                unfinished.remaining = present.clone();
                Error::Unfinished(unfinished)
            })?;
        let stop = |cause: Error, copied: Copied, left_deleted: UidSet| {
            let mut unfinished = cause.into_unfinished(MOVE_TO);
            unfinished.undone = UidSet::new();
            unfinished.copied = Some(copied);
            if unfinished.expunged.is_none() {
                unfinished.remaining = present.clone();
                unfinished.left_deleted = left_deleted;
            }
            Err(unfinished.into())
        };
        if copied.pairing() == Pairing::Unreadable {
            return stop(
                Error::unreadable("UID COPY"),
                copied,
                self.mark(UidSet::new()),
            );
        }
        let gone = match copied.sources() {
            Some(sources) => present.intersection(&sources)?,
            None => present.clone(),
        };
        if gone.is_empty() {
            return Ok(copied);
        }
        let removed = self
            .mark_deleted(&gone, StoreAction::Add)
            .and_then(|()| self.remove(MOVE_TO, &gone, removal));
        match removed {
            Ok(_) => Ok(copied),
            Err(cause) => {
                let flagged = gone.difference(&was_deleted)?;
                let left = match flagged.is_empty()
                    || self.mark_deleted(&flagged, StoreAction::Remove).is_ok()
                {
                    true => self.mark(UidSet::new()),
                    false => flagged,
                };
                stop(cause, copied, left)
            }
        }
    }
}
