//! Lists of flags, in FLAGS, PERMANENTFLAGS and FETCH.

use std::borrow::Cow;
use std::fmt;

use crate::limits::{Limit, Limits};
use crate::types::flag::Flag;
use crate::wire::cursor::{Cursor, ParseError};
use crate::wire::octet::is_token;
use crate::wire::words;

/// `flag-list`, and whether `\*` was in it.
pub(crate) fn parse(
    cursor: &mut Cursor<'_>,
    limits: &Limits,
) -> Result<(Vec<Flag>, bool), ParseError> {
    if cursor.try_nil() {
        return Ok((Vec::new(), false));
    }
    cursor.byte(b'(', "a list of flags")?;
    let mut depth = 0;
    read(cursor, limits, |cursor| next_name(cursor, &mut depth))
}

/// `flag-list` in a response code, up to whose bracket the parentheses may be missing.
pub(crate) fn in_code(
    cursor: &mut Cursor<'_>,
    limits: &Limits,
) -> Result<(Vec<Flag>, bool), ParseError> {
    if cursor.peek() == Some(b'(') || cursor.clone().try_nil() {
        return parse(cursor, limits);
    }
    let (frame, start) = (cursor.frame(), cursor.position());
    cursor.run(|byte| !matches!(byte, b']' | b'(' | b')' | b'\r' | b'\n'));
    let mut names = Cursor::within(frame, start, cursor.position());
    read(&mut names, limits, |names| match names.try_end() {
        true => Ok(None),
        false => next_name(names, &mut 0),
    })
}

fn read<'a>(
    cursor: &mut Cursor<'a>,
    limits: &Limits,
    mut next: impl FnMut(&mut Cursor<'a>) -> Result<Option<Cow<'a, [u8]>>, ParseError>,
) -> Result<(Vec<Flag>, bool), ParseError> {
    let (mut flags, mut any) = (Vec::new(), false);
    while let Some(name) = next(cursor)? {
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

/// Whether the name is the `\*` of PERMANENTFLAGS: keywords can be created.
fn is_wildcard(name: &[u8]) -> bool {
    matches!(name, b"\\*" | b"*")
}

/// The next flag name of a list; `None` after the closing parenthesis.
///
/// A backslash begins a name, also if the blank before it is missing. `NIL` is a keyword like any
/// other. The names of lists in the list, of which `depth` are open, are names like the others.
pub(crate) fn next_name<'a>(
    cursor: &mut Cursor<'a>,
    depth: &mut u32,
) -> Result<Option<Cow<'a, [u8]>>, ParseError> {
    loop {
        if !is_name_next(cursor, depth) {
            return Ok(None);
        }
        if matches!(cursor.peek(), Some(b'"' | b'{' | b'~')) {
            let mut string = *cursor;
            match string.astring() {
                // A brace that begins no literal.
                Err(_) if cursor.peek() != Some(b'"') && cursor.clone().skip_value().is_ok() => {}
                name => {
                    *cursor = string;
                    return name.map(Some);
                }
            }
        }
        let mut rest = *cursor;
        let name = rest.token()?;
        let inner = name.get(1..).unwrap_or_default();
        let len = memchr::memchr(b'\\', inner).map_or(name.len(), |at| at + 1);
        cursor.seek(cursor.position() + len);
        match name.get(..len) {
            // One backslash too many.
            Some(b"\\") if len < name.len() => {}
            // Separators that belong to no list of flags.
            Some([b'\\', flag @ .., b',' | b';']) if !flag.is_empty() => {
                return Ok(name.get(..len - 1).map(Cow::Borrowed));
            }
            name => return Ok(name.map(Cow::Borrowed)),
        }
    }
}

/// Whether another name follows in a list; reads its closing parenthesis otherwise.
///
/// Parentheses around names in the list are skipped; `depth` of them are open.
pub(crate) fn is_name_next(cursor: &mut Cursor<'_>, depth: &mut u32) -> bool {
    loop {
        cursor.skip_blank();
        if cursor.try_byte(b'(') {
            *depth += 1;
        } else if !cursor.try_byte(b')') {
            return true;
        } else if *depth == 0 {
            return false;
        } else {
            *depth -= 1;
        }
    }
}

/// Reads a list of flags; returns whether each of its elements can be one.
pub(crate) fn skip(cursor: &mut Cursor<'_>) -> bool {
    cursor.try_byte(b'(');
    let mut depth = 0;
    loop {
        match next_name(cursor, &mut depth) {
            Ok(Some(_)) => {}
            end => return end.is_ok(),
        }
    }
}

/// The flags of a message, as FETCH reported them.
///
/// An iterator of [`Flag`]: a keyword costs one allocation, a system flag none.
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
    /// After the opening parenthesis; `None` at the end.
    list: Option<Cursor<'a>>,
    /// The lists in the list that are open.
    depth: u32,
}

impl<'a> Flags<'a> {
    pub(crate) fn new(mut cursor: Cursor<'a>) -> Flags<'a> {
        Flags {
            list: cursor.try_byte(b'(').then_some(cursor),
            depth: 0,
        }
    }

    /// The list as the server wrote it, without its opening parenthesis.
    pub(crate) fn octets(self) -> &'a [u8] {
        self.list.map_or(&[], |list| list.rest())
    }

    /// Whether the flag is set; keywords are compared in any case.
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
        let name = next_name(cursor, &mut self.depth).unwrap_or(None);
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

/// The number of flags of a list, up to its closing parenthesis.
///
/// `None` if a name in it could be something other than a flag.
fn count_plain(mut list: &[u8]) -> Option<usize> {
    let mut count = 0;
    loop {
        list = match list {
            [b')', ..] => return Some(count),
            [b' ', rest @ ..] => rest,
            [b'*' | b'"' | b'{' | b'~' | b'(' | b'\t' | b'\r' | b'\n', ..] | [b'\\', b'*', ..] => {
                return None;
            }
            [_, name @ ..] => {
                count += 1;
                // What ends a name is lower than the star.
                let near = words::near(name, |word| words::before_lower_or(b'*', b'\\', word));
                let ends = |byte: &u8| !is_token(*byte) || *byte == b'\\';
                let end = near.or_else(|| name.iter().position(ends))?;
                name.get(end..)
                    .filter(|rest| matches!(rest, [b' ' | b')', ..]))?
            }
            [] => return None,
        };
    }
}

impl fmt::Debug for Flags<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(*self).finish()
    }
}

#[cfg(test)]
mod tests {
    use crate::wire::response::Untagged;
    use crate::wire::testing::{fetch, is_invalid, untagged};

    /// Flags as FETCH tells them, as FLAGS does, and how many they are.
    fn shown(list: &str) -> String {
        let fetch = fetch(format!("* 1 FETCH (UID 5 FLAGS {list})\r\n").as_bytes());
        let flags = fetch.flags().unwrap();
        let told: Vec<_> = flags.map(|flag| flag.to_string()).collect();
        assert_eq!(flags.count(), told.len(), "{list}");
        for flag in flags {
            assert!(flags.contains(&flag), "{list}: {flag}");
        }
        let line = format!("* FLAGS {list}\r\n");
        match untagged(line.as_bytes()) {
            Untagged::Flags(defined) => {
                let defined: Vec<_> = defined.iter().map(ToString::to_string).collect();
                assert_eq!(defined, told, "{list}");
            }
            other => panic!("{other:?}"),
        }
        told.join(" ")
    }

    #[test]
    fn fault_21_nil_is_a_keyword() {
        assert_eq!(shown("(NIL)"), "NIL");
        assert_eq!(shown("(\\Seen NIL nil a)"), "\\Seen NIL nil a");
        assert_eq!(shown("()"), "");
        assert!(is_invalid(b"* FLAGS (NIL\r\n"));
    }

    #[test]
    fn fault_22_a_backslash_begins_a_flag() {
        assert_eq!(shown("(\\Seen\\Flagged)"), "\\Seen \\Flagged");
        assert_eq!(shown("(Junk\\Seen\\*)"), "Junk \\Seen");
        assert_eq!(
            shown("(\\Seen\\Flagged\\Deleted $a)"),
            "\\Seen \\Flagged \\Deleted $a"
        );
        assert_eq!(shown("(\\\\Seen)"), "\\Seen");
        assert_eq!(shown("(\\)"), "\\");
    }
}
