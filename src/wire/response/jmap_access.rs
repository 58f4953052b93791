//! JMAPACCESS: the URL of the same mail in JMAP (RFC 9698).

use crate::wire::cursor::Cursor;
use crate::wire::frame::Frame;

/// The URL, quoted or not; `None` if it is another response.
pub(crate) fn parse(bytes: &[u8]) -> Option<String> {
    let mut cursor = Cursor::new(Frame::inline(bytes));
    cursor.try_byte(b'*');
    cursor.try_sp();
    if !cursor.try_word(b"JMAPACCESS") {
        return None;
    }
    cursor.sp().ok()?;
    let url = cursor.astring().ok()?;
    Some(String::from_utf8_lossy(&url).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn with_quotes_and_without() {
        let url = Some("https://example.com/.s/[jmap]".to_owned());
        let line = b"* JMAPACCESS \"https://example.com/.s/[jmap]\"";
        assert_eq!(parse(line), url);
        assert_eq!(parse(b"jmapaccess https://example.com/.s/[jmap]"), url);
        assert_eq!(parse(b"JMAPACCESS"), None);
    }
}
