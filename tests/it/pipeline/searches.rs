//! Several searches in one go: beside each other where the answers name them, else one after the
//! other.

use latchbox::command::{Noop, Search, SearchResult, Store};
use latchbox::gmail::Label;
use latchbox::notify::NotifyRequest;
use latchbox::types::{SearchKey, SearchReturn, StoreAction, Uid, UidSet};
use latchbox::{Error, Result};

use crate::scripted::selecting_with;

fn count(key: SearchKey) -> Search<'static> {
    Search::new(key).returning(SearchReturn::new().count())
}

#[test]
fn searches_whose_answers_name_them_are_in_flight_together() {
    let (server, session) = selecting_with(
        "IMAP4rev1 ESEARCH",
        r#"
        C: {a} UID SEARCH RETURN (COUNT) UNSEEN
        C: {b} UID SEARCH RETURN (MAX) FLAGGED
        C: {c} UID SEARCH RETURN (ALL) CHARSET UTF-8 SUBJECT {2}
        S: * ESEARCH (TAG "{b}") UID MAX 9
        S: * ESEARCH (TAG "{a}") UID COUNT 3
        S: {b} OK done
        S: + go on
        C: ü
        S: {a} OK done
        S: * ESEARCH (TAG "{c}") UID ALL 1:3
        S: {c} OK done
        "#,
        |builder| builder,
    );
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let batch = (
        count(SearchKey::Unseen),
        Search::new(SearchKey::Flagged).returning(SearchReturn::new().max()),
        Search::new(SearchKey::Subject("ü".into())),
    );
    let (unseen, flagged, subject) = inbox.pipeline(batch).unwrap();
    assert_eq!(unseen.unwrap().count(), Some(3));
    assert_eq!(flagged.unwrap().max(), Uid::new(9));
    let found = subject.unwrap();
    let found = found.all().unwrap();
    assert_eq!(found.to_string(), "1:3");
    assert!(found.origin().is_some());
    drop(inbox);
    drop(session);
    server.finish();
}

#[test]
fn without_names_they_go_one_after_the_other() {
    let (server, session) = selecting_with(
        "IMAP4rev1",
        r#"
        C: {a} UID SEARCH UNSEEN
        C: {n} NOOP
        silent
        S: * SEARCH 1 2 5
        S: {a} OK done
        S: {n} OK done
        C: {b} UID SEARCH FLAGGED
        S: {b} NO [SERVERBUG] no
        "#,
        |builder| builder,
    );
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let batch = (count(SearchKey::Unseen), Noop, count(SearchKey::Flagged));
    let (unseen, noop, flagged) = inbox.pipeline(batch).unwrap();
    assert_eq!(unseen.unwrap().count(), Some(3));
    noop.unwrap();
    assert!(matches!(flagged, Err(Error::Refused(_))));
    drop(inbox);
    drop(session);
    server.finish();
}

/// What a change makes of the flags is not known until it is answered.
#[test]
fn a_search_and_a_change_go_one_after_the_other() {
    let (server, session) = selecting_with(
        "IMAP4rev1 ESEARCH X-GM-EXT-1",
        r#"
        C: {a} UID STORE 1 +X-GM-LABELS ("Box")
        silent
        S: {a} OK done
        C: {b} UID SEARCH RETURN (ALL) UNSEEN
        S: * ESEARCH (TAG "{b}") UID
        S: {b} OK done
        "#,
        |builder| builder,
    );
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let one: UidSet = "1".parse().unwrap();
    let labels = [Label::new("Box").unwrap()];
    let batch = (
        Store::labels(&one, StoreAction::Add, &labels),
        Search::new(SearchKey::Unseen),
    );
    let (stored, found) = inbox.pipeline(batch).unwrap();
    assert!(stored.unwrap().changed().is_empty());
    assert!(found.unwrap().all().unwrap().is_empty());
    drop(inbox);
    drop(session);
    server.finish();
}

/// An answer without a name could be for either, and one that cannot be read too.
#[test]
fn attack_an_answer_that_names_none_of_several_is_for_none() {
    for notifies in [false, true] {
        for answer in [
            "SEARCH 1 2",
            "ESEARCH UID ALL 1:2",
            "ESEARCH (TAG \"no\") UID ALL 1",
        ] {
            let [unseen, flagged] = two_searches(answer, notifies);
            assert!(matches!(unseen, Err(Error::Unparsable(_))), "{answer}");
            assert_eq!(flagged.unwrap().all().unwrap().to_string(), "7");
        }
        for outcome in two_searches("ESEARCH (TAG \"x\") UID ALL x", notifies) {
            assert!(matches!(outcome, Err(Error::Unparsable(_))), "{outcome:?}");
        }
    }
}

fn two_searches(answer: &str, notifies: bool) -> [Result<SearchResult>; 2] {
    let notify = match notifies {
        false => "",
        true => {
            "
            C-start: {n} NOTIFY SET
            S: {n} OK done
            "
        }
    };
    let (server, session) = selecting_with(
        "IMAP4rev1 ESEARCH NOTIFY",
        &format!(
            r#"
            {notify}
            C: {{a}} UID SEARCH RETURN (ALL) UNSEEN
            C: {{b}} UID SEARCH RETURN (ALL) FLAGGED
            S: * {answer}
            S: * ESEARCH (TAG "{{b}}") UID ALL 7
            S: {{a}} OK done
            S: {{b}} OK done
            "#
        ),
        |builder| builder,
    );
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    if notifies {
        session.notify().set(&NotifyRequest::new()).unwrap();
    }
    let batch = [SearchKey::Unseen, SearchKey::Flagged].map(Search::new);
    let outcomes = inbox.pipeline(batch).unwrap();
    drop(inbox);
    drop(session);
    server.finish();
    outcomes
}

#[test]
fn what_cannot_be_sent_in_a_batch_is_the_outcome_of_its_command() {
    let (server, session) = selecting_with(
        "IMAP4rev1 ESEARCH",
        r#"
        C: {a} UID SEARCH RETURN (ALL) SEEN
        S: * ESEARCH (TAG "{a}") UID ALL 1
        S: {a} OK done
        "#,
        |builder| builder,
    );
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let last = SearchKey::from(&inbox.numbered().last(2));
    let long = UidSet::unbound((1..9_000).step_by(2).filter_map(Uid::new));
    let one: UidSet = "1".parse().unwrap();
    let label = [Label::new("x").unwrap()];
    let batch = (
        Search::new(last),
        Search::new(SearchKey::Uid(long)),
        Search::new(SearchKey::And(vec![])),
        Search::new(SearchKey::GmailRaw("x".into())),
        Store::labels(&one, StoreAction::Add, &label),
        Search::new(SearchKey::Seen),
    );
    let (last, long, nothing, gmail, labels, seen) = inbox.pipeline(batch).unwrap();
    assert!(matches!(last, Err(Error::Argument(_))));
    assert!(matches!(long, Err(Error::Argument(_))));
    assert!(matches!(nothing, Err(Error::Argument(_))));
    assert!(matches!(gmail, Err(Error::Unsupported(_))));
    assert!(matches!(labels, Err(Error::Unsupported(_))));
    assert_eq!(seen.unwrap().all().unwrap().len(), 1);
    drop(inbox);
    drop(session);
    server.finish();
}
