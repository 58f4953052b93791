//! STORE (RFC 9051 section 6.4.6): flags are changed.

mod change;

use crate::command::store::change::{Value, encode, is_of, missing};
use crate::error::{Error, MailboxError, Result, Unfinished};
use crate::mailbox_guard::numbered::Numbered;
use crate::mailbox_guard::saved_search::SavedSearch;
use crate::mailbox_guard::{Held, Keeping, MailboxGuard, ReadWrite};
use crate::types::asked_for::AskedFor;
use crate::types::flag::Flag;
use crate::types::label::Label;
use crate::types::message_set::MessageSet;
use crate::types::number_set::{NumberSet, NumberSetBuilder};
use crate::types::response_code::ResponseCode;
use crate::types::sequence_set::SequenceSet;
use crate::types::store::{StoreAction, StoreOptions};
use crate::types::uid_set::UidSet;
use crate::wire::response::Untagged;
use crate::wire::response::fetch::Fetch;

pub use self::change::{Store, Stored};

/// What the server told of a STORE.
#[derive(Default)]
struct Answer {
    changed: Vec<Fetch>,
    modified: NumberSet,
}

impl<K: Keeping> MailboxGuard<'_, ReadWrite, K> {
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
    /// which messages were [not come to](crate::Unfinished::undone).
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
    ) -> Result<Stored> {
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
    ) -> Result<Stored> {
        self.store_value(uids, action, Value::Flags(flags.as_ref()), options)
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
    /// #     .login(latchbox_testkit::USER, latchbox_testkit::PASSWORD).map_err(|(error, _)| error)?;
    /// use latchbox::types::{Label, StoreAction, UidSet};
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
    ) -> Result<Stored> {
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
    ) -> Result<Stored> {
        self.store_value(uids, action, Value::Labels(labels.as_ref()), options)
    }

    fn store_value(
        &mut self,
        uids: &UidSet,
        action: StoreAction,
        value: Value<'_>,
        options: StoreOptions,
    ) -> Result<Stored> {
        let answer = store(&self.held, uids, action, value, options)?;
        Ok(Stored {
            changed: answer.changed,
            modified: self.held.mark(answer.modified),
        })
    }
}

impl<'n> Numbered<'n, ReadWrite> {
    /// Adds, removes or replaces flags of messages (STORE). An empty set is nothing to do.
    ///
    /// # Errors
    ///
    /// As for [`MailboxGuard::store`]; [`MailboxError::Renumbered`] and
    /// [`MailboxError::ForeignNumbers`] before anything is sent.
    ///
    /// [`MailboxError::Renumbered`]: crate::MailboxError::Renumbered
    /// [`MailboxError::ForeignNumbers`]: crate::MailboxError::ForeignNumbers
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
    ) -> Result<Stored<SequenceSet<'n>>> {
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
    ) -> Result<Stored<SequenceSet<'n>>> {
        let value = Value::Flags(flags.as_ref());
        let answer = store(self.held, set, action, value, options)?;
        Ok(Stored {
            changed: answer.changed,
            modified: self.told(&answer.modified),
        })
    }
}

impl<K: Keeping> SavedSearch<'_, '_, ReadWrite, K> {
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
    pub fn store(&mut self, action: StoreAction, flags: impl AsRef<[Flag]>) -> Result<Stored> {
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
    ) -> Result<Stored> {
        let mut stored = self.guard.store_with(&self.set, action, flags, options)?;
        let modified = self.asked_for.cut(stored.modified.as_numbers().clone());
        stored.modified = self.guard.held.mark(modified);
        Ok(stored)
    }
}

impl Held {
    /// Refuses when the mailbox would forget a flag.
    pub(crate) fn check_keeps(&self, flag: &Flag) -> Result<()> {
        let connection = self.connection_as_it_is("STORE")?;
        let selected = connection.state.selected();
        match selected.is_none_or(|selected| selected.mailbox.permanent_flags().keeps(flag)) {
            true => Ok(()),
            false => Err(Error::mailbox(MailboxError::NotKept {
                mailbox: self.name().clone(),
                flag: flag.clone(),
            })),
        }
    }

    /// Flags these messages `\Deleted`, or takes that off them; in silence.
    pub(crate) fn mark_deleted(&self, uids: &UidSet, action: StoreAction) -> Result<()> {
        let silent = StoreOptions::new().silent();
        let stored = store(self, uids, action, Value::Flags(&[Flag::Deleted]), silent);
        stored.map(drop)
    }
}

fn store<S: MessageSet>(
    held: &Held,
    set: &S,
    action: StoreAction,
    value: Value<'_>,
    options: StoreOptions,
) -> Result<Answer> {
    let command = if S::UID { "UID STORE" } else { "STORE" };
    value.check(action)?;
    if !held.check_set(command, set)? {
        return Ok(Answer::default());
    }
    let mut connection = held.connection_to_change(command)?;
    if let Some(missing) = missing(value, options, connection.capabilities()?) {
        return Err(Error::unsupported(command, missing));
    }
    drop(connection);
    let mut answer = Answer::default();
    let mut modified = NumberSetBuilder::default();
    let mut parts = held.parts(set, value.room())?;
    let mut is_begun = false;
    while let Some(part) = parts.take() {
        let sent = (set, &part);
        let done = store_part(held, sent, action, value, options, &mut answer.changed);
        match done.or_else(|cause| parts.go_on_below(&part, cause)) {
            Ok(code) => modified.push_set(&change::modified(code)),
            Err(cause) if !is_begun => return Err(cause),
            Err(cause) => {
                let mut unfinished = Unfinished::new("store", cause);
                if S::UID {
                    unfinished.undone = held.mark(parts.rest(&part));
                }
                return Err(unfinished.into());
            }
        }
        is_begun = true;
    }
    answer.modified = AskedFor::set(set.numbers()).cut(modified.finish());
    Ok(answer)
}

/// As much of the set as goes into one command.
fn store_part<S: MessageSet>(
    held: &Held,
    (set, part): (&S, &NumberSet),
    action: StoreAction,
    value: Value<'_>,
    options: StoreOptions,
    changed: &mut Vec<Fetch>,
) -> Result<Option<ResponseCode>> {
    let command = if S::UID { "UID STORE" } else { "STORE" };
    let mut connection = held.connection_to_change(command)?;
    held.confirm_numbering(&mut connection, command, set.numbering())?;
    let mut renumbered = false;
    connection.run(
        command,
        |encoder| encode::<S>(encoder, part, action, value, options),
        |data| match data {
            Untagged::Fetch(row) if !renumbered => {
                let mut message = Fetch::empty();
                message.assign(&row);
                message.set_origin(held.origin());
                let is_asked = is_of(set, &message);
                if is_asked {
                    changed.push(message);
                }
                (!is_asked).then_some(data)
            }
            other => {
                renumbered |= !S::UID && other.renumbers();
                Some(other)
            }
        },
    )
}
