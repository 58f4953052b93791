//! Every integration test of the crate, a module a subject.

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

/// Counts for each thread by itself.
#[global_allocator]
static ALLOCATOR: latchbox_counting::Counting = latchbox_counting::Counting;

mod pieces;
mod scripted;
mod support;

mod answers;
mod appending;
mod close_handle;
mod download;
mod endless;
mod events;
mod fetching;
mod harness;
mod idle;
mod in_pieces;
mod injection;
mod limits;
mod lock;
mod lock_request;
mod logging_in;
mod mailboxes;
mod parts;
mod pipeline;
mod pool;
mod quirks;
mod raw_commands;
mod reconnect;
mod register;
mod search;
mod sessions;
mod stats;
mod stopping;
mod sync;
mod sync_account;
mod transcripts;
mod transport;
mod uids;
mod utf8;
mod watch;
mod wrong_mailbox;
