//! Encodes text in the charset that a server requires: exactly, or not at all.

use std::borrow::Cow;

/// The name of UTF-8 where a charset is named.
pub(crate) const UTF_8: &str = "UTF-8";

/// The only charset that is tried if a server does not know UTF-8.
pub(crate) const LATIN_1: &str = "ISO-8859-1";

/// The octets of a text in a charset; `None` if the charset is unknown or lacks a character.
pub(crate) fn encode<'t>(charset: &str, text: &'t str) -> Option<Cow<'t, [u8]>> {
    let is = |names: &[&str]| names.iter().any(|name| charset.eq_ignore_ascii_case(name));
    if is(&[UTF_8, "UTF8"]) {
        return Some(Cow::Borrowed(text.as_bytes()));
    }
    if is(&["US-ASCII", "ASCII"]) {
        return text.is_ascii().then_some(Cow::Borrowed(text.as_bytes()));
    }
    if is(&[LATIN_1, "LATIN1"]) {
        let octets: Option<Vec<u8>> = text.chars().map(|c| u8::try_from(c).ok()).collect();
        return octets.map(Cow::Owned);
    }
    other(charset, text)
}

/// Finds the charset by the name of the encoding itself.
///
/// Under other labels, the Encoding Standard means larger charsets than these names do elsewhere.
#[cfg(feature = "charsets")]
fn other<'t>(charset: &str, text: &'t str) -> Option<Cow<'t, [u8]>> {
    let encoding = encoding_rs::Encoding::for_label(charset.as_bytes())?;
    let is_itself = encoding.name().eq_ignore_ascii_case(charset);
    let (octets, used, has_errors) = encoding.encode(text);
    (is_itself && used == encoding && !has_errors).then_some(octets)
}

#[cfg(not(feature = "charsets"))]
fn other<'t>(_charset: &str, _text: &'t str) -> Option<Cow<'t, [u8]>> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_exact_or_refused() {
        let grusse = "Gr\u{fc}\u{df}e";
        let latin = b"Gr\xfc\xdfe".to_vec();
        assert_eq!(encode("utf-8", grusse).as_deref(), Some(grusse.as_bytes()));
        assert_eq!(encode("iso-8859-1", grusse).as_deref(), Some(&*latin));
        assert_eq!(encode("us-ascii", grusse), None);
        assert_eq!(encode("US-ASCII", "abc").as_deref(), Some(&b"abc"[..]));
        assert_eq!(encode("ISO-8859-1", "\u{20ac}"), None, "no euro in there");
        assert_eq!(encode("X-UNKNOWN", "abc"), None);
        assert_eq!(encode("UTF-7", "abc"), None);
    }

    #[cfg(feature = "charsets")]
    #[test]
    fn more_charsets_are_exact_or_refused() {
        let koi = encode("koi8-r", "\u{44f}");
        assert_eq!(koi.as_deref(), Some(&b"\xd1"[..]));
        assert_eq!(
            encode("ISO-8859-2", "\u{fc}").as_deref(),
            Some(&b"\xfc"[..])
        );
        assert_eq!(encode("ISO-8859-2", "\u{44f}"), None);
        assert_eq!(encode("gb2312", "\u{4e2d}"), None, "GBK is more than that");
        assert_eq!(encode("UTF-16LE", "a"), None);
    }
}
