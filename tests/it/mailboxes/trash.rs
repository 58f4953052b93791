//! To the trash, wherever it is.

use latchbox::Error;
use latchbox::error::MailboxError;
use latchbox::types::{FoundBy, SpecialUse, UidSet};

use crate::scripted::selecting_with;

fn two() -> UidSet {
    "1:2".parse().unwrap()
}

#[test]
fn messages_go_to_the_trash_that_the_server_names() {
    let (server, session) = selecting_with(
        "IMAP4rev1 MOVE UIDPLUS LIST-EXTENDED SPECIAL-USE",
        r#"
        C: {l} LIST "" "*" RETURN (SPECIAL-USE)
        S: * LIST () "/" INBOX
        S: * LIST () "/" Trash
        S: * LIST (\Trash) "/" "[Gmail]/Bin"
        S: {l} OK done
        C: {m} UID MOVE 1:2 "[Gmail]/Bin"
        S: * OK [COPYUID 9 1:2 11:12] moved
        S: * 1 EXPUNGE
        S: * 1 EXPUNGE
        S: {m} OK done
        "#,
        |builder| builder,
    );
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let trashed = inbox.move_to_trash(&two()).unwrap();
    assert_eq!(trashed.trash().mailbox().name(), "[Gmail]/Bin");
    assert_eq!(trashed.trash().found_by(), FoundBy::Attribute);
    assert_eq!(trashed.copied().pairs().count(), 2);
    drop(inbox);
    drop(session);
    server.finish();
}

#[test]
fn without_attributes_and_without_move_a_name_and_steps_do() {
    let (server, session) = selecting_with(
        "IMAP4rev1 UIDPLUS",
        r#"
        C: {l} LIST "" "*"
        S: * LIST () "." INBOX
        S: * LIST () "." INBOX.Trash
        S: {l} OK done
        C: {f} UID SEARCH UID 1:2
        S: * SEARCH 1 2
        S: {f} OK done
        C: {d} UID SEARCH UID 1:2 DELETED
        S: * SEARCH
        S: {d} OK done
        C: {c} UID COPY 1:2 "INBOX.Trash"
        S: {c} OK [COPYUID 9 1:2 11:12] done
        C: {s} UID STORE 1:2 +FLAGS.SILENT (\Deleted)
        S: {s} OK done
        C: {e} UID EXPUNGE 1:2
        S: {e} OK done
        "#,
        |builder| builder,
    );
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let trashed = inbox.move_to_trash(&two()).unwrap();
    assert_eq!(trashed.trash().found_by(), FoundBy::Name);
    drop(inbox);
    drop(session);
    server.finish();
}

#[test]
fn no_trash_and_the_trash_itself_are_refused_before_anything_is_changed() {
    for (attribute, is_trash) in [("", false), ("\\Trash", true)] {
        let (server, session) = selecting_with(
            "IMAP4rev1 MOVE UIDPLUS",
            &format!(
                r#"
                C: {{l}} LIST "" "*"
                S: * LIST ({attribute}) "/" INBOX
                S: {{l}} OK done
                "#
            ),
            |builder| builder,
        );
        let mut inbox = session.lock_mailbox("INBOX").unwrap();
        let refused = inbox.move_to_trash(&two()).unwrap_err();
        match &refused {
            Error::Mailbox(error) => match &**error {
                MailboxError::IsTrash(name) => assert!(is_trash && name.is_inbox()),
                MailboxError::NoSpecialUse(SpecialUse::Trash) => assert!(!is_trash),
                other => panic!("{other:?}"),
            },
            other => panic!("{other:?}"),
        }
        drop(inbox);
        drop(session);
        server.finish();
    }
}
