//! No command ever reaches a mailbox that it is not meant for, whatever threads and servers do.
//!
//! `LATCHBOX_LONG=1` makes it a million operations, `LATCHBOX_SEED` says which chances are taken.

mod server;
mod worker;

use std::sync::atomic::{AtomicU64, Ordering::SeqCst};
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use latchbox::{Account, Backoff, Credentials, Session};

use crate::sessions::plaintext;
use crate::support::chance::Chance;
use server::Server;
use worker::Worker;

const THREADS: u64 = 8;

#[test]
fn no_command_reaches_the_wrong_mailbox() {
    play(|account| account);
}

#[test]
fn no_command_reaches_the_wrong_mailbox_when_the_session_reconnects() {
    play(|account| account.reconnecting(Backoff::new().initial_delay(Duration::ZERO)));
}

/// The session that all threads share now, and how it is replaced when it has ended.
struct Place {
    account: Account,
    session: Mutex<Arc<Session>>,
    /// How many operations are still to be begun.
    left: AtomicU64,
}

impl Place {
    fn new(account: Account, operations: u64) -> Self {
        let session = Mutex::new(Arc::new(account.open().unwrap()));
        Self {
            account,
            session,
            left: AtomicU64::new(operations),
        }
    }

    fn session(&self) -> Arc<Session> {
        Arc::clone(&self.session.lock().unwrap())
    }

    /// Another session in the place of one that has ended, unless somebody was faster.
    fn replace(&self, ended: &Arc<Session>) {
        let mut session = self.session.lock().unwrap();
        if Arc::ptr_eq(&session, ended) {
            *session = Arc::new(self.account.open().unwrap());
        }
    }

    fn begin(&self) -> bool {
        let less = |left: u64| left.checked_sub(1);
        self.left.fetch_update(SeqCst, SeqCst, less).is_ok()
    }
}

fn play(kind: impl FnOnce(Account) -> Account) {
    let is_long = std::env::var_os("LATCHBOX_LONG").is_some();
    let (operations, minutes) = if is_long { (500_000, 60) } else { (10_000, 2) };
    let seed = seed();
    let server = Server::start(seed);
    let account = kind(Account::new(plaintext(server.port), |_| {
        Ok(Credentials::login("jane", "x"))
    }));
    let place = Arc::new(Place::new(account, operations));
    let (done, all_done) = channel();
    let workers = (0..THREADS).map(|number| {
        let (place, done) = (Arc::clone(&place), done.clone());
        let chance = Chance::new(seed.wrapping_mul(31).wrapping_add(number << 40));
        thread::spawn(move || {
            Worker::new(&place, number, chance).run();
            done.send(()).unwrap();
        })
    });
    let workers: Vec<_> = workers.collect();
    drop(done);
    for _ in 0..THREADS {
        // An error is a worker that failed, or time that is over: then somebody waits for ever.
        let ended = all_done.recv_timeout(Duration::from_secs(minutes * 60));
        assert!(
            ended.is_ok() || workers.iter().any(thread::JoinHandle::is_finished),
            "it hangs, seed {seed}: {:?}; {:?}",
            place.session().lock_state(),
            server.counts()
        );
        if ended.is_err() {
            break;
        }
    }
    let violations = server.violations();
    assert!(
        violations.is_empty(),
        "seed {seed}: {}",
        violations.join("\n")
    );
    for worker in workers {
        assert!(worker.join().is_ok(), "a thread failed, seed {seed}");
    }
    let state = place.session().lock_state();
    assert!(
        state.holders().is_empty() && state.waiting() == 0,
        "{state:?}"
    );
    let counts = server.counts();
    eprintln!("{operations} operations, seed {seed}: {counts:?}");
    for what in [
        "marked commands",
        "refusals",
        "read-only instead",
        "byes",
        "cuts",
        "closed",
    ] {
        assert!(counts.contains_key(what), "never {what}: {counts:?}");
    }
}

fn seed() -> u64 {
    if let Ok(seed) = std::env::var("LATCHBOX_SEED") {
        return seed.parse().unwrap();
    }
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    now.unwrap().as_nanos() as u64
}
