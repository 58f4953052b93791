//! REPLACE, and the steps that stand for it: what is there after each that fails.

use latchbox::types::{Capability, Flag, NewMessage, Uid, UidSet};
use latchbox::{Error, ReadWrite};

use crate::scripted::selecting_with;

const STEPS: &str = "IMAP4rev1 UIDPLUS LITERAL+";

fn old() -> UidSet {
    "4".parse().unwrap()
}

fn new() -> NewMessage<'static> {
    NewMessage::from("a: b").flags([Flag::Draft])
}

type Guard<'s> = latchbox::MailboxGuard<'s, ReadWrite>;

/// Replaces by a server that can do this and goes on so after SELECT.
#[track_caller]
fn replacing<T>(capabilities: &str, text: &str, then: impl FnOnce(&mut Guard<'_>) -> T) -> T {
    let (server, session) = selecting_with(capabilities, text, |builder| builder);
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let result = then(&mut inbox);
    drop(inbox);
    drop(session);
    server.finish();
    result
}

#[test]
fn replace_is_one_command() {
    let text = r#"
        C: {a} UID REPLACE 4 "Drafts" (\Draft) {4+}
        C: a: b
        S: * OK [APPENDUID 1 2000] stored
        S: * 4 EXISTS
        S: * 2 EXPUNGE
        S: {a} OK done
        "#;
    replacing("IMAP4rev1 REPLACE LITERAL+", text, |inbox| {
        let appended = inbox
            .replace(&old(), "Drafts", new())
            .unwrap()
            .removed()
            .unwrap();
        assert_eq!(appended.uid(), Uid::new(2000));
        assert_eq!(
            appended.uids().unwrap().origin().unwrap().mailbox(),
            "Drafts"
        );
        assert_eq!(inbox.exists(), 3);
    });
}

#[test]
fn a_refused_replace_changes_nothing() {
    let text = r#"
        C: {a} UID REPLACE 4 "Drafts" (\Draft) {4}
        S: {a} NO [TRYCREATE] no
        "#;
    replacing("IMAP4rev1 REPLACE UIDPLUS", text, |inbox| {
        assert!(
            inbox
                .replace(&old(), "Drafts", new())
                .unwrap_err()
                .is_try_create()
        );
    });
}

#[test]
fn fault_66_a_replace_that_is_refused_after_it_stored_the_new_one_may_have_taken_effect() {
    let text = r#"
        C: {a} UID REPLACE 4 "Drafts" (\Draft) {4+}
        C: a: b
        S: * OK [APPENDUID 1 2000] stored
        S: {a} NO the old one stays
        "#;
    replacing("IMAP4rev1 REPLACE LITERAL+", text, |inbox| {
        let error = inbox.replace(&old(), "Drafts", new()).unwrap_err();
        assert!(matches!(error, Error::Unfinished(_)), "{error:?}");
        assert!(error.may_have_taken_effect());
    });
}

#[test]
fn without_replace_the_new_one_is_stored_before_the_old_one_goes() {
    let text = r#"
        C: {a} APPEND "Drafts" (\Draft) {4+}
        C: a: b
        S: {a} OK [APPENDUID 1 9] done
        C: {b} UID STORE 4 +FLAGS.SILENT (\Deleted)
        S: {b} OK done
        C: {c} UID EXPUNGE 4
        S: * 2 EXPUNGE
        S: {c} OK done
        "#;
    replacing(STEPS, text, |inbox| {
        let replaced = inbox.replace(&old(), "Drafts", new()).unwrap();
        assert_eq!(replaced.removed().unwrap().uid(), Uid::new(9));
    });
}

#[test]
fn the_old_one_stays_when_the_new_one_is_refused() {
    let text = r#"
        C: {a} APPEND "Drafts" (\Draft) {4+}
        C: a: b
        S: {a} NO [OVERQUOTA] full
        "#;
    replacing(STEPS, text, |inbox| {
        assert!(
            inbox
                .replace(&old(), "Drafts", new())
                .unwrap_err()
                .is_over_quota()
        );
    });
}

#[test]
fn the_old_one_stays_when_the_answer_for_the_new_one_is_lost() {
    let text = r#"
        C: {a} APPEND "Drafts" (\Draft) {4+}
        C: a: b
        close
        "#;
    replacing(STEPS, text, |inbox| {
        let error = inbox.replace(&old(), "Drafts", new()).unwrap_err();
        assert!(error.may_have_taken_effect());
    });
}

#[test]
fn both_stay_when_the_old_one_cannot_be_removed() {
    for (rest, flagged) in [
        (
            "C: {b} UID STORE 4 +FLAGS.SILENT (\\Deleted)\nS: {b} NO no",
            false,
        ),
        (
            "C: {b} UID STORE 4 +FLAGS.SILENT (\\Deleted)\nS: {b} OK done\n\
             C: {c} UID EXPUNGE 4\nS: {c} NO no",
            true,
        ),
    ] {
        let text = format!(
            "
            C: {{a}} APPEND \"Drafts\" (\\Draft) {{4+}}
            C: a: b
            S: {{a}} OK [APPENDUID 1 9] done
            {rest}
            "
        );
        replacing(STEPS, &text, |inbox| {
            let replaced = inbox.replace(&old(), "Drafts", new()).unwrap();
            assert_eq!(replaced.appended().uid(), Uid::new(9));
            let error = replaced.removed().unwrap_err();
            match &error {
                Error::Unfinished(unfinished) if flagged => {
                    assert_eq!(unfinished.left_deleted().to_string(), "4");
                }
                Error::Refused(refused) if !flagged => assert_eq!(refused.command(), "UID STORE"),
                _ => panic!("{error:?}"),
            }
        });
    }
}

#[test]
fn what_cannot_be_done_safely_is_not_begun() {
    replacing("IMAP4rev1 LITERAL+", "", |inbox| {
        let error = inbox.replace(&old(), "Drafts", new()).unwrap_err();
        assert!(
            matches!(&error, Error::Unsupported(missing) if *missing.capability() == Capability::Replace)
        );
    });
    replacing("IMAP4rev1 REPLACE", "", |inbox| {
        for set in ["4:5", "4,6", "*"] {
            let error = inbox
                .replace(&set.parse().unwrap(), "Drafts", new())
                .unwrap_err();
            assert!(matches!(error, Error::Argument(_)), "{set}: {error:?}");
        }
    });
}
