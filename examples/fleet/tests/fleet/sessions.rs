//! When a worker has a session, and when it has none any more.

use std::thread;
use std::time::{Duration, Instant};

use fleet::database;
use latchbox_testkit::message;

use crate::place::{PATIENCE, Place};
use crate::workers::{Mail, user};

const ACCOUNTS: u32 = 3;

fn deliver(mail: &Mail, number: u32) {
    let octets = message("Hello", "ann@example.com", "Hi!");
    mail.server.deliver(&user(number), "INBOX", octets).unwrap();
}

#[track_caller]
fn wait_for_connections(mail: &Mail, count: usize) {
    let begun = Instant::now();
    while mail.server.connections() != count {
        let connections = mail.server.connections();
        assert!(
            begun.elapsed() < PATIENCE,
            "{connections} connections and not {count}"
        );
        thread::sleep(Duration::from_millis(20));
    }
}

/// A worker learns at its next write that an account is another worker's, and at its next heartbeat that it was ended
/// itself. It closes the sessions, and stores nothing.
fn a_lost_lease_closes_the_session(place: &dyn Place) {
    let mail = Mail::start(ACCOUNTS, place);
    let worker = mail.start_worker(place, &["--lease-time", "6"]);
    place.wait_for("SELECT count(checkpoint) FROM account", ACCOUNTS.into());
    let mut db = database::open(&place.url(), PATIENCE * 10).unwrap();
    let other = db.begin_worker().unwrap();
    place.execute(&format!(
        "UPDATE account SET worker = {other}, fence = fence + 1 WHERE id = 1"
    ));
    deliver(&mail, 1);
    deliver(&mail, 2);
    wait_for_connections(&mail, 2);
    place.wait_for("SELECT count(*) FROM message", 1);
    assert_eq!(place.rows("SELECT account FROM message"), [["2"]]);

    place.execute(&format!(
        "UPDATE account SET worker = {other}, fence = fence + 1 WHERE id > 1"
    ));
    db.end_worker(place.number("SELECT min(id) FROM worker"))
        .unwrap();
    wait_for_connections(&mail, 0);
    // It has begun again, as another worker.
    place.wait_for("SELECT max(id) FROM worker", 3);
    worker.end();
}

/// An account that cannot be followed is given back with the reason, in which no password is.
fn a_refused_login_gives_the_account_back(place: &dyn Place) {
    let mail = Mail::start(2, place);
    place.execute("UPDATE account SET secret = 'env:FLEET_WRONG' WHERE id = 1");
    let worker = mail.start_worker(place, &[]);
    place.wait_for("SELECT count(error) FROM account WHERE worker IS NULL", 1);
    place.wait_for("SELECT count(checkpoint) FROM account", 1);
    wait_for_connections(&mail, 1);
    let error = &place.rows("SELECT error FROM account WHERE id = 1")[0][0];
    worker.end();
    let log = mail.log();
    assert!(log.contains("account 1: given back"), "{log}");
    for text in [error, &log] {
        assert!(!text.contains(crate::workers::PASSWORD), "{text}");
        assert!(!text.contains(crate::workers::WRONG_PASSWORD), "{text}");
    }
}

#[cfg(feature = "sqlite")]
mod sqlite {
    use crate::sqlite::File;

    #[test]
    fn a_lost_lease_closes_the_session() {
        super::a_lost_lease_closes_the_session(&File::new());
    }

    #[test]
    fn a_refused_login_gives_the_account_back() {
        super::a_refused_login_gives_the_account_back(&File::new());
    }
}

#[cfg(feature = "postgres")]
mod postgresql {
    use super::*;
    use crate::postgresql::Server;

    #[test]
    fn a_lost_lease_closes_the_session() {
        super::a_lost_lease_closes_the_session(&Server::start());
    }

    /// A worker that does not reach the database cannot know whether it has leases: after the lease time it has none.
    #[test]
    fn no_session_outlives_the_database() {
        let place = Server::start();
        let mail = Mail::start(ACCOUNTS, &place);
        let worker = mail.start_worker(&place, &["--lease-time", "2"]);
        place.wait_for("SELECT count(checkpoint) FROM account", ACCOUNTS.into());
        drop(place);
        wait_for_connections(&mail, 0);
        assert!(mail.log().contains("all leases are lost"), "{}", mail.log());
        worker.end();
    }

    /// A worker that is paused within a transaction keeps the row of the account locked, until the database ends the
    /// transaction. Then another worker takes the account, and nothing of the transaction is stored.
    #[test]
    fn a_worker_that_is_paused_within_a_transaction_keeps_no_account() {
        let place = Server::start();
        let mail = Mail::start(1, &place);
        let options = ["--lease-time", "3"];
        let paused = mail.start_worker(&place, &options);
        place.wait_for("SELECT count(checkpoint) FROM account", 1);
        // The worker gets as far as to the messages.
        let mut barrier = postgres::Client::connect(&place.url(), postgres::NoTls).unwrap();
        barrier
            .batch_execute("BEGIN; LOCK TABLE message IN EXCLUSIVE MODE")
            .unwrap();
        deliver(&mail, 1);
        place.wait_for("SELECT count(*) FROM pg_locks WHERE NOT granted", 1);
        paused.pause();
        barrier.batch_execute("ROLLBACK").unwrap();
        place.wait_for(
            "SELECT count(*) FROM pg_stat_activity WHERE state = 'idle in transaction'",
            1,
        );

        let other = mail.start_worker(&place, &options);
        place.wait_for("SELECT fence FROM account", 2);
        place.wait_for("SELECT count(*) FROM message", 1);
        assert_eq!(place.rows("SELECT fence FROM message"), [["2"]]);
        paused.resume();
        wait_for_connections(&mail, 1);
        paused.end();
        other.end();
        assert_eq!(place.number("SELECT count(*) FROM message"), 1);
    }
}
