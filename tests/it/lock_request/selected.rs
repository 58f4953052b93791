//! What becomes of a mailbox while it is held: closed, made anew, made read-only, renamed.

use latchbox::error::MailboxError;
use latchbox::types::{FetchItem, Flag, SearchKey, StoreAction, UidSet};
use latchbox::{Error, MailboxGuard, Session};

use super::server;
use crate::sessions::{patient_session, played, session};
use crate::support::script::Script;

/// INBOX is held; a NOOP is answered with these lines; then INBOX has to be selected again.
fn held_and_told(lines: &str) -> (Script, Session) {
    let server = played(&format!(
        "
        hello
        select: INBOX
        C: {{n}} NOOP
        {lines}
        S: {{n}} OK done
        select: INBOX 8
        noop
        "
    ));
    let session = session(server.port());
    (server, session)
}

/// No command of the guard is sent any more; the error of each is of this kind.
fn assert_lost(held: &mut MailboxGuard<'_>, is_it: impl Fn(&MailboxError) -> bool) {
    let all = UidSet::all();
    let outcomes = [
        held.refresh(),
        held.search(SearchKey::All).map(drop),
        held.store(&all, StoreAction::Add, [Flag::Deleted])
            .map(drop),
        held.delete(&all).map(drop),
        held.mailbox().map(drop),
        held.fetch(&all, [FetchItem::Flags]).map(drop),
    ];
    for outcome in outcomes {
        match outcome {
            Err(Error::Mailbox(error)) => assert!(is_it(&error), "{error}"),
            other => panic!("{other:?}"),
        }
    }
    assert!(held.events().is_empty());
}

#[test]
fn a_mailbox_that_the_server_closes_is_no_longer_selected() {
    let (server, session) = held_and_told("S: * OK [CLOSED] somebody deleted it");
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    inbox.refresh().unwrap();
    let is_it = |error: &MailboxError| matches!(error, MailboxError::NotSelected(_));
    assert_lost(&mut inbox, is_it);
    drop(inbox);
    session.lock_mailbox("INBOX").unwrap().refresh().unwrap();
    server.finish();
}

#[test]
fn a_uidvalidity_that_changes_ends_the_guard_and_makes_its_uids_stale() {
    let server = played(
        r"
        hello
        select: INBOX 7
        C: {f} UID SEARCH ALL
        S: * SEARCH 1 2 3
        S: {f} OK done
        C: {n} NOOP
        S: * OK [UIDVALIDITY 8] made anew
        S: {n} OK done
        select: INBOX 8
        noop
        ",
    );
    let session = session(server.port());
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let old = inbox.search(SearchKey::All).unwrap();
    let uid_validity = inbox.mailbox().unwrap().uid_validity().unwrap();
    let request = session.mailbox("INBOX").uid_validity(uid_validity);
    inbox.refresh().unwrap();
    let is_it = |error: &MailboxError| matches!(error, MailboxError::UidValidityChanged(_));
    assert_lost(&mut inbox, is_it);
    drop(inbox);
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    assert!(matches!(inbox.delete(&old), Err(Error::StaleUids(_))));
    drop(inbox);
    let error = request.lock().unwrap_err();
    assert!(matches!(error, Error::Mailbox(_)), "{error}");
    session.lock_mailbox("INBOX").unwrap().refresh().unwrap();
    server.finish();
}

#[test]
fn a_uidvalidity_that_is_told_again_changes_nothing() {
    let server = played(
        "
        hello
        select: INBOX 7
        C: {n} NOOP
        S: * OK [UIDVALIDITY 7] still
        S: {n} OK done
        noop
        ",
    );
    let session = session(server.port());
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    inbox.refresh().unwrap();
    inbox.refresh().unwrap();
    drop(inbox);
    drop(session.lock_mailbox("INBOX").unwrap());
    server.finish();
}

#[test]
fn a_mailbox_that_becomes_read_only_is_not_written_to() {
    let server = played(
        r"
        hello
        select: INBOX
        C: {n} NOOP
        S: * OK [READ-ONLY] somebody took the right away
        S: {n} OK done
        C: {f} UID SEARCH ALL
        S: * SEARCH 1
        S: {f} OK done
        noop
        select: INBOX
        ",
    );
    let session = session(server.port());
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    inbox.refresh().unwrap();
    let found = inbox.search(SearchKey::All).unwrap();
    for outcome in [
        inbox
            .store(&found, StoreAction::Add, [Flag::Seen])
            .map(drop),
        inbox.delete(&found).map(drop),
    ] {
        match outcome {
            Err(Error::Mailbox(error)) => assert!(matches!(*error, MailboxError::ReadOnly(_))),
            other => panic!("{other:?}"),
        }
    }
    drop(inbox);
    session
        .lock_mailbox_read_only("INBOX")
        .unwrap()
        .refresh()
        .unwrap();
    drop(session.lock_mailbox("INBOX").unwrap());
    server.finish();
}

/// The selection is lost in the middle of an answer: the stream says so once, and what is still
/// coming disturbs nobody.
#[test]
fn a_mailbox_that_is_closed_under_a_stream_ends_the_stream() {
    let server = played(
        "
        hello
        select: INBOX
        C-start: {f} UID FETCH 1:*
        S: * 1 FETCH (UID 1 FLAGS ())
        S: * OK [CLOSED] somebody deleted it
        S: * 2 FETCH (UID 2 FLAGS ())
        S: {f} OK done
        noop
        select: INBOX 8
        noop
        ",
    );
    let session = session(server.port());
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let messages = inbox.fetch(&UidSet::all(), [FetchItem::Flags]).unwrap();
    let outcomes: Vec<_> = messages.into_iter().collect();
    assert_eq!(
        outcomes.iter().filter(|outcome| outcome.is_err()).count(),
        1
    );
    assert!(matches!(outcomes.last(), Some(Err(Error::Mailbox(_)))));
    session.noop().unwrap();
    drop(inbox);
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    inbox.refresh().unwrap();
    assert_eq!(inbox.exists(), 3);
    drop(inbox);
    server.finish();
}

/// A name that another session gave away is asked for again, not remembered.
#[test]
fn a_mailbox_that_another_session_renamed_is_not_found_under_its_old_name() {
    let server = server();
    let (session, other) = (patient_session(&server), patient_session(&server));
    drop(session.lock_mailbox("Box").unwrap());
    drop(session.lock_mailbox("INBOX").unwrap());
    other.rename("Box", "Crate").unwrap();
    let error = session.lock_mailbox("Box").unwrap_err();
    assert!(matches!(error, Error::Refused(_)), "{error}");
    drop(session.lock_mailbox("Crate").unwrap());
    other.delete("Crate").unwrap();
    drop(session.lock_mailbox("INBOX").unwrap());
    let error = session.lock_mailbox("Crate").unwrap_err();
    assert!(matches!(error, Error::Refused(_)), "{error}");
}
