//! The progress of a long call.

use std::fmt;

/// The progress of a call, as [`Session::on_progress`](crate::Session::on_progress) reports it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Progress {
    /// The command that is in progress, such as `UID COPY`.
    pub command: &'static str,
    /// The number of units that are done; 0 if the server reports no number.
    pub done: u64,
    /// The number of units in all; `None` if it is not known.
    pub total: Option<u64>,
    /// The unit of the numbers.
    pub unit: ProgressUnit,
}

/// The unit of a [`Progress`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ProgressUnit {
    /// Messages. Of a set with `*` or with gaps, the total counts UIDs that may have no message.
    Messages,
    /// Octets of one message or section, as they are sent: before a transfer encoding is removed.
    Octets,
    /// A unit of the server's choice (INPROGRESS, RFC 9585).
    Server,
}

impl Progress {
    pub(crate) fn new(
        command: &'static str,
        unit: ProgressUnit,
        done: u64,
        total: Option<u64>,
    ) -> Self {
        Self {
            command,
            done,
            total,
            unit,
        }
    }
}

impl fmt::Display for Progress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.command, self.done)?;
        if let Some(total) = self.total {
            write!(f, " of {total}")?;
        }
        write!(f, "{}", self.unit)
    }
}

/// The unit as it follows a number, with a space before it; empty for a unit of the server's choice.
impl fmt::Display for ProgressUnit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Messages => " messages",
            Self::Octets => " octets",
            Self::Server => "",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn progress_is_a_line_for_people() {
        let line = |unit, total| Progress::new("APPEND", unit, 5, total).to_string();
        assert_eq!(line(ProgressUnit::Octets, Some(9)), "APPEND: 5 of 9 octets");
        assert_eq!(line(ProgressUnit::Messages, None), "APPEND: 5 messages");
        assert_eq!(line(ProgressUnit::Server, Some(100)), "APPEND: 5 of 100");
    }
}
