//! The lock against servers that are slow, sloppy or gone.

use std::time::Duration;

use latchbox::error::{CloseReason, MailboxError};
use latchbox::types::{
    FetchItem, Flag, MailboxEvent, SearchKey, Section, SeqNum, StoreAction, UidSet,
};
use latchbox::{Error, Session};

use crate::scripted::{close_reason, logged_in_with};
use crate::support::script::Script;

/// A script that goes on after the login, on a server without any extension.
#[track_caller]
fn logged_in(lines: &str) -> (Script, Session) {
    logged_in_with("IMAP4rev1", lines, |builder| builder)
}

#[test]
fn one_deadline_covers_the_wait_and_the_select() {
    let (server, session) = logged_in(
        r#"
        C: {a} SELECT "INBOX"
        signal: asked
        wait: late
        S: * 3 EXISTS
        S: * OK [UIDVALIDITY 1] late
        S: {a} OK [READ-WRITE] late
        C: {b} SELECT "Trash"
        S: * 1 EXISTS
        S: * OK [UIDVALIDITY 2] fine
        S: {b} OK [READ-WRITE] fine
        C: {c} UID SEARCH ALL
        S: * SEARCH 7
        S: {c} OK done
        "#,
    );
    let limit = Duration::from_millis(50);
    let error = session.mailbox("INBOX").timeout(limit).lock().unwrap_err();
    assert!(error.is_timeout() && !error.is_closed(), "{error}");
    server.reached("asked");
    server.go("late");
    // What came too late is of no mailbox.
    let mut trash = session.lock_mailbox("Trash").unwrap();
    assert_eq!(trash.exists(), 1);
    assert_eq!(trash.search(SearchKey::All).unwrap().to_string(), "7");
    drop(trash);
    server.finish();
}

#[test]
fn what_comes_before_closed_is_of_the_mailbox_before() {
    let (server, session) = logged_in(
        r#"
        C: {a} SELECT "INBOX"
        S: * 5 EXISTS
        S: * OK [UIDVALIDITY 1] fine
        S: {a} OK [READ-WRITE] fine
        C: {b} SELECT "Trash"
        S: * 99 EXISTS
        S: * 1 EXPUNGE
        S: * OK [UIDNEXT 500] of INBOX
        S: * OK [CLOSED] INBOX is closed
        S: * 2 EXISTS
        S: * OK [UIDVALIDITY 2] fine
        S: {b} OK [READ-WRITE] fine
        "#,
    );
    drop(session.lock_mailbox("INBOX").unwrap());
    let mut trash = session.lock_mailbox("Trash").unwrap();
    assert_eq!(trash.exists(), 2);
    assert_eq!(trash.mailbox().unwrap().uid_next(), None);
    assert!(trash.events().is_empty());
    drop(trash);
    server.finish();
}

#[test]
fn a_failed_select_selects_nothing_even_without_closed() {
    let (server, session) = logged_in(
        r#"
        C: {a} SELECT "INBOX"
        S: * 5 EXISTS
        S: * OK [UIDVALIDITY 1] fine
        S: {a} OK [READ-WRITE] fine
        C: {b} SELECT "Gone"
        S: {b} NO there is none
        C: {c} SELECT "INBOX"
        S: * 5 EXISTS
        S: * OK [UIDVALIDITY 1] fine
        S: {c} OK [READ-WRITE] fine
        "#,
    );
    drop(session.lock_mailbox("INBOX").unwrap());
    assert!(matches!(
        session.lock_mailbox("Gone"),
        Err(Error::Refused(_))
    ));
    assert_eq!(session.lock_mailbox("INBOX").unwrap().exists(), 5);
    server.finish();
}

#[test]
fn a_new_uid_validity_under_the_guard_ends_what_it_can_do() {
    let (server, session) = logged_in(
        r#"
        C: {a} SELECT "INBOX"
        S: * 5 EXISTS
        S: * OK [UIDVALIDITY 1] fine
        S: {a} OK [READ-WRITE] fine
        C: {b} UID SEARCH ALL
        S: * SEARCH 1 2 3 4 5
        S: {b} OK done
        C: {c} NOOP
        S: * OK [UIDVALIDITY 2] all is new
        S: {c} OK done
        C: {d} SELECT "INBOX"
        S: * 5 EXISTS
        S: * OK [UIDVALIDITY 2] fine
        S: {d} OK [READ-WRITE] fine
        "#,
    );
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let old = inbox.search(SearchKey::All).unwrap();
    let _ = inbox.refresh();
    for result in [
        inbox
            .store(&old, StoreAction::Add, [Flag::Deleted])
            .map(drop),
        inbox.search(SearchKey::All).map(drop),
        inbox.expunge_all_deleted().map(drop),
    ] {
        match result {
            Err(Error::Mailbox(error)) => {
                assert!(matches!(*error, MailboxError::UidValidityChanged(_)));
            }
            other => panic!("{other:?}"),
        }
    }
    drop(inbox);
    let mut again = session.lock_mailbox("INBOX").unwrap();
    let stale = again.store(&old, StoreAction::Add, [Flag::Deleted]);
    assert!(matches!(stale, Err(Error::StaleUids(_))), "{stale:?}");
    drop(again);
    server.finish();
}

#[test]
fn a_mailbox_that_the_server_closes_under_the_guard_is_no_longer_selected() {
    let (server, session) = logged_in(
        r#"
        C: {a} SELECT "INBOX"
        S: * 5 EXISTS
        S: * OK [UIDVALIDITY 1] fine
        S: {a} OK [READ-WRITE] fine
        C: {b} NOOP
        S: * OK [CLOSED] it is gone
        S: {b} OK done
        C: {c} SELECT "INBOX"
        S: {c} NO [NONEXISTENT] it is gone
        "#,
    );
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let _ = inbox.refresh();
    match inbox.search(SearchKey::All) {
        Err(Error::Mailbox(error)) => assert!(matches!(*error, MailboxError::NotSelected(_))),
        other => panic!("{other:?}"),
    }
    assert!(inbox.mailbox().is_err());
    assert_eq!(inbox.exists(), 0);
    drop(inbox);
    assert!(session.lock_mailbox("INBOX").is_err());
    server.finish();
}

#[test]
fn news_that_arrived_are_read_before_the_lock_is_granted_and_nothing_is_sent() {
    let (server, session) = logged_in(
        r#"
        C: {a} SELECT "INBOX"
        S: * 5 EXISTS
        S: * OK [UIDVALIDITY 1] fine
        S: {a} OK [READ-WRITE] fine
        wait: dropped
        S: * 2 EXPUNGE
        S: * 6 EXISTS
        signal: told
        silent
        "#,
    );
    drop(session.lock_mailbox("INBOX").unwrap());
    server.go("dropped");
    server.reached("told");
    assert_eq!(session.lock_mailbox("INBOX").unwrap().exists(), 6);
    server.finish();
}

#[test]
fn a_goodbye_that_arrived_is_noticed_by_the_next_lock_before_anything_is_sent() {
    let (server, session) = logged_in(
        r#"
        C: {a} SELECT "INBOX"
        S: * 5 EXISTS
        S: * OK [UIDVALIDITY 1] fine
        S: {a} OK [READ-WRITE] fine
        wait: dropped
        S: * BYE [UNAVAILABLE] restarting
        signal: told
        C-close
        "#,
    );
    drop(session.lock_mailbox("INBOX").unwrap());
    server.go("dropped");
    server.reached("told");
    let error = session.lock_mailbox("INBOX").unwrap_err();
    assert!(
        matches!(close_reason(&error), CloseReason::Bye { .. }),
        "{error}"
    );
    assert!(!error.may_have_taken_effect());
    assert!(session.noop().unwrap_err().is_closed());
    drop(session);
    server.finish();
}

#[test]
fn what_has_arrived_of_an_abandoned_answer_is_known_before_the_grant() {
    let (server, session) = logged_in(
        r#"
        C: {a} SELECT "INBOX"
        S: * 2 EXISTS
        S: * OK [UIDVALIDITY 1] fine
        S: {a} OK [READ-WRITE] fine
        C: {b} UID FETCH 1:2 (FLAGS)
        S: * 1 FETCH (UID 1 FLAGS ())
        wait: left
        S: * OK [CLOSED] somebody deleted it
        S: {b} OK done
        signal: told
        C: {c} SELECT "INBOX"
        S: {c} NO no such mailbox
        "#,
    );
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let two: UidSet = "1:2".parse().unwrap();
    let mut messages = inbox.fetch(&two, [FetchItem::Flags]).unwrap();
    assert!(messages.next().unwrap().is_some());
    drop(messages);
    drop(inbox);
    server.go("left");
    server.reached("told");
    let error = session.lock_mailbox("INBOX").unwrap_err();
    assert!(matches!(error, Error::Refused(_)), "{error:?}");
    drop(session);
    server.finish();
}

#[test]
fn a_command_whose_answer_is_lost_may_have_taken_effect() {
    let (server, session) = logged_in(
        r#"
        C: {a} SELECT "INBOX"
        S: * 5 EXISTS
        S: * OK [UIDVALIDITY 1] fine
        S: {a} OK [READ-WRITE] fine
        C: {b} UID STORE 1:2 +FLAGS (\Deleted)
        S: * 1 FETCH (UID 1 FLAGS (\Deleted))
        cut
        "#,
    );
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let two: UidSet = "1:2".parse().unwrap();
    let error = inbox
        .store(&two, StoreAction::Add, [Flag::Deleted])
        .unwrap_err();
    assert!(
        error.is_closed() && error.may_have_taken_effect(),
        "{error}"
    );
    let error = inbox
        .store(&two, StoreAction::Add, [Flag::Deleted])
        .unwrap_err();
    assert!(
        error.is_closed() && !error.may_have_taken_effect(),
        "{error}"
    );
    drop(inbox);
    server.finish();
}

#[test]
fn a_body_that_stops_short_is_never_taken_for_a_whole_one() {
    let (server, session) = logged_in(
        r#"
        C: {a} EXAMINE "INBOX"
        S: * 1 EXISTS
        S: * OK [UIDVALIDITY 1] fine
        S: {a} OK [READ-ONLY] fine
        C: {b} UID FETCH 1 (BODY.PEEK[])
        S: * 1 FETCH (UID 1 BODY[] {100}
        S-raw: only a few octets
        cut
        "#,
    );
    let mut inbox = session.lock_mailbox_read_only("INBOX").unwrap();
    let one: UidSet = "1".parse().unwrap();
    let items = [FetchItem::BodyPeek(Section::whole())];
    let mut messages = inbox.fetch(&one, items).unwrap();
    assert!(messages.next().unwrap_err().is_closed());
    assert!(messages.next().is_ok_and(|none| none.is_none()) || session.noop().is_err());
    drop(messages);
    drop(inbox);
    server.finish();
}

#[test]
fn news_among_the_answers_to_a_fetch_are_events_and_no_answers() {
    let (server, session) = logged_in(
        r#"
        C: {a} EXAMINE "INBOX"
        S: * 9 EXISTS
        S: * OK [UIDVALIDITY 1] fine
        S: {a} OK [READ-ONLY] fine
        C: {b} UID FETCH 3:4 (RFC822.SIZE)
        S: * 3 FETCH (UID 3 FLAGS (\Flagged))
        S: * 3 FETCH (UID 3 RFC822.SIZE 30)
        S: * 7 FETCH (FLAGS (\Seen))
        S: * 8 FETCH (UID 8 RFC822.SIZE 80)
        S: * 10 EXISTS
        S: * 2 RECENT
        S: * 4 FETCH (RFC822.SIZE 40 UID 4)
        S: {b} OK done
        "#,
    );
    let mut inbox = session.lock_mailbox_read_only("INBOX").unwrap();
    let two: UidSet = "3:4".parse().unwrap();
    let sizes: Vec<_> = inbox
        .fetch(&two, [FetchItem::Rfc822Size])
        .unwrap()
        .into_iter()
        .map(|message| message.unwrap().size().unwrap())
        .collect();
    assert_eq!(sizes, [30, 40]);
    assert_eq!(inbox.exists(), 10);
    let events = inbox.events();
    assert!(events.contains(&MailboxEvent::Exists(10)));
    assert!(events.contains(&MailboxEvent::Recent(2)));
    let places: Vec<_> = events
        .into_iter()
        .filter_map(|event| match event {
            MailboxEvent::Flags { seq, .. } => seq.map(SeqNum::value),
            _ => None,
        })
        .collect();
    assert_eq!(places, [3, 7]);
    drop(inbox);
    server.finish();
}

#[test]
fn a_server_that_never_asks_for_the_literal_does_not_hang_us() {
    let (server, session) = logged_in(
        r#"
        C: {a} APPEND "INBOX" {5}
        stall
        "#,
    );
    session.set_read_timeout(Duration::from_millis(50)).unwrap();
    let error = session.append("INBOX", b"x: y\n").unwrap_err();
    assert!(error.is_timeout() && error.is_closed(), "{error}");
    drop(session);
    server.finish();
}

#[test]
fn a_search_answered_no_is_an_error_and_not_no_hits() {
    let (server, session) = logged_in(
        r#"
        C: {a} EXAMINE "INBOX"
        S: * 1 EXISTS
        S: * OK [UIDVALIDITY 1] fine
        S: {a} OK [READ-ONLY] fine
        C: {b} UID SEARCH ALL
        S: {b} NO [UNAVAILABLE] the index is broken
        C: {c} UID SEARCH ALL
        S: {c} OK nothing said
        "#,
    );
    let mut inbox = session.lock_mailbox_read_only("INBOX").unwrap();
    assert!(matches!(
        inbox.search(SearchKey::All),
        Err(Error::Refused(_))
    ));
    // Some servers leave the line out when there is nothing to say.
    assert!(inbox.search(SearchKey::All).unwrap().is_empty());
    drop(inbox);
    server.finish();
}
