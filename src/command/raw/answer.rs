//! The answer to a raw command: its responses as they came, and a tolerant reader of them.

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;

use crate::types::response_code::ResponseCode;
use crate::wire::cursor::Cursor;
use crate::wire::frame::{Frame, OutOfLine};
use crate::wire::octet::is_token;

/// The answer to a [`RawCommand`](crate::command::RawCommand) that the server completed with OK.
#[derive(Clone)]
pub struct RawAnswer {
    code: Option<ResponseCode>,
    text: String,
    said: Gathering,
}

/// The responses so far, in one buffer: many short ones cost little more than their octets.
#[derive(Clone, Default)]
pub(super) struct Gathering {
    octets: Vec<u8>,
    literals: Vec<OutOfLine>,
    /// The end of each response, in the octets and among the literals.
    ends: Vec<(usize, usize)>,
}

/// One untagged response, as it came.
#[derive(Clone, Copy)]
pub struct RawResponse<'a> {
    frame: Frame<'a>,
}

/// A piece of a response.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RawToken<'a> {
    /// An opening parenthesis.
    Open,
    /// A closing parenthesis.
    Close,
    /// `NIL`.
    Nil,
    /// A word without quotes, such as an atom, a number or a flag.
    Word(&'a [u8]),
    /// The octets of a quoted string or a literal.
    Text(Cow<'a, [u8]>),
}

/// The pieces of a response; made by [`RawResponse::tokens`].
#[derive(Clone)]
pub struct RawTokens<'a> {
    cursor: Cursor<'a>,
}

impl RawAnswer {
    /// The response code of the OK; `None` if it has none.
    #[must_use]
    pub fn response_code(&self) -> Option<&ResponseCode> {
        self.code.as_ref()
    }

    /// The text of the OK; not escaped.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The untagged responses up to the tagged one, in order.
    ///
    /// Responses that do not concern the command are among them.
    pub fn responses(&self) -> impl Iterator<Item = RawResponse<'_>> {
        let Gathering { ends, .. } = &self.said;
        let starts = [(0, 0)].into_iter().chain(ends.iter().copied());
        starts
            .zip(ends)
            .map(|((octet, literal), end)| self.said.response(octet..end.0, literal..end.1))
    }
}

impl Gathering {
    pub(super) fn add(&mut self, bytes: &[u8], literals: &mut Vec<OutOfLine>) {
        self.octets.extend_from_slice(bytes);
        self.literals.append(literals);
        self.ends.push((self.octets.len(), self.literals.len()));
    }

    pub(super) fn finish(self, code: Option<ResponseCode>, text: String) -> RawAnswer {
        RawAnswer {
            code,
            text,
            said: self,
        }
    }

    fn response(&self, octets: Range<usize>, literals: Range<usize>) -> RawResponse<'_> {
        RawResponse {
            frame: Frame {
                bytes: self.octets.get(octets).unwrap_or_default(),
                literals: self.literals.get(literals).unwrap_or_default(),
                utf8: false,
                text: "",
            },
        }
    }
}

impl<'a> RawResponse<'a> {
    /// The name of the response, such as `LIST`; empty if it has none.
    ///
    /// For `* 3 EXISTS` it is `EXISTS`. It is as the server sent it, with U+FFFD for invalid UTF-8.
    #[must_use]
    pub fn name(&self) -> Cow<'a, str> {
        let (_, mut cursor) = self.begin();
        String::from_utf8_lossy(cursor.run(is_token))
    }

    /// The number before the name, as in `* 3 EXISTS`; `None` if there is none.
    #[must_use]
    pub fn number(&self) -> Option<u32> {
        self.begin().0
    }

    /// The response with its literals, without the `* ` before it and the line end after it.
    #[must_use]
    pub fn bytes(&self) -> Cow<'a, [u8]> {
        let start = self.start().position();
        let mut end = self.frame.bytes;
        while let Some((b'\r' | b'\n', rest)) = end.split_last() {
            end = rest;
        }
        let line = |from: usize, to: usize| self.frame.bytes.get(from..to).unwrap_or_default();
        if self.frame.literals.is_empty() {
            return Cow::Borrowed(line(start, end.len()));
        }
        let (mut whole, mut from) = (Vec::new(), start);
        for literal in self.frame.literals {
            whole.extend_from_slice(line(from, literal.at));
            whole.extend_from_slice(&literal.data);
            from = literal.at;
        }
        whole.extend_from_slice(line(from, end.len().max(from)));
        Cow::Owned(whole)
    }

    /// The tokens after the name.
    ///
    /// None is rejected: an invalid string is a word.
    #[must_use]
    pub fn tokens(&self) -> RawTokens<'a> {
        let (_, mut cursor) = self.begin();
        cursor.run(is_token);
        RawTokens { cursor }
    }

    fn start(&self) -> Cursor<'a> {
        let mut cursor = Cursor::new(self.frame);
        cursor.try_byte(b'*');
        cursor.try_sp();
        cursor
    }

    /// The number, and the place of the name.
    fn begin(&self) -> (Option<u32>, Cursor<'a>) {
        let mut cursor = self.start();
        let start = cursor;
        match cursor.number() {
            Ok(number) if cursor.try_sp() => (Some(number), cursor),
            _ => (None, start),
        }
    }
}

impl<'a> Iterator for RawTokens<'a> {
    type Item = RawToken<'a>;

    fn next(&mut self) -> Option<RawToken<'a>> {
        let cursor = &mut self.cursor;
        cursor.skip_blank();
        let start = *cursor;
        let token = match cursor.peek()? {
            b'(' => {
                cursor.try_byte(b'(');
                return Some(RawToken::Open);
            }
            b')' => {
                cursor.try_byte(b')');
                return Some(RawToken::Close);
            }
            b'"' => cursor.quoted().ok(),
            b'{' | b'~' => cursor.literal().ok().map(Cow::Borrowed),
            _ if cursor.try_nil() && !cursor.peek().is_some_and(is_token) => {
                return Some(RawToken::Nil);
            }
            _ => None,
        };
        if let Some(text) = token {
            return Some(RawToken::Text(text));
        }
        *cursor = start;
        Some(RawToken::Word(cursor.run(is_token)))
    }
}

impl fmt::Debug for RawAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RawAnswer")
            .field("code", &self.code)
            .field("text", &self.text)
            .field("responses", &self.said.ends.len())
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for RawResponse<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = self.bytes();
        f.debug_tuple("RawResponse")
            .field(&String::from_utf8_lossy(&bytes))
            .finish()
    }
}

impl fmt::Debug for RawTokens<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.clone()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens(line: &[u8]) -> Vec<RawToken<'_>> {
        let frame = Frame::inline(line);
        RawResponse { frame }.tokens().collect()
    }

    #[test]
    fn every_kind_of_piece() {
        let line = b"* 7 XFOO (\\Seen NIL NILs \"a \\\" b\" {3}\r\na)b 12) ~{1}\r\n\0 \"open\r\n";
        let text = |text: &'static [u8]| RawToken::Text(Cow::Borrowed(text));
        assert_eq!(
            tokens(line),
            [
                RawToken::Open,
                RawToken::Word(b"\\Seen"),
                RawToken::Nil,
                RawToken::Word(b"NILs"),
                text(b"a \" b"),
                text(b"a)b"),
                RawToken::Word(b"12"),
                RawToken::Close,
                text(b"\0"),
                RawToken::Word(b"\"open"),
            ]
        );
        let frame = Frame::inline(line);
        let response = RawResponse { frame };
        assert_eq!((response.number(), &*response.name()), (Some(7), "XFOO"));
        assert!(response.bytes().starts_with(b"7 XFOO (") && response.bytes().ends_with(b"\"open"));
    }

    #[test]
    fn literals_that_lie_elsewhere_are_put_back() {
        let mut gathering = Gathering::default();
        gathering.add(b"* 2 EXISTS\r\n", &mut Vec::new());
        let at = b"* X {4}\r\n".len();
        let data = b"long".to_vec();
        gathering.add(b"* X {4}\r\n end\r\n", &mut vec![OutOfLine { at, data }]);
        let answer = gathering.finish(None, String::new());
        let all: Vec<_> = answer.responses().collect();
        assert_eq!(&*all[0].bytes(), b"2 EXISTS");
        assert_eq!(&*all[1].bytes(), b"X {4}\r\nlong end");
        let text = RawToken::Text(Cow::Borrowed(&b"long"[..]));
        let tokens: Vec<_> = all[1].tokens().collect();
        assert_eq!(tokens, [text, RawToken::Word(b"end")]);
    }

    #[test]
    fn no_cut_makes_it_panic_or_go_on_for_ever() {
        let line = b"* 7 XFOO (\\Seen NIL \"a \\\" b\" {3}\r\na)b 12) ~{1}\r\n\0\r\n";
        for end in 0..line.len() {
            let frame = Frame::inline(&line[..end]);
            let response = RawResponse { frame };
            let _ = (response.name(), response.number(), response.bytes());
            assert!(response.tokens().count() <= end);
        }
    }
}
