//! BODY[..] sections: what they are called and which bytes they are.

use std::borrow::Cow;
use std::num::NonZeroU32;

use imap_codec::imap_types::core::AString;
use imap_codec::imap_types::fetch::{Part as Number, Section};

use crate::mime::header::fields;
use crate::mime::part::{Children, Part};
use crate::reply::{Reply, quoted};

/// The bytes of a section, or `None` when the message has no such part.
pub(crate) fn content<'a>(bytes: &'a [u8], section: Option<&Section<'_>>) -> Option<Cow<'a, [u8]>> {
    let Some(section) = section else {
        return Some(Cow::Borrowed(bytes));
    };
    if let Section::Header(None) = section {
        return Some(Cow::Borrowed(crate::mime::header::split(bytes).0));
    }
    let part = Part::parse(bytes);
    let borrowed = match section {
        Section::Part(number) => part.find(&numbers(number))?.body,
        Section::Mime(number) => part.find(&numbers(number))?.header,
        Section::Header(number) => header(&part, number.as_ref())?,
        Section::Text(None) => part.body,
        Section::Text(Some(number)) => message(&part, number)?.body,
        Section::HeaderFields(number, names) => {
            let header = header(&part, number.as_ref())?;
            return Some(Cow::Owned(filtered(header, names.as_ref(), true)));
        }
        Section::HeaderFieldsNot(number, names) => {
            let header = header(&part, number.as_ref())?;
            return Some(Cow::Owned(filtered(header, names.as_ref(), false)));
        }
    };
    Some(Cow::Borrowed(borrowed))
}

/// The octets that `<first.count>` asks for.
pub(crate) fn partial(bytes: &[u8], partial: Option<(u32, NonZeroU32)>) -> &[u8] {
    let Some((first, count)) = partial else {
        return bytes;
    };
    let first = usize::try_from(first)
        .unwrap_or(usize::MAX)
        .min(bytes.len());
    let count = usize::try_from(count.get()).unwrap_or(usize::MAX);
    let end = first.saturating_add(count).min(bytes.len());
    bytes.get(first..end).unwrap_or_default()
}

/// Writes the section's name as the response has it, such as `BODY[1.MIME]<0>`.
pub(crate) fn write_name(
    reply: &mut Reply,
    section: Option<&Section<'_>>,
    partial: Option<(u32, NonZeroU32)>,
) {
    let (number, word, names) = match section {
        None => (None, "", None),
        Some(Section::Part(number)) => (Some(number), "", None),
        Some(Section::Header(number)) => (number.as_ref(), "HEADER", None),
        Some(Section::Text(number)) => (number.as_ref(), "TEXT", None),
        Some(Section::Mime(number)) => (Some(number), "MIME", None),
        Some(Section::HeaderFields(number, names)) => {
            (number.as_ref(), "HEADER.FIELDS", Some(names))
        }
        Some(Section::HeaderFieldsNot(number, names)) => {
            (number.as_ref(), "HEADER.FIELDS.NOT", Some(names))
        }
    };
    reply.push("BODY[");
    let mut name = number
        .map(|number| dotted(&numbers(number)))
        .unwrap_or_default();
    if !name.is_empty() && !word.is_empty() {
        name.push('.');
    }
    reply.push(&(name + word));
    if let Some(names) = names {
        let names: Vec<String> = names.as_ref().iter().map(name_text).collect();
        reply.push(&format!(" ({})", names.join(" ")));
    }
    reply.push("]");
    if let Some((first, _)) = partial {
        reply.push(&format!("<{first}>"));
    }
}

/// Part numbers with dots between them.
pub(crate) fn dotted(numbers: &[u32]) -> String {
    numbers
        .iter()
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join(".")
}

fn name_text(name: &AString<'_>) -> String {
    let text = String::from_utf8_lossy(name.as_ref());
    let atom = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    if !text.is_empty() && text.bytes().all(atom) {
        text.into_owned()
    } else {
        quoted(&text)
    }
}

fn numbers(number: &Number) -> Vec<u32> {
    number
        .0
        .as_ref()
        .iter()
        .map(|number| number.get())
        .collect()
}

fn header<'a>(part: &Part<'a>, number: Option<&Number>) -> Option<&'a [u8]> {
    match number {
        None => Some(part.header),
        Some(number) => Some(message(part, number)?.header),
    }
}

/// The message that lies in a part.
fn message<'p, 'a>(part: &'p Part<'a>, number: &Number) -> Option<&'p Part<'a>> {
    match &part.find(&numbers(number))?.children {
        Children::Message(inner) => Some(inner),
        _ => None,
    }
}

/// The lines of the fields that are named (or are not), and an empty line.
fn filtered(header: &[u8], names: &[AString<'_>], named: bool) -> Vec<u8> {
    let mut lines = Vec::new();
    for field in fields(header) {
        let listed = names
            .iter()
            .any(|name| name.as_ref().eq_ignore_ascii_case(field.name));
        if listed == named {
            lines.extend_from_slice(field.raw);
        }
    }
    lines.extend_from_slice(b"\r\n");
    lines
}
