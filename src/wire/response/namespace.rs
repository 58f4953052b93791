//! NAMESPACE: the user's own, other users' and shared mailboxes (RFC 9051 section 7.3.5).

use crate::limits::{Limit, Limits};
use crate::types::namespace::{Namespace, Namespaces};
use crate::wire::cursor::{Cursor, ParseError};
use crate::wire::response::list::delimiter;
use crate::wire::response::named::balanced_name_before;

/// `namespace SP namespace SP namespace`; missing ones are empty.
pub(crate) fn parse(mut cursor: Cursor<'_>, limits: &Limits) -> Result<Namespaces, ParseError> {
    let mut namespaces = Namespaces::default();
    for kind in [
        &mut namespaces.personal,
        &mut namespaces.other_users,
        &mut namespaces.shared,
    ] {
        if cursor.try_end() {
            break;
        }
        *kind = namespace(&mut cursor, limits)?;
        cursor.skip_blank();
    }
    cursor.end()?;
    Ok(namespaces)
}

/// `nil / "(" 1*namespace-descr ")"`.
fn namespace(cursor: &mut Cursor<'_>, limits: &Limits) -> Result<Vec<Namespace>, ParseError> {
    let mut descriptions = Vec::new();
    if cursor.try_nil() {
        return Ok(descriptions);
    }
    cursor.byte(b'(', "a list of namespaces")?;
    loop {
        cursor.skip_blank();
        if cursor.try_byte(b')') {
            return Ok(descriptions);
        }
        if descriptions.len() >= limits.list {
            return Err(cursor.beyond(Limit::List));
        }
        descriptions.push(description(cursor)?);
    }
}

/// `namespace-descr`; its extensions are skipped.
fn description(cursor: &mut Cursor<'_>) -> Result<Namespace, ParseError> {
    cursor.byte(b'(', "a namespace")?;
    cursor.skip_blank();
    let before = *cursor;
    let prefix = balanced_name_before(cursor, is_delimiter).or_else(|_| {
        *cursor = before;
        balanced_name_before(cursor, is_bare_delimiter)
    })?;
    cursor.skip_blank();
    let delimiter = delimiter(cursor)?;
    cursor.skip_to_close()?;
    Ok(Namespace::new(prefix, delimiter))
}

/// Whether a delimiter follows, with its quotes or as NIL.
fn is_delimiter(mut cursor: Cursor<'_>) -> bool {
    cursor.skip_blank();
    let is_marked = cursor.peek() == Some(b'"') || cursor.clone().try_nil();
    is_marked && is_bare_delimiter(cursor)
}

/// Whether a delimiter follows, in any form.
fn is_bare_delimiter(mut cursor: Cursor<'_>) -> bool {
    cursor.skip_blank();
    delimiter(&mut cursor).is_ok() && matches!(cursor.peek(), Some(b' ' | b')'))
}

#[cfg(test)]
mod tests {
    use crate::wire::response::Untagged;
    use crate::wire::testing::{is_invalid, untagged};

    fn shown(line: &str) -> [Vec<(String, Option<char>)>; 3] {
        let Untagged::Namespace(namespaces) = untagged(line.as_bytes()) else {
            panic!("{line}")
        };
        [
            namespaces.personal(),
            namespaces.other_users(),
            namespaces.shared(),
        ]
        .map(|kind| {
            kind.iter()
                .map(|one| (one.prefix().to_owned(), one.delimiter()))
                .collect()
        })
    }

    #[test]
    fn examples_of_rfc_9051() {
        let personal = vec![("".to_owned(), Some('/'))];
        let others = vec![("~".to_owned(), Some('/'))];
        let shared = [
            ("#shared/", '/'),
            ("#public/", '/'),
            ("#ftp/", '/'),
            ("#news.", '.'),
        ];
        let shared = shared
            .map(|(prefix, delimiter)| (prefix.to_owned(), Some(delimiter)))
            .to_vec();
        let line = "* NAMESPACE ((\"\" \"/\")) ((\"~\" \"/\")) ((\"#shared/\" \"/\") (\"#public/\" \"/\") (\"#ftp/\" \"/\")(\"#news.\" \".\"))\r\n";
        assert_eq!(shown(line), [personal.clone(), others, shared]);
        assert_eq!(
            shown("* NAMESPACE ((\"\" \"/\")) NIL NIL\r\n"),
            [personal.clone(), vec![], vec![]]
        );
        let line = "* NAMESPACE ((\"\" \"/\" \"X-PARAM\" (\"FLAG1\" \"FLAG2\"))) nil NIL\r\n";
        assert_eq!(shown(line), [personal.clone(), vec![], vec![]]);
        assert_eq!(
            shown("* NAMESPACE ((\"\" \"/\"))\r\n"),
            [personal, vec![], vec![]]
        );
        assert_eq!(
            shown("* NAMESPACE () ((\"a\" NIL)) NIL \r\n")[1],
            [("a".to_owned(), None)]
        );
    }

    #[test]
    fn what_is_malformed_is_invalid() {
        for line in [
            "* NAMESPACE x\r\n",
            "* NAMESPACE (\r\n",
            "* NAMESPACE ((\"\"\r\n",
            "* NAMESPACE (\"\" \"/\")\r\n",
            "* NAMESPACE ((\"\" \"/\")) NIL NIL x\r\n",
        ] {
            assert!(is_invalid(line.as_bytes()), "{line}");
        }
    }
}
