//! SORT with RETURN (ESORT, CONTEXT=SORT: RFC 5267).

use latchbox::command::Sort;
use latchbox::types::{
    PartialRange, SearchKey, SearchReturn, SortKey, SortResult, SortedUids, Uid,
};
use latchbox::{Error, Result};

use crate::scripted::selecting_with;

fn numbers(sorted: Option<&SortedUids>) -> Option<Vec<u32>> {
    sorted.map(|sorted| sorted.iter().map(|uid| uid.value()).collect())
}

fn first_two() -> PartialRange {
    PartialRange::first(2.try_into().unwrap())
}

/// INBOX has three messages here.
fn sort(capabilities: &str, lines: &str, returns: SearchReturn) -> Result<SortResult> {
    let (server, session) = selecting_with(capabilities, lines, |builder| builder);
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let sorted = inbox.run(Sort::new([SortKey::Size], SearchKey::All).returning(returns));
    drop(inbox);
    drop(session);
    server.finish();
    sorted
}

fn asked(returns: &str, answer: &str) -> String {
    format!(
        "
        C: {{a}} UID SORT {returns}(SIZE) UTF-8 ALL
        S: * {answer}
        S: {{a}} OK done
        "
    )
}

#[test]
fn fault_40_what_is_asked_for_is_what_is_returned() {
    let options = SearchReturn::new().min().max().count();
    for answer in [
        "ESEARCH (TAG \"{a}\") UID COUNT 3 MIN 9 MAX 2",
        "ESEARCH UID MIN 9 MAX 2 COUNT 3",
        "ESEARCH (TAG \"{a}\") UID ALL 9,4,2",
        "SORT 9 4 2",
    ] {
        let lines = asked("RETURN (MIN MAX COUNT) ", answer);
        let sorted = sort("IMAP4rev1 SORT ESORT", &lines, options).unwrap();
        assert_eq!(
            (sorted.min(), sorted.max()),
            (Uid::new(9), Uid::new(2)),
            "{answer}"
        );
        assert_eq!(sorted.count(), Some(3), "{answer}");
        assert!(sorted.all().is_none() && sorted.partial().is_none());
    }
}

#[test]
fn fault_40_all_comes_in_its_order_with_the_rest() {
    let options = SearchReturn::new().all().count();
    let answer = "ESEARCH (TAG \"{a}\") UID COUNT 3 ALL 9,2:3";
    let lines = asked("RETURN (COUNT ALL) ", answer);
    let sorted = sort("IMAP4rev1 SORT ESORT", &lines, options).unwrap();
    assert_eq!(numbers(sorted.all()), Some(vec![9, 2, 3]));
    let none = asked("RETURN (COUNT ALL) ", "ESEARCH (TAG \"{a}\") UID COUNT 0");
    let sorted = sort("IMAP4rev1 SORT ESORT", &none, options).unwrap();
    assert_eq!(
        (numbers(sorted.all()), sorted.count()),
        (Some(vec![]), Some(0))
    );
    // More than there are messages.
    let many = asked(
        "RETURN (COUNT ALL) ",
        "ESEARCH (TAG \"{a}\") UID ALL 1:4294967295",
    );
    let sorted = sort("IMAP4rev1 SORT ESORT", &many, options);
    assert!(matches!(sorted, Err(Error::Unparsable(_))), "{sorted:?}");
}

/// As a search with RETURN is done where the server has no ESEARCH.
#[test]
fn fault_40_without_esort_it_is_computed_of_all() {
    let options = SearchReturn::new().min().max().count().partial(first_two());
    let lines = asked("", "SORT 9 4 2");
    let sorted = sort("IMAP4rev1 SORT", &lines, options).unwrap();
    assert_eq!((sorted.min(), sorted.max()), (Uid::new(9), Uid::new(2)));
    assert_eq!(sorted.count(), Some(3));
    assert_eq!(numbers(sorted.partial()), Some(vec![9, 4]));
    assert!(sorted.all().is_none());
}

#[test]
fn fault_40_a_page_beside_the_count() {
    let options = SearchReturn::new().count().partial(first_two());
    let answer = "ESEARCH (TAG \"{a}\") UID COUNT 3 PARTIAL (1:2 9,4)";
    let lines = asked("RETURN (COUNT PARTIAL 1:2) ", answer);
    let sorted = sort("IMAP4rev1 SORT ESORT CONTEXT=SORT", &lines, options).unwrap();
    assert_eq!(
        (sorted.count(), numbers(sorted.partial())),
        (Some(3), Some(vec![9, 4]))
    );
    // Without pages, all come.
    let answer = "ESEARCH (TAG \"{a}\") UID COUNT 3 ALL 9,4,2";
    let lines = asked("RETURN (COUNT ALL) ", answer);
    let sorted = sort("IMAP4rev1 SORT ESORT", &lines, options).unwrap();
    assert_eq!(
        (sorted.count(), numbers(sorted.partial())),
        (Some(3), Some(vec![9, 4]))
    );
}

#[test]
fn fault_40_what_was_left_out_or_is_anothers_is_an_error() {
    let options = SearchReturn::new().count();
    for answer in ["ESEARCH (TAG \"{a}\") UID MIN 1", "OK nothing"] {
        let lines = asked("RETURN (COUNT) ", answer);
        let sorted = sort("IMAP4rev1 SORT ESORT", &lines, options);
        assert!(
            matches!(sorted, Err(Error::MissingData(_))),
            "{answer}: {sorted:?}"
        );
    }
    let lines = asked("RETURN (COUNT) ", "ESEARCH (TAG \"other\") UID COUNT 3");
    let sorted = sort("IMAP4rev1 SORT ESORT", &lines, options);
    assert!(matches!(sorted, Err(Error::Unparsable(_))), "{sorted:?}");
}
