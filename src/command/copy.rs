//! COPY (RFC 9051 section 6.4.7).

use std::borrow::Cow;

use crate::connection::on_progress::MessagesDone;
use crate::connection::pipeline::{Among, Footprint};
use crate::error::Result;
use crate::exchange::{Batchable, Command, Exchange, Planned, Sent, sealed};
use crate::mailbox_guard::lease::{Held, MailboxLease, SelectedState};
use crate::mailbox_guard::numbered::Numbered;
use crate::mailbox_guard::saved_search::SavedSearch;
use crate::mailbox_guard::{Access, MailboxGuard};

use crate::types::asked_for::AskedFor;
use crate::types::copied::{Copied, CopiedSoFar};
use crate::types::mailbox_name::{IntoMailboxName, MailboxName};
use crate::types::message_set::MessageSet;
use crate::types::number_set::NumberSet;
use crate::types::response_code::ResponseCode;
use crate::types::search::SearchKey;
use crate::types::sequence_set::SequenceSet;
use crate::types::uid_set::UidSet;
use crate::wire::encoder::Encoder;
use crate::wire::response::Untagged;

/// COPY as a value (see [`MailboxGuard::run`]); its answer is a [`Copied`].
///
/// ```
#[doc = include_str!("../doc/session.txt")]
/// use latchbox::command::CopyMessages;
/// use latchbox::types::UidSet;
///
/// let mut inbox = session.lock_mailbox("INBOX")?;
/// let all = UidSet::all();
/// let batch = [CopyMessages::new(&all, "Archive")?, CopyMessages::new(&all, "Trash")?];
/// for copied in inbox.pipeline(batch)? {
///     println!("{:?}", copied?.copies());
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct CopyMessages<'u, S = UidSet> {
    set: &'u S,
    target: Cow<'u, MailboxName>,
    /// The part of the set that is sent, if it was checked as a whole and divided.
    part: Option<&'u NumberSet>,
}

impl<'u> CopyMessages<'u> {
    /// Copies these messages to another mailbox.
    ///
    /// # Errors
    ///
    /// [`Error::Argument`](crate::Error::Argument) if the name is invalid. All other errors are the
    /// outcome of the command, as for [`MailboxGuard::copy`]. In a command batch a set that does
    /// not fit into one command is [`Error::Argument`](crate::Error::Argument) too.
    pub fn new(uids: &'u UidSet, target: impl IntoMailboxName) -> Result<Self> {
        let target = target.into_mailbox_name()?;
        Ok(Self::of(uids, Cow::Owned(target)))
    }
}

impl<'u, S> CopyMessages<'u, S> {
    fn of(set: &'u S, target: Cow<'u, MailboxName>) -> Self {
        Self {
            set,
            target,
            part: None,
        }
    }
}

fn name<S: MessageSet>() -> &'static str {
    if S::UID { "UID COPY" } else { "COPY" }
}

impl<A: Access> Command<SelectedState<A>> for CopyMessages<'_> {
    type Answer = Copied;

    fn run_on(self, held: &mut Held) -> Result<Copied> {
        let mut lease = held.lease(name::<UidSet>())?;
        lease.copy(self.set, &self.target, None)
    }
}

impl<S: MessageSet> sealed::Command for CopyMessages<'_, S> {
    fn name(&self) -> &'static str {
        name::<S>()
    }
}

impl<A: Access, S> Batchable<SelectedState<A>> for CopyMessages<'_, S> {
    type Answer = Copied;
}

impl<A: Access, S: MessageSet> Exchange<SelectedState<A>> for CopyMessages<'_, S> {
    type Plan = ();
    type Partial = CopiedSoFar;

    fn name(&self) -> &'static str {
        name::<S>()
    }

    fn plan(&self, lease: &mut MailboxLease<'_>) -> Result<Planned<(), Copied>> {
        if self.part.is_none() {
            if !lease.check_set(self.set)? {
                return Ok(Planned::Done(Copied::nothing()));
            }
            lease.check_length(self.set, room(&self.target))?;
        }
        lease.confirm_numbering(name::<S>(), self.set.numbering())?;
        Ok(Planned::Send(()))
    }

    fn encode<'a>(&'a self, _plan: &'a (), encoder: &mut Encoder<'a>) -> Result<()> {
        let numbers = self.part.unwrap_or(self.set.numbers());
        encoder.raw(name::<S>()).sp().message_set::<S>(numbers).sp();
        encoder.mailbox(&self.target)?;
        Ok(())
    }

    fn footprint<'a>(&'a self, _plan: &'a ()) -> Footprint<'a> {
        Footprint::Copies(self.set.numbers(), &self.target)
    }

    fn claim_loosely<'r>(
        &self,
        _sent: Sent<'_, ()>,
        heard: &mut CopiedSoFar,
        data: Untagged<'r>,
        among: Among,
    ) -> Option<Untagged<'r>> {
        if let Untagged::Status { text, .. } = &data {
            if among.is_oldest && !among.is_notifying {
                heard.hear(text.code.as_ref());
            }
        }
        Some(data)
    }

    fn complete(&self, heard: &mut CopiedSoFar, code: Option<ResponseCode>) {
        *heard = std::mem::take(heard).or(code);
    }

    fn finish(&self, (): (), heard: CopiedSoFar, lease: &mut MailboxLease<'_>) -> Result<Copied> {
        let asked_for = AskedFor::set(self.set.numbers());
        Ok(heard.finish(&self.target, lease.held().origin(), &asked_for))
    }
}

impl<A: Access> MailboxGuard<'_, A> {
    /// Copies messages to another mailbox (UID COPY).
    ///
    /// Flags and dates are copied too. A COPY is atomic: it copies all messages or, if it fails,
    /// none. A set that is too long for one command is divided into several. An empty set that a
    /// search returned sends nothing. For sequence numbers see [`numbered`](Self::numbered).
    ///
    /// # Errors
    ///
    /// Before anything is sent: [`Error::StaleUids`](crate::Error::StaleUids) if the UIDs are of
    /// another mailbox; [`Error::Argument`](crate::Error::Argument) if the set is empty and was
    /// built by the caller. Then [`Error::Refused`](crate::Error::Refused), with the code
    /// `TRYCREATE` if the target does not exist and could be created;
    /// [`Error::Unfinished`](crate::Error::Unfinished) if one of several commands fails after
    /// another succeeded, or the server refuses after it has reported copies;
    /// [`Error::Mailbox`](crate::Error::Mailbox);
    /// [`Error::Closed`](crate::Error::Closed), after which the messages [may be
    /// copied](crate::Error::may_have_taken_effect).
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
    /// # assert_eq!(copied.copies().map(|copies| copies.len()), Some(all.len()));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[doc(alias = "COPY")]
    #[doc(alias = "uid_copy")]
    #[doc(alias = "COPYUID")]
    pub fn copy(&mut self, uids: &UidSet, target: impl IntoMailboxName) -> Result<Copied> {
        let target = target.into_mailbox_name()?;
        self.held.lease("UID COPY")?.copy(uids, &target, None)
    }
}

impl<'n, A: Access> Numbered<'n, A> {
    /// Copies messages to another mailbox (COPY). An empty set sends nothing.
    ///
    /// Consumes the view, because the server may remove messages meanwhile, which changes sequence
    /// numbers.
    ///
    /// # Errors
    ///
    /// As for [`MailboxGuard::copy`]. Before anything is sent: [`MailboxError::Renumbered`] and
    /// [`MailboxError::ForeignNumbers`].
    ///
    /// [`MailboxError::Renumbered`]: crate::error::MailboxError::Renumbered
    /// [`MailboxError::ForeignNumbers`]: crate::error::MailboxError::ForeignNumbers
    ///
    /// ```
    #[doc = include_str!("../doc/session.txt")]
    /// let mut inbox = session.lock_mailbox_read_only("INBOX")?;
    /// let numbered = inbox.numbered();
    /// let last_50 = numbered.last(50);
    /// let copied = numbered.copy(&last_50, "Archive")?;
    /// # assert_eq!(copied.copies().map(|copies| copies.len()), Some(1));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[doc(alias = "COPY")]
    #[doc(alias = "uid_copy")]
    #[doc(alias = "COPYUID")]
    pub fn copy(self, set: &SequenceSet<'n>, target: impl IntoMailboxName) -> Result<Copied> {
        let target = target.into_mailbox_name()?;
        self.held.lease("COPY")?.copy(set, &target, None)
    }
}

impl<A: Access> SavedSearch<'_, A> {
    /// Copies the found messages to another mailbox (UID COPY with `$`).
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
    #[doc(alias = "COPY")]
    #[doc(alias = "uid_copy")]
    #[doc(alias = "COPYUID")]
    pub fn copy(&mut self, target: impl IntoMailboxName) -> Result<Copied> {
        let target = target.into_mailbox_name()?;
        let asked_for = self.asked_for.clone();
        let mut lease = self.held.lease("UID COPY")?;
        lease.copy(&self.set, &target, Some(asked_for))
    }
}

impl MailboxLease<'_> {
    /// Copies messages, in as many commands as it takes; if a later one fails, the error has what
    /// the earlier ones did. `asked_for` is the messages that these can be, if more is known than
    /// the set.
    pub(crate) fn copy<S: MessageSet>(
        &mut self,
        set: &S,
        target: &MailboxName,
        asked_for: Option<AskedFor>,
    ) -> Result<Copied>
    where
        for<'s> SearchKey: From<&'s S>,
    {
        if !self.check_set(set)? {
            return Ok(Copied::nothing());
        }
        let asked_for = asked_for.unwrap_or_else(|| self.asked_for(set));
        let parts = self.parts_to_copy(set, room(target))?;
        let origin = self.held().origin();
        let mut heard = CopiedSoFar::default();
        let mut messages = MessagesDone::of(set.numbers());
        let done = parts.each(
            "COPY",
            &mut heard,
            |part, heard| {
                let mut now = CopiedSoFar::default();
                let copy = CopyMessages {
                    part: Some(part),
                    ..CopyMessages::of(set, Cow::Borrowed(target))
                };
                match self.execute_into(&copy, &mut now) {
                    Ok(code) => heard.join(now.or(code)),
                    Err(cause) => {
                        heard.join(now);
                        return Err(cause);
                    }
                }
                self.report_part(name::<S>(), &mut messages, part);
                Ok(None)
            },
            |_, _| {},
        );
        let Err(stopped) = done else {
            return Ok(heard.finish(target, origin, &asked_for));
        };
        let is_shown = heard.is_told();
        Err(stopped.into_error("copy", is_shown, |unfinished, rest| {
            if S::UID {
                let copied = heard.sources(&asked_for).unwrap_or_default();
                let left = rest.difference(copied.as_numbers());
                unfinished.not_done = self.held().mark(left);
            }
            unfinished.copied = Some(heard.finish(target, origin, &asked_for));
        }))
    }
}

/// The most octets that a name takes: modified UTF-7 makes three of one.
fn room(target: &MailboxName) -> usize {
    3 * target.as_str().len()
}
