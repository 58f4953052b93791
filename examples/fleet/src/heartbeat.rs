//! The thread that keeps the leases, takes accounts, and closes all sessions if the leases are lost.

use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use crate::database::{self, Database, Result};
use crate::leases::Leases;

/// How a worker takes accounts.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// How long the leases last without a heartbeat. A third of it is between two.
    pub lease_time: Duration,
    /// The most accounts of the worker.
    pub most: usize,
    /// The most that it takes at a heartbeat, so that it does not log in everywhere at once, and leaves some to other
    /// workers that start at the same time.
    pub step: usize,
}

/// Sends heartbeats until `stopped` has no sender any more, then ends the worker.
pub fn run(leases: &Leases, db: &mut dyn Database, settings: Settings, stopped: &Receiver<()>) {
    let interval = settings.lease_time / 3;
    let mut valid_until = None;
    loop {
        // Taken before the database takes its own time, so that it is over here before it is over there.
        let begun = Instant::now();
        match beat(leases, db, settings) {
            Ok(()) => valid_until = begun.checked_add(settings.lease_time),
            Err(error) => {
                leases.say(&format_args!("no heartbeat: {}", database::text(&*error)));
                if valid_until.is_some_and(|until| until <= Instant::now()) {
                    leases.say(&"all leases are lost");
                    leases.close_all();
                    valid_until = None;
                }
            }
        }
        let wait = interval.saturating_sub(begun.elapsed());
        match stopped.recv_timeout(wait) {
            Err(RecvTimeoutError::Timeout) => {}
            Ok(()) | Err(RecvTimeoutError::Disconnected) => break,
        }
    }
    if let Some(worker) = leases.worker() {
        leases.close_all();
        // If the database does not hear of it, the leases run out.
        let _ = db.end_worker(worker);
    }
}

fn beat(leases: &Leases, db: &mut dyn Database, settings: Settings) -> Result<()> {
    let worker = match leases.worker() {
        Some(worker) => worker,
        None => {
            let worker = db.begin_worker()?;
            leases.begin(worker);
            worker
        }
    };
    let room = settings.most.saturating_sub(leases.count());
    match db.beat(worker, room.min(settings.step))? {
        Some(taken) => {
            leases.resolve_doubts(db);
            for lease in taken {
                leases.watch(lease, db);
            }
        }
        // This process was paused, or it did not reach the database in time. It begins as another worker.
        None => {
            leases.say(&"ended by another worker: all leases are lost");
            leases.close_all();
        }
    }
    Ok(())
}
