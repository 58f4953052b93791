//! ENVELOPE (RFC 9051, section 7.5.2).

use crate::mime::address;
use crate::mime::header;
use crate::mime::style::Style;
use crate::reply::Reply;

/// Writes the envelope of a message with this header.
pub(crate) fn write(reply: &mut Reply, header: &[u8], style: Style) {
    let text = |reply: &mut Reply, name: &str| {
        reply.nstring(header::value(header, name).as_deref());
    };
    let from = list(header, "From");
    let or_from = |name: &str| list(header, name).or_else(|| from.clone());
    reply.push("(");
    text(reply, "Date");
    reply.push(" ");
    text(reply, "Subject");
    for value in [from.clone(), or_from("Sender"), or_from("Reply-To")] {
        addresses(reply, value.as_deref(), style);
    }
    for name in ["To", "Cc", "Bcc"] {
        addresses(reply, list(header, name).as_deref(), style);
    }
    reply.push(" ");
    text(reply, "In-Reply-To");
    reply.push(" ");
    text(reply, "Message-ID");
    reply.push(")");
}

/// The values of all fields of this name, as one list.
fn list(header: &[u8], name: &str) -> Option<Vec<u8>> {
    let values: Vec<Vec<u8>> = header::fields(header)
        .filter(|field| field.name.eq_ignore_ascii_case(name.as_bytes()))
        .map(|field| header::unfold(field.value))
        .filter(|value| !value.is_empty())
        .collect();
    Some(values.join(&b", "[..])).filter(|list| !list.is_empty())
}

fn addresses(reply: &mut Reply, list: Option<&[u8]>, style: Style) {
    let addresses = list.map(address::parse).unwrap_or_default();
    if addresses.is_empty() {
        reply.push(&format!(" {}", style.no_addresses()));
        return;
    }
    reply.push(" (");
    for address in addresses {
        reply.push("(");
        reply.nstring(address.name.as_deref());
        reply.push(" NIL ");
        reply.nstring(address.mailbox.as_deref());
        reply.push(" ");
        match address.host.as_deref() {
            Some(b"") => reply.string(style.missing_host().as_bytes()),
            host => reply.nstring(host),
        }
        reply.push(")");
    }
    reply.push(")");
}
