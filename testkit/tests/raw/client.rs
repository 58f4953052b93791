//! A client that sends lines and compares lines, and knows nothing else.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use latchbox_testkit::{PASSWORD, Server, USER};

pub struct Client<S: Read + Write> {
    pub stream: BufReader<S>,
}

impl Client<TcpStream> {
    /// Connects, and takes the greeting.
    pub fn connect(server: &Server) -> Self {
        let socket = TcpStream::connect(("127.0.0.1", server.port())).unwrap();
        socket
            .set_read_timeout(Some(Duration::from_secs(20)))
            .unwrap();
        socket.set_nodelay(true).unwrap();
        let mut client = Self {
            stream: BufReader::new(socket),
        };
        assert!(client.line().starts_with("* OK [CAPABILITY IMAP4rev1 "));
        client
    }

    /// Connects and logs in.
    pub fn login(server: &Server) -> Self {
        let mut client = Self::connect(server);
        client.ask(&format!("LOGIN {USER} {PASSWORD}"));
        client
    }

    /// Connects, logs in and selects.
    pub fn select(server: &Server, mailbox: &str) -> Self {
        let mut client = Self::login(server);
        client.ask(&format!("SELECT {mailbox}"));
        client
    }
}

impl<S: Read + Write> Client<S> {
    pub fn send(&mut self, bytes: impl AsRef<[u8]>) {
        self.stream.get_mut().write_all(bytes.as_ref()).unwrap();
    }

    /// A line without its CRLF; empty at the end of the connection.
    pub fn line(&mut self) -> String {
        let mut line = Vec::new();
        self.stream.read_until(b'\n', &mut line).unwrap();
        String::from_utf8_lossy(&line).trim_end().to_owned()
    }

    /// Gives a command, tagged `a`, and reads all lines through the tagged one.
    pub fn try_ask(&mut self, command: &str) -> Vec<String> {
        self.send(format!("a {command}\r\n"));
        self.answer()
    }

    /// The same for a command that succeeds; gives the untagged lines.
    pub fn ask(&mut self, command: &str) -> Vec<String> {
        let mut lines = self.try_ask(command);
        let tagged = lines.pop().unwrap();
        assert!(tagged.starts_with("a OK "), "{command}: {tagged}");
        lines
    }

    /// The first line after a command on which the server hangs up.
    pub fn ask_or_bye(&mut self, command: &str) -> String {
        self.send(format!("a {command}\r\n"));
        self.line()
    }

    /// The tagged line of a command.
    pub fn tagged(&mut self, command: &str) -> String {
        self.try_ask(command).pop().unwrap()
    }

    pub fn answer(&mut self) -> Vec<String> {
        let mut lines = Vec::new();
        loop {
            let line = self.line();
            let last = line.is_empty() && lines.last().is_none_or(String::is_empty);
            let done = line.starts_with("a ") || last;
            lines.push(line);
            if done {
                return lines;
            }
        }
    }
}
