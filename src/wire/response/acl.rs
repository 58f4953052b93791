//! ACL, LISTRIGHTS and MYRIGHTS: rights on a mailbox (RFC 4314 section 3.6 to 3.8).

use crate::limits::{Limit, Limits};
use crate::types::acl::{AclEntry, AclIdentifier};
use crate::types::rights::Rights;
use crate::wire::cursor::{Cursor, ParseError};
use crate::wire::response::named::Tail;

/// The data of ACL: identifiers with their rights.
#[derive(Clone, Debug)]
pub(crate) struct Entries(pub(crate) Vec<AclEntry>);

/// The data of LISTRIGHTS: the rights that can be granted to an identifier, groups in their order.
#[derive(Clone, Debug)]
pub(crate) struct Listed {
    pub(crate) identifier: AclIdentifier,
    pub(crate) groups: Vec<Rights>,
}

/// The data of MYRIGHTS.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Mine(pub(crate) Rights);

/// `*(SP identifier SP rights)`.
impl Tail for Entries {
    fn read(mut cursor: Cursor<'_>, limits: &Limits) -> Result<(Self, bool), ParseError> {
        let (mut entries, mut is_likely) = (Vec::new(), true);
        while !cursor.try_end() {
            if entries.len() >= limits.list {
                return Err(cursor.beyond(Limit::List));
            }
            cursor.sp()?;
            let identifier = AclIdentifier::from_server(&cursor.astring()?);
            cursor.sp()?;
            let rights = rights(&mut cursor, &mut is_likely)?;
            entries.push(AclEntry { identifier, rights });
        }
        Ok((Self(entries), is_likely))
    }
}

/// `SP identifier SP rights *(SP rights)`.
impl Tail for Listed {
    fn read(mut cursor: Cursor<'_>, limits: &Limits) -> Result<(Self, bool), ParseError> {
        cursor.sp()?;
        let identifier = AclIdentifier::from_server(&cursor.astring()?);
        let (mut groups, mut is_likely) = (Vec::new(), true);
        while !cursor.try_end() {
            if groups.len() >= limits.list {
                return Err(cursor.beyond(Limit::List));
            }
            cursor.sp()?;
            groups.push(rights(&mut cursor, &mut is_likely)?);
        }
        Ok((Self { identifier, groups }, is_likely))
    }
}

/// `SP rights`.
impl Tail for Mine {
    fn read(mut cursor: Cursor<'_>, _limits: &Limits) -> Result<(Self, bool), ParseError> {
        cursor.sp()?;
        let mut is_likely = true;
        // No rights at all, if the quotes are missing.
        let rights = match cursor.try_end() {
            true => Rights::NONE,
            false => rights(&mut cursor, &mut is_likely)?,
        };
        cursor.end()?;
        Ok((Self(rights), is_likely))
    }
}

/// `rights`; records whether they are the letters of rights that exist.
fn rights(cursor: &mut Cursor<'_>, are_likely: &mut bool) -> Result<Rights, ParseError> {
    let letters = cursor.astring()?;
    let is_known = |letter: &u8| letter.is_ascii_digit() || b"lrswipkxteacdn".contains(letter);
    *are_likely &= letters.iter().all(is_known);
    Ok(Rights::from_server(&letters))
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
            Untagged::Acl(Named { name, told, .. }) => {
                let entries = told.0.iter();
                let entries: Vec<String> = entries
                    .map(|entry| format!("{}={}", entry.identifier(), entry.rights()))
                    .collect();
                format!("{name}: {}", entries.join(" "))
            }
            Untagged::ListRights(Named { name, told, .. }) => {
                let mut groups = told.groups.iter().map(ToString::to_string);
                let required = groups.next().unwrap_or_default();
                let optional: Vec<String> = groups.collect();
                let identifier = told.identifier;
                format!("{name} {identifier}: {required} [{}]", optional.join(" "))
            }
            Untagged::MyRights(named) => format!("{}: {}", named.name, named.told.0),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn examples_of_rfc_4314() {
        assert_eq!(
            shown("* ACL INBOX Fred rwipslxetad\r\n"),
            "INBOX: Fred=lrswipxtead"
        );
        assert_eq!(
            shown("* ACL INBOX Fred rwipslda test 0 -Fred wetd $team w\r\n"),
            "INBOX: Fred=lrswipad test=0 -Fred=wted $team=w"
        );
        assert_eq!(
            shown("* LISTRIGHTS ~/Mail/saved smith la r swicdkxte\r\n"),
            "~/Mail/saved smith: la [r swikxtecd]"
        );
        assert_eq!(
            shown("* LISTRIGHTS archive/imap anyone \"\" l r s w i p k x t e c d a 0 1\r\n"),
            "archive/imap anyone:  [l r s w i p k x t e c d a 0 1]"
        );
        assert_eq!(
            shown("* MYRIGHTS INBOX rwiptsldaex\r\n"),
            "INBOX: lrswipxtead"
        );
    }

    #[test]
    fn q29_names_of_all_forms() {
        assert_eq!(shown("* ACL [a]b \"x y\" \"\"\r\n"), "[a]b: x y=");
        assert_eq!(shown("* ACL \"&AOQ-\"\r\n"), "\u{e4}: ");
        assert_eq!(shown("* MYRIGHTS {3}\r\na b lr\r\n"), "a b: lr");
        assert_eq!(shown("* MYRIGHTS a \"\"\r\n"), "a: ");
        assert_eq!(shown("* MYRIGHTS a \r\n"), "a: ");
        assert_eq!(shown("* LISTRIGHTS a b\r\n"), "a b:  []");
    }

    #[test]
    fn what_is_malformed_is_invalid() {
        for line in [
            "* ACL\r\n",
            "* ACL a {x\r\n",
            "* ACL \"a\" b\r\n",
            "* ACL \"a\" (b c)\r\n",
            "* LISTRIGHTS a\r\n",
            "* LISTRIGHTS a b (c)\r\n",
            "* MYRIGHTS\r\n",
            "* MYRIGHTS a\r\n",
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
        let acl = |text| Named::<Entries>::parse(cursor(text), &limits);
        assert!(acl("a b l c l\r\n").is_ok());
        assert!(acl("a b l c l d l\r\n").is_err());
        let listed = |text| Named::<Listed>::parse(cursor(text), &limits);
        assert!(listed("a b l r\r\n").is_ok());
        assert!(listed("a b l r s\r\n").is_err());
    }
}
