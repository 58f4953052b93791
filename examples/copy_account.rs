//! Copies all mail of one account to another, mailbox by mailbox. Run it again after it was stopped:
//! what is there already is passed over.
//!
//! ```text
//! cargo run --example copy_account
//! LATCHBOX_URL=imaps://old@host TO_URL=imaps://new@host TO_PASSWORD=... \
//!     cargo run --example copy_account -- --copy
//! ```
//!
//! On real accounts it copies with `--copy` only, and tells what it would do otherwise. A message is
//! known again by its Message-ID; one without is copied once more each time.

#![allow(clippy::print_stdout)]

mod common;
