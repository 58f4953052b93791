//! The most frequent items, in the form in which nearly every server writes them.

use crate::types::uid::Uid;
use crate::wire::digits;
use crate::wire::octet::is_flag;
use crate::wire::response::fetch_item::{Item, Kind, Shapes};
use crate::wire::words;

/// Reads the item at this octet.
///
/// `None` if it does not follow the grammar to the letter; then the general parser reads it.
#[inline]
pub(crate) fn read(bytes: &[u8], at: usize, shapes: &mut Shapes) -> Option<Item> {
    let item = bytes.get(at..)?;
    if let Some(value) = item.strip_prefix(b"UID ") {
        let (number, len) = number(value)?;
        let uid = u32::try_from(number).ok().and_then(Uid::new)?;
        shapes.uid = shapes.uid.or(Some(uid));
        return Item::plain(Kind::Uid, at, 3, len);
    }
    if let Some(words) = item.strip_prefix(b"FLAGS (") {
        return Item::plain(Kind::Flags, at, 5, list(words)?);
    }
    if let Some(value) = item.strip_prefix(b"MODSEQ (") {
        let (_, len) = number(value)?;
        let is_closed = value.get(len) == Some(&b')');
        return Item::plain(Kind::ModSeq, at, 6, len + 2).filter(|_| is_closed);
    }
    let value = item.strip_prefix(b"RFC822.SIZE ")?;
    Item::plain(Kind::Size, at, 11, number(value)?.1)
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
    let ends = matches!(words.get(len..len + 2), Some([b')', b' ' | b')']));
    ends.then_some(len + 2)
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
        ] {
            let bytes = format!("* 1 FETCH ({row}").into_bytes();
            let mut shapes = [Shapes::default(), Shapes::default()];
            let plain = read(&bytes, 11, &mut shapes[0]);
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
