//! Flags and Gmail's labels.

use crate::grammar::reader::{Parsed, Reader};
use crate::grammar::strings::is_atom;
use crate::names;

const SYSTEM: [&str; 5] = ["\\Answered", "\\Deleted", "\\Draft", "\\Flagged", "\\Seen"];

impl Reader<'_> {
    /// A flag that a client may set, with system flags in their usual letters.
    pub(super) fn flag(&mut self) -> Parsed<String> {
        let at = self.place();
        if !self.accept(b"\\") {
            return self.atom("a flag");
        }
        let name = self.atom("the name of a system flag")?;
        let flag = format!("\\{name}");
        if flag.eq_ignore_ascii_case("\\Recent") {
            return Err(self.wrong_at(at, "\\Recent is set by the server alone"));
        }
        let mut system = SYSTEM.iter();
        let usual = system.find(|own| flag.eq_ignore_ascii_case(own));
        match usual {
            Some(usual) => Ok((*usual).to_owned()),
            // A server has only those that are defined (RFC 9051, section 9, flag-extension).
            None => Err(self.wrong_at(at, format!("there is no system flag {flag}"))),
        }
    }

    /// A list of flags, which may be empty.
    pub(super) fn flag_list(&mut self) -> Parsed<Vec<String>> {
        self.list_or_none(Self::flag)
    }

    /// A list of flags, or flags with spaces between them.
    pub(super) fn flags(&mut self) -> Parsed<Vec<String>> {
        if self.peek() == Some(b'(') {
            return self.flag_list();
        }
        let mut flags = vec![self.flag()?];
        while self.more()? {
            flags.push(self.flag()?);
        }
        Ok(flags)
    }

    /// A label, as UTF-8. Those that Gmail has by itself begin with a backslash.
    pub(super) fn label(&mut self) -> Parsed<Vec<u8>> {
        let at = self.place();
        let wire = match self.accept(b"\\") {
            true => [b"\\", self.take_while(is_atom)].concat(),
            false => self.astring("a label")?,
        };
        let label = names::decode(&wire).map(String::into_bytes);
        label.ok_or_else(|| self.wrong_at(at, "this label is not modified UTF-7"))
    }
}
