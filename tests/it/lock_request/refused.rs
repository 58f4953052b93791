//! SELECT that is answered otherwise than hoped for: in each case nothing is selected, and nobody
//! believes otherwise.

use latchbox::error::MailboxError;
use latchbox::types::ResponseCode;
use latchbox::{Error, Session};

use super::heard;
use crate::sessions::{played, session};
use crate::support::script::Script;

const SELECT_BOX: &str = "C: {s} SELECT \"Box\"";

/// INBOX is selected; then Box is answered so; then INBOX has to be selected again.
fn after_inbox(answer: &str) -> (Script, Session) {
    let server = played(&format!(
        "
        hello
        select: INBOX
        {SELECT_BOX}
        {answer}
        select: INBOX
        noop
        "
    ));
    let session = session(server.port());
    drop(session.lock_mailbox("INBOX").unwrap());
    (server, session)
}

fn goes_on(server: Script, session: &Session) {
    assert!(session.lock_state().holders().is_empty());
    session.lock_mailbox("INBOX").unwrap().refresh().unwrap();
    server.finish();
}

#[test]
fn a_no() {
    let (server, session) = after_inbox("S: {s} NO [NONEXISTENT] no such mailbox");
    let error = session.lock_mailbox("Box").unwrap_err();
    assert!(
        matches!(error.response_code(), Some(ResponseCode::NonExistent)),
        "{error}"
    );
    let Error::Refused(refused) = error else {
        panic!("{error}");
    };
    assert!(!refused.is_bad());
    assert_eq!(refused.command(), "SELECT");
    assert_eq!(refused.text(), "no such mailbox");
    goes_on(server, &session);
}

#[test]
fn a_bad() {
    let (server, session) = after_inbox("S: {s} BAD what?");
    let Err(Error::Refused(refused)) = session.lock_mailbox("Box") else {
        panic!("it was refused");
    };
    assert!(refused.is_bad());
    goes_on(server, &session);
}

#[test]
fn a_no_after_all_the_data() {
    let answer = "S: * 9 EXISTS\nS: * OK [UIDVALIDITY 1] valid\nS: {s} NO on second thought";
    let (server, session) = after_inbox(answer);
    assert!(matches!(
        session.lock_mailbox("Box"),
        Err(Error::Refused(_))
    ));
    goes_on(server, &session);
}

#[test]
fn an_ok_that_does_not_say_what_was_selected() {
    let (server, session) = after_inbox("S: * OK [UIDVALIDITY 1] valid\nS: {s} OK done");
    let error = session.lock_mailbox("Box").unwrap_err();
    assert!(matches!(error, Error::MissingData("SELECT")), "{error}");
    assert!(!error.is_closed());
    goes_on(server, &session);
}

/// What came before `[CLOSED]` was of the mailbox before.
#[test]
fn an_exists_of_the_mailbox_before_is_none_of_this_one() {
    let answer = "S: * 4 EXISTS\nS: * OK [CLOSED] INBOX\nS: {s} OK done";
    let (server, session) = after_inbox(answer);
    let error = session.lock_mailbox("Box").unwrap_err();
    assert!(matches!(error, Error::MissingData("SELECT")), "{error}");
    goes_on(server, &session);
}

#[test]
fn a_goodbye_instead_ends_the_connection() {
    let server = played(&format!(
        "hello\n{SELECT_BOX}\nS: * BYE [UNAVAILABLE] later\nclose"
    ));
    let session = session(server.port());
    let error = session.lock_mailbox("Box").unwrap_err();
    assert!(error.is_closed(), "{error}");
    assert!(matches!(
        error.response_code(),
        Some(ResponseCode::Unavailable)
    ));
    assert!(session.lock_mailbox("INBOX").unwrap_err().is_closed());
    server.finish();
}

/// What was granted is what counts: reading only is then free, and writing is asked for anew.
#[test]
fn a_mailbox_granted_for_reading_only() {
    let granted = "S: * 5 EXISTS\nS: {s} OK [READ-ONLY] done";
    let server = played(&format!(
        "
        hello
        {SELECT_BOX}
        {granted}
        noop
        {SELECT_BOX}
        {granted}
        select: INBOX
        "
    ));
    let session = session(server.port());
    let refuse = || match session.lock_mailbox("Box") {
        Err(Error::Mailbox(error)) => match *error {
            MailboxError::ReadOnly(name) => assert_eq!(name, "Box"),
            other => panic!("{other}"),
        },
        other => panic!("{other:?}"),
    };
    refuse();
    let mut held = session.lock_mailbox_read_only("Box").unwrap();
    held.refresh().unwrap();
    assert_eq!(held.exists(), 5);
    assert!(held.mailbox().unwrap().is_read_only());
    drop(held);
    refuse();
    drop(session.lock_mailbox_read_only("Box").unwrap());
    drop(session.lock_mailbox("INBOX").unwrap());
    assert_eq!(heard(&server).len(), 5, "{:?}", heard(&server));
    server.finish();
}

/// EXAMINE is for reading only, whatever the server says of it.
#[test]
fn a_mailbox_examined_is_not_taken_for_one_that_can_be_written() {
    let server = played(
        r#"
        hello
        C: {s} EXAMINE "INBOX"
        S: * 3 EXISTS
        S: {s} OK [READ-WRITE] done
        select: INBOX
        C: {s} EXAMINE "INBOX"
        S: * 3 EXISTS
        S: {s} OK done
        "#,
    );
    let session = session(server.port());
    drop(session.lock_mailbox_read_only("INBOX").unwrap());
    drop(session.lock_mailbox("INBOX").unwrap());
    drop(session.lock_mailbox_read_only("INBOX").unwrap());
    drop(session.lock_mailbox_read_only("INBOX").unwrap());
    server.finish();
}
