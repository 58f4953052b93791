//! Copies all mail of one account to another, mailbox by mailbox, in constant memory. Without `--copy` it
//! only counts the messages.
//!
//! ```text
//! LATCHBOX_URL=imaps://old@host LATCHBOX_TO_URL=imaps://new@host \
//!     cargo run --example copy_account [-- --copy]
//! ```
//!
//! It can be run again after it was stopped: messages that were copied already are skipped. A message is
//! recognized by its Message-ID, the time at which it arrived, and its subject. Passwords come from
//! `LATCHBOX_PASSWORD` and `LATCHBOX_TO_PASSWORD`, or from a prompt.

#![allow(clippy::print_stdout, clippy::print_stderr)]

use std::collections::HashSet;
use std::env;
use std::error::Error;
use std::process::ExitCode;

use latchbox::message::{Envelope, Fetch};
use latchbox::types::{DateTime, FetchItem, Flag, MailboxName, NewMessage, Section, UidSet};
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
    let may_copy = env::args().any(|argument| argument == "--copy");
    let from = open("LATCHBOX_URL", "LATCHBOX_PASSWORD")?;
    let to = open("LATCHBOX_TO_URL", "LATCHBOX_TO_PASSWORD")?;
    let there = to.list("*")?;
    let mut count = 0;
    let mailboxes = from.list("*")?;
    for mailbox in mailboxes.iter().filter(|mailbox| mailbox.is_selectable()) {
        let name = mailbox.name();
        let is_there = there.iter().any(|other| other.name() == name);
        if may_copy && !is_there {
            to.create(name)?;
        }
        let known = match is_there {
            true => identities(&mut to.lock_mailbox_read_only(name)?)?,
            false => HashSet::new(),
        };
        count += copy(&from, &to, name, &known, may_copy)?;
    }
    match may_copy {
        true => println!("{count} messages were copied."),
        false => println!("{count} messages would be copied; with --copy they are."),
    }
    Ok(())
}

/// Copies the messages that are not known, and returns their number.
fn copy(
    from: &Session,
    to: &Session,
    name: &MailboxName,
    known: &HashSet<String>,
    may_copy: bool,
) -> latchbox::Result<u32> {
    let mut mailbox = from.lock_mailbox_read_only(name)?;
    let items = [
        FetchItem::Envelope,
        FetchItem::InternalDate,
        FetchItem::Flags,
    ];
    let mut count = 0;
    // Between two batches other commands can be sent; a batch bounds the memory.
    let mut batches = mailbox.batches(&UidSet::all(), items, 100)?;
    while let Some(batch) = batches.next(&mut mailbox)? {
        let unknown = batch
            .iter()
            .filter(|message| !known.contains(&identity(message)));
        for message in unknown {
            count += 1;
            if may_copy {
                copy_one(&mut mailbox, message, to, name)?;
            }
        }
    }
    println!("{name}: {count}");
    Ok(count)
}

/// Copies one message: its octets go to one connection as they arrive from the other.
fn copy_one(
    mailbox: &mut MailboxGuard<'_, ReadOnly>,
    message: &Fetch,
    to: &Session,
    name: &MailboxName,
) -> latchbox::Result<()> {
    let flags = message.flags().into_iter().flatten();
    // A client cannot set \Recent.
    let flags: Vec<_> = flags.filter(|flag| *flag != Flag::Recent).collect();
    let date = message.internal_date()?;
    let mut content = mailbox.download(message.id(), &Section::whole())?;
    let len = content.len();
    let mut copy = NewMessage::from_reader(&mut content, len).flags(flags);
    if let Some(date) = date {
        copy = copy.internal_date(date);
    }
    to.append(name, copy)?;
    content.finish()
}

/// The identities of all messages of a mailbox.
fn identities(mailbox: &mut MailboxGuard<'_, ReadOnly>) -> latchbox::Result<HashSet<String>> {
    let mut known = HashSet::new();
    let items = [FetchItem::Envelope, FetchItem::InternalDate];
    let mut messages = mailbox.fetch(&UidSet::all(), items)?;
    while let Some(message) = messages.next()? {
        known.insert(identity(message));
    }
    Ok(known)
}

fn identity(message: &Fetch) -> String {
    let envelope = message.envelope().ok();
    let id = envelope.as_ref().and_then(Envelope::message_id);
    let subject = envelope.as_ref().map(Envelope::subject);
    let date = message.internal_date().ok().flatten();
    let date = date.map(DateTime::unix_timestamp);
    format!("{id:?} {date:?} {subject:?}")
}

/// A session on the account of one variable, with the password from another or from a prompt.
fn open(url: &str, password: &'static str) -> Result<Session, Box<dyn Error>> {
    let missing = format!("set {url} to imaps://user@host");
    let url = env::var(url).map_err(|_| missing)?;
    let account = Account::from_url(&url.parse()?, move |_reason| {
        let typed = |_| rpassword::prompt_password(format!("{password}: "));
        Ok(env::var(password).or_else(typed)?.into())
    })?;
    Ok(account.open()?)
}
