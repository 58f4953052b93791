//! Labels and colours: what is sent, and what is refused before.

use latchbox::Error;
use latchbox::command::Store;
use latchbox::error::MailboxError;
use latchbox::gmail::Label;
use latchbox::types::{Capability, Flag, FlagColor, StoreAction, UidSet};

use crate::scripted::{logged_in_with, selecting, selecting_with};

fn two() -> UidSet {
    "1:2".parse().unwrap()
}

#[test]
fn labels_are_sent_as_mailbox_names_are_and_gmails_own_as_they_are() {
    let (server, session) = selecting_with(
        "IMAP4rev1 X-GM-EXT-1",
        r#"
        C: {a} UID STORE 1:2 +X-GM-LABELS (\Inbox "Entw&APw-rfe/2025" "a \"b\"")
        S: * 1 FETCH (UID 1 X-GM-LABELS (\Inbox "Entw&APw-rfe/2025"))
        S: * 2 FETCH (UID 2 X-GM-LABELS (\Inbox))
        S: {a} OK done
        C: {b} UID STORE 1:2 -X-GM-LABELS ("x")
        S: {b} NO not now
        C: {c} UID STORE 1:2 X-GM-LABELS ()
        S: {c} OK done
        "#,
        |builder| builder,
    );
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let labels = ["\\Inbox", "Entwürfe/2025", "a \"b\""].map(|label| Label::new(label).unwrap());
    let stored = inbox
        .run(Store::labels(&two(), StoreAction::Add, &labels))
        .unwrap();
    assert_eq!(stored.changed().len(), 2);
    let one = [Label::new("x").unwrap()];
    let refused = inbox.run(Store::labels(&two(), StoreAction::Remove, &one));
    assert!(matches!(refused, Err(Error::Refused(_))), "{refused:?}");
    inbox
        .run(Store::labels(&two(), StoreAction::Replace, &[]))
        .unwrap();
    drop(inbox);
    drop(session);
    server.finish();
}

#[test]
fn labels_that_cannot_be_sent_are_not() {
    for label in ["", "a\r\nb", "a\0b", "\\", "\\a b", "\\a)"] {
        assert!(Label::new(label).is_err(), "{label:?}");
    }
    let (server, session) = selecting("");
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let one = [Label::new("x").unwrap()];
    match inbox.run(Store::labels(&two(), StoreAction::Add, &one)) {
        Err(Error::Unsupported(missing)) => assert_eq!(*missing.capability(), Capability::Gmail),
        other => panic!("{other:?}"),
    }
    for action in [StoreAction::Add, StoreAction::Remove] {
        let none = inbox.run(Store::labels(&two(), action, &[]));
        assert!(matches!(none, Err(Error::Argument(_))), "{none:?}");
    }
    drop(inbox);
    drop(session);
    server.finish();
}

#[test]
fn a_colour_takes_the_bits_of_others_away_first() {
    let (server, session) = selecting(
        r"
        C: {a} UID STORE 1:2 -FLAGS.SILENT ($MailFlagBit1)
        S: {a} OK done
        C: {b} UID STORE 1:2 +FLAGS.SILENT ($MailFlagBit0 $MailFlagBit2 \Flagged)
        S: {b} OK done
        C: {c} UID STORE 1:2 -FLAGS.SILENT ($MailFlagBit0 $MailFlagBit1 $MailFlagBit2 \Flagged)
        S: {c} OK done
        C: {d} UID STORE 1:2 -FLAGS.SILENT ($MailFlagBit0 $MailFlagBit1 $MailFlagBit2)
        S: {d} NO not now
        ",
    );
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    inbox.set_flag_color(&two(), FlagColor::Purple).unwrap();
    inbox.clear_flag_color(&two()).unwrap();
    let refused = inbox.set_flag_color(&two(), FlagColor::Red);
    assert!(matches!(refused, Err(Error::Refused(_))), "{refused:?}");
    drop(inbox);
    drop(session);
    server.finish();
}

#[test]
fn a_mailbox_that_keeps_no_keywords_can_be_red_and_nothing_else() {
    let (server, session) = logged_in_with(
        "IMAP4rev1",
        r#"
        C: {select} SELECT "INBOX"
        S: * 3 EXISTS
        S: * OK [PERMANENTFLAGS (\Flagged \Deleted)] two
        S: * OK [UIDVALIDITY 7] since
        S: {select} OK [READ-WRITE] selected
        C: {a} UID STORE 1:2 +FLAGS.SILENT (\Flagged)
        S: {a} OK done
        C: {b} UID STORE 1:2 -FLAGS.SILENT (\Flagged)
        S: {b} OK done
        "#,
        |builder| builder,
    );
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    match inbox.set_flag_color(&two(), FlagColor::Orange) {
        Err(Error::Mailbox(error)) => match *error {
            MailboxError::NotPermanent { ref flag, .. } => {
                assert_eq!(*flag, Flag::keyword("$MailFlagBit0").unwrap());
            }
            other => panic!("{other:?}"),
        },
        other => panic!("{other:?}"),
    }
    inbox.set_flag_color(&two(), FlagColor::Red).unwrap();
    inbox.clear_flag_color(&two()).unwrap();
    drop(inbox);
    drop(session);
    server.finish();
}
