//! Uuencoded files, decoded while they are read (POSIX, `uuencode`).

use crate::limits::{BEFORE_BEGIN, UU_LINE};

/// A decoder of a file between its lines `begin` and `end`.
#[derive(Default)]
pub(super) struct UuEncode {
    at: At,
    /// The beginning of a line.
    line: Vec<u8>,
    /// The octets before `begin`: discarded, unless there is no file.
    before: Vec<u8>,
}

#[derive(Default, Clone, Copy, PartialEq, Eq)]
enum At {
    #[default]
    Before,
    File,
    /// After the file.
    End,
    /// There is no file: all octets stay as they are.
    NoFile,
}

impl UuEncode {
    /// Decodes the next octets; no octets mean the end.
    pub(super) fn decode(&mut self, raw: &[u8], to: &mut Vec<u8>) {
        if raw.is_empty() {
            return self.end(to);
        }
        let mut rest = raw;
        while !rest.is_empty() && self.at != At::End {
            if self.at == At::NoFile {
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
            if self.at == At::Before && line.len() > room {
                // No file begins so late. The rest of the line is treated in the same way.
                self.at = At::NoFile;
                to.append(&mut self.before);
                to.append(&mut self.line);
                continue;
            }
            self.line
                .extend_from_slice(line.get(..room).unwrap_or(line));
            rest = after;
            if line_end.is_some() {
                self.take_line(to);
            }
        }
    }

    fn end(&mut self, to: &mut Vec<u8>) {
        if self.at == At::Before || self.at == At::File {
            self.take_line(to);
        }
        if self.at == At::Before {
            to.append(&mut self.before);
        }
        self.at = At::End;
    }

    fn take_line(&mut self, to: &mut Vec<u8>) {
        let whole = std::mem::take(&mut self.line);
        let line = whole.strip_suffix(b"\n").unwrap_or(&whole);
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        match self.at {
            At::Before if is_begin(line) => {
                self.at = At::File;
                self.before = Vec::new();
            }
            At::Before => {
                self.before.extend_from_slice(&whole);
            }
            At::File if line.trim_ascii_end() == b"end" => self.at = At::End,
            At::File => decode_line(line, to),
            At::End | At::NoFile => {}
        }
        // The buffer of the line is reused.
        self.line = whole;
        self.line.clear();
    }
}

/// `begin 644 name`.
fn is_begin(line: &[u8]) -> bool {
    let Some(rest) = line.strip_prefix(b"begin ") else {
        return false;
    };
    let rest = rest.trim_ascii_start();
    let digits = rest
        .iter()
        .take_while(|octet| octet.is_ascii_digit())
        .count();
    matches!(digits, 3 | 4) && rest.get(digits).is_none_or(|octet| *octet == b' ')
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
