//! Answers that are malformed, or as some servers send them.

use super::*;
use crate::limits::Limit;

/// A list of which a part is not seen is no shorter list.
#[test]
fn fault_27_all_elements_of_a_list_are_read_or_it_is_malformed() {
    for list in ["((\\Deleted))", "(\\Seen (a) \\Deleted)", "(a(\\Deleted))"] {
        let fetch = items(&format!("FLAGS {list} X-GM-LABELS {list} UID 5"));
        assert!(fetch.flags().unwrap().contains(&Flag::Deleted), "{list}");
        let mut labels = fetch.gmail_labels().unwrap();
        assert!(
            labels.any(|label| label.to_string() == "\\Deleted"),
            "{list}"
        );
        assert_eq!(errors(&fetch), [], "{list}");
    }
    let fetch = items("X-GM-LABELS ({x}) UID 5");
    assert!(fetch.gmail_labels().is_none());
    assert_eq!(errors(&fetch), [("X-GM-LABELS".into(), "({x})".into())]);
    assert_eq!(fetch.responses().uid(), Uid::new(5));
    for list in [
        "()",
        "( a  b )",
        "(\"a b\" \\Deleted)",
        "(a\"b [c] \\\\d)",
        "NIL",
    ] {
        let fetch = items(&format!("FLAGS {list} UID 5"));
        assert!(fetch.flags().is_some(), "{list}");
        assert_eq!(errors(&fetch), [], "{list}");
    }
}

#[test]
fn broken_items_leave_the_others_alone() {
    let fetch = items("UID x FLAGS 5 RFC822.SIZE -1 ENVELOPE \"a\" BODYSTRUCTURE 7 MODSEQ x X 1");
    let expected = [
        ("UID", "x"),
        ("FLAGS", "5"),
        ("RFC822.SIZE", "-1"),
        ("ENVELOPE", "\"a\""),
        ("BODYSTRUCTURE", "7"),
        ("MODSEQ", "x"),
    ];
    assert_eq!(
        errors(&fetch),
        expected.map(|(name, bytes)| (name.into(), bytes.into()))
    );
    assert_eq!(fetch.raw_item("x"), Some(&b"1"[..]));
    let error = fetch.envelope().unwrap_err();
    assert_eq!(
        (error.kind(), error.bytes()),
        (ItemErrorKind::Malformed, &b"\"a\""[..])
    );
    let torn = items("UID 5 ENVELOPE (\"a FLAGS (\\Seen)");
    assert_eq!(torn.responses().uid(), Uid::new(5));
    assert_eq!(errors(&torn)[0].0, "FETCH");
    assert!(errors(&torn)[0].1.starts_with("ENVELOPE ("));
    for row in [
        "",
        "x",
        "(",
        "(UID 5",
        "(UID",
        "(BODY[ {3}\r\nab",
        "(BODY[] {3}\r\nab",
    ] {
        let line = format!("* 1 FETCH {row}\r\n");
        let fetch = assign(Frame::inline(line.as_bytes())).unwrap();
        assert!(fetch.errors().count() > 0, "{row}");
    }
}

#[test]
fn attack_56_57_depth_spoils_one_item_only() {
    let (open, close) = ("(".repeat(100_000), ")".repeat(100_000));
    let line = format!(
        "* 1 FETCH (BODYSTRUCTURE {open}{close} X {open}{close} ENVELOPE {open}{close} UID 5)\r\n"
    );
    let fetch = assign(Frame::inline(line.as_bytes())).unwrap();
    assert_eq!(
        (fetch.responses().uid(), fetch.errors().count()),
        (Uid::new(5), 3)
    );
    assert_eq!(
        fetch.body_structure().unwrap_err().kind(),
        ItemErrorKind::Limit(Limit::Depth)
    );
    assert!(format!("{fetch:?}").len() < 1000);
    let flags = items("FLAGS (\\Seen ((a)) b)");
    let names: Vec<_> = flags
        .flags()
        .unwrap()
        .map(|flag| flag.to_string())
        .collect();
    assert_eq!(names, ["\\Seen", "a", "b"]);
}

#[test]
fn attack_58_items_are_limited() {
    let line = format!("* 1 FETCH ({})\r\n", "UID 5 ".repeat(5000));
    let fetch = assign(Frame::inline(line.as_bytes())).unwrap();
    assert_eq!(
        (fetch.responses().uid(), fetch.errors().count()),
        (Uid::new(5), 1)
    );
}

#[test]
fn attack_65_66_numbers() {
    for (row, uid) in [
        ("UID 0", None),
        ("UID 4294967296", None),
        ("UID 4294967295", Uid::new(u32::MAX)),
    ] {
        assert_eq!(items(row).responses().uid(), uid, "{row}");
    }
    assert_eq!(items("RFC822.SIZE 5000000000").size(), Some(5_000_000_000));
    assert_eq!(items("RFC822.SIZE 9.3736e+06").size(), None);
    for row in [
        "MODSEQ (0)",
        "MODSEQ (-1)",
        "MODSEQ (9223372036854775808)",
        "MODSEQ ()",
    ] {
        assert_eq!(items(row).mod_seq(), None, "{row}");
    }
    assert_eq!(items("MODSEQ 5").mod_seq(), ModSeq::new(5));
}

#[test]
fn q23_a_literal_that_counts_characters() {
    let fetch = items("UID 5 BODY[1] {3}\r\n\u{e4}\u{f6}\u{fc} FLAGS ()");
    assert_eq!(
        (fetch.responses().uid(), fetch.body(&part("1"))),
        (Uid::new(5), None)
    );
    assert_eq!(errors(&fetch)[0].0, "BODY[1]");
}

#[test]
fn q24_line_ends_between_items() {
    let fetch = items("BODY[1] {3}\r\nabc\r\n UID 5");
    assert_eq!(
        (fetch.responses().uid(), text(fetch.body(&part("1")))),
        (Uid::new(5), Some("abc"))
    );
}

#[test]
fn q26_items_behind_the_closing_parenthesis() {
    let fetch = items("BODY[1] {3}\r\nabc) UID 5");
    assert_eq!(text(fetch.body(&part("1"))), Some("abc"));
    assert_eq!(errors(&fetch), [("FETCH".into(), "UID 5)".into())]);
}

#[test]
fn q93_number_0() {
    let fetch = fetch(b"* 0 FETCH (UID 5)\r\n");
    assert_eq!((fetch.seq(), fetch.responses().uid()), (None, Uid::new(5)));
}

#[test]
fn q100_no_items() {
    assert_eq!(items("").errors().count(), 0);
}

#[test]
fn q103_a_value_that_is_not_there() {
    let fetch = items("BODY[2] UID 5 BODY[3] ");
    assert_eq!(
        (
            fetch.responses().uid(),
            fetch.body(&part("2")),
            fetch.body(&part("3"))
        ),
        (Uid::new(5), None, None)
    );
    assert_eq!(errors(&fetch), []);
}

#[test]
fn q106_all_where_a_part_was_asked_for() {
    let fetch = items("BODY[] \"0123456789\" BODY[1]<2> \"abcdef\"");
    let partial = |first, count| Section::whole().partial(first, NonZeroU32::new(count).unwrap());
    assert_eq!(text(fetch.body(&partial(2, 3))), Some("234"));
    assert_eq!(text(fetch.body(&partial(8, 3))), Some("89"));
    assert_eq!(text(fetch.body(&partial(11, 3))), Some(""));
    let longer = part("1").partial(2, NonZeroU32::new(4).unwrap());
    assert_eq!(text(fetch.body(&longer)), Some("abcd"));
}

#[test]
fn q108_unknown_items() {
    let fetch = items("XAOL.SPAM.REASON x XAOL-MSGID (1 (2)) X[A B]<3> {1}\r\n) UID 5");
    assert_eq!(
        (fetch.responses().uid(), errors(&fetch)),
        (Uid::new(5), vec![])
    );
    assert_eq!(fetch.raw_item("XAOL-MSGID"), Some(&b"(1 (2))"[..]));
}

#[test]
fn q109_an_item_in_parentheses_of_its_own() {
    for row in [
        "UID 5 (ENVELOPE (NIL \"s\" NIL NIL NIL NIL NIL NIL NIL NIL)) FLAGS (\\Seen)",
        "(UID 5 ENVELOPE (NIL \"s\" NIL NIL NIL NIL NIL NIL NIL NIL)) FLAGS (\\Seen)",
        "UID 5 ((ENVELOPE (NIL \"s\" NIL NIL NIL NIL NIL NIL NIL NIL)) FLAGS (\\Seen) )",
    ] {
        let fetch = items(row);
        assert_eq!(
            (fetch.responses().uid(), errors(&fetch)),
            (Uid::new(5), vec![]),
            "{row}"
        );
        assert_eq!(fetch.envelope().unwrap().subject(), "s");
        assert!(fetch.flags().is_some(), "{row}");
    }
    // It ends where it ends.
    assert_eq!(errors(&items("UID 5 (FLAGS (\\Seen)")).len(), 1);
}

#[test]
fn q110_dates_that_are_none() {
    for date in ["\"00-Jan-0000 00:00:00 +0000\"", "NIL", "\"\""] {
        assert_eq!(
            items(&format!("INTERNALDATE {date}")).internal_date(),
            Ok(None),
            "{date}"
        );
    }
    assert!(items("INTERNALDATE (a)").internal_date().is_err());
}

#[test]
fn q111_header_names_in_any_form() {
    let fetch = items("BODY[HEADER.FIELDS ( {1}\r\nb \"A\")] \"x\"");
    assert_eq!(
        text(fetch.body(&Section::header_fields(["a", "B"]).unwrap())),
        Some("x")
    );
}
