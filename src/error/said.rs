//! The server's text in an error.

use std::fmt;

use crate::printable::Printable;
use crate::types::response_code::ResponseCode;

/// The response code and the text of a server.
pub(crate) struct Said<'a>(pub(crate) Option<&'a ResponseCode>, pub(crate) &'a str);

impl fmt::Display for Said<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(code) if self.1.is_empty() => write!(f, "[{code}]"),
            Some(code) => write!(f, "[{code}] {}", Printable(self.1)),
            None => Printable(self.1).fmt(f),
        }
    }
}

/// The beginning of what is written, up to so many characters, with `...` for the rest.
pub(crate) fn shortened(written: &dyn fmt::Display, most: usize) -> Box<str> {
    let mut text = Shortened {
        text: String::new(),
        left: most,
    };
    if fmt::Write::write_fmt(&mut text, format_args!("{written}")).is_err() {
        text.text.push_str("...");
    }
    text.text.into()
}

/// Takes no more than its room, so that what is long is not written to its end first.
struct Shortened {
    text: String,
    left: usize,
}

impl fmt::Write for Shortened {
    fn write_str(&mut self, piece: &str) -> fmt::Result {
        let end = piece.char_indices().nth(self.left);
        let taken = end.map_or(piece, |(at, _)| piece.get(..at).unwrap_or(piece));
        self.text.push_str(taken);
        self.left = self.left.saturating_sub(taken.chars().count());
        match end {
            Some(_) => Err(fmt::Error),
            None => Ok(()),
        }
    }
}
