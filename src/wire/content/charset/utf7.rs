//! UTF-7 of texts (RFC 2152). Mailbox names use a modified form, which is stricter.

/// A decoder of UTF-7 in pieces.
#[derive(Default)]
pub(in crate::wire::content) struct Utf7 {
    run: Option<Run>,
}

/// Base64 after a `+`, up to the octet that ends it.
#[derive(Default)]
struct Run {
    bits: u32,
    count: u32,
    is_begun: bool,
    /// The first half of a character that takes two.
    high: Option<u16>,
}

impl Utf7 {
    pub(super) fn decode(&mut self, octets: &[u8], is_over: bool, to: &mut Vec<u8>) {
        for octet in octets {
            self.step(*octet, to);
        }
        if is_over {
            if let Some(run) = self.run.take() {
                run.end(to);
            }
        }
    }

    /// Whether the next octets are base64.
    pub(super) fn is_shifted(&self) -> bool {
        self.run.is_some()
    }

    fn step(&mut self, octet: u8, to: &mut Vec<u8>) {
        match (&mut self.run, six_bits(octet)) {
            (None, _) if octet == b'+' => self.run = Some(Run::default()),
            (None, _) if octet.is_ascii() => to.push(octet),
            (None, _) => to.extend_from_slice(REPLACEMENT),
            (Some(run), Some(bits)) => run.push(bits, to),
            (Some(_), None) => {
                let run = self.run.take().unwrap_or_default();
                run.end(to);
                if octet != b'-' {
                    self.step(octet, to);
                }
            }
        }
    }
}

impl Run {
    fn push(&mut self, bits: u32, to: &mut Vec<u8>) {
        self.is_begun = true;
        self.bits = self.bits << 6 | bits;
        self.count += 6;
        if self.count < 16 {
            return;
        }
        self.count -= 16;
        let unit = u16::try_from(self.bits >> self.count).unwrap_or_default();
        self.bits &= (1 << self.count) - 1;
        let high = self.high.take();
        match (high, unit) {
            (None, 0xd800..=0xdbff) => self.high = Some(unit),
            (Some(high), 0xdc00..=0xdfff) => push_units(&[high, unit], to),
            (Some(_), 0xd800..=0xdbff) => {
                to.extend_from_slice(REPLACEMENT);
                self.high = Some(unit);
            }
            (Some(_), _) => {
                to.extend_from_slice(REPLACEMENT);
                push_units(&[unit], to);
            }
            (None, _) => push_units(&[unit], to),
        }
    }

    /// The run ends.
    ///
    /// `+` alone is the sign itself where it is followed by `-`, and so it is taken to be where it
    /// is followed by what UTF-7 does not allow there. The bits after the last character are zero,
    /// and fewer than a letter has.
    fn end(self, to: &mut Vec<u8>) {
        if !self.is_begun {
            to.push(b'+');
        } else if self.high.is_some() || self.bits != 0 || self.count >= 6 {
            to.extend_from_slice(REPLACEMENT);
        }
    }
}

const REPLACEMENT: &[u8] = "\u{fffd}".as_bytes();

fn push_units(units: &[u16], to: &mut Vec<u8>) {
    let mut buffer = [0; 4];
    for character in char::decode_utf16(units.iter().copied()) {
        let character = character.unwrap_or(char::REPLACEMENT_CHARACTER);
        to.extend_from_slice(character.encode_utf8(&mut buffer).as_bytes());
    }
}

fn six_bits(letter: u8) -> Option<u32> {
    let value = match letter {
        b'A'..=b'Z' => letter - b'A',
        b'a'..=b'z' => letter - b'a' + 26,
        b'0'..=b'9' => letter - b'0' + 52,
        b'+' => 62,
        b'/' => 63,
        _ => return None,
    };
    Some(u32::from(value))
}
