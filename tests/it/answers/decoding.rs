//! Parts that a server is to decode (BINARY), and a server that ends the connection over one.

use std::num::NonZeroU32;

use latchbox::types::{FetchItem, Flag, SearchKey, Section, StoreAction, Uid, UidSet};
use latchbox::{MailboxGuard, Result};

use crate::scripted::{selecting, selecting_with};

fn uid() -> Uid {
    Uid::new(1).unwrap()
}

/// A deadline and a refusal say nothing of that kind.
#[test]
fn fault_39_a_refusal_is_no_reason_to_leave_binary_out() {
    let structure =
        r#"S: * 1 FETCH (UID 1 BODYSTRUCTURE ("APPLICATION" "X" NIL NIL NIL "BASE64" 8))"#;
    let lines = format!(
        r#"
        C: {{a}} UID FETCH 1 (BODYSTRUCTURE)
        {structure}
        S: {{a}} OK done
        C: {{b}} UID FETCH 1 (UID BINARY.PEEK[1])
        S: {{b}} NO [UNKNOWN-CTE] no
        C: {{c}} UID FETCH 1 (UID BODY.PEEK[1])
        S: * 1 FETCH (UID 1 BODY[1] "YWJj")
        S: {{c}} OK done
        C: {{d}} UID FETCH 1 (UID BINARY.PEEK[1])
        S: * 1 FETCH (UID 1 BINARY[1] "abc")
        S: {{d}} OK done
        "#
    );
    let (server, session) = selecting_with("IMAP4rev1 BINARY", &lines, |builder| builder);
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let set = UidSet::unbound([uid()]);
    let messages = inbox.fetch(&set, [FetchItem::BodyStructure]).unwrap();
    let message = messages.into_iter().next().unwrap().unwrap();
    let structure = message.body_structure().unwrap();
    let part = structure.part("1").unwrap();
    for _ in 0..2 {
        let mut content = Vec::new();
        let mut download = inbox.download_part(uid(), &part).unwrap();
        download.copy_to(&mut content).unwrap();
        assert_eq!(content, b"abc");
    }
    drop(inbox);
    drop(session);
    server.finish();
}

/// What only reads never has; what sets `\Seen` may.
#[test]
fn fault_39_what_only_reads_has_no_effect() {
    let lost = |lines: &str, work: fn(&mut MailboxGuard<'_>) -> Result<()>| {
        let (server, session) = selecting(&format!("{lines}\ncut\n"));
        let mut inbox = session.lock_mailbox("INBOX").unwrap();
        let error = work(&mut inbox).unwrap_err();
        assert!(error.is_closed(), "{error}");
        drop(inbox);
        drop(session);
        server.finish();
        error.may_have_taken_effect()
    };
    assert!(!lost("C: {a} UID FETCH 1 (BODY.PEEK[1])", |inbox| {
        let mut one = inbox.fetch(&UidSet::unbound([uid()]), [peek()])?;
        one.next().map(drop)
    }));
    assert!(lost("C: {a} UID FETCH 1 (BODY[1])", |inbox| {
        let body = FetchItem::BodyAndMarkSeen(Section::part("1").unwrap());
        inbox
            .fetch(&UidSet::unbound([uid()]), [body])?
            .next()
            .map(drop)
    }));
    assert!(!lost("C: {a} UID SEARCH ALL", |inbox| {
        inbox.search(SearchKey::All).map(drop)
    }));
    assert!(!lost("C: {a} NOOP", |inbox| inbox.refresh().map(drop)));
    assert!(lost("C: {a} UID STORE 1 +FLAGS (\\Seen)", |inbox| {
        let seen = [Flag::Seen];
        let add = StoreAction::Add;
        inbox.store(&UidSet::unbound([uid()]), add, seen).map(drop)
    }));
    assert!(lost("C: {a} UID FETCH 1 (UID BODY[1])", |inbox| {
        let section = Section::part("1").unwrap();
        inbox.download_and_mark_seen(uid(), &section).map(drop)
    }));
    assert!(!lost(
        "C: {a} UID FETCH 1 (UID BODY.PEEK[1]<0.5>)",
        |inbox| {
            let five = NonZeroU32::new(5).unwrap();
            let section = Section::part("1").unwrap().partial(0, five);
            inbox.download(uid(), &section).map(drop)
        }
    ));
}

fn peek() -> FetchItem {
    FetchItem::BodyPeek(Section::part("1").unwrap())
}
