//! Sets of servers: ranges that are never expanded, broken ones, and pairs that do not pair; and
//! sets of callers, which are never nothing on the wire.

use latchbox::Error;
use latchbox::types::{Flag, SearchKey, StoreAction, UidSet};

use crate::scripted::{logged_in, selecting, selecting_with};

#[test]
fn attack_067_ranges_of_everything_stay_ranges() {
    let (server, session) = selecting_with(
        "IMAP4rev1 ESEARCH UIDPLUS MOVE",
        r#"
        C: {a} UID SEARCH RETURN (ALL) ALL
        S: * ESEARCH (TAG "{a}") UID ALL 1:4294967295
        S: {a} OK done
        C: {b} UID COPY 1:4294967295 "Box"
        S: {b} OK [COPYUID 9 1:4294967295 1:4294967295] done
        C: {c} NOOP
        S: * VANISHED 1:4294967295
        S: {c} OK done
        C: {d} EXPUNGE
        S: * VANISHED 1:4294967295
        S: {d} OK done
        "#,
        |builder| builder,
    );
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let (cost, ()) = latchbox_counting::cost(|| {
        let all = inbox.search(SearchKey::All).unwrap();
        assert_eq!((all.len(), all.ranges().count()), (4_294_967_295, 1));
        let copied = inbox.copy(&all, "Box").unwrap();
        assert_eq!(copied.copies().unwrap().to_string(), "1:4294967295");
        let first: Vec<_> = copied.pairs().take(2).collect();
        assert_eq!(first.len(), 2);
        inbox.refresh().unwrap();
        assert_eq!(inbox.exists(), 0);
        let expunged = inbox.expunge_all_deleted().unwrap();
        assert_eq!(expunged.vanished().to_string(), "1:4294967295");
    });
    assert!(cost.peak < 64 << 10, "{cost:?}");
    drop(inbox);
    drop(session);
    server.finish();
}

#[test]
fn attack_068_pairs_of_a_copy_only_where_they_pair() {
    for (sets, pairs) in [
        ("3,5 103,105", vec![(3, 103), (5, 105)]),
        ("5,3 105,103", vec![(5, 105), (3, 103)]),
        ("3:4 104:103", vec![]),
        ("3:5 103,105", vec![]),
        ("3 103:104", vec![]),
        ("3 4294967296", vec![]),
        ("0 103", vec![]),
        ("* 103", vec![]),
    ] {
        let (server, session) = selecting(&format!(
            "
            C: {{a}} UID COPY 3:5 \"Box\"
            S: {{a}} OK [COPYUID 9 {sets}] done
            C: {{b}} NOOP
            S: {{b}} OK done
            "
        ));
        let mut inbox = session.lock_mailbox("INBOX").unwrap();
        let three_to_five: UidSet = "3:5".parse().unwrap();
        let copied = inbox.copy(&three_to_five, "Box").unwrap();
        let found: Vec<_> = copied
            .pairs()
            .map(|(from, to)| (from.value(), to.value()))
            .collect();
        match sets {
            // In which order a reversed range runs is for the server to know.
            "3:4 104:103" => assert!(found.is_empty() || found.len() == 2, "{found:?}"),
            _ => assert_eq!(found, pairs, "{sets}"),
        }
        inbox.refresh().unwrap();
        drop(inbox);
        drop(session);
        server.finish();
    }
}

#[test]
fn attack_068_a_copyuid_without_sets_is_no_copyuid() {
    for code in [
        "COPYUID",
        "COPYUID 9",
        "COPYUID 9 3",
        "COPYUID 9  103",
        "COPYUID x 3 103",
    ] {
        let (server, session) = selecting(&format!(
            "C: {{a}} UID COPY 3 \"Box\"\nS: {{a}} OK [{code}] done\n\
             C: {{b}} NOOP\nS: {{b}} OK done\n"
        ));
        let mut inbox = session.lock_mailbox("INBOX").unwrap();
        let three: UidSet = "3".parse().unwrap();
        let copied = inbox.copy(&three, "Box").unwrap();
        assert!(copied.copies().is_none_or(UidSet::is_empty), "{code}");
        assert_eq!(copied.pairs().count(), 0);
        inbox.refresh().unwrap();
        drop(inbox);
        drop(session);
        server.finish();
    }
}

#[test]
fn attack_069_broken_sets_are_skipped_and_the_connection_goes_on() {
    for set in [
        "1,",
        "1::3",
        "1:",
        ":3",
        ",",
        "1,,3",
        "x",
        "1:x",
        "4294967296",
        "1 2",
    ] {
        let (server, session) = selecting_with(
            "IMAP4rev1 ESEARCH UIDPLUS",
            &format!(
                "
                C: {{a}} NOOP
                S: * VANISHED {set}
                S: * ESEARCH (TAG \"{{login}}\") UID ALL {set}
                S: {{a}} OK [COPYUID 9 {set} {set}] done
                C: {{b}} UID EXPUNGE 1
                S: {{b}} OK [MODIFIED {set}] done
                C: {{c}} UID SEARCH RETURN (ALL) ALL
                S: * ESEARCH (TAG \"{{c}}\") UID ALL 2
                S: {{c}} OK done
                "
            ),
            |builder| builder,
        );
        let mut inbox = session.lock_mailbox("INBOX").unwrap();
        inbox
            .refresh()
            .unwrap_or_else(|error| panic!("{set}: {error}"));
        let one: UidSet = "1".parse().unwrap();
        assert_eq!(inbox.expunge_uids(&one).unwrap().count(), 0);
        assert_eq!(inbox.search(SearchKey::All).unwrap().to_string(), "2");
        drop(inbox);
        drop(session);
        server.finish();
    }
}

/// The UIDs of an answer are known one by one, so a star is not one of them.
#[test]
fn attack_069_a_star_of_the_server_is_not_taken_for_a_message() {
    let (server, session) = selecting_with(
        "IMAP4rev1 ESEARCH UIDPLUS",
        r#"
        C: {a} UID SEARCH RETURN (ALL) ALL
        S: * ESEARCH (TAG "{a}") UID ALL 5:*
        S: {a} OK done
        "#,
        |builder| builder,
    );
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    if let Ok(found) = inbox.search(SearchKey::All) {
        assert!(!found.to_string().contains('*'), "{found}");
    }
    drop(inbox);
    drop(session);
    server.finish();
}

#[test]
fn attack_070_an_appenduid_belongs_to_the_mailbox_as_it_is() {
    // DavMail swaps UIDVALIDITY and UID.
    let (server, session) = logged_in(
        "
        C: {a} APPEND \"INBOX\" {4}
        S: + go on
        C-literal: 4
        C-raw: \\r\\n
        S: {a} OK [APPENDUID 12 7] done
        C: {select} SELECT \"INBOX\"
        S: * 3 EXISTS
        S: * OK [UIDVALIDITY 7] since
        S: {select} OK done
        ",
    );
    let appended = session.append("INBOX", b"a: b").unwrap();
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let uids = appended.uids().unwrap();
    let used = inbox.store(uids, StoreAction::Add, [Flag::Seen]);
    assert!(matches!(used, Err(Error::StaleUids(_))), "{used:?}");
    drop(inbox);
    drop(session);
    server.finish();
}

#[test]
fn attack_096_without_uidplus_nothing_is_expunged_that_was_not_asked_for() {
    let (server, session) = selecting_with(
        "IMAP4rev1",
        "
        C: {a} NOOP
        S: {a} OK done
        ",
        |builder| builder,
    );
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let one: UidSet = "1".parse().unwrap();
    for refused in [inbox.expunge_uids(&one), inbox.delete(&one)] {
        assert!(matches!(refused, Err(Error::Unsupported(_))), "{refused:?}");
    }
    let moved = inbox.move_to(&one, "Trash");
    assert!(matches!(moved, Err(Error::Unsupported(_))), "{moved:?}");
    inbox.refresh().unwrap();
    drop(inbox);
    drop(session);
    let sent = server.finish();
    assert!(
        !sent.contains("EXPUNGE") && !sent.contains("STORE"),
        "{sent}"
    );
}

#[test]
fn attack_110_an_empty_set_is_never_sent() {
    let (server, session) = selecting(
        "
        C: {a} UID SEARCH SEEN
        S: * SEARCH
        S: {a} OK done
        ",
    );
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let argument = |refused: Error| assert!(matches!(refused, Error::Argument(_)), "{refused:?}");
    let uids = UidSet::new();
    argument(
        inbox
            .store(&uids, StoreAction::Add, [Flag::Seen])
            .unwrap_err(),
    );
    argument(inbox.copy(&uids, "Box").unwrap_err());
    argument(inbox.move_to(&uids, "Box").unwrap_err());
    argument(inbox.delete(&uids).unwrap_err());
    argument(inbox.expunge_uids(&uids).unwrap_err());
    argument(inbox.search(SearchKey::from(uids)).unwrap_err());
    let mut numbered = inbox.numbered();
    let no_number = numbered.set(None);
    let stored = numbered.store(&no_number, StoreAction::Add, [Flag::Seen]);
    assert!(stored.unwrap().changed().next().is_none());
    assert!(
        numbered
            .move_to(&no_number, "Box")
            .unwrap()
            .copies()
            .is_none()
    );
    let none = inbox.search(SearchKey::Seen).unwrap();
    assert_eq!(inbox.delete(&none).unwrap().count(), 0);
    drop(inbox);
    drop(session);
    server.finish();
}

#[test]
fn attack_110_sets_of_words_are_checked() {
    let (server, session) = selecting("");
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    for word in [
        "",
        "0",
        "1,",
        "1 2",
        "1\r\n",
        "1:2:3",
        "a",
        "4294967296",
        "*:",
        "-1",
    ] {
        assert!(word.parse::<UidSet>().is_err(), "{word:?}");
        assert!(inbox.numbered().parse(word).is_err(), "{word:?}");
    }
    drop(inbox);
    drop(session);
    server.finish();
}
