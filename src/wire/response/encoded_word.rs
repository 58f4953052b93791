//! Header text for people: unfolds lines and decodes the encoded words of RFC 2047.

use std::borrow::Cow;

use base64::Engine;
use base64::engine::general_purpose::GeneralPurpose;
use base64::engine::{DecodePaddingMode, GeneralPurposeConfig};
use memchr::{memchr, memchr3};

use crate::limits::DECODED_FIELD;

const BASE64: GeneralPurpose = GeneralPurpose::new(
    &base64::alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// Decodes header text. Never fails: what cannot be decoded stays as it is.
///
/// The result has at most three octets for each octet of the first MiB; what follows is cut off.
pub(crate) fn decode(raw: Cow<'_, [u8]>) -> Cow<'_, str> {
    let input = raw.get(..DECODED_FIELD).unwrap_or(&raw);
    if memchr3(b'=', b'\r', b'\n', input).is_none() && input.len() == raw.len() {
        return into_text(raw);
    }
    let unfolded = unfold(input);
    if !contains_start(&unfolded) {
        return Cow::Owned(String::from_utf8_lossy(&unfolded).into_owned());
    }
    Cow::Owned(Decoder::default().decode(&unfolded))
}

/// Text without encoded words, with U+FFFD for what is not UTF-8.
pub(crate) fn into_text(raw: Cow<'_, [u8]>) -> Cow<'_, str> {
    match raw {
        Cow::Borrowed(bytes) => String::from_utf8_lossy(bytes),
        Cow::Owned(bytes) => Cow::Owned(match String::from_utf8(bytes) {
            Ok(text) => text,
            Err(error) => String::from_utf8_lossy(error.as_bytes()).into_owned(),
        }),
    }
}

/// Text in a named charset, if it is one that we know.
pub(crate) fn decode_charset(charset: &[u8], bytes: &[u8]) -> Option<String> {
    let is = |name: &str| charset.eq_ignore_ascii_case(name.as_bytes());
    if is("utf-8") || is("utf8") || is("us-ascii") || is("ascii") {
        return Some(String::from_utf8_lossy(bytes).into_owned());
    }
    if is("iso-8859-1") || is("latin1") {
        return Some(bytes.iter().map(|byte| char::from(*byte)).collect());
    }
    other_charset(charset, bytes)
}

#[cfg(feature = "charsets")]
fn other_charset(charset: &[u8], bytes: &[u8]) -> Option<String> {
    let encoding = encoding_rs::Encoding::for_label(charset)?;
    Some(encoding.decode_without_bom_handling(bytes).0.into_owned())
}

#[cfg(not(feature = "charsets"))]
fn other_charset(_charset: &[u8], _bytes: &[u8]) -> Option<String> {
    None
}

fn contains_start(text: &[u8]) -> bool {
    text.windows(2).any(|pair| pair == b"=?")
}

/// Takes the line ends out of folded text.
fn unfold(input: &[u8]) -> Cow<'_, [u8]> {
    if input.iter().any(|byte| matches!(byte, b'\r' | b'\n')) {
        Cow::Owned(
            input
                .iter()
                .copied()
                .filter(|byte| !matches!(byte, b'\r' | b'\n'))
                .collect(),
        )
    } else {
        Cow::Borrowed(input)
    }
}

/// Text in the making. Neighbouring words of one charset are decoded together, because a
/// character may be split over them.
#[derive(Default)]
struct Decoder<'a> {
    text: String,
    charset: &'a [u8],
    /// Decoded octets in `charset` that are not text yet.
    octets: Vec<u8>,
    /// The words of `octets` as they were written, in case the charset is unknown.
    written: Vec<u8>,
}

impl<'a> Decoder<'a> {
    fn decode(mut self, mut rest: &'a [u8]) -> String {
        let mut plain: &[u8] = rest;
        while let Some(equals) = memchr(b'=', rest) {
            let from = rest.get(equals..).unwrap_or_default();
            let Some(word) = Word::parse(from) else {
                rest = from.get(1..).unwrap_or_default();
                continue;
            };
            let before = plain.get(..plain.len() - from.len()).unwrap_or_default();
            self.push(before, &word, from);
            rest = from.get(word.len..).unwrap_or_default();
            plain = rest;
        }
        self.flush();
        self.text.push_str(&String::from_utf8_lossy(plain));
        self.text
    }

    fn push(&mut self, before: &[u8], word: &Word<'a>, from: &[u8]) {
        let in_run = !self.written.is_empty();
        let gap = before.iter().all(|byte| matches!(byte, b' ' | b'\t'));
        let same = word.charset.eq_ignore_ascii_case(self.charset);
        if !(in_run && gap && same) {
            self.flush();
            if !(in_run && gap) {
                self.text.push_str(&String::from_utf8_lossy(before));
            }
            self.charset = word.charset;
        } else {
            self.written.extend_from_slice(before);
        }
        self.octets.extend_from_slice(&word.octets);
        self.written
            .extend_from_slice(from.get(..word.len).unwrap_or_default());
    }

    fn flush(&mut self) {
        match decode_charset(self.charset, &self.octets) {
            Some(text) => self.text.push_str(&text),
            None => self.text.push_str(&String::from_utf8_lossy(&self.written)),
        }
        self.octets.clear();
        self.written.clear();
    }
}

/// `encoded-word`.
struct Word<'a> {
    charset: &'a [u8],
    octets: Vec<u8>,
    /// Octets from `=?` to `?=`.
    len: usize,
}

impl<'a> Word<'a> {
    fn parse(text: &'a [u8]) -> Option<Word<'a>> {
        let rest = text.strip_prefix(b"=?")?;
        let charset_len = rest.iter().position(|byte| !is_charset(*byte))?;
        let (charset, rest) = rest.split_at_checked(charset_len)?;
        let charset = charset.split(|byte| *byte == b'*').next()?;
        let [b'?', encoding, b'?', rest @ ..] = rest else {
            return None;
        };
        let (encoded, after) = rest.split_at_checked(memchr(b'?', rest)?)?;
        let after = after.strip_prefix(b"?=")?;
        let octets = match encoding {
            b'B' | b'b' => base64(encoded)?,
            b'Q' | b'q' => q(encoded),
            _ => return None,
        };
        (!charset.is_empty()).then(|| Word {
            charset,
            octets,
            len: text.len() - after.len(),
        })
    }
}

fn is_charset(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-_.:+*".contains(&byte)
}

fn base64(encoded: &[u8]) -> Option<Vec<u8>> {
    let dense: Vec<u8> = encoded
        .iter()
        .copied()
        .filter(|byte| *byte != b' ')
        .collect();
    BASE64.decode(dense).ok()
}

/// The "Q" encoding; a `=` without two hexadecimal digits stands for itself.
fn q(encoded: &[u8]) -> Vec<u8> {
    let mut octets = Vec::with_capacity(encoded.len());
    let mut rest = encoded;
    while let [first, tail @ ..] = rest {
        let escaped = match rest {
            [b'=', high, low, after @ ..] => hex(*high).zip(hex(*low)).map(|pair| (pair, after)),
            _ => None,
        };
        if let Some(((high, low), after)) = escaped {
            octets.push(high << 4 | low);
            rest = after;
        } else {
            octets.push(if *first == b'_' { b' ' } else { *first });
            rest = tail;
        }
    }
    octets
}

/// The value of a hexadecimal digit.
pub(crate) fn hex(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        b'A'..=b'F' => Some(digit - b'A' + 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(raw: &str) -> String {
        decode(Cow::Borrowed(raw.as_bytes())).into_owned()
    }

    #[test]
    fn examples_of_rfc_2047() {
        for (raw, expected) in [
            ("=?ISO-8859-1?Q?a?=", "a"),
            ("=?ISO-8859-1?Q?a?= b", "a b"),
            ("=?ISO-8859-1?Q?a?= =?ISO-8859-1?Q?b?=", "ab"),
            ("=?ISO-8859-1?Q?a?=  =?ISO-8859-1?Q?b?=", "ab"),
            ("=?ISO-8859-1?Q?a?=\r\n    =?ISO-8859-1?Q?b?=", "ab"),
            ("=?ISO-8859-1?Q?a_b?=", "a b"),
            ("=?ISO-8859-1?Q?a?= =?ISO-8859-2?Q?_b?=", ISO_8859_2),
            (
                "=?US-ASCII*EN?Q?Keith_Moore?= <moore@cs.utk.edu>",
                "Keith Moore <moore@cs.utk.edu>",
            ),
            ("=?ISO-8859-1?Q?Patrik_F=E4ltstr=F6m?=", "Patrik Fältström"),
            (
                "=?iso-8859-1?B?SWYgeW91IGNhbiByZWFkIHRoaXMgeW8=?=",
                "If you can read this yo",
            ),
        ] {
            assert_eq!(text(raw), expected, "{raw}");
        }
    }

    #[cfg(feature = "charsets")]
    const ISO_8859_2: &str = "a b";
    #[cfg(not(feature = "charsets"))]
    const ISO_8859_2: &str = "a=?ISO-8859-2?Q?_b?=";

    #[test]
    fn characters_split_over_words_are_joined() {
        assert_eq!(text("=?utf-8?Q?=C3?= =?UTF-8?Q?=A4?="), "ä");
        assert_eq!(
            text("=?utf-8?B?8J+Y?=\r\n =?utf-8?Q?=80_ok?= end"),
            "😀 ok end"
        );
    }

    #[test]
    fn what_is_not_an_encoded_word_stays() {
        for raw in [
            "a = b",
            "=?",
            "=??=",
            "=?utf-8?",
            "=?utf-8?Q?",
            "=?utf-8?Q?a",
            "=?utf-8?X?a?=",
            "=?x-unknown?Q?=E4?=",
            "=?utf-8?B?@@@?=",
            "=?=?=?=",
            "=????=",
        ] {
            assert_eq!(text(raw), raw);
        }
        assert_eq!(text("1 =?utf-8?Q?=?= 2 =?utf-8?Q?=4?= 3"), "1 = 2 =4 3");
        assert_eq!(text("=?=?utf-8?Q?x?="), "=?x");
    }

    #[test]
    fn raw_utf_8_and_raw_rubbish() {
        assert_eq!(text("Grüße =?utf-8?Q?=C3=BC?="), "Grüße ü");
        assert_eq!(decode(Cow::Borrowed(b"a\xffb")), "a\u{fffd}b");
        assert_eq!(
            decode(Cow::Borrowed(b"=\xff=?utf-8?q?=ff?=")),
            "=\u{fffd}\u{fffd}"
        );
    }

    #[test]
    fn plain_text_is_borrowed() {
        assert!(matches!(
            decode(Cow::Borrowed(b"plain")),
            Cow::Borrowed("plain")
        ));
    }

    #[test]
    fn attack_63_long_text_is_bounded_and_linear() {
        let raw = "=?utf-8?Q?=?".repeat(2 << 20);
        assert!(text(&raw).len() <= 3 * DECODED_FIELD);
        let raw = "=?iso-8859-1?Q?=E4?= ".repeat(1 << 17);
        assert!(text(&raw).len() <= 3 * DECODED_FIELD);
    }
}
