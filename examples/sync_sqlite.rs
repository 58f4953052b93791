//! Syncs a mailbox, or all mailboxes, into an SQLite file, and prints what is new, changed and gone.
//!
//! ```text
//! sync_sqlite [--all] [FILE [MAILBOX]]
//! ```
//!
//! What a batch changes and the checkpoint after it are stored in one transaction. So the program can be
//! stopped at any moment: the file is as it was after the last batch, and the next run continues there.
//! Messages that were there at the first run are not new: they are only counted.
//! With `--port PORT`, it uses a server of tests on this machine.

#![allow(clippy::print_stdout)]

mod common;

use std::env;
use std::process::ExitCode;

use latchbox::Session;
use latchbox::message::Fetch;
use latchbox::sync::{ChangeBatch, Checkpoint, FetchChanges};
use latchbox::types::{FetchItem, Flag, MailboxName, Printable};
use rusqlite::{Connection, OptionalExtension, Transaction, params};

const TABLES: &str = "
    CREATE TABLE IF NOT EXISTS mailbox (name TEXT PRIMARY KEY, checkpoint TEXT NOT NULL);
    CREATE TABLE IF NOT EXISTS message (
        mailbox TEXT, uid INTEGER, flags TEXT, date TEXT, sender TEXT, subject TEXT,
        PRIMARY KEY (mailbox, uid)
    ) WITHOUT ROWID;";

fn main() -> ExitCode {
    common::report(run())
}

fn run() -> common::Result<()> {
    let mut arguments: Vec<String> = env::args().skip(1).collect();
    let is_all = arguments.iter().any(|argument| argument == "--all");
    arguments.retain(|argument| argument != "--all");
    let here = common::Here::take_from(&mut arguments)?;
    let mut arguments = arguments.iter().map(String::as_str);
    let mut db = Connection::open(arguments.next().unwrap_or("mail.sqlite"))?;
    db.execute_batch(TABLES)?;
    let common::Mail { session, server } = common::open_as_before(here)?;
    let names = match is_all {
        true => {
            let all = session.list("*")?;
            let all = all.iter().filter(|mailbox| mailbox.is_selectable());
            all.map(|mailbox| mailbox.name().clone()).collect()
        }
        false => vec![MailboxName::new(arguments.next().unwrap_or("INBOX"))?],
    };
    let mut are_unchanged = true;
    for name in &names {
        are_unchanged &= sync(&session, name, &mut db)?;
    }
    if are_unchanged {
        println!("nothing has changed");
    }
    session.logout()?;
    drop(server);
    Ok(())
}

/// Brings one mailbox of the file up to date. Returns whether it was.
fn sync(session: &Session, name: &MailboxName, db: &mut Connection) -> common::Result<bool> {
    let stored: Option<String> = db
        .query_row(
            "SELECT checkpoint FROM mailbox WHERE name = ?",
            [name.as_str()],
            |row| row.get(0),
        )
        .optional()?;
    let stored: Option<Checkpoint> = stored.map(|text| text.parse()).transpose()?;
    // With the checkpoint, the SELECT reports what has changed: if nothing has, nothing more is sent.
    let request = session.mailbox(name).read_only();
    let mut mailbox = request.since(stored.as_ref()).lock()?;
    let items = [FetchItem::Envelope, FetchItem::InternalDate];
    let request = FetchChanges::since(stored.as_ref()).items(&items);
    let mut changes = mailbox.changes(request)?;
    let mut is_unchanged = true;
    while let Some(batch) = changes.next()? {
        is_unchanged &= batch.is_empty();
        let transaction = db.transaction()?;
        apply(name, &batch, &transaction)?;
        transaction.execute(
            "INSERT OR REPLACE INTO mailbox VALUES (?, ?)",
            [name.as_str(), &batch.checkpoint().to_string()],
        )?;
        transaction.commit()?;
    }
    Ok(is_unchanged)
}

fn apply(name: &MailboxName, batch: &ChangeBatch, db: &Transaction<'_>) -> common::Result<()> {
    let (name, shown) = (name.as_str(), Printable(name.as_str()));
    let batch = match batch {
        ChangeBatch::Restart(restart) => {
            println!("{shown}: begun anew: {}", restart.reason());
            db.execute("DELETE FROM message WHERE mailbox = ?", [name])?;
            return Ok(());
        }
        ChangeBatch::Changes(batch) => batch,
    };
    for uid in batch.vanished().iter() {
        println!("{shown}: {uid} is gone");
        let gone = "DELETE FROM message WHERE mailbox = ? AND uid = ?";
        db.prepare_cached(gone)?
            .execute(params![name, uid.value()])?;
    }
    for message in batch.changed() {
        let flags = text(message.flags().iter().cloned());
        println!(
            "{shown}: {} has changed: {}",
            message.uid(),
            Printable(&flags)
        );
        let changed = "UPDATE message SET flags = ?3 WHERE mailbox = ?1 AND uid = ?2";
        db.prepare_cached(changed)?
            .execute(params![name, message.uid().value(), flags])?;
    }
    for message in batch.messages() {
        insert(name, message, db)?;
    }
    for message in batch.arrived() {
        let envelope = message.envelope()?;
        println!(
            "{shown}: {} is new: {}",
            message.uid(),
            Printable(envelope.subject())
        );
    }
    if !batch.history().is_empty() {
        println!("{shown}: {} messages of before", batch.history().len());
    }
    Ok(())
}

fn insert(name: &str, message: &Fetch, db: &Transaction<'_>) -> common::Result<()> {
    let envelope = message.envelope()?;
    let row = params![
        name,
        message.uid().value(),
        text(message.flags().into_iter().flatten()),
        message.internal_date()?.map(|date| date.to_string()),
        envelope.from().next().map(|sender| sender.to_string()),
        envelope.subject(),
    ];
    let new = "INSERT INTO message VALUES (?, ?, ?, ?, ?, ?)";
    db.prepare_cached(new)?.execute(row)?;
    Ok(())
}

/// The flags that a message keeps, in words.
fn text(flags: impl Iterator<Item = Flag>) -> String {
    let kept = flags.filter(|flag| *flag != Flag::Recent);
    let mut kept: Vec<String> = kept.map(|flag| flag.to_string()).collect();
    kept.sort();
    kept.join(" ")
}
