//! A server inside a transport that says the same thing again and again before it answers, and what
//! that takes of our memory.

use std::io::{self, Read, Write};

use latchbox::types::{MailboxEvent, SearchKey, SortKey, ThreadAlgorithm};
use latchbox::{Client, ClientBuilder, Error, Session};
use latchbox_counting::{Cost, cost};

const CAPABILITIES: &str = "IMAP4rev1 UIDPLUS SORT THREAD=REFERENCES ESEARCH CONDSTORE QRESYNC \
    ENABLE MOVE ID NAMESPACE ACL QUOTA METADATA";

/// What comes between a command and its answer: the start, so many pieces with their number for
/// `#`, and the end.
#[derive(Clone, Copy)]
pub(crate) struct Flood {
    command: &'static str,
    start: &'static str,
    piece: &'static str,
    count: u32,
    end: &'static str,
}

struct Flooding {
    flood: Flood,
    ready: Vec<u8>,
    at: usize,
    /// The next piece, while they come.
    next: Option<u32>,
    tag: String,
}

impl Flooding {
    fn go_on(&mut self) {
        self.ready.clear();
        self.at = 0;
        while let Some(number) = self.next {
            if number > self.flood.count {
                self.next = None;
                let (end, tag) = (self.flood.end, &self.tag);
                write!(self.ready, "{end}{tag} OK done\r\n").unwrap();
            } else {
                let mut parts = self.flood.piece.split('#');
                self.ready
                    .extend_from_slice(parts.next().unwrap().as_bytes());
                for part in parts {
                    write!(self.ready, "{number}{part}").unwrap();
                }
                self.next = Some(number + 1);
                if self.ready.len() > 500 << 10 {
                    return;
                }
            }
        }
    }
}

impl Read for Flooding {
    fn read(&mut self, place: &mut [u8]) -> io::Result<usize> {
        if self.at == self.ready.len() {
            self.go_on();
        }
        let rest = &self.ready[self.at..];
        let count = rest.len().min(place.len());
        place[..count].copy_from_slice(&rest[..count]);
        self.at += count;
        Ok(count)
    }
}

impl Write for Flooding {
    fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        let line = std::str::from_utf8(octets).unwrap().trim_end();
        let (tag, command) = line.split_once(' ').unwrap();
        self.tag.clear();
        self.tag.push_str(tag);
        if command.starts_with(self.flood.command) {
            self.ready.extend_from_slice(self.flood.start.as_bytes());
            self.next = Some(1);
        } else if command.starts_with("EXAMINE") || command.starts_with("SELECT") {
            self.ready
                .extend_from_slice(b"* 10000000 EXISTS\r\n* OK [UIDVALIDITY 1]\r\n");
        } else if command.starts_with("LOGIN") {
            write!(self.ready, "* CAPABILITY {CAPABILITIES}\r\n").unwrap();
        }
        if self.next.is_none() {
            write!(self.ready, "{tag} OK done\r\n").unwrap();
        }
        Ok(octets.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl latchbox::transport::Transport for Flooding {}

pub(crate) fn flood(
    command: &'static str,
    [start, piece, end]: [&'static str; 3],
    count: u32,
) -> Flood {
    Flood {
        command,
        start,
        piece,
        count,
        end,
    }
}

fn session(flood: Flood) -> Session {
    session_with(flood, |builder| builder)
}

pub(crate) fn session_with(
    flood: Flood,
    settings: impl FnOnce(ClientBuilder) -> ClientBuilder,
) -> Session {
    let mut flooding = Flooding {
        flood,
        ready: Vec::with_capacity(600 << 10),
        at: 0,
        next: None,
        tag: String::with_capacity(16),
    };
    write!(flooding.ready, "* OK [CAPABILITY {CAPABILITIES}] hello\r\n").unwrap();
    let builder = Client::builder("localhost")
        .danger_plaintext()
        .danger_cleartext_login();
    let client = settings(builder).connect_transport(flooding).unwrap();
    client.login("me", "secret").unwrap()
}

#[test]
fn what_comes_unasked_is_kept_up_to_a_bound() {
    for piece in [
        "* 1 EXPUNGE\r\n",
        "* 2000#0 EXISTS\r\n",
        "* # FETCH (UID # FLAGS (\\Seen $Work))\r\n",
        "* VANISHED #\r\n",
        "* # RECENT\r\n",
        "* OK [ALERT] look at this\r\n",
        "* OK [X-NEWS #] nothing\r\n",
        "* XNEWS (# \"a\" (b c))\r\n",
        "* LIST () \"/\" box#\r\n",
        "* STATUS box# (MESSAGES 1)\r\n",
        "* SEARCH # 1 2 3\r\n",
        "* CAPABILITY IMAP4rev1 X#\r\n",
        "* FLAGS (\\Seen $Key#)\r\n",
    ] {
        let session = session(flood("NOOP", ["", piece, ""], 100_000));
        let mut inbox = session.lock_mailbox_read_only("INBOX").unwrap();
        let (cost, ()) = cost(|| session.noop().unwrap());
        // Two queues of a thousand events each: an alert is for the guard and for the session.
        assert!(cost.peak < 768 << 10, "{piece}: {cost:?}");
        let events = inbox.events();
        assert!(events.len() <= 1025, "{piece}: {}", events.len());
        if events.len() > 1000 {
            assert!(matches!(events[0], MailboxEvent::Overflow { .. }));
        }
        session.noop().unwrap();
    }
}

fn sorted(count: u32) -> Cost {
    let session = session(flood("UID SORT", ["* SORT", " #", "\r\n"], count));
    let mut inbox = session.lock_mailbox_read_only("INBOX").unwrap();
    let (cost, sorted) = cost(|| inbox.sort([SortKey::Subject], SearchKey::All).unwrap());
    assert_eq!(sorted.len(), count as usize);
    cost
}

#[test]
fn an_order_holds_its_line_and_its_numbers() {
    let cost = sorted(100_000);
    // 590 KB of line and 400 KB of numbers, each while it doubles.
    assert!(cost.peak < 2500 << 10, "{cost:?}");
    assert!(cost.allocations < 60, "{cost:?}");
}

#[test]
fn threads_hold_their_line_and_a_node_a_message() {
    for (start, piece, end) in [
        ("* THREAD ", "(#)", "\r\n"),
        ("* THREAD (7", " #", ")\r\n"),
        ("* THREAD (7", "(#)", ")\r\n"),
    ] {
        let session = session(flood("UID THREAD", [start, piece, end], 100_000));
        let mut inbox = session.lock_mailbox_read_only("INBOX").unwrap();
        let (cost, threads) = cost(|| {
            let threads = inbox.thread(ThreadAlgorithm::References, SearchKey::All);
            threads.unwrap()
        });
        assert!(!threads.is_empty());
        assert!(cost.peak < 8 << 20, "{piece}: {cost:?}");
        assert!(cost.allocations < 100, "{piece}: {cost:?}");
    }
}

/// Nothing of it ends the line, the list, or the literal that it is in.
#[test]
fn a_response_that_never_ends_is_cut_off_at_its_limit() {
    for (start, piece) in [
        ("* ", "OK words without an end "),
        ("* SORT", " #"),
        ("* THREAD (7", "(#)"),
        ("* LIST (", "\\X# "),
        ("* 1 FETCH (UID 1 FLAGS (", "$Key# "),
        ("* ESEARCH UID ALL 1", ",#7"),
    ] {
        let session = session(flood("NOOP", [start, piece, ""], u32::MAX));
        let (cost, error) = cost(|| session.noop().unwrap_err());
        assert!(error.is_closed(), "{piece}: {error}");
        assert!(matches!(error, Error::Closed(_)), "{piece}: {error}");
        // The limit of a line, while the room for it doubles.
        assert!(cost.peak < 50 << 20, "{piece}: {cost:?}");
    }
}
