//! APPEND with what MULTIAPPEND, CATENATE, BINARY and UTF8 add to it, and REPLACE.

use chrono::{DateTime, FixedOffset};

use crate::grammar::reader::{Parsed, Reader};
use crate::grammar::sets::Set;

/// The messages of an APPEND, and where they go.
#[derive(Debug)]
pub(crate) struct Append {
    pub(crate) mailbox: String,
    pub(crate) messages: Vec<Incoming>,
}

/// A message that comes in.
#[derive(Debug)]
pub(crate) struct Incoming {
    pub(crate) flags: Vec<String>,
    pub(crate) date: Option<DateTime<FixedOffset>>,
    pub(crate) pieces: Vec<Piece>,
}

/// A piece of a message (RFC 4469).
#[derive(Debug, Eq, PartialEq)]
pub(crate) enum Piece {
    Octets(Vec<u8>),
    /// A message of the server, or a part of one.
    Url(String),
}

/// A REPLACE (RFC 8508).
#[derive(Debug)]
pub(crate) struct Replace {
    pub(crate) uid: bool,
    pub(crate) set: Set,
    pub(crate) append: Append,
}

impl Reader<'_> {
    /// What follows APPEND.
    pub(super) fn append(&mut self) -> Parsed<Append> {
        self.space()?;
        let mailbox = self.mailbox()?;
        self.space()?;
        let mut messages = vec![self.incoming()?];
        while self.peek() == Some(b' ') {
            self.needs(&["MULTIAPPEND"]);
            self.space()?;
            messages.push(self.incoming()?);
        }
        Ok(Append { mailbox, messages })
    }

    /// What follows REPLACE: one number, not a set.
    pub(super) fn replace(&mut self, uid: bool) -> Parsed<Replace> {
        self.space()?;
        let set = self.one_message(uid)?;
        self.space()?;
        let mailbox = self.mailbox()?;
        self.space()?;
        let messages = vec![self.incoming()?];
        Ok(Replace {
            uid,
            set,
            append: Append { mailbox, messages },
        })
    }

    fn incoming(&mut self) -> Parsed<Incoming> {
        let mut flags = Vec::new();
        if self.peek() == Some(b'(') {
            flags = self.flag_list()?;
            self.space()?;
        }
        let mut date = None;
        if self.peek() == Some(b'"') {
            date = Some(self.date_time()?);
            self.space()?;
        }
        let pieces = match self.next_word().as_str() {
            "CATENATE" => {
                self.needs(&["CATENATE"]);
                self.word();
                self.space()?;
                self.list(Self::piece)?
            }
            "UTF8" => vec![self.utf8_message()?],
            _ => vec![self.message_literal()?],
        };
        Ok(Incoming {
            flags,
            date,
            pieces,
        })
    }

    /// `UTF8 (~{..})` (RFC 6855).
    fn utf8_message(&mut self) -> Parsed<Piece> {
        self.needs(&["UTF8=ACCEPT", "UTF8=ONLY"]);
        if !self.utf8 {
            return Err(self.wrong("UTF8=ACCEPT is not enabled"));
        }
        self.word();
        self.space()?;
        self.octet(b'(', "a list")?;
        if self.peek() != Some(b'~') {
            return Err(self.expected("a literal8"));
        }
        let literal = self.literal_or_literal8("a literal8")?;
        self.octet(b')', ")")?;
        Ok(Piece::Octets(literal.octets.to_vec()))
    }

    fn message_literal(&mut self) -> Parsed<Piece> {
        if self.peek() == Some(b'~') {
            self.needs(&["BINARY"]);
        }
        let literal = self.literal_or_literal8("a literal")?;
        Ok(Piece::Octets(literal.octets.to_vec()))
    }

    /// A piece of a message that is put together.
    fn piece(&mut self) -> Parsed<Piece> {
        match self.next_word().as_str() {
            "TEXT" => {
                self.word();
                self.space()?;
                self.message_literal()
            }
            "URL" => {
                self.word();
                self.space()?;
                self.astring_text("a URL").map(Piece::Url)
            }
            "UTF8" => self.utf8_message(),
            _ => Err(self.expected("TEXT or URL")),
        }
    }
}
