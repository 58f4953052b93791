//! Shows the unread messages of INBOX, newest last: date, sender, subject, and how the text begins. Does
//! not set `\Seen`.
//!
//! ```text
//! LATCHBOX_URL=imaps://user@host cargo run --example fetch_unseen
//! ```

#![allow(clippy::print_stdout, clippy::print_stderr)]

use std::collections::{BTreeMap, HashMap};
use std::env;
use std::error::Error;
use std::io::Read;
use std::num::NonZeroU32;
use std::process::ExitCode;

use latchbox::message::{Decoded, Fetch, Part, TransferEncoding};
use latchbox::types::{FetchItem, Printable, SearchKey, Section, Uid};
use latchbox::{Account, MailboxGuard, ReadOnly, Session};

/// The part of each text that is fetched, in octets.
const BEGINNING: NonZeroU32 = NonZeroU32::new(600).unwrap();

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
    let session = open()?;
    let mut inbox = session.lock_mailbox_read_only("INBOX")?;
    let unseen = inbox.search(SearchKey::Unseen)?;
    println!("{} of {} messages are unread", unseen.len(), inbox.exists());
    let mut messages = Vec::new();
    inbox
        .fetch(&unseen, [FetchItem::Envelope, FetchItem::BodyStructure])?
        .collect_into(&mut messages)?;
    let beginnings = beginnings(&mut inbox, &messages)?;
    for message in &messages {
        let envelope = message.envelope()?;
        println!();
        if let Some(date) = envelope.date() {
            let local = date.local();
            let (day, hour, minute) = (local.date(), local.hour(), local.minute());
            println!("{day} {hour:02}:{minute:02}");
        }
        let from = envelope.from().next().map(|from| from.to_string());
        println!("{}", from.unwrap_or_else(|| "(no sender)".to_owned()));
        println!("{}", Printable(envelope.subject()));
        if let Some(line) = beginnings.get(&message.uid()) {
            println!("    {}", Printable(line));
        }
    }
    Ok(())
}

/// The first line of the text of each message that has one.
fn beginnings(
    inbox: &mut MailboxGuard<'_, ReadOnly>,
    messages: &[Fetch],
) -> Result<HashMap<Uid, String>, Box<dyn Error>> {
    // The text is part 1 of most messages, or 1.1: one FETCH for all messages that agree in that.
    let mut texts: BTreeMap<String, HashMap<Uid, Part<'_>>> = BTreeMap::new();
    for message in messages {
        let Some(text) = message.body_structure()?.text_part() else {
            continue;
        };
        let number = text.number().unwrap_or_else(|| "1".to_owned());
        texts.entry(number).or_default().insert(message.uid(), text);
    }
    let mut beginnings = HashMap::new();
    for (number, texts) in texts {
        let section = Section::part(&number)?.partial(0, BEGINNING);
        let uids = inbox.uids(texts.keys().copied());
        let mut rows = inbox.fetch(&uids, [FetchItem::BodyPeek(section.clone())])?;
        while let Some(row) = rows.next()? {
            if let (Some(octets), Some(text)) = (row.body(&section), texts.get(&row.uid())) {
                beginnings.extend(first_line(octets, text)?.map(|line| (row.uid(), line)));
            }
        }
    }
    Ok(beginnings)
}

fn first_line(octets: &[u8], text: &Part<'_>) -> std::io::Result<Option<String>> {
    let charset = text.parameter("charset").unwrap_or("us-ascii".into());
    let mut decoded = String::new();
    Decoded::new(octets, TransferEncoding::of(&text.encoding()))
        .charset(&charset)
        .read_to_string(&mut decoded)?;
    let mut lines = decoded.lines().map(str::trim);
    Ok(lines.find(|line| !line.is_empty()).map(str::to_owned))
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
