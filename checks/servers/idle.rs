//! Threads that share a connection on which one of them idles, on Dovecot.

use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use latchbox::command::IdleOptions;
use latchbox::types::MailboxEvent;
use latchbox::{Client, Session, StopHandle};

use crate::sessions::{LONG, watch};
use crate::support::certificates::certificates;
use crate::support::dovecot::{Dovecot, User, dovecot};

fn on_dovecot(dovecot: &Dovecot, user: &User) -> Session {
    let client = Client::builder("localhost")
        .port(dovecot.tls_port())
        .root_certificates_pem(certificates().authority.clone())
        .connect();
    let session = client.unwrap().login(user.name(), user.password());
    session.unwrap()
}

#[test]
fn dovecot_tells_each_delivered_message() {
    let user = dovecot().user();
    let session = on_dovecot(dovecot(), &user);
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let mut idle = inbox.idle().unwrap();
    for messages in 1..=5 {
        user.deliver("INBOX", b"Subject: news\n\nhello\n", "");
        let mut events = idle.timeout_iter(LONG).map(Result::unwrap);
        assert!(events.any(|event| event == MailboxEvent::Exists(messages)));
    }
    idle.done().unwrap();
    assert_eq!(inbox.exists(), 5);
}

#[test]
fn dovecot_and_two_threads_one_of_which_watches() {
    let user = dovecot().user();
    let session = on_dovecot(dovecot(), &user);
    let (stop, rounds) = (StopHandle::new(), 10);
    let options = IdleOptions::new().yield_to_waiters(true).stop_handle(&stop);
    let (tell, told) = mpsc::channel();
    thread::scope(|scope| {
        let (session, options) = (&session, &options);
        let watcher = scope.spawn(move || watch(session, options, &tell));
        for round in 1..=rounds {
            user.deliver("INBOX", b"Subject: news\n\nhello\n", "");
            let began = Instant::now();
            session
                .append("Trash", b"Subject: old\r\n\r\nhello\r\n")
                .unwrap();
            drop(session.lock_mailbox("Trash").unwrap());
            assert!(began.elapsed() < Duration::from_secs(20));
            while told.recv_timeout(LONG).unwrap() < round {}
        }
        stop.stop();
        watcher.join().unwrap();
    });
}

#[test]
fn a_user_that_dovecot_kicks_is_told_so_while_it_idles() {
    let own = Dovecot::start("").unwrap();
    let user = own.user();
    let session = on_dovecot(&own, &user);
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let mut idle = inbox.idle().unwrap();
    own.doveadm(&["kick", user.name()]);
    let error = idle.next().unwrap_err();
    assert!(error.is_closed(), "{error}");
    own.stop();
}
