//! A message that did not come as it was announced.

use std::error::Error as StdError;
use std::fmt;
use std::io;

/// What went wrong with the reader of a message that was being stored.
///
/// As [`Error::Reader`](crate::Error::Reader) nothing had been sent yet, and the connection is in
/// step. As [`CloseReason::Reader`](crate::error::CloseReason::Reader) a part had been, and the server
/// waited for the rest: the connection was closed, and nothing was stored.
///
/// The text of either error has what the reader returned.
#[derive(Debug)]
#[non_exhaustive]
pub enum ReaderError {
    /// It failed.
    Failed(io::Error),
    /// It ended too early.
    TooShort {
        /// How many octets were announced.
        announced: u64,
        /// How many it gave.
        given: u64,
    },
    /// It went on after what was announced.
    TooLong {
        /// How many octets were announced.
        announced: u64,
    },
    /// It gave a NUL, and [`binary`](crate::types::NewMessage::binary) had not been asked for.
    Nul,
}

impl fmt::Display for ReaderError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Failed(error) => write!(f, "the message could not be read: {error}"),
            Self::TooShort { announced, given } => {
                write!(f, "the message ended after {given} of {announced} octets")
            }
            Self::TooLong { announced } => {
                write!(f, "the message did not end after {announced} octets")
            }
            Self::Nul => f.write_str("the message holds a NUL, which was not announced"),
        }
    }
}

impl StdError for ReaderError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match self {
            Self::Failed(error) => error.source(),
            _ => None,
        }
    }
}
