//! Logs in with an OAuth 2.0 token from a command, and calls the command again if the token has expired.
//!
//! ```text
//! LATCHBOX_URL=imaps://user@host cargo run --example oauth COMMAND [ARGUMENT]...
//! ```
//!
//! The command prints a token, as those that mail programs are given for Gmail or Microsoft 365. If the
//! server has refused the last token, `--renew` is added to the arguments.

#![allow(clippy::print_stdout, clippy::print_stderr)]

use std::env;
use std::error::Error;
use std::process::{Command, ExitCode};

use latchbox::error::CredentialsError;
use latchbox::types::ServerUrl;
use latchbox::{Account, ClientBuilder, Credentials, LoginReason};

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
    let command: Vec<String> = env::args().skip(1).collect();
    if command.is_empty() {
        return Err("usage: oauth COMMAND [ARGUMENT]...".into());
    }
    let url = env::var("LATCHBOX_URL").map_err(|_| "set LATCHBOX_URL to imaps://user@host")?;
    let url: ServerUrl = url.parse()?;
    let user = url
        .user()
        .ok_or("there is no user in LATCHBOX_URL")?
        .to_owned();

    // The provider is called at each login, also when a session reconnects.
    let account = Account::new(ClientBuilder::from_url(&url), move |reason| {
        let is_refused = matches!(reason, LoginReason::Refused(_));
        Ok(Credentials::token(&user, token(&command, is_refused)?))
    });
    let session = match account.open() {
        Err(error) if error.is_auth() => {
            show(&error);
            account.open()? // a token that was refused is not sent again: it has to be another
        }
        opened => opened?,
    };
    let inbox = session.lock_mailbox_read_only("INBOX")?;
    println!("Logged in: INBOX has {} messages.", inbox.exists());
    Ok(())
}

/// The token that the command prints.
fn token(command: &[String], is_refused: bool) -> Result<String, CredentialsError> {
    let (program, arguments) = command.split_first().ok_or("there is no command")?;
    let renew = is_refused.then_some("--renew");
    let output = Command::new(program).args(arguments).args(renew).output()?;
    if !output.status.success() {
        return Err(format!("{program}: {}", output.status).into());
    }
    Ok(String::from_utf8(output.stdout)?.trim().to_owned())
}

fn show(error: &latchbox::Error) {
    println!("{error}");
    if let Some(hint) = error.login_hint() {
        println!("What to do: {hint}.");
    }
}
