//! Streams of the caller's: sockets made elsewhere, Unix sockets, child processes.

#![cfg(unix)]

use std::io;
use std::net::{Shutdown, TcpStream};
use std::os::unix::net::{UnixListener, UnixStream};
use std::process::Command;
use std::thread;

use latchbox::error::{CloseReason, ConnectErrorKind, Stage};
use latchbox::transport::{ChildProcess, Socket};
use latchbox::{ClientBuilder, Session};
use latchbox_testkit::{PASSWORD, Server, USER};

use super::assert_exists;
use crate::scripted::{SHORT, closed, problem};
use crate::sessions::{log_in_as, plaintext_stream, preauthenticated};

/// Everything that comes on one goes out on the other.
fn joined(from: UnixStream, to: TcpStream) {
    let (mut from_again, mut to_again) = (from.try_clone().unwrap(), to.try_clone().unwrap());
    thread::spawn(move || {
        let (mut from, mut to) = (from, to);
        let _ = io::copy(&mut from, &mut to);
        let _ = to.shutdown(Shutdown::Write);
    });
    thread::spawn(move || {
        let _ = io::copy(&mut to_again, &mut from_again);
        let _ = from_again.shutdown(Shutdown::Write);
    });
}

#[test]
fn a_unix_socket_is_connected_to_by_its_path() {
    let server = Server::start().unwrap();
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("imap");
    let listener = UnixListener::bind(&path).unwrap();
    let port = server.port();
    let bridge = thread::spawn(move || {
        let (stream, _) = listener.accept().unwrap();
        joined(stream, TcpStream::connect(("127.0.0.1", port)).unwrap());
    });
    let session = log_in_as(
        plaintext_stream().connect_unix(&path).unwrap(),
        USER,
        PASSWORD,
    );
    bridge.join().unwrap();
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let mut idle = inbox.idle().unwrap();
    let bytes = latchbox_testkit::message("x", "ann@example.com", "y");
    server.deliver(USER, "INBOX", bytes).unwrap();
    assert_exists(&mut idle, 1);
    idle.done().unwrap();
    drop(inbox);
    session.logout().unwrap();
}

#[test]
fn a_unix_socket_that_is_not_there_is_an_error() {
    let error = plaintext_stream()
        .connect_unix("/nowhere/at/all")
        .unwrap_err();
    assert!(
        matches!(problem(&error), ConnectErrorKind::Unix(_)),
        "{error:?}"
    );
}

#[test]
fn a_socket_made_elsewhere_keeps_deadlines_and_can_be_closed() {
    let (one, other) = UnixStream::pair().unwrap();
    let error = plaintext_stream()
        .greeting_timeout(SHORT)
        .connect_transport(Socket::from(one))
        .unwrap_err();
    assert!(matches!(
        problem(&error),
        ConnectErrorKind::Timeout(Stage::Greeting)
    ));
    drop(other);
    let server = Server::start().unwrap();
    let stream = TcpStream::connect(("127.0.0.1", server.port())).unwrap();
    let client = plaintext_stream()
        .connect_transport(Socket::from(stream))
        .unwrap();
    let session = log_in_as(client, USER, PASSWORD);
    session.close_handle().close();
    assert!(session.noop().unwrap_err().is_closed());
}

/// A shell that greets with PREAUTH, then does this.
fn shell(then: &str) -> ChildProcess {
    let script = format!(
        "printf '* PREAUTH [CAPABILITY IMAP4rev1 IDLE LITERAL+] ready\\r\\n'\n\
         say() {{ printf '%s\\r\\n' \"$*\"; }}\n{then}"
    );
    ChildProcess::spawn(Command::new("sh").args(["-c", &script])).unwrap()
}

/// A session with a process that greets as [`shell`] does.
fn running(builder: ClientBuilder, process: ChildProcess) -> Session {
    preauthenticated(builder.accept_preauth().connect_transport(process).unwrap())
}

const ANSWER_ALL: &str = "while read -r tag rest; do say $tag OK done; done";

#[test]
fn a_child_process_is_spoken_to() {
    let session = running(plaintext_stream(), shell(ANSWER_ALL));
    session.noop().unwrap();
    session.create("Box").unwrap();
    session.logout().unwrap();
}

#[test]
fn preauth_of_a_child_process_is_refused_unless_allowed() {
    let error = plaintext_stream()
        .connect_transport(shell(ANSWER_ALL))
        .unwrap_err();
    assert!(matches!(
        problem(&error),
        ConnectErrorKind::UnexpectedPreauth
    ));
}

#[test]
fn a_child_process_that_is_silent_meets_its_deadline() {
    let session = running(plaintext_stream(), shell("read -r line; exec sleep 1000"));
    session.set_read_timeout(SHORT).unwrap();
    let error = session.noop().unwrap_err();
    assert!(
        matches!(
            closed(&error).reason(),
            CloseReason::Timeout(Stage::Read, _)
        ),
        "{error:?}"
    );
}

#[test]
fn a_child_process_that_does_not_read_meets_its_deadline() {
    let session = running(plaintext_stream(), shell("exec sleep 1000"));
    session.set_write_timeout(SHORT).unwrap();
    let much = "x".repeat(1 << 20);
    let error = session.create(much.as_str()).unwrap_err();
    assert!(
        matches!(
            closed(&error).reason(),
            CloseReason::Timeout(Stage::Write, _)
        ),
        "{error:?}"
    );
}

#[test]
fn the_end_of_a_child_process_is_the_end_of_the_stream() {
    let session = running(plaintext_stream(), shell("read -r line; exit 0"));
    let error = session.noop().unwrap_err();
    assert!(
        matches!(closed(&error).reason(), CloseReason::Eof),
        "{error:?}"
    );
}

#[test]
fn a_close_handle_ends_what_a_child_process_is_waited_for() {
    let session = running(plaintext_stream(), shell("read -r line; exec sleep 1000"));
    let close_handle = session.close_handle();
    thread::scope(|scope| {
        let asking = scope.spawn(|| session.noop().unwrap_err());
        close_handle.close();
        assert!(asking.join().unwrap().is_closed());
    });
}

#[test]
fn a_child_process_is_asked_to_end_and_nobody_waits_for_it() {
    let directory = tempfile::tempdir().unwrap();
    let gone = directory.path().join("gone");
    let process = shell(&format!(
        "trap 'touch {}; exit 0' TERM\n\
         read -r tag rest; say $tag OK done; while :; do sleep 0.1; done",
        gone.display()
    ));
    let session = running(plaintext_stream(), process);
    session.noop().unwrap();
    drop(session);
    // Each spawn collects what has ended meanwhile.
    crate::sessions::until("the process does not end", || {
        drop(ChildProcess::spawn(&mut Command::new("true")).unwrap());
        gone.exists()
    });
}

#[test]
fn a_program_that_is_not_there_is_an_error() {
    let error = ChildProcess::spawn(&mut Command::new("/nowhere/at/all")).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::NotFound);
}
