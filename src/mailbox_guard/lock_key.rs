//! What the lock of a session or a pool is about: the mailbox that a connection has selected, which
//! mailboxes exclude each other, and the errors of a lock that is not granted.

use std::sync::Arc;

use crate::connection::Connection;
use crate::connection::state::MailboxAccess;
use crate::error::lock::Holder;
use crate::error::{CloseReason, Effect, Error, LockError};
use crate::lock::{Holding, Key, Keyed, NoTurn};
use crate::types::mailbox_name::MailboxName;

/// Threads that only read a mailbox do not disturb each other.
impl Key for MailboxAccess {
    fn excludes(&self, other: &Self) -> bool {
        self.name == other.name && !(self.read_only && other.read_only)
    }

    /// A mailbox is reserved to be removed, with those below it.
    fn covers(&self, other: &Self) -> bool {
        is_within(&other.name, &self.name)
    }
}

impl Keyed for Connection {
    type Key = MailboxAccess;
    type Holder = Holder;

    fn is_usable(&self) -> bool {
        self.is_open()
    }

    fn update_key(&self, known: &mut Option<MailboxAccess>) {
        let is_known = match known {
            Some(known) => self.state.is_open(known),
            None => false,
        };
        if !is_known {
            *known = self.state.opened();
        }
    }

    fn holder(turn: Holding<'_, MailboxAccess>) -> Holder {
        Holder {
            thread: turn.thread.map(str::to_owned),
            label: turn.label.map(str::to_owned),
            mailbox: turn.key.map(|wanted| wanted.name.clone()),
            held_for: turn.held_for,
        }
    }
}

pub(crate) fn no_turn(command: &'static str, reason: NoTurn<Holder>) -> Error {
    let error = match reason {
        NoTurn::HeldByThisThread { holders } => LockError::HeldByThisThread { holders },
        NoTurn::WouldBlock { holders } => LockError::WouldBlock { holders },
        NoTurn::Timeout {
            waited,
            holders,
            waiting,
        } => LockError::Timeout {
            waited,
            holders,
            waiting,
            warning: None,
        },
        NoTurn::Stopped => return Error::cancelled(command, Effect::None),
        NoTurn::Closed => {
            return Error::closed(command, Effect::None, &Arc::new(CloseReason::Cancelled));
        }
    };
    Error::Lock(Box::new(error))
}

/// Whether a mailbox is this one or one below it.
pub(crate) fn is_within(mailbox: &MailboxName, name: &MailboxName) -> bool {
    // What separates the levels is not known here; a letter or a digit never does.
    let is_below = |rest: &str| rest.starts_with(|c: char| c.is_ascii_punctuation());
    let rest = mailbox.as_str().strip_prefix(name.as_str());
    rest.is_some_and(|rest| rest.is_empty() || is_below(rest))
}
