//! Copies all mail of one account to another, mailbox by mailbox, in constant memory.
//!
//! ```text
//! cargo run --example copy_account -- --copy
//! LATCHBOX_URL=imaps://old@host LATCHBOX_TO_URL=imaps://new@host \
//!     cargo run --example copy_account [-- --copy]
//! ```
//!
//! It can be run again after it was stopped: messages that were copied already are skipped. A message is
//! recognized by its Message-ID, the day it arrived and its subject. Passwords come from
//! `LATCHBOX_PASSWORD` and `LATCHBOX_TO_PASSWORD`, or from a prompt.

#![allow(clippy::print_stdout)]

mod common;

use std::collections::HashSet;
use std::env;
use std::process::ExitCode;

use latchbox::message::{Envelope, Fetch};
use latchbox::types::{DateTime, FetchItem, Flag, MailboxName, NewMessage, Section, UidSet};
use latchbox::{ReadOnly, Session};
use latchbox_testkit::Server;

fn main() -> ExitCode {
    common::report(run())
}

fn run() -> common::Result<()> {
    let may_copy = env::args().any(|argument| argument == "--copy");
    let common::Mail { session: from, .. } = &common::open()?;
    let (to, _server) = &open_target()?;
    let there = to.list("*")?;
    let mut count = 0;
    for mailbox in from
        .list("*")?
        .iter()
        .filter(|mailbox| mailbox.is_selectable())
    {
        let name = mailbox.name();
        let is_there = there.iter().any(|other| other.name() == name);
        if may_copy && !is_there {
            to.create(name)?;
        }
        let known = match is_there {
            true => identities(&mut to.lock_mailbox_read_only(name)?)?,
            false => HashSet::new(),
        };
        count += copy(from, to, name, &known, may_copy)?;
    }
    match may_copy {
        true => println!("{count} messages were copied."),
        false => println!("{count} messages would be copied; with --copy they are."),
    }
    Ok(())
}

/// Copies what is not known, and tells how many messages that is.
fn copy(
    from: &Session,
    to: &Session,
    name: &MailboxName,
    known: &HashSet<String>,
    may_copy: bool,
) -> common::Result<u32> {
    let mut mailbox = from.lock_mailbox_read_only(name)?;
    let items = [
        FetchItem::Envelope,
        FetchItem::InternalDate,
        FetchItem::Flags,
    ];
    let mut count = 0;
    // Between two batches other commands can be sent; a batch bounds what is held.
    let mut batches = mailbox.batches(&UidSet::all(), items, 100)?;
    while let Some(batch) = batches.next(&mut mailbox)? {
        for message in batch
            .iter()
            .filter(|message| !known.contains(&identity(message)))
        {
            // It knows its account and mailbox: used on the target by mistake it would be refused.
            let id = message.id();
            count += 1;
            if !may_copy {
                continue;
            }
            let flags = message.flags().into_iter().flatten();
            // The server's own flag cannot be set.
            let flags: Vec<_> = flags.filter(|flag| *flag != Flag::Recent).collect();
            let date = message.internal_date()?;
            // What is read of one connection goes into the other as it comes.
            let mut message = mailbox.download(&id, &Section::whole())?;
            let len = message.len();
            let mut copy = NewMessage::from_reader(&mut message, len).flags(flags);
            if let Some(date) = date {
                copy = copy.internal_date(date);
            }
            to.append(name, copy)?;
            message.finish()?;
        }
    }
    println!("{name}: {count}");
    Ok(count)
}

/// What the messages of a mailbox are known by.
fn identities(
    mailbox: &mut latchbox::MailboxGuard<'_, ReadOnly>,
) -> common::Result<HashSet<String>> {
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
    format!(
        "{id:?} {:?} {subject:?}",
        date.map(DateTime::unix_timestamp)
    )
}

/// A session on the account of `LATCHBOX_TO_URL`, else on an empty in-process server.
fn open_target() -> common::Result<(Session, Option<Server>)> {
    let Ok(url) = env::var("LATCHBOX_TO_URL") else {
        let server = Server::builder()
            .mailbox("INBOX", Vec::<Vec<u8>>::new())
            .start()?;
        return Ok((common::log_in_to(&server)?, Some(server)));
    };
    let account = common::account::Account::parse(&url)
        .map_err(|problem| format!("LATCHBOX_TO_URL: {problem}"))?;
    Ok((common::log_in_by(&account, "LATCHBOX_TO_PASSWORD")?, None))
}
