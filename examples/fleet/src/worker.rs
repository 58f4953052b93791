//! The thread that follows the mailboxes of all leased accounts, and stores what changes.

use std::io;
use std::sync::mpsc;
use std::thread;

use latchbox::StopHandle;
use latchbox::sync::ChangeBatch;
use latchbox::watch::{WatchId, WatchItem};
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

use crate::change::Change;
use crate::database::{self, Database, Lease, Result, Written};
use crate::heartbeat::{self, Settings};
use crate::leases::Leases;

/// Works on the accounts of a database, until a signal (SIGTERM, SIGINT) ends it. Other workers then take its accounts
/// at once; those of a worker that is killed, after the lease time.
///
/// With `until_input_ends`, the end of standard input ends it too.
///
/// # Errors
///
/// If the database cannot be opened, or the system has no resources left.
pub fn run(place: &str, settings: Settings, until_input_ends: bool) -> Result<()> {
    // A connection for each thread: a heartbeat must not wait for a transaction.
    let mut db = database::open(place, settings.lease_time)?;
    let mut db_of_heartbeat = database::open(place, settings.lease_time)?;
    let leases = Leases::new()?;
    let stop = leases.watches().stop_handle();
    let mut signals = Signals::new([SIGINT, SIGTERM])?;
    let stop_at_signal = stop.clone();
    thread::spawn(move || signals.forever().next().map(|_| stop_at_signal.stop()));
    if until_input_ends {
        let stop = stop.clone();
        thread::spawn(move || io::copy(&mut io::stdin(), &mut io::sink()).map(|_| stop.stop()));
    }
    thread::scope(|scope| {
        let (stopping, stopped) = mpsc::channel();
        let leases = &leases;
        scope.spawn(move || {
            let _stop_all = StopAtEnd(stop);
            heartbeat::run(leases, &mut *db_of_heartbeat, settings, &stopped);
        });
        let followed = follow(leases, &mut *db);
        drop(stopping);
        followed
    })
}

/// A worker without a heartbeat has no leases, and must not go on.
struct StopAtEnd(StopHandle);

impl Drop for StopAtEnd {
    fn drop(&mut self) {
        self.0.stop();
    }
}

/// Takes what happens in any mailbox, one after the other.
fn follow(leases: &Leases, db: &mut dyn Database) -> Result<()> {
    while let Some((watch, item)) = leases.watches().next()? {
        let Some(lease) = leases.of(watch) else {
            continue; // lost while the item was returned
        };
        match item {
            WatchItem::Changes { batch, .. } => store(leases, watch, &lease, &batch, db),
            WatchItem::Ended(error) => {
                leases.close(watch);
                leases.give_back(lease, &error, db);
            }
            WatchItem::UpToDate => {}
            // The watch goes on by itself.
            other => leases.say(&format_args!("account {}: {other}", lease.account)),
        }
    }
    Ok(())
}

/// Stores a batch with its checkpoint, or closes the session if the account is another worker's now.
///
/// The time of the lease is not looked at: it may pass between the look and the write. The fence is compared where the
/// row is written.
fn store(
    leases: &Leases,
    watch: WatchId,
    lease: &Lease,
    batch: &ChangeBatch,
    db: &mut dyn Database,
) {
    let account = lease.account;
    let change = Change::from(batch);
    match db.write(lease, &change) {
        Ok(Written::Stored) => {
            let new = change.new.len();
            let gone: i64 = change.gone.iter().map(|(low, high)| high - low + 1).sum();
            if !batch.is_empty() {
                leases.say(&format_args!("account {account}: {new} new, {gone} gone"));
            }
        }
        Ok(Written::LeaseLost) => {
            leases.close(watch);
            leases.say(&format_args!(
                "account {account}: fence {} is too low, nothing stored",
                lease.fence
            ));
        }
        Err(error) => {
            let error = database::text(&*error);
            leases.say(&format_args!(
                "account {account}: unknown whether stored: {error}"
            ));
            leases.doubt(watch);
        }
    }
}
