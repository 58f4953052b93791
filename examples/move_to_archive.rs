//! Moves the read messages of INBOX that are not flagged to the archive. Without `--move` it only lists
//! them.
//!
//! ```text
//! LATCHBOX_URL=imaps://user@host cargo run --example move_to_archive [-- --move]
//! ```

#![allow(clippy::print_stdout, clippy::print_stderr)]

use std::env;
use std::error::Error;
use std::process::ExitCode;

use latchbox::types::{FetchItem, MailboxName, Printable, SearchKey, SpecialUse};
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
    let may_move = env::args().nth(1).as_deref() == Some("--move");
    let session = open()?;
    let mut inbox = session.lock_mailbox("INBOX")?;
    let read = inbox.search(SearchKey::Seen.and(!SearchKey::Flagged))?;
    let mut messages = inbox.fetch(&read, [FetchItem::Envelope])?;
    while let Some(message) = messages.next()? {
        println!("{}", Printable(message.envelope()?.subject()));
    }
    drop(messages);
    let count = read.len();
    if !may_move {
        println!("{count} messages would be moved; with --move they are.");
        return Ok(());
    }
    // On the thread that holds INBOX, a command of the session is sent at once.
    let archive = archive_of(&session)?;
    let moved = inbox.move_to(&read, &archive)?;
    println!("{count} messages are in {archive} now.");
    if let Some(uids) = moved.copies() {
        println!("Their UIDs there: {uids}");
    }
    Ok(())
}

/// The account's mailbox for the archive, or a new one.
fn archive_of(session: &Session) -> Result<MailboxName, Box<dyn Error>> {
    if let Some(archive) = session.special_mailboxes()?.get(SpecialUse::Archive) {
        return Ok(archive.mailbox().name().clone());
    }
    let archive = MailboxName::new("Archive")?;
    session.create(&archive)?;
    Ok(archive)
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
