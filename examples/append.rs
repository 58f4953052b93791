//! Stores a message in Drafts, so that the user can finish it in another program.
//!
//! ```text
//! cargo run --example append [mailbox]
//! ```

#![allow(clippy::print_stdout)]

mod common;

use std::process::ExitCode;

use latchbox::types::{Flag, MailboxAttribute, MailboxName, NewMessage};

const MESSAGE: &str = "From: Jane <jane@example.com>\r\n\
    To: Ann <ann@example.com>\r\n\
    Subject: Friday\r\n\
    MIME-Version: 1.0\r\n\
    Content-Type: text/plain; charset=utf-8\r\n\
    Content-Transfer-Encoding: 8bit\r\n\
    \r\n\
    Friday at one, at the caf\u{e9}?\r\n";

fn main() -> ExitCode {
    common::report(run())
}

fn run() -> common::Result<()> {
    let common::Mail { session, .. } = &common::open()?;
    let drafts = match std::env::args().nth(1) {
        Some(name) => MailboxName::new(&name)?,
        None => common::mailbox_for(session, &MailboxAttribute::Drafts)?
            .ok_or("the server does not tell which mailbox is for drafts: name one")?,
    };
    let appended = session.append(
        &drafts,
        NewMessage::new(MESSAGE.as_bytes()).flags([Flag::Draft, Flag::Seen]),
    )?;
    match appended.uid() {
        Some(uid) => println!("The draft is in {drafts}, with the UID {uid}."),
        None => println!("The draft is in {drafts}; the server keeps its UID to itself."),
    }
    Ok(())
}
