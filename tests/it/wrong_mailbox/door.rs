//! What the threads share: a session, or a pool of connections.

use latchbox::error::CloseReason;
use latchbox::types::StatusItem;
use latchbox::{CloseHandle, LockRequest, Pool, Result, Session};

pub(super) enum Door {
    Session(Session),
    Pool(Pool),
}

impl Door {
    pub(super) fn mailbox(&self, name: &str) -> LockRequest<'_> {
        match self {
            Self::Session(session) => session.mailbox(name),
            Self::Pool(pool) => pool.mailbox(name),
        }
    }

    pub(super) fn noop(&self) -> Result<()> {
        match self {
            Self::Session(session) => session.noop(),
            Self::Pool(pool) => pool.session()?.noop(),
        }
    }

    pub(super) fn status(&self, name: &str) -> Result<()> {
        let items = [StatusItem::Messages];
        match self {
            Self::Session(session) => session.status(name, items),
            Self::Pool(pool) => pool.session()?.status(name, items),
        }
        .map(drop)
    }

    pub(super) fn close_handle(&self) -> CloseHandle {
        match self {
            Self::Session(session) => session.close_handle(),
            Self::Pool(pool) => pool.close_handle(),
        }
    }

    /// Whether nothing more can be done after this.
    pub(super) fn ends_with(&self, reason: &CloseReason) -> bool {
        match self {
            Self::Session(_) => true,
            Self::Pool(_) => matches!(reason, CloseReason::Cancelled),
        }
    }

    /// The number of holders and of waiters.
    pub(super) fn state(&self) -> (usize, usize) {
        match self {
            Self::Session(session) => {
                let state = session.lock_state();
                (state.holders().len(), state.waiting())
            }
            Self::Pool(pool) => {
                let state = pool.state();
                (state.holders().len(), state.waiting())
            }
        }
    }
}
