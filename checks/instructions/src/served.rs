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
    /// The message whose flags have changed.
    changed: Option<u32>,
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
            changed: None,
            ready: ready.into_bytes(),
            at: 0,
            line: Vec::new(),
        }
    }

    /// The flags of this message have changed.
    pub(crate) fn with_change(mut self, uid: u32) -> Self {
        self.changed = Some(uid);
        self
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
            "EXAMINE" | "SELECT" => self.selected(command),
            "UID" if command.starts_with("UID SEARCH RETURN (ALL) UID 1:") => {
                let all = self.answer.exists;
                format!("* ESEARCH (TAG \"{tag}\") UID ALL 1:{all}\r\n")
            }
            _ => String::new(),
        };
        self.ready.extend_from_slice(data.as_bytes());
        let end = match command {
            // TLS is not what is measured.
            "STARTTLS" => "NO".to_owned(),
            _ if command.starts_with("UID COPY 1:") => {
                let all = self.answer.exists;
                format!("OK [COPYUID 1 1:{all} 1:{all}]")
            }
            _ => "OK".to_owned(),
        };
        self.ready
            .extend_from_slice(format!("{tag} {end} done\r\n").as_bytes());
    }

    /// The mailbox; to a SELECT that requests changes, with the change that there is.
    fn selected(&self, command: &str) -> String {
        let exists = self.answer.exists;
        let (mod_seq, changed) = match (command.contains("QRESYNC"), self.changed) {
            (true, Some(uid)) => (
                6,
                format!("* {uid} FETCH (UID {uid} FLAGS (\\Seen) MODSEQ (6))\r\n"),
            ),
            _ => (5, String::new()),
        };
        format!(
            "* OK [CLOSED] another was selected\r\n* {exists} EXISTS\r\n* OK [UIDVALIDITY 1]\r\n* OK [UIDNEXT {}]\r\n\
             * OK [HIGHESTMODSEQ {mod_seq}]\r\n{changed}",
            exists + 1
        )
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
        while let Some(end) = end_of_command(&self.line) {
            let line: Vec<u8> = self.line.drain(..end).collect();
            self.answer(String::from_utf8_lossy(&line).trim_end());
        }
        Ok(octets.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Where the first command ends, if it has come whole; its literals are non-synchronizing.
fn end_of_command(octets: &[u8]) -> Option<usize> {
    let mut end = 0;
    loop {
        let rest = octets.get(end..)?;
        end += rest.iter().position(|octet| *octet == b'\n')? + 1;
        let line = octets.get(..end)?;
        let Some(line) = line.strip_suffix(b"+}\r\n") else {
            return Some(end);
        };
        let digits = line.rsplit(|octet| *octet == b'{').next()?;
        end += std::str::from_utf8(digits).ok()?.parse::<usize>().ok()?;
    }
}

impl latchbox::transport::Transport for Served {}
