//! Answers that other clients lose: counters, rows that do not parse, refusals, conflicts.

use std::time::Duration;

use latchbox::command::Store;
use latchbox::types::{
    Capability, FetchItem, Flag, MailboxEvent, ModSeq, NewMessage, SearchKey, StoreAction, UidSet,
};
use latchbox::{Error, ReadWrite};

use crate::scripted::{logged_in, logged_in_with, selecting, selecting_with};

#[test]
fn hazard_h09_what_has_arrived_is_known_to_the_next_holder() {
    let (server, session) = selecting(
        "
        wait: free
        S: * 5 EXISTS
        S: * 1 EXPUNGE
        signal: told
        ",
    );
    drop(session.lock_mailbox("INBOX").unwrap());
    server.go("free");
    server.reached("told");
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    assert_eq!(inbox.exists(), 4);
    assert!(inbox.events().contains(&MailboxEvent::Exists(5)));
    drop(inbox);
    drop(session);
    server.finish();
}

#[test]
fn hazard_h11_a_search_that_says_nothing_is_refused() {
    let (server, session) = selecting("");
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let no_number = SearchKey::from(&inbox.numbered().set(None));
    for key in [
        SearchKey::And(Vec::new()),
        SearchKey::All.and(SearchKey::And(Vec::new())),
        !SearchKey::And(Vec::new()),
        SearchKey::Unseen.or(SearchKey::And(Vec::new())),
        SearchKey::Uid(UidSet::new()),
        no_number,
        SearchKey::Subject(String::new()),
        SearchKey::Text(String::new()),
        SearchKey::header("", "x"),
    ] {
        let error = inbox.search(&key).unwrap_err();
        assert!(matches!(error, Error::Argument(_)), "{key:?}: {error:?}");
    }
    drop(inbox);
    drop(session);
    server.finish();
}

/// Every term that is given is sent.
#[test]
fn hazard_h11_no_term_is_dropped() {
    let (server, session) = selecting(
        r#"
        C: {a} UID SEARCH OR (UNSEEN NOT FLAGGED) (SUBJECT "x" KEYWORD $Work) LARGER 10
        S: * SEARCH 2
        S: {a} OK done
        "#,
    );
    let work = SearchKey::Keyword(latchbox::types::Keyword::new("$Work").unwrap());
    let key = SearchKey::Unseen
        .and(!SearchKey::Flagged)
        .or(SearchKey::Subject("x".into()).and(work))
        .and(SearchKey::Larger(10));
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    assert_eq!(inbox.search(&key).unwrap().to_string(), "2");
    drop(inbox);
    drop(session);
    server.finish();
}

#[test]
fn hazard_h11_a_term_that_the_server_cannot_serve_is_not_sent() {
    let (server, session) = selecting_with("IMAP4rev1", "", |builder| builder);
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    for key in [
        SearchKey::ModSeq(ModSeq::try_from(7).unwrap()),
        SearchKey::All.and(!SearchKey::ModSeq(ModSeq::try_from(7).unwrap())),
        SearchKey::Older(Duration::from_secs(60)),
        SearchKey::Younger(Duration::from_secs(60)),
        SearchKey::SavedOn("2026-01-01".parse().unwrap()),
        SearchKey::SaveDateSupported,
        SearchKey::EmailId("M1".into()),
        SearchKey::ThreadId("T1".into()),
        SearchKey::Unseen.fuzzy(),
        SearchKey::Unseen.or(SearchKey::Subject("x".into()).fuzzy()),
        SearchKey::Filter("on-the-road".into()),
        SearchKey::GmailRaw("has:attachment".into()),
        SearchKey::GmailLabel("Work".parse().unwrap()),
        SearchKey::GmailMessageId(1),
        !SearchKey::GmailThreadId(1),
    ] {
        let error = inbox.search(&key).unwrap_err();
        assert!(matches!(error, Error::Unsupported(_)), "{key:?}: {error:?}");
    }
    drop(inbox);
    drop(session);
    server.finish();
}

/// Options are values: what one call does to them, no other sees.
#[test]
fn hazard_h13_options_are_for_one_call() {
    let (server, session) = logged_in_with(
        "IMAP4rev1 LITERAL+",
        r#"
        C: {a} APPEND "INBOX" (\Seen) {4+}
        C-raw: x: y\r\n
        S: {a} OK done
        C: {b} APPEND "Box" (\Seen) {4+}
        C-raw: x: y\r\n
        S: {b} OK done
        C: {c} APPEND "Box" {4+}
        C-raw: x: y\r\n
        S: {c} OK done
        "#,
        |builder| builder,
    );
    for name in ["INBOX", "Box"] {
        session
            .append(name, NewMessage::new(b"x: y").flags([Flag::Seen]))
            .unwrap();
    }
    session.append("Box", b"x: y").unwrap();
    drop(session);
    server.finish();
}

#[test]
fn hazard_h15_a_row_that_does_not_parse_keeps_its_bytes_and_its_place() {
    let (server, session) = selecting(
        r#"
        C: {f} UID FETCH 1:* (ENVELOPE)
        S: * 1 FETCH (UID 1 ENVELOPE (NIL "one" NIL NIL NIL NIL NIL NIL NIL NIL))
        S: * 2 FETCH (UID 2 ENVELOPE what)
        S: * 3 FETCH (UID 3 ENVELOPE (NIL "three" NIL NIL NIL NIL NIL NIL NIL NIL))
        S: {f} OK done
        "#,
    );
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let mut messages = inbox.fetch(&UidSet::all(), [FetchItem::Envelope]).unwrap();
    let mut found = Vec::new();
    while let Some(message) = messages.next().unwrap() {
        let uid = message.uid().value();
        match message.envelope() {
            Ok(envelope) => found.push((uid, envelope.subject().into_owned())),
            Err(error) => {
                let bytes = String::from_utf8_lossy(error.bytes());
                assert!(bytes.contains("what"), "{bytes}");
                found.push((uid, "?".to_owned()));
            }
        }
    }
    let expected = [(1, "one"), (2, "?"), (3, "three")];
    assert_eq!(found, expected.map(|(uid, text)| (uid, text.to_owned())));
    drop(messages);
    drop(inbox);
    drop(session);
    server.finish();
}

#[test]
fn hazard_h17_conflicts_are_reported() {
    let (server, session) = selecting(
        r"
        C: {a} UID STORE 1:3 (UNCHANGEDSINCE 7) +FLAGS (\Seen)
        S: * 1 FETCH (UID 1 FLAGS (\Seen) MODSEQ (8))
        S: {a} OK [MODIFIED 2:3] two were changed meanwhile
        C: {b} UID STORE 1:3 (UNCHANGEDSINCE 7) +FLAGS (\Seen)
        S: {b} NO [MODIFIED 1:3] all were changed meanwhile
        ",
    );
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let three: UidSet = "1:3".parse().unwrap();
    let store = |inbox: &mut latchbox::MailboxGuard<'_, ReadWrite>| {
        inbox.run(Store::add(&three, &[Flag::Seen]).unchanged_since(ModSeq::try_from(7).unwrap()))
    };
    let stored = store(&mut inbox).unwrap();
    assert_eq!(stored.modified().to_string(), "2:3");
    assert_eq!(stored.changed().len(), 1);
    let error = store(&mut inbox).unwrap_err();
    let code = format!("{:?}", error.response_code());
    assert!(code.contains("Modified"), "{code}");
    drop(inbox);
    drop(session);
    server.finish();
}

#[test]
fn hazard_h17_without_condstore_it_is_refused() {
    let (server, session) = selecting_with("IMAP4rev1", "", |builder| builder);
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let one: UidSet = "1".parse().unwrap();
    let error = inbox
        .run(Store::add(&one, &[Flag::Seen]).unchanged_since(ModSeq::try_from(7).unwrap()))
        .unwrap_err();
    assert!(matches!(error, Error::Unsupported(_)), "{error:?}");
    drop(inbox);
    drop(session);
    server.finish();
}

#[test]
fn hazard_h18_a_search_that_is_refused_is_no_empty_result() {
    for status in ["NO [BADCHARSET (US-ASCII)]", "BAD"] {
        let (server, session) = selecting(&format!(
            "
            C: {{a}} UID SEARCH ALL
            S: * SEARCH 1 2
            S: {{a}} {status} no
            C: {{b}} UID SEARCH ALL
            S: * SEARCH 3
            S: {{b}} OK done
            "
        ));
        let mut inbox = session.lock_mailbox("INBOX").unwrap();
        let error = inbox.search(SearchKey::All).unwrap_err();
        assert!(matches!(error, Error::Refused(_)), "{error:?}");
        assert_eq!(inbox.search(SearchKey::All).unwrap().to_string(), "3");
        drop(inbox);
        drop(session);
        server.finish();
    }
}

#[test]
fn hazard_h18_a_search_whose_answer_cannot_be_read_is_no_part_of_the_hits() {
    let (server, session) = selecting(
        "
        C: {a} UID SEARCH ALL
        S: * SEARCH 1 2
        S: * SEARCH 3 x 4
        S: {a} OK done
        C: {b} NOOP
        S: {b} OK done
        ",
    );
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let error = inbox.search(SearchKey::All).unwrap_err();
    assert!(
        matches!(&error, Error::Unparsable(unreadable) if unreadable.command() == "UID SEARCH"),
        "{error:?}"
    );
    inbox.refresh().unwrap();
    drop(inbox);
    drop(session);
    server.finish();
}

#[test]
fn hazard_h19_all_of_an_empty_mailbox_is_not_asked_for() {
    let (server, session) = logged_in(
        "
        C: {a} SELECT \"INBOX\"
        S: * 0 EXISTS
        S: {a} OK done
        ",
    );
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let fetched = inbox.fetch(&UidSet::all(), [FetchItem::Flags]).unwrap();
    assert_eq!(fetched.into_iter().count(), 0);
    let mut numbered = inbox.numbered();
    let all = numbered.all();
    let fetched = numbered.fetch(&all, [FetchItem::Flags]).unwrap();
    assert_eq!(fetched.into_iter().count(), 0);
    drop(inbox);
    drop(session);
    server.finish();
}

#[test]
fn hazard_h19_nor_stored_copied_or_moved() {
    let (server, session) = logged_in(
        "
        C: {a} SELECT \"INBOX\"
        S: * 0 EXISTS
        S: {a} OK done
        ",
    );
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let all = UidSet::all();
    inbox.store(&all, StoreAction::Add, [Flag::Seen]).unwrap();
    inbox.copy(&all, "Box").unwrap();
    inbox.move_to(&all, "Box").unwrap();
    inbox.delete(&all).unwrap();
    inbox.expunge_uids(&all).unwrap();
    drop(inbox);
    drop(session);
    server.finish();
}

#[test]
fn hazard_h20_a_select_that_leaves_things_out_is_no_panic() {
    let (server, session) = logged_in(
        "
        C: {a} SELECT \"INBOX\"
        S: * 2 EXISTS
        S: {a} OK done
        C: {b} SELECT \"Box\"
        S: {b} OK done
        C: {c} SELECT \"INBOX\"
        S: * 2 EXISTS
        S: {c} OK done
        ",
    );
    let inbox = session.lock_mailbox("INBOX").unwrap();
    let mailbox = inbox.mailbox().unwrap();
    assert!(mailbox.flags().is_empty());
    assert_eq!((mailbox.uid_validity(), mailbox.uid_next()), (None, None));
    drop(inbox);
    // Without EXISTS it is not known what there is.
    let error = session.lock_mailbox("Box").unwrap_err();
    assert!(matches!(error, Error::MissingData("SELECT")), "{error:?}");
    drop(session.lock_mailbox("INBOX").unwrap());
    drop(session);
    server.finish();
}

#[test]
fn hazard_h21_the_flags_of_an_append_are_sent_as_given() {
    let (server, session) = logged_in(
        r#"
        C: {select} SELECT "Shared"
        S: * FLAGS (\Seen)
        S: * 2 EXISTS
        S: * OK [PERMANENTFLAGS ()] none are kept here
        S: {select} OK done
        C: {a} APPEND "Box" (\Flagged $Work) {4}
        S: + go on
        C-raw: x: y\r\n
        S: {a} OK done
        C: {b} APPEND "Box" (\Flagged $Work) {4}
        S: {b} NO [CANNOT] not these flags
        "#,
    );
    let held = session.lock_mailbox("Shared").unwrap();
    let flags = || [Flag::Flagged, Flag::keyword("$Work").unwrap()];
    session
        .append("Box", NewMessage::new(b"x: y").flags(flags()))
        .unwrap();
    let error = session
        .append("Box", NewMessage::new(b"x: y").flags(flags()))
        .unwrap_err();
    assert!(matches!(error, Error::Refused(_)), "{error:?}");
    drop(held);
    drop(session);
    server.finish();
}

#[test]
fn hazard_h11_what_needs_an_extension_is_told_by_its_name() {
    let (server, session) = selecting_with("IMAP4rev1", "", |builder| builder);
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let all = UidSet::all();
    let error = inbox
        .fetch(&all, [FetchItem::ModSeq])
        .map(drop)
        .unwrap_err();
    match &error {
        Error::Unsupported(missing) => {
            assert_eq!(*missing.capability(), Capability::CondStore);
        }
        other => panic!("{other:?}"),
    }
    drop(inbox);
    drop(session);
    server.finish();
}

#[test]
fn hazard_h14_a_throttled_fetch_is_asked_again_on_request_and_within_a_ceiling() {
    let (server, session) = selecting_with(
        "IMAP4rev1",
        "
        C: {a} UID FETCH 1:2 (FLAGS)
        S: {a} NO [THROTTLED] wait 10 ms
        C: {b} UID FETCH 1:2 (FLAGS)
        S: * 1 FETCH (UID 1 FLAGS ())
        S: {b} OK done
        C: {c} UID FETCH 1:2 (FLAGS)
        S: {c} NO [THROTTLED] wait 2 minutes
        ",
        |builder| builder.wait_when_throttled(std::time::Duration::from_secs(60)),
    );
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let two: UidSet = "1:2".parse().unwrap();
    let fetched = inbox.fetch(&two, [FetchItem::Flags]).unwrap().into_iter();
    assert_eq!(fetched.map(Result::unwrap).count(), 1);
    let error = inbox
        .fetch(&two, [FetchItem::Flags])
        .unwrap()
        .next()
        .unwrap_err();
    assert!(matches!(error, Error::Throttled(_)), "{error:?}");
    drop(inbox);
    drop(session);
    server.finish();
}

#[test]
fn hazard_h14_a_throttled_fetch_is_no_empty_list() {
    let (server, session) = selecting(
        "
        C: {a} UID FETCH 1:2 (FLAGS)
        S: {a} BAD Request is throttled. Suggested Backoff Time: 92149 milliseconds
        C: {b} UID FETCH 1:2 (FLAGS)
        S: * 1 FETCH (UID 1 FLAGS ())
        S: {b} NO [THROTTLED] not now
        C: {c} NOOP
        S: {c} OK done
        ",
    );
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let two: UidSet = "1:2".parse().unwrap();
    let mut messages = inbox.fetch(&two, [FetchItem::Flags]).unwrap();
    let error = messages.next().unwrap_err();
    let wait = std::time::Duration::from_millis(92_149);
    assert!(
        matches!(&error, Error::Throttled(throttled) if throttled.wait() == Some(wait)),
        "{error:?}"
    );
    drop(messages);
    let mut messages = inbox.fetch(&two, [FetchItem::Flags]).unwrap();
    assert!(messages.next().unwrap().is_some());
    let error = messages.next().unwrap_err();
    assert!(
        matches!(&error, Error::Throttled(throttled) if throttled.wait().is_none()),
        "{error:?}"
    );
    assert!(!error.is_closed() && !error.may_have_taken_effect());
    drop(messages);
    inbox.refresh().unwrap();
    drop(inbox);
    drop(session);
    server.finish();
}
