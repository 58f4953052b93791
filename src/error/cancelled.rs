//! A call that the caller canceled, and the effect of its command.

use std::fmt;

use crate::error::closed::Effect;

/// A [`StopHandle`](crate::StopHandle) stopped the call; the connection is usable.
///
/// The command was not sent, or it was a FETCH whose remaining messages are not returned. A call of
/// several commands that had begun is [`Error::Unfinished`](crate::Error::Unfinished) with this as its cause.
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

    /// Whether that command may have taken effect.
    ///
    /// A FETCH that sets `\Seen` also sets it for messages that are not returned any more.
    #[must_use]
    pub fn effect(&self) -> Effect {
        self.effect
    }
}

impl fmt::Display for Cancelled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: cancelled by its StopHandle", self.command)
    }
}
