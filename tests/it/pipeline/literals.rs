//! Literals that the server has to ask for: a batch waits there, and nowhere else.

use latchbox::Error;

use super::messages;
use crate::scripted::{assert_protocol_broken, assert_unusable, closed, logged_in, logged_in_with};

/// A name that is a literal, because it is too long to be quoted.
fn long() -> String {
    "x".repeat(2000)
}

#[test]
fn the_batch_waits_until_the_server_asks() {
    let name = long();
    let (server, session) = logged_in(&format!(
        r#"
        C: {{a}} STATUS "A" (MESSAGES)
        C: {{b}} STATUS {{2000}}
        silent
        S: * STATUS "A" (MESSAGES 1)
        S: {{a}} OK done
        silent
        S: + go on
        C: {name} (MESSAGES)
        C: {{c}} STATUS "C" (MESSAGES)
        S: * STATUS "C" (MESSAGES 3)
        S: {{c}} OK done
        S: * STATUS "{name}" (MESSAGES 2)
        S: {{b}} OK done
        "#
    ));
    let batch = [messages("A"), messages(&name), messages("C")];
    let answers = session.pipeline(batch).unwrap();
    let counts = answers.map(|answer| answer.unwrap().messages());
    assert_eq!(counts, [Some(1), Some(2), Some(3)]);
    server.finish();
}

#[test]
fn a_literal_that_goes_along_holds_nothing_up() {
    let name = long();
    let (server, session) = logged_in_with(
        "IMAP4rev1 LITERAL+",
        &format!(
            r#"
            C: {{a}} STATUS {{2000+}}
            C: {name} (MESSAGES)
            C: {{b}} STATUS "B" (MESSAGES)
            S: * STATUS "{name}" (MESSAGES 1)
            S: {{a}} OK done
            S: * STATUS "B" (MESSAGES 2)
            S: {{b}} OK done
            "#
        ),
        |builder| builder,
    );
    let answers = session.pipeline([messages(&name), messages("B")]).unwrap();
    let counts = answers.map(|answer| answer.unwrap().messages());
    assert_eq!(counts, [Some(1), Some(2)]);
    server.finish();
}

#[test]
fn a_literal_that_is_refused_is_not_sent_and_the_rest_is() {
    let (server, session) = logged_in(
        r#"
        C: {a} STATUS "A" (MESSAGES)
        C: {b} STATUS {2000}
        S: {b} NO too long
        S: * STATUS "A" (MESSAGES 1)
        C: {c} STATUS "C" (MESSAGES)
        S: {a} OK done
        S: * STATUS "C" (MESSAGES 3)
        S: {c} OK done
        "#,
    );
    let batch = (messages("A"), messages(&long()), messages("C"));
    let (one, two, three) = session.pipeline(batch).unwrap();
    assert_eq!(one.unwrap().messages(), Some(1));
    assert!(matches!(two, Err(Error::Refused(_))));
    assert_eq!(three.unwrap().messages(), Some(3));
    server.finish();
}

#[test]
fn a_command_whose_literal_was_not_sent_has_no_effect() {
    let (server, session) = logged_in(
        r#"
        C: {a} STATUS "A" (MESSAGES)
        C: {b} STATUS {2000}
        cut
        "#,
    );
    let batch = [messages("A"), messages(&long()), messages("C")];
    let errors = session.pipeline(batch).unwrap().map(Result::unwrap_err);
    assert!(
        errors
            .iter()
            .all(|error| closed(error).command() == "STATUS")
    );
    let effects = errors.map(|error| error.may_have_taken_effect());
    assert_eq!(effects, [false; 3], "they only read, or were not sent");
    assert_unusable(&session);
    drop(session);
    server.finish();
}

#[test]
fn ok_before_the_literal_closes() {
    let (server, session) = logged_in(
        r#"
        C: {a} STATUS {2000}
        S: {a} OK done
        C-close
        "#,
    );
    let [one, two] = session
        .pipeline([messages(&long()), messages("B")])
        .unwrap();
    for error in [one.unwrap_err(), two.unwrap_err()] {
        assert_protocol_broken(&error);
    }
    drop(session);
    server.finish();
}

#[test]
fn attack_074_requests_for_a_literal_that_nobody_has_are_forgiven_eight_times() {
    // The client hangs up at the ninth.
    let answers = "S: {a} OK done\nS: {b} OK done";
    for (requests, answers, is_forgiven) in [(8, answers, true), (9, "", false)] {
        let (server, session) = logged_in(&format!(
            "
            C: {{a}} NOOP
            C: {{b}} NOOP
            S-fill: {requests} + go on\\r\\n
            {answers}
            "
        ));
        let outcomes = session.pipeline([latchbox::command::Noop; 2]).unwrap();
        assert!(
            outcomes
                .iter()
                .all(|outcome| outcome.is_ok() == is_forgiven)
        );
        drop(session);
        if is_forgiven {
            server.finish();
        }
    }
}
