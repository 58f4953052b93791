//! BODYSTRUCTURE: the tree of a message's parts as the server parsed it.

use std::borrow::Cow;
use std::fmt;

use crate::wire::cursor::Cursor;
use crate::wire::frame::Frame;
use crate::wire::response::body_node::{Kind, NONE, Node};
use crate::wire::response::encoded_word;
use crate::wire::response::envelope::Envelope;
use crate::wire::response::file_name::FileName;
use crate::wire::response::parameters::{Disposition, Parameters};

/// The tree of a message's parts (BODYSTRUCTURE, RFC 9051 section 7.5.2).
///
/// Borrows from the FETCH response. The tree is already built; the fields of a part are parsed when
/// they are read.
///
/// ```
#[doc = include_str!("../../doc/message.txt")]
/// use latchbox::types::Printable;
///
/// let structure = message.body_structure()?; // of a message that was fetched with BODYSTRUCTURE
/// for part in structure.parts() {
///     let number = part.number().unwrap_or_default();
///     let kind = format!("{}/{}", part.media_type(), part.media_subtype());
///     println!("{number} {}", Printable(kind));
/// }
/// let text = structure.text_part().ok_or("it has no text")?;
/// assert_eq!(text.number().as_deref(), Some("1"));
/// assert_eq!(text.parameter("charset").as_deref(), Some("utf-8"));
/// assert_eq!(structure.attachments().count(), 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy)]
pub struct BodyStructure<'a> {
    frame: Frame<'a>,
    nodes: &'a [Node],
}

impl<'a> BodyStructure<'a> {
    /// A structure whose tree is known.
    pub(crate) fn new(frame: Frame<'a>, nodes: &'a [Node]) -> BodyStructure<'a> {
        BodyStructure { frame, nodes }
    }

    /// The message itself, or the multipart that holds all other parts.
    pub fn root(&self) -> Part<'a> {
        Part {
            structure: *self,
            index: 0,
        }
    }

    /// The part with this number, such as `1.2` (RFC 9051 section 6.4.5.1); `None` if there is
    /// none.
    pub fn part(&self, number: &str) -> Option<Part<'a>> {
        let mut numbers = number.split('.').map(|number| number.parse::<u32>().ok());
        let mut part = self.root();
        if !part.is_multipart() {
            numbers.next()?.filter(|number| *number == 1)?;
        }
        for number in numbers {
            part = part.numbered_child(number?)?;
        }
        part.number().is_some().then_some(part)
    }

    /// All parts from the root on, each before its children.
    pub fn parts(&self) -> Parts<'a> {
        Parts {
            structure: *self,
            next: 0,
            end: self.nodes.len(),
            step: Step::Deep,
        }
    }

    fn node(&self, index: usize) -> &'a Node {
        self.nodes.get(index).unwrap_or(const { &Node::EMPTY })
    }

    /// The parts of this message, without those of the messages in it.
    pub(super) fn own_parts(&self) -> Parts<'a> {
        Parts {
            step: Step::OwnMessage,
            ..self.parts()
        }
    }
}

impl fmt::Debug for BodyStructure<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.parts()).finish()
    }
}

/// An iterator of parts, in the order in which they stand in the message.
#[derive(Clone)]
pub struct Parts<'s> {
    structure: BodyStructure<'s>,
    next: usize,
    end: usize,
    step: Step,
}

/// The place at which an iterator continues after a part.
#[derive(Clone, Copy)]
enum Step {
    /// At its first child.
    Deep,
    /// At its first child, except for messages.
    OwnMessage,
    /// At its next sibling.
    Flat,
}

impl<'s> Iterator for Parts<'s> {
    type Item = Part<'s>;

    fn next(&mut self) -> Option<Part<'s>> {
        let part = Part {
            structure: self.structure,
            index: self.next,
        };
        if self.next >= self.end {
            return None;
        }
        let node = part.node();
        let deep = match self.step {
            Step::Deep => true,
            Step::OwnMessage => node.kind != Kind::Message,
            Step::Flat => false,
        };
        self.next = if deep { self.next + 1 } else { node.end() };
        Some(part)
    }
}

impl fmt::Debug for Parts<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.clone()).finish()
    }
}

/// One part of a message: text, an image, a message, or a multipart with parts of its own.
///
/// ```
#[doc = include_str!("../../doc/message.txt")]
/// let structure = message.body_structure()?;
/// let picture = structure.part("2").ok_or("there is no second part")?;
/// assert!(picture.is_type("image", "png") && picture.is_attachment());
/// assert_eq!(picture.encoding(), "BASE64");
/// let name = picture.file_name().ok_or("it has no name")?;
/// assert_eq!(name.to_string(), "Übersicht.png"); // to be shown, not to be written to
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy)]
pub struct Part<'s> {
    structure: BodyStructure<'s>,
    index: usize,
}

impl<'s> Part<'s> {
    /// The number that identifies the part in FETCH, such as `1.2` (RFC 9051 section 6.4.5.1).
    ///
    /// `None` for a multipart that has no number because it is the whole of a message: the
    /// outermost one, and that of a message within.
    pub fn number(&self) -> Option<String> {
        let mut numbers = Vec::new();
        let mut node = self.node();
        if !node.has_number() {
            return None;
        }
        loop {
            if node.has_number() {
                numbers.push(node.ordinal().to_string());
            }
            match node.parent() {
                Some(parent) => node = self.structure.node(parent),
                None => break,
            }
        }
        numbers.reverse();
        Some(numbers.join("."))
    }

    /// The media type as the server wrote it, such as `TEXT`; `application` if it is missing.
    ///
    /// `text` if the server could not read the part's Content-Type field and wrote an empty string
    /// (RFC 2045 section 5.2).
    pub fn media_type(&self) -> Cow<'s, str> {
        match (self.node().kind, self.text(self.node().media_type)) {
            (Kind::Multipart, _) => Cow::Borrowed("multipart"),
            (_, Some(text)) if is_blank(&text) => Cow::Borrowed("text"),
            (_, Some(text)) => text,
            (_, None) => Cow::Borrowed("application"),
        }
    }

    /// The media subtype as the server wrote it, such as `PLAIN`.
    ///
    /// If it is missing or empty, the usual one for the type: `plain`, `mixed`, `rfc822`, else
    /// `octet-stream`.
    pub fn media_subtype(&self) -> Cow<'s, str> {
        let subtype = self.text(self.node().subtype);
        let subtype = subtype.filter(|subtype| !is_blank(subtype));
        subtype.unwrap_or_else(|| {
            Cow::Borrowed(match self.media_type().to_ascii_lowercase().as_str() {
                "text" => "plain",
                "multipart" => "mixed",
                "message" => "rfc822",
                _ => "octet-stream",
            })
        })
    }

    /// Whether the part is of this media type and subtype, in any case.
    ///
    /// Of a subtype that the sender wrote wrongly, such as `plain/x`, only the beginning counts.
    pub fn is_type(&self, media_type: &str, media_subtype: &str) -> bool {
        self.media_type().eq_ignore_ascii_case(media_type) && self.is_subtype(media_subtype)
    }

    /// Whether the media subtype begins with this token, and no other.
    pub(super) fn is_subtype(&self, name: &str) -> bool {
        let written = self.media_subtype();
        let start = written.split_at_checked(name.len());
        start.is_some_and(|(start, rest)| {
            let is_over = rest.chars().next().is_none_or(is_no_token);
            is_over && start.eq_ignore_ascii_case(name)
        })
    }

    /// The parameters of the media type as the server wrote them.
    pub fn parameters(&self) -> Parameters<'s> {
        Parameters::new(self.cursor(self.node().parameters))
    }

    /// The value of one parameter of the media type, such as `charset`, decoded for display.
    ///
    /// It is decoded by RFC 2231 and RFC 2047, as [`Parameters::value`] describes.
    pub fn parameter(&self, name: &str) -> Option<Cow<'s, str>> {
        self.parameters().value(name)
    }

    /// The Content-ID field, with its angle brackets.
    pub fn id(&self) -> Option<Cow<'s, [u8]>> {
        self.string(self.node().id)
    }

    /// The Content-Description field for display, with encoded words decoded (RFC 2047).
    pub fn description(&self) -> Option<Cow<'s, str>> {
        let known = self.structure.frame.text;
        let description = self.description_raw();
        description.map(|text| encoded_word::decode_in(known, text))
    }

    /// The Content-Description field as it stands in the header.
    pub fn description_raw(&self) -> Option<Cow<'s, [u8]>> {
        self.string(self.node().description)
    }

    /// The transfer encoding as the server wrote it, such as `BASE64`; `7BIT` if it is missing.
    pub fn encoding(&self) -> Cow<'s, str> {
        let trimmed = |text: Cow<'s, str>| match text {
            text if !has_blank_end(&text) => text,
            Cow::Borrowed(text) => Cow::Borrowed(text.trim()),
            Cow::Owned(text) => Cow::Owned(text.trim().to_owned()),
        };
        let encoding = self.text(self.node().encoding).map(trimmed);
        encoding
            .filter(|text| !text.is_empty())
            .unwrap_or(Cow::Borrowed("7BIT"))
    }

    /// The size in octets of the part in its transfer encoding, not decoded.
    ///
    /// `None` for a multipart. Some servers report a wrong size: do not cut a download by it.
    pub fn octets(&self) -> Option<u64> {
        self.number_at(self.node().octets)
    }

    /// The number of lines of the part; for text and messages only.
    pub fn lines(&self) -> Option<u64> {
        self.number_at(self.node().lines)
    }

    /// The Content-MD5 field.
    pub fn md5(&self) -> Option<Cow<'s, [u8]>> {
        self.string(self.node().md5)
    }

    /// The Content-Disposition field (RFC 2183), which marks the part as inline or as an
    /// attachment.
    pub fn disposition(&self) -> Option<Disposition<'s>> {
        Disposition::parse(self.cursor(self.node().disposition)?)
    }

    /// The languages of the part (Content-Language, RFC 3282).
    pub fn languages(&self) -> impl Iterator<Item = Cow<'s, str>> + use<'s> {
        let mut list = self.cursor(self.node().language);
        let is_list = list.as_mut().is_some_and(|list| list.try_byte(b'('));
        std::iter::from_fn(move || {
            let cursor = list.as_mut()?;
            loop {
                cursor.skip_blank();
                match cursor.nstring() {
                    Ok(Some(language)) => {
                        if !is_list {
                            list = None;
                        }
                        return Some(encoded_word::into_text(language));
                    }
                    Ok(None) if is_list => {}
                    _ => {
                        list = None;
                        return None;
                    }
                }
            }
        })
    }

    /// The Content-Location field (RFC 2557).
    pub fn location(&self) -> Option<Cow<'s, [u8]>> {
        self.string(self.node().location)
    }

    /// The header of the message that this part is, for message/rfc822 and message/global.
    pub fn envelope(&self) -> Option<Envelope<'s>> {
        Envelope::parse(self.cursor(self.node().envelope)?).ok()
    }

    /// The name that the sender gave to the part's file.
    ///
    /// It is the first of these four that can be decoded, or else the first that is present: the
    /// `filename` of the disposition, the `name` of the media type, the `name` of the disposition,
    /// the `filename` of the media type. `None` if the part has none of them.
    pub fn file_name(&self) -> Option<FileName> {
        let disposition = self.disposition();
        let of_disposition = disposition.map(|it| it.parameters().forms(["filename", "name"]));
        let [filename, its_name] = of_disposition.unwrap_or_default();
        let [name, its_filename] = self.parameters().forms(["name", "filename"]);
        let known = self.structure.frame.text;
        let mut any = None;
        for forms in [filename, name, its_name, its_filename] {
            let Some(found) = forms.found(known) else {
                continue;
            };
            if found.is_sound {
                return Some(FileName::new(found.text.into_owned()));
            }
            any = any.or(Some(found));
        }
        any.map(|found| FileName::new(found.text.into_owned()))
    }

    /// Whether the part is a multipart, also if it has no parts.
    pub fn is_multipart(&self) -> bool {
        self.node().kind == Kind::Multipart
    }

    /// Whether the part is a message whose header and parts are known.
    pub fn is_message(&self) -> bool {
        self.node().kind == Kind::Message
    }

    /// The parts of a multipart, or the one body of a message.
    pub fn children(&self) -> Parts<'s> {
        let end = self.node().end();
        Parts {
            structure: self.structure,
            next: self.index + 1,
            end,
            step: Step::Flat,
        }
    }

    /// The multipart that contains the part; `None` for the whole of a message.
    pub(super) fn multipart(&self) -> Option<Part<'s>> {
        let index = self.node().parent()?;
        let parent = Part { index, ..*self };
        parent.is_multipart().then_some(parent)
    }

    /// The position of the part in its multipart, from 1.
    pub(super) fn ordinal(&self) -> u32 {
        self.node().ordinal()
    }

    /// Whether the part is HTML, or a multipart that holds HTML of the same message.
    pub(super) fn has_html(&self) -> bool {
        self.node().has_html()
    }

    fn node(&self) -> &'s Node {
        self.structure.node(self.index)
    }

    /// The part with this number within this one.
    fn numbered_child(&self, number: u32) -> Option<Part<'s>> {
        let mut parent = *self;
        if parent.is_message() {
            let body = parent.children().next()?;
            if !body.is_multipart() {
                return (number == 1).then_some(body);
            }
            parent = body;
        }
        let wanted = usize::try_from(number.checked_sub(1)?).ok()?;
        parent.children().nth(wanted)
    }

    fn cursor(&self, at: u32) -> Option<Cursor<'s>> {
        let at = usize::try_from(at).ok().filter(|_| at != NONE)?;
        Some(Cursor::at(self.structure.frame, at))
    }

    fn string(&self, at: u32) -> Option<Cow<'s, [u8]>> {
        self.cursor(at)?.nstring().ok()?
    }

    fn text(&self, at: u32) -> Option<Cow<'s, str>> {
        let known = self.structure.frame.text;
        self.string(at)
            .map(|text| encoded_word::into_text_in(known, text))
    }

    fn number_at(&self, at: u32) -> Option<u64> {
        let mut number = self.cursor(at)?;
        number.try_byte(b'"');
        number.number64().ok()
    }
}

/// Whether a character cannot stand in a media subtype (RFC 2045 section 5.1).
fn is_no_token(character: char) -> bool {
    !character.is_ascii_graphic() || "()<>@,;:\\\"/[]?=".contains(character)
}

fn is_blank(text: &str) -> bool {
    has_blank_end(text) && text.trim().is_empty()
}

/// Whether it is empty, or may begin or end with a blank.
fn has_blank_end(text: &str) -> bool {
    let [first, last] = [text.bytes().next(), text.bytes().next_back()];
    let is_graphic = |octet: Option<u8>| octet.is_some_and(|octet| octet.is_ascii_graphic());
    !is_graphic(first) || !is_graphic(last)
}

impl fmt::Debug for Part<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Part")
            .field("number", &self.number())
            .field("media_type", &self.media_type())
            .field("media_subtype", &self.media_subtype())
            .field("parameters", &self.parameters())
            .field("encoding", &self.encoding())
            .field("octets", &self.octets())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
