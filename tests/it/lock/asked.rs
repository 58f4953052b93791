//! Who shares the mailbox: other sessions, whom the lock does not keep out, and the threads of
//! this one, who can be asked about.

use std::thread;
use std::time::Duration;

use latchbox::Error;
use latchbox::error::LockError;

use crate::scripted::{SHORT, selecting};
use crate::sessions::{until, until_waiting};

#[test]
fn hazard_h32_who_holds_the_lock_and_how_many_wait_can_be_asked() {
    let (server, session) = selecting(
        r#"
        C: {a} SELECT "Box"
        S: * 0 EXISTS
        S: {a} OK done
        C: {n} NOOP
        signal: asked
        wait: answer
        S: {n} OK done
        "#,
    );
    let state = session.lock_state();
    assert!(state.holders().is_empty() && state.waiting() == 0);
    let inbox = session.mailbox("INBOX").label("nightly").lock().unwrap();
    thread::scope(|scope| {
        for waiting in 1..=3 {
            scope.spawn(|| drop(session.lock_mailbox("INBOX").unwrap()));
            until_waiting(&session, waiting);
        }
        let state = session.lock_state();
        assert_eq!(state.waiting(), 3);
        let holder = &state.holders()[0];
        assert_eq!(holder.label(), Some("nightly"));
        assert_eq!(holder.thread(), thread::current().name());
        assert!(holder.mailbox().unwrap().is_inbox());
        let longer = || session.lock_state().holders()[0].held_for() > holder.held_for();
        until("the time stands still", longer);
        let late = scope.spawn(|| session.mailbox("Box").timeout(SHORT).lock().map(drop));
        match late.join().unwrap() {
            Err(Error::Lock(error)) => match *error {
                LockError::Timeout {
                    holders, waiting, ..
                } => {
                    assert_eq!(waiting, 3);
                    let [holder] = &holders[..] else {
                        panic!("{holders:?}");
                    };
                    assert_eq!(holder.label(), Some("nightly"));
                    assert!(holder.held_for() >= SHORT);
                }
                other => panic!("{other:?}"),
            },
            other => panic!("{other:?}"),
        }
        drop(inbox);
    });
    // The next holder is another, and one without a label.
    let held = session.lock_mailbox("Box").unwrap();
    let state = session.lock_state();
    let holder = &state.holders()[0];
    assert_eq!((holder.label(), state.waiting()), (None, 0));
    assert_eq!(*holder.mailbox().unwrap(), *held.name());
    assert!(holder.held_for() < Duration::from_secs(20));
    drop(held);
    // A command of the session has a turn of its own, and no mailbox.
    thread::scope(|scope| {
        let command = thread::Builder::new().name("asker".to_owned());
        let command = command.spawn_scoped(scope, || session.noop()).unwrap();
        server.reached("asked");
        let state = session.lock_state();
        let holder = &state.holders()[0];
        assert_eq!(holder.thread(), Some("asker"));
        assert!(holder.mailbox().is_none());
        server.go("answer");
        command.join().unwrap().unwrap();
    });
    assert!(session.lock_state().holders().is_empty());
    drop(session);
    server.finish();
}
