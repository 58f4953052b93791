//! Reads one framed response from left to right; methods have the names of the grammar.

pub(crate) mod loose;

use std::borrow::Cow;
use std::fmt;

use memchr::memchr;

use crate::limits::Limit;
use crate::types::mailbox_name::MailboxName;
use crate::wire::digits;
use crate::wire::frame::Frame;
use crate::wire::octet::{is_atom, is_token, is_word};
use crate::wire::quoted::{odd_quoted_end, plain_end, unescape};
use crate::wire::utf7;
use crate::wire::words;

/// The place at which a response is malformed, and what the grammar requires there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ParseError {
    /// The octet of the frame.
    pub(crate) at: usize,
    pub(crate) expected: &'static str,
    /// The limit, if the response is well formed but exceeds it.
    pub(crate) limit: Option<Limit>,
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.limit {
            None => write!(f, "expected {} at octet {}", self.expected, self.at),
            Some(limit) => write!(
                f,
                "{limit} has more {} than {} allows",
                limit.unit(),
                limit.option()
            ),
        }
    }
}

impl std::error::Error for ParseError {}

/// A position in a frame.
///
/// Methods called `try_` return a value for "not there" and leave the cursor where it was; the
/// others return an error and leave it anywhere.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cursor<'a> {
    frame: Frame<'a>,
    at: usize,
}

impl<'a> Cursor<'a> {
    /// At the start of a frame.
    pub(crate) fn new(frame: Frame<'a>) -> Cursor<'a> {
        Cursor { frame, at: 0 }
    }

    /// At an octet of a frame.
    pub(crate) fn at(frame: Frame<'a>, at: usize) -> Cursor<'a> {
        Cursor { frame, at }
    }

    /// At the first octet of a part of a frame, as if nothing followed it.
    pub(crate) fn within(frame: Frame<'a>, start: usize, end: usize) -> Cursor<'a> {
        let bytes = frame.bytes.get(..end).unwrap_or(frame.bytes);
        Cursor {
            frame: Frame { bytes, ..frame },
            at: start,
        }
    }

    pub(crate) fn frame(&self) -> Frame<'a> {
        self.frame
    }

    pub(crate) fn position(&self) -> usize {
        self.at
    }

    pub(crate) fn seek(&mut self, at: usize) {
        self.at = at;
    }

    /// The octets that have not been read, with the line end.
    pub(crate) fn rest(&self) -> &'a [u8] {
        self.frame.bytes.get(self.at..).unwrap_or_default()
    }

    pub(crate) fn peek(&self) -> Option<u8> {
        self.frame.bytes.get(self.at).copied()
    }

    pub(crate) fn error(&self, expected: &'static str) -> ParseError {
        ParseError {
            at: self.at,
            expected,
            limit: None,
        }
    }

    /// The error for more than a limit allows.
    pub(crate) fn beyond(&self, limit: Limit) -> ParseError {
        ParseError {
            limit: Some(limit),
            ..self.error("less")
        }
    }

    fn fail<T>(&self, expected: &'static str) -> Result<T, ParseError> {
        Err(self.error(expected))
    }

    // --- single octets ---

    /// Whether this octet is next; reads it if so.
    pub(crate) fn try_byte(&mut self, byte: u8) -> bool {
        let there = self.peek() == Some(byte);
        self.at += usize::from(there);
        there
    }

    pub(crate) fn byte(&mut self, byte: u8, expected: &'static str) -> Result<(), ParseError> {
        if self.try_byte(byte) {
            Ok(())
        } else {
            self.fail(expected)
        }
    }

    /// Reads any number of spaces and tabs; returns whether there were some.
    pub(crate) fn try_sp(&mut self) -> bool {
        let start = self.at;
        while matches!(self.peek(), Some(b' ' | b'\t')) {
            self.at += 1;
        }
        self.at > start
    }

    /// `SP`; several are accepted as one.
    pub(crate) fn sp(&mut self) -> Result<(), ParseError> {
        if self.try_sp() {
            Ok(())
        } else {
            self.fail("a space")
        }
    }

    /// Skips spaces, tabs, and line ends inside a response.
    pub(crate) fn skip_blank(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\r' | b'\n')) {
            self.at += 1;
        }
    }

    /// Whether only spaces and the line end are left; reads them if so.
    pub(crate) fn try_end(&mut self) -> bool {
        let mut probe = *self;
        probe.skip_blank();
        let ended = probe.peek().is_none();
        if ended {
            *self = probe;
        }
        ended
    }

    pub(crate) fn end(&mut self) -> Result<(), ParseError> {
        if self.try_end() {
            Ok(())
        } else {
            self.fail("the end of the line")
        }
    }

    // --- words and numbers ---

    /// Reads while `is` holds; may be empty.
    #[inline]
    pub(crate) fn run(&mut self, is: impl Fn(u8) -> bool) -> &'a [u8] {
        let rest = self.rest();
        let len = rest
            .iter()
            .position(|byte| !is(*byte))
            .unwrap_or(rest.len());
        self.at += len;
        rest.get(..len).unwrap_or_default()
    }

    /// `atom`, with the 8-bit octets and brackets that servers do not quote.
    pub(crate) fn atom(&mut self) -> Result<&'a [u8], ParseError> {
        match self.run(is_atom) {
            [] => self.fail("an atom"),
            atom => Ok(atom),
        }
    }

    /// Whether this keyword stands here as a whole, in any case; reads it if so.
    pub(crate) fn try_word(&mut self, word: &[u8]) -> bool {
        let rest = self.rest();
        let there = rest
            .get(..word.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(word))
            && !rest.get(word.len()).is_some_and(|byte| is_atom(*byte));
        if there {
            self.at += word.len();
        }
        there
    }

    /// `nil`.
    pub(crate) fn try_nil(&mut self) -> bool {
        let there = match self.rest() {
            [b'N' | b'n', b'I' | b'i', b'L' | b'l', rest @ ..] => {
                !rest.first().is_some_and(|byte| is_atom(*byte))
            }
            _ => false,
        };
        if there {
            self.at += 3;
        }
        there
    }

    /// `number64`: digits up to the end of a word.
    pub(crate) fn number64(&mut self) -> Result<u64, ParseError> {
        let (mut value, mut digits) = digits::leading(self.rest());
        if digits > digits::MOST {
            (value, digits) = match self.long_number() {
                Some(number) => number,
                None => return self.fail("a smaller number"),
            };
        }
        self.at += digits;
        let cut = self
            .peek()
            .is_some_and(|byte| byte == b'+' || is_word(byte));
        if digits == 0 || cut {
            return self.fail("a number");
        }
        Ok(value)
    }

    /// A number with leading zeros, or too large: its value, if that fits, and its digits.
    #[cold]
    fn long_number(&self) -> Option<(u64, usize)> {
        let digits = self.rest().iter().take_while(|byte| byte.is_ascii_digit());
        digits
            .enumerate()
            .try_fold((0u64, 0), |(value, _), (at, byte)| {
                let value = value.checked_mul(10)?.checked_add(u64::from(byte - b'0'))?;
                Some((value, at + 1))
            })
    }

    /// `number`.
    pub(crate) fn number(&mut self) -> Result<u32, ParseError> {
        let start = self.at;
        let value = self.number64()?;
        u32::try_from(value).map_err(|_| {
            self.at = start;
            self.error("a 32-bit number")
        })
    }

    // --- strings ---

    /// `quoted`. A quote that no delimiter follows is content, because servers forget to escape
    /// them.
    pub(crate) fn quoted(&mut self) -> Result<Cow<'a, [u8]>, ParseError> {
        match self.try_plain_quoted() {
            Some(content) => Ok(Cow::Borrowed(content)),
            None => self.odd_quoted(),
        }
    }

    /// The content of a quoted string without escapes, if one is next and not too long.
    #[inline]
    pub(crate) fn try_plain_quoted(&mut self) -> Option<&'a [u8]> {
        let [b'"', content @ ..] = self.rest() else {
            return None;
        };
        let len = content.len() - plain_end(content)?.len();
        self.at += len + 2;
        content.get(..len)
    }

    fn odd_quoted(&mut self) -> Result<Cow<'a, [u8]>, ParseError> {
        let open = self.at;
        self.byte(b'"', "a quoted string")?;
        let start = self.at;
        let Some(end) = simple_end(self.frame.bytes, open) else {
            return self.fail("a closing quote");
        };
        self.at = end;
        let string = self.frame.bytes.get(start..end).unwrap_or_default();
        Ok(match string.strip_suffix(b"\"") {
            Some(content) if memchr(b'\\', content).is_some() => Cow::Owned(unescape(content)),
            Some(content) => Cow::Borrowed(content),
            None => Cow::Borrowed(string),
        })
    }

    /// `literal` or `literal8`, inside the frame or outside.
    pub(crate) fn literal(&mut self) -> Result<&'a [u8], ParseError> {
        let Some((data_at, len)) = literal_header(self.frame.bytes, self.at) else {
            return self.fail("a literal");
        };
        if let Some(literal) = self.frame.literal_at(data_at) {
            self.at = data_at;
            return Ok(&literal.data);
        }
        let data = data_at
            .checked_add(len)
            .and_then(|end| self.frame.bytes.get(data_at..end));
        let Some(data) = data else {
            return self.fail("the octets of a literal");
        };
        self.at = data_at + len;
        Ok(data)
    }

    /// `nstring`, also if the quotes are missing.
    #[inline]
    pub(crate) fn nstring(&mut self) -> Result<Option<Cow<'a, [u8]>>, ParseError> {
        match self.rest() {
            [b'N', b'I', b'L', b' ' | b')', ..] => {
                self.at += 3;
                Ok(None)
            }
            _ => match self.plain_quoted() {
                Some(content) => Ok(Some(Cow::Borrowed(content))),
                None => self.odd_nstring(),
            },
        }
    }

    /// [`try_plain_quoted`](Self::try_plain_quoted), as a function of its own.
    #[inline(never)]
    fn plain_quoted(&mut self) -> Option<&'a [u8]> {
        self.try_plain_quoted()
    }

    fn odd_nstring(&mut self) -> Result<Option<Cow<'a, [u8]>>, ParseError> {
        match self.try_nil() {
            true => Ok(None),
            false => self.astring().map(Some),
        }
    }

    /// `astring`. `NIL` is the string "NIL" here.
    pub(crate) fn astring(&mut self) -> Result<Cow<'a, [u8]>, ParseError> {
        match self.peek() {
            Some(b'"') => self.quoted(),
            Some(b'{') => self.literal().map(Cow::Borrowed),
            Some(b'~') if self.rest().get(1) == Some(&b'{') => self.literal().map(Cow::Borrowed),
            _ => self.token().map(Cow::Borrowed),
        }
    }

    /// The name of a mailbox that was sent as these octets.
    pub(crate) fn mailbox_name(&self, octets: &[u8]) -> MailboxName {
        match self.frame.utf8 {
            true => MailboxName::from_utf8(octets),
            false => utf7::mailbox_name(octets),
        }
    }

    /// The octets up to a blank, a parenthesis or the end of the line.
    pub(crate) fn token(&mut self) -> Result<&'a [u8], ParseError> {
        match self.run(is_token) {
            [] => self.fail("a string or an atom"),
            token => Ok(token),
        }
    }

    /// The rest of the line without its end.
    pub(crate) fn text(&mut self) -> &'a [u8] {
        let mut text = self.rest();
        self.at = self.frame.bytes.len();
        while let Some((b'\r' | b'\n', rest)) = text.split_last() {
            text = rest;
        }
        text
    }

    // --- values as a whole ---

    /// Reads one value of any kind, and returns how deep its parentheses are nested.
    #[inline]
    pub(crate) fn skip_value(&mut self) -> Result<usize, ParseError> {
        // Most values are simple: for them, a function call is avoided.
        if let Some(end) = simple_end(self.frame.bytes, self.at) {
            self.at = end;
            return Ok(0);
        }
        self.skip_list()
    }

    /// [`skip_value`](Self::skip_value) for lists and literals.
    fn skip_list(&mut self) -> Result<usize, ParseError> {
        let bytes = self.frame.bytes;
        let mut rest = self.rest();
        if rest.first() != Some(&b'(') {
            self.at = self.literal_end(self.at)?;
            return Ok(0);
        }
        let (mut depth, mut deepest) = (0usize, 0usize);
        loop {
            rest = match rest {
                [b'"', content @ ..] => match plain_end(content) {
                    // The usual separator of values.
                    Some([_, b' ', behind @ ..] | [_, behind @ ..]) => behind,
                    _ => self.skip_odd(bytes.len() - rest.len())?,
                },
                [b')', behind @ ..] if depth == 1 => {
                    self.at = bytes.len() - behind.len();
                    return Ok(deepest);
                }
                [b')', behind @ ..] => {
                    depth -= 1;
                    behind
                }
                [b'(', behind @ ..] => {
                    depth += 1;
                    deepest = deepest.max(depth);
                    behind
                }
                [b' ' | b'\t' | b'\r' | b'\n', behind @ ..] => behind,
                [b'N', b'I', b'L', b' ', behind @ ..] => behind,
                [b'{' | b'~', ..] | [] => self.skip_odd(bytes.len() - rest.len())?,
                [_, token @ ..] => token.get(token_len(token)..).unwrap_or_default(),
            };
        }
    }

    /// Skips a list of quoted strings, numbers, `NIL` and such lists, all written to the letter, and
    /// returns how deep it is nested.
    ///
    /// Every reader finds the same values in such a list; in others, one may take for a string what
    /// another takes for `NIL` and a string.
    pub(crate) fn try_plain_list(&mut self) -> Option<usize> {
        let bytes = self.frame.bytes;
        let mut rest = self.rest().strip_prefix(b"(")?;
        let (mut depth, mut deepest) = (1usize, 1usize);
        while depth > 0 {
            rest = match rest {
                [b'"', content @ ..] => match plain_end(content)? {
                    [_, b' ', behind @ ..] | [_, behind @ ..] => behind,
                    [] => return None,
                },
                [b'N', b'I', b'L', b' ', behind @ ..] => behind,
                [b'N', b'I', b'L', b')', ..] => rest.get(3..)?,
                [b'(', behind @ ..] => {
                    depth += 1;
                    deepest = deepest.max(depth);
                    behind
                }
                [b')', behind @ ..] => {
                    depth -= 1;
                    behind
                }
                [b' ', behind @ ..] => behind,
                [b'0'..=b'9', ..] => {
                    let len = rest.iter().position(|byte| !byte.is_ascii_digit())?;
                    let behind = rest.get(len..)?;
                    Some(behind).filter(|it| matches!(it, [b' ' | b')', ..]))?
                }
                _ => return None,
            };
        }
        self.at = bytes.len() - rest.len();
        Some(deepest)
    }

    /// The octets after the value at this octet, which is no list.
    fn skip_odd(&mut self, at: usize) -> Result<&'a [u8], ParseError> {
        let end = match simple_end(self.frame.bytes, at) {
            Some(end) => end,
            None => self.literal_end(at)?,
        };
        Ok(self.frame.bytes.get(end..).unwrap_or_default())
    }

    /// The position after the literal at this octet, or after octets that only look like one.
    fn literal_end(&mut self, at: usize) -> Result<usize, ParseError> {
        self.at = at;
        match self.peek() {
            Some(b'{' | b'~') if literal_header(self.frame.bytes, at).is_some() => {
                self.literal()?;
                Ok(self.at)
            }
            Some(b'{' | b'~') => {
                Ok(at + 1 + token_len(self.frame.bytes.get(at + 1..).unwrap_or_default()))
            }
            Some(b'"') => self.fail("a closing quote"),
            _ => self.fail("a value"),
        }
    }

    /// Reads the rest of a list with its closing parenthesis, and returns how deep its values are
    /// nested.
    #[inline]
    pub(crate) fn skip_to_close(&mut self) -> Result<usize, ParseError> {
        match self.try_byte(b')') {
            true => Ok(0),
            false => self.skip_rest(),
        }
    }

    fn skip_rest(&mut self) -> Result<usize, ParseError> {
        let mut deepest = 0;
        loop {
            self.skip_blank();
            if self.try_byte(b')') {
                return Ok(deepest);
            }
            deepest = deepest.max(self.skip_value()?);
        }
    }
}

/// The position after the string or word at this octet; `None` for all other values.
#[inline]
fn simple_end(bytes: &[u8], at: usize) -> Option<usize> {
    match bytes.get(at..)? {
        [b'"', content @ ..] => match plain_end(content) {
            Some(end) => Some(bytes.len() - end.len() + 1),
            None => odd_quoted_end(bytes, at + 1),
        },
        [b'{' | b'~', ..] => None,
        [byte, rest @ ..] => is_token(*byte).then(|| at + 1 + token_len(rest)),
        [] => None,
    }
}

/// The number of octets up to the end of a token that continues here.
#[inline]
fn token_len(bytes: &[u8]) -> usize {
    // What ends a token is lower than the star, and hardly anything else is that stands in one.
    let word = bytes.first_chunk();
    let mut at = word.map_or(0, |word| {
        words::before_lower(b'*', *word).unwrap_or(word.len())
    });
    while bytes.get(at).is_some_and(|byte| is_token(*byte)) {
        at += 1;
    }
    at
}

/// The start and the number of a literal's octets.
#[inline]
fn literal_header(bytes: &[u8], at: usize) -> Option<(usize, usize)> {
    let Some(header) = bytes.get(at..)?.strip_prefix(b"{") else {
        return odd_literal_header(bytes, at);
    };
    let (len, digits) = digits::leading(header);
    match header.get(digits..)? {
        [b'}', b'\r', b'\n', ..] if (1..=digits::MOST).contains(&digits) => {
            Some((at + 1 + digits + 3, usize::try_from(len).ok()?))
        }
        _ => odd_literal_header(bytes, at),
    }
}

/// [`literal_header`] of a literal8, a non-synchronizing literal, and what is odd.
#[inline(never)]
fn odd_literal_header(bytes: &[u8], at: usize) -> Option<(usize, usize)> {
    let mut at = at + usize::from(bytes.get(at) == Some(&b'~'));
    if bytes.get(at) != Some(&b'{') {
        return None;
    }
    at += 1;
    let (digits_at, mut len) = (at, 0usize);
    while let Some(digit @ b'0'..=b'9') = bytes.get(at) {
        len = len
            .checked_mul(10)?
            .checked_add(usize::from(digit - b'0'))?;
        at += 1;
    }
    if at == digits_at {
        return None;
    }
    at += usize::from(bytes.get(at) == Some(&b'+'));
    if bytes.get(at) != Some(&b'}') {
        return None;
    }
    at += 1;
    while bytes.get(at) == Some(&b'\r') {
        at += 1;
    }
    (bytes.get(at) == Some(&b'\n')).then_some((at + 1, len))
}

#[cfg(test)]
mod tests;
