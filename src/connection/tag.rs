//! Tags: what tells the answer to one command from that to another.

use std::io::Write;

/// A tag that begins with a letter, because a server reads purely numeric ones as numbers.
#[derive(Default)]
pub(crate) struct Tag {
    number: u64,
    pub(crate) text: Vec<u8>,
}

impl Tag {
    /// The next one, for the next command.
    pub(crate) fn advance(&mut self) {
        self.number += 1;
        self.text.clear();
        let _ = write!(self.text, "A{}", self.number);
    }

    /// Its text, to be sent.
    pub(crate) fn as_str(&self) -> &str {
        std::str::from_utf8(&self.text).unwrap_or_default()
    }
}
