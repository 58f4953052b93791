//! The leases of this worker and the watch of each, which its two threads share.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::io::{self, Write};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use latchbox::types::Printable;
use latchbox::watch::{WatchId, Watches};

use crate::account;
use crate::database::{Database, Lease, Result, WorkerId};

/// How long no worker takes an account that could not be followed.
const PAUSE: Duration = Duration::from_secs(600);

/// The leases of a worker. A lease that is lost is not here any more, and its session is closed.
pub struct Leases {
    watches: Watches,
    held: Mutex<Held>,
}

#[derive(Default)]
struct Held {
    worker: Option<WorkerId>,
    watched: BTreeMap<WatchId, Lease>,
    /// Their stored checkpoints are unknown.
    in_doubt: Vec<Lease>,
}

impl Leases {
    /// No leases yet.
    ///
    /// # Errors
    ///
    /// If the system has no descriptors left.
    pub fn new() -> Result<Self> {
        let (watches, held) = (Watches::new()?, Mutex::default());
        Ok(Self { watches, held })
    }

    /// The watches of all leases.
    pub fn watches(&self) -> &Watches {
        &self.watches
    }

    /// The id of the worker; `None` before it has begun.
    pub fn worker(&self) -> Option<WorkerId> {
        self.held().worker
    }

    /// The number of leases.
    pub fn count(&self) -> usize {
        let held = self.held();
        held.watched.len() + held.in_doubt.len()
    }

    /// The lease of a watch; `None` if it is lost.
    pub fn of(&self, watch: WatchId) -> Option<Lease> {
        self.held().watched.get(&watch).cloned()
    }

    /// The worker has begun, with no leases.
    pub fn begin(&self, worker: WorkerId) {
        self.held().worker = Some(worker);
    }

    /// Begins to watch the account of a lease. If that is impossible, gives the account back with the reason.
    pub fn watch(&self, lease: Lease, db: &mut dyn Database) {
        match account::watch(&lease) {
            Ok(request) => {
                self.say(&format_args!(
                    "account {}: leased, fence {}",
                    lease.account, lease.fence
                ));
                let mut held = self.held();
                // Under the lock, so that no item comes of a watch whose lease is not here yet.
                match self.watches.add(request) {
                    Ok(watch) => drop(held.watched.insert(watch, lease)),
                    Err(error) => {
                        drop(held);
                        self.give_back(lease, &error, db);
                    }
                }
            }
            Err(error) => self.give_back(lease, &error, db),
        }
    }

    /// The lease of a watch is lost: closes its session.
    pub fn close(&self, watch: WatchId) -> Option<Lease> {
        let lease = self.held().watched.remove(&watch);
        self.watches.remove(watch);
        lease
    }

    /// Closes all sessions, and forgets the worker: all its leases are lost.
    pub fn close_all(&self) {
        let held = std::mem::take(&mut *self.held());
        for watch in held.watched.keys() {
            self.watches.remove(*watch);
        }
    }

    /// It is unknown whether a change was stored. The watch has gone on from it, so another one begins from the
    /// checkpoint that the database has.
    pub fn doubt(&self, watch: WatchId) {
        if let Some(lease) = self.close(watch) {
            self.held().in_doubt.push(lease);
        }
    }

    /// Watches the accounts in doubt again, from their stored checkpoints.
    pub fn resolve_doubts(&self, db: &mut dyn Database) {
        let in_doubt = std::mem::take(&mut self.held().in_doubt);
        for lease in in_doubt {
            match db.reread(&lease) {
                Ok(Some(lease)) => self.watch(lease, db),
                Ok(None) => self.say(&format_args!("account {}: lease lost", lease.account)),
                Err(_) => self.held().in_doubt.push(lease), // at the next beat
            }
        }
    }

    /// Gives an account back that cannot be followed.
    pub fn give_back(&self, lease: Lease, error: &dyn Display, db: &mut dyn Database) {
        self.say(&format_args!(
            "account {}: given back: {error}",
            lease.account
        ));
        // A server's text can contain characters that a database refuses.
        let reason = Printable(error.to_string()).to_string();
        if db.give_back(&lease, &reason, PAUSE).is_err() {
            self.held().in_doubt.push(lease);
        }
    }

    /// Prints a line.
    pub fn say(&self, text: &dyn Display) {
        // A closed output is no reason to end.
        let _ = match self.worker() {
            Some(worker) => writeln!(io::stdout(), "worker {worker}: {text}"),
            None => writeln!(io::stdout(), "worker: {text}"),
        };
    }

    /// A panic of the other thread leaves it consistent.
    fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
