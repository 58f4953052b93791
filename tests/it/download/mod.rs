//! Downloads: whatever form the answer has and wherever it ends, all of it or an error.

mod answers;
mod canned;
mod ends;
mod many;
mod parts;
mod written;

use latchbox::types::{Section, Uid};

fn uid(number: u32) -> Uid {
    Uid::new(number).unwrap()
}

fn whole() -> Section {
    Section::whole()
}
