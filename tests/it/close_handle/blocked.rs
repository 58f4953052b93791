//! Closing while a command, a stream or a lock is blocked in the server's silence.

use std::thread;

use latchbox::types::{FetchItem, SearchKey, Section, UidSet};
use latchbox::{Result, Session};

use super::{Line, with_and_without_tls};
use crate::sessions::{LONG, assert_cancelled, log_in};

with_and_without_tls!(
    a_command_of_a_guard,
    a_command_of_the_session,
    a_command_half_answered,
    a_select_under_a_lock,
    a_select_of_switch_to,
    a_stream_that_is_half_read,
    a_message_that_is_half_read,
    a_literal_that_the_server_does_not_ask_for,
    an_upload_that_the_server_does_not_take,
    a_logout,
);

/// Plays the script until it signals `blocked`, which `work` has to be then, and closes.
fn ends(line: Line, script: &str, work: impl FnOnce(&Session) -> Result<()> + Send) {
    let server = line.played(script);
    let session = log_in(line.builder(server.port()));
    let close_handle = session.close_handle();
    thread::scope(|scope| {
        let working = scope.spawn(|| work(&session));
        server.reached("blocked");
        close_handle.close();
        server.go("closed");
        assert_cancelled(working.join().unwrap());
    });
    assert_cancelled(session.lock_mailbox("INBOX"));
    assert_cancelled(session.mailbox("Trash").read_only().try_lock());
    assert_cancelled(session.noop());
    assert_cancelled(session.logout());
    server.finish();
}

fn a_command_of_a_guard(line: Line) {
    let script = "
        hello
        select: INBOX
        C: {n} NOOP
        signal: blocked
        stall
        ";
    ends(line, script, |session| {
        let mut inbox = session.lock_mailbox("INBOX")?;
        let outcome = inbox.refresh();
        let error = outcome.as_ref().unwrap_err();
        assert!(!error.may_have_taken_effect(), "{error}");
        for later in [inbox.refresh(), inbox.mailbox().map(drop), session.noop()] {
            assert!(!later.as_ref().unwrap_err().may_have_taken_effect());
            assert_cancelled(later);
        }
        assert_cancelled(inbox.release());
        outcome
    });
}

fn a_command_of_the_session(line: Line) {
    let script = "
        hello
        C: {n} NOOP
        signal: blocked
        stall
        ";
    ends(line, script, Session::noop);
}

fn a_command_half_answered(line: Line) {
    let script = "
        hello
        select: INBOX
        C: {f} UID SEARCH ALL
        S-raw: * SEARCH 1 2
        taken
        signal: blocked
        stall
        ";
    ends(line, script, |session| {
        let mut inbox = session.lock_mailbox("INBOX")?;
        inbox.search(SearchKey::All).map(drop)
    });
}

fn a_select_under_a_lock(line: Line) {
    let script = r#"
        hello
        C: {s} SELECT "INBOX"
        S: * 3 EXISTS
        signal: blocked
        stall
        "#;
    ends(line, script, |session| {
        session.lock_mailbox("INBOX").map(drop)
    });
}

fn a_select_of_switch_to(line: Line) {
    let script = r#"
        hello
        select: INBOX
        C: {s} SELECT "Trash"
        signal: blocked
        stall
        "#;
    ends(line, script, |session| {
        session.lock_mailbox("INBOX")?.switch_to("Trash").map(drop)
    });
}

fn a_stream_that_is_half_read(line: Line) {
    let script = "
        hello
        select: INBOX
        C-start: {f} UID FETCH 1:*
        S: * 1 FETCH (UID 1 FLAGS ())
        signal: blocked
        stall
        ";
    ends(line, script, |session| {
        let mut inbox = session.lock_mailbox("INBOX")?;
        let mut messages = inbox.fetch(&UidSet::all(), [FetchItem::Flags])?;
        assert!(messages.next()?.is_some());
        let outcome = messages.next().map(drop);
        assert!(messages.next()?.is_none(), "an error is told once");
        drop(messages);
        assert_cancelled(inbox.refresh());
        outcome
    });
}

fn a_message_that_is_half_read(line: Line) {
    let script = "
        hello
        select: INBOX
        C-start: {f} UID FETCH 1:*
        S: * 1 FETCH (UID 1 BODY[] {100000}
        S-fill: 1000 half of it
        taken
        signal: blocked
        stall
        ";
    ends(line, script, |session| {
        let mut inbox = session.lock_mailbox("INBOX")?;
        let items = [FetchItem::BodyPeek(Section::whole())];
        let mut messages = inbox.fetch(&UidSet::all(), items)?;
        messages.next().map(drop)
    });
}

fn a_literal_that_the_server_does_not_ask_for(line: Line) {
    let script = r#"
        S: * OK [CAPABILITY IMAP4rev1] ready
        C: {l} LOGIN "jane" "pass1"
        S: {l} OK [CAPABILITY IMAP4rev1] done
        C-start: {a} APPEND "INBOX"
        signal: blocked
        stall
        "#;
    ends(line, script, |session| {
        let message = b"Subject: hello\r\n\r\nhello\r\n";
        session.append("INBOX", message).map(drop)
    });
}

fn an_upload_that_the_server_does_not_take(line: Line) {
    let script = r#"
        hello
        C-start: {a} APPEND "INBOX"
        signal: blocked
        wait: closed
        stall
        "#;
    // More than all the buffers in between hold.
    let message = vec![b'x'; 32 << 20];
    ends(line, script, |session| {
        session.append("INBOX", &message).map(drop)
    });
}

/// LOGOUT succeeds however the connection ends; what counts is that it returns.
fn a_logout(line: Line) {
    let server = line.played(
        "
        hello
        C: {o} LOGOUT
        signal: blocked
        stall
        ",
    );
    let session = log_in(line.builder(server.port()).logout_timeout(LONG));
    let close_handle = session.close_handle();
    let leaving = thread::spawn(|| session.logout());
    server.reached("blocked");
    close_handle.close();
    leaving.join().unwrap().unwrap();
    server.finish();
}
