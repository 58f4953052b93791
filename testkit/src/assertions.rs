//! Assertions on what went over the wire; a failed one shows all of it.

// A failed assertion of a test is a panic.
#![allow(clippy::panic)]

use std::fmt::Write as _;

use crate::server::Server;
use crate::timeline::{Direction, Event};

/// Returns lines of the wire as a table: milliseconds since the first, connection, direction (`C:` from
/// the client, `S:` from the server, `--` for what the kit did), and the line.
///
/// ```
/// use std::io::{Read, Write};
///
/// use latchbox_testkit::{Server, timeline_text};
///
/// let server = Server::start()?;
/// let mut client = std::net::TcpStream::connect(("127.0.0.1", server.port()))?;
/// client.write_all(b"a LOGOUT\r\n")?;
/// client.read_to_end(&mut Vec::new())?;
/// let text = timeline_text(&server.timeline());
/// assert!(text.contains("  1  C: a LOGOUT\n"));
/// # Ok::<(), std::io::Error>(())
/// ```
pub fn timeline_text(events: &[Event]) -> String {
    let mut text = format!("{:>10}  {:>3}  line\n", "ms", "con");
    let start = events.first().map(|event| event.at);
    for event in events {
        let since = start.map(|start| event.at.saturating_duration_since(start));
        let time = since.unwrap_or_default().as_secs_f64() * 1000.0;
        let (connection, line) = (event.connection, &event.line);
        let direction = match event.direction {
            Direction::Client => "C:",
            Direction::Server => "S:",
            Direction::Kit => "--",
        };
        let connection = match connection {
            0 => String::new(),
            number => number.to_string(),
        };
        let _ = writeln!(text, "{time:10.3}  {connection:>3}  {direction} {line}");
    }
    text
}

/// Assertions on the timeline. `text` is a part of a line, in upper or lower case, such as
/// `UID FETCH 1:5 (FLAGS)`; the tag need not be known. A failed assertion shows the timeline.
///
/// ```
/// use std::io::{Read, Write};
///
/// use latchbox_testkit::{PASSWORD, Server, USER};
///
/// let server = Server::start()?;
/// let mut client = std::net::TcpStream::connect(("127.0.0.1", server.port()))?;
/// write!(client, "a LOGIN {USER} {PASSWORD}\r\nb EXAMINE INBOX\r\nc LOGOUT\r\n")?;
/// client.read_to_end(&mut Vec::new())?;
///
/// server.assert_sent("EXAMINE INBOX");
/// server.assert_not_sent("SELECT");
/// server.assert_sent_in_order(&["LOGIN", "EXAMINE", "LOGOUT"]);
/// server.assert_answered("b OK [READ-ONLY]");
/// # Ok::<(), std::io::Error>(())
/// ```
impl Server {
    /// Returns the timeline as a table, for the message of a failed test.
    pub fn timeline_text(&self) -> String {
        timeline_text(&self.timeline())
    }

    /// Returns the lines that clients sent so far, with their tags.
    pub fn sent(&self) -> Vec<String> {
        self.lines(Direction::Client)
    }

    /// Asserts that a client sent a line with this text.
    ///
    /// # Panics
    ///
    /// If no client did.
    #[track_caller]
    pub fn assert_sent(&self, text: &str) {
        if !self.sent().iter().any(|line| has(line, text)) {
            self.fail(&format!("no client sent {text:?}"));
        }
    }

    /// Asserts that no client sent a line with this text.
    ///
    /// # Panics
    ///
    /// If a client did.
    #[track_caller]
    pub fn assert_not_sent(&self, text: &str) {
        if let Some(line) = self.sent().iter().find(|line| has(line, text)) {
            self.fail(&format!("a client sent {line:?}, which has {text:?}"));
        }
    }

    /// Asserts that clients sent lines with these texts, in this order; other lines may be between them.
    ///
    /// # Panics
    ///
    /// If they did not.
    #[track_caller]
    pub fn assert_sent_in_order(&self, texts: &[&str]) {
        let sent = self.sent();
        let mut lines = sent.iter();
        for (number, text) in texts.iter().enumerate() {
            if !lines.any(|line| has(line, text)) {
                let before = texts.get(..number).unwrap_or_default();
                self.fail(&format!("no client sent {text:?} after {before:?}"));
            }
        }
    }

    /// Asserts that the server sent a line with this text.
    ///
    /// # Panics
    ///
    /// If it did not.
    #[track_caller]
    pub fn assert_answered(&self, text: &str) {
        let mut lines = self.lines(Direction::Server).into_iter();
        if !lines.any(|line| has(&line, text)) {
            self.fail(&format!("the server did not send {text:?}"));
        }
    }

    /// Prints the timeline where the output of a failed test is.
    #[allow(clippy::print_stderr)]
    pub(crate) fn print_timeline(&self) {
        eprintln!("{}", self.timeline_text());
    }

    fn lines(&self, direction: Direction) -> Vec<String> {
        let events = self.timeline().into_iter();
        let own = events.filter(|event| event.direction == direction);
        own.map(|event| event.line).collect()
    }

    #[track_caller]
    fn fail(&self, reason: &str) -> ! {
        panic!("{reason}; on the wire:\n{}", self.timeline_text());
    }
}

fn has(line: &str, text: &str) -> bool {
    let line = line.to_ascii_lowercase();
    line.contains(&text.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use std::panic::{AssertUnwindSafe, catch_unwind};

    use super::*;

    #[test]
    fn a_failed_assertion_shows_the_timeline() {
        let server = Server::start().unwrap();
        server.kick();
        let assertions: [&dyn Fn(); 3] = [
            &|| server.assert_sent("x"),
            &|| server.assert_sent_in_order(&["x"]),
            &|| server.assert_answered("x"),
        ];
        for assertion in assertions {
            let panic = catch_unwind(AssertUnwindSafe(assertion)).unwrap_err();
            let text = panic.downcast_ref::<String>().unwrap();
            assert!(
                text.contains("     0.000       -- all connections are closed\n"),
                "{text}"
            );
        }
        server.assert_not_sent("x");
    }
}
