//! A MOVE in several commands on a server that does not say what became of the messages, or says
//! that it did less than it was asked for.

use latchbox::Error;
use latchbox::command::Pairing;
use latchbox::error::MailboxError;
use latchbox::types::UidSet;

use super::{halves, many, short, unfinished};
use crate::scripted::selecting_with;

#[test]
fn fault_66_a_move_without_copyuid_that_fails_in_its_second_part_says_what_is_left() {
    let (one, two) = halves(3 * "Archive".len());
    for (answer, is_closed) in [("S: {b} NO [OVERQUOTA] full", false), ("cut", true)] {
        let (server, session) = short(&format!(
            r#"
            C: {{a}} UID MOVE {one} "Archive"
            S: * 1 EXPUNGE
            S: {{a}} OK done
            C: {{b}} UID MOVE {two} "Archive"
            {answer}
            "#
        ));
        let mut inbox = session.lock_mailbox("INBOX").unwrap();
        let told = unfinished(inbox.move_to(&many(), "Archive"));
        // The first part is gone, though nothing was said of where to.
        assert_eq!(told.remaining().to_string(), two);
        assert_eq!(told.not_done().to_string(), two);
        assert_eq!(told.copied().unwrap().pairing(), Pairing::NotReported);
        assert!(told.left_deleted().is_empty() && told.expunged().is_none());
        assert_eq!(told.cause().is_closed(), is_closed);
        drop(inbox);
        drop(session);
        server.finish();
    }
}

/// Of a first part that is refused, nothing is left to be told.
#[test]
fn fault_66_a_move_without_copyuid_that_fails_at_once_has_moved_nothing() {
    let (one, _) = halves(3 * "Archive".len());
    let (server, session) = short(&format!(
        r#"
        C: {{a}} UID MOVE {one} "Archive"
        S: {{a}} NO [OVERQUOTA] full
        "#
    ));
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let error = inbox.move_to(&many(), "Archive").unwrap_err();
    assert!(matches!(error, Error::Refused(_)), "{error:?}");
    drop(inbox);
    drop(session);
    server.finish();
}

/// Without MOVE: what comes before COPY is answered by this code.
fn copied_with(code: &str, rest: &str) -> String {
    format!(
        r#"
        C: {{f}} UID SEARCH UID 1:2
        S: * SEARCH 1 2
        S: {{f}} OK done
        C: {{d}} UID SEARCH UID 1:2 DELETED
        S: * SEARCH
        S: {{d}} OK done
        C: {{c}} UID COPY 1:2 "Archive"
        S: {{c}} OK [{code}] done
        {rest}
        "#
    )
}

fn two() -> UidSet {
    "1:2".parse().unwrap()
}

/// COPY was answered in a way that lets no STORE follow: nothing has the flag.
#[test]
fn fault_66_a_flag_that_was_not_sent_is_not_told_as_set() {
    for code in ["UIDVALIDITY 8", "CLOSED", "READ-ONLY"] {
        let text = copied_with(code, "");
        let (server, session) = selecting_with("IMAP4rev1 UIDPLUS", &text, |builder| builder);
        let mut inbox = session.lock_mailbox("INBOX").unwrap();
        let told = unfinished(inbox.move_to(&two(), "Archive"));
        let Error::Mailbox(cause) = told.cause() else {
            panic!("{code}: {told}");
        };
        let is_expected = match &**cause {
            MailboxError::UidValidityChanged(_) => code.starts_with("UID"),
            MailboxError::NotSelected(_) => code == "CLOSED",
            MailboxError::ReadOnly(_) => code == "READ-ONLY",
            _ => false,
        };
        assert!(is_expected, "{code}: {told}");
        assert!(told.copied().is_some(), "{code}");
        assert_eq!(told.remaining().to_string(), "1:2", "{code}");
        assert!(told.left_deleted().is_empty(), "{code}: {told}");
        drop(inbox);
        drop(session);
        server.finish();
    }
}

/// COPYUID leaves out message 2, which is there: it was not moved.
#[test]
fn fault_66_a_message_that_was_not_copied_is_told_as_left() {
    for (search, is_left) in [("* SEARCH 2", true), ("* SEARCH", false)] {
        let rest = format!(
            r"
            C: {{s}} UID STORE 1 +FLAGS.SILENT (\Deleted)
            S: {{s}} OK done
            C: {{e}} UID EXPUNGE 1
            S: * 1 EXPUNGE
            S: {{e}} OK done
            C: {{g}} UID SEARCH UID 2
            S: {search}
            S: {{g}} OK done
            "
        );
        let text = copied_with("COPYUID 9 1 11", &rest);
        let (server, session) = selecting_with("IMAP4rev1 UIDPLUS", &text, |builder| builder);
        let mut inbox = session.lock_mailbox("INBOX").unwrap();
        let moved = inbox.move_to(&two(), "Archive");
        match is_left {
            true => {
                let told = unfinished(moved);
                assert_eq!(told.remaining().to_string(), "2");
                assert_eq!(told.not_done().to_string(), "2");
                assert_eq!(told.copied().unwrap().pairs().count(), 1);
                assert_eq!(told.expunged().unwrap().count(), 1);
                assert!(told.left_deleted().is_empty());
            }
            false => assert_eq!(moved.unwrap().pairs().count(), 1),
        }
        drop(inbox);
        drop(session);
        server.finish();
    }
}

/// The flags are taken back, so none is left, although a part was removed before.
#[test]
fn fault_66_flags_that_were_taken_back_are_not_told_as_left() {
    let rest = r"
        C: {s} UID STORE 1:2 +FLAGS.SILENT (\Deleted)
        S: {s} OK done
        C: {e} UID EXPUNGE 1:2
        S: * VANISHED 1
        S: {e} NO half of it
        C: {b} UID STORE 1:2 -FLAGS.SILENT (\Deleted)
        S: {b} OK done
    ";
    let text = copied_with("COPYUID 9 1:2 11:12", rest);
    let (server, session) = selecting_with("IMAP4rev1 UIDPLUS", &text, |builder| builder);
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let told = unfinished(inbox.move_to(&two(), "Archive"));
    assert_eq!(told.expunged().unwrap().vanished().to_string(), "1");
    assert_eq!(told.remaining().to_string(), "2");
    assert!(told.left_deleted().is_empty(), "{told}");
    drop(inbox);
    drop(session);
    server.finish();
}
