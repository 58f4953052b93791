//! The messages of a batch that are new to the copy.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use crate::error::Error;
use crate::types::flag::Flag;
use crate::types::flag_table::{FlagTable, MessageFlags};
use crate::types::message_uid::MessageUid;
use crate::types::number_set::{NumberSet, NumberSetBuilder};
use crate::types::origin::Origin;
use crate::types::uid::{ModSeq, Uid};
use crate::wire::response::fetch::Fetch;
use crate::wire::response::item_error::ItemError;

/// Messages that are new to the copy, in the order of their UIDs; an iterator.
#[derive(Clone)]
pub struct AddedMessages<'b> {
    added: &'b Added,
    places: Range<usize>,
}

/// A message that is new to the copy, with its flags and the items that were requested.
///
/// It is the argument of a command on one message:
///
/// ```
#[doc = include_str!("../doc/session.txt")]
/// use latchbox::sync::{ChangeBatch, FetchChanges};
/// use latchbox::types::{FetchItem, Printable, Section};
///
/// let mut inbox = session.lock_mailbox_read_only("INBOX")?;
/// let items = [FetchItem::Envelope];
/// let mut changes = inbox.changes(FetchChanges::since(None).items(&items))?;
/// while let Some(batch) = changes.next()? {
///     if let ChangeBatch::Changes(batch) = &batch {
///         for message in batch.messages() {
///             println!("{}: {}", message.uid(), Printable(message.items()?.envelope()?.subject()));
///             let mut octets = Vec::new(); // or a file
///             changes.guard().download(message, &Section::whole())?.copy_to(&mut octets)?;
///             # assert!(octets.ends_with(b"Hi!\r\n"));
///         }
///     }
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct AddedMessage<'b> {
    flags: MessageFlags<'b>,
    items: Option<&'b Fetch>,
    origin: Option<&'b Arc<Origin>>,
}

/// A message that the server does not return, or whose flags cannot be read, and the reason.
///
/// [`ChangedMessages::unreadable`](crate::sync::ChangedMessages::unreadable) has it. A command on this
/// message alone may succeed, with other items.
#[derive(Clone, Debug)]
pub struct UnreadableMessage {
    pub(super) id: MessageUid,
    pub(super) flags: Option<Vec<Flag>>,
    pub(super) error: Arc<Error>,
}

/// What has come of the messages that are new to the copy.
#[derive(Clone, Debug, Default)]
pub(super) struct Added {
    /// The flags of all of them.
    flags: FlagTable,
    /// Their items, at the same places; none if no items were requested.
    items: Vec<Fetch>,
    /// Flags that could not be read.
    unread: Vec<(Uid, ItemError)>,
    pub(super) unreadable: Vec<UnreadableMessage>,
}

impl Added {
    /// No messages yet of this mailbox.
    pub(super) fn of(origin: &Arc<Origin>) -> Self {
        let mut added = Self::default();
        added.flags.set_origin(Arc::clone(origin));
        added
    }

    /// Adds the flags of one message; they replace earlier ones.
    pub(super) fn put(&mut self, message: &Fetch) {
        let uid = message.uid();
        match message.flags() {
            Some(flags) => {
                let read = || flags.collect();
                self.flags.put(uid, flags.octets(), read, message.mod_seq());
            }
            None => {
                let error = message.errors().next();
                let error = error.unwrap_or_else(|| ItemError::missing("FLAGS"));
                self.unread.push((uid, error));
            }
        }
    }

    /// Adds messages with their items, one entry for each.
    pub(super) fn put_items(&mut self, messages: Vec<Fetch>) {
        messages.iter().for_each(|message| self.put(message));
        let with_flags = messages.into_iter().filter(|row| row.flags().is_some());
        self.items.extend(with_flags);
    }

    /// All have come.
    pub(super) fn settle(&mut self) {
        self.flags.settle();
        self.items.sort_by_key(Fetch::uid);
        let unread = std::mem::take(&mut self.unread).into_iter();
        let unread = unread.filter(|(uid, _)| self.flags.get(*uid).is_none());
        let unread: Vec<_> = unread.collect();
        for (uid, error) in unread {
            self.add_unreadable(uid, None, error.into());
        }
    }

    pub(super) fn add_unreadable(&mut self, uid: Uid, flags: Option<Vec<Flag>>, error: Error) {
        self.unreadable.push(UnreadableMessage {
            id: MessageUid::new(uid, self.flags.origin()),
            flags,
            error: Arc::new(error),
        });
    }

    /// Drops messages that are known to be unreadable; returns which.
    pub(super) fn drop_known_unreadable(&mut self, known: &NumberSet) -> NumberSet {
        let dropped = self.unreadable_uids().intersection(known);
        let is_new = |message: &UnreadableMessage| !dropped.contains(message.uid().into());
        self.unreadable.retain(is_new);
        dropped
    }

    pub(super) fn is_empty(&self) -> bool {
        self.flags.is_empty() && self.unreadable.is_empty()
    }

    pub(super) fn flags(&self) -> &FlagTable {
        &self.flags
    }

    pub(super) fn into_flags(self) -> FlagTable {
        self.flags
    }

    /// The UIDs of the messages that were read.
    pub(super) fn uids(&self) -> NumberSet {
        self.flags.numbers()
    }

    /// The UIDs of all messages.
    pub(super) fn seen(&self) -> NumberSet {
        self.uids().union(&self.unreadable_uids())
    }

    /// The UIDs of the messages that were not read.
    pub(super) fn unreadable_uids(&self) -> NumberSet {
        let mut uids = NumberSetBuilder::default();
        let unreadable = self.unreadable.iter();
        unreadable.for_each(|message| uids.push(message.uid().value()));
        uids.finish()
    }

    pub(super) fn messages(&self) -> AddedMessages<'_> {
        AddedMessages {
            added: self,
            places: 0..self.flags.len(),
        }
    }

    /// The messages from this UID on.
    pub(super) fn from(&self, first: Uid) -> AddedMessages<'_> {
        AddedMessages {
            added: self,
            places: self.flags.place_of(first)..self.flags.len(),
        }
    }

    /// The messages below this UID.
    pub(super) fn below(&self, end: Uid) -> AddedMessages<'_> {
        AddedMessages {
            added: self,
            places: 0..self.flags.place_of(end),
        }
    }

    fn message(&self, place: usize) -> Option<AddedMessage<'_>> {
        Some(AddedMessage {
            flags: self.flags.at(place)?,
            items: self.items.get(place),
            origin: self.flags.origin(),
        })
    }
}

impl<'b> AddedMessages<'b> {
    /// Whether there are no messages.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.places.is_empty()
    }
}

impl<'b> Iterator for AddedMessages<'b> {
    type Item = AddedMessage<'b>;

    fn next(&mut self) -> Option<AddedMessage<'b>> {
        let place = self.places.next()?;
        self.added.message(place)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.places.size_hint()
    }
}

impl DoubleEndedIterator for AddedMessages<'_> {
    fn next_back(&mut self) -> Option<Self::Item> {
        let place = self.places.next_back()?;
        self.added.message(place)
    }
}

impl ExactSizeIterator for AddedMessages<'_> {}

impl<'b> AddedMessage<'b> {
    /// The message's UID.
    #[must_use]
    pub fn uid(&self) -> Uid {
        self.flags.uid()
    }

    /// The message's UID with its mailbox, for commands and sets.
    #[must_use]
    pub fn id(&self) -> MessageUid {
        MessageUid::new(self.uid(), self.origin)
    }

    /// All its flags.
    #[must_use]
    pub fn flags(&self) -> &'b [Flag] {
        self.flags.flags()
    }

    /// Its mod-sequence, if the server reported it.
    #[must_use]
    pub fn mod_seq(&self) -> Option<ModSeq> {
        self.flags.mod_seq()
    }

    /// The items that were requested by [`FetchChanges::items`](crate::sync::FetchChanges::items).
    ///
    /// # Errors
    ///
    /// [`ItemError`] if no item except the flags was requested.
    pub fn items(&self) -> Result<&'b Fetch, ItemError> {
        self.items.ok_or_else(|| ItemError::missing("items"))
    }
}

impl From<AddedMessage<'_>> for MessageUid {
    fn from(message: AddedMessage<'_>) -> Self {
        message.id()
    }
}

impl From<&AddedMessage<'_>> for MessageUid {
    fn from(message: &AddedMessage<'_>) -> Self {
        message.id()
    }
}

impl UnreadableMessage {
    /// The message's UID.
    #[must_use]
    pub fn uid(&self) -> Uid {
        self.id.uid()
    }

    /// The message's UID with its mailbox, for commands and sets.
    #[must_use]
    pub fn id(&self) -> MessageUid {
        self.id.clone()
    }

    /// All its flags; `None` if the server does not return them either.
    #[must_use]
    pub fn flags(&self) -> Option<&[Flag]> {
        self.flags.as_deref()
    }

    /// The reason: [`Error::Refused`] if the server answers NO to a FETCH of this message,
    /// [`Error::Item`] if its flags cannot be read, [`Error::MissingData`] if the server answers OK
    /// and does not return it, although a search finds it.
    #[must_use]
    pub fn error(&self) -> &Error {
        &self.error
    }
}

impl fmt::Debug for AddedMessages<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.clone()).finish()
    }
}

/// The UID and the flags, such as `UID 4: \Seen`.
impl fmt::Display for AddedMessage<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.flags.fmt(f)
    }
}

/// The UID and the reason.
impl fmt::Display for UnreadableMessage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "UID {}: {}", self.uid(), self.error)
    }
}
