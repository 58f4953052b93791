//! The most frequent items, in the form in which nearly every server writes them.

use crate::types::uid::Uid;
use crate::wire::digits;
use crate::wire::octet::is_flag;
use crate::wire::response::fetch_item::{Item, Kind, Shapes};
use crate::wire::words::{self, is_plain};

/// Reads the item at this octet. A literal has at most so many octets.
///
/// `None` if it does not follow the grammar to the letter; then the general parser reads it.
#[inline]
pub(crate) fn read(
    bytes: &[u8],
    at: usize,
    most_literal: usize,
    shapes: &mut Shapes,
) -> Option<Item> {
    let item = bytes.get(at..)?;
    match item {
        [b'U', b'I', b'D', b' ', value @ ..] => {
            let (number, len) = number(value)?;
            let uid = u32::try_from(number).ok().and_then(Uid::new)?;
            shapes.uid = shapes.uid.or(Some(uid));
            Item::plain(Kind::Uid, at, 3, len)
        }
        [b'F', b'L', b'A', b'G', b'S', b' ', b'(', words @ ..] => {
            Item::plain(Kind::Flags, at, 5, list(words)?)
        }
        [b'M', b'O', b'D', b'S', b'E', b'Q', b' ', b'(', value @ ..] => {
            let (_, len) = number(value)?;
            let is_closed = value.get(len) == Some(&b')');
            Item::plain(Kind::ModSeq, at, 6, len + 2).filter(|_| is_closed)
        }
        [b'R', ..] => {
            let value = item.strip_prefix(b"RFC822.SIZE ")?;
            Item::plain(Kind::Size, at, 11, number(value)?.1)
        }
        [b'I', ..] => {
            let value = item.strip_prefix(b"INTERNALDATE \"")?;
            let (date, behind) = value.split_at_checked(DATE)?;
            let is_closed = matches!(behind, [b'"', b' ' | b')', ..]);
            let is_date = is_closed && is_plain(date, [b'"', b'\\']);
            Item::plain(Kind::InternalDate, at, 12, DATE + 2).filter(|_| is_date)
        }
        [b'B', b'O', b'D', b'Y', b'[', section @ ..] => {
            let len = words::near(section, words::before_section_end)?;
            let literal = literal(section.get(len..)?.strip_prefix(b"] {")?, most_literal)?;
            Item::plain(Kind::Section, at, len + 6, literal + 1)
        }
        _ => None,
    }
}

/// The length of `date-time` without its quotes.
const DATE: usize = 26;

/// The length of a literal with its header, after the opening brace, if a space or a parenthesis
/// follows.
#[inline]
fn literal(header: &[u8], most: usize) -> Option<usize> {
    let (len, digits) = digits::leading(header);
    let len = usize::try_from(len).ok().filter(|len| *len <= most)?;
    let header = header.get(digits..)?;
    let is_header = digits > 0 && digits <= digits::MOST && header.starts_with(b"}\r\n");
    let ends = matches!(header.get(len.checked_add(3)?), Some(b' ' | b')'));
    (is_header && ends).then_some(digits + 3 + len)
}

/// A number that ends at a space or a parenthesis, and its length.
#[inline]
fn number(value: &[u8]) -> Option<(u64, usize)> {
    let (number, len) = digits::leading(value);
    let ends = matches!(value.get(len), Some(b' ' | b')')) && len > 0 && len <= digits::MOST;
    ends.then_some((number, len))
}

/// The length of a list of words without quotes, if a space or a parenthesis follows.
///
/// It is counted from the opening parenthesis before `words`.
#[inline]
fn list(words: &[u8]) -> Option<usize> {
    let near = words::near(words, words::before_list_end);
    let len = near.or_else(|| words.iter().position(|byte| !is_flag(*byte)))?;
    match words.get(len..)? {
        [b')', b' ' | b')', ..] => Some(len + 2),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits::Limits;
    use crate::wire::cursor::Cursor;
    use crate::wire::frame::Frame;

    /// What is read to the letter is what the general way reads.
    #[test]
    fn both_ways_read_the_same() {
        for (row, is_plain) in [
            ("UID 57 ", true),
            ("UID 4294967295)", true),
            ("UID 4294967296)", false),
            ("UID 0 ", false),
            ("UID 57", false),
            ("UID 57\r\n)", false),
            ("UID  57 ", false),
            ("UID 5x ", false),
            ("uid 57 ", false),
            ("FLAGS ())", true),
            ("FLAGS (\\Seen $Work) ", true),
            ("FLAGS (\\Seen  a]b~)) ", true),
            ("FLAGS (\\Seen \"a\") ", false),
            ("FLAGS (\\Seen {1}\r\na) ", false),
            ("FLAGS (\\Seen (a)) ", false),
            ("FLAGS (\\Seen)", false),
            ("FLAGS (\\Seen\r\n) ", false),
            ("FLAGS NIL ", false),
            ("MODSEQ (624140003) ", true),
            ("MODSEQ (9223372036854775808) ", true),
            ("MODSEQ (92233720368547758080) ", false),
            ("MODSEQ ( 5) ", false),
            ("MODSEQ (5 ) ", false),
            ("MODSEQ 5 ", false),
            ("RFC822.SIZE 42)", true),
            ("RFC822.SIZE -1)", false),
            ("RFC822.SIZE )", false),
            ("INTERNALDATE \"17-Jul-1996 02:44:25 -0700\" ", true),
            ("INTERNALDATE \" 7-Jul-1996 02:44:25 -070 \")", true),
            ("INTERNALDATE \"7-Jul-1996 02:44:25 -0700\" ", false),
            ("INTERNALDATE \"17-Jul-1996\" 2:44:25 -0700\" ", false),
            ("INTERNALDATE \"17-Jul-1996\n02:44:25 -0700\" ", false),
            ("INTERNALDATE NIL ", false),
            ("BODY[] {3}\r\nab\n)", true),
            ("BODY[HEADER.FIELDS (DATE TO)] {9}\r\na: b\r\n)\r\n ", true),
            ("BODY[1.2] {0}\r\n ", true),
            ("BODY[] {10}\r\n0123456789)", false),
            ("BODY[] {3}\r\nabc", false),
            ("BODY[] {3}\r\nabcd)", false),
            ("BODY[] {3}\nabc)", false),
            ("BODY[] {3+}\r\nabc)", false),
            ("BODY[] {}\r\n)", false),
            ("BODY[] {00000000000000000003}\r\nabc)", false),
            ("BODY[]<0> {3}\r\nabc)", false),
            ("BODY[HEADER.FIELDS (\"]\")] {3}\r\nabc)", false),
            ("BODY[\n] {3}\r\nabc)", false),
            ("BODY {3}\r\nabc)", false),
        ] {
            let bytes = format!("* 1 FETCH ({row}").into_bytes();
            let mut shapes = [Shapes::default(), Shapes::default()];
            let plain = read(&bytes, 11, 9, &mut shapes[0]);
            assert_eq!(plain.is_some(), is_plain, "{row}");
            let mut cursor = Cursor::at(Frame::inline(&bytes), 11);
            let general = Item::read(&mut cursor, &Limits::DEFAULT, &mut shapes[1]);
            if let Some(plain) = plain {
                assert_eq!(plain, general.unwrap(), "{row}");
                assert_eq!(plain.value.end(), cursor.position(), "{row}");
                assert_eq!(shapes[0].uid, shapes[1].uid, "{row}");
            } else {
                assert_eq!(shapes[0].uid, None, "{row}");
            }
        }
    }
}
