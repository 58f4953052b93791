//! Message sequence numbers: a view of the guard in which they are made and used, and its checks.

use std::fmt;
use std::marker::PhantomData;
use std::num::NonZeroU32;
use std::ops::RangeBounds;

use crate::connection::Connection;
use crate::error::{Error, MailboxError, Result};
use crate::exchange::State;
use crate::mailbox_guard::lease::Held;
use crate::mailbox_guard::lease::MailboxLease;
use crate::mailbox_guard::{Access, MailboxGuard, ReadWrite};
use crate::types::capability::Capability;
use crate::types::invalid_set::InvalidSet;
use crate::types::number_set::NumberSet;
use crate::types::origin::Numbering;
use crate::types::response_code::ResponseCode;
use crate::types::sequence_set::SequenceSet;
use crate::types::uid::SeqNum;

/// A view of a guard in which messages are named by sequence number (RFC 9051 section 2.3.1.2).
///
/// Made by [`MailboxGuard::numbered`]. The number of a message is its place in the mailbox. If a
/// message is removed, all messages with higher numbers move up, and a number that was stored names
/// another message. So the view borrows the guard: while it, or a set made by it, lives, no other
/// command can be written, and a server may not remove a message during the commands of the view
/// (RFC 9051 section 7.5.1). [`copy`](Self::copy) and [`move_to`](Self::move_to), during which it
/// may, consume the view.
///
/// ```
#[doc = include_str!("../doc/session.txt")]
/// use latchbox::types::{FetchItem, Flag, Printable, StoreAction};
///
/// let mut inbox = session.lock_mailbox("INBOX")?;
/// let mut numbered = inbox.numbered();
/// let last_50 = numbered.last(50);
/// let mut messages = numbered.fetch(&last_50, [FetchItem::Envelope])?;
/// while let Some(message) = messages.next()? {
///     println!("{}", Printable(message.envelope()?.subject()));
/// }
/// drop(messages);
/// numbered.store(&last_50, StoreAction::Add, [Flag::Seen])?;
///
/// inbox.expunge_all_deleted()?; // neither the view nor the set is used behind this
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// If a server removes a message all the same, the next use of the view or its sets is
/// [`MailboxError::Renumbered`], before anything is sent; all that has arrived until then is taken
/// into account. To store numbers, request their UIDs instead: by a
/// [search](crate::types::SearchKey::Sequence), or with
/// [`FetchItem::Uid`](crate::types::FetchItem).
#[must_use = "a view does nothing by itself"]
pub struct Numbered<'g, A = ReadWrite> {
    pub(crate) held: &'g mut Held,
    numbering: Numbering,
    /// Keeps the view on the thread of its guard.
    _access: [A; 0],
}

/// The state in which [`Numbered::run`] runs commands; `A` is the access of the guard.
#[derive(Clone, Copy, Debug)]
pub struct NumberedState<'n, A>(PhantomData<(&'n (), A)>);

/// A view, for one command that it runs.
pub struct NumberedPlace<'p> {
    pub(crate) held: &'p mut Held,
    /// The period in which the numbers of the view are valid.
    pub(crate) numbering: &'p Numbering,
}

impl<A: Access> State for NumberedState<'_, A> {
    type Place<'p> = NumberedPlace<'p>;
}

impl NumberedPlace<'_> {
    pub(crate) fn set_of<'n>(&self, numbers: NumberSet) -> SequenceSet<'n> {
        SequenceSet::new(numbers, self.numbering.clone())
    }
}

impl<A: Access> MailboxGuard<'_, A> {
    /// A view in which messages are named by sequence number, for queries such as "the last 50".
    ///
    /// Sends nothing.
    ///
    /// ```
    #[doc = include_str!("../doc/session.txt")]
    /// use latchbox::types::FetchItem;
    ///
    /// let mut inbox = session.lock_mailbox_read_only("INBOX")?;
    /// let mut numbered = inbox.numbered();
    /// for message in numbered.fetch(&numbered.last(50), [FetchItem::Uid, FetchItem::Flags])? {
    ///     println!("{:?}", message?.uid());
    /// }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn numbered(&mut self) -> Numbered<'_, A> {
        Numbered {
            numbering: self.held.numbering(),
            held: &mut self.held,
            _access: [],
        }
    }
}

impl<'g, A: Access> Numbered<'g, A> {
    /// The number of messages, and so the highest sequence number.
    ///
    /// It is as of the last response that was read.
    #[must_use]
    pub fn exists(&self) -> u32 {
        let lease = self.held.lease_as_it_is("numbered");
        lease.map_or(0, |lease| lease.exists())
    }

    /// `1:*`, every message of the mailbox.
    pub fn all(&self) -> SequenceSet<'g> {
        self.set_of(NumberSet::all())
    }

    /// The last `count` of the messages that [exist](Self::exists), or all if there are fewer.
    ///
    /// They arrived last, because a server gives them the highest numbers. The set is empty if
    /// there is no message; every command with it is then a no-op.
    ///
    /// ```
    #[doc = include_str!("../doc/session.txt")]
    /// let mut inbox = session.lock_mailbox("INBOX")?;
    /// session.append("INBOX", b"Subject: second\r\n\r\n")?;
    /// inbox.refresh()?;
    /// let numbered = inbox.numbered();
    /// assert_eq!(numbered.last(1).to_string(), "2");
    /// assert_eq!(numbered.last(50).to_string(), "1:2");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn last(&self, count: u32) -> SequenceSet<'g> {
        let exists = self.exists();
        let before = exists.saturating_sub(count);
        let ends = NonZeroU32::new(before.saturating_add(1)).zip(NonZeroU32::new(exists));
        self.set_of(ends.map_or_else(NumberSet::new, |(first, last)| {
            NumberSet::between(first, last)
        }))
    }

    /// The messages in a range; empty if the range is.
    ///
    /// A range without an upper end extends to the last message (`n:*`); if `n` is above that, a
    /// server takes it for the last message alone (RFC 9051 section 9).
    ///
    /// ```
    #[doc = include_str!("../doc/session.txt")]
    /// use latchbox::types::SeqNum;
    ///
    /// let mut inbox = session.lock_mailbox("INBOX")?;
    /// let numbered = inbox.numbered();
    /// let (two, five) = (SeqNum::try_from(2)?, SeqNum::try_from(5)?);
    /// assert_eq!(numbered.range(two..=five).to_string(), "2:5");
    /// assert_eq!(numbered.range(two..).to_string(), "2:*");
    /// assert!(numbered.range(five..=two).is_empty());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn range(&self, range: impl RangeBounds<SeqNum>) -> SequenceSet<'g> {
        let number = |number: &SeqNum| NonZeroU32::from(*number);
        let first = range.start_bound().map(number);
        self.set_of(NumberSet::within(first, range.end_bound().map(number)))
    }

    /// These numbers, in any order, such as those of messages of this view.
    ///
    /// [`seq`](crate::message::Fetch::seq) is the number of a message.
    ///
    /// ```
    #[doc = include_str!("../doc/session.txt")]
    /// use latchbox::types::SeqNum;
    ///
    /// let mut inbox = session.lock_mailbox("INBOX")?;
    /// let two_three = inbox.numbered().set([SeqNum::try_from(3)?, SeqNum::try_from(2)?]);
    /// assert_eq!(two_three.to_string(), "2:3");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn set(&self, numbers: impl IntoIterator<Item = SeqNum>) -> SequenceSet<'g> {
        self.set_of(numbers.into_iter().map(NonZeroU32::from).collect())
    }

    /// The messages that a response code MODIFIED names; `None` for another code.
    ///
    /// The code is that of an error of a command of this view (RFC 7162 section 3.1.3).
    #[must_use]
    pub fn modified(&self, code: &ResponseCode) -> Option<SequenceSet<'g>> {
        match code {
            ResponseCode::Modified(numbers) => Some(self.set_of(numbers.clone())),
            _ => None,
        }
    }

    /// Reads the form that a set has on the wire.
    ///
    /// # Errors
    ///
    /// [`InvalidSet`] for anything else.
    ///
    /// ```
    #[doc = include_str!("../doc/session.txt")]
    /// let mut inbox = session.lock_mailbox("INBOX")?;
    /// let numbered = inbox.numbered();
    /// assert_eq!(numbered.parse("9:*,1:3,4")?.to_string(), "1:4,9:*");
    /// assert!(numbered.parse("1..4").is_err());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn parse(&self, text: &str) -> Result<SequenceSet<'g>, InvalidSet> {
        NumberSet::parse(text.as_bytes()).map(|numbers| self.set_of(numbers))
    }

    pub(crate) fn set_of(&self, numbers: NumberSet) -> SequenceSet<'g> {
        SequenceSet::new(numbers, self.numbering.clone())
    }

    /// The view for a command that it runs.
    pub(crate) fn place(&mut self) -> NumberedPlace<'_> {
        NumberedPlace {
            held: self.held,
            numbering: &self.numbering,
        }
    }

    /// The period in which numbers of this view are valid.
    pub(crate) fn numbering(&self) -> &Numbering {
        &self.numbering
    }
}

impl Held {
    /// The period in which numbers that are taken now are valid.
    ///
    /// If the mailbox is no longer selected, any period will do, because each use checks the
    /// selection first.
    fn numbering(&self) -> Numbering {
        let lease = self.lease_as_it_is("numbered");
        let renumberings = lease.map_or(0, |lease| renumberings(&lease));
        Numbering::new(self.origin(), renumberings)
    }

    /// Rejects sequence numbers of another mailbox, and those from before messages were renumbered.
    pub(crate) fn check_numbering(
        &self,
        connection: &Connection,
        numbering: Option<&Numbering>,
    ) -> Result<()> {
        let Some(numbering) = numbering else {
            return Ok(());
        };
        if connection.state.has_enabled(&Capability::UidOnly) {
            let problem = "UIDONLY is enabled (RFC 9586), so there are none: use UIDs";
            return Err(Error::text("sequence numbers", problem));
        }
        if !numbering.is_of(self.origin()) {
            let foreign = MailboxError::ForeignNumbers(self.name().clone());
            return Err(Error::mailbox(foreign));
        }
        let may_change = connection.state.is_renumbered_at_once();
        if may_change || numbering.renumberings() != renumberings(connection) {
            let renumbered = MailboxError::Renumbered(self.name().clone());
            return Err(Error::mailbox(renumbered));
        }
        Ok(())
    }
}

impl MailboxLease<'_> {
    /// Rejects sequence numbers of another mailbox, and those from before messages were renumbered;
    /// UIDs have no numbering.
    pub(crate) fn check_numbering(&self, numbering: Option<&Numbering>) -> Result<()> {
        self.held().check_numbering(self, numbering)
    }

    /// The last step before a command with sequence numbers is sent: reads all that has arrived,
    /// and then checks that the numbers still hold.
    pub(crate) fn confirm_numbering(
        &mut self,
        command: &'static str,
        numbering: Option<&Numbering>,
    ) -> Result<()> {
        if numbering.is_none() {
            return Ok(());
        }
        self.receive_arrived(command)?;
        self.held().check_selected(self)?;
        self.check_numbering(numbering)
    }
}

pub(crate) fn renumberings(connection: &Connection) -> u64 {
    let selected = connection.state.selected();
    selected.map_or(0, |selected| selected.renumberings)
}

impl<A> fmt::Debug for Numbered<'_, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Numbered").field(self.held.name()).finish()
    }
}
