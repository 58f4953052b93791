//! Search keys as text: what is written is read, and what is not is refused where it stands.

use std::fmt::Debug;

use proptest::collection::vec;
use proptest::prelude::*;

use super::*;

fn read(text: &str) -> SearchKey {
    text.parse().unwrap()
}

#[track_caller]
fn refused(text: &str, problem: &str, at: usize) {
    let error = text.parse::<SearchKey>().unwrap_err();
    assert!(error.to_string().contains(problem), "{text}: {error}");
    assert_eq!(error.position(), Some(at), "{text}: {error}");
}

#[test]
fn queries_as_people_write_them() {
    for (query, written) in [
        ("all", "ALL"),
        (" unseen  FLAGGED ", "UNSEEN FLAGGED"),
        ("from ann", "FROM \"ann\""),
        ("from \"Ann (work)\"", "FROM \"Ann (work)\""),
        ("subject Größe", "SUBJECT \"Größe\""),
        ("since 2026-02-01", "SINCE 1-Feb-2026"),
        ("on \"28-FEB-2026\"", "ON 28-Feb-2026"),
        ("on 01-feb-0099", "ON 1-Feb-0099"),
        ("not (seen or draft old)", "NOT (SEEN OR DRAFT OLD)"),
        ("(seen)(draft)", "(SEEN) (DRAFT)"),
        ("header list-id \"\"", "HEADER list-id \"\""),
        ("header \"a\\\"b\" x", "HEADER \"a\\\"b\" \"x\""),
        ("uid 3,1:2,9:*", "UID 1:3,9:*"),
        ("older 86400 smaller 5", "OLDER 86400 SMALLER 5"),
        (
            "modseq \"/flags/\\\\Draft\" ALL 7",
            "MODSEQ /flags/\\Draft all 7",
        ),
        ("modseq 7", "MODSEQ 7"),
        ("keyword $Work unkeyword a&b", "KEYWORD $Work UNKEYWORD a&b"),
        ("x-gm-raw \"has:attachment\"", "X-GM-RAW \"has:attachment\""),
        ("fuzzy subject recieve", "FUZZY SUBJECT \"recieve\""),
        ("subject a\\b", "SUBJECT \"a\\\\b\""),
    ] {
        assert_eq!(read(query).to_string(), written, "{query}");
    }
}

#[test]
fn an_error_names_the_place() {
    refused("", "a search key", 0);
    refused("  ", "a search key", 2);
    refused("SEEN FORM x", "\"FORM\"", 5);
    refused("SEEN ()", "a search key", 6);
    refused("(SEEN", "closing parenthesis", 5);
    refused("SEEN )", "opening parenthesis", 5);
    refused("NOT", "a search key", 3);
    refused("OR SEEN", "a search key", 7);
    refused("FROM \"ann", "closing quote", 9);
    refused("FROM \"a\\x\"", "escape", 7);
    refused("FROM \"\\u{d800}\"", "escape", 6);
    refused("SEEN FROM", "a value", 9);
    refused("LARGER 5k", "a number", 7);
    refused("LARGER 99999999999999999999", "a number", 7);
    refused("SINCE yesterday", "1-Feb-2026", 6);
    refused("SINCE 30-Feb-2026", "1-Feb-2026", 6);
    refused("SINCE 1-Feb-26", "1-Feb-2026", 6);
    refused("UID 1,,2", "1:5,7,9:*", 4);
    refused("UID $", "1:5,7,9:*", 4);
    refused("SEEN $", "one moment", 5);
    refused("1:5", "sequence numbers", 0);
    refused("KEYWORD a]b", "a]b", 8);
    refused("MODSEQ 0", "2^63-1", 7);
    refused("MODSEQ /flags/\\Seen both 7", "priv, shared or all", 20);
    refused("MODSEQ \\Seen all 7", "/flags/\\Seen", 7);
    // What could not be sent is refused where it stands.
    refused("SEEN FROM \"\"", "empty text", 5);
    refused("FROM \"\\0\"", "NUL", 0);
    refused("SEEN OLDER 0", "whole seconds", 5);
    refused("EMAILID a/b", "not an id", 0);
    refused("HEADER a:b x", "header field", 0);
}

#[test]
fn depth_and_length_are_bounded() {
    let nested = |open: &str, close: &str, depth: usize| {
        format!("{}SEEN{}", open.repeat(depth), close.repeat(depth))
    };
    for (open, close) in [("(", ")"), ("NOT ", ""), ("FUZZY ", ""), ("OR SEEN ", "")] {
        assert!(
            nested(open, close, DEEPEST).parse::<SearchKey>().is_ok(),
            "{open}"
        );
        let error = nested(open, close, DEEPEST + 1).parse::<SearchKey>();
        assert!(error.unwrap_err().to_string().contains("deeper"), "{open}");
        // These end at once, and recurse no further.
        assert!(
            open.repeat(LONGEST / open.len())
                .parse::<SearchKey>()
                .is_err()
        );
    }
    // A megabyte is read in time that is linear in it.
    for long in ["SEEN ", "(SEEN)", "FROM a ", "FROM \"\\n\" ", "UID 1 "] {
        let text = long.repeat(LONGEST / long.len());
        assert!(text.parse::<SearchKey>().is_ok(), "{long}");
    }
    for long in ["\\\"", "x", "\u{e9}", "\\u{e9}"] {
        let text = format!("FROM \"{}\"", long.repeat((LONGEST - 7) / long.len()));
        assert!(text.parse::<SearchKey>().is_ok(), "{long}");
    }
    let error = "x".repeat(LONGEST + 1).parse::<SearchKey>().unwrap_err();
    assert!(error.to_string().contains("1 MiB"), "{error}");
}

/// Whatever the type of dates is.
fn on<D: FromStr>(make: fn(D) -> SearchKey, date: &str) -> SearchKey
where
    D::Err: Debug,
{
    make(date.parse().unwrap())
}

fn leaves() -> impl Strategy<Value = SearchKey> {
    let text = || "[^\0]{1,12}";
    let atom = || "[$a-zA-Z&~/+.:;<=>?@_^|#!'-][$a-zA-Z0-9&.-]{0,9}";
    let days = prop::sample::select(vec!["2024-02-29", "0001-01-01", "9999-12-31"]);
    let uids = vec((1..9999u32, 0..50u32), 1..5).prop_map(|ranges| {
        let ranges = ranges
            .iter()
            .map(|(first, len)| format!("{first}:{}", first + len));
        ranges.collect::<Vec<_>>().join(",")
    });
    prop_oneof![
        prop::sample::select(PLAIN.to_vec()),
        text().prop_map(SearchKey::From),
        text().prop_map(SearchKey::Text),
        text().prop_map(SearchKey::GmailRaw),
        ("[!-9;-~]{1,9}", "[^\0]{0,9}").prop_map(|(name, text)| SearchKey::header(name, text)),
        days.clone().prop_map(|day| on(SearchKey::Before, day)),
        days.clone().prop_map(|day| on(SearchKey::SentSince, day)),
        days.prop_map(|day| on(SearchKey::SavedOn, day)),
        any::<u64>().prop_map(SearchKey::Larger),
        any::<u64>().prop_map(SearchKey::GmailThreadId),
        (1..=u32::MAX).prop_map(|age| SearchKey::Older(Duration::from_secs(age.into()))),
        (1..ModSeq::MAX.value()).prop_map(|it| SearchKey::ModSeq(ModSeq::new(it).unwrap())),
        (atom(), 0..3usize).prop_map(|(name, which)| SearchKey::ModSeqOf {
            flag: name.parse().unwrap_or(Flag::Draft),
            entry_type: [EntryType::Private, EntryType::Shared, EntryType::All][which],
            mod_seq: ModSeq::MAX,
        }),
        atom().prop_map(|name| SearchKey::Keyword(Keyword::new(&name).unwrap())),
        "[a-zA-Z0-9_-]{1,20}".prop_map(SearchKey::EmailId),
        "[a-zA-Z$&.-]{1,9}".prop_map(SearchKey::Filter),
        "[a-zA-Z ä\"]{1,9}"
            .prop_map(|it| { Label::new(&it).map_or(SearchKey::All, SearchKey::GmailLabel) }),
        uids.prop_map(|set| SearchKey::Uid(set.parse().unwrap())),
        Just(SearchKey::Uid(UidSet::all())),
    ]
}

fn keys() -> impl Strategy<Value = SearchKey> {
    leaves().prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            vec(inner.clone(), 1..4).prop_map(SearchKey::And),
            (inner.clone(), inner.clone()).prop_map(|(one, other)| one.or(other)),
            inner.clone().prop_map(|key| SearchKey::Not(Box::new(key))),
            inner.prop_map(SearchKey::fuzzy),
        ]
    })
}

proptest! {
    #[test]
    fn what_is_written_is_read(key in keys()) {
        prop_assert_eq!(key.check(), Ok(()));
        let written = key.to_string();
        prop_assert_eq!(written.parse::<SearchKey>(), Ok(key), "{}", written);
    }

    #[test]
    fn any_text_is_read_or_refused(text in "(\\PC|[\"\\\\() ]|NOT |OR |FROM |UID |SINCE |1|-|SEEN ){0,60}") {
        match text.parse::<SearchKey>() {
            Ok(key) => {
                let written = key.to_string();
                prop_assert_eq!(written.parse::<SearchKey>(), Ok(key), "{}", written);
            }
            Err(error) => {
                let at = error.position();
                prop_assert!(at.is_none_or(|at| text.is_char_boundary(at)), "{}: {}", text, error);
            }
        }
    }
}
