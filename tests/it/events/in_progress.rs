//! How far a long command is (INPROGRESS, RFC 9585).

use std::time::Duration;

use latchbox::SessionEvent;

use crate::scripted::{logged_in, logged_in_with};

/// Command, done and goal of each.
fn told(events: Vec<SessionEvent>) -> Vec<(&'static str, Option<u64>, Option<u64>)> {
    let told = events.into_iter().filter_map(|event| match event {
        SessionEvent::InProgress {
            command,
            done,
            goal,
            ..
        } => Some((command, done, goal)),
        _ => None,
    });
    told.collect()
}

#[test]
fn only_the_latest_of_a_command_is_kept() {
    let (server, session) = logged_in(
        r#"
        C: {n} NOOP
        S: * OK [INPROGRESS ("{n}" 1 10)] begun
        S: * OK [INPROGRESS ("{n}" 7 10)] still at it
        S: {n} OK done
        C: {m} NOOP
        S: * OK [INPROGRESS ("{m}" 3 NIL)] no end in sight
        S: {m} OK done
        "#,
    );
    session.noop().unwrap();
    session.noop().unwrap();
    let events = session.events();
    assert_eq!(events[0].to_string(), "NOOP is in progress: 7 of 10");
    assert_eq!(
        told(events),
        [("NOOP", Some(7), Some(10)), ("NOOP", Some(3), None)]
    );
    server.finish();
}

#[test]
fn what_names_no_command_is_of_the_one_in_flight() {
    let (server, session) = logged_in(
        r#"
        C: {n} NOOP
        S: * OK [INPROGRESS] patience
        S: {n} OK done
        C: {m} NOOP
        S: * OK [INPROGRESS (NIL 5 6)] patience
        S: {m} OK done
        "#,
    );
    session.noop().unwrap();
    assert_eq!(told(session.events()), [("NOOP", None, None)]);
    session.noop().unwrap();
    assert_eq!(told(session.events()), [("NOOP", Some(5), Some(6))]);
    server.finish();
}

#[test]
fn a_tag_that_is_not_in_flight_is_no_progress() {
    let (server, session) = logged_in(
        r#"
        C: {n} NOOP
        S: * OK [INPROGRESS ("nobody" 1 2)] of what?
        S: {n} OK done
        "#,
    );
    session.noop().unwrap();
    assert!(session.events().is_empty());
    server.finish();
}

#[test]
fn a_flood_is_one_event() {
    let (server, session) = logged_in(
        r#"
        C: {n} NOOP
        S-fill: 100000 * OK [INPROGRESS (NIL 1 2)] x\r\n
        S: {n} OK done
        "#,
    );
    session.noop().unwrap();
    assert_eq!(told(session.events()).len(), 1);
    server.finish();
}

#[test]
fn telling_how_far_it_is_does_not_give_a_command_more_time() {
    let (server, session) = logged_in_with(
        "IMAP4rev1",
        r#"
        C: {n} NOOP
        S: * OK [INPROGRESS (NIL 1 2)] x
        stall
        "#,
        |builder| builder,
    );
    session
        .set_command_timeout(Duration::from_millis(200))
        .unwrap();
    let error = session.noop().unwrap_err();
    assert!(error.is_timeout(), "{error}");
    assert_eq!(told(session.events()).len(), 1);
    drop((session, server));
}
