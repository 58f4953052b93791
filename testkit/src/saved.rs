//! `$`: the result that an earlier SEARCH saved (RFC 5182), put into a command in place of the
//! sign.

/// A set that has no message, for a result that is empty: there is no such UID.
const NONE: &str = "4294967295";

/// The command with these UIDs in place of each `$`; nothing if there is none, or where it would
/// have to stand for sequence numbers.
pub(crate) fn resolve(command: &[u8], saved: &str) -> Option<Vec<u8>> {
    let uids = if saved.is_empty() { NONE } else { saved };
    let mut words = command.splitn(4, |byte| *byte == b' ');
    let (tag, verb, next) = (words.next()?, words.next()?, words.next()?);
    let uid = verb.eq_ignore_ascii_case(b"UID");
    let verb = if uid { next } else { verb };
    let start = tag.len() + 1 + if uid { 4 } else { 0 } + verb.len() + 1;
    let (before, arguments) = command.split_at_checked(start)?;
    let is = |word: &[u8]| verb.eq_ignore_ascii_case(word);
    if is(b"SEARCH") || is(b"SORT") || is(b"THREAD") {
        let arguments = in_keys(arguments, &format!("UID {uids}"))?;
        return Some([before, &arguments].concat());
    }
    let rest = arguments.strip_prefix(b"$")?;
    uid.then(|| [before, uids.as_bytes(), rest].concat())
}

/// Puts a key in place of each `$` that stands alone outside of strings.
fn in_keys(arguments: &[u8], key: &str) -> Option<Vec<u8>> {
    let mut resolved = Vec::new();
    let (mut quoted, mut escaped, mut found) = (false, false, false);
    for (at, byte) in arguments.iter().enumerate() {
        let before = at.checked_sub(1).and_then(|at| arguments.get(at));
        let alone = matches!(before, None | Some(b' ' | b'('))
            && matches!(arguments.get(at + 1), Some(b' ' | b')' | b'\r'));
        match byte {
            b'{' if !quoted => return found.then_some([&resolved, arguments.get(at..)?].concat()),
            b'"' if !escaped => quoted = !quoted,
            _ => {}
        }
        escaped = quoted && *byte == b'\\' && !escaped;
        if *byte == b'$' && alone && !quoted {
            found = true;
            resolved.extend_from_slice(key.as_bytes());
        } else {
            resolved.push(*byte);
        }
    }
    found.then_some(resolved)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resolved(command: &str, saved: &str) -> Option<String> {
        let bytes = resolve(command.as_bytes(), saved)?;
        Some(String::from_utf8(bytes).unwrap())
    }

    #[test]
    fn the_sign_becomes_uids_where_it_stands_alone() {
        for (command, expected) in [
            (
                "a UID FETCH $ (FLAGS)\r\n",
                Some("a UID FETCH 2:3 (FLAGS)\r\n"),
            ),
            (
                "a UID SEARCH $ SEEN\r\n",
                Some("a UID SEARCH UID 2:3 SEEN\r\n"),
            ),
            (
                "a SEARCH RETURN (ALL) OR $ (KEYWORD $X NOT $)\r\n",
                Some("a SEARCH RETURN (ALL) OR UID 2:3 (KEYWORD $X NOT UID 2:3)\r\n"),
            ),
            ("a SEARCH SUBJECT \" $ \\\" $ \"\r\n", None),
            ("a FETCH $ FLAGS\r\n", None),
            ("a UID FETCH 1 FLAGS\r\n", None),
            ("a NOOP\r\n", None),
        ] {
            assert_eq!(resolved(command, "2:3").as_deref(), expected, "{command}");
        }
        let none = resolved("a UID FETCH $ FLAGS\r\n", "");
        assert_eq!(none.as_deref(), Some("a UID FETCH 4294967295 FLAGS\r\n"));
    }
}
