//! LANGUAGE: the languages that a server has, or the one that it uses from now on (RFC 5255).

use crate::wire::cursor::Cursor;
use crate::wire::frame::Frame;

/// The maximum number of languages that are read.
const MOST: usize = 1_000;

/// The tags, in parentheses, or one without; `None` if it is another response, or has none.
pub(crate) fn parse(bytes: &[u8]) -> Option<Vec<String>> {
    let mut cursor = Cursor::new(Frame::inline(bytes));
    cursor.try_byte(b'*');
    cursor.try_sp();
    if !cursor.try_word(b"LANGUAGE") {
        return None;
    }
    cursor.sp().ok()?;
    let are_many = cursor.try_byte(b'(');
    let mut tags = Vec::new();
    while tags.len() < MOST {
        let tag = cursor.astring().ok()?;
        tags.push(String::from_utf8_lossy(&tag).into_owned());
        if !are_many || cursor.try_byte(b')') {
            return Some(tags);
        }
        cursor.sp().ok()?;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_language_or_several() {
        let tags = |line: &[u8]| parse(line).map(|tags| tags.join(" "));
        let said = |text: &str| Some(text.to_owned());
        assert_eq!(
            tags(b"* LANGUAGE (EN DE \"IT\" i-default)"),
            said("EN DE IT i-default")
        );
        assert_eq!(tags(b"* language (\"de-AT\")"), said("de-AT"));
        assert_eq!(tags(b"* LANGUAGE de"), said("de"));
        for other in [
            &b"* LANGUAGE"[..],
            b"* LANGUAGE ()",
            b"* LANGUAGE (de",
            b"* LANGUAGES (de)",
        ] {
            assert_eq!(parse(other), None);
        }
        let many = format!("* LANGUAGE ({})", vec!["de"; MOST + 1].join(" "));
        assert_eq!(parse(many.as_bytes()), None);
    }
}
