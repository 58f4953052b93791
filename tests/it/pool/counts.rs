//! SELECTs, counted: a pool beside one session, and beside a session for each thread.

use std::thread;
use std::time::{Duration, Instant};

use latchbox::{Account, Credentials, LockRequest, Pool};

use super::server::Server;
use super::{options, pool_with};
use crate::sessions::builder;

/// How long it may take until threads have caused all connections.
const DEADLINE: Duration = Duration::from_secs(60);

const THREADS: usize = 6;
const ROUNDS: usize = 60;
const MAILBOXES: usize = 4;

/// The mailbox that a thread wants the next time.
fn draw(thread: usize, round: usize) -> String {
    let number = (thread * 7919 + round * 104_729 + round / 3) % 1_000_003 % MAILBOXES;
    format!("M{number}")
}

/// Each thread locks again and again.
fn run<'s>(mailbox: impl Fn(usize, String) -> LockRequest<'s> + Sync) {
    thread::scope(|scope| {
        for number in 0..THREADS {
            let mailbox = &mailbox;
            scope.spawn(move || {
                for round in 0..ROUNDS {
                    let mut guard = mailbox(number, draw(number, round)).lock().unwrap();
                    guard.refresh().unwrap();
                }
            });
        }
    });
}

/// SELECTs and connections of a pool, after `work` with it.
fn counted(most: usize, work: impl FnOnce(&Pool)) -> (usize, usize) {
    let server = Server::start();
    let (pool, _) = pool_with(&server, options().max_connections(most));
    work(&pool);
    (server.count("SELECT"), server.count("LOGIN"))
}

/// Threads that each lock one mailbox again and again.
fn lock_again_and_again(pool: &Pool, threads: usize, mailboxes: usize, rounds: usize) {
    thread::scope(|scope| {
        for number in 0..threads {
            scope.spawn(move || {
                for _ in 0..rounds {
                    let name = format!("M{}", number % mailboxes);
                    pool.lock_mailbox(name).unwrap().refresh().unwrap();
                }
            });
        }
    });
}

#[test]
fn a_walk_through_many_mailboxes_needs_one_connection() {
    let walk = |mailboxes: usize| {
        counted(4, |pool| {
            for number in (0..mailboxes).cycle().take(mailboxes * 3) {
                drop(pool.lock_mailbox(format!("M{number}")).unwrap());
            }
        })
    };
    // More connections would not save a SELECT, because each mailbox is the one used longest ago.
    assert_eq!(walk(10), (30, 1));
    assert_eq!(walk(5), (15, 1));
    // For four mailboxes they do.
    assert_eq!(walk(4), (7, 4));
    assert_eq!(walk(2), (3, 2));
    assert_eq!(walk(1), (1, 1));
}

/// How soon there are four connections is a matter of the scheduler, so that only the locks after that are counted.
#[test]
fn threads_with_a_mailbox_each_have_a_connection_each() {
    let server = Server::start();
    let (pool, _) = pool_with(&server, options().max_connections(4));
    let deadline = Instant::now() + DEADLINE;
    while server.count("LOGIN") < 4 {
        assert!(Instant::now() < deadline, "{}", pool.state());
        lock_again_and_again(&pool, 4, 4, 25);
    }
    let before = server.count("SELECT");
    lock_again_and_again(&pool, 4, 4, 100);
    let selects = server.count("SELECT") - before;
    eprintln!("400 locks of 4 threads with 4 connections: {selects} SELECTs");
    assert_eq!(server.count("LOGIN"), 4);
    // Two connections may have had the same mailbox.
    assert!(selects <= 16, "{selects} SELECTs");
}

#[test]
fn many_threads_in_few_mailboxes_select_seldom() {
    let (selects, logins) = counted(4, |pool| lock_again_and_again(pool, 50, 4, 20));
    eprintln!("1000 locks of 50 threads: {selects} SELECTs, {logins} connections");
    assert_eq!(logins, 4);
    assert!(selects <= 100, "{selects} SELECTs");
}

#[test]
fn a_pool_selects_less_than_one_session_and_than_a_session_a_thread() {
    let server = Server::start();
    let (pool, _) = pool_with(&server, options().max_connections(MAILBOXES));
    let held: Vec<_> = (0..MAILBOXES)
        .map(|number| pool.try_lock_mailbox(format!("M{number}")).unwrap())
        .collect();
    drop(held);
    run(|_, name| pool.mailbox(name));
    let of_pool = server.count("SELECT");
    let logins = server.count("LOGIN");

    let account = |port| Account::new(builder(port), |_| Ok(Credentials::login("jane", "pass1")));
    let server = Server::start();
    let session = account(server.port).open().unwrap();
    run(|_, name| session.mailbox(name));
    let of_session = server.count("SELECT");

    let server = Server::start();
    let sessions: Vec<_> = (0..THREADS)
        .map(|_| account(server.port).open().unwrap())
        .collect();
    run(|thread, name| sessions[thread].mailbox(name));
    let of_sessions = server.count("SELECT");

    let locks = THREADS * ROUNDS;
    eprintln!("{locks} locks: {of_pool}, one session {of_session}, many {of_sessions}");
    assert_eq!((of_pool, logins), (MAILBOXES, MAILBOXES));
    assert!(of_pool < of_session && of_pool < of_sessions);
}
