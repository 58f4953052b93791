//! A large literal that is being collected: one allocation of its length, each octet of it cleared
//! once and written once.

use crate::transport::buffered::READ;
use crate::wire::frame::OutOfLine;

/// The most that is set aside for a literal before any of its octets arrive: a server can announce
/// what it never sends. The whole rest is set aside once these are there.
pub(super) const FIRST_LITERAL: usize = 1 << 20;

/// How much room is cleared at once for reads past the buffer: little enough to stay in the
/// processor's cache until it is filled.
const PIECE: usize = 256 * 1024;

/// The literal as far as it has come.
pub(super) struct Arriving {
    /// Where it stands in the row.
    at: usize,
    /// The octets that have come, and cleared room for more.
    data: Vec<u8>,
    come: usize,
    len: usize,
}

impl Arriving {
    pub(super) fn new(at: usize, len: usize) -> Self {
        Self {
            at,
            data: Vec::with_capacity(len.min(FIRST_LITERAL)),
            come: 0,
            len,
        }
    }

    pub(super) fn missing(&self) -> usize {
        self.len.saturating_sub(self.come)
    }

    /// Takes the octets that belong to the literal; returns their number.
    pub(super) fn take(&mut self, bytes: &[u8]) -> usize {
        let bytes = bytes.get(..self.missing()).unwrap_or(bytes);
        let cleared = bytes.len().min(self.data.len() - self.come);
        let (first, rest) = bytes.split_at(cleared);
        if let Some(place) = self.data.get_mut(self.come..self.come + cleared) {
            place.copy_from_slice(first);
        }
        self.set_aside(rest.len());
        self.data.extend_from_slice(rest);
        self.come += bytes.len();
        bytes.len()
    }

    /// The room that octets can be read to: for a whole buffer of them, if so many are missing.
    pub(super) fn room(&mut self) -> &mut [u8] {
        if self.data.len() - self.come < READ {
            let piece = self.missing().min(PIECE);
            self.set_aside((self.come + piece).saturating_sub(self.data.len()));
            self.data.resize(self.come + piece, 0);
        }
        self.data.get_mut(self.come..).unwrap_or_default()
    }

    /// This many octets were read to there.
    pub(super) fn came(&mut self, octets: usize) {
        self.come += octets;
    }

    /// The literal, which is complete.
    pub(super) fn finish(self) -> OutOfLine {
        OutOfLine {
            at: self.at,
            data: self.data,
        }
    }

    /// Makes sure of room for so much more than what has come and is cleared: for all that is
    /// missing once much has come.
    fn set_aside(&mut self, more: usize) {
        if self.data.len() + more > self.data.capacity() {
            self.data.reserve_exact(self.len - self.data.len());
        }
    }

    #[cfg(test)]
    pub(super) fn capacity(&self) -> usize {
        self.data.capacity()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_read_and_what_is_taken_from_the_buffer_make_one_literal() {
        const LENGTH: usize = 3 << 20;
        let octets: Vec<u8> = (0..=250).cycle().take(LENGTH).collect();
        for step in [1 << 10, READ - 1, READ, PIECE + 1, LENGTH] {
            let mut literal = Arriving::new(7, LENGTH);
            let (mut at, mut is_read) = (0, false);
            while literal.missing() > 0 {
                let next = &octets[at..(at + step).min(LENGTH)];
                let taken = if is_read && literal.missing() >= READ {
                    let room = literal.room();
                    assert!(room.len() >= READ);
                    let count = next.len().min(room.len());
                    room[..count].copy_from_slice(&next[..count]);
                    literal.came(count);
                    count
                } else {
                    literal.take(next)
                };
                at += taken;
                is_read = !is_read;
            }
            let literal = literal.finish();
            assert!(literal.at == 7 && literal.data == octets, "{step}");
            assert_eq!(literal.data.capacity(), LENGTH);
        }
    }

    #[test]
    fn room_is_cleared_once() {
        let mut literal = Arriving::new(0, 1 << 20);
        literal.room().fill(b'x');
        for _ in 0..(PIECE - READ) / 1024 {
            literal.came(1024);
            let room = literal.room();
            assert!(room.len() < PIECE && room.iter().all(|octet| *octet == b'x'));
        }
    }

    #[test]
    fn what_follows_the_literal_is_not_taken() {
        let mut literal = Arriving::new(0, 3);
        assert_eq!(literal.take(b"abcd"), 3);
        assert_eq!(literal.take(b"d"), 0);
        assert_eq!(literal.finish().data, b"abc");
    }
}
