//! Whether the name of an item is that of a requested section.

use std::borrow::Cow;

use crate::types::section::{FieldNames, Section, SectionText};
use crate::wire::cursor::Cursor;
use crate::wire::response::fetch_item::Item;
use crate::wire::words::same_in_any_case;

impl Item {
    /// Whether the name of this item, at which the cursor stands, is that of the requested section.
    pub(crate) fn matches(&self, mut name: Cursor<'_>, section: &Section) -> bool {
        if is_written_as(name.rest(), section) {
            return true;
        }
        let word = name.run(|byte| byte != b'[');
        if name.peek().is_none() {
            return section.part_numbers().is_empty()
                && *section.section_text() == old_section(word)
                && section.octets().is_none();
        }
        name.try_byte(b'[');
        name.skip_blank();
        same_part(&mut name, section)
            && same_text(&mut name, section.section_text())
            && same_origin(&mut name, section)
    }

    /// Whether the section begins with the header of the message itself, or is fields of it.
    pub(crate) fn is_header(&self, name: &[u8]) -> bool {
        let is_one_of = |word: &[u8], words: &[&str]| {
            let mut words = words.iter();
            words.any(|known| word.eq_ignore_ascii_case(known.as_bytes()))
        };
        let Some(bracket) = memchr::memchr(b'[', name) else {
            return is_one_of(name, &["RFC822", "RFC822.HEADER"]);
        };
        let inner = name.get(bracket + 1..).unwrap_or_default();
        let inner = inner.trim_ascii_start();
        let is_word = |byte: &&u8| byte.is_ascii_alphanumeric() || **byte == b'.';
        let word = inner.iter().take_while(is_word).count();
        let word = inner.get(..word).unwrap_or_default();
        let words = ["", "HEADER", "HEADER.FIELDS", "HEADER.FIELDS.NOT", "MIME"];
        let origin = memchr::memrchr(b']', inner).and_then(|at| inner.get(at + 1..));
        let mut digits = origin
            .unwrap_or_default()
            .iter()
            .filter(|b| b.is_ascii_digit());
        is_one_of(word, &words) && digits.all(|digit| *digit == b'0')
    }

    /// Whether this item's name means header fields of the same part as the section, by another
    /// list.
    ///
    /// The lists need a name in common, unless the list may be `any`.
    pub(crate) fn is_like(&self, mut name: Cursor<'_>, section: &Section, any: bool) -> bool {
        let (wanted, fields): (&[u8], _) = match section.section_text() {
            SectionText::HeaderFields(fields) => (b"HEADER.FIELDS", fields),
            SectionText::HeaderFieldsNot(fields) => (b"HEADER.FIELDS.NOT", fields),
            _ => return false,
        };
        name.run(|byte| byte != b'[');
        name.try_byte(b'[');
        name.skip_blank();
        if !same_part(&mut name, section) {
            return false;
        }
        let word = name.run(|byte| !matches!(byte, b' ' | b'(' | b']'));
        name.skip_blank();
        let list = name;
        if name.peek() == Some(b'(') && name.skip_value().is_err() {
            return false;
        }
        name.skip_blank();
        word.eq_ignore_ascii_case(wanted)
            && name.try_byte(b']')
            && same_origin(&mut name, section)
            && (any || has_some_field(list, fields))
    }
}

/// The section that an item of RFC 3501 means.
fn old_section(word: &[u8]) -> SectionText {
    if word.eq_ignore_ascii_case(b"RFC822.HEADER") {
        SectionText::Header
    } else if word.eq_ignore_ascii_case(b"RFC822.TEXT") {
        SectionText::Text
    } else {
        SectionText::Whole
    }
}

/// Whether a name is that of the section in the form in which it is requested and nearly every
/// server writes it; only for what is requested of many messages.
fn is_written_as(name: &[u8], section: &Section) -> bool {
    if !section.part_numbers().is_empty() || section.octets().is_some() {
        return false;
    }
    let Some(text) = name.strip_prefix(b"BODY[") else {
        return false;
    };
    match section.section_text() {
        SectionText::Whole => text == b"]",
        SectionText::Header => text == b"HEADER]",
        SectionText::HeaderFields(fields) => {
            let list = text.strip_prefix(b"HEADER.FIELDS (");
            let names = list.and_then(|list| list.strip_suffix(b")]"));
            names.is_some_and(|names| same_in_any_case(names, fields.joined().as_bytes()))
        }
        _ => false,
    }
}

fn same_part(name: &mut Cursor<'_>, section: &Section) -> bool {
    let mut wanted = section.part_numbers().iter();
    while matches!(name.peek(), Some(b'0'..=b'9')) {
        let digits = name.run(|byte| byte.is_ascii_digit());
        let number = std::str::from_utf8(digits)
            .ok()
            .and_then(|digits| digits.parse::<u32>().ok());
        if number.is_none() || number != wanted.next().map(|wanted| wanted.get()) {
            return false;
        }
        name.try_byte(b'.');
    }
    wanted.next().is_none()
}

fn same_text(name: &mut Cursor<'_>, text: &SectionText) -> bool {
    let word = name.run(|byte| !matches!(byte, b' ' | b'(' | b']'));
    let (wanted, fields): (&[u8], _) = match text {
        SectionText::Whole => (b"", None),
        SectionText::Header => (b"HEADER", None),
        SectionText::HeaderFields(names) => (b"HEADER.FIELDS", Some(names)),
        SectionText::HeaderFieldsNot(names) => (b"HEADER.FIELDS.NOT", Some(names)),
        SectionText::Text => (b"TEXT", None),
        SectionText::Mime => (b"MIME", None),
    };
    name.skip_blank();
    let same = word.eq_ignore_ascii_case(wanted)
        && fields.is_none_or(|fields| same_fields(*name, fields) && name.skip_value().is_ok());
    name.skip_blank();
    same && name.try_byte(b']')
}

/// Whether a list is empty, or names one of these header fields.
fn has_some_field(list: Cursor<'_>, wanted: &FieldNames) -> bool {
    let is_wanted = |name: Cow<'_, [u8]>| {
        let mut wanted = wanted.iter();
        wanted.any(|wanted| name.eq_ignore_ascii_case(wanted.as_bytes()))
    };
    names(list).next().is_none() || names(list).any(is_wanted)
}

/// The names in a list of header fields.
fn names(mut list: Cursor<'_>) -> impl Iterator<Item = Cow<'_, [u8]>> {
    let is_list = list.try_byte(b'(');
    std::iter::from_fn(move || {
        list.skip_blank();
        is_list.then(|| list.astring().ok()).flatten()
    })
}

/// Whether a list names these header fields, in any order.
fn same_fields(list: Cursor<'_>, wanted: &FieldNames) -> bool {
    let names = || names(list);
    let same = |name: &[u8], wanted: &str| name.eq_ignore_ascii_case(wanted.as_bytes());
    names().all(|name| wanted.iter().any(|wanted| same(&name, wanted)))
        && wanted
            .iter()
            .all(|wanted| names().any(|name| same(&name, wanted)))
}

fn same_origin(name: &mut Cursor<'_>, section: &Section) -> bool {
    let origin = name.try_byte(b'<').then(|| {
        let digits = name.run(|byte| byte.is_ascii_digit());
        std::str::from_utf8(digits).ok()?.parse().ok()
    });
    match (section.octets(), origin) {
        (Some(partial), Some(origin)) => origin == Some(partial.first()),
        (_, None) => true,
        (None, Some(_)) => false,
    }
}
