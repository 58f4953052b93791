//! FETCH: the data of one message (RFC 9051 section 7.5.2).

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use crate::limits::{Limits, MERGED_ITEMS};
use crate::types::date_time::DateTime;
use crate::types::message_uid::MessageUid;
use crate::types::origin::Origin;
use crate::types::section::Section;
use crate::types::uid::{ModSeq, SeqNum, Uid};
use crate::types::uid_set::{MixedOrigins, UidSet};
use crate::wire::frame::OutOfLine;
use crate::wire::response::body_structure::BodyStructure;
use crate::wire::response::envelope::Envelope;
use crate::wire::response::fetch_answer::FetchAnswer;
use crate::wire::response::fetch_item::{Kind, Kinds};
use crate::wire::response::fetch_row::{FetchPlace, FetchRow};
use crate::wire::response::flags::Flags;
use crate::wire::response::header_field::{HeaderField, HeaderFields};
use crate::wire::response::item_error::ItemError;
use crate::wire::response::labels::Labels;

/// The data of one message, from one or more FETCH responses.
///
/// It stores the octets as they were received, and parses an item when a method returns it. An item
/// that was not sent is `None` or [`ItemError`] with [`ItemErrorKind::Missing`]; one that cannot be
/// parsed does not affect the others.
///
/// A server may send one message in several responses.
/// [`Messages::next`](crate::command::Messages::next) returns each as it is received;
/// [`merge`](Self::merge) combines them. Methods that return owned messages have merged them
/// already.
///
/// ```
#[doc = include_str!("../../doc/session.txt")]
/// use latchbox::types::{FetchItem, SearchKey};
///
/// let mut inbox = session.lock_mailbox_read_only("INBOX")?;
/// let all = inbox.search(SearchKey::All)?;
/// let mut messages = inbox.fetch(&all, [FetchItem::Rfc822Size, FetchItem::Envelope])?;
/// while let Some(message) = messages.next()? {
///     let size = message.size().unwrap_or(0);
///     println!("{}: {size} octets, {}", message.uid(), message.envelope()?.subject());
///     assert!(message.body_structure().is_err()); // was not asked for
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// [`ItemErrorKind::Missing`]: crate::message::ItemErrorKind::Missing
#[derive(Clone)]
pub struct Fetch {
    first: FetchAnswer,
    /// Later responses for the same message.
    more: Vec<FetchAnswer>,
    /// The mailbox that the UID belongs to.
    origin: Option<Arc<Origin>>,
}

impl Fetch {
    /// A message without items, to be filled by [`assign`](Self::assign).
    pub(crate) fn empty() -> Fetch {
        Fetch {
            first: FetchAnswer::default(),
            more: Vec::new(),
            origin: None,
        }
    }

    /// Records the mailbox that the UID belongs to.
    pub(crate) fn set_origin(&mut self, origin: &Arc<Origin>) {
        self.origin = Some(Arc::clone(origin));
    }

    /// Becomes a copy of this row.
    pub(crate) fn assign(&mut self, row: &FetchRow<'_>) {
        self.more.clear();
        self.first.assign_copy(row);
    }

    /// Like [`assign`](Self::assign), but takes the large literals instead of copying them.
    ///
    /// An empty vector is left for reuse.
    pub(crate) fn assign_taking(
        &mut self,
        place: FetchPlace,
        limits: &Limits,
        bytes: &[u8],
        literals: &mut Vec<OutOfLine>,
    ) {
        self.more.clear();
        self.first.assign(place, limits, bytes, literals);
    }

    /// Becomes the row with which `bytes` begin, and returns its number of octets.
    ///
    /// `None` if it does not follow the grammar to the letter, or the row before did not.
    pub(crate) fn assign_plain(&mut self, bytes: &[u8]) -> Option<usize> {
        self.more.clear();
        self.first.assign_plain(bytes)
    }

    /// Returns its content in an allocation of just that size; the buffer stays here for the next
    /// row.
    ///
    /// Large literals are not copied.
    pub(crate) fn hand_over(&mut self) -> Fetch {
        Fetch {
            first: self.first.hand_over(),
            more: std::mem::take(&mut self.more),
            origin: self.origin.clone(),
        }
    }

    /// Adds the data of a later response for the same message.
    ///
    /// Flags and mod-sequence are taken from the later response. Other items cannot change, so the
    /// first value is kept; if the later one differs, it is one of the [`errors`](Self::errors),
    /// with [`ItemErrorKind::Contradicted`].
    ///
    /// # Errors
    ///
    /// Returns the other message if it is a different one (by UID if both have one, else by
    /// sequence number), or if the sum would be more than 256 items.
    ///
    /// ```
    #[doc = include_str!("../../doc/session.txt")]
    /// use latchbox::message::Fetch;
    /// use latchbox::types::{FetchItem, UidSet};
    ///
    /// let mut inbox = session.lock_mailbox_read_only("INBOX")?;
    /// let mut merged: Vec<Fetch> = Vec::new();
    /// for message in inbox.fetch(&UidSet::all(), [FetchItem::Flags])? {
    ///     let message = message?;
    ///     let rest = match merged.last_mut() {
    ///         Some(last) => last.merge(message),
    ///         None => Some(message),
    ///     };
    ///     merged.extend(rest);
    /// }
    /// assert_eq!(merged.len(), 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// [`ItemErrorKind::Contradicted`]: crate::message::ItemErrorKind::Contradicted
    #[must_use = "what could not be merged is given back"]
    pub fn merge(&mut self, later: Fetch) -> Option<Fetch> {
        let is_same = match (self.reported_uid(), later.reported_uid()) {
            (Some(uid), Some(other)) => uid == other,
            _ => self.first.seq != 0 && self.first.seq == later.first.seq,
        };
        let items = self.answers().chain(later.answers());
        let items: usize = items.map(FetchAnswer::item_count).sum();
        if !is_same || items > MERGED_ITEMS {
            return Some(later);
        }
        self.first.uid = self.first.uid.or(later.first.uid);
        self.first.seq = later.first.seq;
        for mut answer in [later.first].into_iter().chain(later.more) {
            self.answers().for_each(|earlier| answer.yield_to(earlier));
            self.more.push(answer);
        }
        None
    }

    /// The message's sequence number at the time of the response.
    ///
    /// `None` if the response has none, as UIDFETCH (RFC 9586).
    pub fn seq(&self) -> Option<SeqNum> {
        SeqNum::new(self.first.seq)
    }

    /// The message's unique identifier, without its mailbox; see [`id`](Self::id).
    ///
    /// Every FETCH requests the UID, also one by sequence numbers, and a response without it is not
    /// returned as a message.
    pub fn uid(&self) -> Uid {
        // `Pieces`, STORE and NOTIFY return no row without one.
        self.reported_uid().unwrap_or(Uid::MAX)
    }

    /// The message's unique identifier with its mailbox.
    ///
    /// It is the argument of a command on one message, and the element of a set.
    ///
    /// Messages themselves are collected into a set too:
    ///
    /// ```
    #[doc = include_str!("../../doc/session.txt")]
    /// use latchbox::message::Fetch;
    /// use latchbox::types::{FetchItem, MixedOrigins, UidSet};
    ///
    /// let mut inbox = session.lock_mailbox("INBOX")?;
    /// let mut messages: Vec<Fetch> = Vec::new();
    /// inbox.fetch(&UidSet::all(), [FetchItem::Rfc822Size])?.collect_into(&mut messages)?;
    /// let large = messages.iter().filter(|message| message.size() > Some(10));
    /// let large = large.collect::<Result<UidSet, MixedOrigins>>()?;
    /// inbox.delete(&large)?; // no other mailbox takes this set
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn id(&self) -> MessageUid {
        MessageUid::new(self.uid(), self.origin.as_ref())
    }

    /// The UID, if the response had it.
    pub(crate) fn reported_uid(&self) -> Option<Uid> {
        self.first.uid
    }

    /// The message's flags.
    pub fn flags(&self) -> Option<Flags<'_>> {
        self.newest(|answer| answer.value(Kind::Flags).map(Flags::new))
    }

    /// The time at which the server received the message (INTERNALDATE).
    ///
    /// `Ok(None)` if the server has no date, which some write as NIL or as a day 0.
    ///
    /// # Errors
    ///
    /// [`ItemError`] if INTERNALDATE was not sent or is no string.
    pub fn internal_date(&self) -> Result<Option<DateTime>, ItemError> {
        self.first_sound(|answer| answer.date(Kind::InternalDate, "INTERNALDATE"))
    }

    /// The size of the message in octets (RFC822.SIZE).
    pub fn size(&self) -> Option<u64> {
        self.first_of(|answer| answer.number(Kind::Size))
    }

    /// The mod-sequence of the message (RFC 7162).
    pub fn mod_seq(&self) -> Option<ModSeq> {
        self.newest(FetchAnswer::mod_seq)
    }

    /// The id of the message's content, equal for all copies in all mailboxes (EMAILID, RFC 8474).
    pub fn email_id(&self) -> Option<&str> {
        self.first_of(|answer| answer.object_id(Kind::EmailId))
    }

    /// The id of the thread that the message belongs to (THREADID, RFC 8474).
    ///
    /// `None` also if the server has no threads.
    pub fn thread_id(&self) -> Option<&str> {
        self.first_of(|answer| answer.object_id(Kind::ThreadId))
    }

    /// The time at which the message was put into this mailbox (SAVEDATE, RFC 8514).
    ///
    /// `Ok(None)` if the mailbox does not store it.
    ///
    /// # Errors
    ///
    /// [`ItemError`] if SAVEDATE was not sent or is no string.
    pub fn save_date(&self) -> Result<Option<DateTime>, ItemError> {
        self.first_sound(|answer| answer.date(Kind::SaveDate, "SAVEDATE"))
    }

    /// The start of the message's text, in one line of plain text (PREVIEW, RFC 8970).
    ///
    /// It is text of the sender: escape it before it is shown as HTML.
    ///
    /// `Ok(None)` if the server has none: it cannot generate one, or has none ready and was asked
    /// by [`FetchItem::PreviewLazy`](crate::types::FetchItem::PreviewLazy). An empty text is that
    /// of a message without text.
    ///
    /// # Errors
    ///
    /// [`ItemError`] if PREVIEW was not sent or is no string.
    ///
    /// ```
    /// # let message = latchbox_testkit::message("Hello", "ann@example.com", "Lunch\nat one?");
    /// # let server = latchbox_testkit::Server::builder().mailbox("INBOX", [message])
    /// #     .with("PREVIEW").with("OBJECTID").with("SAVEDATE").start()?;
    /// # let session = latchbox::Client::builder("127.0.0.1").port(server.port()).danger_plaintext()
    /// #     .danger_cleartext_login().connect()?
    /// #     .login(latchbox_testkit::USER, latchbox_testkit::PASSWORD)?;
    /// use latchbox::types::{FetchItem, UidSet};
    ///
    /// let mut inbox = session.lock_mailbox_read_only("INBOX")?;
    /// let items = [FetchItem::Preview, FetchItem::EmailId, FetchItem::ThreadId, FetchItem::SaveDate];
    /// for message in inbox.fetch(&UidSet::all(), items)? {
    ///     let message = message?;
    ///     assert_eq!(message.preview()?.as_deref(), Some("Lunch at one?"));
    ///     println!("{:?} of {:?}, ", message.email_id(), message.thread_id());
    ///     println!("here since {:?}", message.save_date()?);
    /// #   assert!(message.email_id().is_some() && message.thread_id().is_some());
    /// #   assert!(message.save_date()?.is_some());
    /// }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn preview(&self) -> Result<Option<Cow<'_, str>>, ItemError> {
        self.first_sound(FetchAnswer::preview)
    }

    /// Gmail's id of the message, equal under every label (`X-GM-MSGID`).
    pub fn gmail_message_id(&self) -> Option<u64> {
        self.first_of(|answer| answer.number(Kind::GmailMessageId))
    }

    /// Gmail's id of the thread (`X-GM-THRID`).
    pub fn gmail_thread_id(&self) -> Option<u64> {
        self.first_of(|answer| answer.number(Kind::GmailThreadId))
    }

    /// Gmail's labels of the message (`X-GM-LABELS`), without the label of the selected mailbox.
    pub fn gmail_labels(&self) -> Option<Labels<'_>> {
        self.newest(|answer| answer.value(Kind::GmailLabels).map(Labels::new))
    }

    /// The header of the message as the server parsed it.
    ///
    /// # Errors
    ///
    /// [`ItemError`] if ENVELOPE was not sent or is no list.
    pub fn envelope(&self) -> Result<Envelope<'_>, ItemError> {
        self.first_sound(FetchAnswer::envelope)
    }

    /// The parts of the message, from BODYSTRUCTURE or from BODY without extension data.
    ///
    /// # Errors
    ///
    /// [`ItemError`] if it was not sent, does not follow the grammar, or exceeds a limit on levels
    /// or parts.
    pub fn body_structure(&self) -> Result<BodyStructure<'_>, ItemError> {
        self.first_sound(FetchAnswer::body_structure)
    }

    /// The octets of a section of the message, requested by `BODY[...]` or `BODY.PEEK[...]`.
    ///
    /// `None` if the server did not send this section, or sent NIL or malformed data for it:
    /// [`section_error`](Self::section_error) is the reason. Header fields that were sent under
    /// another list of names are those that were requested if they are the only ones, and the lists
    /// have a name in common.
    ///
    /// ```
    #[doc = include_str!("../../doc/session.txt")]
    /// use latchbox::types::{FetchItem, Section, UidSet};
    ///
    /// let text = Section::whole().text();
    /// let mut inbox = session.lock_mailbox_read_only("INBOX")?;
    /// let mut messages = inbox.fetch(&UidSet::all(), [FetchItem::BodyPeek(text.clone())])?;
    /// while let Some(message) = messages.next()? {
    ///     assert_eq!(message.body(&text), Some(&b"Hi!\r\n"[..]));
    /// }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn body(&self, section: &Section) -> Option<&[u8]> {
        self.first_of(|answer| answer.octets(Kind::Section, section))
    }

    /// The first field of this name in the message's header, in any case; see
    /// [`headers`](Self::headers).
    ///
    /// ```
    #[doc = include_str!("../../doc/session.txt")]
    /// use latchbox::types::{FetchItem, Section, UidSet};
    ///
    /// let fields = Section::header_fields(["List-Id", "Subject", "Resent-Date"])?;
    /// let mut inbox = session.lock_mailbox_read_only("INBOX")?;
    /// let mut messages = inbox.fetch(&UidSet::all(), [FetchItem::BodyPeek(fields)])?;
    /// while let Some(message) = messages.next()? {
    ///     let subject = message.header("subject").ok_or("it has no subject")?;
    ///     assert_eq!(subject.text(), "hello");
    ///     assert!(message.header("List-Id").is_none());
    ///     let resent = message.header("Resent-Date").and_then(|field| field.date());
    ///     println!("{:?}", resent.and_then(|date| date.instant()));
    /// }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn header(&self, name: &str) -> Option<HeaderField<'_>> {
        self.headers(name).next()
    }

    /// All fields of this name in the message's header, in order, such as all Received fields.
    ///
    /// They are read from what was fetched: `BODY[HEADER.FIELDS (...)]`, `BODY[HEADER]` or the
    /// whole message; the first of these that has the field. For the header of a part, pass the
    /// octets of [`body`](Self::body) to [`HeaderFields::new`].
    pub fn headers<'f, 'n>(
        &'f self,
        name: &'n str,
    ) -> impl Iterator<Item = HeaderField<'f>> + use<'f, 'n> {
        let sections = self.answers().flat_map(FetchAnswer::headers);
        let mut fields =
            sections.map(move |octets| HeaderFields::new(octets).named(name).peekable());
        let found = fields.find_map(|mut fields| fields.peek().is_some().then_some(fields));
        found.into_iter().flatten()
    }

    /// The octets of a decoded part, requested by `BINARY[...]` or `BINARY.PEEK[...]`.
    ///
    /// The server has removed the transfer encoding. `None` if it did not send this part, or could
    /// not decode it and sent NIL; other servers refuse the whole command with `UNKNOWN-CTE`.
    /// [`FetchItem::BodyPeek`](crate::types::FetchItem::BodyPeek) fetches such a part in its
    /// transfer encoding.
    pub fn binary(&self, section: &Section) -> Option<&[u8]> {
        self.first_of(|answer| answer.octets(Kind::Binary, section))
    }

    /// The size in octets of a part without its transfer encoding (`BINARY.SIZE[...]`).
    pub fn binary_size(&self, section: &Section) -> Option<u64> {
        self.first_of(|answer| answer.section_size(section))
    }

    /// The sections that were received, in the server's order.
    ///
    /// Each is as [`body`](Self::body) takes it. A partial section has the length that was received. A section whose name this crate could
    /// not have sent is left out.
    ///
    /// ```
    #[doc = include_str!("../../doc/session.txt")]
    /// use latchbox::types::{FetchItem, Section, UidSet};
    ///
    /// let header = FetchItem::from(Section::whole().header());
    /// let text = FetchItem::from(Section::part("1")?);
    /// let mut inbox = session.lock_mailbox_read_only("INBOX")?;
    /// let mut messages = inbox.fetch(&UidSet::all(), [header, text])?;
    /// while let Some(message) = messages.next()? {
    ///     for section in message.sections() {
    ///         println!("{section}: {:?} octets", message.body(&section).map(<[u8]>::len));
    ///     }
    ///     # assert_eq!(message.sections().count(), 2);
    /// }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn sections(&self) -> impl Iterator<Item = Section> {
        self.answers()
            .flat_map(|answer| answer.sections(Kind::Section))
    }

    /// The decoded parts that were received, in the server's order.
    ///
    /// Each is as [`binary`](Self::binary) takes it.
    pub fn binary_sections(&self) -> impl Iterator<Item = Section> {
        self.answers()
            .flat_map(|answer| answer.sections(Kind::Binary))
    }

    /// Like [`body`](Self::body), but removes the octets from here and returns them without a copy.
    pub fn take_body(&mut self, section: &Section) -> Option<Vec<u8>> {
        self.take(Kind::Section, section)
    }

    /// Like [`binary`](Self::binary), but removes the octets, as [`take_body`](Self::take_body)
    /// does.
    pub fn take_binary(&mut self, section: &Section) -> Option<Vec<u8>> {
        self.take(Kind::Binary, section)
    }

    /// The reason why [`body`](Self::body) or [`binary`](Self::binary) has no octets of a section.
    ///
    /// The section is missing or malformed, or the server sent another one in its place. `None` if
    /// the section was received, also as NIL.
    pub fn section_error(&self, section: &Section) -> Option<ItemError> {
        let mut found: Option<ItemError> = None;
        for kind in [Kind::Section, Kind::Binary] {
            for answer in self.answers() {
                let error = answer.section_error(kind, section)?;
                let is_better = found.as_ref().is_none_or(ItemError::is_missing);
                if is_better && !(found.is_some() && error.is_missing()) {
                    found = Some(error);
                }
            }
        }
        found
    }

    /// The value of any item as the server wrote it, by the item's name in any case.
    ///
    /// It is for items of extensions that have no method here; [`FetchItem::Other`] requests one. A
    /// string has its quotes, a list its parentheses.
    ///
    /// [`FetchItem::Other`]: crate::types::FetchItem::Other
    pub fn raw_item(&self, name: &str) -> Option<&[u8]> {
        self.first_of(|answer| answer.raw_item(name))
    }

    /// The items that were sent but cannot be parsed, each with its octets.
    ///
    /// The content of ENVELOPE and BODYSTRUCTURE is checked only by the methods that return them.
    pub fn errors(&self) -> impl Iterator<Item = ItemError> {
        self.answers().flat_map(FetchAnswer::errors)
    }

    /// The number of octets received from the server that it holds.
    pub(crate) fn octets(&self) -> usize {
        self.answers().map(FetchAnswer::octets_held).sum()
    }

    /// The kinds of items that its responses have.
    pub(crate) fn kinds(&self) -> Kinds {
        let kinds = self.answers().map(FetchAnswer::kinds);
        kinds.fold(Kinds::default(), |all, kinds| all | kinds)
    }

    /// The number of items of kinds that can occur several times.
    pub(crate) fn several(&self) -> usize {
        self.answers().map(FetchAnswer::several).sum()
    }

    /// Sets the UID of the message, which the response does not have.
    pub(crate) fn set_uid(&mut self, uid: Uid) {
        self.first.uid = Some(uid);
    }

    /// The response that was assigned.
    pub(crate) fn answer(&self) -> &FetchAnswer {
        &self.first
    }

    /// Whether it has only items that servers send in unsolicited responses to report a change.
    pub(crate) fn is_only_news(&self) -> bool {
        self.first.is_only_news()
    }

    /// Whether it has malformed data, after which there may be more.
    pub(crate) fn is_torn(&self) -> bool {
        self.first.is_torn()
    }

    fn answers(&self) -> impl Iterator<Item = &FetchAnswer> {
        [&self.first].into_iter().chain(&self.more)
    }

    fn first_of<'f, T>(&'f self, ask: impl Fn(&'f FetchAnswer) -> Option<T>) -> Option<T> {
        ask(&self.first).or_else(|| self.more.iter().find_map(ask))
    }

    fn newest<'f, T>(&'f self, ask: impl Fn(&'f FetchAnswer) -> Option<T>) -> Option<T> {
        let later = self.more.iter().rev().find_map(&ask);
        later.or_else(|| ask(&self.first))
    }

    /// The first valid value of an item in its responses.
    ///
    /// If there is none, the error of an invalid one, or else that the item is missing.
    fn first_sound<'f, T>(
        &'f self,
        ask: impl Fn(&'f FetchAnswer) -> Result<T, ItemError>,
    ) -> Result<T, ItemError> {
        let mut found = ask(&self.first);
        for answer in &self.more {
            match (&found, ask(answer)) {
                (Ok(_), _) => break,
                (_, Ok(sound)) => found = Ok(sound),
                (Err(_), Err(error)) if !error.is_missing() => found = Err(error),
                _ => {}
            }
        }
        found
    }

    fn take(&mut self, kind: Kind, section: &Section) -> Option<Vec<u8>> {
        let answers = [&mut self.first].into_iter().chain(&mut self.more);
        answers
            .into_iter()
            .find_map(|answer| answer.take(kind, section))
    }
}

impl From<&Fetch> for MessageUid {
    fn from(message: &Fetch) -> Self {
        message.id()
    }
}

/// The set of these messages with their origin; [`MixedOrigins`] if they are of several mailboxes.
impl<'f> FromIterator<&'f Fetch> for Result<UidSet, MixedOrigins> {
    fn from_iter<I: IntoIterator<Item = &'f Fetch>>(messages: I) -> Self {
        messages.into_iter().map(Fetch::id).collect()
    }
}

impl fmt::Debug for Fetch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let items: Vec<String> = self.answers().flat_map(FetchAnswer::names).collect();
        f.debug_struct("Fetch")
            .field("seq", &self.first.seq)
            .field("uid", &self.first.uid)
            .field("items", &items)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
