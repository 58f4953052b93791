//! A value that is written as JSON is read back, and an invalid one is an error that names it.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::sync::Arc;

use proptest::prelude::*;

use super::*;
use crate::types::account_id::{Home, Server};
use crate::types::stored_line::with_check;
use crate::types::uid_set::UidSet;

fn written(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap()
}

#[track_caller]
fn comes_back<T: Serialize + for<'de> Deserialize<'de> + PartialEq + Debug>(value: T, json: &str) {
    assert_eq!(written(&value), json);
    assert_eq!(serde_json::from_str::<T>(json).unwrap(), value);
}

#[track_caller]
fn refusal<T: for<'de> Deserialize<'de> + Debug>(json: &str) -> String {
    serde_json::from_str::<T>(json).unwrap_err().to_string()
}

#[test]
fn numbers_are_numbers() {
    comes_back(Uid::MAX, "4294967295");
    comes_back(UidValidity::MIN, "1");
    comes_back(SeqNum::new(7).unwrap(), "7");
    comes_back(ModSeq::MAX, "9223372036854775807");
    let by_uid = BTreeMap::from([(Uid::new(5).unwrap(), true)]);
    comes_back(by_uid, r#"{"5":true}"#);
    for json in [
        "0",
        "-1",
        "4294967296",
        "1.5",
        "\"7\"",
        "null",
        "18446744073709551616",
    ] {
        let error = refusal::<Uid>(json);
        assert!(
            error.contains("expected a UID from 1 to 4294967295"),
            "{error}"
        );
    }
    assert!(refusal::<Uid>("0").contains("integer `0`"));
    assert!(refusal::<UidValidity>("-3").contains("integer `-3`"));
    assert!(refusal::<SeqNum>("4294967296").contains("integer `4294967296`"));
    assert!(refusal::<ModSeq>("9223372036854775808").contains("integer `9223372036854775808`"));
}

#[test]
fn texts_are_those_of_display() {
    comes_back("2026-11-01".parse::<Date>().unwrap(), "\"2026-11-01\"");
    let local: LocalDateTime = "1998-12-31T23:59:60".parse().unwrap();
    comes_back(local, "\"1998-12-31T23:59:60\"");
    let date: DateTime = "2026-11-01T12:00:00-05:00".parse().unwrap();
    comes_back(date, "\"2026-11-01T12:00:00-05:00\"");
    let back: DateTime = serde_json::from_str(&written(&date)).unwrap();
    assert_eq!(back.offset_seconds(), date.offset_seconds());
    comes_back(SpecialUse::Trash, r#""\\Trash""#);
    comes_back(Capability::Auth("PLAIN".into()), "\"AUTH=PLAIN\"");
    let url = "imaps://jane%40example.com;AUTH=PLAIN@[::1]:1993";
    comes_back(url.parse::<ServerUrl>().unwrap(), &format!("{url:?}"));
    let account = "imap://jane@imap.example.com:993";
    comes_back(
        account.parse::<AccountId>().unwrap(),
        &format!("{account:?}"),
    );
    let uids = "imap://jane@imap.example.com:993/a%3F;OCTETS=%FF;UIDVALIDITY=7/;UID=1:3";
    comes_back(uids.parse::<StoredUids>().unwrap(), &format!("{uids:?}"));
    let account = account.parse::<AccountId>().unwrap();
    let checkpoint = AccountCheckpoint::new(Arc::new(account), Vec::new());
    let text = checkpoint.to_string();
    comes_back(checkpoint, &format!("{text:?}"));
    let text = "checkpoint/1;known=INBOX%3BUIDVALIDITY%3D7/%3BUID%3D;number=0;uidnext=1;firstnew=1";
    let text = with_check(text);
    comes_back(text.parse::<Checkpoint>().unwrap(), &format!("{text:?}"));
}

#[test]
fn an_error_names_the_text() {
    for error in [
        refusal::<Date>("\"2026-02-29\""),
        refusal::<DateTime>("\"2026-02-29\""),
        refusal::<LocalDateTime>("\"2026-02-29\""),
        refusal::<SpecialUse>("\"2026-02-29 \""),
        refusal::<Capability>("\"2026-02-29 x\""),
        refusal::<MailboxName>("\"2026-02-29\\r\\n\""),
    ] {
        let expected = "invalid value: string \"2026-02-29";
        assert!(
            error.starts_with(expected) && error.contains("expected a "),
            "{error}"
        );
    }
    for error in [
        refusal::<Flag>("5"),
        refusal::<MailboxName>("null"),
        refusal::<Date>("[]"),
    ] {
        assert!(error.starts_with("invalid type"), "{error}");
    }
}

#[test]
fn an_error_does_not_repeat_a_password() {
    let url = "\"imaps://jane:geheim@host:993\"";
    let errors = [
        refusal::<ServerUrl>(url),
        refusal::<AccountId>(url),
        refusal::<StoredUids>(url),
        refusal::<AccountCheckpoint>(url),
        refusal::<Checkpoint>(url),
        refusal::<AccountId>("\"imap://jane:geheim@host\""),
    ];
    for error in errors {
        assert!(!error.contains("geheim"), "{error}");
    }
}

#[test]
fn the_account_of_an_unnamed_login_is_not_stored() {
    let home = Home {
        server: Server::tcp("host", 993),
        certificate: None,
        name: None,
    };
    let unnamed = (*home.account(None)).clone();
    let error = serde_json::to_string(&unnamed).unwrap_err().to_string();
    assert!(error.contains("account_name"), "{error}");
    let checkpoint = AccountCheckpoint::new(Arc::new(unnamed.clone()), Vec::new());
    assert!(serde_json::to_string(&checkpoint).is_err());
    let validity = UidValidity::new(7).unwrap();
    let uids = StoredUids::new(MailboxName::inbox(), validity, UidSet::new()).unwrap();
    assert!(serde_json::to_string(&uids.in_account(unnamed).unwrap()).is_err());
}

#[test]
fn flags_come_back_whatever_a_server_made_them() {
    comes_back(Flag::Seen, r#""\\Seen""#);
    comes_back(Flag::keyword("$Work").unwrap(), "\"$Work\"");
    comes_back(Flag::from_server(b"\\XForwarded"), r#""\\XForwarded""#);
    comes_back(Keyword::new("$Work").unwrap(), "\"$Work\"");
    for name in [
        &b"a b"[..],
        b"[Gmail]",
        b"",
        b"\\a)",
        b"a\r\nA1 DELETE x",
        b"\xff",
        b"\\\\Seen",
    ] {
        let flag = Flag::from_server(name);
        comes_back(flag.clone(), &written(&flag));
        assert!(flag.check().is_err(), "it is not sent");
        if let Flag::Keyword(name) | Flag::Extension(name) = flag {
            comes_back(name.clone(), &written(&name));
            assert!(name.check().is_err(), "it is not sent");
        }
    }
}

#[test]
fn names_come_back_whatever_a_server_made_them() {
    for (name, json) in [
        (MailboxName::new("inbox").unwrap(), "\"INBOX\""),
        (
            MailboxName::new("Entw\u{fc}rfe/a%20b").unwrap(),
            "\"Entw\u{fc}rfe/a%20b\"",
        ),
        (
            MailboxName::new("a;OCTETS=b").unwrap(),
            "\"a%3BOCTETS%3Db;OCTETS=\"",
        ),
        (
            MailboxName::from_wire(b"&AGE-\xff", "a?", false),
            "\"a%3F;OCTETS=%26AGE-%FF\"",
        ),
        (
            MailboxName::from_wire(b"", "a\r\nb", true),
            "\"a%0D%0Ab;OCTETS=\"",
        ),
        (MailboxName::from_wire(b"", "", true), "\";OCTETS=\""),
        (
            MailboxName::from_wire(b"inbox\xff", "inbox", false),
            "\"inbox;OCTETS=inbox%FF\"",
        ),
    ] {
        comes_back(name.clone(), json);
        comes_back(BTreeMap::from([(name, 1)]), &format!("{{{json}:1}}"));
    }
    for json in [
        "\"\"",
        "\"a\\u0000\"",
        "\"a b;OCTETS=c\"",
        "\"a;OCTETS=%F\"",
        "\"a;OCTETS=b;OCTETS=c\"",
        "\"%FF;OCTETS=c\"",
        "\"\u{fc};OCTETS=c\"",
    ] {
        let error = refusal::<MailboxName>(json);
        assert!(error.contains("expected a mailbox name"), "{error}");
    }
}

proptest! {
    #[test]
    fn every_name_comes_back(
        name in "\\PC{1,12}|.{1,8}|[a;OCTETS=%4]{1,12}",
        octets in prop::option::of(prop::collection::vec(any::<u8>(), 1..12)),
    ) {
        let name = match octets {
            Some(octets) => MailboxName::from_wire(&octets, &name, false),
            None => MailboxName::from_wire(b"", &name, true),
        };
        let back: MailboxName = serde_json::from_str(&written(&name)).unwrap();
        prop_assert_eq!(back, name);
    }

    #[test]
    fn every_flag_comes_back(octets in prop::collection::vec(any::<u8>(), 0..12)) {
        let flag = Flag::from_server(&octets);
        let back: Flag = serde_json::from_str(&written(&flag)).unwrap();
        prop_assert_eq!(written(&back), written(&flag));
        prop_assert_eq!(back, flag);
    }

    #[test]
    fn no_text_panics_and_what_is_read_is_written_alike(text in "\\PC{0,20}|[a-z;OCTETS=%40-9:/@T+-]{0,30}") {
        fn look<T: Serialize + for<'de> Deserialize<'de> + PartialEq + Debug>(json: &str) {
            if let Ok(value) = serde_json::from_str::<T>(json) {
                assert_eq!(serde_json::from_str::<T>(&written(&value)).unwrap(), value);
            }
        }
        let json = written(&text);
        look::<MailboxName>(&json);
        look::<Flag>(&json);
        look::<Keyword>(&json);
        look::<Capability>(&json);
        look::<ServerUrl>(&json);
        look::<AccountId>(&json);
        look::<StoredUids>(&json);
        look::<DateTime>(&json);
    }
}
