//! How the keys of extensions are sent.

use std::time::Duration;

use latchbox::gmail::Label;
use latchbox::types::{EntryType, ExtensionName, Flag, ModSeq, SearchKey};

use super::on;

const ALL: &str = "IMAP4rev1 CONDSTORE WITHIN SAVEDATE OBJECTID SEARCH=FUZZY FILTERS X-GM-EXT-1";

#[track_caller]
fn assert_sent(key: &SearchKey, expected: &str) {
    let script = format!(
        "
        C: {{a}} UID SEARCH {expected}
        S: * SEARCH 2
        S: {{a}} OK done
        "
    );
    let found = on(ALL, &script, |inbox| inbox.search(key)).unwrap();
    assert_eq!(found.to_string(), "2", "{key}");
}

/// G15.
#[test]
fn a_key_that_is_not_known_is_sent_by_name() {
    let other = |arguments: &[&str]| SearchKey::Other {
        name: ExtensionName::new("X-NEW").unwrap(),
        arguments: arguments.iter().map(|it| (*it).to_owned()).collect(),
    };
    assert_sent(&other(&[]), "X-NEW");
    assert_sent(&!other(&["7", "a b", ""]), r#"NOT X-NEW 7 "a b" """#);
    assert_sent(
        &other(&["1:5", "a)"]).or(SearchKey::Seen),
        r#"OR X-NEW 1:5 "a)" SEEN"#,
    );
    let error = on(ALL, "", |inbox| inbox.search(other(&["a\0"])));
    assert!(
        matches!(error, Err(latchbox::Error::Argument(_))),
        "{error:?}"
    );
}

#[test]
fn keys_of_extensions_are_written_as_their_standards_have_it() {
    let mod_seq = ModSeq::new(620_162_338).unwrap();
    let of = |flag, entry_type| SearchKey::ModSeqOf {
        flag,
        entry_type,
        mod_seq,
    };
    let day = "1994-02-01".parse().unwrap();
    for (key, expected) in [
        (SearchKey::Older(Duration::from_secs(3600)), "OLDER 3600"),
        (SearchKey::Younger(Duration::from_secs(60)), "YOUNGER 60"),
        (SearchKey::SavedBefore(day), "SAVEDBEFORE 1-Feb-1994"),
        (SearchKey::SavedOn(day), "SAVEDON 1-Feb-1994"),
        (SearchKey::SavedSince(day), "SAVEDSINCE 1-Feb-1994"),
        (SearchKey::SaveDateSupported, "SAVEDATESUPPORTED"),
        (SearchKey::EmailId("M6d99".into()), "EMAILID M6d99"),
        (SearchKey::ThreadId("T64b4".into()), "THREADID T64b4"),
        (
            of(Flag::Draft, EntryType::All),
            r#"MODSEQ "/flags/\\Draft" all 620162338"#,
        ),
        (
            of("$Work".parse().unwrap(), EntryType::Private),
            r#"MODSEQ "/flags/$Work" priv 620162338"#,
        ),
        (
            SearchKey::Subject("IMAP".into())
                .fuzzy()
                .or(SearchKey::Seen),
            r#"OR FUZZY SUBJECT "IMAP" SEEN"#,
        ),
        (
            SearchKey::Seen.and(SearchKey::Draft).fuzzy(),
            "FUZZY (SEEN DRAFT)",
        ),
        (
            SearchKey::Filter("on-the-road".into()),
            "FILTER on-the-road",
        ),
        (
            SearchKey::GmailRaw("has:attachment in:unread".into()),
            r#"X-GM-RAW "has:attachment in:unread""#,
        ),
        (
            SearchKey::GmailLabel("\\Inbox".parse().unwrap()),
            r"X-GM-LABELS \Inbox",
        ),
        (
            SearchKey::GmailLabel(Label::new("Entw\u{fc}rfe").unwrap()),
            r#"X-GM-LABELS "Entw&APw-rfe""#,
        ),
        (
            SearchKey::GmailMessageId(1_278_455_344_230_334_865),
            "X-GM-MSGID 1278455344230334865",
        ),
        (!SearchKey::GmailThreadId(7), "NOT X-GM-THRID 7"),
    ] {
        assert_sent(&key, expected);
    }
}

/// A set of UIDs that a caller wrote the wrong way round is sent the right way round.
#[test]
fn q82_ranges_go_up() {
    assert_sent(
        &SearchKey::Uid("9,5:2,*:7".parse().unwrap()),
        "UID 2:5,7:4294967295",
    );
}
