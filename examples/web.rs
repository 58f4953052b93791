//! Shows the newest messages of a mailbox in a browser: the threads of a web service share a pool.
//!
//! ```text
//! LATCHBOX_URL=imaps://user@host cargo run --example web [PORT]
//! ```
//!
//! `http://127.0.0.1:8025/` is INBOX, `/Name` another mailbox. It reads only, and listens on this machine only; as
//! long as it runs, any program of this machine can read the mail.

#![allow(clippy::print_stdout, clippy::print_stderr)]

use std::env;
use std::error::Error;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::ExitCode;
use std::thread;
use std::time::Duration;

use latchbox::types::FetchItem;
use latchbox::{Account, Pool};

/// The threads that answer requests. The pool makes no more than three connections for them.
const THREADS: usize = 8;

/// The most octets of a request that are read.
const REQUEST: u64 = 16 << 10;

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
    let pool = &Pool::new(account()?);
    let listener = &TcpListener::bind(("127.0.0.1", port))?;
    println!("http://{}/", listener.local_addr()?);
    thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(move || {
                for request in listener.incoming().flatten() {
                    if let Err(error) = answer(&request, pool) {
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
    // Asked for at each login, also when the pool makes another connection.
    let account = Account::from_url(&url.parse()?, move |_reason| Ok(password.as_str().into()))?;
    Ok(account)
}

/// Answers one request, and closes its connection.
fn answer(mut request: &TcpStream, pool: &Pool) -> std::io::Result<()> {
    request.set_read_timeout(Some(PATIENCE))?;
    let mut lines = BufReader::new(request.take(REQUEST)).lines();
    let first = lines.next().transpose()?.unwrap_or_default();
    // The rest of the request is read too, because a socket that is closed before is reset.
    for line in lines {
        if line?.is_empty() {
            break;
        }
    }
    let path = first
        .split(' ')
        .nth(1)
        .and_then(|path| path.strip_prefix('/'));
    let (status, page) = match path {
        None => ("400 Bad Request", "This is no request.".to_owned()),
        Some(name) => match page(pool, if name.is_empty() { "INBOX" } else { name }) {
            Ok(page) => ("200 OK", page),
            Err(error) if error.is_busy() => {
                ("503 Service Unavailable", escaped(&error.to_string()))
            }
            Err(error) => ("502 Bad Gateway", escaped(&error.to_string())),
        },
    };
    write!(
        request,
        "HTTP/1.1 {status}\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {}\r\n\
         Connection: close\r\n\r\n{page}",
        page.len()
    )
}

/// The newest messages of a mailbox as a list.
fn page(pool: &Pool, name: &str) -> latchbox::Result<String> {
    let mut mailbox = pool.mailbox(name).read_only().timeout(PATIENCE).lock()?;
    let mut page = format!(
        "<h1>{}: {} messages</h1>\n<ul>\n",
        escaped(name),
        mailbox.exists()
    );
    let mut numbered = mailbox.numbered();
    let last_50 = numbered.last(50);
    let mut messages = numbered.fetch(&last_50, [FetchItem::Envelope])?;
    while let Some(message) = messages.next()? {
        let envelope = message.envelope()?;
        let from = envelope.from().next().map(|from| from.to_string());
        let (from, subject) = (from.unwrap_or_default(), envelope.subject());
        page += &format!("<li>{}: {}</li>\n", escaped(&from), escaped(&subject));
    }
    page += "</ul>\n";
    Ok(page)
}

/// Text of a stranger, as HTML.
fn escaped(text: &str) -> String {
    let text = text.replace('&', "&amp;").replace('<', "&lt;");
    text.replace('>', "&gt;").replace('"', "&quot;")
}
