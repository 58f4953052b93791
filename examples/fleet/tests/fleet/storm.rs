//! Three workers and thirty accounts, into which two clients deliver and from which they delete, while workers are
//! killed and paused at random, and connections cut: at the end, each message is in the table once.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use latchbox_testkit::{Fault, FaultPlan, Trigger, message};

use crate::place::{PATIENCE, Place, check_history, keep_history};
use crate::workers::{Mail, Worker, user};

const ACCOUNTS: u32 = 30;
const WORKERS: usize = 3;

/// In seconds. Longer than a process may wait for its turn on a busy machine, mostly; if not, a lease is lost for
/// nothing, and taken again.
const LEASE_TIME: u32 = 2;

/// How many rows come between two harms, at least: so something happens after each.
const BETWEEN_HARMS: i64 = 40;

/// The harms of the short form, each kind as often as another.
const HARMS: u64 = 10;

const LONG: Duration = Duration::from_secs(600);

/// The chances of a test, which are the same for the same seed.
pub(crate) struct Chance(u64);

impl Chance {
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        // A multiplicative generator; its upper bits are good enough here.
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound
    }
}

/// What the clients have done: the subject of each message by account and UID, and whether it was deleted.
#[derive(Default)]
struct Deliveries(Mutex<BTreeMap<(i64, i64), (String, bool)>>);

impl Deliveries {
    /// A client delivers and deletes until it is told to end.
    fn write(&self, mail: &Mail, client: u64, mut chance: Chance, has_ended: &AtomicBool) {
        for number in 0.. {
            if has_ended.load(Ordering::SeqCst) {
                return;
            }
            let account = 1 + chance.below(ACCOUNTS.into());
            let name = user(account.try_into().unwrap());
            if chance.below(6) == 0 {
                self.delete_one(mail, &name, account, &mut chance);
            } else {
                let subject = format!("message {number} of client {client}");
                let octets = message(&subject, "ann@example.com", "Hi!");
                // Under the lock, so that it is known before it can be deleted.
                let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
                let uid = mail.server.deliver(&name, "INBOX", octets).unwrap();
                all.insert((account.try_into().unwrap(), uid.into()), (subject, false));
            }
            thread::sleep(Duration::from_millis(10));
        }
    }

    fn delete_one(&self, mail: &Mail, name: &str, account: u64, chance: &mut Chance) {
        let account = i64::try_from(account).unwrap();
        let mut all = self.0.lock().unwrap();
        let there = all.range_mut((account, 0)..(account + 1, 0));
        let mut there: Vec<_> = there.filter(|(_, (_, is_deleted))| !is_deleted).collect();
        let count = u64::try_from(there.len()).unwrap();
        if count > 0 {
            let chosen = usize::try_from(chance.below(count)).unwrap();
            let ((_, uid), (_, is_deleted)) = &mut there[chosen];
            let uid = u32::try_from(*uid).unwrap();
            assert_eq!(mail.server.expunge(name, "INBOX", [uid]), 1);
            *is_deleted = true;
        }
    }

    /// What is wrong with the table: nothing at the end. A message that was deleted may be missing, if it was gone before
    /// a worker saw it.
    fn complaints(&self, place: &dyn Place) -> Vec<String> {
        let mut rows: BTreeMap<(i64, i64), Vec<(String, bool)>> = BTreeMap::new();
        let all = place.rows(
            "SELECT account, uid, subject, CASE WHEN is_gone THEN 'gone' ELSE 'there' END FROM message",
        );
        for row in all {
            let key = (row[0].parse().unwrap(), row[1].parse().unwrap());
            rows.entry(key)
                .or_default()
                .push((row[2].clone(), row[3] == "gone"));
        }
        let mut complaints = Vec::new();
        for (key, (subject, is_deleted)) in &*self.0.lock().unwrap() {
            match rows.remove(key).as_deref() {
                None if *is_deleted => {}
                None => complaints.push(format!("{key:?}: missing")),
                Some([(stored, is_gone)]) if (stored, is_gone) == (subject, is_deleted) => {}
                Some(stored) => {
                    complaints.push(format!("{key:?}, {subject}, {is_deleted}: {stored:?}"))
                }
            }
        }
        complaints.extend(rows.keys().map(|key| format!("{key:?}: was not delivered")));
        complaints
    }

    fn len(&self) -> usize {
        self.0.lock().unwrap().len()
    }
}

/// The workers, and what is done to them.
struct Storm<'s> {
    place: &'s dyn Place,
    mail: &'s Mail,
    workers: Vec<Worker>,
    chance: Chance,
    harms: BTreeMap<&'static str, u32>,
}

impl Storm<'_> {
    fn start_worker(&mut self) {
        let lease_time = LEASE_TIME.to_string();
        let options = ["--lease-time", &lease_time, "--step", "4"];
        self.workers
            .push(self.mail.start_worker(self.place, &options));
    }

    fn take_worker(&mut self) -> Worker {
        let count = self.workers.len().try_into().unwrap();
        let number = self.chance.below(count);
        self.workers.swap_remove(number.try_into().unwrap())
    }

    fn harm(&mut self, kind: u64) {
        self.mail.server.set_faults(FaultPlan::new());
        let name = match kind % 5 {
            0 => {
                // One of them, or all, while one of them writes.
                let count = [1, WORKERS][usize::from(self.chance.below(2) == 0)];
                self.place.wait_for_a_write();
                let killed: Vec<Worker> = (0..count).map(|_| self.take_worker()).collect();
                drop(killed);
                (0..count).for_each(|_| self.start_worker());
                "kill -9"
            }
            1 => {
                self.pause_one();
                "pause"
            }
            2 => {
                self.mail.server.kick();
                "kick"
            }
            3 => {
                // Until the next harm. Not for each response: of a large answer none would come through.
                let fault = [Fault::Cut, Fault::Reset][usize::from(self.chance.below(2) == 0)];
                let command = ["FETCH", "EXAMINE"][usize::from(self.chance.below(2) == 0)];
                let seed = self.chance.below(1_000);
                let place = Trigger::completion(command);
                let plan = FaultPlan::new().random(place, fault, seed, 6);
                self.mail.server.set_faults(plan);
                "faults"
            }
            _ => {
                self.place.disconnect_workers();
                "database"
            }
        };
        *self.harms.entry(name).or_default() += 1;
    }

    /// A worker is paused until another one has an account of it, or for some time if all wait for it, as they do if it
    /// has SQLite's lock. Then it goes on with what it believes.
    fn pause_one(&mut self) {
        let worker = self.take_worker();
        worker.pause();
        let taken = "SELECT count(*) FROM lease_history";
        let before = self.place.number(taken);
        let patience = Duration::from_secs(LEASE_TIME.into()) * 5;
        self.place.waits_for(taken, before + 1, patience);
        worker.resume();
        self.workers.push(worker);
    }
}

fn storm(place: &dyn Place) {
    let seed = std::env::var("LATCHBOX_SEED").ok();
    let seed: u64 = seed.map_or(1, |seed| seed.parse().unwrap());
    let is_long = std::env::var_os("LATCHBOX_LONG").is_some();
    keep_history(place);
    let mail = Mail::start(ACCOUNTS, place);
    let deliveries = Deliveries::default();
    let mut storm = Storm {
        place,
        mail: &mail,
        workers: Vec::new(),
        chance: Chance(seed),
        harms: BTreeMap::new(),
    };
    for _ in 0..WORKERS {
        storm.start_worker();
    }
    let begun = Instant::now();
    let has_ended = AtomicBool::new(false);
    thread::scope(|scope| {
        for client in 1..=2 {
            let (mail, deliveries, has_ended) = (&mail, &deliveries, &has_ended);
            let chance = Chance(seed * 10 + client);
            scope.spawn(move || deliveries.write(mail, client, chance, has_ended));
        }
        // A failure ends the clients too.
        let _end = EndAtLast(&has_ended);
        let goes_on = |harm: u64| match is_long {
            true => begun.elapsed() < LONG,
            false => harm < HARMS,
        };
        for harm in (0..).take_while(|harm| goes_on(*harm)) {
            let rows = "SELECT count(*) FROM message";
            place.wait_for(rows, place.number(rows) + BETWEEN_HARMS);
            storm.harm(harm);
        }
    });
    mail.server.set_faults(FaultPlan::new());
    let rest = Instant::now();
    loop {
        let complaints = deliveries.complaints(place);
        if complaints.is_empty() {
            break;
        }
        let took = rest.elapsed();
        assert!(
            took < PATIENCE,
            "seed {seed}, after {took:?}: {complaints:#?}"
        );
        thread::sleep(Duration::from_millis(100));
    }
    let rest = rest.elapsed();
    let Storm { workers, harms, .. } = storm;
    for worker in workers {
        worker.end();
    }
    let complaints = deliveries.complaints(place);
    assert!(complaints.is_empty(), "seed {seed}: {complaints:#?}");
    let leases = check_history(place);
    assert!(
        leases > usize::try_from(ACCOUNTS).unwrap(),
        "no account was taken over"
    );
    eprintln!(
        "{} messages, {leases} leases, harms {harms:?}; {:.1?}, with a rest of {rest:.1?}",
        deliveries.len(),
        begun.elapsed(),
    );
}

struct EndAtLast<'e>(&'e AtomicBool);

impl Drop for EndAtLast<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

#[cfg(feature = "sqlite")]
#[test]
fn each_message_is_in_the_table_once_in_sqlite() {
    storm(&crate::sqlite::File::new());
}

#[cfg(feature = "postgres")]
#[test]
fn each_message_is_in_the_table_once_in_postgresql() {
    storm(&crate::postgresql::Server::start());
}
