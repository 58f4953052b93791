//! While somebody holds a mailbox: the holder's own thread, those who wait, and those who do not.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread;
use std::time::{Duration, Instant};

use latchbox::error::{LockError, MailboxError};
use latchbox::guard::Holder;
use latchbox::types::{SearchKey, StatusItem};
use latchbox::{Error, Session};

use super::{Place, count, fill, on_both_servers, wait_until_waiting};

on_both_servers!(
    a_second_lock_of_the_same_thread_is_an_error_at_once,
    commands_of_the_session_work_on_the_holders_thread,
    a_timeout_names_the_holder_and_leaves_the_session_usable,
    the_lock_timeout_of_the_builder_bounds_locks_and_session_commands,
    try_lock_never_waits,
    a_held_mailbox_is_neither_deleted_nor_renamed,
    another_thread_may_delete_what_is_selected_but_not_held,
    a_mailbox_whose_name_begins_alike_is_another,
    a_panic_of_the_holder_releases,
    two_sessions_do_not_wait_for_each_other,
);

/// Runs `work` while a thread called `holder` holds INBOX.
fn while_held(session: &Session, work: impl FnOnce()) {
    let (held, holding) = std::sync::mpsc::channel();
    let (release, released) = std::sync::mpsc::channel::<()>();
    thread::scope(|scope| {
        let holder = thread::Builder::new().name("holder".into());
        let spawned = holder.spawn_scoped(scope, move || {
            let guard = session.lock_mailbox("INBOX").unwrap();
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
fn assert_is_holder(holders: &[Holder]) {
    let [holder] = holders else {
        panic!("{holders:?}");
    };
    assert_eq!(holder.thread(), Some("holder"));
    assert_eq!(holder.mailbox().unwrap().as_str(), "INBOX");
}

fn a_second_lock_of_the_same_thread_is_an_error_at_once(place: &dyn Place) {
    let (session, sent) = place.tapped();
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    sent.take();
    let long = Duration::from_secs(3600);
    let attempts = [
        session.lock_mailbox("Trash").map(drop),
        session.lock_mailbox("INBOX").map(drop),
        session.lock_mailbox_read_only("INBOX").map(drop),
        session.try_lock_mailbox("Trash").map(drop),
        session.mailbox("Trash").read_only().try_lock().map(drop),
        session.mailbox("Trash").timeout(long).lock().map(drop),
        session
            .mailbox("Trash")
            .read_only()
            .timeout(long)
            .lock()
            .map(drop),
    ];
    for attempt in attempts {
        let Err(Error::Lock(error)) = attempt else {
            panic!("{attempt:?}");
        };
        let LockError::HeldByThisThread { holders } = *error else {
            panic!("{error}");
        };
        let [holder] = &holders[..] else {
            panic!("{holders:?}");
        };
        assert_eq!(holder.mailbox().unwrap().as_str(), "INBOX");
    }
    assert_eq!(sent.take(), "");
    assert!(inbox.search(SearchKey::All).unwrap().is_empty());
    drop(inbox);
    assert!(session.lock_mailbox("Trash").is_ok());
}

fn commands_of_the_session_work_on_the_holders_thread(place: &dyn Place) {
    let session = place.session();
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    session.noop().unwrap();
    session.create("Made").unwrap();
    assert_eq!(session.list("Made").unwrap().len(), 1);
    session.rename("Made", "Renamed").unwrap();
    fill(&session, "Renamed", 1);
    let status = session.status("Renamed", [StatusItem::Messages]).unwrap();
    assert_eq!(status.messages(), Some(1));
    session.delete("Renamed").unwrap();
    fill(&session, "INBOX", 2);
    inbox.refresh().unwrap();
    assert_eq!(inbox.exists(), 2);
    assert_eq!(inbox.search(SearchKey::All).unwrap().len(), 2);
}

fn a_timeout_names_the_holder_and_leaves_the_session_usable(place: &dyn Place) {
    let session = place.session();
    while_held(&session, || {
        let limit = Duration::from_millis(20);
        let began = Instant::now();
        let error = session.mailbox("Trash").timeout(limit).lock().unwrap_err();
        assert!(began.elapsed() >= limit);
        assert!(error.is_timeout() && error.is_busy() && !error.is_closed());
        assert!(!error.may_have_taken_effect());
        let text = error.to_string();
        assert!(text.contains("\"holder\"") && text.contains("mailbox INBOX"));
        let Error::Lock(error) = error else {
            panic!("{error}");
        };
        let LockError::Timeout {
            waited,
            holders,
            waiting,
            ..
        } = *error
        else {
            panic!("{error}");
        };
        assert_is_holder(&holders);
        assert!(waited >= limit);
        assert_eq!(waiting, 0);
    });
    let mut trash = session.lock_mailbox("Trash").unwrap();
    assert!(trash.search(SearchKey::All).unwrap().is_empty());
}

fn the_lock_timeout_of_the_builder_bounds_locks_and_session_commands(place: &dyn Place) {
    let short = place.builder().lock_timeout(Duration::from_millis(20));
    let session = place.log_in(short.connect().unwrap());
    while_held(&session, || {
        for error in [
            session.lock_mailbox("Trash").map(drop).unwrap_err(),
            session
                .lock_mailbox_read_only("INBOX")
                .map(drop)
                .unwrap_err(),
            session.noop().unwrap_err(),
        ] {
            assert!(error.is_timeout(), "{error}");
            assert!(error.to_string().contains("mailbox INBOX"), "{error}");
        }
    });
    session.noop().unwrap();
    session.lock_mailbox("Trash").unwrap().refresh().unwrap();
}

fn try_lock_never_waits(place: &dyn Place) {
    let session = place.session();
    while_held(&session, || {
        for attempt in [
            session.try_lock_mailbox("INBOX").map(drop),
            session.mailbox("Trash").read_only().try_lock().map(drop),
        ] {
            let Err(Error::Lock(error)) = attempt else {
                panic!("{attempt:?}");
            };
            let LockError::WouldBlock { holders } = *error else {
                panic!("{error}");
            };
            assert_is_holder(&holders);
        }
    });
    assert!(session.mailbox("Trash").read_only().try_lock().is_ok());
    let long = Duration::from_secs(3600);
    assert!(session.mailbox("INBOX").timeout(long).lock().is_ok());
    assert!(
        session
            .mailbox("INBOX")
            .read_only()
            .timeout(long)
            .lock()
            .is_ok()
    );
}

#[track_caller]
fn assert_held(refusal: latchbox::Result<()>, name: &str) {
    match refusal {
        Err(Error::Mailbox(error)) => match *error {
            MailboxError::Held(held) => assert_eq!(held.as_str(), name),
            other => panic!("{other:?}"),
        },
        other => panic!("{other:?}"),
    }
}

fn a_held_mailbox_is_neither_deleted_nor_renamed(place: &dyn Place) {
    let (session, sent) = place.tapped();
    session.create("Top/Box").unwrap();
    let mut held = session.lock_mailbox("Top/Box").unwrap();
    sent.take();
    assert_held(session.delete("Top/Box"), "Top/Box");
    assert_held(session.rename("Top/Box", "Elsewhere"), "Top/Box");
    assert_held(session.rename("Top", "Elsewhere"), "Top/Box");
    assert_eq!(sent.take(), "");
    held.refresh().unwrap();
    drop(held);
    session.rename("Top/Box", "Elsewhere").unwrap();
    session.delete("Elsewhere").unwrap();
    session.noop().unwrap();
}

fn another_thread_may_delete_what_is_selected_but_not_held(place: &dyn Place) {
    let session = place.session();
    session.create("Box").unwrap();
    let held = session.lock_mailbox("Box").unwrap();
    thread::scope(|scope| {
        let deleting = scope.spawn(|| session.delete("Box"));
        wait_until_waiting(&session, 1);
        drop(held);
        deleting.join().unwrap().unwrap();
    });
    let gone = session.lock_mailbox("Box").unwrap_err();
    assert!(matches!(gone, Error::Refused(_)), "{gone}");
    session.lock_mailbox("INBOX").unwrap().refresh().unwrap();
}

fn a_mailbox_whose_name_begins_alike_is_another(place: &dyn Place) {
    let session = place.session();
    for name in ["Old", "Older"] {
        session.create(name).unwrap();
    }
    let mut older = session.lock_mailbox("Older").unwrap();
    session.rename("Old", "Ol").unwrap();
    session.delete("Ol").unwrap();
    older.refresh().unwrap();
}

fn a_panic_of_the_holder_releases(place: &dyn Place) {
    let session = place.session();
    let panicked = thread::scope(|scope| {
        let holder = scope.spawn(|| {
            let _inbox = session.lock_mailbox("INBOX").unwrap();
            panic!("on purpose");
        });
        holder.join()
    });
    assert!(panicked.is_err());
    drop(session.try_lock_mailbox("Trash").unwrap());
    // The same where the thread goes on.
    let caught = catch_unwind(AssertUnwindSafe(|| {
        let _inbox = session.lock_mailbox("INBOX").unwrap();
        panic!("on purpose");
    }));
    assert!(caught.is_err());
    assert!(session.try_lock_mailbox("Trash").is_ok());
}

fn two_sessions_do_not_wait_for_each_other(place: &dyn Place) {
    let (one, other) = (place.session(), place.session());
    let mut inbox = one.lock_mailbox("INBOX").unwrap();
    let mut same = other.try_lock_mailbox("INBOX").unwrap();
    fill(&one, "INBOX", 1);
    inbox.refresh().unwrap();
    same.refresh().unwrap();
    assert_eq!((inbox.exists(), same.exists()), (1, 1));
    assert_eq!(count(place, "INBOX"), 1);
}
