//! LIST, LSUB and XLIST: one mailbox a response (RFC 9051 section 7.3.1).

use std::borrow::Cow;

use crate::types::list::{ListEntry, MailboxAttribute};
use crate::types::mailbox_name::MailboxName;
use crate::wire::cursor::{Cursor, ParseError};
use crate::wire::limits::Limits;
use crate::wire::utf7;

/// `mailbox-list`.
pub(crate) fn parse(mut cursor: Cursor<'_>, limits: &Limits) -> Result<ListEntry, ParseError> {
    let attributes = attributes(&mut cursor, limits)?;
    cursor.try_sp();
    let delimiter = delimiter(&mut cursor)?;
    cursor.sp()?;
    let name = mailbox(&mut cursor)?;
    let mut entry = ListEntry::new(name, delimiter, attributes);
    cursor.try_sp();
    if cursor.try_byte(b'(') {
        extended(cursor, &mut entry, limits)?;
    }
    Ok(entry)
}

fn attributes(
    cursor: &mut Cursor<'_>,
    limits: &Limits,
) -> Result<Vec<MailboxAttribute>, ParseError> {
    let mut attributes = Vec::new();
    if cursor.try_nil() {
        return Ok(attributes);
    }
    cursor.byte(b'(', "a list of attributes")?;
    loop {
        cursor.try_sp();
        if cursor.try_byte(b')') {
            return Ok(attributes);
        }
        if attributes.len() >= limits.list {
            return Err(cursor.error("fewer attributes"));
        }
        if !cursor.try_nil() {
            attributes.push(MailboxAttribute::from_server(&cursor.astring()?));
        }
    }
}

/// The delimiter of hierarchy levels: one quoted character, or NIL, or what stands for NIL.
pub(crate) fn delimiter(cursor: &mut Cursor<'_>) -> Result<Option<char>, ParseError> {
    let text = match cursor.rest() {
        // Not escaped, as it should be.
        [b'"', b'\\', b'"', b' ' | b')', ..] => {
            cursor.seek(cursor.position() + 3);
            return Ok(Some('\\'));
        }
        _ => cursor.nstring()?,
    };
    Ok(text.and_then(|text| String::from_utf8_lossy(&text).chars().next()))
}

/// `mailbox`. Servers forget to quote what an atom may not have: then the rest of the line is the
/// name.
fn mailbox(cursor: &mut Cursor<'_>) -> Result<MailboxName, ParseError> {
    if matches!(cursor.peek(), Some(b'"' | b'{' | b'~')) {
        return cursor.astring().map(|name| utf7::mailbox_name(&name));
    }
    let mut probe = *cursor;
    let atom = probe.token().unwrap_or_default();
    let spaces = probe.try_sp();
    if probe.try_end() || (spaces && !atom.is_empty() && probe.peek() == Some(b'(')) {
        *cursor = probe;
        return if atom.is_empty() {
            Err(cursor.error("the name of a mailbox"))
        } else {
            Ok(utf7::mailbox_name(atom))
        };
    }
    Ok(utf7::mailbox_name(cursor.text().trim_ascii_end()))
}

/// `mbox-list-extended`: pairs of a name and a value.
fn extended(
    mut cursor: Cursor<'_>,
    entry: &mut ListEntry,
    limits: &Limits,
) -> Result<(), ParseError> {
    loop {
        cursor.skip_blank();
        if cursor.try_byte(b')') {
            return Ok(());
        }
        let name = cursor.astring()?;
        cursor.skip_blank();
        let is_list = cursor.peek() == Some(b'(');
        if is_list && name.eq_ignore_ascii_case(b"CHILDINFO") {
            let words = strings(&mut cursor, limits)?;
            let text = |word: Cow<'_, [u8]>| String::from_utf8_lossy(&word).into_owned();
            entry.child_info = words.into_iter().map(text).collect();
        } else if is_list && name.eq_ignore_ascii_case(b"OLDNAME") {
            let old = strings(&mut cursor, limits)?.into_iter().next();
            entry.old_name = old.map(|name| utf7::mailbox_name(&name));
        } else {
            cursor.skip_value()?;
        }
    }
}

/// A list of strings.
fn strings<'a>(cursor: &mut Cursor<'a>, limits: &Limits) -> Result<Vec<Cow<'a, [u8]>>, ParseError> {
    cursor.byte(b'(', "a list")?;
    let mut strings = Vec::new();
    loop {
        cursor.skip_blank();
        if cursor.try_byte(b')') {
            return Ok(strings);
        }
        if strings.len() >= limits.list {
            return Err(cursor.error("fewer strings"));
        }
        strings.push(cursor.astring()?);
    }
}
