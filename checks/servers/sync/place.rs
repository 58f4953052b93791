//! The servers of these checks, and a user on one of them whom no other check has.

use std::cell::RefCell;
use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::rc::Rc;
use std::sync::{Arc, Mutex, OnceLock};

use latchbox::Session;
use latchbox::sync::Way;

use super::reader::{Access, Seen};
use crate::sessions::{log_in_as, plaintext};
use crate::support::dovecot::{Dovecot, User, dovecot};
use crate::support::servers::{self, Server};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Dovecot,
    Cyrus,
    Courier,
    Imap4d,
}

pub(crate) struct Place {
    pub(crate) kind: Kind,
    pub(crate) access: Access,
    /// What stands before the names of mailboxes.
    prefix: &'static str,
    /// On Dovecot.
    pub(crate) user: Option<User>,
    other: RefCell<Option<Rc<Session>>>,
}

/// What a session has sent and received.
#[derive(Clone, Debug, Default)]
pub(crate) struct Wire(Arc<Mutex<Vec<u8>>>);

/// A connection that keeps a copy of both directions.
struct Recorded {
    stream: TcpStream,
    wire: Wire,
}

impl Kind {
    pub(crate) fn server(self) -> &'static Server {
        static SERVERS: [OnceLock<Server>; 3] = [const { OnceLock::new() }; 3];
        let (place, start): (usize, fn() -> Result<Server, String>) = match self {
            Self::Dovecot => panic!("it has its own"),
            Self::Cyrus => (0, servers::cyrus),
            Self::Courier => (1, servers::courier),
            Self::Imap4d => (2, servers::imap4d),
        };
        SERVERS[place].get_or_init(|| start().unwrap())
    }

    /// The best that it has.
    pub(crate) fn best(self) -> Way {
        match self {
            Self::Dovecot | Self::Cyrus => Way::Qresync,
            Self::Courier | Self::Imap4d => Way::Comparison,
        }
    }
}

impl Place {
    pub(crate) fn new(kind: Kind) -> Self {
        if kind == Kind::Dovecot {
            return Self::on(dovecot());
        }
        let server = kind.server();
        let access = Access {
            port: server.running.port(),
            user: server.user(),
            password: server.password().to_owned(),
        };
        Self {
            kind,
            access,
            prefix: server.prefix,
            user: None,
            other: RefCell::default(),
        }
    }

    /// A user of a Dovecot.
    pub(crate) fn on(server: &Dovecot) -> Self {
        let user = server.user();
        Self {
            kind: Kind::Dovecot,
            access: Access {
                port: server.port(),
                user: user.name().to_owned(),
                password: user.password().to_owned(),
            },
            prefix: "",
            user: Some(user),
            other: RefCell::default(),
        }
    }

    /// The name of a mailbox of this user's, as the server has it.
    pub(crate) fn mailbox(&self, name: &str) -> String {
        format!("{}{name}", self.prefix)
    }

    /// A session that sees everything as it is now.
    #[track_caller]
    pub(crate) fn session(&self) -> Session {
        let client = plaintext(self.access.port).connect().unwrap();
        log_in_as(client, &self.access.user, &self.access.password)
    }

    /// The session of the other client.
    #[track_caller]
    pub(crate) fn other(&self) -> Rc<Session> {
        let mut other = self.other.borrow_mut();
        let other = other.get_or_insert_with(|| Rc::new(self.session()));
        Rc::clone(other)
    }

    /// The other client has lost its connection.
    pub(crate) fn lose_other(&self) {
        *self.other.borrow_mut() = None;
    }

    /// A session whose octets are recorded.
    #[track_caller]
    pub(crate) fn recorded(&self) -> (Session, Wire) {
        let stream = TcpStream::connect(("127.0.0.1", self.access.port)).unwrap();
        stream.set_nodelay(true).unwrap();
        let wire = Wire::default();
        let recorded = Recorded {
            stream,
            wire: wire.clone(),
        };
        let client = plaintext(self.access.port).connect_stream(recorded);
        let (user, password) = (&self.access.user, &self.access.password);
        (log_in_as(client.unwrap(), user, password), wire)
    }

    /// What another client sees.
    #[track_caller]
    pub(crate) fn seen(&self, mailbox: &str) -> Seen {
        let seen = self.access.seen(mailbox);
        seen.unwrap_or_else(|said| panic!("{mailbox} on {:?}: {said}", self.kind))
    }
}

impl Place {
    /// On imap4d the newest message gets another UID each time, until it has been selected by SELECT.
    #[track_caller]
    pub(crate) fn settle(&self, mailbox: &str) {
        if self.kind == Kind::Imap4d {
            let session = self.session();
            drop(session.lock_mailbox(mailbox).unwrap());
            session.logout().unwrap();
        }
    }
}

impl Wire {
    /// Forgets what has passed, and returns it.
    pub(crate) fn take(&self) -> String {
        let octets = std::mem::take(&mut *self.0.lock().unwrap());
        String::from_utf8_lossy(&octets).into_owned()
    }

    /// What has passed.
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().unwrap()).into_owned()
    }

    fn add(&self, side: &str, octets: &[u8]) {
        let mut wire = self.0.lock().unwrap();
        for line in octets.split_inclusive(|octet| *octet == b'\n') {
            if wire.last().is_none_or(|last| *last == b'\n') {
                wire.extend_from_slice(side.as_bytes());
            }
            wire.extend_from_slice(line);
        }
    }
}

/// The commands in what has passed, without their tags.
pub(crate) fn commands(wire: &str) -> Vec<&str> {
    let lines = wire.lines().filter_map(|line| line.strip_prefix("C: "));
    let commands = lines.filter_map(|line| line.split_once(' '));
    commands.map(|(_, command)| command).collect()
}

impl Read for Recorded {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.stream.read(buffer)?;
        self.wire.add("S: ", &buffer[..count]);
        Ok(count)
    }
}

impl Write for Recorded {
    fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        let count = self.stream.write(octets)?;
        self.wire.add("C: ", &octets[..count]);
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.stream.flush()
    }
}
