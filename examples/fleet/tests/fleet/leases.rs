//! What a lease is: the same on both databases.

use std::collections::BTreeSet;
use std::thread;
use std::time::{Duration, Instant};

use fleet::change::{Change, NewMessage};
use fleet::database::{self, Database, Lease, Written};

use crate::place::{PATIENCE, Place};

/// Longer than a test.
const LONG: Duration = Duration::from_secs(600);

const SHORT: Duration = Duration::from_millis(300);

fn open(place: &dyn Place, lease_time: Duration) -> Box<dyn Database> {
    database::open(&place.url(), lease_time).unwrap()
}

fn add_accounts(place: &dyn Place, count: u32) {
    let mut db = open(place, LONG);
    for number in 0..count {
        let url = format!("imaps://user{number}@localhost");
        db.add_account(&url, "env:NONE", "INBOX").unwrap();
    }
}

fn change(uids: &[i64]) -> Change {
    let new = uids.iter().map(|uid| NewMessage {
        uid_validity: 1,
        uid: *uid,
        subject: format!("message {uid}"),
    });
    Change {
        new: new.collect(),
        checkpoint: format!("after {uids:?}"),
        ..Change::default()
    }
}

fn take_one(db: &mut dyn Database) -> (i64, Lease) {
    let worker = db.begin_worker().unwrap();
    let taken = db.beat(worker, 10).unwrap().unwrap();
    (worker, taken[0].clone())
}

fn messages(place: &dyn Place) -> i64 {
    place.number("SELECT count(*) FROM message WHERE NOT is_gone")
}

/// Each account has one lease, however many workers take at the same time.
fn an_account_has_one_lease(place: &dyn Place) {
    add_accounts(place, 40);
    let url = place.url();
    let taken: Vec<Lease> = thread::scope(|scope| {
        let workers = [(); 4].map(|()| {
            scope.spawn(|| {
                let mut db = database::open(&url, LONG).unwrap();
                let worker = db.begin_worker().unwrap();
                let mut taken = Vec::new();
                while taken.len() < 10 {
                    let few = db.beat(worker, 3.min(10 - taken.len())).unwrap();
                    taken.extend(few.unwrap());
                }
                taken
            })
        });
        workers.map(|worker| worker.join().unwrap()).concat()
    });
    let accounts: BTreeSet<i64> = taken.iter().map(|lease| lease.account).collect();
    assert_eq!((taken.len(), accounts.len()), (40, 40));
    assert!(taken.iter().all(|lease| lease.fence == 1));
    let mut late = open(place, LONG);
    let worker = late.begin_worker().unwrap();
    assert_eq!(late.beat(worker, 10).unwrap(), Some(Vec::new()));
}

/// A worker whose time is over is ended by another one. Its heartbeat and its writes are refused from then on.
fn a_lease_that_is_over_cannot_be_used(place: &dyn Place) {
    add_accounts(place, 1);
    let (mut late, mut next) = (open(place, SHORT), open(place, LONG));
    let (late_worker, late_lease) = take_one(&mut *late);
    assert_eq!(
        late.write(&late_lease, &change(&[1, 2])).unwrap(),
        Written::Stored
    );

    let worker = next.begin_worker().unwrap();
    let begun = Instant::now();
    let lease = loop {
        let taken = next.beat(worker, 1).unwrap().unwrap();
        if let [lease] = &*taken {
            break lease.clone();
        }
        assert!(begun.elapsed() < PATIENCE, "the lease does not run out");
        thread::sleep(SHORT / 10);
    };
    assert_eq!((late_lease.fence, lease.fence), (1, 2));
    assert_eq!(lease.checkpoint.as_deref(), Some("after [1, 2]"));

    let written = late.write(&late_lease, &change(&[3])).unwrap();
    assert_eq!((written, messages(place)), (Written::LeaseLost, 2));
    assert_eq!(late.reread(&late_lease).unwrap(), None);
    assert_eq!(late.beat(late_worker, 1).unwrap(), None);
    late.give_back(&late_lease, "too late", LONG).unwrap();
    assert_eq!(next.reread(&lease).unwrap(), Some(lease.clone()));

    assert_eq!(next.write(&lease, &change(&[3])).unwrap(), Written::Stored);
    assert_eq!(messages(place), 3);
}

/// A write that fails in the middle changes nothing: neither the messages nor the checkpoint.
fn a_write_is_all_or_nothing(place: &dyn Place) {
    add_accounts(place, 1);
    let mut db = open(place, LONG);
    let (_, lease) = take_one(&mut *db);
    db.write(&lease, &change(&[1])).unwrap();
    db.write(&lease, &change(&[2, 1])).unwrap_err(); // 1 is there already
    assert_eq!(messages(place), 1);
    let stored = db.reread(&lease).unwrap().unwrap();
    assert_eq!(stored.checkpoint.as_deref(), Some("after [1]"));
    place.execute(place.refusal_sql());
    let refused = Change {
        checkpoint: "refused".to_owned(),
        ..change(&[2])
    };
    db.write(&lease, &refused).unwrap_err();
    assert_eq!(messages(place), 1);
    assert_eq!(db.reread(&lease).unwrap(), Some(stored));
}

/// Messages that are gone stay as rows; after a restart, UIDs begin again.
fn what_is_gone_is_marked(place: &dyn Place) {
    add_accounts(place, 1);
    let mut db = open(place, LONG);
    let (_, lease) = take_one(&mut *db);
    db.write(&lease, &change(&[1, 2, 3, 4, 5])).unwrap();
    let gone = Change {
        gone: vec![(1, 2), (5, 9)],
        ..change(&[])
    };
    db.write(&lease, &gone).unwrap();
    assert_eq!(messages(place), 2);
    let restart = Change {
        is_restart: true,
        ..change(&[])
    };
    db.write(&lease, &restart).unwrap();
    assert_eq!(messages(place), 0);
    db.write(&lease, &change(&[1])).unwrap();
    assert_eq!(
        (
            messages(place),
            place.number("SELECT count(*) FROM message")
        ),
        (1, 6)
    );
}

/// A worker that ends leaves its accounts at once; an account that was given back, after the pause.
fn what_is_given_back_is_taken_later(place: &dyn Place) {
    add_accounts(place, 1);
    let mut db = open(place, LONG);
    let (worker, lease) = take_one(&mut *db);
    db.end_worker(worker).unwrap();
    assert_eq!(db.beat(worker, 1).unwrap(), None);
    let ended = "SELECT count(*) FROM worker WHERE ended_at IS NOT NULL";
    let (worker, again) = take_one(&mut *db);
    assert_eq!((again.fence, place.number(ended)), (lease.fence + 1, 1));
    db.begin_worker().unwrap();
    assert_eq!(place.number(ended), 0); // it has no account any more
    db.give_back(&again, "refused", LONG).unwrap();
    assert_eq!(db.reread(&again).unwrap(), None);
    assert_eq!(db.beat(worker, 1).unwrap(), Some(Vec::new()));
    db.give_back(&again, "refused", Duration::ZERO).unwrap();
    assert_eq!(db.beat(worker, 1).unwrap().unwrap().len(), 1);
}

/// All of the above, each on empty tables.
fn leases(place: &dyn Place) {
    let cases: [fn(&dyn Place); 5] = [
        an_account_has_one_lease,
        a_lease_that_is_over_cannot_be_used,
        a_write_is_all_or_nothing,
        what_is_gone_is_marked,
        what_is_given_back_is_taken_later,
    ];
    for case in cases {
        place.execute("DELETE FROM message; DELETE FROM account; DELETE FROM worker");
        case(place);
    }
}

#[cfg(feature = "sqlite")]
#[test]
fn leases_in_sqlite() {
    leases(&crate::sqlite::File::new());
}

#[cfg(feature = "postgres")]
#[test]
fn leases_in_postgresql() {
    leases(&crate::postgresql::Server::start());
}
