//! The checks that need servers of other people's: Dovecot, Cyrus, Courier and GNU imap4d, which
//! `tests/run` installs, and the `openssl` command.

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

#[path = "../../tests/it/pieces.rs"]
#[allow(dead_code)]
mod pieces;
#[path = "../../tests/it/scripted.rs"]
#[allow(dead_code)]
mod scripted;
#[path = "../../tests/it/sessions.rs"]
#[allow(dead_code)]
mod sessions;

mod appending;
mod client_certificates;
mod crowd;
mod decoding;
mod dovecot;
mod events;
mod examples;
mod faults;
mod harness;
mod idle;
mod lock;
mod logged_in;
mod mailboxes;
mod mails;
mod pipeline;
mod pool;
mod reconnect;
mod removed;
mod searching;
mod seen;
mod servers;
mod sharing;
mod sorting;
mod support;
mod sync;
mod sync_account;
mod testkit;
mod transport;
mod watch;
