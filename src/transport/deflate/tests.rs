//! Both directions against a stream that was compressed apart, cut at every octet.

use std::sync::{Arc, Mutex};

use super::*;
use crate::transport::plain::Plain;

/// Gives what it was given in pieces of a length, and keeps what is written.
#[derive(Clone, Default)]
struct Line {
    arriving: Arc<Mutex<Vec<u8>>>,
    piece: usize,
    writes: Arc<Mutex<Vec<Vec<u8>>>>,
}

impl Read for Line {
    fn read(&mut self, place: &mut [u8]) -> io::Result<usize> {
        let mut arriving = self.arriving.lock().unwrap();
        let count = self.piece.min(arriving.len()).min(place.len());
        place[..count].copy_from_slice(&arriving[..count]);
        arriving.drain(..count);
        Ok(count)
    }
}

impl Write for Line {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.writes.lock().unwrap().push(bytes.to_vec());
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn over(octets: &[u8], piece: usize) -> Deflate {
    let line = Line {
        arriving: Arc::new(Mutex::new(octets.to_vec())),
        piece,
        ..Line::default()
    };
    Deflate::new(Box::new(Plain(line)), Vec::new())
}

/// What a server sends that flushes after each of these.
fn compressed(texts: &[&[u8]]) -> Vec<u8> {
    let line = Line::default();
    let mut server = Deflate::new(Box::new(Plain(line.clone())), Vec::new());
    for text in texts {
        server.write_all(text).unwrap();
        server.flush().unwrap();
    }
    line.writes.lock().unwrap().concat()
}

fn all(mut deflate: Deflate, room: usize) -> Vec<u8> {
    let (mut octets, mut place) = (Vec::new(), vec![0; room]);
    loop {
        match deflate.read(&mut place).unwrap() {
            0 => return octets,
            read => octets.extend_from_slice(&place[..read]),
        }
    }
}

const TEXTS: [&[u8]; 3] = [b"* 1 EXISTS\r\n", b"* 2 EXISTS\r\n", b"A1 OK done\r\n"];

#[test]
fn pieces_of_any_length_are_the_same_octets() {
    let octets = compressed(&TEXTS);
    for piece in 1..=octets.len() {
        for room in [1, 2, 7, 4096] {
            assert_eq!(all(over(&octets, piece), room), TEXTS.concat());
        }
    }
}

#[test]
fn what_arrived_before_is_inflated_first() {
    let octets = compressed(&TEXTS);
    for cut in 0..=octets.len() {
        let (before, after) = octets.split_at(cut);
        let line = Line {
            arriving: Arc::new(Mutex::new(after.to_vec())),
            piece: usize::MAX,
            ..Line::default()
        };
        let deflate = Deflate::new(Box::new(Plain(line)), before.to_vec());
        assert_eq!(all(deflate, 64), TEXTS.concat());
    }
}

#[test]
fn a_flush_is_one_write_and_a_second_one_is_none() {
    let line = Line::default();
    let mut deflate = Deflate::new(Box::new(Plain(line.clone())), Vec::new());
    deflate.write_all(b"A1 NOOP").unwrap();
    deflate.write_all(b"\r\n").unwrap();
    assert!(line.writes.lock().unwrap().is_empty());
    deflate.flush().unwrap();
    deflate.flush().unwrap();
    assert_eq!(line.writes.lock().unwrap().len(), 1);
    let sent = line.writes.lock().unwrap().concat();
    assert_eq!(all(over(&sent, 1), 3), b"A1 NOOP\r\n");
}

#[test]
fn much_is_sent_in_between_and_arrives_whole() {
    let mut random = 1_u32;
    let much: Vec<u8> = std::iter::repeat_with(|| {
        random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        random.to_be_bytes()[0]
    })
    .take(1 << 20)
    .collect();
    let octets = compressed(&[&much]);
    assert_eq!(all(over(&octets, 40_000), 65_536), much);
}

#[test]
fn plaintext_is_damage_and_not_data() {
    let mut deflate = over(b"A2 OK [CAPABILITY IMAP4rev1] done\r\n", usize::MAX);
    let mut place = [0; 64];
    let error = loop {
        match deflate.read(&mut place) {
            Ok(0) => panic!("it passed"),
            Ok(_) => {}
            Err(error) => break error,
        }
    };
    assert_eq!(error.kind(), io::ErrorKind::InvalidData);
}

#[test]
fn empty_blocks_without_an_end_do_not_keep_who_does_not_wait() {
    // Stored blocks of no octets (RFC 1951 section 3.2.4).
    let nothing = [0, 0, 0, 0xff, 0xff].repeat(2_000);
    let mut deflate = over(&nothing, 5);
    deflate.set_nonblocking(true);
    let error = deflate.read(&mut [0; 8]).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::WouldBlock);
    deflate.set_nonblocking(false);
    assert_eq!(deflate.read(&mut [0; 8]).unwrap(), 0);
}

#[test]
fn the_end_of_the_compressed_data_is_the_end_of_the_stream() {
    let mut octets = Vec::with_capacity(100);
    let mut compress = Compress::new(Compression::default(), false);
    compress
        .compress_vec(b"* BYE\r\n", &mut octets, FlushCompress::Finish)
        .unwrap();
    octets.extend_from_slice(b"A1 OK in the clear\r\n");
    let mut deflate = over(&octets, usize::MAX);
    let mut place = [0; 64];
    assert_eq!(deflate.read(&mut place).unwrap(), 7);
    let error = deflate.read(&mut place).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::UnexpectedEof);
}
