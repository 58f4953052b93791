//! A server that touches so many messages at once and no more, those with the highest UIDs first
//! (MESSAGELIMIT and SAVELIMIT, RFC 9738).

use latchbox::command::{Search, Store};
use latchbox::types::{
    FetchItem, Flag, ModSeq, ResponseCode, SearchKey, SearchReturn, SortKey, StoreAction, Uid,
    UidSet,
};
use latchbox::{Error, Session};

use crate::parts::{pairs, unfinished};
use crate::scripted::logged_in_with;
use crate::support::script::Script;

/// Five messages, with UIDs from 1 to 9 as a rule.
const SELECT: &str = r#"
    C: {s} SELECT "INBOX"
    S: * FLAGS (\Seen \Deleted)
    S: * 5 EXISTS
    S: * OK [UIDVALIDITY 1] valid
    S: {s} OK [READ-WRITE] in
"#;

fn limited(capabilities: &str, text: &str) -> (Script, Session) {
    let capabilities = format!("IMAP4rev1 UIDPLUS MOVE CONDSTORE {capabilities}");
    logged_in_with(&capabilities, &format!("{SELECT}{text}"), |builder| builder)
}

fn uids(text: &str) -> UidSet {
    text.parse().unwrap()
}

#[test]
fn a_fetch_goes_on_below_where_the_server_stops() {
    let (server, session) = limited(
        "MESSAGELIMIT=2",
        "
        C: {a} UID FETCH 1:* (FLAGS)
        S: * 5 FETCH (UID 9 FLAGS ())
        S: * 4 FETCH (UID 7 FLAGS ())
        S: {a} OK [MESSAGELIMIT 2 7] for two
        C: {b} UID FETCH 1:6 (FLAGS)
        S: * 3 FETCH (UID 5 FLAGS ())
        S: * 2 FETCH (UID 3 FLAGS ())
        S: * NO [MESSAGELIMIT 2 3] for two
        S: {b} OK [HIGHESTMODSEQ 7] told otherwise
        C: {c} UID FETCH 1:2 (FLAGS)
        S: * 1 FETCH (UID 1 FLAGS ())
        S: {c} OK done
        ",
    );
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let messages = inbox.fetch(&UidSet::all(), [FetchItem::Flags]).unwrap();
    let told: Vec<u32> = messages
        .into_iter()
        .map(|message| message.unwrap().uid().value())
        .collect();
    assert_eq!(told, [9, 7, 5, 3, 1]);
    drop(inbox);
    drop(session);
    server.finish();
}

#[test]
fn a_store_goes_on_below_and_keeps_what_each_part_left_alone() {
    let (server, session) = limited(
        "MESSAGELIMIT=2",
        r"
        C: {a} UID STORE 1:9 (UNCHANGEDSINCE 5) +FLAGS (\Seen)
        S: * 5 FETCH (UID 9 MODSEQ (6) FLAGS (\Seen))
        S: * NO [MESSAGELIMIT 2 7] for two
        S: {a} OK [MODIFIED 7] one of them
        C: {b} UID STORE 1:6 (UNCHANGEDSINCE 5) +FLAGS (\Seen)
        S: {b} OK [MODIFIED 3] the rest
        ",
    );
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let stored = inbox
        .run(Store::add(&uids("1:9"), &[Flag::Seen]).unchanged_since(ModSeq::new(5).unwrap()))
        .unwrap();
    assert_eq!(stored.modified().to_string(), "3,7");
    assert_eq!(stored.changed().len(), 1);
    drop(inbox);
    drop(session);
    server.finish();
}

#[test]
fn a_move_and_an_expunge_go_on_below() {
    let (server, session) = limited(
        "MESSAGELIMIT=2",
        r#"
        C: {a} UID MOVE 1:* "Archive"
        S: * OK [COPYUID 4 7,9 1:2] moved
        S: * 5 EXPUNGE
        S: * 4 EXPUNGE
        S: {a} OK [MESSAGELIMIT 2 7] for two
        C: {b} UID MOVE 1:6 "Archive"
        S: * OK [COPYUID 4 5 3] moved
        S: * 3 EXPUNGE
        S: {b} OK done
        C: {c} UID EXPUNGE 1:4
        S: * 2 EXPUNGE
        S: {c} OK [MESSAGELIMIT 1 3] for one
        C: {d} UID EXPUNGE 1:2
        S: * 1 EXPUNGE
        S: {d} OK done
        "#,
    );
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let moved = inbox.move_to(&UidSet::all(), "Archive").unwrap();
    assert_eq!(pairs(&moved), [(7, 1), (9, 2), (5, 3)]);
    assert_eq!(inbox.expunge_uids(&uids("1:4")).unwrap().count(), 2);
    assert_eq!(inbox.exists(), 0);
    drop(inbox);
    drop(session);
    server.finish();
}

/// A COPY of more is refused, and nothing is copied: so it is not tried. UIDs that a search gave are
/// counted, others are searched for.
#[test]
fn a_copy_goes_in_parts_of_as_many_as_are_taken() {
    for (capability, stops) in [("MESSAGELIMIT=2", true), ("SAVELIMIT=2", false)] {
        let search = if stops {
            "
            C: {f} UID SEARCH UID 1:*
            S: * SEARCH 7 9
            S: {f} OK [MESSAGELIMIT 2 7] for two
            C: {g} UID SEARCH UID 1:* UID 1:6
            S: * SEARCH 1 3
            S: {g} OK [MESSAGELIMIT 2 1] for two
            "
        } else {
            "
            C: {f} UID SEARCH UID 1:*
            S: * SEARCH 1 3 7 9
            S: {f} OK done
            "
        };
        let (server, session) = limited(
            capability,
            &format!(
                r#"
                {search}
                C: {{a}} UID COPY 1,3 "Archive"
                S: {{a}} OK [COPYUID 4 1,3 1:2] done
                C: {{b}} UID COPY 7,9 "Archive"
                S: {{b}} OK [COPYUID 4 7,9 3:4] done
                "#
            ),
        );
        let mut inbox = session.lock_mailbox("INBOX").unwrap();
        let copied = inbox.copy(&UidSet::all(), "Archive").unwrap();
        assert_eq!(pairs(&copied), [(1, 1), (3, 2), (7, 3), (9, 4)]);
        drop(inbox);
        drop(session);
        server.finish();
    }
    let (server, session) = limited(
        "SAVELIMIT=2",
        r#"
        C: {f} UID SEARCH ALL
        S: * SEARCH 1 3 5 7 9
        S: {f} OK done
        C: {a} UID COPY 1,3 "Archive"
        S: {a} OK done
        C: {b} UID COPY 5,7 "Archive"
        S: {b} NO [MESSAGELIMIT 1 7] changed its mind
        "#,
    );
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let all = inbox.search(SearchKey::All).unwrap();
    let told = unfinished(inbox.copy(&all, "Archive"));
    assert_eq!(told.not_done().to_string(), "5,7,9");
    drop(inbox);
    drop(session);
    server.finish();
}

#[test]
fn sequence_numbers_go_in_parts_that_are_counted() {
    let (server, session) = limited(
        "MESSAGELIMIT=2",
        r#"
        C: {a} FETCH 1:2 (UID FLAGS)
        S: {a} OK done
        C: {b} FETCH 3:4 (UID FLAGS)
        S: {b} OK done
        C: {c} FETCH 5 (UID FLAGS)
        S: {c} OK done
        C: {d} COPY 3:4 "Archive"
        S: {d} OK done
        C: {e} COPY 5 "Archive"
        S: {e} OK done
        C: {f} FETCH 1:2 (UID)
        S: * 1 FETCH (UID 3)
        S: * 2 FETCH (UID 4)
        S: {f} OK done
        C: {g} FETCH 3:4 (UID)
        S: * 3 FETCH (UID 5)
        S: * 4 FETCH (UID 7)
        S: {g} OK done
        C: {k} FETCH 5 (UID)
        S: * 5 FETCH (UID 9)
        S: {k} OK done
        C: {h} UID MOVE 3:4 "Archive"
        S: {h} OK done
        C: {j} UID MOVE 5,7 "Archive"
        S: {j} OK done
        C: {i} UID MOVE 9 "Archive"
        S: {i} OK done
        "#,
    );
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let mut numbered = inbox.numbered();
    let all = numbered.parse("1:*").unwrap();
    let mut messages = numbered.fetch(&all, [FetchItem::Flags]).unwrap();
    assert!(messages.next().unwrap().is_none());
    let last = numbered.parse("3:*").unwrap();
    numbered.copy(&last, "Archive").unwrap();
    let numbered = inbox.numbered();
    let all = numbered.parse("1:*").unwrap();
    numbered.move_to(&all, "Archive").unwrap();
    drop(inbox);
    drop(session);
    server.finish();
}

#[test]
fn a_search_goes_on_below_and_counts_all() {
    let (server, session) = limited(
        "MESSAGELIMIT=2 ESEARCH SEARCHRES SORT",
        r#"
        C: {a} UID SEARCH RETURN (COUNT) UNSEEN
        S: * ESEARCH (TAG "{a}") UID COUNT 1
        S: {a} OK [MESSAGELIMIT 2 7] for two
        C: {b} UID SEARCH RETURN (ALL) UNSEEN
        S: * ESEARCH (TAG "{b}") UID ALL 9
        S: {b} OK [MESSAGELIMIT 2 7] for two
        C: {c} UID SEARCH RETURN (ALL) UNSEEN UID 1:6
        S: * ESEARCH (TAG "{c}") UID ALL 3,5
        S: {c} OK [MESSAGELIMIT 2 3] for two
        C: {d} UID SEARCH RETURN (ALL) UNSEEN UID 1:2
        S: * ESEARCH (TAG "{d}") UID
        S: {d} OK done
        C: {e} UID SEARCH RETURN (SAVE COUNT) SEEN
        S: * ESEARCH (TAG "{e}") UID COUNT 1
        S: {e} OK [MESSAGELIMIT 2 7] for two
        C: {f} UID SEARCH RETURN (ALL) SEEN
        S: * ESEARCH (TAG "{f}") UID ALL 7
        S: {f} OK [MESSAGELIMIT 2 1] for two
        C: {g} UID SORT (SIZE) UTF-8 SEEN
        S: {g} NO [MESSAGELIMIT 2] too many
        C: {h} UID SEARCH RETURN (ALL) SEEN
        S: * ESEARCH (TAG "{h}") UID ALL 7
        S: {h} OK [MESSAGELIMIT 2 1] for two
        C: {i} UID FETCH 7 (RFC822.SIZE)
        S: * 4 FETCH (UID 7 RFC822.SIZE 7)
        S: {i} OK done
        "#,
    );
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let returns = SearchReturn::new().count();
    let found = inbox
        .run(Search::new(SearchKey::Unseen).returning(returns))
        .unwrap();
    assert_eq!(found.count(), Some(3));
    let kept = inbox.search_saved(SearchKey::Seen).unwrap();
    assert!(!kept.is_on_server());
    assert_eq!(kept.count(), 1);
    let sorted = inbox.sort([SortKey::Size], SearchKey::Seen).unwrap();
    assert_eq!(sorted.len(), 1);
    drop(inbox);
    drop(session);
    server.finish();
}

/// One that stops where it has stopped before would never come to the end.
#[test]
fn attack_one_that_does_not_come_any_further_is_refused() {
    for lowest in ["7", "9", "4294967295"] {
        let (server, session) = limited(
            "MESSAGELIMIT=2",
            &format!(
                r"
                C: {{a}} UID STORE 1:* +FLAGS (\Seen)
                S: {{a}} OK [MESSAGELIMIT 2 7] for two
                C: {{b}} UID STORE 1:6 +FLAGS (\Seen)
                S: {{b}} OK [MESSAGELIMIT 2 {lowest}] for two
                C: {{c}} UID SEARCH ALL
                S: {{c}} OK [MESSAGELIMIT 2 7] for two
                C: {{d}} UID SEARCH ALL UID 1:6
                S: {{d}} OK [MESSAGELIMIT 2 {lowest}] for two
                "
            ),
        );
        let mut inbox = session.lock_mailbox("INBOX").unwrap();
        let all = UidSet::all();
        let told = unfinished(inbox.store(&all, StoreAction::Add, [Flag::Seen]));
        assert_eq!(told.not_done().to_string(), "1:6");
        assert!(matches!(
            told.cause().response_code(),
            Some(ResponseCode::MessageLimit { messages: 2, .. })
        ));
        let error = inbox.search(SearchKey::All).unwrap_err();
        assert!(!error.may_have_taken_effect(), "{error:?}");
        drop(inbox);
        drop(session);
        server.finish();
    }
}

#[test]
fn by_sequence_numbers_a_stop_is_an_error_that_tells_how_far() {
    let (server, session) = limited(
        "",
        r"
        C: {a} STORE 1:5 +FLAGS (\Seen)
        S: {a} OK [MESSAGELIMIT 2 7] for two
        ",
    );
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let mut numbered = inbox.numbered();
    let all = numbered.last(5);
    let stored = numbered.store(&all, StoreAction::Add, [Flag::Seen]);
    let error = stored.map(drop).unwrap_err();
    let Error::Refused(refused) = &error else {
        panic!("{error:?}")
    };
    assert!(refused.is_in_part() && error.may_have_taken_effect());
    assert!(
        error.to_string().contains("some of the messages"),
        "{error}"
    );
    let Some(ResponseCode::MessageLimit { lowest, .. }) = error.response_code() else {
        panic!("{error:?}")
    };
    assert_eq!(lowest.map(Uid::value), Some(7));
    drop(inbox);
    drop(session);
    server.finish();
}

#[test]
fn downloads_go_on_below_and_more_messages_than_are_stored_at_once_are_not_sent() {
    let (server, session) = limited(
        "MESSAGELIMIT=2 MULTIAPPEND LITERAL+",
        r#"
        C: {a} UID FETCH 1:9 (UID BODY.PEEK[])
        S: * 5 FETCH (UID 9 BODY[] {1}
        S-raw: a)\r\n
        S: {a} OK [MESSAGELIMIT 2 7] for two
        C: {b} UID FETCH 1:6 (UID BODY.PEEK[])
        S: * 1 FETCH (UID 1 BODY[] {1}
        S-raw: b)\r\n
        S: {b} OK done
        C: {c} APPEND "Archive" {3+}
        C: one {3+}
        C: two {0+}
        C:
        S: {c} BAD an empty one calls them off
        C: {d} NOOP
        S: {d} OK done
        "#,
    );
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let mut all = Vec::new();
    let mut downloads = inbox
        .download_each(&uids("1:9"), &latchbox::types::Section::whole())
        .unwrap();
    while let Some(message) = downloads.next().unwrap() {
        message.copy_to(&mut all).unwrap();
    }
    assert_eq!(all, b"ab");
    drop(inbox);
    let three = [&b"one"[..], b"two", b"three"];
    let error = session.append_atomic("Archive", three).unwrap_err();
    assert!(matches!(error, Error::Argument(_)), "{error:?}");
    session.noop().unwrap();
    drop(session);
    server.finish();
}

/// In a batch a command is one, and says so.
#[test]
fn in_a_batch_a_stop_is_the_outcome_of_its_command() {
    use latchbox::command::{CopyMessages, Store};
    let (server, session) = limited(
        "",
        r"
        C: {a} UID STORE 1:3 +FLAGS (\Seen)
        C: {b} UID STORE 7:9 +FLAGS (\Seen)
        S: * NO [MESSAGELIMIT 1 3] for one
        S: {a} OK [HIGHESTMODSEQ 9] done
        S: {b} OK done
        ",
    );
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let (one, two) = (uids("1:3"), uids("7:9"));
    let store = |set| Store::add(set, &[Flag::Seen]);
    let [one, two] = inbox.pipeline([store(&one), store(&two)]).unwrap();
    assert!(one.unwrap_err().may_have_taken_effect());
    two.unwrap();
    let long = UidSet::unbound((1..9_000).step_by(2).filter_map(Uid::new));
    let (copied, stored) = inbox
        .pipeline((CopyMessages::new(&long, "Archive").unwrap(), store(&long)))
        .unwrap();
    for error in [copied.unwrap_err(), stored.unwrap_err()] {
        assert!(error.to_string().contains("too long"), "{error}");
    }
    drop(inbox);
    drop(session);
    server.finish();
}
