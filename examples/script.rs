#!/usr/bin/env rust-script
//! Prints the senders and subjects of the unread messages of INBOX. Does not set `\Seen`.
//!
//! With [rust-script](https://rust-script.org) this file runs by itself, without a project around it:
//!
//! ```text
//! LATCHBOX_URL=imaps://user@imap.example.com LATCHBOX_PASSWORD=... ./script.rs
//! ```
//!
//! ```cargo
//! [dependencies]
//! latchbox = "0.1"
//! ```

#![allow(clippy::print_stdout)]

use latchbox::Account;
use latchbox::types::{FetchItem, Printable, SearchKey};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let url = std::env::var("LATCHBOX_URL")?.parse()?;
    let password =
        |_reason: latchbox::LoginReason<'_>| Ok(std::env::var("LATCHBOX_PASSWORD")?.into());
    let session = Account::from_url(&url, password)?.open()?;
    let mut inbox = session.lock_mailbox_read_only("INBOX")?;
    let unseen = inbox.search(SearchKey::Unseen)?;
    for message in inbox.fetch(&unseen, [FetchItem::Envelope])? {
        let message = message?;
        let envelope = message.envelope()?;
        let sender = envelope.from().next().map(|sender| sender.to_string());
        println!(
            "{}: {}",
            sender.unwrap_or_default(),
            Printable(envelope.subject())
        );
    }
    Ok(())
}
