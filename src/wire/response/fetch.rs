//! FETCH: one message's answer, indexed once and parsed as it is asked (RFC 9051 section 7.5.2).

use std::fmt;

use chrono::{DateTime, FixedOffset};

use crate::types::section::Section;
use crate::types::uid::{ModSeq, SeqNum, Uid};
use crate::wire::cursor::{Cursor, ParseError};
use crate::wire::frame::{Frame, OutOfLine};
use crate::wire::limits::Limits;
use crate::wire::response::body_structure::BodyStructure;
use crate::wire::response::date_time;
use crate::wire::response::envelope::Envelope;
use crate::wire::response::fetch_item::{Item, Kind, Span};
use crate::wire::response::flags::Flags;
use crate::wire::response::item_error::ItemError;

/// A FETCH response that has been told from others and not parsed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FetchRow<'a> {
    /// As the server wrote it: may be 0.
    pub(crate) seq: u32,
    pub(crate) frame: Frame<'a>,
    /// The octet of the frame at which the list of items begins.
    pub(crate) items_at: usize,
    pub(crate) limits: Limits,
}

/// What a [`FetchRow`] knows of its frame, without borrowing it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FetchPlace {
    pub(crate) seq: u32,
    pub(crate) items_at: usize,
    pub(crate) limits: Limits,
}

impl FetchRow<'_> {
    pub(crate) fn place(&self) -> FetchPlace {
        FetchPlace {
            seq: self.seq,
            items_at: self.items_at,
            limits: self.limits,
        }
    }
}

/// What the server said about one message in one FETCH response.
///
/// Holds the octets as they came and parses an item when it is asked for. An item that was not
/// sent is `None` or [`ItemError`] with [`ItemProblem::Missing`]; one that cannot be understood
/// does no harm to the others.
///
/// ```no_run
/// # fn show(message: &latchbox::message::Fetch) -> Result<(), latchbox::message::ItemError> {
/// if let (Some(uid), Some(size)) = (message.uid(), message.size()) {
///     println!("{uid}: {size} octets, {}", message.envelope()?.subject());
/// }
/// # Ok(())
/// # }
/// ```
///
/// [`ItemProblem::Missing`]: crate::message::ItemProblem::Missing
#[derive(Clone)]
pub struct Fetch {
    seq: u32,
    uid: Option<Uid>,
    bytes: Vec<u8>,
    literals: Vec<OutOfLine>,
    items: Vec<Item>,
    limits: Limits,
}

impl Fetch {
    /// An answer without items, to be filled by [`assign`](Self::assign).
    pub(crate) fn empty() -> Fetch {
        Fetch {
            seq: 0,
            uid: None,
            bytes: Vec::new(),
            literals: Vec::new(),
            items: Vec::new(),
            limits: Limits::DEFAULT,
        }
    }

    /// Becomes a copy of this row. Keeps its buffers, so that in the long run it allocates only
    /// for large literals.
    pub(crate) fn assign(&mut self, row: &FetchRow<'_>) {
        let mut literals = row.frame.literals.to_vec();
        self.assign_taking(row.place(), row.frame.bytes, &mut literals);
    }

    /// Like [`assign`](Self::assign), but takes the large literals instead of copying them, and
    /// leaves an empty vector that may be used again.
    pub(crate) fn assign_taking(
        &mut self,
        place: FetchPlace,
        bytes: &[u8],
        literals: &mut Vec<OutOfLine>,
    ) {
        self.bytes.clear();
        self.bytes.extend_from_slice(bytes);
        self.literals.clear();
        std::mem::swap(&mut self.literals, literals);
        (self.seq, self.uid, self.limits) = (place.seq, None, place.limits);
        self.index(place.items_at);
    }

    /// The message's sequence number at the time of the answer.
    pub fn seq(&self) -> Option<SeqNum> {
        SeqNum::new(self.seq)
    }

    /// The message's unique identifier.
    pub fn uid(&self) -> Option<Uid> {
        self.uid
    }

    /// The message's flags.
    pub fn flags(&self) -> Option<Flags<'_>> {
        self.value(Kind::Flags).map(Flags::new)
    }

    /// When the server received the message.
    ///
    /// `Ok(None)` where the server has no date, which some write as NIL or as a day 0.
    ///
    /// # Errors
    ///
    /// [`ItemError`] if INTERNALDATE was not sent or is no string.
    pub fn internal_date(&self) -> Result<Option<DateTime<FixedOffset>>, ItemError> {
        let item = self.sound(Kind::InternalDate, "INTERNALDATE")?;
        match self.cursor(item.value).nstring() {
            Ok(date) => Ok(date.and_then(|date| date_time::internal_date(&date))),
            Err(_) => Err(self.malformed(item)),
        }
    }

    /// The size of the message in octets (RFC822.SIZE).
    pub fn size(&self) -> Option<u64> {
        self.value(Kind::Size)?.number64().ok()
    }

    /// The mod-sequence of the message (RFC 7162).
    pub fn mod_seq(&self) -> Option<ModSeq> {
        let mut cursor = self.value(Kind::ModSeq)?;
        cursor.try_byte(b'(');
        cursor.try_sp();
        cursor.number64().ok().and_then(ModSeq::new)
    }

    /// The header of the message as the server parsed it.
    ///
    /// # Errors
    ///
    /// [`ItemError`] if ENVELOPE was not sent or is no list.
    pub fn envelope(&self) -> Result<Envelope<'_>, ItemError> {
        let item = self.sound(Kind::Envelope, "ENVELOPE")?;
        Envelope::parse(self.cursor(item.value)).map_err(|_| self.malformed(item))
    }

    /// The parts of the message, from BODYSTRUCTURE or from BODY without extension data.
    ///
    /// # Errors
    ///
    /// [`ItemError`] if it was not sent, does not follow the grammar, or has more levels or parts
    /// than the limits allow.
    pub fn body_structure(&self) -> Result<BodyStructure<'_>, ItemError> {
        let item = self
            .sound(Kind::BodyStructure, "BODYSTRUCTURE")
            .or_else(|error| self.sound(Kind::Body, "BODY").map_err(|_| error))?;
        BodyStructure::parse(self.cursor(item.value), &self.limits)
            .map_err(|_| self.malformed(item))
    }

    /// The octets of a section of the message, asked for by `BODY[...]` or `BODY.PEEK[...]`.
    ///
    /// `None` if the server did not send this section, or sent NIL for it.
    pub fn body(&self, section: &Section) -> Option<&[u8]> {
        self.octets(Kind::Section, section)
    }

    /// The octets of a part with its transfer encoding taken off, asked for by `BINARY[...]` or
    /// `BINARY.PEEK[...]`.
    ///
    /// `None` if the server did not send this part, or could not decode it and sent NIL.
    pub fn binary(&self, section: &Section) -> Option<&[u8]> {
        self.octets(Kind::Binary, section)
    }

    /// The size in octets of a part with its transfer encoding taken off (`BINARY.SIZE[...]`).
    pub fn binary_size(&self, section: &Section) -> Option<u64> {
        let item = self.find_section(Kind::BinarySize, section)?;
        self.cursor(item.value).number64().ok()
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

    /// The value of any item as the server wrote it, by the item's name without a section.
    ///
    /// For items of extensions, such as `X-GM-MSGID`.
    pub fn raw_item(&self, name: &str) -> Option<&[u8]> {
        let mut items = self.items.iter().filter(|item| !item.broken);
        let item = items.find(|item| {
            self.bytes_at(item.name)
                .is_some_and(|found| found.eq_ignore_ascii_case(name.as_bytes()))
        })?;
        self.bytes_at(item.value)
    }

    /// The items that were sent and make no sense, each with its octets.
    ///
    /// ENVELOPE and BODYSTRUCTURE are looked into only by the methods that return them.
    pub fn errors(&self) -> impl Iterator<Item = ItemError> {
        self.items
            .iter()
            .filter(|item| item.broken)
            .map(|item| self.malformed(item))
    }

    /// Whether it holds nothing but what servers tell unasked when it changes.
    pub(crate) fn is_only_news(&self) -> bool {
        let is_news = |item: &Item| matches!(item.kind, Kind::Uid | Kind::Flags | Kind::ModSeq);
        self.items.iter().all(is_news)
    }

    fn frame(&self) -> Frame<'_> {
        Frame {
            bytes: &self.bytes,
            literals: &self.literals,
        }
    }

    fn cursor(&self, span: Span) -> Cursor<'_> {
        Cursor::within(self.frame(), span.start(), span.end())
    }

    fn bytes_at(&self, span: Span) -> Option<&[u8]> {
        self.bytes.get(span.start()..span.end())
    }

    fn find(&self, kind: Kind) -> Option<&Item> {
        self.items.iter().find(|item| item.kind == kind)
    }

    fn value(&self, kind: Kind) -> Option<Cursor<'_>> {
        self.find(kind)
            .filter(|item| !item.broken)
            .map(|item| self.cursor(item.value))
    }

    /// The item if it is there, is no NIL and is not broken.
    fn sound(&self, kind: Kind, name: &str) -> Result<&Item, ItemError> {
        let item = self.find(kind).ok_or_else(|| ItemError::missing(name))?;
        if item.broken {
            return Err(self.malformed(item));
        }
        if kind != Kind::InternalDate && self.cursor(item.value).try_nil() {
            return Err(ItemError::missing(name));
        }
        Ok(item)
    }

    fn malformed(&self, item: &Item) -> ItemError {
        let name = String::from_utf8_lossy(self.bytes_at(item.name).unwrap_or_default());
        let name = if name.is_empty() { "FETCH" } else { &name };
        ItemError::malformed(name, self.bytes_at(item.value).unwrap_or_default())
    }

    fn find_section(&self, kind: Kind, section: &Section) -> Option<&Item> {
        let asked = |item: &&Item| {
            item.kind == kind && !item.broken && item.matches(self.cursor(item.name), section)
        };
        self.items.iter().find(asked)
    }

    fn octets(&self, kind: Kind, section: &Section) -> Option<&[u8]> {
        let item = self.find_section(kind, section)?;
        let octets = if item.unquoted {
            self.bytes_at(item.value)?
        } else if self.cursor(item.value).try_nil() {
            return None;
        } else {
            self.cursor(item.value).literal().ok()?
        };
        Some(item.asked_octets(octets, section))
    }

    fn take(&mut self, kind: Kind, section: &Section) -> Option<Vec<u8>> {
        let octets = self.octets(kind, section)?;
        let item = *self.find_section(kind, section)?;
        let at = item.value.end();
        let literal = self
            .literals
            .binary_search_by_key(&at, |literal| literal.at)
            .ok();
        let literal = literal.and_then(|index| self.literals.get(index));
        let whole = literal.is_some_and(|literal| literal.data.len() == octets.len());
        let taken = if whole { None } else { Some(octets.to_vec()) };
        self.items.retain(|other| other.name != item.name);
        taken.or_else(|| {
            let literal = self.literals.iter_mut().find(|literal| literal.at == at)?;
            Some(std::mem::take(&mut literal.data))
        })
    }

    /// Finds the items of the row.
    fn index(&mut self, items_at: usize) {
        let mut items = std::mem::take(&mut self.items);
        items.clear();
        let mut cursor = Cursor::at(self.frame(), items_at);
        if read_items(&mut cursor, &mut items, &self.limits).is_err() {
            items.push(Item::rest(&cursor));
        }
        self.uid = items
            .iter_mut()
            .find(|item| item.kind == Kind::Uid)
            .and_then(|item| self.cursor(item.value).number().ok().and_then(Uid::new));
        for item in &mut items {
            item.unquote(&mut self.bytes);
        }
        self.items = items;
    }
}

/// `"(" [msg-att *(SP msg-att)] ")"`; on an error the cursor stands where the trouble begins.
fn read_items(
    cursor: &mut Cursor<'_>,
    items: &mut Vec<Item>,
    limits: &Limits,
) -> Result<(), ParseError> {
    cursor.byte(b'(', "a list of items")?;
    loop {
        cursor.skip_blank();
        if cursor.try_byte(b')') {
            return cursor.end();
        }
        if items.len() >= MAX_ITEMS.min(limits.list) {
            return Err(cursor.error("fewer items"));
        }
        let start = cursor.position();
        match Item::read(cursor, limits) {
            Ok(item) => items.push(item),
            Err(error) => {
                cursor.seek(start);
                return Err(error);
            }
        }
    }
}

/// No command asks for as many about one message.
const MAX_ITEMS: usize = 4096;

impl fmt::Debug for Fetch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = |item: &Item| {
            self.bytes_at(item.name)
                .unwrap_or_default()
                .escape_ascii()
                .to_string()
        };
        let items: Vec<String> = self.items.iter().map(name).collect();
        f.debug_struct("Fetch")
            .field("seq", &self.seq)
            .field("uid", &self.uid)
            .field("items", &items)
            .finish_non_exhaustive()
    }
}
