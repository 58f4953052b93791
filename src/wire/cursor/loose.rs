//! Numbers and sets in the forms in which servers write them although the grammar has another.

use std::borrow::Cow;

use crate::types::number_set::NumberSet;
use crate::wire::cursor::{Cursor, ParseError};
use crate::wire::frame::Frame;

/// How the numbers of a set may stand apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Apart {
    /// A blank ends the set, because another number follows, unless it stands beside a comma.
    Never,
    /// A blank separates numbers as a comma does.
    ByBlanks,
}

impl<'a> Cursor<'a> {
    /// `number64` in any form: as digits, in quotes or as a literal, with or without one pair of
    /// parentheses.
    #[inline]
    pub(crate) fn any_number64(&mut self) -> Result<u64, ParseError> {
        match self.peek() {
            Some(b'0'..=b'9') => self.number64(),
            _ => self.odd_number64(),
        }
    }

    #[cold]
    fn odd_number64(&mut self) -> Result<u64, ParseError> {
        let is_in_list = self.try_byte(b'(');
        self.skip_blank();
        let number = match self.peek() {
            Some(b'"' | b'{' | b'~') => {
                let error = self.error("a number");
                whole_number(&self.astring()?).ok_or(error)?
            }
            _ => self.number64()?,
        };
        if is_in_list {
            self.skip_blank();
            self.byte(b')', "the end of a list")?;
        }
        Ok(number)
    }

    /// `number` in any form.
    pub(crate) fn any_number(&mut self) -> Result<u32, ParseError> {
        let error = self.error("a 32-bit number");
        u32::try_from(self.any_number64()?).map_err(|_| error)
    }

    /// A set in any form: bare, in quotes or in one pair of parentheses, with blanks beside its
    /// commas. Returns it as the grammar has it.
    pub(crate) fn any_set(&mut self, apart: Apart) -> Result<Cow<'a, [u8]>, ParseError> {
        let start = self.at;
        let set = self.run(is_set);
        let is_plain = !matches!(set, [] | [.., b',']) && !self.continues(set, apart);
        if is_plain {
            return Ok(Cow::Borrowed(set));
        }
        self.at = start;
        self.odd_set(apart).map(Cow::Owned)
    }

    #[cold]
    fn odd_set(&mut self, apart: Apart) -> Result<Vec<u8>, ParseError> {
        let close = match self.peek() {
            Some(b'"') => Some(b'"'),
            Some(b'(') => Some(b')'),
            _ => None,
        };
        let mut inner = apart;
        if close.is_some() {
            self.at += 1;
            self.try_sp();
            inner = Apart::ByBlanks;
        }
        let mut set = self.run(is_set).to_vec();
        while self.continues(&set, inner) {
            self.try_sp();
            let next = self.run(is_set);
            if !set.ends_with(b",") && !next.starts_with(b",") {
                set.push(b',');
            }
            set.extend_from_slice(next);
        }
        if let Some(close) = close {
            self.try_sp();
            self.byte(close, "the end of a set")?;
        }
        match set.is_empty() {
            true => Err(self.error("a set of numbers")),
            false => Ok(set),
        }
    }

    /// Whether more of a set follows after a blank.
    fn continues(mut self, set: &[u8], apart: Apart) -> bool {
        let is_apart = self.try_sp();
        let more = self.peek().filter(|byte| is_apart && is_set(*byte));
        more.is_some_and(|next| apart == Apart::ByBlanks || next == b',' || set.ends_with(b","))
    }

    /// [`any_set`](Self::any_set) without an open end.
    pub(crate) fn closed_set(
        &mut self,
        apart: Apart,
    ) -> Result<(NumberSet, Cow<'a, [u8]>), ParseError> {
        let error = self.error("a set of numbers");
        let written = self.any_set(apart)?;
        match NumberSet::parse(&written) {
            Ok(numbers) if !numbers.is_open() => Ok((numbers, written)),
            _ => Err(error),
        }
    }
}

/// The number that the octets are as a whole.
fn whole_number(octets: &[u8]) -> Option<u64> {
    let mut cursor = Cursor::new(Frame::inline(octets.trim_ascii()));
    let number = cursor.number64().ok()?;
    cursor.peek().is_none().then_some(number)
}

/// Whether the octet may be in a `sequence-set`.
fn is_set(byte: u8) -> bool {
    byte.is_ascii_digit() || matches!(byte, b',' | b':' | b'*')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cursor(text: &'static str) -> Cursor<'static> {
        Cursor::new(Frame::inline(text.as_bytes()))
    }

    #[test]
    fn fault_24_numbers_in_any_form() {
        for text in [
            "9]",
            "\"9\"]",
            "(9)]",
            "( \"9\" )]",
            "{1}\r\n9]",
            "({1}\r\n9)]",
            "\" 9\"]",
        ] {
            let mut cursor = cursor(text);
            assert_eq!(cursor.any_number64(), Ok(9), "{text}");
            assert_eq!(cursor.rest(), b"]", "{text}");
        }
        for text in [
            "", "x", "()", "(9", "(9 8)", "\"\"", "\"9 8\"", "-9", "9x", "((9))", "NIL",
        ] {
            assert!(cursor(text).any_number64().is_err(), "{text}");
        }
        assert!(cursor("(4294967296)").any_number().is_err());
    }

    #[test]
    fn fault_24_sets_in_any_form() {
        let read = |text, apart| {
            let mut cursor = cursor(text);
            let set = cursor.any_set(apart).map(Cow::into_owned);
            (
                set.map(|set| String::from_utf8(set).unwrap()),
                cursor.rest(),
            )
        };
        for text in [
            "1,3]",
            "\"1,3\"]",
            "(1,3)]",
            "( 1, 3 )]",
            "1, 3]",
            "1 ,3]",
            "1\t,\t3]",
            "(1 3)]",
        ] {
            for apart in [Apart::Never, Apart::ByBlanks] {
                assert_eq!(read(text, apart), (Ok("1,3".into()), &b"]"[..]), "{text}");
            }
        }
        assert_eq!(read("1,3 9", Apart::Never), (Ok("1,3".into()), &b" 9"[..]));
        assert_eq!(
            read("1 3:4 9 x", Apart::ByBlanks),
            (Ok("1,3:4,9".into()), &b" x"[..])
        );
        for text in ["", "x", "()", "(1", "\"1"] {
            assert!(read(text, Apart::ByBlanks).0.is_err(), "{text}");
        }
        assert!(cursor("1,").closed_set(Apart::Never).is_err());
        assert!(cursor("1:*").closed_set(Apart::Never).is_err());
    }
}
