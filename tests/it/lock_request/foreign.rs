//! Code of the caller's that is called by the crate: a logger, a provider, a reader. It may use the
//! session, and panic, wherever it is called: it gets an error at once, and others the lock.

use std::cell::{Cell, RefCell};
use std::io::Read;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;
use std::sync::{Arc, OnceLock, mpsc};
use std::thread;
use std::time::Duration;

use latchbox::error::LockError;
use latchbox::types::{FetchItem, NewMessage, SearchKey, UidSet};
use latchbox::{Account, Backoff, Credentials, Error, Session};
use latchbox_testkit::{PASSWORD, USER};

use super::server;
use crate::sessions::{LONG, builder, log_in_user, patient_session, until_hung_up};
use crate::support::log::{self, Call};

/// Everything that a thread can ask a session for. What would wait for this thread itself is an
/// error at once; what needs no turn goes.
fn use_it(session: &Session) {
    let _ = session.events();
    let state = session.lock_state();
    let held_here = |outcome: latchbox::Result<()>| match outcome {
        Ok(()) => assert!(state.holders().is_empty(), "{state:?}"),
        Err(Error::Lock(error)) => {
            assert!(
                matches!(*error, LockError::HeldByThisThread { .. }),
                "{error}"
            );
        }
        Err(other) => panic!("{other}"),
    };
    held_here(session.lock_mailbox("Trash").map(drop));
    held_here(session.mailbox("Trash").lock_owned().map(drop));
    held_here(
        session
            .notifications(&latchbox::command::IdleOptions::new())
            .map(drop),
    );
    match session.noop() {
        Ok(()) | Err(Error::StreamOpen) => {}
        Err(other) => panic!("{other}"),
    }
}

/// A session whose holds are all long, and the same again for a logger.
fn shared() -> (latchbox_testkit::Server, Arc<Session>) {
    let server = server();
    let session = log_in_user(builder(server.port()).warn_after(Duration::ZERO));
    (server, Arc::new(session))
}

/// What a thread does with a session, with every kind of guard and command.
fn work(session: &Session) {
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    inbox.refresh().unwrap();
    let messages = inbox.fetch(&UidSet::all(), [FetchItem::Flags]).unwrap();
    assert_eq!(messages.into_iter().map(Result::unwrap).count(), 3);
    let mut trash = inbox.switch_to("Trash").unwrap();
    trash.search(SearchKey::All).unwrap();
    drop(trash);
    session.noop().unwrap();
    session.append("Box", b"Subject: x\r\n\r\nx\r\n").unwrap();
    let mut owned = session.mailbox("INBOX").lock_owned().unwrap();
    owned.refresh().unwrap();
    let all = owned.search(SearchKey::All).unwrap();
    let mut messages = owned.fetch(&all, [FetchItem::Flags]).unwrap();
    assert!(messages.next().unwrap().is_some());
    drop(messages);
    owned.release().unwrap();
    drop(session.lock_mailbox_read_only("INBOX").unwrap());
}

#[test]
fn fault_10_a_logger_that_uses_the_session_waits_for_nothing() {
    let (_server, session) = shared();
    let calls = Rc::new(RefCell::new(Vec::new()));
    let (used, noted) = (Arc::clone(&session), Rc::clone(&calls));
    let deed = move |call| {
        noted.borrow_mut().push(call);
        use_it(&used);
    };
    log::doing(deed, || work(&session));
    let calls = calls.borrow();
    assert!(
        calls.contains(&Call::Enabled) && calls.contains(&Call::Log),
        "{}",
        calls.len()
    );
    assert!(session.lock_state().holders().is_empty());
}

/// Wherever it panics, at the first call, the second, ...: the lock is free then, and nobody waits.
#[test]
fn fault_10_a_logger_that_panics_leaves_the_lock_free() {
    let server = server();
    let mut has_panicked = 0;
    for place in 0.. {
        let session = log_in_user(
            builder(server.port())
                .warn_after(Duration::ZERO)
                .drain_timeout(Duration::from_millis(200)),
        );
        let calls = Cell::new(0);
        let has_come = Rc::new(Cell::new(false));
        let comes = Rc::clone(&has_come);
        let deed = move |_| {
            if calls.replace(calls.get() + 1) == place {
                comes.set(true);
                // Not `panic!`, which would write a message for each.
                std::panic::resume_unwind(Box::new("on purpose"));
            }
        };
        let outcome = log::doing(deed, || {
            catch_unwind(AssertUnwindSafe(|| {
                drop(session.lock_mailbox("INBOX"));
                drop(session.mailbox("Trash").lock_owned());
                drop(session.noop());
            }))
        });
        has_panicked += usize::from(outcome.is_err());
        let state = session.lock_state();
        assert!(state.holders().is_empty(), "place {place}: {state:?}");
        assert_eq!(state.waiting(), 0, "place {place}");
        // Another thread is served: with the mailbox, or with the end of the connection.
        let other = thread::scope(|scope| {
            let other = scope.spawn(|| session.mailbox("Box").timeout(LONG).lock().map(drop));
            other.join().unwrap()
        });
        if let Err(Error::Lock(error)) = other {
            panic!("place {place}: {error}");
        }
        if !has_come.get() {
            break;
        }
    }
    assert!(has_panicked > 10, "{has_panicked}");
}

/// The end of a long hold is told when the lock is free already, and the drop does not panic.
#[test]
fn fault_10_dropping_a_guard_does_not_panic_whatever_the_logger_does() {
    let (_server, session) = shared();
    let guard = session.lock_mailbox("INBOX").unwrap();
    let was_free = Rc::new(Cell::new(None));
    let (seen, used) = (Rc::clone(&was_free), Arc::clone(&session));
    let deed = move |_| {
        seen.set(Some(used.lock_state().holders().is_empty()));
        std::panic::resume_unwind(Box::new("on purpose"));
    };
    log::doing(deed, || drop(guard));
    assert_eq!(was_free.get(), Some(true));
    drop(session.lock_mailbox("Trash").unwrap());
}

/// As under a guard that belongs to the thread.
#[test]
fn fault_10_a_provider_that_uses_the_session_under_an_owned_lock_is_told_so() {
    let server = server();
    let own = Arc::new(OnceLock::<Session>::new());
    let seen_by_provider = Arc::clone(&own);
    let (tell, told) = mpsc::channel();
    let account = Account::new(builder(server.port()), move |_| {
        if let Some(session) = seen_by_provider.get() {
            use_it(session);
            tell.send(session.noop().unwrap_err()).unwrap();
        }
        Ok(Credentials::login(USER, PASSWORD))
    });
    let session = account.reconnecting(Backoff::new()).open().unwrap();
    let session = own.get_or_init(|| session);
    let ways: [fn(&Session); 4] = [
        |session| {
            drop(session.mailbox("INBOX").lock_owned().unwrap());
        },
        |session| {
            let owned = session.mailbox("INBOX").read_only().lock_owned();
            drop(owned.unwrap());
        },
        |session| session.noop().unwrap(),
        |session| {
            drop(
                session
                    .notifications(&latchbox::command::IdleOptions::new())
                    .unwrap(),
            );
        },
    ];
    for way in ways {
        server.kick();
        until_hung_up(server.port());
        way(session);
        let error = told.try_recv().unwrap();
        assert!(matches!(error, Error::StreamOpen), "{error:?}");
        assert!(told.try_recv().is_err(), "asked once");
    }
}

/// A message that uses the session while it is being read.
struct Curious<'s> {
    session: &'s Session,
    rest: &'static [u8],
}

impl Read for Curious<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        use_it(self.session);
        self.rest.read(buffer)
    }
}

#[test]
fn fault_10_a_reader_that_uses_the_session_is_told_so() {
    const MESSAGE: &[u8] = b"Subject: x\r\n\r\nx\r\n";
    let server = server();
    let session = patient_session(&server);
    let message = || {
        let rest = MESSAGE;
        NewMessage::from_reader(
            Curious {
                session: &session,
                rest,
            },
            MESSAGE.len() as u64,
        )
    };
    session.append("Box", message()).unwrap();
    let mut owned = session.mailbox("Box").lock_owned().unwrap();
    assert_eq!(owned.search(SearchKey::All).unwrap().len(), Some(1));
    drop(owned);
}

/// A wait that cannot end is no wait, and one that nobody can know of has an end.
#[test]
fn fault_16_a_command_beside_an_owned_guard_of_its_thread_ends() {
    let server = server();
    let timeout = Duration::from_millis(20);
    let session = log_in_user(builder(server.port()).turn_timeout(timeout));
    let owned = session.mailbox("INBOX").lock_owned().unwrap();
    for error in [
        session.noop().unwrap_err(),
        session.list("*").unwrap_err(),
        session.append("Box", b"x: y\r\n").unwrap_err(),
        session
            .notifications(&latchbox::command::IdleOptions::new())
            .map(drop)
            .unwrap_err(),
    ] {
        assert!(error.is_timeout() && error.is_busy(), "{error}");
        assert!(error.to_string().contains("INBOX"), "{error}");
    }
    drop(owned);
    session.noop().unwrap();
}

#[test]
fn fault_16_the_timeout_of_a_lock_is_that_of_a_command_unless_it_has_its_own() {
    let server = server();
    let short = Duration::from_millis(20);
    let session = log_in_user(builder(server.port()).lock_timeout(short));
    let owned = session.mailbox("INBOX").lock_owned().unwrap();
    assert!(session.noop().unwrap_err().is_timeout());
    drop(owned);
    let session = log_in_user(
        builder(server.port())
            .lock_timeout(LONG)
            .turn_timeout(short),
    );
    let owned = session.mailbox("INBOX").lock_owned().unwrap();
    assert!(session.noop().unwrap_err().is_timeout());
    drop(owned);
}

#[test]
fn fault_16_an_owned_lock_on_the_thread_that_holds_a_guard_is_refused_at_once() {
    let server = server();
    let session = patient_session(&server);
    let inbox = session.lock_mailbox("INBOX").unwrap();
    for name in ["INBOX", "Trash"] {
        match session.mailbox(name).lock_owned() {
            Err(Error::Lock(error)) => assert!(
                matches!(*error, LockError::HeldByThisThread { .. }),
                "{error}"
            ),
            other => panic!("{other:?}"),
        }
    }
    drop(inbox);
    drop(session.mailbox("Trash").lock_owned().unwrap());
}

#[test]
fn fault_16_a_forgotten_guard_is_told_on_its_thread_and_ends_with_it() {
    let server = server();
    let session = Arc::new(patient_session(&server));
    let (tell, told) = mpsc::channel();
    let (end, ended) = mpsc::channel::<()>();
    let holder = {
        let session = Arc::clone(&session);
        thread::spawn(move || {
            let mut inbox = session.lock_mailbox("INBOX").unwrap();
            let messages = inbox.fetch(&UidSet::all(), [FetchItem::Flags]).unwrap();
            std::mem::forget(messages);
            std::mem::forget(inbox);
            let error = session.lock_mailbox("Trash").map(drop).unwrap_err();
            tell.send(error).unwrap();
            let _ = ended.recv();
        })
    };
    let error = told.recv().unwrap();
    assert!(
        error.to_string().contains("this thread holds the lock"),
        "{error}"
    );
    thread::scope(|scope| {
        let waiting = scope.spawn(|| session.lock_mailbox("Trash").map(drop));
        let command = scope.spawn(|| session.noop());
        crate::sessions::until_waiting(&session, 2);
        drop(end);
        holder.join().unwrap();
        waiting.join().unwrap().unwrap();
        command.join().unwrap().unwrap();
    });
    drop(session.lock_mailbox("INBOX").unwrap());
}
