//! ENVELOPE: the header fields of a message as the server parsed them.

pub(crate) mod address;
pub(crate) mod group;
pub(crate) mod items;
mod parts;

use std::borrow::Cow;
use std::fmt;

use crate::printable::Printable;
use crate::types::header_date::HeaderDate;
use crate::wire::cursor::{Cursor, ParseError};
use crate::wire::frame::Frame;
use crate::wire::response::encoded_word;
use crate::wire::response::envelope::address::Address;
use crate::wire::response::envelope::group::Group;
use crate::wire::response::envelope::items::{AddressListItem, AddressListItems};
use crate::wire::response::header_date::header_date;

/// The header of a message as the server parsed it (ENVELOPE, RFC 9051 section 7.5.2).
///
/// Borrows from the FETCH response; a field is parsed and decoded when it is read. A field that the
/// server left out is treated as NIL.
///
/// ```
#[doc = include_str!("../../doc/message.txt")]
/// let envelope = message.envelope()?; // of a message that was fetched with ENVELOPE
/// assert_eq!(envelope.subject(), "Grüße");
/// assert_eq!(envelope.subject_raw().as_deref(), Some(&b"=?utf-8?q?Gr=C3=BC=C3=9Fe?="[..]));
/// for address in envelope.from() {
///     println!("from {address}");
/// }
/// # assert_eq!(envelope.from().count(), 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy)]
pub struct Envelope<'a> {
    frame: Frame<'a>,
    fields: Fields,
}

/// The places where the fields of an envelope begin; `NONE` for those that are missing.
pub(crate) type Fields = [u32; 10];

const NONE: u32 = u32::MAX;

/// Finds the fields of an envelope without parsing their values; returns how deep it is nested.
pub(crate) fn read_fields(cursor: &mut Cursor<'_>) -> Result<(Fields, usize), ParseError> {
    let mut fields = [NONE; 10];
    cursor.byte(b'(', "an envelope")?;
    cursor.skip_blank();
    // Domino puts the whole into parentheses once more.
    let wrapped = cursor.try_byte(b'(');
    let mut deepest = 0;
    for field in &mut fields {
        cursor.skip_blank();
        if matches!(cursor.peek(), Some(b')') | None) {
            break;
        }
        *field = u32::try_from(cursor.position()).unwrap_or(NONE);
        deepest = deepest.max(cursor.skip_value()?);
    }
    for _ in 0..=u8::from(wrapped) {
        deepest = deepest.max(cursor.skip_to_close()?);
    }
    Ok((fields, deepest + 1))
}

/// The fields in the order of the grammar.
#[derive(Clone, Copy)]
enum Field {
    Date,
    Subject,
    From,
    Sender,
    ReplyTo,
    To,
    Cc,
    Bcc,
    InReplyTo,
    MessageId,
}

impl<'a> Envelope<'a> {
    /// An envelope at this place.
    pub(crate) fn parse(mut cursor: Cursor<'a>) -> Result<Envelope<'a>, ParseError> {
        let frame = cursor.frame();
        let (fields, _) = read_fields(&mut cursor)?;
        Ok(Envelope::new(frame, fields))
    }

    /// An envelope whose fields were found before.
    pub(crate) fn new(frame: Frame<'a>, fields: Fields) -> Envelope<'a> {
        Envelope { frame, fields }
    }

    /// The Date field (RFC 5322 section 3.6.1).
    ///
    /// Dates that violate the RFC are read too: full names of months, 12-hour clocks, names of
    /// zones, numbers only, encoded words, no zone at all. `None` if the day is unknown or
    /// ambiguous, or the time was not understood; [`date_raw`](Self::date_raw) is the field itself.
    pub fn date(&self) -> Option<HeaderDate> {
        header_date(&self.date_raw()?)
    }

    /// The Date field as it stands in the header.
    pub fn date_raw(&self) -> Option<Cow<'a, [u8]>> {
        self.string(Field::Date)
    }

    /// The Subject field for display: unfolded, encoded words decoded (RFC 2047); empty if there is
    /// none.
    ///
    /// At most the first MiB of the field is decoded. It is text of the sender; to print it, use
    /// [`Printable`](crate::types::Printable).
    pub fn subject(&self) -> Cow<'a, str> {
        let subject = self.subject_raw();
        let decode = |subject| encoded_word::decode_in(self.frame.text, subject);
        subject.map(decode).unwrap_or_default()
    }

    /// The Subject field as it stands in the header.
    pub fn subject_raw(&self) -> Option<Cow<'a, [u8]>> {
        self.string(Field::Subject)
    }

    /// The authors (the From field).
    pub fn from(&self) -> Addresses<'a> {
        self.addresses(Field::From)
    }

    /// The sender as the server reported it: the Sender field, or the authors.
    ///
    /// If the message has no Sender field, a server puts the authors here (RFC 9051 section 7.5.2).
    /// The envelope does not show which of the two it is; to know, fetch `HEADER.FIELDS (Sender)`
    /// and read it with [`Fetch::header`](crate::message::Fetch::header). Empty if the server sent
    /// NIL.
    pub fn sender(&self) -> Addresses<'a> {
        self.addresses(Field::Sender)
    }

    /// The addresses for replies as the server reported them: the Reply-To field, or the authors.
    ///
    /// If the message has no Reply-To field, a server puts the authors here (RFC 9051 section
    /// 7.5.2). The envelope does not show which of the two it is; see [`sender`](Self::sender).
    /// Empty if the server sent NIL; [`reply_addresses`](Self::reply_addresses) returns the authors
    /// then.
    pub fn reply_to(&self) -> Addresses<'a> {
        self.addresses(Field::ReplyTo)
    }

    /// The addresses for a reply: [`reply_to`](Self::reply_to), or the authors if it is empty.
    pub fn reply_addresses(&self) -> Addresses<'a> {
        self.reply_to().or(self.from())
    }

    /// The primary recipients (the To field).
    pub fn to(&self) -> Addresses<'a> {
        self.addresses(Field::To)
    }

    /// The recipients of a copy (the Cc field).
    pub fn cc(&self) -> Addresses<'a> {
        self.addresses(Field::Cc)
    }

    /// The recipients of a copy that are hidden from the others (the Bcc field).
    pub fn bcc(&self) -> Addresses<'a> {
        self.addresses(Field::Bcc)
    }

    /// The In-Reply-To field as it stands in the header.
    pub fn in_reply_to(&self) -> Option<Cow<'a, [u8]>> {
        self.string(Field::InReplyTo)
    }

    /// The Message-ID field as it stands in the header, with its angle brackets if it has them.
    pub fn message_id(&self) -> Option<Cow<'a, [u8]>> {
        self.string(Field::MessageId)
    }

    fn cursor(&self, field: Field) -> Option<Cursor<'a>> {
        let at = self.fields.get(field as usize).filter(|at| **at != NONE)?;
        Some(Cursor::at(self.frame, usize::try_from(*at).ok()?))
    }

    fn string(&self, field: Field) -> Option<Cow<'a, [u8]>> {
        self.cursor(field)?.nstring().ok()?
    }

    fn addresses(&self, field: Field) -> Addresses<'a> {
        let list = self.cursor(field).and_then(|mut cursor| {
            let is_list = cursor.try_byte(b'(');
            cursor.skip_blank();
            (is_list && cursor.peek() != Some(b')')).then_some(cursor)
        });
        Addresses {
            items: AddressListItems::new(list),
            group: None,
        }
    }
}

impl fmt::Debug for Envelope<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lossy = |raw: Option<Cow<'_, [u8]>>| raw.map(|raw| raw.escape_ascii().to_string());
        f.debug_struct("Envelope")
            .field("date", &lossy(self.date_raw()))
            .field("subject", &lossy(self.subject_raw()))
            .field("from", &self.from())
            .field("sender", &self.sender())
            .field("reply_to", &self.reply_to())
            .field("to", &self.to())
            .field("cc", &self.cc())
            .field("bcc", &self.bcc())
            .field("in_reply_to", &lossy(self.in_reply_to()))
            .field("message_id", &lossy(self.message_id()))
            .finish()
    }
}

/// The addresses of one field, in order; parsed by the iterator, without an allocation.
///
/// An address in a group (RFC 5322 section 3.4) has the group's name;
/// [`with_groups`](Self::with_groups) also returns empty groups.
///
/// ```
#[doc = include_str!("../../doc/message.txt")]
/// let mut to = message.envelope()?.to(); // "Friends: Ann <ann@example.com>, bob@example.com;"
/// let ann = to.next().ok_or("nobody")?;
/// assert_eq!(ann.name().as_deref(), Some("Ann"));
/// assert_eq!(ann.email().as_deref(), Some("ann@example.com"));
/// assert_eq!(ann.group().as_deref(), Some("Friends"));
/// assert_eq!(to.count(), 1); // and bob
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Addresses<'a> {
    items: AddressListItems<'a>,
    group: Option<Group<'a>>,
}

impl<'a> Addresses<'a> {
    /// Returns the items of the list as it is written, with the starts and ends of groups.
    pub fn with_groups(self) -> AddressListItems<'a> {
        self.items
    }

    fn or(self, other: Addresses<'a>) -> Addresses<'a> {
        if self.items.is_empty() { other } else { self }
    }
}

impl<'a> Iterator for Addresses<'a> {
    type Item = Address<'a>;

    fn next(&mut self) -> Option<Address<'a>> {
        loop {
            let parts = self.items.next_parts()?;
            let known = self.items.known();
            // The usual case, without a copy of it.
            let parts = match parts {
                [name, route, mailbox @ Some(_), Some(host)] if !host.is_empty() => {
                    return Some(Address {
                        name,
                        route,
                        mailbox,
                        host: Some(host),
                        group: self.group.clone(),
                        known,
                    });
                }
                parts => parts,
            };
            match self.items.classify(parts) {
                AddressListItem::Address(mut address) => {
                    address.group.clone_from(&self.group);
                    return Some(address);
                }
                AddressListItem::GroupStart(name) => self.group = Some(name.into()),
                AddressListItem::GroupEnd => self.group = None,
            }
        }
    }
}

impl fmt::Debug for Addresses<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list()
            .entries(self.clone().map(|address| address.to_string()))
            .finish()
    }
}

/// The addresses with commas between them, without names of groups.
impl fmt::Display for Addresses<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, address) in self.clone().enumerate() {
            let before = if place > 0 { ", " } else { "" };
            write!(f, "{before}{address}")?;
        }
        Ok(())
    }
}

/// The From addresses and the subject.
impl fmt::Display for Envelope<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.from(), Printable(self.subject()))
    }
}

#[cfg(test)]
mod tests;
