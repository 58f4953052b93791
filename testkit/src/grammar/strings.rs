//! Atoms, strings and names of mailboxes (RFC 9051, section 9).

use crate::grammar::reader::{Parsed, Reader};
use crate::names;

/// `ATOM-CHAR`.
pub(super) fn is_atom(byte: u8) -> bool {
    matches!(byte, b'!'..=b'~') && !b"(){%*\"\\]".contains(&byte)
}

/// `ASTRING-CHAR`.
pub(super) fn is_astring(byte: u8) -> bool {
    is_atom(byte) || byte == b']'
}

/// A literal, and whether it was announced as one that may hold NUL (RFC 3516).
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Literal<'a> {
    pub(crate) octets: &'a [u8],
    pub(crate) is_literal8: bool,
}

impl<'a> Reader<'a> {
    pub(super) fn atom(&mut self, what: &str) -> Parsed<String> {
        let atom = self.take_while(is_atom);
        match atom.is_empty() {
            true => Err(self.expected(what)),
            false => Ok(String::from_utf8_lossy(atom).into_owned()),
        }
    }

    /// An atom or a string; `what` names it in a refusal.
    pub(super) fn astring(&mut self, what: &str) -> Parsed<Vec<u8>> {
        match self.peek() {
            Some(b'"' | b'{') => self.string(what),
            _ => match self.take_while(is_astring) {
                b"" => Err(self.expected(what)),
                atom => Ok(atom.to_vec()),
            },
        }
    }

    /// [`astring`](Self::astring) as text, of which only UTF-8 is taken.
    pub(super) fn astring_text(&mut self, what: &str) -> Parsed<String> {
        let at = self.place();
        let octets = self.astring(what)?;
        String::from_utf8(octets).map_err(|_| self.wrong_at(at, "this is not UTF-8"))
    }

    pub(super) fn string(&mut self, what: &str) -> Parsed<Vec<u8>> {
        match self.peek() {
            Some(b'"') => self.quoted(),
            Some(b'{') => Ok(self.literal(what)?.octets.to_vec()),
            _ => Err(self.expected(what)),
        }
    }

    /// A string, or `None` for NIL.
    pub(super) fn nstring(&mut self, what: &str) -> Parsed<Option<Vec<u8>>> {
        match self.accept_word("NIL") {
            true => Ok(None),
            false => self.string(what).map(Some),
        }
    }

    fn quoted(&mut self) -> Parsed<Vec<u8>> {
        let begin = self.place();
        self.octet(b'"', "a quoted string")?;
        let mut text = Vec::new();
        loop {
            let at = self.place();
            let plain = |byte| !matches!(byte, b'"' | b'\\' | b'\r' | b'\n' | 0);
            let piece = self.take_while(plain);
            if let Some(place) = piece.iter().position(|byte| !byte.is_ascii()) {
                if !self.utf8 {
                    let reason = "octets beyond ASCII stand in a literal before UTF-8 is enabled";
                    return Err(self.wrong_at(at + place, reason));
                }
            }
            text.extend_from_slice(piece);
            match self.take(1) {
                Some(b"\"") => break,
                Some(b"\\") => match self.peek() {
                    Some(escaped @ (b'"' | b'\\')) => {
                        self.take(1);
                        text.push(escaped);
                    }
                    _ => return Err(self.expected("\" or \\ after \\ in a quoted string")),
                },
                _ => return Err(self.wrong_at(begin, "this quoted string is not closed")),
            }
        }
        match std::str::from_utf8(&text) {
            Ok(_) => Ok(text),
            Err(_) => Err(self.wrong_at(begin, "this is not UTF-8")),
        }
    }

    /// A literal without NUL.
    pub(super) fn literal(&mut self, what: &str) -> Parsed<Literal<'a>> {
        match self.peek() {
            Some(b'{') => self.literal_or_literal8(what),
            _ => Err(self.expected(what)),
        }
    }

    /// A literal or a `literal8`. The announcement was heeded when the octets were read.
    pub(super) fn literal_or_literal8(&mut self, what: &str) -> Parsed<Literal<'a>> {
        let is_literal8 = self.peek() == Some(b'~');
        if is_literal8 {
            self.take(1);
        }
        self.octet(b'{', what)?;
        let octets = self.number("the length of a literal")?;
        self.accept(b"+");
        self.octet(b'}', "}")?;
        if !self.accept(b"\r\n") {
            return Err(self.expected("the end of the line after a literal's length"));
        }
        let at = self.place();
        let count = usize::try_from(octets).unwrap_or(usize::MAX);
        let octets = self.take(count);
        let octets = octets.ok_or_else(|| self.wrong("the literal is cut"))?;
        match octets.iter().position(|byte| *byte == 0) {
            Some(place) if !is_literal8 => {
                Err(self.wrong_at(at + place, "NUL stands only in a literal8"))
            }
            _ => Ok(Literal {
                octets,
                is_literal8,
            }),
        }
    }

    /// The name of a mailbox, as UTF-8. One that is not encoded as it has to be is refused with NO.
    pub(super) fn mailbox(&mut self) -> Parsed<String> {
        let at = self.place();
        let wire = self.astring("a mailbox name")?;
        Ok(names::canonical(&self.name(&wire, at)))
    }

    /// A mailbox name with wildcards in it.
    pub(super) fn pattern(&mut self) -> Parsed<String> {
        let at = self.place();
        let wire = match self.peek() {
            Some(b'"' | b'{') => self.string("a mailbox pattern")?,
            _ => {
                let is_list = |byte| is_astring(byte) || matches!(byte, b'%' | b'*');
                self.take_while(is_list).to_vec()
            }
        };
        if self.place() == at {
            return Err(self.expected("a mailbox pattern"));
        }
        Ok(self.name(&wire, at))
    }

    /// The name as UTF-8; empty if it is refused.
    fn name(&mut self, wire: &[u8], at: usize) -> String {
        let (name, form) = match self.utf8 {
            true => (String::from_utf8(wire.to_vec()).ok(), "UTF-8"),
            false => (names::decode(wire), "modified UTF-7"),
        };
        name.unwrap_or_else(|| {
            self.refuse_at(at, format!("this mailbox name is not {form}"));
            String::new()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn astring(text: &str, utf8: bool) -> Result<String, String> {
        let mut reader = Reader::new(text.as_bytes(), utf8);
        let found = reader
            .astring_text("a string")
            .map_err(|wrong| wrong.text())?;
        Ok(found)
    }

    #[test]
    fn strings_in_all_forms() {
        for (text, expected) in [
            ("a]b c", "a]b"),
            ("\"a \\\"\\\\b\" ", "a \"\\b"),
            ("\"\"", ""),
            ("{3}\r\na\r\n", "a\r\n"),
            ("{1+}\r\n\"x", "\""),
            ("NIL", "NIL"),
        ] {
            assert_eq!(astring(text, false).as_deref(), Ok(expected), "{text}");
        }
        assert_eq!(astring("\"\u{fc}\"", true).as_deref(), Ok("\u{fc}"));
    }

    #[test]
    fn strings_that_are_none() {
        for (text, wrong) in [
            ("\"a\r\n", "Octet 1: this quoted string is not closed"),
            (
                "\"a\\b\"",
                "Octet 4: \" or \\ after \\ in a quoted string expected, not \"b\\\"\"",
            ),
            (
                "\"a\u{fc}\"",
                "Octet 3: octets beyond ASCII stand in a literal before UTF-8 is enabled",
            ),
            ("%", "Octet 1: a string expected, not \"%\""),
            ("{3}\r\nab", "Octet 6: the literal is cut"),
            ("{2}\r\na\0", "Octet 7: NUL stands only in a literal8"),
            (
                "{x}",
                "Octet 2: the length of a literal expected, not \"x}\"",
            ),
            (
                "{2}ab",
                "Octet 4: the end of the line after a literal's length expected, not \"ab\"",
            ),
            ("~{1}\r\na", "Octet 1: a string expected, not \"~{1}\""),
        ] {
            let wrong = Err(wrong.to_owned());
            match text.starts_with('~') {
                true => {
                    let mut reader = Reader::new(text.as_bytes(), false);
                    let found = reader.string("a string").map_err(|wrong| wrong.text());
                    assert_eq!(found.map(|_| String::new()), wrong, "{text}");
                }
                false => assert_eq!(astring(text, false), wrong, "{text}"),
            }
        }
    }

    #[test]
    fn names_are_decoded() {
        let name = |text: &str, utf8| {
            let mut reader = Reader::new(text.as_bytes(), utf8);
            let name = reader.mailbox()?;
            reader.refusal().map(|()| name)
        };
        assert_eq!(name("inbox", false).unwrap(), "INBOX");
        assert_eq!(name("Entw&APw-rfe", false).unwrap(), "Entw\u{fc}rfe");
        assert_eq!(name("\"\u{fc}&\"", true).unwrap(), "\u{fc}&");
        let refused = name("{2}\r\n\u{fc}", false).unwrap_err();
        let text = "Octet 1: this mailbox name is not modified UTF-7";
        assert_eq!(
            (refused.text().as_str(), refused.is_refused()),
            (text, true)
        );
    }
}
