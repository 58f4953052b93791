//! A large literal that is being collected: at most one allocation of its length, each octet of it
//! cleared once and written once.

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

/// The most memory of a literal that is kept for the next one.
const MOST_SPARE: usize = 256 * 1024;

/// The memory of a literal that no caller took, for the next one.
#[derive(Default)]
pub(super) struct Spare(Vec<u8>);

impl Spare {
    /// Drops the literals, and keeps the memory of the largest if that is not too much.
    pub(super) fn keep(&mut self, literals: &mut Vec<OutOfLine>) {
        for OutOfLine { data, .. } in literals.drain(..) {
            if (self.0.capacity()..=MOST_SPARE).contains(&data.capacity()) {
                self.0 = data;
            }
        }
    }

    pub(super) fn is_some(&self) -> bool {
        self.0.capacity() > 0
    }

    /// Memory for a literal, as far as it is set aside before its octets arrive.
    fn take(&mut self, len: usize) -> Vec<u8> {
        if self.0.capacity() < len {
            return Vec::with_capacity(len.min(FIRST_LITERAL));
        }
        // What lies there is room as if it had been cleared.
        let mut spare = std::mem::take(&mut self.0);
        spare.truncate(len);
        spare
    }
}

impl Arriving {
    pub(super) fn new(at: usize, len: usize, spare: &mut Spare) -> Self {
        Self {
            at,
            data: spare.take(len),
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
            let mut literal = Arriving::new(7, LENGTH, &mut Spare::default());
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
        let mut literal = Arriving::new(0, 1 << 20, &mut Spare::default());
        literal.room().fill(b'x');
        for _ in 0..(PIECE - READ) / 1024 {
            literal.came(1024);
            let room = literal.room();
            assert!(room.len() < PIECE && room.iter().all(|octet| *octet == b'x'));
        }
    }

    #[test]
    fn what_follows_the_literal_is_not_taken() {
        let mut literal = Arriving::new(0, 3, &mut Spare::default());
        assert_eq!(literal.take(b"abcd"), 3);
        assert_eq!(literal.take(b"d"), 0);
        assert_eq!(literal.finish().data, b"abc");
    }

    #[test]
    fn the_memory_of_a_literal_is_that_of_the_next_one() {
        fn literal(octets: &[u8], spare: &mut Spare) -> OutOfLine {
            let mut literal = Arriving::new(0, octets.len(), spare);
            literal.take(octets);
            literal.finish()
        }
        let mut spare = Spare::default();
        let first = literal(&[b'x'; 50_000], &mut spare);
        let place = first.data.as_ptr();
        let mut dropped = vec![literal(b"shorter", &mut spare), first];
        spare.keep(&mut dropped);
        assert!(dropped.is_empty());
        let next = literal(b"short", &mut spare);
        assert_eq!((next.data.as_ptr(), &next.data[..]), (place, &b"short"[..]));
        assert_ne!(literal(b"beside it", &mut spare).data.as_ptr(), place);

        spare.keep(&mut vec![next]);
        let longer = literal(&[b'y'; 50_001], &mut spare);
        assert_eq!(longer.data.capacity(), 50_001);
        let too_large = literal(&vec![b'z'; MOST_SPARE + 1], &mut spare);
        spare.keep(&mut vec![too_large]);
        assert_eq!(spare.0.capacity(), 50_000);
    }
}
