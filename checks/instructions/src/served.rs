//! A server inside a transport: one prepared answer to the command that is measured, in reads of
//! a given length.

use std::io::{self, Read, Write};

use crate::answer::Answer;

/// Enough for every command that is measured.
const CAPABILITIES: &str = "IMAP4rev1 LITERAL+ UIDPLUS ID NAMESPACE ESEARCH ENABLE CONDSTORE SORT \
                            THREAD=REFERENCES LIST-EXTENDED LIST-STATUS BINARY X-GM-EXT-1 QUOTA \
                            ACL METADATA LANGUAGE QRESYNC STARTTLS";

/// The server.
pub(crate) struct Served {
    answer: Answer,
    /// The most octets of one read.
    split: usize,
    ready: Vec<u8>,
    at: usize,
    line: Vec<u8>,
}

impl Served {
    pub(crate) fn new(answer: Answer, split: usize) -> Self {
        let ready = format!("* OK [CAPABILITY {CAPABILITIES}] hello\r\n");
        Self {
            answer,
            split,
            ready: ready.into_bytes(),
            at: 0,
            line: Vec::new(),
        }
    }

    /// The greeting does not say what it can do, so that it is asked.
    pub(crate) fn without_capabilities(mut self) -> Self {
        self.ready = b"* OK hello\r\n".to_vec();
        self
    }

    /// One whole command.
    fn answer(&mut self, line: &str) {
        self.ready.drain(..self.at);
        self.at = 0;
        let (tag, command) = line.split_once(' ').unwrap_or((line, ""));
        if command.starts_with(self.answer.command) {
            self.ready.append(&mut self.answer.octets);
        }
        let data = match command.split(' ').next().unwrap_or_default() {
            "LOGIN" | "CAPABILITY" => format!("* CAPABILITY {CAPABILITIES}\r\n"),
            "EXAMINE" | "SELECT" => format!(
                "* {} EXISTS\r\n* OK [UIDVALIDITY 1]\r\n* OK [UIDNEXT {}]\r\n\
                 * OK [HIGHESTMODSEQ 5]\r\n",
                self.answer.exists,
                self.answer.exists + 1
            ),
            "UID" if command.starts_with("UID SEARCH RETURN (ALL) UID 1:") => {
                let all = self.answer.exists;
                format!("* ESEARCH (TAG \"{tag}\") UID ALL 1:{all}\r\n")
            }
            _ => String::new(),
        };
        self.ready.extend_from_slice(data.as_bytes());
        // TLS is not what is measured.
        let word = if command == "STARTTLS" { "NO" } else { "OK" };
        self.ready
            .extend_from_slice(format!("{tag} {word} done\r\n").as_bytes());
    }
}

impl Read for Served {
    #[inline(never)]
    fn read(&mut self, place: &mut [u8]) -> io::Result<usize> {
        let rest = self.ready.get(self.at..).unwrap_or_default();
        let count = rest.len().min(place.len()).min(self.split);
        if let (Some(to), Some(from)) = (place.get_mut(..count), rest.get(..count)) {
            to.copy_from_slice(from);
        }
        self.at += count;
        Ok(count)
    }
}

impl Write for Served {
    #[inline(never)]
    fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        self.line.extend_from_slice(octets);
        while let Some(end) = self.line.iter().position(|octet| *octet == b'\n') {
            let line: Vec<u8> = self.line.drain(..=end).collect();
            self.answer(String::from_utf8_lossy(&line).trim_end());
        }
        Ok(octets.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl latchbox::transport::Transport for Served {}
