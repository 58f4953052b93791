//! Shows the unread messages of INBOX, newest last: date, sender, subject, and how each begins. Does
//! not set `\Seen`.

#![allow(clippy::print_stdout)]

mod common;

use std::num::NonZeroU32;
use std::process::ExitCode;

use latchbox::types::{FetchItem, Printable, SearchKey, Section};

/// How much of each text is asked for, in octets.
const BEGINNING: NonZeroU32 = NonZeroU32::new(200).unwrap();

fn main() -> ExitCode {
    common::report(run())
}

fn run() -> common::Result<()> {
    let common::Mail { session, .. } = &common::open()?;
    let mut inbox = session.lock_mailbox_read_only("INBOX")?;
    let unseen = inbox.search(SearchKey::Unseen)?;
    println!("{} of {} messages are unread", unseen.len(), inbox.exists());
    let text = Section::whole().text().partial(0, BEGINNING);
    let items = [FetchItem::Envelope, FetchItem::BodyPeek(text.clone())];
    let mut messages = inbox.fetch(&unseen, items)?;
    while let Some(message) = messages.next()? {
        let envelope = message.envelope()?;
        let from = envelope.from().next().map(|from| from.to_string());
        println!();
        if let Some(date) = envelope.date() {
            let local = date.local();
            let (day, hour, minute) = (local.date(), local.hour(), local.minute());
            println!("{day} {hour:02}:{minute:02}");
        }
        println!("{}", from.unwrap_or_else(|| "(nobody)".to_owned()));
        println!("{}", Printable(envelope.subject()));
        let text = String::from_utf8_lossy(message.body(&text).unwrap_or_default());
        if let Some(line) = text.lines().find(|line| !line.trim().is_empty()) {
            println!("    {}", Printable(line));
        }
    }
    Ok(())
}
