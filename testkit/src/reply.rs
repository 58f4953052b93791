//! One response while it is put together: its bytes, and how the timeline shows it.

/// A response without its last CRLF.
#[derive(Debug, Default)]
pub(crate) struct Reply {
    pub(crate) bytes: Vec<u8>,
    pub(crate) shown: String,
}

impl Reply {
    pub(crate) fn new(text: &str) -> Self {
        let mut reply = Self::default();
        reply.push(text);
        reply
    }

    pub(crate) fn push(&mut self, text: &str) {
        self.bytes.extend_from_slice(text.as_bytes());
        self.shown.push_str(text);
    }

    /// A quoted string where that is possible, else a literal.
    pub(crate) fn string(&mut self, value: &[u8]) {
        let quotable = value.len() <= 1000 && value.iter().all(|b| matches!(b, b' '..=b'~'));
        match std::str::from_utf8(value) {
            Ok(text) if quotable => self.push(&quoted(text)),
            _ => self.literal(value),
        }
    }

    pub(crate) fn nstring(&mut self, value: Option<&[u8]>) {
        match value {
            Some(value) => self.string(value),
            None => self.push("NIL"),
        }
    }

    /// A literal; one with NUL in it becomes a `literal8` (RFC 3516).
    pub(crate) fn literal(&mut self, value: &[u8]) {
        let tilde = if value.contains(&0) { "~" } else { "" };
        self.push(&format!("{tilde}{{{}}}", value.len()));
        self.bytes.extend_from_slice(b"\r\n");
        self.bytes.extend_from_slice(value);
        self.shown.push('…');
    }

    /// A mailbox name as the wire has it.
    pub(crate) fn mailbox(&mut self, name: &str, utf8: bool) {
        match utf8 {
            true => self.push(&quoted(name)),
            false => self.push(&quoted(&crate::names::encode(name))),
        }
    }
}

/// A quoted string; the text holds neither CR, LF nor NUL.
pub(crate) fn quoted(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len().saturating_add(2));
    quoted.push('"');
    for character in text.chars() {
        if matches!(character, '"' | '\\') {
            quoted.push('\\');
        }
        quoted.push(character);
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_are_quoted_when_they_can_be() {
        let mut reply = Reply::new("*");
        for value in [&b"a \"b\\"[..], b"\xfc", b"a\r\nb", b""] {
            reply.push(" ");
            reply.string(value);
        }
        assert_eq!(
            reply.bytes,
            b"* \"a \\\"b\\\\\" {1}\r\n\xfc {4}\r\na\r\nb \"\""
        );
        assert_eq!(reply.shown, "* \"a \\\"b\\\\\" {1}… {4}… \"\"");
    }
}
