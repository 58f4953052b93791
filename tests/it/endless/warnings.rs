//! What a server said before a deadline passed.

use std::time::Duration;

use latchbox::types::SearchKey;
use latchbox::{ClientBuilder, Error};

use crate::scripted::selecting_with;

/// Enough for the step at stake to end in time, and for the steps before it on a busy machine.
const SILENCE: Duration = Duration::from_millis(700);

/// The error of a search to which the server sends this and no tagged line.
fn unanswered(said: &str) -> Error {
    let (server, session) = selecting_with(
        "IMAP4rev1",
        &format!("C: {{s}} UID SEARCH ALL\n{said}\nstall"),
        |builder: ClientBuilder| builder.slow_read_timeout(SILENCE),
    );
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let error = inbox.search(SearchKey::All).unwrap_err();
    assert!(error.is_timeout(), "{error:?}");
    // It is told once: those who come later had no such answer.
    assert!(
        !session
            .noop()
            .unwrap_err()
            .to_string()
            .contains("before that")
    );
    drop(server);
    error
}

fn warning(error: &Error) -> Option<&str> {
    let Error::Closed(closed) = error else {
        panic!("{error:?}");
    };
    closed.warning()
}

#[test]
fn fault_43_the_error_of_a_deadline_repeats_the_last_warning() {
    for (said, expected) in [
        (
            "S: * NO [CORRUPTION] the index is damaged",
            "NO [CORRUPTION] the index is damaged",
        ),
        ("S: * BAD what is that", "BAD what is that"),
        ("S: * OK [ALERT] going down", "OK [ALERT] going down"),
        (
            "S: * NO first\nS: * OK fine\nS: * NO [UNAVAILABLE] second\nS: * 4 EXISTS",
            "NO [UNAVAILABLE] second",
        ),
        ("S-raw: * NO \\x1b[2Jgone\\r\\n", "NO \\u{1b}[2Jgone"),
    ] {
        let error = unanswered(said);
        assert_eq!(warning(&error), Some(expected));
        let text = error.to_string();
        assert!(
            text.ends_with(&format!("before that the server sent: {expected}")),
            "{text}"
        );
    }
}

#[test]
fn fault_43_what_is_no_warning_is_not_repeated() {
    for said in [
        "S: * OK still here",
        "S: * 4 EXISTS",
        "S: * OK [READ-WRITE] x",
    ] {
        assert_eq!(warning(&unanswered(said)), None, "{said}");
    }
}

#[test]
fn fault_43_a_long_warning_is_shortened() {
    let error = unanswered(&format!("S: * NO {}", "words ".repeat(10_000)));
    let warning = warning(&error).unwrap();
    assert_eq!(warning.chars().count(), 303);
    assert!(warning.ends_with("..."));
}

#[test]
fn fault_43_a_warning_of_an_earlier_command_is_not_repeated() {
    let (server, session) = selecting_with(
        "IMAP4rev1",
        "
        C: {n} NOOP
        S: * NO that was before
        S: {n} OK done
        C: {s} UID SEARCH ALL
        stall
        ",
        |builder| builder.slow_read_timeout(SILENCE),
    );
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    inbox.refresh().unwrap();
    let error = inbox.search(SearchKey::All).unwrap_err();
    assert_eq!(warning(&error), None, "{error}");
    drop(server);
}
