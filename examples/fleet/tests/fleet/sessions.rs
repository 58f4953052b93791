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
    place.wait_for("SELECT count(*) FROM worker", 3);
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
}
