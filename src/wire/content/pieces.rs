//! Octets of one charset that were written in pieces: encoded words, or parts of a parameter.

use crate::wire::content::charset::{Charset, decode, into_text};

/// The octets of pieces, joined, and the places where they were cut.
#[derive(Default)]
pub(crate) struct Pieces {
    octets: Vec<u8>,
    seams: Vec<usize>,
    /// Whether pieces are written in different forms.
    is_mixed: bool,
}

/// A text, and the number of its characters that no text should have.
pub(crate) struct Reading {
    pub(crate) text: String,
    pub(crate) flaws: usize,
}

impl Pieces {
    /// The octets of the pieces so far, to add those of the last one.
    pub(crate) fn octets(&mut self) -> &mut Vec<u8> {
        &mut self.octets
    }

    /// Begins another piece; `is_alike` if it is written in the form of the one before it.
    pub(crate) fn begin(&mut self, is_alike: bool) {
        self.seams.push(self.octets.len());
        self.is_mixed |= !is_alike;
    }

    /// The text in the charset that is named in header text; `None` if it cannot be decoded.
    ///
    /// Some programs cut a text anywhere, also in a character and where octets are shifted to
    /// another set of characters. Others write each piece as a text of its own, with a byte order
    /// mark, or without a shift back at its end. The reading with fewer flaws is taken.
    pub(crate) fn read(&self, charset: &[u8]) -> Option<Reading> {
        let Some(charset) = Charset::named(charset) else {
            return decode(charset, &self.octets).map(Reading::of);
        };
        let whole = self.whole(charset);
        if whole.flaws == 0 || self.seams.is_empty() {
            return Some(whole);
        }
        let apart = self.apart(charset);
        let is_apart = apart.flaws < whole.flaws;
        Some(if is_apart { apart } else { whole })
    }

    fn whole(&self, charset: Charset) -> Reading {
        let mut to_utf8 = charset.to_utf8();
        let mut text = Vec::with_capacity(self.octets.len());
        to_utf8.decode(&self.octets, false, &mut text);
        // A program that cuts a text writes its pieces in one form, and the last one shifts back.
        let is_open = self.is_mixed && to_utf8.is_shifted();
        to_utf8.decode(b"", true, &mut text);
        let mut reading = Reading::of(into_text(text));
        reading.flaws += usize::from(is_open);
        reading
    }

    fn apart(&self, charset: Charset) -> Reading {
        let mut text = Vec::with_capacity(self.octets.len());
        let mut start = 0;
        for end in self.seams.iter().copied().chain([self.octets.len()]) {
            let piece = self.octets.get(start..end).unwrap_or_default();
            charset.to_utf8().decode(piece, true, &mut text);
            start = end;
        }
        Reading::of(into_text(text))
    }
}

impl Reading {
    fn of(text: String) -> Self {
        // U+FFFE is a byte order mark in the other order.
        let is_flaw =
            |c: &char| matches!(c, '\u{fffd}'..='\u{fffe}' | '\u{feff}') || c.is_control();
        let flaws = text.chars().filter(is_flaw).count();
        Self { text, flaws }
    }
}
