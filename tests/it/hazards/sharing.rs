//! Who shares the mailbox: other sessions, whom the lock does not keep out, and the threads of
//! this one, who can be asked about.

use std::thread;
use std::time::Duration;

use latchbox::command::StoreOptions;
use latchbox::types::{FetchItem, Flag, ModSeq, StoreAction, UidSet};
use latchbox::{Access, Error, LockError, LockOptions, MailboxGuard, Session};

use crate::scripted::{SHORT, selecting};
use crate::sessions::{until, until_waiting};
use crate::support::certificates::certificates;
use crate::support::dovecot::{User, dovecot};

fn on_dovecot(user: &User) -> Session {
    let client = latchbox::Client::builder("127.0.0.1")
        .port(dovecot().tls_port())
        .root_certificates_pem(certificates().authority.clone())
        .connect();
    let session = client.unwrap().login(user.name(), user.password());
    session.map_err(|(error, _)| error).unwrap()
}

fn mod_seq<A: Access>(guard: &mut MailboxGuard<'_, A>, uids: &UidSet) -> ModSeq {
    let mut messages = guard.fetch(uids, [FetchItem::ModSeq]).unwrap();
    messages.next().unwrap().unwrap().mod_seq().unwrap()
}

fn has<A: Access>(guard: &mut MailboxGuard<'_, A>, uids: &UidSet, flag: &Flag) -> bool {
    let mut messages = guard.fetch(uids, [FetchItem::Flags]).unwrap();
    let message = messages.next().unwrap().unwrap();
    message.flags().unwrap().contains(flag)
}

/// Two sessions are to each other what two processes are.
#[test]
fn hazard_h25_the_lock_is_of_one_session_and_unchanged_since_is_for_two() {
    let user = dovecot().user();
    user.fill("INBOX", 1);
    let (ours, theirs) = (on_dovecot(&user), on_dovecot(&user));
    let mut held = ours.lock_mailbox("INBOX").unwrap();
    // Neither waits for the other.
    let mut held_too = theirs.try_lock_mailbox("INBOX").unwrap();
    let one: UidSet = "1".parse().unwrap();
    let flag = |held: &mut MailboxGuard<'_>, since: ModSeq| {
        let options = StoreOptions::new().unchanged_since(since);
        held.store_with(&one, StoreAction::Add, [Flag::Flagged], options)
            .unwrap()
    };
    let before = mod_seq(&mut held, &one);
    // Without a condition, whoever comes last has its way.
    held_too
        .store(&one, StoreAction::Add, [Flag::Answered])
        .unwrap();
    let stored = flag(&mut held, before);
    assert_eq!(stored.modified().to_string(), "1");
    assert!(!has(&mut held_too, &one, &Flag::Flagged));
    // Looked at again, it is as it was seen.
    let now = mod_seq(&mut held, &one);
    assert!(now > before && has(&mut held, &one, &Flag::Answered));
    assert!(flag(&mut held, now).modified().is_empty());
    held_too.refresh().unwrap();
    assert!(has(&mut held_too, &one, &Flag::Flagged));
}

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
    let label = LockOptions::new().label("nightly");
    let inbox = session.lock_mailbox_with("INBOX", &label).unwrap();
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
        let late = scope.spawn(|| session.try_lock_mailbox_for("Box", SHORT).map(drop));
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
