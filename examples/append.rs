//! Stores a message in Drafts, so that the user can finish it in another program.
//!
//! ```text
//! LATCHBOX_URL=imaps://user@host cargo run --example append [MAILBOX]
//! ```

#![allow(clippy::print_stdout, clippy::print_stderr)]

use std::env;
use std::error::Error;
use std::process::ExitCode;

use latchbox::types::{Flag, MailboxName, NewMessage, SpecialUse};
use latchbox::{Account, Session};

const MESSAGE: &str = "From: Jane <jane@example.com>\r\n\
    To: Ann <ann@example.com>\r\n\
    Subject: Friday\r\n\
    MIME-Version: 1.0\r\n\
    Content-Type: text/plain; charset=utf-8\r\n\
    Content-Transfer-Encoding: 8bit\r\n\
    \r\n\
    Friday at one, at the caf\u{e9}?\r\n";

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
    let drafts = match env::args().nth(1) {
        Some(name) => MailboxName::new(&name)?,
        None => drafts_of(&session)?,
    };
    let message = NewMessage::new(MESSAGE.as_bytes()).flags([Flag::Draft, Flag::Seen]);
    let appended = session.append(&drafts, message)?;
    match appended.uid() {
        Some(uid) => println!("The draft is in {drafts}, with the UID {uid}."),
        None => println!("The draft is in {drafts}; the server does not report its UID."),
    }
    session.logout()?;
    Ok(())
}

fn drafts_of(session: &Session) -> Result<MailboxName, Box<dyn Error>> {
    let special = session.special_mailboxes()?;
    let drafts = special.get(SpecialUse::Drafts);
    let drafts = drafts.ok_or("the account has no mailbox for drafts: name one")?;
    Ok(drafts.mailbox().name().clone())
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
