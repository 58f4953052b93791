//! A server inside a transport: it makes its answers up as they are read, and counts the calls.

use std::io::{self, IoSlice, Read, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

/// Kinds of rows.
#[derive(Clone, Copy)]
pub(crate) enum Rows {
    /// UID FLAGS.
    Flags,
    /// UID ENVELOPE BODYSTRUCTURE, with nothing that has to be decoded.
    Overview,
    /// UID BODY[], of [`body_of`] octets each.
    Bodies,
    /// UID BODY[], of so many octets each, made up as they are read.
    Long(usize),
}

/// How long the body of a message is: too long to lie whole in the read buffer with its row.
pub(crate) fn body_of(uid: u32) -> usize {
    70_000 + uid as usize % 7
}

impl Rows {
    fn write(self, uid: u32, to: &mut Vec<u8>) {
        match self {
            Rows::Flags => writeln!(to, "* {uid} FETCH (UID {uid} FLAGS (\\Seen $Work))\r"),
            Rows::Overview => {
                let one = "((\"Ann Example\" NIL \"ann\" \"example.org\"))";
                let part = "(\"text\" \"plain\" (\"charset\" \"utf-8\") NIL NIL \"7bit\" 7 1 NIL NIL NIL NIL)";
                let file = "(\"image\" \"png\" (\"name\" \"a.png\") \"<a>\" NIL \"base64\" 70 NIL \
                            (\"attachment\" (\"filename\" \"a.png\")) NIL NIL)";
                writeln!(
                    to,
                    "* {uid} FETCH (UID {uid} ENVELOPE (\"Mon, 7 Feb 1994 21:52:25 -0800\" \"the report\" {one} {one} \
                     {one} {one} NIL NIL NIL \"<{uid}@example.org>\") BODYSTRUCTURE ({part}{file} \"mixed\" \
                     (\"boundary\" \"b{uid}\") NIL NIL NIL))\r"
                )
            }
            Rows::Bodies => {
                let length = body_of(uid);
                write!(to, "* {uid} FETCH (UID {uid} BODY[] {{{length}}}\r\n").unwrap();
                to.resize(to.len() + length, b'x');
                writeln!(to, ")\r")
            }
            Rows::Long(length) => write!(to, "* {uid} FETCH (UID {uid} BODY[] {{{length}}}\r\n"),
        }
        .unwrap();
    }

    /// How long the rows of this many messages are.
    pub(crate) fn octets(self, count: u32) -> usize {
        let mut row = Vec::new();
        let length = |uid| {
            row.clear();
            self.write(uid, &mut row);
            row.len()
        };
        (1..=count).map(length).sum()
    }
}

/// How often the transport was read from and written to.
#[derive(Clone, Default)]
pub(crate) struct Calls(Arc<(AtomicUsize, AtomicUsize)>);

impl Calls {
    pub(crate) fn reads(&self) -> usize {
        self.0.0.load(Relaxed)
    }

    pub(crate) fn writes(&self) -> usize {
        self.0.1.load(Relaxed)
    }

    pub(crate) fn count_read(&self) {
        self.0.0.fetch_add(1, Relaxed);
    }

    pub(crate) fn count_write(&self) {
        self.0.1.fetch_add(1, Relaxed);
    }

    pub(crate) fn reset(&self) {
        self.0.0.store(0, Relaxed);
        self.0.1.store(0, Relaxed);
    }
}

/// What is left of an answer.
enum Left {
    Nothing,
    Fetch(u32),
    /// So many octets of a long body, and this message after it.
    Octets(usize, u32),
    Search(u32),
}

pub(crate) struct Served {
    capabilities: &'static str,
    rows: Rows,
    count: u32,
    /// The most octets of one read.
    read: usize,
    ready: Vec<u8>,
    at: usize,
    left: Left,
    /// The tag of the command, and a literal for which it waits.
    tag: Vec<u8>,
    expects_literal: bool,
    calls: Calls,
}

impl Served {
    pub(crate) fn new(capabilities: &'static str, rows: Rows, count: u32, read: usize) -> Self {
        let mut ready = Vec::with_capacity(600 << 10);
        write!(ready, "* OK [CAPABILITY {capabilities}] hello\r\n").unwrap();
        Self {
            capabilities,
            rows,
            count,
            read,
            ready,
            at: 0,
            left: Left::Nothing,
            tag: Vec::with_capacity(16),
            expects_literal: false,
            calls: Calls::default(),
        }
    }

    pub(crate) fn calls(&self) -> Calls {
        self.calls.clone()
    }

    /// Each write holds one command with its literal, the literal that was asked for, or commands
    /// without any.
    fn heard(&mut self, octets: &[u8]) {
        if std::mem::take(&mut self.expects_literal) {
            return self.done("[APPENDUID 1 7] done");
        }
        let has_literal = octets.windows(3).any(|part| part == b"}\r\n");
        match has_literal {
            true => self.heard_command(octets),
            false => octets
                .split_inclusive(|byte| *byte == b'\n')
                .for_each(|line| self.heard_command(line)),
        }
    }

    fn heard_command(&mut self, octets: &[u8]) {
        let line = octets.split(|byte| *byte == b'\n').next().unwrap();
        let mut words = line.split(|byte| matches!(byte, b' ' | b'\r'));
        self.tag.clear();
        self.tag.extend_from_slice(words.next().unwrap());
        let is = |word: &[u8]| line.windows(word.len()).any(|part| part == word);
        if is(b" FETCH ") {
            self.left = Left::Fetch(1);
        } else if is(b" SEARCH ") {
            self.ready.extend_from_slice(b"* SEARCH");
            self.left = Left::Search(1);
        } else if is(b" APPEND ") && line.ends_with(b"+}\r") {
            self.done("[APPENDUID 1 7] done");
        } else if is(b" APPEND ") {
            self.expects_literal = true;
            self.ready.extend_from_slice(b"+ go on\r\n");
        } else if is(b" EXAMINE ") {
            let count = self.count;
            write!(self.ready, "* {count} EXISTS\r\n* OK [UIDVALIDITY 1]\r\n").unwrap();
            self.done("[READ-ONLY] done");
        } else if is(b" LOGIN ") {
            let capabilities = self.capabilities;
            write!(self.ready, "* CAPABILITY {capabilities}\r\n").unwrap();
            self.done("done");
        } else {
            self.done("done");
        }
    }

    fn done(&mut self, text: &str) {
        self.ready.extend_from_slice(&self.tag);
        write!(self.ready, " OK {text}\r\n").unwrap();
    }

    /// Makes more of the answer.
    fn go_on(&mut self) {
        self.ready.clear();
        self.at = 0;
        while self.ready.len() < 512 << 10 {
            match self.left {
                Left::Nothing => return,
                Left::Fetch(uid) if uid > self.count => {
                    self.left = Left::Nothing;
                    self.done("done");
                }
                Left::Fetch(uid) => {
                    self.rows.write(uid, &mut self.ready);
                    self.left = match self.rows {
                        Rows::Long(length) => Left::Octets(length, uid + 1),
                        _ => Left::Fetch(uid + 1),
                    };
                }
                Left::Octets(0, next) => {
                    self.ready.extend_from_slice(b")\r\n");
                    self.left = Left::Fetch(next);
                }
                Left::Octets(left, next) => {
                    let now = left.min((512 << 10) - self.ready.len());
                    self.ready.resize(self.ready.len() + now, b'x');
                    self.left = Left::Octets(left - now, next);
                }
                Left::Search(uid) if uid > self.count => {
                    self.left = Left::Nothing;
                    self.ready.extend_from_slice(b"\r\n");
                    self.done("done");
                }
                Left::Search(uid) => {
                    write!(self.ready, " {uid}").unwrap();
                    self.left = Left::Search(uid + 1);
                }
            }
        }
    }
}

impl Read for Served {
    fn read(&mut self, place: &mut [u8]) -> io::Result<usize> {
        self.calls.count_read();
        if self.at == self.ready.len() {
            self.go_on();
        }
        let rest = &self.ready[self.at..];
        let count = rest.len().min(place.len()).min(self.read);
        place[..count].copy_from_slice(&rest[..count]);
        self.at += count;
        Ok(count)
    }
}

impl Write for Served {
    fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        self.calls.count_write();
        self.heard(octets);
        Ok(octets.len())
    }

    fn write_vectored(&mut self, pieces: &[IoSlice<'_>]) -> io::Result<usize> {
        self.calls.count_write();
        self.heard(&pieces[0]);
        Ok(pieces.iter().map(|piece| piece.len()).sum())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl latchbox::transport::Transport for Served {}
