//! Saves the attachments of the newest message that has any to a directory, as they arrive. Does not set
//! `\Seen`, and overwrites no file. Without a directory it only lists the attachments.
//!
//! ```text
//! LATCHBOX_URL=imaps://user@host cargo run --example attachments [DIRECTORY [MAILBOX]]
//! ```

#![allow(clippy::print_stdout, clippy::print_stderr)]

use std::env;
use std::error::Error;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use latchbox::message::{Fetch, Part};
use latchbox::types::{FetchItem, MessageUid, Printable, SearchKey};
use latchbox::{Account, MailboxGuard, ReadOnly, Session};

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
    let directory = env::args_os().nth(1).map(PathBuf::from);
    let mailbox = env::args().nth(2);
    let session = open()?;
    let mut mailbox = session.lock_mailbox_read_only(mailbox.as_deref().unwrap_or("INBOX"))?;
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
        let structure = message.body_structure();
        if structure.is_ok_and(|structure| structure.attachments().next().is_some()) {
            newest = Some(message);
        }
    }
    Ok(newest)
}

/// Writes the file as it was attached, while it arrives.
fn save(
    mailbox: &mut MailboxGuard<'_, ReadOnly>,
    message: &MessageUid,
    part: &Part<'_>,
    directory: &Path,
) -> Result<(), Box<dyn Error>> {
    let path = directory.join(name_of(part));
    let file = File::create_new(&path);
    let mut file = file.map_err(|error| format!("{}: {error}", path.display()))?;
    let octets = mailbox.download_part(message, part)?.copy_to(&mut file)?;
    println!("    {}: {octets} octets", path.display());
    Ok(())
}

/// A name that stays in the directory, whatever the sender wrote. The number distinguishes files of the
/// same name.
fn name_of(part: &Part<'_>) -> String {
    let number = part.number().unwrap_or_default();
    let name = part.file_name().map(|name| name.safe_file_name());
    format!("{number}-{}", name.unwrap_or_else(|| "file".to_owned()))
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
