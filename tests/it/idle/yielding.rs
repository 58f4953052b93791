//! A thread that waits for events does not starve a thread that waits for the lock: unless an option
//! forbids it, every form of wait ends.

use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use latchbox::Session;
use latchbox::command::IdleOptions;
use latchbox::command::{Idle, IdleEnd};
use latchbox::notify::Notifications;

use super::{LONG, two_mailboxes};
use crate::sessions::{patient_session, until_waiting};

/// Every form of waiting, until it is over.
const WAITS: [fn(&mut Idle<'_>); 7] = [
    |idle| while idle.next().unwrap().is_some() {},
    |idle| while idle.next_timeout(LONG).unwrap().is_some() {},
    |idle| {
        let deadline = Instant::now() + LONG;
        while idle.next_until(deadline).unwrap().is_some() {}
    },
    |idle| {
        while idle.end_reason().is_none() {
            idle.try_next().unwrap();
            thread::yield_now();
        }
    },
    |idle| idle.blocking_iter().for_each(|event| drop(event.unwrap())),
    |idle| {
        idle.timeout_iter(LONG)
            .for_each(|event| drop(event.unwrap()));
    },
    |idle| {
        while idle.end_reason().is_none() {
            idle.iter().for_each(|event| drop(event.unwrap()));
            thread::yield_now();
        }
    },
];

const NOTIFIED: [fn(&mut Notifications<'_>); 4] = [
    |it| while it.next().unwrap().is_some() {},
    |it| while it.next_timeout(LONG).unwrap().is_some() {},
    |it| {
        let deadline = Instant::now() + LONG;
        while it.next_until(deadline).unwrap().is_some() {}
    },
    |it| {
        while !matches!(it.end_reason(), Some(IdleEnd::Yielded)) {
            it.try_next().unwrap();
            thread::yield_now();
        }
    },
];

/// What another thread may want.
const WANTED: [fn(&Session); 4] = [
    |session| drop(session.lock_mailbox("Trash").unwrap()),
    |session| drop(session.lock_mailbox_read_only("INBOX").unwrap()),
    |session| session.noop().unwrap(),
    |session| drop(session.notifications(&IdleOptions::new()).unwrap()),
];

#[test]
fn fault_61_an_idle_yields_to_whatever_another_thread_wants() {
    let server = two_mailboxes();
    let session = patient_session(&server);
    for (number, wait) in WAITS.into_iter().enumerate() {
        for wanted in WANTED {
            thread::scope(|scope| {
                let mut inbox = session.lock_mailbox("INBOX").unwrap();
                let mut idle = inbox.idle().unwrap();
                let other = scope.spawn(|| wanted(&session));
                wait(&mut idle);
                assert_eq!(idle.end_reason(), Some(IdleEnd::Yielded), "wait {number}");
                drop(idle);
                drop(inbox);
                other.join().unwrap();
            });
        }
    }
}

#[test]
fn fault_61_notifications_yield_too() {
    let server = two_mailboxes();
    let session = patient_session(&server);
    for (number, wait) in NOTIFIED.into_iter().enumerate() {
        for wanted in WANTED {
            thread::scope(|scope| {
                let mut notifications = session.notifications(&IdleOptions::new()).unwrap();
                let other = scope.spawn(|| wanted(&session));
                wait(&mut notifications);
                assert_eq!(
                    notifications.end_reason(),
                    Some(IdleEnd::Yielded),
                    "{number}"
                );
                drop(notifications);
                other.join().unwrap();
            });
        }
    }
}

/// Two threads that watch different mailboxes for ever, as a program does, and a third that works:
/// none of them starves.
#[test]
fn fault_61_watchers_take_turns() {
    let server = two_mailboxes();
    let session = patient_session(&server);
    let stop = latchbox::StopHandle::new();
    let options = IdleOptions::new().stop_handle(&stop);
    let turns = [AtomicU32::new(0), AtomicU32::new(0)];
    let have_had_two = || turns.iter().all(|turns| turns.load(Ordering::SeqCst) > 1);
    thread::scope(|scope| {
        for (name, turns) in ["INBOX", "Trash"].into_iter().zip(&turns) {
            let (session, options) = (&session, &options);
            scope.spawn(move || {
                loop {
                    let mut held = session.lock_mailbox(name).unwrap();
                    let mut idle = held.idle_with(options).unwrap();
                    while idle.next().unwrap().is_some() {}
                    turns.fetch_add(1, Ordering::SeqCst);
                    if idle.end_reason() == Some(IdleEnd::Stopped) {
                        return;
                    }
                }
            });
        }
        let began = Instant::now();
        while !have_had_two() && began.elapsed() < LONG {
            session.noop().unwrap();
        }
        stop.stop();
    });
    assert!(have_had_two(), "{turns:?}");
}

#[test]
fn fault_61_told_not_to_it_keeps_the_lock() {
    let server = two_mailboxes();
    let session = patient_session(&server);
    let keeping = IdleOptions::new().yield_to_waiters(false);
    let short = Duration::from_millis(20);
    thread::scope(|scope| {
        let mut inbox = session.lock_mailbox("INBOX").unwrap();
        let mut idle = inbox.idle_with(&keeping).unwrap();
        let other = scope.spawn(|| drop(session.lock_mailbox("Trash").unwrap()));
        until_waiting(&session, 1);
        assert_eq!(idle.next_timeout(short).unwrap(), None);
        assert_eq!(idle.end_reason(), Some(IdleEnd::Deadline));
        idle.done().unwrap();
        drop(inbox);
        other.join().unwrap();
        let mut notifications = session.notifications(&keeping).unwrap();
        let other = scope.spawn(|| drop(session.lock_mailbox("Trash").unwrap()));
        until_waiting(&session, 1);
        assert!(notifications.next_timeout(short).unwrap().is_none());
        assert_eq!(notifications.end_reason(), Some(IdleEnd::Deadline));
        drop(notifications);
        other.join().unwrap();
    });
}
