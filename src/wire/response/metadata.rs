//! METADATA: entries with their values, or the names of those that have changed (RFC 5464
//! section 4.4).

use std::borrow::Cow;

use crate::limits::{Limit, Limits};
use crate::types::mailbox_name::MailboxName;
use crate::types::metadata::{MetadataEntry, MetadataName, MetadataScope};
use crate::wire::cursor::{Cursor, ParseError};
use crate::wire::response::named::name_before;

/// One METADATA response.
#[derive(Debug)]
pub(crate) struct MetadataData {
    pub(crate) scope: MetadataScope,
    pub(crate) told: Told,
}

/// The content of the response.
#[derive(Debug)]
pub(crate) enum Told {
    /// Values, in answer to GETMETADATA.
    Entries(Vec<MetadataEntry>),
    /// Names of entries whose values have changed, in an unsolicited response.
    Changed(Vec<MetadataName>),
}

/// `mailbox SP (entry-values / entry-list)`.
pub(crate) fn parse(mut cursor: Cursor<'_>, limits: &Limits) -> Result<MetadataData, ParseError> {
    let name = name(&mut cursor)?;
    let scope = match name.as_str() {
        "" => MetadataScope::Server,
        _ => MetadataScope::Mailbox(name),
    };
    cursor.sp()?;
    let told = match cursor.try_byte(b'(') {
        true => Told::Entries(entries(cursor, limits)?),
        false => Told::Changed(names(cursor, limits)?),
    };
    Ok(MetadataData { scope, told })
}

/// `mailbox`, before the names of entries, or before a blank if there are none.
fn name(cursor: &mut Cursor<'_>) -> Result<MailboxName, ParseError> {
    let mut probe = *cursor;
    if let Ok(name) = name_before(&mut probe, is_of_entries) {
        *cursor = probe;
        return Ok(name);
    }
    name_before(cursor, |mut behind| behind.try_sp())
}

/// Whether the names of entries begin here, which are paths.
fn is_of_entries(mut cursor: Cursor<'_>) -> bool {
    if !cursor.try_sp() {
        return false;
    }
    let in_list = cursor.try_byte(b'(');
    cursor.skip_blank();
    match cursor.rest() {
        [b'/', ..] | [b'"', b'/', ..] => true,
        [b')' | b'{', ..] => in_list,
        _ => false,
    }
}

/// `entry SP value *(SP entry SP value) ")"`.
fn entries(mut cursor: Cursor<'_>, limits: &Limits) -> Result<Vec<MetadataEntry>, ParseError> {
    let mut entries = Vec::new();
    loop {
        cursor.skip_blank();
        if cursor.try_byte(b')') {
            cursor.end()?;
            return Ok(entries);
        }
        if entries.len() >= limits.list {
            return Err(cursor.beyond(Limit::List));
        }
        let name = MetadataName::from_server(&cursor.astring()?);
        cursor.skip_blank();
        let value = cursor.nstring()?.map(Cow::into_owned);
        entries.push(MetadataEntry { name, value });
    }
}

/// `entry *(SP entry)`.
fn names(mut cursor: Cursor<'_>, limits: &Limits) -> Result<Vec<MetadataName>, ParseError> {
    let mut names = Vec::new();
    while !cursor.try_end() {
        if names.len() >= limits.list {
            return Err(cursor.beyond(Limit::List));
        }
        cursor.try_sp();
        names.push(MetadataName::from_server(&cursor.astring()?));
    }
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::frame::Frame;
    use crate::wire::response::Untagged;
    use crate::wire::testing::{is_invalid, untagged};

    fn shown(line: &[u8]) -> String {
        let Untagged::Metadata(data) = untagged(line) else {
            panic!("{}", line.escape_ascii())
        };
        let told: Vec<String> = match data.told {
            Told::Entries(entries) => entries
                .iter()
                .map(|entry| match entry.value() {
                    Some(value) => format!("{}={}", entry.name(), value.escape_ascii()),
                    None => format!("{} is not there", entry.name()),
                })
                .collect(),
            Told::Changed(names) => names.iter().map(ToString::to_string).collect(),
        };
        format!("{}: {}", data.scope, told.join(", "))
    }

    #[test]
    fn examples_of_rfc_5464() {
        assert_eq!(
            shown(b"* METADATA \"\" (/shared/comment \"Shared comment\")\r\n"),
            "the server: /shared/comment=Shared comment"
        );
        assert_eq!(
            shown(
                b"* METADATA \"INBOX\" (/private/filters/values/small \"SMALLER 5000\" \
                  /private/filters/values/boss NIL)\r\n"
            ),
            "INBOX: /private/filters/values/small=SMALLER 5000, /private/filters/values/boss is not there"
        );
        assert_eq!(
            shown(b"* METADATA INBOX /shared/comment /private/comment\r\n"),
            "INBOX: /shared/comment, /private/comment"
        );
    }

    #[test]
    fn values_in_all_forms() {
        assert_eq!(
            shown(b"* METADATA a (\"/shared/x\" {4}\r\n)\r\n( /shared/y ~{2}\r\n\0\xff {7}\r\n/shared \"\")\r\n"),
            "a: /shared/x=)\\r\\n(, /shared/y=\\x00\\xff, /shared="
        );
        assert_eq!(shown(b"* METADATA a ()\r\n"), "a: ");
        assert_eq!(shown(b"* METADATA [a]b ( /x y )\r\n"), "[a]b: /x=y");
    }

    #[test]
    fn what_is_malformed_is_invalid() {
        for line in [
            "* METADATA\r\n",
            "* METADATA a\r\n",
            "* METADATA a (/x\r\n",
            "* METADATA a (/x)\r\n",
            "* METADATA a (/x (y))\r\n",
            "* METADATA a (/x y) z\r\n",
            "* METADATA a /x (y)\r\n",
        ] {
            assert!(is_invalid(line.as_bytes()), "{line}");
        }
    }

    #[test]
    fn attack_102_the_values_of_a_server_are_limited() {
        let limits = Limits {
            list: 2,
            ..Limits::DEFAULT
        };
        let cursor = |text: &'static str| Cursor::new(Frame::inline(text.as_bytes()));
        assert!(parse(cursor("a (b c d e)\r\n"), &limits).is_ok());
        assert!(parse(cursor("a (b c d e f g)\r\n"), &limits).is_err());
        assert!(parse(cursor("a b c\r\n"), &limits).is_ok());
        assert!(parse(cursor("a b c d\r\n"), &limits).is_err());
    }
}
