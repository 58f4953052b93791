//! Whether the server of the test kit is right, by the judgement of others: sessions of other clients, a
//! grammar of commands that is not its own, and what Dovecot answers.

// Tests may unwrap, index and print; what they say when they fail is their purpose.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::print_stderr
)]

mod alike;
mod clients;
mod grammar;
mod raw;
mod support;
