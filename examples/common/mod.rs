//! What every example begins with: a session, on a real account or on the in-process server.

// Each example uses a part of it.
#![allow(dead_code)]

pub(crate) mod account;

use std::env;
use std::error::Error;
use std::fs;
use std::io;
use std::net::TcpStream;
use std::process::ExitCode;
use std::time::SystemTime;

use account::Account;
use chrono::{DateTime, FixedOffset, TimeDelta, Utc};
use latchbox::types::MailboxAttribute;
use latchbox::{Client, Session};
use latchbox_testkit::{NewMessage, Server, message};

/// The result of an example: whatever went wrong is shown to the user.
pub(crate) type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

/// A session, and the server it runs on when that is our own.
pub(crate) struct Mail {
    pub(crate) session: Session,
    /// Nothing on a real account.
    pub(crate) server: Option<Server>,
}

/// Opens a session: on the account of `LATCHBOX_URL` where that is set, else on an in-process
/// server with a few messages.
pub(crate) fn open() -> Result<Mail> {
    if let Some(account) = Account::from_environment()? {
        let session = log_in(&account)?;
        return Ok(Mail {
            session,
            server: None,
        });
    }
    let server = start_server()?;
    let session = log_in_to(&server)?;
    Ok(Mail {
        session,
        server: Some(server),
    })
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

/// Like [`open`], for an example that stores a checkpoint: the in-process server is the same account
/// in each run.
pub(crate) fn open_as_before(here: Option<Here>) -> Result<Mail> {
    let (here, server) = match (here, Account::from_environment()?) {
        (Some(here), _) => (here, None),
        (None, Some(_)) => return open(),
        (None, None) => {
            let server = start_server()?;
            let mut port = vec!["--port".to_owned(), server.port().to_string()];
            let here = Here::take_from(&mut port)?;
            (here.ok_or("there is no port")?, Some(server))
        }
    };
    let session = here.log_in()?;
    Ok(Mail { session, server })
}

/// Logs in to a real account, over TLS in any case.
pub(crate) fn log_in(account: &Account) -> Result<Session> {
    log_in_by(account, "LATCHBOX_PASSWORD")
}

/// The same with the password from this variable.
pub(crate) fn log_in_by(account: &Account, variable: &str) -> Result<Session> {
    let mut builder = Client::builder(&account.host);
    if account.start_tls {
        builder = builder.start_tls();
    }
    if let Some(port) = account.port {
        builder = builder.port(port);
    }
    if let Some(path) = env::var_os("LATCHBOX_ROOT_PEM") {
        let pem = fs::read(path).map_err(|error| format!("LATCHBOX_ROOT_PEM: {error}"))?;
        builder = builder.root_certificates_pem(pem);
    }
    let password = password_of(account, variable)?;
    let client = builder.connect()?;
    Ok(client.login(&account.user, password)?)
}

/// From the variable, else typed unseen.
fn password_of(account: &Account, variable: &str) -> Result<String> {
    match env::var(variable) {
        Ok(password) => Ok(password),
        Err(env::VarError::NotUnicode(_)) => Err(format!("{variable} is not UTF-8").into()),
        Err(env::VarError::NotPresent) => {
            let question = format!("Password of {} on {}: ", account.user, account.host);
            rpassword::prompt_password(question).map_err(|error| {
                format!("{variable} is not set, and nobody can be asked: {error}").into()
            })
        }
    }
}

/// A message of last year, with a table and a picture of one pixel.
const WITH_ATTACHMENTS: &str = "\
From: Bob <bob@example.com>
To: Jane <jane@example.com>
Subject: Last year
Date: Mon, 8 Jan 2024 12:00:00 +0000
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=next

--next
Content-Type: text/plain; charset=utf-8

Old.
--next
Content-Type: text/csv; charset=utf-8
Content-Disposition: attachment; filename*=utf-8''caf%C3%A9.csv
Content-Transfer-Encoding: quoted-printable

what,price
caf=C3=A9,2
--next
Content-Type: image/gif
Content-Disposition: attachment; filename=\"../dot.gif\"
Content-Transfer-Encoding: base64

R0lGODlhAQABAAAAACwAAAAAAQABAAA=
--next--
";

/// An in-process server with the mailboxes that most accounts have, and a few messages.
pub(crate) fn start_server() -> io::Result<Server> {
    let lunch = message("Lunch on Friday?", "Ann <ann@example.com>", "At one?");
    let minutes = message("Minutes", "Bob <bob@example.com>", "As attached.");
    let caf = message(
        "Caf\u{e9} cr\u{e8}me",
        "Eve <eve@example.com>",
        "Two, please.",
    );
    let read = |subject: &str| {
        NewMessage::new(message(subject, "Bob <bob@example.com>", "Old.")).flag("\\Seen")
    };
    Server::builder()
        .mailbox("INBOX", [lunch, minutes, caf])
        .mailbox(
            "INBOX",
            [
                read("Last week").internal_date(days_ago(7)),
                read("The week before").internal_date(days_ago(14)),
            ],
        )
        .mailbox(
            "Archive",
            [NewMessage::new(WITH_ATTACHMENTS.replace('\n', "\r\n")).flag("\\Seen")],
        )
        .mailbox("Drafts", Vec::<NewMessage>::new())
        .mailbox("Sent", [read("Re: Last week")])
        .mailbox("Trash", [read("Offer"), read("Another offer")])
        .start()
}

fn days_ago(days: i64) -> DateTime<FixedOffset> {
    (DateTime::<Utc>::from(SystemTime::now()) - TimeDelta::days(days)).fixed_offset()
}

/// Logs in to the in-process server, which is on this machine: in cleartext.
pub(crate) fn log_in_to(server: &Server) -> latchbox::Result<Session> {
    let client = Client::builder("127.0.0.1")
        .port(server.port())
        .danger_plaintext()
        .danger_cleartext_login()
        .connect()?;
    Ok(client.login(latchbox_testkit::USER, latchbox_testkit::PASSWORD)?)
}

/// The name of the mailbox that the account has for something, where the server tells it.
pub(crate) fn mailbox_for(
    session: &Session,
    purpose: &MailboxAttribute,
) -> latchbox::Result<Option<latchbox::types::MailboxName>> {
    let mailboxes = session.list("*")?;
    let found = mailboxes.iter().find(|mailbox| mailbox.has(purpose));
    Ok(found.map(|mailbox| mailbox.name().clone()))
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
