//! News without IDLE: asked for by NOOP.

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::thread;
use std::time::Duration;

use latchbox::Error;
use latchbox::command::IdleEnd;
use latchbox::command::IdleOptions;
use latchbox::error::CloseReason;

use super::{NOTIFY, NOTIFY_SELECTED, assert_ended, assert_exists, personal, selecting_on};
use crate::scripted::{as_it_is, close_reason, log_in_client, with_selected};
use crate::support::script::script;

const SHORT: Duration = Duration::from_millis(20);
const HOUR: Duration = Duration::from_secs(3600);

/// Three NOOPs, with news in the first, and unasked after the second, and in the third.
const NOOPS: &str = "
    C: {a} NOOP
    S: * 4 EXISTS
    S: {a} OK
    C: {b} NOOP
    S-raw: {b} OK\\r\\n* 5 EXISTS\\r\\n
    C: {c} NOOP
    S: * 6 EXISTS
    S: {c} OK
";

#[test]
fn a_server_without_idle_is_asked_by_noop() {
    let (server, session) = selecting_on("IMAP4rev1", &format!("{NOOPS}stall"));
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let options = IdleOptions::new().poll_interval(SHORT);
    let mut idle = inbox.idle_with(&options).unwrap();
    for messages in 4..=6 {
        assert_exists(&mut idle, messages);
    }
    drop(idle);
    drop(inbox);
    drop(session);
    server.finish();
}

/// After it the server sends no events of the selected mailbox either.
#[test]
fn after_an_overflow_of_notify_the_events_of_the_mailbox_are_requested_before_the_next_noop() {
    let (server, session) = selecting_on(
        "IMAP4rev1 NOTIFY",
        &format!(
            "
            {NOTIFY}
            C: {{a}} NOOP
            S: * OK [NOTIFICATIONOVERFLOW] too much
            S: {{a}} OK
            {NOTIFY_SELECTED}
            C: {{b}} NOOP
            S: * 4 EXISTS
            S: {{b}} OK
            "
        ),
    );
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    session.notify().set(&personal()).unwrap();
    let options = IdleOptions::new().poll_interval(SHORT);
    let mut idle = inbox.idle_with(&options).unwrap();
    assert_exists(&mut idle, 4);
    server.finish();
}

#[test]
fn the_wait_for_the_next_noop_is_ended_by_a_stop() {
    let (server, session) = selecting_on("IMAP4rev1", "C: {a} NOOP\nS: {a} OK\nsignal: asked\n");
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let options = IdleOptions::new().poll_interval(HOUR);
    let mut idle = inbox.idle_with(&options).unwrap();
    let stop = idle.stop_handle();
    thread::scope(|scope| {
        scope.spawn(|| {
            server.reached("asked");
            stop.stop();
        });
        assert_ended(&mut idle, IdleEnd::Stopped);
    });
    idle.done().unwrap();
    server.finish();
}

#[test]
fn the_wait_for_the_next_noop_yields() {
    let (server, session) = selecting_on(
        "IMAP4rev1",
        "
        C: {a} NOOP
        S: {a} OK
        signal: asked
        C: {b} SELECT \"Trash\"
        S: * 1 EXISTS
        S: {b} OK [READ-WRITE] selected
        ",
    );
    let options = IdleOptions::new()
        .poll_interval(HOUR)
        .yield_to_waiters(true);
    thread::scope(|scope| {
        let mut inbox = session.lock_mailbox("INBOX").unwrap();
        let mut idle = inbox.idle_with(&options).unwrap();
        let other = scope.spawn(|| {
            server.reached("asked");
            session.lock_mailbox("Trash").map(drop)
        });
        assert_ended(&mut idle, IdleEnd::Yielded);
        drop(idle);
        drop(inbox);
        other.join().unwrap().unwrap();
    });
    server.finish();
}

#[test]
fn what_comes_unasked_and_the_end_are_noticed_between_noops() {
    let (server, session) = selecting_on(
        "IMAP4rev1",
        "C: {a} NOOP\nS: {a} OK\nS: * 4 EXISTS\ntaken\nwait: heard\nclose\n",
    );
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let options = IdleOptions::new().poll_interval(HOUR);
    let mut idle = inbox.idle_with(&options).unwrap();
    assert_exists(&mut idle, 4);
    server.go("heard");
    let error = idle.next().unwrap_err();
    assert!(matches!(close_reason(&error), CloseReason::Eof), "{error}");
    server.finish();
}

#[test]
fn a_refused_noop_is_an_error_and_leaves_the_connection_usable() {
    let (server, session) = selecting_on(
        "IMAP4rev1",
        "C: {a} NOOP\nS: {a} NO busy\nC: {b} NOOP\nS: {b} OK\n",
    );
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let mut idle = inbox.idle().unwrap();
    assert!(matches!(idle.next(), Err(Error::Refused(_))));
    drop(idle);
    inbox.refresh().unwrap();
    server.finish();
}

/// A stream of which nothing is known.
struct Opaque(TcpStream);

impl Read for Opaque {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.read(buffer)
    }
}

impl Write for Opaque {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

#[test]
fn a_stream_that_cannot_be_polled_is_asked_by_noop_and_can_be_stopped() {
    let server = script(&with_selected("IMAP4rev1 IDLE", &format!("{NOOPS}stall")));
    let stream = Opaque(TcpStream::connect(server.address()).unwrap());
    let session = log_in_client(as_it_is(&server).connect_stream(stream).unwrap());
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let options = IdleOptions::new().poll_interval(SHORT);
    let mut idle = inbox.idle_with(&options).unwrap();
    for messages in 4..=6 {
        assert_exists(&mut idle, messages);
    }
    idle.stop_handle().stop();
    assert_ended(&mut idle, IdleEnd::Stopped);
    drop(idle);
    drop(inbox);
    drop(session);
    server.finish();
}

#[test]
fn a_close_handle_ends_the_wait_on_a_stream_that_cannot_be_shut_down() {
    let lines = "C: {a} NOOP\nS: {a} OK\nsignal: asked\n";
    let server = script(&with_selected("IMAP4rev1 IDLE", lines));
    let stream = Opaque(TcpStream::connect(server.address()).unwrap());
    let session = log_in_client(as_it_is(&server).connect_stream(stream).unwrap());
    let close_handle = session.close_handle();
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let options = IdleOptions::new().poll_interval(HOUR);
    let mut idle = inbox.idle_with(&options).unwrap();
    thread::scope(|scope| {
        scope.spawn(|| {
            server.reached("asked");
            close_handle.close();
        });
        let error = idle.next().unwrap_err();
        assert!(matches!(close_reason(&error), CloseReason::Cancelled));
    });
    server.finish();
}
