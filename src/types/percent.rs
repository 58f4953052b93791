//! Percent-encoding (RFC 3986 section 2.1), for URLs and stored UIDs.

use std::fmt::{self, Write};

/// Writes octets, percent-encoded unless they stand for themselves.
pub(crate) fn encode(
    octets: &[u8],
    stands_for_itself: impl Fn(u8) -> bool,
    f: &mut impl Write,
) -> fmt::Result {
    for &octet in octets {
        match stands_for_itself(octet) {
            true => f.write_char(char::from(octet))?,
            false => write!(f, "%{octet:02X}")?,
        }
    }
    Ok(())
}

/// Accepts octets that stand for themselves and percent-encoded ones, no others.
pub(crate) fn decode(text: &str, stands_for_itself: impl Fn(u8) -> bool) -> Option<Vec<u8>> {
    let digit = |octet: u8| char::from(octet).to_digit(16);
    let mut octets = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(octet) = rest.next() {
        octets.push(match octet {
            b'%' => {
                let value = digit(rest.next()?)? * 16 + digit(rest.next()?)?;
                u8::try_from(value).ok()?
            }
            octet if stands_for_itself(octet) => octet,
            _ => return None,
        });
    }
    Some(octets)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_encoded_is_decoded_to_the_same() {
        let octets: Vec<u8> = (0..=255).collect();
        let is_plain = |octet: u8| octet.is_ascii_alphanumeric();
        let mut text = String::new();
        encode(&octets, is_plain, &mut text).unwrap();
        assert!(text.starts_with("%00%01") && text.contains("%40ABC"));
        assert_eq!(decode(&text, is_plain), Some(octets));
        for broken in ["%", "%4", "%4g", "a-b", "%%41"] {
            assert_eq!(decode(broken, is_plain), None, "{broken}");
        }
    }
}
