//! The fields of a header that was received as octets: by name, unfolded and decoded.

use std::borrow::Cow;
use std::fmt;

use crate::types::header_date::HeaderDate;
use crate::wire::response::address_list;
use crate::wire::response::encoded_word;
use crate::wire::response::envelope::address::Address;
use crate::wire::response::header_date::header_date;

/// The fields of a header, in order.
///
/// It reads octets that were fetched or downloaded: a header, some of its fields, or a whole
/// message, whose header ends at the first empty line.
/// [`Fetch::header`](crate::message::Fetch::header) finds fields in the items of a FETCH.
///
/// ```
/// use latchbox::message::HeaderFields;
///
/// let header = b"Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\r\nReceived: by b;\r\n today\r\nReceived: by a\r\n";
/// let fields = HeaderFields::new(header);
/// let received: Vec<_> = fields.named("received").map(|field| field.text()).collect();
/// assert_eq!(received, ["by b; today", "by a"]);
/// ```
#[derive(Clone)]
pub struct HeaderFields<'a> {
    rest: &'a [u8],
}

impl<'a> HeaderFields<'a> {
    /// Reads the fields of these octets.
    #[must_use]
    pub fn new(header: &'a [u8]) -> Self {
        Self { rest: header }
    }

    /// The fields of this name, in any case, in order.
    pub fn named<'n>(self, name: &'n str) -> impl Iterator<Item = HeaderField<'a>> + use<'a, 'n> {
        self.filter(move |field| field.is(name))
    }
}

impl<'a> Iterator for HeaderFields<'a> {
    type Item = HeaderField<'a>;

    fn next(&mut self) -> Option<HeaderField<'a>> {
        loop {
            let line = line(self.rest);
            if line.trim_ascii().is_empty() {
                // The end of the header, or of the octets.
                self.rest = &[];
                return None;
            }
            let mut end = line.len();
            while let Some([b' ' | b'\t', ..]) = self.rest.get(end..) {
                let folded = self::line(self.rest.get(end..).unwrap_or_default());
                // A line of blanks is an empty one too if the header ends with it.
                end += folded.len();
            }
            let (field, rest) = self.rest.split_at_checked(end).unwrap_or((self.rest, &[]));
            self.rest = rest;
            // A line that is no field is skipped, such as the first one of an mbox.
            let colon = memchr::memchr(b':', line).and_then(|at| field.split_at_checked(at));
            let Some((name, value)) = colon else { continue };
            let name = name.trim_ascii_end();
            if name.is_empty() || name.iter().any(u8::is_ascii_whitespace) {
                continue;
            }
            let value = value.get(1..).unwrap_or_default();
            let value = value.strip_suffix(b"\n").unwrap_or(value);
            let value = value.strip_suffix(b"\r").unwrap_or(value);
            return Some(HeaderField { name, value });
        }
    }
}

impl fmt::Debug for HeaderFields<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.clone()).finish()
    }
}

/// A line with its line end.
fn line(octets: &[u8]) -> &[u8] {
    let end = memchr::memchr(b'\n', octets).map_or(octets.len(), |at| at + 1);
    octets.get(..end).unwrap_or_default()
}

/// One field of a header, as it stands there; see [`Fetch::header`](crate::message::Fetch::header).
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct HeaderField<'a> {
    name: &'a [u8],
    value: &'a [u8],
}

impl<'a> HeaderField<'a> {
    /// The name as it was written, with U+FFFD for what is not UTF-8.
    #[must_use]
    pub fn name(&self) -> Cow<'a, str> {
        String::from_utf8_lossy(self.name)
    }

    fn is(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name.as_bytes())
    }

    /// The octets after the colon, with the blanks and line ends in them.
    #[must_use]
    pub fn raw(&self) -> &'a [u8] {
        self.value
    }

    /// The value for display: unfolded, encoded words decoded (RFC 2047), without blanks around it.
    ///
    /// At most the first MiB is decoded.
    #[must_use]
    pub fn text(&self) -> Cow<'a, str> {
        encoded_word::decode(Cow::Borrowed(self.value.trim_ascii()))
    }

    /// The value as a date, read as by [`Envelope::date`](crate::message::Envelope::date).
    ///
    /// If the field has its date at the end, after a semicolon, that date is returned: Received.
    #[must_use]
    pub fn date(&self) -> Option<HeaderDate> {
        let at_end = last_semicolon(self.value).and_then(|at| self.value.get(at + 1..));
        at_end
            .and_then(header_date)
            .or_else(|| header_date(self.value))
    }

    /// The value as a list of addresses (RFC 5322 section 3.4).
    ///
    /// Addresses are read as far as the value has valid ones, in the first MiB. An address in a
    /// group has the group's name. Two addresses without a comma between them are two.
    ///
    /// ```
    /// use latchbox::message::HeaderFields;
    ///
    /// let header = b"Resent-To: Friends: Ann <ann@example.com>, bob@example.com;\r\n";
    /// let field = HeaderFields::new(header).next().ok_or("no field")?;
    /// let all: Vec<_> = field.addresses().filter_map(|address| address.email()).collect();
    /// assert_eq!(all, ["ann@example.com", "bob@example.com"]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn addresses(&self) -> impl Iterator<Item = Address<'static>> + use<'a> {
        address_list::parse(self.value)
    }
}

/// The place of the last semicolon outside comments.
///
/// If a comment is not closed, none of them counts.
fn last_semicolon(value: &[u8]) -> Option<usize> {
    let (mut last, mut depth) = (None, 0usize);
    let mut octets = value.iter().enumerate();
    while let Some((at, octet)) = octets.next() {
        match octet {
            b'\\' => drop(octets.next()),
            b'(' => depth += 1,
            b')' => depth = depth.saturating_sub(1),
            b';' if depth == 0 => last = Some(at),
            _ => {}
        }
    }
    match depth {
        0 => last,
        _ => memchr::memrchr(b';', value),
    }
}

impl fmt::Debug for HeaderField<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}: {}",
            self.name.escape_ascii(),
            self.value.escape_ascii()
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(header: &[u8]) -> Vec<(String, String)> {
        let fields = HeaderFields::new(header);
        fields
            .map(|field| (field.name().into_owned(), field.text().into_owned()))
            .collect()
    }

    fn field(value: &str) -> HeaderField<'_> {
        HeaderField {
            name: b"X",
            value: value.as_bytes(),
        }
    }

    #[test]
    fn fields_are_found_however_the_header_came() {
        let header = "subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\r\n from\r\n afar\r\nTo: a@b\r\n\r\n";
        for name in [
            "BODY[HEADER]",
            "BODY[]",
            "BODY[]<0>",
            "BODY[HEADER]<0>",
            "RFC822",
            "RFC822.HEADER",
            "BODY[MIME]",
            "BODY[HEADER.FIELDS (Subject)]",
            "BODY[HEADER.FIELDS (\"SUBJECT\" To)]<0>",
            "BODY[HEADER.FIELDS.NOT (X)]",
            "body[header]",
        ] {
            for value in [
                format!("{{{}}}\r\n{header}", header.len()),
                "\"Subject: Gr\u{fc}\u{df}e\"".into(),
            ] {
                let row = format!("* 1 FETCH (UID 5 BODY[1] \"Subject: no\" {name} {value})\r\n");
                let row = crate::wire::testing::fetch(row.as_bytes());
                let text = row.header("Subject").map(|field| field.text().into_owned());
                let text = text.unwrap_or_default();
                assert!(text.starts_with("Gr\u{fc}\u{df}e"), "{name}: {text:?}");
                assert!(!text.contains(['\r', '\n']), "{name}: {text:?}");
            }
        }
        for name in [
            "BODY[1]",
            "BODY[TEXT]",
            "BODY[HEADER]<9>",
            "BODY[1.HEADER]",
            "BINARY[]",
        ] {
            let row = format!("* 1 FETCH (UID 5 {name} \"Subject: no\")\r\n");
            let row = crate::wire::testing::fetch(row.as_bytes());
            assert!(row.header("Subject").is_none(), "{name}");
        }
    }

    #[test]
    fn fault_64_fields_unfolded_decoded_and_in_order() {
        let pair = |name: &str, text: &str| (name.to_owned(), text.to_owned());
        let header = b"From ann@example.com Thu Jan  1 00:00:00 1970\r\n\
            Subject: =?utf-8?q?Gr=C3=BC?=\r\n =?utf-8?b?w59l?=\r\n\tto all\r\n\
            list-id : <a.example>\n\
            X-Empty:\r\n\
            : nameless\r\n\
            no field\r\n folded\r\n\
            X-Raw: Gr\xfc\xdfe\r\n\
            List-Id:\r\n  second\r\n\
            \r\n\
            Body: no\r\n";
        let expected = vec![
            pair("Subject", "Grüße\tto all"),
            pair("list-id", "<a.example>"),
            pair("X-Empty", ""),
            pair("X-Raw", "Grüße"),
            pair("List-Id", "second"),
        ];
        assert_eq!(fields(header), expected);
        let named = HeaderFields::new(header).named("LIST-ID");
        let raw: Vec<_> = named.map(|field| field.raw()).collect();
        assert_eq!(raw, [&b" <a.example>"[..], b"\r\n  second"]);
        // Cut anywhere, it is no less of what was whole.
        for end in 0..header.len() {
            let cut = fields(&header[..end]);
            let whole = cut.len().saturating_sub(1);
            assert!(expected.starts_with(&cut[..whole]), "{end}");
        }
        for nothing in [&b""[..], b"\r\n", b"\r\nA: b", b"a", b" a: b"] {
            let _ = fields(nothing);
        }
        assert_eq!(fields(b"\r\nA: b\r\n"), []);
    }

    #[test]
    fn fault_64_dates_and_addresses_of_fields() {
        let date = |value: &str| field(value).date().map(|date| date.to_string());
        let instant = Some("2025-06-12T23:42:00+02:00".to_owned());
        assert_eq!(date(" Thu, 12 June 2025 23:42 +0200"), instant);
        assert_eq!(
            date(" by a with b id 7;\r\n\tThu, 12 Jun 2025 23:42:00 +0200"),
            instant
        );
        assert_eq!(date(" Thu, 12 Jun 2025 23:42:00 +0200; x=y"), instant);
        for behind in ["(x; y 2 Jan 2001)", "(a (b;) \\); c)", "(not closed"] {
            let value = format!("by x (;); Thu, 12 Jun 2025 23:42:00 +0200 {behind}");
            assert_eq!(date(&value), instant, "{value}");
        }
        assert_eq!(date(" none"), None);
        let addresses = field(" =?utf-8?q?J=C3=BC?=\r\n <a@b>, c@d").addresses();
        let shown: Vec<_> = addresses.map(|address| address.to_string()).collect();
        assert_eq!(shown, ["Jü <a@b>", "c@d"]);
    }
}
