//! The wire in the log, at `trace`: a line for each line, without literals and without secrets.

use std::fmt;

use crate::limits::SHOWN_LINE;

/// The first line of what is sent or received, shortened and escaped.
pub(crate) struct Line<'a>(pub(crate) &'a [u8]);

impl fmt::Display for Line<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let end = memchr::memchr(b'\n', self.0).unwrap_or(self.0.len());
        let line = self
            .0
            .get(..end.min(SHOWN_LINE))
            .unwrap_or_default()
            .trim_ascii_end();
        write!(f, "{}", line.escape_ascii())?;
        let more = self.0.len().saturating_sub(end + 1);
        if end > SHOWN_LINE || more > 0 {
            write!(f, " ... ({} octets in all)", self.0.len())?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn literals_are_counted_and_not_shown() {
        let shown = Line(b"* 1 FETCH (BODY[] {6}\r\nsecret)\r\n").to_string();
        assert_eq!(shown, "* 1 FETCH (BODY[] {6} ... (32 octets in all)");
        assert_eq!(Line(b"A1 OK \x1b\r\n").to_string(), "A1 OK \\x1b");
    }
}
