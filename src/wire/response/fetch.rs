//! FETCH: what a server says of one message (RFC 9051 section 7.5.2).

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

/// What the server said about one message in answer to a FETCH.
///
/// Holds the octets as they came and parses an item when it is asked for. An item that was not
/// sent is `None` or [`ItemError`] with [`ItemErrorKind::Missing`]; one that cannot be understood
/// does no harm to the others.
///
/// A server may send one message in several responses.
/// [`Messages::next`](crate::command::Messages::next) returns each as it comes;
/// [`merge`](Self::merge) makes one of them, as all that returns owned messages has done.
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
    /// What came later for the same message.
    more: Vec<FetchAnswer>,
    /// The mailbox that the UID counts in.
    origin: Option<Arc<Origin>>,
}

impl Fetch {
    /// An answer without items, to be filled by [`assign`](Self::assign).
    pub(crate) fn empty() -> Fetch {
        Fetch {
            first: FetchAnswer::default(),
            more: Vec::new(),
            origin: None,
        }
    }

    /// From now on its UID is known to be of this mailbox.
    pub(crate) fn set_origin(&mut self, origin: &Arc<Origin>) {
        self.origin = Some(Arc::clone(origin));
    }

    /// Becomes a copy of this row.
    pub(crate) fn assign(&mut self, row: &FetchRow<'_>) {
        self.more.clear();
        self.first.assign_copy(row);
    }

    /// Like [`assign`](Self::assign), but takes the large literals instead of copying them, and
    /// leaves an empty vector that may be used again.
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

    /// Becomes the row with which `bytes` begin, if that is written to the letter and so was the one
    /// before; tells the octets of it.
    pub(crate) fn assign_plain(&mut self, bytes: &[u8]) -> Option<usize> {
        self.more.clear();
        self.first.assign_plain(bytes)
    }

    /// What it holds, in room of just that size; the room that was read into stays here for the
    /// next row. Large literals are not copied.
    pub(crate) fn hand_over(&mut self) -> Fetch {
        Fetch {
            first: self.first.hand_over(),
            more: std::mem::take(&mut self.more),
            origin: self.origin.clone(),
        }
    }

    /// Adds what another answer says of the same message.
    ///
    /// Flags and mod-sequence are those of the later answer. Everything else cannot change, so
    /// the first that came is kept; where the later answer has it differently, that is one of
    /// the [`errors`](Self::errors), with [`ItemErrorKind::Contradicted`].
    ///
    /// # Errors
    ///
    /// Gives the other answer back if it is about another message (by UID where both have one,
    /// else by sequence number), or if there would be more than 256 items.
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

    /// The message's sequence number at the time of the answer.
    pub fn seq(&self) -> Option<SeqNum> {
        SeqNum::new(self.first.seq)
    }

    /// The message's unique identifier, without its mailbox; see [`id`](Self::id).
    ///
    /// Every FETCH asks for the UID, also one by sequence numbers, and a response without it is
    /// not returned as a message.
    pub fn uid(&self) -> Uid {
        // `Pieces`, STORE and NOTIFY let no row without one out.
        self.reported_uid().unwrap_or(Uid::MAX)
    }

    /// The message's unique identifier with its mailbox: the argument of a command about one
    /// message, and the element of a set.
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

    /// When the server received the message.
    ///
    /// `Ok(None)` where the server has no date, which some write as NIL or as a day 0.
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

    /// The id of the message's content: the same for every copy, in every mailbox
    /// (EMAILID, RFC 8474).
    pub fn email_id(&self) -> Option<&str> {
        self.first_of(|answer| answer.object_id(Kind::EmailId))
    }

    /// The id of the thread that the message belongs to (THREADID, RFC 8474); `None` also where
    /// the server knows of no threads.
    pub fn thread_id(&self) -> Option<&str> {
        self.first_of(|answer| answer.object_id(Kind::ThreadId))
    }

    /// When the message was put into this mailbox (SAVEDATE, RFC 8514).
    ///
    /// `Ok(None)` where the mailbox does not keep it.
    ///
    /// # Errors
    ///
    /// [`ItemError`] if SAVEDATE was not sent or is no string.
    pub fn save_date(&self) -> Result<Option<DateTime>, ItemError> {
        self.first_sound(|answer| answer.date(Kind::SaveDate, "SAVEDATE"))
    }

    /// The start of the message's text, in one line of plain text (PREVIEW, RFC 8970). It is
    /// text of the sender's: escape it before it is shown as HTML.
    ///
    /// `Ok(None)` where the server has none: it cannot make one, or has none at hand and was asked
    /// by [`FetchItem::PreviewLazy`](crate::types::FetchItem::PreviewLazy). An empty text is a
    /// message without text.
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

    /// Gmail's id of the message, the same under every label (`X-GM-MSGID`).
    pub fn gmail_message_id(&self) -> Option<u64> {
        self.first_of(|answer| answer.number(Kind::GmailMessageId))
    }

    /// Gmail's id of the thread (`X-GM-THRID`).
    pub fn gmail_thread_id(&self) -> Option<u64> {
        self.first_of(|answer| answer.number(Kind::GmailThreadId))
    }

    /// Gmail's labels of the message (`X-GM-LABELS`), without the label that the selected mailbox
    /// stands for.
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
    /// [`ItemError`] if it was not sent, does not follow the grammar, or has more levels or parts
    /// than the limits allow.
    pub fn body_structure(&self) -> Result<BodyStructure<'_>, ItemError> {
        self.first_sound(FetchAnswer::body_structure)
    }

    /// The octets of a section of the message, asked for by `BODY[...]` or `BODY.PEEK[...]`.
    ///
    /// `None` if the server did not send this section, or sent NIL for it, or what it sent is
    /// malformed: [`section_error`](Self::section_error) says which. Header fields that came under
    /// another list of names are those that were asked for if they are the only ones, and the lists
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

    /// All fields of this name in the message's header, in order, such as the many of Received.
    ///
    /// Of what was fetched: `BODY[HEADER.FIELDS (...)]`, `BODY[HEADER]` or the whole message; the
    /// first of these that has the field. For the header of a part, give the octets of
    /// [`body`](Self::body) to [`HeaderFields::new`].
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

    /// The octets of a part with its transfer encoding taken off, asked for by `BINARY[...]` or
    /// `BINARY.PEEK[...]`.
    ///
    /// `None` if the server did not send this part, or could not decode it and sent NIL; others
    /// refuse the whole command with `UNKNOWN-CTE`. Such a part can still be had by
    /// [`FetchItem::BodyPeek`](crate::types::FetchItem::BodyPeek), in its transfer encoding.
    pub fn binary(&self, section: &Section) -> Option<&[u8]> {
        self.first_of(|answer| answer.octets(Kind::Binary, section))
    }

    /// The size in octets of a part with its transfer encoding taken off (`BINARY.SIZE[...]`).
    pub fn binary_size(&self, section: &Section) -> Option<u64> {
        self.first_of(|answer| answer.section_size(section))
    }

    /// The sections that came, in the order of the server, each as [`body`](Self::body) takes it.
    ///
    /// Some octets of a section are listed with as many as came. A section whose name this crate
    /// could not have sent is left out.
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

    /// The decoded parts that came, in the order of the server, each as [`binary`](Self::binary)
    /// takes it.
    pub fn binary_sections(&self) -> impl Iterator<Item = Section> {
        self.answers()
            .flat_map(|answer| answer.sections(Kind::Binary))
    }

    /// Like [`body`](Self::body), but hands the octets over: a large body is not copied. Afterwards
    /// this answer has the section no more.
    pub fn take_body(&mut self, section: &Section) -> Option<Vec<u8>> {
        self.take(Kind::Section, section)
    }

    /// Like [`binary`](Self::binary), but hands the octets over as
    /// [`take_body`](Self::take_body) does.
    pub fn take_binary(&mut self, section: &Section) -> Option<Vec<u8>> {
        self.take(Kind::Binary, section)
    }

    /// Why [`body`](Self::body) or [`binary`](Self::binary) has no octets of a section: it is missing,
    /// or malformed, or the server sent another one in its place. `None` if the section came, also
    /// as NIL.
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
    /// For items of extensions that have no method here; [`FetchItem::Other`] asks for one. A string
    /// has its quotes, a list its parentheses.
    ///
    /// [`FetchItem::Other`]: crate::types::FetchItem::Other
    pub fn raw_item(&self, name: &str) -> Option<&[u8]> {
        self.first_of(|answer| answer.raw_item(name))
    }

    /// The items that were sent and make no sense, each with its octets.
    ///
    /// ENVELOPE and BODYSTRUCTURE are looked into only by the methods that return them.
    pub fn errors(&self) -> impl Iterator<Item = ItemError> {
        self.answers().flat_map(FetchAnswer::errors)
    }

    /// How many octets of the server's it holds.
    pub(crate) fn octets(&self) -> usize {
        self.answers().map(FetchAnswer::octets_held).sum()
    }

    /// What it tells of, in all its responses.
    pub(crate) fn kinds(&self) -> Kinds {
        let kinds = self.answers().map(FetchAnswer::kinds);
        kinds.fold(Kinds::default(), |all, kinds| all | kinds)
    }

    /// How many items it has of kinds of which there may be several.
    pub(crate) fn several(&self) -> usize {
        self.answers().map(FetchAnswer::several).sum()
    }

    /// It is about the message of this UID, which it does not tell.
    pub(crate) fn set_uid(&mut self, uid: Uid) {
        self.first.uid = Some(uid);
    }

    /// The response that was assigned.
    pub(crate) fn answer(&self) -> &FetchAnswer {
        &self.first
    }

    /// Whether it holds nothing but what servers tell unasked when it changes.
    pub(crate) fn is_only_news(&self) -> bool {
        self.first.is_only_news()
    }

    /// Whether something in it makes no sense, behind which there may be more.
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

    /// What the first answer says that can be understood, or else what is wrong with one that
    /// cannot, or else that it is missing.
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

/// The set of these messages, with their origin; [`MixedOrigins`] if they are of several mailboxes.
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
