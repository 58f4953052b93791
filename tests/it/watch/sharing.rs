//! Watches on a session or pool that others use: they get the connection at once, and the watch goes on
//! afterwards.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use latchbox::pool::PoolOptions;
use latchbox::types::{Flag, MailboxEvent, SearchKey, StoreAction};
use latchbox::{Pool, Session};

use super::*;
use crate::sessions::patient_session;

fn server() -> Server {
    Server::builder()
        .with("CONDSTORE")
        .with("QRESYNC")
        .mailbox("INBOX", [message("one", "a@example.com", "x")])
        .mailbox("Work", [message("two", "a@example.com", "x")])
        .start()
        .unwrap()
}

fn shared(session: &Arc<Session>) -> WatchRequest {
    WatchRequest::new(session)
        .look_interval(NEVER)
        .status_interval(NEVER)
}

/// Follows a watch on a thread of its own until it is stopped.
fn following<'s>(
    scope: &'s thread::Scope<'s, '_>,
    mut watch: Watch,
    mut copies: Copies,
) -> thread::ScopedJoinHandle<'s, Copies> {
    scope.spawn(move || {
        while let Some(item) = watch.next() {
            copies.take(&item);
        }
        copies
    })
}

#[test]
fn another_thread_gets_the_session_at_once_and_the_watch_goes_on() {
    let server = server();
    let session = Arc::new(patient_session(&server));
    let mut watch = shared(&session).mailbox("INBOX", None).begin().unwrap();
    let mut copies = Copies::default();
    copies.follow(&mut watch, |copies| copies.up_to_date == 1);
    let stop = watch.stop_handle();
    let copies = thread::scope(|scope| {
        let watching = following(scope, watch, copies);
        for _ in 0..3 {
            // `try_lock` does not wait: the watch does not hold the lock while it listens.
            crate::sessions::until("the lock is not free", || {
                session.try_lock_mailbox("Work").is_ok()
            });
            let mut work = session.lock_mailbox("Work").unwrap();
            assert_eq!(work.search(SearchKey::All).unwrap().len(), 1);
            drop(work);
            deliver(&server, "INBOX", "news");
            assert_eq!(session.list("*").unwrap().len(), 2);
        }
        let seen = session.try_lock_mailbox("INBOX");
        drop(seen);
        let deadline = Instant::now() + DEADLINE;
        let wanted = server.messages("INBOX").len();
        assert_eq!(wanted, 4);
        // The watch is stopped only after it has had the time to go on.
        let idles = |event: &latchbox_testkit::Event| event.line.ends_with("IDLE");
        while Instant::now() < deadline && !is_idle_after_last_message(&server) {
            server.wait_for(Duration::from_millis(20), idles);
        }
        stop.stop();
        watching.join().unwrap()
    });
    copies.mirrors[&name("INBOX")].assert_is(&server, "INBOX");
    assert_eq!(copies.mirrors[&name("INBOX")].arrived.len(), 3);
    assert_eq!((copies.up_to_date, copies.disconnected), (1, 0));
    let inbox = session.lock_mailbox("INBOX").unwrap();
    assert_eq!(inbox.exists(), 4);
}

/// Whether an IDLE has begun after the last EXAMINE of INBOX that reported all messages.
fn is_idle_after_last_message(server: &Server) -> bool {
    let wanted = format!("* {} EXISTS", server.messages("INBOX").len());
    let lines: Vec<_> = server
        .timeline()
        .into_iter()
        .map(|event| event.line)
        .collect();
    let Some(told) = lines.iter().rposition(|line| *line == wanted) else {
        return false;
    };
    lines.iter().skip(told).any(|line| line.ends_with("IDLE"))
}

/// The thread that takes the items uses the same session for them, with a guard of its own.
#[test]
fn the_program_can_use_the_session_for_each_item() {
    let server = server();
    let session = Arc::new(patient_session(&server));
    let mut watch = shared(&session)
        .mailbox("INBOX", None)
        .batch_size(1)
        .begin()
        .unwrap();
    deliver(&server, "INBOX", "two");
    deliver(&server, "INBOX", "three");
    let mut copies = Copies::default();
    let deadline = Instant::now() + DEADLINE;
    let mut has_delivered = false;
    while copies.up_to_date == 0 || copies.mirrors[&name("INBOX")].messages.len() < 4 {
        let item = watch.next_until(deadline).unwrap();
        copies.take(&item);
        let mut inbox = session.lock_mailbox("INBOX").unwrap();
        inbox.search(SearchKey::All).unwrap();
        drop(inbox);
        session.noop().unwrap();
        if copies.up_to_date == 1 && !std::mem::replace(&mut has_delivered, true) {
            deliver(&server, "INBOX", "four");
        }
    }
    copies.mirrors[&name("INBOX")].assert_is(&server, "INBOX");
}

/// Another guard reads the events that the watch would have been woken by.
#[test]
fn news_that_another_guard_has_read_are_not_missed() {
    let server = server();
    let session = Arc::new(patient_session(&server));
    let mut watch = shared(&session).mailbox("INBOX", None).begin().unwrap();
    let mut copies = Copies::default();
    copies.follow(&mut watch, |copies| copies.up_to_date == 1);
    for round in 1..=5 {
        let mut inbox = session.lock_mailbox_read_only("INBOX").unwrap();
        deliver(&server, "INBOX", "read by the other");
        inbox.refresh().unwrap();
        let events = inbox.events();
        assert!(
            matches!(
                events[..],
                [MailboxEvent::Exists(_), MailboxEvent::Recent(_)]
            ),
            "{events:?}"
        );
        drop(inbox);
        copies.catch_up(&mut watch, &server, &["INBOX"]);
        assert_eq!(copies.mirrors[&name("INBOX")].arrived.len(), round);
    }
}

/// While another guard is held, the watch waits in the queue and does not spin.
#[test]
fn a_watch_waits_for_a_guard_that_is_held() {
    let server = server();
    let session = Arc::new(patient_session(&server));
    let mut watch = shared(&session).mailbox("INBOX", None).begin().unwrap();
    let mut copies = Copies::default();
    copies.follow(&mut watch, |copies| copies.up_to_date == 1);
    let is_held = AtomicBool::new(true);
    thread::scope(|scope| {
        let work = session.lock_mailbox("Work").unwrap();
        deliver(&server, "INBOX", "while it is held");
        let watching = scope.spawn(|| {
            copies.follow(&mut watch, |copies| {
                copies.mirrors[&name("INBOX")].arrived.len() == 1
            });
            assert!(
                !is_held.load(Ordering::SeqCst),
                "nothing comes while another holds the lock"
            );
        });
        crate::sessions::until("the watch does not wait", || {
            session.lock_state().waiting() == 1
        });
        is_held.store(false, Ordering::SeqCst);
        drop(work);
        watching.join().unwrap();
    });
}

/// Writers and a watch share one session for a while: neither starves.
#[test]
fn threads_that_use_the_session_all_the_time_and_a_watch_both_go_on() {
    let server = server();
    let session = &Arc::new(patient_session(&server));
    let mut watch = shared(session).mailbox("INBOX", None).begin().unwrap();
    let mut copies = Copies::default();
    copies.follow(&mut watch, |copies| copies.up_to_date == 1);
    let is_over = &AtomicBool::new(false);
    let rounds = thread::scope(|scope| {
        let busy = [Flag::Seen, Flag::Flagged].map(|flag| {
            scope.spawn(move || {
                let mut rounds = 0;
                while !is_over.load(Ordering::SeqCst) {
                    let mut work = session.lock_mailbox("Work").unwrap();
                    let all = work.search(SearchKey::All).unwrap();
                    work.store(&all, StoreAction::Add, [flag.clone()]).unwrap();
                    rounds += 1;
                }
                rounds
            })
        });
        for _ in 0..5 {
            deliver(&server, "INBOX", "news");
            copies.catch_up(&mut watch, &server, &["INBOX"]);
        }
        is_over.store(true, Ordering::SeqCst);
        busy.map(|thread| thread.join().unwrap())
    });
    assert!(rounds.iter().all(|rounds| *rounds > 0));
    assert_eq!(copies.mirrors[&name("INBOX")].arrived.len(), 5);
}

#[test]
fn a_watch_takes_a_connection_of_a_pool_and_lends_it() {
    let server = server();
    let options = PoolOptions::new().max_connections(2);
    let pool = Arc::new(Pool::with_options(account(&server), options));
    let request = WatchRequest::new(&pool).look_interval(NEVER);
    let mut watch = request.mailbox("INBOX", None).begin().unwrap();
    let mut copies = Copies::default();
    copies.follow(&mut watch, |copies| copies.up_to_date == 1);
    assert_eq!(pool.state().connections(), 1);
    {
        let _inbox = pool.try_lock_mailbox("INBOX").unwrap();
        let _work = pool.try_lock_mailbox("Work").unwrap();
        assert!(pool.state().connections() <= 2);
        deliver(&server, "INBOX", "news");
    }
    copies.catch_up(&mut watch, &server, &["INBOX"]);
    assert_eq!(copies.mirrors[&name("INBOX")].arrived.len(), 1);
}

#[test]
fn the_end_of_a_session_is_the_end_of_its_watch() {
    let server = server();
    let session = Arc::new(patient_session(&server));
    let mut watch = shared(&session).mailbox("INBOX", None).begin().unwrap();
    let mut copies = Copies::default();
    copies.follow(&mut watch, |copies| copies.up_to_date == 1);
    thread::scope(|scope| {
        let ended = scope.spawn(|| watch.next());
        session.close_handle().close();
        match ended.join().unwrap() {
            Some(WatchItem::Ended(error)) => assert!(error.is_closed(), "{error}"),
            other => panic!("{other:?}"),
        }
    });
    assert!(watch.next().is_none());
}

/// A session that does not reconnect is tried at the pace of the back-off, and each failure is told.
#[test]
fn a_session_that_has_lost_its_connection_is_told_and_does_not_spin() {
    let server = server();
    let session = Arc::new(patient_session(&server));
    let backoff = Backoff::new().initial_delay(Duration::from_millis(20));
    let mut watch = shared(&session)
        .backoff(backoff)
        .mailbox("INBOX", None)
        .begin()
        .unwrap();
    let mut copies = Copies::default();
    copies.follow(&mut watch, |copies| copies.up_to_date == 1);
    server.kick();
    copies.follow(&mut watch, |copies| copies.disconnected == 3);
}
