//! A server inside a transport that takes every message, and counts the calls; and what storing
//! costs.

use std::io::{self, IoSlice, Read, Write};

use latchbox::types::NewMessage;
use latchbox::{Client, Session};
use latchbox_counting::cost;

use crate::is_long;
use crate::served::Calls;

const PLUS: &str = "IMAP4rev1 LITERAL+ UIDPLUS MULTIAPPEND";
const SYNCHRONIZING: &str = "IMAP4rev1 UIDPLUS MULTIAPPEND";

struct Stored {
    ready: Vec<u8>,
    at: usize,
    /// The command as far as it has come, without its literals.
    command: Vec<u8>,
    /// What is left of a literal.
    literal: usize,
    calls: Calls,
}

impl Stored {
    fn heard(&mut self, mut octets: &[u8]) {
        while !octets.is_empty() {
            let skipped = self.literal.min(octets.len());
            self.literal -= skipped;
            octets = &octets[skipped..];
            let Some(end) = octets.iter().position(|octet| *octet == b'\n') else {
                self.command.extend_from_slice(octets);
                return;
            };
            self.command.extend_from_slice(&octets[..=end]);
            octets = &octets[end + 1..];
            self.line_ended();
        }
    }

    fn line_ended(&mut self) {
        let line = self.command.strip_suffix(b"\r\n").unwrap();
        if let Some(announced) = line.strip_suffix(b"}") {
            let open = announced.iter().rposition(|octet| *octet == b'{').unwrap();
            let number = std::str::from_utf8(&announced[open + 1..]).unwrap();
            let (number, waits) = match number.strip_suffix('+') {
                Some(number) => (number, false),
                None => (number, true),
            };
            self.literal = number.parse().unwrap();
            if waits {
                self.ready.extend_from_slice(b"+ go on\r\n");
            }
            let space = line.iter().position(|octet| *octet == b' ').unwrap();
            self.command.truncate(space + 1);
            return;
        }
        let space = line.iter().position(|octet| *octet == b' ').unwrap();
        self.ready.extend_from_slice(&line[..space]);
        self.ready
            .extend_from_slice(b" OK [APPENDUID 1 7] done\r\n");
        self.command.clear();
    }
}

impl Read for Stored {
    fn read(&mut self, place: &mut [u8]) -> io::Result<usize> {
        self.calls.count_read();
        let rest = &self.ready[self.at..];
        let count = rest.len().min(place.len());
        place[..count].copy_from_slice(&rest[..count]);
        self.at += count;
        if self.at == self.ready.len() {
            self.ready.clear();
            self.at = 0;
        }
        Ok(count)
    }
}

impl Write for Stored {
    fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        self.calls.count_write();
        self.heard(octets);
        Ok(octets.len())
    }

    fn write_vectored(&mut self, pieces: &[IoSlice<'_>]) -> io::Result<usize> {
        self.calls.count_write();
        pieces.iter().for_each(|piece| self.heard(piece));
        Ok(pieces.iter().map(|piece| piece.len()).sum())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl latchbox::transport::Transport for Stored {}

fn session(capabilities: &str) -> (Session, Calls) {
    let calls = Calls::default();
    let mut stored = Stored {
        ready: Vec::with_capacity(64 << 10),
        at: 0,
        command: Vec::with_capacity(4096),
        literal: 0,
        calls: calls.clone(),
    };
    write!(
        stored.ready,
        "* PREAUTH [CAPABILITY {capabilities}] hello\r\n"
    )
    .unwrap();
    let builder = Client::builder("localhost").danger_plaintext();
    let client = builder.accept_preauth().connect_transport(stored).unwrap();
    let session = client.into_preauthenticated().unwrap();
    session.append("INBOX", b"the first costs more").unwrap();
    calls.reset();
    (session, calls)
}

fn append_from(session: &Session, octets: usize) {
    let reader = io::Read::take(io::repeat(b'x'), octets as u64);
    session
        .append("INBOX", NewMessage::from_reader(reader, octets as u64))
        .unwrap();
}

#[test]
fn a_reader_goes_through_64_kib_whatever_it_gives() {
    let long = is_long().then_some(1 << 30);
    for octets in [1 << 20, 100 << 20].into_iter().chain(long) {
        for (capabilities, more) in [(PLUS, 0), (SYNCHRONIZING, 1)] {
            let (session, calls) = session(capabilities);
            let (cost, ()) = cost(|| append_from(&session, octets));
            assert!(cost.peak < 68 << 10, "{octets} octets: {cost:?}");
            let pieces = octets / (64 << 10);
            assert!(
                cost.allocations < pieces as u64 + 10,
                "{octets} octets: {cost:?}"
            );
            assert_eq!((calls.writes(), calls.reads()), (pieces + more, 1 + more));
        }
    }
}

#[test]
fn a_small_reader_is_one_write_and_one_read() {
    let (session, calls) = session(PLUS);
    append_from(&session, 8 << 10);
    assert_eq!((calls.writes(), calls.reads()), (1, 1));
}

#[test]
fn all_are_sent_as_they_are_made_and_none_is_kept() {
    for (count, octets) in [(1_000, 8 << 10), (50_000, 200)] {
        let (session, calls) = session(PLUS);
        let messages = (0..count).map(|_| vec![b'x'; octets]);
        let (cost, _) = cost(|| session.append_atomic("INBOX", messages).unwrap());
        // The one that is sent, and the one after it.
        assert!(cost.peak < 3 * octets as u64 + 2048, "{count}: {cost:?}");
        assert_eq!((calls.writes(), calls.reads()), (count, 1));
    }
}

#[test]
fn each_of_many_is_sent_along_with_others() {
    let message = vec![b'x'; 8 << 10];
    let (session, calls) = session(PLUS);
    let messages = std::iter::repeat_n(&message, 10_000);
    let (cost, stored) = cost(|| session.append_each("INBOX", messages).unwrap().count());
    assert_eq!(stored, 10_000);
    assert!(cost.peak < 1 << 20, "{cost:?}");
    let calls = calls.writes() + calls.reads();
    assert!(calls <= 1_000, "{calls} calls for 10,000 messages");
}
