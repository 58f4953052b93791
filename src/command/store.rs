//! STORE (RFC 9051 section 6.4.6): changes flags.

mod change;

use crate::command::store::change::{StoreAnswer, check, name, stored};
use crate::connection::on_progress::MessagesDone;
use crate::error::{Error, MailboxError, Result};
use crate::exchange::{Command, sealed};
use crate::mailbox_guard::lease::{Held, MailboxLease, SelectedState};
use crate::mailbox_guard::numbered::{Numbered, NumberedPlace, NumberedState};
use crate::mailbox_guard::saved_search::{SavedPlace, SavedSearch, SavedState};
use crate::mailbox_guard::{Access, MailboxGuard, WriteAccess};
use crate::types::flag::Flag;
use crate::types::message_set::{MessageSet, NamesMessages};
use crate::types::saved_result::SavedResult;
use crate::types::sequence_set::SequenceSet;
use crate::types::store::StoreAction;
use crate::types::uid_set::UidSet;

pub use self::change::{ChangedMessage, Store, Stored};

impl<A: Access> MailboxGuard<'_, A> {
    /// Adds, removes or replaces flags of messages (UID STORE, RFC 9051 section 6.4.6).
    ///
    /// An empty set that a search returned sends nothing. A set that is too long for one command
    /// line, or has more messages than the server accepts at once (MESSAGELIMIT, RFC 9738), is
    /// divided into several commands. A [`Store`] for [`run`](Self::run) can be silent, conditional
    /// (UNCHANGEDSINCE), or change Gmail's labels. For sequence numbers see
    /// [`numbered`](Self::numbered).
    ///
    /// # Errors
    ///
    /// Before anything is sent: [`Error::Argument`] for flags that cannot be sent, and for an empty
    /// set that was built by the caller; [`Error::StaleUids`] for UIDs of another mailbox or
    /// UIDVALIDITY. Then [`Error::Refused`]; [`Error::Unfinished`] if one of several commands fails
    /// after others succeeded, or the server refuses after it has reported changes: it has the
    /// messages that were [not reached](crate::error::Unfinished::not_done). [`Error::Mailbox`];
    /// [`Error::Closed`], after which the flags [may be changed](Error::may_have_taken_effect).
    ///
    /// ```
    #[doc = include_str!("../doc/session.txt")]
    /// use latchbox::types::{Flag, SearchKey, StoreAction};
    ///
    /// let mut inbox = session.lock_mailbox("INBOX")?;
    /// let unseen = inbox.search(SearchKey::Unseen)?;
    /// inbox.store(&unseen, StoreAction::Add, [Flag::Seen])?;
    /// assert!(inbox.search(SearchKey::Unseen)?.is_empty());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[doc(alias = "STORE")]
    #[doc(alias = "uid_store")]
    #[doc(alias = "flags")]
    pub fn store(
        &mut self,
        uids: &UidSet,
        action: StoreAction,
        flags: impl AsRef<[Flag]>,
    ) -> Result<Stored>
    where
        A: WriteAccess,
    {
        self.run(Store::new(uids, action, flags.as_ref()))
    }
}

impl<'n, A: Access> Numbered<'n, A> {
    /// Adds, removes or replaces flags of messages (STORE).
    ///
    /// An empty set sends nothing. For options see [`Store`].
    ///
    /// # Errors
    ///
    /// As for [`MailboxGuard::store`]. Before anything is sent: [`MailboxError::Renumbered`] and
    /// [`MailboxError::ForeignNumbers`].
    ///
    /// [`MailboxError::Renumbered`]: crate::error::MailboxError::Renumbered
    /// [`MailboxError::ForeignNumbers`]: crate::error::MailboxError::ForeignNumbers
    ///
    /// ```
    #[doc = include_str!("../doc/session.txt")]
    /// use latchbox::types::{Flag, SearchKey, StoreAction};
    ///
    /// let mut inbox = session.lock_mailbox("INBOX")?;
    /// let mut numbered = inbox.numbered();
    /// let last_50 = numbered.last(50);
    /// numbered.store(&last_50, StoreAction::Add, [Flag::Seen])?;
    /// assert_eq!(inbox.search(SearchKey::Seen)?.to_string(), "1");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[doc(alias = "STORE")]
    #[doc(alias = "uid_store")]
    #[doc(alias = "flags")]
    pub fn store(
        &mut self,
        set: &SequenceSet<'n>,
        action: StoreAction,
        flags: impl AsRef<[Flag]>,
    ) -> Result<Stored<SequenceSet<'n>>>
    where
        A: WriteAccess,
    {
        self.run(Store::new(set, action, flags.as_ref()))
    }
}

impl<A: Access> SavedSearch<'_, A> {
    /// Adds, removes or replaces flags of the found messages (UID STORE with `$`).
    ///
    /// # Errors
    ///
    /// As for [`MailboxGuard::store`].
    ///
    /// ```
    #[doc = include_str!("../doc/session.txt")]
    /// use latchbox::types::{Flag, SearchKey, StoreAction};
    ///
    /// let mut inbox = session.lock_mailbox("INBOX")?;
    /// let mut unread = inbox.search_saved(SearchKey::Unseen)?;
    /// unread.store(StoreAction::Add, [Flag::Seen])?;
    /// assert!(inbox.search(SearchKey::Unseen)?.is_empty());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[doc(alias = "STORE")]
    #[doc(alias = "uid_store")]
    #[doc(alias = "flags")]
    pub fn store(&mut self, action: StoreAction, flags: impl AsRef<[Flag]>) -> Result<Stored>
    where
        A: WriteAccess,
    {
        self.run(Store::new(&SavedResult, action, flags.as_ref()))
    }
}

impl<A: WriteAccess> Command<SelectedState<A>> for Store<'_> {
    type Answer = Stored;

    fn run_on(self, held: &mut Held) -> Result<Stored> {
        let answer = held.lease(name::<UidSet>())?.store(&self)?;
        stored(&self, answer, held, |modified| held.mark(modified))
    }
}

impl<'n, A: WriteAccess> Command<NumberedState<'n, A>> for Store<'_, SequenceSet<'n>> {
    type Answer = Stored<SequenceSet<'n>>;

    fn run_on(self, view: NumberedPlace<'_>) -> Result<Self::Answer> {
        let answer = view.held.lease(name::<SequenceSet<'n>>())?.store(&self)?;
        stored(&self, answer, view.held, |modified| view.set_of(modified))
    }
}

impl<A: WriteAccess> Command<SavedState<A>> for Store<'_, SavedResult> {
    type Answer = Stored;

    fn run_on(self, view: SavedPlace<'_>) -> Result<Stored> {
        let store = self.on(view.set);
        let answer = view.held.lease(name::<UidSet>())?.store(&store)?;
        stored(&store, answer, view.held, |modified| view.mark(modified))
    }
}

impl<S: NamesMessages> sealed::Command for Store<'_, S> {
    fn name(&self) -> &'static str {
        name::<S>()
    }
}

impl MailboxLease<'_> {
    /// Rejects a flag that is not permanent in the mailbox.
    pub(crate) fn check_keeps(&self, flag: &Flag) -> Result<()> {
        let selected = self.state.selected();
        match selected.is_none_or(|selected| selected.mailbox.permanent_flags().keeps(flag)) {
            true => Ok(()),
            false => Err(Error::mailbox(MailboxError::NotPermanent {
                mailbox: self.held().name().clone(),
                flag: flag.clone(),
            })),
        }
    }

    /// Adds `\Deleted` to these messages, or removes it, silently.
    pub(crate) fn mark_deleted(&mut self, uids: &UidSet, action: StoreAction) -> Result<()> {
        self.store_silently(uids, action, &[Flag::Deleted])
    }

    /// Changes flags without a report of the new ones.
    pub(crate) fn store_silently(
        &mut self,
        uids: &UidSet,
        action: StoreAction,
        flags: &[Flag],
    ) -> Result<()> {
        let silent = Store::new(uids, action, flags).silent();
        self.store(&silent).map(drop)
    }

    /// Sends a STORE in as many commands as its set needs.
    fn store<S: MessageSet>(&mut self, store: &Store<'_, S>) -> Result<StoreAnswer> {
        let mut answer = StoreAnswer::default();
        if !check(store, self)? {
            return Ok(answer);
        }
        let parts = self.parts(store.set(), store.room());
        let mut messages = MessagesDone::of(store.set().numbers());
        let held = self.held();
        let done = parts.each(
            "STORE",
            &mut answer,
            |part, answer| {
                let code = self.execute_into(&store.part(part), answer)?;
                self.report_part(name::<S>(), &mut messages, part);
                Ok(code)
            },
            StoreAnswer::complete,
        );
        match done {
            Ok(()) => Ok(answer),
            Err(stopped) => {
                let shown = answer.shown(store);
                let is_shown = !shown.is_empty();
                Err(stopped.into_error("store", is_shown, |unfinished, rest| {
                    if S::UID {
                        unfinished.not_done = held.mark(rest.difference(&shown));
                    }
                }))
            }
        }
    }
}
