//! A request for the lock of a mailbox that waits in the queue, and not in a thread.

use std::marker::PhantomData;

use crate::error::Result;
use crate::mailbox_guard::lock_source::{LockCall, LockSource, Queued};
use crate::mailbox_guard::{Access, MailboxGuard, OwnedMailboxGuard};
use crate::types::mailbox_name::MailboxName;

/// A lock that was requested, and may have been granted. Dropping it leaves the queue, or releases
/// the lock.
pub(crate) struct PendingLock<A> {
    queued: Queued,
    call: LockCall,
    access: PhantomData<fn() -> A>,
}

/// The guard, or the request that still waits.
pub(crate) enum Taken<A: Access> {
    Granted(OwnedMailboxGuard<A>),
    Waiting(PendingLock<A>),
}

impl<A: Access> PendingLock<A> {
    /// The mailbox.
    pub(crate) fn name(&self) -> &MailboxName {
        &self.call.wanted.access.name
    }

    pub(super) fn new(queued: Queued, call: LockCall) -> Self {
        Self {
            queued,
            call,
            access: PhantomData,
        }
    }

    /// The guard, if the lock was granted: makes sure that the connection is alive and that the
    /// mailbox is selected, which is waited for as by `lock`. The source is that of the request.
    ///
    /// If the lock was not granted in time, that is an error; no alarm is called for it.
    pub(crate) fn try_take(self, source: &dyn LockSource) -> Result<Taken<A>> {
        let Self { queued, call, .. } = self;
        let acquired = match source.try_take(&call.wanted, queued, call.wait.deadline()) {
            Ok(Err(queued)) => return Ok(Taken::Waiting(Self::new(queued, call))),
            Ok(Ok(held)) => Ok(held),
            Err(error) => Err(error),
        };
        let held = call.finish(acquired)?;
        // Until here the turn was this thread's, so that nothing that was called could wait for it.
        held.turn().hand_over();
        Ok(Taken::Granted(MailboxGuard::new(held)))
    }
}
