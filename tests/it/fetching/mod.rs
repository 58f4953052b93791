//! FETCH as no ordinary server answers it: items of extensions, modifiers, answers in pieces.

mod flags;
mod headers;
mod items;
mod merged;
mod modifiers;
mod pieces;
mod seen;
mod streams;

use latchbox::Error;
use latchbox::types::{Capability, ModSeq, UidSet};

pub(super) fn uids(text: &str) -> UidSet {
    text.parse().unwrap()
}

pub(super) fn mod_seq(number: u64) -> ModSeq {
    ModSeq::new(number).unwrap()
}

/// It was refused for want of this, before anything was sent: the script would tell.
#[track_caller]
pub(super) fn assert_unsupported(error: &Error, expected: &Capability) {
    match error {
        Error::Unsupported(unsupported) => assert_eq!(unsupported.capability(), expected),
        other => panic!("not unsupported: {other:?}"),
    }
}
