//! QUOTA and QUOTAROOT: the limits, and the mailboxes that they apply to (RFC 9208 section 4.2).

use crate::limits::{Limit, Limits};
use crate::types::quota::{Quota, QuotaResource, QuotaUsage};
use crate::wire::cursor::{Cursor, ParseError};
use crate::wire::response::named::Tail;

/// `quota-root-name SP quota-list`.
///
/// If nothing is limited, servers leave out the list. A resource with malformed numbers is left
/// out.
pub(crate) fn quota(mut cursor: Cursor<'_>, limits: &Limits) -> Result<Quota, ParseError> {
    let mut quota = Quota {
        root: text(&cursor.astring()?),
        resources: Vec::new(),
    };
    cursor.skip_blank();
    if cursor.try_end() || cursor.try_nil() {
        return Ok(quota);
    }
    cursor.byte(b'(', "a list of resources")?;
    loop {
        cursor.skip_blank();
        if cursor.try_byte(b')') {
            cursor.skip_blank();
            // The next of several lists, or the end.
            if cursor.try_byte(b'(') {
                continue;
            }
            cursor.end()?;
            return Ok(quota);
        }
        if quota.resources.len() >= limits.list {
            return Err(cursor.beyond(Limit::List));
        }
        let resource = QuotaResource::other(&text(&cursor.astring()?));
        let [usage, limit] = [number(&mut cursor)?, number(&mut cursor)?];
        if let (Some(usage), Some(limit)) = (usage, limit) {
            quota.resources.push(QuotaUsage {
                resource,
                usage,
                limit,
            });
        }
    }
}

/// A number; `None` for a value that is none.
fn number(cursor: &mut Cursor<'_>) -> Result<Option<u64>, ParseError> {
    cursor.skip_blank();
    let mut value = *cursor;
    cursor.skip_value()?;
    Ok(value.any_number64().ok())
}

/// The names of the roots of a mailbox.
#[derive(Clone, Debug)]
pub(crate) struct Roots(pub(crate) Vec<String>);

/// `*(SP quota-root-name)`.
impl Tail for Roots {
    fn read(mut cursor: Cursor<'_>, limits: &Limits) -> Result<(Self, bool), ParseError> {
        let mut roots = Vec::new();
        while !cursor.try_end() {
            if roots.len() >= limits.list {
                return Err(cursor.beyond(Limit::List));
            }
            cursor.sp()?;
            roots.push(text(&cursor.astring()?));
        }
        Ok((Self(roots), true))
    }
}

fn text(octets: &[u8]) -> String {
    String::from_utf8_lossy(octets).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::frame::Frame;
    use crate::wire::response::Untagged;
    use crate::wire::response::named::Named;
    use crate::wire::testing::{is_invalid, untagged};

    fn shown(line: &str) -> String {
        match untagged(line.as_bytes()) {
            Untagged::Quota(quota) => quota.to_string(),
            Untagged::QuotaRoot(named) => format!("{} {:?}", named.name, named.told.0),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn examples_of_rfc_9208() {
        assert_eq!(
            shown("* QUOTA \"!partition/sda4\" (STORAGE 104 10923847)\r\n"),
            "quota \"!partition/sda4\": STORAGE 104 of 10923847"
        );
        assert_eq!(
            shown("* QUOTA \"\" (STORAGE 10 512 message 2 3)\r\n"),
            "quota \"\": STORAGE 10 of 512, MESSAGE 2 of 3"
        );
        assert_eq!(
            shown("* QUOTAROOT INBOX \"\" \"#user/alice\"\r\n"),
            "INBOX [\"\", \"#user/alice\"]"
        );
        assert_eq!(shown("* QUOTAROOT comp.mail.mime\r\n"), "comp.mail.mime []");
    }

    #[test]
    fn q80_roots_without_limits_and_numbers_of_64_bits() {
        assert_eq!(shown("* QUOTA \"ROOT\"\r\n"), "quota \"ROOT\"");
        assert_eq!(shown("* QUOTA ROOT ()\r\n"), "quota \"ROOT\"");
        assert_eq!(shown("* QUOTA ROOT NIL\r\n"), "quota \"ROOT\"");
        assert_eq!(
            shown("* QUOTA \"\" (STORAGE 9223372036854775807 18446744073709551615)\r\n"),
            "quota \"\": STORAGE 9223372036854775807 of 18446744073709551615"
        );
        assert_eq!(
            shown("* QUOTA \"User quota\" ( STORAGE  1 2 )\r\n"),
            "quota \"User quota\": STORAGE 1 of 2"
        );
    }

    #[test]
    fn q29_brackets_in_names() {
        assert_eq!(
            shown("* QUOTAROOT [Gmail]/All [root]\r\n"),
            "[Gmail]/All [\"[root]\"]"
        );
        assert_eq!(
            shown("* QUOTA {3}\r\na)b (X-NUM-FOLDERS 1 2)\r\n"),
            "quota \"a)b\": X-NUM-FOLDERS 1 of 2"
        );
    }

    #[test]
    fn attack_66_numbers_that_make_no_sense_are_none() {
        let line = "* QUOTA a (STORAGE -1 5 X 1 18446744073709551616 MESSAGE 1 2 Y NIL (3))\r\n";
        assert_eq!(shown(line), "quota \"a\": MESSAGE 1 of 2");
    }

    #[test]
    fn what_is_malformed_is_invalid() {
        for line in [
            "* QUOTA\r\n",
            "* QUOTA a b\r\n",
            "* QUOTA a (\r\n",
            "* QUOTA a (STORAGE)\r\n",
            "* QUOTA a (STORAGE 1)\r\n",
            "* QUOTAROOT\r\n",
            "* QUOTAROOT \"a\" (b)\r\n",
        ] {
            assert!(is_invalid(line.as_bytes()), "{line}");
        }
    }

    #[test]
    fn attack_58_lists_are_limited() {
        let limits = Limits {
            list: 2,
            ..Limits::DEFAULT
        };
        let cursor = |text: &'static str| Cursor::new(Frame::inline(text.as_bytes()));
        assert!(quota(cursor("a (A 1 1 B 2 2)\r\n"), &limits).is_ok());
        assert!(quota(cursor("a (A 1 1 B 2 2 C 3 3)\r\n"), &limits).is_err());
        let roots = |text| Named::<Roots>::parse(cursor(text), &limits);
        assert!(roots("a b c\r\n").is_ok());
        assert!(roots("a b c d\r\n").is_err());
    }
}
