//! Base64 as mailers write it, undone while it is read (RFC 2045 section 6.8).

use base64::Engine;
use base64::engine::general_purpose::GeneralPurpose;
use base64::engine::{DecodePaddingMode, GeneralPurposeConfig};

const ENGINE: GeneralPurpose = GeneralPurpose::new(
    &base64::alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// Letters of base64 that have not been decoded, without everything else.
#[derive(Default)]
pub(super) struct Base64 {
    letters: Vec<u8>,
}

impl Base64 {
    /// Decodes the next octets; the end, when there are none.
    pub(super) fn decode(&mut self, raw: &[u8], to: &mut Vec<u8>) {
        // Padding ends one piece, and another may follow it.
        for (at, piece) in raw.split(|octet| *octet == b'=').enumerate() {
            if at > 0 {
                self.flush(to);
            }
            self.take_letters(piece);
        }
        if raw.is_empty() {
            return self.flush(to);
        }
        let whole = self.letters.len() / 4 * 4;
        decode(self.letters.get(..whole).unwrap_or_default(), to);
        self.letters.drain(..whole);
    }

    /// Line by line, mostly: runs of letters, and what is between them.
    fn take_letters(&mut self, mut piece: &[u8]) {
        while !piece.is_empty() {
            let run = piece.iter().take_while(|octet| is_letter(**octet)).count();
            let (letters, rest) = piece.split_at_checked(run).unwrap_or((piece, &[]));
            self.letters.extend_from_slice(letters);
            let other = rest.iter().take_while(|octet| !is_letter(**octet)).count();
            piece = rest.get(other..).unwrap_or_default();
        }
    }

    /// The end of a piece: of one letter alone nothing can be made.
    fn flush(&mut self, to: &mut Vec<u8>) {
        if self.letters.len() % 4 == 1 {
            self.letters.pop();
        }
        decode(&self.letters, to);
        self.letters.clear();
    }
}

fn decode(letters: &[u8], to: &mut Vec<u8>) {
    let decoded = ENGINE.decode_vec(letters, to);
    debug_assert!(decoded.is_ok(), "there are letters only");
}

fn is_letter(octet: u8) -> bool {
    octet.is_ascii_alphanumeric() || matches!(octet, b'+' | b'/')
}
