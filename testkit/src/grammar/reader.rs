//! Reads the octets of a command from the front, and says at which octet something else was due.

/// The longest piece of a command that a refusal shows.
const SHOWN: usize = 30;

/// Something that the grammar does not allow, or allows only with an extension.
#[derive(Debug, Eq, PartialEq)]
pub(crate) struct Wrong {
    /// How many octets of the command stand before it.
    at: usize,
    reason: String,
    is_refused: bool,
}

/// A value of a command, or why there is none.
pub(crate) type Parsed<T> = Result<T, Wrong>;

/// Capabilities of which one must be advertised for what begins at an octet.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Need {
    pub(crate) any: &'static [&'static str],
    at: usize,
}

/// How far a command has been read.
#[derive(Debug)]
pub(crate) struct Reader<'a> {
    octets: &'a [u8],
    at: usize,
    /// UTF-8 is enabled: it may stand in quoted strings, and names are UTF-8.
    pub(super) utf8: bool,
    /// IMAP4rev2 is enabled.
    pub(super) rev2: bool,
    /// The character set in which a SEARCH has its strings is not US-ASCII.
    pub(super) has_charset: bool,
    needs: Vec<Need>,
    has_numbers: bool,
    /// The first value that is well-formed and cannot be used.
    refused: Option<Wrong>,
}

impl Wrong {
    /// Whether the command is well-formed, and cannot be done: NO, and not BAD.
    pub(crate) fn is_refused(&self) -> bool {
        self.is_refused
    }

    /// The sentence, in which octets are counted from 1.
    pub(crate) fn text(&self) -> String {
        format!("Octet {}: {}", self.at + 1, self.reason)
    }
}

impl Need {
    /// The sentence for a client that uses what is not advertised.
    pub(crate) fn text(self) -> String {
        let names = self.any.join(" or ");
        format!("Octet {}: {names} is not advertised", self.at + 1)
    }
}

impl<'a> Reader<'a> {
    pub(super) fn new(octets: &'a [u8], utf8: bool) -> Self {
        Self {
            octets,
            at: 0,
            utf8,
            rev2: false,
            has_charset: false,
            needs: Vec::new(),
            has_numbers: false,
            refused: None,
        }
    }

    /// What the command needs, and whether it has sequence numbers.
    pub(super) fn finish(self) -> (Vec<Need>, bool) {
        (self.needs, self.has_numbers)
    }

    /// Notes that what comes next is part of an extension.
    pub(super) fn needs(&mut self, any: &'static [&'static str]) {
        self.needs_at(self.at, any);
    }

    /// Notes that what began at a place is part of an extension.
    pub(super) fn needs_at(&mut self, at: usize, any: &'static [&'static str]) {
        self.needs.push(Need { any, at });
    }

    /// Notes that the command has sequence numbers, which UIDONLY forbids (RFC 9586).
    pub(super) fn has_numbers(&mut self) {
        self.has_numbers = true;
    }

    pub(super) fn place(&self) -> usize {
        self.at
    }

    pub(super) fn go_back(&mut self, place: usize) {
        self.at = place;
    }

    pub(super) fn rest(&self) -> &'a [u8] {
        self.octets.get(self.at..).unwrap_or_default()
    }

    pub(super) fn peek(&self) -> Option<u8> {
        self.rest().first().copied()
    }

    /// The refusal of what comes next, in whose place something else is due.
    pub(super) fn expected(&self, what: &str) -> Wrong {
        self.wrong(format!("{what} expected, not {}", self.shown()))
    }

    /// The refusal of what comes next, for this reason.
    pub(super) fn wrong(&self, reason: impl Into<String>) -> Wrong {
        self.wrong_at(self.at, reason)
    }

    /// The refusal of what began at a place.
    pub(super) fn wrong_at(&self, at: usize, reason: impl Into<String>) -> Wrong {
        Wrong {
            at,
            reason: reason.into(),
            is_refused: false,
        }
    }

    /// Notes that what began at a place cannot be used. The command is refused for it if the rest of
    /// it is well-formed.
    pub(super) fn refuse_at(&mut self, at: usize, reason: String) {
        let is_refused = true;
        self.refused.get_or_insert(Wrong {
            at,
            reason,
            is_refused,
        });
    }

    /// The refusal of a well-formed command.
    pub(super) fn refusal(&mut self) -> Parsed<()> {
        self.refused.take().map_or(Ok(()), Err)
    }

    /// What comes next, for people.
    fn shown(&self) -> String {
        let rest = self.rest();
        match rest.first() {
            None => return "the end of the command".to_owned(),
            Some(b'\r' | b'\n') => return "the end of the line".to_owned(),
            Some(b' ') => return "a space".to_owned(),
            Some(b'(') => return "a list".to_owned(),
            Some(b'"') => return "a quoted string".to_owned(),
            Some(b'{') => return "a literal".to_owned(),
            Some(_) => {}
        }
        let ends = |byte: &u8| matches!(byte, b' ' | b'\r' | b'\n' | b'(');
        let end = rest.iter().position(ends).unwrap_or(rest.len());
        let end = end.min(SHOWN);
        let token = rest.get(..end).unwrap_or_default();
        format!("\"{}\"", token.escape_ascii())
    }

    /// Takes the octets that are of a kind.
    pub(super) fn take_while(&mut self, is: impl Fn(u8) -> bool) -> &'a [u8] {
        let rest = self.rest();
        let end = rest.iter().position(|byte| !is(*byte));
        let taken = rest.get(..end.unwrap_or(rest.len())).unwrap_or_default();
        self.at += taken.len();
        taken
    }

    /// Takes so many octets.
    pub(super) fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let taken = self.rest().get(..count)?;
        self.at += count;
        Some(taken)
    }

    /// Takes these octets if they come next.
    pub(super) fn accept(&mut self, octets: &[u8]) -> bool {
        let is_next = self.rest().starts_with(octets);
        if is_next {
            self.at += octets.len();
        }
        is_next
    }

    /// Takes one octet, which has to come next.
    pub(super) fn octet(&mut self, octet: u8, name: &str) -> Parsed<()> {
        match self.accept(&[octet]) {
            true => Ok(()),
            false => Err(self.expected(name)),
        }
    }

    /// Takes a space, of which there is always one.
    pub(super) fn space(&mut self) -> Parsed<()> {
        self.octet(b' ', "a space")?;
        match self.peek() {
            Some(b' ') => Err(self.wrong("one space expected, not two")),
            Some(b'\r' | b'\n') | None => Err(self.wrong("nothing follows the space")),
            _ => Ok(()),
        }
    }

    /// Takes a space if there is one.
    pub(super) fn more(&mut self) -> Parsed<bool> {
        match self.peek() {
            Some(b' ') => self.space().map(|()| true),
            _ => Ok(false),
        }
    }

    /// The name that comes next, in capital letters, without taking it.
    pub(super) fn next_word(&self) -> String {
        let rest = self.rest();
        let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || b"-.+_=".contains(byte);
        let end = rest.iter().position(|byte| !is_part(byte));
        let word = rest.get(..end.unwrap_or(rest.len())).unwrap_or_default();
        String::from_utf8_lossy(word).to_ascii_uppercase()
    }

    /// Takes a name, in capital letters.
    pub(super) fn word(&mut self) -> String {
        let word = self.next_word();
        self.at += word.len();
        word
    }

    /// Takes a name if it comes next, in whatever case.
    pub(super) fn accept_word(&mut self, word: &str) -> bool {
        let is_next = self.next_word() == word;
        if is_next {
            self.at += word.len();
        }
        is_next
    }

    /// Takes a name, which has to come next.
    pub(super) fn keyword(&mut self, word: &str) -> Parsed<()> {
        match self.accept_word(word) {
            true => Ok(()),
            false => Err(self.expected(word)),
        }
    }

    /// A list of at least one element.
    pub(super) fn list<T>(
        &mut self,
        element: impl FnMut(&mut Self) -> Parsed<T>,
    ) -> Parsed<Vec<T>> {
        if self.rest().starts_with(b"()") {
            return Err(self.wrong("a list with something in it expected, not ()"));
        }
        self.list_or_none(element)
    }

    /// A list, which may be empty.
    pub(super) fn list_or_none<T>(
        &mut self,
        mut element: impl FnMut(&mut Self) -> Parsed<T>,
    ) -> Parsed<Vec<T>> {
        self.octet(b'(', "a list")?;
        let mut elements = Vec::new();
        if self.accept(b")") {
            return Ok(elements);
        }
        loop {
            elements.push(element(self)?);
            if self.accept(b")") {
                return Ok(elements);
            }
            if self.peek() != Some(b' ') {
                return Err(self.expected("a space or )"));
            }
            self.space()?;
        }
    }

    /// The end of the command.
    pub(super) fn end(&mut self) -> Parsed<()> {
        if self.rest() == b"\r\n" {
            return Ok(());
        }
        Err(match self.rest() {
            b"" => self.wrong("the line has no end"),
            b"\n" => self.wrong("CR expected before LF"),
            b" \r\n" => self.wrong("nothing follows the space"),
            _ => self.expected("the end of the command"),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_instead_is_shown() {
        for (rest, shown) in [
            ("", "the end of the command"),
            ("\r\n", "the end of the line"),
            (" x", "a space"),
            ("a\u{fc}b c", "\"a\\xc3\\xbcb\""),
            (
                "abcdefghijklmnopqrstuvwxyz0123456789\r\n",
                "\"abcdefghijklmnopqrstuvwxyz0123\"",
            ),
        ] {
            let reader = Reader::new(rest.as_bytes(), false);
            let wrong = reader.expected("a number");
            let text = format!("Octet 1: a number expected, not {shown}");
            assert_eq!(wrong.text(), text);
        }
    }

    #[test]
    fn lists_have_one_space_between_elements() {
        let list = |text: &str| {
            let mut reader = Reader::new(text.as_bytes(), false);
            reader.list(|reader| Ok(reader.word()))
        };
        assert_eq!(list("(a b)").unwrap(), ["A", "B"]);
        for (wrong, at) in [("()", 1), ("(a  b)", 4), ("(a", 3), ("a", 1), ("(a)b", 0)] {
            match list(wrong) {
                Err(why) => assert!(
                    why.text().starts_with(&format!("Octet {at}: ")),
                    "{wrong}: {why:?}"
                ),
                Ok(_) => assert_eq!(at, 0, "{wrong}"),
            }
        }
    }
}
