//! A server inside a transport: one answer to every FETCH, given in pieces and cut where a test
//! wants it.

use std::io::{self, Read, Write};

use latchbox::Session;
use latchbox::transport::Transport;

use crate::scripted::log_in_client;
use crate::sessions::plaintext_stream;

/// What is said to commands.
pub(super) struct Canned {
    /// The answer to FETCH; `{tag}` stands for the tag.
    answer: Vec<u8>,
    /// The most octets of one read.
    piece: usize,
    /// The connection ends after so many octets of the first answer to FETCH.
    cut: usize,
    tag: Vec<u8>,
    ready: Vec<u8>,
    at: usize,
    is_cut: bool,
}

impl Canned {
    pub(super) fn new(answer: impl Into<Vec<u8>>) -> Self {
        Self {
            answer: answer.into(),
            piece: usize::MAX,
            cut: usize::MAX,
            tag: Vec::new(),
            ready: b"* OK [CAPABILITY IMAP4rev1] ready\r\n".to_vec(),
            at: 0,
            is_cut: false,
        }
    }

    /// Given in pieces of so many octets.
    pub(super) fn in_pieces_of(self, piece: usize) -> Self {
        Self { piece, ..self }
    }

    /// Ended after so many octets of the answer.
    pub(super) fn cut_at(self, cut: usize) -> Self {
        Self { cut, ..self }
    }

    pub(super) fn session(self) -> Session {
        log_in_client(plaintext_stream().connect_transport(self).unwrap())
    }

    fn say(&mut self, text: &[u8]) {
        let mut rest = text;
        while let Some(at) = rest.windows(5).position(|word| word == b"{tag}") {
            self.ready.extend_from_slice(&rest[..at]);
            self.ready.extend_from_slice(&self.tag);
            rest = &rest[at + 5..];
        }
        self.ready.extend_from_slice(rest);
    }
}

impl Read for Canned {
    fn read(&mut self, place: &mut [u8]) -> io::Result<usize> {
        let rest = &self.ready[self.at..];
        if rest.is_empty() && !self.is_cut {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        let count = rest.len().min(self.piece).min(place.len());
        place[..count].copy_from_slice(&rest[..count]);
        self.at += count;
        Ok(count)
    }
}

impl Write for Canned {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.tag = line.split(|octet| *octet == b' ').next().unwrap().to_vec();
        let is = |word: &str| {
            let mut words = line.windows(word.len());
            words.any(|part| part == word.as_bytes())
        };
        if is(" FETCH ") {
            let before = self.ready.len();
            self.say(&self.answer.clone());
            if self.cut < self.ready.len() - before {
                self.ready.truncate(before + self.cut);
                self.is_cut = true;
            }
        } else if is(" EXAMINE ") || is(" SELECT ") {
            self.say(b"* 9 EXISTS\r\n* OK [UIDVALIDITY 7] since\r\n{tag} OK done\r\n");
        } else if is(" SEARCH ") {
            self.say(b"* SEARCH 1 2\r\n{tag} OK done\r\n");
        } else {
            self.say(b"{tag} OK [CAPABILITY IMAP4rev1] done\r\n");
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Transport for Canned {}
