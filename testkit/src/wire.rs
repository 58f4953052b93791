//! A connection's lines: commands in with their literals, responses out, and the record of both.

use std::io::{self, ErrorKind, Read as _, Write as _};
use std::sync::Arc;

use crate::builder::Literals;
use crate::preset::Preset;
use crate::reply::Reply;
use crate::server::Shared;
use crate::socket::Socket;
use crate::stream::Stream;
use crate::timeline::Direction;

/// How long a line may be.
const LINE: usize = 1 << 20;

/// How much is gathered before it is sent.
const GATHER: usize = 64 << 10;

/// A connection's bytes in both directions.
#[derive(Debug)]
pub(crate) struct Wire {
    pub(crate) stream: Stream,
    id: u64,
    shared: Arc<Shared>,
    input: Vec<u8>,
    taken: usize,
    output: Vec<u8>,
    /// The first line of the command that is executed.
    pub(crate) command_line: String,
}

/// A literal that a line announces at its end.
struct Announced {
    octets: u32,
    synchronizing: bool,
}

impl Wire {
    pub(crate) fn new(shared: &Arc<Shared>, id: u64, socket: Socket) -> Self {
        Self {
            stream: Stream::new(socket, shared, id),
            id,
            shared: Arc::clone(shared),
            input: Vec::new(),
            taken: 0,
            output: Vec::new(),
            command_line: String::new(),
        }
    }

    /// The well-known server that is played.
    pub(crate) fn preset(&self) -> Option<Preset> {
        self.shared.settings.preset
    }

    /// Queues a response as it is.
    pub(crate) fn queue(&mut self, reply: &Reply) -> io::Result<()> {
        self.shared
            .timeline
            .record(self.id, Direction::Server, &reply.shown);
        self.output.extend_from_slice(&reply.bytes);
        self.output.extend_from_slice(b"\r\n");
        if self.output.len() >= GATHER {
            self.flush()
        } else {
            Ok(())
        }
    }

    /// Lets the last line that is queued end in LF alone.
    pub(crate) fn take_last_cr(&mut self) {
        if self.output.ends_with(b"\r\n") {
            self.output.truncate(self.output.len() - 2);
            self.output.push(b'\n');
        }
    }

    /// Queues a response that is all text.
    pub(crate) fn say(&mut self, text: &str) -> io::Result<()> {
        self.send(&Reply::new(text))
    }

    /// Sends what is queued.
    pub(crate) fn flush(&mut self) -> io::Result<()> {
        let sent = self
            .stream
            .write_all(&self.output)
            .and_then(|()| self.stream.flush());
        self.output.clear();
        sent
    }

    /// Sends what is queued, and compresses both directions from here on.
    pub(crate) fn compress(&mut self) -> io::Result<()> {
        self.flush()?;
        let arrived = self.input.drain(..).skip(self.taken).collect();
        self.taken = 0;
        self.stream.compress(arrived)
    }

    /// Whether a part of the next line is here already.
    pub(crate) fn has_input(&self) -> bool {
        self.taken < self.input.len()
    }

    /// One command with its literals and its last line end; `None` when the client has gone.
    pub(crate) fn command(&mut self) -> io::Result<Option<Vec<u8>>> {
        'command: loop {
            let mut bytes = Vec::new();
            let mut secret = false;
            loop {
                let begun = bytes.len();
                if !self.line(&mut bytes)? {
                    return Ok(None);
                }
                let line = bytes.get(begun..).unwrap_or_default();
                secret = self.record_line(line, begun > 0, secret);
                let Some(literal) = announced(line) else {
                    return Ok(Some(bytes));
                };
                if literal.octets > self.shared.settings.append_limit && literal.synchronizing {
                    let tag = String::from_utf8_lossy(tag(&bytes)).into_owned();
                    self.say(&format!("{tag} NO [TOOBIG] That is too much"))?;
                    self.flush()?;
                    continue 'command;
                }
                self.admit(&literal)?;
                self.exactly(
                    usize::try_from(literal.octets).unwrap_or(usize::MAX),
                    &mut bytes,
                )?;
            }
        }
    }

    /// One line that is no command, such as DONE or what a SASL mechanism says.
    pub(crate) fn answer(&mut self, secret: bool) -> io::Result<Option<Vec<u8>>> {
        let mut line = Vec::new();
        if !self.line(&mut line)? {
            return Ok(None);
        }
        let shown = if secret {
            "***".into()
        } else {
            String::from_utf8_lossy(line.trim_ascii_end())
        };
        self.shared
            .timeline
            .record(self.id, Direction::Client, &shown);
        Ok(Some(line))
    }

    /// Asks for a literal that waits, and hangs up on one that should have.
    fn admit(&mut self, literal: &Announced) -> io::Result<()> {
        if literal.synchronizing {
            self.say("+ Ready for the literal")?;
            return self.flush();
        }
        let most = match self.shared.settings.literals {
            Literals::Plus => self.shared.settings.append_limit,
            Literals::Minus => self.shared.settings.append_limit.min(4096),
            Literals::Synchronizing => 0,
        };
        let allowed = self.shared.settings.literals != Literals::Synchronizing;
        if allowed && literal.octets <= most {
            return Ok(());
        }
        self.say("* BYE This literal needs a continuation")?;
        self.flush()?;
        Err(ErrorKind::InvalidData.into())
    }

    /// Records a line of a command; says whether the rest of the command is a secret.
    fn record_line(&self, line: &[u8], after_literal: bool, secret: bool) -> bool {
        let text = String::from_utf8_lossy(line.trim_ascii_end());
        let mut words = text.split(' ');
        let verb = words.nth(1).unwrap_or_default();
        let login = !after_literal && verb.eq_ignore_ascii_case("LOGIN");
        let authenticate = !after_literal && verb.eq_ignore_ascii_case("AUTHENTICATE");
        let tag = text.split(' ').next().unwrap_or_default();
        let shown = match (secret, words.next()) {
            (true, _) => "***".to_owned(),
            _ if login => format!("{tag} {verb} ***"),
            _ if authenticate => {
                let mechanism = text.split(' ').nth(2).unwrap_or_default();
                let initial = if text.split(' ').nth(3).is_some() {
                    " ***"
                } else {
                    ""
                };
                format!("{tag} {verb} {mechanism}{initial}")
            }
            _ if after_literal => format!("…{text}"),
            _ => text.into_owned(),
        };
        self.shared
            .timeline
            .record(self.id, Direction::Client, &shown);
        secret || login || authenticate
    }

    /// Reads a line with its end; false when the client has gone before the end of one.
    fn line(&mut self, into: &mut Vec<u8>) -> io::Result<bool> {
        let mut searched = 0;
        loop {
            let rest = self.input.get(self.taken..).unwrap_or_default();
            let unseen = rest.get(searched..).unwrap_or_default();
            if let Some(at) = unseen.iter().position(|byte| *byte == b'\n') {
                let end = searched + at + 1;
                into.extend_from_slice(rest.get(..end).unwrap_or_default());
                self.taken += end;
                return Ok(true);
            }
            searched = rest.len();
            if searched > LINE {
                self.say("* BYE This line is too long")?;
                self.flush()?;
                return Err(ErrorKind::InvalidData.into());
            }
            if !self.fill()? {
                return Ok(false);
            }
        }
    }

    fn exactly(&mut self, octets: usize, into: &mut Vec<u8>) -> io::Result<()> {
        let rest = self.input.get(self.taken..).unwrap_or_default();
        let here = rest.get(..octets.min(rest.len())).unwrap_or_default();
        into.extend_from_slice(here);
        self.taken += here.len();
        let missing = octets - here.len();
        let most = u64::try_from(missing).unwrap_or(u64::MAX);
        let read = (&mut self.stream).take(most).read_to_end(into)?;
        if read < missing {
            Err(ErrorKind::UnexpectedEof.into())
        } else {
            Ok(())
        }
    }

    fn fill(&mut self) -> io::Result<bool> {
        self.input.drain(..self.taken);
        self.taken = 0;
        let mut chunk = [0; 16 << 10];
        let read = loop {
            match self.stream.read(&mut chunk) {
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                read => break read?,
            }
        };
        self.input
            .extend_from_slice(chunk.get(..read).unwrap_or_default());
        Ok(read > 0)
    }
}

/// The tag of a command.
pub(crate) fn tag(command: &[u8]) -> &[u8] {
    let tag = command
        .split(|byte| matches!(byte, b' ' | b'\r' | b'\n'))
        .next();
    tag.filter(|tag| !tag.is_empty()).unwrap_or(b"*")
}

fn announced(line: &[u8]) -> Option<Announced> {
    let line = line.strip_suffix(b"\n")?;
    let line = line
        .strip_suffix(b"\r")
        .unwrap_or(line)
        .strip_suffix(b"}")?;
    let open = line.iter().rposition(|byte| *byte == b'{')?;
    let number = std::str::from_utf8(line.get(open..)?.get(1..)?).ok()?;
    let (number, synchronizing) = match number.strip_suffix('+') {
        Some(number) => (number, false),
        None => (number, true),
    };
    Some(Announced {
        octets: number.parse().ok()?,
        synchronizing,
    })
}
