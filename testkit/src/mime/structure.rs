//! BODY and BODYSTRUCTURE (RFC 9051, section 7.5.2).

use crate::mime::envelope;
use crate::mime::header::{Parameterized, lines, split_unquoted};
use crate::mime::part::{Children, Part};
use crate::reply::Reply;

/// Writes the structure; `extended` is the difference between BODYSTRUCTURE and BODY.
pub(crate) fn write(reply: &mut Reply, part: &Part<'_>, extended: bool) {
    let (kind, subtype) = part
        .content_type
        .value
        .split_once('/')
        .unwrap_or(("TEXT", "PLAIN"));
    reply.push("(");
    if let Children::Multipart(parts) = &part.children {
        parts.iter().for_each(|child| write(reply, child, extended));
        reply.push(" ");
        reply.string(subtype.as_bytes());
        if extended {
            reply.push(" ");
            parameters(reply, &part.content_type);
        }
    } else {
        reply.string(kind.as_bytes());
        reply.push(" ");
        reply.string(subtype.as_bytes());
        single(reply, part, extended);
    }
    if extended {
        trailer(reply, part);
    }
    reply.push(")");
}

fn single(reply: &mut Reply, part: &Part<'_>, extended: bool) {
    reply.push(" ");
    parameters(reply, &part.content_type);
    for name in ["Content-ID", "Content-Description"] {
        reply.push(" ");
        reply.nstring(part.field(name).as_deref());
    }
    let encoding = part
        .field("Content-Transfer-Encoding")
        .unwrap_or_else(|| b"7BIT".to_vec());
    reply.push(" ");
    reply.string(&encoding.to_ascii_uppercase());
    reply.push(&format!(" {}", part.body.len()));
    if let Children::Message(inner) = &part.children {
        reply.push(" ");
        envelope::write(reply, inner.header);
        reply.push(" ");
        write(reply, inner, extended);
    }
    if matches!(part.children, Children::Message(_)) || part.content_type.value.starts_with("TEXT/")
    {
        reply.push(&format!(" {}", lines(part.body).count()));
    }
    if extended {
        reply.push(" ");
        reply.nstring(part.field("Content-MD5").as_deref());
    }
}

/// Disposition, language and location.
fn trailer(reply: &mut Reply, part: &Part<'_>) {
    match part
        .field("Content-Disposition")
        .map(|value| Parameterized::parse(&value))
    {
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
