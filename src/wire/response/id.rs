//! ID: what the server says of itself (RFC 2971).

use crate::wire::cursor::{Cursor, ParseError};
use crate::wire::limits::Limits;

/// `id-params-list`: pairs of a field and its value, in order.
pub(crate) fn parse(
    mut cursor: Cursor<'_>,
    limits: &Limits,
) -> Result<Vec<(String, Option<String>)>, ParseError> {
    let mut pairs = Vec::new();
    if cursor.try_nil() {
        return Ok(pairs);
    }
    cursor.byte(b'(', "a list")?;
    loop {
        cursor.skip_blank();
        if cursor.try_byte(b')') {
            return Ok(pairs);
        }
        if pairs.len() >= limits.list {
            return Err(cursor.error("fewer fields"));
        }
        let field = cursor.astring()?;
        cursor.skip_blank();
        let value = if cursor.peek() == Some(b')') {
            None
        } else {
            cursor.nstring()?
        };
        let value = value.map(|value| String::from_utf8_lossy(&value).into_owned());
        pairs.push((String::from_utf8_lossy(&field).into_owned(), value));
    }
}
