//! Plays the lines of a transcript against what the client does.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError};

use super::parse::{Line, Pace, Pattern, Piece, Step};
use super::stream::{End, Stream};
use super::{DEADLINE, Played, Shared, State};
use crate::certificates::{Leaf, certificates};

/// Plays all lines, then waits for the end of the test. The error is the whole report.
pub(super) fn play(
    lines: Vec<Line>,
    connections: Receiver<TcpStream>,
    shared: &Arc<Shared>,
) -> Played {
    let mut player = Player {
        shared: Arc::clone(shared),
        connections,
        stream: None,
        older: Vec::new(),
        tags: HashMap::new(),
        pace: Pace::Whole,
        transcript: String::new(),
    };
    let played = player.play(&lines).map_err(|failure| {
        format!(
            "{failure}\nthe conversation until then:\n{}",
            player.transcript
        )
    });
    drop(player);
    shared.change(|state| {
        state.over = true;
        state.expected = 0;
    });
    played
}

struct Player {
    shared: Arc<Shared>,
    connections: Receiver<TcpStream>,
    stream: Option<Stream>,
    /// Connections before the last `accept` that nobody closed.
    older: Vec<Stream>,
    tags: HashMap<String, Vec<u8>>,
    pace: Pace,
    transcript: String,
}

impl Player {
    fn play(&mut self, lines: &[Line]) -> Played {
        if lines.is_empty() {
            return self.rest();
        }
        self.accept()
            .map_err(|why| format!("the script waits for its client: {why}"))?;
        for line in lines {
            self.step(&line.step).map_err(|why| {
                format!(
                    "the script failed at its line {}: `{}`\n{why}",
                    line.number, line.text
                )
            })?;
        }
        self.rest()
    }

    fn step(&mut self, step: &Step) -> Played {
        match step {
            Step::Send(pattern) => self.send(&self.filled_in(pattern)?),
            Step::Fill(times, bytes) => self.fill(*times, bytes),
            Step::Exactly(pattern) => self.expect_line(pattern, true),
            Step::StartsWith(pattern) => self.expect_line(pattern, false),
            Step::Bytes(pattern) => self.expect_bytes(&self.filled_in(pattern)?),
            Step::Literal(count) => self.expect_literal(*count),
            Step::ClientCloses => self.expect_close(),
            Step::Silent => self.expect_silence(),
            Step::Pace(pace) => {
                self.pace = pace.clone();
                Ok(())
            }
            Step::Taken => self.stream()?.taken(true),
            Step::Wait(name) => self.wait(name),
            Step::Signal(name) => {
                self.shared
                    .change(|state| _ = state.reached.insert(name.clone()));
                Ok(())
            }
            Step::Tls(name) => self.tls(name),
            Step::TlsRefused(name) => self.tls_refused(name),
            Step::Deflate => self.stream()?.deflate().map_err(|error| error.to_string()),
            Step::Close => self.close(),
            Step::Cut => self.cut(),
            Step::HalfClose => self
                .stream()?
                .half_close()
                .map_err(|error| error.to_string()),
            Step::Reset => self.reset(),
            Step::Stall => self.stall(),
            Step::Accept => self.accept(),
        }
    }

    fn stream(&mut self) -> Result<&mut Stream, String> {
        self.stream
            .as_mut()
            .ok_or_else(|| "no connection is open".into())
    }

    fn accept(&mut self) -> Played {
        let socket = self
            .connections
            .recv_timeout(DEADLINE)
            .map_err(|error| match error {
                RecvTimeoutError::Timeout => "no connection came",
                RecvTimeoutError::Disconnected => "the test ended, and no connection came",
            })?;
        let stream = Stream::new(socket, &self.shared).map_err(|error| error.to_string())?;
        self.older.extend(self.stream.replace(stream));
        self.tags.clear();
        self.pace = Pace::Whole;
        self.note("-- ", b"connected");
        Ok(())
    }

    fn note(&mut self, who: &str, bytes: &[u8]) {
        let _ = writeln!(self.transcript, "  {who}{}", shown(bytes));
    }

    // Sending.

    fn send(&mut self, bytes: &[u8]) -> Played {
        self.note("S: ", bytes);
        let pieces: Vec<&[u8]> = match &self.pace {
            Pace::Whole => vec![bytes],
            Pace::EachByte => bytes.chunks(1).collect(),
            Pace::CutOnceAt(offsets) => pieces(bytes, offsets),
        };
        if matches!(self.pace, Pace::CutOnceAt(_)) {
            self.pace = Pace::Whole;
        }
        let stream = self.stream()?;
        for (index, piece) in pieces.iter().enumerate() {
            stream
                .send(piece)
                .map_err(|error| format!("the client does not take it: {error}"))?;
            if index + 1 < pieces.len() {
                stream.taken(false)?;
            }
        }
        Ok(())
    }

    fn fill(&mut self, times: usize, bytes: &[u8]) -> Played {
        self.note("S: ", format!("{times} times {}", shown(bytes)).as_bytes());
        let stream = self.stream()?;
        let per_write = (64 * 1024 / bytes.len().max(1)).max(1);
        let block = bytes.repeat(per_write.min(times));
        let mut left = times * bytes.len();
        while left > 0 {
            let piece = &block[..block.len().min(left)];
            stream
                .send(piece)
                .map_err(|error| format!("the client does not take it: {error}"))?;
            left -= piece.len();
        }
        Ok(())
    }

    fn filled_in(&self, pattern: &Pattern) -> Result<Vec<u8>, String> {
        let mut bytes = Vec::new();
        for piece in pattern {
            match piece {
                Piece::Bytes(plain) => bytes.extend_from_slice(plain),
                Piece::Tag(name) | Piece::NewTag(name) => bytes.extend_from_slice(self.tag(name)?),
            }
        }
        Ok(bytes)
    }

    fn tag(&self, name: &str) -> Result<&[u8], String> {
        let tag = self.tags.get(name).map(Vec::as_slice);
        tag.ok_or_else(|| format!("no command called {{{name}}} has come on this connection"))
    }

    // Hearing.

    fn expect_line(&mut self, pattern: &Pattern, whole: bool) -> Played {
        let (line, end) = self.stream()?.line();
        self.note("C: ", &line);
        if end.is_none() && self.matches(pattern, &line, whole)? {
            return Ok(());
        }
        let expected = self.described(pattern);
        Err(difference(&expected, &line, end))
    }

    fn matches(&mut self, pattern: &Pattern, line: &[u8], whole: bool) -> Result<bool, String> {
        let mut rest = line;
        for piece in pattern {
            let after = match piece {
                Piece::Bytes(plain) => rest.strip_prefix(plain.as_slice()),
                Piece::Tag(name) => rest.strip_prefix(self.tag(name)?),
                Piece::NewTag(name) => {
                    let length = rest
                        .iter()
                        .take_while(|byte| byte.is_ascii_graphic())
                        .count();
                    self.tags.insert(name.clone(), rest[..length].to_vec());
                    (length > 0).then(|| &rest[length..])
                }
            };
            let Some(after) = after else { return Ok(false) };
            rest = after;
        }
        Ok(rest.is_empty() || !whole)
    }

    fn described(&self, pattern: &Pattern) -> Vec<u8> {
        let mut bytes = Vec::new();
        for piece in pattern {
            match piece {
                Piece::Bytes(plain) => bytes.extend_from_slice(plain),
                Piece::Tag(name) | Piece::NewTag(name) => match self.tags.get(name) {
                    Some(tag) => bytes.extend_from_slice(tag),
                    None => bytes.extend_from_slice(format!("{{{name}}}").as_bytes()),
                },
            }
        }
        bytes
    }

    fn expect_bytes(&mut self, expected: &[u8]) -> Played {
        let (bytes, end) = self.stream()?.bytes(expected.len());
        self.note("C: ", &bytes);
        if bytes == expected {
            Ok(())
        } else {
            Err(difference(expected, &bytes, end))
        }
    }

    fn expect_literal(&mut self, count: usize) -> Played {
        let (bytes, end) = self.stream()?.bytes(count);
        self.note("C: ", &bytes);
        match end {
            None => Ok(()),
            Some(end) => Err(format!(
                "only {} of {count} bytes came; {}",
                bytes.len(),
                said(end)
            )),
        }
    }

    fn expect_close(&mut self) -> Played {
        let (bytes, end) = self.stream()?.rest();
        if !bytes.is_empty() {
            return Err(unexpected(&bytes));
        }
        match end {
            End::Closed if self.shared.lock().cut => Err("the test ended before".into()),
            End::Closed => Ok(()),
            End::Silent => Err(said(end).into()),
        }
    }

    fn expect_silence(&mut self) -> Played {
        let bytes = self.stream()?.waiting();
        if bytes.is_empty() {
            Ok(())
        } else {
            Err(unexpected(&bytes))
        }
    }

    // Waiting for the test.

    fn wait(&mut self, name: &str) -> Played {
        let may = |state: &State| state.allowed.contains(name);
        let state = self
            .shared
            .wait(DEADLINE, |state| may(state) || state.ended);
        match (may(&state), state.ended) {
            (true, _) => Ok(()),
            (false, true) => Err("the test ended without calling `go`".into()),
            (false, false) => Err("the test does not call `go`".into()),
        }
    }

    fn rest(&mut self) -> Played {
        self.shared.change(|state| state.resting = true);
        for stream in self.older.iter_mut().chain(self.stream.as_mut()) {
            match stream.wait() {
                Err(End::Closed) => {}
                Err(End::Silent) => return Err(NO_END.into()),
                Ok(()) => {
                    let bytes = stream.waiting();
                    self.note("C: ", &bytes);
                    return Err(format!("the script was over: {}", unexpected(&bytes)));
                }
            }
        }
        Ok(())
    }

    fn stall(&mut self) -> Played {
        self.shared.change(|state| state.resting = true);
        let (bytes, end) = self.stream()?.rest();
        self.shared.change(|state| state.resting = false);
        self.note("C: ", &bytes);
        if end == End::Silent {
            Err(NO_END.into())
        } else {
            Ok(())
        }
    }

    // TLS and ends.

    fn tls(&mut self, name: &str) -> Played {
        self.expect_nothing_ahead()?;
        let leaf = leaf(name)?;
        self.stream()?
            .handshake(leaf)
            .map_err(|error| format!("the handshake failed: {error}"))?;
        self.note("-- ", b"TLS");
        Ok(())
    }

    fn tls_refused(&mut self, name: &str) -> Played {
        let leaf = leaf(name)?;
        match self.stream()?.handshake(leaf) {
            Ok(()) => Err("the client took the certificate".into()),
            Err(_) => {
                self.stream = None;
                Ok(())
            }
        }
    }

    /// What is read ahead in cleartext would be lost to the handshake, and is a fault anyway.
    fn expect_nothing_ahead(&mut self) -> Played {
        let ahead = self.stream()?.ahead().to_vec();
        if ahead.is_empty() {
            Ok(())
        } else {
            Err(unexpected(&ahead))
        }
    }

    fn close(&mut self) -> Played {
        self.expect_silence()?;
        self.stream()?.farewell();
        self.cut()
    }

    fn cut(&mut self) -> Played {
        self.stream()?;
        self.stream = None;
        self.note("-- ", b"closed");
        Ok(())
    }

    fn reset(&mut self) -> Played {
        self.stream()?
            .reset_on_drop()
            .map_err(|error| error.to_string())?;
        self.cut()
    }
}

const NO_END: &str =
    "the script is over, and the test does not end: does the client wait for more?";

fn leaf(name: &str) -> Result<&'static Leaf, String> {
    certificates()
        .leaf(name)
        .ok_or_else(|| format!("there is no certificate called {name}"))
}

fn pieces<'b>(bytes: &'b [u8], offsets: &[usize]) -> Vec<&'b [u8]> {
    let mut pieces = Vec::new();
    let mut start = 0;
    for &offset in offsets {
        let end = offset.min(bytes.len());
        pieces.push(&bytes[start..end]);
        start = end;
    }
    pieces.push(&bytes[start..]);
    pieces.retain(|piece| !piece.is_empty());
    pieces
}

fn difference(expected: &[u8], got: &[u8], end: Option<End>) -> String {
    let same = expected
        .iter()
        .zip(got)
        .take_while(|(one, other)| one == other)
        .count();
    let column = shown(&got[..same]).chars().count();
    let mut text = format!(
        "  expected  {}\n  got       {}",
        shown(expected),
        shown(got)
    );
    let _ = write!(text, "\n            {:column$}^", "");
    if let Some(end) = end {
        let _ = write!(text, " here {}", said(end));
    }
    text
}

fn unexpected(bytes: &[u8]) -> String {
    format!("the client sent what nobody expected: {}", shown(bytes))
}

fn said(end: End) -> &'static str {
    match end {
        End::Closed => "the connection ended",
        End::Silent => "the client fell silent",
    }
}

/// Bytes for people: text as it is, the rest as escapes, and only the ends of what is long.
fn shown(bytes: &[u8]) -> String {
    const LONGEST: usize = 2000;
    if bytes.len() > LONGEST {
        let (start, end) = (&bytes[..LONGEST / 2], &bytes[bytes.len() - LONGEST / 2..]);
        return format!(
            "{} [... {} bytes in all ...] {}",
            shown(start),
            bytes.len(),
            shown(end)
        );
    }
    let mut text = String::new();
    for chunk in bytes.utf8_chunks() {
        for letter in chunk.valid().chars() {
            match letter {
                '"' | '\'' | '\\' => text.push(letter),
                letter => text.extend(letter.escape_debug()),
            }
        }
        for byte in chunk.invalid() {
            let _ = write!(text, "\\x{byte:02X}");
        }
    }
    text
}
