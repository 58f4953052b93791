//! Refusals of commands that were done in part: the answer shows an effect before the NO.

use latchbox::error::Unfinished;
use latchbox::types::{Flag, StoreAction, UidSet};
use latchbox::{Error, MailboxGuard, Result};

use crate::scripted::selecting_with;

const CAPABILITIES: &str = "IMAP4rev1 UIDPLUS MOVE";

type Call = fn(&mut MailboxGuard<'_>) -> Result<()>;

fn two() -> UidSet {
    "1:2".parse().unwrap()
}

const MOVE: (&str, Call) = ("UID MOVE 1:2 \"Box\"", |inbox| {
    inbox.move_to(&two(), "Box").map(drop)
});

const COPY: (&str, Call) = ("UID COPY 1:2 \"Box\"", |inbox| {
    inbox.copy(&two(), "Box").map(drop)
});

const EXPUNGE: (&str, Call) = ("UID EXPUNGE 1:2", |inbox| {
    inbox.expunge_uids(&two()).map(drop)
});

const EXPUNGE_ALL: (&str, Call) = ("EXPUNGE", |inbox| inbox.expunge_all_deleted().map(drop));

const STORE: (&str, Call) = ("UID STORE 1:2 +FLAGS (\\Deleted)", |inbox| {
    let stored = inbox.store(&two(), StoreAction::Add, [Flag::Deleted]);
    stored.map(drop)
});

const DELETE: (&str, Call) = ("UID STORE 1:2 +FLAGS.SILENT (\\Deleted)", |inbox| {
    inbox.delete(&two()).map(drop)
});

/// The error of the call whose command is answered by this line and then refused.
#[track_caller]
fn refused((command, call): (&str, Call), line: &str) -> Error {
    let text = format!("C: {{a}} {command}\nS: {line}\nS: {{a}} NO fail\n");
    let (server, session) = selecting_with(CAPABILITIES, &text, |builder| builder);
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let error = call(&mut inbox).unwrap_err();
    drop(inbox);
    drop(session);
    server.finish();
    error
}

#[track_caller]
fn in_part(call: (&str, Call), line: &str) -> Box<Unfinished> {
    let error = refused(call, line);
    assert!(
        error.may_have_taken_effect() && !error.is_retryable(),
        "{line}: {error}"
    );
    match error {
        Error::Unfinished(told) => {
            assert!(matches!(told.cause(), Error::Refused(_)), "{line}: {told}");
            told
        }
        other => panic!("{line}: {other}"),
    }
}

#[test]
fn fault_66_a_move_that_is_refused_after_it_moved_one_is_unfinished() {
    for (line, left, is_copied) in [
        ("* 1 EXPUNGE", "1:2", false),
        ("* VANISHED 1", "2", false),
        ("* OK [COPYUID 9 1 11] one", "2", true),
        ("* OK [COPYUID 9 1 11:12] what", "1:2", true),
    ] {
        let told = in_part(MOVE, line);
        assert_eq!(told.remaining().to_string(), left, "{line}");
        assert_eq!(told.not_done(), told.remaining(), "{line}");
        assert_eq!(told.copied().is_some(), is_copied, "{line}");
    }
}

#[test]
fn fault_66_a_copy_that_is_refused_after_it_copied_one_is_unfinished() {
    let told = in_part(COPY, "* OK [COPYUID 9 1 11] one");
    assert_eq!(told.copied().unwrap().pairs().count(), 1);
    assert_eq!(told.not_done().to_string(), "2");
}

#[test]
fn fault_66_an_expunge_that_is_refused_after_it_removed_one_is_unfinished() {
    for (line, left) in [("* 1 EXPUNGE", "1:2"), ("* VANISHED 1", "2")] {
        let told = in_part(EXPUNGE, line);
        assert_eq!(told.expunged().unwrap().count(), 1, "{line}");
        assert_eq!(told.remaining().to_string(), left, "{line}");
        assert!(
            told.to_string()
                .contains("some of the messages were removed")
        );
        let told = in_part(EXPUNGE_ALL, line);
        assert_eq!(told.expunged().unwrap().count(), 1, "{line}");
    }
}

#[test]
fn fault_66_a_store_that_is_refused_after_it_changed_one_is_unfinished() {
    for line in [
        "* 1 FETCH (UID 1 FLAGS (\\Deleted \\Seen))",
        "* 1 FETCH (UID 1 MODSEQ (9))",
    ] {
        let told = in_part(STORE, line);
        assert_eq!(told.not_done().to_string(), "2", "{line}");
        let told = in_part(DELETE, line);
        assert_eq!(told.remaining().to_string(), "1:2", "{line}");
        assert_eq!(told.left_deleted().to_string(), "1", "{line}");
    }
}

/// What is of other messages, or of other changes, shows nothing of the command.
#[test]
fn fault_66_a_refusal_beside_news_of_others_has_no_effect() {
    for (call, line) in [
        (MOVE, "* VANISHED 7:9"),
        (MOVE, "* 4 EXISTS"),
        (MOVE, "* OK [COPYUID 9  ] none"),
        (COPY, "* 1 EXPUNGE"),
        (EXPUNGE, "* VANISHED 7:9"),
        (EXPUNGE, "* VANISHED (EARLIER) 1"),
        (STORE, "* 1 FETCH (UID 1 FLAGS (\\Seen))"),
        (STORE, "* 3 FETCH (UID 9 FLAGS (\\Deleted))"),
        (STORE, "* 1 EXPUNGE"),
        (DELETE, "* 1 FETCH (UID 1 FLAGS (\\Seen))"),
    ] {
        let error = refused(call, line);
        assert!(matches!(error, Error::Refused(_)), "{line}: {error}");
        assert!(!error.may_have_taken_effect(), "{line}: {error}");
    }
}
