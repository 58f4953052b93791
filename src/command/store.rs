//! STORE (RFC 9051 section 6.4.6): flags are changed.

mod change;

use std::borrow::Cow;

use crate::command::store::change::{Change, StoreAnswer, check, stored};
use crate::error::{Error, MailboxError, Result, Unfinished};
use crate::mailbox_guard::lease::MailboxLease;
use crate::mailbox_guard::numbered::Numbered;
use crate::mailbox_guard::saved_search::SavedSearch;
use crate::mailbox_guard::{Access, MailboxGuard, WriteAccess};
use crate::types::flag::Flag;
use crate::types::label::Label;
use crate::types::message_set::MessageSet;
use crate::types::sequence_set::SequenceSet;
use crate::types::store::{StoreAction, StoreOptions};
use crate::types::uid_set::UidSet;

pub use self::change::{ChangedMessage, Store, Stored};

impl<A: Access> MailboxGuard<'_, A> {
    /// Adds, removes or replaces flags of messages (UID STORE). For sequence numbers see
    /// [`numbered`](Self::numbered).
    ///
    /// An empty set that a search gave is nothing to do. A set that is too long for one command line,
    /// or has more messages than the server touches at once (MESSAGELIMIT, RFC 9738), goes in
    /// several commands.
    ///
    /// # Errors
    ///
    /// [`Error::Unfinished`] when one of several commands fails after others were done: it tells
    /// which messages were [not come to](crate::error::Unfinished::not_done).
    /// [`Error::Argument`] for flags that cannot be sent and for an empty set made by hand;
    /// [`Error::StaleUids`] for UIDs of elsewhere; [`Error::Refused`], [`Error::Mailbox`],
    /// [`Error::Closed`].
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
    pub fn store(
        &mut self,
        uids: &UidSet,
        action: StoreAction,
        flags: impl AsRef<[Flag]>,
    ) -> Result<Stored>
    where
        A: WriteAccess,
    {
        self.store_with(uids, action, flags, StoreOptions::default())
    }

    /// The same, silent or only for messages that have not changed since.
    ///
    /// # Errors
    ///
    /// As for [`store`](Self::store); [`Error::Unsupported`] for
    /// [`unchanged_since`](StoreOptions::unchanged_since) when the server does not have
    /// CONDSTORE.
    pub fn store_with(
        &mut self,
        uids: &UidSet,
        action: StoreAction,
        flags: impl AsRef<[Flag]>,
        options: StoreOptions,
    ) -> Result<Stored>
    where
        A: WriteAccess,
    {
        self.store_change(uids, action, Change::Flags(flags.as_ref().into()), options)
    }

    /// Adds, removes or replaces Gmail's labels of messages (UID STORE X-GM-LABELS). A label that
    /// does not exist is made.
    ///
    /// Removing the label of the selected mailbox takes the message out of it.
    ///
    /// # Errors
    ///
    /// [`Error::Unsupported`] when the server does not have X-GM-EXT-1; otherwise as for
    /// [`store`](Self::store).
    ///
    /// ```
    /// # let server = latchbox_testkit::Server::builder()
    /// #     .mailbox("INBOX", [latchbox_testkit::message("Hello", "ann@example.com", "Hi!")])
    /// #     .with("X-GM-EXT-1").start()?;
    /// # let session = latchbox::Client::builder("127.0.0.1").port(server.port()).danger_plaintext()
    /// #     .danger_cleartext_login().connect()?
    /// #     .login(latchbox_testkit::USER, latchbox_testkit::PASSWORD)?;
    /// use latchbox::gmail::Label;
    /// use latchbox::types::{StoreAction, UidSet};
    ///
    /// let mut inbox = session.lock_mailbox("INBOX")?;
    /// let labels = [Label::new("Entwürfe/2025")?, Label::new("\\Important")?];
    /// inbox.store_labels(&UidSet::all(), StoreAction::Add, labels)?;
    /// # assert_eq!(server.messages("INBOX")[0].labels, ["Entwürfe/2025", "\\Important"]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn store_labels(
        &mut self,
        uids: &UidSet,
        action: StoreAction,
        labels: impl AsRef<[Label]>,
    ) -> Result<Stored>
    where
        A: WriteAccess,
    {
        self.store_labels_with(uids, action, labels, StoreOptions::default())
    }

    /// The same, silent or only for messages that have not changed since.
    ///
    /// # Errors
    ///
    /// As for [`store_labels`](Self::store_labels) and [`store_with`](Self::store_with).
    pub fn store_labels_with(
        &mut self,
        uids: &UidSet,
        action: StoreAction,
        labels: impl AsRef<[Label]>,
        options: StoreOptions,
    ) -> Result<Stored>
    where
        A: WriteAccess,
    {
        let labels = Change::Labels(labels.as_ref().into());
        self.store_change(uids, action, labels, options)
    }

    fn store_change(
        &mut self,
        uids: &UidSet,
        action: StoreAction,
        change: Change<'_>,
        options: StoreOptions,
    ) -> Result<Stored> {
        let store = Store::of(uids, action, change).with(options);
        let answer = self.held.lease("UID STORE")?.store(&store)?;
        Ok(stored(&store, answer, |modified| self.held.mark(modified)))
    }
}

impl<'n, A: Access> Numbered<'n, A> {
    /// Adds, removes or replaces flags of messages (STORE). An empty set is nothing to do.
    ///
    /// # Errors
    ///
    /// As for [`MailboxGuard::store`]; [`MailboxError::Renumbered`] and
    /// [`MailboxError::ForeignNumbers`] before anything is sent.
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
    pub fn store(
        &mut self,
        set: &SequenceSet<'n>,
        action: StoreAction,
        flags: impl AsRef<[Flag]>,
    ) -> Result<Stored<SequenceSet<'n>>>
    where
        A: WriteAccess,
    {
        self.store_with(set, action, flags, StoreOptions::default())
    }

    /// The same, silent or only for messages that have not changed since.
    ///
    /// # Errors
    ///
    /// As for [`store`](Self::store); [`Error::Unsupported`] for
    /// [`unchanged_since`](StoreOptions::unchanged_since) when the server does not have
    /// CONDSTORE.
    pub fn store_with(
        &mut self,
        set: &SequenceSet<'n>,
        action: StoreAction,
        flags: impl AsRef<[Flag]>,
        options: StoreOptions,
    ) -> Result<Stored<SequenceSet<'n>>>
    where
        A: WriteAccess,
    {
        let change = Change::Flags(flags.as_ref().into());
        let store = Store::of(set, action, change).with(options);
        let answer = self.held.lease("STORE")?.store(&store)?;
        Ok(stored(&store, answer, |modified| self.set_of(modified)))
    }
}

impl<A: Access> SavedSearch<'_, A> {
    /// Adds, removes or replaces flags of the messages that were found (UID STORE with `$`).
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
    pub fn store(&mut self, action: StoreAction, flags: impl AsRef<[Flag]>) -> Result<Stored>
    where
        A: WriteAccess,
    {
        self.store_with(action, flags, StoreOptions::default())
    }

    /// The same, silent or only for messages that have not changed since.
    ///
    /// # Errors
    ///
    /// As for [`MailboxGuard::store_with`].
    pub fn store_with(
        &mut self,
        action: StoreAction,
        flags: impl AsRef<[Flag]>,
        options: StoreOptions,
    ) -> Result<Stored>
    where
        A: WriteAccess,
    {
        let change = Change::Flags(flags.as_ref().into());
        let store = Store::of(&self.set, action, change).with(options);
        let answer = self.held.lease("UID STORE")?.store(&store)?;
        Ok(stored(&store, answer, |modified| {
            self.held.mark(self.asked_for.cut(modified))
        }))
    }
}

impl MailboxLease<'_> {
    /// Refuses when the mailbox would forget a flag.
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

    /// Flags these messages `\Deleted`, or takes that off them; in silence.
    pub(crate) fn mark_deleted(&mut self, uids: &UidSet, action: StoreAction) -> Result<()> {
        self.store_silently(uids, action, &[Flag::Deleted])
    }

    /// Changes flags, and does not ask for the result.
    pub(crate) fn store_silently(
        &mut self,
        uids: &UidSet,
        action: StoreAction,
        flags: &[Flag],
    ) -> Result<()> {
        let change = Change::Flags(Cow::Borrowed(flags));
        let silent = StoreOptions::new().silent();
        self.store(&Store::of(uids, action, change).with(silent))
            .map(drop)
    }

    /// Sends a STORE in as many commands as its set needs.
    fn store<S: MessageSet>(&mut self, store: &Store<'_, S>) -> Result<StoreAnswer> {
        let mut answer = StoreAnswer::default();
        if !check(store, self)? {
            return Ok(answer);
        }
        let parts = self.parts(store.set(), store.room());
        let held = self.held();
        let done = parts.each(
            "STORE",
            &mut answer,
            |part, answer| self.execute_into(&store.part(part), answer),
            StoreAnswer::complete,
        );
        answer.mark(held);
        match done.map_err(|stopped| *stopped) {
            Ok(()) => Ok(answer),
            Err(stopped) if !stopped.is_begun => Err(stopped.cause),
            Err(stopped) => {
                let mut unfinished = Unfinished::new("store", stopped.cause);
                if S::UID {
                    unfinished.not_done = held.mark(stopped.rest);
                }
                Err(unfinished.into())
            }
        }
    }
}
