//! What UTF8=ACCEPT (RFC 6855) adds to commands, in forms that `imap-codec` knows.

/// The command with its quoted strings that hold UTF-8 as literals, and the messages of an APPEND
/// without the `UTF8 (..)` around them.
pub(crate) fn as_literals(command: &[u8]) -> Vec<u8> {
    let mut whole = Vec::with_capacity(command.len());
    let mut rest = command;
    let mut closes = false;
    while let Some((byte, after)) = rest.split_first() {
        let literal = literal(rest);
        if let Some(inside) = rest.strip_prefix(b"UTF8 (") {
            (rest, closes) = (inside, true);
        } else if let Some((text, after)) = quoted(rest) {
            whole.extend_from_slice(format!("{{{}}}\r\n", text.len()).as_bytes());
            whole.extend_from_slice(&text);
            rest = after;
        } else if let Some((octets, after)) = literal.and_then(|len| rest.split_at_checked(len)) {
            whole.extend_from_slice(octets);
            let behind = after.strip_prefix(b")").filter(|_| closes);
            rest = behind.unwrap_or(after);
            closes = false;
        } else {
            whole.push(*byte);
            rest = after;
        }
    }
    whole
}

/// The text of a quoted string that is not ASCII, and what follows it.
fn quoted(bytes: &[u8]) -> Option<(Vec<u8>, &[u8])> {
    let inside = bytes.strip_prefix(b"\"")?;
    let mut text = Vec::new();
    let mut octets = inside.iter().enumerate();
    while let Some((at, byte)) = octets.next() {
        match byte {
            b'"' => {
                let after = inside.get(at + 1..)?;
                return (!text.is_ascii()).then_some((text, after));
            }
            b'\\' => text.push(*octets.next()?.1),
            byte => text.push(*byte),
        }
    }
    None
}

/// The length of the literal that begins here, with its header.
fn literal(bytes: &[u8]) -> Option<usize> {
    let inside = bytes.strip_prefix(b"{")?;
    let end = inside.iter().position(|byte| *byte == b'}')?;
    let digits = std::str::from_utf8(inside.get(..end)?).ok()?;
    let len: usize = digits.trim_end_matches('+').parse().ok()?;
    inside
        .get(end..)?
        .starts_with(b"}\r\n")
        .then_some(end + 4 + len)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn utf_8_in_quotes_becomes_a_literal() {
        for (command, expected) in [
            (
                "a CREATE \"Entw\u{fc}rfe\"\r\n",
                "a CREATE {9}\r\nEntw\u{fc}rfe\r\n",
            ),
            ("a CREATE \"plain\"\r\n", "a CREATE \"plain\"\r\n"),
            (
                "a APPEND x () UTF8 (~{4+}\r\n\u{fc}\")) (\\Seen)\r\n",
                "a APPEND x () ~{4+}\r\n\u{fc}\") (\\Seen)\r\n",
            ),
        ] {
            let found = as_literals(command.as_bytes());
            assert_eq!(String::from_utf8(found).unwrap(), expected);
        }
    }
}
