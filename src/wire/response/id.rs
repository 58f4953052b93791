//! ID: the server's data about itself (RFC 2971).

use crate::limits::{Limit, Limits};
use crate::wire::cursor::{Cursor, ParseError};

/// `id-params-list`: pairs of a field and its value, in order.
pub(crate) fn parse(
    mut cursor: Cursor<'_>,
    limits: &Limits,
) -> Result<Vec<(String, Option<String>)>, ParseError> {
    let mut pairs = Vec::new();
    if cursor.try_nil() {
        return Ok(pairs);
    }
    cursor.byte(b'(', "a list")?;
    loop {
        cursor.skip_blank();
        if cursor.try_byte(b')') {
            cursor.end()?;
            return Ok(pairs);
        }
        if pairs.len() >= limits.list {
            return Err(cursor.beyond(Limit::List));
        }
        let field = cursor.astring()?;
        cursor.skip_blank();
        let value = if cursor.peek() == Some(b')') {
            None
        } else {
            cursor.nstring()?
        };
        let value = value.map(|value| String::from_utf8_lossy(&value).into_owned());
        pairs.push((String::from_utf8_lossy(&field).into_owned(), value));
    }
}

#[cfg(test)]
mod tests {
    use crate::wire::response::Untagged;
    use crate::wire::testing::{is_invalid, untagged};

    fn pairs(line: &str) -> Vec<(String, Option<String>)> {
        match untagged(line.as_bytes()) {
            Untagged::Id(pairs) => pairs,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn examples_of_rfc_2971() {
        let line = "* ID (\"name\" \"Cyrus\" \"version\" {3}\r\n1.5 \"os\" NIL)\r\n";
        let expected = [
            ("name", Some("Cyrus")),
            ("version", Some("1.5")),
            ("os", None),
        ];
        assert_eq!(
            pairs(line),
            expected.map(|(name, value)| (name.into(), value.map(Into::into)))
        );
        assert_eq!(pairs("* ID NIL\r\n"), []);
        assert_eq!(pairs("* ID ( )\r\n"), []);
        assert_eq!(pairs("* ID (name)\r\n"), [("name".into(), None)]);
        for line in [
            "* ID\r\n",
            "* ID (\r\n",
            "* ID (\"a\" (b))\r\n",
            "* ID (a b) c\r\n",
        ] {
            assert!(is_invalid(line.as_bytes()), "{line}");
        }
    }
}
