//! Errors: those of one mailbox, those of the call, and those before anything is sent.

use latchbox::Error;
use latchbox::error::InvalidArgument;
use latchbox::sync::{AccountCheckpoint, MailboxChangeKind};
use latchbox::types::{MailboxName, ResponseCode};

use super::{EXTENDED, on_script, shown};
use crate::scripted::logged_in_with;

#[test]
fn a_refused_status_is_of_its_mailbox_alone_and_keeps_the_old_numbers() {
    let outcomes = on_script(
        "IMAP4rev1 CONDSTORE",
        r#"
        C: {l} LIST "" "*"
        S: * LIST () "/" a
        S: * LIST () "/" b
        S: {l} OK done
        C: {a} STATUS "a" (UIDVALIDITY UIDNEXT MESSAGES UNSEEN HIGHESTMODSEQ)
        C: {b} STATUS "b" (UIDVALIDITY UIDNEXT MESSAGES UNSEEN HIGHESTMODSEQ)
        S: * STATUS a (UIDVALIDITY 7 UIDNEXT 31 MESSAGES 30 UNSEEN 2 HIGHESTMODSEQ 9)
        S: {a} OK done
        S: * STATUS b (UIDVALIDITY 8 UIDNEXT 2 MESSAGES 1 UNSEEN 0 HIGHESTMODSEQ 3)
        S: {b} OK done
        again
        C: {l} LIST "" "*"
        S: * LIST () "/" a
        S: * LIST () "/" b
        S: * LIST () "/" c
        S: {l} OK done
        C: {a} STATUS "a" (UIDVALIDITY UIDNEXT MESSAGES UNSEEN HIGHESTMODSEQ)
        C: {b} STATUS "b" (UIDVALIDITY UIDNEXT MESSAGES UNSEEN HIGHESTMODSEQ)
        C: {c} STATUS "c" (UIDVALIDITY UIDNEXT MESSAGES UNSEEN HIGHESTMODSEQ)
        S: {a} NO [INUSE] later
        S: * STATUS b (UIDVALIDITY 8 UIDNEXT 3 MESSAGES 2 UNSEEN 0 HIGHESTMODSEQ 4)
        S: {b} OK done
        S: {c} BAD never
        again
        C: {l} LIST "" "*"
        S: * LIST () "/" a
        S: * LIST () "/" b
        S: * LIST () "/" c
        S: {l} OK done
        C: {a} STATUS "a" (UIDVALIDITY UIDNEXT MESSAGES UNSEEN HIGHESTMODSEQ)
        C: {b} STATUS "b" (UIDVALIDITY UIDNEXT MESSAGES UNSEEN HIGHESTMODSEQ)
        C: {c} STATUS "c" (UIDVALIDITY UIDNEXT MESSAGES UNSEEN HIGHESTMODSEQ)
        S: * STATUS a (UIDVALIDITY 7 UIDNEXT 32 MESSAGES 31 UNSEEN 3 HIGHESTMODSEQ 10)
        S: {a} OK done
        S: * STATUS b (UIDVALIDITY 8 UIDNEXT 3 MESSAGES 2 UNSEEN 0 HIGHESTMODSEQ 4)
        S: {b} OK done
        S: {c} OK without a word
        "#,
    );
    let outcomes: Vec<_> = outcomes.into_iter().map(Result::unwrap).collect();
    let second = &outcomes[1];
    assert_eq!(shown(second), ["a failed", "b changed", "c failed"]);
    let a = second.iter().next().unwrap();
    assert_eq!((a.unseen(), a.messages()), (Some(2), Some(30)));
    assert!(!a.has_to_be_read());
    let MailboxChangeKind::Failed(error) = a.kind() else {
        panic!("{a:?}");
    };
    assert_eq!(error.response_code(), Some(&ResponseCode::InUse));
    let c = MailboxName::new("c").unwrap();
    assert!(second.checkpoint().mailbox(&c).is_none());
    // What changed in between is not lost.
    assert_eq!(shown(&outcomes[2]), ["a changed", "c failed"]);
}

#[test]
fn a_line_that_cannot_be_read_is_no_mailbox_that_is_gone() {
    let outcomes = on_script(
        EXTENDED,
        r#"
        C-start: {a} LIST
        S: * LIST () "/" a
        S: * STATUS a (UIDVALIDITY 7 UIDNEXT 31 MESSAGES 30 UNSEEN 2 HIGHESTMODSEQ 9)
        S: {a} OK done
        again
        C-start: {b} LIST
        S: * LIST () "/" "a
        S: {b} OK done
        "#,
    );
    assert!(matches!(outcomes[1], Err(Error::Unparsable(_))));
}

#[test]
fn counts_that_cannot_be_read_are_of_their_mailbox_alone() {
    let outcomes = on_script(
        EXTENDED,
        r#"
        C-start: {a} LIST
        S: * LIST () "/" a
        S: * LIST () "/" b
        S: * STATUS a (UIDVALIDITY 7 UIDNEXT 31 MESSAGES 30 UNSEEN 2 HIGHESTMODSEQ 9)
        S: * STATUS b (UIDVALIDITY 7 UIDNEXT
        S: {a} OK done
        C-start: {b} STATUS "b"
        S: * STATUS b (UIDVALIDITY 7 UIDNEXT
        S: {b} OK done
        "#,
    );
    let changes = outcomes[0].as_ref().unwrap();
    let [a, b] = &changes.iter().collect::<Vec<_>>()[..] else {
        panic!("{changes}");
    };
    assert!(matches!(a.kind(), MailboxChangeKind::New));
    assert!(matches!(
        b.kind(),
        MailboxChangeKind::Failed(Error::Unparsable(_))
    ));
}

#[test]
fn an_account_without_mailboxes_is_an_error_and_not_all_gone() {
    let outcomes = on_script(
        EXTENDED,
        r#"
        C-start: {a} LIST
        S: {a} OK none yet
        again
        C-start: {a} LIST
        S: * LIST () "/" a
        S: * STATUS a (UIDVALIDITY 7 UIDNEXT 31 MESSAGES 30 UNSEEN 2 HIGHESTMODSEQ 9)
        S: {a} OK done
        again
        C-start: {b} LIST
        S: * LIST (\Noselect) "/" a
        S: {b} OK done
        again
        C-start: {c} LIST
        S: {c} NO not now
        "#,
    );
    assert!(outcomes[0].as_ref().unwrap().is_empty());
    assert!(matches!(outcomes[2], Err(Error::MissingData("LIST"))));
    assert!(matches!(outcomes[3], Err(Error::Refused(_))));
}

#[test]
fn the_end_of_the_connection_is_the_end_of_the_call() {
    let outcomes = on_script(
        "IMAP4rev1",
        r#"
        C: {l} LIST "" "*"
        S: * LIST () "/" a
        S: * LIST () "/" b
        S: {l} OK done
        C-start: {a} STATUS "a"
        C-start: {b} STATUS "b"
        S: {a} NO not this one
        close
        "#,
    );
    assert!(outcomes[0].as_ref().unwrap_err().is_closed());
}

#[test]
fn a_checkpoint_of_another_account_is_refused_before_anything_is_sent() {
    let (server, session) = logged_in_with(
        EXTENDED,
        r#"
        C-start: {a} LIST
        S: * LIST () "/" a
        S: * STATUS a (UIDVALIDITY 7 UIDNEXT 31 MESSAGES 30 UNSEEN 2 HIGHESTMODSEQ 9)
        S: {a} OK done
        "#,
        |builder| builder,
    );
    let own = session
        .mailboxes_changed_since(None)
        .unwrap()
        .into_checkpoint();
    // Of another user there: its name has as many letters.
    let line = own.to_string();
    let other = logged_in_with(EXTENDED, "C-start: {a} LIST\nS: {a} OK done", |builder| {
        builder
    });
    let foreign = other
        .1
        .mailboxes_changed_since(None)
        .unwrap()
        .into_checkpoint();
    let error = session.mailboxes_changed_since(Some(&foreign)).unwrap_err();
    let Error::Argument(argument) = &error else {
        panic!("{error}");
    };
    let InvalidArgument::OtherAccount(other_account) = &**argument else {
        panic!("{error}");
    };
    assert_eq!(other_account.account(), foreign.account());
    assert_eq!(other_account.session_account(), own.account());
    assert!(
        error.to_string().contains("of ann at 127.0.0.1:"),
        "{error}"
    );
    assert_eq!(line.parse::<AccountCheckpoint>().unwrap(), own);
    drop((session, other.1));
    server.finish();
    other.0.finish();
}
