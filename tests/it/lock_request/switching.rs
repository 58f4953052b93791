//! Going from one mailbox to the next without letting go.

use std::thread;

use latchbox::Error;
use latchbox::types::SearchKey;

use super::{heard, selected, server};
use crate::sessions::{patient_session, played, session, until_waiting};

#[test]
fn nobody_comes_between_two_mailboxes() {
    let server = server();
    let session = patient_session(&server);
    let inbox = session.lock_mailbox("INBOX").unwrap();
    thread::scope(|scope| {
        let waiting = ["Trash", "INBOX", "Box"].map(|name| {
            let session = &session;
            scope.spawn(move || {
                let mut guard = session.lock_mailbox(name).unwrap();
                assert_eq!(guard.name(), name);
                guard.refresh().unwrap();
            })
        });
        until_waiting(&session, 3);
        let archive = inbox.switch_to("Archive").unwrap();
        let mut inbox = archive.switch_to("INBOX").unwrap();
        assert_eq!(inbox.search(SearchKey::All).unwrap().len(), Some(3));
        let inbox = inbox.switch_to("INBOX").unwrap();
        assert_eq!(session.lock_state().waiting(), 3);
        let names = ["SELECT \"INBOX\"", "SELECT \"Archive\"", "SELECT \"INBOX\""];
        assert_eq!(selected(&server), names);
        drop(inbox);
        for waiter in waiting {
            waiter.join().unwrap();
        }
    });
}

#[test]
fn a_guard_for_reading_goes_on_reading() {
    let server = server();
    let session = patient_session(&server);
    let inbox = session.lock_mailbox_read_only("INBOX").unwrap();
    drop(inbox.switch_to("Trash").unwrap());
    let request = session.mailbox("Trash").read_only();
    let owned = request.lock_owned().unwrap();
    drop(
        thread::spawn(move || owned.switch_to("Box").unwrap())
            .join()
            .unwrap(),
    );
    let wanted = ["EXAMINE \"INBOX\"", "EXAMINE \"Trash\"", "EXAMINE \"Box\""];
    assert_eq!(selected(&server), wanted);
}

#[test]
fn a_switch_that_fails_selects_nothing_and_lets_go() {
    let server = played(
        r#"
        hello
        select: INBOX
        C: {s} SELECT "Gone"
        S: {s} NO [NONEXISTENT] gone
        select: INBOX
        noop
        "#,
    );
    let session = session(server.port());
    let inbox = session.lock_mailbox("INBOX").unwrap();
    let error = inbox.switch_to("Gone").unwrap_err();
    assert!(matches!(error, Error::Refused(_)), "{error}");
    assert!(session.lock_state().holders().is_empty());
    session.lock_mailbox("INBOX").unwrap().refresh().unwrap();
    server.finish();
}

#[test]
fn a_switch_to_what_is_no_name_costs_no_command() {
    let server = played("hello\nselect: INBOX\nnoop");
    let session = session(server.port());
    let inbox = session.lock_mailbox("INBOX").unwrap();
    let error = inbox.switch_to("a\r\nb").unwrap_err();
    assert!(matches!(error, Error::Argument(_)), "{error}");
    session.lock_mailbox("INBOX").unwrap().refresh().unwrap();
    assert_eq!(heard(&server).len(), 3);
    server.finish();
}

/// UIDs of the mailbox before are none of the next one.
#[test]
fn uids_do_not_go_along() {
    let server = server();
    let session = patient_session(&server);
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let all = inbox.search(SearchKey::All).unwrap();
    let mut trash = inbox.switch_to("Trash").unwrap();
    assert!(matches!(trash.delete(&all), Err(Error::StaleUids(_))));
    let mut inbox = trash.switch_to("INBOX").unwrap();
    inbox.delete(&all).unwrap();
    assert_eq!(inbox.exists(), 0);
}
