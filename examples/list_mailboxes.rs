//! Lists the mailboxes of an account with their special uses and counts, in one round trip.
//!
//! ```text
//! LATCHBOX_URL=imaps://user@host cargo run --example list_mailboxes
//! ```

#![allow(clippy::print_stdout, clippy::print_stderr)]

use std::env;
use std::error::Error;
use std::process::ExitCode;

use latchbox::command::List;
use latchbox::types::{MailboxStatus, StatusItem};
use latchbox::{Account, Session};

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
    let counts = [StatusItem::Messages, StatusItem::Unseen];
    // A server with LIST-STATUS sends names and counts together; of others the counts are requested
    // together, after the names.
    let mailboxes = session.run(List::new("*")?.return_special_use().return_status(counts))?;
    println!("{:>8} {:>8}  mailbox", "messages", "unseen");
    for mailbox in mailboxes {
        // A name without a mailbox has no counts.
        let status = mailbox.status();
        let count = |number: Option<u32>| number.map_or("-".to_owned(), |it| it.to_string());
        let messages = count(status.and_then(MailboxStatus::messages));
        let unseen = count(status.and_then(MailboxStatus::unseen));
        let special_use = mailbox.special_use().map(|it| format!(" {it}"));
        let name = mailbox.name();
        println!(
            "{messages:>8} {unseen:>8}  {name}{}",
            special_use.unwrap_or_default()
        );
    }
    session.logout()?;
    Ok(())
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
