//! Connections that are idle, old or dead.

use std::time::Duration;

use super::server::Server;
use super::{options, pool, pool_with};

#[test]
fn idle_connections_are_closed_by_logout_and_nothing_is_expunged() {
    let server = Server::start();
    let (pool, _) = pool_with(&server, options().idle_timeout(Duration::ZERO));
    let guards = ["A", "B", "C"].map(|name| pool.try_lock_mailbox(name).unwrap());
    assert_eq!(pool.tend(), 0, "they are held");
    let [a, b, c] = guards;
    drop((a, b));
    assert_eq!(pool.tend(), 2);
    assert_eq!(pool.state().connections(), 1);
    drop(c);
    assert_eq!(pool.tend(), 1);
    assert_eq!(server.count("LOGOUT"), 3);
    assert_eq!((server.count("CLOSE"), server.count("UNSELECT")), (0, 0));
    drop(pool.lock_mailbox("A").unwrap());
    assert_eq!(server.count("LOGIN"), 4);
}

#[test]
fn a_lock_closes_what_was_idle_for_long() {
    let server = Server::start();
    let (pool, _) = pool_with(&server, options().idle_timeout(Duration::ZERO));
    drop(pool.lock_mailbox("A").unwrap());
    drop(pool.lock_mailbox("B").unwrap());
    assert_eq!((server.count("LOGOUT"), server.count("LOGIN")), (1, 2));
    let pool = super::pool(&server);
    drop(pool.lock_mailbox("A").unwrap());
    drop(pool.lock_mailbox("B").unwrap());
    assert_eq!(server.count("LOGOUT"), 1, "not before its time");
}

#[test]
fn an_old_connection_is_replaced_when_it_is_free() {
    let server = Server::start();
    let one = options().max_connections(1);
    let (pool, _) = pool_with(&server, one.max_age(Duration::ZERO));
    let mut held = pool.lock_mailbox("A").unwrap();
    held.refresh().unwrap();
    drop(held);
    drop(pool.lock_mailbox("A").unwrap());
    assert_eq!((server.count("LOGOUT"), server.count("LOGIN")), (1, 2));
}

#[test]
fn an_unused_connection_is_checked_before_it_is_used() {
    let server = Server::start();
    let one = options().max_connections(1);
    let (pool, _) = pool_with(&server, one.check_after(Duration::ZERO));
    drop(pool.lock_mailbox("A").unwrap());
    assert_eq!(server.count("NOOP"), 0, "it is new");
    drop(pool.lock_mailbox("A").unwrap());
    assert_eq!((server.count("NOOP"), server.count("SELECT")), (1, 1));
    let unchecked = super::pool(&server);
    drop(unchecked.lock_mailbox("A").unwrap());
    drop(unchecked.lock_mailbox("A").unwrap());
    assert_eq!(server.count("NOOP"), 1, "not before its time");
    // A server that does not answer any more: the connection is replaced, and the lock is granted.
    server.change(|state| state.is_deaf = true);
    drop(pool.lock_mailbox("A").unwrap());
    assert_eq!((server.count("NOOP"), server.count("LOGIN")), (2, 3));
}

/// Not on Windows: a shutdown need not end the reads of this server's threads there.
#[cfg(unix)]
#[test]
fn connections_that_have_ended_are_replaced_at_the_next_lock() {
    let server = Server::start();
    let pool = pool(&server);
    let mut guards = ["A", "B", "C"].map(|name| pool.try_lock_mailbox(name).unwrap());
    server.kick();
    for guard in &mut guards {
        assert!(guard.refresh().unwrap_err().is_closed());
    }
    drop(guards);
    assert_eq!(pool.state().connections(), 0);
    std::thread::scope(|scope| {
        for name in ["A", "B", "C"] {
            let pool = &pool;
            scope.spawn(move || pool.lock_mailbox(name).unwrap().refresh().unwrap());
        }
    });
    // Free when they end: each is noticed when it is about to be used.
    server.kick();
    for name in ["A", "B", "C"] {
        pool.lock_mailbox(name).unwrap().refresh().unwrap();
    }
}

#[test]
fn logging_out_says_so_on_each_connection() {
    let server = Server::start();
    let pool = pool(&server);
    let guards = ["A", "B"].map(|name| pool.try_lock_mailbox(name).unwrap());
    drop(guards);
    let owned = pool.mailbox("B").lock_owned().unwrap();
    pool.logout();
    assert_eq!(server.count("LOGOUT"), 1);
    drop(owned);
    server.until(|_| true);
    crate::sessions::until("it is closed", || server.logged_in() == 0);
}
