//! SORT and THREAD, by servers that have them, and an order that is made here.

use std::num::NonZeroU32;

use latchbox::command::Sort;
use latchbox::types::{
    ExtensionName, PartialRange, SearchKey, SearchReturn, SortKey, ThreadAlgorithm, Uid,
};
use latchbox::{Error, Result};

use super::{assert_unsupported, on};

fn numbers(sorted: &latchbox::types::SortedUids) -> Vec<u32> {
    sorted.iter().map(|uid| uid.value()).collect()
}

#[test]
fn attack_071_the_order_is_the_servers_and_each_comes_once() {
    let script = r#"
        C: {a} UID SORT (REVERSE DATE SUBJECT) UTF-8 UNSEEN SUBJECT "x"
        S: * SORT 9 2 9
        S: * SORT 7 2 (MODSEQ 5)
        S: {a} OK done
    "#;
    let criteria = [SortKey::Date.reverse(), SortKey::Subject.into()];
    let key = SearchKey::Unseen.and(SearchKey::Subject("x".into()));
    let sorted = on("IMAP4rev1 SORT", script, |inbox| inbox.sort(criteria, key)).unwrap();
    assert_eq!(numbers(&sorted), [9, 2, 7]);
    assert_eq!(sorted.to_set().to_string(), "2,7,9");
    assert_eq!(sorted.page(1, 1).to_string(), "2");
    assert_eq!(sorted.into_vec().first(), Uid::new(9).as_ref());
}

/// G15: only a server knows how to sort by it.
#[test]
fn a_key_that_is_not_known_is_sorted_by_name_and_never_here() {
    let script = "
        C: {a} UID SORT (REVERSE X-NEW SIZE) UTF-8 ALL
        S: * SORT 9 2
        S: {a} OK done
    ";
    let other = || SortKey::Other(ExtensionName::new("X-NEW").unwrap());
    let criteria = || [other().reverse(), SortKey::Size.into()];
    let sorted = on("IMAP4rev1 SORT", script, |inbox| {
        inbox.sort(criteria(), SearchKey::All)
    });
    assert_eq!(numbers(&sorted.unwrap()), [9, 2]);
    let cannot = on("IMAP4rev1", "", |inbox| {
        inbox.sort(criteria(), SearchKey::All)
    });
    assert!(matches!(cannot, Err(Error::Unsupported(_))), "{cannot:?}");
}

#[test]
fn q88_a_sort_is_sent_in_another_charset_too() {
    let script = r"
        C: {a} UID SORT (SIZE) UTF-8 SUBJECT {2+}
        C-raw: \xC3\xBC\r\n
        S: {a} NO [BADCHARSET (ISO-8859-1)] no
        C: {b} UID SORT (SIZE) ISO-8859-1 SUBJECT {1+}
        C-raw: \xFC\r\n
        S: * SORT 4
        S: {b} OK done
    ";
    let key = SearchKey::Subject("\u{fc}".into());
    let sorted = on("IMAP4rev1 SORT LITERAL+", script, |inbox| {
        inbox.sort([SortKey::Size], key)
    });
    assert_eq!(numbers(&sorted.unwrap()), [4]);
}

fn page(capabilities: &str, script: &str, range: PartialRange) -> Result<Vec<u32>> {
    let sorted = on(capabilities, script, |inbox| {
        inbox.run(
            Sort::new([SortKey::Size], SearchKey::All)
                .returning(SearchReturn::new().partial(range)),
        )
    });
    sorted.map(|sorted| numbers(sorted.partial().unwrap()))
}

#[test]
fn a_page_comes_in_its_order_from_a_server_that_has_pages() {
    let three = PartialRange::first(NonZeroU32::new(3).unwrap());
    for (answer, expected) in [
        (
            "* ESEARCH (TAG \"{a}\") UID PARTIAL (1:3 9,2:3)",
            Some(vec![9, 2, 3]),
        ),
        (
            "* ESEARCH (TAG \"{a}\") UID PARTIAL (1:3 NIL)",
            Some(vec![]),
        ),
        ("* SORT 9 2 3 7", Some(vec![9, 2, 3])),
        (
            "* ESEARCH (TAG \"{a}\") UID PARTIAL (1:3 1:4294967295)",
            None,
        ),
        ("* ESEARCH (TAG \"{a}\") UID COUNT 5", None),
        ("* ESEARCH (TAG \"other\") UID PARTIAL (1:3 9,2:3)", None),
    ] {
        let script = format!(
            "
            C: {{a}} UID SORT RETURN (PARTIAL 1:3) (SIZE) UTF-8 ALL
            S: {answer}
            S: {{a}} OK done
            "
        );
        let found = page("IMAP4rev1 SORT ESORT CONTEXT=SORT", &script, three);
        assert_eq!(found.ok(), expected, "{answer}");
    }
}

#[test]
fn a_page_is_cut_out_where_the_server_has_none() {
    let number = |number| NonZeroU32::new(number).unwrap();
    let script = "
        C: {a} UID SORT (SIZE) UTF-8 ALL
        S: * SORT 9 2 3 7
        S: {a} OK done
    ";
    let from_start = PartialRange::from_start(number(2), number(3));
    let found = page("IMAP4rev1 SORT", script, from_start).unwrap();
    assert_eq!(found, [2, 3]);
    let last = PartialRange::last(number(3));
    let found = page("IMAP4rev1 SORT CONTEXT=SORT", script, last).unwrap();
    assert_eq!(found, [2, 3, 7]);
}

/// Only what is compared is asked for; a message that is gone meanwhile is not in the order, and
/// what a message does not have counts as nothing.
#[test]
fn an_order_is_made_here_where_the_server_cannot() {
    let envelope = |date: &str, subject: &str| {
        format!("ENVELOPE ({date} {subject} NIL NIL NIL NIL NIL NIL NIL NIL)")
    };
    let script = format!(
        r#"
        C: {{a}} UID SEARCH ALL
        S: * SEARCH 2 3 4 5
        S: {{a}} OK done
        C: {{b}} UID FETCH 2:5 (INTERNALDATE ENVELOPE)
        S: * 1 FETCH (UID 2 INTERNALDATE "01-Feb-2024 10:00:00 +0000" {})
        S: * 9 FETCH (FLAGS (\Seen))
        S: * 2 FETCH (UID 3 INTERNALDATE "01-Feb-2024 09:00:00 +0000" {})
        S: * 4 FETCH (UID 5 INTERNALDATE "01-Feb-2024 08:00:00 -0500" ENVELOPE broken)
        S: {{b}} OK done
        "#,
        envelope("\"Thu, 1 Feb 2024 12:00:00 +0200\"", "\"Re: b\""),
        envelope("NIL", "\"a\""),
    );
    let criteria = [SortKey::Date, SortKey::Subject];
    let sorted = on("IMAP4rev1", &script, |inbox| {
        inbox.sort(criteria, SearchKey::All)
    })
    .unwrap();
    assert_eq!(numbers(&sorted), [3, 2, 5]);
    assert_eq!(sorted.origin().mailbox().as_str(), "INBOX");
}

#[test]
fn names_are_sorted_by_here_where_the_server_cannot_do_that_alone() {
    let script = r#"
        C: {a} UID SEARCH SEEN
        S: * SEARCH 2 3 4
        S: {a} OK done
        C: {b} UID FETCH 2:4 (ENVELOPE)
        S: * 1 FETCH (UID 2 ENVELOPE (NIL NIL (("zoe" NIL "a" "x")) NIL NIL NIL NIL NIL NIL NIL))
        S: * 2 FETCH (UID 3 ENVELOPE (NIL NIL ((NIL NIL "B" "x")) NIL NIL NIL NIL NIL NIL NIL))
        S: * 3 FETCH (UID 4 ENVELOPE (NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL))
        S: {b} OK done
    "#;
    let sorted = on("IMAP4rev1 SORT", script, |inbox| {
        inbox.sort([SortKey::DisplayFrom], SearchKey::Seen)
    });
    assert_eq!(numbers(&sorted.unwrap()), [4, 3, 2]);
}

#[test]
fn nothing_to_sort_is_not_fetched() {
    let script = "C: {a} UID SEARCH SEEN\nS: * SEARCH\nS: {a} OK done\n";
    let sorted = on("IMAP4rev1", script, |inbox| {
        inbox.sort([SortKey::Size], SearchKey::Seen)
    });
    assert!(sorted.unwrap().is_empty());
}

#[test]
fn a_sort_by_nothing_is_refused() {
    let none: [SortKey; 0] = [];
    let refused = on("IMAP4rev1 SORT", "", |inbox| {
        inbox.sort(none, SearchKey::All)
    });
    assert!(matches!(refused, Err(Error::Argument(_))), "{refused:?}");
    let empty = SearchKey::And(Vec::new());
    for capabilities in ["IMAP4rev1", "IMAP4rev1 SORT"] {
        let refused = on(capabilities, "", |inbox| {
            inbox.sort([SortKey::Size], &empty)
        });
        assert!(matches!(refused, Err(Error::Argument(_))), "{refused:?}");
    }
}

#[test]
fn hazard_h15_an_order_that_cannot_be_read_is_no_order() {
    let unreadable = |command: &str, answer: &str| {
        format!("C: {{a}} {command} UTF-8 ALL\nS: {answer}\nS: {{a}} OK done\n")
    };
    for answer in ["* SORT 1 x", "* SORT 1,2", "* sort 4294967296"] {
        let script = unreadable("UID SORT (SIZE)", answer);
        let sorted = on("IMAP4rev1 SORT", &script, |inbox| {
            inbox.sort([SortKey::Size], SearchKey::All)
        });
        assert!(matches!(sorted, Err(Error::Unparsable(_))), "{answer}");
    }
    for answer in [
        "* THREAD (1",
        "* THREAD (1))",
        "* THREAD (1 2)\nS: * THREAD (3)",
    ] {
        let script = unreadable("UID THREAD REFERENCES", answer);
        let threads = on("IMAP4rev1 THREAD=REFERENCES", &script, |inbox| {
            inbox.thread(ThreadAlgorithm::References, SearchKey::All)
        });
        assert!(matches!(threads, Err(Error::Unparsable(_))), "{answer}");
    }
}

#[test]
fn q101_threads_whose_first_message_is_missing() {
    let script = "
        C: {a} UID THREAD REFS UTF-8 ALL
        S: * THREAD ((3)(5 6))(7)
        S: {a} OK done
        C: {b} UID THREAD REFS UTF-8 SEEN
        S: {b} OK and nothing else
    ";
    on("IMAP4rev1 THREAD=REFS", script, |inbox| {
        let threads = inbox.thread(ThreadAlgorithm::Refs, SearchKey::All)?;
        assert_eq!(
            (threads.len(), threads.uids().to_string()),
            (2, "3,5:7".into())
        );
        let first = threads.iter().next().unwrap();
        assert_eq!((first.uid(), first.children().count()), (None, 2));
        assert_eq!(first.uids().to_string(), "3,5:6");
        assert!(
            inbox
                .thread(ThreadAlgorithm::Refs, SearchKey::Seen)?
                .is_empty()
        );
        Ok(())
    })
    .unwrap();
}

#[test]
fn threads_are_not_made_here() {
    let thread = |algorithm: ThreadAlgorithm| -> Result<_> {
        on("IMAP4rev1 SORT THREAD=ORDEREDSUBJECT", "", |inbox| {
            inbox.thread(algorithm, SearchKey::All)
        })
    };
    assert_unsupported(thread(ThreadAlgorithm::References), "THREAD=REFERENCES");
    let injected = ThreadAlgorithm::Other("REFS UTF-8 ALL\r\nA9 NOOP".into());
    assert!(matches!(thread(injected), Err(Error::Argument(_))));
}
