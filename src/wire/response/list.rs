//! LIST, LSUB and XLIST: one mailbox in each response (RFC 9051 section 7.3.1).

use std::borrow::Cow;

use crate::limits::{Limit, Limits};
use crate::types::list::ListEntry;
use crate::types::mailbox_attribute::{KnownAttributes, MailboxAttribute};
use crate::types::mailbox_name::MailboxName;
use crate::wire::cursor::{Cursor, ParseError};
use crate::wire::response::flags::next_name;
use crate::wire::response::named::{name_before, name_in_list};

/// `mailbox-list`.
pub(crate) fn parse(mut cursor: Cursor<'_>, limits: &Limits) -> Result<ListEntry, ParseError> {
    let (attributes, others) = attributes(&mut cursor, limits)?;
    cursor.try_sp();
    let delimiter = delimiter(&mut cursor)?;
    cursor.sp()?;
    let name = mailbox(&mut cursor)?;
    let mut entry = ListEntry::new(name, delimiter, attributes).with(others);
    let is_prefix = |end: &char| entry.name.as_str().ends_with(*end) && !entry.is_selectable();
    if let Some(delimiter) = entry.delimiter.filter(is_prefix) {
        // A level of the hierarchy, which Exchange and UW write as the prefix of the names below.
        entry.name = entry.name.without_end(delimiter);
    }
    cursor.try_sp();
    if cursor.try_byte(b'(') {
        extended(&mut cursor, &mut entry, limits)?;
    }
    cursor.end()?;
    Ok(entry)
}

/// Those that are known, and the others.
fn attributes(
    cursor: &mut Cursor<'_>,
    limits: &Limits,
) -> Result<(KnownAttributes, Vec<MailboxAttribute>), ParseError> {
    let (mut known, mut others) = (KnownAttributes::default(), Vec::new());
    if cursor.try_nil() {
        return Ok((known, others));
    }
    cursor.byte(b'(', "a list of attributes")?;
    let mut depth = 0;
    while let Some(name) = next_name(cursor, &mut depth)? {
        if others.len() >= limits.list {
            return Err(cursor.beyond(Limit::List));
        }
        if depth > 0 {
            return Err(cursor.error("an attribute"));
        }
        // No attribute has this name.
        if !name.eq_ignore_ascii_case(b"NIL") {
            let attribute = MailboxAttribute::from_server(&name);
            if !known.insert(&attribute) {
                others.push(attribute);
            }
        }
    }
    Ok((known, others))
}

/// The hierarchy delimiter: one quoted character, or NIL, or what servers write for NIL.
pub(crate) fn delimiter(cursor: &mut Cursor<'_>) -> Result<Option<char>, ParseError> {
    let text = match cursor.rest() {
        // As nearly every server writes it.
        [b'"', delimiter @ (b'/' | b'.'), b'"', b' ', ..] => {
            cursor.seek(cursor.position() + 3);
            return Ok(Some(char::from(*delimiter)));
        }
        // Not escaped, as it should be.
        [b'"', b'\\', b'"', b' ' | b')', ..] => {
            cursor.seek(cursor.position() + 3);
            return Ok(Some('\\'));
        }
        _ => cursor.nstring()?,
    };
    Ok(text.and_then(|text| String::from_utf8_lossy(&text).chars().next()))
}

/// `mailbox`, before the end of the line or extended data.
///
/// If neither follows, the rest of the line is the name.
fn mailbox(cursor: &mut Cursor<'_>) -> Result<MailboxName, ParseError> {
    let mut probe = *cursor;
    match name_before(&mut probe, |mut cursor| {
        cursor.try_end() || is_extended(cursor)
    }) {
        Ok(name) => {
            *cursor = probe;
            Ok(name)
        }
        Err(error) if matches!(cursor.peek(), Some(b'"' | b'{')) => Err(error),
        Err(error) => match cursor.text().trim_ascii_end() {
            [] => Err(error),
            rest => Ok(cursor.mailbox_name(rest)),
        },
    }
}

/// Whether extended data begins here.
///
/// It is a list of words, each with a list, a string or a number, at the end of the line.
fn is_extended(mut cursor: Cursor<'_>) -> bool {
    if !cursor.try_sp() || !cursor.try_byte(b'(') {
        return false;
    }
    loop {
        cursor.skip_blank();
        if cursor.try_byte(b')') {
            return cursor.try_end();
        }
        if cursor.astring().is_err() || !cursor.try_sp() {
            return false;
        }
        let is_value = matches!(cursor.peek(), Some(b'(' | b'"' | b'0'..=b'9'));
        if !is_value || cursor.skip_value().is_err() {
            return false;
        }
    }
}

/// `mbox-list-extended`: pairs of a name and a value.
fn extended(
    cursor: &mut Cursor<'_>,
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
            let words = strings(cursor, limits)?;
            let text = |word: Cow<'_, [u8]>| String::from_utf8_lossy(&word).into_owned();
            entry.set_child_info(words.into_iter().map(text).collect());
        } else if is_list && name.eq_ignore_ascii_case(b"OLDNAME") {
            if let Some(name) = old_name(cursor)? {
                entry.set_old_name(name);
            }
        } else {
            cursor.skip_value()?;
        }
    }
}

/// `"(" mailbox ")"`, before the end of the extended data or a word of it.
fn old_name(cursor: &mut Cursor<'_>) -> Result<Option<MailboxName>, ParseError> {
    cursor.byte(b'(', "a list")?;
    cursor.skip_blank();
    if cursor.try_byte(b')') {
        return Ok(None);
    }
    let name = name_in_list(cursor, |mut cursor| {
        cursor.skip_blank();
        let ends_list = cursor.try_byte(b')');
        let more =
            cursor.try_sp() && matches!(cursor.peek(), Some(b'"' | b'A'..=b'Z' | b'a'..=b'z'));
        ends_list && (more || cursor.try_byte(b')') && cursor.try_end())
    })?;
    cursor.skip_to_close()?;
    Ok(Some(name))
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
            return Err(cursor.beyond(Limit::List));
        }
        strings.push(cursor.astring()?);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::response::Untagged;
    use crate::wire::testing::{is_invalid, untagged};

    fn entry(line: &[u8]) -> ListEntry {
        match untagged(line) {
            Untagged::List(entry) => entry,
            other => panic!("{other:?}"),
        }
    }

    /// The name of the mailbox in a LIST response with this behind the attributes.
    fn name(rest: &str) -> String {
        entry(format!("* LIST () {rest}\r\n").as_bytes())
            .name()
            .as_str()
            .to_owned()
    }

    #[test]
    fn examples_of_rfc_9051() {
        let mailbox = entry(b"* LIST (\\Noselect) \"/\" ~/Mail/foo\r\n");
        assert_eq!(
            (mailbox.name().as_str(), mailbox.delimiter()),
            ("~/Mail/foo", Some('/'))
        );
        assert!(mailbox.attributes().eq([&MailboxAttribute::NoSelect]));
        let mailbox = entry(b"* LIST (\\Marked) \":\" Tables (\"tablecloth\" ((\"edge\" \"lacy\") (\"color\" \"red\")) \"X-Sample\" \"text\")\r\n");
        assert_eq!(
            (mailbox.name().as_str(), mailbox.delimiter()),
            ("Tables", Some(':'))
        );
        let mailbox = entry(b"* LIST () \"/\" \"Foo\" (\"CHILDINFO\" (\"SUBSCRIBED\"))\r\n");
        assert_eq!(mailbox.child_info(), ["SUBSCRIBED"]);
        let mailbox = entry(
            b"* LIST (\\Sent \\HasNoChildren) \"/\" NewMailbox (\"OLDNAME\" (\"Old &AOQ-\"))\r\n",
        );
        assert_eq!(mailbox.old_name().unwrap().as_str(), "Old \u{e4}");
        assert!(mailbox.has(&MailboxAttribute::Sent));
    }

    #[test]
    fn q64_q66_a_level_that_is_written_as_a_prefix_has_its_name() {
        let name = |line: &str| {
            let line = format!("* LIST {line}\r\n");
            let entry = entry(line.as_bytes());
            let wire = entry.name().wire().map(<[u8]>::to_vec);
            (entry.name().as_str().to_owned(), wire)
        };
        assert_eq!(
            name("(\\Noselect) \"/\" \"Public Folders/\"").0,
            "Public Folders"
        );
        assert_eq!(name("(\\NonExistent) \".\" INBOX.").0, "INBOX");
        // Nothing would be left; it is no level; and it can be opened by this name.
        assert_eq!(name("(\\Noselect) \"/\" \"/\"").0, "/");
        assert_eq!(name("(\\Noselect) NIL \"a/\"").0, "a/");
        assert_eq!(name("() \"/\" \"a/\"").0, "a/");
        let (text, wire) = name("(\\Noselect) \"/\" \"&bad/\"");
        assert_eq!(
            (text.as_str(), wire.as_deref()),
            ("&bad", Some(&b"&bad"[..]))
        );
    }

    #[test]
    fn lsub_and_xlist_are_lists() {
        assert!(matches!(
            untagged(b"* LSUB () \".\" #news.comp.mail.misc\r\n"),
            Untagged::Lsub(_)
        ));
        let mailbox = entry(b"* XLIST (\\HasNoChildren \\Inbox) \"/\" \"Posteingang\"\r\n");
        assert!(mailbox.has(&MailboxAttribute::Inbox));
    }

    #[test]
    fn names_in_all_forms() {
        for (rest, expected) in [
            ("\"/\" inbox", "INBOX"),
            ("\"/\" \"a \\\"b\\\\\"", "a \"b\\"),
            ("\"/\" {5}\r\na\r\n)b", "a\r\n)b"),
            ("\"/\" \"&AOQ-\"", "\u{e4}"),
            ("\"/\" \"\"", ""),
        ] {
            assert_eq!(name(rest), expected, "{rest}");
        }
    }

    #[test]
    fn attack_97_98_names_stay_as_they_are() {
        let inbox = entry(b"* LIST () \"/\" \"&AEkATgBCAE8AWA-\"\r\n");
        assert!(!inbox.name().is_inbox());
        assert_eq!(inbox.name().wire(), Some(&b"&AEkATgBCAE8AWA-"[..]));
        assert_eq!(name("\"/\" \"../../etc\""), "../../etc");
        let raw = entry(b"* LIST () \"/\" {3}\r\n\xff\0\n\r\n");
        assert_eq!(raw.name().wire(), Some(&b"\xff\0\n"[..]));
    }

    #[test]
    fn q12_attributes_in_any_case() {
        let mailbox = entry(b"* list (\\noselect \\haschildren) nil a\r\n");
        let attributes = [MailboxAttribute::NoSelect, MailboxAttribute::HasChildren];
        assert!(mailbox.attributes().eq(&attributes) && mailbox.delimiter().is_none());
    }

    #[test]
    fn q27_the_rest_of_the_line_is_the_name() {
        assert_eq!(name("\"/\" a\tb"), "a\tb");
        assert_eq!(name("\"/\" Deleted Items"), "Deleted Items");
        assert_eq!(name("\"/\" a(b) c "), "a(b) c");
    }

    #[test]
    fn q29_brackets_in_names() {
        assert_eq!(name("\"/\" [Gmail]/All"), "[Gmail]/All");
        assert_eq!(name("\"/\" a[b]%*"), "a[b]%*");
    }

    #[test]
    fn q30_a_mailbox_called_nil() {
        assert_eq!(name("\"/\" NIL"), "NIL");
    }

    #[test]
    fn q62_attributes_are_a_set_and_the_delimiter_any_character() {
        let mailbox = entry(b"* LIST (\\Drafts \\Drafts) \"|\" a|b\r\n");
        assert_eq!(
            (mailbox.attributes().count(), mailbox.delimiter()),
            (1, Some('|'))
        );
    }

    #[test]
    fn q68_delimiters_that_are_none_or_a_backslash() {
        for (delimiter, expected) in [
            ("NIL", None),
            ("\"\"", None),
            ("\"\\\\\"", Some('\\')),
            ("\"\\\"", Some('\\')),
        ] {
            let line = format!("* LIST () {delimiter} a\r\n");
            assert_eq!(entry(line.as_bytes()).delimiter(), expected, "{delimiter}");
        }
    }

    #[test]
    fn what_is_malformed_is_invalid() {
        for line in [
            "* LIST\r\n",
            "* LIST \"/\" a\r\n",
            "* LIST ((a)) \"/\" b\r\n",
            "* LIST () \"/\"\r\n",
            "* LIST () \"/\" \"a\r\n",
            "* LIST () \"/\" \"a\" (b\r\n",
        ] {
            assert!(is_invalid(line.as_bytes()), "{line}");
        }
    }

    #[test]
    fn fault_29_what_is_torn_or_has_more_behind_it_is_no_entry() {
        for line in ["* LIST () \"/\" \"b\r\n", "* LIST (\\A \"/\" \"x\"\r\n"] {
            assert!(is_invalid(line.as_bytes()), "{line}");
        }
    }

    #[test]
    fn fault_22_attributes_without_a_blank_between_them() {
        let mailbox = entry(b"* LIST (\\HasNoChildren\\Sent NIL) \"/\" a\r\n");
        let attributes = [MailboxAttribute::HasNoChildren, MailboxAttribute::Sent];
        assert!(mailbox.attributes().eq(&attributes));
    }
}
