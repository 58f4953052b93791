//! Sessions without sequence numbers (UIDONLY).

use latchbox::types::{Capability, FetchItem, UidSet};

use crate::scripted::logged_in_with;

const SELECT: &str = r#"
    C: {s} SELECT "INBOX"
    S: * 3 EXISTS
    S: * OK [UIDVALIDITY 1] valid
    S: {s} OK [READ-WRITE] in
    "#;

#[test]
fn uidonly_rows_are_read_and_sequence_numbers_are_not_sent() {
    let (server, session) = logged_in_with(
        "IMAP4rev1 ENABLE UIDONLY",
        &format!(
            r#"
            C: {{e}} ENABLE UIDONLY
            S: * ENABLED UIDONLY
            S: {{e}} OK done
            {SELECT}
            C: {{f}} UID FETCH 1:* (FLAGS UID)
            S: * 25 UIDFETCH (FLAGS (\\Seen))
            S: * 27 UIDFETCH (FLAGS () UID 27)
            S: * VANISHED 26
            S: {{f}} OK done
            "#
        )
        .replace("\\\\", "\\")
        .replace("(FLAGS UID)", "(FLAGS)"),
        |builder| builder,
    );
    session.enable(&[Capability::UidOnly]).unwrap();
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let mut messages = Vec::new();
    let rows = inbox.fetch(&UidSet::all(), [FetchItem::Flags]).unwrap();
    rows.collect_into(&mut messages).unwrap();
    let uids: Vec<_> = messages.iter().map(|m| m.uid().value()).collect();
    assert_eq!(uids, [25, 27]);
    assert!(messages.iter().all(|message| message.seq().is_none()));
    assert_eq!(inbox.exists(), 2);
    let mut numbered = inbox.numbered();
    let last = numbered.last(1);
    let refused = numbered
        .fetch(&last, [FetchItem::Flags])
        .map(drop)
        .unwrap_err();
    assert!(refused.to_string().contains("UIDONLY"), "{refused}");
    server.finish();
}
