//! Where locks on mailboxes come from, and one call that acquires a lock.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::connection::Connection;
use crate::connection::shutdown_switch::Epoch;
use crate::connection::state::MailboxAccess;
use crate::error::lock::Holder;
use crate::error::{Error, LockError, MailboxError, Result};
use crate::lock::pending::{Pending, Polled};
use crate::lock::{Alarm, FairLock, NoTurn, Request, Turn, Wait};
use crate::mailbox_guard::lease::{Held, WantedMailbox};
use crate::stop_handle::StopHandle;
use crate::types::uid::UidValidity;

/// A source of locks on mailboxes.
pub(crate) trait LockSource: Send + Sync {
    /// The timeout of a request without its own; `None` for without limit.
    fn lock_timeout(&self) -> Option<Duration>;

    /// Acquires the lock, and makes sure until `deadline` that its connection is alive and that the
    /// mailbox is selected on it.
    fn acquire(
        &self,
        wanted: &WantedMailbox,
        request: Request<MailboxAccess>,
        deadline: Option<Instant>,
    ) -> Result<Held>;

    /// The first half of [`acquire`](Self::acquire): a place in the queue, in which no thread waits.
    fn request(&self, request: Request<MailboxAccess>, alarm: Alarm) -> Result<Queued>;

    /// The other half, if the place has become a turn. Returns a place that still waits otherwise,
    /// or if the connection of the turn cannot be had and another may be.
    fn try_take(
        &self,
        wanted: &WantedMailbox,
        queued: Queued,
        deadline: Option<Instant>,
    ) -> Result<Result<Held, Queued>>;
}

/// A request in the queue, and what its turn needs.
pub(crate) struct Queued {
    pub(crate) pending: Pending<Connection>,
    pub(crate) needs: Needs,
}

/// What the turn of a request needs.
pub(crate) struct Needs {
    pub(crate) arrival: Arrival,
    pub(crate) wait: Wait,
    pub(crate) stop: Option<StopHandle>,
    pub(crate) alarm: Alarm,
}

/// A turn that has begun, and what it needs.
pub(crate) type Began = (Turn<Connection>, Needs);

/// The state of the source when a request came.
#[derive(Clone, Copy, Default)]
pub(crate) struct Arrival {
    /// The connection of a session.
    pub(crate) epoch: Epoch,
    /// The number of connections that a pool has failed to make.
    pub(crate) failures: u64,
}

/// One call that acquires a lock.
pub(crate) struct LockCall {
    pub(crate) wanted: WantedMailbox,
    pub(crate) uid_validity: Option<UidValidity>,
    pub(crate) stop: Option<StopHandle>,
    /// The time for all of it.
    pub(crate) wait: Wait,
    pub(crate) began: Instant,
}

impl Queued {
    pub(crate) fn new(
        lock: &Arc<FairLock<Connection>>,
        request: Request<MailboxAccess>,
        alarm: Alarm,
        arrival: Arrival,
    ) -> Result<Self, NoTurn<Holder>> {
        let needs = Needs {
            arrival,
            wait: request.wait,
            stop: request.stop.clone(),
            alarm: Arc::clone(&alarm),
        };
        let pending = lock.request(request, alarm)?;
        Ok(Self { pending, needs })
    }

    /// The turn, which belongs to this thread then, if the place has become one.
    pub(crate) fn try_take(self) -> Result<Result<Began, Self>, NoTurn<Holder>> {
        let Self { pending, needs } = self;
        Ok(match pending.try_take()? {
            Polled::Granted(turn) => {
                turn.take_over();
                Ok((turn, needs))
            }
            Polled::Waiting(pending) => Err(Self { pending, needs }),
        })
    }
}

impl LockCall {
    /// The end of the call: the mailbox is the one that the caller expects.
    pub(crate) fn finish(self, acquired: Result<Held>) -> Result<Held> {
        let Self {
            wanted,
            uid_validity,
            stop,
            began,
            ..
        } = self;
        let held = acquired.map_err(|error| late(error, began))?;
        let held = held.heeding(stop);
        if uid_validity.is_some() && uid_validity != held.uid_validity() {
            let changed = MailboxError::UidValidityChanged(wanted.access.name);
            return Err(Error::mailbox(changed));
        }
        let name = &wanted.access.name;
        log::debug!("lock granted: {name}, after {:?}", began.elapsed());
        Ok(held)
    }
}

/// A timeout of the lock counts from when the lock was requested.
fn late(mut error: Error, began: Instant) -> Error {
    if let Error::Lock(lock) = &mut error {
        if let LockError::Timeout { waited, .. } = &mut **lock {
            *waited = began.elapsed();
        }
    }
    error
}
