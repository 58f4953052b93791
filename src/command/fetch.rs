//! FETCH (RFC 9051 section 6.4.5): messages, or parts of them, as a stream.

use std::collections::VecDeque;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::connection::answer::Row;
use crate::error::{Error, Result};
use crate::mailbox_guard::numbered::Numbered;
use crate::mailbox_guard::{Access, Held, Keeping, MailboxGuard};
use crate::types::capability::Capability;
use crate::types::fetch::FetchItem;
use crate::types::message_set::MessageSet;
use crate::types::number_set::NumberSet;
use crate::types::origin::Numbering;
use crate::types::sequence_set::SequenceSet;
use crate::types::uid_set::UidSet;
use crate::wire::response::fetch::Fetch;

/// The longest set in one command, in octets: what every server known takes. Longer ones are
/// asked for in several commands.
const LONGEST_SET: usize = 7_000;

/// The messages of a FETCH, one at a time, as they come from the server.
///
/// [`next`](Self::next) lends each message until the next is asked for, and copies nothing more
/// than the message's own octets into a buffer that is used again. As an iterator it gives each
/// message away.
///
/// The stream borrows the guard: no other command can be written while it lives. It may be dropped
/// at any time; what is still on its way is then read, or the connection closed, by the next
/// command. To work on messages in between, take them in [`Batches`](crate::command::Batches).
///
/// ```
#[doc = include_str!("../doc/session.txt")]
/// use latchbox::types::{FetchItem, UidSet};
///
/// let mut inbox = session.lock_mailbox_read_only("INBOX")?;
/// let mut messages = inbox.fetch(&UidSet::all(), [FetchItem::Envelope])?;
/// while let Some(message) = messages.next()? {
///     println!("{}", message.envelope()?.subject());
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use = "the messages come as they are asked for"]
pub struct Messages<'g> {
    held: &'g mut Held,
    plan: Plan,
    /// The message that was read last.
    message: Fetch,
    /// What the command that is being answered asked for.
    asked: Option<NumberSet>,
    /// Tells the connection that somebody reads; dropped with the stream.
    reading: Option<Arc<()>>,
    /// A message of that command has been handed out.
    has_given: bool,
    /// How long this stream was put off by a throttling server.
    waited: Duration,
}

/// The messages of a FETCH, each handed over: the iterator form of [`Messages`].
#[derive(Debug)]
#[must_use = "the messages come as they are asked for"]
pub struct OwnedMessages<'g> {
    messages: Messages<'g>,
}

/// What is to be asked, and how much of it has been.
struct Plan {
    command: &'static str,
    /// When the numbers are good; nothing for UIDs.
    numbering: Option<Numbering>,
    items: String,
    /// Whether the items are such as come unasked too.
    asks_for_news: bool,
    left: VecDeque<NumberSet>,
}

impl<A: Access, K: Keeping> MailboxGuard<'_, A, K> {
    /// Asks for items of messages, and streams them (UID FETCH). For sequence numbers see
    /// [`numbered`](Self::numbered).
    ///
    /// The command is sent when the first message is asked for. Sets too long for one command are
    /// asked for in several. A UID that belongs to no message is passed over by the server, and an
    /// empty set that a search gave sends nothing. The UID comes with each message unasked.
    ///
    /// # Errors
    ///
    /// Here, before anything is sent: [`Error::Argument`] for no items, for a section that cannot
    /// be asked for, and for an empty set made by hand; [`Error::StaleUids`] for UIDs of
    /// elsewhere; [`Error::Unsupported`] for BINARY or MODSEQ where the server does not have them.
    /// From the stream: [`Error::Refused`], also after messages that did come;
    /// [`Error::Mailbox`], [`Error::Closed`]. An item that cannot be read is an error of that item
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
    ///     println!("{:?}: {:?} octets", message.uid(), message.size());
    /// }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn fetch(&mut self, uids: &UidSet, items: impl AsRef<[FetchItem]>) -> Result<Messages<'_>> {
        Messages::of(&mut self.held, uids, items.as_ref())
    }
}

impl<'n, A: Access> Numbered<'n, A> {
    /// Asks for items of messages, and streams them (FETCH). An empty set sends nothing, and so
    /// does one like `1:*` where there is no message.
    ///
    /// # Errors
    ///
    /// As for [`MailboxGuard::fetch`]; [`MailboxError::Renumbered`] and
    /// [`MailboxError::ForeignNumbers`] before anything is sent, and `Renumbered` from the stream
    /// in place of a message that comes after one was removed.
    ///
    /// [`MailboxError::Renumbered`]: crate::MailboxError::Renumbered
    /// [`MailboxError::ForeignNumbers`]: crate::MailboxError::ForeignNumbers
    ///
    /// ```
    #[doc = include_str!("../doc/session.txt")]
    /// use latchbox::types::FetchItem;
    ///
    /// let mut inbox = session.lock_mailbox_read_only("INBOX")?;
    /// let mut numbered = inbox.numbered();
    /// let last_50 = numbered.last(50);
    /// let mut messages = numbered.fetch(&last_50, [FetchItem::Envelope])?;
    /// while let Some(message) = messages.next()? {
    ///     println!("{:?}: {}", message.seq(), message.envelope()?.subject());
    /// }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn fetch(
        &mut self,
        set: &SequenceSet<'n>,
        items: impl AsRef<[FetchItem]>,
    ) -> Result<Messages<'_>> {
        Messages::of(self.held, set, items.as_ref())
    }
}

impl<'g> Messages<'g> {
    fn of<S: MessageSet>(held: &'g mut Held, set: &S, items: &[FetchItem]) -> Result<Self> {
        let plan = Plan::new(held, set, items)?;
        Ok(Self {
            held,
            plan,
            message: Fetch::empty(),
            asked: None,
            reading: None,
            has_given: false,
            waited: Duration::ZERO,
        })
    }

    /// The next message, lent until this is called again; nothing after the last.
    ///
    /// Named as what it is: a stream that lends cannot be an [`Iterator`], which
    /// [`into_iter`](IntoIterator::into_iter) makes of it.
    ///
    /// # Errors
    ///
    /// See [`fetch`](MailboxGuard::fetch). After an error there are no more messages.
    #[allow(clippy::should_implement_trait)]
    pub fn next(&mut self) -> Result<Option<&Fetch>> {
        Ok(if self.advance()? {
            Some(&self.message)
        } else {
            None
        })
    }

    /// Reads the next message; whether there is one.
    fn advance(&mut self) -> Result<bool> {
        let advanced = self.read_on();
        if advanced.is_err() {
            self.leave();
        }
        advanced
    }

    /// There are no more messages, and nobody reads what is still on its way.
    fn leave(&mut self) {
        self.plan.left.clear();
        if self.asked.take().is_some() {
            // Not by way of the selection: it may be gone while the answer is still coming.
            if let Some(mut connection) = self.held.turn().value() {
                connection.abandon();
            }
        }
    }

    fn read_on(&mut self) -> Result<bool> {
        loop {
            if self.asked.is_none() && !self.ask()? {
                return Ok(false);
            }
            let mut connection = self.held.connection_as_it_is(self.plan.command)?;
            let row = match connection.next_row(&mut self.message) {
                Err(Error::Throttled(throttled))
                    if !self.has_given && connection.wait_out(&throttled, &mut self.waited) =>
                {
                    self.plan.left.extend(self.asked.take());
                    self.plan.left.rotate_right(1);
                    continue;
                }
                row => row?,
            };
            match row {
                Row::Message if self.is_answer() => {
                    let numbering = self.plan.numbering.as_ref();
                    if let Err(renumbered) = self.held.check_numbering(&connection, numbering) {
                        connection.state.absorb_fetch(&self.message);
                        return Err(renumbered);
                    }
                    connection.restart_clock();
                    self.has_given = true;
                    return Ok(true);
                }
                Row::Message => connection.state.absorb_fetch(&self.message),
                Row::Other => {}
                Row::End => self.asked = None,
            }
        }
    }

    /// Sends the next command; whether there was one to send.
    fn ask(&mut self) -> Result<bool> {
        let Some(numbers) = self.plan.left.pop_front() else {
            return Ok(false);
        };
        let Plan { command, items, .. } = &self.plan;
        let mut connection = self.held.connection(command)?;
        let numbering = self.plan.numbering.as_ref();
        self.held
            .confirm_numbering(&mut connection, command, numbering)?;
        connection.start(command, |encoder| {
            encoder
                .raw(command)
                .sp()
                .sequence_set(&numbers)
                .sp()
                .raw(items);
            Ok(())
        })?;
        self.reading = Some(connection.lend_reader());
        self.asked = Some(numbers);
        self.has_given = false;
        Ok(true)
    }

    /// Whether the message that was read answers the command, and did not come by itself.
    fn is_answer(&self) -> bool {
        let number = match self.plan.numbering {
            None => self.message.uid().map(Into::into),
            Some(_) => self.message.seq().map(Into::into),
        };
        let is_asked = |asked: &NumberSet| {
            asked.is_open() || number.is_some_and(|number| asked.contains(number))
        };
        let is_of_interest = self.plan.asks_for_news || !self.message.is_only_news();
        number.is_some() && is_of_interest && self.asked.as_ref().is_some_and(is_asked)
    }
}

impl Plan {
    fn new<S: MessageSet>(held: &Held, set: &S, items: &[FetchItem]) -> Result<Self> {
        let command = if S::UID { "UID FETCH" } else { "FETCH" };
        if items.is_empty() {
            return Err(Error::text("items", "none are given"));
        }
        for item in items {
            item.check()?;
        }
        let left = match held.check_set(command, set)? {
            true => set.numbers().chunks(LONGEST_SET).collect(),
            false => VecDeque::new(),
        };
        if let Some(missing) = missing_capability(held, items)? {
            return Err(Error::unsupported(command, missing));
        }
        let asks_for_news = items.iter().all(FetchItem::is_news);
        Ok(Self {
            command,
            numbering: set.numbering().cloned(),
            items: written(items),
            asks_for_news,
            left,
        })
    }
}

fn missing_capability(held: &Held, items: &[FetchItem]) -> Result<Option<Capability>> {
    let needed = items.iter().filter_map(FetchItem::capability);
    let mut needed: Vec<_> = needed.collect();
    if needed.is_empty() {
        return Ok(None);
    }
    let mut connection = held.connection("FETCH")?;
    let capabilities = connection.capabilities()?;
    needed.retain(|capability| !capabilities.supports(capability));
    Ok(needed.into_iter().next())
}

fn written(items: &[FetchItem]) -> String {
    let words: Vec<_> = items.iter().map(ToString::to_string).collect();
    format!("({})", words.join(" "))
}

impl<'g> IntoIterator for Messages<'g> {
    type Item = Result<Fetch>;
    type IntoIter = OwnedMessages<'g>;

    fn into_iter(self) -> OwnedMessages<'g> {
        OwnedMessages { messages: self }
    }
}

impl Iterator for OwnedMessages<'_> {
    type Item = Result<Fetch>;

    fn next(&mut self) -> Option<Result<Fetch>> {
        match self.messages.advance() {
            Ok(true) => Some(Ok(std::mem::replace(
                &mut self.messages.message,
                Fetch::empty(),
            ))),
            Ok(false) => None,
            Err(error) => Some(Err(error)),
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
