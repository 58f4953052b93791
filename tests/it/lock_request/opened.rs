//! What is open, as the queue and the guards know it: after everything that changes it, and after
//! locks that failed.

use std::sync::Mutex;
use std::thread;

use latchbox::command::IdleOptions;
use latchbox::error::MailboxError;
use latchbox::types::{Flag, MailboxEvent, SearchKey, StoreAction, UidSet};
use latchbox::{Error, Session};

use super::{heard, selected, server};
use crate::sessions::{
    account, builder, patient_session, played, session, until_hung_up, until_waiting,
};

/// The order in which those who wait for these mailboxes are served once `holder` lets go.
fn served(session: &Session, wanted: &[&'static str], holder: impl FnOnce()) -> Vec<String> {
    let order = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for (place, &name) in wanted.iter().enumerate() {
            let order = &order;
            scope.spawn(move || {
                let guard = session.lock_mailbox(name).unwrap();
                order.lock().unwrap().push(guard.name().to_string());
            });
            until_waiting(session, place + 1);
        }
        holder();
    });
    order.into_inner().unwrap()
}

/// Who wants what is open goes ahead; so it shows what the queue takes for open.
#[test]
fn the_queue_knows_what_is_open_after_a_switch() {
    let server = server();
    let session = patient_session(&server);
    let inbox = session.lock_mailbox("INBOX").unwrap();
    let archive = inbox.switch_to("Archive").unwrap();
    server.clear_timeline();
    let order = served(&session, &["INBOX", "Archive"], || drop(archive));
    assert_eq!(order, ["Archive", "INBOX"]);
    assert_eq!(selected(&server), ["SELECT \"INBOX\""]);
    // A switch that fails leaves nothing open.
    let inbox = session.lock_mailbox("INBOX").unwrap();
    let order = served(&session, &["Trash", "INBOX"], || {
        inbox.switch_to("No such mailbox").unwrap_err();
    });
    assert_eq!(order, ["Trash", "INBOX"]);
}

#[test]
fn the_queue_knows_that_nothing_is_open_after_unselect_and_close() {
    let server = server();
    let session = patient_session(&server);
    let inbox = session.lock_mailbox("INBOX").unwrap();
    let order = served(&session, &["Trash", "INBOX"], || inbox.unselect().unwrap());
    assert_eq!(order, ["Trash", "INBOX"]);
    let inbox = session.lock_mailbox("INBOX").unwrap();
    let order = served(&session, &["Trash", "INBOX"], || {
        inbox.close_and_expunge().unwrap();
    });
    assert_eq!(order, ["Trash", "INBOX"]);
    // Made by the turn of a command: its mailbox is left before it is deleted.
    let held = session.lock_mailbox("Box").unwrap();
    drop(held);
    session.delete("Box").unwrap();
    session.create("Box").unwrap();
    let turn = session.notifications(&IdleOptions::new()).unwrap();
    let order = served(&session, &["Trash", "Box"], || drop(turn));
    assert_eq!(order, ["Trash", "Box"]);
}

#[test]
fn the_queue_knows_that_nothing_is_open_after_a_reconnection() {
    let server = played(
        "
        hello
        select: INBOX
        cut
        accept
        hello: pass2
        select: Trash
        select: INBOX
        ",
    );
    let (account, _) = account(builder(server.port()));
    let backoff = latchbox::Backoff::new().initial_delay(std::time::Duration::ZERO);
    let session = account.reconnecting(backoff).open().unwrap();
    drop(session.lock_mailbox("INBOX").unwrap());
    until_hung_up(server.port());
    let turn = session.notifications(&IdleOptions::new()).unwrap();
    let order = served(&session, &["Trash", "INBOX"], || drop(turn));
    assert_eq!(order, ["Trash", "INBOX"]);
    server.finish();
}

/// What the server does to the mailbox under a guard, too.
#[test]
fn the_queue_knows_that_nothing_is_open_when_the_server_closed_it() {
    for told in ["S: * OK [CLOSED] gone", "S: * OK [UIDVALIDITY 8] made anew"] {
        let server = played(&format!(
            "
            hello
            select: INBOX
            C: {{n}} NOOP
            {told}
            S: {{n}} OK done
            select: Trash
            select: INBOX
            "
        ));
        let session = session(server.port());
        let mut inbox = session.lock_mailbox("INBOX").unwrap();
        inbox.refresh().unwrap();
        let order = served(&session, &["Trash", "INBOX"], || drop(inbox));
        assert_eq!(order, ["Trash", "INBOX"], "{told}");
        server.finish();
    }
}

#[test]
fn a_mailbox_that_becomes_writable_again_is_written_to() {
    let server = played(
        r"
        hello
        select: INBOX
        C: {n} NOOP
        S: * OK [READ-ONLY] somebody took the right away
        S: {n} OK done
        C: {m} NOOP
        S: * OK [READ-WRITE] and gave it back
        S: {m} OK done
        C: {s} UID STORE 1 +FLAGS (\Seen)
        S: {s} OK done
        noop
        ",
    );
    let session = session(server.port());
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let one: UidSet = "1".parse().unwrap();
    inbox.refresh().unwrap();
    assert!(inbox.mailbox().unwrap().is_read_only());
    let error = inbox.store(&one, StoreAction::Add, [Flag::Seen]);
    assert!(matches!(error, Err(Error::Mailbox(_))), "{error:?}");
    inbox.refresh().unwrap();
    assert!(!inbox.mailbox().unwrap().is_read_only());
    inbox.store(&one, StoreAction::Add, [Flag::Seen]).unwrap();
    drop(inbox);
    // It is open as it was asked for: no command.
    session.lock_mailbox("INBOX").unwrap().refresh().unwrap();
    server.finish();
}

#[test]
fn a_mailbox_that_was_examined_stays_read_only_whatever_is_told() {
    let server = played(
        r#"
        hello
        C: {s} EXAMINE "INBOX"
        S: * 3 EXISTS
        S: {s} OK [READ-ONLY] done
        C: {n} NOOP
        S: * OK [READ-WRITE] says who
        S: {n} OK done
        select: INBOX
        "#,
    );
    let session = session(server.port());
    let mut inbox = session.lock_mailbox_read_only("INBOX").unwrap();
    inbox.refresh().unwrap();
    assert!(inbox.mailbox().unwrap().is_read_only());
    drop(inbox);
    drop(session.lock_mailbox_read_only("INBOX").unwrap());
    drop(session.lock_mailbox("INBOX").unwrap());
    server.finish();
}

/// Nothing is held: the mailbox is selected without a guard, as after one that was dropped, and who
/// asks for what it is gets it without a command.
#[test]
fn fault_65_a_lock_that_is_refused_holds_nothing_and_the_mailbox_stays_selected() {
    let server = played(
        r#"
        hello
        C: {s} SELECT "Box"
        S: * 5 EXISTS
        S: * OK [UIDVALIDITY 7] valid
        S: {s} OK [READ-ONLY] done
        C: {n} NOOP
        S: {n} OK done
        select: INBOX 8
        C: {m} NOOP
        S: {m} OK done
        C: {s} SELECT "Gone"
        S: {s} NO gone
        select: INBOX 8
        "#,
    );
    let session = session(server.port());
    let read_only = |error: Error| match error {
        Error::Mailbox(error) => assert!(matches!(*error, MailboxError::ReadOnly(_)), "{error}"),
        other => panic!("{other}"),
    };
    read_only(session.lock_mailbox("Box").map(drop).unwrap_err());
    assert!(session.lock_state().holders().is_empty());
    session.noop().unwrap();
    let as_it_is = session.lock_mailbox_read_only("Box").unwrap();
    assert_eq!(as_it_is.exists(), 5);
    drop(as_it_is);
    let request = session.mailbox("INBOX").uid_validity(7.try_into().unwrap());
    for _ in 0..2 {
        let error = request.lock().map(drop);
        let Err(Error::Mailbox(error)) = error else {
            panic!("{error:?}");
        };
        assert!(
            matches!(*error, MailboxError::UidValidityChanged(_)),
            "{error}"
        );
        assert!(session.lock_state().holders().is_empty());
    }
    session.noop().unwrap();
    let as_it_is = session.lock_mailbox("INBOX").unwrap();
    assert_eq!(as_it_is.exists(), 3);
    drop(as_it_is);
    // What the server refuses is not selected, and neither is what was before.
    assert!(matches!(
        session.lock_mailbox("Gone"),
        Err(Error::Refused(_))
    ));
    drop(session.lock_mailbox("INBOX").unwrap());
    assert_eq!(heard(&server).len(), 7, "{:?}", heard(&server));
    server.finish();
}

#[test]
fn fault_66_events_of_one_mailbox_are_none_of_another() {
    let server = played(
        r"
        hello
        select: INBOX
        C: {n} NOOP
        S: * 4 EXISTS
        S: * 2 EXPUNGE
        S: * 1 FETCH (FLAGS (\Seen))
        S: * NO a warning about this mailbox
        S: {n} OK done
        select: Trash
        C: {m} NOOP
        S: * 5 EXISTS
        S: {m} OK done
        select: INBOX
        C: {u} UID SEARCH ALL
        S: * SEARCH 1
        S: * 6 EXISTS
        S: {u} OK done
        select: Trash
        ",
    );
    let session = session(server.port());
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    inbox.refresh().unwrap();
    drop(inbox);
    let mut trash = session.lock_mailbox("Trash").unwrap();
    assert_eq!(trash.events(), []);
    trash.refresh().unwrap();
    assert_eq!(trash.events(), [MailboxEvent::Exists(5)]);
    drop(trash);
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    assert_eq!(inbox.events(), []);
    inbox.search(SearchKey::All).unwrap();
    // Nor when one guard goes on with the other.
    let mut trash = inbox.switch_to("Trash").unwrap();
    assert_eq!(trash.events(), []);
    drop(trash);
    server.finish();
}

/// Those of a mailbox that nobody took are there for its next guard, as long as it stays selected.
#[test]
fn fault_66_events_of_a_mailbox_wait_for_its_next_guard() {
    let server = server();
    let session = patient_session(&server);
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    server
        .deliver(
            latchbox_testkit::USER,
            "INBOX",
            latchbox_testkit::message("new", "a@b", "x"),
        )
        .unwrap();
    inbox.refresh().unwrap();
    drop(inbox);
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    assert!(inbox.events().contains(&MailboxEvent::Exists(4)));
}
