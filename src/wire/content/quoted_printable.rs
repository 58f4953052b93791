//! Quoted-printable as mailers write it, decoded while it is read (RFC 2045 section 6.7).

use memchr::memchr2;

use crate::limits::TRAILING_BLANKS;

/// Decodes quoted-printable, and keeps octets whose meaning depends on the next ones.
///
/// They are an incomplete escape, or blanks that may be at the end of a line.
#[derive(Default)]
pub(super) struct QuotedPrintable {
    raw: Vec<u8>,
}

impl QuotedPrintable {
    /// Decodes the next octets; no octets mean the end.
    pub(super) fn decode(&mut self, raw: &[u8], to: &mut Vec<u8>) {
        let is_over = raw.is_empty();
        let mut gathered = std::mem::take(&mut self.raw);
        gathered.extend_from_slice(raw);
        let mut rest = gathered.as_slice();
        while let Some(at) = memchr2(b'=', b'\n', rest) {
            let (before, from) = rest.split_at_checked(at).unwrap_or((rest, &[]));
            if from.first() == Some(&b'\n') {
                let (text, line_end) = without_blanks(before);
                to.extend_from_slice(text);
                to.extend_from_slice(line_end);
                to.push(b'\n');
                rest = from.get(1..).unwrap_or_default();
                continue;
            }
            to.extend_from_slice(before);
            rest = match escape(from, is_over) {
                Escape::Octet(octet, after) => {
                    to.push(octet);
                    after
                }
                Escape::Nothing(after) => after,
                Escape::Itself => {
                    to.push(b'=');
                    from.get(1..).unwrap_or_default()
                }
                Escape::Unknown => {
                    self.raw.extend_from_slice(from);
                    return;
                }
            };
        }
        if is_over {
            let (text, line_end) = without_blanks(rest);
            to.extend_from_slice(text);
            return to.extend_from_slice(line_end);
        }
        let text = rest.trim_ascii_end();
        let is_held = rest.len() - text.len() <= TRAILING_BLANKS;
        let sure = if is_held { text } else { rest };
        to.extend_from_slice(sure);
        let held = rest.get(sure.len()..).unwrap_or_default();
        self.raw.extend_from_slice(held);
    }
}

/// A line without the blanks at its end, and the carriage return after them.
fn without_blanks(line: &[u8]) -> (&[u8], &[u8]) {
    let text = line.strip_suffix(b"\r").unwrap_or(line);
    let line_end = line.get(text.len()..).unwrap_or_default();
    let mut text = text;
    while let [before @ .., b' ' | b'\t'] = text {
        text = before;
    }
    (text, line_end)
}

enum Escape<'a> {
    Octet(u8, &'a [u8]),
    /// A line end that is not part of the text.
    Nothing(&'a [u8]),
    /// No escape.
    Itself,
    Unknown,
}

/// The escape that a `=` begins.
fn escape(from: &[u8], is_over: bool) -> Escape<'_> {
    let after = from.get(1..).unwrap_or_default();
    if let [high, low, after @ ..] = after {
        if let Some((high, low)) = hex(*high).zip(hex(*low)) {
            return Escape::Octet(high << 4 | low, after);
        }
    }
    let blanks = after
        .iter()
        .take_while(|octet| matches!(octet, b' ' | b'\t'))
        .count();
    match after.get(blanks..).unwrap_or_default() {
        [b'\n', after @ ..] | [b'\r', b'\n', after @ ..] => Escape::Nothing(after),
        [] if is_over => Escape::Nothing(&[]),
        [] | [b'\r'] if blanks > TRAILING_BLANKS || is_over => Escape::Itself,
        [] | [b'\r'] => Escape::Unknown,
        [digit] if blanks == 0 && !is_over && hex(*digit).is_some() => Escape::Unknown,
        _ => Escape::Itself,
    }
}

fn hex(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'A'..=b'F' => Some(digit - b'A' + 10),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    }
}
