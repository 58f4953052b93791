//! Watches mailboxes, or all of an account, and runs a command for each new message.
//!
//! ```text
//! LATCHBOX_URL=imaps://user@host cargo run --example watch_command -- \
//!     --checkpoints FILE [--mailbox NAME]... COMMAND [ARGUMENT]...
//! ```
//!
//! The command finds the message in the variables `MAIL_MAILBOX`, `MAIL_UID`, `MAIL_FROM` and `MAIL_SUBJECT`. Text
//! of a sender is never part of the command line, and no shell is started. On a desktop:
//!
//! ```text
//! watch_command --checkpoints ~/.cache/mail.checkpoints sh -c 'notify-send "$MAIL_FROM" "$MAIL_SUBJECT"'
//! ```
//!
//! The first run begins with the messages that arrive from then on. The checkpoints are stored after the commands
//! of a batch have ended, by a rename. So after a restart, of the program or of the computer, the command runs for
//! all that has arrived meanwhile; if the program was stopped during a batch, for that batch again.

#![allow(clippy::print_stdout, clippy::print_stderr)]

use std::collections::BTreeMap;
use std::env;
use std::error::Error;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};

use latchbox::Account;
use latchbox::sync::{AddedMessage, ChangeBatch, Checkpoint, History};
use latchbox::types::{FetchItem, MailboxName, Printable};
use latchbox::watch::{WatchItem, WatchRequest};

const USAGE: &str =
    "usage: watch_command --checkpoints FILE [--mailbox NAME]... COMMAND [ARGUMENT]...";

/// The most messages for which the command may run again.
const BATCH: u32 = 20;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

type Checkpoints = BTreeMap<MailboxName, Checkpoint>;

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
    let mut checkpoints = load(&options.checkpoints)?;
    let request = WatchRequest::new(account()?)
        .items([FetchItem::Envelope])
        .history(History::Newest(0))
        .batch_size(BATCH);
    let watch = options.choose(request, &checkpoints).begin()?;
    for item in watch {
        match item {
            WatchItem::Changes { mailbox, batch } => {
                match &batch {
                    ChangeBatch::Changes(changes) => {
                        for message in changes.arrived() {
                            options.run_command(&mailbox, message)?;
                        }
                    }
                    // Which of its messages have arrived is not known any more: they are left out.
                    ChangeBatch::Restart(restart) => println!("{mailbox}: {restart}"),
                }
                checkpoints.insert(mailbox, batch.checkpoint().clone());
                store(&options.checkpoints, &checkpoints)?;
            }
            WatchItem::MailboxGone(mailbox) => {
                checkpoints.remove(&mailbox);
                store(&options.checkpoints, &checkpoints)?;
            }
            WatchItem::Ended(error) => return Err(error.into()),
            // Another account, or the same by another name: no attempt can succeed.
            WatchItem::MailboxFailed {
                error: error @ latchbox::Error::ForeignCheckpoint(_),
                ..
            } => return Err(error.into()),
            // The watch goes on by itself.
            other => println!("{other}"),
        }
    }
    Ok(())
}

/// The account of `LATCHBOX_URL`, with the password from `LATCHBOX_PASSWORD` or a prompt.
fn account() -> Result<Account> {
    let url = env::var("LATCHBOX_URL").map_err(|_| "set LATCHBOX_URL to imaps://user@host")?;
    let typed = |_| rpassword::prompt_password("Password: ");
    let password = env::var("LATCHBOX_PASSWORD").or_else(typed)?;
    // It is needed again at each reconnection.
    let account = Account::from_url(&url.parse()?, move |_reason| Ok(password.as_str().into()))?;
    Ok(account)
}

/// The checkpoints of the file, each on a line; none before the first run.
fn load(path: &Path) -> Result<Checkpoints> {
    let text = match fs::read_to_string(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
        text => text.map_err(|error| format!("{}: {error}", path.display()))?,
    };
    let mut checkpoints = Checkpoints::new();
    for line in text.lines() {
        let checkpoint: Checkpoint = line
            .parse()
            .map_err(|error| format!("{}: {error}", path.display()))?;
        checkpoints.insert(checkpoint.mailbox().clone(), checkpoint);
    }
    Ok(checkpoints)
}

/// Replaces the file: at any moment, it is the one of before or the new one.
fn store(path: &Path, checkpoints: &Checkpoints) -> io::Result<()> {
    let mut new = path.as_os_str().to_owned();
    new.push(".new");
    let mut file = File::create(&new)?;
    for checkpoint in checkpoints.values() {
        writeln!(file, "{checkpoint}")?;
    }
    file.sync_data()?;
    fs::rename(new, path)
}

struct Options {
    checkpoints: PathBuf,
    /// None for all mailboxes.
    mailboxes: Vec<String>,
    command: Vec<String>,
}

impl Options {
    fn from_arguments() -> Result<Self> {
        let (mut checkpoints, mut mailboxes) = (None, Vec::new());
        let mut arguments = env::args().skip(1).peekable();
        while let Some(option) = arguments.next_if(|argument| argument.starts_with("--")) {
            let value = arguments.next().ok_or(USAGE)?;
            match option.as_str() {
                "--checkpoints" => checkpoints = Some(PathBuf::from(value)),
                "--mailbox" => mailboxes.push(value),
                _ => return Err(USAGE.into()),
            }
        }
        let command: Vec<String> = arguments.collect();
        if command.is_empty() {
            return Err(USAGE.into());
        }
        Ok(Self {
            checkpoints: checkpoints.ok_or(USAGE)?,
            mailboxes,
            command,
        })
    }

    /// Adds the mailboxes, each with its checkpoint.
    fn choose(&self, request: WatchRequest, checkpoints: &Checkpoints) -> WatchRequest {
        if self.mailboxes.is_empty() {
            return request.all_mailboxes(checkpoints.values());
        }
        self.mailboxes.iter().fold(request, |request, name| {
            let checkpoint = MailboxName::new(name).ok();
            let checkpoint = checkpoint.and_then(|name| checkpoints.get(&name));
            request.mailbox(name, checkpoint)
        })
    }

    /// Waits for the command. One that fails is no reason to run it again.
    fn run_command(&self, mailbox: &MailboxName, message: AddedMessage<'_>) -> Result<()> {
        let envelope = message.items()?.envelope()?;
        let from = envelope.from().next().map(|from| from.to_string());
        let (program, arguments) = self.command.split_first().ok_or(USAGE)?;
        let mut command = Command::new(program);
        command
            .args(arguments)
            .stdin(Stdio::null())
            // Printable, because a variable cannot contain NUL.
            .env("MAIL_MAILBOX", Printable(mailbox).to_string())
            .env("MAIL_UID", message.uid().to_string())
            .env("MAIL_FROM", Printable(from.unwrap_or_default()).to_string())
            .env("MAIL_SUBJECT", Printable(envelope.subject()).to_string());
        let status = command
            .status()
            .map_err(|error| format!("{program}: {error}"))?;
        if !status.success() {
            eprintln!("{program}: {status}");
        }
        Ok(())
    }
}
