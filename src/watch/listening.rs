//! Listening to one mailbox: an IDLE, or polling by NOOP, which stays in flight while the lock is
//! released.

use std::time::Instant;

use crate::error::{Error, Result};
use crate::idle_options::Rhythm;
use crate::listener::Listener;
use crate::mailbox_guard::{OwnedMailboxGuard, ReadOnly};
use crate::transport::poller::Poller;
use crate::transport::readiness::Awaited;
use crate::types::mailbox_name::MailboxName;

/// The responses that are read in one step, so that one server cannot occupy the thread.
const RESPONSES_AT_ONCE: usize = 1_000;

/// The guard of a watch.
pub(super) type Guard = OwnedMailboxGuard<ReadOnly>;

pub(super) struct Listening {
    pub(super) mailbox: MailboxName,
    /// Identifies the selection.
    pub(super) selection: u64,
    pub(super) began: Instant,
    listener: Listener,
}

/// The outcome of reading.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Heard {
    /// All that has arrived was read.
    All,
    /// More has arrived.
    More,
    /// The server has ended the IDLE.
    End,
}

impl Listening {
    pub(super) fn begin(guard: &Guard, rhythm: Rhythm) -> Result<Self> {
        let mut lease = guard.held.lease("IDLE")?;
        let listener = Listener::of_mailbox(&mut lease, rhythm)?;
        listener.begin(&mut lease)?;
        Ok(Self {
            mailbox: guard.name().clone(),
            selection: guard.held.selection(),
            began: Instant::now(),
            listener,
        })
    }

    /// Whether the server sends events by itself.
    pub(super) fn is_by_idle(&self) -> bool {
        self.listener.is_idling()
    }

    /// When something is to be sent.
    pub(super) fn due(&self) -> Option<Instant> {
        self.listener.due()
    }

    /// Sends what is due up to an instant, and reads what has arrived, up to a limit.
    pub(super) fn hear(&mut self, guard: &Guard, horizon: Instant) -> Result<Heard> {
        let mut lease = guard.held.lease_as_it_is("IDLE")?;
        if self.listener.due().is_some_and(|due| due <= horizon) {
            self.listener.on_due(&mut lease)?;
        }
        for _ in 0..RESPONSES_AT_ONCE {
            if !self.listener.goes_on(&mut lease) {
                return Ok(Heard::End);
            }
            if !self.listener.on_readable(&mut lease)? {
                return Ok(Heard::All);
            }
        }
        Ok(Heard::More)
    }

    /// Makes the poller report what arrives; `false` if something has arrived already.
    pub(super) fn arm(&self, guard: &Guard, poller: &Poller, number: u64) -> Result<bool> {
        let mut lease = guard.held.lease_as_it_is("IDLE")?;
        match lease.awaited() {
            Awaited::Nothing => return Ok(false),
            Awaited::Readable(descriptor) => {
                let added = poller.add(number, descriptor);
                added.map_err(Error::Resources)?;
            }
            Awaited::Unknown => {}
        }
        Ok(true)
    }

    pub(super) fn end(&self, guard: &Guard) -> Result<()> {
        let mut lease = guard.held.lease_as_it_is("IDLE")?;
        self.listener.end(&mut lease)
    }
}
