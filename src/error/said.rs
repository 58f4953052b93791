//! A server's words in an error.

use std::fmt;

use crate::printable::Printable;
use crate::types::response_code::ResponseCode;

/// What a server said, its code and its text.
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
