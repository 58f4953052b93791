//! The flights of a whole program: how often the client sends after the server has sent.

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::sync::{Arc, Mutex};

use latchbox::sync::{ChangeBatch, Checkpoint, Way};
use latchbox::types::Section;
use latchbox_testkit::{Builder, PASSWORD, Server, USER, message};

use crate::sessions::{patient, plaintext_stream};

const INBOX: &str = "INBOX";

/// A connection that keeps the flights of the client, each with its lines.
#[derive(Debug)]
struct Counted {
    stream: TcpStream,
    flights: Flights,
    has_received: bool,
}

#[derive(Clone, Debug, Default)]
struct Flights(Arc<Mutex<Vec<String>>>);

impl Counted {
    fn connect(server: &Server) -> (Self, Flights) {
        let stream = TcpStream::connect(("127.0.0.1", server.port())).unwrap();
        stream.set_nodelay(true).unwrap();
        let flights = Flights::default();
        let counted = Self {
            stream,
            flights: flights.clone(),
            has_received: true,
        };
        (counted, flights)
    }
}

impl Flights {
    /// The commands of each flight, without tags and arguments.
    fn taken(&self) -> Vec<Vec<String>> {
        let flights = std::mem::take(&mut *self.0.lock().unwrap());
        let name = |line: &str| {
            let mut words = line.split(' ').skip(1);
            let first = words.next().unwrap_or_default();
            match first {
                "UID" => format!("UID {}", words.next().unwrap_or_default()),
                _ => first.trim_end().to_owned(),
            }
        };
        let names = |flight: String| flight.split_terminator("\r\n").map(name).collect();
        flights.into_iter().map(names).collect()
    }
}

impl Read for Counted {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.stream.read(buffer)?;
        self.has_received |= read > 0;
        Ok(read)
    }
}

impl Write for Counted {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.stream.write(bytes)?;
        let mut flights = self.flights.0.lock().unwrap();
        if std::mem::take(&mut self.has_received) {
            flights.push(String::new());
        }
        let text = String::from_utf8_lossy(&bytes[..written]);
        flights.last_mut().unwrap().push_str(&text);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.stream.flush()
    }
}

/// A whole run of a program that keeps messages: what it sent, and its checkpoint.
fn run(server: &Server, since: Option<&Checkpoint>) -> (Vec<Vec<String>>, Checkpoint) {
    let (counted, flights) = Counted::connect(server);
    let builder = patient(plaintext_stream());
    let builder = builder.without_utf8().without_imap4rev2();
    let client = builder.connect_stream(counted).unwrap();
    let session = client.login(USER, PASSWORD).unwrap();
    let request = session.mailbox(INBOX).read_only().since(since);
    let mut inbox = request.lock().unwrap();
    let mut changes = inbox.changes_since(since).unwrap();
    while let Some(batch) = changes.next().unwrap() {
        let ChangeBatch::Changes(batch) = &batch else {
            panic!("{batch:?}");
        };
        if batch.uids().is_empty() {
            continue;
        }
        let guard = changes.guard();
        let mut downloads = guard
            .download_each(batch.uids(), &Section::whole())
            .unwrap();
        while let Some(message) = downloads.next().unwrap() {
            message.copy_to(&mut Vec::new()).unwrap();
        }
    }
    let checkpoint = changes.checkpoint().clone();
    drop(inbox);
    session.logout().unwrap();
    (flights.taken(), checkpoint)
}

fn server(way: Way, set_up: impl FnOnce(Builder) -> Builder) -> Server {
    let server = Server::builder();
    let server = match way {
        Way::Qresync => server.with("QRESYNC"),
        Way::CondStore => server.without("QRESYNC").with("CONDSTORE"),
        _ => server.without("QRESYNC").without("CONDSTORE"),
    };
    let three = ["one", "two", "three"];
    let three = three.map(|subject| message(subject, "a@example.com", "body"));
    set_up(server.mailbox(INBOX, three)).start().unwrap()
}

/// A first run, one after nothing, and one after a message, a flag and a removal.
#[track_caller]
fn three_runs(server: &Server) -> [Vec<Vec<String>>; 3] {
    let (first, stored) = run(server, None);
    let (unchanged, stored) = run(server, Some(&stored));
    server.deliver(USER, INBOX, message("four", "a@example.com", "body"));
    server.set_flags(USER, INBOX, 1, &["\\Seen"]);
    server.expunge(USER, INBOX, [2]);
    let (changed, stored) = run(server, Some(&stored));
    assert_eq!(stored.known().to_string(), "1,3:4");
    [first, unchanged, changed]
}

#[test]
fn enable_goes_out_with_the_select() {
    let server = server(Way::Qresync, |server| server);
    let [first, unchanged, changed] = three_runs(&server);
    let select: &[&str] = &["ENABLE", "EXAMINE"];
    let fetch: &[&str] = &["UID FETCH"];
    let [login, logout]: [&[&str]; 2] = [&["LOGIN"], &["LOGOUT"]];
    assert_eq!(first, [login, select, fetch, fetch, logout]);
    assert_eq!(unchanged, [login, select, logout]);
    assert_eq!(changed, [login, select, fetch, fetch, logout]);
}

#[test]
fn without_qresync_there_is_nothing_to_enable() {
    let server = server(Way::CondStore, |server| server);
    let [first, unchanged, changed] = three_runs(&server);
    let [select, fetch, search]: [&[&str]; 3] = [&["EXAMINE"], &["UID FETCH"], &["UID SEARCH"]];
    let [login, logout]: [&[&str]; 2] = [&["LOGIN"], &["LOGOUT"]];
    assert_eq!(first, [login, select, fetch, fetch, logout]);
    assert_eq!(unchanged, [login, select, logout]);
    assert_eq!(
        changed,
        [login, select, fetch, fetch, fetch, search, logout]
    );
}

#[test]
fn a_comparison_is_the_select_and_all_flags() {
    let server = server(Way::Comparison, |server| server);
    let [first, unchanged, changed] = three_runs(&server);
    let [select, fetch]: [&[&str]; 2] = [&["EXAMINE"], &["UID FETCH"]];
    let [login, logout]: [&[&str]; 2] = [&["LOGIN"], &["LOGOUT"]];
    assert_eq!(first, [login, select, fetch, fetch, logout]);
    assert_eq!(unchanged, [login, select, fetch, logout]);
    assert_eq!(changed, [login, select, fetch, fetch, fetch, logout]);
}

/// Between its SELECT and the next sync, a guard has done something.
#[test]
fn a_mailbox_is_selected_again_in_one_flight() {
    for (way, select) in [
        (Way::Qresync, &["UNSELECT", "ENABLE", "EXAMINE"][..]),
        (Way::CondStore, &["EXAMINE"]),
        (Way::Comparison, &["EXAMINE"]),
    ] {
        let server = server(way, |server| server);
        let (counted, flights) = Counted::connect(&server);
        let builder = patient(plaintext_stream());
        let builder = builder.without_utf8().without_imap4rev2();
        let client = builder.connect_stream(counted).unwrap();
        let session = client.login(USER, PASSWORD).unwrap();
        let mut inbox = session.lock_mailbox_read_only(INBOX).unwrap();
        inbox.refresh().unwrap();
        flights.taken();
        let mut changes = inbox.changes_since(None).unwrap();
        assert_eq!(changes.way(), way);
        assert_eq!(flights.taken(), [select]);
        let batch = changes.next().unwrap().unwrap();
        assert_eq!(batch.checkpoint().known().to_string(), "1:3");
    }
}

/// UIDNEXT is requested once it is known that no SELECT reports it.
#[test]
fn a_server_that_omits_uidnext_costs_two_flights_more() {
    let server = server(Way::Comparison, Builder::omit_uid_next);
    let (first, stored) = run(&server, None);
    let [select, fetch]: [&[&str]; 2] = [&["EXAMINE"], &["UID FETCH"]];
    let status: &[&str] = &["UNSELECT", "STATUS"];
    let [login, logout]: [&[&str]; 2] = [&["LOGIN"], &["LOGOUT"]];
    let expected = [login, select, status, select, fetch, fetch, logout];
    assert_eq!(first, expected);
    let (unchanged, _) = run(&server, Some(&stored));
    assert_eq!(unchanged, [login, select, status, select, fetch, logout]);
}
