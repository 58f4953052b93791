//! No command ever reaches a mailbox that it is not meant for, whatever threads and servers do.
//!
//! `LATCHBOX_LONG=1` makes it a million operations, `LATCHBOX_SEED` says which chances are taken.

mod door;
mod server;
mod worker;

use std::sync::atomic::{AtomicU64, Ordering::SeqCst};
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use latchbox::{Account, Backoff, Credentials, Pool};

use crate::sessions::plaintext;
use crate::support::chance::Chance;
use door::Door;
use server::Server;
use worker::Worker;

const THREADS: u64 = 8;

#[test]
fn no_command_reaches_the_wrong_mailbox() {
    play(|account| account, session);
}

#[test]
fn no_command_reaches_the_wrong_mailbox_when_the_session_reconnects() {
    play(at_once, session);
}

#[test]
fn no_command_reaches_the_wrong_mailbox_of_a_pool() {
    play(at_once, |account| Door::Pool(Pool::new(account.clone())));
}

fn at_once(account: Account) -> Account {
    account.reconnecting(Backoff::new().initial_delay(Duration::ZERO))
}

fn session(account: &Account) -> Door {
    Door::Session(account.open().unwrap())
}

/// How what the threads share is made.
type Open = fn(&Account) -> Door;

/// The session or pool that all threads share now, and how it is replaced when it has ended.
struct Place {
    account: Account,
    open: Open,
    door: Mutex<Arc<Door>>,
    /// How many operations are still to be begun.
    left: AtomicU64,
}

impl Place {
    fn new(account: Account, open: Open, operations: u64) -> Self {
        let door = Mutex::new(Arc::new(open(&account)));
        Self {
            account,
            open,
            door,
            left: AtomicU64::new(operations),
        }
    }

    fn door(&self) -> Arc<Door> {
        Arc::clone(&self.door.lock().unwrap())
    }

    /// Another one in the place of one that has ended, unless somebody was faster.
    fn replace(&self, ended: &Arc<Door>) {
        let mut door = self.door.lock().unwrap();
        if Arc::ptr_eq(&door, ended) {
            *door = Arc::new((self.open)(&self.account));
        }
    }

    fn begin(&self) -> bool {
        let less = |left: u64| left.checked_sub(1);
        self.left.fetch_update(SeqCst, SeqCst, less).is_ok()
    }
}

fn play(kind: impl FnOnce(Account) -> Account, open: Open) {
    let is_long = std::env::var_os("LATCHBOX_LONG").is_some();
    let (operations, minutes) = if is_long { (500_000, 60) } else { (10_000, 2) };
    let seed = seed();
    let server = Server::start(seed);
    let account = kind(Account::new(plaintext(server.port), |_| {
        Ok(Credentials::login("jane", "x"))
    }));
    let place = Arc::new(Place::new(account, open, operations));
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
            place.door().state(),
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
    let (holders, waiting) = place.door().state();
    assert_eq!((holders, waiting), (0, 0));
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
