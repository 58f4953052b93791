//! SORT with RETURN (ESORT, CONTEXT=SORT: RFC 5267) on Dovecot.

use latchbox::command::Sort;
use latchbox::types::{PartialRange, SearchKey, SearchReturn, SortKey, SortedUids, Uid};

use crate::dovecot::session;
use crate::support::dovecot::dovecot;

fn numbers(sorted: Option<&SortedUids>) -> Option<Vec<u32>> {
    sorted.map(|sorted| sorted.iter().map(|uid| uid.value()).collect())
}

fn first_two() -> PartialRange {
    PartialRange::first(2.try_into().unwrap())
}

/// Dovecot 2.3 has ESORT.
#[test]
fn fault_40_on_dovecot() {
    let user = dovecot().user();
    let session = session(&user);
    for size in [30, 10, 20] {
        let message = format!("Subject: x\r\n\r\n{}\r\n", "x".repeat(size));
        session.append("INBOX", message.as_bytes()).unwrap();
    }
    let mut inbox = session.lock_mailbox_read_only("INBOX").unwrap();
    let returns = SearchReturn::new().min().max().count();
    let sorted = inbox
        .run(
            Sort::new([SortKey::Size], SearchKey::All)
                .returning(returns)
                .local_limit(0),
        )
        .unwrap();
    assert_eq!((sorted.min(), sorted.max()), (Uid::new(2), Uid::new(1)));
    assert_eq!(sorted.count(), Some(3));
    let returns = returns.all().partial(first_two());
    let sorted = inbox
        .run(
            Sort::new([SortKey::Size], SearchKey::All)
                .returning(returns)
                .local_limit(0),
        )
        .unwrap();
    assert_eq!(numbers(sorted.all()), Some(vec![2, 3, 1]));
    assert_eq!(numbers(sorted.partial()), Some(vec![2, 3]));
    let none = inbox
        .run(
            Sort::new([SortKey::Size], SearchKey::Flagged)
                .returning(returns)
                .local_limit(0),
        )
        .unwrap();
    assert_eq!((none.count(), none.min()), (Some(0), None));
    assert_eq!(numbers(none.all()), Some(vec![]));
}
