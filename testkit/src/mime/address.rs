//! Address lists of RFC 5322, read into what ENVELOPE says of them.

use crate::mime::header::{split_unquoted, unquote};

/// An address, or the begin (only `mailbox`) or end (nothing) of a group.
#[derive(Debug, Default, Eq, PartialEq)]
pub(crate) struct Address {
    pub(crate) name: Option<Vec<u8>>,
    pub(crate) mailbox: Option<Vec<u8>>,
    pub(crate) host: Option<Vec<u8>>,
}

/// Reads a list; text that is no address becomes a mailbox without a host.
pub(crate) fn parse(list: &[u8]) -> Vec<Address> {
    let mut addresses = Vec::new();
    for item in split_unquoted(list, b',') {
        let mut item = item.trim_ascii();
        let pieces = split_unquoted(item, b':');
        if let [name, members] = pieces.as_slice() {
            if !name.contains(&b'<') {
                let mailbox = Some(unquote(name.trim_ascii()));
                addresses.push(Address {
                    mailbox,
                    ..Address::default()
                });
                item = members.trim_ascii();
            }
        }
        let member = item.strip_suffix(b";");
        let text = member.unwrap_or(item).trim_ascii();
        if !text.is_empty() {
            addresses.push(one(text));
        }
        if member.is_some() {
            addresses.push(Address::default());
        }
    }
    addresses
}

fn one(text: &[u8]) -> Address {
    let open = text.iter().rposition(|byte| *byte == b'<');
    if let Some((name, spec)) = open.and_then(|open| text.split_at_checked(open)) {
        let spec = spec.strip_prefix(b"<").unwrap_or(spec);
        let end = spec
            .iter()
            .position(|byte| *byte == b'>')
            .unwrap_or(spec.len());
        let name = Some(unquote(name.trim_ascii())).filter(|name| !name.is_empty());
        return Address {
            name,
            ..addr_spec(spec.get(..end).unwrap_or(spec))
        };
    }
    let comment = text.iter().position(|byte| *byte == b'(');
    match comment.and_then(|open| text.split_at_checked(open)) {
        Some((spec, comment)) => {
            let name = comment.strip_prefix(b"(").unwrap_or(comment);
            let name = Some(name.strip_suffix(b")").unwrap_or(name).to_vec());
            Address {
                name,
                ..addr_spec(spec.trim_ascii())
            }
        }
        None => addr_spec(text),
    }
}

fn addr_spec(spec: &[u8]) -> Address {
    let at = spec.iter().rposition(|byte| *byte == b'@');
    match at.and_then(|at| spec.split_at_checked(at)) {
        Some((local, host)) => Address {
            name: None,
            mailbox: Some(unquote(local)),
            host: Some(host.strip_prefix(b"@").unwrap_or(host).to_vec()),
        },
        None => Address {
            name: None,
            mailbox: Some(spec.to_vec()),
            host: Some(Vec::new()),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(name: Option<&str>, mailbox: Option<&str>, host: Option<&str>) -> Address {
        let bytes = |text: Option<&str>| text.map(|text| text.as_bytes().to_vec());
        Address {
            name: bytes(name),
            mailbox: bytes(mailbox),
            host: bytes(host),
        }
    }

    #[test]
    fn the_usual_forms() {
        let list = b"a@b.c, \"Doe, J.\" <j@d.e>, Team: x@y.z, <u@v.w>;, k@l.m (Kim), none";
        let expected = [
            address(None, Some("a"), Some("b.c")),
            address(Some("Doe, J."), Some("j"), Some("d.e")),
            address(None, Some("Team"), None),
            address(None, Some("x"), Some("y.z")),
            address(None, Some("u"), Some("v.w")),
            address(None, None, None),
            address(Some("Kim"), Some("k"), Some("l.m")),
            address(None, Some("none"), Some("")),
        ];
        assert_eq!(parse(list), expected);
        assert_eq!(parse(b"undisclosed-recipients:;").len(), 2);
    }
}
