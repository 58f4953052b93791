//! The shape of a BODYSTRUCTURE: where each part and each of its fields begins.

use crate::limits::{Limit, Limits};
use crate::wire::cursor::{Cursor, ParseError};
use crate::wire::response::parameters::Disposition;

/// No such field, or no such part.
pub(crate) const NONE: u32 = u32::MAX;

/// The part has a number of its own.
const NUMBERED: u8 = 1;

/// The part is HTML, or holds some.
const HTML: u8 = 2;

/// What a part is by its shape.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Kind {
    #[default]
    Basic,
    Message,
    Multipart,
}

/// One part. Places are octets of the frame, `NONE` where there is no such field.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Node {
    pub(crate) kind: Kind,
    /// `NUMBERED` and `HTML`.
    marks: u8,
    depth: u16,
    parent: u32,
    /// Its place among its siblings, from 1.
    ordinal: u32,
    /// The first node behind its children.
    end: u32,
    pub(crate) media_type: u32,
    pub(crate) subtype: u32,
    pub(crate) parameters: u32,
    pub(crate) id: u32,
    pub(crate) description: u32,
    pub(crate) encoding: u32,
    pub(crate) octets: u32,
    pub(crate) envelope: u32,
    pub(crate) lines: u32,
    pub(crate) md5: u32,
    pub(crate) disposition: u32,
    pub(crate) language: u32,
    pub(crate) location: u32,
}

impl Node {
    pub(crate) const EMPTY: Node = Node {
        kind: Kind::Basic,
        marks: 0,
        depth: 0,
        parent: NONE,
        ordinal: 1,
        end: 0,
        media_type: NONE,
        subtype: NONE,
        parameters: NONE,
        id: NONE,
        description: NONE,
        encoding: NONE,
        octets: NONE,
        envelope: NONE,
        lines: NONE,
        md5: NONE,
        disposition: NONE,
        language: NONE,
        location: NONE,
    };

    pub(crate) fn has_number(&self) -> bool {
        self.marks & NUMBERED != 0
    }

    /// Whether the part is text/html, or holds such a part of the same message.
    pub(crate) fn has_html(&self) -> bool {
        self.marks & HTML != 0
    }

    pub(crate) fn ordinal(&self) -> u32 {
        self.ordinal
    }

    pub(crate) fn parent(&self) -> Option<usize> {
        usize::try_from(self.parent)
            .ok()
            .filter(|_| self.parent != NONE)
    }

    pub(crate) fn end(&self) -> usize {
        usize::try_from(self.end).unwrap_or(usize::MAX)
    }
}

/// Reads a `body` without recursion: the parents of the part at hand are the stack. The nodes are
/// the parts, each before its children.
pub(crate) fn read(
    cursor: &mut Cursor<'_>,
    limits: &Limits,
    nodes: &mut Vec<Node>,
) -> Result<(), ParseError> {
    nodes.clear();
    let mut parser = Parser {
        cursor,
        nodes,
        limits,
    };
    let mut current = parser.open(None, 1)?;
    loop {
        // Behind the beginning of a part, or behind one of its children.
        if let Some(ordinal) = parser.next_child(current)? {
            current = parser.open(Some(current), ordinal)?;
            continue;
        }
        let node = parser.close(current)?;
        match node.parent() {
            Some(parent) => current = parent,
            None => return Ok(()),
        }
    }
}

struct Parser<'a, 'p> {
    cursor: &'p mut Cursor<'a>,
    nodes: &'p mut Vec<Node>,
    limits: &'p Limits,
}

impl Parser<'_, '_> {
    fn node(&self, index: usize) -> Node {
        self.nodes.get(index).copied().unwrap_or(Node::EMPTY)
    }

    /// Reads a part up to where its children would begin.
    fn open(&mut self, parent: Option<usize>, ordinal: u32) -> Result<usize, ParseError> {
        let mut node = self.child_of(parent, ordinal)?;
        self.cursor.skip_blank();
        self.cursor.byte(b'(', "a body structure")?;
        self.cursor.skip_blank();
        if self.cursor.peek() == Some(b'(') {
            node.kind = Kind::Multipart;
        } else {
            self.basic(&mut node)?;
        }
        let above = parent.map(|parent| self.node(parent).kind);
        let has_number = match above {
            Some(Kind::Multipart) => true,
            _ => node.kind != Kind::Multipart,
        };
        node.marks = if has_number { NUMBERED } else { 0 };
        let index = self.nodes.len();
        self.nodes.push(node);
        Ok(index)
    }

    fn child_of(&self, parent: Option<usize>, ordinal: u32) -> Result<Node, ParseError> {
        let depth = parent.map_or(1, |parent| self.node(parent).depth.saturating_add(1));
        if usize::from(depth) > self.limits.depth {
            return Err(self.cursor.beyond(Limit::Depth));
        }
        if self.nodes.len() >= self.limits.parts {
            return Err(self.cursor.beyond(Limit::Parts));
        }
        let parent = parent
            .and_then(|parent| u32::try_from(parent).ok())
            .unwrap_or(NONE);
        Ok(Node {
            depth,
            parent,
            ordinal,
            ..Node::EMPTY
        })
    }

    /// The fields of a part that is no multipart, up to where its children would begin.
    fn basic(&mut self, node: &mut Node) -> Result<(), ParseError> {
        node.media_type = self.string_field()?;
        if node.media_type == NONE || self.at_string() {
            node.subtype = self.field()?;
        } else {
            self.lone_word(node);
        }
        if node.media_type == NONE && self.is_multipart_subtype(node.subtype) {
            node.kind = Kind::Multipart;
        }
        if node.kind == Kind::Multipart {
            return Ok(());
        }
        for field in [
            &mut node.parameters,
            &mut node.id,
            &mut node.description,
            &mut node.encoding,
            &mut node.octets,
        ] {
            *field = self.field()?;
        }
        if self.is_message(node) && self.cursor.peek() == Some(b'(') {
            node.kind = Kind::Message;
            node.envelope = self.field()?;
        }
        Ok(())
    }

    /// A part with one word where a type and a subtype are due: the subtype of a multipart whose
    /// parts got lost, or a type, or a subtype.
    fn lone_word(&mut self, node: &mut Node) {
        if !self.is_one_of(node.media_type, &TYPES) {
            (node.subtype, node.media_type) = (node.media_type, NONE);
        }
        if !self.is_multipart_subtype(node.subtype) && self.cursor.try_nil() {
            self.cursor.skip_blank();
        }
    }

    /// Whether another child of this part follows, and its ordinal.
    fn next_child(&mut self, current: usize) -> Result<Option<u32>, ParseError> {
        let node = self.node(current);
        let last = self
            .nodes
            .len()
            .checked_sub(1)
            .filter(|last| *last > current);
        self.cursor.skip_blank();
        if node.kind == Kind::Basic || self.cursor.peek() != Some(b'(') {
            return Ok(None);
        }
        match (node.kind, last) {
            (Kind::Message, None) => Ok((!self.try_empty_list()).then_some(1)),
            (Kind::Multipart, last) if node.subtype == NONE => Ok(Some(
                last.map_or(1, |last| self.ordinal_below(current, last) + 1),
            )),
            _ => Ok(None),
        }
    }

    /// The ordinal of the child of `parent` that `node` is, or stands in.
    fn ordinal_below(&self, parent: usize, node: usize) -> u32 {
        let mut node = self.node(node);
        while let Some(above) = node.parent().filter(|above| *above != parent) {
            node = self.node(above);
        }
        node.ordinal
    }

    /// Reads what follows the children of a part, and its closing parenthesis.
    fn close(&mut self, current: usize) -> Result<Node, ParseError> {
        let mut node = self.node(current);
        let childless = self.nodes.len() == current + 1;
        if node.kind == Kind::Multipart && node.subtype == NONE {
            node.subtype = self.string_field()?;
        } else if node.kind == Kind::Message && childless && self.cursor.try_nil() {
            self.cursor.skip_blank();
        }
        if node.kind != Kind::Multipart && self.at_lines(&node) {
            node.lines = self.field()?;
        }
        self.extension(&mut node)?;
        self.cursor.skip_to_close()?;
        node.end = u32::try_from(self.nodes.len()).unwrap_or(NONE);
        self.mark_html(&mut node);
        if let Some(slot) = self.nodes.get_mut(current) {
            *slot = node;
        }
        Ok(node)
    }

    /// Tells the multipart around a part of HTML, which is not closed yet.
    fn mark_html(&mut self, node: &mut Node) {
        if node.kind == Kind::Basic
            && self.is_one_of(node.subtype, &["html"])
            && self.is_one_of(node.media_type, &["text"])
        {
            node.marks |= HTML;
        }
        let parent = node.parent().and_then(|parent| self.nodes.get_mut(parent));
        if let Some(parent) = parent.filter(|parent| parent.kind == Kind::Multipart) {
            parent.marks |= node.marks & HTML;
        }
    }

    /// `body-ext-1part` or `body-ext-mpart`, as far as it goes.
    fn extension(&mut self, node: &mut Node) -> Result<(), ParseError> {
        let first = self.field()?;
        let misplaced = node.kind != Kind::Multipart && self.is_disposition(first);
        match node.kind {
            Kind::Multipart => node.parameters = first,
            _ if misplaced => node.disposition = first,
            _ => node.md5 = first,
        }
        if !misplaced {
            node.disposition = self.field()?;
        }
        node.language = self.field()?;
        if self.is_disposition(node.language) && !self.is_disposition(node.disposition) {
            std::mem::swap(&mut node.disposition, &mut node.language);
        }
        node.location = self.field()?;
        Ok(())
    }

    /// Skips one value, with the blanks behind it, and tells where it begins; `NONE` if the part
    /// ends here.
    fn field(&mut self) -> Result<u32, ParseError> {
        if self.cursor.peek() == Some(b')') {
            return Ok(NONE);
        }
        let place = self.place();
        self.cursor.skip_value()?;
        self.cursor.skip_blank();
        Ok(place)
    }

    /// Like `field`, but `NONE` also for NIL, and for a list, which is left where it is.
    fn string_field(&mut self) -> Result<u32, ParseError> {
        self.cursor.skip_blank();
        if self.cursor.try_nil() {
            self.cursor.skip_blank();
            return Ok(NONE);
        }
        if self.cursor.peek() == Some(b'(') {
            Ok(NONE)
        } else {
            self.field()
        }
    }

    fn place(&self) -> u32 {
        u32::try_from(self.cursor.position()).unwrap_or(NONE)
    }

    /// Whether a string comes next, and not NIL or a list.
    fn at_string(&self) -> bool {
        let mut probe = *self.cursor;
        !matches!(probe.peek(), Some(b'(' | b')') | None) && !probe.try_nil()
    }

    /// Whether a number of lines comes next. Some servers give it for parts that have none; where
    /// it is due, NIL may stand for it.
    fn at_lines(&self, node: &Node) -> bool {
        let mut probe = *self.cursor;
        let due = node.kind == Kind::Message || self.is_one_of(node.media_type, &["text"]);
        matches!(probe.peek(), Some(b'0'..=b'9' | b'-')) || (due && probe.try_nil())
    }

    fn try_empty_list(&mut self) -> bool {
        let mut probe = *self.cursor;
        probe.try_byte(b'(');
        probe.skip_blank();
        let empty = probe.try_byte(b')');
        if empty {
            *self.cursor = probe;
            self.cursor.skip_blank();
        }
        empty
    }

    fn is_message(&self, node: &Node) -> bool {
        self.is_one_of(node.media_type, &["message"])
            && (node.subtype == NONE || self.is_one_of(node.subtype, &["rfc822", "global"]))
    }

    fn is_multipart_subtype(&self, place: u32) -> bool {
        self.is_one_of(place, &MULTIPART_SUBTYPES)
    }

    fn at(&self, place: u32) -> Option<Cursor<'_>> {
        let at = usize::try_from(place).ok().filter(|_| place != NONE)?;
        Some(Cursor::at(self.cursor.frame(), at))
    }

    fn is_disposition(&self, place: u32) -> bool {
        self.at(place).is_some_and(Disposition::is_here)
    }

    /// Whether the string at this place is one of these words, in any case.
    fn is_one_of(&self, place: u32, names: &[&str]) -> bool {
        let Some(mut cursor) = self.at(place) else {
            return false;
        };
        // As it nearly always is.
        if let [b'"', rest @ ..] = cursor.rest() {
            return names.iter().any(|name| {
                let word = rest.split_at_checked(name.len());
                word.is_some_and(|(word, rest)| {
                    rest.first() == Some(&b'"') && word.eq_ignore_ascii_case(name.as_bytes())
                })
            });
        }
        let is = |word: &[u8]| {
            names
                .iter()
                .any(|name| word.eq_ignore_ascii_case(name.as_bytes()))
        };
        matches!(cursor.nstring(), Ok(Some(word)) if is(&word))
    }
}

const TYPES: [&str; 9] = [
    "application",
    "audio",
    "font",
    "image",
    "message",
    "model",
    "multipart",
    "text",
    "video",
];

const MULTIPART_SUBTYPES: [&str; 10] = [
    "alternative",
    "appledouble",
    "digest",
    "encrypted",
    "form-data",
    "mixed",
    "parallel",
    "related",
    "report",
    "signed",
];
