//! The progress of a long call.

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
    /// Messages.
    Messages,
    /// Octets.
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
