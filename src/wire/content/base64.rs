//! Base64 as mailers write it, decoded while it is read (RFC 2045 section 6.8).

use std::ops::RangeInclusive;

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
///
/// What follows the content is often text, such as the footer of a mailing list, and text has
/// letters of base64. So the letters of a line are content only once its end has been seen, and
/// those behind what ends a piece only once they certainly are another piece.
#[derive(Default)]
pub(crate) struct Base64 {
    letters: Vec<u8>,
    /// The number of letters that are content; the others may turn out to be text.
    sure: usize,
    at: At,
    line: Line,
    /// The first line of the piece.
    first: Option<Line>,
    /// Whether each whole line of the letters that may be text is a word.
    is_words: bool,
    /// Whether nothing but blanks has followed the last line feed.
    is_empty_line: bool,
}

#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum At {
    /// In a piece: the first one, or one that certainly is one.
    #[default]
    Piece,
    /// After a line that is shorter than the first, as the last of a piece is.
    ShortLine,
    /// After the padding that ended a piece.
    Padding,
    /// After the end.
    End,
}

/// What has been read of a line.
#[derive(Clone, Copy, Default)]
struct Line {
    letters: usize,
    /// Printable octets that are no letters, and blanks between words.
    others: usize,
    /// Whether a blank follows, which is between words if anything else follows it.
    has_blank: bool,
    /// Whether its letters are content, whatever follows.
    is_sure: bool,
    /// Whether it begins with the padding of a piece.
    is_behind_padding: bool,
}

impl Base64 {
    /// The letters of a piece that have not been decoded, if it has not ended.
    pub(crate) fn rest(&self) -> &[u8] {
        match self.at {
            At::Piece => &self.letters,
            _ => &[],
        }
    }

    /// Decodes the next octets; no octets mean the end.
    pub(crate) fn decode(&mut self, raw: &[u8], to: &mut Vec<u8>) {
        let mut rest = raw;
        while let [first, after @ ..] = rest {
            if self.at == At::End {
                break;
            }
            let run = rest.iter().take_while(|octet| is_letter(**octet)).count();
            if run > 0 {
                let (letters, others) = rest.split_at_checked(run).unwrap_or((rest, &[]));
                self.add(letters);
                rest = others;
                continue;
            }
            rest = after;
            match first {
                b'\r' | b'\n' => self.end_line(*first == b'\n'),
                b' ' | b'\t' => self.line.has_blank = self.line.has_content(),
                b'=' => self.padding(to),
                // Before a quoted line.
                b'>' if !self.line.has_content() => {}
                // Controls are damage, not text.
                0..=0x1f | 0x7f => {}
                _ => self.add_other(),
            }
        }
        if raw.is_empty() {
            self.end(to);
        }
        let end = if self.at == At::End {
            self.letters.len()
        } else {
            self.sure / 4 * 4
        };
        octets(self.letters.get(..end).unwrap_or_default(), to);
        self.letters.drain(..end);
        self.sure = self.sure.saturating_sub(end);
    }

    fn add(&mut self, letters: &[u8]) {
        if self.line.has_blank {
            self.add_other();
            if self.at == At::End {
                return;
            }
        }
        self.letters.extend_from_slice(letters);
        self.line.letters += letters.len();
        let is_piece = self.letters.len() - self.sure >= FURTHER_PIECE;
        if is_piece {
            (self.at, self.line.is_sure) = (At::Piece, true);
        }
        if is_piece || self.is_sure() {
            self.sure = self.letters.len();
        }
    }

    /// Whether the letters of this line are content, whatever follows.
    fn is_sure(&self) -> bool {
        self.at == At::Piece && (self.line.is_sure || self.first.is_none())
    }

    /// Counts an octet that is no letter. Behind the end of a piece it is text.
    fn add_other(&mut self) {
        self.line.others += 1;
        self.line.has_blank = false;
        if matches!(self.at, At::ShortLine | At::Padding) {
            self.discard();
        }
    }

    /// Discards what may be text, and everything that follows.
    fn discard(&mut self) {
        self.letters.truncate(self.sure);
        self.at = At::End;
    }

    /// Takes a sign of padding, which ends a piece unless it pads nothing.
    ///
    /// Signs that pad nothing are common where lines were quoted-printable too.
    fn padding(&mut self, to: &mut Vec<u8>) {
        let over = self.letters.len() % 4;
        match self.at {
            At::Piece if over == 0 => return,
            At::Piece if !self.is_sure() && self.line.is_mostly_other() => return self.discard(),
            At::Piece => {}
            _ if over < 2 => return,
            _ => {}
        }
        octets(&self.letters, to);
        self.letters.clear();
        self.sure = 0;
        (self.at, self.first, self.is_words) = (At::Padding, None, true);
        self.line = Line {
            is_behind_padding: true,
            ..Line::default()
        };
    }

    /// Decides about a line when its end is seen.
    fn end_line(&mut self, is_line_feed: bool) {
        let was_empty = self.is_empty_line;
        self.is_empty_line = is_line_feed || was_empty && !self.line.has_content();
        let line = std::mem::take(&mut self.line);
        if line.letters == 0 && line.others == 0 {
            let is_empty = is_line_feed && was_empty && !line.is_behind_padding;
            if is_empty && self.at == At::Piece && self.first.is_some() {
                (self.at, self.is_words) = (At::ShortLine, true);
            }
        } else if self.at == At::Piece {
            self.end_line_of_piece(line);
        } else {
            let start = self.letters.len().saturating_sub(line.letters);
            let letters = self.letters.get(start..).unwrap_or_default();
            self.is_words &= !line.is_behind_padding && is_word(letters);
            self.first.get_or_insert(line);
        }
    }

    fn end_line_of_piece(&mut self, line: Line) {
        let Some(first) = self.first else {
            self.first = (line.letters > 0).then_some(line);
            return;
        };
        if !line.is_sure && line.is_text_behind(first) {
            return self.discard();
        }
        self.sure = self.letters.len();
        if first.others == 0 && line.len() < first.len() {
            (self.at, self.is_words) = (At::ShortLine, true);
        }
    }

    /// Decides, at the end, about what may have been a further piece.
    fn end(&mut self, to: &mut Vec<u8>) {
        self.end_line(false);
        let is_piece = match self.at {
            At::Piece => true,
            At::ShortLine => !self.is_words,
            At::Padding => !self.is_words && self.letters.len() % 4 == 0,
            At::End => return,
        };
        if !is_piece {
            self.discard();
        }
        octets(&self.letters, to);
        self.letters.clear();
        self.at = At::End;
    }
}

impl Line {
    fn len(&self) -> usize {
        self.letters + self.others
    }

    fn has_content(&self) -> bool {
        self.len() > 0 || self.is_behind_padding
    }

    /// Whether more than an eighth is no letters, as in text.
    fn is_mostly_other(&self) -> bool {
        self.others.saturating_mul(8) > self.letters
    }

    /// Whether it is text, if the content began with this line.
    ///
    /// A line of the content that was damaged has the length of the first, or the first was damaged
    /// too: some servers break long lines by `!`.
    fn is_text_behind(&self, first: Line) -> bool {
        let is_of_other_length = first.others == 0 && self.len() != first.len();
        self.others > first.others && (is_of_other_length || self.is_mostly_other())
    }
}

/// Whether it is written as a word is: `Best`, `regards`, `ANNA`, `2025`.
fn is_word(letters: &[u8]) -> bool {
    let tail = letters.get(1..).unwrap_or_default();
    let first = letters.first().copied().unwrap_or_default();
    WORD.contains(&letters.len())
        && (first.is_ascii_alphabetic() && tail.iter().all(u8::is_ascii_lowercase)
            || letters.iter().all(u8::is_ascii_uppercase)
            || letters.iter().all(u8::is_ascii_digit))
}

/// The letters of a word: two may be the rest of a piece without its padding.
const WORD: RangeInclusive<usize> = 3..=24;

/// Decodes letters that are complete.
fn octets(letters: &[u8], to: &mut Vec<u8>) {
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
