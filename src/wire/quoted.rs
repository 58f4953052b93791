//! Where quoted strings end, and what they hold, also if servers forgot to escape quotes.

use memchr::memchr;

use crate::wire::words;

/// The closing quote of a string without escapes and what is behind it, if that begins with a space
/// or a parenthesis: then the first quote closes the string for certain.
#[inline]
pub(super) fn plain_end(content: &[u8]) -> Option<&[u8]> {
    let mut rest = content;
    loop {
        let (word, behind) = rest.split_first_chunk()?;
        if let Some(before) = words::before_like(b'"', b'\\', *word) {
            return match rest.get(before..)? {
                end @ [b'"', b' ' | b')', ..] => Some(end),
                _ => None,
            };
        }
        rest = behind;
    }
}

/// Whether a quote followed by this octet closes a string: servers forget to escape the others.
pub(super) fn ends_quoted(next: Option<&u8>) -> bool {
    matches!(next, None | Some(b' ' | b')' | b']' | b'\r' | b'\n'))
}

#[inline(never)]
pub(super) fn odd_quoted_end(bytes: &[u8], start: usize) -> Option<usize> {
    let mut at = start;
    loop {
        let Some(hit) = memchr(b'"', bytes.get(at..)?) else {
            return unclosed_id(bytes, start);
        };
        let content = bytes.get(at..at + hit).unwrap_or_default();
        let backslashes = content.iter().rev().take_while(|byte| **byte == b'\\');
        at += hit + 1;
        if backslashes.count() % 2 == 0 && ends_quoted(bytes.get(at)) {
            return Some(at);
        }
    }
}

/// The end of a Message-ID whose closing quote is missing: its `>`.
///
/// It applies only if no quote follows at all, so that no octets are searched twice.
fn unclosed_id(bytes: &[u8], start: usize) -> Option<usize> {
    let content = bytes.get(start..)?;
    if content.first() != Some(&b'<') || memchr(b'"', content).is_some() {
        return None;
    }
    Some(start + memchr(b'>', content)? + 1)
}

pub(super) fn unescape(content: &[u8]) -> Vec<u8> {
    let mut plain = Vec::with_capacity(content.len());
    let mut bytes = content.iter().copied().peekable();
    while let Some(byte) = bytes.next() {
        match (byte, bytes.peek()) {
            (b'\\', Some(escaped @ (b'"' | b'\\'))) => {
                plain.push(*escaped);
                bytes.next();
            }
            _ => plain.push(byte),
        }
    }
    plain
}
