//! FETCH: the data of one message (RFC 9051 section 7.5.2).

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use crate::types::date_time::DateTime;
use crate::types::message_uid::MessageUid;
use crate::types::origin::Origin;
use crate::types::section::Section;
use crate::types::uid::{ModSeq, SeqNum, Uid};
use crate::types::uid_set::{MixedOrigins, UidSet};
use crate::wire::response::body_structure::BodyStructure;
use crate::wire::response::envelope::Envelope;
use crate::wire::response::fetch_answer::FetchAnswer;
use crate::wire::response::fetch_item::Kind;
use crate::wire::response::fetch_responses::Responses;
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
/// use latchbox::types::{FetchItem, Printable, SearchKey};
///
/// let mut inbox = session.lock_mailbox_read_only("INBOX")?;
/// let all = inbox.search(SearchKey::All)?;
/// let mut messages = inbox.fetch(&all, [FetchItem::Rfc822Size, FetchItem::Envelope])?;
/// while let Some(message) = messages.next()? {
///     let size = message.size().unwrap_or(0);
///     println!("{}: {size} octets, {}", message.uid(), Printable(message.envelope()?.subject()));
///     assert!(message.body_structure().is_err()); // was not asked for
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// [`ItemErrorKind::Missing`]: crate::message::ItemErrorKind::Missing
#[derive(Clone)]
pub struct Fetch {
    uid: Uid,
    responses: Responses,
    /// The mailbox that the UID belongs to.
    origin: Option<Arc<Origin>>,
}

impl Fetch {
    /// The message with this UID, of which these responses are.
    pub(crate) fn new(uid: Uid, responses: Responses) -> Self {
        Self {
            uid,
            responses,
            origin: None,
        }
    }

    /// Records the mailbox that the UID belongs to.
    pub(crate) fn set_origin(&mut self, origin: &Arc<Origin>) {
        self.origin = Some(Arc::clone(origin));
    }

    /// The responses about it.
    pub(crate) fn responses(&self) -> &Responses {
        &self.responses
    }

    /// Adds the data of a later response for the same message.
    ///
    /// Flags and mod-sequence are taken from the later response. Other items cannot change, so the
    /// first value is kept; if the later one differs, it is one of the [`errors`](Self::errors),
    /// with [`ItemErrorKind::Contradicted`].
    ///
    /// # Errors
    ///
    /// Returns the other message if it has another UID, or if the sum would be more than 256 items.
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
        let Fetch {
            uid,
            responses,
            origin,
        } = later;
        let is_same = uid == self.uid;
        let rest = match is_same {
            true => self.responses.merge(responses)?,
            false => responses,
        };
        Some(Fetch {
            uid,
            responses: rest,
            origin,
        })
    }

    /// The message's sequence number at the time of the response.
    ///
    /// `None` if the response has none, as UIDFETCH (RFC 9586).
    pub fn seq(&self) -> Option<SeqNum> {
        self.responses.seq()
    }

    /// The message's unique identifier, without its mailbox; see [`id`](Self::id).
    ///
    /// Every FETCH requests the UID, also one by sequence numbers, and a response without it is not
    /// returned as a message.
    pub fn uid(&self) -> Uid {
        self.uid
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

    /// The message's flags.
    pub fn flags(&self) -> Option<Flags<'_>> {
        self.responses.flags()
    }

    /// The time at which the server received the message (INTERNALDATE).
    ///
    /// `Ok(None)` if the server has no date, which some write as NIL, as an empty string or as a
    /// day 0. A year of two or three digits is read as in the Date field of a message.
    ///
    /// # Errors
    ///
    /// [`ItemError`] if INTERNALDATE was not sent or is no date.
    pub fn internal_date(&self) -> Result<Option<DateTime>, ItemError> {
        self.responses
            .first_sound(|answer| answer.date(Kind::InternalDate, "INTERNALDATE"))
    }

    /// The size of the message in octets (RFC822.SIZE).
    pub fn size(&self) -> Option<u64> {
        self.responses.first_of(|answer| answer.number(Kind::Size))
    }

    /// The mod-sequence of the message (RFC 7162).
    pub fn mod_seq(&self) -> Option<ModSeq> {
        self.responses.mod_seq()
    }

    /// The id of the message's content, equal for all copies in all mailboxes (EMAILID, RFC 8474).
    pub fn email_id(&self) -> Option<&str> {
        self.responses
            .first_of(|answer| answer.object_id(Kind::EmailId))
    }

    /// The id of the thread that the message belongs to (THREADID, RFC 8474).
    ///
    /// `None` also if the server has no threads.
    pub fn thread_id(&self) -> Option<&str> {
        self.responses
            .first_of(|answer| answer.object_id(Kind::ThreadId))
    }

    /// The time at which the message was put into this mailbox (SAVEDATE, RFC 8514).
    ///
    /// `Ok(None)` if the mailbox does not store it.
    ///
    /// # Errors
    ///
    /// [`ItemError`] if SAVEDATE was not sent or is no date.
    pub fn save_date(&self) -> Result<Option<DateTime>, ItemError> {
        self.responses
            .first_sound(|answer| answer.date(Kind::SaveDate, "SAVEDATE"))
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
        self.responses.first_sound(FetchAnswer::preview)
    }

    /// Gmail's id of the message, equal under every label (`X-GM-MSGID`).
    pub fn gmail_message_id(&self) -> Option<u64> {
        self.responses
            .first_of(|answer| answer.number(Kind::GmailMessageId))
    }

    /// Gmail's id of the thread (`X-GM-THRID`).
    pub fn gmail_thread_id(&self) -> Option<u64> {
        self.responses
            .first_of(|answer| answer.number(Kind::GmailThreadId))
    }

    /// Gmail's labels of the message (`X-GM-LABELS`), without the label of the selected mailbox.
    pub fn gmail_labels(&self) -> Option<Labels<'_>> {
        self.responses.gmail_labels()
    }

    /// The header of the message as the server parsed it.
    ///
    /// # Errors
    ///
    /// [`ItemError`] if ENVELOPE was not sent or is no list.
    pub fn envelope(&self) -> Result<Envelope<'_>, ItemError> {
        self.responses.first_sound(FetchAnswer::envelope)
    }

    /// The parts of the message, from BODYSTRUCTURE or from BODY without extension data.
    ///
    /// # Errors
    ///
    /// [`ItemError`] if it was not sent, does not follow the grammar, or exceeds a limit on levels
    /// or parts.
    pub fn body_structure(&self) -> Result<BodyStructure<'_>, ItemError> {
        self.responses.first_sound(FetchAnswer::body_structure)
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
        self.responses
            .first_of(|answer| answer.octets(Kind::Section, section))
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
        let sections = self.responses.answers().flat_map(FetchAnswer::headers);
        let mut fields =
            sections.map(move |octets| HeaderFields::new(octets).named(name).peekable());
        let found = fields.find_map(|mut fields| fields.peek().is_some().then_some(fields));
        found.into_iter().flatten()
    }

    /// The octets of a decoded part, requested by `BINARY[...]` or `BINARY.PEEK[...]`.
    ///
    /// The server has removed the transfer encoding. `None` if it did not send this part, or could
    /// not decode it and sent NIL: [`binary_error`](Self::binary_error) is the reason. Other servers
    /// refuse the whole command with `UNKNOWN-CTE`.
    /// [`FetchItem::BodyPeek`](crate::types::FetchItem::BodyPeek) fetches such a part in its
    /// transfer encoding.
    pub fn binary(&self, section: &Section) -> Option<&[u8]> {
        self.responses
            .first_of(|answer| answer.octets(Kind::Binary, section))
    }

    /// The size in octets of a part without its transfer encoding (`BINARY.SIZE[...]`).
    pub fn binary_size(&self, section: &Section) -> Option<u64> {
        self.responses
            .first_of(|answer| answer.section_size(section))
    }

    /// The sections that were received, in the server's order.
    ///
    /// Each is as [`body`](Self::body) takes it. A partial section has the length that was received. A
    /// section whose name this crate could not have sent is left out.
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
        self.responses
            .answers()
            .flat_map(|answer| answer.sections(Kind::Section))
    }

    /// The decoded parts that were received, in the server's order.
    ///
    /// Each is as [`binary`](Self::binary) takes it.
    pub fn binary_sections(&self) -> impl Iterator<Item = Section> {
        self.responses
            .answers()
            .flat_map(|answer| answer.sections(Kind::Binary))
    }

    /// Like [`body`](Self::body), but removes the octets from here and returns them without a copy.
    pub fn take_body(&mut self, section: &Section) -> Option<Vec<u8>> {
        self.responses.take(Kind::Section, section)
    }

    /// Like [`binary`](Self::binary), but removes the octets, as [`take_body`](Self::take_body)
    /// does.
    pub fn take_binary(&mut self, section: &Section) -> Option<Vec<u8>> {
        self.responses.take(Kind::Binary, section)
    }

    /// The reason why [`body`](Self::body) has no octets of a section.
    ///
    /// The section is missing or malformed, or the server sent another one in its place, or
    /// `BINARY[...]`. `None` if the section was received, also as NIL.
    pub fn section_error(&self, section: &Section) -> Option<ItemError> {
        self.error_of(Kind::Section, section)
    }

    /// The reason why [`binary`](Self::binary) has no octets of a section.
    ///
    /// Like [`section_error`](Self::section_error), with `BINARY` and `BODY` exchanged.
    pub fn binary_error(&self, section: &Section) -> Option<ItemError> {
        self.error_of(Kind::Binary, section)
    }

    fn error_of(&self, kind: Kind, section: &Section) -> Option<ItemError> {
        let mut found: Option<ItemError> = None;
        for answer in self.responses.answers() {
            let error = answer.section_error(kind, section)?;
            let is_better = found.as_ref().is_none_or(ItemError::is_missing);
            if is_better && !(found.is_some() && error.is_missing()) {
                found = Some(error);
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
        self.responses.first_of(|answer| answer.raw_item(name))
    }

    /// The items that were sent but cannot be parsed, each with its octets.
    ///
    /// The content of ENVELOPE and BODYSTRUCTURE is checked only by the methods that return them.
    pub fn errors(&self) -> impl Iterator<Item = ItemError> {
        self.responses.errors()
    }
}

/// The buffer of a stream that lends its messages: the responses that are read into it become a message with
/// the UID that they are found to be of.
pub(crate) struct LentFetch(Fetch);

impl LentFetch {
    /// An empty buffer for messages of this mailbox.
    pub(crate) fn new(origin: Option<&Arc<Origin>>) -> Self {
        let mut fetch = Fetch::new(Uid::MAX, Responses::default());
        fetch.origin = origin.cloned();
        Self(fetch)
    }

    /// The responses, whose message may not be known yet.
    pub(crate) fn responses(&mut self) -> &mut Responses {
        &mut self.0.responses
    }

    /// The message, which has this UID.
    pub(crate) fn message(&mut self, uid: Uid) -> &Fetch {
        self.0.uid = uid;
        &self.0
    }

    /// Returns the message in an allocation of just its size; see [`Responses::hand_over`].
    pub(crate) fn hand_over(&mut self, uid: Uid) -> Fetch {
        Fetch {
            uid,
            responses: self.0.responses.hand_over(),
            origin: self.0.origin.clone(),
        }
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
        let items: Vec<String> = self
            .responses
            .answers()
            .flat_map(FetchAnswer::names)
            .collect();
        f.debug_struct("Fetch")
            .field("seq", &self.seq())
            .field("uid", &self.uid)
            .field("items", &items)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
