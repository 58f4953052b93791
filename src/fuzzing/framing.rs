//! Framing: the same octets in any pieces are the same responses, and no response passes a limit.

use std::time::Duration;

use crate::connection::stream::{Clock, Stream};
use crate::error::CloseReason;
use crate::fuzzing::input::{Input, Pieces};
use crate::fuzzing::stream::Canned;
use crate::limits::Limits;
use crate::transport::buffered::Buffered;
use crate::wire::frame::{Framer, OutOfLine, Step};
use crate::wire::testing::Received;

/// The first three octets choose the limits, what counts as a large literal, and the pieces; the
/// rest is the stream.
pub fn framing(data: &[u8]) {
    let mut input = Input::new(data);
    let small = Limits {
        line: 200,
        literal: 100,
        response: 500,
        ..Limits::DEFAULT
    };
    let choice = input.octet();
    let limits = [Limits::DEFAULT, small][usize::from(choice & 1)];
    let mut framer = Framer::new(input.pick(&[usize::MAX, 0, 4, Framer::INLINE_LITERAL]));
    framer.reports_sections = choice & 2 > 0;
    let pieces = Pieces::new(input.octet());
    let stream = input.rest();
    let whole = frames(stream, framer.clone(), Pieces::Equal(usize::MAX), &limits);
    let torn = frames(stream, framer.clone(), pieces, &limits);
    assert_eq!(whole, torn, "it matters in which pieces it arrives");
    let by_octet = frames(stream, framer.clone(), Pieces::Equal(1), &limits);
    assert_eq!(whole, by_octet, "it matters whether it arrives by octets");
    check(&whole.0, stream, &framer, &limits);
    by_a_connection(stream, &limits, framer.reports_sections, choice, &whole);
}

/// A connection reads the same responses, from its buffer and from what it sets aside, in whichever
/// pieces the octets arrive.
fn by_a_connection(octets: &[u8], limits: &Limits, sections: bool, seed: u8, framed: &Frames) {
    let read = |pieces| connection(octets, pieces, limits, sections);
    let whole = read(Pieces::Equal(usize::MAX));
    let random = [seed, seed.wrapping_add(77)].map(Pieces::new);
    for pieces in [1, 2, 7].map(Pieces::Equal).into_iter().chain(random) {
        let torn = read(pieces);
        assert_eq!(
            whole, torn,
            "it matters to a connection in which pieces it arrives"
        );
    }
    if !whole.1 && !framed.1 {
        let rows: Vec<_> = framed.0.iter().map(written).collect();
        assert_eq!(rows, whole.0, "a connection reads other responses");
    }
}

/// All that a connection reads, each response with its literals, and whether the stream broke a
/// rule.
fn connection(
    octets: &[u8],
    pieces: Pieces,
    limits: &Limits,
    sections: bool,
) -> (Vec<Vec<u8>>, bool) {
    let minute = Duration::from_secs(60);
    let clock = Clock::starting_now(minute, minute, minute);
    let canned = Canned::new(octets, pieces);
    let mut stream = Stream::new(Buffered::new(Box::new(canned)), *limits, clock);
    stream.hand_out_sections(sections);
    let (mut responses, mut taken) = (Vec::new(), Vec::new());
    loop {
        match stream.wait() {
            Ok(()) => {}
            Err(CloseReason::Eof) => return (responses, false),
            Err(_) => return (responses, true),
        }
        if let Some(left) = stream.begin_section() {
            let mut section = Vec::new();
            while stream.left_of_section() > 0 {
                if stream.await_section().is_err() {
                    return (responses, false);
                }
                let arrived = stream.section_arrived();
                section.extend_from_slice(arrived);
                let octets = arrived.len();
                stream.consume_section(octets);
            }
            assert!(section.len() as u64 == left);
            taken.push(section);
            continue;
        }
        let frame = stream.hand_out();
        let mut literals = frame.literals.to_vec();
        for (literal, data) in literals.iter_mut().zip(taken.drain(..)) {
            literal.data = data;
        }
        let row = frame.bytes.to_vec();
        responses.push(written(&Received { row, literals }));
    }
}

/// The responses, and whether the stream broke a rule; which of two limits was passed first is
/// told by the pieces.
type Frames = (Vec<Received>, bool);

/// The whole responses of a stream, and what ended it if not its end.
fn frames(stream: &[u8], mut framer: Framer, mut pieces: Pieces, limits: &Limits) -> Frames {
    let (mut buffer, mut unread) = (Vec::new(), stream);
    let (mut literals, mut responses) = (Vec::new(), Vec::new());
    loop {
        let (at, len) = match framer.scan(&buffer, limits) {
            Err(_) => return (responses, true),
            Ok(Step::Complete(len)) => {
                let row = buffer.drain(..len).collect();
                let literals = std::mem::take(&mut literals);
                responses.push(Received { row, literals });
                continue;
            }
            Ok(Step::Literal { at, len }) => (at, len as u64),
            Ok(Step::Section { at, len }) => (at, len),
            Ok(Step::More) => (buffer.len(), u64::MAX),
        };
        if (buffer.len() - at) as u64 >= len {
            let data = buffer.drain(at..at + len as usize).collect();
            literals.push(OutOfLine { at, data });
            framer.literal_taken();
        } else if unread.is_empty() {
            return (responses, false);
        } else {
            let (now, later) = unread.split_at(pieces.next().min(unread.len()));
            buffer.extend_from_slice(now);
            unread = later;
        }
    }
}

/// Nothing is lost, nothing is twice, and nothing is longer than it may be.
fn check(responses: &[Received], stream: &[u8], framer: &Framer, limits: &Limits) {
    let mut rest = stream;
    for response in responses {
        let written = written(response);
        for literal in &response.literals {
            assert!(framer.reports_sections || literal.data.len() > framer.inline_literal);
        }
        rest = rest.strip_prefix(&*written).expect("octets as they came");
        assert!(response.row.ends_with(b"\n"));
        assert!(framer.reports_sections || written.len() <= limits.response);
        let literals = response.literals.iter().map(|literal| literal.data.len());
        let too_long = literals.max().is_some_and(|len| len > limits.literal);
        assert!(framer.reports_sections || !too_long);
    }
}

/// A response as it came, with its literals in their places.
fn written(response: &Received) -> Vec<u8> {
    let (mut written, mut at) = (Vec::new(), 0);
    for literal in &response.literals {
        written.extend_from_slice(&response.row[at..literal.at]);
        written.extend_from_slice(&literal.data);
        at = literal.at;
    }
    written.extend_from_slice(&response.row[at..]);
    written
}

/// A valid row behind one that ends in the middle: by octets, it was lost.
#[cfg(test)]
#[test]
fn fault_07_the_target_compares_splits_of_torn_rows() {
    for row in [
        "UID 5 RFC822.SIZE 3",
        "UID 5 BODY[] {3}\r\nabc",
        "UID 5 ENVELOPE (\"a",
    ] {
        for next in ["* 2 FETCH (UID 6)", "A1 OK", "+ go", "A1 OKAY)", "*a)"] {
            for choice in 0..4 {
                let stream = format!("{choice}33* 1 FETCH ({row}\r\n{next}\r\n* 3 EXISTS\r\n");
                framing(stream.as_bytes());
            }
        }
    }
}
