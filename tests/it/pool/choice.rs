//! Which connection a lock gets.

use std::sync::mpsc::channel;
use std::thread;
use std::time::Duration;

use latchbox::error::LockError;
use latchbox::{Error, Pool};

use super::server::Server;
use super::{is_busy, options, pool, pool_with, until_waiting};

fn lock_each(pool: &Pool, names: &[&str]) {
    for name in names {
        drop(pool.lock_mailbox(*name).unwrap());
    }
}

#[test]
fn a_connection_that_has_the_mailbox_selected_is_used_again() {
    let server = Server::start();
    let pool = pool(&server);
    let held: Vec<_> = ["A", "B", "C"]
        .map(|n| pool.try_lock_mailbox(n).unwrap())
        .into();
    drop(held);
    lock_each(&pool, &["C", "A", "B", "B", "A", "C"]);
    assert_eq!(server.count("SELECT"), 3);
    assert_eq!(server.count("LOGIN"), 3);
}

#[test]
fn a_mailbox_that_no_connection_has_takes_the_one_used_longest_ago() {
    let server = Server::start();
    let pool = pool(&server);
    let held: Vec<_> = ["A", "B", "C"]
        .map(|n| pool.try_lock_mailbox(n).unwrap())
        .into();
    drop(held);
    lock_each(&pool, &["A", "C", "D", "A", "C"]);
    let selects = server.lines("SELECT");
    assert_eq!(selects.len(), 4, "{selects:?}");
    assert_eq!(selects[3].0, selects[1].0, "B was used longest ago");
}

#[test]
fn read_only_is_another_selection_than_read_write() {
    let server = Server::start();
    let (pool, _) = pool_with(&server, options().max_connections(1));
    drop(pool.lock_mailbox("A").unwrap());
    drop(pool.lock_mailbox_read_only("A").unwrap());
    drop(pool.lock_mailbox_read_only("A").unwrap());
    assert_eq!((server.count("SELECT"), server.count("EXAMINE")), (1, 1));
    assert_eq!(server.count("LOGIN"), 1);
}

#[test]
fn all_connections_are_held_at_once_and_the_next_waits() {
    let server = Server::start();
    let pool = pool(&server);
    let (first, others) = channel();
    thread::scope(|scope| {
        let guards = ["A", "B", "C"].map(|name| pool.try_lock_mailbox(name).unwrap());
        let waiter = scope.spawn(|| {
            let patience = Duration::from_millis(10);
            let late = pool.mailbox("D").timeout(patience).lock().unwrap_err();
            let Error::Lock(error) = &late else {
                panic!("{late}");
            };
            let LockError::Timeout { holders, .. } = &**error else {
                panic!("{late}");
            };
            assert_eq!(holders.len(), 3);
            first.send(()).unwrap();
            drop(pool.lock_mailbox("B").unwrap());
        });
        others.recv().unwrap();
        until_waiting(&pool, 1);
        let shown = pool.state().to_string();
        assert!(
            shown.starts_with("3 of 3 connections, 1 waiting; held by thread"),
            "{shown}"
        );
        let [_a, b, _c] = guards;
        drop(b);
        waiter.join().unwrap();
    });
    assert_eq!(server.count("SELECT"), 3);
}

#[test]
fn a_thread_does_not_wait_for_itself() {
    let server = Server::start();
    let pool = pool(&server);
    let guard = pool.lock_mailbox("A").unwrap();
    let refused = pool.lock_mailbox("B").unwrap_err();
    assert!(
        matches!(&refused, Error::Lock(e) if matches!(**e, LockError::HeldByThisThread { .. })),
        "{refused}"
    );
    drop(pool.try_lock_mailbox("B").unwrap());
    drop(guard);
    drop(pool.lock_mailbox("B").unwrap());
}

#[test]
fn one_mailbox_is_held_twice_only_to_be_read() {
    let server = Server::start();
    let pool = pool(&server);
    let one = pool.mailbox("A").read_only().try_lock().unwrap();
    let other = pool.mailbox("A").read_only().try_lock().unwrap();
    assert!(is_busy(&pool, "A"));
    drop((one, other));
    let writer = pool.try_lock_mailbox("A").unwrap();
    assert!(is_busy(&pool, "A") && !is_busy(&pool, "B"));
    assert!(pool.mailbox("A").read_only().try_lock().is_err());
    drop(writer);

    let (pool, _) = pool_with(&server, options().allow_several_writers(true));
    let one = pool.try_lock_mailbox("A").unwrap();
    let other = pool.try_lock_mailbox("A").unwrap();
    drop((one, other));
}

#[test]
fn an_owned_guard_goes_to_another_thread() {
    let server = Server::start();
    let pool = pool(&server);
    let mut guard = pool.mailbox("A").lock_owned().unwrap();
    thread::spawn(move || guard.refresh().unwrap())
        .join()
        .unwrap();
    drop(pool.lock_mailbox("A").unwrap());
    assert_eq!(server.count("SELECT"), 1);
}

/// Without a rule, three threads that take turns with three mailboxes on three connections would
/// select at most of their locks.
#[test]
fn threads_that_each_have_a_mailbox_select_it_once() {
    let server = Server::start();
    let pool = pool(&server);
    let held: Vec<_> = ["A", "B", "C"]
        .map(|n| pool.try_lock_mailbox(n).unwrap())
        .into();
    drop(held);
    thread::scope(|scope| {
        for name in ["A", "B", "C"] {
            let pool = &pool;
            scope.spawn(move || {
                for _ in 0..100 {
                    pool.lock_mailbox(name).unwrap().refresh().unwrap();
                }
            });
        }
    });
    assert_eq!(server.count("SELECT"), 3, "for 300 locks");
}
