//! Threads that share a connection on which one of them idles, in process.

use std::sync::mpsc;
use std::thread;

use latchbox::StopHandle;
use latchbox::command::IdleEnd;
use latchbox::command::IdleOptions;
use latchbox::types::MailboxEvent;
use latchbox_testkit::{Direction, Server, USER, message};

use super::{LONG, assert_ended, assert_exists, two_mailboxes};
use crate::sessions::{plaintext_session, watch};

fn deliver(server: &Server) {
    let news = message("news", "ann@example.com", "Hello!");
    server.deliver(USER, "INBOX", news).unwrap();
}

/// What the client has sent, without tags.
fn sent(server: &Server) -> Vec<String> {
    let events = server.timeline().into_iter();
    let lines = events.filter(|event| event.direction == Direction::Client);
    let bare = |line: String| match line.split_once(' ') {
        Some((_tag, command)) => command.to_owned(),
        None => line,
    };
    lines.map(|event| bare(event.line)).collect()
}

#[test]
fn what_is_delivered_is_pushed() {
    let server = two_mailboxes();
    let session = plaintext_session(&server);
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let mut idle = inbox.idle().unwrap();
    for messages in 1..=5 {
        deliver(&server);
        let mut events = idle.timeout_iter(LONG).map(Result::unwrap);
        assert!(events.any(|event| event == MailboxEvent::Exists(messages)));
    }
    idle.done().unwrap();
    assert_eq!(inbox.exists(), 5);
    assert!(!sent(&server).iter().any(|line| line == "NOOP"));
}

#[test]
fn another_thread_gets_the_lock_after_one_done() {
    let server = two_mailboxes();
    let session = plaintext_session(&server);
    let options = IdleOptions::new().yield_to_waiters(true);
    thread::scope(|scope| {
        let mut inbox = session.lock_mailbox("INBOX").unwrap();
        let mut idle = inbox.idle_with(&options).unwrap();
        server.clear_timeline();
        let other = scope.spawn(|| session.lock_mailbox("Trash").map(drop));
        assert_ended(&mut idle, IdleEnd::Yielded);
        drop(idle);
        drop(inbox);
        other.join().unwrap().unwrap();
    });
    assert_eq!(sent(&server), ["DONE", "SELECT \"Trash\""]);
}

#[test]
fn an_idle_that_begins_while_others_wait_yields_without_a_command() {
    let server = two_mailboxes();
    let session = plaintext_session(&server);
    thread::scope(|scope| {
        let mut inbox = session.lock_mailbox("INBOX").unwrap();
        server.clear_timeline();
        let other = scope.spawn(|| session.lock_mailbox("Trash").map(drop));
        while session.lock_state().waiting() == 0 {
            thread::yield_now();
        }
        let options = IdleOptions::new().yield_to_waiters(true);
        let mut idle = inbox.idle_with(&options).unwrap();
        assert_ended(&mut idle, IdleEnd::Yielded);
        drop(idle);
        drop(inbox);
        other.join().unwrap().unwrap();
    });
    assert_eq!(sent(&server), ["SELECT \"Trash\""]);
}

#[test]
fn an_idle_that_does_not_yield_keeps_the_lock_until_it_is_stopped() {
    let server = two_mailboxes();
    let session = plaintext_session(&server);
    thread::scope(|scope| {
        let mut inbox = session.lock_mailbox("INBOX").unwrap();
        let keeping = IdleOptions::new().yield_to_waiters(false);
        let mut idle = inbox.idle_with(&keeping).unwrap();
        let stop = idle.stop_handle();
        let other = scope.spawn(|| session.lock_mailbox("Trash").map(drop));
        scope.spawn(|| {
            while session.lock_state().waiting() == 0 {
                thread::yield_now();
            }
            deliver(&server);
        });
        // Heard after the other thread has begun to wait.
        assert_exists(&mut idle, 1);
        assert!(!other.is_finished());
        stop.stop();
        let rest: Vec<_> = idle.blocking_iter().map(Result::unwrap).collect();
        assert!(rest.len() <= 1, "{rest:?}");
        assert_eq!(idle.end_reason(), Some(IdleEnd::Stopped));
        drop(idle);
        drop(inbox);
        other.join().unwrap().unwrap();
    });
}

#[test]
fn news_and_a_stop_at_once_lose_neither_and_send_one_done() {
    let server = two_mailboxes();
    let session = plaintext_session(&server);
    let rounds = 100;
    for round in 1..=rounds {
        let mut inbox = session.lock_mailbox("INBOX").unwrap();
        let mut idle = inbox.idle().unwrap();
        let stop = idle.stop_handle();
        let mut seen = round - 1;
        thread::scope(|scope| {
            scope.spawn(|| deliver(&server));
            scope.spawn(|| stop.stop());
            while let Some(event) = idle.next().unwrap() {
                if let MailboxEvent::Exists(messages) = event {
                    seen = messages;
                }
            }
        });
        assert_eq!(idle.end_reason(), Some(IdleEnd::Stopped));
        assert_eq!(
            idle.exists(),
            seen,
            "every change of the counter was an event"
        );
        idle.done().unwrap();
        inbox.refresh().unwrap();
        assert_eq!(inbox.exists(), round);
        inbox.events();
    }
    let count = |what: &str| sent(&server).iter().filter(|line| *line == what).count();
    assert_eq!(count("IDLE"), rounds as usize);
    assert_eq!(count("DONE"), rounds as usize);
}

#[test]
fn yielding_again_and_again_loses_no_message() {
    let server = two_mailboxes();
    let session = plaintext_session(&server);
    let (stop, rounds) = (StopHandle::new(), 30);
    let options = IdleOptions::new().yield_to_waiters(true).stop_handle(&stop);
    let (tell, told) = mpsc::channel();
    thread::scope(|scope| {
        let (session, options) = (&session, &options);
        let watcher = scope.spawn(move || watch(session, options, &tell));
        for round in 1..=rounds {
            deliver(&server);
            drop(session.lock_mailbox("Trash").unwrap());
            while told.recv_timeout(LONG).unwrap() < round {}
        }
        stop.stop();
        watcher.join().unwrap();
    });
    assert!(!sent(&server).iter().any(|line| line == "NOOP"));
}

#[test]
fn a_waiter_for_the_same_mailbox_gets_the_lock_and_reads_its_own_answers() {
    let server = two_mailboxes();
    let session = plaintext_session(&server);
    let options = IdleOptions::new().yield_to_waiters(true);
    for _ in 0..20 {
        thread::scope(|scope| {
            let mut inbox = session.lock_mailbox("INBOX").unwrap();
            let mut idle = inbox.idle_with(&options).unwrap();
            let other = scope.spawn(|| {
                let mut inbox = session.lock_mailbox("INBOX")?;
                inbox.refresh()
            });
            assert_ended(&mut idle, IdleEnd::Yielded);
            drop(idle);
            drop(inbox);
            other.join().unwrap().unwrap();
        });
    }
}
