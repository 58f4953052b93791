//! The strings of one address.

use std::borrow::Cow;

use crate::wire::cursor::{Cursor, ParseError};

/// The four strings of an address.
pub(super) type Parts<'a> = [Option<Cow<'a, [u8]>>; 4];

/// `address`, after its opening parenthesis.
#[inline]
pub(super) fn parts<'a>(cursor: &mut Cursor<'a>) -> Result<Parts<'a>, ParseError> {
    let mut parts = [None, None, None, None];
    for part in &mut parts {
        cursor.skip_blank();
        if cursor.peek() == Some(b')') {
            break;
        }
        *part = cursor.nstring()?;
    }
    cursor.skip_to_close()?;
    Ok(parts)
}

/// A part of a string without angle brackets around it.
pub(super) fn part<'a>(text: &Cow<'a, [u8]>, start: usize, end: usize) -> Cow<'a, [u8]> {
    fn inner(text: &[u8], start: usize, end: usize) -> &[u8] {
        let part = text.get(start..end).unwrap_or_default();
        let part = part.strip_prefix(b"<").unwrap_or(part);
        part.strip_suffix(b">").unwrap_or(part)
    }
    match text {
        Cow::Borrowed(text) => Cow::Borrowed(inner(text, start, end)),
        Cow::Owned(text) => Cow::Owned(inner(text, start, end).to_vec()),
    }
}
