//! Uuencoded files, decoded while they are read (POSIX, `uuencode`).

use crate::limits::{BEFORE_BEGIN, UU_LINE};
use crate::wire::content::base64::Base64;

/// A decoder of the files between their lines `begin` and `end`.
#[derive(Default)]
pub(super) struct UuEncode {
    at: At,
    /// The beginning of a line.
    line: Vec<u8>,
    /// The octets before `begin`: discarded, unless there is no file.
    before: Vec<u8>,
}

#[derive(Default)]
enum At {
    #[default]
    Before,
    File,
    /// In a file whose lines are base64.
    Base64File(Base64),
    /// After a file. Another may follow.
    Behind,
    /// There is no file: all octets stay as they are.
    NoFile,
}

impl UuEncode {
    /// Whether there are octets, but no file among them.
    pub(super) fn is_missing(&self) -> bool {
        matches!(self.at, At::NoFile)
    }

    /// Decodes the next octets; no octets mean the end.
    pub(super) fn decode(&mut self, raw: &[u8], to: &mut Vec<u8>) {
        if raw.is_empty() {
            return self.end(to);
        }
        let mut rest = raw;
        while !rest.is_empty() {
            if matches!(self.at, At::NoFile) {
                to.extend_from_slice(rest);
                return;
            }
            let line_end = memchr::memchr(b'\n', rest);
            let count = line_end.map_or(rest.len(), |at| at + 1);
            let (line, after) = rest.split_at_checked(count).unwrap_or((rest, &[]));
            let room = match self.at {
                At::Before => BEFORE_BEGIN.saturating_sub(self.before.len()),
                _ => UU_LINE,
            };
            let room = room.saturating_sub(self.line.len());
            if matches!(self.at, At::Before) && line.len() > room {
                // No file begins so late. The rest of the line is treated in the same way.
                self.no_file(to);
                continue;
            }
            self.line
                .extend_from_slice(line.get(..room).unwrap_or(line));
            rest = after;
            if let (At::Base64File(file), Some(beyond)) = (&mut self.at, line.get(room..)) {
                // A long line is content, in pieces.
                file.decode(&self.line, to);
                self.line.clear();
                rest = raw
                    .get(raw.len() - after.len() - beyond.len()..)
                    .unwrap_or_default();
            } else if line_end.is_some() {
                self.take_line(to);
            }
        }
    }

    fn end(&mut self, to: &mut Vec<u8>) {
        self.take_line(to);
        match &mut self.at {
            At::Before if !self.before.is_empty() => self.no_file(to),
            At::Base64File(file) => file.decode(&[], to),
            _ => {}
        }
    }

    fn no_file(&mut self, to: &mut Vec<u8>) {
        self.at = At::NoFile;
        to.append(&mut self.before);
        to.append(&mut self.line);
    }

    fn take_line(&mut self, to: &mut Vec<u8>) {
        let whole = std::mem::take(&mut self.line);
        let line = whole.strip_suffix(b"\n").unwrap_or(&whole);
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        match &mut self.at {
            At::Before | At::Behind => match file_at(line) {
                Some(file) => (self.at, self.before) = (file, Vec::new()),
                None if matches!(self.at, At::Before) => self.before.extend_from_slice(&whole),
                None => {}
            },
            At::File if line.trim_ascii_end() == b"end" => self.at = At::Behind,
            At::File => decode_line(line, to),
            At::Base64File(file) if line.trim_ascii_end() == b"====" => {
                file.decode(&[], to);
                self.at = At::Behind;
            }
            At::Base64File(_) if whole.is_empty() => {}
            At::Base64File(file) => file.decode(&whole, to),
            At::NoFile => {}
        }
        // The buffer of the line is reused.
        self.line = whole;
        self.line.clear();
    }
}

/// The file that this line begins: `begin 644 name`, or `begin-base64 644 name`.
///
/// Some programs write the whole mode, with the kind of the file (`100644`).
fn file_at(line: &[u8]) -> Option<At> {
    let rest = line.strip_prefix(b"begin")?;
    let (file, rest) = match rest.strip_prefix(b"-base64") {
        Some(rest) => (At::Base64File(Base64::default()), rest),
        None => (At::File, rest),
    };
    let mode = rest.trim_ascii_start();
    let digits = mode
        .iter()
        .take_while(|octet| matches!(octet, b'0'..=b'7'))
        .count();
    let is_blank = |octet: &u8| matches!(octet, b' ' | b'\t');
    let is_mode = matches!(digits, 1..=7) && mode.get(digits).is_none_or(is_blank);
    (rest.first().is_some_and(is_blank) && is_mode).then_some(file)
}

/// Decodes a line of up to 63 octets; its first letter is their number.
///
/// Blanks at its end may have been lost: they are zeros.
fn decode_line(line: &[u8], to: &mut Vec<u8>) {
    let Some((first, letters)) = line.split_first() else {
        return;
    };
    if !is_letter(*first) {
        return;
    }
    let mut left = usize::from(six_bits(*first));
    for four in letters.chunks(4).chain(std::iter::repeat(&b""[..])) {
        if left == 0 {
            return;
        }
        let bits = |at: usize| four.get(at).map_or(0, |letter| six_bits(*letter));
        let octets = [
            bits(0) << 2 | bits(1) >> 4,
            bits(1) << 4 | bits(2) >> 2,
            bits(2) << 6 | bits(3),
        ];
        let count = left.min(3);
        to.extend_from_slice(octets.get(..count).unwrap_or_default());
        left -= count;
    }
}

/// `` ` `` is a zero too, as a blank is.
fn six_bits(letter: u8) -> u8 {
    letter.wrapping_sub(b' ') & 0x3f
}

fn is_letter(octet: u8) -> bool {
    matches!(octet, b' '..=b'`')
}
