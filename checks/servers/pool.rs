//! A pool of connections to a Dovecot that allows few of them, goes away and comes back.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use latchbox::pool::PoolOptions;
use latchbox::types::SearchKey;
use latchbox::{Account, Backoff, Credentials, Pool};

use crate::sessions::{Asked, log_in_as, patient, plaintext, until};
use crate::support::dovecot::{Dovecot, User};

const MAILBOXES: [&str; 6] = ["INBOX", "Trash", "Archive", "Sent", "Drafts", "Junk"];

const FOUR: &str = "protocol imap {\n  mail_max_userip_connections = 4\n}\n";

fn pool(server: &Dovecot, user: &User, options: PoolOptions) -> (Pool, Asked) {
    let asked = Asked::default();
    let (counting, name) = (asked.clone(), user.name().to_owned());
    let password = user.password().to_owned();
    let account = Account::new(patient(plaintext(server.port())), move |_| {
        counting.count();
        Ok(Credentials::login(&name, password.as_str()))
    });
    let backoff = Backoff::new()
        .initial_delay(Duration::from_millis(20))
        .max_delay(Duration::from_millis(50))
        .max_attempts(10_000);
    let account = account.reconnecting(backoff);
    (Pool::with_options(account, options), asked)
}

fn work(pool: &Pool, number: usize) -> latchbox::Result<()> {
    let name = MAILBOXES[number % MAILBOXES.len()];
    let mut guard = pool.lock_mailbox(name)?;
    assert_eq!(guard.mailbox()?.name().as_str(), name);
    guard.search(SearchKey::All).map(drop)
}

#[test]
fn fifty_threads_make_do_with_the_connections_that_the_server_allows() {
    let server = Dovecot::start(FOUR).unwrap();
    let user = server.user();
    let (pool, asked) = pool(&server, &user, PoolOptions::new().max_connections(10));
    thread::scope(|scope| {
        for number in 0..50 {
            let pool = &pool;
            scope.spawn(move || (0..10).for_each(|round| work(pool, number + round).unwrap()));
        }
    });
    let state = pool.state();
    assert_eq!(state.learned_limit(), Some(4), "{state}");
    assert_eq!((state.connections(), asked.times()), (4, 5), "{state}");
    pool.logout();
    server.stop();
}

#[test]
fn a_limit_that_is_lifted_is_noticed() {
    let server = Dovecot::start(FOUR).unwrap();
    let user = server.user();
    let others = [(), ()].map(|()| {
        let client = plaintext(server.port()).connect().unwrap();
        log_in_as(client, user.name(), user.password())
    });
    let options = PoolOptions::new().retry_limit_after(Duration::ZERO);
    let (pool, _) = pool(&server, &user, options.max_connections(4));
    let held = ["INBOX", "Trash"].map(|name| pool.try_lock_mailbox(name).unwrap());
    assert!(pool.try_lock_mailbox("Sent").is_err());
    assert_eq!(pool.state().learned_limit(), Some(2));
    for other in others {
        other.logout().unwrap();
    }
    // Dovecot takes a moment to notice.
    until("no more connections", || {
        pool.try_lock_mailbox("Sent").is_ok()
    });
    drop(held);
    pool.logout();
    server.stop();
}

#[test]
fn a_restart_in_the_middle_costs_nothing_but_errors_of_guards() {
    let mut server = Dovecot::start(FOUR).unwrap();
    let user = server.user();
    let (pool, _) = pool(&server, &user, PoolOptions::new());
    let (rounds, is_back) = (AtomicUsize::new(0), AtomicBool::new(false));
    thread::scope(|scope| {
        for number in 0..12 {
            let (pool, rounds, is_back) = (&pool, &rounds, &is_back);
            scope.spawn(move || {
                let mut left = 5;
                while left > 0 {
                    match work(pool, number + left) {
                        Ok(()) => {
                            rounds.fetch_add(1, Ordering::SeqCst);
                            left -= usize::from(is_back.load(Ordering::SeqCst));
                        }
                        Err(error) => assert!(error.is_closed(), "{error}"),
                    }
                }
            });
        }
        until("nobody works", || rounds.load(Ordering::SeqCst) > 30);
        server.restart();
        let so_far = rounds.load(Ordering::SeqCst);
        until("nobody works again", || {
            rounds.load(Ordering::SeqCst) > so_far + 30
        });
        is_back.store(true, Ordering::SeqCst);
    });
    assert!(pool.state().connections() > 0);
    pool.logout();
    server.stop();
}
