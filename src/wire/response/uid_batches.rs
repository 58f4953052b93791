//! UIDBATCHES: ranges of UIDs with about equally many messages each (RFC 10022).

use crate::types::invalid_set::InvalidSet;
use crate::types::number_range::Span;
use crate::types::number_set::NumberSet;
use crate::wire::cursor::Cursor;
use crate::wire::frame::Frame;

/// The ranges in the order of the server, or the reason why they cannot be read.
///
/// `None` if it is another response.
pub(crate) fn parse(bytes: &[u8]) -> Option<Result<Vec<Span>, InvalidSet>> {
    let mut cursor = Cursor::new(Frame::inline(bytes));
    cursor.try_byte(b'*');
    cursor.try_sp();
    if !cursor.try_word(b"UIDBATCHES") {
        return None;
    }
    cursor.try_sp();
    if cursor.try_byte(b'(') && cursor.try_word(b"TAG") {
        cursor.try_sp();
        cursor.astring().ok()?;
        cursor.try_byte(b')');
    }
    cursor.try_sp();
    Some(NumberSet::parse_in_order(cursor.text().trim_ascii()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn ranges(line: &str) -> Vec<(u32, u32)> {
        let spans = parse(line.as_bytes()).unwrap().unwrap();
        let ends = spans.iter().map(|span| (span.last.get(), span.first.get()));
        ends.collect()
    }

    #[test]
    fn ranges_are_read_in_the_order_of_the_server() {
        let line = "* UIDBATCHES (TAG \"a1\") 215295:99696,99695:20351,7:7,5";
        let expected = [(215_295, 99_696), (99_695, 20_351), (7, 7), (5, 5)];
        assert_eq!(ranges(line), expected);
        assert_eq!(ranges("UIDBATCHES (TAG \"a1\")"), []);
        assert_eq!(ranges("* uidbatches (tag a1)"), []);
    }

    #[test]
    fn what_is_no_range_is_told_from_another_response() {
        assert!(parse(b"* UIDBATCHES (TAG \"a1\") 3:x").unwrap().is_err());
        assert!(parse(b"* UIDBATCHES (TAG \"a1\") 3:*").unwrap().is_err());
        assert!(parse(b"* UIDBATCHESX (TAG \"a1\")").is_none());
        assert!(parse(b"* SEARCH 1").is_none());
    }
}
