//! A call that the caller cancelled, and what became of its command.

use std::fmt;

use crate::error::{Effect, Error};

/// A [`StopHandle`](crate::StopHandle) stopped the call; the connection is usable.
///
/// The command was not sent, or it was a FETCH whose remaining messages are not returned. A call of
/// several commands that had begun is [`Error::Unfinished`] with this as its cause.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cancelled {
    pub(crate) command: &'static str,
    pub(crate) effect: Effect,
}

impl Cancelled {
    /// The command that was not sent, or whose answer is not read to its end.
    #[must_use]
    pub fn command(&self) -> &'static str {
        self.command
    }

    /// Whether that command may have done its work: a FETCH that sets `\Seen` sets it for messages
    /// that are not returned any more.
    #[must_use]
    pub fn effect(&self) -> Effect {
        self.effect
    }
}

impl Error {
    /// Whether a [`StopHandle`](crate::StopHandle) stopped the call, or a
    /// [`CloseHandle`](crate::CloseHandle) closed the session; [`is_closed`](Self::is_closed) tells
    /// these apart.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        match self {
            Self::Cancelled(_) => true,
            Self::Closed(closed) => closed.is_cancelled(),
            Self::Truncated(truncated) => truncated.closed.is_cancelled(),
            Self::Unfinished(unfinished) => unfinished.cause.is_cancelled(),
            Self::Connect(error) => error.is_cancelled(),
            _ => false,
        }
    }

    /// A command that was not sent.
    pub(crate) fn cancelled(command: &'static str, effect: Effect) -> Self {
        Self::Cancelled(Box::new(Cancelled { command, effect }))
    }
}

impl fmt::Display for Cancelled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: cancelled by its StopHandle", self.command)
    }
}
