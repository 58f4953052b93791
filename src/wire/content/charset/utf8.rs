//! UTF-8 that may be cut anywhere, and windows-1252, which most octets are that are not UTF-8.

use crate::wire::content::charset::labels::{canonical, clean};

/// A decoder of UTF-8 in pieces.
pub(in crate::wire::content) struct Utf8 {
    /// The beginning of a character.
    cut: Vec<u8>,
    invalid: Invalid,
}

/// The replacement of octets that are not UTF-8.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Invalid {
    /// U+FFFD.
    Replaced,
    Windows1252,
}

impl Utf8 {
    pub(super) fn new(invalid: Invalid) -> Self {
        Self {
            cut: Vec::new(),
            invalid,
        }
    }

    pub(super) fn decode(&mut self, octets: &[u8], is_over: bool, to: &mut Vec<u8>) {
        let mut rest = octets;
        // The character that was cut, octet by octet until it is complete or invalid.
        while !self.cut.is_empty() && !rest.is_empty() {
            let (first, after) = rest.split_at_checked(1).unwrap_or((rest, &[]));
            self.cut.extend_from_slice(first);
            rest = after;
            match std::str::from_utf8(&self.cut) {
                Ok(text) => {
                    to.extend_from_slice(text.as_bytes());
                    self.cut.clear();
                }
                Err(error) if error.error_len().is_some() => {
                    // The octet that does not fit begins another character.
                    let pieces = std::mem::take(&mut self.cut);
                    self.decode(&pieces, false, to);
                }
                Err(_) => {}
            }
        }
        let end = rest.as_ptr_range().end;
        for chunk in rest.utf8_chunks() {
            to.extend_from_slice(chunk.valid().as_bytes());
            let invalid = chunk.invalid();
            let is_cut = std::str::from_utf8(invalid).is_err_and(|e| e.error_len().is_none());
            let is_last = end == invalid.as_ptr_range().end;
            if is_cut && is_last && !is_over {
                self.cut.extend_from_slice(invalid);
            } else {
                self.mend(invalid, to);
            }
        }
        if is_over {
            let cut = std::mem::take(&mut self.cut);
            self.mend(&cut, to);
        }
    }

    /// Decodes octets that are not UTF-8.
    fn mend(&self, invalid: &[u8], to: &mut Vec<u8>) {
        match self.invalid {
            Invalid::Replaced if invalid.is_empty() => {}
            Invalid::Replaced => to.extend_from_slice("\u{fffd}".as_bytes()),
            Invalid::Windows1252 => windows_1252(invalid, to),
        }
    }
}

/// A check whether octets of a charset that is not decoded are text as they are.
///
/// They are if they are UTF-8, and none of them gives another meaning to octets of ASCII.
pub(in crate::wire::content) struct Check {
    cut: Vec<u8>,
    is_other: bool,
    shifts: fn(u8) -> bool,
}

impl Check {
    /// A check of octets in the charset of this name.
    pub(super) fn of(name: &str) -> Self {
        let shifts: fn(u8) -> bool = match clean(name).find_map(canonical) {
            // An octet is half of a character, or less.
            Some("utf-16" | "utf-16le" | "utf-16be" | "utf-32") => |_| true,
            Some("hz-gb-2312") => |octet| octet == b'~' || is_shift(octet),
            _ => is_shift,
        };
        Self {
            cut: Vec::new(),
            is_other: false,
            shifts,
        }
    }

    pub(super) fn look_at(&mut self, octets: &[u8]) {
        if self.is_other || octets.is_empty() {
            return;
        }
        if octets.iter().any(|octet| (self.shifts)(*octet)) {
            self.is_other = true;
            return;
        }
        let mut rest = octets;
        while !self.cut.is_empty() && !rest.is_empty() {
            let (first, after) = rest.split_at_checked(1).unwrap_or((rest, &[]));
            self.cut.extend_from_slice(first);
            rest = after;
            match std::str::from_utf8(&self.cut) {
                Ok(_) => self.cut.clear(),
                Err(error) if error.error_len().is_some() => self.is_other = true,
                Err(_) => {}
            }
            if self.is_other {
                return;
            }
        }
        if let Err(error) = std::str::from_utf8(rest) {
            self.is_other |= error.error_len().is_some();
            let cut = rest.get(error.valid_up_to()..).unwrap_or_default();
            if !self.is_other {
                self.cut.extend_from_slice(cut);
            }
        }
    }

    /// Whether all octets so far are text, up to a whole character.
    pub(super) fn is_text(&self) -> bool {
        !self.is_other && self.cut.is_empty()
    }
}

/// Whether this is an octet by which charsets of 7 bits shift (ESC, SO, SI), or one that text has
/// only in charsets of 16 or 32 bits (NUL).
fn is_shift(octet: u8) -> bool {
    matches!(octet, 0x1b | 0x0e | 0x0f | 0)
}

/// Octets of windows-1252 from 0x80 on, of which each is a character.
const FROM_80: [char; 32] = [
    '\u{20ac}', '\u{81}', '\u{201a}', '\u{192}', '\u{201e}', '\u{2026}', '\u{2020}', '\u{2021}',
    '\u{2c6}', '\u{2030}', '\u{160}', '\u{2039}', '\u{152}', '\u{8d}', '\u{17d}', '\u{8f}',
    '\u{90}', '\u{2018}', '\u{2019}', '\u{201c}', '\u{201d}', '\u{2022}', '\u{2013}', '\u{2014}',
    '\u{2dc}', '\u{2122}', '\u{161}', '\u{203a}', '\u{153}', '\u{9d}', '\u{17e}', '\u{178}',
];

/// The text of octets in windows-1252, as the Encoding Standard has it.
pub(super) fn windows_1252(octets: &[u8], to: &mut Vec<u8>) {
    let mut buffer = [0; 4];
    for octet in octets {
        let special = usize::from(*octet).checked_sub(0x80);
        let special = special.and_then(|at| FROM_80.get(at)).copied();
        let character = special.unwrap_or(char::from(*octet));
        to.extend_from_slice(character.encode_utf8(&mut buffer).as_bytes());
    }
}
