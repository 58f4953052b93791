//! Framing: the same octets in any pieces are the same responses, and no response passes a limit.

use crate::fuzzing::input::{Input, Pieces};
use crate::limits::Limits;
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
    let whole = frames(stream, framer.clone(), || usize::MAX, &limits);
    let mut sizes = pieces;
    let torn = frames(stream, framer.clone(), || sizes.next(), &limits);
    assert_eq!(whole, torn, "it matters in which pieces it arrives");
    let by_octet = frames(stream, framer.clone(), || 1, &limits);
    assert_eq!(whole, by_octet, "it matters whether it arrives by octets");
    check(&whole.0, stream, &framer, &limits);
}

/// The responses, and whether the stream broke a rule; which of two limits was passed first is
/// told by the pieces.
type Frames = (Vec<Received>, bool);

/// The whole responses of a stream, and what ended it if not its end.
fn frames(
    stream: &[u8],
    mut framer: Framer,
    mut piece: impl FnMut() -> usize,
    limits: &Limits,
) -> Frames {
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
            let (now, later) = unread.split_at(piece().min(unread.len()));
            buffer.extend_from_slice(now);
            unread = later;
        }
    }
}

/// Nothing is lost, nothing is twice, and nothing is longer than it may be.
fn check(responses: &[Received], stream: &[u8], framer: &Framer, limits: &Limits) {
    let mut rest = stream;
    for response in responses {
        let mut written = Vec::new();
        let mut at = 0;
        for literal in &response.literals {
            written.extend_from_slice(&response.row[at..literal.at]);
            written.extend_from_slice(&literal.data);
            at = literal.at;
            assert!(framer.reports_sections || literal.data.len() > framer.inline_literal);
        }
        written.extend_from_slice(&response.row[at..]);
        rest = rest.strip_prefix(&*written).expect("octets as they came");
        assert!(response.row.ends_with(b"\n"));
        assert!(framer.reports_sections || written.len() <= limits.response);
        let literals = response.literals.iter().map(|literal| literal.data.len());
        let too_long = literals.max().is_some_and(|len| len > limits.literal);
        assert!(framer.reports_sections || !too_long);
    }
}
