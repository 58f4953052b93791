//! Shows the unread of all mailboxes in a browser: the threads of a web service share a pool.
//!
//! ```text
//! LATCHBOX_URL=imaps://user@host cargo run --example web --features web [PORT]
//! ```
//!
//! `http://127.0.0.1:8025/` is the list of mailboxes, in one round trip; `/Name` has the newest messages of one. It
//! reads only, and listens on this machine only; as long as it runs, any program of this machine can read the mail.

#![allow(clippy::print_stdout, clippy::print_stderr)]

use std::env;
use std::error::Error;
use std::fmt::Write;
use std::process::ExitCode;
use std::thread;
use std::time::Duration;

use latchbox::command::List;
use latchbox::types::{FetchItem, MailboxName, MailboxStatus, ServerUrl, StatusItem};
use latchbox::{Account, ClientBuilder, Credentials, LoginReason, Pool};
use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use tiny_http::{Header, Request, Response, Server};

/// The threads that answer requests. The pool makes no more than three connections for them.
const THREADS: usize = 8;

/// How long a request waits for a connection of the pool.
const PATIENCE: Duration = Duration::from_secs(20);

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
    let port = env::args().nth(1).map_or(Ok(8025), |port| port.parse());
    let port: u16 = port.map_err(|_| "usage: web [PORT]")?;
    let pool = Pool::new(account()?);
    let server = Server::http(("127.0.0.1", port));
    let server = server.map_err(|error| -> Box<dyn Error> { error })?;
    println!("http://{}/", server.server_addr());
    thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                for request in server.incoming_requests() {
                    if let Err(error) = answer(request, &pool) {
                        eprintln!("{error}");
                    }
                }
            });
        }
    });
    Ok(())
}

/// The account of `LATCHBOX_URL`, with the password from `LATCHBOX_PASSWORD` or a prompt.
fn account() -> Result<Account, Box<dyn Error>> {
    let url = env::var("LATCHBOX_URL").map_err(|_| "set LATCHBOX_URL to imaps://user@host")?;
    let typed = |_| rpassword::prompt_password("Password: ");
    let password = env::var("LATCHBOX_PASSWORD").or_else(typed)?;
    let url: ServerUrl = url.parse()?;
    // This covers the wait for a connection, and the whole of a new one.
    let builder = ClientBuilder::from_url(&url).lock_timeout(PATIENCE);
    // Called at each login, also when the pool makes another connection.
    let credentials = move |_reason: LoginReason<'_>| Ok(Credentials::for_url(&url, &*password)?);
    Ok(Account::new(builder, credentials))
}

fn answer(request: Request, pool: &Pool) -> Result<(), Box<dyn Error>> {
    // A page of another site, whose name was made to lead here, gets nothing.
    let is_host = |header: &&Header| header.field.equiv("Host");
    let host = request.headers().iter().find(is_host);
    let host = host.map_or("", |host| host.value.as_str());
    let is_here = matches!(host.split(':').next(), Some("127.0.0.1" | "localhost"));
    let path = percent_decode_str(request.url().trim_start_matches('/')).decode_utf8();
    let (status, page) = match path {
        Ok(name) if is_here => match page(pool, &name) {
            Ok(page) => (200, page),
            Err(error) if error.is_busy() => (503, escaped(&error.to_string())),
            Err(error) => (502, escaped(&error.to_string())),
        },
        _ => (400, "This is no request for this service.".to_owned()),
    };
    let html = Header::from_bytes("Content-Type", "text/html; charset=utf-8");
    let html = html.map_err(|()| "no header")?;
    let response = Response::from_string(page).with_status_code(status);
    Ok(request.respond(response.with_header(html))?)
}

fn page(pool: &Pool, name: &str) -> latchbox::Result<String> {
    match name {
        "" => unread(pool),
        name => newest(pool, name),
    }
}

/// All mailboxes with the number of their unread messages.
fn unread(pool: &Pool) -> latchbox::Result<String> {
    // A server with LIST-STATUS sends names and counts together. Of others the counts are requested
    // together, after the names.
    let counts = [StatusItem::Messages, StatusItem::Unseen];
    let mailboxes = pool.session()?.run(List::new("*")?.return_status(counts))?;
    let mut page = "<h1>Unread</h1>\n<table>\n".to_owned();
    for mailbox in mailboxes.iter().filter(|mailbox| mailbox.is_selectable()) {
        let count = |count: fn(&MailboxStatus) -> Option<u32>| {
            let count = mailbox.status().and_then(count);
            count.map_or("?".to_owned(), |count| count.to_string())
        };
        let (unread, all) = (count(MailboxStatus::unseen), count(MailboxStatus::messages));
        let link = link(mailbox.name());
        let _ = writeln!(page, "<tr><td>{unread}<td>of {all}<td>{link}</tr>");
    }
    Ok(page + "</table>\n")
}

fn link(name: &MailboxName) -> String {
    let path = utf8_percent_encode(name.as_str(), NON_ALPHANUMERIC);
    format!("<a href=\"/{path}\">{}</a>", escaped(name.as_str()))
}

/// The newest messages of a mailbox as a list.
fn newest(pool: &Pool, name: &str) -> latchbox::Result<String> {
    let mut mailbox = pool.lock_mailbox_read_only(name)?;
    let (shown, exists) = (escaped(name), mailbox.exists());
    let mut page = format!("<h1>{shown}: {exists} messages</h1>\n<ul>\n");
    let mut numbered = mailbox.numbered();
    let last_50 = numbered.last(50);
    let mut messages = numbered.fetch(&last_50, [FetchItem::Envelope])?;
    while let Some(message) = messages.next()? {
        let envelope = message.envelope()?;
        let from = envelope.from().next().map(|from| from.to_string());
        let (from, subject) = (from.unwrap_or_default(), envelope.subject());
        let _ = writeln!(page, "<li>{}: {}</li>", escaped(&from), escaped(&subject));
    }
    Ok(page + "</ul>\n")
}

/// Text of a stranger, as HTML.
fn escaped(text: &str) -> String {
    let text = text.replace('&', "&amp;").replace('<', "&lt;");
    text.replace('>', "&gt;").replace('"', "&quot;")
}
