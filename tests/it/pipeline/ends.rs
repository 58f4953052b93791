//! The end of the connection in the middle of a batch: each command knows what may have become of
//! it.

use latchbox::command::Noop;
use latchbox::error::{CloseReason, Stage};
use latchbox::types::StatusItem;

use super::messages;
use crate::scripted::{SHORT, assert_unusable, closed, log_in, logged_in, plain, with_login};
use crate::support::script::script;

/// What stands for the tag of a command in a long script.
fn tag(number: usize) -> String {
    let letter = |digit: char| char::from(b'a' + digit as u8 - b'0');
    format!(
        "{{{}}}",
        number.to_string().chars().map(letter).collect::<String>()
    )
}

#[test]
fn a_goodbye_in_the_middle_ends_what_is_not_answered() {
    let (server, session) = logged_in(
        r#"
        C: {a} STATUS "A" (MESSAGES)
        C: {b} STATUS "B" (MESSAGES)
        S: * STATUS "B" (MESSAGES 2)
        S: {b} OK done
        S: * BYE going down
        C-close
        "#,
    );
    let batch = (messages("A"), messages("B"), messages("A"));
    let (one, two, three) = session.pipeline(batch).unwrap();
    let error = one.unwrap_err();
    assert!(matches!(closed(&error).reason(), CloseReason::Bye { .. }));
    assert!(!error.may_have_taken_effect(), "it only reads");
    assert_eq!(two.unwrap().messages(), Some(2));
    let error = three.unwrap_err();
    assert!(matches!(closed(&error).reason(), CloseReason::Bye { .. }));
    assert!(!error.may_have_taken_effect(), "it was not sent: {error}");
    assert_unusable(&session);
    drop(session);
    server.finish();
}

/// The answers of the three commands, cut behind each octet.
#[test]
fn h31_a_connection_cut_at_each_octet_of_the_answers_ends_the_rest() {
    let answers = [
        "* STATUS \"A\" (MESSAGES 1)\r\nA2 OK done\r\n",
        "A3 NO not now\r\n",
        "* STATUS \"C\" (MESSAGES 3)\r\nA4 OK done\r\n",
    ];
    let whole = answers.concat();
    let ends: Vec<_> = (1..=3).map(|n| answers[..n].concat().len()).collect();
    for cut in 0..whole.len() {
        let part = whole[..cut].replace("\r\n", "\\r\\n");
        let (server, session) = logged_in(&format!(
            "
            C: {{a}} STATUS \"A\" (MESSAGES)
            C: {{b}} STATUS \"B\" (MESSAGES)
            C: {{c}} STATUS \"C\" (MESSAGES)
            S-raw: {part}
            cut
            "
        ));
        let items = [StatusItem::Messages];
        let outcomes = session.status_many(["A", "B", "C"], items).unwrap();
        for (place, outcome) in outcomes.into_iter().enumerate() {
            let is_answered = cut >= ends[place];
            match outcome {
                Ok(status) => {
                    assert!(is_answered && place != 1, "cut at {cut}");
                    assert_eq!(status.messages(), Some(place as u32 + 1));
                }
                Err(error) if is_answered => {
                    assert!(!error.is_closed() && place == 1, "cut at {cut}: {error}");
                }
                Err(error) => {
                    assert!(error.is_closed(), "cut at {cut}: {error}");
                    assert!(!error.may_have_taken_effect(), "cut at {cut}: {error}");
                }
            }
        }
        assert_unusable(&session);
        drop(session);
        server.finish();
    }
}

#[test]
fn a_silent_server_is_left_at_the_deadline() {
    let server = script(&with_login(
        "IMAP4rev1",
        "C: {a} NOOP\nC: {b} NOOP\nS: {a} OK done\nstall\n",
    ));
    let session = log_in(plain(&server));
    session.set_read_timeout(SHORT).unwrap();
    let [one, two] = session.pipeline([Noop, Noop]).unwrap();
    one.unwrap();
    let error = two.unwrap_err();
    assert!(error.is_timeout() && !error.may_have_taken_effect());
    assert_unusable(&session);
    drop(session);
    server.finish();
}

/// Each command has its own time: a batch may take longer than one may.
#[test]
fn the_deadline_of_a_command_begins_with_the_answer_before_it() {
    let server = script(&with_login(
        "IMAP4rev1",
        "
        C: {a} NOOP
        C: {b} NOOP
        C: {c} NOOP
        S: {a} OK done
        S: * OK still here
        stall
        ",
    ));
    let session = log_in(plain(&server));
    session.set_command_timeout(SHORT).unwrap();
    let [one, two, three] = session.pipeline([Noop; 3]).unwrap();
    one.unwrap();
    for error in [two.unwrap_err(), three.unwrap_err()] {
        let reason = closed(&error).reason();
        assert!(matches!(reason, CloseReason::Timeout(Stage::Command, _)));
    }
    drop(session);
    server.finish();
}

/// What is sent ahead of the answers is bounded: a server that answers nothing gets so much and no
/// more, and one that does not read at all is left at the deadline.
#[test]
fn a_server_that_does_not_answer_is_not_sent_everything() {
    let lines: String = (0..128).map(|n| format!("C: {} NOOP\n", tag(n))).collect();
    let server = script(&with_login(
        "IMAP4rev1",
        &format!("{lines}silent\nS: * OK busy\nsilent\nstall\n"),
    ));
    let session = log_in(plain(&server));
    session.set_read_timeout(SHORT).unwrap();
    let outcomes = session.pipeline(vec![Noop; 1000]).unwrap();
    let errors: Vec<_> = outcomes.into_iter().map(Result::unwrap_err).collect();
    for (place, error) in errors.iter().enumerate() {
        assert!(error.is_timeout(), "{place}: {error}");
        assert!(!error.may_have_taken_effect(), "{place}");
    }
    drop(session);
    server.finish();
}

/// Long lines count, too: 32 KiB of them are sent ahead, whatever their number.
#[test]
fn long_commands_are_fewer() {
    let name = |n: usize| format!("{n:03}{}", "x".repeat(900));
    let names: Vec<_> = (0..64).map(name).collect();
    let line = |n: usize| format!("C: {} STATUS \"{}\" (MESSAGES)\n", tag(n), names[n]);
    let first: String = (0..35).map(line).collect();
    let server = script(&with_login(
        "IMAP4rev1",
        &format!("{first}silent\nS: * OK busy\nsilent\nstall\n"),
    ));
    let session = log_in(plain(&server));
    session.set_read_timeout(SHORT).unwrap();
    let outcomes = session
        .status_many(names.iter().map(String::as_str), [StatusItem::Messages])
        .unwrap();
    for outcome in outcomes {
        assert!(outcome.unwrap_err().is_timeout(), "35 of them were sent");
    }
    drop(session);
    server.finish();
}

/// The answers to what is under way are far more than the buffers between the two ends hold: neither
/// waits for the other.
#[test]
fn h30_answers_that_fill_all_buffers_are_read_while_more_is_sent() {
    const FILL: &str =
        "S-fill: 10000 * OK xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\\r\\n\n";
    let mut text = String::new();
    for window in 0..3 {
        let window = window * 128..(window + 1) * 128;
        for n in window.clone() {
            text.push_str(&format!("C: {} NOOP\n", tag(n)));
        }
        for n in window {
            text.push_str(if n % 16 == 0 { FILL } else { "" });
            text.push_str(&format!("S: {} OK done\n", tag(n)));
        }
    }
    let (server, session) = logged_in(&text);
    let outcomes = session.pipeline([Noop; 384]).unwrap();
    assert!(outcomes.iter().all(Result::is_ok));
    drop(session);
    server.finish();
}
