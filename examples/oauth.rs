//! Logs in with an OAuth 2.0 token that is asked for at each login, and shows what a server says
//! of one that has expired.
//!
//! ```text
//! cargo run --example oauth
//! ```

#![allow(clippy::print_stdout)]

mod common;

use std::process::ExitCode;
use std::sync::Mutex;

use latchbox::error::CredentialsError;
use latchbox::{Account, Client, Credentials, Error};
use latchbox_testkit::{Server, TOKEN, USER, message};

fn main() -> ExitCode {
    common::report(run())
}

/// Where a program keeps its token. A real one asks its library for OAuth here, which renews a
/// token by the refresh token that it keeps.
struct Tokens(Mutex<Vec<&'static str>>);

impl Tokens {
    fn fresh(&self) -> Result<&'static str, CredentialsError> {
        let mut tokens = self.0.lock().map_err(|_| "another login has failed")?;
        tokens.pop().ok_or_else(|| "no token is left".into())
    }
}

fn run() -> common::Result<()> {
    let server = Server::builder()
        .with("AUTH=XOAUTH2")
        .mailbox("INBOX", [message("Hello", "ann@example.com", "Hi!")])
        .start()?;
    // On a real account: Client::builder("imap.gmail.com"), and nothing with `danger` in it.
    let builder = Client::builder("127.0.0.1")
        .port(server.port())
        .danger_plaintext()
        .danger_cleartext_login();

    let tokens = Tokens(Mutex::new(vec![TOKEN, "one-that-has-expired"]));
    let account = Account::new(builder, move |_reason| {
        Ok(Credentials::token(USER, tokens.fresh()?))
    });
    let session = match account.open() {
        Err(error) if error.oauth().is_some() => {
            tell(&error);
            account.open()?
        }
        opened => opened?,
    };
    let inbox = session.lock_mailbox_read_only("INBOX")?;
    println!(
        "Logged in by a fresh token: INBOX has {} message.",
        inbox.exists()
    );
    Ok(())
}

fn tell(error: &Error) {
    println!("{error}");
    if let Some(hint) = error.login_hint() {
        println!("What to do: {hint}.");
    }
}
