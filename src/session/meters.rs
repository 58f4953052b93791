//! The meter of the current connection of a session, and the sums of those before.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::connection::meter::Meter;

/// Shared by the threads of a session; no lock on the connection is needed to read it.
pub(super) struct Meters(Mutex<Reading>);

/// The current meter, and counters: in [`Meters`] those of the connections before, in a reading those
/// of all.
pub(super) struct Reading {
    pub(super) current: Arc<Meter>,
    pub(super) reconnections: u64,
    pub(super) commands: u64,
    pub(super) sent: u64,
    pub(super) received: u64,
}

impl Meters {
    pub(super) fn new(current: &Arc<Meter>) -> Self {
        Self(Mutex::new(Reading {
            current: Arc::clone(current),
            reconnections: 0,
            commands: 0,
            sent: 0,
            received: 0,
        }))
    }

    /// The session has another connection.
    pub(super) fn replace(&self, next: &Arc<Meter>) {
        let mut sums = self.lock();
        *sums = sums.with_current();
        // In a pool there was none before the first.
        let had_one = sums.current.traffic().received.octets() > 0;
        sums.current = Arc::clone(next);
        sums.reconnections = sums.reconnections.saturating_add(u64::from(had_one));
    }

    pub(super) fn current(&self) -> Arc<Meter> {
        Arc::clone(&self.lock().current)
    }

    /// The counters of all connections.
    pub(super) fn read(&self) -> Reading {
        self.lock().with_current()
    }

    /// A panic of another thread leaves the readings consistent.
    fn lock(&self) -> MutexGuard<'_, Reading> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Reading {
    /// With what the current meter has counted.
    fn with_current(&self) -> Self {
        let traffic = self.current.traffic();
        Self {
            current: Arc::clone(&self.current),
            reconnections: self.reconnections,
            commands: self.commands.saturating_add(self.current.commands()),
            sent: self.sent.saturating_add(traffic.sent.octets()),
            received: self.received.saturating_add(traffic.received.octets()),
        }
    }
}
