//! COPY (RFC 9051 section 6.4.7).

use std::sync::Arc;

use crate::connection::pipeline::{Among, Concern};
use crate::error::{Error, Result, Unfinished};
use crate::mailbox_guard::numbered::Numbered;
use crate::mailbox_guard::saved_search::SavedSearch;
use crate::mailbox_guard::{Access, Held, Keeping, MailboxGuard};
use crate::pipeline::{Ask, Command, Need, Place, SelectedState, sealed};
use crate::types::asked_for::AskedFor;
use crate::types::copied::{Copied, CopiedSoFar};
use crate::types::mailbox_name::MailboxName;
use crate::types::message_set::MessageSet;
use crate::types::number_set::NumberSet;
use crate::types::origin::Origin;
use crate::types::response_code::ResponseCode;
use crate::types::search::SearchKey;
use crate::types::sequence_set::SequenceSet;
use crate::types::uid_set::UidSet;
use crate::wire::encoder::Encoder;
use crate::wire::response::Untagged;

/// COPY as a command of a batch (see [`MailboxGuard::pipeline`]); its answer is a [`Copied`].
///
/// ```
#[doc = include_str!("../doc/session.txt")]
/// use latchbox::command::Copy;
/// use latchbox::types::UidSet;
///
/// let mut inbox = session.lock_mailbox("INBOX")?;
/// let all = UidSet::all();
/// let batch = [Copy::new(&all, "Archive")?, Copy::new(&all, "Trash")?];
/// for copied in inbox.pipeline(batch)? {
///     println!("{:?}", copied?.copies());
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Copy<'u> {
    uids: &'u UidSet,
    target: MailboxName,
}

impl<'u> Copy<'u> {
    /// Copies messages to another mailbox: all of them or, when it fails, none.
    ///
    /// # Errors
    ///
    /// [`Error::Argument`] for a name that cannot be one. All else is the outcome of the command,
    /// with the errors of [`MailboxGuard::copy`]; [`Error::Argument`] also for a set that does not
    /// go in one command, which is what stands in a batch.
    pub fn new<N>(uids: &'u UidSet, target: N) -> Result<Self>
    where
        N: TryInto<MailboxName, Error: Into<Error>>,
    {
        let target = target.try_into().map_err(Into::into)?;
        Ok(Self { uids, target })
    }
}

impl sealed::Command for Copy<'_> {}

impl<A: Access> Command<SelectedState<A>> for Copy<'_> {
    type Answer = Copied;
}

impl<A: Access> Ask<SelectedState<A>> for Copy<'_> {
    type Heard = CopiedSoFar;

    fn name(&self) -> &'static str {
        "UID COPY"
    }

    fn check(&self, place: &mut Place<'_>) -> Result<Need> {
        let Some(held) = place.held() else {
            return Ok(Need::Send);
        };
        if !held.check_set("UID COPY", self.uids)? {
            return Ok(Need::Nothing);
        }
        held.check_length(self.uids, room(&self.target))?;
        Ok(Need::Send)
    }

    fn encode<'a>(&'a self, encoder: &mut Encoder<'a>) -> Result<()> {
        encode::<UidSet>(encoder, self.uids.numbers(), &self.target)
    }

    fn concern(&self) -> Concern<'_> {
        Concern::Copies(self.uids.numbers(), &self.target)
    }

    fn claim_loosely<'r>(
        &self,
        heard: &mut Self::Heard,
        data: Untagged<'r>,
        among: Among,
    ) -> Option<Untagged<'r>> {
        if among.is_oldest && !among.is_notifying {
            listen(heard, &data);
        }
        Some(data)
    }

    fn finish(
        &self,
        heard: Self::Heard,
        code: Option<ResponseCode>,
        origin: Option<&Arc<Origin>>,
    ) -> Result<Copied> {
        let asked_for = AskedFor::set(self.uids.numbers());
        let copied = |here: &Arc<Origin>| heard.or(code).finish(&self.target, here, &asked_for);
        Ok(origin.map_or_else(Copied::nothing, copied))
    }
}

impl<A: Access, K: Keeping> MailboxGuard<'_, A, K> {
    /// Copies messages to another mailbox (UID COPY): all of them or, when it fails, none. For
    /// sequence numbers see [`numbered`](Self::numbered).
    ///
    /// Flags and dates go along. An empty set that a search gave is nothing to do.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`], with the code `TRYCREATE` when there is no such mailbox and it could be
    /// created; [`Error::StaleUids`] for UIDs of elsewhere; [`Error::Argument`] for an empty set
    /// made by hand; [`Error::Mailbox`], [`Error::Closed`].
    ///
    /// ```
    #[doc = include_str!("../doc/session.txt")]
    /// use latchbox::types::SearchKey;
    ///
    /// let mut inbox = session.lock_mailbox_read_only("INBOX")?;
    /// let all = inbox.search(SearchKey::All)?;
    /// let copied = inbox.copy(&all, "Archive")?;
    /// for (original, copy) in copied.pairs() {
    ///     println!("{original} is {copy} in Archive");
    /// }
    /// # assert_eq!(copied.copies().and_then(|copies| copies.len()), all.len());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn copy<N>(&mut self, uids: &UidSet, target: N) -> Result<Copied>
    where
        N: TryInto<MailboxName, Error: Into<Error>>,
    {
        let target = target.try_into().map_err(Into::into)?;
        self.held.copy_messages(uids, &target, None)
    }
}

impl<'n, A: Access> Numbered<'n, A> {
    /// Copies messages to another mailbox (COPY): all of them or, when it fails, none. An empty
    /// set is nothing to do.
    ///
    /// Uses the view up, because the server may remove messages meanwhile and numbers change.
    ///
    /// # Errors
    ///
    /// As for [`MailboxGuard::copy`]; [`MailboxError::Renumbered`] and
    /// [`MailboxError::ForeignNumbers`] before anything is sent.
    ///
    /// [`MailboxError::Renumbered`]: crate::MailboxError::Renumbered
    /// [`MailboxError::ForeignNumbers`]: crate::MailboxError::ForeignNumbers
    ///
    /// ```
    #[doc = include_str!("../doc/session.txt")]
    /// let mut inbox = session.lock_mailbox_read_only("INBOX")?;
    /// let numbered = inbox.numbered();
    /// let last_50 = numbered.last(50);
    /// let copied = numbered.copy(&last_50, "Archive")?;
    /// # assert_eq!(copied.copies().and_then(|copies| copies.len()), Some(1));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn copy<N>(self, set: &SequenceSet<'n>, target: N) -> Result<Copied>
    where
        N: TryInto<MailboxName, Error: Into<Error>>,
    {
        let target = target.try_into().map_err(Into::into)?;
        self.held.copy_messages(set, &target, None)
    }
}

impl<A: Access, K: Keeping> SavedSearch<'_, '_, A, K> {
    /// Copies the messages that were found to another mailbox (UID COPY with `$`).
    ///
    /// # Errors
    ///
    /// As for [`MailboxGuard::copy`].
    ///
    /// ```
    #[doc = include_str!("../doc/session.txt")]
    /// use latchbox::types::{SearchKey};
    ///
    /// let mut inbox = session.lock_mailbox("INBOX")?;
    /// let mut unread = inbox.search_saved(SearchKey::Unseen)?;
    /// unread.copy("Archive")?;
    /// # assert_eq!(server.messages("Archive").len(), 2);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn copy<N>(&mut self, target: N) -> Result<Copied>
    where
        N: TryInto<MailboxName, Error: Into<Error>>,
    {
        let target = target.try_into().map_err(Into::into)?;
        let asked_for = self.asked_for.clone();
        self.guard
            .held
            .copy_messages(&self.set, &target, Some(asked_for))
    }
}

impl Held {
    /// Copies messages, in as many commands as it takes; an error of one that is not the first tells
    /// what is done. `asked_for` is which messages these can be, if that is known better than by the
    /// set.
    pub(crate) fn copy_messages<S: MessageSet>(
        &self,
        set: &S,
        target: &MailboxName,
        asked_for: Option<AskedFor>,
    ) -> Result<Copied>
    where
        for<'s> SearchKey: From<&'s S>,
    {
        let command = if S::UID { "UID COPY" } else { "COPY" };
        if !self.check_set(command, set)? {
            return Ok(Copied::nothing());
        }
        let asked_for = asked_for.map_or_else(|| self.asked_for(set), Ok)?;
        let mut parts = self.parts_to_copy(set, room(target))?;
        let mut told = CopiedSoFar::default();
        let mut is_begun = false;
        while let Some(part) = parts.take() {
            match self.copy_part(set, &part, target) {
                Ok(part) => told.join(part),
                Err(cause) if !is_begun => return Err(cause),
                Err(cause) => {
                    let mut unfinished = Unfinished::new("copy", cause);
                    unfinished.copied = Some(told.finish(target, self.origin(), &asked_for));
                    if S::UID {
                        unfinished.undone = self.mark(parts.rest(&part));
                    }
                    return Err(unfinished.into());
                }
            };
            is_begun = true;
        }
        Ok(told.finish(target, self.origin(), &asked_for))
    }

    /// COPY of as many messages as go into one command.
    fn copy_part<S: MessageSet>(
        &self,
        set: &S,
        part: &NumberSet,
        target: &MailboxName,
    ) -> Result<CopiedSoFar> {
        let command = if S::UID { "UID COPY" } else { "COPY" };
        let mut connection = self.connection(command)?;
        self.confirm_numbering(&mut connection, command, set.numbering())?;
        let mut told = CopiedSoFar::default();
        let code = connection.run(
            command,
            |encoder| encode::<S>(encoder, part, target),
            |data| {
                listen(&mut told, &data);
                Some(data)
            },
        )?;
        Ok(told.or(code))
    }
}

/// How many octets a name takes at most: modified UTF-7 makes three of one.
fn room(target: &MailboxName) -> usize {
    3 * target.as_str().len()
}

fn encode<S: MessageSet>(
    encoder: &mut Encoder<'_>,
    numbers: &NumberSet,
    target: &MailboxName,
) -> Result<()> {
    encoder.raw(if S::UID { "UID COPY " } else { "COPY " });
    encoder.message_set::<S>(numbers).sp().mailbox(target)?;
    Ok(())
}

/// Some servers send COPYUID before the OK, as it is for MOVE.
fn listen(told: &mut CopiedSoFar, data: &Untagged<'_>) {
    if let Untagged::Status { text, .. } = data {
        told.hear(text.code.as_ref());
    }
}
