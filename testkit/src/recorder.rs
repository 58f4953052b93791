//! Writes down what passes a proxy, as the in-process server writes down what it reads and sends.

use std::sync::Arc;

use crate::faults::{Way, announced};
use crate::timeline::{Direction, Timeline};

/// The longest line that is kept.
const LINE: usize = 1 << 16;

/// The lines of one connection.
#[derive(Debug)]
pub(crate) struct Recorder {
    timeline: Arc<Timeline>,
    connection: u64,
    sides: [Side; 2],
    /// The tag of a LOGIN or AUTHENTICATE that is not completed: what the client sends is secret.
    secret: Option<String>,
}

#[derive(Debug, Default)]
struct Side {
    line: Vec<u8>,
    literal: u64,
    /// The beginning of a response, up to its last literal.
    shown: String,
    after_literal: bool,
}

impl Recorder {
    pub(crate) fn new(timeline: &Arc<Timeline>, connection: u64) -> Self {
        Self {
            timeline: Arc::clone(timeline),
            connection,
            sides: Default::default(),
            secret: None,
        }
    }

    /// Notes what the kit did to the connection.
    pub(crate) fn note(&self, text: &str) {
        self.timeline.record(self.connection, Direction::Kit, text);
    }

    /// Takes in what passes.
    pub(crate) fn pass(&mut self, way: Way, octets: &[u8]) {
        for octet in octets {
            let [to_server, to_client] = &mut self.sides;
            let side = match way {
                Way::ToServer => to_server,
                Way::ToClient => to_client,
            };
            if side.literal > 0 {
                side.literal -= 1;
                continue;
            }
            if side.line.len() < LINE {
                side.line.push(*octet);
            }
            if *octet == b'\n' {
                let line = std::mem::take(&mut side.line);
                side.literal = announced(&line).map_or(0, |(octets, _)| octets);
                let goes_on = announced(&line).is_some();
                let text = String::from_utf8_lossy(line.trim_ascii_end()).into_owned();
                match way {
                    Way::ToServer => self.sent(&text, goes_on),
                    Way::ToClient => self.answered(&text, goes_on),
                }
            }
        }
    }

    fn sent(&mut self, line: &str, goes_on: bool) {
        let [side, _] = &mut self.sides;
        let after_literal = std::mem::replace(&mut side.after_literal, goes_on);
        let mut words = line.split(' ');
        let tag = words.next().unwrap_or_default();
        let verb = words.next().unwrap_or_default();
        let is_login = verb.eq_ignore_ascii_case("LOGIN");
        let shown = if self.secret.is_some() {
            "***".to_owned()
        } else if is_login || verb.eq_ignore_ascii_case("AUTHENTICATE") {
            self.secret = Some(tag.to_owned());
            let mechanism = words.next().filter(|_| !is_login);
            let initial = is_login || words.next().is_some();
            let mut shown = format!("{tag} {verb}");
            for word in mechanism.into_iter().chain(initial.then_some("***")) {
                shown = format!("{shown} {word}");
            }
            shown
        } else if after_literal {
            format!("…{line}")
        } else {
            line.to_owned()
        };
        self.timeline
            .record(self.connection, Direction::Client, &shown);
    }

    fn answered(&mut self, line: &str, goes_on: bool) {
        let [_, side] = &mut self.sides;
        side.shown += line;
        if goes_on {
            side.shown.push('…');
            return;
        }
        let shown = std::mem::take(&mut side.shown);
        let tag = shown.split(' ').next();
        if self.secret.as_deref() == tag {
            self.secret = None;
        }
        self.timeline
            .record(self.connection, Direction::Server, &shown);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_and_literals_are_not_shown() {
        let timeline = Arc::new(Timeline::new(100));
        let mut recorder = Recorder::new(&timeline, 1);
        recorder.pass(Way::ToServer, b"a AUTHENTICATE PLAIN\r\n");
        recorder.pass(Way::ToClient, b"+ \r\n");
        recorder.pass(Way::ToServer, b"AGphbmUAc2VjcmV0\r\n");
        recorder.pass(Way::ToClient, b"a OK In\r\n");
        recorder.pass(Way::ToServer, b"b APPEND x {3+}\r\nb\r\n\r\nc NOOP\r\n");
        recorder.pass(Way::ToClient, b"* 1 FETCH (BODY[] {2}\r\n\r\n UID 1)\r\n");
        let lines: Vec<String> = timeline.events().into_iter().map(|e| e.line).collect();
        let expected = [
            "a AUTHENTICATE PLAIN",
            "+",
            "***",
            "a OK In",
            "b APPEND x {3+}",
            "…",
            "c NOOP",
            "* 1 FETCH (BODY[] {2}… UID 1)",
        ];
        assert_eq!(lines, expected);
    }
}
