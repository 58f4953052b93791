//! Checks of the source alone: the house, its drawing, the public names, the words of the docs, the tools.

// Tests may unwrap, index and print; what they say when they fail is their purpose.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::cast_possible_truncation,
    clippy::print_stderr
)]

mod house;
mod names;
mod readme;
mod run;
mod shown;
mod words;
