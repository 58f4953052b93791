//! Where quoted strings end, and what they hold, also if servers forgot to escape quotes.

use memchr::memchr;

use crate::wire::words;

/// The octets after a quoted string, if its first quote certainly closes it.
#[inline]
pub(super) fn behind_near_quote(content: &[u8]) -> Option<&[u8]> {
    let (mut rest, mut last) = (content, None);
    loop {
        let (word, behind) = rest.split_first_chunk()?;
        if let Some(before) = words::before(b'"', *word) {
            let escape = word.get(before.wrapping_sub(1)).or(last);
            let behind = rest.get(before + 1..)?;
            let is_end = escape != Some(&b'\\') && ends_quoted(behind.first());
            return is_end.then_some(behind);
        }
        (rest, last) = (behind, word.last());
    }
}

/// Whether a quote followed by this octet closes a string: servers forget to escape the others.
#[inline]
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
