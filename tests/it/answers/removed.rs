//! What was removed since a mod-sequence (QRESYNC, RFC 7162), up to the highest UID that there was.

use latchbox::command::FetchMessages;
use latchbox::types::{Capability, ModSeq, UidSet};

use crate::scripted::logged_in_with;

const SELECT: &str = "
    C: {e} ENABLE QRESYNC
    S: * ENABLED QRESYNC
    S: {e} OK done
    C: {s} SELECT \"INBOX\"
    S: * 3 EXISTS
    S: * OK [UIDVALIDITY 7] since
    S: {s} OK [READ-WRITE] done
    C: {t} UID FETCH 1:* (FLAGS)
    S: * 1 FETCH (UID 4 FLAGS ())
    S: * 2 FETCH (UID 5 FLAGS ())
    S: * 3 FETCH (UID 9 FLAGS ())
    S: {t} OK done
";

/// The rows that are left of a table after this exchange.
fn after(lines: &str) -> Vec<u32> {
    let script = format!("{SELECT}{lines}");
    let (server, session) = logged_in_with("IMAP4rev1 ENABLE QRESYNC", &script, |builder| builder);
    session.enable(&[Capability::Qresync]).unwrap();
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let all = UidSet::all();
    let mut table = inbox.fetch_flags(&all).unwrap();
    inbox
        .fetch_flags_into(
            &mut table,
            FetchMessages::flags(&all).changed_or_vanished_since(ModSeq::new(5).unwrap()),
        )
        .unwrap();
    let left = table.iter().map(|message| message.uid().value()).collect();
    drop(inbox);
    drop(session);
    server.finish();
    left
}

/// Held against what the mailbox has: a server may leave out what it has forgotten.
#[test]
fn fault_38_a_table_has_no_more_messages_than_the_mailbox() {
    let left = after(
        "
        C: {a} UID FETCH 1:4294967295 (FLAGS) (CHANGEDSINCE 5 VANISHED)
        S: * VANISHED 9
        S: {a} OK done
        C: {b} UID SEARCH ALL
        S: * SEARCH 4 5
        S: {b} OK done
        ",
    );
    assert_eq!(left, [4, 5]);
    let left = after(
        "
        C: {a} UID FETCH 1:4294967295 (FLAGS) (CHANGEDSINCE 5 VANISHED)
        S: * VANISHED (EARLIER) 1:3,6:9
        S: {a} OK done
        ",
    );
    assert_eq!(left, [4, 5], "no more is asked");
}

/// Nothing is there any more, which has to be told as well.
#[test]
fn fault_38_an_empty_mailbox_is_asked_too() {
    let left = after(
        "
        C: {a} UID FETCH 1:4294967295 (FLAGS) (CHANGEDSINCE 5 VANISHED)
        S: * VANISHED 4,5,9
        S: * VANISHED (EARLIER) 4,5,9
        S: {a} OK done
        ",
    );
    assert!(left.is_empty());
}
