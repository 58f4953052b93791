//! A layer below TLS libraries: reads large pieces, and restarts interrupted system calls.
//!
//! The libraries read a few octets at a time, and fail at an interrupted call.

use std::io::{self, IoSlice, Read, Write};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use crate::transport::{Descriptor, Shutdown, Transport};

/// Four TLS records of the largest size.
const ROOM: usize = 64 << 10;

/// Enough for most handshakes, and for short answers: what a connection keeps that rests.
const SHORT: usize = 8 << 10;

/// The octets that are remembered of the first read.
const FIRST: usize = 256;

/// Whether the other end has agreed to a version and a cipher, before a failure.
///
/// If so, the failure has another reason: its first record was of the handshake (RFC 8446 section
/// 5.1), and no alert.
#[cfg(any(feature = "native-tls", feature = "rustls"))]
pub(crate) fn has_agreed(first: &OnceLock<Vec<u8>>) -> bool {
    first
        .get()
        .is_some_and(|first| first.first() == Some(&0x16))
}

/// A transport with a read buffer, which also remembers the first octets received.
///
/// The buffer is short until a read fills it, and again after
/// [`release_buffers`](Transport::release_buffers).
pub(crate) struct ReadAhead {
    below: Box<dyn Transport>,
    buffer: Box<[u8]>,
    start: usize,
    end: usize,
    /// The last read filled the buffer.
    is_filled: bool,
    first: Arc<OnceLock<Vec<u8>>>,
}

impl ReadAhead {
    pub(crate) fn new(below: Box<dyn Transport>) -> Self {
        Self {
            below,
            buffer: zeros(SHORT),
            start: 0,
            end: 0,
            is_filled: false,
            first: Arc::default(),
        }
    }

    /// The first octets received, once there are any.
    pub(crate) fn first(&self) -> Arc<OnceLock<Vec<u8>>> {
        Arc::clone(&self.first)
    }
}

impl Read for ReadAhead {
    fn read(&mut self, place: &mut [u8]) -> io::Result<usize> {
        if self.start == self.end {
            (self.start, self.end) = (0, 0);
            if self.is_filled && self.buffer.len() < ROOM {
                self.buffer = zeros(ROOM);
            }
            self.end = uninterrupted(|| self.below.read(&mut self.buffer))?;
            self.is_filled = self.end == self.buffer.len();
            let arrived = self.buffer.get(..self.end.min(FIRST));
            self.first
                .get_or_init(|| arrived.unwrap_or_default().to_vec());
        }
        let mut held = self.buffer.get(self.start..self.end).unwrap_or_default();
        let read = held.read(place)?;
        self.start += read;
        Ok(read)
    }
}

impl Write for ReadAhead {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        uninterrupted(|| self.below.write(bytes))
    }

    fn write_vectored(&mut self, pieces: &[IoSlice<'_>]) -> io::Result<usize> {
        uninterrupted(|| self.below.write_vectored(pieces))
    }

    fn flush(&mut self) -> io::Result<()> {
        uninterrupted(|| self.below.flush())
    }
}

/// Repeats a call while a signal interrupts it. The system does not restart a call with a timeout.
fn uninterrupted<T>(mut call: impl FnMut() -> io::Result<T>) -> io::Result<T> {
    loop {
        match call() {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            done => return done,
        }
    }
}

fn zeros(count: usize) -> Box<[u8]> {
    vec![0; count].into_boxed_slice()
}

impl Transport for ReadAhead {
    fn set_deadlines(&mut self, read: Duration, write: Duration, end: Option<Instant>) {
        self.below.set_deadlines(read, write, end);
    }

    fn set_nonblocking(&mut self, nonblocking: bool) -> bool {
        self.below.set_nonblocking(nonblocking)
    }

    fn descriptor(&self) -> Option<Descriptor<'_>> {
        self.below.descriptor()
    }

    fn shutdown(&self) -> Option<Shutdown> {
        self.below.shutdown()
    }

    fn release_buffers(&mut self) {
        if self.start == self.end && self.buffer.len() > SHORT {
            self.buffer = zeros(SHORT);
            self.is_filled = false;
        }
        self.below.release_buffers();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transport::plain::Plain;

    struct Pieces(Vec<&'static [u8]>, Vec<usize>);

    impl Read for Pieces {
        fn read(&mut self, place: &mut [u8]) -> io::Result<usize> {
            self.1.push(place.len());
            let piece = match self.0.is_empty() {
                true => return Ok(0),
                false => self.0.remove(0),
            };
            place[..piece.len()].copy_from_slice(piece);
            Ok(piece.len())
        }
    }

    impl Write for Pieces {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    /// Each call is interrupted once.
    struct Interrupted(bool);

    impl Interrupted {
        fn pass(&mut self, octets: usize) -> io::Result<usize> {
            self.0 = !self.0;
            match self.0 {
                true => Err(io::ErrorKind::Interrupted.into()),
                false => Ok(octets),
            }
        }
    }

    impl Read for Interrupted {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            self.pass(1)
        }
    }

    impl Write for Interrupted {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.pass(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            self.pass(0).map(drop)
        }
    }

    #[test]
    fn a_signal_is_not_seen_by_what_reads_and_writes() {
        let mut ahead = ReadAhead::new(Box::new(Plain(Interrupted(false))));
        assert_eq!(ahead.read(&mut [0; 8]).unwrap(), 1);
        assert_eq!(ahead.write(b"abc").unwrap(), 3);
        assert_eq!(ahead.write_vectored(&[IoSlice::new(b"ab")]).unwrap(), 2);
        ahead.flush().unwrap();
    }

    #[test]
    fn few_octets_at_a_time_are_one_read_below() {
        let below = Plain(Pieces(vec![b"* OK ", b"ready"], Vec::new()));
        let mut ahead = ReadAhead::new(Box::new(below));
        let first = ahead.first();
        assert!(first.get().is_none());
        let mut octets = Vec::new();
        let mut place = [0; 3];
        loop {
            match ahead.read(&mut place).unwrap() {
                0 => break,
                read => octets.extend_from_slice(&place[..read]),
            }
        }
        assert_eq!(octets, b"* OK ready");
        assert_eq!(first.get().unwrap(), b"* OK ");
    }

    #[test]
    fn the_buffer_is_large_from_the_first_read_that_fills_it_until_it_is_given_back() {
        static OCTETS: [u8; ROOM] = [7; ROOM];
        let pieces = vec![
            &OCTETS[1..SHORT],
            &OCTETS[..SHORT],
            &OCTETS[..],
            &OCTETS[..3],
        ];
        let mut ahead = ReadAhead::new(Box::new(Plain(Pieces(pieces, Vec::new()))));
        let mut place = [0; ROOM];
        for expected in [SHORT - 1, SHORT] {
            assert_eq!(ahead.read(&mut place).unwrap(), expected);
            assert_eq!(ahead.buffer.len(), SHORT);
        }
        assert_eq!(ahead.read(&mut place[..ROOM - 1]).unwrap(), ROOM - 1);
        // What was not taken yet is not thrown away.
        ahead.release_buffers();
        assert_eq!(ahead.read(&mut place).unwrap(), 1);
        ahead.release_buffers();
        assert_eq!(ahead.buffer.len(), SHORT);
        assert_eq!(ahead.read(&mut place).unwrap(), 3);
        assert_eq!(ahead.buffer.len(), SHORT);
    }
}
