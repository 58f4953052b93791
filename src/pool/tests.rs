//! Locks that are requested and not waited for, of a session and of a pool, on a server.

#[allow(dead_code, reason = "the integration tests use more of it")]
#[path = "../../tests/it/pool/server.rs"]
mod server;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::thread;

use latchbox_testkit::{PASSWORD, Server, USER, message};

use crate::account::{Account, Credentials};
use crate::client::Client;
use crate::lock::Alarm;
use crate::mailbox_guard::lock_request::LockRequest;
use crate::mailbox_guard::lock_source::LockSource;
use crate::mailbox_guard::pending_lock::{PendingLock, Taken};
use crate::mailbox_guard::{OwnedMailboxGuard, ReadWrite};
use crate::pool::PoolOptions;
use crate::pool::connections::Pool;
use crate::types::uid::UidValidity;

fn server() -> Server {
    let mail = || [message("hello", "ann@example.com", "Hi!")];
    let server = Server::builder();
    let server = server.mailbox("INBOX", mail()).mailbox("Trash", mail());
    server.start().unwrap()
}

fn account(port: u16) -> Account {
    account_of(port, USER, PASSWORD)
}

fn account_of(port: u16, user: &'static str, password: &'static str) -> Account {
    let builder = Client::builder("127.0.0.1").port(port);
    let builder = builder.danger_plaintext().danger_cleartext_login();
    Account::new(builder, move |_| Ok(Credentials::login(user, password)))
}

fn pool(port: u16, max_connections: usize) -> Pool {
    let options = PoolOptions::new().max_connections(max_connections);
    Pool::with_options(account(port), options)
}

fn request(request: &LockRequest<'_>) -> (PendingLock<ReadWrite>, Arc<AtomicUsize>) {
    let rung = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&rung);
    let alarm: Alarm = Arc::new(move || {
        counted.fetch_add(1, SeqCst);
    });
    (request.request_owned(alarm).unwrap(), rung)
}

fn guard(pending: PendingLock<ReadWrite>, source: &dyn LockSource) -> OwnedMailboxGuard {
    match pending.try_take(source).unwrap() {
        Taken::Granted(guard) => guard,
        Taken::Waiting(_) => panic!("it waits"),
    }
}

fn still_waiting(
    pending: PendingLock<ReadWrite>,
    source: &dyn LockSource,
) -> PendingLock<ReadWrite> {
    match pending.try_take(source).unwrap() {
        Taken::Waiting(pending) => pending,
        Taken::Granted(_) => panic!("it was granted"),
    }
}

#[test]
fn a_session_grants_a_lock_that_no_thread_waits_for() {
    let server = server();
    let session = account(server.port()).open().unwrap();
    let inbox = session.lock_mailbox("INBOX").unwrap();
    let (pending, rung) = request(&session.mailbox("Trash"));
    let pending = still_waiting(pending, &session);
    assert_eq!(rung.load(SeqCst), 0);
    drop(inbox);
    assert_eq!(rung.load(SeqCst), 1);
    let guard = guard(pending, &session);
    assert_eq!((guard.name().as_str(), guard.exists()), ("Trash", 1));
    // It can move to another thread, and belongs to none.
    thread::spawn(move || drop(guard)).join().unwrap();
    assert_eq!(session.lock_mailbox("INBOX").unwrap().exists(), 1);
}

#[test]
fn a_pool_grants_a_lock_that_no_thread_waits_for() {
    let server = server();
    let pool = pool(server.port(), 1);
    let (pending, rung) = request(&pool.mailbox("INBOX"));
    assert_eq!(pool.state().connections(), 0);
    assert_eq!(rung.load(SeqCst), 0, "its turn has come already");
    let inbox = guard(pending, &pool);
    assert_eq!(pool.state().connections(), 1);
    let (pending, _) = request(&pool.mailbox("Trash").label("watch"));
    let pending = still_waiting(pending, &pool);
    drop(inbox);
    assert_eq!(pool.state().holders()[0].label(), Some("watch"));
    drop(pending);
    assert!(pool.state().holders().is_empty());
}

/// The server allows one connection, and the turn was on a second one.
#[test]
fn a_turn_whose_connection_cannot_be_had_becomes_pending_again() {
    let server = server::Server::with(|state| state.limit = 1);
    let account = account_of(server.port, "jane", "pass1");
    let pool = Pool::with_options(account, PoolOptions::new().max_connections(2));
    let inbox = pool.lock_mailbox("INBOX").unwrap();
    let (pending, rung) = request(&pool.mailbox("Trash"));
    let pending = still_waiting(pending, &pool);
    assert_eq!(
        (rung.load(SeqCst), pool.state().learned_limit()),
        (0, Some(1))
    );
    drop(inbox);
    assert_eq!(rung.load(SeqCst), 1);
    assert_eq!(guard(pending, &pool).name().as_str(), "Trash");
    drop(pool.lock_mailbox("INBOX").unwrap());
}

#[test]
fn what_a_lock_checks_is_checked_when_the_guard_is_taken() {
    let server = server();
    let pool = pool(server.port(), 1);
    let other = UidValidity::try_from(4711).unwrap();
    let (pending, _) = request(&pool.mailbox("INBOX").uid_validity(other));
    assert!(pending.try_take(&pool).is_err());
    assert!(pool.state().holders().is_empty());
    let (pending, rung) = request(&pool.mailbox("Missing"));
    assert!(pending.try_take(&pool).is_err());
    let inbox = pool.lock_mailbox("INBOX").unwrap();
    let (pending, _) = request(&pool.mailbox("Trash"));
    pool.close_handle().close();
    assert!(
        pending
            .try_take(&pool)
            .is_err_and(|error| error.is_closed())
    );
    drop((inbox, rung));
}
