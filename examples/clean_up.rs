//! Moves what is older than so many days (90) to the trash, but for what is flagged. Only says what it
//! would move, unless it is told to.
//!
//! ```text
//! cargo run --example clean_up [-- [--move] [DAYS [MAILBOX]]]
//! ```

#![allow(clippy::print_stdout)]

mod common;

use std::process::ExitCode;
use std::time::SystemTime;

use chrono::{DateTime, Days, Utc};
use latchbox::types::{FetchItem, Printable, SearchKey};

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
    let today = DateTime::<Utc>::from(SystemTime::now()).date_naive();
    let day = today
        .checked_sub_days(Days::new(days))
        .ok_or("that is before all days")?;

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
