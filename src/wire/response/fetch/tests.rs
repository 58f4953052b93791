//! Answers to FETCH as they come.

mod malformed;

use std::num::NonZeroU32;

use super::*;
use crate::limits::Limits;
use crate::types::flag::Flag;
use crate::types::label::Label;
use crate::wire::frame::{Frame, Framer, OutOfLine};
use crate::wire::response::fetch_row::{FetchPlace, FetchRow};
use crate::wire::response::item_error::ItemErrorKind;
use crate::wire::testing::{assign, fetch, fetch_in, message, summary};

/// An answer with these items.
fn items(items: &str) -> Fetch {
    fetch(format!("* 12 FETCH ({items})\r\n").as_bytes())
}

fn errors(fetch: &Fetch) -> Vec<(String, String)> {
    let shown = |error: ItemError| {
        assert_eq!(error.kind(), ItemErrorKind::Malformed);
        let bytes = String::from_utf8_lossy(error.bytes()).into_owned();
        (error.item().to_owned(), bytes)
    };
    fetch.errors().map(shown).collect()
}

fn part(number: &str) -> Section {
    Section::part(number).unwrap()
}

fn text(octets: Option<&[u8]>) -> Option<&str> {
    octets.map(|octets| std::str::from_utf8(octets).unwrap())
}

#[test]
fn the_example_of_rfc_9051() {
    let fetch = items(
        "FLAGS (\\Seen $Work) INTERNALDATE \"17-Jul-1996 02:44:25 -0700\" RFC822.SIZE 4286 \
         ENVELOPE (NIL \"IMAP4\" NIL NIL NIL NIL NIL NIL NIL NIL) \
         BODY (\"TEXT\" \"PLAIN\" (\"CHARSET\" \"US-ASCII\") NIL NIL \"7BIT\" 3028 92) UID 7 \
         MODSEQ (624140003)",
    );
    assert_eq!(
        (fetch.seq(), fetch.responses().uid()),
        (SeqNum::new(12), Uid::new(7))
    );
    let flags: Vec<Flag> = fetch.flags().unwrap().collect();
    assert_eq!(flags, [Flag::Seen, Flag::keyword("$work").unwrap()]);
    let date = fetch.internal_date().unwrap().unwrap();
    assert_eq!(date.to_string(), "1996-07-17T02:44:25-07:00");
    assert_eq!(
        (fetch.size(), fetch.mod_seq()),
        (Some(4286), ModSeq::new(624_140_003))
    );
    assert_eq!(fetch.envelope().unwrap().subject(), "IMAP4");
    assert_eq!(fetch.body_structure().unwrap().root().lines(), Some(92));
    assert_eq!(errors(&fetch), []);
}

#[test]
fn rows_in_another_form_are_the_same() {
    let plain = summary(&fetch(b"* 12 FETCH (UID 5 FLAGS (\\Seen))\r\n"));
    for row in [
        "*  12 FETCH (UID 5 FLAGS (\\Seen))\r\n",
        "* 012 fetch  ( uid  5 Flags (\\seen) ) \r\n",
    ] {
        assert_eq!(summary(&fetch(row.as_bytes())), plain, "{row}");
    }
    let too_large = Frame::inline(b"* 4294967296 FETCH (UID 5)\r\n");
    let fetch = assign(too_large).unwrap();
    assert_eq!(
        (fetch.seq(), fetch.responses().uid().map(Uid::value)),
        (None, Some(5))
    );
}

#[test]
fn what_was_not_sent_is_missing() {
    let fetch = items("");
    assert_eq!(
        (fetch.responses().uid(), fetch.size(), fetch.mod_seq()),
        (None, None, None)
    );
    assert!(fetch.flags().is_none());
    assert_eq!(
        fetch.internal_date(),
        Err(ItemError::missing("INTERNALDATE"))
    );
    assert_eq!(
        fetch.envelope().unwrap_err(),
        ItemError::missing("ENVELOPE")
    );
    let error = fetch.body_structure().unwrap_err();
    assert_eq!(error, ItemError::missing("BODYSTRUCTURE"));
    assert_eq!(
        error.to_string(),
        "there is no BODYSTRUCTURE: it was not requested, or the server did not send it"
    );
    let nil = items("ENVELOPE NIL BODYSTRUCTURE nil BODY[] NIL");
    assert_eq!(nil.envelope().unwrap_err().kind(), ItemErrorKind::Missing);
    assert_eq!(
        nil.body_structure().unwrap_err().kind(),
        ItemErrorKind::Missing
    );
    assert_eq!(nil.body(&Section::whole()), None);
}

#[test]
fn flags_can_be_asked_without_a_list() {
    let fetch = items("FLAGS (\\Seen \\Odd Work)");
    let flags = fetch.flags().unwrap();
    for flag in ["\\SEEN", "\\odd", "work"] {
        assert!(flags.contains(&flag.parse().unwrap()), "{flag}");
    }
    for flag in ["\\Recent", "Seen", "odd", "\\work", "\\Odd2"] {
        assert!(!flags.contains(&flag.parse().unwrap()), "{flag}");
    }
}

#[test]
fn flags_are_counted_as_they_are_told() {
    for list in [
        "",
        " ",
        "\\Seen",
        "\\Seen $Work",
        " a  b ",
        "\\* a",
        "* a",
        "NIL",
        "NIL a",
        "nonjunk",
        "a Nil",
        "\"a b\" c",
        "{1}\r\na b",
        "a\r\n b",
        "a* b",
        "~a",
        "a\"b c",
    ] {
        let fetch = items(&format!("FLAGS ({list}) UID 5"));
        let flags = fetch.flags().unwrap();
        assert_eq!(flags.count(), flags.collect::<Vec<_>>().len(), "{list:?}");
    }
}

/// A row that is read before it is framed is the row that framing would have found.
#[test]
fn a_plain_row_needs_no_framing() {
    for (stream, is_plain) in [
        ("* 1 FETCH (UID 5 FLAGS (\\Seen))\r\n", true),
        (
            "* 12 FETCH (FLAGS () UID 5 MODSEQ (7) RFC822.SIZE 9)\r\n",
            true,
        ),
        ("* 1 FETCH (UID 5))\r\n", false),
        ("* 1 FETCH (UID 5) \r\n", false),
        ("* 1 FETCH (UID 5)\n", false),
        (
            "* 1 FETCH (UID 5 INTERNALDATE \" 7-Jul-1996 02:44:25 -0700\")\r\n",
            true,
        ),
        (
            "* 1 FETCH (BODY[HEADER.FIELDS (TO)] {5}\r\n)\r\n*  UID 5)\r\n",
            true,
        ),
        ("* 1 FETCH (UID 5 BODY[] {0}\r\n)\r\n", true),
        ("* 1 FETCH (UID 5 BODY[] {1}\r\n))\r\n", true),
        ("* 1 FETCH (UID 5 BODY[] {5}\r\n)\r\n))\r\n", false),
        ("* 1 FETCH (UID 5 BODY[] {1}\r\nab)\r\n", false),
        ("* 1 FETCH (UID 5 BODY[] \"a\")\r\n", false),
        ("* 1 FETCH ()\r\n", true),
        ("* 1 FETCH (UID 5 )\r\n", true),
        ("* 1 FETCH (UID 5 FLAGS (\\Seen)\r\n", false),
        ("* 1 FETCH (UID 5 FLAGS (\\Seen \"a\"))\r\n", false),
        ("* 1 FETCH (UID 5 ENVELOPE NIL)\r\n", false),
        ("* 1 fetch (UID 5)\r\n", false),
        ("* 1 EXISTS\r\n", false),
    ] {
        let mut read = items("UID 9 FLAGS ()").responses().clone();
        for behind in ["", "* 2 FETCH (UID 6)\r\n", "A1 OK done\r\n"] {
            let bytes = format!("{stream}{behind}");
            let octets = read.assign_plain(bytes.as_bytes(), &Limits::DEFAULT);
            assert_eq!(octets, is_plain.then_some(stream.len()), "{bytes:?}");
        }
        if is_plain {
            let read = message(read.clone());
            assert_eq!(summary(&read), summary(&fetch(stream.as_bytes())));
        }
        for end in 0..stream.len() {
            assert_eq!(
                read.assign_plain(&stream.as_bytes()[..end], &Limits::DEFAULT),
                None,
                "{stream:?} {end}"
            );
        }
    }
    let mut other = items("ENVELOPE NIL").responses().clone();
    assert_eq!(
        other.assign_plain(b"* 1 FETCH (UID 5)\r\n", &Limits::DEFAULT),
        None,
        "not tried"
    );
}

/// What the framer refuses, or takes out of the row, is framed.
#[test]
fn a_long_literal_is_framed() {
    for literal in [10, Framer::INLINE_LITERAL] {
        let limits = Limits {
            literal,
            ..Limits::DEFAULT
        };
        for (octets, is_plain) in [(literal, true), (literal + 1, false)] {
            let text = "x".repeat(octets);
            let row = format!("* 1 FETCH (UID 5 BODY[] {{{octets}}}\r\n{text})\r\n");
            let mut read = items("UID 9 FLAGS ()").responses().clone();
            let taken = read.assign_plain(row.as_bytes(), &limits);
            assert_eq!(taken, is_plain.then_some(row.len()), "{octets}");
        }
    }
    let mut read = items("UID 9 FLAGS ()").responses().clone();
    let row = format!(
        "* 1 FETCH (BODY[] {{{0}}}\r\n{1})\r\n",
        20_000,
        "x".repeat(20_000)
    );
    assert_eq!(read.assign_plain(row.as_bytes(), &Limits::DEFAULT), None);
}

#[test]
fn the_limit_of_items_counts_those_that_are_read_to_the_letter() {
    let limits = Limits {
        items: 2,
        ..Limits::DEFAULT
    };
    for (row, fits) in [
        ("UID 5 FLAGS ()", true),
        ("UID 5 FLAGS () RFC822.SIZE 1", false),
    ] {
        let row = format!("* 1 FETCH ({row})\r\n");
        let mut read = items("UID 9 FLAGS ()").responses().clone();
        let taken = read.assign_plain(row.as_bytes(), &limits);
        assert_eq!(taken.is_some(), fits, "{row}");
        let framed = fetch_in(Frame::inline(row.as_bytes()), &limits).unwrap();
        assert_eq!(framed.errors().next().is_none(), fits, "{row}");
    }
}

#[test]
fn sections() {
    let fetch = items(
        "BODY[] {3}\r\na\r\n BODY[HEADER] \"b\" BODY[1] \"\" BODY[1.2.MIME] {0}\r\n \
         BODY[1.2.HEADER.FIELDS (SUBJECT \"X-[A]\" {3}\r\nX-B)] {1}\r\nc body[text]<5> \"d\" \
         BODY[HEADER.FIELDS.NOT (X)] \"e\"",
    );
    assert_eq!(text(fetch.body(&Section::whole())), Some("a\r\n"));
    assert_eq!(text(fetch.body(&Section::whole().header())), Some("b"));
    assert_eq!(text(fetch.body(&part("1"))), Some(""));
    assert_eq!(text(fetch.body(&part("1.2").mime())), Some(""));
    let fields = Section::header_fields(["x-b", "Subject", "X-[A]"]).unwrap();
    assert_eq!(
        text(fetch.body(&fields.clone().in_part("1.2").unwrap())),
        Some("c")
    );
    let count = NonZeroU32::new(10).unwrap();
    assert_eq!(
        text(fetch.body(&Section::whole().text().partial(5, count))),
        Some("d")
    );
    let fields_not = Section::header_fields_not(["X"]).unwrap();
    assert_eq!(text(fetch.body(&fields_not)), Some("e"));
    for section in [
        part("2"),
        part("1.2"),
        part("1.1"),
        part("1").text(),
        fields,
        Section::whole().text(),
        Section::whole().text().partial(6, count),
        Section::header_fields(["X"]).unwrap(),
        Section::header_fields_not(["Y"]).unwrap(),
        Section::header_fields(["x-b", "Subject"])
            .unwrap()
            .in_part("1.3")
            .unwrap(),
    ] {
        assert_eq!(fetch.body(&section), None, "{section}");
        assert_eq!(fetch.binary(&section), None, "{section}");
    }
}

#[test]
fn binary() {
    let fetch =
        items("BINARY[1] ~{3}\r\na\0b BINARY[2]<3> {1}\r\nc BINARY.SIZE[3] 4096 BINARY[4] NIL");
    assert_eq!(text(fetch.binary(&part("1"))), Some("a\0b"));
    let partial = part("2").partial(3, NonZeroU32::MIN);
    assert_eq!(text(fetch.binary(&partial)), Some("c"));
    assert_eq!(fetch.binary_size(&part("3")), Some(4096));
    assert_eq!(
        (fetch.binary_size(&part("1")), fetch.binary(&part("4"))),
        (None, None)
    );
}

#[test]
fn quoted_bodies_lose_their_escapes() {
    let fetch = items(r#"BODY[1] "\\a\"b\c\\" BODY[2] "x" UID 7"#);
    assert_eq!(text(fetch.body(&part("1"))), Some(r#"\a"b\c\"#));
    assert_eq!(text(fetch.body(&part("2"))), Some("x"));
    assert_eq!(fetch.responses().uid(), Uid::new(7));
}

#[test]
fn the_old_names_of_sections() {
    let fetch = items("RFC822 \"a\" RFC822.HEADER \"b\" RFC822.TEXT \"c\"");
    assert_eq!(text(fetch.body(&Section::whole())), Some("a"));
    assert_eq!(text(fetch.body(&Section::whole().header())), Some("b"));
    assert_eq!(text(fetch.body(&Section::whole().text())), Some("c"));
}

#[test]
fn a_large_body_is_handed_over_and_not_copied() {
    let bytes = b"* 1 FETCH (BODY[] {5}\r\n BODY[1] {1}\r\nx)\r\n";
    let mut literals = vec![OutOfLine {
        at: 23,
        data: b"hello".to_vec(),
    }];
    let address = literals[0].data.as_ptr();
    let place = FetchPlace {
        seq: 1,
        items_at: 10,
        is_uid: false,
    };
    let mut responses = Responses::default();
    responses.assign_taking(place, &Limits::DEFAULT, bytes, &mut literals);
    assert!(literals.is_empty());
    let mut fetch = message(responses);
    let body = fetch.take_body(&Section::whole()).unwrap();
    assert_eq!((body.as_slice(), body.as_ptr()), (&b"hello"[..], address));
    assert_eq!(fetch.take_body(&Section::whole()), None);
    assert_eq!(fetch.take_body(&part("1")).unwrap(), b"x");
}

#[test]
fn nothing_of_one_message_is_left_in_the_next() {
    let fetch = items("UID 5 FLAGS (\\Seen) BODY[] {3}\r\nabc X (");
    let mut responses = fetch.responses().clone();
    responses.assign(&FetchRow {
        place: FetchPlace {
            seq: 13,
            items_at: 11,
            is_uid: false,
        },
        frame: Frame::inline(b"* 13 FETCH ()\r\n"),
        limits: Limits::DEFAULT,
    });
    let fetch = message(responses);
    assert_eq!(
        (fetch.seq(), fetch.responses().uid()),
        (SeqNum::new(13), None)
    );
    assert!(fetch.flags().is_none() && fetch.errors().next().is_none());
    assert!(fetch.body(&Section::whole()).is_none());
}

#[test]
fn ids_that_last() {
    let fetch = items("EMAILID (M6d99ac3275bb4e) THREADID (T64b478a75b7ea9)");
    assert_eq!(fetch.email_id(), Some("M6d99ac3275bb4e"));
    assert_eq!(fetch.thread_id(), Some("T64b478a75b7ea9"));
    let none = items("EMAILID () THREADID NIL");
    assert_eq!((none.email_id(), none.thread_id()), (None, None));
    assert_eq!(items("EMAILID M1 THREADID ( T1 )").thread_id(), Some("T1"));
    assert_eq!(items("EMAILID M1").email_id(), Some("M1"));
}

#[test]
fn save_dates() {
    let date = |value: &str| items(&format!("SAVEDATE {value}")).save_date();
    let saved = date("\"26-Jul-1996 02:44:25 -0700\"").unwrap().unwrap();
    assert_eq!(saved.to_string(), "1996-07-26T02:44:25-07:00");
    for none in ["NIL", "\"\"", "\"00-Jan-0000 00:00:00 +0000\""] {
        assert_eq!(date(none), Ok(None), "{none}");
    }
    assert_eq!(date("(1)").unwrap_err().kind(), ItemErrorKind::Malformed);
    let missing = items("UID 5").save_date();
    assert_eq!(missing, Err(ItemError::missing("SAVEDATE")));
}

#[test]
fn previews() {
    let preview = |value: &str| {
        let fetch = items(&format!("PREVIEW {value} UID 5"));
        assert_eq!(fetch.responses().uid(), Uid::new(5), "{value}");
        let preview = fetch.preview();
        preview.map(|preview| preview.map(Cow::into_owned))
    };
    for (value, text) in [
        ("\"Hi \\\"Ann\\\"\"", "Hi \"Ann\""),
        ("{5}\r\n\u{20ac}\r\n", "\u{20ac}\r\n"),
        ("\"Gr\u{fc}\u{df}e\"", "Gr\u{fc}\u{df}e"),
        ("\"\"", ""),
        ("(FUZZY \"Hi\")", "Hi"),
    ] {
        assert_eq!(preview(value), Ok(Some(text.to_owned())), "{value}");
    }
    assert_eq!(preview("NIL"), Ok(None));
    assert_eq!(
        preview("((1))").unwrap_err().kind(),
        ItemErrorKind::Malformed
    );
    let missing = items("UID 5").preview().unwrap_err();
    assert_eq!(missing.kind(), ItemErrorKind::Missing);
}

#[test]
fn what_gmail_adds() {
    let fetch = items(
        "X-GM-THRID 1278455344230334865 X-GM-MSGID 18446744073709551615 X-GM-LABELS (\\Inbox \
         \"\\\\Sent\" Important \"Two words\" Entw&APw-rfe {3}\r\na)b \"Entw\u{fc}rfe\" NIL) UID 5",
    );
    assert_eq!(fetch.gmail_thread_id(), Some(1_278_455_344_230_334_865));
    assert_eq!(fetch.gmail_message_id(), Some(u64::MAX));
    let labels: Vec<Label> = fetch.gmail_labels().unwrap().collect();
    let expected = [
        "\\Inbox",
        "\\Sent",
        "Important",
        "Two words",
        "Entw\u{fc}rfe",
        "a)b",
        "Entw\u{fc}rfe",
        "NIL",
    ];
    assert_eq!(labels, expected.map(|label| Label::new(label).unwrap()));
    assert_eq!(items("X-GM-LABELS ()").gmail_labels().unwrap().count(), 0);
    assert_eq!(items("X-GM-LABELS NIL").gmail_labels().unwrap().count(), 0);
    assert!(items("UID 5").gmail_labels().is_none());
    let broken = items("X-GM-MSGID 18446744073709551616 X-GM-THRID -1 X-GM-LABELS 5");
    assert_eq!(errors(&broken).len(), 3);
    assert_eq!(
        (broken.gmail_message_id(), broken.gmail_thread_id()),
        (None, None)
    );
}

#[test]
fn an_item_cut_short_is_never_another_value() {
    let whole = "UID 57 FLAGS (\\Seen) MODSEQ (624140003) EMAILID (M6d99) THREADID (T64b) SAVEDATE \
                 \"26-Jul-1996 02:44:25 -0700\" PREVIEW \"Hi\" X-GM-MSGID 127845 X-GM-THRID 334865 \
                 X-GM-LABELS (a b) BINARY[1]<3> ~{3}\r\na\0b BINARY.SIZE[2] 4096 RFC822.SIZE 42";
    let complete = items(whole);
    let size = |fetch: &Fetch| fetch.binary_size(&part("2"));
    let partial = part("1").partial(3, NonZeroU32::MIN);
    for end in 0..whole.len() {
        let line = format!("* 12 FETCH ({}", &whole[..end]);
        let cut = assign(Frame::inline(line.as_bytes())).unwrap();
        let told = |is_told: bool, what: &str| assert!(is_told, "{what} of {line:?}");
        told(
            cut.responses()
                .uid()
                .is_none_or(|uid| uid == complete.uid()),
            "UID",
        );
        told(cut.size().is_none(), "RFC822.SIZE");
        told(
            cut.mod_seq()
                .is_none_or(|it| Some(it) == complete.mod_seq()),
            "MODSEQ",
        );
        told(cut.email_id().is_none_or(|id| id == "M6d99"), "EMAILID");
        told(cut.thread_id().is_none_or(|id| id == "T64b"), "THREADID");
        told(
            cut.save_date().is_err() || cut.save_date() == complete.save_date(),
            "SAVEDATE",
        );
        told(
            cut.preview().is_err() || cut.preview() == complete.preview(),
            "PREVIEW",
        );
        told(
            cut.gmail_message_id().is_none_or(|id| id == 127_845),
            "X-GM-MSGID",
        );
        told(
            cut.gmail_thread_id().is_none_or(|id| id == 334_865),
            "X-GM-THRID",
        );
        told(
            cut.gmail_labels().is_none_or(|labels| labels.count() == 2),
            "X-GM-LABELS",
        );
        told(cut.flags().is_none_or(|flags| flags.count() == 1), "FLAGS");
        told(
            cut.binary(&partial).is_none_or(|octets| octets == b"a"),
            "BINARY",
        );
        told(size(&cut).is_none_or(|size| size == 4096), "BINARY.SIZE");
    }
}

#[test]
fn attack_87_two_answers_for_one_message_are_one() {
    let mut merged = items("UID 5 FLAGS (\\Seen) MODSEQ (1) BODY[] {3}\r\nabc");
    let later = items("UID 5 FLAGS (\\Deleted) BODY[] {3}\r\nxyz RFC822.SIZE 42 MODSEQ (2)");
    assert!(merged.merge(later).is_none());
    assert_eq!(text(merged.body(&Section::whole())), Some("abc"));
    assert_eq!(
        (merged.size(), merged.mod_seq()),
        (Some(42), ModSeq::new(2))
    );
    assert_eq!(merged.flags().unwrap().collect::<Vec<_>>(), [Flag::Deleted]);
    let errors: Vec<ItemError> = merged.errors().collect();
    assert_eq!(errors, [ItemError::contradicted("BODY[]", b"xyz")]);
    assert_eq!(errors[0].kind(), ItemErrorKind::Contradicted);

    let again = items("UID 5 body[] \"abc\" RFC822.SIZE 42");
    assert!(merged.merge(again).is_none());
    assert_eq!(
        merged.errors().count(),
        1,
        "the same again is no contradiction"
    );
    assert_eq!(merged.take_body(&Section::whole()).unwrap(), b"abc");
    assert_eq!(merged.take_body(&Section::whole()), None);
}

#[test]
fn attack_87_answers_for_other_messages_stay_apart() {
    let mut message = items("UID 5");
    assert!(message.merge(items("UID 6")).is_some());
    assert_eq!(message.uid(), Uid::new(5).unwrap());
    let many = || items(&format!("UID 5 {}", "X 1 ".repeat(200)));
    let mut full = many();
    assert!(full.merge(many()).is_some());
}

#[test]
fn a_broken_item_is_mended_by_a_later_answer() {
    let mut message = items("UID 5 RFC822.SIZE x ENVELOPE 5 BODYSTRUCTURE NIL");
    let envelope = "(NIL \"Hi\" NIL NIL NIL NIL NIL NIL NIL NIL)";
    let later = items(&format!(
        "UID 5 RFC822.SIZE 7 ENVELOPE {envelope} BODYSTRUCTURE 5"
    ));
    assert!(message.merge(later).is_none());
    assert_eq!(
        (message.size(), message.envelope().unwrap().subject()),
        (Some(7), "Hi".into())
    );
    let error = message.body_structure().unwrap_err();
    assert_eq!(error.kind(), ItemErrorKind::Malformed);
}

/// Where a server forgot a quote, what reads the structure takes other octets for strings than what
/// only looks for its end.
#[test]
fn a_structure_ends_where_its_reader_finds_its_end() {
    let structure = concat!(
        r#"(("text" "plain" ("charset" "utf-8") NIL NIL "quoted-printablet" "utf-8") NIL" 213 20 "#,
        r#"NIL NIL NIL NIL)("text" "html" ("charset" "utf-8") NIL NIL "quoted-printable" 213 20 "#,
        r#"NIL NIL NIL NIL)"#,
    );
    let fetch = items(&format!(
        r#"BODYSTRUCTURE {structure} "alternative" NIL NIL)"#
    ));
    let found = fetch.raw_item("BODYSTRUCTURE").unwrap();
    assert_eq!(std::str::from_utf8(found), Ok(structure));
}

/// Of several structures, the one that holds depends on which of them can be read.
#[test]
fn a_structure_that_cannot_be_read_is_replaced_by_the_other() {
    let sound = r#"("text" "plain" NIL NIL NIL "7bit" 3 1)"#;
    let deep = format!("{}{}", "(".repeat(100), ")".repeat(100));
    for (first, second, is_there) in [
        (sound, &*deep, true),
        (&deep, sound, true),
        (&deep, &deep, false),
    ] {
        let fetch = items(&format!("BODYSTRUCTURE {first} BODY {second}"));
        assert_eq!(fetch.body_structure().is_ok(), is_there, "{first} {second}");
    }
}
