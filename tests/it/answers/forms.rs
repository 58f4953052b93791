//! What came in another form than that of the grammar is given, or an error that has its octets.

use latchbox::command::{Store, Stored};
use latchbox::error::MailboxError;
use latchbox::message::ItemErrorKind;
use latchbox::types::{
    FetchItem, Flag, MailboxEvent, ModSeq, NewMessage, SearchKey, SearchReturn, Section, SeqNum,
    SortKey, StatusItem, StoreAction, Uid, UidSet, UidValidity,
};
use latchbox::{Error, MailboxGuard, Result};

use crate::scripted::{logged_in, logged_in_with, selecting, selecting_with};

const CAPABILITIES: &str = "IMAP4rev1 UIDPLUS MOVE CONDSTORE ESEARCH ESORT SORT BINARY";

fn set(text: &str) -> UidSet {
    text.parse().unwrap()
}

fn uid(number: u32) -> Uid {
    Uid::new(number).unwrap()
}

/// What is done with the guard while the answer to one command is these lines; a NOOP must work
/// afterwards.
#[track_caller]
fn answered<T>(lines: &str, done: impl FnOnce(&mut MailboxGuard<'_>) -> T) -> T {
    let text = format!("C-start: {{a}} \n{lines}\nC: {{n}} NOOP\nS: {{n}} OK done");
    let (server, session) = selecting_with(CAPABILITIES, &text, |builder| builder);
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    inbox.events();
    let done = done(&mut inbox);
    inbox.refresh().unwrap();
    drop(inbox);
    drop(session);
    server.finish();
    done
}

/// A line with escapes, and the OK unless the line is it.
fn raw(line: &str) -> String {
    match line.starts_with("{a}") {
        true => format!("S-raw: {line}\\r\\n"),
        false => format!("S-raw: {line}\\r\\n\nS: {{a}} OK done"),
    }
}

#[track_caller]
fn octets<T: std::fmt::Debug>(outcome: Result<T>) -> String {
    match outcome {
        Err(Error::Unparsable(unreadable)) => {
            String::from_utf8_lossy(unreadable.octets()).into_owned()
        }
        other => panic!("{other:?}"),
    }
}

fn stored_if_unchanged(line: &str) -> Result<Stored> {
    answered(&raw(line), |inbox| {
        let (uids, since) = (set("1:2"), ModSeq::try_from(5).unwrap());
        inbox.run(Store::add(&uids, &[Flag::Seen]).unchanged_since(since))
    })
}

#[test]
fn fault_24_messages_that_a_store_skipped_in_any_form() {
    for line in [
        "{a} OK [MODIFIED 1,2] x",
        "{a} OK [MODIFIED \"1:2\"] x",
        "{a} OK [MODIFIED (1,2)] x",
        "{a} OK [MODIFIED 1, 2] x",
        "{a} OK [MODIFIED 1 2] x",
        "{a} OK [MODIFIED\\t1,2] x",
        "{a} OK [ MODIFIED 1,2] x",
        "{a} OK [MODIFIED 1,2 x",
        "{a} OK [HIGHESTMODSEQ 9] [MODIFIED 1,2] x",
        "{a} OK [HIGHESTMODSEQ 9][MODIFIED 1,2] x",
        "{a} OK [HIGHESTMODSEQ 9] [X-NEW] [MODIFIED 1,2] x",
        "* OK [MODIFIED 1,2] x",
        "* NO [MODIFIED 1,2] x",
    ] {
        let stored = stored_if_unchanged(line).unwrap();
        assert_eq!(stored.modified().to_string(), "1:2", "{line}");
    }
    for (line, kept) in [
        ("{a} OK [MODIFIED 1,2,] x", "MODIFIED 1,2,"),
        ("{a} OK [MODIFIED x] x", "MODIFIED x"),
        ("{a} OK [MODIFIED x", "MODIFIED x"),
        ("{a} OK [MODIFIED", "MODIFIED "),
        ("* OK [MODIFIED 1,x] x", "MODIFIED 1,x"),
    ] {
        assert_eq!(octets(stored_if_unchanged(line)), kept, "{line}");
    }
    let none = stored_if_unchanged("{a} OK [MODIFIED ] x").unwrap();
    assert!(none.modified().is_empty());
}

#[test]
fn fault_24_uids_of_copies_in_any_form() {
    for line in [
        "{a} OK [COPYUID \"55\" \"1,3\" \"9,10\"] x",
        "{a} OK [COPYUID 55 (1,3) (9,10)] x",
        "{a} OK [COPYUID 55 1, 3 9, 10] x",
        "{a} OK [COPYUID\\t55\\t1,3\\t9,10] x",
        "{a} OK [HIGHESTMODSEQ 5] [COPYUID 55 1,3 9,10] x",
        "{a} OK [COPYUID 55 1,3 9,10 x",
    ] {
        let copied = answered(&raw(line), |inbox| inbox.copy(&set("1,3"), "Box")).unwrap();
        let pairs: Vec<_> = copied.pairs().collect();
        assert_eq!(pairs, [(uid(1), uid(9)), (uid(3), uid(10))], "{line}");
    }
    for code in [
        "APPENDUID \"55\" (9)",
        "APPENDUID\\t55\\t9",
        "UIDVALIDITY 55] [APPENDUID 55 9",
    ] {
        let (server, session) = logged_in(&format!(
            "C-start: {{a}} APPEND\nS: + go\nC-literal: 6\nS-raw: {{a}} OK [{code}] x\\r\\n"
        ));
        let appended = session.append("Box", NewMessage::new(b"x: y")).unwrap();
        assert_eq!(appended.uid(), Some(uid(9)), "{code}");
        drop(session);
        server.finish();
    }
}

#[test]
fn fault_24_codes_of_a_mailbox_in_any_form() {
    for codes in [
        r"* OK [UIDVALIDITY \x227\x22] x\r\n* OK [UIDNEXT (10)] x\r\n",
        r"* OK [UIDVALIDITY\t7][UIDNEXT 10] x\r\n",
        r"* OK [UIDVALIDITY 7 x\r\n* OK [X-NEW] [UIDNEXT 10] x\r\n",
    ] {
        let (server, session) = logged_in(&format!(
            "C-start: {{s}} SELECT\nS: * 3 EXISTS\nS: * OK [PERMANENTFLAGS \\Seen \\*] x\n\
             S-raw: {codes}\nS: {{s}} OK done"
        ));
        let inbox = session.lock_mailbox("INBOX").unwrap();
        let mailbox = inbox.mailbox().unwrap();
        assert_eq!(
            mailbox.uid_validity().map(UidValidity::value),
            Some(7),
            "{codes}"
        );
        assert_eq!(mailbox.uid_next(), Some(uid(10)), "{codes}");
        assert!(mailbox.permanent_flags().keeps(&Flag::Seen));
        assert!(mailbox.permanent_flags().may_create_keywords());
        drop(inbox);
        drop(session);
        server.finish();
    }
    for code in ["[UIDVALIDITY 7] [READ-ONLY] x", "[ READ-ONLY ] x"] {
        let (server, session) = logged_in(&format!(
            "C-start: {{s}} SELECT\nS: * 3 EXISTS\nS: {{s}} OK {code}"
        ));
        match session.lock_mailbox("INBOX") {
            Err(Error::Mailbox(error)) => assert!(matches!(*error, MailboxError::ReadOnly(_))),
            other => panic!("{code}: {other:?}"),
        }
        drop(session);
        server.finish();
    }
}

#[test]
fn fault_24_an_alert_behind_another_code() {
    for line in ["* OK [X-NEW][ALERT] hi", "* OK [UIDNEXT 11] [ALERT] hi"] {
        let (server, session) = selecting(&format!("C: {{n}} NOOP\nS: {line}\nS: {{n}} OK done"));
        let mut inbox = session.lock_mailbox("INBOX").unwrap();
        inbox.refresh().unwrap();
        drop(inbox);
        let events: Vec<_> = session.events().iter().map(ToString::to_string).collect();
        assert!(
            events.iter().any(|event| event.contains("hi")),
            "{line}: {events:?}"
        );
        drop(session);
        server.finish();
    }
}

fn searched(line: &str) -> Result<UidSet> {
    answered(&raw(line), |inbox| inbox.search(SearchKey::All))
}

#[test]
fn fault_24_all_of_an_extended_search() {
    for rest in [
        "UID ALL 1 2 3 5",
        "UID ALL (1:3,5)",
        "UID ALL 1, 2,3,5",
        "UID ALL \"1:3\" ALL 5 COUNT 4",
        "UID\\tALL\\t1:3 5 COUNT \"4\"",
    ] {
        let found = searched(&format!("* ESEARCH (TAG \"{{a}}\") {rest}")).unwrap();
        assert_eq!(found.to_string(), "1:3,5", "{rest}");
    }
    for rest in ["UID", "UID COUNT 0"] {
        let found = searched(&format!("* ESEARCH (TAG \"{{a}}\") {rest}")).unwrap();
        assert!(found.is_empty(), "{rest}");
    }
    // All are left out only if there are none (RFC 4731 section 3.1).
    for rest in ["UID COUNT 3", "UID MIN 1 MAX 9", "UID COUNT 3 MIN 1 MAX 9"] {
        let error = searched(&format!("* ESEARCH (TAG \"{{a}}\") {rest}")).unwrap_err();
        assert!(matches!(error, Error::MissingData(_)), "{rest}: {error:?}");
    }
}

#[test]
fn fault_24_all_of_an_extended_sort_in_their_order() {
    for rest in [
        "UID ALL 3,1,2",
        "UID ALL 3 1 2",
        "UID ALL \"3,1,2\"",
        "UID ALL (3 1 2)",
        "UID ALL 3,1 ALL 2",
        "UID ALL 3 COUNT 3 ALL 1:2",
    ] {
        let line = raw(&format!("* ESEARCH (TAG \"{{a}}\") {rest}"));
        let sorted = answered(&line, |inbox| {
            let sort = latchbox::command::Sort::new([SortKey::Arrival], SearchKey::All);
            inbox.run(sort.returning(SearchReturn::new().all().count()))
        });
        let sorted = sorted.unwrap();
        let uids: Vec<u32> = sorted
            .all()
            .unwrap()
            .iter()
            .map(|uid| uid.value())
            .collect();
        assert_eq!(uids, [3, 1, 2], "{rest}");
    }
}

/// What a NOOP that is answered by this line makes of a mailbox of three messages: how many there
/// are then, and what happened.
fn polled(line: &str) -> (u32, Vec<MailboxEvent>) {
    answered(&raw(line), |inbox| {
        inbox.refresh().unwrap();
        (inbox.exists(), inbox.events())
    })
}

/// Sequence numbers from before a SEARCH with this line are refused, before anything is sent.
fn assert_renumbers(line: &str) {
    answered(&format!("S: * SEARCH\n{}", raw(line)), |inbox| {
        let mut numbered = inbox.numbered();
        let last = numbered.last(1);
        let _ = numbered.search(SearchKey::All);
        match numbered.store(&last, StoreAction::Add, [Flag::Seen]) {
            Err(Error::Mailbox(error)) if matches!(*error, MailboxError::Renumbered(_)) => {}
            other => panic!("{line}: {other:?}"),
        }
    });
}

#[test]
fn fault_24_counts_and_removals_in_any_form() {
    let gone = MailboxEvent::Expunged(SeqNum::new(2).unwrap());
    for line in [
        "* 2\\tEXPUNGE",
        "* 2EXPUNGE",
        "*\\t2 EXPUNGE ",
        "\\x20* 2 EXPUNGE",
        "\\t*2\\tEXPUNGE",
    ] {
        assert_eq!(polled(line), (2, vec![gone.clone()]), "{line}");
    }
    for line in ["* 4\\tEXISTS", "* 4EXISTS", "\\x20 * 4 EXISTS"] {
        assert_eq!(polled(line), (4, vec![MailboxEvent::Exists(4)]), "{line}");
    }
    for (line, left) in [
        ("* VANISHED 3, 4", 1),
        ("* VANISHED 3 4", 1),
        ("* VANISHED (3)", 2),
        ("* VANISHED\\t\"3\"", 2),
    ] {
        let (exists, events) = polled(line);
        assert_eq!((exists, events.len()), (left, 1), "{line}: {events:?}");
        let is_gone = |event: &MailboxEvent| matches!(event, MailboxEvent::Vanished { uids, earlier: false } if uids.contains(uid(3)));
        assert!(events.iter().all(is_gone), "{line}: {events:?}");
    }
}

#[test]
fn fault_29_a_removal_that_cannot_be_read_is_an_event_and_ends_numbers() {
    for line in [
        "* 2,3 EXPUNGE",
        "* 4294967296 EXPUNGE",
        "* EXPUNGE 2",
        "* VANISHED 3,x",
        "* VANISHED EARLIER 3",
        "* -1 EXISTS",
    ] {
        let octets = line.as_bytes().into();
        let (exists, events) = polled(line);
        assert_eq!(exists, 3, "{line}");
        assert_eq!(events, [MailboxEvent::Unparsable { octets }], "{line}");
        assert_renumbers(line);
    }
}

#[test]
fn fault_29_a_selection_whose_count_cannot_be_read() {
    for line in ["* 4294967296 EXISTS", "* EXISTS 3", "* x3 EXISTS"] {
        let (server, session) = logged_in(&format!(
            "C-start: {{s}} SELECT\nS: {line}\nS: {{s}} OK done\nC: {{n}} NOOP\nS: {{n}} OK done"
        ));
        let error = session.lock_mailbox("INBOX").map(drop);
        match line {
            "* x3 EXISTS" => assert!(matches!(error, Err(Error::MissingData(_)))),
            line => assert_eq!(octets(error), line, "{line}"),
        }
        session.noop().unwrap();
        drop(session);
        server.finish();
    }
}

#[test]
fn fault_22_flags_beside_odd_elements() {
    for (list, expected) in [
        ("(\\Seen (a b) \\Flagged)", "\\Seen a b \\Flagged"),
        ("((\\Seen) (\\Flagged))", "\\Seen \\Flagged"),
        (
            "(\\Seen,\\Flagged; \\Deleted, a,)",
            "\\Seen \\Flagged \\Deleted a,",
        ),
        ("(\\Seen {a \\Flagged)", "\\Seen {a \\Flagged"),
    ] {
        let row = format!("S: * 1 FETCH (UID 5 FLAGS {list} RFC822.SIZE 4)\nS: {{a}} OK done");
        let message = answered(&row, |inbox| {
            inbox.fetch_one(uid(5), [FetchItem::Flags, FetchItem::Rfc822Size])
        });
        let message = message.unwrap().unwrap();
        let flags: Vec<_> = message
            .flags()
            .unwrap()
            .map(|flag| flag.to_string())
            .collect();
        assert_eq!(
            (flags.join(" ").as_str(), message.size()),
            (expected, Some(4)),
            "{list}"
        );
        assert_eq!(message.flags().unwrap().count(), flags.len(), "{list}");
    }
}

#[test]
fn fault_30_a_message_that_is_only_named_exists() {
    let row = |row: &str| format!("S: {row}\nS: {{a}} OK done");
    let items = [FetchItem::Envelope, FetchItem::BodyStructure];
    let message = answered(&row("* 1 FETCH (UID 5)"), |inbox| {
        inbox.fetch_one(uid(5), items)
    });
    let message = message.unwrap().unwrap();
    assert_eq!(
        message.envelope().unwrap_err().kind(),
        ItemErrorKind::Missing
    );
    // Flags of a message come unasked too.
    let news = row("* 2 FETCH (UID 6 FLAGS (\\Seen))\nS: * 1 FETCH (UID 5 FLAGS (\\Seen))");
    let items = [FetchItem::Envelope];
    assert!(
        answered(&news, |inbox| inbox.fetch_one(uid(5), items))
            .unwrap()
            .is_none()
    );

    let part = Section::part("1").unwrap();
    for rows in ["* 1 FETCH (UID 5)", "* 1 FETCH (UID 5 FLAGS (\\Seen))"] {
        let error = answered(&row(rows), |inbox| inbox.download(uid(5), &part).map(drop));
        let error = error.unwrap_err().to_string();
        assert_eq!(error, "the message with UID 5 has no [1]", "{rows}");
    }
    let decoded = row("* 1 FETCH (UID 5 BINARY[1] \"abc\")");
    let error = answered(&decoded, |inbox| inbox.download(uid(5), &part).map(drop));
    let told = "the server sent BINARY[1] in place of BODY[1]";
    assert_eq!(error.unwrap_err().to_string(), told);
    let items = [FetchItem::from(part.clone())];
    let message = answered(&decoded, |inbox| inbox.fetch_one(uid(5), items))
        .unwrap()
        .unwrap();
    assert_eq!(
        (message.body(&part), message.binary(&part)),
        (None, Some(&b"abc"[..]))
    );
    assert_eq!(message.section_error(&part).unwrap().to_string(), told);
    assert!(message.binary_error(&part).is_none());
    let other = row("* 1 FETCH (UID 6 FLAGS (\\Seen))");
    let error = answered(&other, |inbox| inbox.download(uid(5), &part).map(drop));
    assert_eq!(
        error.unwrap_err().to_string(),
        "there is no message with UID 5"
    );
}

/// One row with this item, asked for by this.
fn item(item: &str, asked: FetchItem) -> latchbox::message::Fetch {
    let row = format!("S: * 1 FETCH (UID 5 {item})\nS: {{a}} OK done");
    answered(&row, |inbox| inbox.fetch_one(uid(5), [asked]))
        .unwrap()
        .unwrap()
}

#[test]
fn fault_24_numbers_and_dates_of_items_in_any_form() {
    for value in ["(9)", "9", "(\"9\")", "\"9\"", "( 9 )"] {
        let message = item(&format!("MODSEQ {value}"), FetchItem::ModSeq);
        assert_eq!(message.mod_seq(), ModSeq::new(9), "{value}");
        assert_eq!(message.errors().count(), 0, "{value}");
    }
    for value in ["(x)", "()", "((9))", "(9 8)", "NIL"] {
        let message = item(&format!("MODSEQ {value}"), FetchItem::ModSeq);
        assert_eq!(message.mod_seq(), None, "{value}");
        let errors: Vec<_> = message
            .errors()
            .map(|error| error.bytes().to_vec())
            .collect();
        assert_eq!(errors, [value.as_bytes()]);
    }
    assert_eq!(
        item("RFC822.SIZE (\"44\")", FetchItem::Rfc822Size).size(),
        Some(44)
    );
    let year = item(
        "INTERNALDATE \" 7-Jul-96 02:44:25 -0700\"",
        FetchItem::InternalDate,
    );
    let year = year.internal_date().unwrap().unwrap();
    assert_eq!(year.to_string(), "1996-07-07T02:44:25-07:00");
    for value in ["\"garbage\"", "\"17-Jul-1996 02:44:25\""] {
        let message = item(&format!("INTERNALDATE {value}"), FetchItem::InternalDate);
        let error = message.internal_date().unwrap_err();
        assert_eq!(error.kind(), ItemErrorKind::Malformed, "{value}");
        assert_eq!(error.bytes(), value.as_bytes());
    }
}

#[test]
fn fault_24_counters_in_any_form() {
    let lines = "C-start: {a} STATUS\n\
                 S: * STATUS Box (MESSAGES \"3\" UNSEEN (2) RECENT 5000000000 SIZE 7)\n\
                 S: {a} OK done\nC-start: {q} GETQUOTA\n\
                 S: * QUOTA \"\" (STORAGE \"10\" (512) MESSAGE 1 2)\nS: {q} OK done";
    let (server, session) = logged_in_with("IMAP4rev1 QUOTA STATUS=SIZE", lines, |builder| builder);
    let status = session.status("Box", &[StatusItem::Messages]).unwrap();
    assert_eq!(
        (status.messages(), status.unseen(), status.size()),
        (Some(3), Some(2), Some(7))
    );
    assert_eq!(
        (status.recent(), status.raw_item("RECENT")),
        (None, Some(&b"5000000000"[..]))
    );
    let quota = session.quota().get("").unwrap();
    assert_eq!(
        quota.to_string(),
        "quota \"\": STORAGE 10 of 512, MESSAGE 1 of 2"
    );
    drop(session);
    server.finish();
}
