//! The wire in the log, at `trace`: a line for each line, without literals, without quoted content of
//! messages, and without secrets.

use std::fmt;

use crate::limits::SHOWN_LINE;

/// The first line of what is sent or received, shortened and escaped.
pub(crate) struct Line<'a>(pub(crate) &'a [u8]);

/// The octets that are shown of what is sent or received.
pub(crate) fn shown(octets: &[u8]) -> &[u8] {
    let end = first_line(octets).min(SHOWN_LINE);
    octets.get(..end).unwrap_or_default().trim_ascii_end()
}

fn first_line(octets: &[u8]) -> usize {
    memchr::memchr(b'\n', octets).unwrap_or(octets.len())
}

impl fmt::Display for Line<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut line = shown(self.0);
        if is_fetch(line) {
            while let Some((before, behind)) = around_content(line) {
                write!(f, "{}\"...\"", before.escape_ascii())?;
                line = behind;
            }
        }
        write!(f, "{}", line.escape_ascii())?;
        let end = first_line(self.0);
        let more = self.0.len().saturating_sub(end + 1);
        if end > SHOWN_LINE || more > 0 {
            write!(f, " ... ({} octets in all)", self.0.len())?;
        }
        Ok(())
    }
}

/// Whether it is a response to FETCH, with or without a number.
fn is_fetch(line: &[u8]) -> bool {
    let mut words = line.split(|octet| matches!(octet, b' ' | b'(')).take(3);
    let is_name =
        |word: &[u8]| word.eq_ignore_ascii_case(b"FETCH") || word.eq_ignore_ascii_case(b"UIDFETCH");
    line.starts_with(b"*") && words.any(is_name)
}

/// The octets before and behind the first quoted string that is content of a message.
fn around_content(line: &[u8]) -> Option<(&[u8], &[u8])> {
    let mut from = 0;
    loop {
        let begin = from + memchr::memchr(b'"', line.get(from..)?)?;
        let string = line.get(begin + 1..)?;
        let end = begin + 1 + quoted_len(string);
        let (before, behind) = (line.get(..begin)?, line.get(end..).unwrap_or_default());
        if is_of_content(before) {
            return Some((before, behind));
        }
        from = end;
    }
}

/// The octets of a quoted string after its first quotation mark; all, if the line breaks off in it.
fn quoted_len(string: &[u8]) -> usize {
    let mut is_escaped = false;
    let end = string.iter().position(|octet| {
        let is_end = *octet == b'"' && !is_escaped;
        is_escaped = *octet == b'\\' && !is_escaped;
        is_end
    });
    end.map_or(string.len(), |end| end + 1)
}

/// Whether what follows is the value of a section (`BODY[...]`, `BINARY[...]`, also with `<origin>`),
/// of RFC822 and the like, or of PREVIEW.
fn is_of_content(before: &[u8]) -> bool {
    let before = before.trim_ascii_end();
    let is_between = |octet: &u8| matches!(octet, b' ' | b'(');
    let word = before.rsplit(is_between).next().unwrap_or_default();
    let names: [&[u8]; 4] = [b"RFC822", b"RFC822.HEADER", b"RFC822.TEXT", b"PREVIEW"];
    word.ends_with(b"]")
        || word.ends_with(b">") && word.contains(&b']')
        || names.iter().any(|name| word.eq_ignore_ascii_case(name))
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

    #[test]
    fn quoted_content_is_not_shown() {
        for (line, expected) in [
            (
                r#"* 1 FETCH (UID 1 BODY[] "in \"quotes" FLAGS (\Seen))"#,
                r#"* 1 FETCH (UID 1 BODY[] "..." FLAGS (\\Seen))"#,
            ),
            (
                r#"* 1 fetch (body[1.2]<0> "a" binary[1]  "b" rfc822.text "c" Preview "d")"#,
                r#"* 1 fetch (body[1.2]<0> "..." binary[1]  "..." rfc822.text "..." Preview "...")"#,
            ),
            (
                r#"* 1 FETCH (BODY[HEADER.FIELDS ("X")] "cut off"#,
                r#"* 1 FETCH (BODY[HEADER.FIELDS (\"X\")] "..."#,
            ),
            (
                r#"* UIDFETCH 7 (RFC822 "" X "s")"#,
                r#"* UIDFETCH 7 (RFC822 "..." X \"s\")"#,
            ),
            (r#"* OK [X] "hi""#, r#"* OK [X] \"hi\""#),
        ] {
            let shown = Line(line.as_bytes()).to_string();
            let expected = expected
                .replace(r#""...""#, "\u{1}")
                .replace(r#""..."#, "\u{1}");
            assert_eq!(shown.replace(r#""...""#, "\u{1}"), expected, "{line}");
        }
        let long = format!("* 1 FETCH (BODY[] \"{}", "content ".repeat(40));
        let shown = Line(long.as_bytes()).to_string();
        assert_eq!(shown, "* 1 FETCH (BODY[] \"...\" ... (339 octets in all)");
    }
}
