//! Items that set `\Seen` say so in their names, and peek under a read-only guard.

use latchbox::types::{FetchItem, Flag, Section};

use super::uids;
use crate::scripted::{logged_in_with, selecting_with};

fn items() -> [FetchItem; 3] {
    let part = Section::part("1").unwrap();
    [
        FetchItem::BodyAndMarkSeen(Section::whole().header()),
        FetchItem::BinaryAndMarkSeen(part.clone()),
        FetchItem::BodyPeek(part),
    ]
}

#[test]
fn fault_70_an_item_that_marks_as_read_is_sent_without_peek() {
    let (server, session) = selecting_with(
        "IMAP4rev1 BINARY",
        r#"
        C: {f} UID FETCH 5 (BODY[HEADER] BINARY[1] BODY.PEEK[1])
        S: * 2 FETCH (UID 5 BODY[HEADER] "a" BINARY[1] "b" BODY[1] "c" FLAGS (\Seen))
        S: {f} OK done
        "#,
        |builder| builder,
    );
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let message = inbox.fetch(&uids("5"), items()).unwrap().into_iter().next();
    let message = message.unwrap().unwrap();
    assert_eq!(message.body(&Section::whole().header()), Some(&b"a"[..]));
    assert!(message.flags().unwrap().contains(&Flag::Seen));
    drop(inbox);
    drop(session);
    server.finish();
}

#[test]
fn fault_70_under_a_read_only_guard_every_item_peeks() {
    let (server, session) = logged_in_with(
        "IMAP4rev1 BINARY",
        r#"
        C: {select} EXAMINE "INBOX"
        S: * 3 EXISTS
        S: {select} OK [READ-ONLY] selected
        C: {f} UID FETCH 5 (BODY.PEEK[HEADER] BINARY.PEEK[1] BODY.PEEK[1])
        S: * 2 FETCH (UID 5 BODY[HEADER] "a" BINARY[1] "b" BODY[1] "c")
        S: {f} OK done
        C: {n} FETCH 2 (UID BODY.PEEK[HEADER] BINARY.PEEK[1] BODY.PEEK[1])
        S: * 2 FETCH (UID 5 BODY[HEADER] "a" BINARY[1] "b" BODY[1] "c")
        S: {n} OK done
        "#,
        |builder| builder,
    );
    let mut inbox = session.lock_mailbox_read_only("INBOX").unwrap();
    let message = inbox.fetch(&uids("5"), items()).unwrap().into_iter().next();
    let message = message.unwrap().unwrap();
    assert_eq!(message.body(&Section::whole().header()), Some(&b"a"[..]));
    assert_eq!(
        message.binary(&Section::part("1").unwrap()),
        Some(&b"b"[..])
    );
    let mut numbered = inbox.numbered();
    let second = numbered.parse("2").unwrap();
    assert!(
        numbered
            .fetch(&second, items())
            .unwrap()
            .next()
            .unwrap()
            .is_some()
    );
    drop(inbox);
    drop(session);
    server.finish();
}
