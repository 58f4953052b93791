//! How large a message a mailbox takes (APPENDLIMIT, RFC 7889).

use latchbox::command::Append;
use latchbox::error::InvalidArgument;
use latchbox::types::{StatusItem, UidSet};
use latchbox::{Error, Result};

use crate::scripted::{logged_in_with, selecting_with};

const EIGHT: &str = "a: b\r\n\r\n";

#[track_caller]
fn assert_too_large<T: std::fmt::Debug>(result: Result<T>, expected: u64) {
    match result {
        Err(Error::Argument(argument)) => match *argument {
            InvalidArgument::TooBig { limit, .. } => assert_eq!(limit, expected),
            other => panic!("{other:?}"),
        },
        other => panic!("{other:?}"),
    }
}

/// All ways to store a message in it, and in no other mailbox.
#[test]
fn fault_72_what_status_told_of_a_mailbox_holds_for_it() {
    let (server, session) = selecting_with(
        "IMAP4rev1 APPENDLIMIT MULTIAPPEND UIDPLUS LITERAL+ REPLACE",
        r#"
        C: {a} STATUS "Box" (MESSAGES APPENDLIMIT)
        S: * STATUS Box (MESSAGES 0 APPENDLIMIT 7)
        S: {a} OK done
        C: {b} APPEND "Other" {8+}
        C: a: b
        C:
        C:
        S: {b} OK done
        "#,
        |builder| builder,
    );
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let items = [StatusItem::Messages, StatusItem::AppendLimit];
    let status = session.status("Box", items).unwrap();
    assert_eq!(status.append_limit(), Some(7));
    assert_eq!(session.append_limit("Box").unwrap(), Some(7));
    let error = session.append("Box", EIGHT).unwrap_err();
    assert!(error.is_too_big());
    assert_too_large(session.append_atomic("Box", [EIGHT]), 7);
    for outcome in session.append_each("Box", [EIGHT]).unwrap() {
        assert_too_large(outcome, 7);
    }
    let batch = (Append::new("Box", EIGHT).unwrap(),);
    assert_too_large(session.pipeline(batch).unwrap().0, 7);
    let batch = (Append::new("Box", EIGHT).unwrap(),);
    assert_too_large(inbox.pipeline(batch).unwrap().0, 7);
    let one: UidSet = "1".parse().unwrap();
    assert_too_large(inbox.replace(&one, "Box", EIGHT), 7);
    session.append("Other", EIGHT).unwrap();
    drop(inbox);
    drop(session);
    server.finish();
}

#[test]
fn fault_72_it_is_asked_for_on_request_and_once() {
    let (server, session) = logged_in_with(
        "IMAP4rev1 APPENDLIMIT",
        r#"
        C: {a} STATUS "Box" (APPENDLIMIT)
        S: * STATUS "Box" (APPENDLIMIT 7)
        S: {a} OK done
        C: {b} STATUS "Free" (APPENDLIMIT)
        S: * STATUS "Free" (APPENDLIMIT NIL)
        S: {b} OK done
        # go-imap, which has no limit.
        C: {c} STATUS "Zero" (APPENDLIMIT)
        S: * STATUS "Zero" (APPENDLIMIT 0)
        S: {c} OK done
        "#,
        |builder| builder,
    );
    for _ in 0..2 {
        assert_eq!(session.append_limit("Box").unwrap(), Some(7));
    }
    assert_too_large(session.append("Box", EIGHT), 7);
    assert_eq!(session.append_limit("Free").unwrap(), None);
    assert_eq!(session.append_limit("Zero").unwrap(), None);
    drop(session);
    server.finish();
}

#[test]
fn fault_72_a_number_in_capability_is_known_for_nothing() {
    for (capability, limit) in [("APPENDLIMIT=7", Some(7)), ("IDLE", None)] {
        let capabilities = format!("IMAP4rev1 {capability}");
        let (server, session) = logged_in_with(&capabilities, "silent", |builder| builder);
        assert_eq!(session.append_limit("Box").unwrap(), limit, "{capability}");
        if let Some(limit) = limit {
            assert_too_large(session.append("Box", EIGHT), limit);
        }
        drop(session);
        server.finish();
    }
}

/// A number that cannot be read is no limit, and the mailbox can be asked.
#[test]
fn fault_72_a_sign_is_no_part_of_a_number() {
    for capability in [
        "APPENDLIMIT=+7",
        "APPENDLIMIT=-1",
        "APPENDLIMIT=9e6",
        "APPENDLIMIT=",
    ] {
        let capabilities = format!("IMAP4rev1 LITERAL+ {capability}");
        let (server, session) = logged_in_with(
            &capabilities,
            r#"
            C: {a} APPEND "Box" {8+}
            C: a: b
            C:
            C:
            S: {a} OK done
            C: {b} STATUS "Box" (APPENDLIMIT)
            S: * STATUS "Box" (APPENDLIMIT 7)
            S: {b} OK done
            "#,
            |builder| builder,
        );
        session.append("Box", EIGHT).unwrap();
        assert_eq!(
            session.append_limit("Box").unwrap(),
            Some(7),
            "{capability}"
        );
        drop(session);
        server.finish();
    }
}
