//! What a server has, as seen by a client that is not ours: Python's imaplib, in a process beside.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::Mutex;

/// The flags of a message, in lower case and without `\Recent`.
pub(crate) type Flags = BTreeSet<String>;

/// A mailbox as the server shows it to that client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Seen {
    pub(crate) uid_validity: u32,
    pub(crate) uid_next: u32,
    pub(crate) messages: BTreeMap<u32, Flags>,
}

/// Whom the server lets in, and where.
#[derive(Clone, Debug)]
pub(crate) struct Access {
    pub(crate) port: u16,
    pub(crate) user: String,
    pub(crate) password: String,
}

struct Reader {
    /// Ends when nothing more can come from us.
    _child: Child,
    questions: ChildStdin,
    answers: BufReader<ChildStdout>,
}

/// Those that read nothing at the moment.
static IDLE: Mutex<Vec<Reader>> = Mutex::new(Vec::new());

impl Access {
    /// The mailbox, on a connection of its own; what the server said if it does not let it be
    /// selected.
    #[track_caller]
    pub(crate) fn seen(&self, mailbox: &str) -> Result<Seen, String> {
        self.read(mailbox, "all")
    }

    /// UIDNEXT, whatever happens to the messages meanwhile.
    #[track_caller]
    pub(crate) fn uid_next(&self, mailbox: &str) -> u32 {
        self.read(mailbox, "status").unwrap().uid_next
    }

    #[track_caller]
    fn read(&self, mailbox: &str, what: &str) -> Result<Seen, String> {
        let idle = IDLE.lock().unwrap().pop();
        let mut reader = idle.unwrap_or_else(Reader::start);
        let seen = reader.read(self, mailbox, what);
        IDLE.lock().unwrap().push(reader);
        seen
    }
}

impl Reader {
    fn start() -> Self {
        let child = Command::new("python3")
            .args(["-c", include_str!("read.py")])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn();
        let mut child = child.expect("python3 reads what the servers have");
        Self {
            questions: child.stdin.take().unwrap(),
            answers: BufReader::new(child.stdout.take().unwrap()),
            _child: child,
        }
    }

    #[track_caller]
    fn read(&mut self, access: &Access, mailbox: &str, what: &str) -> Result<Seen, String> {
        let Access {
            port,
            user,
            password,
        } = access;
        writeln!(
            self.questions,
            "{port}\t{user}\t{password}\t{mailbox}\t{what}"
        )
        .unwrap();
        let first = self.line();
        if let Some(said) = first.strip_prefix("none ") {
            return Err(said.to_owned());
        }
        let (uid_validity, uid_next) = first.split_once(' ').unwrap();
        let mut messages = BTreeMap::new();
        loop {
            let line = self.line();
            if line == "end" {
                break;
            }
            let (uid, flags) = line.split_once(' ').unwrap();
            messages.insert(uid.parse().unwrap(), of(flags.split_whitespace()));
        }
        Ok(Seen {
            uid_validity: uid_validity.parse().unwrap(),
            uid_next: uid_next.parse().unwrap(),
            messages,
        })
    }

    #[track_caller]
    fn line(&mut self) -> String {
        let mut line = String::new();
        self.answers.read_line(&mut line).unwrap();
        let line = line.strip_suffix('\n');
        line.expect("imaplib reads the mailbox").to_owned()
    }
}

/// Flags as they are compared.
pub(crate) fn of<'f>(flags: impl Iterator<Item = &'f str>) -> Flags {
    let flags = flags.map(str::to_ascii_lowercase);
    flags.filter(|flag| flag != "\\recent").collect()
}
