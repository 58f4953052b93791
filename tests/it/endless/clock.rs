//! Which command has how long.

use std::time::{Duration, Instant};

use latchbox::Error;
use latchbox::error::{CloseReason, Stage};
use latchbox::types::{FetchItem, SearchKey, UidSet};

use super::close_reason;
use crate::scripted::{logged_in_with, selecting_with};

/// Passes while a server is silent that has nothing to do.
const SHORT: Duration = Duration::from_millis(300);

#[test]
fn fault_44_slow_commands_have_a_time_of_their_own() {
    // The script is silent for longer than the one, and waits for what the test does by itself.
    let (server, session) = selecting_with(
        "IMAP4rev1",
        "
        C: {s} UID SEARCH ALL
        signal: searching
        wait: later
        S: * SEARCH 5 6
        S: {s} OK done
        C: {n} NOOP
        stall
        ",
        |builder| {
            builder
                .read_timeout(SHORT)
                .slow_read_timeout(Duration::from_secs(300))
        },
    );
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    std::thread::scope(|scope| {
        scope.spawn(|| {
            server.reached("searching");
            std::thread::sleep(3 * SHORT);
            server.go("later");
        });
        assert_eq!(inbox.search(SearchKey::All).unwrap().len(), 2);
    });
    let error = inbox.refresh().unwrap_err();
    let reason = close_reason(&error);
    assert!(
        matches!(reason, CloseReason::Timeout(Stage::Read, after) if *after == SHORT),
        "{error}"
    );
    drop(server);
}

#[test]
fn fault_44_what_a_caller_sets_for_all_holds_for_slow_commands_too() {
    let (server, session) =
        selecting_with("IMAP4rev1", "C: {s} UID SEARCH ALL\nstall", |builder| {
            builder.read_timeout(SHORT * 3)
        });
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let error = inbox.search(SearchKey::All).unwrap_err();
    let reason = close_reason(&error);
    assert!(matches!(reason, CloseReason::Timeout(Stage::Read, after) if *after == SHORT * 3));
    drop(server);
}

#[test]
fn the_command_that_times_out_is_a_timeout_and_a_later_one_is_not() {
    let (server, session) = logged_in_with(
        "IMAP4rev1",
        "
        C: {n} NOOP
        stall
        ",
        |builder| builder.read_timeout(SHORT),
    );
    let error = session.noop().unwrap_err();
    assert!(error.is_timeout() && error.is_closed(), "{error}");
    assert!(error.is_retryable(), "{error}");
    assert!(
        error.to_string().contains("ClientBuilder::read_timeout"),
        "{error}"
    );

    let later = session.noop().unwrap_err();
    assert!(!later.is_timeout() && later.is_closed(), "{later}");
    assert!(!later.is_retryable(), "{later}");
    let Error::Closed(closed) = &later else {
        panic!("{later:?}");
    };
    assert!(matches!(
        closed.reason(),
        CloseReason::Timeout(Stage::Read, _)
    ));
    assert!(closed.closed_for().is_some());
    let text = later.to_string();
    for part in ["timed out", "before this command", "an Account reconnects"] {
        assert!(text.contains(part), "{text}");
    }
    drop(server);
}

/// Two thirds of the command's time are spent on what was left of a stream; the command has the rest.
#[test]
fn fault_44_reading_what_was_left_has_its_part_in_the_deadline() {
    const COMMAND: Duration = Duration::from_secs(3);
    // Without that it would be five thirds.
    super::in_time_once(COMMAND * 3 / 2, || {
        let (server, session) = selecting_with(
            "IMAP4rev1",
            "
            C: {f} UID FETCH 1:* (FLAGS)
            S: * 1 FETCH (UID 5 FLAGS ())
            wait: later
            S: {f} OK done
            C: {s} UID SEARCH ALL
            stall
            ",
            |builder| builder.command_timeout(COMMAND),
        );
        let mut inbox = session.lock_mailbox("INBOX").unwrap();
        let mut messages = inbox.fetch(&UidSet::all(), [FetchItem::Flags]).unwrap();
        messages.next().unwrap().unwrap();
        drop(messages);
        let began = Instant::now();
        let error = std::thread::scope(|scope| {
            scope.spawn(|| {
                std::thread::sleep(COMMAND * 2 / 3);
                server.go("later");
            });
            inbox.search(SearchKey::All).unwrap_err()
        });
        assert!(error.is_timeout(), "{error}");
        began.elapsed()
    });
}

#[test]
fn fault_44_what_was_left_takes_no_longer_than_the_command_may() {
    const COMMAND: Duration = Duration::from_secs(1);
    let (server, session) = selecting_with(
        "IMAP4rev1",
        "
        C: {f} UID FETCH 1:* (FLAGS)
        S: * 1 FETCH (UID 5 FLAGS ())
        stall
        ",
        |builder| {
            builder
                .command_timeout(COMMAND)
                .drain_timeout(Duration::from_secs(600))
        },
    );
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let mut messages = inbox.fetch(&UidSet::all(), [FetchItem::Flags]).unwrap();
    messages.next().unwrap().unwrap();
    drop(messages);
    let began = Instant::now();
    let error = inbox.search(SearchKey::All).unwrap_err();
    assert!(
        error.is_timeout() && !error.may_have_taken_effect(),
        "{error}"
    );
    assert!(began.elapsed() < Duration::from_secs(20));
    drop(server);
}
