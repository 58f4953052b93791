//! The commands that are sent ahead of another one: which of them are due or in flight, and whether the
//! server has done them.

use crate::types::capability::Capability;
use crate::wire::response::Untagged;

/// The commands that are due or in flight, and what they were answered by.
#[derive(Default)]
pub(crate) struct Ahead {
    pub(in crate::connection) unselect: Phase,
    pub(in crate::connection) enable_qresync: Phase,
    /// The answer to ENABLE has an ENABLED.
    pub(in crate::connection) is_reported: bool,
}

/// The progress of a command that is sent ahead.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::connection) enum Phase {
    #[default]
    NotDue,
    /// It is sent with the next command.
    Due,
    InFlight,
    /// The server has not done it.
    Refused,
}

impl Ahead {
    /// Whether one is to be sent with the next command.
    #[inline]
    pub(in crate::connection) fn is_due(&self) -> bool {
        self.unselect == Phase::Due || self.enable_qresync == Phase::Due
    }

    /// Whether QRESYNC is being enabled: the next command may be encoded as if it were.
    pub(crate) fn is_enabling_qresync(&self) -> bool {
        matches!(self.enable_qresync, Phase::Due | Phase::InFlight)
    }

    /// Whether the server did not enable QRESYNC when it was requested to.
    pub(crate) fn is_qresync_refused(&self) -> bool {
        self.enable_qresync == Phase::Refused
    }

    /// Whether the server may still have the mailbox selected that UNSELECT was sent for.
    pub(in crate::connection) fn is_still_selected(&self) -> bool {
        matches!(self.unselect, Phase::InFlight | Phase::Refused)
    }

    /// Marks an ENABLED that answers the ENABLE in flight as requested; of what it names, only what
    /// was requested is enabled.
    #[inline]
    pub(in crate::connection) fn take_enabled<'r>(&mut self, data: Untagged<'r>) -> Untagged<'r> {
        match data {
            Untagged::Enabled {
                mut capabilities,
                is_asked: false,
            } if self.enable_qresync == Phase::InFlight => {
                capabilities.retain(|capability| *capability == Capability::Qresync);
                self.is_reported = true;
                Untagged::Enabled {
                    capabilities,
                    is_asked: true,
                }
            }
            other => other,
        }
    }
}
