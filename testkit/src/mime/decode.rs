//! Content-Transfer-Encoding undone (for BINARY), and encoded words (for SEARCH).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::mime::part::Part;

/// The part's bytes decoded; `None` for an encoding that is not known.
pub(crate) fn body(part: &Part<'_>) -> Option<Vec<u8>> {
    let encoding = part.field("Content-Transfer-Encoding").unwrap_or_default();
    match encoding.to_ascii_lowercase().as_slice() {
        b"" | b"7bit" | b"8bit" | b"binary" => Some(part.body.to_vec()),
        b"base64" => base64(part.body),
        b"quoted-printable" => Some(quoted_printable(part.body)),
        _ => None,
    }
}

/// Header text with its encoded words (RFC 2047) in UTF-8 replaced by what they say.
pub(crate) fn words(text: &[u8]) -> String {
    let text = String::from_utf8_lossy(text);
    let mut plain = String::new();
    let mut rest = text.as_ref();
    let mut after_word = false;
    while let Some((before, candidate)) = rest.split_once("=?") {
        let Some((word, after)) = word(candidate) else {
            plain.push_str(before);
            plain.push_str("=?");
            rest = candidate;
            after_word = false;
            continue;
        };
        if !(after_word && before.trim().is_empty()) {
            plain.push_str(before);
        }
        plain.push_str(&word);
        rest = after;
        after_word = true;
    }
    plain + rest
}

/// One word after its `=?`, and what follows it.
fn word(candidate: &str) -> Option<(String, &str)> {
    let (charset, rest) = candidate.split_once('?')?;
    let (encoding, rest) = rest.split_once('?')?;
    let (coded, rest) = rest.split_once("?=")?;
    let bytes = match encoding {
        "B" | "b" => base64(coded.as_bytes())?,
        "Q" | "q" => quoted_printable(coded.replace('_', " ").as_bytes()),
        _ => return None,
    };
    let text = if charset.eq_ignore_ascii_case("iso-8859-1") {
        bytes.into_iter().map(char::from).collect()
    } else {
        String::from_utf8(bytes).ok()?
    };
    Some((text, rest))
}

fn base64(text: &[u8]) -> Option<Vec<u8>> {
    let packed: Vec<u8> = text
        .iter()
        .copied()
        .filter(|byte| !byte.is_ascii_whitespace())
        .collect();
    STANDARD.decode(packed).ok()
}

fn quoted_printable(text: &[u8]) -> Vec<u8> {
    let mut decoded = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((byte, after)) = rest.split_first() {
        rest = after;
        match (byte, after) {
            (b'=', [b'\r', b'\n', after @ ..] | [b'\n', after @ ..]) => rest = after,
            (b'=', [high, low, after @ ..]) => match (digit(*high), digit(*low)) {
                (Some(high), Some(low)) => {
                    decoded.push(high << 4 | low);
                    rest = after;
                }
                _ => decoded.push(*byte),
            },
            _ => decoded.push(*byte),
        }
    }
    decoded
}

fn digit(byte: u8) -> Option<u8> {
    char::from(byte)
        .to_digit(16)
        .and_then(|digit| u8::try_from(digit).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_join_and_nonsense_stays() {
        assert_eq!(
            words(b"=?utf-8?Q?Gr=C3=BC?= =?UTF-8?B?w58=?= an =?x"),
            "Grüß an =?x"
        );
        assert_eq!(quoted_printable(b"a=3Db=\r\nc=zz"), b"a=bc=zz");
    }
}
