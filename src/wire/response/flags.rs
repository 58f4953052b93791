//! Lists of flags, in FLAGS, PERMANENTFLAGS and FETCH.

use std::borrow::Cow;
use std::fmt;

use crate::limits::{Limit, Limits};
use crate::types::flag::Flag;
use crate::wire::cursor::{Cursor, ParseError};
use crate::wire::octet::is_token;

/// `flag-list`, and whether `\*` was in it.
pub(crate) fn parse(
    cursor: &mut Cursor<'_>,
    limits: &Limits,
) -> Result<(Vec<Flag>, bool), ParseError> {
    let (mut flags, mut any) = (Vec::new(), false);
    if cursor.try_nil() {
        return Ok((flags, any));
    }
    cursor.byte(b'(', "a list of flags")?;
    while let Some(name) = next_name(cursor)? {
        if flags.len() >= limits.list {
            return Err(cursor.beyond(Limit::List));
        }
        if is_wildcard(&name) {
            any = true;
        } else {
            flags.push(Flag::from_server(&name));
        }
    }
    Ok((flags, any))
}

/// What PERMANENTFLAGS holds where keywords can be made.
fn is_wildcard(name: &[u8]) -> bool {
    matches!(name, b"\\*" | b"*")
}

/// The next name of a flag or a label in a list; `None` behind the closing parenthesis.
pub(crate) fn next_name<'a>(cursor: &mut Cursor<'a>) -> Result<Option<Cow<'a, [u8]>>, ParseError> {
    loop {
        cursor.skip_blank();
        return match cursor.peek() {
            Some(b')') => {
                cursor.try_byte(b')');
                Ok(None)
            }
            Some(b'"' | b'{' | b'~') => cursor.astring().map(Some),
            Some(b'N' | b'n') if cursor.try_nil() => continue,
            _ => cursor.token().map(|name| Some(Cow::Borrowed(name))),
        };
    }
}

/// The flags of a message, as FETCH told them.
///
/// An iterator of [`Flag`]: system flags cost no allocation, keywords one each.
/// [`contains`](Self::contains) and `count` cost none.
///
/// ```
#[doc = include_str!("../../doc/message.txt")]
/// use latchbox::types::Flag;
///
/// let flags = message.flags().ok_or("they were not asked for")?;
/// assert!(flags.contains(&Flag::Flagged) && !flags.contains(&Flag::Seen));
/// for flag in flags {
///     println!("{flag}");
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy)]
pub struct Flags<'a> {
    /// Behind the opening parenthesis; `None` at the end.
    list: Option<Cursor<'a>>,
}

impl<'a> Flags<'a> {
    pub(crate) fn new(mut cursor: Cursor<'a>) -> Flags<'a> {
        Flags {
            list: cursor.try_byte(b'(').then_some(cursor),
        }
    }

    /// The list as the server wrote it, without its opening parenthesis.
    pub(crate) fn octets(self) -> &'a [u8] {
        self.list.map_or(&[], |list| list.rest())
    }

    /// Whether the flag is set; the case of keywords does not matter.
    pub fn contains(self, flag: &Flag) -> bool {
        let mut names = self;
        std::iter::from_fn(|| names.next_name()).any(|name| match flag {
            Flag::Keyword(keyword) => name.eq_ignore_ascii_case(keyword.as_str().as_bytes()),
            flag => Flag::system(&name).map_or_else(
                || name.starts_with(b"\\") && Flag::from_server(&name) == *flag,
                |system| system == *flag,
            ),
        })
    }

    fn next_name(&mut self) -> Option<Cow<'a, [u8]>> {
        let cursor = self.list.as_mut()?;
        let name = next_name(cursor).unwrap_or(None);
        if name.is_none() {
            self.list = None;
        }
        name
    }
}

impl Iterator for Flags<'_> {
    type Item = Flag;

    fn next(&mut self) -> Option<Flag> {
        loop {
            let name = self.next_name()?;
            if !is_wildcard(&name) {
                return Some(Flag::from_server(&name));
            }
        }
    }

    fn count(mut self) -> usize {
        if let Some(count) = count_plain(self.octets()) {
            return count;
        }
        let names = std::iter::from_fn(|| self.next_name());
        names.filter(|name| !is_wildcard(name)).count()
    }
}

/// How many flags a list has, up to its closing parenthesis; nothing if a name in it could be
/// something else than a flag.
fn count_plain(mut list: &[u8]) -> Option<usize> {
    let mut count = 0;
    loop {
        list = match list {
            [b')', ..] => return Some(count),
            [b' ', rest @ ..] => rest,
            [
                b'*' | b'N' | b'n' | b'"' | b'{' | b'~' | b'(' | b'\r' | b'\n',
                ..,
            ]
            | [b'\\', b'*', ..] => return None,
            name => {
                count += 1;
                let len = name.iter().position(|byte| !is_token(*byte))?;
                name.get(len..)?
            }
        };
    }
}

impl fmt::Debug for Flags<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(*self).finish()
    }
}
