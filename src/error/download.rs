//! Failures of a download: no such message or section, or fewer octets than announced.

use std::error::Error as StdError;
use std::fmt;

use crate::error::closed::Closed;
use crate::types::section::Section;
use crate::types::uid::Uid;

/// The requested message or section does not exist.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum NotFound {
    /// The mailbox has no message with this UID, or has it no longer.
    Message(Uid),
    /// The message has no such part.
    ///
    /// The UID is that of the message, if the server reported it.
    Section(Option<Uid>, Section),
}

/// A download ended early: the octets that came are not all of it.
///
/// ```no_run
/// # use std::io;
/// # fn main() -> Result<(), latchbox::Error> {
/// # let mut download: latchbox::command::Download<'static> = unimplemented!();
/// match download.copy_to(&mut io::sink()) {
///     Err(latchbox::Error::Truncated(truncated)) => {
///         eprintln!("{} of {} octets", truncated.position(), truncated.len());
///     }
///     other => println!("{} octets", other?),
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Truncated {
    pub(crate) received: u64,
    pub(crate) len: u64,
    pub(crate) closed: Closed,
}

impl Truncated {
    /// The number of octets that were returned.
    #[must_use]
    pub fn position(&self) -> u64 {
        self.received
    }

    /// The number of octets that the server had announced.
    #[allow(clippy::len_without_is_empty)]
    #[must_use]
    pub fn len(&self) -> u64 {
        self.len
    }

    /// The end of the connection.
    #[must_use]
    pub fn closed(&self) -> &Closed {
        &self.closed
    }
}

impl fmt::Display for NotFound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Message(uid) => write!(f, "there is no message with UID {uid}"),
            Self::Section(Some(uid), section) => {
                write!(f, "the message with UID {uid} has no {section}")
            }
            Self::Section(None, section) => write!(f, "the message has no {section}"),
        }
    }
}

impl fmt::Display for Truncated {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            received,
            len,
            closed,
        } = self;
        write!(f, "only {received} of {len} octets were received: {closed}")
    }
}

impl StdError for NotFound {}
