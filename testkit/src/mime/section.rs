//! BODY[..] sections: what they are called and which bytes they are.

use std::borrow::Cow;

use crate::grammar::fetch::{Of, Partial, Section};
use crate::mime::header::fields;
use crate::mime::part::{Children, Part};
use crate::reply::{Reply, quoted};

/// The bytes of a section, or `None` when the message has no such part.
pub(crate) fn content<'a>(bytes: &'a [u8], section: &Section) -> Option<Cow<'a, [u8]>> {
    if section.part.is_empty() {
        match section.of {
            Of::All => return Some(Cow::Borrowed(bytes)),
            Of::Header => return Some(Cow::Borrowed(crate::mime::header::split(bytes).0)),
            _ => {}
        }
    }
    let part = Part::parse(bytes);
    let borrowed = match &section.of {
        Of::All => part.find(&section.part)?.body,
        Of::Mime => part.find(&section.part)?.header,
        Of::Header => message(&part, &section.part)?.header,
        Of::Text => message(&part, &section.part)?.body,
        Of::Fields { names, not } => {
            let header = message(&part, &section.part)?.header;
            return Some(Cow::Owned(filtered(header, names, !not)));
        }
    };
    Some(Cow::Borrowed(borrowed))
}

/// The octets that `<first.count>` asks for.
pub(crate) fn partial(bytes: &[u8], partial: Option<Partial>) -> &[u8] {
    let Some((first, count)) = partial else {
        return bytes;
    };
    let first = usize::try_from(first)
        .unwrap_or(usize::MAX)
        .min(bytes.len());
    let count = usize::try_from(count).unwrap_or(usize::MAX);
    let end = first.saturating_add(count).min(bytes.len());
    bytes.get(first..end).unwrap_or_default()
}

/// Writes the section's name as the response has it, such as `BODY[1.MIME]<0>`.
pub(crate) fn write_name(reply: &mut Reply, section: &Section, partial: Option<Partial>) {
    let word = match &section.of {
        Of::All => "",
        Of::Header => "HEADER",
        Of::Text => "TEXT",
        Of::Mime => "MIME",
        Of::Fields { not: false, .. } => "HEADER.FIELDS",
        Of::Fields { not: true, .. } => "HEADER.FIELDS.NOT",
    };
    reply.push("BODY[");
    let mut name = dotted(&section.part);
    if !name.is_empty() && !word.is_empty() {
        name.push('.');
    }
    reply.push(&(name + word));
    if let Of::Fields { names, .. } = &section.of {
        let names: Vec<String> = names.iter().map(|name| name_text(name)).collect();
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

fn name_text(name: &str) -> String {
    let atom = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    match !name.is_empty() && name.bytes().all(atom) {
        true => name.to_owned(),
        false => quoted(name),
    }
}

/// The message itself, or the one that lies in a part.
fn message<'p, 'a>(part: &'p Part<'a>, numbers: &[u32]) -> Option<&'p Part<'a>> {
    if numbers.is_empty() {
        return Some(part);
    }
    match &part.find(numbers)?.children {
        Children::Message(inner) => Some(inner),
        _ => None,
    }
}

/// The lines of the fields that are named (or are not), and an empty line.
fn filtered(header: &[u8], names: &[String], named: bool) -> Vec<u8> {
    let mut lines = Vec::new();
    for field in fields(header) {
        let listed = names
            .iter()
            .any(|name| name.as_bytes().eq_ignore_ascii_case(field.name));
        if listed == named {
            lines.extend_from_slice(field.raw);
        }
    }
    lines.extend_from_slice(b"\r\n");
    lines
}
