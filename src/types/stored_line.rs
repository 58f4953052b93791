//! The line of text that sync stores: a kind, a version, fields, and a checksum.
//!
//! `kind/1;name=value;name=value;check=0123456789abcdef`. All versions of all kinds share this
//! frame, so that a version that is not known yet can be told from damage. The checksum is FNV-1a
//! with 64 bits of everything before `;check=`: it detects damage, not malice. A change of a single
//! octet always changes it, because each step of it is a bijection.

use std::fmt::{self, Display, Write};
use std::str::FromStr;

use crate::types::invalid_checkpoint::InvalidCheckpoint;
use crate::types::percent;

const CHECK: &str = ";check=";

/// The digits of the checksum.
const DIGITS: usize = 16;

/// The most fields of a line; a bound, so that looking for one costs a constant.
const MAX_FIELDS: usize = 32;

/// The longest kind, which errors show.
const MAX_KIND: usize = 32;

/// Whether an octet can be in a value of a line.
fn is_in_value(octet: u8) -> bool {
    octet.is_ascii_graphic() && !b";\"'\\`".contains(&octet)
}

/// Whether an octet is written unencoded by [`Encoded`]; only such octets are accepted unencoded.
fn is_plain(octet: u8) -> bool {
    octet.is_ascii_alphanumeric() || b"-._~/@".contains(&octet)
}

/// Octets of any kind, percent-encoded: with letters, digits and `-._~/@%` only, so that a value
/// can use all other characters as separators.
pub(crate) struct Encoded<'o>(pub(crate) &'o [u8]);

impl Display for Encoded<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        percent::encode(self.0, is_plain, f)
    }
}

/// The octets that [`Encoded`] wrote.
pub(crate) fn decode(text: &str) -> Option<Vec<u8>> {
    percent::decode(text, is_plain)
}

/// The text that [`Encoded`] wrote.
pub(crate) fn decode_text(text: &str) -> Option<String> {
    String::from_utf8(decode(text)?).ok()
}

/// Writes a line, usually in a `Display`.
pub(crate) struct LineWriter<'w, W> {
    out: &'w mut W,
    check: Check,
}

impl<'w, W: Write> LineWriter<'w, W> {
    /// Begins a line. The kind is of lower-case letters and hyphens.
    pub(crate) fn new(out: &'w mut W, kind: &str, version: u32) -> Result<Self, fmt::Error> {
        let check = Check::new();
        let mut line = Self { out, check };
        write!(line, "{kind}/{version}")?;
        Ok(line)
    }

    /// Writes a field whose value has no octets to encode: numbers, sets, or [`Encoded`] parts with
    /// separators between them.
    ///
    /// An octet that cannot be in a value is percent-encoded all the same, so that the line is one.
    pub(crate) fn field(&mut self, name: &str, value: impl Display) -> fmt::Result {
        write!(self, ";{name}=")?;
        write!(Value(self), "{value}")
    }

    /// Writes a field with any text, percent-encoded; [`Fields::text`] decodes it.
    pub(crate) fn text(&mut self, name: &str, text: &str) -> fmt::Result {
        self.field(name, Encoded(text.as_bytes()))
    }

    /// Writes the checksum.
    pub(crate) fn finish(self) -> fmt::Result {
        write!(self.out, "{CHECK}{}", self.check)
    }
}

impl<W: Write> Write for LineWriter<'_, W> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.check.add(text);
        self.out.write_str(text)
    }
}

/// Writes a value, with what cannot be in it percent-encoded.
struct Value<'l, 'w, W>(&'l mut LineWriter<'w, W>);

impl<W: Write> Write for Value<'_, '_, W> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        match text.bytes().all(is_in_value) {
            true => self.0.write_str(text),
            false => percent::encode(text.as_bytes(), is_in_value, self.0),
        }
    }
}

/// FNV-1a with 64 bits.
#[derive(Clone, Copy)]
struct Check(u64);

impl Check {
    fn new() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }

    fn of(text: &str) -> Self {
        let mut check = Self::new();
        check.add(text);
        check
    }

    fn add(&mut self, text: &str) {
        for octet in text.bytes() {
            self.0 = (self.0 ^ u64::from(octet)).wrapping_mul(0x0100_0000_01b3);
        }
    }
}

impl Display for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:0DIGITS$x}", self.0)
    }
}

/// The fields of a line whose frame was checked. Each is taken once; [`finish`](Self::finish)
/// rejects those that were not taken.
#[derive(Debug)]
pub(crate) struct Fields<'t> {
    text: &'t str,
    fields: Vec<(&'t str, &'t str)>,
}

impl<'t> Fields<'t> {
    /// Reads the frame of a line of this kind, in any version up to the newest that is known.
    pub(crate) fn read(
        text: &'t str,
        kind: &str,
        newest_version: u32,
    ) -> Result<Self, InvalidCheckpoint> {
        let damaged = |part| InvalidCheckpoint::damaged(part, text);
        let body = checked(text).ok_or_else(|| damaged("its checksum"))?;
        let mut parts = body.split(';');
        let head = parts.next().and_then(|head| head.split_once('/'));
        let (found, version) = head.ok_or_else(|| damaged("its kind"))?;
        if !is_kind(found) {
            return Err(damaged("its kind"));
        }
        if found != kind {
            return Err(InvalidCheckpoint::other_kind(kind, found));
        }
        let version = number(version).filter(|version| *version > 0);
        let version = version.ok_or_else(|| damaged("its version"))?;
        if version > newest_version {
            return Err(InvalidCheckpoint::newer(version, newest_version));
        }
        let mut fields: Vec<(&str, &str)> = Vec::new();
        for part in parts {
            let field = part.split_once('=').ok_or_else(|| damaged("its fields"))?;
            let is_doubled = fields.iter().any(|(name, _)| *name == field.0);
            if !is_name(field.0) || is_doubled || fields.len() == MAX_FIELDS {
                return Err(damaged("its fields"));
            }
            fields.push(field);
        }
        Ok(Self { text, fields })
    }

    /// Takes a field; `None` if it is absent. The value is as it was written.
    pub(crate) fn take(&mut self, name: &str) -> Option<&'t str> {
        let mut fields = self.fields.iter();
        let place = fields.position(|(found, _)| *found == name)?;
        Some(self.fields.swap_remove(place).1)
    }

    /// Takes a field that [`LineWriter::text`] wrote, decoded; `None` if it is absent.
    pub(crate) fn text(&mut self, name: &'static str) -> Result<Option<String>, InvalidCheckpoint> {
        let value = self.take(name);
        let decoded = |value| decode_text(value).ok_or_else(|| self.damaged(name));
        value.map(decoded).transpose()
    }

    /// Takes a field with a decimal number; `None` if it is absent.
    #[allow(dead_code, reason = "checkpoints of one mailbox have numbers")]
    pub(crate) fn number<T: FromStr>(
        &mut self,
        name: &'static str,
    ) -> Result<Option<T>, InvalidCheckpoint> {
        let value = self.take(name);
        let read = |value| number(value).ok_or_else(|| self.damaged(name));
        value.map(read).transpose()
    }

    /// The error if a part of this line is invalid or absent.
    pub(crate) fn damaged(&self, part: &'static str) -> InvalidCheckpoint {
        InvalidCheckpoint::damaged(part, self.text)
    }

    /// Rejects a line with fields that were not taken.
    pub(crate) fn finish(self) -> Result<(), InvalidCheckpoint> {
        match self.fields.is_empty() {
            true => Ok(()),
            false => Err(self.damaged("its fields")),
        }
    }
}

/// The text before the checksum, if that is right and no octet is there that cannot be in a line.
fn checked(text: &str) -> Option<&str> {
    let length = text.len().checked_sub(CHECK.len() + DIGITS)?;
    let (body, check) = text.split_at_checked(length)?;
    let is_line = body
        .bytes()
        .all(|octet| is_in_value(octet) || octet == b';');
    let is_right = check.strip_prefix(CHECK)? == Check::of(body).to_string();
    (is_line && is_right).then_some(body)
}

fn is_name(text: &str) -> bool {
    let is_in_name = |octet: u8| octet.is_ascii_lowercase() || octet == b'-';
    !text.is_empty() && text.bytes().all(is_in_name)
}

fn is_kind(text: &str) -> bool {
    is_name(text) && text.len() <= MAX_KIND
}

/// A decimal number in its only form: no sign, no zeros before it.
pub(crate) fn number<T: FromStr>(text: &str) -> Option<T> {
    let is_number = text.bytes().all(|octet| octet.is_ascii_digit());
    let is_padded = text.len() > 1 && text.starts_with('0');
    text.parse().ok().filter(|_| is_number && !is_padded)
}

/// A line with this body and its checksum.
#[cfg(test)]
pub(crate) fn with_check(body: &str) -> String {
    format!("{body}{CHECK}{}", Check::of(body))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const KIND: &str = "test-line";

    fn written() -> String {
        let mut text = String::new();
        let mut line = LineWriter::new(&mut text, KIND, 2).unwrap();
        line.text("account", "imap://jane;AUTHZID=x@host:993")
            .unwrap();
        line.field("uids", "1:3,5").unwrap();
        line.field("count", 7_u32).unwrap();
        line.finish().unwrap();
        text
    }

    /// Lines of older versions have to be readable forever: do not change this.
    #[test]
    fn the_frame_is_settled() {
        assert_eq!(
            written(),
            "test-line/2;account=imap%3A//jane%3BAUTHZID%3Dx@host%3A993;uids=1:3,5;count=7\
             ;check=3f97bcf4e11e84a9"
        );
        // The published values of FNV-1a.
        assert_eq!(Check::of("").to_string(), "cbf29ce484222325");
        assert_eq!(Check::of("a").to_string(), "af63dc4c8601ec8c");
        assert_eq!(Check::of("foobar").to_string(), "85944171f73967e8");
    }

    #[test]
    fn fields_are_taken_by_name() {
        let text = written();
        let mut fields = Fields::read(&text, KIND, 3).unwrap();
        assert_eq!(fields.number("count"), Ok(Some(7_u32)));
        assert_eq!(fields.take("count"), None);
        let account = fields.text("account").unwrap();
        assert_eq!(account.as_deref(), Some("imap://jane;AUTHZID=x@host:993"));
        assert_eq!(fields.number::<u32>("other"), Ok(None));
        assert_eq!(fields.text("other"), Ok(None));
        assert_eq!(fields.take("uids"), Some("1:3,5"));
        fields.finish().unwrap();
    }

    #[test]
    fn each_changed_octet_is_noticed() {
        let text = written();
        for place in 0..text.len() {
            for octet in 0..=u8::MAX {
                let mut changed = text.clone().into_bytes();
                changed[place] = octet;
                let Ok(changed) = String::from_utf8(changed) else {
                    continue;
                };
                let read = Fields::read(&changed, KIND, 2);
                match changed == text {
                    true => assert!(read.is_ok()),
                    false => assert!(read.unwrap_err().is_damaged(), "{changed}"),
                }
            }
        }
    }

    #[test]
    fn each_truncation_addition_and_loss_is_noticed() {
        let text = written();
        for end in 0..text.len() {
            let read = Fields::read(&text[..end], KIND, 2);
            assert!(read.unwrap_err().is_damaged(), "{end}");
            let read = Fields::read(&text[end + 1..], KIND, 2);
            assert!(read.unwrap_err().is_damaged(), "{end}");
            let without = format!("{}{}", &text[..end], &text[end + 1..]);
            let read = Fields::read(&without, KIND, 2);
            assert!(read.is_err_and(|error| error.is_damaged()), "{without}");
        }
        for around in [format!("{text}\n"), format!(" {text}"), text.repeat(2)] {
            assert!(Fields::read(&around, KIND, 2).unwrap_err().is_damaged());
        }
    }

    #[test]
    fn each_doubled_or_unknown_field_is_noticed() {
        let text = written();
        let body = checked(&text).unwrap();
        for field in body.split(';').skip(1) {
            let doubled = with_check(&format!("{body};{field}"));
            let error = Fields::read(&doubled, KIND, 2).unwrap_err();
            assert!(error.is_damaged(), "{doubled}");
        }
        let unknown = with_check(&format!("{body};more=1"));
        let mut fields = Fields::read(&unknown, KIND, 2).unwrap();
        for name in ["account", "uids", "count"] {
            assert!(fields.take(name).is_some());
        }
        assert!(fields.finish().unwrap_err().is_damaged());
    }

    #[test]
    fn other_kinds_and_newer_versions_have_their_own_errors() {
        let text = written();
        let error = Fields::read(&text, "other-line", 2).unwrap_err();
        assert!(error.is_other_kind() && !error.is_damaged() && !error.is_newer());
        assert_eq!(
            error.to_string(),
            "the text is a `test-line`, not a `other-line`"
        );

        let error = Fields::read(&text, KIND, 1).unwrap_err();
        assert!(error.is_newer() && !error.is_damaged() && !error.is_other_kind());
        assert_eq!(error.newer_version(), Some(2));

        let huge = format!("{KIND}/1;name={}", "x".repeat(100));
        for damaged in [
            with_check(""),
            with_check("/1"),
            with_check("Test-line/1"),
            with_check(&format!("{}/1", "x".repeat(MAX_KIND + 1))),
            with_check("test-line"),
            with_check("test-line/"),
            with_check("test-line/0"),
            with_check("test-line/01"),
            with_check("test-line/+1"),
            with_check("test-line/4294967296"),
            with_check("test-line/1;"),
            with_check("test-line/1;name"),
            with_check("test-line/1;=1"),
            with_check("test-line/1;NAME=1"),
            with_check("test-line/1;name= 1"),
            with_check("test-line/1;name=\"1\""),
            with_check("test-line/1;name=\n"),
            with_check("test-line/1;name=ü"),
            huge,
        ] {
            let error = Fields::read(&damaged, KIND, 1).unwrap_err();
            assert!(error.is_damaged(), "{damaged}");
            let shown = error.to_string();
            assert!(shown.len() < 120, "{shown}");
            assert!(
                shown
                    .bytes()
                    .all(|octet| octet.is_ascii_graphic() || octet == b' ')
            );
        }
    }

    #[test]
    fn values_that_were_not_written_so_are_damage() {
        for (value, is_number, is_text) in [
            ("7", true, true),
            ("0", true, true),
            ("", false, true),
            ("+7", false, false),
            ("07", false, true),
            ("4294967296", false, true),
            ("a:b", false, false),
            ("%4", false, false),
            ("%FF", false, false),
            ("a%20b", false, true),
        ] {
            let text = with_check(&format!("{KIND}/1;name={value}"));
            let read = || Fields::read(&text, KIND, 1).unwrap();
            assert_eq!(read().number::<u32>("name").is_ok(), is_number, "{value}");
            assert_eq!(read().text("name").is_ok(), is_text, "{value}");
        }
    }

    #[test]
    fn the_number_of_fields_is_bounded() {
        let name = |number: usize| -> String {
            let letters = [number / 26, number % 26].map(|n| b'a' + u8::try_from(n).unwrap());
            String::from_utf8(letters.to_vec()).unwrap()
        };
        let with = |count: usize| {
            let fields: String = (0..count).map(|n| format!(";{}=1", name(n))).collect();
            with_check(&format!("{KIND}/1{fields}"))
        };
        assert!(Fields::read(&with(MAX_FIELDS), KIND, 1).is_ok());
        assert!(Fields::read(&with(MAX_FIELDS + 1), KIND, 1).is_err());
    }

    proptest! {
        #[test]
        fn every_text_comes_back(text in ".{0,40}", raw in "\\PC{0,20}|[ -~\n]{0,20}") {
            let mut written = String::new();
            let mut line = LineWriter::new(&mut written, KIND, 1).unwrap();
            line.text("text", &text).unwrap();
            line.field("raw", &raw).unwrap();
            line.finish().unwrap();
            prop_assert!(written.bytes().all(|octet| octet.is_ascii_graphic()));
            prop_assert!(!written.contains(['"', '\'', '\\', ' ']));
            let mut fields = Fields::read(&written, KIND, 1).unwrap();
            prop_assert_eq!(fields.text("text"), Ok(Some(text)));
            prop_assert!(fields.take("raw").is_some());
            prop_assert_eq!(fields.finish(), Ok(()));
        }

        #[test]
        fn no_text_panics(text in "(test-line/1)?[a-z=;%0-9]{0,30}(;check=[0-9a-f]{16})?|.{0,60}") {
            let body = with_check(&text);
            for text in [&text, &body] {
                if let Ok(mut fields) = Fields::read(text, KIND, 1) {
                    let _ = fields.text("a");
                }
            }
        }
    }
}
