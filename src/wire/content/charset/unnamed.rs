//! Text whose charset nothing names, or which names US-ASCII and is not.
//!
//! It is UTF-8, else windows-1252. Old Japanese mail has parts in ISO-2022-JP, each of which begins
//! with an escape.

use crate::wire::content::charset::shifted::{Shifted, Shifts};
use crate::wire::content::charset::utf8::{Invalid, Utf8};

/// Text in pieces.
pub(in crate::wire::content) struct Unnamed {
    plain: Utf8,
    /// In its initial state outside of the parts that it decodes.
    japanese: Shifted,
    /// Whether the last octet was an ESC that may begin such a part.
    is_escape: bool,
}

const ESC: u8 = 0x1b;

impl Default for Unnamed {
    fn default() -> Self {
        Self {
            plain: Utf8::new(Invalid::Windows1252),
            japanese: Shifted::new(Shifts::Japanese),
            is_escape: false,
        }
    }
}

impl Unnamed {
    pub(super) fn decode(&mut self, octets: &[u8], is_over: bool, to: &mut Vec<u8>) {
        let mut rest = octets;
        while let Some(first) = rest.first() {
            if self.is_escape {
                self.escape(*first == b'$', to);
            }
            rest = self.japanese.decode_shifted(rest, to);
            let end = memchr::memchr(ESC, rest);
            let (plain, from) = rest
                .split_at_checked(end.unwrap_or(rest.len()))
                .unwrap_or((rest, &[]));
            self.plain.decode(plain, false, to);
            self.is_escape = end.is_some();
            rest = from.get(1..).unwrap_or_default();
        }
        if is_over {
            if self.is_escape {
                self.escape(false, to);
            }
            self.japanese.decode(b"", true, to);
            self.plain.decode(b"", true, to);
        }
    }

    /// Processes the ESC, which begins a part in ISO-2022-JP or stands for itself.
    fn escape(&mut self, is_shift: bool, to: &mut Vec<u8>) {
        self.is_escape = false;
        if is_shift {
            self.plain.decode(b"", true, to);
            self.japanese.decode(&[ESC], false, to);
        } else {
            self.plain.decode(&[ESC], false, to);
        }
    }

    /// Whether octets of ASCII are other characters.
    pub(super) fn is_shifted(&self) -> bool {
        self.japanese.is_shifted()
    }
}
