//! The commands about the connection and its user, and what a client sends in the middle of a command.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;

use crate::grammar::reader::{Parsed, Reader};

/// How many fields an ID has at most, and how long they and their values are (RFC 2971).
const FIELDS: usize = 30;
const LONGEST_FIELD: usize = 30;
const LONGEST_VALUE: usize = 1024;

impl Reader<'_> {
    /// What follows LOGIN: the user's name and the password.
    pub(super) fn login(&mut self) -> Parsed<(Vec<u8>, Vec<u8>)> {
        self.space()?;
        let name = self.astring("a user name")?;
        self.space()?;
        Ok((name, self.astring("a password")?))
    }

    /// What follows AUTHENTICATE: the mechanism in capital letters, and the initial response.
    pub(super) fn authenticate(&mut self) -> Parsed<(String, Option<Vec<u8>>)> {
        self.space()?;
        let mechanism = self.atom("a mechanism")?.to_ascii_uppercase();
        let mut initial = None;
        if self.more()? {
            self.needs(&["SASL-IR"]);
            initial = Some(match self.accept(b"=") {
                true => Vec::new(),
                false => self.base64()?,
            });
        }
        Ok((mechanism, initial))
    }

    fn base64(&mut self) -> Parsed<Vec<u8>> {
        let at = self.place();
        let coded = self.take_while(|byte| byte.is_ascii_graphic());
        match BASE64_STANDARD.decode(coded) {
            Ok(data) if !coded.is_empty() => Ok(data),
            _ => Err(self.wrong_at(at, "this is not base64")),
        }
    }

    /// What follows ID: the fields, of which nothing is used.
    pub(super) fn id(&mut self) -> Parsed<()> {
        self.space()?;
        if self.accept_word("NIL") {
            return Ok(());
        }
        let at = self.place();
        let mut fields: Vec<Vec<u8>> = Vec::new();
        self.list_or_none(|reader| {
            let at = reader.place();
            let field = reader.string("a field in quotes")?.to_ascii_lowercase();
            reader.space()?;
            let value = reader.nstring("a value in quotes or NIL")?;
            let is_long = value.is_some_and(|value| value.len() > LONGEST_VALUE);
            if field.len() > LONGEST_FIELD || is_long {
                return Err(reader.wrong_at(at, "this field or its value is too long"));
            }
            if fields.contains(&field) {
                return Err(reader.wrong_at(at, "this field is here twice"));
            }
            fields.push(field);
            Ok(())
        })?;
        match fields.len() > FIELDS {
            true => Err(self.wrong_at(at, "these are more than 30 fields")),
            false => Ok(()),
        }
    }

    /// What follows ENABLE: capabilities, in capital letters.
    pub(super) fn enable(&mut self) -> Parsed<Vec<String>> {
        let mut names = Vec::new();
        self.space()?;
        loop {
            names.push(self.atom("a capability")?.to_ascii_uppercase());
            if !self.more()? {
                return Ok(names);
            }
        }
    }

    /// What follows COMPRESS.
    pub(super) fn compress(&mut self) -> Parsed<()> {
        self.space()?;
        self.needs(&["COMPRESS=DEFLATE"]);
        self.keyword("DEFLATE")
    }
}

/// What a client answers to a challenge; `None` if it calls the exchange off.
pub(crate) fn challenge_answer(line: &[u8]) -> Option<Vec<u8>> {
    let coded = line.strip_suffix(b"\r\n")?;
    BASE64_STANDARD.decode(coded).ok()
}

/// Whether a line ends an IDLE.
pub(crate) fn is_done(line: &[u8]) -> bool {
    line.eq_ignore_ascii_case(b"DONE\r\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_of_an_id() {
        let id = |text: &str| {
            let text = format!(" {text}");
            let mut reader = Reader::new(text.as_bytes(), false);
            reader.id().is_ok() && reader.rest().is_empty()
        };
        for text in [
            "NIL",
            "()",
            "(\"name\" \"a\")",
            "(\"name\" NIL \"version\" {1}\r\n1)",
        ] {
            assert!(id(text), "{text}");
        }
        for text in [
            "",
            "(name \"a\")",
            "(\"name\")",
            "(\"a\" NIL \"A\" NIL)",
            "(NIL NIL)",
        ] {
            assert!(!id(text), "{text}");
        }
        assert!(!id(&format!("(\"{}\" NIL)", "a".repeat(31))));
        assert!(!id(&format!("(\"a\" \"{}\")", "a".repeat(1025))));
    }

    #[test]
    fn initial_responses_are_base64() {
        let initial = |text: &str| {
            let mut reader = Reader::new(text.as_bytes(), false);
            let initial = reader.authenticate().ok()?.1;
            reader.rest().is_empty().then_some(initial)
        };
        assert_eq!(initial(" PLAIN"), Some(None));
        assert_eq!(initial(" PLAIN ="), Some(Some(Vec::new())));
        assert_eq!(initial(" plain AAA="), Some(Some(vec![0, 0])));
        for wrong in [" PLAIN AAA", " PLAIN *", " PLAIN ", " PLAIN AAA= "] {
            assert_eq!(initial(wrong), None, "{wrong}");
        }
    }
}
