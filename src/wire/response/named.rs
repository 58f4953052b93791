//! Responses that begin with the name of a mailbox: one parser of the name for all of them.
//!
//! Some servers do not quote names, and then only what follows shows where the name ends. Each
//! response parses what follows ([`Tail`]); the name is tried up to each of its blanks, the
//! shortest first.

use crate::limits::Limits;
use crate::types::mailbox_name::MailboxName;
use crate::wire::cursor::{Cursor, ParseError};
use crate::wire::same_mailbox::{Likeness, likeness};

/// The maximum number of blanks in a name without quotes.
const BLANKS: usize = 64;

/// The data after the name, up to the end of the line.
pub(crate) trait Tail: Sized {
    /// Reads all of it, with the blanks before it.
    ///
    /// The bool is whether it is what servers write here, and not the rest of a name that happens
    /// to parse.
    fn read(cursor: Cursor<'_>, limits: &Limits) -> Result<(Self, bool), ParseError>;
}

/// The name of a mailbox, and the data of a response about it.
#[derive(Clone, Debug)]
pub(crate) struct Named<'a, T> {
    pub(crate) name: MailboxName,
    pub(crate) told: T,
    /// The start of the name, if it has no quotes and may end elsewhere.
    open: Option<(Cursor<'a>, Limits)>,
}

impl<'a, T: Tail> Named<'a, T> {
    pub(crate) fn parse(mut cursor: Cursor<'a>, limits: &Limits) -> Result<Self, ParseError> {
        if is_closed(&cursor) {
            let name = cursor.astring()?;
            return Ok(Self {
                name: cursor.mailbox_name(&name),
                told: T::read(cursor, limits)?.0,
                open: None,
            });
        }
        let (mut best, mut first_error) = (None, None);
        for end in ends(&cursor) {
            match read_from::<T>(cursor, end, limits) {
                Ok((told, true)) => {
                    best = Some((end, told));
                    break;
                }
                Ok((told, false)) => best = best.or(Some((end, told))),
                Err(error) if error.limit.is_some() => return Err(error),
                Err(error) => first_error = first_error.or(Some(error)),
            }
        }
        match (best, first_error) {
            (Some((end, told)), _) => Ok(Self {
                name: name_to(&cursor, end),
                told,
                open: Some((cursor, *limits)),
            }),
            (None, Some(error)) => Err(error),
            (None, None) => Err(cursor.error("the name of a mailbox")),
        }
    }

    /// Returns the data about the requested mailbox; itself if it is about another.
    ///
    /// A name without quotes that can be read in several ways is read as the requested one.
    #[allow(
        clippy::result_large_err,
        reason = "the response is given back as it was"
    )]
    pub(crate) fn of(self, asked: &MailboxName) -> Result<(MailboxName, T), Self> {
        if likeness(&self.name, asked) == Likeness::Same {
            return Ok((self.name, self.told));
        }
        let Some((cursor, limits)) = self.open else {
            return Err(self);
        };
        for end in ends(&cursor) {
            let name = name_to(&cursor, end);
            if likeness(&name, asked) != Likeness::Same {
                continue;
            }
            if let Ok((told, _)) = read_from(cursor, end, &limits) {
                return Ok((name, told));
            }
        }
        Err(self)
    }
}

/// The name of a mailbox, up to the first end after which `follows` accepts the rest.
///
/// The name ends at one of its blanks, or at the end of the line.
pub(crate) fn name_before(
    cursor: &mut Cursor<'_>,
    follows: impl Fn(Cursor<'_>) -> bool,
) -> Result<MailboxName, ParseError> {
    if is_closed(cursor) {
        let name = cursor.astring()?;
        return Ok(cursor.mailbox_name(&name));
    }
    let end = ends(cursor).find(|end| follows(Cursor::at(cursor.frame(), *end)));
    name_up_to(cursor, end)
}

/// [`name_before`] inside a list, for a name with balanced parentheses.
///
/// Otherwise the end of the list would be taken for a part of the name.
pub(crate) fn balanced_name_before(
    cursor: &mut Cursor<'_>,
    follows: impl Fn(Cursor<'_>) -> bool,
) -> Result<MailboxName, ParseError> {
    let start = *cursor;
    name_before(cursor, |rest| {
        is_balanced(&start, rest.position()) && follows(rest)
    })
}

/// [`name_before`] inside a list, in which the name may also end at a closing parenthesis.
pub(crate) fn name_in_list(
    cursor: &mut Cursor<'_>,
    follows: impl Fn(Cursor<'_>) -> bool,
) -> Result<MailboxName, ParseError> {
    if is_closed(cursor) {
        let name = cursor.astring()?;
        return Ok(cursor.mailbox_name(&name));
    }
    let is_end = |end: &usize| follows(Cursor::at(cursor.frame(), *end));
    let is_whole = |end: &usize| is_end(end) && is_balanced(cursor, *end);
    let whole = [ends(cursor).find(is_whole), closings(cursor).find(is_whole)];
    let first = || [ends(cursor).find(is_end), closings(cursor).find(is_end)];
    let end = whole.into_iter().flatten().min();
    let end = end.or_else(|| first().into_iter().flatten().min());
    name_up_to(cursor, end)
}

/// Whether the parentheses of a name that ends here are balanced.
fn is_balanced(cursor: &Cursor<'_>, end: usize) -> bool {
    let length = end.saturating_sub(cursor.position());
    let mut depth = 0_usize;
    for byte in cursor.rest().get(..length).unwrap_or_default() {
        match byte {
            b'(' => depth += 1,
            b')' if depth == 0 => return false,
            b')' => depth -= 1,
            _ => {}
        }
    }
    depth == 0
}

fn name_up_to(cursor: &mut Cursor<'_>, end: Option<usize>) -> Result<MailboxName, ParseError> {
    let end = end.ok_or_else(|| cursor.error("the end of the name of a mailbox"))?;
    let name = name_to(cursor, end);
    cursor.seek(end);
    Ok(name)
}

/// Whether the name is quoted or a literal, so that its end is known.
fn is_closed(cursor: &Cursor<'_>) -> bool {
    matches!(cursor.rest(), [b'"' | b'{', ..] | [b'~', b'{', ..])
}

fn read_from<T: Tail>(
    mut cursor: Cursor<'_>,
    end: usize,
    limits: &Limits,
) -> Result<(T, bool), ParseError> {
    cursor.seek(end);
    T::read(cursor, limits)
}

fn name_to(cursor: &Cursor<'_>, end: usize) -> MailboxName {
    let length = end.saturating_sub(cursor.position());
    cursor.mailbox_name(cursor.rest().get(..length).unwrap_or_default())
}

/// The possible ends of a name without quotes.
///
/// They are each run of blanks up to the first quoted string, and the end of the line.
fn ends<'a>(cursor: &Cursor<'a>) -> impl Iterator<Item = usize> + use<'a> {
    let (start, text) = (cursor.position(), cursor.clone().text());
    let mut at = 0;
    let mut is_over = false;
    let ends = std::iter::from_fn(move || {
        let rest = text.get(at..).filter(|rest| !is_over && !rest.is_empty())?;
        if matches!(rest, [b'"' | b'{', ..] | [b'~', b'{', ..]) {
            return None;
        }
        let word = rest.iter().position(|byte| *byte == b' ');
        let end = at + word.unwrap_or(rest.len());
        let blanks = text.get(end..).unwrap_or_default();
        at = end + blanks.iter().take_while(|byte| **byte == b' ').count();
        is_over = at >= text.len();
        Some(start + end)
    });
    ends.take(BLANKS).filter(move |end| *end > start)
}

/// The closing parentheses at which a name in a list may end.
fn closings<'a>(cursor: &Cursor<'a>) -> impl Iterator<Item = usize> + use<'a> {
    let start = cursor.position();
    let places = memchr::memchr_iter(b')', cursor.rest());
    places
        .take(BLANKS)
        .filter(|at| *at > 0)
        .map(move |at| start + at)
}

#[cfg(test)]
mod tests {
    use crate::types::mailbox_name::MailboxName;
    use crate::wire::response::Untagged;
    use crate::wire::testing::{is_invalid, untagged};

    fn rights(line: &str, asked: &str) -> Option<String> {
        let Untagged::MyRights(named) = untagged(line.as_bytes()) else {
            panic!("{line}")
        };
        let asked = MailboxName::new(asked).unwrap();
        let (name, mine) = named.of(&asked).ok()?;
        Some(format!("{name}: {}", mine.0))
    }

    #[test]
    fn fault_36_the_shortest_name_that_leaves_what_is_due_or_the_one_that_was_asked_for() {
        let found = |line: &str, asked: &str| rights(line, asked).unwrap_or_default();
        assert_eq!(found("* MYRIGHTS a (b) lr\r\n", "a (b)"), "a (b): lr");
        assert_eq!(
            found("* MYRIGHTS Deleted Items \r\n", "Deleted Items"),
            "Deleted Items: "
        );
        assert_eq!(found("* MYRIGHTS a\\b lr\r\n", "a\\b"), "a\\b: lr");
        assert_eq!(found("* MYRIGHTS  a   lr \r\n", "a"), "a: lr");
        assert_eq!(found("* MYRIGHTS NIL lr\r\n", "NIL"), "NIL: lr");
        assert_eq!(
            found("* MYRIGHTS Entw&APw-rfe x lr\r\n", "Entw\u{fc}rfe x"),
            "Entw\u{fc}rfe x: lr"
        );
        assert_eq!(rights("* MYRIGHTS a b lr\r\n", "a"), None);
        assert_eq!(rights("* MYRIGHTS \"a b\" lr\r\n", "a"), None);
    }

    #[test]
    fn fault_36_a_name_of_many_words_ends_somewhere() {
        let words = "a ".repeat(10_000);
        assert!(is_invalid(
            format!("* STATUS {words}(MESSAGES 1)\r\n").as_bytes()
        ));
        let few = "a ".repeat(60);
        let line = format!("* STATUS {few}(MESSAGES 1)\r\n");
        match untagged(line.as_bytes()) {
            Untagged::MailboxStatus(status) => assert_eq!(status.name().as_str(), few.trim_end()),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn fault_36_names_in_lists() {
        for (written, name) in [
            ("a", "a"),
            ("folder one", "folder one"),
            ("a(b)", "a(b)"),
            ("a (b) c", "a (b) c"),
            ("\"x y\"", "x y"),
            ("{3}\r\na)b", "a)b"),
            ("UIDVALIDITY", "UIDVALIDITY"),
        ] {
            let line =
                format!("* ESEARCH (TAG \"A1\" MAILBOX {written} UIDVALIDITY 7) UID COUNT 3\r\n");
            let Untagged::Esearch(found) = untagged(line.as_bytes()) else {
                panic!("{line}")
            };
            assert_eq!(found.mailbox.unwrap().as_str(), name);
            assert_eq!(
                (found.count, found.uid_validity.is_some()),
                (Some(3), true),
                "{line}"
            );
            let line =
                format!("* ESEARCH (TAG \"A1\" UIDVALIDITY 7 MAILBOX {written}) UID COUNT 3\r\n");
            let Untagged::Esearch(found) = untagged(line.as_bytes()) else {
                panic!("{line}")
            };
            assert_eq!(found.mailbox.unwrap().as_str(), name);
            let line = format!("* LIST () \"/\" new (\"OLDNAME\" ({written}))\r\n");
            let Untagged::List(entry) = untagged(line.as_bytes()) else {
                panic!("{line}")
            };
            assert_eq!(entry.old_name().unwrap().as_str(), name);
        }
    }
}
