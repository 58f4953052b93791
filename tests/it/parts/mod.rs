//! Sets of messages that go in several commands: by the length of the lines that a server takes, and
//! by the number of messages that it touches at once (MESSAGELIMIT, RFC 9738).

mod limit;
mod moving;
mod ranges;
mod refused;
mod searching;
mod sparing;
mod steps;

use latchbox::command::{Copied, Pairing};
use latchbox::error::Unfinished;
use latchbox::types::{Flag, StoreAction, UidSet};
use latchbox::{Error, Result, Session};

use crate::scripted::selecting_with;
use crate::support::script::Script;

/// A server that takes lines of 1,000 octets.
const SHORT: &str = "IMAP4rev1 UIDPLUS MOVE SCAN";

/// 300 single UIDs of four octets: two parts with a short name, 187 and 113 of them.
fn many() -> UidSet {
    format!("{},1599", numbers(1000, 299)).parse().unwrap()
}

/// So many of them from one on, as they are written.
fn numbers(first: u32, count: u32) -> String {
    let numbers = (0..count).map(|place| (first + 2 * place).to_string());
    numbers.collect::<Vec<_>>().join(",")
}

/// How the UIDs are written that one command takes after `command`, and those that it leaves.
fn halves(others: usize) -> (String, String) {
    let first = u32::try_from((1_000 - 64 - others + 1) / 5).unwrap();
    let rest = numbers(1000 + 2 * first, 299 - first);
    (numbers(1000, first), format!("{rest},1599"))
}

fn short(text: &str) -> (Script, Session) {
    selecting_with(SHORT, text, |builder| builder)
}

#[track_caller]
fn unfinished<T: std::fmt::Debug>(result: Result<T>) -> Box<Unfinished> {
    match result {
        Err(Error::Unfinished(unfinished)) => unfinished,
        other => panic!("{other:?}"),
    }
}

fn pairs(copied: &Copied) -> Vec<(u32, u32)> {
    let pairs = copied.pairs();
    pairs.map(|(from, to)| (from.value(), to.value())).collect()
}

#[test]
fn a_long_set_is_copied_part_by_part() {
    let (one, two) = halves(3 * "Archive".len());
    for command in ["COPY", "MOVE"] {
        let (server, session) = short(&format!(
            r#"
            C: {{a}} UID {command} {one} "Archive"
            S: {{a}} OK [COPYUID 9 1000:1002 1,3] done
            C: {{b}} UID {command} {two} "Archive"
            S: {{b}} OK [COPYUID 9 1599 2] done
            "#
        ));
        let mut inbox = session.lock_mailbox("INBOX").unwrap();
        let copied = match command {
            "COPY" => inbox.copy(&many(), "Archive"),
            _ => inbox.move_to(&many(), "Archive"),
        };
        let error = copied.as_ref().map(Copied::pairing);
        assert!(matches!(error, Ok(Pairing::Unparsable)), "3 are not 2");
        drop(inbox);
        drop(session);
        server.finish();

        let (server, session) = short(&format!(
            r#"
            C: {{a}} UID {command} {one} "Archive"
            S: {{a}} OK [COPYUID 9 1004,1000 7:8] done
            C: {{b}} UID {command} {two} "Archive"
            S: {{b}} OK [COPYUID 9 1599 5] done
            "#
        ));
        let mut inbox = session.lock_mailbox("INBOX").unwrap();
        let copied = match command {
            "COPY" => inbox.copy(&many(), "Archive"),
            _ => inbox.move_to(&many(), "Archive"),
        };
        let copied = copied.unwrap();
        assert_eq!(pairs(&copied), [(1004, 7), (1000, 8), (1599, 5)]);
        assert_eq!(copied.copies().unwrap().to_string(), "5,7:8");
        drop(inbox);
        drop(session);
        server.finish();
    }
}

#[test]
fn a_copy_that_stops_half_way_says_what_is_copied() {
    let (one, two) = halves(3 * "Archive".len());
    for end in ["S: {b} NO [OVERQUOTA] full", "cut"] {
        let (server, session) = short(&format!(
            r#"
            C: {{a}} UID COPY {one} "Archive"
            S: {{a}} OK [COPYUID 9 1000,1002 1:2] done
            C: {{b}} UID COPY {two} "Archive"
            {end}
            "#
        ));
        let mut inbox = session.lock_mailbox("INBOX").unwrap();
        let told = unfinished(inbox.copy(&many(), "Archive"));
        assert_eq!(pairs(told.copied().unwrap()), [(1000, 1), (1002, 2)]);
        assert_eq!(told.not_done().to_string(), two);
        assert!(told.not_done().origin().is_some());
        assert!(told.remaining().is_empty() && told.left_deleted().is_empty());
        let error = Error::Unfinished(told);
        assert!(error.may_have_taken_effect());
        assert_eq!(error.is_over_quota(), end.contains("QUOTA"));
        assert_eq!(error.is_closed(), end == "cut");
        assert!(error.to_string().contains("copy"), "{error}");
        drop(inbox);
        drop(session);
        server.finish();
    }
    // Where nothing is done yet it is the refusal alone.
    let (server, session) = short(&format!(
        "
        C: {{a}} UID COPY {one} \"Archive\"
        S: {{a}} NO [TRYCREATE] no such mailbox
        "
    ));
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let error = inbox.copy(&many(), "Archive").unwrap_err();
    assert!(error.is_try_create() && !error.may_have_taken_effect());
    drop(inbox);
    drop(session);
    server.finish();
}

#[test]
fn a_move_that_stops_half_way_says_what_is_still_here() {
    let (one, two) = halves(3 * "Archive".len());
    let (server, session) = short(&format!(
        r#"
        C: {{a}} UID MOVE {one} "Archive"
        S: * OK [COPYUID 9 1000,1002 1:2] moved
        S: {{a}} OK done
        C: {{b}} UID MOVE {two} "Archive"
        S: * OK [COPYUID 9 1599 3] moved
        S: {{b}} NO [OVERQUOTA] full
        "#
    ));
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let told = unfinished(inbox.move_to(&many(), "Archive"));
    let copied = told.copied().unwrap();
    assert_eq!(pairs(copied), [(1000, 1), (1002, 2), (1599, 3)]);
    let left = two.strip_suffix(",1599").unwrap();
    assert_eq!(told.remaining().to_string(), left);
    assert_eq!(told.not_done(), told.remaining());
    drop(inbox);
    drop(session);
    server.finish();
}

/// Without MOVE: what has been copied when a later COPY fails stays where it was, too.
#[test]
fn hazard_h10_a_move_in_steps_whose_copy_stops_half_way_removes_nothing() {
    let (one, two) = halves(3 * "Archive".len());
    let found = |uids: &str| format!("* SEARCH {}", uids.replace(',', " "));
    let (server, session) = selecting_with(
        "IMAP4rev1 UIDPLUS SCAN",
        &format!(
            r#"
            C-start: {{a}} UID SEARCH UID 1000,
            S: {}
            S: {{a}} OK done
            C-start: {{b}} UID SEARCH UID 
            S: {}
            S: {{b}} OK done
            C-start: {{c}} UID SEARCH UID 1000,
            S: {{c}} OK done
            C-start: {{d}} UID SEARCH UID 
            S: {{d}} OK done
            C: {{e}} UID COPY {one} "Archive"
            S: {{e}} OK [COPYUID 9 1000,1002 1:2] done
            C: {{f}} UID COPY {two} "Archive"
            S: {{f}} NO [OVERQUOTA] full
            "#,
            found(&numbers(1000, 150)),
            found(&format!("{},1599", numbers(1300, 149))),
        ),
        |builder| builder,
    );
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let told = unfinished(inbox.move_to(&many(), "Archive"));
    assert_eq!(pairs(told.copied().unwrap()), [(1000, 1), (1002, 2)]);
    assert_eq!(told.remaining().to_string(), many().to_string());
    assert_eq!(told.not_done().to_string(), two);
    assert!(told.expunged().is_none() && told.left_deleted().is_empty());
    assert!(told.to_string().contains("move_to"), "{told}");
    drop(inbox);
    drop(session);
    server.finish();
}

#[test]
fn hazard_h12_a_uid_expunge_that_stops_half_way_says_what_is_left() {
    let (one, two) = halves(0);
    let (server, session) = short(&format!(
        "
        C: {{a}} UID EXPUNGE {one}
        S: * 1 EXPUNGE
        S: * 1 EXPUNGE
        S: {{a}} OK done
        C: {{b}} UID EXPUNGE {two}
        S: * 1 EXPUNGE
        S: {{b}} NO [EXPUNGEISSUED] later
        "
    ));
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let told = unfinished(inbox.expunge_uids(&many()));
    assert_eq!(told.expunged().unwrap().count(), 3);
    assert_eq!(told.remaining().to_string(), two);
    assert_eq!(told.left_deleted().to_string(), two);
    drop(inbox);
    drop(session);
    server.finish();
}

#[test]
fn a_store_that_stops_half_way_says_what_is_not_changed() {
    // What a STORE of one flag takes beside the set.
    let others =
        "\\Seen ".len() + "(UNCHANGEDSINCE 9223372036854775807) +X-GM-LABELS.SILENT ()".len();
    let (one, two) = halves(others);
    let script = |flag: &str| {
        format!(
            r"
            C: {{a}} UID STORE {one} +FLAGS{flag}
            S: {{a}} OK done
            C: {{b}} UID STORE {two} +FLAGS{flag}
            S: {{b}} NO full
            "
        )
    };
    let (server, session) = short(&script(r" (\Seen)"));
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let stored = inbox.store(&many(), StoreAction::Add, [Flag::Seen]);
    let told = unfinished(stored);
    assert_eq!(told.not_done().to_string(), two);
    assert!(Error::Unfinished(told).may_have_taken_effect());
    drop(inbox);
    drop(session);
    server.finish();
}

#[test]
fn attack_095_a_delete_that_stops_while_it_flags_says_what_is_flagged() {
    let others =
        "\\Deleted ".len() + "(UNCHANGEDSINCE 9223372036854775807) +X-GM-LABELS.SILENT ()".len();
    let (one, two) = halves(others);
    let (server, session) = short(&format!(
        r"
        C: {{a}} UID STORE {one} +FLAGS.SILENT (\Deleted)
        S: {{a}} OK done
        C: {{b}} UID STORE {two} +FLAGS.SILENT (\Deleted)
        S: {{b}} NO full
        "
    ));
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let told = unfinished(inbox.delete(&many()));
    assert_eq!(told.remaining().to_string(), many().to_string());
    assert_eq!(told.left_deleted().to_string(), one);
    assert!(told.expunged().is_none());
    drop(inbox);
    drop(session);
    server.finish();
}
