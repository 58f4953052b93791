//! BODY and BODYSTRUCTURE (RFC 9051, section 7.5.2).

use crate::mime::envelope;
use crate::mime::header::{Parameterized, fields, lines, split_unquoted};
use crate::mime::part::{Children, Part};
use crate::mime::style::{Odd, Style};
use crate::reply::Reply;

const ENCODING: &str = "Content-Transfer-Encoding";

/// Writes the structure; `extended` is the difference between BODYSTRUCTURE and BODY.
pub(crate) fn write(reply: &mut Reply, part: &Part<'_>, extended: bool, style: Style) {
    if style.has(Odd::NilForNothing) && part.body.is_empty() && part.field("Content-Type").is_none()
    {
        let end = if extended { " NIL NIL NIL NIL" } else { "" };
        reply.push(&format!("(NIL NIL NIL NIL NIL \"7BIT\" 0{end})"));
        return;
    }
    let (kind, subtype) = part
        .content_type
        .value
        .split_once('/')
        .unwrap_or(("TEXT", "PLAIN"));
    reply.push("(");
    let parts = match &part.children {
        Children::Multipart(parts) => Some(parts.as_slice()),
        Children::None if kind == "MULTIPART" && is_odd_without_parts(style) => Some(&[][..]),
        _ => None,
    };
    if let Some(parts) = parts {
        for child in parts {
            write(reply, child, extended, style);
        }
        if parts.is_empty() && style.has(Odd::TextInMultipart) {
            write(reply, &Part::parse(b""), extended, style);
        }
        if !parts.is_empty() || style.has(Odd::TextInMultipart) {
            reply.push(" ");
        }
        reply.string(subtype.as_bytes());
        if extended {
            reply.push(" ");
            parameters(reply, &part.content_type);
        }
    } else {
        reply.string(kind.as_bytes());
        reply.push(" ");
        reply.string(subtype.as_bytes());
        single(reply, part, extended, style);
    }
    if extended {
        trailer(reply, part, style);
    }
    reply.push(")");
}

/// Whether a multipart without parts is not described as a single part.
fn is_odd_without_parts(style: Style) -> bool {
    style.has(Odd::TextInMultipart) || style.has(Odd::NothingInMultipart)
}

fn single(reply: &mut Reply, part: &Part<'_>, extended: bool, style: Style) {
    reply.push(" ");
    parameters(reply, &part.content_type);
    for name in ["Content-ID", "Content-Description"] {
        reply.push(" ");
        reply.nstring(part.field(name).as_deref());
    }
    let encoding = part.field(ENCODING).unwrap_or_else(|| b"7BIT".to_vec());
    reply.push(" ");
    if style.has(Odd::PaddedEncodings) && ends_in_space(part) {
        reply.string(&[encoding.as_slice(), b" "].concat().to_ascii_uppercase());
    } else {
        reply.string(&encoding.to_ascii_uppercase());
    }
    reply.push(&format!(" {}", part.body.len()));
    let is_hidden = style.has(Odd::HiddenMessages) && encoding.eq_ignore_ascii_case(b"base64");
    let inner = match &part.children {
        Children::Message(inner) if !is_hidden => Some(inner),
        _ => None,
    };
    if let Some(inner) = inner {
        reply.push(" ");
        envelope::write(reply, inner.header, style);
        reply.push(" ");
        write(reply, inner, extended, style);
    }
    if inner.is_some() || part.content_type.value.starts_with("TEXT/") {
        reply.push(&format!(" {}", lines(part.body).count()));
    }
    if extended {
        reply.push(" ");
        reply.nstring(part.field("Content-MD5").as_deref());
    }
}

/// Whether there is a space after the encoding in the header.
fn ends_in_space(part: &Part<'_>) -> bool {
    let mut fields = fields(part.header);
    let field = fields.find(|field| field.name.eq_ignore_ascii_case(ENCODING.as_bytes()));
    let value = field.map(|field| field.value.trim_ascii_start());
    value.is_some_and(|value| {
        value.trim_ascii().len() < value.strip_suffix(b"\r\n").unwrap_or(value).len()
    })
}

/// Disposition, language and location.
fn trailer(reply: &mut Reply, part: &Part<'_>, style: Style) {
    let is_smime = part.content_type.value.contains("PKCS7-");
    let misplaced = part
        .field("Content-Description")
        .filter(|_| is_smime && style.has(Odd::MisplacedDescriptions));
    let disposition = part
        .field("Content-Disposition")
        .map(|value| Parameterized::parse(&value));
    match disposition {
        _ if misplaced.is_some() => {
            reply.push(" ");
            reply.nstring(misplaced.as_deref());
        }
        Some(bare) if bare.parameters.is_empty() && style.has(Odd::BareDispositions) => {
            reply.push(" ");
            reply.string(bare.value.as_bytes());
        }
        Some(disposition) => {
            reply.push(" (");
            reply.string(disposition.value.as_bytes());
            reply.push(" ");
            parameters(reply, &disposition);
            reply.push(")");
        }
        None => reply.push(" NIL"),
    }
    reply.push(" ");
    let languages = part.field("Content-Language").unwrap_or_default();
    match split_unquoted(&languages, b',').as_slice() {
        [b""] | [] => reply.push("NIL"),
        [one] => reply.string(one.trim_ascii()),
        several => {
            reply.push("(");
            for (number, language) in several.iter().enumerate() {
                reply.push(if number > 0 { " " } else { "" });
                reply.string(language.trim_ascii());
            }
            reply.push(")");
        }
    }
    reply.push(" ");
    reply.nstring(part.field("Content-Location").as_deref());
}

fn parameters(reply: &mut Reply, value: &Parameterized) {
    if value.parameters.is_empty() {
        reply.push("NIL");
        return;
    }
    reply.push("(");
    for (number, (name, value)) in value.parameters.iter().enumerate() {
        reply.push(if number > 0 { " " } else { "" });
        reply.string(name.as_bytes());
        reply.push(" ");
        reply.string(value);
    }
    reply.push(")");
}
