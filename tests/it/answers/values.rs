//! Values that a server tells of itself: as many, as long and as odd as it likes.

use std::fmt::Write as _;

use latchbox::Error;
use latchbox::error::Limit;

use crate::scripted::{assert_limit, assert_unusable, logged_in, logged_in_with};

#[test]
fn attack_102_odd_values_of_id_do_no_harm() {
    for (data, expected) in [
        (r#"("name" NIL)"#, Some(1)),
        (r#"("name" "a" "odd")"#, None),
        (r#"("name" ("a" "b") "b" "c")"#, None),
        (r"(name a)", Some(1)),
        ("NIL", Some(0)),
        ("()", Some(0)),
        ("12", None),
        (r#"("name""#, None),
    ] {
        let (server, session) = logged_in(&format!(
            "
            C: {{a}} ID NIL
            S: * ID {data}
            S: {{a}} OK done
            C: {{b}} NOOP
            S: {{b}} OK done
            "
        ));
        match (session.id(&[]), expected) {
            (Ok(fields), Some(expected)) => assert_eq!(fields.fields().len(), expected, "{data}"),
            (Ok(_), None) => {}
            (Err(Error::Unparsable(unreadable)), None) => {
                let row = format!("* ID {data}\r\n");
                assert_eq!(unreadable.octets(), row.as_bytes());
            }
            (Err(error), _) => panic!("{data}: {error:?}"),
        }
        session.noop().unwrap();
        drop(session);
        server.finish();
    }
}

#[test]
fn attack_102_more_fields_than_a_list_may_have_are_an_error() {
    let mut fields = String::new();
    for number in 0..40 {
        write!(fields, "\"k{number}\" \"v\" ").unwrap();
    }
    let (server, session) = logged_in_with(
        "IMAP4rev1 ID",
        &format!(
            "
            C: {{a}} ID NIL
            S: * ID ({fields})
            S: {{a}} OK done
            C: {{b}} NOOP
            S: {{b}} OK done
            "
        ),
        |builder| builder.list_limit(20),
    );
    let error = session.id(&[]).unwrap_err();
    let Error::Unparsable(unreadable) = &error else {
        panic!("{error:?}");
    };
    assert_eq!(unreadable.limit().unwrap().limit(), Limit::List);
    session.noop().unwrap();
    drop(session);
    server.finish();
}

#[test]
fn attack_102_a_value_without_end_meets_a_limit() {
    let (server, session) = logged_in_with(
        "IMAP4rev1 ID",
        "
        C: {a} ID NIL
        S-raw: * ID (\"name\" \"
        S-fill: 3000 0123456789
        C-close
        ",
        |builder| builder.line_limit(20_000),
    );
    assert_limit(&session.id(&[]).unwrap_err(), "line_limit");
    assert_unusable(&session);
    drop(session);
    server.finish();
}
