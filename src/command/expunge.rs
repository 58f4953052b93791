//! EXPUNGE and UID EXPUNGE (RFC 9051 sections 6.4.3 and 6.4.9): remove messages permanently;
//! with deletion, which is STORE of `\Deleted` and then removal.

mod sparing;

use std::borrow::Cow;

use crate::connection::on_progress::MessagesDone;
use crate::error::{Error, Result, Unfinished};
use crate::exchange::{Batchable, Command, Exchange, Planned, Sent, sealed};
use crate::mailbox_guard::lease::Held;
use crate::mailbox_guard::lease::{MailboxLease, SelectedState};
use crate::mailbox_guard::saved_search::SavedSearch;
use crate::mailbox_guard::{Access, MailboxGuard, ReadWrite, WriteAccess};
use crate::types::capability::Capability;
use crate::types::expunged::{Chosen, Expunged, WithoutUidPlus};
use crate::types::flag::Flag;
use crate::types::message_set::MessageSet;
use crate::types::number_set::{NumberSet, NumberSetBuilder};
use crate::types::search::SearchKey;
use crate::types::store::StoreAction;
use crate::types::uid::SeqNum;
use crate::types::uid_set::UidSet;
use crate::wire::encoder::Encoder;
use crate::wire::response::Untagged;

const UID_EXPUNGE: &str = "UID EXPUNGE";

/// A way to remove only some of the messages with `\Deleted`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Removal {
    /// By UID EXPUNGE.
    ByUid,
    /// By EXPUNGE, while all other messages are without `\Deleted`.
    OthersUnflagged,
}

impl<A: Access> MailboxGuard<'_, A> {
    /// Permanently removes those of these messages that have `\Deleted` (UID EXPUNGE, RFC 4315).
    ///
    /// Never removes other messages. If the server lacks UIDPLUS, it could only remove all messages
    /// with `\Deleted`, whichever client has flagged them. That is not done, unless an [`Expunge`]
    /// allows it ([`unflag_others`](Expunge::unflag_others)). An empty set that a search returned
    /// sends nothing.
    ///
    /// # Errors
    ///
    /// Before anything is sent: [`Error::Unsupported`] if the server lacks UIDPLUS;
    /// [`Error::StaleUids`] for UIDs of another mailbox or UIDVALIDITY; [`Error::Argument`] for an
    /// empty set that was built by the caller. Then [`Error::Refused`]; [`Error::Unfinished`] if
    /// one of several commands fails after another succeeded, or the server refuses after it has
    /// removed some; [`Error::Mailbox`]; [`Error::Closed`].
    ///
    /// ```
    #[doc = include_str!("../doc/session.txt")]
    /// use latchbox::types::{Flag, SearchKey, StoreAction};
    ///
    /// let mut trash = session.lock_mailbox("Trash")?;
    /// let all = trash.search(SearchKey::All)?;
    /// trash.store(&all, StoreAction::Add, [Flag::Deleted])?;
    /// assert_eq!(trash.expunge_uids(&all)?.count(), 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[doc(alias = "UIDPLUS")]
    #[doc(alias = "uid_expunge")]
    pub fn expunge_uids(&mut self, uids: &UidSet) -> Result<Expunged>
    where
        A: WriteAccess,
    {
        self.run(Expunge::new(uids))
    }

    /// Permanently removes all messages with `\Deleted`, whichever client has flagged them
    /// (EXPUNGE).
    ///
    /// # Errors
    ///
    /// [`Error::Refused`]; [`Error::Unfinished`] if the server refuses after it has removed some;
    /// [`Error::Mailbox`]; [`Error::Closed`].
    ///
    /// ```
    #[doc = include_str!("../doc/session.txt")]
    /// let mut trash = session.lock_mailbox("Trash")?;
    /// let gone = trash.expunge_all_deleted()?;
    /// println!("{} messages are gone", gone.count());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[doc(alias = "EXPUNGE")]
    #[doc(alias = "expunge")]
    pub fn expunge_all_deleted(&mut self) -> Result<Expunged>
    where
        A: WriteAccess,
    {
        self.held
            .lease("EXPUNGE")?
            .expunge_all("expunge_all_deleted")
    }

    /// Permanently deletes these messages and no others (UID STORE, UID EXPUNGE).
    ///
    /// Flags them `\Deleted`, then removes only them. An empty set that a search returned sends
    /// nothing. Some servers do more by themselves: Gmail may remove a message as soon as it is
    /// flagged, or keep it under another label, by the user's settings.
    /// [`move_to_trash`](Self::move_to_trash) does not delete permanently.
    ///
    /// # Errors
    ///
    /// Before anything is sent: [`Error::Unsupported`] if the server lacks UIDPLUS, because it
    /// cannot remove only these messages then (see [`DeleteMessages::unflag_others`]). Otherwise as
    /// for [`expunge_uids`](Self::expunge_uids) and [`store`](Self::store). If the second step
    /// fails, the messages stay, flagged `\Deleted`, and the error is [`Error::Unfinished`]:
    /// another call can remove them. It is also [`Error::Unfinished`] if `\Deleted` is not permanent
    /// in the mailbox (PERMANENTFLAGS) and the server has accepted the flag and removed nothing.
    ///
    /// ```
    #[doc = include_str!("../doc/session.txt")]
    /// use latchbox::types::SearchKey;
    ///
    /// let mut trash = session.lock_mailbox("Trash")?;
    /// let all = trash.search(SearchKey::All)?;
    /// trash.delete(&all)?;
    /// assert_eq!(trash.exists(), 0);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[doc(alias = "EXPUNGE")]
    #[doc(alias = "messageDelete")]
    pub fn delete(&mut self, uids: &UidSet) -> Result<Expunged>
    where
        A: WriteAccess,
    {
        self.run(DeleteMessages::new(uids))
    }
}

impl<A: Access> SavedSearch<'_, A> {
    /// Permanently deletes the found messages and no others, by their UIDs.
    ///
    /// Consumes the view, because its messages do not exist afterwards.
    ///
    /// # Errors
    ///
    /// As for [`MailboxGuard::delete`].
    ///
    /// ```
    #[doc = include_str!("../doc/session.txt")]
    /// use latchbox::types::{SearchKey};
    ///
    /// let mut inbox = session.lock_mailbox("INBOX")?;
    /// let unread = inbox.search_saved(SearchKey::Unseen)?;
    /// unread.delete()?;
    /// assert_eq!(inbox.exists(), 0);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[doc(alias = "EXPUNGE")]
    #[doc(alias = "messageDelete")]
    pub fn delete(mut self) -> Result<Expunged>
    where
        A: WriteAccess,
    {
        let uids = self.uids()?;
        self.held
            .lease("UID EXPUNGE")?
            .delete(&uids, WithoutUidPlus::Refuse)
    }
}

/// UID EXPUNGE as a value: removes those of these messages that have `\Deleted`.
///
/// Its answer is an [`Expunged`].
///
/// ```
/// # let server = latchbox_testkit::Server::builder()
/// #     .mailbox("INBOX", ["a", "b"].map(|subject| latchbox_testkit::message(subject, "x", "y")))
/// #     .without("UIDPLUS").start()?;
/// # let session = latchbox::Client::builder("127.0.0.1").port(server.port()).danger_plaintext()
/// #     .danger_cleartext_login().connect()?
/// #     .login(latchbox_testkit::USER, latchbox_testkit::PASSWORD)?;
/// use latchbox::command::Expunge;
/// use latchbox::types::{Flag, SearchKey, StoreAction, UidSet};
///
/// let mut inbox = session.lock_mailbox("INBOX")?;
/// inbox.store(&UidSet::all(), StoreAction::Add, [Flag::Deleted])?;
/// let one = UidSet::try_from("1")?;
/// assert!(inbox.expunge_uids(&one).is_err()); // no UIDPLUS here
///
/// assert_eq!(inbox.run(Expunge::new(&one).unflag_others())?.count(), 1);
/// assert_eq!(inbox.search(SearchKey::Deleted)?.to_string(), "2");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug)]
#[must_use = "a command does nothing until it is run"]
pub struct Expunge<'u>(Chosen<'u>);

impl<'u> Expunge<'u> {
    /// Removes messages; an error if the server lacks UIDPLUS.
    pub const fn new(uids: &'u UidSet) -> Self {
        Self(Chosen::new(uids))
    }

    /// Falls back to EXPUNGE if the server lacks UIDPLUS; other messages lose `\Deleted` meanwhile.
    ///
    /// Sends UID FETCH for the other messages with `\Deleted`. If there are any, then UID STORE to
    /// remove their flag, UID FETCH to see that it is removed, EXPUNGE, and UID STORE to add it
    /// again; otherwise only EXPUNGE; with UIDPLUS, only UID EXPUNGE. EXPUNGE is sent only if the
    /// steps before it succeeded and no other message has the flag, which is
    /// [`MailboxError::OthersDeleted`](crate::error::MailboxError::OthersDeleted) otherwise. The
    /// last STORE is sent even if the steps before it failed. If it fails, the error has the
    /// messages that are left without the flag
    /// ([`Unfinished::deleted_flag_lost`](crate::error::Unfinished::deleted_flag_lost)).
    ///
    /// Another client that works in the same mailbox at that moment can be affected. A message that
    /// it flags `\Deleted` between the last FETCH and the EXPUNGE is removed. A message whose flag it
    /// removes between the EXPUNGE and the last STORE is flagged again. A client that shows the
    /// mailbox sees the messages without the flag for a moment.
    pub const fn unflag_others(self) -> Self {
        Self(self.0.unflag_others())
    }
}

impl sealed::Command for Expunge<'_> {
    fn name(&self) -> &'static str {
        UID_EXPUNGE
    }
}

impl<A: WriteAccess> Command<SelectedState<A>> for Expunge<'_> {
    type Answer = Expunged;

    fn run_on(self, held: &mut Held) -> Result<Expunged> {
        let mut lease = held.lease(UID_EXPUNGE)?;
        let Chosen { uids, fallback } = self.0;
        if !lease.check_set(uids)? {
            return Ok(Expunged::default());
        }
        let removal = lease.removal(fallback)?;
        let uids = lease.none_below(uids)?;
        match uids.is_empty() {
            true => Ok(Expunged::default()),
            false => lease.remove("expunge_uids", &uids, removal),
        }
    }
}

/// Permanent deletion as a value: flags messages `\Deleted`, then removes only them.
///
/// Its answer is an [`Expunged`].
///
/// ```
#[doc = include_str!("../doc/session.txt")]
/// use latchbox::command::DeleteMessages;
/// use latchbox::types::UidSet;
///
/// let mut trash = session.lock_mailbox("Trash")?;
/// let removed = trash.run(DeleteMessages::new(&UidSet::all()).unflag_others())?;
/// assert_eq!(removed.count(), 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug)]
#[must_use = "a command does nothing until it is run"]
pub struct DeleteMessages<'u>(Chosen<'u>);

impl<'u> DeleteMessages<'u> {
    /// Deletes messages as [`MailboxGuard::delete`] does; an error if the server lacks UIDPLUS.
    pub const fn new(uids: &'u UidSet) -> Self {
        Self(Chosen::new(uids))
    }

    /// Falls back to EXPUNGE if the server lacks UIDPLUS; see [`Expunge::unflag_others`].
    pub const fn unflag_others(self) -> Self {
        Self(self.0.unflag_others())
    }
}

impl sealed::Command for DeleteMessages<'_> {
    fn name(&self) -> &'static str {
        UID_EXPUNGE
    }
}

impl<A: WriteAccess> Command<SelectedState<A>> for DeleteMessages<'_> {
    type Answer = Expunged;

    fn run_on(self, held: &mut Held) -> Result<Expunged> {
        let Chosen { uids, fallback } = self.0;
        held.lease(UID_EXPUNGE)?.delete(uids, fallback)
    }
}

impl MailboxLease<'_> {
    /// Flags these messages `\Deleted` and removes only them.
    pub(crate) fn delete(&mut self, uids: &UidSet, fallback: WithoutUidPlus) -> Result<Expunged> {
        if !self.check_set(uids)? {
            return Ok(Expunged::default());
        }
        let removal = self.removal(fallback)?;
        let uids = &*self.none_below(uids)?;
        if uids.is_empty() {
            return Ok(Expunged::default());
        }
        self.mark_deleted(uids, StoreAction::Add).map_err(|error| {
            // Some messages are flagged already, and none is removed.
            let Error::Unfinished(mut unfinished) = error else {
                return error;
            };
            unfinished.call = "delete";
            unfinished.remaining = uids.clone();
            unfinished.left_deleted = uids
                .difference(&unfinished.not_done)
                .unwrap_or_else(|_| uids.clone());
            Error::Unfinished(unfinished)
        })?;
        let removed = self.remove("delete", uids, removal).map_err(|error| {
            let mut unfinished = error.into_unfinished("delete");
            if unfinished.expunged.is_none() {
                unfinished.remaining = uids.clone();
                unfinished.left_deleted = uids.clone();
            }
            Error::from(unfinished)
        })?;
        self.check_removed(uids, removed)
    }

    /// An error if some of these messages are still there, in a mailbox where the server may have
    /// ignored `\Deleted`. It may also keep the flag for the session, so that all were removed.
    fn check_removed(&mut self, uids: &UidSet, removed: Expunged) -> Result<Expunged> {
        let Err(cause) = self.check_keeps(&Flag::Deleted) else {
            return Ok(removed);
        };
        let (left, cause) = match self.search_uids(&SearchKey::Uid(uids.clone())) {
            Ok(left) if left.is_empty() => return Ok(removed),
            Ok(left) => (left, cause),
            Err(cause) => (uids.clone(), cause),
        };
        Err(Unfinished {
            expunged: Some(removed).filter(|removed| removed.count() > 0),
            remaining: left,
            ..Unfinished::new("delete", cause)
        }
        .into())
    }

    /// The way to remove only some messages here; rejected before anything is sent if there is
    /// none.
    pub(crate) fn removal(&mut self, fallback: WithoutUidPlus) -> Result<Removal> {
        self.check_writable()?;
        match self.capabilities()?.supports(&Capability::UidPlus) {
            true => Ok(Removal::ByUid),
            false => match fallback {
                WithoutUidPlus::Refuse => Err(Error::unsupported(UID_EXPUNGE, Capability::UidPlus)),
                WithoutUidPlus::UnflagOthers => Ok(Removal::OthersUnflagged),
            },
        }
    }

    /// The messages of a set with `n:*` by their UIDs: if `n` is above the highest UID, a server
    /// reads it as the highest alone (RFC 9051 section 9), which the caller did not mean to remove.
    pub(crate) fn none_below<'u>(&mut self, uids: &'u UidSet) -> Result<Cow<'u, UidSet>> {
        if !uids.numbers().may_reach_below() {
            return Ok(Cow::Borrowed(uids));
        }
        let named = self.search_uids(&SearchKey::Uid(uids.clone()))?;
        Ok(Cow::Owned(named.intersection(uids)?))
    }

    /// Removes those of these messages that have `\Deleted`, and no others.
    ///
    /// An error is [`Error::Unfinished`] if other messages are left without their flag, or if the
    /// set was divided into several commands and some of these succeeded.
    pub(crate) fn remove(
        &mut self,
        call: &'static str,
        uids: &UidSet,
        removal: Removal,
    ) -> Result<Expunged> {
        match removal {
            Removal::ByUid => self.remove_by_uid(call, uids),
            Removal::OthersUnflagged => self.remove_sparing_others(call, uids),
        }
    }

    fn remove_by_uid(&mut self, call: &'static str, uids: &UidSet) -> Result<Expunged> {
        let parts = self.parts(uids, 0);
        let mut told = Told::default();
        let mut messages = MessagesDone::of(uids.numbers());
        let done = parts.each(
            "UID EXPUNGE",
            &mut told,
            |part, told| {
                let code = self.execute_into(&ExpungeOnce { uids: Some(part) }, told)?;
                self.report_part(UID_EXPUNGE, &mut messages, part);
                Ok(code)
            },
            |_, _| {},
        );
        let held = self.held();
        let Err(stopped) = done else {
            return Ok(told.finish(held));
        };
        let gone = told.finish(held);
        let vanished = gone.vanished.numbers().intersection(uids.numbers());
        let is_shown = !gone.sequence_numbers.is_empty() || !vanished.is_empty();
        Err(stopped.into_error(call, is_shown, |unfinished, rest| {
            let left = rest.difference(gone.vanished.numbers());
            unfinished.stop_removal(gone, held.mark(left));
        }))
    }

    /// Removes all messages with `\Deleted`.
    fn expunge_all(&mut self, call: &'static str) -> Result<Expunged> {
        let mut told = Told::default();
        let done = self.execute_into(&ExpungeOnce { uids: None }, &mut told);
        let expunged = told.finish(self.held());
        let count = expunged.count();
        match done {
            Ok(_) if self.is_reporting() => {
                let mut messages = MessagesDone::from(0, Some(count));
                self.report_messages("EXPUNGE", &mut messages, count);
                Ok(expunged)
            }
            Ok(_) => Ok(expunged),
            // Some were removed before the server refused.
            Err(cause) if count > 0 && !cause.may_have_taken_effect() => {
                let mut unfinished = Unfinished::new(call, cause);
                unfinished.expunged = Some(expunged);
                Err(unfinished.into())
            }
            Err(cause) => Err(cause),
        }
    }
}

impl Unfinished {
    /// Of the messages to be removed these are left, flagged `\Deleted`.
    fn stop_removal(&mut self, gone: Expunged, left: UidSet) {
        self.expunged = Some(gone);
        self.left_deleted = left.clone();
        self.remaining = left;
    }
}

/// EXPUNGE, or UID EXPUNGE of these.
struct ExpungeOnce<'u> {
    uids: Option<&'u NumberSet>,
}

impl Batchable<SelectedState<ReadWrite>> for ExpungeOnce<'_> {
    type Answer = Expunged;
}

impl Exchange<SelectedState<ReadWrite>> for ExpungeOnce<'_> {
    type Plan = ();
    type Partial = Told;

    fn name(&self) -> &'static str {
        match self.uids {
            Some(_) => UID_EXPUNGE,
            None => "EXPUNGE",
        }
    }

    fn plan(&self, lease: &mut MailboxLease<'_>) -> Result<Planned<(), Expunged>> {
        lease.check_writable()?;
        Ok(Planned::Send(()))
    }

    fn encode<'a>(&'a self, _plan: &'a (), encoder: &mut Encoder<'a>) -> Result<()> {
        encoder.raw(self.name());
        if let Some(uids) = self.uids {
            encoder.sp().uid_set(uids);
        }
        Ok(())
    }

    fn claim<'r>(
        &self,
        _sent: Sent<'_, ()>,
        told: &mut Told,
        data: Untagged<'r>,
    ) -> Option<Untagged<'r>> {
        match &data {
            Untagged::Expunge(place) => told.sequence_numbers.extend(SeqNum::new(*place)),
            Untagged::Vanished {
                earlier: false,
                uids,
            } => told.vanished.push_set(uids),
            _ => {}
        }
        Some(data)
    }

    fn finish(&self, (): (), told: Told, lease: &mut MailboxLease<'_>) -> Result<Expunged> {
        Ok(told.finish(lease.held()))
    }
}

/// The removed messages, as far as they were reported.
#[derive(Default)]
pub(crate) struct Told {
    sequence_numbers: Vec<SeqNum>,
    vanished: NumberSetBuilder,
}

impl Told {
    fn finish(self, held: &Held) -> Expunged {
        Expunged {
            sequence_numbers: self.sequence_numbers,
            vanished: held.mark(self.vanished.finish()),
        }
    }
}
