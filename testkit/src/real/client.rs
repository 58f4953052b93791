//! A small client with which the kit looks at a real server and changes what it holds.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use crate::faults::announced;
use crate::names;
use crate::reply::quoted;

/// How long an answer may take.
const DEADLINE: Duration = Duration::from_secs(60);

/// A connection that is logged in.
pub(crate) struct Client {
    stream: BufReader<TcpStream>,
}

/// A response: its text, and its literals, which the text has as `{n}` only.
#[derive(Debug, Default)]
pub(crate) struct Response {
    pub(crate) text: String,
    pub(crate) literals: Vec<Vec<u8>>,
}

impl Client {
    pub(crate) fn log_in(port: u16, user: &str, password: &str) -> io::Result<Self> {
        let stream = TcpStream::connect(("127.0.0.1", port))?;
        stream.set_read_timeout(Some(DEADLINE))?;
        stream.set_nodelay(true)?;
        let mut client = Self {
            stream: BufReader::new(stream),
        };
        client.response()?;
        client.ask(&format!("LOGIN {} {}", quoted(user), quoted(password)))?;
        Ok(client)
    }

    /// Sends a command and returns its responses; the tagged one is the last.
    pub(crate) fn ask(&mut self, command: &str) -> io::Result<Vec<Response>> {
        self.send(format!("k {command}\r\n").as_bytes())
    }

    /// Sends a command that ends in a literal.
    pub(crate) fn ask_with(&mut self, command: &str, literal: &[u8]) -> io::Result<Vec<Response>> {
        let mut octets = format!("k {command} {{{}+}}\r\n", literal.len()).into_bytes();
        octets.extend_from_slice(literal);
        octets.extend_from_slice(b"\r\n");
        self.send(&octets)
    }

    fn send(&mut self, octets: &[u8]) -> io::Result<Vec<Response>> {
        self.stream.get_mut().write_all(octets)?;
        let mut responses = Vec::new();
        loop {
            let response = self.response()?;
            let is_last = response.text.starts_with("k ");
            let is_ok = response.text.starts_with("k OK");
            if is_last && !is_ok {
                return Err(io::Error::other(response.text));
            }
            responses.push(response);
            if is_last {
                return Ok(responses);
            }
        }
    }

    fn response(&mut self) -> io::Result<Response> {
        let mut response = Response::default();
        loop {
            let mut line = Vec::new();
            if self.stream.read_until(b'\n', &mut line)? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            response.text += &String::from_utf8_lossy(line.trim_ascii_end());
            let Some((octets, _)) = announced(&line) else {
                return Ok(response);
            };
            let mut literal = Vec::new();
            self.stream
                .by_ref()
                .take(octets)
                .read_to_end(&mut literal)?;
            response.literals.push(literal);
        }
    }
}

/// A mailbox name in a command.
pub(crate) fn name(name: &str) -> String {
    quoted(&names::encode(name))
}

impl Response {
    /// The text between `before` and `after`.
    pub(crate) fn between(&self, before: &str, after: &str) -> Option<&str> {
        let (_, rest) = self.text.split_once(before)?;
        rest.split_once(after).map(|(text, _)| text)
    }

    /// The number after `before`.
    pub(crate) fn number<N: std::str::FromStr>(&self, before: &str) -> Option<N> {
        let (_, rest) = self.text.split_once(before)?;
        let end = rest.find(|character: char| !character.is_ascii_digit());
        rest.get(..end.unwrap_or(rest.len()))?.parse().ok()
    }
}
