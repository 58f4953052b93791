//! Waiting for the server: every wait has an end, and what is told meanwhile is returned.

use std::sync::{Arc, OnceLock, mpsc};
use std::thread;

use latchbox::command::IdleEnd;
use latchbox::command::IdleOptions;
use latchbox::error::LockError;
use latchbox::types::{FetchItem, MailboxEvent, SearchKey, UidSet};
use latchbox::{Account, Backoff, Credentials, Error, Session, StopHandle};
use latchbox_testkit::{Direction, NewMessage, PASSWORD, Server, USER, message};

use crate::scripted::{SHORT, plain, selecting, selecting_with};
use crate::sessions::{builder, patient_session, until_hung_up};
use crate::support::script::script;

#[test]
fn hazard_h22_an_idle_without_a_continuation_is_a_timeout() {
    let (server, session) = selecting_with(
        "IMAP4rev1 IDLE",
        "
        C: {a} IDLE
        C-close
        ",
        |builder| builder,
    );
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let options = IdleOptions::new().probe_after(SHORT);
    let error = inbox.idle_with(&options).unwrap_err();
    assert!(error.is_closed() && error.is_timeout(), "{error:?}");
    drop(inbox);
    drop(session);
    server.finish();
}

/// The same for the `+` of a literal and of an AUTHENTICATE.
#[test]
fn hazard_h22_no_continuation_is_waited_for_without_end() {
    let (server, session) = selecting_with(
        "IMAP4rev1",
        r#"
        C: {a} APPEND "Box" {5}
        C-close
        "#,
        |builder| builder,
    );
    drop(session.lock_mailbox("INBOX").unwrap());
    session.set_read_timeout(SHORT).unwrap();
    let error = session.append("Box", b"x: y\n").unwrap_err();
    assert!(error.is_closed() && error.is_timeout(), "{error:?}");
    drop(session);
    server.finish();
    let server = script(
        "
        S: * OK [CAPABILITY IMAP4rev1 AUTH=PLAIN] ready
        C: {a} AUTHENTICATE PLAIN
        C-close
        ",
    );
    let client = plain(&server).read_timeout(SHORT).connect().unwrap();
    let mechanism = latchbox::sasl::Plain::new("ann", "secret");
    let (error, _) = client.authenticate(mechanism).unwrap_err().into_parts();
    assert!(error.is_closed() && error.is_timeout(), "{error:?}");
    server.finish();
}

/// No lock is held by the crate while the caller looks at an event, so it may do what it likes.
#[test]
fn hazard_h29_who_looks_at_events_may_use_the_session() {
    let (server, session) = selecting(
        r"
        C: {a} NOOP
        S: * 4 EXISTS
        S: * 1 FETCH (FLAGS (\Seen))
        S: * NO disk is full
        S: {a} OK done
        C: {b} NOOP
        S: * 5 EXISTS
        S: {b} OK done
        C: {c} UID SEARCH ALL
        S: * SEARCH 1
        S: {c} OK done
        C: {d} NOOP
        S: {d} OK done
        C: {e} UID SEARCH ALL
        S: * SEARCH 1
        S: {e} OK done
        C: {f} NOOP
        S: {f} OK done
        C: {g} UID SEARCH ALL
        S: * SEARCH 1
        S: {g} OK done
        ",
    );
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    inbox.refresh().unwrap();
    let events = inbox.events();
    assert_eq!(events.len(), 3, "{events:?}");
    for event in events {
        session.noop().unwrap();
        inbox.search(SearchKey::All).unwrap();
        assert_ne!(event, MailboxEvent::Exists(5), "it came later");
    }
    assert_eq!(inbox.events(), [MailboxEvent::Exists(5)]);
    drop(inbox);
    drop(session);
    server.finish();
}

/// In the middle of an answer: an error at once, nothing is sent, and the answer goes on.
#[test]
fn hazard_h29_who_reads_a_stream_is_told_that_the_connection_is_in_use() {
    let (server, session) = selecting_with(
        "IMAP4rev1 IDLE",
        "
        C: {f} UID FETCH 1:* (UID)
        S: * 1 FETCH (UID 1)
        S: * 2 FETCH (UID 2)
        S: {f} OK done
        C: {i} IDLE
        S: + idling
        S: * 4 EXISTS
        silent
        S: * 5 EXISTS
        C: DONE
        S: {i} OK done
        C: {n} NOOP
        S: {n} OK done
        ",
        |builder| builder,
    );
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let mut messages = inbox.fetch(&UidSet::all(), [FetchItem::Uid]).unwrap();
    let mut seen = 0;
    while messages.next().unwrap().is_some() {
        assert_in_use(&session);
        seen += 1;
    }
    assert_eq!(seen, 2);
    drop(messages);
    let mut idle = inbox.idle().unwrap();
    for messages in [4, 5] {
        assert_eq!(idle.next().unwrap(), Some(MailboxEvent::Exists(messages)));
        assert_in_use(&session);
    }
    drop(idle);
    session.noop().unwrap();
    drop(inbox);
    drop(session);
    server.finish();
}

/// This thread is told so, and does not wait for itself.
#[track_caller]
fn assert_in_use(session: &Session) {
    for error in [session.noop().unwrap_err(), session.list("*").unwrap_err()] {
        assert!(matches!(error, Error::StreamOpen), "{error:?}");
    }
    assert_held_by_this_thread(session);
}

#[track_caller]
fn assert_held_by_this_thread(session: &Session) {
    match session.lock_mailbox("Trash").map(drop) {
        Err(Error::Lock(error)) => assert!(
            matches!(*error, LockError::HeldByThisThread { .. }),
            "{error}"
        ),
        other => panic!("{other:?}"),
    }
    assert!(!session.lock_state().holders().is_empty());
}

/// The one function of the caller's that is called under the lock.
#[test]
fn hazard_h29_a_provider_of_credentials_that_uses_the_session_is_told_so() {
    let server = Server::builder()
        .mailbox("INBOX", Vec::<NewMessage>::new())
        .start()
        .unwrap();
    let own = Arc::new(OnceLock::<Session>::new());
    let seen_by_provider = Arc::clone(&own);
    let (tell, told) = mpsc::channel();
    let account = Account::new(builder(server.port()), move |_| {
        if let Some(session) = seen_by_provider.get() {
            assert_held_by_this_thread(session);
            tell.send(session.noop().unwrap_err()).unwrap();
        }
        Ok(Credentials::login(USER, PASSWORD))
    });
    let session = account.reconnecting(Backoff::new()).open().unwrap();
    let session = own.get_or_init(|| session);
    server.kick();
    until_hung_up(server.port());
    drop(session.lock_mailbox("INBOX").unwrap());
    let error = told.try_recv().unwrap();
    assert!(matches!(error, Error::StreamOpen), "{error:?}");
    assert!(told.try_recv().is_err(), "asked once");
    session.noop().unwrap();
}

/// Stopped from many threads at once, before, during and after.
#[test]
fn hazard_h30_many_stops_are_one_done() {
    let (server, session) = selecting_with(
        "IMAP4rev1 IDLE",
        "
        C: {i} IDLE
        S: + idling
        signal: idling
        C: DONE
        S: * 4 EXISTS
        S: {i} OK done
        C: {n} NOOP
        S: {n} OK done
        ",
        |builder| builder,
    );
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let stop = StopHandle::new();
    let mut idle = inbox
        .idle_with(&IdleOptions::new().stop_handle(&stop))
        .unwrap();
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                server.reached("idling");
                (0..1000).for_each(|_| stop.stop());
            });
        }
        assert_eq!(idle.next().unwrap(), Some(MailboxEvent::Exists(4)));
        assert_eq!(idle.next().unwrap(), None);
        assert_eq!(idle.end_reason(), Some(IdleEnd::Stopped));
    });
    stop.stop();
    idle.done().unwrap();
    stop.stop();
    inbox.refresh().unwrap();
    drop(inbox);
    drop(session);
    server.finish();
}

/// News, a stop and another thread's lock, all at once, again and again: nobody waits for ever,
/// each IDLE has its DONE, and no message is lost.
#[test]
fn hazard_h30_no_wake_up_is_lost_and_each_idle_has_one_done() {
    let server = Server::builder()
        .mailbox("INBOX", Vec::<NewMessage>::new())
        .mailbox("Trash", Vec::<NewMessage>::new())
        .start()
        .unwrap();
    let session = patient_session(&server);
    for round in 1..=50 {
        let stop = StopHandle::new();
        let options = IdleOptions::new().yield_to_waiters(true).stop_handle(&stop);
        thread::scope(|scope| {
            let mut inbox = session.lock_mailbox("INBOX").unwrap();
            let mut idle = inbox.idle_with(&options).unwrap();
            let news = message("news", "ann@example.com", "Hello!");
            scope.spawn(|| server.deliver(USER, "INBOX", news).unwrap());
            let trash = scope.spawn(|| drop(session.lock_mailbox("Trash").unwrap()));
            scope.spawn(|| stop.stop());
            while idle.next().unwrap().is_some() {}
            let end = idle.end_reason();
            assert!(
                matches!(end, Some(IdleEnd::Stopped | IdleEnd::Yielded)),
                "{end:?}"
            );
            drop(idle);
            drop(inbox);
            trash.join().unwrap();
        });
        let mut inbox = session.lock_mailbox("INBOX").unwrap();
        inbox.refresh().unwrap();
        assert_eq!(inbox.exists(), round);
    }
    let sent = |what: &str| {
        let is_it = |event: &latchbox_testkit::Event| {
            event.direction == Direction::Client && event.line.ends_with(what)
        };
        server.timeline().iter().filter(|e| is_it(e)).count()
    };
    assert_eq!((sent(" IDLE"), sent("DONE")), (50, 50));
}
