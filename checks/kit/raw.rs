//! A client that sends octets and returns the lines of an answer, with literals as they are.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

/// A connection in plaintext.
pub(crate) struct Raw {
    stream: BufReader<TcpStream>,
    /// What was sent last.
    sent: String,
}

impl Raw {
    /// Connects, and takes the greeting.
    pub(crate) fn connect(port: u16) -> Self {
        let stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
        stream
            .set_read_timeout(Some(Duration::from_secs(20)))
            .unwrap();
        stream.set_nodelay(true).unwrap();
        let mut raw = Self {
            stream: BufReader::new(stream),
            sent: String::new(),
        };
        assert!(raw.response().starts_with("* OK"));
        raw
    }

    pub(crate) fn send(&mut self, octets: &[u8]) {
        self.sent = String::from_utf8_lossy(octets).into_owned();
        self.stream.get_mut().write_all(octets).unwrap();
    }

    /// A response with its literals, without its last CRLF.
    pub(crate) fn response(&mut self) -> String {
        let mut response = Vec::new();
        loop {
            let begin = response.len();
            let read = self.stream.read_until(b'\n', &mut response);
            let read = read.unwrap_or_else(|error| panic!("{error}, after {:?}", self.sent));
            assert!(read > 0, "the server has closed the connection");
            let line = &response[begin..];
            let Some(octets) = literal(line) else {
                return String::from_utf8_lossy(&response).trim_end().to_owned();
            };
            let begin = response.len();
            response.resize(begin + octets, 0);
            self.stream.read_exact(&mut response[begin..]).unwrap();
        }
    }

    /// The responses to a command, which has its tag and its last CRLF already, through the tagged one.
    pub(crate) fn answer(&mut self, tag: &str, command: &[u8]) -> Vec<String> {
        self.send(command);
        let mut responses = Vec::new();
        loop {
            let response = self.response();
            let is_last = response.split(' ').next() == Some(tag);
            responses.push(response);
            if is_last {
                return responses;
            }
        }
    }
}

/// The length of the literal that a line ends with.
fn literal(line: &[u8]) -> Option<usize> {
    let line = line.strip_suffix(b"}\r\n")?;
    let open = line.iter().rposition(|octet| *octet == b'{')?;
    std::str::from_utf8(&line[open + 1..]).ok()?.parse().ok()
}
