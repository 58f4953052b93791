//! What a pool reports of itself: its state, and lines of the log.

use std::thread;
use std::time::Duration;

use latchbox::types::{MailboxName, StatusItem};

use super::server::Server;
use super::{options, pool_of, pool_with, until_waiting};
use crate::support::log;

/// The lines of the log that are about a pool.
fn lines_of<T>(work: impl FnOnce() -> T) -> Vec<String> {
    let (done, mut lines) = log::lines_of(work);
    drop(done);
    lines.retain(|line| line.contains(" pool: "));
    lines
}

#[test]
fn the_state_shows_who_holds_and_who_waits() {
    let server = Server::with(|state| state.limit = 1);
    let (pool, _) = pool_with(&server, options().max_connections(2));
    let guard = pool.mailbox("A").label("report").lock().unwrap();
    assert_eq!(pool.state().limit_retry_in(), None);
    thread::scope(|scope| {
        let named = |name: &str| thread::Builder::new().name(name.to_owned());
        let lock = || pool.mailbox("B").label("clean-up").lock().map(drop);
        let first = named("sweeper").spawn_scoped(scope, lock).unwrap();
        until_waiting(&pool, 1);
        let status = || {
            pool.session()?
                .status("C", [StatusItem::Messages])
                .map(drop)
        };
        let second = named("counter").spawn_scoped(scope, status).unwrap();
        until_waiting(&pool, 2);
        let state = pool.state();
        assert_eq!(state.holders()[0].label(), Some("report"));
        let [one, other] = state.waiters() else {
            panic!("{state}");
        };
        assert_eq!(
            (one.thread(), one.label()),
            (Some("sweeper"), Some("clean-up"))
        );
        assert_eq!(one.mailbox().map(MailboxName::as_str), Some("B"));
        assert_eq!(
            (other.thread(), other.label(), other.mailbox()),
            (Some("counter"), None, None)
        );
        assert!(state.limit_retry_in().unwrap() > Duration::from_secs(500));
        let shown = state.to_string();
        let start = "1 of 2 connections (the server allows 1; one more is tried in 5";
        assert!(shown.starts_with(start), "{shown}");
        let end = "; waiting: thread \"sweeper\", mailbox B (\"clean-up\"), \
            and thread \"counter\", a command of the session";
        assert!(
            shown.contains("), 2 waiting; held by thread ") && shown.ends_with(end),
            "{shown}"
        );
        drop(guard);
        first.join().unwrap().unwrap();
        second.join().unwrap().unwrap();
    });
    assert!(pool.state().waiters().is_empty());
}

/// Not on Windows: a shutdown need not end the reads of this server's threads there.
#[cfg(unix)]
#[test]
fn connections_are_logged_when_they_are_made_refused_and_retired() {
    let server = Server::with(|state| state.limit = 1);
    let (pool, _) = pool_with(&server, options());
    let lines = lines_of(|| {
        let _guard = pool.lock_mailbox("A").unwrap();
        pool.try_lock_mailbox("B").unwrap_err();
    });
    let [made, refused] = &lines[..] else {
        panic!("{lines:?}");
    };
    assert_eq!(made, "DEBUG: pool: connection made: 1 of 3");
    let start = "DEBUG: pool: connection refused, the server allows 1: LOGIN: ";
    assert!(refused.starts_with(start), "{refused}");

    server.kick();
    let lines = lines_of(|| pool.lock_mailbox("A").map(drop));
    let ended = [
        "DEBUG: pool: connection has ended",
        "DEBUG: pool: connection made: 1 of 3",
    ];
    assert_eq!(lines, ended);
    assert_eq!(
        lines_of(|| pool.logout()),
        ["DEBUG: pool: connection retired: logout"]
    );

    let (pool, _) = pool_with(&server, options().idle_timeout(Duration::ZERO));
    drop(pool.lock_mailbox("A").unwrap());
    assert_eq!(
        lines_of(|| pool.tend()),
        ["DEBUG: pool: connection retired: idle"]
    );
    let (pool, _) = pool_with(&server, options().max_age(Duration::ZERO));
    drop(pool.lock_mailbox("A").unwrap());
    assert_eq!(
        lines_of(|| pool.tend()),
        ["DEBUG: pool: connection retired: old"]
    );
}

#[test]
fn a_connection_that_cannot_be_made_is_a_warning() {
    let server = Server::start();
    let (pool, _) = pool_of(&server, options(), "wrong");
    let lines = lines_of(|| pool.lock_mailbox("A").map(drop).unwrap_err());
    let [line] = &lines[..] else {
        panic!("{lines:?}");
    };
    assert!(
        line.starts_with("WARN: pool: no connection made: LOGIN: "),
        "{line}"
    );
}
