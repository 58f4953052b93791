//! A message whose reader did not return what was announced.

use std::error::Error as StdError;
use std::fmt;
use std::io;

/// A failure of the reader of a message that was being stored.
///
/// As [`Error::Reader`](crate::Error::Reader) nothing had been sent yet, and the connection is
/// usable. As [`CloseReason::Reader`](crate::error::CloseReason::Reader) a part had been, and the
/// server waited for the rest: the connection was closed, and nothing was stored.
///
/// The text of either error has the error of the reader.
#[derive(Debug)]
#[non_exhaustive]
pub enum ReaderError {
    /// The reader returned an error.
    Failed(io::Error),
    /// The reader ended too early.
    TooShort {
        /// The number of octets that were announced.
        announced: u64,
        /// The number of octets that it returned.
        given: u64,
    },
    /// The reader returned more octets than were announced.
    TooLong {
        /// The number of octets that were announced.
        announced: u64,
    },
    /// The reader returned a NUL without [`binary`](crate::types::NewMessage::binary).
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
