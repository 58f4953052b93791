//! A server inside a transport that takes commands apart by itself, and writes them down; and what
//! is wrong with a line whatever the command is.

use std::fmt;
use std::io::{self, Read, Write};
use std::sync::{Arc, Mutex};

use latchbox::transport::Transport;

/// What a server can do that changes how a value is sent.
#[derive(Clone, Copy, Debug)]
pub(super) struct Kind {
    /// Beyond what every one of them has.
    pub(super) capabilities: &'static str,
    /// The longest literal that need not wait.
    at_once: usize,
    utf8: bool,
    binary: bool,
}

impl Kind {
    /// The first of them is tried with everything, the others with what may have to be a literal.
    pub(super) fn matters_for(self, payload: &[u8]) -> bool {
        let is_plain = |octet: &u8| octet.is_ascii() && !octet.is_ascii_control();
        let is_first = !self.binary && !self.utf8;
        is_first || payload.len() > 1000 || !payload.iter().all(is_plain)
    }
}

pub(super) const KINDS: [Kind; 4] = [
    Kind {
        capabilities: "IMAP4rev1",
        at_once: 0,
        utf8: false,
        binary: false,
    },
    Kind {
        capabilities: "IMAP4rev1 LITERAL+ BINARY",
        at_once: usize::MAX,
        utf8: false,
        binary: true,
    },
    Kind {
        capabilities: "IMAP4rev1 LITERAL- UTF8=ACCEPT",
        at_once: 4096,
        utf8: true,
        binary: false,
    },
    Kind {
        capabilities: "IMAP4rev1 IMAP4rev2 LITERAL+ BINARY UTF8=ACCEPT",
        at_once: usize::MAX,
        utf8: true,
        binary: true,
    },
];

/// Extensions of every one of them.
pub(super) const EVERYONE: &str = "UIDPLUS MOVE ENABLE ID NAMESPACE ACL QUOTA QUOTASET METADATA \
    LIST-EXTENDED LIST-STATUS LIST-METADATA SPECIAL-USE CREATE-SPECIAL-USE CONDSTORE SORT \
    SORT=DISPLAY THREAD=REFERENCES THREAD=BENIGN THREAD=OTHER ESEARCH ESORT SEARCHRES MULTISEARCH NOTIFY MULTIAPPEND CATENATE \
    REPLACE OBJECTID WITHIN FILTERS LANGUAGE X-GM-EXT-1 UNSELECT QUOTA=RES-STORAGE";

/// A piece of a command.
#[derive(Clone, PartialEq, Eq)]
pub(super) enum Token {
    Space,
    Open,
    Close,
    /// An atom, the text of a quoted string, or a literal.
    Value(Vec<u8>),
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Space => f.write_str("_"),
            Self::Open => f.write_str("("),
            Self::Close => f.write_str(")"),
            Self::Value(value) => {
                let shown = &value[..value.len().min(60)];
                write!(f, "{:?}", shown.escape_ascii().to_string())
            }
        }
    }
}

/// What came: whole commands, without their tags, and what was wrong with them.
#[derive(Clone, Default)]
pub(super) struct Record(Arc<Mutex<Recorded>>);

#[derive(Default)]
struct Recorded {
    commands: Vec<Vec<Token>>,
    faults: Vec<String>,
}

impl Record {
    /// What came since this was asked last.
    pub(super) fn take(&self) -> Vec<Vec<Token>> {
        std::mem::take(&mut self.0.lock().unwrap().commands)
    }

    pub(super) fn faults(&self) -> Vec<String> {
        self.0.lock().unwrap().faults.clone()
    }
}

pub(super) struct Recorder {
    kind: Kind,
    capabilities: String,
    record: Record,
    /// The command until now.
    tokens: Vec<Token>,
    line: Vec<u8>,
    literal: Option<(usize, Vec<u8>)>,
    /// Lines of a SASL exchange are due.
    exchange: u32,
    tag: Vec<u8>,
    ready: Vec<u8>,
    is_utf8_on: bool,
}

impl Recorder {
    pub(super) fn new(kind: Kind, mechanism: &str, record: Record) -> Self {
        let capabilities = format!("{} {EVERYONE} {mechanism}", kind.capabilities);
        Self {
            kind,
            record,
            tokens: Vec::new(),
            line: Vec::new(),
            literal: None,
            exchange: 0,
            tag: Vec::new(),
            ready: format!("* OK [CAPABILITY {capabilities}] ready\r\n").into_bytes(),
            is_utf8_on: false,
            capabilities,
        }
    }

    fn fault(&self, text: impl Into<String>) {
        self.record.0.lock().unwrap().faults.push(text.into());
    }

    fn say(&mut self, text: &str) {
        self.ready.extend_from_slice(text.as_bytes());
        self.ready.extend_from_slice(b"\r\n");
    }

    fn heard(&mut self, octet: u8) {
        if let Some((left, octets)) = &mut self.literal {
            octets.push(octet);
            if octets.len() == *left {
                let (_, octets) = self.literal.take().unwrap();
                self.tokens.push(Token::Value(octets));
            }
            return;
        }
        self.line.push(octet);
        if octet == b'\n' {
            self.line_ended();
        }
    }

    fn line_ended(&mut self) {
        let line = std::mem::take(&mut self.line);
        let Some(text) = line.strip_suffix(b"\r\n") else {
            return self.fault(format!("a bare LF: {}", line.escape_ascii()));
        };
        if text.iter().any(|octet| matches!(octet, b'\r' | b'\n' | 0)) {
            self.fault(format!("CR or NUL: {}", text.escape_ascii()));
        }
        if !text.is_ascii() && !self.is_utf8_on {
            self.fault(format!("8-bit: {}", text.escape_ascii()));
        }
        if std::str::from_utf8(text).is_err() {
            self.fault(format!("no UTF-8: {}", text.escape_ascii()));
        }
        if self.exchange > 0 {
            return self.heard_message(text);
        }
        let (text, announced) = match self.announced(text) {
            Some((rest, length)) => (rest.to_vec(), Some(length)),
            None => (text.to_vec(), None),
        };
        self.take_apart(&text);
        match announced {
            Some(0) => self.tokens.push(Token::Value(Vec::new())),
            Some(length) => self.literal = Some((length, Vec::new())),
            None => self.command_ended(),
        }
    }

    /// The line without the announcement of a literal, and its length.
    fn announced<'l>(&mut self, text: &'l [u8]) -> Option<(&'l [u8], usize)> {
        let inner = text.strip_suffix(b"}")?;
        let open = inner.iter().rposition(|octet| *octet == b'{')?;
        let (number, waits) = match inner[open + 1..].strip_suffix(b"+") {
            Some(number) => (number, false),
            None => (&inner[open + 1..], true),
        };
        let number = std::str::from_utf8(number).ok()?;
        let length = number.parse().ok()?;
        // Inside of a quoted string it is none; the string would not be closed then.
        let quotes = text.iter().enumerate().filter(|(at, octet)| {
            **octet == b'"'
                && text[..*at]
                    .iter()
                    .rev()
                    .take_while(|o| **o == b'\\')
                    .count()
                    % 2
                    == 0
        });
        if quotes.count() % 2 == 1 {
            self.fault(format!("an open string: {}", text.escape_ascii()));
        }
        let rest = &text[..open];
        let (rest, is_8) = match rest.strip_suffix(b"~") {
            Some(rest) => (rest, true),
            None => (rest, false),
        };
        // The value of an entry may be one on every server with METADATA (RFC 5464 section 5), and
        // what a raw command says is one is one.
        let may_be_8 = text.windows(12).any(|words| words == b" SETMETADATA")
            || text.windows(6).any(|words| words == b" XFOO ");
        if is_8 && !(self.kind.binary || self.is_utf8_on || may_be_8) {
            self.fault("a literal8 without BINARY");
        }
        match waits {
            true => self.say("+ go on"),
            false if length > self.kind.at_once => {
                self.fault(format!("a literal of {length} at once"));
            }
            false => {}
        }
        Some((rest, length))
    }

    fn take_apart(&mut self, mut text: &[u8]) {
        while let Some((first, rest)) = text.split_first() {
            let token = match first {
                b' ' => Token::Space,
                b'(' => Token::Open,
                b')' => Token::Close,
                b'"' => {
                    let Some((value, after)) = quoted(rest) else {
                        return self.fault(format!("an open string: {}", text.escape_ascii()));
                    };
                    // Some servers take no literal for the name of a field.
                    if value.len() > 4096 && !self.is_in_section() {
                        self.fault(format!("a quoted string of {} octets", value.len()));
                    }
                    text = after;
                    self.tokens.push(Token::Value(value));
                    continue;
                }
                _ => {
                    let is_end = |octet: &u8| matches!(octet, b' ' | b'(' | b')' | b'"');
                    let end = text.iter().position(is_end).unwrap_or(text.len());
                    self.tokens.push(Token::Value(text[..end].to_vec()));
                    text = &text[end..];
                    continue;
                }
            };
            self.tokens.push(token);
            text = rest;
        }
    }

    fn is_in_section(&self) -> bool {
        let last = self.tokens.iter().rev().nth(1);
        matches!(last, Some(Token::Space))
            && self.tokens.iter().any(|token| match token {
                Token::Value(value) => value.windows(14).any(|part| part == b"[HEADER.FIELDS"),
                _ => false,
            })
    }

    fn command_ended(&mut self) {
        let mut tokens = std::mem::take(&mut self.tokens).into_iter();
        let Some(Token::Value(tag)) = tokens.next() else {
            return self.fault("no tag");
        };
        if !tag.iter().all(u8::is_ascii_alphanumeric) || tokens.next() != Some(Token::Space) {
            self.fault(format!("no tag: {}", tag.escape_ascii()));
        }
        let tokens: Vec<Token> = tokens.collect();
        self.tag = tag;
        let words: Vec<String> = tokens
            .iter()
            .filter_map(|token| match token {
                Token::Value(value) => Some(String::from_utf8_lossy(value).into_owned()),
                _ => None,
            })
            .collect();
        self.record.0.lock().unwrap().commands.push(tokens);
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        self.answer(&words);
    }

    fn answer(&mut self, words: &[&str]) {
        let tag = String::from_utf8_lossy(&self.tag).into_owned();
        match words {
            ["CAPABILITY"] => {
                let text = format!("* CAPABILITY {}", self.capabilities);
                self.say(&text);
            }
            ["AUTHENTICATE", name, ..] => {
                self.exchange = if *name == "LOGIN" { 2 } else { 1 };
                if words.len() > 2 {
                    self.exchange -= 1;
                }
                if self.exchange > 0 {
                    return self.say("+ ");
                }
            }
            // An empty message calls the command off (RFC 3502 section 3).
            ["APPEND", .., ""] => {
                let no = format!("{tag} NO called off");
                return self.say(&no);
            }
            ["ENABLE", names @ ..] => {
                self.is_utf8_on = self.kind.utf8;
                let text = format!("* ENABLED {}", names.join(" "));
                self.say(&text);
            }
            ["SELECT" | "EXAMINE", ..] => {
                self.say("* 3 EXISTS\r\n* FLAGS (\\Seen \\Flagged)\r\n* OK [UIDVALIDITY 7] x");
                self.say("* OK [UIDNEXT 10] x\r\n* OK [PERMANENTFLAGS (\\Seen \\*)] x");
            }
            ["UID", "SEARCH", rest @ ..] | ["SEARCH", rest @ ..] => {
                match rest.first() == Some(&"RETURN") {
                    true => {
                        let text = format!("* ESEARCH (TAG \"{tag}\") UID COUNT 2 ALL 1:2");
                        self.say(&text);
                    }
                    false => self.say("* SEARCH 1 2"),
                }
            }
            _ => {}
        }
        let done = format!("{tag} OK done");
        self.say(&done);
    }

    /// What the client says in an exchange is base64 and nothing else.
    fn heard_message(&mut self, text: &[u8]) {
        let is_base64 = |octet: &u8| octet.is_ascii_alphanumeric() || b"+/=".contains(octet);
        if !text.iter().all(is_base64) {
            self.fault(format!("no base64: {}", text.escape_ascii()));
        }
        let message = vec![Token::Value(text.to_vec())];
        self.record.0.lock().unwrap().commands.push(message);
        self.exchange -= 1;
        let answer = match self.exchange {
            0 => format!("{} OK done", String::from_utf8_lossy(&self.tag)),
            _ => "+ ".to_owned(),
        };
        self.say(&answer);
    }
}

/// What stands in the string that has begun, and what follows it.
fn quoted(text: &[u8]) -> Option<(Vec<u8>, &[u8])> {
    let mut value = Vec::new();
    let mut octets = text.iter().enumerate();
    loop {
        match octets.next()? {
            (at, b'"') => return Some((value, &text[at + 1..])),
            (_, b'\\') => match octets.next()?.1 {
                escaped @ (b'"' | b'\\') => value.push(*escaped),
                _ => return None,
            },
            (_, octet) => value.push(*octet),
        }
    }
}

impl Read for Recorder {
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

impl Write for Recorder {
    fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        octets.iter().for_each(|octet| self.heard(*octet));
        Ok(octets.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Transport for Recorder {}
