//! One message in several responses, and responses that do not tell which message they are about.

use latchbox::error::Unparsable;
use latchbox::message::{Fetch, ItemErrorKind};
use latchbox::types::{FetchItem, Flag, MailboxEvent, Section};
use latchbox::{Error, MailboxGuard};

use super::uids;
use crate::scripted::selecting;

const ITEMS: [FetchItem; 2] = [FetchItem::Flags, FetchItem::Rfc822Size];

/// Does something with the guard while a FETCH of UIDs 1 to 9 is answered by these rows.
fn answered<T>(rows: &str, test: impl FnOnce(&mut MailboxGuard<'_>) -> T) -> T {
    let (server, session) = selecting(&format!(
        "C-start: {{f}} UID FETCH\n{rows}\nS: {{f}} OK done\nC: {{n}} NOOP\nS: {{n}} OK done"
    ));
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    inbox.events();
    let done = test(&mut inbox);
    inbox.refresh().unwrap();
    drop(inbox);
    drop(session);
    server.finish();
    done
}

/// UID, size and flags.
fn told(message: &Fetch) -> String {
    let flags: Vec<String> = match message.flags() {
        Some(flags) => flags.map(|flag| flag.to_string()).collect(),
        None => vec!["-".to_owned()],
    };
    let size = message
        .size()
        .map_or("-".to_owned(), |size| size.to_string());
    let uid = message.uid();
    format!("{uid} {size} {}", flags.join(","))
}

/// What `collect_into` makes of it, and the error that ended it.
fn collected(rows: &str) -> (Vec<String>, Option<Error>) {
    answered(rows, |inbox| {
        let mut messages = Vec::new();
        let read = inbox
            .fetch(&uids("1:9"), ITEMS)
            .unwrap()
            .collect_into(&mut messages);
        (messages.iter().map(told).collect(), read.err())
    })
}

/// The same of the iterator.
fn owned(rows: &str) -> (Vec<String>, Option<Error>) {
    answered(rows, |inbox| {
        let (mut messages, mut error) = (Vec::new(), None);
        for message in inbox.fetch(&uids("1:9"), ITEMS).unwrap() {
            match message {
                Ok(message) => messages.push(told(&message)),
                Err(problem) => error = Some(problem),
            }
        }
        (messages, error)
    })
}

#[track_caller]
fn assert_whole(rows: &str, expected: &[&str]) {
    for (way, (mut messages, error)) in [("collected", collected(rows)), ("owned", owned(rows))] {
        messages.sort();
        assert_eq!(messages, expected, "{way}: {rows}");
        assert!(error.is_none(), "{way}: {error:?}");
    }
}

#[test]
fn fault_20_rows_of_one_message_are_one_message() {
    assert_whole(
        r"
        S: * 1 FETCH (UID 5 RFC822.SIZE 44)
        S: * 1 FETCH (UID 5 FLAGS (\Seen))
        ",
        &["5 44 \\Seen"],
    );
    assert_whole(
        r"
        S: * 1 FETCH (UID 5 FLAGS (\Seen))
        S: * 1 FETCH (UID 5 RFC822.SIZE 44)
        ",
        &["5 44 \\Seen"],
    );
}

#[test]
fn fault_20_in_any_order_and_among_the_rows_of_others() {
    assert_whole(
        r"
        S: * 1 FETCH (UID 5 RFC822.SIZE 44)
        S: * 2 FETCH (UID 6 FLAGS ())
        S: * 3 FETCH (UID 7 FLAGS (\Draft) RFC822.SIZE 46)
        S: * 2 FETCH (UID 6 RFC822.SIZE 45)
        S: * 1 FETCH (UID 5 FLAGS (\Seen))
        ",
        &["5 44 \\Seen", "6 45 ", "7 46 \\Draft"],
    );
}

#[test]
fn fault_20_a_row_without_a_uid_belongs_to_the_message_of_its_number() {
    for rows in [
        "S: * 1 FETCH (UID 5 FLAGS (\\Seen) RFC822.SIZE 44)\nS: * 2 FETCH (UID 6 FLAGS ())\n\
         S: * 2 FETCH (RFC822.SIZE 45)",
        "S: * 2 FETCH (RFC822.SIZE 45)\nS: * 1 FETCH (UID 5 FLAGS (\\Seen) RFC822.SIZE 44)\n\
         S: * 2 FETCH (UID 6 FLAGS ())",
    ] {
        // Flags alone are news until the size has come: here it comes with them or before.
        let (mut messages, error) = collected(rows);
        messages.sort();
        assert_eq!(messages, ["5 44 \\Seen", "6 45 "], "{rows}");
        assert!(error.is_none(), "{error:?}");
    }
}

/// Numbers mean other messages behind an EXPUNGE.
#[test]
fn fault_20_a_number_is_no_more_the_message_s_when_numbers_have_changed() {
    let rows = "S: * 1 FETCH (UID 5 FLAGS (\\Seen))\nS: * 1 FETCH (UID 5 INTERNALDATE NIL)\n\
                S: * 1 EXPUNGE\nS: * 1 FETCH (RFC822.SIZE 45)";
    let (messages, error) = collected(rows);
    assert_eq!(messages, ["5 - \\Seen"]);
    let unreadable = unreadable(error.as_ref());
    assert_eq!(unreadable.octets(), b"* 1 FETCH (RFC822.SIZE 45)\r\n");
}

#[test]
fn fault_20_sections_in_three_rows() {
    let (one, two) = (Section::part("1").unwrap(), Section::part("2").unwrap());
    let rows = "S: * 1 FETCH (UID 5 BODY[2] \"b\")\nS: * 2 FETCH (UID 6 BODY[1] \"x\")\n\
                S: * 1 FETCH (UID 5 FLAGS (\\Seen))\nS: * 1 FETCH (UID 5 BODY[1] \"a\")";
    let items = || {
        [
            FetchItem::from(one.clone()),
            two.clone().into(),
            FetchItem::Flags,
        ]
    };
    let mut all = answered(rows, |inbox| {
        let messages = inbox.fetch(&uids("1:9"), items()).unwrap();
        messages.into_iter().collect::<Result<Vec<_>, _>>().unwrap()
    });
    all.sort_by_key(Fetch::uid);
    assert_eq!(all.len(), 2);
    assert_eq!(all[0].body(&one), Some(&b"a"[..]));
    assert_eq!(all[0].body(&two), Some(&b"b"[..]));
    assert!(all[0].flags().unwrap().contains(&Flag::Seen));
    assert_eq!(all[1].body(&one), Some(&b"x"[..]));
}

/// Another client changes flags meanwhile: that is news, and what is collected has the newest.
#[test]
fn fault_20_flags_that_change_meanwhile_are_news_and_the_newest() {
    let rows = r"
        S: * 1 FETCH (UID 5 FLAGS () RFC822.SIZE 44)
        S: * 1 FETCH (UID 5 FLAGS (\Flagged))
    ";
    assert_eq!(collected(rows).0, ["5 44 \\Flagged"]);
    let events = answered(rows, |inbox| {
        let mut messages = Vec::new();
        let mut stream = inbox.fetch(&uids("1:9"), ITEMS).unwrap();
        while let Some(message) = stream.next().unwrap() {
            messages.push(told(message));
        }
        assert_eq!(
            messages,
            ["5 44 "],
            "a stream gives what was asked for once"
        );
        inbox.events()
    });
    assert!(
        matches!(&events[..], [MailboxEvent::Flags { flags, .. }] if *flags == [Flag::Flagged])
    );
}

#[test]
fn fault_20_a_lent_stream_gives_each_row_and_joins_what_came_before() {
    let rows = r"
        S: * 1 FETCH (UID 5 FLAGS (\Seen))
        S: * 1 FETCH (UID 5 RFC822.SIZE 44)
        S: * 2 FETCH (UID 6 RFC822.SIZE 45)
        S: * 2 FETCH (UID 6 FLAGS (\Draft))
    ";
    let lent = answered(rows, |inbox| {
        let mut messages = Vec::new();
        let mut stream = inbox.fetch(&uids("1:9"), ITEMS).unwrap();
        while let Some(message) = stream.next().unwrap() {
            messages.push(told(message));
        }
        messages
    });
    assert_eq!(lent, ["5 44 \\Seen", "6 45 -", "6 - \\Draft"]);
}

#[track_caller]
fn unreadable(error: Option<&Error>) -> &Unparsable {
    match error {
        Some(Error::Unparsable(unreadable)) => unreadable,
        other => panic!("not unreadable: {other:?}"),
    }
}

/// The row is an error that keeps its octets and its number; the others are given.
#[test]
fn fault_30_a_row_without_a_usable_uid_is_an_error() {
    for row in [
        "* 3 FETCH (RFC822.SIZE 5)",
        "* 3 FETCH (UID 0 RFC822.SIZE 5)",
        "* 3 FETCH (UID 0 FLAGS (\\Seen))",
        "* 3 FETCH (UID 4294967296 FLAGS () RFC822.SIZE 5)",
        "* 3 FETCH (UID x RFC822.SIZE 5)",
        "* 3 FETCH (UID NIL RFC822.SIZE 5)",
        "* 3 FETCH (UID -1 FLAGS ())",
        "* 3 FETCH (RFC822.SIZE 5 FLAGS () UID)",
    ] {
        let rows = format!("S: {row}\nS: * 2 FETCH (UID 6 FLAGS () RFC822.SIZE 45)");
        for (messages, error) in [collected(&rows), owned(&rows)] {
            assert_eq!(messages, ["6 45 "], "{row}");
            let unreadable = unreadable(error.as_ref());
            assert_eq!(
                unreadable.seq().map(latchbox::types::SeqNum::value),
                Some(3),
                "{row}"
            );
            assert_eq!(unreadable.octets(), format!("{row}\r\n").as_bytes());
        }
    }
}

#[test]
fn fault_30_a_body_without_a_uid() {
    let whole = Section::whole();
    let rows = "S: * 3 FETCH (BODY[] {3}\nS: abc)";
    let error = answered(rows, |inbox| {
        let items = [FetchItem::from(whole.clone())];
        inbox
            .fetch(&uids("1:9"), items)
            .unwrap()
            .next()
            .unwrap_err()
    });
    assert_eq!(
        unreadable(Some(&error))
            .seq()
            .map(latchbox::types::SeqNum::value),
        Some(3)
    );
    let error = answered("S: * 3 FETCH (BODY[] \"abc\")", |inbox| {
        let mut downloads = inbox.download_each(&uids("1:9"), &whole).unwrap();
        downloads.next().map(|_| ()).unwrap_err()
    });
    assert_eq!(
        unreadable(Some(&error))
            .seq()
            .map(latchbox::types::SeqNum::value),
        Some(3)
    );
}

/// A row by sequence number has its UID too, which it is asked for.
#[test]
fn fault_30_rows_by_sequence_number_have_their_uid() {
    let by_number = |rows: &str| {
        let script = format!("C: {{f}} FETCH 1:3 (UID RFC822.SIZE)\n{rows}\nS: {{f}} OK done");
        let (server, session) = crate::scripted::selecting(&script);
        let mut inbox = session.lock_mailbox("INBOX").unwrap();
        let mut numbered = inbox.numbered();
        let three = numbered.parse("1:3").unwrap();
        let mut messages = Vec::new();
        let fetched = numbered.fetch(&three, [FetchItem::Rfc822Size]).unwrap();
        let error = fetched.collect_into(&mut messages).err();
        drop(inbox);
        drop(session);
        server.finish();
        (messages.iter().map(told).collect::<Vec<_>>(), error)
    };
    let (messages, error) = by_number(
        "S: * 1 FETCH (RFC822.SIZE 44)\nS: * 2 FETCH (UID 6 RFC822.SIZE 45)\n\
         S: * 1 FETCH (UID 5)",
    );
    assert!(error.is_none(), "{error:?}");
    assert_eq!(messages.len(), 2);
    assert!(
        messages.iter().any(|message| message.starts_with("5 44")),
        "{messages:?}"
    );
    let (messages, error) =
        by_number("S: * 1 FETCH (RFC822.SIZE 44)\nS: * 2 FETCH (UID 6 RFC822.SIZE 45)");
    assert_eq!(messages.len(), 1);
    let lost = unreadable(error.as_ref());
    assert_eq!(lost.seq().map(latchbox::types::SeqNum::value), Some(1));
    assert_eq!(lost.octets(), b"* 1 FETCH (RFC822.SIZE 44)\r\n");
}

#[test]
fn one_message_is_one_of_all_its_responses_or_none() {
    let (server, session) = crate::scripted::selecting(
        r"
        C: {a} UID FETCH 5 (FLAGS RFC822.SIZE)
        S: * 1 FETCH (UID 5 FLAGS (\Seen))
        S: * 2 FETCH (UID 6 FLAGS (\Deleted))
        S: * 1 FETCH (UID 5 RFC822.SIZE 44)
        S: {a} OK done
        C: {b} UID FETCH 7 (FLAGS)
        S: {b} OK done
        C: {c} UID FETCH 8 (FLAGS)
        S: {c} NO try later
        ",
    );
    let uid = |number| latchbox::types::Uid::new(number).unwrap();
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let items = [FetchItem::Flags, FetchItem::Rfc822Size];
    let message = inbox.fetch_one(uid(5), items).unwrap().unwrap();
    assert_eq!(told(&message), r"5 44 \Seen");
    assert!(message.id().origin().is_some());
    assert!(
        inbox
            .fetch_one(uid(7), [FetchItem::Flags])
            .unwrap()
            .is_none()
    );
    let refused = inbox.fetch_one(uid(8), [FetchItem::Flags]);
    assert!(matches!(refused, Err(Error::Refused(_))));
    drop(inbox);
    server.finish();
}

/// What comes unasked may lack the UID, and is news.
#[test]
fn fault_30_flags_without_a_uid_are_news() {
    let rows = "S: * 3 FETCH (FLAGS (\\Seen))\nS: * 3 FETCH (MODSEQ (5))\nS: * 3 FETCH ()\n\
                S: * 2 FETCH (UID 6 FLAGS () RFC822.SIZE 45)";
    assert_whole(rows, &["6 45 "]);
}

#[test]
fn fault_30_rows_whose_number_makes_no_sense_are_told_by_their_uid() {
    for begin in [
        "* 0 FETCH",
        "* 4294967296 FETCH",
        "* FETCH",
        "* 99999999999999999999999 fetch",
    ] {
        let rows = format!("S: {begin} (UID 6 FLAGS () RFC822.SIZE 45)");
        assert_whole(&rows, &["6 45 "]);
        let (messages, error) = collected(&format!("S: {begin} (RFC822.SIZE 45)"));
        assert!(messages.is_empty());
        assert_eq!(unreadable(error.as_ref()).seq(), None, "{begin}");
    }
}

#[test]
fn fault_29_a_vanished_row_that_cannot_be_read_is_an_error_behind_the_messages() {
    let rows = "S: * VANISHED (EARLIER) 1,\nS: * 2 FETCH (UID 6 FLAGS () RFC822.SIZE 45)";
    let (messages, error) = collected(rows);
    assert_eq!(messages, ["6 45 "]);
    assert_eq!(
        unreadable(error.as_ref()).octets(),
        b"* VANISHED (EARLIER) 1,\r\n"
    );
}

/// A section that came and cannot be read is told as such, with its octets.
#[test]
fn fault_27_a_malformed_section_is_an_error_of_it() {
    for (value, octets) in [
        ("{3}xyz", "{3}xyz"),
        ("{5", "{5"),
        ("(a b)", "(a b)"),
        ("5", "5"),
        ("~\"x\"", "~\"x\""),
        ("xyz", "xyz"),
    ] {
        for section in [
            Section::whole(),
            Section::whole().text(),
            Section::part("1").unwrap(),
        ] {
            let rows = format!("S: * 1 FETCH (UID 5 BODY{section} {value} FLAGS (\\Seen))");
            let message = answered(&rows, |inbox| {
                let items = [FetchItem::from(section.clone()), FetchItem::Flags];
                let mut messages = inbox.fetch(&uids("5"), items).unwrap().into_iter();
                messages.next().unwrap().unwrap()
            });
            assert_eq!(message.body(&section), None, "{rows}");
            assert!(message.flags().unwrap().contains(&Flag::Seen), "{rows}");
            let error = message.section_error(&section).unwrap();
            assert_eq!(error.kind(), ItemErrorKind::Malformed, "{rows}");
            assert_eq!(error.bytes(), octets.as_bytes(), "{rows}");
            assert_eq!(error.item(), format!("BODY{section}"));
            assert_eq!(message.errors().count(), 1, "{rows}");
            let uid = uids("5").iter().next().unwrap();
            let error =
                answered(&rows, |inbox| inbox.download(uid, &section).map(drop)).unwrap_err();
            match error {
                Error::Item(error) => assert_eq!(error.bytes(), octets.as_bytes(), "{rows}"),
                other => panic!("{rows}: {other:?}"),
            }
            let error = answered(&rows, |inbox| {
                let mut downloads = inbox.download_each(&uids("5"), &section).unwrap();
                downloads.next().map(|_| ()).unwrap_err()
            });
            let row = format!("* 1 FETCH (UID 5 BODY{section} {value} FLAGS (\\Seen))\r\n");
            assert_eq!(unreadable(Some(&error)).octets(), row.as_bytes());
        }
    }
}

#[test]
fn fault_23_an_origin_with_a_length_is_that_origin() {
    let some = Section::part("2")
        .unwrap()
        .partial(0, 65536.try_into().unwrap());
    let rows = "S: * 1 FETCH (UID 5 BODY[2]<0.65536> {3}\nS: abc FLAGS (\\Seen))";
    let message = answered(rows, |inbox| {
        let items = [FetchItem::from(some.clone()), FetchItem::Flags];
        let mut messages = inbox.fetch(&uids("5"), items).unwrap().into_iter();
        messages.next().unwrap().unwrap()
    });
    assert_eq!(message.body(&some), Some(&b"abc"[..]));
    assert!(message.flags().is_some() && message.errors().count() == 0);
    let uid = uids("5").iter().next().unwrap();
    let octets = answered(
        "S: * 1 FETCH (UID 5 BODY[2]<0.65536> {3}\nS: abc)",
        |inbox| {
            let mut octets = Vec::new();
            inbox
                .download(uid, &some)
                .unwrap()
                .copy_to(&mut octets)
                .unwrap();
            octets
        },
    );
    assert_eq!(octets, b"abc");
}

#[test]
fn fault_28_header_fields_under_another_list_are_those_that_were_asked_for() {
    let asked = Section::header_fields(["From", "Subject"]).unwrap();
    let uid = uids("5").iter().next().unwrap();
    for name in [
        "BODY[HEADER.FIELDS (Subject From)]",
        "BODY[header.fields (\"SUBJECT\" \"FROM\")]",
        "BODY[HEADER.FIELDS (From)]",
        "BODY[HEADER.FIELDS (From Subject Date)]",
        "BODY[HEADER.FIELDS ()]",
        "BODY[HEADER.FIELDS]",
    ] {
        let rows = format!("S: * 1 FETCH (UID 5 {name} {{5}}\nS: a: b\nS: )");
        let rows = rows.replace("{5}", "{6}");
        let message = answered(&rows, |inbox| {
            let items = [FetchItem::from(asked.clone())];
            let mut messages = inbox.fetch(&uids("5"), items).unwrap().into_iter();
            messages.next().unwrap().unwrap()
        });
        assert_eq!(message.body(&asked), Some(&b"a: b\r\n"[..]), "{name}");
        assert!(message.section_error(&asked).is_none());
        let octets = answered(&rows, |inbox| {
            let mut octets = Vec::new();
            inbox
                .download(uid, &asked)
                .unwrap()
                .copy_to(&mut octets)
                .unwrap();
            octets
        });
        assert_eq!(octets, b"a: b\r\n", "{name}");
    }
}

/// What is another section in any case is no answer, and the error names both.
#[test]
fn fault_28_another_section_is_an_error_that_names_both() {
    let asked = Section::header_fields(["From"]).unwrap();
    let uid = uids("5").iter().next().unwrap();
    for (rows, names) in [
        ("S: * 1 FETCH (UID 5 BODY[TEXT] \"x\")", "BODY[TEXT]"),
        (
            "S: * 1 FETCH (UID 5 BODY[HEADER.FIELDS.NOT (From)] {1}\nS: x)",
            "BODY[HEADER.FIELDS.NOT (From)]",
        ),
        (
            "S: * 1 FETCH (UID 5 BODY[HEADER.FIELDS (From A)] \"x\" BODY[HEADER.FIELDS (From B)] \"y\")",
            "BODY[HEADER.FIELDS (From A)], BODY[HEADER.FIELDS (From B)]",
        ),
    ] {
        let message = answered(rows, |inbox| {
            let items = [FetchItem::from(asked.clone())];
            let mut messages = inbox.fetch(&uids("5"), items).unwrap().into_iter();
            messages.next().unwrap().unwrap()
        });
        assert_eq!(message.body(&asked), None, "{rows}");
        let error = message.section_error(&asked).unwrap();
        assert_eq!(error.kind(), ItemErrorKind::OtherSection, "{rows}");
        let expected = format!("the server sent {names} in place of BODY{asked}");
        assert_eq!(error.to_string(), expected);
        let error = answered(rows, |inbox| inbox.download(uid, &asked).map(drop)).unwrap_err();
        assert_eq!(error.to_string(), expected, "{rows}");
    }
}
