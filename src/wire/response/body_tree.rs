//! The tree of a BODYSTRUCTURE: the positions of its parts and of their fields.

use crate::limits::{Limit, Limits};
use crate::wire::cursor::{Cursor, ParseError};
use crate::wire::response::body_node::{HTML, Kind, NONE, NUMBERED, Node};
use crate::wire::response::parameters::Disposition;
use crate::wire::response::{body_plain, body_shape};

/// Reads a `body` without recursion: the parents of the current part are the stack.
///
/// The nodes are the parts, each before its children.
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
        // After the beginning of a part, or after one of its children.
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

    /// Reads a part up to the position of its children.
    fn open(&mut self, parent: Option<usize>, ordinal: u32) -> Result<usize, ParseError> {
        let mut node = self.child_of(parent, ordinal)?;
        self.cursor.skip_blank();
        let index = self.nodes.len();
        if let Some((fields, is_html)) = body_plain::read(self.cursor) {
            node = Node {
                marks: if is_html { NUMBERED | HTML } else { NUMBERED },
                depth: node.depth,
                parent: node.parent,
                ordinal,
                end: u32::try_from(index + 1).unwrap_or(NONE),
                ..fields
            };
            self.mark_parent(&node);
            self.nodes.push(node);
            return Ok(index);
        }
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

    /// Reads the fields of a part that is no multipart, up to the position of its children.
    fn basic(&mut self, node: &mut Node) -> Result<(), ParseError> {
        node.media_type = self.string_field()?;
        if self.is_childless_multipart(node)? {
            node.kind = Kind::Multipart;
            return Ok(());
        }
        let is_lone = node.media_type != NONE && !self.at_string();
        let regular = body_shape::regular(self.cursor);
        let places = match regular {
            Some(places) => places,
            None => body_shape::find(self.cursor)?,
        };
        let [subtype, parameters, id, description, encoding] = places.map(|place| {
            let place = place.and_then(|place| u32::try_from(place).ok());
            place.unwrap_or(NONE)
        });
        (node.subtype, node.parameters, node.id) = (subtype, parameters, id);
        (node.description, node.encoding) = (description, encoding);
        // A single word in place of a type and a subtype is a known type, or a subtype.
        if is_lone && !self.is_one_of(node.media_type, &TYPES) {
            (node.subtype, node.media_type) = (node.media_type, NONE);
        }
        if self.at_number() {
            node.octets = self.field()?;
        }
        if self.is_message(node) {
            self.envelope(node)?;
        }
        Ok(())
    }

    /// Whether it is a multipart without parts: only its subtype is there.
    fn is_childless_multipart(&mut self, node: &mut Node) -> Result<bool, ParseError> {
        let is_lone = node.media_type != NONE && !self.at_string();
        if is_lone && self.is_multipart_subtype(node.media_type) {
            (node.subtype, node.media_type) = (node.media_type, NONE);
            return Ok(true);
        }
        let is_multipart = node.media_type == NONE && self.is_multipart_subtype(self.place());
        if is_multipart {
            node.subtype = self.field()?;
        }
        Ok(is_multipart)
    }

    /// Reads the envelope of a message, which may be NIL or missing.
    ///
    /// If it is, the body that follows shows that the part is a message; without that, it is read
    /// like any other part.
    fn envelope(&mut self, node: &mut Node) -> Result<(), ParseError> {
        let mut probe = *self.cursor;
        if probe.try_nil() {
            probe.skip_blank();
            let has_body = probe.peek() == Some(b'(') && !Disposition::is_here(probe);
            let has_none = probe.try_nil() && {
                probe.skip_blank();
                matches!(probe.peek(), Some(b'0'..=b'9'))
            };
            if has_body || has_none || matches!(probe.peek(), Some(b'0'..=b'9')) {
                node.kind = Kind::Message;
                self.field()?;
            }
        } else if probe.peek() == Some(b'(') && !Disposition::is_here(probe) {
            node.kind = Kind::Message;
            if !is_body(probe) {
                node.envelope = self.field()?;
            }
        }
        Ok(())
    }

    /// Whether another child of this part follows, and its ordinal.
    fn next_child(&mut self, current: usize) -> Result<Option<u32>, ParseError> {
        let node = self.node(current);
        if node.is_closed() {
            return Ok(None);
        }
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
            (Kind::Message, None) if Disposition::is_here(*self.cursor) => Ok(None),
            (Kind::Message, None) => Ok((!self.try_empty_list()).then_some(1)),
            (Kind::Multipart, Some(_)) if is_parameters(*self.cursor) => Ok(None),
            (Kind::Multipart, last) if node.subtype == NONE => Ok(Some(
                last.map_or(1, |last| self.ordinal_below(current, last) + 1),
            )),
            _ => Ok(None),
        }
    }

    /// The ordinal of the child of `parent` that is `node`, or contains it.
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
        if node.is_closed() {
            return Ok(node);
        }
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

    /// Marks the multipart around a part of HTML, which is not closed yet.
    fn mark_html(&mut self, node: &mut Node) {
        if node.kind == Kind::Basic
            && self.is_one_of(node.subtype, &["html"])
            && self.is_one_of(node.media_type, &["text"])
        {
            node.marks |= HTML;
        }
        self.mark_parent(node);
    }

    fn mark_parent(&mut self, node: &Node) {
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

    /// Skips one value, with the blanks after it, and returns its position; `NONE` if the part ends
    /// here.
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

    /// Whether a number of lines comes next.
    ///
    /// Some servers send it for parts that have none; where it is required, NIL may stand for it.
    fn at_lines(&self, node: &Node) -> bool {
        let mut probe = *self.cursor;
        let due = node.kind == Kind::Message || self.is_one_of(node.media_type, &["text"]);
        matches!(probe.peek(), Some(b'0'..=b'9' | b'-')) || (due && probe.try_nil())
    }

    /// Whether a size comes next, or a value in its place.
    fn at_number(&self) -> bool {
        let mut probe = *self.cursor;
        match probe.peek() {
            Some(b'0'..=b'9' | b'-') => true,
            Some(b'"') => matches!(probe.nstring(), Ok(Some(text)) if is_number(&text)),
            _ => probe.try_nil(),
        }
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

    /// Whether the string at this position is one of these words, in any case.
    fn is_one_of(&self, place: u32, names: &[&str]) -> bool {
        let Some(mut cursor) = self.at(place) else {
            return false;
        };
        // The usual case.
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

fn is_number(text: &[u8]) -> bool {
    !text.is_empty() && text.iter().all(u8::is_ascii_digit)
}

/// Whether a list is a body and not an envelope: it has parts, or a size among its fields.
fn is_body(mut list: Cursor<'_>) -> bool {
    list.try_byte(b'(');
    list.skip_blank();
    if list.peek() == Some(b'(') {
        return true;
    }
    for _ in 0..ENVELOPE {
        match list.peek() {
            Some(b'0'..=b'9') => return true,
            None | Some(b')') => return false,
            Some(_) if list.skip_value().is_err() => return false,
            Some(_) => list.skip_blank(),
        }
    }
    false
}

/// The fields of an envelope.
const ENVELOPE: usize = 10;

/// Whether a list is one of parameters and not a part.
///
/// It has names and values as strings, followed by no part and no subtype.
fn is_parameters(mut list: Cursor<'_>) -> bool {
    list.try_byte(b'(');
    list.skip_blank();
    let mut strings = 0usize;
    while list.peek() == Some(b'"') {
        if list.skip_value().is_err() {
            return false;
        }
        list.skip_blank();
        strings += 1;
    }
    let is_list = strings >= 2 && strings % 2 == 0 && list.try_byte(b')');
    list.skip_blank();
    let is_last = matches!(list.peek(), None | Some(b')')) || list.clone().try_nil();
    is_list && (is_last || Disposition::is_here(list))
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
