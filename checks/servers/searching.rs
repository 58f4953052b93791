//! Searches, orders and threads on other servers than Dovecot: the same everywhere, whatever of it
//! the server can do by itself.

use std::num::NonZeroU32;

use latchbox::command::Search;
use latchbox::types::{
    FetchItem, PartialRange, SearchKey, SearchReturn, SortCriterion, SortKey, Thread,
    ThreadAlgorithm, Uid,
};
use latchbox::{Error, Session};

use crate::logged_in::log_in;
use crate::support::servers::{Server, courier, cyrus, imap4d};

/// Of different sizes, authors and subjects, and sent in another order than they come.
fn fill(session: &Session) {
    for (id, from, subject, day, references) in [
        (1, "zoe", "lunch", 5, ""),
        (2, "ann", "Re: lunch", 6, "<1@x>"),
        (3, "bob", "=?utf-8?b?R3LDvMOfZQ==?=", 1, ""),
        (4, "dan", "[list] apple (fwd)", 2, ""),
        (5, "carl", "Re: lunch", 7, "<1@x> <2@x>"),
    ] {
        let message = format!(
            "From: {from}@example.com\r\nSubject: {subject}\r\nMessage-ID: <{id}@x>\r\n\
             References: {references}\r\nDate: {day} Feb 2024 10:00:00 +0000\r\n\r\n{}\r\n",
            "x".repeat(50 * (7 - id)),
        );
        session.append("INBOX", message.as_bytes()).unwrap();
    }
}

/// What is the same on every server.
fn check(server: &Server, has_threads: bool) {
    let session = log_in(server);
    fill(&session);
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let orders: [(&[SortCriterion], [u32; 5]); 5] = [
        (&[SortKey::Date.into()], [3, 4, 1, 2, 5]),
        (&[SortKey::Date.reverse()], [5, 2, 1, 4, 3]),
        (&[SortKey::From.into()], [2, 3, 5, 4, 1]),
        (&[SortKey::Size.into()], [5, 4, 3, 2, 1]),
        (
            &[SortKey::Subject.into(), SortKey::Date.reverse()],
            [4, 3, 5, 2, 1],
        ),
    ];
    for (criteria, expected) in orders {
        let sorted = inbox
            .sort(criteria.iter().cloned(), SearchKey::All)
            .unwrap();
        let sorted: Vec<u32> = sorted.iter().map(|uid| uid.value()).collect();
        assert_eq!(sorted, expected, "{criteria:?}");
    }

    let page = PartialRange::last(NonZeroU32::new(2).unwrap());
    let returns = SearchReturn::new().min().max().count().partial(page);
    let lunch = SearchKey::Subject("lunch".into());
    let found = inbox.run(Search::new(&lunch).returning(returns)).unwrap();
    assert_eq!((found.min(), found.max()), (Uid::new(1), Uid::new(5)));
    assert_eq!(found.count(), Some(3));
    assert_eq!(found.partial().unwrap().to_string(), "2,5");
    let green = SearchKey::Subject("Gr\u{fc}\u{df}e".into());
    assert_eq!(inbox.search(&green).unwrap().to_string(), "3");

    let mut kept = inbox.search_saved(&lunch).unwrap();
    assert_eq!(
        (kept.count(), kept.uids().unwrap().to_string()),
        (3, "1:2,5".into())
    );
    assert_eq!(kept.fetch([FetchItem::Uid]).unwrap().into_iter().count(), 3);
    let kept = kept.narrow(SearchKey::From("ann".into())).unwrap();
    assert_eq!(kept.count(), 1);

    match inbox.thread(ThreadAlgorithm::References, &lunch) {
        Ok(threads) => {
            assert!(has_threads);
            assert_eq!(
                (threads.len(), threads.uids().to_string()),
                (1, "1:2,5".into())
            );
            let depths: Vec<_> = threads.iter().next().unwrap().messages().collect();
            let depths: Vec<_> = depths.iter().map(Thread::depth).collect();
            assert_eq!(depths, [0, 1, 2]);
        }
        Err(Error::Unsupported(_)) => assert!(!has_threads),
        Err(error) => panic!("{error}"),
    }
    drop(inbox);
    session.logout().unwrap();
}

#[test]
fn cyrus_sorts_and_threads() {
    let server = cyrus().unwrap();
    check(&server, true);
    server.running.stop();
}

#[test]
fn courier_sorts_and_threads() {
    let server = courier().unwrap();
    check(&server, true);
    server.running.stop();
}

#[test]
fn for_imap4d_it_is_done_here() {
    let server = imap4d().unwrap();
    check(&server, false);
    server.running.stop();
}
