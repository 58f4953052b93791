//! Moves read messages from INBOX to the archive. On a real account it only lists what it would move,
//! unless `--move` is given.
//!
//! ```text
//! cargo run --example move_to_archive [-- --move]
//! ```

#![allow(clippy::print_stdout)]

mod common;

use std::process::ExitCode;

use latchbox::types::{FetchItem, MailboxAttribute, MailboxName, Printable, SearchKey};

fn main() -> ExitCode {
    common::report(run())
}

fn run() -> common::Result<()> {
    let common::Mail { session, server } = &common::open()?;
    let may_move = server.is_some() || std::env::args().nth(1).as_deref() == Some("--move");
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
    let archive = match common::mailbox_for(session, &MailboxAttribute::Archive)? {
        Some(archive) => archive,
        None => {
            let archive = MailboxName::new("Archive")?;
            session.create(&archive)?;
            archive
        }
    };
    let moved = inbox.move_to(&read, &archive)?;
    println!("{count} messages are in {archive} now.");
    if let Some(uids) = moved.copies() {
        println!("Their UIDs there: {uids}");
    }
    Ok(())
}
