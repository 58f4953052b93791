//! One FETCH response: its octets, and the positions of its items.

mod items;
mod sections;

use std::borrow::Cow;

use crate::limits::{Limit, Limits};
use crate::types::date_time::DateTime;
use crate::types::section::Section;
use crate::types::uid::{ModSeq, Uid};
use crate::wire::cursor::Cursor;
use crate::wire::frame::{Frame, OutOfLine};
use crate::wire::response::body_structure::BodyStructure;
use crate::wire::response::date_time;
use crate::wire::response::envelope::Envelope;
use crate::wire::response::fetch_answer::items::{Most, ROW_END, kinds, read_items, read_plain};
use crate::wire::response::fetch_item::{Item, Kind, Kinds, Shapes, Span};
use crate::wire::response::fetch_row::{FetchPlace, FetchRow};
use crate::wire::response::item_error::ItemError;

/// The octets of a response and the positions of its items; a value is parsed when it is read.
#[derive(Clone, Default)]
pub(crate) struct FetchAnswer {
    /// The number that the server wrote: may be 0.
    pub(crate) seq: u32,
    pub(crate) uid: Option<Uid>,
    bytes: Vec<u8>,
    literals: Vec<OutOfLine>,
    items: Vec<Item>,
    shapes: Shapes,
    /// Whether every item follows the grammar to the letter.
    is_plain: bool,
}

impl FetchAnswer {
    /// Becomes the row in `bytes`, and takes its large literals; those of the row before are left
    /// in their place.
    ///
    /// It keeps its buffers, so that in the long run it allocates nothing.
    pub(crate) fn assign(
        &mut self,
        place: FetchPlace,
        limits: &Limits,
        bytes: &[u8],
        literals: &mut Vec<OutOfLine>,
    ) {
        self.bytes.clear();
        self.bytes.extend_from_slice(bytes);
        std::mem::swap(&mut self.literals, literals);
        (self.seq, self.uid) = (place.seq, None);
        self.index(place.items_at, limits);
        self.take_uid_of(place);
    }

    /// Becomes the row with which `bytes` begin, and returns the number of its octets.
    ///
    /// The row has to follow the grammar to the letter. Such a row has no line end except its own
    /// and those of literals, so it need not be framed first. Not tried if it failed for the row
    /// before.
    pub(crate) fn assign_plain(&mut self, bytes: &[u8], limits: &Limits) -> Option<usize> {
        if !self.is_plain {
            return None;
        }
        let place = FetchPlace::plain(bytes)?;
        self.items.clear();
        self.shapes.clear();
        self.uid = None;
        let (items, shapes) = (&mut self.items, &mut self.shapes);
        let (row, start) = (Frame::inline(bytes), (place.items_at, b'('));
        let at = read_plain(row, start, Most::unframed(limits), items, shapes);
        let end = at + ROW_END.len();
        if at == place.items_at || bytes.get(at..end) != Some(ROW_END) {
            return None;
        }
        self.bytes.clear();
        self.bytes.extend_from_slice(bytes.get(..end)?);
        self.literals.clear();
        (self.seq, self.uid) = (place.seq, self.shapes.uid);
        Some(end)
    }

    /// Returns the row in an allocation of its size.
    ///
    /// See [`Fetch::hand_over`](super::fetch::Fetch::hand_over).
    pub(crate) fn hand_over(&mut self) -> FetchAnswer {
        let mut literals = std::mem::take(&mut self.literals);
        for literal in &mut literals {
            literal.data.shrink_to_fit();
        }
        FetchAnswer {
            literals,
            ..self.clone()
        }
    }

    /// Becomes a copy of the row.
    pub(crate) fn assign_copy(&mut self, row: &FetchRow<'_>) {
        self.bytes.clear();
        self.bytes.extend_from_slice(row.frame.bytes);
        self.literals.clear();
        self.literals.extend_from_slice(row.frame.literals);
        (self.seq, self.uid) = (row.place.seq, None);
        self.index(row.place.items_at, &row.limits);
        self.take_uid_of(row.place);
    }

    /// Takes the number of a UIDFETCH as the UID; there is no sequence number.
    fn take_uid_of(&mut self, place: FetchPlace) {
        if place.is_uid {
            self.uid = self.uid.or(Uid::new(place.seq));
            self.seq = 0;
        }
    }

    /// The number of octets received from the server that it holds.
    pub(crate) fn octets_held(&self) -> usize {
        let literals = self.literals.iter().map(|literal| literal.data.len());
        literals.sum::<usize>() + self.bytes.len()
    }

    /// The value of an item, if it was sent and is not malformed.
    pub(crate) fn value(&self, kind: Kind) -> Option<Cursor<'_>> {
        self.find(kind)
            .filter(|item| !self.is_broken(item))
            .map(|item| self.cursor(item.value))
    }

    pub(crate) fn number(&self, kind: Kind) -> Option<u64> {
        self.value(kind)?.any_number64().ok()
    }

    /// `"(" mod-sequence-value ")"`.
    pub(crate) fn mod_seq(&self) -> Option<ModSeq> {
        self.number(Kind::ModSeq).and_then(ModSeq::new)
    }

    /// `"(" objectid ")"`, or without the parentheses.
    pub(crate) fn object_id(&self, kind: Kind) -> Option<&str> {
        let mut cursor = self.value(kind)?;
        if cursor.try_nil() {
            return None;
        }
        cursor.try_byte(b'(');
        cursor.try_sp();
        let id = match cursor.astring().ok()? {
            Cow::Borrowed(id) => id,
            Cow::Owned(_) => return None,
        };
        std::str::from_utf8(id).ok().filter(|id| !id.is_empty())
    }

    /// `date-time / nil`; `None` if the server has no date.
    pub(crate) fn date(&self, kind: Kind, name: &str) -> Result<Option<DateTime>, ItemError> {
        let item = self.unbroken(kind, name)?;
        // The usual case: no need to search for its end.
        if let Some([b'"', text @ .., b'"']) = self.bytes_at(item.value) {
            let date = date_time::exact_internal_date(text);
            if date.is_some() {
                return Ok(date);
            }
        }
        let Some(text) = self.nstring(kind, name)? else {
            return Ok(None);
        };
        match date_time::internal_date(&text) {
            None if !date_time::is_none(&text) => Err(self.malformed(item)),
            date => Ok(date),
        }
    }

    /// The text of a preview; an old Dovecot wrote its algorithm before it, in parentheses.
    pub(crate) fn preview(&self) -> Result<Option<Cow<'_, str>>, ItemError> {
        let item = self.unbroken(Kind::Preview, "PREVIEW")?;
        let mut cursor = self.cursor(item.value);
        if cursor.try_byte(b'(') {
            cursor.skip_blank();
            cursor.run(|byte| byte.is_ascii_alphabetic());
            cursor.skip_blank();
            if !matches!(cursor.peek(), Some(b'"' | b'{' | b'~' | b'N' | b'n')) {
                return Err(self.malformed(item));
            }
        }
        let text = cursor.nstring().map_err(|_| self.malformed(item))?;
        Ok(text.map(|text| match text {
            Cow::Borrowed(text) => String::from_utf8_lossy(text),
            Cow::Owned(text) => Cow::Owned(String::from_utf8_lossy(&text).into_owned()),
        }))
    }

    pub(crate) fn envelope(&self) -> Result<Envelope<'_>, ItemError> {
        let item = self.sound(Kind::Envelope, "ENVELOPE")?;
        let fields = self.shapes.envelope.ok_or_else(|| self.malformed(item))?;
        Ok(Envelope::new(self.text_frame(item), fields))
    }

    pub(crate) fn body_structure(&self) -> Result<BodyStructure<'_>, ItemError> {
        let item = self
            .sound(Kind::BodyStructure, "BODYSTRUCTURE")
            .or_else(|error| self.sound(Kind::Body, "BODY").map_err(|_| error))?;
        match self.shapes.structure.nodes(self.frame()) {
            Ok([]) | Err(_) => Err(self.malformed(item)),
            Ok(nodes) => Ok(BodyStructure::new(self.text_frame(item), nodes)),
        }
    }

    /// The octets of a section, of BODY or of BINARY.
    pub(crate) fn octets(&self, kind: Kind, section: &Section) -> Option<&[u8]> {
        self.octets_of(self.find_section(kind, section)?, section)
    }

    fn octets_of(&self, item: &Item, section: &Section) -> Option<&[u8]> {
        let octets = if item.unquoted {
            self.bytes_at(item.value)?
        } else if self.cursor(item.value).try_nil() {
            return None;
        } else {
            self.cursor(item.value).literal().ok()?
        };
        Some(item.asked_octets(octets, section))
    }

    /// The octets of the only section that was requested, `Some(None)` for NIL.
    ///
    /// `None` if the row has no such item as far as it was received. A literal that is returned as
    /// it arrives is not here.
    pub(crate) fn nil_or_octets(&self, kind: Kind, section: &Section) -> Option<Option<&[u8]>> {
        let item = self.asked_item(kind, section).filter(|item| !item.broken)?;
        Some(self.octets_of(item, section))
    }

    /// The number of octets of a section before those that were requested.
    ///
    /// It is not 0 if a server sends the whole section instead of a part. `None` if the row has no
    /// such item.
    pub(crate) fn octets_before(&self, kind: Kind, section: &Section) -> Option<u64> {
        let item = self.asked_item(kind, section).filter(|item| !item.broken)?;
        Some(item.octets_before(section))
    }

    /// The octets of the sections that begin with the message's own header, or are fields of it.
    pub(crate) fn headers(&self) -> impl Iterator<Item = &[u8]> {
        let items = self.items.iter();
        let sections = items.filter(|item| item.kind == Kind::Section && !item.broken);
        let is_header = |item: &&Item| self.bytes_at(item.name).is_some_and(|n| item.is_header(n));
        sections.filter(is_header).map(|item| self.content(item))
    }

    /// The error of a section, or of what follows it.
    ///
    /// The rest of a literal that was announced too short is read as an invalid item.
    pub(crate) fn error_from(&self, kind: Kind, section: &Section) -> Option<ItemError> {
        let from = self.asked_item(kind, section)?.name.start();
        let mut items = self.items.iter();
        items
            .find(|item| self.is_broken(item) && item.name.start() >= from)
            .map(|item| self.malformed(item))
    }

    /// The only section that was requested, under any list of header fields.
    fn asked_item(&self, kind: Kind, section: &Section) -> Option<&Item> {
        let mut items = self.items.iter();
        let asked = items.find(|item| item.kind == kind && self.is_about(item, section));
        asked.or_else(|| self.only_other(kind, section, true))
    }

    /// Takes the octets of a section; a large literal is not copied.
    pub(crate) fn take(&mut self, kind: Kind, section: &Section) -> Option<Vec<u8>> {
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
        self.shapes.kinds = kinds(&self.items);
        taken.or_else(|| {
            let literal = self.literals.iter_mut().find(|literal| literal.at == at)?;
            Some(std::mem::take(&mut literal.data))
        })
    }

    /// The value of an item by its name.
    pub(crate) fn raw_item(&self, name: &str) -> Option<&[u8]> {
        let mut items = self.items.iter().filter(|item| !self.is_broken(item));
        let item = items.find(|item| {
            self.bytes_at(item.name)
                .is_some_and(|found| found.eq_ignore_ascii_case(name.as_bytes()))
        })?;
        self.bytes_at(item.value)
    }

    pub(crate) fn errors(&self) -> impl Iterator<Item = ItemError> {
        let broken = self.items.iter().filter(|item| self.is_broken(item));
        broken.map(|item| match item.is_second {
            true => ItemError::contradicted(&self.name(item), self.content(item)),
            false => self.malformed(item),
        })
    }

    /// Removes items that `earlier` has with the same value.
    ///
    /// If the value differs, the item becomes an error, because only flags and mod-sequences
    /// change.
    pub(crate) fn yield_to(&mut self, earlier: &FetchAnswer) {
        let mut items = std::mem::take(&mut self.items);
        items.retain_mut(|item| {
            let Some(known) = earlier.same_item(self, item) else {
                return true;
            };
            let is_known = earlier.content(known) == self.content(item);
            item.broken |= !is_known;
            item.is_second |= !is_known;
            !is_known
        });
        self.shapes.kinds = kinds(&items);
        self.items = items;
    }

    /// The valid item that cannot change and has the name of an item of another response.
    fn same_item(&self, other: &FetchAnswer, item: &Item) -> Option<&Item> {
        let changes = matches!(item.kind, Kind::Uid | Kind::Flags | Kind::ModSeq);
        if changes || other.is_broken(item) {
            return None;
        }
        let name = other.bytes_at(item.name)?;
        self.items.iter().find(|known| {
            let known_name = self.bytes_at(known.name).unwrap_or_default();
            let is_same = known.kind == item.kind && known_name.eq_ignore_ascii_case(name);
            is_same && !self.is_broken(known)
        })
    }

    /// Whether it has only items that servers send in unsolicited responses to report a change.
    pub(crate) fn is_only_news(&self) -> bool {
        Kinds::NEWS.has_all(self.shapes.kinds)
    }

    /// Whether it only names its message.
    pub(crate) fn is_only_uid(&self) -> bool {
        self.shapes.kinds == Kinds::UID
    }

    /// Whether something in it is malformed, after which there may be more: other items, or the
    /// UID.
    ///
    /// An invalid UID is well-formed enough: no message has it.
    pub(crate) fn is_torn(&self) -> bool {
        self.torn().next().is_some()
    }

    /// [`is_torn`](Self::is_torn) for a row as far as it was received: a missing end is no fault.
    pub(crate) fn is_torn_so_far(&self) -> bool {
        let has_octets = |item: &Item| self.bytes_at(item.value).is_some_and(|v| !v.is_empty());
        self.torn().any(has_octets)
    }

    fn torn(&self) -> impl Iterator<Item = &Item> {
        let items = self.items.iter();
        items.filter(|item| item.kind != Kind::Uid && self.is_broken(item))
    }

    pub(crate) fn item_count(&self) -> usize {
        self.items.len()
    }

    /// The kinds of its items.
    pub(crate) fn kinds(&self) -> Kinds {
        self.shapes.kinds
    }

    /// The number of items of kinds that can occur several times.
    pub(crate) fn several(&self) -> usize {
        let items = self.items.iter();
        items.filter(|item| item.kind.may_be_several()).count()
    }

    /// Whether it has an invalid UID, and no other.
    pub(crate) fn has_bad_uid(&self) -> bool {
        self.uid.is_none() && self.items.iter().any(|item| item.kind == Kind::Uid)
    }

    /// The response as it was received, without its large literals.
    pub(crate) fn response(&self) -> &[u8] {
        &self.bytes
    }

    /// The names of the items, for display.
    pub(crate) fn names(&self) -> impl Iterator<Item = String> {
        let name = |item| self.bytes_at(item).unwrap_or_default().escape_ascii();
        self.items
            .iter()
            .map(move |item| name(item.name).to_string())
    }

    #[cfg(test)]
    pub(crate) fn has_read_structure(&self) -> bool {
        self.shapes.structure.is_read()
    }

    fn frame(&self) -> Frame<'_> {
        Frame {
            bytes: &self.bytes,
            literals: &self.literals,
            utf8: false,
            text: "",
        }
    }

    /// The frame for the strings of an item: whether it is UTF-8 is checked once for all of them.
    fn text_frame(&self, item: &Item) -> Frame<'_> {
        let value = self.bytes_at(item.value).unwrap_or_default();
        Frame {
            text: std::str::from_utf8(value).unwrap_or_default(),
            ..self.frame()
        }
    }

    fn cursor(&self, span: Span) -> Cursor<'_> {
        Cursor::within(self.frame(), span.start(), span.end())
    }

    fn bytes_at(&self, span: Span) -> Option<&[u8]> {
        self.bytes.get(span.start()..span.end())
    }

    /// The content of an item: the octets of a literal or a string, or else the value as it is.
    fn content(&self, item: &Item) -> &[u8] {
        let literal = match item.unquoted {
            true => None,
            false => self.cursor(item.value).literal().ok(),
        };
        literal
            .or_else(|| self.bytes_at(item.value))
            .unwrap_or_default()
    }

    fn find(&self, kind: Kind) -> Option<&Item> {
        self.items.iter().find(|item| item.kind == kind)
    }

    fn is_about(&self, item: &Item, section: &Section) -> bool {
        item.matches(self.cursor(item.name), section)
    }

    fn nstring(&self, kind: Kind, name: &str) -> Result<Option<Cow<'_, [u8]>>, ItemError> {
        let item = self.unbroken(kind, name)?;
        let string = self.cursor(item.value).nstring();
        string.map_err(|_| self.malformed(item))
    }

    fn unbroken(&self, kind: Kind, name: &str) -> Result<&Item, ItemError> {
        let item = self.find(kind).ok_or_else(|| ItemError::missing(name))?;
        match self.is_broken(item) {
            true => Err(self.malformed(item)),
            false => Ok(item),
        }
    }

    /// The item if it was sent, is not NIL and is not malformed.
    fn sound(&self, kind: Kind, name: &str) -> Result<&Item, ItemError> {
        let item = self.unbroken(kind, name)?;
        match self.cursor(item.value).try_nil() {
            true => Err(ItemError::missing(name)),
            false => Ok(item),
        }
    }

    fn name(&self, item: &Item) -> Cow<'_, str> {
        match self.bytes_at(item.name).unwrap_or_default() {
            [] => Cow::Borrowed("FETCH"),
            name => String::from_utf8_lossy(name),
        }
    }

    fn malformed(&self, item: &Item) -> ItemError {
        let (name, value) = (self.name(item), self.bytes_at(item.value));
        let value = value.unwrap_or_default();
        match item.beyond.or(self.beyond_of_structure(item)) {
            None => ItemError::malformed(&name, value),
            Some(limit) => ItemError::beyond(limit, &name, value),
        }
    }

    /// Whether the value of an item is invalid for its name.
    fn is_broken(&self, item: &Item) -> bool {
        let is_unread = item.kind.is_structure();
        item.broken || is_unread && self.shapes.structure.nodes(self.frame()).is_err()
    }

    /// The limit that a body structure exceeds.
    fn beyond_of_structure(&self, item: &Item) -> Option<Limit> {
        let is_structure = item.kind.is_structure();
        let nodes = is_structure.then(|| self.shapes.structure.nodes(self.frame()));
        nodes?.err()?
    }

    /// Finds the items of the row.
    fn index(&mut self, items_at: usize, limits: &Limits) {
        self.shapes.clear();
        self.find_items(items_at, limits);
        if self.shapes.has_several {
            self.shapes.clear();
            self.shapes.has_several = true;
            self.find_items(items_at, limits);
        }
        if !self.is_plain {
            for item in &mut self.items {
                item.unquote(&mut self.bytes);
            }
        }
        self.uid = self.shapes.uid;
    }

    fn find_items(&mut self, items_at: usize, limits: &Limits) {
        self.items.clear();
        let frame = Frame {
            bytes: &self.bytes,
            literals: &self.literals,
            utf8: false,
            text: "",
        };
        let (items, shapes) = (&mut self.items, &mut self.shapes);
        let at = read_plain(
            frame,
            (items_at, b'('),
            Most::of(frame, limits),
            items,
            shapes,
        );
        self.is_plain = at > items_at && frame.bytes.get(at..) == Some(ROW_END);
        if !self.is_plain {
            let mut cursor = Cursor::at(frame, at);
            let begun = at > items_at;
            if let Err(error) = read_items(&mut cursor, begun, items, shapes, limits) {
                let rest = Item::rest(&cursor, error.limit);
                shapes.kinds.insert(rest.kind);
                items.push(rest);
            }
        }
    }
}
