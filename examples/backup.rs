//! Keeps a copy of a mailbox, or of all mailboxes, as Maildir: run again, it fetches what has changed.
//!
//! ```text
//! LATCHBOX_URL=imaps://user@host cargo run --example backup -- \
//!     --to DIRECTORY [--all | MAILBOX] [--batch MESSAGES]
//! ```
//!
//! The copy follows the server: a message that is deleted there is deleted here, and flags are kept.
//! With `--all` each mailbox is a Maildir below the directory, and mailboxes that have not changed are not
//! selected.
//!
//! It can be stopped at any moment, and run again, without losing or doubling a message:
//!
//! - A file is named after UIDVALIDITY and UID, which together never name another message. So to download a
//!   message again is harmless, and a message whose file is there is not downloaded again.
//! - A message is written to `tmp`, synced to the disk, and then renamed into `cur`: a file in `cur` is whole.
//! - The checkpoint of a batch is stored, by a rename too, after the files of that batch. If the program is
//!   stopped in between, the next run gets the batch again, finds its files, and has little to do.
//! - A file that no checkpoint knows, because its message was deleted before that could be stored, is
//!   removed at the end of a run.
//!
//! A message costs one `fdatasync`, and a batch three more, for its checkpoint and for the directories. (mbsync
//! makes two for each message by default.)
//!
//! One program at a time may write to a copy. With `--port PORT --user USER --password PASSWORD`, it uses a
//! server of tests on this machine.

#![allow(clippy::print_stdout, clippy::print_stderr)]

use std::collections::{BTreeSet, HashMap};
use std::env;
use std::error::Error as StdError;
use std::fmt::Display;
use std::fs::{self, File};
use std::io::{self, IsTerminal, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::str::FromStr;

use latchbox::sync::{
    AccountCheckpoint, ChangeBatch, ChangedMessages, Changes, Checkpoint, FetchChanges,
    MailboxChangeKind,
};
use latchbox::types::{Flag, MailboxName, Printable, Section, Uid, UidValidity};
use latchbox::{Account, Client, Error, ReadOnly, Session};

type Result<T> = std::result::Result<T, Box<dyn StdError>>;

const USAGE: &str = "usage: backup --to DIRECTORY [--all | MAILBOX] [--batch MESSAGES]";

/// What separates the letters of the flags from the unique part of the name.
const INFO: &str = ":2,";

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
    let options = Options::from_arguments()?;
    let session = match &options.test_server {
        Some(server) => server.log_in()?,
        None => open()?,
    };
    if options.is_all {
        back_up_all(&session, &options.to, options.batch)?;
    } else {
        let mailbox = MailboxName::new(&options.mailbox)?;
        back_up(&session, &mailbox, options.to, options.batch)?;
    }
    // Nothing depends on the answer, and to wait for it costs a round trip.
    session.logout_without_waiting()?;
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

/// Brings the copies of those mailboxes up to date that have changed. One that cannot be read is no reason to
/// leave out the others: the next run tries it again.
fn back_up_all(session: &Session, to: &Path, batch_size: u32) -> Result<()> {
    fs::create_dir_all(to)?;
    let path = to.join("account-checkpoint");
    let stored: Option<AccountCheckpoint> = stored_in(&path)?;
    let changes = session.mailboxes_changed_since(stored.as_ref())?;
    if changes.is_empty() {
        println!("nothing has changed");
    }
    let mut checkpoint = changes.checkpoint().clone();
    for change in &changes {
        let (name, copy) = (change.name(), to.join(directory_of(change.name())));
        let mut is_due = change.has_to_be_read();
        match change.kind() {
            MailboxChangeKind::Gone => println!("{}: gone, its copy is kept", Printable(name)),
            MailboxChangeKind::Failed(error) => println!("{}: {error}", Printable(name)),
            MailboxChangeKind::Renamed { from, is_guess, .. } => {
                rename(&to.join(directory_of(from)), &copy, *is_guess)?;
                is_due = true;
            }
            _ => {}
        }
        if is_due {
            if let Err(error) = back_up(session, name, copy, batch_size) {
                println!("{}: {error}", Printable(name));
                checkpoint.report_again(name);
            }
        }
    }
    store_in(&path, &checkpoint.to_string())?;
    Ok(())
}

/// The copy of a mailbox gets the name that the mailbox has now, unless another copy has that.
fn rename(from: &Path, to: &Path, is_guess: bool) -> io::Result<()> {
    if !from.exists() || to.exists() {
        return Ok(());
    }
    fs::rename(from, to)?;
    let checkpoint = to.join("checkpoint");
    match is_guess && checkpoint.exists() {
        // Without MAILBOXID, it is not accepted under another name. No file is downloaded again.
        true => fs::remove_file(checkpoint),
        false => Ok(()),
    }
}

/// Brings the copy of one mailbox up to date.
fn back_up(session: &Session, name: &MailboxName, path: PathBuf, batch_size: u32) -> Result<()> {
    let mut maildir = Maildir::open(path)?;
    let stored = maildir.checkpoint()?;
    let request = session.mailbox(name).read_only();
    let mut mailbox = request.since(stored.as_ref()).lock()?;
    let mut told = Told::default();
    let request = FetchChanges::since(stored.as_ref()).batch_size(batch_size);
    let mut changes = mailbox.changes(request)?;
    while let Some(batch) = changes.next()? {
        match &batch {
            ChangeBatch::Restart(restart) => {
                println!("{}: begun anew: {}", Printable(name), restart.reason());
                maildir.clear()?;
            }
            ChangeBatch::Changes(batch) => apply(&mut changes, batch, &mut maildir, &mut told)?,
        }
        maildir.store(batch.checkpoint())?;
    }
    maildir.keep_only(changes.checkpoint())?;
    println!("{}: {told}", Printable(name));
    Ok(())
}

/// Does in the copy what a batch says.
fn apply(
    changes: &mut Changes<'_, '_, ReadOnly>,
    batch: &ChangedMessages,
    maildir: &mut Maildir,
    told: &mut Told,
) -> Result<()> {
    let validity = batch.checkpoint().uid_validity();
    for uid in batch.vanished().iter() {
        maildir.remove(validity, uid)?;
        told.gone += 1;
    }
    for message in batch.changed() {
        let flags = letters(message.flags().iter().cloned());
        maildir.set_flags(validity, message.uid(), flags)?;
        told.changed += 1;
    }
    let mut missing = HashMap::new();
    for message in batch.messages() {
        let flags = letters(message.flags().iter().cloned());
        if !maildir.set_flags(validity, message.uid(), flags.clone())? {
            missing.insert(message.uid(), flags);
        }
        told.new += 1;
    }
    download(changes, validity, missing, maildir)
}

/// Downloads messages with one command, each to a file.
fn download(
    changes: &mut Changes<'_, '_, ReadOnly>,
    validity: UidValidity,
    mut missing: HashMap<Uid, String>,
    maildir: &mut Maildir,
) -> Result<()> {
    if missing.is_empty() {
        return Ok(());
    }
    let mailbox = changes.guard();
    let uids = mailbox.uids(missing.keys().copied());
    let mut progress = Progress::of(missing.len());
    let mut downloads = mailbox.download_each(&uids, &Section::whole())?;
    while let Some(message) = downloads.next()? {
        let mut file = maildir.begin_file()?;
        match message.copy_to(&mut file) {
            Ok(_) => {}
            // It was deleted meanwhile, which the next run will be told.
            Err(Error::NotFound(_)) => continue,
            Err(error) => return Err(error.into()),
        }
        // Some servers tell it after the octets only.
        let uid = message.uid().ok_or("the server does not tell the UID")?;
        if let Some(flags) = missing.remove(&uid) {
            maildir.keep_file(&file, validity, uid, flags)?;
            progress.step();
        }
    }
    maildir.sync()
}

/// The letters of the flags, in the order of the alphabet.
fn letters(flags: impl Iterator<Item = Flag>) -> String {
    let letter = |flag| match flag {
        Flag::Draft => Some('D'),
        Flag::Flagged => Some('F'),
        Flag::Keyword(name) if name.as_str().eq_ignore_ascii_case("$Forwarded") => Some('P'),
        Flag::Answered => Some('R'),
        Flag::Seen => Some('S'),
        Flag::Deleted => Some('T'),
        _ => None,
    };
    let letters: BTreeSet<char> = flags.filter_map(letter).collect();
    letters.into_iter().collect()
}

/// A Maildir that only this program writes to, and the checkpoint beside its messages.
struct Maildir {
    path: PathBuf,
    /// The messages that are there, with the letters of their flags.
    files: HashMap<(u32, u32), String>,
}

impl Maildir {
    fn open(path: PathBuf) -> Result<Self> {
        for part in ["cur", "new", "tmp"] {
            fs::create_dir_all(path.join(part))?;
        }
        let mut files = HashMap::new();
        for entry in fs::read_dir(path.join("cur"))? {
            let name = entry?.file_name();
            files.extend(name.to_str().and_then(parse));
        }
        Ok(Self { path, files })
    }

    fn file(&self, id: (u32, u32), flags: &str) -> PathBuf {
        let (validity, uid) = id;
        self.path
            .join(format!("cur/{validity}.{uid}.backup{INFO}{flags}"))
    }

    fn remove(&mut self, validity: UidValidity, uid: Uid) -> io::Result<()> {
        self.remove_file((validity.value(), uid.value()))
    }

    fn remove_file(&mut self, id: (u32, u32)) -> io::Result<()> {
        match self.files.remove(&id) {
            Some(flags) => fs::remove_file(self.file(id, &flags)),
            None => Ok(()),
        }
    }

    /// Whether the message is there.
    fn set_flags(&mut self, validity: UidValidity, uid: Uid, flags: String) -> io::Result<bool> {
        let id = (validity.value(), uid.value());
        let Some(before) = self.files.get(&id) else {
            return Ok(false);
        };
        if *before != flags {
            fs::rename(self.file(id, before), self.file(id, &flags))?;
            self.files.insert(id, flags);
        }
        Ok(true)
    }

    /// A file for a message that is being downloaded. What a run that was stopped left there is
    /// overwritten.
    fn begin_file(&self) -> io::Result<File> {
        File::create(self.path.join("tmp/backup"))
    }

    /// The message is whole: it goes to the others.
    fn keep_file(
        &mut self,
        file: &File,
        validity: UidValidity,
        uid: Uid,
        flags: String,
    ) -> io::Result<()> {
        file.sync_data()?;
        let id = (validity.value(), uid.value());
        fs::rename(self.path.join("tmp/backup"), self.file(id, &flags))?;
        self.files.insert(id, flags);
        Ok(())
    }

    /// From now on the names of the files survive a loss of power.
    fn sync(&self) -> Result<()> {
        sync_directory(&self.path.join("cur"))
    }

    fn clear(&mut self) -> Result<()> {
        let all: Vec<_> = self.files.keys().copied().collect();
        for id in all {
            self.remove_file(id)?;
        }
        Ok(())
    }

    /// Removes what a run that was stopped has downloaded, and the server has deleted since.
    fn keep_only(&mut self, checkpoint: &Checkpoint) -> Result<()> {
        let (validity, known) = (checkpoint.uid_validity().value(), checkpoint.known());
        let is_known = |(of, uid): (u32, u32)| {
            of == validity && Uid::new(uid).is_some_and(|uid| known.contains(uid))
        };
        let others: Vec<_> = self
            .files
            .keys()
            .copied()
            .filter(|id| !is_known(*id))
            .collect();
        for id in others {
            self.remove_file(id)?;
        }
        Ok(())
    }

    fn checkpoint(&self) -> Result<Option<Checkpoint>> {
        stored_in(&self.path.join("checkpoint"))
    }

    fn store(&self, checkpoint: &Checkpoint) -> Result<()> {
        store_in(&self.path.join("checkpoint"), &checkpoint.to_string())?;
        sync_directory(&self.path)
    }
}

/// The checkpoint in a file, if there is one.
fn stored_in<C: FromStr<Err: Display>>(path: &Path) -> Result<Option<C>> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text.trim_end().parse().map_err(|error| {
            // No message is downloaded twice then either.
            format!(
                "{}: {error}; without this file all is compared anew",
                path.display()
            )
        })?)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(format!("{}: {error}", path.display()).into()),
    }
}

/// Replaces the checkpoint in a file: the file has either the old or the new one.
fn store_in(path: &Path, checkpoint: &str) -> io::Result<()> {
    let new = path.with_extension("new");
    let mut file = File::create(&new)?;
    writeln!(file, "{checkpoint}")?;
    file.sync_data()?;
    fs::rename(new, path)
}

/// UIDVALIDITY, UID and flags in the name of a file; `None` for a file that is not of this program.
fn parse(name: &str) -> Option<((u32, u32), String)> {
    let (name, flags) = name.split_once(INFO)?;
    let (validity, uid) = name.strip_suffix(".backup")?.split_once('.')?;
    Some((
        (validity.parse().ok()?, uid.parse().ok()?),
        flags.to_owned(),
    ))
}

/// A name for the directory of a mailbox that is one level and of no other mailbox.
fn directory_of(name: &MailboxName) -> String {
    let mut directory = String::new();
    for &octet in name.to_octets().iter() {
        match octet {
            b'-' | b'_' | b' ' | b'@' => directory.push(char::from(octet)),
            _ if octet.is_ascii_alphanumeric() => directory.push(char::from(octet)),
            _ => directory.push_str(&format!("%{octet:02X}")),
        }
    }
    directory
}

/// Windows has no such thing.
fn sync_directory(path: &Path) -> Result<()> {
    if cfg!(unix) {
        File::open(path)?.sync_all()?;
    }
    Ok(())
}

/// What was done.
#[derive(Default)]
struct Told {
    new: u64,
    changed: u64,
    gone: u64,
}

impl std::fmt::Display for Told {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { new, changed, gone } = self;
        match new + changed + gone {
            0 => f.write_str("nothing has changed"),
            _ => write!(f, "{new} new, {changed} changed, {gone} gone"),
        }
    }
}

/// A line that counts, if a person looks on.
struct Progress {
    done: usize,
    all: usize,
    is_shown: bool,
}

impl Progress {
    fn of(all: usize) -> Self {
        let is_shown = io::stderr().is_terminal();
        Self {
            done: 0,
            all,
            is_shown,
        }
    }

    fn step(&mut self) {
        self.done += 1;
        if self.is_shown && (self.done % 16 == 0 || self.done == self.all) {
            let end = if self.done == self.all { "\n" } else { "" };
            let _ = write!(io::stderr(), "\r{} of {}{end}", self.done, self.all);
        }
    }
}

struct Options {
    to: PathBuf,
    is_all: bool,
    mailbox: String,
    batch: u32,
    test_server: Option<TestServer>,
}

impl Options {
    fn from_arguments() -> Result<Self> {
        let (mut port, mut user, mut password) = (None, None, None);
        let (mut to, mut is_all, mut mailbox) = (None, false, None);
        // What is downloaded is on the disk at once, so that a large batch loses nothing.
        let mut batch = 10_000;
        let mut arguments = env::args().skip(1);
        while let Some(argument) = arguments.next() {
            match argument.as_str() {
                "--to" => to = arguments.next().map(PathBuf::from),
                "--batch" => {
                    let value = arguments.next().ok_or(USAGE)?;
                    batch = value.parse().map_err(|_| USAGE)?;
                }
                "--all" => is_all = true,
                "--port" => port = arguments.next(),
                "--user" => user = arguments.next(),
                "--password" => password = arguments.next(),
                _ if argument.starts_with("--") => return Err(USAGE.into()),
                _ => mailbox = Some(argument),
            }
        }
        Ok(Self {
            to: to.filter(|_| !is_all || mailbox.is_none()).ok_or(USAGE)?,
            is_all,
            mailbox: mailbox.unwrap_or_else(|| "INBOX".to_owned()),
            batch,
            test_server: match (port, user, password) {
                (Some(port), Some(user), Some(password)) => Some(TestServer {
                    port: port.parse()?,
                    user,
                    password,
                }),
                _ => None,
            },
        })
    }
}

/// A server of tests on this machine.
struct TestServer {
    port: u16,
    user: String,
    password: String,
}

impl TestServer {
    /// Logs in in cleartext. Such a server has another port each time, and is to be the same account: with a
    /// stream of the program's own, it is known by the host alone.
    fn log_in(&self) -> Result<Session> {
        let stream = TcpStream::connect(("127.0.0.1", self.port))?;
        stream.set_nodelay(true)?;
        let client = Client::builder("localhost")
            .danger_plaintext()
            .danger_cleartext_login()
            .connect_stream(stream)?;
        Ok(client.login(&self.user, self.password.as_str())?)
    }
}
