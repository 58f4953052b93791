//! What is selected after a SELECT that fails, and when the server takes the mailbox away.

use latchbox::Error;
use latchbox::error::MailboxError;
use latchbox::types::{FetchItem, Flag, MailboxEvent, SearchKey, SeqNum, StoreAction, UidSet};

use crate::scripted::{logged_in, selecting};

#[test]
fn attack_080_after_a_failed_select_nothing_is_selected() {
    for status in ["NO [NONEXISTENT]", "BAD"] {
        let (server, session) = selecting(&format!(
            "
            C: {{a}} SELECT \"Gone\"
            S: * 17 EXISTS
            S: {{a}} {status} no
            C: {{b}} NOOP
            S: {{b}} OK done
            C: {{c}} SELECT \"INBOX\"
            S: * 4 EXISTS
            S: {{c}} OK done
            C: {{d}} UID SEARCH ALL
            S: * SEARCH 1
            S: {{d}} OK done
            "
        ));
        drop(session.lock_mailbox("INBOX").unwrap());
        let error = session.lock_mailbox("Gone").unwrap_err();
        assert!(matches!(error, Error::Refused(_)), "{error:?}");
        session.noop().unwrap();
        let mut inbox = session.lock_mailbox("INBOX").unwrap();
        assert_eq!(inbox.exists(), 4);
        assert_eq!(inbox.search(SearchKey::All).unwrap().len(), 1);
        drop(inbox);
        drop(session);
        server.finish();
    }
}

/// The guard is gone with the attempt: nothing is left to send a command with.
#[test]
fn attack_080_a_guard_that_failed_to_switch_is_gone() {
    let (server, session) = selecting(
        "
        C: {a} SELECT \"Gone\"
        S: {a} NO no
        C: {b} SELECT \"INBOX\"
        S: * 3 EXISTS
        S: {b} OK done
        ",
    );
    let inbox = session.lock_mailbox("INBOX").unwrap();
    let error = inbox.switch_to("Gone").unwrap_err();
    assert!(matches!(error, Error::Refused(_)), "{error:?}");
    drop(session.lock_mailbox("INBOX").unwrap());
    drop(session);
    server.finish();
}

#[test]
fn attack_081_what_comes_before_closed_belongs_to_the_mailbox_before() {
    let (server, session) = selecting(
        r#"
        C: {a} SELECT "Box"
        S: * 1 FETCH (UID 1 FLAGS (\Flagged))
        S: * 2 EXPUNGE
        S: * VANISHED 9
        S: * 99 EXISTS
        S: * OK [UIDVALIDITY 666] still of INBOX
        S: * OK [UIDNEXT 666] still of INBOX
        S: * OK [UNSEEN 2] still of INBOX
        S: * OK [HIGHESTMODSEQ 666] still of INBOX
        S: * OK [PERMANENTFLAGS (Injected)] still of INBOX
        S: * OK [READ-ONLY] still of INBOX
        S: * FLAGS (Injected)
        S: * 99 RECENT
        S: * OK [CLOSED] now
        S: * 5 EXISTS
        S: * OK [UIDVALIDITY 8] since
        S: {a} OK done
        "#,
    );
    drop(session.lock_mailbox("INBOX").unwrap());
    let mut held = session.lock_mailbox("Box").unwrap();
    let mailbox = held.mailbox().unwrap();
    assert_eq!(mailbox.exists(), 5);
    assert_eq!(mailbox.uid_validity().unwrap().value(), 8);
    assert_eq!((mailbox.uid_next(), mailbox.first_unseen()), (None, None));
    assert_eq!((mailbox.highest_mod_seq(), mailbox.recent()), (None, None));
    assert!(mailbox.flags().is_empty() && !mailbox.is_read_only());
    assert!(mailbox.permanent_flags().flags().is_empty());
    assert!(!held.events().iter().any(|event| matches!(
        event,
        MailboxEvent::Flags { .. } | MailboxEvent::Expunged(_) | MailboxEvent::Vanished { .. }
    )));
    drop(held);
    drop(session);
    server.finish();
}

#[test]
fn attack_082_closed_ends_what_a_guard_can_do() {
    for line in [
        "S: * OK [CLOSED] gone",
        "S: * NO [CLOSED] deleted by another",
    ] {
        let (server, session) = selecting(&format!(
            "
            C: {{a}} NOOP
            {line}
            S: {{a}} OK done
            C: {{b}} NOOP
            S: {{b}} OK done
            "
        ));
        let mut inbox = session.lock_mailbox("INBOX").unwrap();
        inbox.refresh().unwrap();
        let one: UidSet = "1".parse().unwrap();
        for error in [
            inbox.search(SearchKey::All).unwrap_err(),
            inbox
                .store(&one, StoreAction::Add, [Flag::Seen])
                .unwrap_err(),
            inbox.delete(&one).unwrap_err(),
            inbox.copy(&one, "Box").unwrap_err(),
            inbox.mailbox().unwrap_err(),
            inbox.fetch(&one, [FetchItem::Flags]).map(drop).unwrap_err(),
        ] {
            match &error {
                Error::Mailbox(error) => {
                    assert!(matches!(**error, MailboxError::NotSelected(_)), "{error:?}");
                }
                other => panic!("{other:?}"),
            }
        }
        drop(inbox);
        session.noop().unwrap();
        drop(session);
        server.finish();
    }
}

#[test]
fn attack_082_the_next_lock_selects_anew() {
    let (server, session) = selecting(
        "
        C: {a} NOOP
        S: * OK [CLOSED] gone
        S: {a} OK done
        C: {b} SELECT \"INBOX\"
        S: * 1 EXISTS
        S: {b} OK done
        ",
    );
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    inbox.refresh().unwrap();
    drop(inbox);
    assert_eq!(session.lock_mailbox("INBOX").unwrap().exists(), 1);
    drop(session);
    server.finish();
}

#[test]
fn attack_083_a_new_uidvalidity_ends_what_a_guard_can_do() {
    let (server, session) = selecting(
        "
        C: {s} UID SEARCH ALL
        S: * SEARCH 1 2 3
        S: {s} OK done
        C: {a} NOOP
        S: * OK [UIDVALIDITY 8] all is new
        S: {a} OK done
        C: {b} SELECT \"INBOX\"
        S: * 3 EXISTS
        S: * OK [UIDVALIDITY 8] since
        S: {b} OK done
        ",
    );
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let old = inbox.search(SearchKey::All).unwrap();
    inbox.refresh().unwrap();
    let error = inbox.delete(&old).unwrap_err();
    match &error {
        Error::Mailbox(error) => {
            assert!(
                matches!(**error, MailboxError::UidValidityChanged(_)),
                "{error:?}"
            );
        }
        other => panic!("{other:?}"),
    }
    drop(inbox);
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let error = inbox.delete(&old).unwrap_err();
    assert!(matches!(error, Error::StaleUids(_)), "{error:?}");
    drop(inbox);
    drop(session);
    server.finish();
}

#[test]
fn attack_084_read_only_refuses_the_guard_that_writes() {
    let (server, session) = logged_in(
        "
        C: {a} SELECT \"Shared\"
        S: * 2 EXISTS
        S: {a} OK [READ-ONLY] done
        C: {b} EXAMINE \"Other\"
        S: * 2 EXISTS
        S: {b} OK [READ-ONLY] done
        C: {c} UID SEARCH ALL
        S: * SEARCH 1
        S: {c} OK done
        ",
    );
    let error = session.lock_mailbox("Shared").unwrap_err();
    match &error {
        Error::Mailbox(error) => {
            assert!(matches!(**error, MailboxError::ReadOnly(_)), "{error:?}");
        }
        other => panic!("{other:?}"),
    }
    let mut held = session.lock_mailbox_read_only("Other").unwrap();
    assert_eq!(held.search(SearchKey::All).unwrap().len(), 1);
    drop(held);
    drop(session);
    server.finish();
}

/// A server may take the right to write away while the guard is held.
#[test]
fn attack_084_read_only_later_refuses_what_writes() {
    let (server, session) = selecting(
        "
        C: {a} NOOP
        S: * OK [READ-ONLY] from now on
        S: {a} OK done
        C: {b} UID SEARCH ALL
        S: * SEARCH 1
        S: {b} OK done
        ",
    );
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    inbox.refresh().unwrap();
    let one: UidSet = "1".parse().unwrap();
    for error in [
        inbox
            .store(&one, StoreAction::Add, [Flag::Seen])
            .unwrap_err(),
        inbox.move_to(&one, "Box").unwrap_err(),
        inbox.delete(&one).unwrap_err(),
        inbox.expunge_uids(&one).unwrap_err(),
        inbox.expunge_all_deleted().unwrap_err(),
    ] {
        match &error {
            Error::Mailbox(error) => {
                assert!(matches!(**error, MailboxError::ReadOnly(_)), "{error:?}");
            }
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(inbox.search(SearchKey::All).unwrap().len(), 1);
    drop(inbox);
    drop(session);
    server.finish();
}

#[test]
fn attack_088_an_expunge_among_answers_by_sequence_number_is_told() {
    let (server, session) = selecting(
        r"
        C: {f} FETCH 1:3 (UID FLAGS)
        S: * 1 FETCH (UID 5 FLAGS (\Seen))
        S: * 1 EXPUNGE
        S: * 1 FETCH (UID 6 FLAGS ())
        S: * 2 FETCH (UID 7 FLAGS ())
        S: {f} OK done
        C: {s} STORE 1 +FLAGS (\Seen)
        S: * 1 FETCH (FLAGS (\Seen))
        S: * 2 EXPUNGE
        S: {s} OK done
        ",
    );
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let _ = inbox.events();
    let renumbered = |error: Error| match error {
        Error::Mailbox(error) => {
            assert!(matches!(*error, MailboxError::Renumbered(_)), "{error:?}");
        }
        other => panic!("{other:?}"),
    };
    let mut numbered = inbox.numbered();
    let three = numbered.parse("1:3").unwrap();
    let mut messages = numbered.fetch(&three, [FetchItem::Flags]).unwrap();
    assert!(messages.next().unwrap().is_some());
    renumbered(messages.next().unwrap_err());
    drop(messages);
    let store = numbered.store(&three, StoreAction::Add, [Flag::Deleted]);
    renumbered(store.unwrap_err());
    let mut numbered = inbox.numbered();
    let one = numbered.parse("1").unwrap();
    let stored = numbered.store(&one, StoreAction::Add, [Flag::Seen]);
    assert_eq!(stored.unwrap().changed().count(), 1);
    renumbered(numbered.search(SearchKey::All).unwrap_err());
    let events = inbox.events();
    let gone: Vec<_> = events
        .iter()
        .filter(|event| matches!(event, MailboxEvent::Expunged(_)))
        .collect();
    let expunged = |number| MailboxEvent::Expunged(SeqNum::new(number).unwrap());
    assert_eq!(gone, [&expunged(1), &expunged(2)]);
    assert_eq!(events.len(), 4, "{events:?}");
    assert_eq!(inbox.exists(), 1);
    drop(inbox);
    drop(session);
    server.finish();
}
