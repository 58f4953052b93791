//! What tests of the wire share: a connection without a socket, and checks that every response
//! stands.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a panic is how a test fails"
)]

use crate::limits::Limits;
use crate::types::section::Section;
use crate::types::uid::Uid;
use crate::wire::frame::{Frame, FrameError, Framer, OutOfLine, Step};
use crate::wire::response::fetch::Fetch;
use crate::wire::response::fetch_responses::Responses;
use crate::wire::response::{Response, Untagged};

/// A response with its large literals, as a connection would hold it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Received {
    pub(crate) row: Vec<u8>,
    pub(crate) literals: Vec<OutOfLine>,
}

impl Received {
    pub(crate) fn frame(&self) -> Frame<'_> {
        Frame {
            bytes: &self.row,
            literals: &self.literals,
            utf8: false,
            text: "",
        }
    }
}

/// Reads a stream in pieces of `read` octets; what is not whole at the end is dropped.
pub(crate) fn receive(
    stream: &[u8],
    read: usize,
    inline_literal: usize,
    limits: &Limits,
) -> Result<Vec<Received>, FrameError> {
    let mut framer = Framer::new(inline_literal);
    let (mut buffer, mut unread) = (Vec::new(), stream);
    let (mut literals, mut responses) = (Vec::new(), Vec::new());
    loop {
        match framer.scan(&buffer, limits)? {
            Step::Complete(len) => {
                let row = buffer.drain(..len).collect();
                let literals = std::mem::take(&mut literals);
                responses.push(Received { row, literals });
            }
            Step::Literal { at, len } if buffer.len() >= at + len => {
                let data = buffer.drain(at..at + len).collect();
                literals.push(OutOfLine { at, data });
                framer.literal_taken();
            }
            Step::More | Step::Literal { .. } | Step::Section { .. } => {
                if unread.is_empty() {
                    return Ok(responses);
                }
                let (now, later) = unread.split_at(read.min(unread.len()));
                buffer.extend_from_slice(now);
                unread = later;
            }
        }
    }
}

/// Checks that no part of a response passes for a response, and that it does not matter in which
/// pieces it arrives.
pub(crate) fn check_framing(response: &[u8]) {
    let limits = Limits::DEFAULT;
    let mut grown = Framer::default();
    for end in 0..response.len() {
        let part = &response[..end];
        assert_eq!(
            Framer::default().scan(part, &limits),
            Ok(Step::More),
            "{end}"
        );
        assert_eq!(grown.scan(part, &limits), Ok(Step::More), "{end}, grown");
    }
    let whole = Ok(Step::Complete(response.len()));
    assert_eq!(grown.scan(response, &limits), whole);
    for start in 0..response.len() {
        let mut framer = Framer::default();
        assert_eq!(framer.scan(&response[..start], &limits), Ok(Step::More));
        assert_eq!(framer.scan(response, &limits), whole, "split at {start}");
    }
}

/// What an untagged response says, of which the framing is checked as well.
pub(crate) fn untagged(response: &[u8]) -> Untagged<'_> {
    check_framing(response);
    match Response::parse(Frame::inline(response), &Limits::DEFAULT) {
        Ok(Response::Untagged(untagged)) => untagged,
        other => panic!("not untagged: {other:?}"),
    }
}

/// Whether a response is known and malformed.
pub(crate) fn is_invalid(response: &[u8]) -> bool {
    match Response::parse(Frame::inline(response), &Limits::DEFAULT) {
        Ok(Response::Untagged(Untagged::Invalid { bytes, .. })) => bytes == response,
        _ => false,
    }
}

/// A FETCH answer, read once with its literals in the row and once with all of them outside it.
pub(crate) fn fetch(response: &[u8]) -> Fetch {
    check_framing(response);
    let [inline, outside] = [usize::MAX, 0].map(|inline_literal| {
        let all = receive(response, 7, inline_literal, &Limits::DEFAULT).unwrap();
        assert_eq!(all.len(), 1);
        assign(all[0].frame()).expect("a FETCH response")
    });
    assert_eq!(summary(&inline), summary(&outside));
    inline
}

/// The answer in a frame, if it is one.
pub(crate) fn assign(frame: Frame<'_>) -> Option<Fetch> {
    fetch_in(frame, &Limits::DEFAULT)
}

/// [`assign`] under other limits.
pub(crate) fn fetch_in(frame: Frame<'_>, limits: &Limits) -> Option<Fetch> {
    match Response::parse(frame, limits) {
        Ok(Response::Untagged(Untagged::Fetch(row))) => {
            let mut responses = Responses::default();
            responses.assign(&row);
            Some(message(responses))
        }
        _ => None,
    }
}

/// The message of these responses, also if none of them has its UID.
pub(crate) fn message(responses: Responses) -> Fetch {
    Fetch::new(responses.uid().unwrap_or(Uid::MAX), responses)
}

/// Asks a response for all that it can tell.
pub(crate) fn exercise(received: &Received, limits: &Limits) {
    let _ = format!("{:?}", Response::parse(received.frame(), limits));
    if let Some(fetch) = fetch_in(received.frame(), limits) {
        let _ = (summary(&fetch), format!("{fetch:?}"));
        let sections = [
            Section::whole(),
            Section::part("1.2").unwrap().mime(),
            Section::header_fields(["a", "b"]).unwrap(),
            Section::whole()
                .text()
                .partial(3, std::num::NonZeroU32::MIN),
        ];
        for section in &sections {
            let _ = (
                fetch.body(section),
                fetch.binary(section),
                fetch.binary_size(section),
            );
            let _ = (fetch.clone().take_body(section), fetch.raw_item("X"));
        }
        let mut merged = fetch.clone();
        let _ = (merged.merge(fetch), summary(&merged));
    }
}

/// Everything that an answer tells without being asked for a section.
pub(crate) fn summary(fetch: &Fetch) -> String {
    use std::fmt::Write;
    let mut all = format!(
        "{:?} {:?} {:?}",
        fetch.seq(),
        fetch.responses().uid(),
        fetch.flags()
    );
    let date = fetch.internal_date().map_err(|error| error.kind());
    write!(all, " {date:?} {:?} {:?}", fetch.size(), fetch.mod_seq()).unwrap();
    let ids = (fetch.email_id(), fetch.thread_id(), fetch.gmail_labels());
    let numbers = (fetch.gmail_message_id(), fetch.gmail_thread_id());
    let saved = fetch.save_date().map_err(|error| error.kind());
    let preview = fetch.preview().map_err(|error| error.kind());
    write!(all, " {ids:?} {numbers:?} {saved:?} {preview:?}").unwrap();
    match fetch.envelope() {
        Ok(envelope) => {
            write!(
                all,
                " {envelope:?} {:?} {:?}",
                envelope.date(),
                envelope.subject()
            )
            .unwrap();
            for item in envelope.to().with_groups() {
                write!(all, " {item:?}").unwrap();
            }
            for address in envelope.from() {
                let parts = (
                    address.name(),
                    address.mailbox(),
                    address.host(),
                    address.group(),
                );
                write!(
                    all,
                    " {parts:?} {:?} {:?}",
                    address.name_raw(),
                    address.route()
                )
                .unwrap();
            }
        }
        Err(error) => write!(all, " {:?}", error.kind()).unwrap(),
    }
    match fetch.body_structure() {
        Ok(structure) => parts(&structure, &mut all),
        Err(error) => write!(all, " {:?}", error.kind()).unwrap(),
    }
    for error in fetch.errors() {
        write!(all, " {} {:?}", error.item(), error.kind()).unwrap();
    }
    all
}

fn parts(structure: &crate::message::BodyStructure<'_>, all: &mut String) {
    use std::fmt::Write;
    for part in structure.parts() {
        write!(
            all,
            " {part:?} {:?} {:?} {:?}",
            part.id(),
            part.description(),
            part.lines()
        )
        .unwrap();
        write!(
            all,
            " {:?} {:?} {:?}",
            part.md5(),
            part.disposition(),
            part.location()
        )
        .unwrap();
        let languages: Vec<_> = part.languages().collect();
        write!(
            all,
            " {languages:?} {:?} {:?}",
            part.file_name(),
            part.parameter("charset")
        )
        .unwrap();
        write!(all, " {:?} {:?}", part.envelope(), part.children().count()).unwrap();
        if let Some(number) = part.number() {
            let found = structure.part(&number).expect("a part by its number");
            assert_eq!(found.number(), part.number());
        }
    }
    let found = (
        structure.text_part(),
        structure.html_part(),
        structure.attachments().count(),
        structure.embedded().count(),
    );
    write!(all, " {found:?}").unwrap();
}
