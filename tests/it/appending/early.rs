//! A tagged OK that is sent before the command that it seems to answer is there, or is there whole.

use std::io::{self, Read};

use latchbox::types::NewMessage;
use latchbox::{Error, Session};

use crate::scripted::{assert_protocol_broken, assert_unusable, logged_in_with};

const PLUS: &str = "IMAP4rev1 LITERAL+ UIDPLUS MULTIAPPEND";
const MESSAGE: &str = "Subject: 1\r\n\r\n";

/// Nothing was stored that the early OK could be believed of.
#[track_caller]
fn assert_not_believed(session: &Session, error: &Error) {
    assert_protocol_broken(error);
    assert_unusable(session);
}

/// It has arrived with the answer to the command before, and the tag is the next one.
#[test]
fn fault_66_an_ok_that_was_there_before_is_not_appends() {
    let ways: [fn(&Session) -> latchbox::Result<()>; 4] = [
        |session| session.append("INBOX", MESSAGE).map(drop),
        |session| session.append_atomic("INBOX", [MESSAGE]).map(drop),
        |session| {
            let (reader, len) = (MESSAGE.as_bytes(), MESSAGE.len() as u64);
            session
                .append("INBOX", NewMessage::from_reader(reader, len))
                .map(drop)
        },
        |session| {
            let mut outcomes = session.append_each("INBOX", [MESSAGE])?;
            outcomes.next().unwrap().map(drop)
        },
    ];
    for capabilities in [PLUS, "IMAP4rev1 UIDPLUS MULTIAPPEND"] {
        for append in ways {
            let (server, session) = logged_in_with(
                capabilities,
                r"
                C: {n} NOOP
                S-raw: A2 OK done\r\nA3 OK [APPENDUID 7 5] early\r\n
                C-close
                ",
                |builder| builder,
            );
            session.noop().unwrap();
            assert_not_believed(&session, &append(&session).unwrap_err());
            drop(session);
            server.finish();
        }
    }
}

/// The server takes the announcement for the whole.
#[test]
fn fault_66_an_ok_in_place_of_the_continuation_is_not_appends() {
    let ways: [fn(&Session) -> latchbox::Result<()>; 2] = [
        |session| session.append("INBOX", MESSAGE).map(drop),
        |session| {
            let mut outcomes = session.append_each("INBOX", [MESSAGE])?;
            outcomes.next().unwrap().map(drop)
        },
    ];
    for append in ways {
        let (server, session) = logged_in_with(
            "IMAP4rev1 UIDPLUS",
            r#"
            C: {a} APPEND "INBOX" {14}
            S: {a} OK [APPENDUID 7 5] early
            C-close
            "#,
            |builder| builder,
        );
        assert_not_believed(&session, &append(&session).unwrap_err());
        drop(session);
        server.finish();
    }
}

/// Lets the script go on in the middle of the message.
struct InTheMiddle<F> {
    left: usize,
    then: Option<F>,
}

impl<F: FnOnce()> Read for InTheMiddle<F> {
    fn read(&mut self, place: &mut [u8]) -> io::Result<usize> {
        let octets = place.len().min(self.left);
        place[..octets].fill(b'x');
        self.left -= octets;
        if self.left < 100_000 {
            if let Some(then) = self.then.take() {
                then();
            }
        }
        Ok(octets)
    }
}

/// The message is on its way, and its end has not been sent.
#[test]
fn fault_66_an_ok_in_the_middle_of_a_message_is_not_appends() {
    let (server, session) = logged_in_with(
        PLUS,
        r#"
        C: {a} APPEND "INBOX" {200000+}
        C-literal: 65536
        S: {a} OK [APPENDUID 7 5] early
        signal: early
        stall
        "#,
        |builder| builder,
    );
    let reader = InTheMiddle {
        left: 200_000,
        then: Some(|| server.reached("early")),
    };
    let error = session.append("INBOX", NewMessage::from_reader(reader, 200_000));
    let error = error.unwrap_err();
    assert_not_believed(&session, &error);
}

/// A refusal may come before the end; the rest is sent all the same, since the server reads it.
#[test]
fn fault_66_a_refusal_in_the_middle_of_a_message_is_appends() {
    let (server, session) = logged_in_with(
        PLUS,
        r#"
        C: {a} APPEND "INBOX" {200000+}
        C-literal: 65536
        S: {a} NO [OVERQUOTA] full
        signal: early
        C-literal: 134464
        C-raw: \r\n
        C: {n} NOOP
        S: {n} OK done
        "#,
        |builder| builder,
    );
    let reader = InTheMiddle {
        left: 200_000,
        then: Some(|| server.reached("early")),
    };
    let error = session.append("INBOX", NewMessage::from_reader(reader, 200_000));
    assert!(error.unwrap_err().is_over_quota());
    session.noop().unwrap();
    drop(session);
    server.finish();
}
