//! Watches two mailboxes inside an event loop of `mio`, beside a socket of the program.
//!
//! ```text
//! LATCHBOX_URL=imaps://user@host cargo run --example event_loop --features mio [MAILBOX]...
//! ```
//!
//! It prints what changes, and the address of a socket: a program that connects to it gets a line for each watch,
//! such as `listens to INBOX by IDLE`. All of this is one thread. On Linux only, where a watch is one descriptor that
//! stays the same; elsewhere a program registers those of `Watch::descriptors` again after each `try_next`.

#![allow(clippy::print_stdout, clippy::print_stderr)]

#[cfg(target_os = "linux")]
mod looping;

use std::process::ExitCode;

#[cfg(target_os = "linux")]
fn main() -> ExitCode {
    match looping::run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

#[cfg(not(target_os = "linux"))]
fn main() -> ExitCode {
    eprintln!("this example needs Linux");
    ExitCode::FAILURE
}
