//! Searches whose sets are too long for one command.

use latchbox::Error;
use latchbox::command::{Expunge, Search};
use latchbox::error::InvalidArgument;
use latchbox::types::{SearchKey, SearchReturn, SortKey, ThreadAlgorithm, Uid};

use crate::parts::{many, numbers, short};
use crate::scripted::selecting_with;

/// The two halves that a search for the UIDs of [`many`] becomes.
fn looked_for() -> (String, String) {
    (numbers(1000, 150), format!("{},1599", numbers(1300, 149)))
}

#[test]
fn a_search_in_a_long_set_is_several_whose_results_are_one() {
    let (one, two) = looked_for();
    let (server, session) = short(&format!(
        "
        C: {{a}} UID SEARCH UNSEEN UID {one}
        S: * SEARCH 1000 1002
        S: {{a}} OK done
        C: {{b}} UID SEARCH UNSEEN UID {two}
        S: * SEARCH 1599
        S: {{b}} OK done
        "
    ));
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let found = inbox.search(SearchKey::Unseen.and(SearchKey::Uid(many())));
    let found = found.unwrap();
    assert_eq!(found.to_string(), "1000,1002,1599");
    assert!(found.origin().is_some());
    drop(inbox);
    drop(session);
    server.finish();
}

#[test]
fn what_else_is_to_be_returned_is_computed_of_all() {
    let (one, two) = looked_for();
    let (server, session) = selecting_with(
        "IMAP4rev1 SCAN ESEARCH SEARCHRES",
        &format!(
            r#"
            C: {{a}} UID SEARCH RETURN (ALL) UID {one}
            S: * ESEARCH (TAG "{{a}}") UID ALL 1000:1004
            S: {{a}} OK done
            C: {{b}} UID SEARCH RETURN (ALL) UID {two}
            S: * ESEARCH (TAG "{{b}}") UID ALL 1599
            S: {{b}} OK done
            C: {{c}} UID SEARCH RETURN (ALL) UID {one}
            S: * ESEARCH (TAG "{{c}}") UID
            S: {{c}} OK done
            C: {{d}} UID SEARCH RETURN (ALL) UID {two}
            S: * ESEARCH (TAG "{{d}}") UID ALL 1599
            S: {{d}} OK done
            C: {{e}} UID COPY 1599 "Archive"
            S: {{e}} OK done
            "#
        ),
        |builder| builder,
    );
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let key = SearchKey::Uid(many());
    let returns = SearchReturn::new().count().min().max();
    let found = inbox.run(Search::new(&key).returning(returns)).unwrap();
    // 1001 and 1003 were not asked for.
    assert_eq!(found.count(), Some(4));
    assert_eq!(found.min(), Uid::new(1000));
    assert_eq!(found.max(), Uid::new(1599));
    assert!(found.all().is_none());
    // A server keeps the result of one command: here the view has the UIDs.
    let mut kept = inbox.search_saved(&key).unwrap();
    assert!(!kept.is_on_server());
    assert_eq!(kept.count(), 1);
    kept.copy("Archive").unwrap();
    drop(inbox);
    drop(session);
    server.finish();
}

#[test]
fn what_is_excluded_by_a_long_set_is_taken_away_here() {
    let (server, session) = short(
        "
        C: {a} UID SEARCH DELETED
        S: * SEARCH 999 1000 1599 1600
        S: {a} OK done
        ",
    );
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let found = inbox.search(SearchKey::Deleted.and(!SearchKey::Uid(many())));
    assert_eq!(found.unwrap().to_string(), "999,1600");
    drop(inbox);
    drop(session);
    server.finish();
}

/// Without UIDPLUS: the flags of all are asked for, without naming the many that are to go.
#[test]
fn hazard_h12_others_are_spared_whatever_the_length_of_the_set() {
    let (server, session) = selecting_with(
        "IMAP4rev1 SCAN",
        r"
        C: {a} UID FETCH 1:* (FLAGS)
        S: * 1 FETCH (UID 2 FLAGS ())
        S: * 2 FETCH (UID 5 FLAGS (\Deleted))
        S: * 3 FETCH (UID 1000 FLAGS (\Deleted))
        S: {a} OK done
        C: {b} UID STORE 5 -FLAGS.SILENT (\Deleted)
        S: {b} OK done
        C: {again} UID FETCH 1:* (FLAGS)
        S: * 1 FETCH (UID 2 FLAGS ())
        S: * 2 FETCH (UID 5 FLAGS ())
        S: * 3 FETCH (UID 1000 FLAGS (\Deleted))
        S: {again} OK done
        C: {c} EXPUNGE
        S: * 2 EXPUNGE
        S: {c} OK done
        C: {d} UID STORE 5 +FLAGS.SILENT (\Deleted)
        S: {d} OK done
        ",
        |builder| builder,
    );
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let gone = inbox.run(Expunge::new(&many()).unflag_others()).unwrap();
    assert_eq!(gone.count(), 1);
    drop(inbox);
    drop(session);
    server.finish();
}

#[test]
fn a_set_where_it_cannot_be_divided_is_refused_before_anything_is_sent() {
    let (server, session) = selecting_with("IMAP4rev1 SCAN THREAD=REFS", "", |builder| builder);
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let either = SearchKey::Uid(many()).or(SearchKey::Seen);
    for error in [
        inbox.search(!either).unwrap_err(),
        inbox
            .thread(ThreadAlgorithm::Refs, SearchKey::Uid(many()))
            .map(drop)
            .unwrap_err(),
    ] {
        let Error::Argument(argument) = &error else {
            panic!("{error:?}")
        };
        assert!(matches!(**argument, InvalidArgument::Text { .. }));
        assert!(error.to_string().contains("too long"), "{error}");
    }
    drop(inbox);
    drop(session);
    server.finish();
}

#[test]
fn what_is_too_long_for_a_sort_there_is_sorted_here() {
    let (one, two) = looked_for();
    let (server, session) = selecting_with(
        "IMAP4rev1 SCAN SORT",
        &format!(
            r#"
            C: {{a}} UID SEARCH UID {one}
            S: * SEARCH 1000
            S: {{a}} OK done
            C: {{b}} UID SEARCH UID {two}
            S: * SEARCH 1599
            S: {{b}} OK done
            C: {{c}} UID FETCH 1000,1599 (RFC822.SIZE)
            S: * 1 FETCH (UID 1000 RFC822.SIZE 7)
            S: * 2 FETCH (UID 1599 RFC822.SIZE 5)
            S: {{c}} OK done
            "#
        ),
        |builder| builder,
    );
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let sorted = inbox.sort([SortKey::Size], SearchKey::Uid(many())).unwrap();
    assert_eq!(sorted.len(), 2);
    assert_eq!(sorted.iter().next(), Uid::new(1599).as_ref());
    drop(inbox);
    drop(session);
    server.finish();
}
