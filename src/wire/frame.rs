//! Framing: finds the end of a response with its literals, without reading an octet twice.

use std::fmt;

use memchr::{memchr, memrchr};

use crate::limits::{Limit, LimitExceeded, Limits};

/// One complete response in memory.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Frame<'a> {
    /// The response with its last line end; of large literals, it has only the headers.
    pub(crate) bytes: &'a [u8],
    /// The large literals, in order of arrival.
    pub(crate) literals: &'a [OutOfLine],
    /// Whether mailbox names in it are UTF-8 and not modified UTF-7.
    pub(crate) utf8: bool,
    /// Octets of it that are known to be UTF-8; empty if none are.
    pub(crate) text: &'a str,
}

impl<'a> Frame<'a> {
    /// A frame without large literals.
    pub(crate) fn inline(bytes: &'a [u8]) -> Frame<'a> {
        Frame {
            bytes,
            literals: &[],
            utf8: false,
            text: "",
        }
    }

    /// The large literal whose header ends at this octet.
    pub(crate) fn literal_at(&self, at: usize) -> Option<&'a OutOfLine> {
        let index = self
            .literals
            .binary_search_by_key(&at, |literal| literal.at)
            .ok()?;
        self.literals.get(index)
    }
}

/// A literal that was read into a separate buffer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct OutOfLine {
    /// The octet of the frame that follows the literal's header.
    pub(crate) at: usize,
    pub(crate) data: Vec<u8>,
}

/// The next step of the caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// Read more, then scan again from the start of the same response.
    More,
    /// The response ends after this many octets.
    Complete(usize),
    /// The header of a large literal ends after `at` octets.
    ///
    /// Read `len` octets into a separate buffer, remove them from the row, and continue after
    /// [`Framer::literal_taken`].
    Literal { at: usize, len: usize },
    /// The header of a section's literal ends after `at` octets, and `len` octets follow.
    ///
    /// They are returned as they arrive, not buffered: no limit holds for them. Remove them from
    /// the row, and continue after [`Framer::literal_taken`].
    Section { at: usize, len: u64 },
}

/// The reason why no further response can be found: the connection is unusable and must be closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FrameError {
    Limit(LimitExceeded),
    BadLiteral,
}

impl fmt::Display for FrameError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            FrameError::Limit(exceeded) => exceeded.fmt(f),
            FrameError::BadLiteral => f.write_str("the length of a literal is not a number"),
        }
    }
}

impl std::error::Error for FrameError {}

/// Finds the ends of responses, and remembers how far it has searched.
#[derive(Clone, Debug)]
pub(crate) struct Framer {
    /// Literals longer than this are reported instead of being part of the row.
    pub(crate) inline_literal: usize,
    /// Whether literals of message sections are reported as such, whatever their length.
    pub(crate) reports_sections: bool,
    kind: Kind,
    /// No line ends before this octet. Lies beyond the bytes while a literal is incomplete.
    looked: usize,
    /// The start of the current line: the start of the response, or after a literal.
    line: usize,
    /// The report of a literal until it is taken.
    pending: Option<Step>,
    /// Octets of the literals that were taken.
    taken: usize,
}

impl Default for Framer {
    fn default() -> Self {
        Framer::new(Self::INLINE_LITERAL)
    }
}

impl Framer {
    /// Literals up to this length stay in the row.
    pub(crate) const INLINE_LITERAL: usize = 16 << 10;

    /// A framer at the start of a response.
    pub(crate) fn new(inline_literal: usize) -> Framer {
        Framer {
            inline_literal,
            reports_sections: false,
            kind: Kind::Unknown,
            looked: 0,
            line: 0,
            pending: None,
            taken: 0,
        }
    }

    /// Searches for the end of the response that begins at `bytes[0]`.
    ///
    /// `bytes` are all octets of it that have arrived. After [`Step::Complete`] the framer is ready
    /// for the next response.
    pub(crate) fn scan(&mut self, bytes: &[u8], limits: &Limits) -> Result<Step, FrameError> {
        if let Some(step) = self.pending {
            return Ok(step);
        }
        loop {
            let Some(unseen) = bytes.get(self.looked..) else {
                return Ok(Step::More);
            };
            let Some(offset) = memchr(b'\n', unseen) else {
                self.looked = bytes.len();
                self.check_lengths(bytes.len(), limits)?;
                return Ok(Step::More);
            };
            let end = self.looked + offset + 1;
            self.check_lengths(end, limits)?;
            let is_first = self.looked == 0 && self.kind == Kind::Unknown;
            if is_first && is_one_line(bytes.get(..end).unwrap_or_default()) {
                return Ok(Step::Complete(end));
            }
            match self.line_end(bytes, end, limits)? {
                LineEnd::Response => {
                    *self = Framer {
                        reports_sections: self.reports_sections,
                        ..Framer::new(self.inline_literal)
                    };
                    return Ok(Step::Complete(end));
                }
                LineEnd::Unknown => {
                    self.looked = end - 1;
                    return Ok(Step::More);
                }
                LineEnd::Continued => self.looked = end,
                LineEnd::Literal(len) if len > self.inline_literal => {
                    return Ok(self.report(end, Step::Literal { at: end, len }));
                }
                LineEnd::Section(len) => {
                    return Ok(self.report(end, Step::Section { at: end, len }));
                }
                LineEnd::Literal(len) => (self.looked, self.line) = (end + len, end + len),
            }
        }
    }

    /// Records that the reported literal has been read and is not in the row.
    pub(crate) fn literal_taken(&mut self) {
        if let Some(Step::Literal { len, .. }) = self.pending.take() {
            self.taken = self.taken.saturating_add(len);
        }
    }

    fn report(&mut self, end: usize, step: Step) -> Step {
        (self.looked, self.line, self.pending) = (end, end, Some(step));
        step
    }

    /// Records that `octets` octets of the searched line were removed.
    pub(crate) fn forget(&mut self, octets: usize) {
        self.looked = self.looked.saturating_sub(octets);
    }

    fn check_lengths(&self, end: usize, limits: &Limits) -> Result<(), FrameError> {
        if end.saturating_sub(self.line) > limits.line {
            return Err(FrameError::Limit(limits.exceeded(Limit::Line)));
        }
        if end.saturating_add(self.taken) > limits.response {
            return Err(FrameError::Limit(limits.exceeded(Limit::Response)));
        }
        Ok(())
    }

    fn line_end(
        &mut self,
        bytes: &[u8],
        end: usize,
        limits: &Limits,
    ) -> Result<LineEnd, FrameError> {
        let line = bytes.get(self.line..end).unwrap_or_default();
        let line = trim_end(line, |byte| matches!(byte, b'\r' | b'\n'));
        if line.last() == Some(&b')') {
            return Ok(LineEnd::Response);
        }
        if self.kind == Kind::Unknown {
            self.kind = Kind::of(bytes.get(..end).unwrap_or_default());
        }
        if self.kind == Kind::Text {
            return Ok(LineEnd::Response);
        }
        if let Some(len) = literal_header(line)? {
            if self.reports_sections && self.kind == Kind::Fetch && follows_section(line) {
                return Ok(LineEnd::Section(len));
            }
            return self.literal(len, end, limits);
        }
        if self.kind == Kind::Fetch && trim_end(line, |byte| byte == b' ').last() != Some(&b')') {
            return Ok(after_open_row(bytes.get(end..).unwrap_or_default()));
        }
        Ok(LineEnd::Response)
    }

    fn literal(&self, len: u64, end: usize, limits: &Limits) -> Result<LineEnd, FrameError> {
        let fits = usize::try_from(len)
            .ok()
            .filter(|len| *len <= limits.literal);
        let Some(fits) = fits else {
            return Err(FrameError::Limit(limits.exceeded(Limit::Literal)));
        };
        if end.saturating_add(self.taken).saturating_add(fits) > limits.response {
            return Err(FrameError::Limit(limits.exceeded(Limit::Response)));
        }
        Ok(LineEnd::Literal(fits))
    }
}

/// Whether a response with this first line ends with it, as far as its ends tell: it is no data; or no
/// literal follows, and it is no row that is incomplete.
fn is_one_line(line: &[u8]) -> bool {
    let last = line.strip_suffix(b"\r\n").and_then(<[u8]>::last);
    match (line, last) {
        ([b'*', ..], Some(b')')) => true,
        ([b'*', b' ', b'A'..=b'Z' | b'a'..=b'z', ..], Some(last)) => !matches!(last, b'}' | b'\r'),
        ([b'*', ..], _) => false,
        _ => true,
    }
}

/// The meaning of a line end.
enum LineEnd {
    Response,
    Continued,
    Literal(usize),
    Section(u64),
    /// It depends on the next octets.
    Unknown,
}

/// The kind of response, which determines what may follow a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Unknown,
    /// Human-readable text: the line end is the end, whatever the text looks like.
    Text,
    /// Data, in which a line may end in a literal's header.
    Data,
    /// Data that must end in a closing parenthesis.
    Fetch,
}

impl Kind {
    fn of(line: &[u8]) -> Kind {
        let Some(rest) = line.strip_prefix(b"*") else {
            return Kind::Text;
        };
        let rest = skip_while(rest, |byte| byte == b' ');
        let after_number = skip_while(rest, |byte| byte.is_ascii_digit());
        if after_number.len() < rest.len() {
            let rest = skip_while(after_number, |byte| byte == b' ');
            return if starts_with_word(rest, b"FETCH") {
                Kind::Fetch
            } else {
                Kind::Data
            };
        }
        let statuses: [&[u8]; 6] = [b"OK", b"NO", b"BAD", b"BYE", b"PREAUTH", b""];
        let is_text = statuses.iter().any(|status| starts_with_word(rest, status));
        if is_text { Kind::Text } else { Kind::Data }
    }
}

/// Whether the line begins with the word, in any case, and the word ends there.
fn starts_with_word(line: &[u8], word: &[u8]) -> bool {
    line.get(..word.len())
        .is_some_and(|start| start.eq_ignore_ascii_case(word))
        && matches!(
            line.get(word.len()),
            None | Some(b' ' | b'\r' | b'\n' | b'[' | b'(')
        )
}

/// The length in a `{n}` or `{n+}` at the end of a line.
fn literal_header(line: &[u8]) -> Result<Option<u64>, FrameError> {
    let Some(line) = line.strip_suffix(b"}") else {
        return Ok(None);
    };
    let Some(open) = memrchr(b'{', line) else {
        return Ok(None);
    };
    let inside = line.get(open + 1..).unwrap_or_default();
    let digits = inside.strip_suffix(b"+").unwrap_or(inside);
    if let Some(len) = decimal(digits) {
        return Ok(Some(len));
    }
    match inside.first() {
        None | Some(b'0'..=b'9' | b'+' | b'-' | b' ') => Err(FrameError::BadLiteral),
        Some(_) => Ok(None),
    }
}

/// Whether the literal whose header ends the line is the value of a section.
///
/// Its item ends in `]`, or in `>` if only a part was requested.
fn follows_section(line: &[u8]) -> bool {
    let header = memrchr(b'{', line).unwrap_or(0);
    let name = line.get(..header).unwrap_or_default();
    let name = trim_end(name.strip_suffix(b"~").unwrap_or(name), |byte| byte == b' ');
    matches!(name.last(), Some(b']' | b'>'))
}

fn decimal(digits: &[u8]) -> Option<u64> {
    let mut value = if digits.is_empty() { None } else { Some(0u64) };
    for byte in digits {
        let digit = byte.is_ascii_digit().then(|| u64::from(byte - b'0'))?;
        value = value?.checked_mul(10)?.checked_add(digit);
    }
    value
}

/// The meaning of a line end in a FETCH row without its closing parenthesis.
///
/// Some servers leave line ends in quoted strings or announce too few octets. The row continues
/// unless the next line begins a response.
fn after_open_row(next: &[u8]) -> LineEnd {
    match next.first() {
        None => return LineEnd::Unknown,
        Some(b'*' | b'+') => {
            return match next.get(1) {
                None => LineEnd::Unknown,
                Some(b' ' | b'\r' | b'\n') => LineEnd::Response,
                Some(_) => LineEnd::Continued,
            };
        }
        Some(_) => {}
    }
    let after_tag = skip_while(next, |byte| byte.is_ascii_alphanumeric());
    let tag_len = next.len() - after_tag.len();
    if tag_len == 0 || tag_len > MAX_TAG {
        return LineEnd::Continued;
    }
    match after_tag.first() {
        None => LineEnd::Unknown,
        Some(b' ') => after_tag_of(after_tag.get(1..).unwrap_or_default()),
        Some(_) => LineEnd::Continued,
    }
}

/// Tags of this crate are far shorter.
const MAX_TAG: usize = 32;

fn after_tag_of(rest: &[u8]) -> LineEnd {
    let after_word = skip_while(rest, |byte| byte.is_ascii_alphabetic());
    let word = rest
        .get(..rest.len() - after_word.len())
        .unwrap_or_default();
    let statuses: [&[u8]; 3] = [b"OK", b"NO", b"BAD"];
    if after_word.is_empty() && word.len() <= 3 {
        LineEnd::Unknown
    } else if statuses
        .iter()
        .any(|status| word.eq_ignore_ascii_case(status))
    {
        LineEnd::Response
    } else {
        LineEnd::Continued
    }
}

fn skip_while(bytes: &[u8], skip: impl Fn(u8) -> bool) -> &[u8] {
    let at = bytes
        .iter()
        .position(|byte| !skip(*byte))
        .unwrap_or(bytes.len());
    bytes.get(at..).unwrap_or_default()
}

fn trim_end(mut bytes: &[u8], trim: impl Fn(u8) -> bool) -> &[u8] {
    while let Some((last, rest)) = bytes.split_last() {
        if !trim(*last) {
            break;
        }
        bytes = rest;
    }
    bytes
}

#[cfg(test)]
mod tests;
