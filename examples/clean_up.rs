//! Moves messages that are older than a number of days (90 by default) to the trash, except flagged ones.
//! Without `--move` it only lists them.
//!
//! ```text
//! LATCHBOX_URL=imaps://user@host cargo run --example clean_up [-- [--move] [DAYS [MAILBOX]]]
//! ```

#![allow(clippy::print_stdout, clippy::print_stderr)]

use std::env;
use std::error::Error;
use std::process::ExitCode;
use std::time::SystemTime;

use latchbox::types::{DateTime, FetchItem, Printable, SearchKey};
use latchbox::{Account, Session};

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), Box<dyn Error>> {
    let mut arguments: Vec<String> = env::args().skip(1).collect();
    let may_move = arguments.iter().any(|argument| argument == "--move");
    arguments.retain(|argument| argument != "--move");
    let days = arguments.first().map_or(Ok(90), |days| days.parse());
    let days = days.map_err(|_| "usage: clean_up [--move] [DAYS [MAILBOX]]")?;
    let name = arguments.get(1).map_or("INBOX", String::as_str);
    let today = DateTime::try_from(SystemTime::now())?.date();
    let day = today.checked_sub_days(days);
    let day = day.ok_or("that is before year 0")?;

    let session = open()?;
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
    let trash = trashed.trash().mailbox();
    println!("{count} messages are in {} now.", trash.name());
    Ok(())
}

/// A session on the account of `LATCHBOX_URL`, with the password from `LATCHBOX_PASSWORD` or a prompt.
fn open() -> Result<Session, Box<dyn Error>> {
    let url = env::var("LATCHBOX_URL").map_err(|_| "set LATCHBOX_URL to imaps://user@host")?;
    let account = Account::from_url(&url.parse()?, |_reason| {
        let typed = |_| rpassword::prompt_password("Password: ");
        Ok(env::var("LATCHBOX_PASSWORD").or_else(typed)?.into())
    })?;
    Ok(account.open()?)
}
