//! Syncs a mailbox, or all mailboxes, into an SQLite file, and prints what is new, changed and gone.
//!
//! ```text
//! LATCHBOX_URL=imaps://user@host cargo run --example sync_sqlite --features sqlite [-- [--all] [FILE [MAILBOX]]]
//! ```
//!
//! What a batch changes and the checkpoint after it are stored in one transaction. So the program can be
//! stopped at any moment: the file is as it was after the last batch, and the next run continues there.
//! Messages that were there at the first run are not new: they are only counted.
//! With `--port PORT` at the end, it uses a server of tests on this machine.

#![allow(clippy::print_stdout, clippy::print_stderr)]

use std::env;
use std::error::Error;
use std::net::TcpStream;
use std::process::ExitCode;

use latchbox::sync::{
    AccountCheckpoint, AddedMessage, ChangeBatch, Checkpoint, FetchChanges, MailboxChangeKind,
};
use latchbox::types::{FetchItem, Flag, MailboxName, Printable};
use latchbox::{Account, Client, Session};
use rusqlite::{Connection, OptionalExtension, Transaction, params};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

const TABLES: &str = "
    CREATE TABLE IF NOT EXISTS mailbox (name TEXT PRIMARY KEY, checkpoint TEXT NOT NULL);
    CREATE TABLE IF NOT EXISTS account (one INTEGER PRIMARY KEY, checkpoint TEXT NOT NULL);
    CREATE TABLE IF NOT EXISTS message (
        mailbox TEXT, uid INTEGER, flags TEXT, date TEXT, sender TEXT, subject TEXT,
        PRIMARY KEY (mailbox, uid)
    ) WITHOUT ROWID;";

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<()> {
    let mut arguments: Vec<String> = env::args().skip(1).collect();
    let is_all = arguments.iter().any(|argument| argument == "--all");
    arguments.retain(|argument| argument != "--all");
    let port = match arguments.iter().position(|argument| argument == "--port") {
        Some(place) => {
            let port = arguments
                .drain(place..)
                .nth(1)
                .ok_or("the port is missing")?;
            Some(port.parse()?)
        }
        None => None,
    };
    let mut arguments = arguments.iter().map(String::as_str);
    let mut db = Connection::open(arguments.next().unwrap_or("mail.sqlite"))?;
    db.execute_batch(TABLES)?;
    let session = match port {
        Some(port) => log_in_here(port)?,
        None => open()?,
    };
    let are_unchanged = match is_all {
        true => sync_all(&session, &mut db)?,
        false => {
            let name = MailboxName::new(arguments.next().unwrap_or("INBOX"))?;
            sync(&session, &name, &mut db)?
        }
    };
    if are_unchanged {
        println!("nothing has changed");
    }
    session.logout()?;
    Ok(())
}

/// A session on the account of `LATCHBOX_URL`, with the password from `LATCHBOX_PASSWORD` or a prompt.
fn open() -> Result<Session> {
    let url = env::var("LATCHBOX_URL").map_err(|_| "set LATCHBOX_URL to imaps://user@host")?;
    let account = Account::from_url(&url.parse()?, |_reason| {
        let typed = |_| rpassword::prompt_password("Password: ");
        Ok(env::var("LATCHBOX_PASSWORD").or_else(typed)?.into())
    })?;
    Ok(account.open()?)
}

/// A session on a server of tests. It has another port each time, and is to be the same account: with a
/// stream of the program's own, it is known by the host alone.
fn log_in_here(port: u16) -> Result<Session> {
    let stream = TcpStream::connect(("127.0.0.1", port))?;
    stream.set_nodelay(true)?;
    let client = Client::builder("localhost")
        .danger_plaintext()
        .danger_cleartext_login()
        .connect_stream(stream)?;
    Ok(client.login(latchbox_testkit::USER, latchbox_testkit::PASSWORD)?)
}

/// Brings those mailboxes of the file up to date that have changed. Returns whether all were.
fn sync_all(session: &Session, db: &mut Connection) -> Result<bool> {
    let stored: Option<String> = db
        .query_row("SELECT checkpoint FROM account", [], |row| row.get(0))
        .optional()?;
    let stored: Option<AccountCheckpoint> = stored.map(|text| text.parse()).transpose()?;
    let changes = session.mailboxes_changed_since(stored.as_ref())?;
    let mut checkpoint = changes.checkpoint().clone();
    let mut are_unchanged = true;
    for change in &changes {
        let (name, shown) = (change.name(), Printable(change.name().as_str()));
        match change.kind() {
            MailboxChangeKind::Gone => {
                println!("{shown}: gone");
                forget(name, db)?;
            }
            MailboxChangeKind::Failed(error) => println!("{shown}: {error}"),
            MailboxChangeKind::Renamed { from, is_guess, .. } => {
                println!("{shown}: renamed from {}", Printable(from.as_str()));
                rename(from, name, *is_guess, db)?;
            }
            _ => {}
        }
        let is_renamed = matches!(change.kind(), MailboxChangeKind::Renamed { .. });
        if change.has_to_be_read() || is_renamed {
            match sync(session, name, db) {
                Ok(is_unchanged) => are_unchanged &= is_unchanged,
                // It is no reason to leave out the others: the next run tries it again.
                Err(error) => {
                    println!("{shown}: {error}");
                    checkpoint.report_again(name);
                }
            }
        }
    }
    // An error of the file in between leaves the old one, and mailboxes are looked at once more.
    db.execute(
        "INSERT OR REPLACE INTO account VALUES (1, ?)",
        [checkpoint.to_string()],
    )?;
    Ok(are_unchanged)
}

/// Removes all of a mailbox from the file.
fn forget(name: &MailboxName, db: &mut Connection) -> Result<()> {
    let transaction = db.transaction()?;
    let name = [name.as_str()];
    transaction.execute("DELETE FROM message WHERE mailbox = ?", name)?;
    transaction.execute("DELETE FROM mailbox WHERE name = ?", name)?;
    Ok(transaction.commit()?)
}

/// The messages of a mailbox are now under another name.
fn rename(from: &MailboxName, to: &MailboxName, is_guess: bool, db: &mut Connection) -> Result<()> {
    forget(to, db)?;
    if is_guess {
        // Without MAILBOXID, the checkpoint is not accepted under another name.
        return forget(from, db);
    }
    let transaction = db.transaction()?;
    let names = [to.as_str(), from.as_str()];
    transaction.execute("UPDATE message SET mailbox = ? WHERE mailbox = ?", names)?;
    transaction.execute("UPDATE mailbox SET name = ? WHERE name = ?", names)?;
    Ok(transaction.commit()?)
}

/// Brings one mailbox of the file up to date. Returns whether it was.
fn sync(session: &Session, name: &MailboxName, db: &mut Connection) -> Result<bool> {
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

fn apply(name: &MailboxName, batch: &ChangeBatch, db: &Transaction<'_>) -> Result<()> {
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
        let flags = text(message.flags());
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
        let envelope = message.items()?.envelope()?;
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

fn insert(name: &str, message: AddedMessage<'_>, db: &Transaction<'_>) -> Result<()> {
    let items = message.items()?;
    let envelope = items.envelope()?;
    let row = params![
        name,
        message.uid().value(),
        text(message.flags()),
        items.internal_date()?.map(|date| date.to_string()),
        envelope.from().next().map(|sender| sender.to_string()),
        envelope.subject(),
    ];
    let new = "INSERT INTO message VALUES (?, ?, ?, ?, ?, ?)";
    db.prepare_cached(new)?.execute(row)?;
    Ok(())
}

/// The flags that a message keeps, in words.
fn text(flags: &[Flag]) -> String {
    let kept = flags.iter().filter(|flag| **flag != Flag::Recent);
    let mut kept: Vec<String> = kept.map(Flag::to_string).collect();
    kept.sort();
    kept.join(" ")
}
