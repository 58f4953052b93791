//! The lock: it is let go on every path, waits for itself never, and can be asked about.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread;
use std::time::Duration;

use latchbox::error::LockError;
use latchbox::types::{SearchKey, StatusItem};
use latchbox::{Error, Session};

use crate::scripted::{SHORT, logged_in, selecting};

/// Waits until so many wait for the lock.
fn wait_until_waiting(session: &Session, wanted: usize) {
    while session.lock_state().waiting() < wanted {
        thread::yield_now();
    }
}

#[track_caller]
fn lock_error(error: Error) -> LockError {
    match error {
        Error::Lock(error) => *error,
        other => panic!("{other:?}"),
    }
}

/// The story this crate began with.
#[test]
fn hazard_h02_no_other_mailbox_while_one_is_held() {
    let (server, session) = selecting(
        "
        C: {a} UID SEARCH ALL
        S: * SEARCH 1 2
        S: {a} OK done
        wait: other
        C: {b} UID SEARCH SEEN
        S: * SEARCH 1
        S: {b} OK done
        C: {c} SELECT \"Trash\"
        S: * 9 EXISTS
        S: {c} OK done
        ",
    );
    thread::scope(|scope| {
        let mut inbox = session.lock_mailbox("INBOX").unwrap();
        inbox.search(SearchKey::All).unwrap();
        let other = scope.spawn(|| session.lock_mailbox("Trash").map(|trash| trash.exists()));
        wait_until_waiting(&session, 1);
        server.go("other");
        inbox.search(SearchKey::Seen).unwrap();
        drop(inbox);
        assert_eq!(other.join().unwrap().unwrap(), 9);
    });
    drop(session);
    server.finish();
}

#[test]
fn hazard_h04_the_lock_is_let_go_on_every_path() {
    let (server, session) = selecting(
        "
        C: {a} UID SEARCH ALL
        S: {a} NO no
        ",
    );
    let by_error = || -> latchbox::Result<()> {
        let mut inbox = session.lock_mailbox("INBOX")?;
        inbox.search(SearchKey::All).map(drop)
    };
    assert!(by_error().is_err());
    assert!(session.lock_state().holders().is_empty());
    let by_panic = catch_unwind(AssertUnwindSafe(|| {
        let inbox = session.lock_mailbox("INBOX").unwrap();
        panic!("on purpose, with {}", inbox.name());
    }));
    assert!(by_panic.is_err());
    assert!(session.lock_state().holders().is_empty());
    drop(session.try_lock_mailbox("INBOX").unwrap());
    session.lock_mailbox("INBOX").unwrap().release().unwrap();
    assert!(session.lock_state().holders().is_empty());
    drop(session);
    server.finish();
}

#[test]
fn hazard_h04_and_h32_a_wait_can_have_a_deadline_and_says_who_holds() {
    let (server, session) = selecting("");
    let inbox = session.mailbox("INBOX").label("nightly").lock().unwrap();
    thread::scope(|scope| {
        let waiter = scope.spawn(|| session.mailbox("Trash").timeout(SHORT).lock().map(drop));
        let error = waiter.join().unwrap().unwrap_err();
        assert!(error.is_timeout() && !error.is_closed());
        match lock_error(error) {
            LockError::Timeout {
                waited, holders, ..
            } => {
                let [holder] = &holders[..] else {
                    panic!("{holders:?}");
                };
                assert!(waited >= SHORT);
                assert_eq!(holder.label(), Some("nightly"));
                assert_eq!(holder.thread(), thread::current().name());
                assert!(holder.mailbox().unwrap().is_inbox());
            }
            other => panic!("{other:?}"),
        }
    });
    let state = session.lock_state();
    assert_eq!(state.holders()[0].label(), Some("nightly"));
    assert_eq!(state.waiting(), 0);
    drop(inbox);
    drop(session);
    server.finish();
}

#[test]
fn hazard_h05_a_lock_inside_a_lock_is_an_error_at_once() {
    let (server, session) = selecting(
        "
        C: {a} CREATE \"Box\"
        S: {a} OK done
        C: {b} STATUS \"Box\" (MESSAGES)
        S: * STATUS Box (MESSAGES 0)
        S: {b} OK done
        C: {c} UID SEARCH ALL
        S: {c} OK done
        ",
    );
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    for error in [
        session.lock_mailbox("Trash").unwrap_err(),
        session.lock_mailbox("INBOX").unwrap_err(),
        session.lock_mailbox_read_only("INBOX").unwrap_err(),
        session.try_lock_mailbox("Trash").unwrap_err(),
        session
            .mailbox("Trash")
            .timeout(Duration::from_secs(600))
            .lock()
            .unwrap_err(),
        session
            .mailbox("Trash")
            .timeout(SHORT)
            .lock_owned()
            .unwrap_err(),
    ] {
        let shown = error.to_string();
        assert!(shown.contains("INBOX"), "{shown}");
        let error = lock_error(error);
        let is_own = matches!(error, LockError::HeldByThisThread { .. });
        assert!(is_own, "{error:?}");
    }
    // Commands that need no mailbox work on this thread.
    session.create("Box").unwrap();
    session.status("Box", [StatusItem::Messages]).unwrap();
    inbox.search(SearchKey::All).unwrap();
    drop(inbox);
    drop(session);
    server.finish();
}

/// One deadline over the wait and the SELECT; the connection stays usable.
#[test]
fn hazard_h07_the_deadline_of_a_lock_covers_the_select() {
    let (server, session) = logged_in(
        "
        C: {a} SELECT \"INBOX\"
        S: * 3 EXISTS
        S: * NO [INUSE] another program has the mailbox
        wait: late
        S: {a} OK [READ-WRITE] at last
        C: {b} SELECT \"Box\"
        S: * 5 EXISTS
        S: {b} OK done
        C: {c} UID SEARCH ALL
        S: * SEARCH 7
        S: {c} OK done
        ",
    );
    let error = session.mailbox("INBOX").timeout(SHORT).lock().unwrap_err();
    assert!(error.is_timeout() && !error.is_closed(), "{error:?}");
    // What the server sent meanwhile is the likely reason.
    let warning = "NO [INUSE] another program has the mailbox";
    assert!(error.to_string().ends_with(warning), "{error}");
    let LockError::Timeout { warning: told, .. } = lock_error(error) else {
        panic!("another error of the lock");
    };
    assert_eq!(told.as_deref(), Some(warning));
    assert!(session.lock_state().holders().is_empty());
    server.go("late");
    let mut held = session.lock_mailbox("Box").unwrap();
    assert_eq!(held.exists(), 5);
    assert_eq!(held.search(SearchKey::All).unwrap().to_string(), "7");
    drop(held);
    drop(session);
    server.finish();
}

/// What remains of the SELECT that took too long is not read for ever either.
#[test]
fn hazard_h07_the_same_mailbox_again_is_selected_anew() {
    let (server, session) = logged_in(
        "
        C: {a} SELECT \"INBOX\"
        S: * 3 EXISTS
        wait: late
        S: {a} OK [READ-WRITE] at last
        C: {b} SELECT \"INBOX\"
        S: * 4 EXISTS
        S: {b} OK done
        ",
    );
    session.mailbox("INBOX").timeout(SHORT).lock().unwrap_err();
    server.go("late");
    assert_eq!(session.lock_mailbox("INBOX").unwrap().exists(), 4);
    drop(session);
    server.finish();
}

#[test]
fn hazard_h33_waiters_for_the_selected_mailbox_may_go_first() {
    let (server, session) = selecting(
        "
        C: {a} SELECT \"Box\"
        S: * 5 EXISTS
        S: {a} OK done
        ",
    );
    thread::scope(|scope| {
        let inbox = session.lock_mailbox("INBOX").unwrap();
        for (waiting, name) in ["Box", "INBOX", "Box", "INBOX"].into_iter().enumerate() {
            let session = &session;
            scope.spawn(move || drop(session.lock_mailbox(name).unwrap()));
            wait_until_waiting(session, waiting + 1);
        }
        drop(inbox);
    });
    drop(session);
    server.finish();
}
