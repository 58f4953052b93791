//! Saves the attachments of the newest message that has any to a directory, as they arrive.
//! Does not set `\Seen`, and overwrites no file.
//!
//! `attachments [DIRECTORY [MAILBOX]]`; without a directory it only lists the attachments.

#![allow(clippy::print_stdout)]

mod common;

use std::env;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use latchbox::message::{Fetch, Part};
use latchbox::types::{FetchItem, MessageUid, Printable, SearchKey};
use latchbox::{MailboxGuard, ReadOnly};

fn main() -> ExitCode {
    common::report(run())
}

fn run() -> common::Result<()> {
    let mut arguments = env::args_os().skip(1);
    let directory = arguments.next().map(PathBuf::from);
    let mailbox = arguments
        .next()
        .map(|name| name.to_string_lossy().into_owned());
    let common::Mail { session, server } = &common::open()?;
    // Where the in-process server has a message with attachments.
    let usual = if server.is_some() { "Archive" } else { "INBOX" };
    let mut mailbox = session.lock_mailbox_read_only(mailbox.as_deref().unwrap_or(usual))?;
    let Some(message) = newest_with_attachments(&mut mailbox)? else {
        println!("No message has an attachment.");
        return Ok(());
    };
    println!("{}", Printable(message.envelope()?.subject()));
    for part in message.body_structure()?.attachments() {
        match &directory {
            None => println!("    {}", name_of(&part)),
            Some(directory) => save(&mut mailbox, &message.id(), &part, directory)?,
        }
    }
    Ok(())
}

fn newest_with_attachments(
    mailbox: &mut MailboxGuard<'_, ReadOnly>,
) -> latchbox::Result<Option<Fetch>> {
    let all = mailbox.search(SearchKey::All)?;
    let mut newest = None;
    for message in mailbox.fetch(&all, [FetchItem::Envelope, FetchItem::BodyStructure])? {
        let message = message?;
        let has_some = message
            .body_structure()
            .is_ok_and(|structure| structure.attachments().next().is_some());
        if has_some {
            newest = Some(message);
        }
    }
    Ok(newest)
}

/// The file as it was attached, written while it arrives.
fn save(
    mailbox: &mut MailboxGuard<'_, ReadOnly>,
    message: &MessageUid,
    part: &Part<'_>,
    directory: &Path,
) -> common::Result<()> {
    let path = directory.join(name_of(part));
    let mut file = File::create_new(&path)?;
    let octets = mailbox.download_part(message, part)?.copy_to(&mut file)?;
    println!("    {}: {octets} octets", path.display());
    Ok(())
}

/// A name for the file that leaves the directory on no system: what the sender wrote is only a
/// wish.
fn name_of(part: &Part<'_>) -> String {
    let number = part.number().unwrap_or_default();
    let wish = part.file_name();
    let wish = wish.as_ref().map_or("file", |name| name.as_untrusted_str());
    let tame = |letter: char| match letter {
        '.' | '-' | '_' | ' ' => letter,
        letter if letter.is_alphanumeric() => letter,
        _ => '_',
    };
    let wish: String = wish.chars().take(60).map(tame).collect();
    format!("{number}-{wish}")
}
