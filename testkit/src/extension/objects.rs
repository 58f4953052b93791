//! The search keys of OBJECTID (RFC 8474), which `imap-codec` is shown as keywords.

use crate::values::{literal_len, starts_with, text_of, value};

/// What stands between the name of a key and the identifier in the keyword.
const SIGN: char = '/';

/// The command with a keyword in the place of each EMAILID and THREADID; `None` if it has none.
pub(super) fn as_keywords(command: &[u8]) -> Option<Vec<u8>> {
    let mut whole = Vec::with_capacity(command.len());
    let mut rest = command;
    let (mut found, mut begins) = (false, false);
    while let Some(first) = rest.first() {
        let key = ["EMAILID", "THREADID"].into_iter();
        let mut keys = key.filter(|key| begins && starts_with(rest, key.as_bytes()));
        let replaced = keys.next().and_then(|key| {
            let after = rest.get(key.len()..)?.strip_prefix(b" ")?;
            let (id, after) = value(after.trim_ascii_end())?;
            let id = String::from_utf8(text_of(id)?).ok()?;
            let is_id = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
            let keyword = format!("KEYWORD {key}{SIGN}{id}");
            let end = rest.trim_ascii_end().len() - after.len();
            id.chars().all(is_id).then_some((keyword, end))
        });
        let len = match (&replaced, first) {
            (Some((keyword, len)), _) => {
                whole.extend_from_slice(keyword.as_bytes());
                found = true;
                *len
            }
            (None, b'"') => value(rest).map_or(1, |(string, _)| string.len()),
            (None, b'{') => literal_len(rest).unwrap_or(1).min(rest.len()),
            (None, _) => 1,
        };
        let (taken, after) = rest.split_at_checked(len)?;
        if replaced.is_none() {
            whole.extend_from_slice(taken);
        }
        begins = matches!(first, b' ' | b'(');
        rest = after;
    }
    found.then_some(whole)
}

/// The name of the key and the identifier that a keyword stands for.
pub(crate) fn of_keyword(keyword: &str) -> Option<(&str, &str)> {
    let (key, id) = keyword.split_once(SIGN)?;
    matches!(key, "EMAILID" | "THREADID").then_some((key, id))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_become_keywords_where_they_are_keys() {
        for (command, expected) in [
            (
                "a UID SEARCH emailid M12_a-\r\n",
                Some("a UID SEARCH KEYWORD EMAILID/M12_a-\r\n"),
            ),
            (
                "a SEARCH OR (THREADID \"T1\") NOT EMAILID M2 SEEN\r\n",
                Some("a SEARCH OR (KEYWORD THREADID/T1) NOT KEYWORD EMAILID/M2 SEEN\r\n"),
            ),
            ("a SEARCH SUBJECT \" EMAILID M1\" SEEN\r\n", None),
            ("a SEARCH SUBJECT {11+}\r\n EMAILID M1 SEEN\r\n", None),
            ("a SEARCH EMAILID\r\n", None),
            ("a SEARCH XEMAILID M1\r\n", None),
            ("a NOOP\r\n", None),
        ] {
            let found = as_keywords(command.as_bytes());
            let found = found.map(|bytes| String::from_utf8(bytes).unwrap());
            assert_eq!(found.as_deref(), expected, "{command}");
        }
        assert_eq!(of_keyword("EMAILID/M1"), Some(("EMAILID", "M1")));
        assert_eq!(of_keyword("Work/M1"), None);
    }
}
