//! Ten thousand of everything that takes the lock and gives it back: nothing grows.

use std::io::{self, Read, Write};

use latchbox::command::{Noop, Status};
use latchbox::types::{FetchItem, SearchKey, StatusItem, UidSet};
use latchbox::{Client, Session};
use latchbox_counting::cost;

const CAPABILITIES: &str = "IMAP4rev1 IDLE UIDPLUS MOVE ESEARCH";

/// Takes every command, but for a mailbox that is missing, and tells a little news with each.
struct Willing {
    ready: Vec<u8>,
    tag: Vec<u8>,
}

impl Willing {
    fn heard(&mut self, line: &str) {
        let line = line.trim_end();
        if line == "DONE" {
            self.ready.extend_from_slice(b"* 3 EXISTS\r\n");
            self.ready.extend_from_slice(&self.tag);
            self.ready.extend_from_slice(b" OK done\r\n");
            return;
        }
        let (tag, command) = line.split_once(' ').unwrap();
        self.tag.clear();
        self.tag.extend_from_slice(tag.as_bytes());
        let answer = match command {
            "IDLE" => return self.ready.extend_from_slice(b"+ go on\r\n"),
            _ if command.contains("Missing") => "NO [NONEXISTENT] there is none",
            _ => "OK done",
        };
        if command.starts_with("SELECT") || command.starts_with("EXAMINE") {
            let seen = b"* FLAGS (\\Seen)\r\n* 3 EXISTS\r\n* OK [UIDVALIDITY 7] x\r\n* OK [UIDNEXT 4] x\r\n";
            self.ready.extend_from_slice(seen);
        } else if command.starts_with("UID SEARCH") {
            self.ready.extend_from_slice(b"* SEARCH 1 2 3\r\n");
            if command.contains("RETURN") {
                self.ready.clear();
                let result = format!("* ESEARCH (TAG \"{tag}\") UID ALL 1:3\r\n");
                self.ready.extend_from_slice(result.as_bytes());
            }
        } else if command.starts_with("UID FETCH") {
            self.ready.extend_from_slice(
                b"* 1 FETCH (UID 1 FLAGS ($new))\r\n* 2 FETCH (UID 2 FLAGS ())\r\n",
            );
        } else if command.starts_with("STATUS") {
            self.ready.extend_from_slice(b"* STATUS x (MESSAGES 3)\r\n");
        }
        self.ready
            .extend_from_slice(b"* OK [X-NEWS] nothing\r\n* XNEWS 1\r\n");
        let done = format!("{tag} {answer}\r\n");
        self.ready.extend_from_slice(done.as_bytes());
    }
}

impl Read for Willing {
    fn read(&mut self, place: &mut [u8]) -> io::Result<usize> {
        if self.ready.is_empty() {
            return Err(io::ErrorKind::TimedOut.into());
        }
        let count = self.ready.len().min(place.len());
        place[..count].copy_from_slice(&self.ready[..count]);
        self.ready.drain(..count);
        Ok(count)
    }
}

impl Write for Willing {
    fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        let text = std::str::from_utf8(octets).unwrap();
        text.split_inclusive('\n').for_each(|line| self.heard(line));
        Ok(octets.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl latchbox::transport::Transport for Willing {}

fn session() -> Session {
    let mut ready = Vec::with_capacity(64 << 10);
    write!(ready, "* PREAUTH [CAPABILITY {CAPABILITIES}] hello\r\n").unwrap();
    let willing = Willing {
        ready,
        tag: Vec::with_capacity(32),
    };
    let builder = Client::builder("localhost").danger_plaintext();
    let client = builder.accept_preauth().connect_transport(willing).unwrap();
    client.into_preauthenticated().map_err(|(e, _)| e).unwrap()
}

type Cycle = (&'static str, fn(&Session, usize));

const CYCLES: [Cycle; 14] = [
    ("plain", |s, _| drop(s.lock_mailbox("INBOX").unwrap())),
    ("by turns", |s, n| {
        let name = if n % 2 == 0 { "INBOX" } else { "Other" };
        drop(s.lock_mailbox(name).unwrap());
    }),
    ("read only", |s, n| match n % 2 {
        0 => drop(s.lock_mailbox_read_only("INBOX").unwrap()),
        _ => drop(s.lock_mailbox("INBOX").unwrap()),
    }),
    ("many mailboxes", |s, n| {
        drop(s.lock_mailbox(format!("Box {n}").as_str()).unwrap());
    }),
    ("released", |s, _| {
        s.lock_mailbox("INBOX").unwrap().release().unwrap();
    }),
    ("unselected", |s, _| {
        s.lock_mailbox("INBOX").unwrap().close().unwrap();
    }),
    ("with options", |s, n| {
        let label = format!("the {n}th");
        drop(s.mailbox("INBOX").label(&label).lock().unwrap());
    }),
    ("owned", |s, _| {
        drop(s.mailbox("INBOX").lock_owned().unwrap());
    }),
    ("with a search and a fetch", |s, _| {
        let mut inbox = s.lock_mailbox("INBOX").unwrap();
        let found = inbox.search(SearchKey::All).unwrap();
        assert_eq!(found.len(), Some(3));
        let messages = inbox.fetch(&found, [FetchItem::Flags]).unwrap();
        assert_eq!(messages.into_iter().count(), 2);
    }),
    ("a stream left half-way", |s, _| {
        let mut inbox = s.lock_mailbox("INBOX").unwrap();
        let mut messages = inbox.fetch(&UidSet::all(), [FetchItem::Flags]).unwrap();
        assert!(messages.next().unwrap().is_some());
    }),
    ("pipelines", |s, _| {
        let status = Status::new("x", [StatusItem::Messages]).unwrap();
        let (noop, status) = s.pipeline((Noop, status)).unwrap();
        assert!(noop.is_ok() && status.is_ok());
    }),
    ("locks that fail", |s, _| {
        assert!(s.lock_mailbox("Missing").is_err());
    }),
    ("a thread that locks twice", |s, _| {
        let inbox = s.lock_mailbox("INBOX").unwrap();
        assert!(s.lock_mailbox("Other").is_err());
        assert!(s.try_lock_mailbox("Other").is_err());
        drop(inbox);
    }),
    ("a release that nobody looks at", |s, _| {
        let inbox = s.lock_mailbox("INBOX").unwrap();
        let _ = inbox.release();
    }),
];

/// The first thousand may fill what is kept; nine thousand more keep nothing, and need no more than
/// a hundred do.
#[test]
fn ten_thousand_cycles_keep_nothing() {
    for (name, cycle) in CYCLES {
        let session = session();
        (0..1_000).for_each(|number| cycle(&session, number));
        let (few, ()) = cost(|| (1_000..1_100).for_each(|number| cycle(&session, number)));
        let (many, ()) = cost(|| (1_100..10_000).for_each(|number| cycle(&session, number)));
        assert!(many.kept <= 64, "{name}: {few:?} {many:?}");
        assert!(many.peak <= few.peak + 256, "{name}: {few:?} {many:?}");
        session.noop().unwrap();
    }
}
