//! What the examples that keep a copy begin with: a session, on a real account or on the in-process server.

// Each example uses a part of it.
#![allow(dead_code)]

use std::env;
use std::error::Error;
use std::io;
use std::net::TcpStream;
use std::process::ExitCode;

use latchbox::{Account, Client, Session};
use latchbox_testkit::{NewMessage, Server, message};

/// The result of an example: whatever went wrong is shown to the user.
pub(crate) type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

/// A session, and the server it runs on when that is our own.
pub(crate) struct Mail {
    pub(crate) session: Session,
    /// Nothing on a real account.
    pub(crate) server: Option<Server>,
}

/// A server of tests on this machine, as arguments name it: `--port PORT`, and `--user USER` and
/// `--password PASSWORD`.
pub(crate) struct Here {
    port: u16,
    user: String,
    password: String,
}

impl Here {
    /// Takes these arguments from the others; nothing if there is no port.
    pub(crate) fn take_from(arguments: &mut Vec<String>) -> Result<Option<Self>> {
        let mut take = |name: &str| {
            let place = arguments.iter().position(|argument| argument == name)?;
            arguments.remove(place);
            (place < arguments.len()).then(|| arguments.remove(place))
        };
        let (port, user, password) = (take("--port"), take("--user"), take("--password"));
        let Some(port) = port else {
            return Ok(None);
        };
        Ok(Some(Self {
            port: port.parse().map_err(|_| "the port is not a number")?,
            user: user.unwrap_or_else(|| latchbox_testkit::USER.to_owned()),
            password: password.unwrap_or_else(|| latchbox_testkit::PASSWORD.to_owned()),
        }))
    }

    /// Logs in in cleartext. Such a server has another port each time, and is to be the same account:
    /// with a stream of our own it is known by the host alone.
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

/// Opens a session: on a server of tests, on the account of `LATCHBOX_URL`, or else on an in-process
/// server, which is the same account in each run.
pub(crate) fn open_as_before(here: Option<Here>) -> Result<Mail> {
    let (here, server) = match (here, env::var("LATCHBOX_URL")) {
        (Some(here), _) => (here, None),
        (None, Ok(url)) => {
            let session = open(&url)?;
            return Ok(Mail {
                session,
                server: None,
            });
        }
        (None, Err(_)) => {
            let server = start_server()?;
            let mut port = vec!["--port".to_owned(), server.port().to_string()];
            let here = Here::take_from(&mut port)?;
            (here.ok_or("there is no port")?, Some(server))
        }
    };
    let session = here.log_in()?;
    Ok(Mail { session, server })
}

/// A session on a real account, with the password from `LATCHBOX_PASSWORD` or a prompt.
fn open(url: &str) -> Result<Session> {
    let account = Account::from_url(&url.parse()?, |_reason| {
        let typed = |_| rpassword::prompt_password("Password: ");
        Ok(env::var("LATCHBOX_PASSWORD").or_else(typed)?.into())
    })?;
    Ok(account.open()?)
}

/// An in-process server with the mailboxes that most accounts have, and a few messages.
fn start_server() -> io::Result<Server> {
    let mail = |subject: &str| message(subject, "Ann <ann@example.com>", "At one?");
    let read = |subject: &str| NewMessage::new(mail(subject)).flag("\\Seen");
    Server::builder()
        .mailbox("INBOX", ["Lunch on Friday?", "Minutes", "Coffee"].map(mail))
        .mailbox("INBOX", ["Last week", "The week before"].map(read))
        .mailbox("Archive", ["Last year"].map(read))
        .mailbox("Drafts", Vec::<NewMessage>::new())
        .mailbox("Sent", ["Re: Last week"].map(read))
        .mailbox("Trash", ["Offer", "Another offer"].map(read))
        .start()
}

/// Ends an example: with what went wrong on standard error, and an exit status that tells.
#[allow(clippy::print_stderr)]
pub(crate) fn report(result: Result<()>) -> ExitCode {
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
