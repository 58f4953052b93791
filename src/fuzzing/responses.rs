//! Every kind of response: none panics, whatever is asked of it, and the ways to read one agree.

use crate::fuzzing::input::Input;
use crate::limits::Limits;
use crate::types::section::Section;
use crate::wire::response::fetch::Fetch;
use crate::wire::response::fetch_item::{Kind, Kinds};
use crate::wire::response::fetch_responses::Responses;
use crate::wire::response::{Response, Untagged};
use crate::wire::testing::{self, Received, receive};

/// The first octet chooses what is a large literal and whether names are UTF-8; the rest is a
/// stream of responses.
pub fn responses(data: &[u8]) {
    let mut input = Input::new(data);
    let choice = input.octet();
    let inline_literal = [usize::MAX, 0, 4, 30][usize::from(choice & 3)];
    let small = Limits {
        depth: 3,
        list: 4,
        ..Limits::DEFAULT
    };
    let limits = [Limits::DEFAULT, small][usize::from(choice >> 2 & 1)];
    let stream = input.rest();
    let framed = receive(stream, usize::MAX, inline_literal, &limits).unwrap_or_default();
    let unframed = Received {
        row: stream.to_vec(),
        literals: Vec::new(),
    };
    for received in framed.iter().chain([&unframed]) {
        testing::exercise(received, &limits);
        agree(received, &limits);
    }
}

/// The answer to a FETCH is the same whether it is copied or taken, and in whichever way it is
/// read.
fn agree(received: &Received, limits: &Limits) {
    let Ok(Response::Untagged(Untagged::Fetch(row))) = Response::parse(received.frame(), limits)
    else {
        return;
    };
    let mut lent = Responses::default();
    lent.assign(&row);
    let lent = testing::message(lent);
    let expected = testing::summary(&lent);
    assert_eq!(testing::summary(&lent.clone()), expected, "a copy");
    let mut literals = received.literals.clone();
    let mut taken = Responses::default();
    taken.assign_taking(row.place, limits, &received.row, &mut literals);
    assert_eq!(
        testing::summary(&testing::message(taken.clone())),
        expected,
        "with its literals taken"
    );
    // The fast way is gone only behind a row that was to the letter.
    let mut again = taken;
    if again.assign_plain(&received.row, limits) == Some(received.row.len()) {
        let again = testing::message(again);
        assert_eq!(testing::summary(&again), expected, "read to the letter");
    }
    let whole = received.literals.is_empty() && !received.row.contains(&b'"');
    if whole && !received.row.contains(&b'{') && !may_lack_a_value(&lent) {
        in_lower_case(&received.row, &lent, limits);
    }
}

/// Whether an unknown word may be a name because a section before it has no value: only one in
/// capitals is taken for a name there.
fn may_lack_a_value(fetch: &Fetch) -> bool {
    let kinds = fetch.responses().kinds();
    let of = |kind| {
        let mut one = Kinds::default();
        one.insert(kind);
        kinds.meets(one)
    };
    of(Kind::Other) && (of(Kind::Section) || of(Kind::Binary))
}

/// Names in lower case are not to the letter: they are read in the general way.
fn in_lower_case(row: &[u8], fetch: &Fetch, limits: &Limits) {
    let row = row.to_ascii_lowercase();
    let general = match Response::parse(crate::wire::frame::Frame::inline(&row), limits) {
        Ok(Response::Untagged(Untagged::Fetch(row))) => {
            let mut responses = Responses::default();
            responses.assign(&row);
            testing::message(responses)
        }
        other => panic!("no answer in lower case: {other:?}"),
    };
    let told = |fetch: &Fetch| {
        let flags = fetch
            .flags()
            .map(|flags| flags.map(|flag| flag.to_string()).collect::<Vec<_>>());
        let numbers = (
            fetch.seq(),
            fetch.responses().uid(),
            fetch.size(),
            fetch.mod_seq(),
        );
        let errors = fetch.errors().count();
        format!("{flags:?} {numbers:?} {errors}").to_ascii_lowercase()
    };
    assert_eq!(told(&general), told(fetch), "the general way");
    let _ = fetch.body(&Section::whole());
}
