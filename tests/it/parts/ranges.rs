//! A mailbox in ranges of UIDs that hold about equally many messages (UIDBATCHES, RFC 10022).

use latchbox::Error;
use latchbox::types::UidSet;

use crate::scripted::selecting_with;

const OFFERED: &str = "IMAP4rev1 UIDBATCHES";

fn shown(ranges: &[UidSet]) -> Vec<String> {
    ranges.iter().map(UidSet::to_string).collect()
}

#[test]
fn the_server_makes_them_in_as_many_commands_as_it_takes() {
    let (server, session) = selecting_with(
        OFFERED,
        r#"
        S: * 100001 EXISTS
        C: {a} UIDBATCHES 50000 1:2
        S: * UIDBATCHES (TAG "A3") 215295:99696,99695:20351
        S: {a} OK done
        C: {b} UIDBATCHES 50000 3:4
        S: * UIDBATCHES (TAG "A4") 20350:1
        S: {b} OK done
        "#,
        |builder| builder,
    );
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let ranges = inbox.uid_batches(50_000).unwrap();
    assert_eq!(shown(&ranges), ["99696:215295", "20351:99695", "1:20350"]);
    assert!(ranges.iter().all(|range| range.origin().is_some()));
    drop(inbox);
    drop(session);
    server.finish();
}

#[test]
fn there_are_none_beyond_the_end_and_none_in_an_empty_mailbox() {
    let (server, session) = selecting_with(
        OFFERED,
        r#"
        C: {a} UIDBATCHES 500 1:200
        S: * UIDBATCHES (TAG "A3") 9:4
        S: {a} OK the last range of this one does not reach 1
        C: {b} UIDBATCHES 500 201:400
        S: * UIDBATCHES (TAG "A4")
        S: {b} OK done
        C: {c} UIDBATCHES 500 1:200
        S: * UIDBATCHES (TAG "A5")
        S: {c} OK done
        "#,
        |builder| builder,
    );
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    assert_eq!(shown(&inbox.uid_batches(500).unwrap()), ["4:9"]);
    assert!(inbox.uid_batches(500).unwrap().is_empty());
    drop(inbox);
    drop(session);
    server.finish();
}

#[test]
fn without_the_extension_or_for_small_sizes_they_are_computed() {
    for (capabilities, size) in [("IMAP4rev1", 2), (OFFERED, 2)] {
        let (server, session) = selecting_with(
            capabilities,
            "
            C: {s} UID SEARCH ALL
            S: * SEARCH 3 5 8 9 12
            S: {s} OK done
            ",
            |builder| builder,
        );
        let mut inbox = session.lock_mailbox("INBOX").unwrap();
        let ranges = inbox.uid_batches(size).unwrap();
        assert_eq!(shown(&ranges), ["9:12", "4:8", "1:3"]);
        drop(inbox);
        drop(session);
        server.finish();
    }
}

#[test]
fn ranges_that_make_no_sense_are_an_error() {
    for ranges in ["9:4,4:1", "4:1,9:5", "3:x", "9:8,7,6,5,4,3,2"] {
        // As many as are asked for, at most, and a few messages.
        let (server, session) = selecting_with(
            OFFERED,
            &format!(
                "
                C: {{a}} UIDBATCHES 50000 1:2
                S: * UIDBATCHES (TAG \"A3\") {ranges}
                S: {{a}} OK done
                C: {{n}} NOOP
                S: {{n}} OK done
                "
            ),
            |builder| builder,
        );
        let mut inbox = session.lock_mailbox("INBOX").unwrap();
        let error = inbox.uid_batches(50_000).unwrap_err();
        assert!(matches!(error, Error::Unparsable(_)), "{ranges}: {error}");
        drop(inbox);
        session.noop().unwrap();
        drop(session);
        server.finish();
    }
}

#[test]
fn an_answer_without_ranges_is_an_error() {
    let (server, session) = selecting_with(
        OFFERED,
        "
        C: {a} UIDBATCHES 500 1:200
        S: {a} OK done
        ",
        |builder| builder,
    );
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let error = inbox.uid_batches(500).unwrap_err();
    assert!(matches!(error, Error::MissingData("UIDBATCHES")), "{error}");
    drop(inbox);
    drop(session);
    server.finish();
}
