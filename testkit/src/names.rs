//! Mailbox names: UTF-8 inside, and on the wire modified UTF-7 (RFC 3501, section 5.1.3) unless UTF-8
//! has been enabled.

use base64::Engine as _;
use base64::alphabet::IMAP_MUTF7;
use base64::engine::general_purpose::{GeneralPurpose, NO_PAD};

const ENGINE: GeneralPurpose = GeneralPurpose::new(&IMAP_MUTF7, NO_PAD);

/// What stands between the levels of a name.
pub(crate) const DELIMITER: char = '/';

/// INBOX is one mailbox however it is written.
pub(crate) fn canonical(name: &str) -> String {
    match name.split_once(DELIMITER) {
        None if name.eq_ignore_ascii_case("inbox") => "INBOX".to_owned(),
        Some((first, rest)) if first.eq_ignore_ascii_case("inbox") => format!("INBOX/{rest}"),
        _ => name.to_owned(),
    }
}

/// From the wire: only the one canonical form is taken.
pub(crate) fn decode(wire: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(wire).ok()?;
    let mut name = String::new();
    let mut rest = text;
    while let Some((plain, shifted)) = rest.split_once('&') {
        name.push_str(plain);
        let (coded, after) = shifted.split_once('-')?;
        if coded.is_empty() {
            name.push('&');
        } else {
            let bytes = ENGINE.decode(coded).ok()?;
            let units: Vec<u16> = bytes
                .chunks(2)
                .map(|pair| match pair {
                    [high, low] => Some(u16::from_be_bytes([*high, *low])),
                    _ => None,
                })
                .collect::<Option<_>>()?;
            name.push_str(&String::from_utf16(&units).ok()?);
        }
        rest = after;
    }
    name.push_str(rest);
    (encode(&name) == text).then_some(name)
}

/// To the wire.
pub(crate) fn encode(name: &str) -> String {
    let mut wire = String::new();
    let mut shifted: Vec<u8> = Vec::new();
    for character in name.chars() {
        if matches!(character, ' '..='~') {
            flush(&mut wire, &mut shifted);
            wire.push(character);
            if character == '&' {
                wire.push('-');
            }
        } else {
            for unit in character.encode_utf16(&mut [0; 2]) {
                shifted.extend(unit.to_be_bytes());
            }
        }
    }
    flush(&mut wire, &mut shifted);
    wire
}

fn flush(wire: &mut String, shifted: &mut Vec<u8>) {
    if !shifted.is_empty() {
        wire.push('&');
        ENGINE.encode_string(&shifted, wire);
        wire.push('-');
        shifted.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_go_both_ways() {
        for (name, wire) in [
            ("Entwürfe", "Entw&APw-rfe"),
            ("R&D", "R&-D"),
            ("台北", "&U,BTFw-"),
            ("😀", "&2D3eAA-"),
        ] {
            assert_eq!(encode(name), wire);
            assert_eq!(decode(wire.as_bytes()).as_deref(), Some(name));
        }
    }

    #[test]
    fn other_forms_are_refused() {
        for wire in ["&", "&AGE-", "&APw", "Entw\u{fc}rfe", "&APw-&APw-"] {
            assert_eq!(decode(wire.as_bytes()), None, "{wire}");
        }
    }
}
