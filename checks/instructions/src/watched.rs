//! Watches that wait for one of many servers: each is inside a transport, and one of them reports changes.

use std::io::{self, Read, Write};
use std::os::fd::AsFd;
use std::os::unix::net::UnixDatagram;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use latchbox::transport::{Descriptor, Transport};
use latchbox::watch::{WatchItem, WatchRequest, Watches};
use latchbox::{Client, Error, Session};

/// How many changes are counted.
const CHANGES: usize = 10;

/// Events that come sooner after a look are one look with it.
const LOOK_GAP: Duration = Duration::from_millis(60);

const CAPABILITIES: &str = "IMAP4rev1 IDLE ENABLE CONDSTORE QRESYNC ESEARCH LITERAL+";

/// What the server of a connection is to send, and what it knows.
struct State {
    ready: Vec<u8>,
    mod_seq: u64,
    /// The tag of the IDLE that is in flight.
    idle: Option<String>,
}

/// The server, which answers at once. What it does is counted too: it is the same for each change.
struct IdleServer {
    state: Arc<Mutex<State>>,
    line: Vec<u8>,
    /// Readable after a change.
    ear: UnixDatagram,
}

/// So many watches, of which one mailbox changes [`CHANGES`] times, as `counted` work.
pub(crate) fn changes(
    watches: usize,
    counted: impl FnOnce(&mut dyn FnMut() -> latchbox::Result<u64>) -> latchbox::Result<u64>,
) -> latchbox::Result<u64> {
    let (bell, ear) = UnixDatagram::pair().map_err(Error::Resources)?;
    let all = Watches::new()?;
    let state = add(&all, ear)?;
    for _ in 1..watches {
        // Nothing ever comes here.
        add(&all, UnixDatagram::unbound().map_err(Error::Resources)?)?;
    }
    let mut listening = 0;
    while listening < watches {
        let item = next(&all)?;
        listening += usize::from(matches!(item, WatchItem::UpToDate));
    }
    // The step of each after that item.
    while all.try_next()?.is_some() {}
    counted(&mut || {
        let mut changed = 0;
        for _ in 0..CHANGES {
            std::thread::sleep(LOOK_GAP);
            change(&state);
            bell.send(b"x").map_err(Error::Resources)?;
            changed += u64::from(matches!(next(&all)?, WatchItem::Changes { .. }));
        }
        Ok(changed)
    })
}

/// Adds a watch of its own session, which waits for this descriptor.
fn add(watches: &Watches, ear: UnixDatagram) -> latchbox::Result<Arc<Mutex<State>>> {
    ear.set_nonblocking(true).map_err(Error::Resources)?;
    let state = Arc::new(Mutex::new(State {
        ready: format!("* OK [CAPABILITY {CAPABILITIES}] hello\r\n").into_bytes(),
        mod_seq: 5,
        idle: None,
    }));
    let served = IdleServer {
        state: Arc::clone(&state),
        line: Vec::new(),
        ear,
    };
    watches.add(WatchRequest::new(Arc::new(session(served)?)).mailbox("INBOX", None))?;
    Ok(state)
}

fn session(served: IdleServer) -> latchbox::Result<Session> {
    let client = Client::builder("localhost")
        .danger_plaintext()
        .danger_cleartext_login()
        .connect_transport(served)?;
    client.login("me", "secret").map_err(Error::from)
}

fn next(watches: &Watches) -> latchbox::Result<WatchItem> {
    let next = watches.next()?.map(|(_, item)| item);
    match next {
        Some(WatchItem::Ended(error) | WatchItem::Disconnected { error, .. }) => Err(error),
        Some(item) => Ok(item),
        None => Err(Error::Resources(io::ErrorKind::UnexpectedEof.into())),
    }
}

/// The flags of a message change.
#[inline(never)]
fn change(state: &Mutex<State>) {
    let mut state = lock(state);
    state.mod_seq += 1;
    let mod_seq = state.mod_seq;
    let report = format!("* 2 FETCH (UID 2 FLAGS (\\Seen) MODSEQ ({mod_seq}))\r\n");
    state.ready.extend_from_slice(report.as_bytes());
}

impl State {
    fn answer(&mut self, line: &str) {
        if line == "DONE" {
            let tag = self.idle.take().unwrap_or_default();
            return self.say(&format!("{tag} OK done\r\n"));
        }
        let (tag, command) = line.split_once(' ').unwrap_or((line, ""));
        let mut words = command.split(' ');
        let data = match (words.next().unwrap_or_default(), words.next()) {
            ("LOGIN" | "CAPABILITY", _) => format!("* CAPABILITY {CAPABILITIES}\r\n"),
            ("ENABLE", _) => "* ENABLED CONDSTORE QRESYNC\r\n".to_owned(),
            ("EXAMINE", _) => self.selected(command),
            ("UID", Some("FETCH")) => (1..=3).map(|uid| self.row(uid)).collect(),
            ("UID", Some("SEARCH")) => format!("* ESEARCH (TAG \"{tag}\") UID ALL 1:3\r\n"),
            ("IDLE", _) => {
                self.idle = Some(tag.to_owned());
                return self.say("+ idling\r\n");
            }
            _ => String::new(),
        };
        self.say(&format!("{data}{tag} OK done\r\n"));
    }

    /// The mailbox; to a request for changes, with the change that there is.
    fn selected(&self, command: &str) -> String {
        let changed = match command.contains("QRESYNC") {
            true => self.row(2),
            false => String::new(),
        };
        format!(
            "* OK [CLOSED] another was selected\r\n* 3 EXISTS\r\n* OK [UIDVALIDITY 1]\r\n* OK [UIDNEXT 4]\r\n\
             * OK [HIGHESTMODSEQ {}]\r\n{changed}",
            self.mod_seq
        )
    }

    fn row(&self, uid: u32) -> String {
        let mod_seq = if uid == 2 { self.mod_seq } else { 5 };
        format!("* {uid} FETCH (UID {uid} FLAGS (\\Seen) MODSEQ ({mod_seq}))\r\n")
    }

    fn say(&mut self, text: &str) {
        self.ready.extend_from_slice(text.as_bytes());
    }
}

/// A panic leaves the state consistent.
fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Read for IdleServer {
    #[inline(never)]
    fn read(&mut self, place: &mut [u8]) -> io::Result<usize> {
        let mut state = lock(&self.state);
        let count = state.ready.len().min(place.len());
        if let (Some(to), Some(from)) = (place.get_mut(..count), state.ready.get(..count)) {
            to.copy_from_slice(from);
        }
        state.ready.drain(..count);
        if state.ready.is_empty() {
            let _ = self.ear.recv(&mut [0]);
        }
        match count {
            0 => Err(io::ErrorKind::WouldBlock.into()),
            count => Ok(count),
        }
    }
}

impl Write for IdleServer {
    #[inline(never)]
    fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        self.line.extend_from_slice(octets);
        while let Some(end) = self.line.iter().position(|octet| *octet == b'\n') {
            let line: Vec<u8> = self.line.drain(..=end).collect();
            lock(&self.state).answer(String::from_utf8_lossy(&line).trim_end());
        }
        Ok(octets.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Transport for IdleServer {
    fn set_nonblocking(&mut self, _nonblocking: bool) -> bool {
        true
    }

    fn descriptor(&self) -> Option<Descriptor<'_>> {
        Some(self.ear.as_fd())
    }
}
