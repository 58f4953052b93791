//! A server that holds each tagged command against what is selected on its connection, and has
//! bad moods.
//!
//! A mailbox command carries a mark that names what it is meant for: `rw-A-17` in a keyword or a
//! header field's name is the caller's seventeenth command, for mailbox A opened by SELECT. The
//! answer carries the number, so the caller can see whether it hears its own answer.

use std::collections::BTreeMap;
use std::io::{self, BufRead, BufReader, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use crate::support::chance::Chance;

/// How many messages a FETCH is answered with.
pub(super) const ROWS: u32 = 40;

/// The server; its threads end with the connections of their clients.
pub(super) struct Server {
    pub(super) port: u16,
    shared: Arc<Shared>,
}

struct Shared {
    seed: u64,
    violations: Mutex<Vec<String>>,
    counts: Mutex<BTreeMap<&'static str, u64>>,
}

impl Server {
    pub(super) fn start(seed: u64) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let shared = Arc::new(Shared {
            seed,
            violations: Mutex::default(),
            counts: Mutex::default(),
        });
        let server = Self {
            port,
            shared: Arc::clone(&shared),
        };
        thread::spawn(move || {
            for (number, socket) in (0..).zip(listener.incoming().flatten()) {
                let shared = Arc::clone(&shared);
                thread::spawn(move || Connection::new(number, socket, shared).serve());
            }
        });
        server
    }

    /// The commands that came while something else was selected.
    pub(super) fn violations(&self) -> Vec<String> {
        self.shared.violations.lock().unwrap().clone()
    }

    /// How often what happened.
    pub(super) fn counts(&self) -> BTreeMap<&'static str, u64> {
        self.shared.counts.lock().unwrap().clone()
    }
}

struct Connection {
    number: u64,
    socket: TcpStream,
    shared: Arc<Shared>,
    chance: Chance,
    /// As the marks name it: `rw-A`.
    selected: Option<String>,
    answer: String,
    /// The last commands, for the report.
    past: Vec<String>,
}

impl Connection {
    fn new(number: u64, socket: TcpStream, shared: Arc<Shared>) -> Self {
        let chance = Chance::new(shared.seed.wrapping_add(number << 20));
        Self {
            number,
            socket,
            shared,
            chance,
            selected: None,
            answer: String::new(),
            past: Vec::new(),
        }
    }

    fn serve(mut self) {
        // Whatever breaks here is the client's to notice.
        let _ = self.talk();
        let _ = self.socket.shutdown(Shutdown::Both);
    }

    fn talk(&mut self) -> io::Result<()> {
        self.socket.set_nodelay(true)?;
        self.count("connections");
        let capabilities = "[CAPABILITY IMAP4rev1 UNSELECT] ready";
        self.socket
            .write_all(format!("* OK {capabilities}\r\n").as_bytes())?;
        let mut lines = BufReader::new(self.socket.try_clone()?);
        let mut line = String::new();
        while lines.read_line(&mut line)? > 0 {
            let (tag, command) = line.trim_end().split_once(' ').unwrap_or_default();
            self.past.push(command.to_owned());
            self.answer.clear();
            self.news();
            self.obey(tag, command);
            if command != "LOGOUT" && !command.starts_with("LOGIN") && self.breaks()? {
                return Ok(());
            }
            self.socket.write_all(self.answer.as_bytes())?;
            line.clear();
        }
        Ok(())
    }

    fn obey(&mut self, tag: &str, command: &str) {
        let verb = command.split(' ').next().unwrap_or_default();
        match verb {
            "LOGIN" => self.say(&format!("{tag} OK [CAPABILITY IMAP4rev1 UNSELECT] in")),
            "SELECT" | "EXAMINE" => self.select(tag, verb, name_in(command)),
            "UNSELECT" | "CLOSE" => {
                self.expect_selected(command);
                self.selected = None;
                self.say(&format!("{tag} OK left"));
            }
            "STATUS" => {
                self.say(&format!("* STATUS {} (MESSAGES 1000)", name_in(command)));
                self.say(&format!("{tag} OK"));
            }
            "LOGOUT" | "NOOP" | "CAPABILITY" => self.say(&format!("{tag} OK")),
            _ => self.mailbox_command(tag, command),
        }
    }

    fn select(&mut self, tag: &str, verb: &str, name: &str) {
        self.count("selections");
        if self.selected.take().is_some() && self.chance.one_in(2) {
            self.say("* OK [CLOSED] the one before");
        }
        if self.chance.one_in(30) {
            self.count("refusals");
            self.say(&format!("{tag} NO not today"));
            return;
        }
        let is_refused = verb == "SELECT" && self.chance.one_in(30);
        let read_only = verb == "EXAMINE" || is_refused;
        let (mark, code) = match read_only {
            true => ("ro", "READ-ONLY"),
            false => ("rw", "READ-WRITE"),
        };
        if is_refused {
            self.count("read-only instead");
        }
        self.selected = Some(format!("{mark}-{}", name.trim_matches('"')));
        self.say("* 1000 EXISTS\r\n* FLAGS (\\Seen)\r\n* OK [PERMANENTFLAGS (\\Seen \\*)] all");
        self.say(&format!(
            "* OK [UIDVALIDITY 7] {name}\r\n{tag} OK [{code}] {name}"
        ));
    }

    /// A command that carries a mark.
    fn mailbox_command(&mut self, tag: &str, command: &str) {
        let is_mark = |text: &&str| text.starts_with("rw-") || text.starts_with("ro-");
        let mut words = command.split(|c: char| !(c.is_ascii_alphanumeric() || c == '-'));
        let mark = words.find(is_mark).unwrap_or_default();
        let (meant, number) = mark.rsplit_once('-').unwrap_or_default();
        self.count("marked commands");
        if self.selected.as_deref() != Some(meant) {
            self.violation(command);
            self.say(&format!("{tag} BAD it is not that mailbox"));
            return;
        }
        match command.split(' ').nth(1).unwrap_or_default() {
            "SEARCH" => self.say(&format!("* SEARCH {number}")),
            "FETCH" => {
                for row in 1..=ROWS {
                    let flags = format!("* {row} FETCH (UID {row} FLAGS ({mark})");
                    let body = format!("BODY[HEADER.FIELDS ({mark})] {{2}}\r\n");
                    self.say(&format!("{flags} {body}\r\n)"));
                }
            }
            _ => {}
        }
        if self.chance.one_in(100) {
            self.count("closed");
            self.selected = None;
            self.say("* OK [CLOSED] somebody deleted it");
        }
        self.say(&format!("{tag} OK"));
    }

    fn expect_selected(&mut self, command: &str) {
        if self.selected.is_none() {
            self.violation(command);
        }
    }

    /// Ends the connection now and then: in words, in the middle of them, or without.
    fn breaks(&mut self) -> io::Result<bool> {
        if self.chance.one_in(400) {
            self.count("byes");
            self.socket.write_all(b"* BYE enough\r\n")?;
            return Ok(true);
        }
        if self.chance.one_in(400) {
            self.count("cuts");
            let place = self.chance.below(self.answer.len() as u64 + 1) as usize;
            self.socket.write_all(&self.answer.as_bytes()[..place])?;
            return Ok(true);
        }
        Ok(false)
    }

    /// What belongs to the mailbox, but to no command.
    fn news(&mut self) {
        if self.selected.is_some() && self.chance.one_in(10) {
            let count = 1000 + self.chance.below(9);
            self.say(&format!("* {count} EXISTS"));
        }
    }

    fn say(&mut self, line: &str) {
        self.answer.push_str(line);
        self.answer.push_str("\r\n");
    }

    fn count(&self, what: &'static str) {
        *self.shared.counts.lock().unwrap().entry(what).or_default() += 1;
    }

    fn violation(&self, command: &str) {
        let selected = self.selected.as_deref().unwrap_or("nothing");
        let past = &self.past[self.past.len().saturating_sub(8)..];
        self.shared.violations.lock().unwrap().push(format!(
            "connection {}: {command:?} while {selected} is selected, after {past:#?}",
            self.number
        ));
    }
}

/// The mailbox of a command, in quotes.
fn name_in(command: &str) -> &str {
    command.split(' ').nth(1).unwrap_or_default()
}
