//! ACL, LISTRIGHTS and MYRIGHTS: who may do what with a mailbox (RFC 4314 section 3.6 to 3.8).

use crate::limits::{Limit, Limits};
use crate::types::acl::{Acl, AclEntry, AclIdentifier, ListedRights};
use crate::types::mailbox_name::MailboxName;
use crate::types::rights::Rights;
use crate::wire::cursor::{Cursor, ParseError};

/// `mailbox *(SP identifier SP rights)`.
pub(crate) fn acl(mut cursor: Cursor<'_>, limits: &Limits) -> Result<Acl, ParseError> {
    let mut acl = Acl {
        mailbox: mailbox(&mut cursor)?,
        entries: Vec::new(),
    };
    while !cursor.try_end() {
        if acl.entries.len() >= limits.list {
            return Err(cursor.beyond(Limit::List));
        }
        cursor.sp()?;
        let identifier = AclIdentifier::from_server(&cursor.astring()?);
        cursor.sp()?;
        let rights = Rights::from_server(&cursor.astring()?);
        acl.entries.push(AclEntry { identifier, rights });
    }
    Ok(acl)
}

/// `mailbox SP identifier SP rights *(SP rights)`.
pub(crate) fn listed(mut cursor: Cursor<'_>, limits: &Limits) -> Result<ListedRights, ParseError> {
    let mailbox = mailbox(&mut cursor)?;
    cursor.sp()?;
    let identifier = AclIdentifier::from_server(&cursor.astring()?);
    let mut groups = Vec::new();
    while !cursor.try_end() {
        if groups.len() >= limits.list {
            return Err(cursor.beyond(Limit::List));
        }
        cursor.sp()?;
        groups.push(Rights::from_server(&cursor.astring()?));
    }
    let mut groups = groups.into_iter();
    Ok(ListedRights {
        mailbox,
        identifier,
        required: groups.next().unwrap_or_default(),
        optional: groups.collect(),
    })
}

/// `mailbox SP rights`.
pub(crate) fn mine(mut cursor: Cursor<'_>) -> Result<(MailboxName, Rights), ParseError> {
    let mailbox = mailbox(&mut cursor)?;
    cursor.sp()?;
    // None at all, where the quotes were forgotten.
    let rights = match cursor.try_end() {
        true => Rights::NONE,
        false => Rights::from_server(&cursor.astring()?),
    };
    Ok((mailbox, rights))
}

fn mailbox(cursor: &mut Cursor<'_>) -> Result<MailboxName, ParseError> {
    let name = cursor.astring()?;
    Ok(cursor.mailbox_name(&name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::frame::Frame;
    use crate::wire::response::Untagged;
    use crate::wire::testing::{is_invalid, untagged};

    fn shown(line: &str) -> String {
        match untagged(line.as_bytes()) {
            Untagged::Acl(acl) => {
                let entries = acl.entries().iter();
                let entries: Vec<String> = entries
                    .map(|entry| format!("{}={}", entry.identifier(), entry.rights()))
                    .collect();
                format!("{}: {}", acl.mailbox(), entries.join(" "))
            }
            Untagged::ListRights(listed) => {
                let optional: Vec<String> =
                    listed.optional().iter().map(ToString::to_string).collect();
                let (mailbox, identifier) = (listed.mailbox(), listed.identifier());
                let required = listed.required();
                format!(
                    "{mailbox} {identifier}: {required} [{}]",
                    optional.join(" ")
                )
            }
            Untagged::MyRights(mailbox, rights) => format!("{mailbox}: {rights}"),
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
            "* ACL a b\r\n",
            "* ACL a (b c)\r\n",
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
        assert!(acl(cursor("a b l c l\r\n"), &limits).is_ok());
        assert!(acl(cursor("a b l c l d l\r\n"), &limits).is_err());
        assert!(listed(cursor("a b l r\r\n"), &limits).is_ok());
        assert!(listed(cursor("a b l r s\r\n"), &limits).is_err());
    }
}
