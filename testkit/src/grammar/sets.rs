//! Numbers, sets of messages, and pages of results.

use crate::grammar::reader::{Parsed, Reader};

/// A number of a set.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Bound {
    Number(u32),
    /// `*`.
    Last,
}

/// Messages as a command names them.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Set {
    Ranges(Vec<(Bound, Bound)>),
    /// `$`: the result that a SEARCH saved (RFC 5182).
    Saved,
}

/// A page, from its near end to its far end (RFC 9394).
pub(crate) type Page = (i64, i64);

impl Reader<'_> {
    fn digits(&mut self, what: &str) -> Parsed<&str> {
        let at = self.place();
        let digits = self.take_while(|byte| byte.is_ascii_digit());
        match std::str::from_utf8(digits) {
            Ok(digits) if !digits.is_empty() => Ok(digits),
            _ => {
                self.go_back(at);
                Err(self.expected(what))
            }
        }
    }

    /// A number of at most 32 bits.
    pub(super) fn number(&mut self, what: &str) -> Parsed<u32> {
        let at = self.place();
        let number = self.digits(what)?.parse();
        number.map_err(|_| self.wrong_at(at, format!("{what} has at most 32 bits")))
    }

    /// A number of at most 63 bits.
    pub(super) fn number64(&mut self, what: &str) -> Parsed<u64> {
        let at = self.place();
        let number: Option<u64> = self.digits(what)?.parse().ok();
        let number = number.filter(|number| number >> 63 == 0);
        number.ok_or_else(|| self.wrong_at(at, format!("{what} has at most 63 bits")))
    }

    /// A number that is not 0 and does not begin with 0.
    pub(super) fn nz_number(&mut self, what: &str) -> Parsed<u32> {
        match self.peek() {
            Some(b'0') => Err(self.wrong(format!("{what} does not begin with 0"))),
            _ => self.number(what),
        }
    }

    pub(super) fn mod_seq(&mut self) -> Parsed<u64> {
        let what = "a mod-sequence";
        match self.peek() {
            Some(b'0') => Err(self.wrong(format!("{what} does not begin with 0"))),
            _ => self.number64(what),
        }
    }

    /// A mod-sequence or 0.
    pub(super) fn mod_seq_or_zero(&mut self) -> Parsed<u64> {
        let is_zero = self.rest().first() == Some(&b'0')
            && !self.rest().get(1).is_some_and(u8::is_ascii_digit);
        match is_zero {
            true => self.number64("a mod-sequence"),
            false => self.mod_seq(),
        }
    }

    /// A set of messages; `uid` says of which kind its numbers are.
    pub(super) fn set(&mut self, uid: bool) -> Parsed<Set> {
        if !uid {
            self.has_numbers();
        }
        if self.peek() == Some(b'$') {
            self.needs(&["SEARCHRES"]);
            self.take(1);
            return Ok(Set::Saved);
        }
        self.ranges().map(Set::Ranges)
    }

    /// One message; `uid` says of which kind its number is.
    pub(super) fn one_message(&mut self, uid: bool) -> Parsed<Set> {
        if !uid {
            self.has_numbers();
        }
        let bound = self.bound()?;
        Ok(Set::Ranges(vec![(bound, bound)]))
    }

    fn ranges(&mut self) -> Parsed<Vec<(Bound, Bound)>> {
        let mut ranges = Vec::new();
        loop {
            let first = self.bound()?;
            let last = match self.accept(b":") {
                true => self.bound()?,
                false => first,
            };
            ranges.push((first, last));
            if !self.accept(b",") {
                return Ok(ranges);
            }
        }
    }

    fn bound(&mut self) -> Parsed<Bound> {
        match self.accept(b"*") {
            true => Ok(Bound::Last),
            false => self.nz_number("a message number").map(Bound::Number),
        }
    }

    /// A set in which `*` is not allowed, of which only the numbers are of use.
    pub(super) fn known_set(&mut self) -> Parsed<Set> {
        let at = self.place();
        let ranges = self.ranges()?;
        let is_last = |(first, last): &(Bound, Bound)| [first, last].contains(&&Bound::Last);
        match ranges.iter().any(is_last) {
            true => Err(self.wrong_at(at, "a set of known messages has no *")),
            false => Ok(Set::Ranges(ranges)),
        }
    }

    /// `1:50` or `-1:-50` (RFC 9394).
    pub(super) fn page(&mut self) -> Parsed<Page> {
        let at = self.place();
        let end = |reader: &mut Self| {
            let sign = if reader.accept(b"-") { -1 } else { 1 };
            let place = reader.nz_number("a place in the result")?;
            Ok(sign * i64::from(place))
        };
        let near = end(self)?;
        self.octet(b':', ":")?;
        let far = end(self)?;
        match near.signum() == far.signum() {
            true => Ok((near, far)),
            false => Err(self.wrong_at(at, "both ends of a page have the same sign")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_as_they_are_written() {
        let set = |text: &str| {
            let mut reader = Reader::new(text.as_bytes(), false);
            let set = reader.set(true).map_err(|wrong| wrong.text());
            set.map(|set| (set, reader.rest().len()))
        };
        let one = |number| (Bound::Number(number), Bound::Number(number));
        let ranges = vec![one(4), (Bound::Number(7), Bound::Last), one(2)];
        assert_eq!(set("4,7:*,2 x"), Ok((Set::Ranges(ranges), 2)));
        assert_eq!(set("$"), Ok((Set::Saved, 0)));
        for (text, wrong) in [
            (
                "",
                "Octet 1: a message number expected, not the end of the command",
            ),
            ("0", "Octet 1: a message number does not begin with 0"),
            (
                "1,",
                "Octet 3: a message number expected, not the end of the command",
            ),
            ("1:a", "Octet 3: a message number expected, not \"a\""),
            (
                "4294967296",
                "Octet 1: a message number has at most 32 bits",
            ),
        ] {
            assert_eq!(set(text), Err(wrong.to_owned()), "{text}");
        }
    }

    #[test]
    fn pages_have_one_sign() {
        let page = |text: &str| Reader::new(text.as_bytes(), false).page().ok();
        assert_eq!(page("1:50"), Some((1, 50)));
        assert_eq!(page("-1:-50"), Some((-1, -50)));
        for wrong in ["1:-5", "0:5", "1", "", "-:1", "1:*"] {
            assert_eq!(page(wrong), None, "{wrong}");
        }
    }
}
