//! Moves messages that are older than a number of days (90 by default) to the trash, except flagged ones.
//! Without `--move` it only lists what it would move.
//!
//! ```text
//! cargo run --example clean_up [-- [--move] [DAYS [MAILBOX]]]
//! ```

#![allow(clippy::print_stdout)]

mod common;

use std::process::ExitCode;
use std::time::SystemTime;

use latchbox::types::{DateTime, FetchItem, Printable, SearchKey};

fn main() -> ExitCode {
    common::report(run())
}

fn run() -> common::Result<()> {
    let mut arguments: Vec<String> = std::env::args().skip(1).collect();
    let may_move = arguments.iter().any(|argument| argument == "--move");
    arguments.retain(|argument| argument != "--move");
    let days = arguments
        .first()
        .map_or(Ok(90), |days| days.parse())
        .map_err(|_| "usage: clean_up [--move] [DAYS [MAILBOX]]")?;
    let name = arguments.get(1).map_or("INBOX", String::as_str);
    let today = DateTime::try_from(SystemTime::now())?.date();
    let day = today
        .checked_sub_days(days)
        .ok_or("that is before year 0")?;

    let common::Mail { session, .. } = &common::open()?;
    let mut mailbox = session.lock_mailbox(name)?;
    let old = mailbox.search(SearchKey::Before(day).and(!SearchKey::Flagged))?;
    let mut messages = mailbox.fetch(&old, [FetchItem::Envelope])?;
    while let Some(message) = messages.next()? {
        println!("{}", Printable(message.envelope()?.subject()));
    }
    drop(messages);
    let count = old.len();
    if !may_move {
        println!("{count} messages would be moved; with --move they are.");
        return Ok(());
    }
    let trashed = mailbox.move_to_trash(&old)?;
    println!(
        "{count} messages are in {} now.",
        trashed.trash().mailbox().name()
    );
    Ok(())
}
