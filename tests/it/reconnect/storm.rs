//! Many who lock at once when the connection is gone: one of them reconnects, and only once.

use std::sync::{Arc, Barrier};
use std::thread;

use latchbox::{Account, Credentials, Session};
use latchbox_server::{Direction, PASSWORD, Server, USER};

use super::{at_once, reconnecting};
use crate::sessions::{Asked, assert_closed, builder, played, until_hung_up, until_waiting};

const THREADS: usize = 16;
const MAILBOXES: [&str; 4] = ["INBOX", "Trash", "Archive", "Sent"];

fn server() -> Server {
    let mut server = Server::builder();
    for name in MAILBOXES {
        server = server.mailbox(name, Vec::<Vec<u8>>::new());
    }
    server.start().unwrap()
}

fn session_of(server: &Server) -> (Session, Asked) {
    let asked = Asked::default();
    let counting = asked.clone();
    let account = Account::new(builder(server.port()), move |_| {
        counting.count();
        Ok(Credentials::login(USER, PASSWORD))
    });
    (account.reconnecting(at_once()).open().unwrap(), asked)
}

fn logins(server: &Server) -> usize {
    let is_login = |event: &latchbox_server::Event| {
        event.direction == Direction::Client && event.line.contains(" LOGIN ")
    };
    server.timeline().iter().filter(|e| is_login(e)).count()
}

#[test]
fn sixteen_locks_at_once_make_one_reconnection() {
    let server = server();
    let (session, asked) = session_of(&server);
    for round in 1..=5 {
        server.kick();
        until_hung_up(server.port());
        let start = Barrier::new(THREADS);
        thread::scope(|scope| {
            for thread in 0..THREADS {
                let (session, start) = (&session, &start);
                scope.spawn(move || {
                    start.wait();
                    let mut guard = session.lock_mailbox(MAILBOXES[thread % 4]).unwrap();
                    guard.refresh().unwrap();
                });
            }
        });
        assert_eq!(asked.times(), 1 + round);
        assert_eq!(logins(&server), 1 + round);
        assert_eq!(server.connections(), 1);
    }
}

/// The holder lets go of a connection of which nobody knows yet that it is dead: nobody has sent
/// anything on it, so the first who is granted the turn replaces it for all.
#[test]
fn sixteen_who_wait_when_the_connection_dies_unnoticed_make_one_reconnection() {
    let server = server();
    let (session, asked) = session_of(&server);
    let held = session.lock_mailbox("INBOX").unwrap();
    thread::scope(|scope| {
        for thread in 0..THREADS {
            let session = &session;
            scope.spawn(move || {
                let mut guard = session.lock_mailbox(MAILBOXES[thread % 4]).unwrap();
                guard.refresh().unwrap();
            });
        }
        until_waiting(&session, THREADS);
        server.kick();
        until_hung_up(server.port());
        drop(held);
    });
    assert_eq!((asked.times(), logins(&server)), (2, 2));
}

#[test]
fn who_comes_during_a_reconnection_waits_for_it() {
    let server = played(
        "
        hello
        cut
        accept
        signal: reconnecting
        wait: all
        hello: pass2
        select: INBOX
        ",
    );
    let (session, asked) = reconnecting(&server);
    until_hung_up(server.port());
    thread::scope(|scope| {
        let lock = || session.lock_mailbox("INBOX").map(drop);
        let mut locking = vec![scope.spawn(lock)];
        server.reached("reconnecting");
        locking.extend((1..THREADS).map(|_| scope.spawn(lock)));
        until_waiting(&session, THREADS - 1);
        server.go("all");
        for lock in locking {
            lock.join().unwrap().unwrap();
        }
    });
    assert_eq!(asked.times(), 2);
    server.finish();
}

/// It came when there was no connection, and waits when the next one breaks: that one it is told of.
#[test]
fn who_waited_for_a_reconnection_is_told_when_the_new_connection_breaks() {
    let server = played(
        "
        hello
        cut
        accept
        signal: reconnecting
        wait: all
        hello: pass2
        select: INBOX
        C: {n} NOOP
        cut
        accept
        hello: pass3
        select: INBOX
        ",
    );
    let (session, asked) = reconnecting(&server);
    until_hung_up(server.port());
    thread::scope(|scope| {
        let first = scope.spawn(|| session.lock_mailbox("INBOX")?.refresh());
        server.reached("reconnecting");
        let second = scope.spawn(|| session.lock_mailbox("INBOX").map(drop));
        until_waiting(&session, 1);
        server.go("all");
        assert_closed(first.join().unwrap(), false);
        assert_closed(second.join().unwrap(), false);
    });
    assert_eq!(asked.times(), 2);
    drop(session.lock_mailbox("INBOX").unwrap());
    assert_eq!(asked.times(), 3);
    server.finish();
}

#[test]
fn an_account_opens_sessions_that_do_not_know_each_other() {
    let server = server();
    let asked = Arc::new(Asked::default());
    let counting = Arc::clone(&asked);
    let account = Account::new(builder(server.port()), move |_| {
        counting.count();
        Ok(Credentials::login(USER, PASSWORD))
    })
    .reconnecting(at_once());
    let (one, other) = (account.open().unwrap(), account.clone().open().unwrap());
    one.close_handle().close();
    assert!(one.lock_mailbox("INBOX").unwrap_err().is_closed());
    other.lock_mailbox("INBOX").unwrap().refresh().unwrap();
    server.kick();
    until_hung_up(server.port());
    other.lock_mailbox("INBOX").unwrap().refresh().unwrap();
    assert!(one.lock_mailbox("INBOX").unwrap_err().is_closed());
    assert_eq!(asked.times(), 3);
}
