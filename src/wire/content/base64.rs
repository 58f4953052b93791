//! Base64 as mailers write it, decoded while it is read (RFC 2045 section 6.8).

use base64::Engine;
use base64::engine::general_purpose::GeneralPurpose;
use base64::engine::{DecodePaddingMode, GeneralPurposeConfig};

use crate::limits::FURTHER_PIECE;

const ENGINE: GeneralPurpose = GeneralPurpose::new(
    &base64::alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// Letters of base64 that have not been decoded, without all other octets.
#[derive(Default)]
pub(super) struct Base64 {
    letters: Vec<u8>,
    at: At,
}

#[derive(Default)]
enum At {
    /// In a piece: the first one, or one that certainly is one.
    #[default]
    Piece,
    /// After the padding that ended a piece.
    ///
    /// Another piece may follow, or text that only contains letters of base64; `letters` has those
    /// so far.
    Padding(Gap),
    /// After the end.
    End,
}

/// The octets between two letters after the padding.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Gap {
    Nothing,
    Blanks,
    /// And blanks.
    LineEnd,
}

impl Base64 {
    /// Decodes the next octets; no octets mean the end.
    pub(super) fn decode(&mut self, raw: &[u8], to: &mut Vec<u8>) {
        let mut rest = raw;
        while !rest.is_empty() {
            rest = match self.at {
                At::Piece => self.piece(rest, to),
                At::Padding(gap) => self.behind_padding(gap, rest),
                At::End => return,
            };
        }
        match self.at {
            At::Piece if raw.is_empty() => self.flush(to),
            At::Padding(_) if raw.is_empty() => self.further_piece(to),
            At::Piece => {
                let whole = self.letters.len() / 4 * 4;
                decode(self.letters.get(..whole).unwrap_or_default(), to);
                self.letters.drain(..whole);
            }
            At::Padding(_) | At::End => {}
        }
    }

    /// Decodes runs of letters and skips what is between them, mostly line by line.
    ///
    /// Returns the octets after the padding.
    fn piece<'r>(&mut self, raw: &'r [u8], to: &mut Vec<u8>) -> &'r [u8] {
        let mut rest = raw;
        while let [first, after @ ..] = rest {
            let run = rest.iter().take_while(|octet| is_letter(**octet)).count();
            if run > 0 {
                let (letters, others) = rest.split_at_checked(run).unwrap_or((rest, &[]));
                self.letters.extend_from_slice(letters);
                rest = others;
                continue;
            }
            rest = after;
            // A complete group has no padding.
            if *first == b'=' && self.letters.len() % 4 != 0 {
                self.flush(to);
                self.at = At::Padding(Gap::Nothing);
                return rest;
            }
        }
        rest
    }

    /// Reads what follows the padding.
    ///
    /// It is another piece if it has only letters and line ends up to its own end, and as many
    /// letters as a piece has.
    fn behind_padding<'r>(&mut self, mut gap: Gap, raw: &'r [u8]) -> &'r [u8] {
        for (at, octet) in raw.iter().enumerate() {
            match octet {
                b'\r' | b'\n' => gap = Gap::LineEnd,
                b' ' | b'\t' if gap == Gap::LineEnd => {}
                b' ' | b'\t' => gap = Gap::Blanks,
                // The rest of the padding.
                b'=' if self.letters.is_empty() => {}
                b'=' if self.letters.len() % 4 != 1 => {
                    self.at = At::Piece;
                    return raw.get(at..).unwrap_or_default();
                }
                // Letters after a blank are words.
                octet if is_letter(*octet) && gap != Gap::Blanks => {
                    self.letters.push(*octet);
                    gap = Gap::Nothing;
                    if self.letters.len() >= FURTHER_PIECE {
                        self.at = At::Piece;
                        return raw.get(at + 1..).unwrap_or_default();
                    }
                }
                _ => {
                    self.at = At::End;
                    return &[];
                }
            }
        }
        self.at = At::Padding(gap);
        &[]
    }

    /// Decodes, at the end, what may have been a further piece.
    fn further_piece(&mut self, to: &mut Vec<u8>) {
        if self.letters.len() % 4 == 0 {
            self.flush(to);
        }
        self.at = At::End;
    }

    /// Decodes the end of a piece; a single letter is discarded.
    fn flush(&mut self, to: &mut Vec<u8>) {
        octets(&self.letters, to);
        self.letters.clear();
    }
}

/// Adds the letters of a word of header text; returns whether padding ends it.
pub(crate) fn letters(word: &[u8], to: &mut Vec<u8>) -> bool {
    to.extend(word.iter().copied().filter(|octet| is_letter(*octet)));
    word.trim_ascii_end().ends_with(b"=")
}

/// Decodes letters that are complete.
pub(crate) fn octets(letters: &[u8], to: &mut Vec<u8>) {
    let is_one_over = letters.len() % 4 == 1;
    let whole = letters.len() - usize::from(is_one_over);
    decode(letters.get(..whole).unwrap_or_default(), to);
}

fn decode(letters: &[u8], to: &mut Vec<u8>) {
    let decoded = ENGINE.decode_vec(letters, to);
    debug_assert!(decoded.is_ok(), "there are letters only");
}

fn is_letter(octet: u8) -> bool {
    octet.is_ascii_alphanumeric() || matches!(octet, b'+' | b'/')
}
