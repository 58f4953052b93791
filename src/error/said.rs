//! A server's words in an error, with what a terminal would obey made visible.

use std::fmt;

use crate::types::response_code::ResponseCode;

/// What a server said, its code and its text.
pub(crate) struct Said<'a>(pub(crate) Option<&'a ResponseCode>, pub(crate) &'a str);

impl fmt::Display for Said<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(code) if self.1.is_empty() => write!(f, "[{code}]"),
            Some(code) => write!(f, "[{code}] {}", Shown(self.1)),
            None => Shown(self.1).fmt(f),
        }
    }
}

/// A server's text with what a terminal would obey made visible.
pub(crate) struct Shown<'a>(pub(crate) &'a str);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for character in self.0.chars() {
            if character.is_control() {
                write!(f, "{}", character.escape_default())?;
            } else {
                fmt::Write::write_char(f, character)?;
            }
        }
        Ok(())
    }
}
