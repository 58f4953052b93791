//! Whole frames, however the octets arrive.

use std::io::{self, Read, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use super::*;
use crate::connection::stream::arriving::FIRST_LITERAL;
use crate::transport::buffered::SHORT;
use crate::transport::plain::Plain;
use crate::types::number_set::{NumberSet, NumberSetBuilder};
use crate::types::uid::ModSeq;
use crate::wire::response::{Response, Untagged};

/// Gives octets in reads of at most `read`, and runs out of time once at `stall`.
struct Feed {
    octets: Vec<u8>,
    at: usize,
    read: usize,
    stall: Option<usize>,
    reads: Arc<AtomicUsize>,
}

impl Read for Feed {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.reads.fetch_add(1, Ordering::Relaxed);
        if self.stall.is_some_and(|stall| stall <= self.at) {
            self.stall = None;
            return Err(io::ErrorKind::WouldBlock.into());
        }
        let rest = &self.octets[self.at..];
        let before = self.stall.map_or(usize::MAX, |stall| stall - self.at);
        let count = rest.len().min(buffer.len()).min(self.read).min(before);
        buffer[..count].copy_from_slice(&rest[..count]);
        self.at += count;
        Ok(count)
    }
}

impl Write for Feed {
    fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        Ok(octets.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn stream(octets: &[u8], read: usize, limits: Limits) -> (Stream, Arc<AtomicUsize>) {
    stalling(octets, read, limits, None)
}

fn stalling(
    octets: &[u8],
    read: usize,
    limits: Limits,
    stall: Option<usize>,
) -> (Stream, Arc<AtomicUsize>) {
    let reads = Arc::new(AtomicUsize::new(0));
    let feed = Feed {
        octets: octets.to_vec(),
        at: 0,
        read,
        stall,
        reads: Arc::clone(&reads),
    };
    let minute = Duration::from_secs(60);
    let clock = Clock::starting_now(minute, minute, minute);
    let buffered = Buffered::new(Box::new(Plain(feed)));
    (Stream::new(buffered, limits, clock), reads)
}

#[test]
fn a_moment_after_its_last_octets_a_stream_without_more_is_read_up_to_now() {
    let answers = b"A1 OK done\r\nA2 OK done\r\n";
    let (mut stream, _) = stream(answers, usize::MAX, Limits::default());
    let traffic = Arc::clone(stream.buffered.traffic());
    let last = || traffic.last(&traffic.received).unwrap();
    assert!(!stream.is_read_up_to(Instant::now()), "nothing has come");
    stream.next_frame().unwrap();
    assert!(!stream.is_read_up_to(last()), "there is another frame");
    stream.next_frame().unwrap();
    assert!(stream.is_read_up_to(last()));
    let (nanosecond, moment) = (Duration::from_nanos(1), Duration::from_nanos(MOMENT));
    assert!(stream.is_read_up_to(last() + moment));
    assert!(!stream.is_read_up_to(last() + moment + nanosecond));
    assert!(!stream.is_read_up_to(last() - nanosecond), "read since");
}

/// All that SEARCH responses say up to the first other response, and in how many it was said.
fn found(line: &[u8], read: usize) -> (NumberSet, Option<u64>, usize) {
    let limits = Limits::default();
    let (mut stream, _) = stream(&[line, b"A1 OK\r\n"].concat(), read, limits);
    let (mut found, mut mod_seq, mut responses) = (NumberSetBuilder::default(), None, 0);
    loop {
        let frame = stream.next_frame().unwrap();
        match Response::parse(frame, &limits).unwrap() {
            Response::Untagged(Untagged::Search {
                numbers,
                mod_seq: told,
            }) => {
                found.push_set(&numbers);
                mod_seq = mod_seq.or(told.map(ModSeq::value));
                responses += 1;
            }
            Response::Tagged { .. } => return (found.finish(), mod_seq, responses),
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn a_long_search_line_is_told_in_parts() {
    let numbers: Vec<u32> = (1..200_000).step_by(3).collect();
    let words: Vec<String> = numbers.iter().map(u32::to_string).collect();
    for end in ["\r\n", " \r\n", " (MODSEQ 917162500)\r\n"] {
        let line = format!("* SEARCH {}{end}", words.join(" "));
        for read in [usize::MAX, 1000, 7] {
            let (found, mod_seq, responses) = found(line.as_bytes(), read);
            assert!(found.numbers().map(u32::from).eq(numbers.iter().copied()));
            assert_eq!(mod_seq.is_some(), end.contains("MODSEQ"));
            assert!(responses > 2, "{responses}");
        }
    }
}

#[test]
fn a_search_line_in_parts_keeps_to_the_limit_of_lines() {
    let line = format!("* SEARCH {}\r\n", "7 ".repeat(200_000));
    let limits = Limits {
        line: 300_000,
        ..Limits::default()
    };
    let (mut stream, _) = stream(line.as_bytes(), usize::MAX, limits);
    let error = loop {
        if let Err(error) = stream.next_frame() {
            break error;
        }
    };
    assert!(matches!(error, CloseReason::Limit(exceeded) if exceeded.limit() == Limit::Line));
    assert!(stream.received() < 300_000 + 2 * 65_536);
}

#[test]
fn a_number_of_any_length_is_not_cut() {
    let line = format!("* SEARCH 1 {} 2\r\n", "9".repeat(300_000));
    let (mut stream, _) = stream(line.as_bytes(), 5000, Limits::default());
    while stream.received() < 300_000 {
        let frame = stream.next_frame().unwrap();
        assert!(frame.bytes.ends_with(b"1") || frame.bytes.ends_with(b" 2\r\n"));
    }
}

#[test]
fn other_long_lines_come_whole() {
    for line in [
        format!("* LIST () \"/\" {}\r\n", "a ".repeat(100_000)),
        format!("* SEARCH (MODSEQ {}\r\n", "1 ".repeat(100_000)),
        format!("* SEARCH{}\r\n", "1".repeat(100_000)),
    ] {
        let (mut stream, _) = stream(line.as_bytes(), 999, Limits::default());
        assert_eq!(stream.next_frame().unwrap().bytes, line.as_bytes());
        assert!(matches!(stream.next_frame(), Err(CloseReason::Eof)));
        assert!(stream.spill.capacity() <= PART, "the room is kept");
    }
}

#[test]
fn a_large_literal_is_read_to_its_place() {
    for (size, most_reads) in [(100_000, 3), (FIRST_LITERAL, 6), (5_000_000, 22)] {
        let body: Vec<u8> = (0..=255).cycle().take(size).collect();
        let head = format!("* 1 FETCH (BODY[] {{{size}}}\r\n");
        let row = [head.as_bytes(), &body, b")\r\n"].concat();
        for stall in [None, Some(1), Some(70_000), Some(size - 1)] {
            let (mut stream, reads) = stalling(&row, usize::MAX, Limits::default(), stall);
            let mut timeouts = 0;
            while let Err(reason) = stream.wait() {
                assert!(matches!(reason, CloseReason::Timeout(Stage::Read, _)));
                timeouts += 1;
            }
            let frame = stream.next_frame().unwrap();
            let [literal] = frame.literals else { panic!() };
            assert!(literal.data == body, "{size} {stall:?}");
            assert_eq!(literal.data.capacity(), size);
            // The one that timed out, and the short one before it.
            let reads = reads.load(Ordering::Relaxed) - 2 * timeouts;
            assert!(reads <= most_reads, "{reads} reads of {size}");
        }
    }
}

#[test]
fn what_is_announced_and_never_sent_takes_little_room() {
    let row = b"* 1 FETCH (BODY[] {60000000}\r\nabc";
    let (mut stream, _) = stream(row, usize::MAX, Limits::default());
    assert!(matches!(stream.next_frame(), Err(CloseReason::Eof)));
    assert!(stream.arriving.unwrap().capacity() <= FIRST_LITERAL);
}

/// Rows that end in the middle, each with what may follow them.
fn torn_rows() -> Vec<String> {
    let rows = [
        "* 1 FETCH (UID 5 RFC822.SIZE 3\r\n",
        "* 1 FETCH (UID 5 ENVELOPE (NIL \"a\r\n",
        "* 1 FETCH (UID 5 BODY[] {3}\r\nabc\r\n",
        "* 1 UIDFETCH (FLAGS (\\Seen) \r\n",
        "* 1 fetch (UID 5\n",
        "* 1 FETCH (UID 5 BODY[] {20}\r\n* 2 FETCH (UID 6)\r\nx\r\n",
    ];
    let next = [
        "* 2 FETCH (UID 6 FLAGS (\\Flagged) RFC822.SIZE 5)\r\n",
        "* 2 FETCH (UID 6 RFC822.SIZE 5\r\n",
        "A12 OK done\r\n",
        "a7 no\r\n",
        "+ go ahead\r\n",
        "+\r\n",
        "A12 OKAY and on)\r\n",
        "*a goes on)\r\n",
        " FLAGS ())\r\n",
    ];
    let with = |row: &str| next.map(|next| format!("{row}{next}* 9 EXISTS\r\nA1 OK\r\n"));
    rows.iter().flat_map(|row| with(row)).collect()
}

/// All frames of these octets with their large literals, read in pieces of at most `read` and with
/// one pause.
fn frames(octets: &[u8], read: usize, stall: Option<usize>, sections: bool) -> Vec<Vec<u8>> {
    let (mut stream, _) = stalling(octets, read, Limits::default(), stall);
    stream.hand_out_sections(sections);
    stream.framer.inline_literal = 15;
    let mut frames = Vec::new();
    loop {
        match stream.wait() {
            Ok(()) => {}
            Err(CloseReason::Timeout(..)) => continue,
            Err(CloseReason::Eof) => return frames,
            Err(other) => panic!("{other:?}"),
        }
        if let Some(left) = stream.begin_section() {
            let mut octets = vec![0; usize::try_from(left).unwrap()];
            let mut at = 0;
            while at < octets.len() {
                at += stream.read_section(&mut octets[at..]).unwrap_or(0);
            }
            frames.push(octets);
            continue;
        }
        let frame = stream.hand_out();
        let literals = frame.literals.iter().map(|literal| literal.data.clone());
        let literals: Vec<_> = literals.collect();
        frames.push(frame.bytes.to_vec());
        frames.extend(literals);
    }
}

/// The row behind one that ends in the middle is there, however the octets are split.
#[test]
fn fault_07_the_frames_are_the_same_however_the_octets_are_split() {
    for octets in torn_rows() {
        for sections in [false, true] {
            let octets = octets.as_bytes();
            let whole = frames(octets, usize::MAX, None, sections);
            assert!(whole.len() >= 3, "{whole:?}");
            assert_eq!(whole.last().unwrap(), b"A1 OK\r\n");
            for read in [1, 2, 3, 7] {
                assert_eq!(whole, frames(octets, read, None, sections), "{read}");
            }
            for stall in 0..octets.len() {
                for read in [1, 2, stall.max(1)] {
                    let torn = frames(octets, read, Some(stall), sections);
                    assert_eq!(whole, torn, "{read}, a pause at {stall}");
                }
            }
        }
    }
}

#[test]
fn fault_07_nothing_is_read_ahead_of_what_decides_where_a_row_ends() {
    let octets = b"* 1 FETCH (UID 5 RFC822.SIZE 3\r\n* 2 EXISTS\r\n";
    let (mut stream, _) = stream(octets, 1, Limits::default());
    assert_eq!(stream.next_frame().unwrap().bytes, &octets[..32]);
    assert!(!stream.has_read_ahead().unwrap());
    assert_eq!(stream.next_frame().unwrap().bytes, &octets[32..]);
    assert!(stream.spill.len() == 12 && !stream.has_read_ahead().unwrap());
    assert!(stream.spill.is_empty() && stream.received() == octets.len() as u64);
}

#[test]
fn after_a_long_answer_its_memory_is_given_back_and_its_last_frame_stays() {
    let long = format!("* SEARCH {}\r\n", "7 ".repeat(20_000));
    let plain = "* 1 EXISTS\r\n".repeat(1000);
    for (data, read) in [(&long, 1000), (&long, usize::MAX), (&plain, usize::MAX)] {
        let answer = format!("{data}A1 OK done\r\n");
        let octets = format!("{answer}* 2 EXISTS\r\n");
        let stall = Some(answer.len());
        let (mut stream, _) = stalling(octets.as_bytes(), read, Limits::default(), stall);
        while !stream.next_frame().unwrap().bytes.starts_with(b"A1") {}
        let is_large =
            |stream: &Stream| stream.buffered.is_large() || stream.spill.capacity() > SHORT;
        assert!(is_large(&stream));
        stream.rest();
        assert!(!is_large(&stream));
        assert_eq!(stream.last_frame().0, b"A1 OK done\r\n");
        assert!(stream.next_frame().is_err());
        assert_eq!(stream.next_frame().unwrap().bytes, b"* 2 EXISTS\r\n");
    }
}

#[test]
fn the_memory_of_a_literal_is_given_back_though_no_read_was_long() {
    let body = "x".repeat(Framer::INLINE_LITERAL + 1);
    let row = format!("* 1 FETCH (BODY[] {{{}}}\r\n{body})\r\n", body.len());
    let octets = format!("{row}A1 OK done\r\n");
    let (mut stream, _) = stream(octets.as_bytes(), 1000, Limits::default());
    assert_eq!(stream.next_frame().unwrap().literals.len(), 1);
    assert_eq!(stream.next_frame().unwrap().bytes, b"A1 OK done\r\n");
    assert!(stream.spare.is_some() && !stream.buffered.is_large());
    stream.rest();
    assert!(!stream.spare.is_some());
    assert_eq!(stream.last_frame().0, b"A1 OK done\r\n");
}

#[test]
fn what_was_read_ahead_is_not_given_back() {
    let octets = format!(
        "{}A1 OK done\r\n* 2 EXISTS\r\n",
        "* 1 EXISTS\r\n".repeat(1000)
    );
    let (mut stream, _) = stream(octets.as_bytes(), usize::MAX, Limits::default());
    while !stream.next_frame().unwrap().bytes.starts_with(b"A1") {}
    stream.rest();
    assert_eq!(stream.last_frame().0, b"A1 OK done\r\n");
    assert_eq!(stream.next_frame().unwrap().bytes, b"* 2 EXISTS\r\n");
}
