//! One item of a FETCH response: the positions of its name and its value.

use crate::limits::{Limit, Limits};
use crate::types::section::Section;
use crate::types::uid::Uid;
use crate::wire::cursor::{Cursor, ParseError};
use crate::wire::octet::is_item;
use crate::wire::response::envelope::{self, Fields};
use crate::wire::response::fetch_structure::Structure;
use crate::wire::response::{flags, labels};
use crate::wire::words::is_plain;

/// The kind of an item, by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Uid,
    Flags,
    InternalDate,
    Size,
    Envelope,
    BodyStructure,
    /// BODY without a section: the structure without extension data.
    Body,
    /// BODY with a section, and its three old names.
    Section,
    Binary,
    BinarySize,
    ModSeq,
    EmailId,
    ThreadId,
    SaveDate,
    Preview,
    GmailMessageId,
    GmailThreadId,
    GmailLabels,
    Other,
}

impl Kind {
    /// Whether its value is a body structure, which is not read before it is requested.
    pub(crate) fn is_structure(self) -> bool {
        matches!(self, Kind::BodyStructure | Kind::Body)
    }

    /// Whether the kind can occur several times, each time with another section or name.
    pub(crate) fn may_be_several(self) -> bool {
        let is_section = matches!(self, Kind::Section | Kind::Binary | Kind::BinarySize);
        is_section || self == Kind::Other
    }
}

/// Kinds of items; BODY counts as BODYSTRUCTURE.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Kinds(u32);

impl Kinds {
    /// The kinds of which servers report changes in unsolicited responses, and the UID.
    pub(crate) const NEWS: Kinds =
        Kinds(1 << Kind::Uid as u32 | 1 << Kind::Flags as u32 | 1 << Kind::ModSeq as u32);

    /// The UID alone.
    pub(crate) const UID: Kinds = Kinds(1 << Kind::Uid as u32);

    pub(crate) fn insert(&mut self, kind: Kind) {
        let kind = match kind {
            Kind::Body => Kind::BodyStructure,
            kind => kind,
        };
        self.0 |= 1 << (kind as u32);
    }

    /// Whether one of the others is among them.
    pub(crate) fn meets(self, others: Kinds) -> bool {
        self.0 & others.0 != 0
    }

    /// Whether all of the others are among them.
    pub(crate) fn has_all(self, others: Kinds) -> bool {
        others.0 & !self.0 == 0
    }
}

impl std::ops::BitOr for Kinds {
    type Output = Kinds;

    fn bitor(self, others: Kinds) -> Kinds {
        Kinds(self.0 | others.0)
    }
}

/// A range of octets of the row.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Span {
    start: u32,
    end: u32,
}

impl Span {
    #[inline]
    fn new(start: usize, end: usize) -> Option<Span> {
        Some(Span {
            start: u32::try_from(start).ok()?,
            end: u32::try_from(end).ok()?,
        })
    }

    pub(crate) fn start(self) -> usize {
        usize::try_from(self.start).unwrap_or(usize::MAX)
    }

    pub(crate) fn end(self) -> usize {
        usize::try_from(self.end).unwrap_or(usize::MAX)
    }
}

/// What is found in the values of a row while their ends are searched.
#[derive(Clone, Debug, Default)]
pub(crate) struct Shapes {
    pub(crate) uid: Option<Uid>,
    /// The kinds of the items.
    pub(crate) kinds: Kinds,
    pub(crate) envelope: Option<Fields>,
    pub(crate) structure: Structure,
    /// Whether the row has more than one body structure: which of them holds depends on whether
    /// the others can be read.
    pub(crate) has_several: bool,
    /// The limit that the last value exceeds.
    beyond: Option<Limit>,
}

impl Shapes {
    pub(crate) fn clear(&mut self) {
        (self.uid, self.envelope, self.beyond) = (None, None, None);
        self.kinds = Kinds::default();
        self.structure.clear();
        self.has_several = false;
    }

    /// Reads a value of this kind.
    ///
    /// `false`, and nothing read, if it is of another kind or does not have the required form.
    fn read(&mut self, kind: Kind, cursor: &mut Cursor<'_>, limits: &Limits) -> bool {
        let start = *cursor;
        let done = match kind {
            // A second one is skipped.
            Kind::Envelope if self.envelope.is_some() => cursor.skip_value().is_ok(),
            Kind::Envelope => {
                let fields = envelope::read_fields(cursor);
                let fields = fields.ok().filter(|(_, depth)| *depth <= limits.depth);
                self.envelope = fields.map(|(fields, _)| fields);
                self.envelope.is_some()
            }
            Kind::BodyStructure | Kind::Body if self.has_several => {
                self.read_structure(kind, cursor, limits)
            }
            Kind::BodyStructure | Kind::Body if self.structure.is_there() => {
                self.has_several = true;
                cursor.skip_value().is_ok()
            }
            Kind::BodyStructure | Kind::Body => {
                let skipped = self.structure.skip(cursor, limits);
                self.beyond = skipped.err().and_then(|error| error.limit);
                skipped.is_ok()
            }
            _ => false,
        };
        if !done {
            *cursor = start;
        }
        done
    }

    /// Reads one structure of several at once.
    fn read_structure(&mut self, kind: Kind, cursor: &mut Cursor<'_>, limits: &Limits) -> bool {
        let known = self.structure.nodes(cursor.frame());
        if kind == Kind::Body && known.is_ok_and(|nodes| !nodes.is_empty()) {
            return cursor.skip_value().is_ok();
        }
        let read = self.structure.read_now(cursor, limits);
        self.beyond = read.err().and_then(|error| error.limit);
        read.is_ok()
    }
}

/// An item of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Item {
    pub(crate) kind: Kind,
    /// Whether its value is invalid for its name.
    pub(crate) broken: bool,
    /// The limit that its value exceeds, which makes it invalid.
    pub(crate) beyond: Option<Limit>,
    /// Whether it is invalid because an earlier response has another value.
    pub(crate) is_second: bool,
    /// Whether its value is the octets themselves, no longer a quoted string.
    pub(crate) unquoted: bool,
    pub(super) has_origin: bool,
    /// The name with the section and the origin.
    pub(crate) name: Span,
    pub(crate) value: Span,
}

impl Item {
    /// `msg-att-dynamic / msg-att-static`.
    pub(crate) fn read(
        cursor: &mut Cursor<'_>,
        limits: &Limits,
        shapes: &mut Shapes,
    ) -> Result<Item, ParseError> {
        let start = cursor.position();
        let (kind, name, has_origin) = match Kind::frequent(cursor.rest()) {
            Some((kind, name)) => {
                cursor.seek(start + name);
                (kind, Span::new(start, start + name), false)
            }
            None => {
                let word = cursor.run(is_item);
                if word.is_empty() {
                    return Err(cursor.error("the name of an item"));
                }
                let has_section = cursor.peek() == Some(b'[');
                let has_origin = has_section && skip_section(cursor)?;
                let name = Span::new(start, cursor.position());
                (Kind::of(word, has_section), name, has_origin)
            }
        };
        cursor.skip_blank();
        let value_at = cursor.position();
        let broken = kind.skip_value(cursor, limits, shapes)?;
        let spans = name.zip(Span::new(value_at, cursor.position()));
        let (name, value) = spans.ok_or_else(|| cursor.error("a shorter row"))?;
        Ok(Item {
            kind,
            broken,
            beyond: shapes.beyond.take(),
            is_second: false,
            unquoted: false,
            has_origin,
            name,
            value,
        })
    }

    /// A valid item with a name of `name` octets at `at`, and, after a space, a value of `value`
    /// octets.
    #[inline(always)]
    pub(crate) fn plain(kind: Kind, at: usize, name: usize, value: usize) -> Option<Item> {
        // No end is before what it ends.
        let end = u32::try_from(at + name + 1 + value).ok()?;
        let value = Span {
            start: end - u32::try_from(value).ok()?,
            end,
        };
        let name = Span {
            start: u32::try_from(at).ok()?,
            end: value.start - 1,
        };
        Some(Item {
            kind,
            broken: false,
            beyond: None,
            is_second: false,
            unquoted: false,
            has_origin: false,
            name,
            value,
        })
    }

    /// The rest of a row that cannot be parsed any further.
    pub(crate) fn rest(cursor: &Cursor<'_>, beyond: Option<Limit>) -> Item {
        let start = cursor.position();
        let mut end = *cursor;
        let value = Span::new(start, start + end.text().len()).unwrap_or_default();
        let name = Span {
            start: value.start,
            end: value.start,
        };
        Item {
            kind: Kind::Other,
            broken: true,
            beyond,
            is_second: false,
            unquoted: false,
            has_origin: false,
            name,
            value,
        }
    }

    /// Removes the quotes and escapes of a value that will be read as octets.
    pub(crate) fn unquote(&mut self, bytes: &mut [u8]) {
        if !matches!(self.kind, Kind::Section | Kind::Binary) || self.broken {
            return;
        }
        let value = bytes.get_mut(self.value.start()..self.value.end());
        let Some([b'"', content @ .., b'"']) = value else {
            return;
        };
        let len = unescape_in_place(content);
        let start = self.value.start() + 1;
        if let Some(value) = Span::new(start, start + len) {
            (self.value, self.unquoted) = (value, true);
        }
    }

    /// The number of octets before those that were requested.
    pub(crate) fn octets_before(&self, section: &Section) -> u64 {
        match section.octets() {
            Some(partial) if !self.has_origin => u64::from(partial.first()),
            _ => 0,
        }
    }

    /// The requested part of the octets.
    ///
    /// Some servers send all octets if a part is requested, and then name no origin.
    pub(crate) fn asked_octets<'o>(&self, octets: &'o [u8], section: &Section) -> &'o [u8] {
        let Some(partial) = section.octets() else {
            return octets;
        };
        let from = usize::try_from(self.octets_before(section))
            .ok()
            .and_then(|first| octets.get(first..));
        let from = from.unwrap_or_default();
        let count = usize::try_from(partial.count().get()).unwrap_or(usize::MAX);
        from.get(..count).unwrap_or(from)
    }
}

impl Kind {
    /// The kind and the length of the name with which `item` begins, if nearly every server writes
    /// it so for every message.
    fn frequent(item: &[u8]) -> Option<(Kind, usize)> {
        let names: [(&[u8], Kind); 2] = [
            (b"ENVELOPE ", Kind::Envelope),
            (b"BODYSTRUCTURE ", Kind::BodyStructure),
        ];
        let mut names = names.iter();
        let (name, kind) = names.find(|(name, _)| item.starts_with(name))?;
        Some((*kind, name.len() - 1))
    }

    fn of(word: &[u8], has_section: bool) -> Kind {
        let is = |name: &[u8]| word.eq_ignore_ascii_case(name);
        if has_section {
            return match word.len() {
                4 if is(b"BODY") => Kind::Section,
                9 if is(b"BODY.PEEK") => Kind::Section,
                6 if is(b"BINARY") => Kind::Binary,
                11 if is(b"BINARY.PEEK") => Kind::Binary,
                11 if is(b"BINARY.SIZE") => Kind::BinarySize,
                _ => Kind::Other,
            };
        }
        match word.len() {
            3 if is(b"UID") => Kind::Uid,
            4 if is(b"BODY") => Kind::Body,
            5 if is(b"FLAGS") => Kind::Flags,
            6 if is(b"MODSEQ") => Kind::ModSeq,
            6 if is(b"RFC822") => Kind::Section,
            7 if is(b"EMAILID") => Kind::EmailId,
            7 if is(b"PREVIEW") => Kind::Preview,
            8 if is(b"SAVEDATE") => Kind::SaveDate,
            8 if is(b"THREADID") => Kind::ThreadId,
            10 if is(b"X-GM-MSGID") => Kind::GmailMessageId,
            10 if is(b"X-GM-THRID") => Kind::GmailThreadId,
            11 if is(b"X-GM-LABELS") => Kind::GmailLabels,
            8 if is(b"ENVELOPE") => Kind::Envelope,
            11 if is(b"RFC822.SIZE") => Kind::Size,
            11 if is(b"RFC822.TEXT") => Kind::Section,
            12 if is(b"INTERNALDATE") => Kind::InternalDate,
            13 if is(b"BODYSTRUCTURE") => Kind::BodyStructure,
            13 if is(b"RFC822.HEADER") => Kind::Section,
            _ => Kind::Other,
        }
    }

    /// Reads a value and returns whether it is malformed. If none follows, nothing is read.
    fn skip_value(
        self,
        cursor: &mut Cursor<'_>,
        limits: &Limits,
        shapes: &mut Shapes,
    ) -> Result<bool, ParseError> {
        let mut probe = *cursor;
        let first = cursor.peek();
        let octets = matches!(self, Kind::Section | Kind::Binary);
        let sound = match (self, first) {
            (_, None | Some(b')')) => return Ok(!octets),
            (Kind::Section | Kind::Binary, Some(b'"')) => true,
            (Kind::Section | Kind::Binary, Some(b'{' | b'~')) => match probe.literal() {
                Ok(_) => {
                    *cursor = probe;
                    return Ok(is_overrun(cursor));
                }
                Err(_) => false,
            },
            (Kind::Section | Kind::Binary, _) if !probe.try_nil() => {
                // The value is missing, and this is the name of the next item.
                if is_name(probe.run(is_item)) {
                    return Ok(false);
                }
                false
            }
            (
                Kind::Uid
                | Kind::Size
                | Kind::BinarySize
                | Kind::ModSeq
                | Kind::GmailMessageId
                | Kind::GmailThreadId,
                _,
            ) => match probe.any_number64() {
                // At the end of the line, the number may have been cut off.
                Ok(number) if matches!(probe.peek(), Some(b' ' | b'\t' | b')')) => {
                    *cursor = probe;
                    if self != Kind::Uid {
                        return Ok(false);
                    }
                    let uid = u32::try_from(number).ok().and_then(Uid::new);
                    shapes.uid = shapes.uid.or(uid);
                    return Ok(uid.is_none());
                }
                // Some servers have no mod-sequence, and write one below zero.
                _ => self == Kind::ModSeq && is_below_zero(*cursor),
            },
            // A flag that is not seen could be the one that matters.
            (Kind::Flags, Some(b'(')) => flags::skip(&mut probe),
            (Kind::GmailLabels, Some(b'(')) => labels::skip(&mut probe),
            (
                Kind::Flags | Kind::GmailLabels | Kind::Envelope | Kind::BodyStructure | Kind::Body,
                first,
            ) => first == Some(b'(') || probe.try_nil(),
            _ => true,
        };
        if first == Some(b'(') && shapes.read(self, cursor, limits) {
            return Ok(false);
        }
        let shaped = matches!(self, Kind::Envelope | Kind::BodyStructure | Kind::Body);
        let sound = sound && !(shaped && first == Some(b'('));
        let depth = cursor.skip_value()?;
        let overrun = octets && is_overrun(cursor);
        if depth > limits.depth {
            shapes.beyond = Some(Limit::Depth);
        }
        Ok(!sound || overrun || shapes.beyond.is_some())
    }
}

/// Whether a negative number comes next, with or without a parenthesis.
fn is_below_zero(mut cursor: Cursor<'_>) -> bool {
    cursor.try_byte(b'(');
    cursor.skip_blank();
    cursor.try_byte(b'-') && cursor.number64().is_ok()
}

/// Whether there are more octets than the literal announced, say from a server that counts
/// characters.
fn is_overrun(cursor: &Cursor<'_>) -> bool {
    !matches!(
        cursor.peek(),
        None | Some(b' ' | b'\t' | b')' | b'\r' | b'\n')
    )
}

/// Whether a word can be the name of an item: servers write them in capitals.
fn is_name(word: &[u8]) -> bool {
    let is_part =
        |byte: &u8| byte.is_ascii_uppercase() || matches!(byte, b'0'..=b'9' | b'.' | b'-');
    Kind::of(word, false) != Kind::Other
        || word.first().is_some_and(u8::is_ascii_uppercase) && word.iter().all(is_part)
}

/// Reads `section` and `["<" number ">"]`, in which a length may follow; returns whether it does.
fn skip_section(cursor: &mut Cursor<'_>) -> Result<bool, ParseError> {
    // The usual case: no names are quoted.
    let rest = cursor.rest();
    let end = memchr::memchr(b']', rest);
    if let Some(end) =
        end.filter(|end| is_plain(rest.get(..*end).unwrap_or_default(), [b'"', b'{']))
    {
        cursor.seek(cursor.position() + end);
    }
    loop {
        cursor.run(|byte| !matches!(byte, b']' | b'"' | b'{' | b'\r' | b'\n'));
        match cursor.peek() {
            Some(b']') => break,
            Some(b'"' | b'{') => cursor.skip_value().map(drop)?,
            _ => return Err(cursor.error("the end of a section")),
        }
    }
    cursor.try_byte(b']');
    let has_origin = cursor.try_byte(b'<');
    if has_origin {
        cursor.run(|byte| byte.is_ascii_digit() || byte == b'.');
        cursor.byte(b'>', "the end of an origin")?;
    }
    Ok(has_origin)
}

/// Removes the backslashes; returns the number of octets left.
fn unescape_in_place(content: &mut [u8]) -> usize {
    let Some(mut to) = memchr::memchr(b'\\', content) else {
        return content.len();
    };
    let mut from = to;
    while let Some(byte) = content.get(from).copied() {
        let escaped = content.get(from + 1).copied().filter(|_| byte == b'\\');
        let escaped = escaped.filter(|next| matches!(next, b'"' | b'\\'));
        if let Some(slot) = content.get_mut(to) {
            *slot = escaped.unwrap_or(byte);
        }
        to += 1;
        from += 1 + usize::from(escaped.is_some());
    }
    to
}
