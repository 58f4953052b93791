//! Servers that accept a change of `\\Deleted` and do not make it: nothing is removed that was not
//! requested, and what stays is told.

use latchbox::command::{DeleteMessages, Expunge};
use latchbox::error::MailboxError;
use latchbox::types::UidSet;
use latchbox::{Error, Session};

use super::unfinished;
use crate::scripted::logged_in_with;
use crate::support::script::Script;

fn one() -> UidSet {
    "1".parse().unwrap()
}

/// A server without UIDPLUS, or with it, which answers SELECT with this line besides.
fn server(capabilities: &str, permanent: &str, text: &str) -> (Script, Session) {
    let text = format!(
        "
        C: {{select}} SELECT \"INBOX\"
        S: * 3 EXISTS
        S: * OK [UIDVALIDITY 7] since
        {permanent}
        S: {{select}} OK [READ-WRITE] selected
        {text}
        "
    );
    logged_in_with(capabilities, &text, |builder| builder)
}

/// FETCH of all flags, with those of the messages 1 to 3.
fn fetched(tag: &str, flags: [&str; 3]) -> String {
    let rows = flags.iter().zip(1..);
    let rows: String = rows
        .map(|(flags, uid)| format!("S: * {uid} FETCH (UID {uid} FLAGS {flags})\n"))
        .collect();
    format!("C: {{{tag}}} UID FETCH 1:* (FLAGS)\n{rows}S: {{{tag}}} OK done\n")
}

const BOTH: [&str; 3] = ["(\\Deleted)", "()", "(\\Deleted)"];

const RESTORED: &str = "
    C: {r} UID STORE 3 +FLAGS.SILENT (\\Deleted)
    S: {r} OK done
";

/// The other messages that the error names.
#[track_caller]
fn others(error: &Error) -> String {
    match error {
        Error::Mailbox(error) => match &**error {
            MailboxError::OthersDeleted { uids, .. } => uids.to_string(),
            other => panic!("{other}"),
        },
        other => panic!("{other}"),
    }
}

#[test]
fn fault_03_no_expunge_is_sent_while_others_have_the_flag() {
    for (permanent, answer) in [
        ("S: * OK [PERMANENTFLAGS (\\Seen)] few", "S: {u} OK done"),
        ("", "S: {u} OK done"),
        ("", "S: * 3 FETCH (UID 3 FLAGS (\\Deleted))\nS: {u} OK done"),
        ("", "S: {u} OK [MODIFIED 3] done"),
        ("", "S: {u} OK [NOPERM] done"),
        ("", "S: * NO cannot change flags of 3\nS: {u} OK done"),
    ] {
        let unflagged = format!("C: {{u}} UID STORE 3 -FLAGS.SILENT (\\Deleted)\n{answer}\n");
        let steps = [
            fetched("f", BOTH),
            unflagged,
            fetched("g", BOTH),
            RESTORED.to_owned(),
        ];
        let steps = steps.concat();
        let (script, session) = server("IMAP4rev1", permanent, &steps);
        let mut inbox = session.lock_mailbox("INBOX").unwrap();
        let error = inbox.run(Expunge::new(&one()).unflag_others()).unwrap_err();
        assert_eq!(others(&error), "3", "{answer}");
        assert!(!error.may_have_taken_effect(), "{answer}");
        drop(inbox);
        drop(session);
        script.finish();

        let flagged = "C: {s} UID STORE 1 +FLAGS.SILENT (\\Deleted)\nS: {s} OK done\n";
        let (script, session) = server("IMAP4rev1", permanent, &format!("{flagged}{steps}"));
        let mut inbox = session.lock_mailbox("INBOX").unwrap();
        let deleted = inbox.run(DeleteMessages::new(&one()).unflag_others());
        let told = unfinished(deleted);
        assert_eq!(others(told.cause()), "3", "{answer}");
        assert_eq!(told.left_deleted().to_string(), "1", "{answer}");
        assert!(told.expunged().is_none() && told.deleted_flag_lost().is_empty());
        drop(inbox);
        drop(session);
        script.finish();
    }
}

/// Another client flags message 2 between the steps.
#[test]
fn fault_03_a_message_that_is_flagged_meanwhile_is_spared() {
    let steps = [
        &fetched("f", BOTH),
        "C: {u} UID STORE 3 -FLAGS.SILENT (\\Deleted)\nS: {u} OK done\n",
        &fetched("g", ["(\\Deleted)", "(\\Deleted)", "()"]),
        RESTORED,
    ];
    let (script, session) = server("IMAP4rev1", "", &steps.concat());
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let error = inbox.run(Expunge::new(&one()).unflag_others()).unwrap_err();
    assert_eq!(others(&error), "2");
    drop(inbox);
    drop(session);
    script.finish();
}

/// The number of messages agrees with that of the rows, because one is removed meanwhile.
#[test]
fn fault_03_flags_that_cannot_be_read_stop_an_expunge() {
    let (script, session) = server(
        "IMAP4rev1",
        "",
        "
        C: {f} UID FETCH 1:* (FLAGS)
        S: * 1 FETCH (UID 1 FLAGS (\\Deleted))
        S: * 2 FETCH (UID 2 FLAGS ())
        S: * 3 FETCH (UID 3 FLAGS \\Deleted)
        S: * 2 EXPUNGE
        S: {f} OK done
        ",
    );
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    match inbox.run(Expunge::new(&one()).unflag_others()) {
        Err(Error::Item(error)) => {
            assert_eq!((error.item(), error.bytes()), ("FLAGS", &b"\\Deleted"[..]));
        }
        other => panic!("{other:?}"),
    }
    drop(inbox);
    drop(session);
    script.finish();
}

/// The STORE is not sent, so no message has lost its flag.
#[test]
fn fault_66_a_flag_that_was_not_removed_is_not_told_as_lost() {
    let fetched = fetched("f", BOTH).replace("{f} OK", "{f} OK [READ-ONLY]");
    let (script, session) = server("IMAP4rev1", "", &fetched);
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let error = inbox.run(Expunge::new(&one()).unflag_others()).unwrap_err();
    assert!(
        matches!(&error, Error::Mailbox(error) if matches!(**error, MailboxError::ReadOnly(_))),
        "{error:?}"
    );
    drop(inbox);
    drop(session);
    script.finish();
}

/// A server with PERMANENTFLAGS without `\\Deleted` may ignore the flag, or keep it for the session.
#[test]
fn fault_66_a_deletion_that_the_server_ignores_is_told() {
    for permanent in ["(\\Seen)", "()"] {
        for is_ignored in [true, false] {
            let (gone, found) = match is_ignored {
                true => ("", " 1"),
                false => ("S: * 1 EXPUNGE", ""),
            };
            let permanent = format!("S: * OK [PERMANENTFLAGS {permanent}] few");
            let steps = format!(
                "
                C: {{s}} UID STORE 1 +FLAGS.SILENT (\\Deleted)
                S: {{s}} OK done
                C: {{e}} UID EXPUNGE 1
                {gone}
                S: {{e}} OK done
                C: {{g}} UID SEARCH UID 1
                S: * SEARCH{found}
                S: {{g}} OK done
                "
            );
            let (script, session) = server("IMAP4rev1 UIDPLUS", &permanent, &steps);
            let mut inbox = session.lock_mailbox("INBOX").unwrap();
            let deleted = inbox.delete(&one());
            match is_ignored {
                true => {
                    let told = unfinished(deleted);
                    assert_eq!(told.remaining().to_string(), "1");
                    assert!(told.expunged().is_none() && told.left_deleted().is_empty());
                    let cause = told.cause().to_string();
                    assert_eq!(cause, "\\Deleted is not permanent in INBOX");
                }
                false => assert_eq!(deleted.unwrap().count(), 1),
            }
            drop(inbox);
            drop(session);
            script.finish();
        }
    }
}
