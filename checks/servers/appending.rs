//! What other servers than Dovecot make of it.

use latchbox::Session;
use latchbox::types::{Capability, FetchItem, Section, UidSet};

use crate::logged_in::log_in;
use crate::support::servers::{courier, cyrus};

#[track_caller]
fn assert_stored(session: &Session, messages: &[&str]) {
    let mut inbox = session.lock_mailbox_read_only("INBOX").unwrap();
    let items = [FetchItem::BodyPeek(Section::whole())];
    let stored = inbox.fetch(&UidSet::all(), items).unwrap().into_iter();
    let stored: Vec<_> = stored
        .map(|message| message.unwrap().take_body(&Section::whole()).unwrap())
        .map(|body| String::from_utf8(body).unwrap())
        .collect();
    assert_eq!(stored, messages);
}

const PLAIN: &str = "From: a@x\r\nSubject: plain\r\n\r\nBody.\r\n";
const UTF8: &str = "From: a@x\r\nSubject: Grüße\r\n\r\nBody.\r\n";

/// Without a list of flags before it Courier refuses the form.
#[test]
fn courier_takes_utf8_in_a_header_once_that_is_enabled() {
    let server = courier().unwrap();
    let session = log_in(&server);
    session.enable(&[Capability::Utf8Accept]).unwrap();
    session.append("INBOX", UTF8).unwrap();
    session.append("INBOX", PLAIN).unwrap();
    assert_stored(&session, &[UTF8, PLAIN]);
    session.logout().unwrap();
    server.running.stop();
}

#[test]
fn cyrus_stores_all_and_each_and_parts() {
    let server = cyrus().unwrap();
    let session = log_in(&server);
    let appended = session.append_atomic("INBOX", [PLAIN, PLAIN]).unwrap();
    assert_eq!(appended.uids().map(UidSet::len), Some(2));
    let each = session.append_each("INBOX", [PLAIN, PLAIN]).unwrap();
    assert!(
        each.map(Result::unwrap)
            .all(|appended| appended.uid().is_some())
    );
    // One that cannot be sent calls off the other.
    assert!(
        !session
            .append_atomic("INBOX", [PLAIN, ""])
            .unwrap_err()
            .is_closed()
    );
    assert_stored(&session, &[PLAIN; 4]);
    session.logout().unwrap();
    server.running.stop();
}
