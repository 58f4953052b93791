//! UIDs that are older than the connection.

use latchbox::error::MailboxError;
use latchbox::types::{Flag, SearchKey, StoreAction, StoredUids, UidSet};
use latchbox::{Error, Session};

use super::reconnecting;
use crate::sessions::{played, until_hung_up};

fn searched(session: &Session) -> UidSet {
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    inbox.search(SearchKey::All).unwrap()
}

#[track_caller]
fn assert_stale<T>(outcome: latchbox::Result<T>, now: u32) {
    let Err(Error::StaleUids(stale)) = outcome else {
        panic!("UIDs were used that mean something else now");
    };
    assert_eq!(stale.origin().mailbox(), stale.mailbox());
    assert_eq!(stale.origin().uid_validity().unwrap().value(), 7);
    assert_eq!(stale.uid_validity().unwrap().value(), now);
}

#[test]
fn uids_of_before_are_stale_when_uidvalidity_changed() {
    let server = played(
        r"
        hello
        select: INBOX 7
        C: {f} UID SEARCH ALL
        S: * SEARCH 4 5 6
        S: {f} OK done
        cut
        accept
        hello: pass2
        select: INBOX 8
        noop
        ",
    );
    let (session, _) = reconnecting(&server);
    let uids = searched(&session);
    let stored = uids.to_stored().unwrap().to_string();
    let port = server.port();
    let line = format!("imap://jane@127.0.0.1:{port}/INBOX;UIDVALIDITY=7/;UID=4:6");
    assert_eq!(stored, line);
    until_hung_up(server.port());
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    assert_stale(inbox.store(&uids, StoreAction::Add, [Flag::Deleted]), 8);
    assert_stale(inbox.delete(&uids), 8);
    assert_stale(inbox.search(SearchKey::Uid(uids.clone())), 8);
    let stored: StoredUids = stored.parse().unwrap();
    assert_stale(inbox.delete(stored.uids()), 8);
    inbox.refresh().unwrap();
    drop(inbox);
    server.finish();
}

#[test]
fn uids_of_before_are_good_while_uidvalidity_stays() {
    let server = played(
        r"
        hello
        select: INBOX 7
        C: {f} UID SEARCH ALL
        S: * SEARCH 4 5 6
        S: {f} OK done
        cut
        accept
        hello: pass2
        select: INBOX 7
        C: {a} UID STORE 4:6 +FLAGS (\Seen)
        S: {a} OK done
        ",
    );
    let (session, _) = reconnecting(&server);
    let uids = searched(&session);
    until_hung_up(server.port());
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    inbox.store(&uids, StoreAction::Add, [Flag::Seen]).unwrap();
    drop(inbox);
    server.finish();
}

#[test]
fn a_lock_that_expects_a_uidvalidity_fails_when_the_reconnection_finds_another() {
    let server = played(
        "
        hello
        select: INBOX 7
        cut
        accept
        hello: pass2
        select: INBOX 8
        noop
        ",
    );
    let (session, asked) = reconnecting(&server);
    let inbox = session.lock_mailbox("INBOX").unwrap();
    let expected = inbox.mailbox().unwrap().uid_validity().unwrap();
    drop(inbox);
    until_hung_up(server.port());
    let request = session.mailbox("INBOX").uid_validity(expected);
    for _ in 0..2 {
        match request.lock() {
            Err(Error::Mailbox(error)) => match *error {
                MailboxError::UidValidityChanged(name) => assert_eq!(name, "INBOX"),
                other => panic!("{other}"),
            },
            other => panic!("{other:?}"),
        }
    }
    assert!(session.lock_state().holders().is_empty());
    // It stays selected, so this costs no command.
    session.lock_mailbox("INBOX").unwrap().refresh().unwrap();
    assert_eq!(asked.times(), 2);
    server.finish();
}
