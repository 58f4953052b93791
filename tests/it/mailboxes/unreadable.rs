//! Responses that came for a command and cannot be read: an error that keeps their octets.

use latchbox::types::StatusItem;
use latchbox::{Error, Result, Session};

use crate::scripted::logged_in_with;

/// What is done while the answer has these lines.
fn with<T>(lines: &str, done: impl FnOnce(&Session) -> T) -> T {
    let capabilities = "IMAP4rev1 NAMESPACE ID QUOTA ACL METADATA ENABLE";
    let text =
        format!("C-start: {{a}} \n{lines}\nS: {{a}} OK done\nC: {{n}} NOOP\nS: {{n}} OK done");
    let (server, session) = logged_in_with(capabilities, &text, |builder| builder);
    let outcome = done(&session);
    session.noop().unwrap();
    drop(session);
    server.finish();
    outcome
}

#[track_caller]
fn assert_keeps<T>(row: &str, good: &str, done: impl FnOnce(&Session) -> Result<T>) {
    let lines = format!("S: {good}\nS: {row}\nS: {good}");
    match with(&lines, |session| done(session).map(drop)) {
        Err(Error::Unparsable(unreadable)) => {
            let octets = String::from_utf8_lossy(unreadable.octets()).into_owned();
            assert_eq!(octets, format!("{row}\r\n"));
        }
        other => panic!("{row}: {other:?}"),
    }
}

#[test]
fn fault_29_lists() {
    for row in [
        "* LIST () \"/\" \"b",
        "* LIST (\\A \"/\" \"x\"",
        "* LIST () \"/\"",
        "* LIST \"/\" x",
        "* LIST",
        "* LIST () \"/\" \"x\" y",
    ] {
        assert_keeps(row, "* LIST () \"/\" good", |session| session.list("*"));
        let lsub = row.replace("LIST", "LSUB");
        assert_keeps(&lsub, "* LSUB () \"/\" good", |session| session.lsub("*"));
    }
}

#[test]
fn fault_29_what_can_be_read_is_given() {
    let lines = "S: * LIST () \"/\" a\nS: * LSUB () \"/\" \"b\nS: * FOO (x\nS: * LIST () \"/\" c";
    let found = with(lines, |session| session.list("*")).unwrap();
    assert_eq!(found.len(), 2);
}

#[test]
fn fault_29_status() {
    for row in [
        "* STATUS \"a\" (MESSAGES",
        "* STATUS a",
        "* STATUS \"a (MESSAGES 1)",
    ] {
        let lines = format!("S: {row}");
        match with(&lines, |session| {
            session.status("a", [StatusItem::Messages])
        }) {
            Err(Error::Unparsable(unreadable)) => {
                assert_eq!(unreadable.octets(), format!("{row}\r\n").as_bytes());
            }
            other => panic!("{row}: {other:?}"),
        }
    }
    // One that can be read is the answer.
    let lines = "S: * STATUS \"b\" (MESSAGES\nS: * STATUS \"a\" (MESSAGES 1) (UNSEEN 2)";
    let status = with(lines, |session| session.status("a", [StatusItem::Messages])).unwrap();
    assert_eq!((status.messages(), status.unseen()), (Some(1), Some(2)));
}

#[test]
fn fault_29_the_others() {
    assert_keeps(
        "* NAMESPACE ((\"\" \"/\")",
        "* OK still here",
        Session::namespace,
    );
    assert_keeps(
        "* QUOTA \"\" (STORAGE 1",
        "* QUOTA \"x\" (STORAGE 1 2)",
        |session| session.quota().get("x"),
    );
    assert_keeps(
        "* QUOTAROOT \"a",
        "* QUOTA \"x\" (STORAGE 1 2)",
        |session| session.quota().roots("a"),
    );
    assert_keeps("* ACL \"a\" b", "* OK still here", |session| {
        session.acl("a").get()
    });
    assert_keeps("* MYRIGHTS a (x)", "* OK still here", |session| {
        session.acl("a").my_rights()
    });
    assert_keeps("* LISTRIGHTS a b (c)", "* OK still here", |session| {
        session.acl("a").list_rights("b")
    });
    assert_keeps(
        "* METADATA a (/private/comment",
        "* METADATA a (/shared/comment x)",
        |session| {
            session
                .metadata("a")
                .get(["/private/comment", "/shared/comment"])
        },
    );
    assert_keeps("* ID (\"name\" (x))", "* OK still here", |session| {
        session.id(&[])
    });
}
