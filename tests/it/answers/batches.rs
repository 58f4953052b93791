//! What a batch does as the direct call does it.

use latchbox::command::{Noop, Search};
use latchbox::notify::NotifyRequest;
use latchbox::types::{SearchKey, SearchReturn};
use latchbox::{Error, SessionEvent};

use crate::scripted::selecting_with;

#[test]
fn fault_35_a_search_answer_without_a_tag_is_that_of_the_only_search() {
    for answer in [
        "SEARCH 1 2 5",
        "ESEARCH UID ALL 1:2,5",
        "ESEARCH UID COUNT 3 ALL 1:2,5",
    ] {
        let (server, session) = selecting_with(
            "IMAP4rev1 ESEARCH",
            &format!(
                "
                C: {{a}} UID SEARCH RETURN (ALL) UNSEEN
                C: {{n}} NOOP
                S: * {answer}
                S: {{a}} OK done
                S: {{n}} OK done
                "
            ),
            |builder| builder,
        );
        let mut inbox = session.lock_mailbox("INBOX").unwrap();
        let batch = (Search::new(SearchKey::Unseen), Noop);
        let (found, noop) = inbox.pipeline(batch).unwrap();
        let found = found.unwrap();
        assert_eq!(found.all().unwrap().to_string(), "1:2,5", "{answer}");
        noop.unwrap();
        drop(inbox);
        drop(session);
        server.finish();
    }
}

/// It cannot be known whose it is; from then on they are sent one after the other.
#[test]
fn fault_35_with_two_searches_it_is_an_error_that_says_so() {
    let (server, session) = selecting_with(
        "IMAP4rev1 ESEARCH",
        "
        C: {a} UID SEARCH RETURN (ALL) UNSEEN
        C: {b} UID SEARCH RETURN (COUNT) FLAGGED
        S: * SEARCH 1 2
        S: {a} OK done
        S: * ESEARCH (TAG \"{b}\") UID COUNT 7
        S: {b} OK done
        C: {c} UID SEARCH RETURN (ALL) UNSEEN
        silent
        S: * SEARCH 1 2
        S: {c} OK done
        C: {d} UID SEARCH RETURN (COUNT) FLAGGED
        S: * SEARCH 9
        S: {d} OK done
        ",
        |builder| builder,
    );
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let batch = || {
        let count = SearchReturn::new().count();
        let unseen = Search::new(SearchKey::Unseen);
        (unseen, Search::new(SearchKey::Flagged).returning(count))
    };
    let (unseen, flagged) = inbox.pipeline(batch()).unwrap();
    match unseen {
        Err(Error::Unparsable(error)) => {
            assert!(error.is_ambiguous());
            let shown = error.to_string();
            assert!(shown.contains("does not name its command"), "{shown}");
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(flagged.unwrap().count(), Some(7));
    let (unseen, flagged) = inbox.pipeline(batch()).unwrap();
    assert_eq!(unseen.unwrap().all().unwrap().to_string(), "1:2");
    assert_eq!(flagged.unwrap().count(), Some(1));
    drop(inbox);
    drop(session);
    server.finish();
}

/// As `search` takes it: a server may say nothing where it found nothing.
#[test]
fn fault_35_no_answer_at_all_is_nothing_found() {
    let (server, session) = selecting_with(
        "IMAP4rev1 ESEARCH",
        "
        C: {a} UID SEARCH RETURN (ALL) UNSEEN
        S: {a} OK done
        C: {b} UID SEARCH RETURN (ALL) UNSEEN
        S: {b} OK done
        ",
        |builder| builder,
    );
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    assert!(inbox.search(SearchKey::Unseen).unwrap().is_empty());
    let [found] = inbox.pipeline([Search::new(SearchKey::Unseen)]).unwrap();
    assert!(found.unwrap().all().unwrap().is_empty());
    drop(inbox);
    drop(session);
    server.finish();
}

/// An answer that names another command is not taken for that of this one.
#[test]
fn fault_35_an_answer_with_a_foreign_tag_is_an_error() {
    let (server, session) = selecting_with(
        "IMAP4rev1 ESEARCH",
        "
        C: {a} UID SEARCH RETURN (ALL) UNSEEN
        S: * ESEARCH (TAG \"other\") UID ALL 1:2
        S: {a} OK done
        ",
        |builder| builder,
    );
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let found = inbox.search(SearchKey::Unseen);
    assert!(matches!(found, Err(Error::Unparsable(_))), "{found:?}");
    drop(inbox);
    drop(session);
    server.finish();
}

/// After it the server would tell nothing of the selected mailbox, and the counters stand still.
#[test]
fn fault_75_a_batch_of_noops_has_the_counters_kept_again() {
    for on_the_guard in [true, false] {
        let (server, session) = selecting_with(
            "IMAP4rev1 NOTIFY",
            "
            C-start: {n} NOTIFY SET
            S: {n} OK done
            C: {a} CREATE \"x\"
            S: * OK [NOTIFICATIONOVERFLOW] too much
            S: {a} OK done
            C: {b} NOTIFY SET (selected-delayed (MessageNew MessageExpunge FlagChange))
            S: {b} OK done
            C: {c} NOOP
            C: {d} NOOP
            S: * 4 EXISTS
            S: {c} OK done
            S: {d} OK done
            ",
            |builder| builder,
        );
        let mut inbox = session.lock_mailbox("INBOX").unwrap();
        session.notify().set(&NotifyRequest::new()).unwrap();
        session.create("x").unwrap();
        let outcomes = match on_the_guard {
            true => inbox.pipeline([Noop, Noop]).unwrap(),
            false => session.pipeline([Noop, Noop]).unwrap(),
        };
        for outcome in outcomes {
            outcome.unwrap();
        }
        assert_eq!(inbox.exists(), 4);
        let events = session.events();
        assert!(matches!(
            events[..],
            [SessionEvent::NotificationOverflow(_)]
        ));
        drop(inbox);
        drop(session);
        server.finish();
    }
}
