//! Who holds the lock: in errors, in the state, and in the log when it is held for long.

use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use latchbox::error::LockError;
use latchbox::guard::Holder;
use latchbox::{Error, Session};

use super::server;
use crate::sessions::{LONG, builder, log_in_user, patient_session, until_waiting};
use crate::support::log;

/// Runs `work` while a thread called `holder` holds INBOX under this label.
fn while_held(session: &Session, label: &str, work: impl FnOnce()) {
    let (held, holding) = mpsc::channel();
    let (release, released) = mpsc::channel::<()>();
    thread::scope(|scope| {
        let holder = thread::Builder::new().name("holder".into());
        let request = session.mailbox("INBOX").label(label);
        let spawned = holder.spawn_scoped(scope, move || {
            let guard = request.lock().unwrap();
            held.send(()).unwrap();
            let _ = released.recv();
            drop(guard);
        });
        spawned.unwrap();
        holding.recv().unwrap();
        work();
        drop(release);
    });
}

#[track_caller]
fn assert_is(holders: &[Holder], label: &str) {
    let [holder] = holders else {
        panic!("{holders:?}");
    };
    assert_eq!(holder.thread(), Some("holder"));
    assert_eq!(holder.label(), Some(label));
    assert_eq!(holder.mailbox().unwrap().as_str(), "INBOX");
    assert!(holder.held_for() < LONG);
}

#[test]
fn the_state_names_the_holder_and_counts_who_waits() {
    let server = server();
    let session = patient_session(&server);
    assert!(session.lock_state().holders().is_empty());
    while_held(&session, "nightly", || {
        assert_is(session.lock_state().holders(), "nightly");
        assert_eq!(session.lock_state().waiting(), 0);
        thread::scope(|scope| {
            let waiting = scope.spawn(|| session.mailbox("Trash").timeout(LONG).lock().map(drop));
            until_waiting(&session, 1);
            assert_eq!(session.lock_state().waiting(), 1);
            session.close_handle().close();
            waiting.join().unwrap().unwrap_err();
        });
    });
    assert!(session.lock_state().holders().is_empty());
    assert_eq!(session.lock_state().waiting(), 0);
}

#[test]
fn a_timeout_names_the_holder_and_its_label() {
    let server = server();
    let session = patient_session(&server);
    while_held(&session, "nightly clean-up", || {
        let soon = Duration::from_millis(1);
        let request = |name: &str| session.mailbox(name).timeout(soon).label("mine");
        let errors = [
            request("Trash").lock().map(drop),
            request("INBOX").read_only().lock().map(drop),
            request("INBOX").lock_owned().map(drop),
            request("Box").read_only().lock_owned().map(drop),
            request("Trash").deadline(Instant::now()).lock().map(drop),
        ];
        for error in errors.map(Result::unwrap_err) {
            let text = error.to_string();
            assert!(
                text.contains("nightly clean-up") && text.contains("INBOX"),
                "{text}"
            );
            let Error::Lock(error) = error else {
                panic!("{error}");
            };
            let LockError::Timeout { holders, .. } = *error else {
                panic!("{error}");
            };
            assert_is(&holders, "nightly clean-up");
        }
        assert_is(session.lock_state().holders(), "nightly clean-up");
    });
    drop(session.lock_mailbox("Trash").unwrap());
}

#[test]
fn a_try_does_not_wait_and_names_the_holder() {
    let server = server();
    let session = patient_session(&server);
    // A timeout is for the SELECT then.
    let patient = session.mailbox("Trash").timeout(LONG);
    while_held(&session, "long work", || {
        for error in [
            session.try_lock_mailbox("Trash").unwrap_err(),
            patient.try_lock().unwrap_err(),
            patient.clone().read_only().try_lock().unwrap_err(),
            patient.try_lock_owned().unwrap_err(),
        ] {
            let Error::Lock(error) = error else {
                panic!("{error}");
            };
            let LockError::WouldBlock { holders } = *error else {
                panic!("{error}");
            };
            assert_is(&holders, "long work");
        }
        assert_eq!(session.lock_state().waiting(), 0);
    });
    // A SELECT that is needed is waited for.
    drop(patient.try_lock().unwrap());
    let owned = session.mailbox("Box").try_lock_owned().unwrap();
    let error = session.try_lock_mailbox("Box").unwrap_err();
    assert!(error.is_busy(), "{error}");
    drop(owned);
}

#[test]
fn the_holder_is_who_holds_now_and_what_it_holds_now() {
    let server = server();
    let session = patient_session(&server);
    let inbox = session.mailbox("INBOX").label("first").lock().unwrap();
    let archive = inbox.switch_to("Archive").unwrap();
    let state = session.lock_state();
    let holder = &state.holders()[0];
    assert_eq!(holder.mailbox().unwrap().as_str(), "Archive");
    assert_eq!(holder.label(), Some("first"));
    drop(archive);
    let inbox = session.lock_mailbox("INBOX").unwrap();
    assert_eq!(session.lock_state().holders()[0].label(), None);
    drop(inbox);
}

#[test]
fn a_long_hold_is_told_once_while_somebody_waits() {
    log::keep();
    let server = server();
    let session = log_in_user(builder(server.port()).warn_after(Duration::from_millis(1)));
    let label = "told while somebody waits";
    while_held(&session, label, || {
        thread::scope(|scope| {
            let waiting = [
                scope.spawn(|| session.mailbox("Trash").timeout(LONG).lock().map(drop)),
                scope.spawn(|| session.mailbox("Box").timeout(LONG).lock().map(drop)),
            ];
            until_waiting(&session, 2);
            log::wait_for_warning(label);
            session.close_handle().close();
            for waiter in waiting {
                waiter.join().unwrap().unwrap_err();
            }
        });
    });
    let told = log::warnings(label);
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(
        told[0].starts_with("WARN: lock held for long: "),
        "{told:?}"
    );
    assert!(
        told[0].contains("\"holder\"") && told[0].contains("INBOX"),
        "{told:?}"
    );
}

#[test]
fn a_logger_that_panics_while_its_thread_waits_leaves_the_queue() {
    let label = "told to a logger that panics";
    log::keep();
    log::panic_at(label);
    let server = server();
    let session = log_in_user(builder(server.port()).warn_after(Duration::from_millis(1)));
    while_held(&session, label, || {
        thread::scope(|scope| {
            let waiting = scope.spawn(|| session.mailbox("Trash").timeout(LONG).lock().map(drop));
            waiting.join().unwrap_err();
        });
        assert_eq!(session.lock_state().waiting(), 0);
    });
    drop(session.lock_mailbox("Box").unwrap());
}

#[test]
fn a_long_hold_that_nobody_waited_for_is_told_at_its_end() {
    log::keep();
    let server = server();
    let session = log_in_user(builder(server.port()).warn_after(Duration::ZERO));
    let label = "told at the end";
    for round in 1..=3 {
        while_held(&session, label, || {
            assert_eq!(log::warnings(label).len(), round - 1);
        });
        assert_eq!(log::warnings(label).len(), round, "once for each hold");
    }
    assert!(log::warnings(label)[0].contains("lock released after a long hold: "));
}

#[test]
fn a_hold_that_is_not_long_is_not_told() {
    log::keep();
    let server = server();
    let session = log_in_user(builder(server.port()).warn_after(LONG));
    let label = "not told";
    while_held(&session, label, || {
        let request = session.mailbox("Trash").timeout(Duration::from_millis(5));
        request.lock().unwrap_err();
    });
    assert_eq!(log::warnings(label).len(), 0);
}
