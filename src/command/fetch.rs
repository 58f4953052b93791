//! FETCH (RFC 9051 section 6.4.5): messages, or parts of them, as a stream.

mod command;
mod owned;

use std::fmt;

use crate::command::fetch::command::check_kept;
use crate::command::fetch::command::collected::Collected;
use crate::command::fetch::command::plan::{Plan, name};
use crate::connection::Connection;
use crate::connection::answer::Row;
use crate::connection::on_progress::MessagesDone;
use crate::error::{Effect, Error, Result};
use crate::exchange::{Command, sealed};
use crate::mailbox_guard::asking::Asking;
use crate::mailbox_guard::lease::{Held, SelectedState};
use crate::mailbox_guard::numbered::{Numbered, NumberedPlace, NumberedState, renumberings};
use crate::mailbox_guard::pieces::{HeldBack, Pieces, Role};
use crate::mailbox_guard::saved_search::{SavedPlace, SavedSearch, SavedState};
use crate::mailbox_guard::{Access, MailboxGuard};
use crate::types::fetch::FetchItem;
use crate::types::fetch_messages::FetchMessages;
use crate::types::message_set::{MessageSet, NamesMessages};
use crate::types::message_uid::MessageUid;
use crate::types::number_set::NumberSetBuilder;
use crate::types::saved_result::SavedResult;
use crate::types::sequence_set::SequenceSet;
use crate::types::uid::Uid;
use crate::types::uid_set::UidSet;
use crate::wire::response::fetch::{Fetch, LentFetch};

/// The messages of a FETCH, one at a time, as they come from the server.
///
/// [`next`](Self::next) lends each message until the next call, and copies only the message's own
/// octets into a buffer that is reused. The iterator returns owned messages.
///
/// The stream borrows the guard: no other command can be sent while it lives. It may be dropped at
/// any time. The next command then drains the rest of the answer; if that is more than the
/// [`drain_limit`](crate::ClientBuilder::drain_limit) (8 MiB by default), the connection is closed
/// instead. To send commands in between, fetch in [`Batches`](crate::command::Batches).
///
/// A FETCH response with requested items but without a readable UID is not returned. The stream
/// then ends with [`Error::Unparsable`], which has its octets and its sequence number, so that the
/// message is not mistaken for a removed one. If another response with the same sequence number has
/// the UID, the two are one message.
///
/// # Messages in several responses
///
/// A server may send the items of one message in several FETCH responses, in any order and among those
/// of other messages.
///
/// - [`next`](Self::next) returns each response when it comes, with the items of that response only.
/// - The iterator waits for all items of a message, but not beyond the end of the answer, and not
///   with more than 1 MiB of incomplete messages.
/// - [`collect_into`](Self::collect_into) and batches merge the responses about a message.
///
/// When another client changes flags, a server also sends unsolicited flags and mod-sequences (RFC
/// 9051 section 7.5.2). Such a response is a
/// [`MailboxEvent::Flags`](crate::types::MailboxEvent::Flags). If flags and other items were
/// requested, it looks like a part of the answer. It is then returned if the message has no flags so
/// far, and the items that follow are added to the message. The messages of
/// [`collect_into`](Self::collect_into) and batches have the newest flags.
///
/// ```
#[doc = include_str!("../doc/session.txt")]
/// use latchbox::types::{FetchItem, Printable, UidSet};
///
/// let mut inbox = session.lock_mailbox_read_only("INBOX")?;
/// let mut messages = inbox.fetch(&UidSet::all(), [FetchItem::Envelope])?;
/// while let Some(message) = messages.next()? {
///     println!("{}", Printable(message.envelope()?.subject()));
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use = "the messages come as they are asked for"]
pub struct Messages<'g> {
    held: &'g mut Held,
    plan: Plan,
    /// The message that was read last.
    message: LentFetch,
    asking: Asking,
    /// The state of messages that did not come in one response.
    pieces: Pieces,
    /// The removed messages of the set that the caller has not taken yet.
    vanished: NumberSetBuilder,
    /// The octet of the connection at which an answer that is collected has to have ended.
    most: Option<u64>,
}

/// The messages of a FETCH as owned values: the iterator form of [`Messages`].
///
/// A message that comes in several responses is returned when all requested items have come; see
/// [`Messages`].
#[must_use = "the messages come as they are asked for"]
pub struct OwnedMessages<'g> {
    messages: Messages<'g>,
    held_back: HeldBack,
    /// The end of the stream, while a message is held back.
    ended: Option<Result<()>>,
}

impl<A: Access> MailboxGuard<'_, A> {
    /// Fetches items of messages as a stream (UID FETCH).
    ///
    /// Sends the command at the first [`next`](Messages::next). A set that is too long for one
    /// command is divided into several, one after the other. The server ignores a UID of no
    /// message, and an empty set that a search returned sends nothing. Each message comes with its
    /// UID, also if it is not requested; see [`Fetch::id`]. For sequence numbers see
    /// [`numbered`](Self::numbered).
    ///
    /// # Errors
    ///
    /// Here, before anything is sent: [`Error::Argument`] for no items, for a section that cannot
    /// be requested, and for an empty set that was built by the caller; [`Error::StaleUids`] for
    /// UIDs of another mailbox or UIDVALIDITY; [`Error::Unsupported`] for an item of an extension
    /// that the server lacks.
    ///
    /// From the stream: [`Error::Refused`], also after messages that did come, because some servers
    /// refuse a command for one damaged message of many (fewer messages at a time find it);
    /// [`Error::Mailbox`]; [`Error::Closed`]. An item that cannot be read is an error of that item
    /// alone.
    ///
    /// ```
    #[doc = include_str!("../doc/session.txt")]
    /// use latchbox::types::{FetchItem, SearchKey};
    ///
    /// let mut inbox = session.lock_mailbox_read_only("INBOX")?;
    /// let unseen = inbox.search(SearchKey::Unseen)?;
    /// for message in inbox.fetch(&unseen, [FetchItem::Flags, FetchItem::Rfc822Size])? {
    ///     let message = message?;
    ///     println!("{}: {:?} octets", message.uid(), message.size());
    /// }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[doc(alias = "FETCH")]
    #[doc(alias = "uid_fetch")]
    pub fn fetch(&mut self, uids: &UidSet, items: impl AsRef<[FetchItem]>) -> Result<Messages<'_>> {
        self.stream(FetchMessages::new(uids, items.as_ref()))
    }

    /// Fetches items of one message (UID FETCH); `None` if the mailbox has no such message.
    ///
    /// The message may be named by its [`id`](Fetch::id), which is rejected for another mailbox, or
    /// by a bare UID. All responses of the server about it are merged into one message.
    ///
    /// # Errors
    ///
    /// As for [`fetch`](Self::fetch).
    ///
    /// ```
    #[doc = include_str!("../doc/session.txt")]
    /// use latchbox::types::{FetchItem, Uid};
    ///
    /// let mut inbox = session.lock_mailbox_read_only("INBOX")?;
    /// let uid = Uid::try_from(1)?;
    /// let message = inbox.fetch_one(uid, [FetchItem::Envelope])?.ok_or("it was expunged")?;
    /// assert_eq!(message.envelope()?.subject(), "hello");
    /// assert!(inbox.fetch_one(Uid::try_from(4711)?, [FetchItem::Flags])?.is_none());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[doc(alias = "FETCH")]
    #[doc(alias = "fetchOne")]
    pub fn fetch_one(
        &mut self,
        message: impl Into<MessageUid>,
        items: impl AsRef<[FetchItem]>,
    ) -> Result<Option<Fetch>> {
        let uid = self.held.uid_of(message)?;
        let set = self.held.mark(UidSet::unbound([uid]));
        let mut messages = Vec::new();
        self.fetch(&set, items)?.collect_into(&mut messages)?;
        Ok(messages.into_iter().next())
    }

    /// Streams the messages of a [`FetchMessages`] (UID FETCH).
    ///
    /// Like [`fetch`](Self::fetch), but with the modifiers of the value: CHANGEDSINCE, VANISHED or
    /// PARTIAL.
    ///
    /// # Errors
    ///
    /// As for [`fetch`](Self::fetch). Before anything is sent: [`Error::Unsupported`] if the server
    /// lacks CONDSTORE, QRESYNC or PARTIAL; [`Error::Argument`] if QRESYNC is needed and not enabled,
    /// or if a page is requested of a set that does not fit into one command.
    ///
    /// ```
    #[doc = include_str!("../doc/session.txt")]
    /// use latchbox::command::FetchMessages;
    /// use latchbox::types::{Flag, FetchItem, StoreAction, UidSet};
    ///
    /// let mut inbox = session.lock_mailbox("INBOX")?;
    /// let all = UidSet::all();
    /// let seen = inbox.fetch(&all, [FetchItem::ModSeq])?.next()?.and_then(|m| m.mod_seq());
    /// let seen = seen.ok_or("the server keeps none")?;
    /// let changed = FetchMessages::new(&all, &[FetchItem::Flags]).changed_since(seen);
    /// assert!(inbox.stream(changed)?.next()?.is_none());
    ///
    /// inbox.store(&all, StoreAction::Add, [Flag::Flagged])?;
    /// assert!(inbox.stream(changed)?.next()?.is_some());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn stream(&mut self, fetch: FetchMessages<'_>) -> Result<Messages<'_>> {
        Messages::of(&mut self.held, fetch)
    }
}

impl<'n, A: Access> Numbered<'n, A> {
    /// Fetches items of messages and their UIDs as a stream (FETCH).
    ///
    /// An empty set sends nothing, and neither does a set such as `1:*` if the mailbox is empty.
    ///
    /// # Errors
    ///
    /// As for [`MailboxGuard::fetch`]. Before anything is sent: [`MailboxError::Renumbered`] and
    /// [`MailboxError::ForeignNumbers`]; `Renumbered` also from the stream, in place of a message
    /// that comes after one was removed.
    ///
    /// [`MailboxError::Renumbered`]: crate::error::MailboxError::Renumbered
    /// [`MailboxError::ForeignNumbers`]: crate::error::MailboxError::ForeignNumbers
    ///
    /// ```
    #[doc = include_str!("../doc/session.txt")]
    /// use latchbox::types::{FetchItem, Printable};
    ///
    /// let mut inbox = session.lock_mailbox_read_only("INBOX")?;
    /// let mut numbered = inbox.numbered();
    /// let last_50 = numbered.last(50);
    /// let mut messages = numbered.fetch(&last_50, [FetchItem::Envelope])?;
    /// while let Some(message) = messages.next()? {
    ///     println!("{:?}: {}", message.seq(), Printable(message.envelope()?.subject()));
    /// }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[doc(alias = "FETCH")]
    #[doc(alias = "uid_fetch")]
    pub fn fetch(
        &mut self,
        set: &SequenceSet<'n>,
        items: impl AsRef<[FetchItem]>,
    ) -> Result<Messages<'_>> {
        self.stream(FetchMessages::new(set, items.as_ref()))
    }

    /// Streams the messages of a [`FetchMessages`] of sequence numbers (FETCH).
    ///
    /// # Errors
    ///
    /// As for [`fetch`](Self::fetch). Before anything is sent: [`Error::Unsupported`] if the server
    /// lacks CONDSTORE; [`Error::Argument`] for the options that need UIDs:
    /// [`changed_or_vanished_since`](FetchMessages::changed_or_vanished_since) and
    /// [`partial`](FetchMessages::partial).
    pub fn stream(&mut self, fetch: FetchMessages<'_, SequenceSet<'n>>) -> Result<Messages<'_>> {
        Messages::of(self.held, fetch)
    }
}

impl<A: Access> SavedSearch<'_, A> {
    /// Fetches items of the found messages as a stream (UID FETCH with `$`).
    ///
    /// # Errors
    ///
    /// As for [`MailboxGuard::fetch`].
    ///
    /// ```
    #[doc = include_str!("../doc/session.txt")]
    /// use latchbox::types::{FetchItem, Printable, SearchKey};
    ///
    /// let mut inbox = session.lock_mailbox("INBOX")?;
    /// let mut unread = inbox.search_saved(SearchKey::Unseen)?;
    /// for message in unread.fetch([FetchItem::Envelope])? {
    ///     println!("{}", Printable(message?.envelope()?.subject()));
    /// }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[doc(alias = "FETCH")]
    #[doc(alias = "uid_fetch")]
    pub fn fetch(&mut self, items: impl AsRef<[FetchItem]>) -> Result<Messages<'_>> {
        self.stream(FetchMessages::new(&SavedResult, items.as_ref()))
    }

    /// Streams the messages of a [`FetchMessages`] of a [`SavedResult`] (UID FETCH with `$`).
    ///
    /// # Errors
    ///
    /// As for [`MailboxGuard::stream`].
    pub fn stream(&mut self, fetch: FetchMessages<'_, SavedResult>) -> Result<Messages<'_>> {
        Messages::of(self.held, fetch.on(&self.set))
    }
}

impl Held {
    /// Streams items of messages, for a command that needs them.
    pub(crate) fn fetch(&mut self, uids: &UidSet, items: &[FetchItem]) -> Result<Messages<'_>> {
        Messages::of(self, FetchMessages::new(uids, items))
    }
}

impl<A: Access> Command<SelectedState<A>> for FetchMessages<'_> {
    type Answer = Vec<Fetch>;

    fn run_on(self, held: &mut Held) -> Result<Vec<Fetch>> {
        collected(held, self)
    }
}

impl<'n, A: Access> Command<NumberedState<'n, A>> for FetchMessages<'_, SequenceSet<'n>> {
    type Answer = Vec<Fetch>;

    fn run_on(self, view: NumberedPlace<'_>) -> Result<Vec<Fetch>> {
        collected(view.held, self)
    }
}

impl<A: Access> Command<SavedState<A>> for FetchMessages<'_, SavedResult> {
    type Answer = Vec<Fetch>;

    fn run_on(self, view: SavedPlace<'_>) -> Result<Vec<Fetch>> {
        collected(view.held, self.on(view.set))
    }
}

impl<S: NamesMessages> sealed::Command for FetchMessages<'_, S> {
    fn name(&self) -> &'static str {
        name::<S>()
    }
}

fn collected<S: MessageSet>(held: &mut Held, fetch: FetchMessages<'_, S>) -> Result<Vec<Fetch>> {
    check_kept(&fetch)?;
    let mut messages = Vec::new();
    Messages::of(held, fetch)?.collect_into(&mut messages)?;
    Ok(messages)
}

impl<'g> Messages<'g> {
    fn of<S: MessageSet>(held: &'g mut Held, fetch: FetchMessages<'_, S>) -> Result<Self> {
        let FetchMessages {
            set,
            items,
            options,
        } = fetch;
        let mut plan = Plan::new(&mut held.lease(name::<S>())?, set, items, options)?;
        let (command, left) = (plan.command, std::mem::take(&mut plan.left));
        let message = LentFetch::new(Some(held.origin()));
        Ok(Self {
            held,
            plan,
            message,
            asking: Asking::new(left),
            pieces: Pieces::new(command),
            vanished: NumberSetBuilder::default(),
            most: None,
        })
    }

    /// The progress continues that of earlier messages.
    pub(crate) fn counting_from(mut self, messages: MessagesDone) -> Self {
        self.asking.count_from(messages);
        self
    }

    /// From here on, all messages together are limited as a collected answer.
    pub(crate) fn limit_answer(&mut self) -> Result<()> {
        let connection = self.held.lease_as_it_is(self.plan.command)?;
        self.most = Some(connection.most_of_an_answer());
        Ok(())
    }

    /// The most octets that may be kept of a collected answer.
    pub(crate) fn most_kept(&mut self) -> Result<u64> {
        let connection = self.held.lease_as_it_is(self.plan.command)?;
        Ok(connection.session_limits().answer)
    }

    /// The error if more is kept; closes the connection.
    pub(crate) fn kept_too_much(&mut self) -> Error {
        match self.held.lease_as_it_is(self.plan.command) {
            Ok(mut connection) => connection.too_long_an_answer(),
            Err(error) => error,
        }
    }

    /// The next message, borrowed until the next call; `None` after the last.
    ///
    /// A stream that lends its messages cannot be an [`Iterator`];
    /// [`into_iter`](IntoIterator::into_iter) turns it into one.
    ///
    /// # Errors
    ///
    /// As for [`fetch`](MailboxGuard::fetch). After an error there are no more messages.
    #[allow(clippy::should_implement_trait)]
    pub fn next(&mut self) -> Result<Option<&Fetch>> {
        let uid = self.advance()?;
        Ok(uid.map(|uid| self.message.message(uid)))
    }

    /// Reads all remaining messages into `messages`, one entry for each message.
    ///
    /// Several responses about one message are [merged](crate::message::Fetch::merge), also with
    /// its entry in `messages`. New entries are added at the end, in the order in which they come.
    ///
    /// # Errors
    ///
    /// As for [`fetch`](MailboxGuard::fetch); [`Error::Closed`] if all messages together exceed the
    /// [`answer_limit`](crate::ClientBuilder::answer_limit). Messages that came before the error
    /// are in `messages`.
    ///
    /// ```
    #[doc = include_str!("../doc/session.txt")]
    /// use latchbox::types::{FetchItem, UidSet};
    ///
    /// let mut inbox = session.lock_mailbox_read_only("INBOX")?;
    /// let mut messages = Vec::new();
    /// inbox.fetch(&UidSet::all(), [FetchItem::Envelope])?.collect_into(&mut messages)?;
    /// assert_eq!(messages.len(), 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn collect_into(mut self, messages: &mut Vec<Fetch>) -> Result<()> {
        self.limit_answer()?;
        self.pieces.takes_news = true;
        let mut collected = Collected::new(std::mem::take(messages), self.plan.requested);
        let read = loop {
            match self.advance() {
                Ok(Some(uid)) => collected.add(self.message.hand_over(uid), self.plan.requested),
                Ok(None) => break Ok(()),
                Err(error) => break Err(error),
            }
        };
        *messages = collected.messages;
        read
    }

    /// Takes the messages of the set that the server has reported as removed since the last call.
    ///
    /// All of them have been reported when [`next`](Self::next) has returned `None`. The set is
    /// empty unless [requested](FetchMessages::changed_or_vanished_since). Messages that are not
    /// taken are stored as ranges, up to the [`list_limit`](crate::ClientBuilder::list_limit).
    ///
    /// ```
    #[doc = include_str!("../doc/session.txt")]
    /// use latchbox::Error;
    /// use latchbox::command::FetchMessages;
    /// use latchbox::types::{Capability, FetchItem, ModSeq, UidSet};
    ///
    /// session.enable(&[Capability::Qresync])?; // before the mailbox is locked
    /// let mut inbox = session.lock_mailbox_read_only("INBOX")?;
    /// let all = UidSet::all();
    /// let fetch = FetchMessages::new(&all, &[FetchItem::Flags]);
    /// match inbox.stream(fetch.changed_or_vanished_since(ModSeq::try_from(4711)?)) {
    ///     Ok(mut messages) => {
    ///         while let Some(message) = messages.next()? {
    ///             println!("changed: {}", message.uid());
    ///         }
    ///         println!("gone: {}", messages.vanished());
    ///     }
    ///     Err(Error::Unsupported(_)) => {} // compare with a search for all
    ///     Err(error) => return Err(error.into()),
    /// }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn vanished(&mut self) -> UidSet {
        let vanished = std::mem::take(&mut self.vanished);
        self.held.mark(vanished.finish())
    }

    /// The caller has stopped the stream; a command in flight may set `\Seen` all the same.
    #[cold]
    fn cancelled(&self) -> Error {
        let effect = match self.plan.marks_seen && self.asking.asked.is_some() {
            true => Effect::Possible,
            false => Effect::None,
        };
        Error::cancelled(self.plan.command, effect)
    }

    /// Reads the next message, and returns its UID.
    fn advance(&mut self) -> Result<Option<Uid>> {
        let advanced = self.read_on();
        if advanced.is_err() {
            self.asking.leave(self.held);
        }
        advanced
    }

    fn read_on(&mut self) -> Result<Option<Uid>> {
        // Unsolicited rows are no messages of the stream, and are bounded between two of them.
        let mut most_unasked = None;
        loop {
            if self.held.is_stopped() {
                return Err(self.cancelled());
            }
            if self.asking.asked.is_none() && !self.ask()? {
                return self.end().map(|()| None);
            }
            let mut connection = self.held.in_use(self.plan.command)?;
            let row = match connection.next_row(self.message.responses()) {
                Ok(row) => row,
                Err(Error::Unparsable(unreadable)) if unreadable.limit.is_none() => {
                    self.pieces.unreadable.get_or_insert(unreadable);
                    Row::End
                }
                Err(error) => {
                    self.asking.go_on(error, Some(&connection), self.held)?;
                    self.pieces.end_answer();
                    continue;
                }
            };
            match row {
                Row::Message => {
                    let message = self.message.responses();
                    let role = self.pieces.role(
                        message,
                        self.plan.requested,
                        self.asking.asked.as_ref(),
                        renumberings(&connection),
                    );
                    if !matches!(role, Role::Answer(_)) {
                        connection.state.absorb_fetch(message);
                    }
                    if let Role::Answer(uid) | Role::Both(uid) = role {
                        if let numbering @ Some(_) = self.plan.numbering.as_ref() {
                            let checked = self.held.check_numbering(&connection, numbering);
                            if let Err(renumbered) = checked {
                                connection.state.absorb_fetch(message);
                                return Err(renumbered);
                            }
                        }
                        if let Some(most) = self.most {
                            connection.check_answer(most)?;
                        }
                        return self.asking.give(&mut connection).map(|()| Some(uid));
                    }
                }
                Row::Vanished(uids) if self.plan.asks_for_vanished => {
                    self.vanished.push_set(&uids);
                    check_ranges(&mut connection, self.vanished.ranges())?;
                }
                Row::Vanished(uids) => connection.state.absorb_vanished(uids, true),
                Row::Other => {}
                Row::End => {
                    self.pieces.end_answer();
                    self.asking.answered();
                }
            }
            let most = *most_unasked.get_or_insert_with(|| connection.most_of_an_answer());
            connection.check_answer(most)?;
        }
    }

    /// The end of the stream: an error if a reported message could not be read, so that it is not
    /// mistaken for a removed one.
    fn end(&mut self) -> Result<()> {
        match self.pieces.unreadable.take() {
            Some(unreadable) => Err(Error::Unparsable(unreadable)),
            None => Ok(()),
        }
    }

    /// Sends the next command; whether there was one to send.
    fn ask(&mut self) -> Result<bool> {
        let Some(numbers) = self.asking.left.take() else {
            return Ok(false);
        };
        let plan = &self.plan;
        let mut connection = self.held.lease(plan.command)?;
        connection.confirm_numbering(plan.command, plan.numbering.as_ref())?;
        self.asking.ask(&mut connection, plan.question(), numbers)?;
        Ok(true)
    }
}

/// Closes the connection if more ranges have come than a list may have elements.
fn check_ranges(connection: &mut Connection, ranges: usize) -> Result<()> {
    match ranges > connection.list_limit() {
        true => Err(connection.too_many("UID FETCH", Effect::None)),
        false => Ok(()),
    }
}

impl<'g> IntoIterator for Messages<'g> {
    type Item = Result<Fetch>;
    type IntoIter = OwnedMessages<'g>;

    fn into_iter(self) -> OwnedMessages<'g> {
        OwnedMessages {
            messages: self,
            held_back: HeldBack::default(),
            ended: None,
        }
    }
}

impl fmt::Debug for Messages<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Messages")
            .field("mailbox", self.held.name())
            .finish_non_exhaustive()
    }
}
