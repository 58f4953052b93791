//! The loop: one poll for the watches, for their times, and for a socket.

use std::env;
use std::error::Error;
use std::io::{self, Write};
use std::os::fd::{AsFd, AsRawFd};
use std::time::Instant;

use latchbox::Account;
use latchbox::sync::History;
use latchbox::watch::{Watch, WatchItem, WatchRequest};
use mio::net::TcpListener;
use mio::unix::SourceFd;
use mio::{Events, Interest, Poll, Token};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// The socket; the watches have the numbers from 0.
const SOCKET: Token = Token(usize::MAX);

pub(super) fn run() -> Result<()> {
    let mut poll = Poll::new()?;
    let mut watches = begin()?;
    for (number, watch) in watches.iter().enumerate() {
        let descriptor = watch.as_fd().as_raw_fd();
        let (token, interest) = (Token(number), Interest::READABLE);
        poll.registry()
            .register(&mut SourceFd(&descriptor), token, interest)?;
    }
    let mut socket = TcpListener::bind(([127, 0, 0, 1], 0).into())?;
    poll.registry()
        .register(&mut socket, SOCKET, Interest::READABLE)?;
    println!("state: {}", socket.local_addr()?);

    let mut events = Events::with_capacity(16);
    loop {
        let due = watches.iter().filter_map(Watch::next_due).min();
        let left = due.map(|due| due.saturating_duration_since(Instant::now()));
        match poll.poll(&mut events, left) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            polled => polled?,
        }
        // All of them, because the time of one may have come. One without news does nothing.
        for watch in &mut watches {
            take_items(watch)?;
        }
        if events.iter().any(|event| event.token() == SOCKET) {
            answer(&socket, &watches)?;
        }
    }
}

/// A watch of each mailbox of the arguments.
fn begin() -> Result<Vec<Watch>> {
    let mut names: Vec<String> = env::args().skip(1).collect();
    if names.is_empty() {
        names = ["INBOX", "Archive"].map(str::to_owned).into();
    }
    let account = account()?;
    let watches = names.into_iter().map(|name| {
        WatchRequest::new(&account)
            .mailbox(name, None)
            .history(History::Newest(0)) // only what arrives from now on
            .begin()
    });
    Ok(watches.collect::<latchbox::Result<_>>()?)
}

/// The account of `LATCHBOX_URL`, with the password from `LATCHBOX_PASSWORD` or a prompt.
fn account() -> Result<Account> {
    let url = env::var("LATCHBOX_URL").map_err(|_| "set LATCHBOX_URL to imaps://user@host")?;
    let typed = |_| rpassword::prompt_password("Password: ");
    let password = env::var("LATCHBOX_PASSWORD").or_else(typed)?;
    // It is needed at each login, and each watch has a connection of its own.
    let account = Account::from_url(&url.parse()?, move |_reason| Ok(password.as_str().into()))?;
    Ok(account)
}

/// Takes items until there are none: `mio` reports a descriptor again only after something new.
fn take_items(watch: &mut Watch) -> Result<()> {
    while let Some(item) = watch.try_next() {
        match item {
            WatchItem::Ended(error) => return Err(error.into()),
            item => println!("{item}"),
        }
    }
    Ok(())
}

/// Sends the states to all programs that have connected.
fn answer(socket: &TcpListener, watches: &[Watch]) -> io::Result<()> {
    let states: String = watches
        .iter()
        .map(|watch| format!("{}\n", watch.state()))
        .collect();
    loop {
        match socket.accept() {
            // A program that has gone away needs no answer.
            Ok((mut stream, _)) => drop(stream.write_all(states.as_bytes())),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(()),
            Err(error) => return Err(error),
        }
    }
}
