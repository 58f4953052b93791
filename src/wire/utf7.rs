//! Modified UTF-7, the form in which mailbox names travel (RFC 3501 section 5.1.3).

use crate::types::mailbox_name::MailboxName;

/// The name that a server sent. What does not decode keeps its octets (see [`MailboxName`]).
pub(crate) fn mailbox_name(bytes: &[u8]) -> MailboxName {
    let (text, canonical) = decode(bytes);
    MailboxName::from_wire(bytes, text, canonical)
}

/// The text of a name, and whether encoding the text gives the same octets again.
///
/// Names that break the rules are shown as they were sent. Encoded ASCII is among these: it would
/// let `&AEkATgBCAE8AWA-` pass for INBOX, and `&AC8-` for a delimiter.
pub(crate) fn decode(bytes: &[u8]) -> (String, bool) {
    match decode_strictly(bytes) {
        Some(text) => {
            let canonical = encode(&text).as_bytes() == bytes;
            (text, canonical)
        }
        None => (String::from_utf8_lossy(bytes).into_owned(), false),
    }
}

/// The form in which a text is sent; ASCII, without controls.
pub(crate) fn encode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    let mut shifted = Shifted::default();
    for character in text.chars() {
        if is_direct(character) {
            shifted.finish(&mut encoded);
            encoded.push(character);
            if character == '&' {
                encoded.push('-');
            }
        } else {
            shifted.push(character, &mut encoded);
        }
    }
    shifted.finish(&mut encoded);
    encoded
}

/// The base64 run that is being written: UTF-16, six bits a character, without padding.
#[derive(Default)]
struct Shifted {
    open: bool,
    bits: u32,
    count: u32,
}

impl Shifted {
    fn push(&mut self, character: char, encoded: &mut String) {
        if !self.open {
            encoded.push('&');
            self.open = true;
        }
        for unit in character.encode_utf16(&mut [0; 2]) {
            self.bits = (self.bits << 16) | u32::from(*unit);
            self.count += 16;
            while self.count >= 6 {
                self.count -= 6;
                encoded.push(digit(self.bits >> self.count));
            }
            self.bits &= (1 << self.count) - 1;
        }
    }

    fn finish(&mut self, encoded: &mut String) {
        if !self.open {
            return;
        }
        if self.count > 0 {
            encoded.push(digit(self.bits << (6 - self.count)));
        }
        encoded.push('-');
        *self = Self::default();
    }
}

fn decode_strictly(bytes: &[u8]) -> Option<String> {
    let mut text = String::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some((byte, behind)) = rest.split_first() {
        rest = behind;
        if *byte != b'&' {
            let character = char::from(*byte);
            text.push(is_direct(character).then_some(character)?);
            continue;
        }
        let end = memchr::memchr(b'-', rest)?;
        let (run, behind) = rest.split_at_checked(end)?;
        rest = behind.get(1..)?;
        if run.is_empty() {
            text.push('&');
        } else {
            decode_run(run, &mut text)?;
        }
    }
    Some(text)
}

/// One base64 run; `None` for a foreign digit, bits left over, half a pair, or encoded ASCII.
fn decode_run(run: &[u8], text: &mut String) -> Option<()> {
    let (mut bits, mut count) = (0u32, 0u32);
    let mut units = Vec::with_capacity(run.len() * 3 / 8);
    for byte in run {
        bits = (bits << 6) | value(*byte)?;
        count += 6;
        if count >= 16 {
            count -= 16;
            units.push(u16::try_from(bits >> count).ok()?);
            bits &= (1 << count) - 1;
        }
    }
    if count >= 6 || bits != 0 {
        return None;
    }
    for character in char::decode_utf16(units) {
        let character = character.ok()?;
        text.push((!is_direct(character)).then_some(character)?);
    }
    Some(())
}

/// Printable ASCII stands for itself.
fn is_direct(character: char) -> bool {
    matches!(character, ' '..='~')
}

const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+,";

fn digit(six_bits: u32) -> char {
    let at = usize::try_from(six_bits & 0x3f).unwrap_or_default();
    DIGITS.get(at).copied().map_or('A', char::from)
}

fn value(byte: u8) -> Option<u32> {
    let value = match byte {
        b'A'..=b'Z' => byte - b'A',
        b'a'..=b'z' => byte - b'a' + 26,
        b'0'..=b'9' => byte - b'0' + 52,
        b'+' => 62,
        b',' => 63,
        _ => return None,
    };
    Some(u32::from(value))
}
