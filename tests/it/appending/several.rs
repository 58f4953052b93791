//! Several messages: all of them or none, and each by itself.

use std::cell::Cell;
use std::io;

use latchbox::Error;
use latchbox::error::Effect;
use latchbox::types::{Capability, Flag, NewMessage, Uid};

use super::reader_error;
use crate::scripted::{assert_protocol_broken, assert_unusable, closed, logged_in, logged_in_with};

const MULTI: &str = "IMAP4rev1 MULTIAPPEND UIDPLUS";
const MULTI_PLUS: &str = "IMAP4rev1 MULTIAPPEND UIDPLUS LITERAL+";

#[test]
fn all_are_one_command() {
    let (server, session) = logged_in_with(
        MULTI_PLUS,
        r#"
        C: {a} APPEND "Box" (\Seen) {4+}
        C: a: b {4+}
        C: c: d {4+}
        C: e: f
        S: {a} OK [APPENDUID 1 7:9] done
        "#,
        |builder| builder,
    );
    let messages = [
        NewMessage::from("a: b").flags([Flag::Seen]),
        NewMessage::from("c: d"),
        NewMessage::from_reader(&b"e: f"[..], 4),
    ];
    let appended = session.append_atomic("Box", messages).unwrap();
    assert_eq!(appended.uids().unwrap().to_string(), "7:9");
    assert_eq!(appended.uid(), Uid::new(7));
    drop(session);
    server.finish();
}

/// Each literal waits to be asked for, and the next message is taken when it is due.
#[test]
fn all_are_taken_as_they_are_needed() {
    let (server, session) = logged_in_with(
        MULTI,
        r#"
        C: {a} APPEND "Box" {4}
        S: + go on
        C: a: b {4}
        S: {a} NO [OVERQUOTA] full
        C: {b} NOOP
        S: {b} OK done
        "#,
        |builder| builder,
    );
    let taken = Cell::new(0);
    let messages = ["a: b", "c: d", "e: f", "g: h"]
        .into_iter()
        .inspect(|_| taken.set(taken.get() + 1));
    let error = session.append_atomic("Box", messages).unwrap_err();
    assert!(error.is_over_quota() && !error.may_have_taken_effect());
    assert!(taken.get() <= 3, "{}", taken.get());
    session.noop().unwrap();
    drop(session);
    server.finish();
}

#[test]
fn all_need_multiappend_and_none_is_nothing() {
    let (server, session) = logged_in("");
    let messages = std::iter::from_fn(|| -> Option<&[u8]> { panic!("it is taken") });
    let error = session.append_atomic("Box", messages).unwrap_err();
    assert!(
        matches!(&error, Error::Unsupported(missing) if *missing.capability() == Capability::MultiAppend)
    );
    drop(session);
    server.finish();
    let (server, session) = logged_in_with(MULTI, "", |builder| builder);
    let appended = session.append_atomic("Box", Vec::<Vec<u8>>::new()).unwrap();
    assert_eq!(appended.uids(), None);
    drop(session);
    server.finish();
}

/// What cannot be sent calls off what was, and the connection stays in step (RFC 3502).
#[test]
fn one_that_cannot_be_sent_calls_off_the_others() {
    for (capabilities, script) in [
        (
            MULTI_PLUS,
            "
            C: {a} APPEND \"Box\" {4+}
            C: a: b {0+}
            C:
            S: {a} NO nothing was stored
            ",
        ),
        (
            MULTI,
            "
            C: {a} APPEND \"Box\" {4}
            S: + go on
            C: a: b {0}
            S: {a} NO nothing was stored
            ",
        ),
        (
            MULTI,
            "
            C: {a} APPEND \"Box\" {4}
            S: + go on
            C: a: b {0}
            S: + well
            C:
            S: {a} NO nothing was stored
            ",
        ),
    ] {
        let text = format!("{script}\nC: {{b}} NOOP\nS: {{b}} OK done\n");
        let (server, session) = logged_in_with(capabilities, &text, |builder| builder);
        let messages = [NewMessage::from("a: b"), NewMessage::from("")];
        let error = session.append_atomic("Box", messages).unwrap_err();
        assert_eq!(error.to_string(), "message: it is empty");
        session.noop().unwrap();
        drop(session);
        server.finish();
    }
}

#[test]
fn a_server_that_stores_what_was_called_off_is_left() {
    let (server, session) = logged_in_with(
        MULTI_PLUS,
        "
        C: {a} APPEND \"Box\" {4+}
        C: a: b {0+}
        C:
        S: {a} OK stored
        ",
        |builder| builder,
    );
    let error = session.append_atomic("Box", ["a: b", ""]).unwrap_err();
    assert_protocol_broken(&error);
    assert!(error.may_have_taken_effect());
    drop(session);
    server.finish();
}

#[test]
fn a_reader_that_fails_in_the_middle_of_all_closes() {
    let (server, session) = logged_in_with(
        MULTI,
        "
        C: {a} APPEND \"Box\" {4}
        S: + go on
        C: a: b {4}
        S: + go on
        C-close
        ",
        |builder| builder,
    );
    let failing = io::Read::chain(&b"c:"[..], Failing);
    let messages = [
        NewMessage::from("a: b"),
        NewMessage::from_reader(failing, 4),
    ];
    reader_error(&session.append_atomic("Box", messages).unwrap_err());
    assert_unusable(&session);
    drop(session);
    server.finish();
}

struct Failing;

impl io::Read for Failing {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        Err(io::Error::other("the disk is gone"))
    }
}

#[test]
fn each_is_in_flight_beside_the_others() {
    let (server, session) = logged_in_with(
        "IMAP4rev1 LITERAL+ UIDPLUS",
        r#"
        C: {a} APPEND "Box" {4+}
        C: a: b
        C: {b} APPEND "Box" {4+}
        C: c: d
        C: {c} APPEND "Box" {4+}
        C: e: f
        S: {c} OK [APPENDUID 1 9] done
        S: {a} OK [APPENDUID 1 8] done
        S: {b} NO [LIMIT] not that one
        "#,
        |builder| builder,
    );
    let outcomes: Vec<_> = session
        .append_each("Box", ["a: b", "", "c: d", "e: f"])
        .unwrap()
        .collect();
    let uid = |place: usize| outcomes[place].as_ref().unwrap().uid().unwrap().value();
    assert_eq!(outcomes.len(), 4);
    assert_eq!((uid(0), uid(3)), (8, 9));
    assert!(matches!(&outcomes[1], Err(Error::Argument(_))));
    assert!(matches!(&outcomes[2], Err(Error::Refused(_))));
    drop(session);
    server.finish();
}

#[test]
fn each_waits_where_the_server_has_to_ask() {
    let (server, session) = logged_in_with(
        "IMAP4rev1",
        r#"
        C: {a} APPEND "Box" {4}
        silent
        S: {a} NO no
        C: {b} APPEND "Box" {4}
        S: +
        C: c: d
        silent
        S: {b} OK done
        C: {c} APPEND "Box" {4}
        S: +
        C: e: f
        S: {c} OK done
        "#,
        |builder| builder,
    );
    // The last is read, and goes by itself.
    let messages = [
        NewMessage::from("a: b"),
        NewMessage::from("c: d"),
        NewMessage::from_reader(&b"e: f"[..], 4),
    ];
    let stored = session
        .append_each("Box", messages)
        .unwrap()
        .map(|outcome| outcome.is_ok());
    assert_eq!(stored.collect::<Vec<_>>(), [false, true, true]);
    drop(session);
    server.finish();
}

/// Which were stored is known, which may be is told, and what was not sent has no outcome.
#[test]
fn each_is_told_when_the_connection_ends() {
    let (server, session) = logged_in_with(
        "IMAP4rev1 LITERAL+",
        r#"
        C: {a} APPEND "Box" {4+}
        C: a: b
        C: {b} APPEND "Box" {4+}
        C: c: d
        S: {a} OK done
        close
        "#,
        |builder| builder,
    );
    let late = io::Read::chain(&b""[..], Failing);
    let messages = [
        NewMessage::from("a: b"),
        NewMessage::from("c: d"),
        NewMessage::from_reader(late, 4),
    ];
    let mut outcomes = session.append_each("Box", messages).unwrap();
    outcomes.next().unwrap().unwrap();
    let lost = outcomes.next().unwrap().unwrap_err();
    assert_eq!(closed(&lost).effect(), Effect::Possible);
    assert!(outcomes.next().is_none());
    drop(outcomes);
    drop(session);
    server.finish();
}

/// Between outcomes nothing is under way: the session can be used, by the iterator too.
#[test]
fn each_leaves_the_session_to_others() {
    let (server, session) = logged_in_with(
        "IMAP4rev1 LITERAL+",
        r#"
        C: {n} NOOP
        S: {n} OK done
        C: {a} APPEND "Box" {4+}
        C: a: b
        S: {a} OK done
        C: {m} NOOP
        S: {m} OK done
        "#,
        |builder| builder,
    );
    let messages = ["a: b"].into_iter().inspect(|_| session.noop().unwrap());
    let mut outcomes = session.append_each("Box", messages).unwrap();
    outcomes.next().unwrap().unwrap();
    session.noop().unwrap();
    assert!(outcomes.next().is_none());
    drop(outcomes);
    drop(session);
    server.finish();
}
