//! Which mailbox a command acts on, and which messages of it.

use latchbox::Error;
use latchbox::error::MailboxError;
use latchbox::types::{FetchItem, Flag, MailboxEvent, SearchKey, StoreAction, UidSet};

use crate::scripted::{logged_in, selecting, selecting_with};
use crate::sessions::{played, session};

#[test]
fn hazard_h12_expunge_of_some_and_expunge_of_all_are_two() {
    let (server, session) = selecting(
        r"
        C: {a} UID EXPUNGE 2
        S: * 2 EXPUNGE
        S: {a} OK done
        C: {b} EXPUNGE
        S: * 1 EXPUNGE
        S: * 1 EXPUNGE
        S: {b} OK done
        ",
    );
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let two: UidSet = "2".parse().unwrap();
    assert_eq!(inbox.expunge_uids(&two).unwrap().count(), 1);
    assert_eq!(inbox.expunge_all_deleted().unwrap().count(), 2);
    drop(inbox);
    drop(session);
    server.finish();
}

#[test]
fn hazard_h12_without_uidplus_some_are_not_expunged_at_all() {
    let (server, session) = selecting_with("IMAP4rev1", "", |builder| builder);
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let two: UidSet = "2".parse().unwrap();
    for refused in [inbox.expunge_uids(&two), inbox.delete(&two)] {
        assert!(matches!(refused, Err(Error::Unsupported(_))), "{refused:?}");
    }
    drop(inbox);
    drop(session);
    server.finish();
}

#[test]
fn hazard_h12_a_deletion_is_of_what_it_names() {
    let (server, session) = selecting(
        r"
        C: {a} UID STORE 1:2 +FLAGS.SILENT (\Deleted)
        S: {a} OK done
        C: {b} UID EXPUNGE 1:2
        S: * 1 EXPUNGE
        S: {b} OK done
        C: {c} UID STORE 1:2 +FLAGS.SILENT (\Deleted)
        S: {c} NO not allowed
        ",
    );
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let two: UidSet = "1:2".parse().unwrap();
    assert_eq!(inbox.delete(&two).unwrap().count(), 1);
    // What cannot be flagged is not expunged.
    let error = inbox.delete(&two).unwrap_err();
    assert!(matches!(error, Error::Refused(_)), "{error:?}");
    drop(inbox);
    drop(session);
    server.finish();
}

#[test]
fn hazard_h23_uids_of_another_mailbox_are_refused() {
    let (server, session) = selecting(
        "
        C: {a} UID SEARCH ALL
        S: * SEARCH 1 2 3
        S: {a} OK done
        C: {b} SELECT \"Trash\"
        S: * 3 EXISTS
        S: * OK [UIDVALIDITY 7] since
        S: {b} OK done
        ",
    );
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let in_inbox = inbox.search(SearchKey::All).unwrap();
    drop(inbox);
    let mut trash = session.lock_mailbox("Trash").unwrap();
    for error in [
        trash.delete(&in_inbox).unwrap_err(),
        trash
            .store(&in_inbox, StoreAction::Add, [Flag::Seen])
            .unwrap_err(),
        trash
            .fetch(&in_inbox, [FetchItem::Flags])
            .map(drop)
            .unwrap_err(),
        trash.copy(&in_inbox, "Box").unwrap_err(),
        trash.move_to(&in_inbox, "Box").unwrap_err(),
        trash.expunge_uids(&in_inbox).unwrap_err(),
        trash.search(!SearchKey::Uid(in_inbox.clone())).unwrap_err(),
    ] {
        assert!(matches!(error, Error::StaleUids(_)), "{error:?}");
        let shown = error.to_string();
        assert!(
            shown.contains("INBOX") && shown.contains("Trash"),
            "{shown}"
        );
    }
    drop(trash);
    drop(session);
    server.finish();
}

#[test]
fn hazard_h23_uids_from_before_a_reconnection_are_refused_when_all_is_new() {
    let server = played(
        "
        hello
        select: INBOX
        C: {a} UID SEARCH ALL
        S: * SEARCH 1 2 3
        S: {a} OK done
        accept
        hello
        select: INBOX 8
        accept
        hello
        select: INBOX
        C: {a} UID FETCH 1:3 (FLAGS)
        S: {a} OK done
        ",
    );
    let first = session(server.port());
    let mut inbox = first.lock_mailbox("INBOX").unwrap();
    let old = inbox.search(SearchKey::All).unwrap();
    drop(inbox);
    drop(first);
    let another = session(server.port());
    let mut inbox = another.lock_mailbox("INBOX").unwrap();
    let error = inbox.delete(&old).unwrap_err();
    assert!(matches!(error, Error::StaleUids(_)), "{error:?}");
    drop(inbox);
    drop(another);
    // The same UIDVALIDITY: the same messages.
    let same = session(server.port());
    let mut inbox = same.lock_mailbox("INBOX").unwrap();
    let messages = inbox.fetch(&old, [FetchItem::Flags]).unwrap();
    assert_eq!(messages.into_iter().count(), 0);
    drop(inbox);
    drop(same);
    server.finish();
}

#[test]
fn hazard_h26_a_failed_select_means_that_none_is_selected() {
    let (server, session) = selecting(
        "
        C: {a} SELECT \"Gone\"
        S: {a} NO no such mailbox
        C: {b} SELECT \"INBOX\"
        S: * 3 EXISTS
        S: {b} OK done
        ",
    );
    drop(session.lock_mailbox("INBOX").unwrap());
    session.lock_mailbox("Gone").unwrap_err();
    // INBOX is not believed to be selected still.
    drop(session.lock_mailbox("INBOX").unwrap());
    drop(session);
    server.finish();
}

#[test]
fn hazard_h27_data_of_the_mailbox_before_is_not_booked_on_the_next() {
    let (server, session) = selecting(
        r#"
        C: {a} SELECT "Box"
        S: * 2 EXPUNGE
        S: * 1 FETCH (FLAGS (\Flagged))
        S: * OK [UIDNEXT 666] of INBOX
        S: * OK [CLOSED] INBOX is closed
        S: * 7 EXISTS
        S: * OK [UIDVALIDITY 70] since
        S: {a} OK done
        "#,
    );
    drop(session.lock_mailbox("INBOX").unwrap());
    let mut held = session.lock_mailbox("Box").unwrap();
    let mailbox = held.mailbox().unwrap();
    assert_eq!(
        (mailbox.exists(), mailbox.uid_validity().unwrap().value()),
        (7, 70)
    );
    assert_eq!(mailbox.uid_next(), None);
    let events = held.events();
    assert!(
        !events
            .iter()
            .any(|e| matches!(e, MailboxEvent::Expunged(_) | MailboxEvent::Flags { .. })),
        "{events:?}"
    );
    drop(held);
    drop(session);
    server.finish();
}

/// The mode that was granted is what counts, and each lock asks once at most.
#[test]
fn hazard_h28_read_only_is_an_error_or_what_was_asked_for() {
    let (server, session) = logged_in(
        "
        C: {a} EXAMINE \"Shared\"
        S: * 2 EXISTS
        S: {a} OK [READ-ONLY] done
        C: {b} SELECT \"Shared\"
        S: * 2 EXISTS
        S: {b} OK [READ-ONLY] done
        ",
    );
    for _ in 0..3 {
        drop(session.lock_mailbox_read_only("Shared").unwrap());
    }
    let error = session.lock_mailbox("Shared").unwrap_err();
    match &error {
        Error::Mailbox(error) => {
            assert!(matches!(**error, MailboxError::ReadOnly(_)), "{error:?}");
        }
        other => panic!("{other:?}"),
    }
    // It is selected for reading now, and that is what these want.
    for _ in 0..3 {
        drop(session.lock_mailbox_read_only("Shared").unwrap());
    }
    drop(session);
    server.finish();
}
