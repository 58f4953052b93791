//! Making connections: one at a time, as many as the server allows, and one try for all who wait.

use std::thread;
use std::time::Duration;

use latchbox::error::ConnectErrorKind;
use latchbox::{Error, Pool};

use super::server::Server;
use super::{is_busy, options, pool, pool_of, pool_with, until_waiting};
use crate::sessions::until;

#[test]
fn one_connection_is_made_at_a_time_while_others_are_used() {
    let server = Server::start();
    let pool = pool(&server);
    drop(pool.lock_mailbox("A").unwrap());
    let held = pool.lock_mailbox("A").unwrap();
    server.change(|state| state.holds_logins = true);
    thread::scope(|scope| {
        scope.spawn(|| drop(pool.lock_mailbox("B").unwrap()));
        server.until_count("LOGIN", 2);
        assert!(pool.state().is_connecting());
        scope.spawn(|| drop(pool.lock_mailbox("C").unwrap()));
        until_waiting(&pool, 1);
        assert!(is_busy(&pool, "D"));
        // The waiter gets the connection that is there.
        drop(held);
        server.until_count("SELECT \"C\"", 1);
        until("it is held", || pool.state().holders().len() == 1);
        // And so does one that comes now, although a connection is being made.
        drop(pool.lock_mailbox("C").unwrap());
        assert_eq!(server.count("LOGIN"), 2);
        server.change(|state| state.holds_logins = false);
    });
    assert_eq!(pool.state().connections(), 2);
}

#[test]
fn a_wrong_password_is_sent_once_for_all_who_wait() {
    let server = Server::with(|state| state.holds_logins = true);
    let (pool, asked) = pool_of(&server, options(), "wrong");
    thread::scope(|scope| {
        let waiters: Vec<_> = (0..8)
            .map(|n| {
                scope.spawn({
                    let pool = &pool;
                    move || pool.lock_mailbox(format!("M{n}")).map(drop).unwrap_err()
                })
            })
            .collect();
        server.until_count("LOGIN", 1);
        until_waiting(&pool, 7);
        server.change(|state| state.holds_logins = false);
        for waiter in waiters {
            let error = waiter.join().unwrap();
            assert!(error.is_auth(), "{error}");
        }
    });
    assert_eq!((server.count("LOGIN"), asked.times()), (1, 1));
    assert_eq!(pool.state().connections(), 0);
}

#[test]
fn a_server_that_is_down_is_tried_once_for_all_who_wait() {
    let server = Server::with(|state| state.holds_logins = true);
    let (pool, asked) = pool_of(&server, options(), "pass1");
    thread::scope(|scope| {
        let waiters: Vec<_> = (0..4)
            .map(|n| {
                scope.spawn({
                    let pool = &pool;
                    move || pool.lock_mailbox(format!("M{n}")).map(drop).unwrap_err()
                })
            })
            .collect();
        server.until_count("LOGIN", 1);
        until_waiting(&pool, 3);
        server.change(|state| state.is_mute = true);
        server.kick();
        for waiter in waiters {
            let error = waiter.join().unwrap();
            assert!(
                matches!(error, Error::Connect(_) | Error::Closed(_)),
                "{error}"
            );
        }
        server.change(|state| (state.is_mute, state.holds_logins) = (false, false));
    });
    // One lock makes five attempts, as the account says.
    assert_eq!(asked.times(), 5);
    drop(pool.lock_mailbox("A").unwrap());
}

/// Threads that each want a mailbox of their own, again and again.
fn work(pool: &Pool, threads: usize) {
    thread::scope(|scope| {
        for number in 0..threads {
            scope.spawn(move || {
                for _ in 0..20 {
                    let mut guard = pool.lock_mailbox(format!("M{number}")).unwrap();
                    guard.refresh().unwrap();
                }
            });
        }
    });
}

#[test]
fn a_limit_of_the_server_is_learned_and_tried_again_later() {
    for refusal in [
        "NO [LIMIT] Maximum number of connections from user+IP exceeded",
        "NO [UNAVAILABLE] Maximum number of connections",
        "NO [ALERT] Too many simultaneous connections. (Failure)",
        "NO Too many open connections (2 of 2 for u1)",
    ] {
        let server = Server::with(|state| (state.limit, state.refusal) = (2, refusal));
        let many = options().max_connections(6);
        let (pool, asked) = pool_with(&server, many.retry_limit_after(Duration::from_secs(3600)));
        // Threads alone may come one after the other, and need no third connection.
        let held = ["A", "B"].map(|name| pool.try_lock_mailbox(name).unwrap());
        assert!(is_busy(&pool, "C"));
        drop(held);
        work(&pool, 6);
        let retry_in = pool.state().limit_retry_in().unwrap();
        assert!(retry_in > Duration::from_secs(3000), "{retry_in:?}");
        assert_eq!(pool.state().learned_limit(), Some(2), "{refusal}");
        assert_eq!((server.logged_in(), asked.times()), (2, 3), "{refusal}");
        assert!(
            pool.state()
                .to_string()
                .contains("(the server allows 2; one more is tried in 3")
        );

        let server = Server::with(|state| (state.limit, state.refusal) = (2, refusal));
        let (pool, _) = pool_with(&server, many.retry_limit_after(Duration::ZERO));
        let held = ["A", "B"].map(|name| pool.try_lock_mailbox(name).unwrap());
        assert!(is_busy(&pool, "C"));
        assert_eq!(pool.state().learned_limit(), Some(2));
        server.change(|state| state.limit = 3);
        let third = pool.try_lock_mailbox("C").unwrap();
        assert_eq!(pool.state().learned_limit(), None);
        drop((held, third));
    }
}

#[test]
fn a_limit_is_an_error_if_there_is_no_connection() {
    let server = Server::with(|state| state.limit = 0);
    let (pool, asked) = pool_with(&server, options());
    let error = pool.lock_mailbox("A").unwrap_err();
    assert!(
        matches!(error, Error::Refused(_)) && error.is_retryable(),
        "{error}"
    );
    assert_eq!(asked.times(), 1);
    assert_eq!(pool.state().learned_limit(), None);
    server.change(|state| state.limit = 1);
    drop(pool.lock_mailbox("A").unwrap());
}

/// Exchange lets a connection log in that is one too many, and answers BAD to what comes then.
#[test]
fn a_login_that_is_of_no_use_is_a_limit() {
    let server = Server::with(|state| (state.limit, state.lets_in) = (1, true));
    let (pool, _) = pool_with(&server, options());
    let guard = pool.lock_mailbox("A").unwrap();
    thread::scope(|scope| {
        let waiting = scope.spawn(|| pool.lock_mailbox("B").map(drop));
        until("it is learned", || pool.state().learned_limit() == Some(1));
        until_waiting(&pool, 1);
        assert_eq!(pool.state().connections(), 1);
        drop(guard);
        waiting.join().unwrap().unwrap();
    });
    assert_eq!((server.count("LOGIN"), server.count("LOGOUT")), (2, 1));
    // Without another connection it is the error.
    let server = Server::with(|state| (state.limit, state.lets_in) = (0, true));
    let (pool, _) = pool_with(&server, options());
    let error = pool.lock_mailbox("A").unwrap_err();
    assert!(error.is_authenticated_but_not_connected(), "{error}");
    assert_eq!(
        (pool.state().learned_limit(), pool.state().connections()),
        (None, 0)
    );
}

#[test]
fn a_limit_in_a_bye_instead_of_the_greeting_is_learned() {
    let server = Server::start();
    let (pool, _) = pool_with(&server, options());
    let guard = pool.lock_mailbox("A").unwrap();
    server.change(|state| state.bye = Some("Too many connections from your address"));
    assert!(is_busy(&pool, "B"));
    assert_eq!(pool.state().learned_limit(), Some(1));
    drop(guard);
    drop(pool.lock_mailbox("B").unwrap());
    // Another BYE is no limit.
    let server = Server::start();
    let (pool, _) = pool_with(&server, options());
    let _guard = pool.lock_mailbox("A").unwrap();
    server.change(|state| state.bye = Some("Server shutting down"));
    let error = pool.try_lock_mailbox("B").unwrap_err();
    assert!(matches!(error, Error::Connect(_)), "{error}");
    assert_eq!(pool.state().learned_limit(), None);
}

/// Connections that exist stay; one that ends is not replaced.
///
/// Not on Windows: a shutdown need not end the reads of this server's threads there.
#[cfg(unix)]
#[test]
fn a_limit_that_is_lowered_meanwhile_is_learned_at_the_next_connection() {
    let server = Server::start();
    let (pool, _) = pool_with(&server, options());
    drop(["A", "B", "C"].map(|name| pool.try_lock_mailbox(name).unwrap()));
    server.change(|state| state.limit = 1);
    for name in ["A", "B", "C"] {
        drop(pool.lock_mailbox(name).unwrap());
    }
    assert_eq!(
        (pool.state().connections(), pool.state().learned_limit()),
        (3, None)
    );
    server.kick_one(1);
    drop(pool.lock_mailbox("B").unwrap());
    assert_eq!(
        (pool.state().connections(), pool.state().learned_limit()),
        (2, Some(2))
    );
    assert_eq!(server.logged_in(), 2);
}

/// Courier closes a connection that is one too many before the greeting, and so does a server that
/// is about to stop.
#[test]
fn an_end_before_the_greeting_is_no_limit() {
    let server = Server::start();
    let (pool, _) = pool_with(&server, options());
    let held = pool.lock_mailbox("A").unwrap();
    server.change(|state| state.is_mute = true);
    let error = pool.try_lock_mailbox("B").unwrap_err();
    let is_connect = |kind: &ConnectErrorKind| matches!(kind, ConnectErrorKind::Closed(_));
    assert!(
        matches!(&error, Error::Connect(e) if is_connect(e.kind())),
        "{error}"
    );
    assert_eq!(pool.state().learned_limit(), None);
    drop(held);
}

#[test]
fn closing_ends_the_connection_that_is_being_made_and_all_waits() {
    let server = Server::with(|state| state.holds_logins = true);
    let pool = pool(&server);
    thread::scope(|scope| {
        let locks: Vec<_> = (0..3)
            .map(|_| scope.spawn(|| pool.lock_mailbox("A").map(drop).unwrap_err()))
            .collect();
        server.until_count("LOGIN", 1);
        until_waiting(&pool, 2);
        pool.close_handle().close();
        for lock in locks {
            let error = lock.join().unwrap();
            assert!(error.is_closed(), "{error}");
        }
    });
    server.change(|state| state.holds_logins = false);
    assert!(pool.session().unwrap_err().is_closed());
}
