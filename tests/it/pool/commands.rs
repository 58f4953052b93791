//! The commands of a session on a connection of a pool.

use std::thread;

use latchbox::Error;
use latchbox::error::{LockError, MailboxError};
use latchbox::pool::PoolOptions;
use latchbox::types::StatusItem;

use super::server::Server;
use super::{is_busy, options, pool, pool_with, until_waiting};

#[test]
fn a_session_is_any_free_connection_and_makes_none_beside_it() {
    let server = Server::start();
    let pool = pool(&server);
    drop(pool.lock_mailbox("A").unwrap());
    let session = pool.session().unwrap();
    session.status("B", [StatusItem::Messages]).unwrap();
    session.create("New").unwrap();
    drop(session);
    drop(pool.lock_mailbox("A").unwrap());
    assert_eq!((server.count("LOGIN"), server.count("SELECT")), (1, 1));
    assert_eq!((server.count("STATUS"), server.count("CREATE")), (1, 1));
}

#[test]
fn on_the_thread_of_a_guard_it_is_the_guards_connection() {
    let server = Server::start();
    let pool = pool(&server);
    let guard = pool.lock_mailbox("A").unwrap();
    let session = pool.session().unwrap();
    session.noop().unwrap();
    assert_eq!(server.count("LOGIN"), 1);
    drop(guard);
    // The connection is released: the session has none.
    let refused = session.noop().unwrap_err();
    assert!(matches!(refused, Error::Lock(_)), "{refused}");
    assert_eq!(server.count("NOOP"), 1);
}

#[test]
fn another_thread_cannot_use_a_leased_session_and_nothing_is_locked_on_it() {
    let server = Server::start();
    let pool = pool(&server);
    let session = pool.session().unwrap();
    let inner = &*session;
    let refused = thread::scope(|scope| scope.spawn(|| inner.noop()).join().unwrap());
    assert!(refused.unwrap_err().is_busy());
    let refused = session.lock_mailbox("A").unwrap_err();
    assert!(
        matches!(&refused, Error::Lock(e) if matches!(**e, LockError::HeldByThisThread { .. })),
        "{refused}"
    );
    assert_eq!(server.count("NOOP"), 0);
    session.noop().unwrap();
    assert_eq!(session.stats().reconnections, 0);
}

#[test]
fn a_mailbox_that_is_held_anywhere_is_not_removed() {
    let server = Server::start();
    let pool = pool(&server);
    let held = pool.lock_mailbox("Box/Below").unwrap();
    thread::scope(|scope| {
        scope.spawn(|| {
            let session = pool.session().unwrap();
            for refused in [session.delete("Box"), session.rename("Box", "Other")] {
                let refused = refused.unwrap_err();
                assert!(
                    matches!(&refused, Error::Mailbox(e) if matches!(**e, MailboxError::Held(_))),
                    "{refused}"
                );
            }
            session.delete("Boxes").unwrap();
        });
    });
    drop(held);
    pool.session().unwrap().delete("Box").unwrap();
    assert_eq!((server.count("DELETE"), server.count("RENAME")), (2, 0));
}

#[test]
fn a_mailbox_that_is_removed_is_selected_nowhere() {
    let server = Server::start();
    let pool = pool(&server);
    let one = pool.mailbox("Box").read_only().try_lock().unwrap();
    let other = pool.mailbox("Box").read_only().try_lock().unwrap();
    let third = pool.try_lock_mailbox("A").unwrap();
    drop((one, other, third));
    pool.session().unwrap().delete("Box").unwrap();
    assert_eq!(server.count("UNSELECT"), 2);
    assert!(server.lines("UNSELECT")[0].0 != server.lines("UNSELECT")[1].0);
    drop(pool.lock_mailbox("Box").unwrap());
    assert_eq!(server.count("SELECT \"Box\""), 1);
}

/// A thread, which may hold a mailbox, removes `Box`, and the server has not answered yet: which
/// mailboxes are busy then.
fn busy_meanwhile(options: PoolOptions, holds: Option<&str>, names: &[&str]) -> Vec<bool> {
    let server = Server::with(|state| state.holds_deletes = true);
    let (pool, _) = pool_with(&server, options);
    thread::scope(|scope| {
        scope.spawn(|| {
            let guard = holds.map(|name| pool.lock_mailbox(name).unwrap());
            let session = pool.session().unwrap();
            session.delete("Box").unwrap();
            drop((session, guard));
            // The reservation has ended with the command.
            drop(pool.lock_mailbox("Box/Below").unwrap());
        });
        server.until_count("DELETE", 1);
        let busy = names.iter().map(|name| is_busy(&pool, name)).collect();
        server.change(|state| state.holds_deletes = false);
        busy
    })
}

#[test]
fn a_mailbox_cannot_be_locked_while_it_or_one_above_it_is_removed() {
    let names = ["Box", "Box/Below", "Box.Below", "Boxes", "A"];
    let busy = [true, true, true, false, false];
    assert_eq!(busy_meanwhile(options(), None, &names), busy);
    // On the connection of a guard of another mailbox, too, and with several writers.
    assert_eq!(busy_meanwhile(options(), Some("C"), &names), busy);
    let several = options().allow_several_writers(true);
    assert_eq!(busy_meanwhile(several, None, &names), busy);
}

#[test]
fn a_lock_of_a_mailbox_that_is_being_removed_waits() {
    let server = Server::with(|state| state.holds_deletes = true);
    let pool = pool(&server);
    thread::scope(|scope| {
        scope.spawn(|| pool.session().unwrap().delete("Box").unwrap());
        server.until_count("DELETE", 1);
        let waiting = scope.spawn(|| pool.lock_mailbox("Box/Below").map(drop));
        until_waiting(&pool, 1);
        let state = pool.state().to_string();
        assert!(state.contains("mailbox Box"), "{state}");
        server.change(|state| state.holds_deletes = false);
        waiting.join().unwrap().unwrap();
    });
}
