//! Moves and removals of several steps: each step that fails, and what is told of it then.

use latchbox::command::{Copied, Expunge, Expunged, MoveMessages, Pairing};
use latchbox::error::{MailboxError, Unfinished};
use latchbox::types::{Capability, UidSet};
use latchbox::{Error, Result, Session};

use crate::scripted::{SOON, logged_in_with, selecting, selecting_with};
use crate::support::script::Script;

/// A server that has UID EXPUNGE and no MOVE.
const UID_PLUS: &str = "IMAP4rev1 UIDPLUS";

/// What comes before the first step that changes anything: messages 1 to 3 are there, and 3 is
/// flagged already.
const FOUND: &str = r"
    C: {f} UID SEARCH UID 1:5
    S: * SEARCH 1 2 3
    S: {f} OK done
    C: {d} UID SEARCH UID 1:3 DELETED
    S: * SEARCH 3
    S: {d} OK done
";

const COPIED: &str = r#"
    C: {c} UID COPY 1:3 "Archive"
    S: {c} OK [COPYUID 9 1:3 11:13] done
"#;

const FLAGGED: &str = r"
    C: {s} UID STORE 1:3 +FLAGS.SILENT (\Deleted)
    S: {s} OK done
";

const TAKEN_BACK: &str = r"
    C: {b} UID STORE 1:2 -FLAGS.SILENT (\Deleted)
    S: {b} OK done
";

fn one_to_five() -> UidSet {
    "1:5".parse().unwrap()
}

fn moving(text: &str) -> (Script, Session) {
    selecting_with(UID_PLUS, text, |builder| builder)
}

fn moved(session: &Session) -> Result<Copied> {
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    inbox.move_to(&one_to_five(), "Archive")
}

#[track_caller]
fn unfinished<T: std::fmt::Debug>(result: Result<T>) -> Box<Unfinished> {
    match result {
        Err(Error::Unfinished(unfinished)) => unfinished,
        other => panic!("{other:?}"),
    }
}

fn pairs(copied: &Copied) -> Vec<(u32, u32)> {
    copied
        .pairs()
        .map(|(from, to)| (from.value(), to.value()))
        .collect()
}

/// Plays a script of a move that stops, and gives what is told of it.
#[track_caller]
fn stopped(text: &str) -> Box<Unfinished> {
    let (server, session) = moving(text);
    if text.contains("stall") {
        session.set_read_timeout(SOON).unwrap();
    }
    let told = unfinished(moved(&session));
    drop(session);
    server.finish();
    told
}

#[track_caller]
fn assert_all_copied(told: &Unfinished) {
    let copied = told.copied().expect("copied");
    assert_eq!(pairs(copied), [(1, 11), (2, 12), (3, 13)]);
    assert_eq!(told.remaining().to_string(), "1:3");
    assert!(told.remaining().origin().is_some());
    assert!(told.expunged().is_none());
}

#[test]
fn hazard_h10_without_move_each_step_waits_for_the_one_before() {
    let (server, session) = moving(&format!(
        "{FOUND}{COPIED}{FLAGGED}
        C: {{e}} UID EXPUNGE 1:3
        S: * 1 EXPUNGE
        S: * 1 EXPUNGE
        S: * 1 EXPUNGE
        S: {{e}} OK done
        "
    ));
    let copied = moved(&session).unwrap();
    assert_eq!(pairs(&copied), [(1, 11), (2, 12), (3, 13)]);
    drop(session);
    server.finish();
}

#[test]
fn attack_095_a_copy_that_is_refused_changes_nothing() {
    for refusal in [
        "NO [TRYCREATE] no such mailbox",
        "BAD what",
        "NO [OVERQUOTA] full",
    ] {
        let (server, session) = moving(&format!(
            "{FOUND}
            C: {{c}} UID COPY 1:3 \"Archive\"
            S: {{c}} {refusal}
            C: {{n}} NOOP
            S: {{n}} OK done
            "
        ));
        let mut inbox = session.lock_mailbox("INBOX").unwrap();
        let error = inbox.move_to(&one_to_five(), "Archive").unwrap_err();
        assert!(matches!(error, Error::Refused(_)), "{error:?}");
        assert!(!error.may_have_taken_effect());
        inbox.refresh().unwrap();
        drop(inbox);
        drop(session);
        server.finish();
    }
}

#[test]
fn attack_095_a_copy_whose_answer_is_lost_may_have_been_made() {
    for end in ["cut", "stall", "S: * BYE going"] {
        let (server, session) = moving(&format!(
            "{FOUND}
            C: {{c}} UID COPY 1:3 \"Archive\"
            {end}
            "
        ));
        if end == "stall" {
            session.set_read_timeout(SOON).unwrap();
        }
        let error = moved(&session).unwrap_err();
        assert!(
            error.is_closed() && error.may_have_taken_effect(),
            "{end}: {error:?}"
        );
        drop(session);
        let sent = server.finish();
        assert!(
            !sent.contains("STORE") && !sent.contains("EXPUNGE"),
            "{sent}"
        );
    }
}

#[test]
fn hazard_h10_a_refused_flag_leaves_copies_and_takes_back_what_it_can() {
    for refusal in ["NO not now", "BAD what"] {
        let told = stopped(&format!(
            "{FOUND}{COPIED}
            C: {{s}} UID STORE 1:3 +FLAGS.SILENT (\\Deleted)
            S: {{s}} {refusal}
            {TAKEN_BACK}
            "
        ));
        assert_all_copied(&told);
        assert!(told.left_deleted().is_empty());
        assert!(matches!(told.cause(), Error::Refused(_)));
    }
}

#[test]
fn hazard_h10_a_refused_expunge_takes_the_flags_back() {
    let told = stopped(&format!(
        "{FOUND}{COPIED}{FLAGGED}
        C: {{e}} UID EXPUNGE 1:3
        S: {{e}} NO not allowed
        {TAKEN_BACK}
        "
    ));
    assert_all_copied(&told);
    assert!(told.left_deleted().is_empty());
}

/// Message 3 had the flag before and keeps it.
#[test]
fn hazard_h10_flags_that_cannot_be_taken_back_are_told() {
    let told = stopped(&format!(
        "{FOUND}{COPIED}{FLAGGED}
        C: {{e}} UID EXPUNGE 1:3
        S: {{e}} NO not allowed
        C: {{b}} UID STORE 1:2 -FLAGS.SILENT (\\Deleted)
        S: {{b}} NO not allowed either
        "
    ));
    assert_all_copied(&told);
    assert_eq!(told.left_deleted().to_string(), "1:2");
    let text = told.to_string();
    assert!(
        text.contains("UID EXPUNGE") && text.contains("left flagged"),
        "{text}"
    );
}

#[test]
fn attack_095_a_connection_lost_behind_the_copy_is_told_with_the_copies() {
    for end in ["cut", "stall", "S: * BYE going"] {
        let at_store = format!(
            "{FOUND}{COPIED}
            C: {{s}} UID STORE 1:3 +FLAGS.SILENT (\\Deleted)
            {end}
            "
        );
        let at_expunge = format!(
            "{FOUND}{COPIED}{FLAGGED}
            C: {{e}} UID EXPUNGE 1:3
            {end}
            "
        );
        for text in [at_store, at_expunge] {
            let told = stopped(&text);
            assert_all_copied(&told);
            assert_eq!(told.left_deleted().to_string(), "1:2");
            let error = Error::Unfinished(told);
            assert!(error.is_closed() && error.may_have_taken_effect());
            assert_eq!(error.is_timeout(), end == "stall");
        }
    }
}

/// Between the search and the copy somebody removed message 2; 1 and 3 go, and nothing that came
/// meanwhile.
#[test]
fn hazard_h10_only_what_was_copied_is_removed() {
    let (server, session) = moving(&format!(
        "{FOUND}
        C: {{c}} UID COPY 1:3 \"Archive\"
        S: {{c}} OK [COPYUID 9 3,1 11:12] done
        C: {{s}} UID STORE 1,3 +FLAGS.SILENT (\\Deleted)
        S: {{s}} OK done
        C: {{e}} UID EXPUNGE 1,3
        S: {{e}} OK done
        C: {{g}} UID SEARCH UID 2
        S: * SEARCH
        S: {{g}} OK done
        "
    ));
    assert_eq!(pairs(&moved(&session).unwrap()), [(3, 11), (1, 12)]);
    drop(session);
    server.finish();
}

#[test]
fn hazard_h10_a_copyuid_that_contradicts_itself_stops_the_move() {
    for code in ["COPYUID 9 1:3 11:12", "COPYUID 9 1:3 x"] {
        let told = stopped(&format!(
            "{FOUND}
            C: {{c}} UID COPY 1:3 \"Archive\"
            S: {{c}} OK [{code}] done
            "
        ));
        assert_eq!(told.copied().unwrap().pairing(), Pairing::Unparsable);
        assert!(told.copied().unwrap().copies().is_none());
        assert_eq!(told.remaining().to_string(), "1:3");
        assert!(told.left_deleted().is_empty());
    }
}

#[test]
fn hazard_h10_a_server_that_tells_no_copyuid_moves_what_was_there() {
    for code in ["", "[COPYUID 9  ] "] {
        let (server, session) = moving(&format!(
            "{FOUND}
            C: {{c}} UID COPY 1:3 \"Archive\"
            S: {{c}} OK {code}done
            {FLAGGED}
            C: {{e}} UID EXPUNGE 1:3
            S: {{e}} OK done
            "
        ));
        assert_eq!(moved(&session).unwrap().pairing(), Pairing::NotReported);
        drop(session);
        server.finish();
    }
}

#[test]
fn hazard_h10_nothing_there_is_nothing_to_copy() {
    let (server, session) = moving(
        "
        C: {f} UID SEARCH UID 1:5
        S: * SEARCH
        S: {f} OK done
        ",
    );
    assert_eq!(moved(&session).unwrap().copies(), None);
    drop(session);
    server.finish();
}

#[test]
fn hazard_h10_without_uidplus_too_it_is_refused_before_anything_is_sent() {
    let (server, session) = selecting_with("IMAP4rev1", "", |builder| builder);
    let error = moved(&session).unwrap_err();
    assert!(
        matches!(&error, Error::Unsupported(missing) if *missing.capability() == Capability::Move),
        "{error:?}"
    );
    drop(session);
    server.finish();
}

#[test]
fn hazard_h10_a_mailbox_that_forgets_deleted_is_refused_before_anything_is_sent() {
    let (server, session) = logged_in_with(
        UID_PLUS,
        r#"
        C: {select} SELECT "INBOX"
        S: * 3 EXISTS
        S: * OK [PERMANENTFLAGS (\Seen)] few
        S: * OK [UIDVALIDITY 7] since
        S: {select} OK [READ-WRITE] selected
        "#,
        |builder| builder,
    );
    match moved(&session).unwrap_err() {
        Error::Mailbox(error) => {
            assert!(
                matches!(*error, MailboxError::NotPermanent { .. }),
                "{error:?}"
            );
            assert_eq!(error.to_string(), "\\Deleted is not permanent in INBOX");
        }
        other => panic!("{other:?}"),
    }
    drop(session);
    server.finish();
}

#[test]
fn hazard_h10_sequence_numbers_are_made_uids_first() {
    let (server, session) = moving(
        r#"
        C: {f} FETCH 2:3 (UID)
        S: * 2 FETCH (UID 5)
        S: * 3 FETCH (UID 6)
        S: {f} OK done
        C: {d} UID SEARCH UID 5:6 DELETED
        S: * SEARCH
        S: {d} OK done
        C: {c} UID COPY 5:6 "Archive"
        S: {c} OK [COPYUID 9 5:6 11:12] done
        C: {s} UID STORE 5:6 +FLAGS.SILENT (\Deleted)
        S: {s} OK done
        C: {e} UID EXPUNGE 5:6
        S: * 3 EXPUNGE
        S: * 2 EXPUNGE
        S: {e} OK done
        "#,
    );
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let numbered = inbox.numbered();
    let last = numbered.last(2);
    assert_eq!(pairs(&numbered.move_to(&last, "Archive").unwrap()).len(), 2);
    assert_eq!(inbox.exists(), 1);
    drop(inbox);
    drop(session);
    server.finish();
}

#[test]
fn a_move_that_stops_in_the_middle_tells_what_has_moved() {
    for end in ["S: {m} NO [OVERQUOTA] full", "cut"] {
        let (server, session) = selecting(&format!(
            "
            C: {{m}} UID MOVE 1:5 \"Archive\"
            S: * OK [COPYUID 9 2 11] one
            S: * 2 EXPUNGE
            S: * OK [COPYUID 9 1 12] two
            S: * 1 EXPUNGE
            {end}
            "
        ));
        let told = unfinished(moved(&session));
        assert_eq!(pairs(told.copied().unwrap()), [(2, 11), (1, 12)]);
        assert_eq!(told.remaining().to_string(), "3:5");
        drop(session);
        server.finish();
    }
}

#[test]
fn a_move_told_in_parts_is_one() {
    let (server, session) = selecting(
        "
        C: {m} UID MOVE 1:5 \"Archive\"
        S: * OK [COPYUID 9 2 11] one
        S: * 2 EXPUNGE
        S: * OK [COPYUID 9 1 12] two
        S: * 1 EXPUNGE
        S: {m} OK done
        ",
    );
    assert_eq!(pairs(&moved(&session).unwrap()), [(2, 11), (1, 12)]);
    drop(session);
    server.finish();
}

#[test]
fn attack_068_pairs_are_told_only_where_they_agree() {
    for (code, expected, pairing) in [
        (
            "COPYUID 9 9:7 1:3",
            vec![(7, 1), (8, 2), (9, 3)],
            Pairing::Known,
        ),
        (
            "COPYUID 9 9,7:8 3,1:2",
            vec![(9, 3), (7, 1), (8, 2)],
            Pairing::Known,
        ),
        ("COPYUID 9 7:9 1:2", vec![], Pairing::Unparsable),
        ("COPYUID 9 7:9 ", vec![], Pairing::Unparsable),
        ("COPYUID 9  ", vec![], Pairing::NotReported),
        ("COPYUID 9 7:* 1:2", vec![], Pairing::Unparsable),
        ("COPYUID 9 1:4294967295 5", vec![], Pairing::Unparsable),
    ] {
        let (server, session) = selecting(&format!(
            "
            C: {{c}} UID COPY 7:9 \"Archive\"
            S: {{c}} OK [{code}] done
            "
        ));
        let mut inbox = session.lock_mailbox("INBOX").unwrap();
        let copied = inbox.copy(&"7:9".parse().unwrap(), "Archive").unwrap();
        assert_eq!(pairs(&copied), expected, "{code}");
        assert_eq!(copied.pairing(), pairing, "{code}");
        assert_eq!(
            copied.copies().is_some(),
            pairing == Pairing::Known,
            "{code}"
        );
        drop(inbox);
        drop(session);
        server.finish();
    }
}

const OTHERS: &str = r"
    C: {f} UID FETCH 1:* (FLAGS)
    S: * 1 FETCH (UID 1 FLAGS (\Deleted))
    S: * 2 FETCH (UID 3 FLAGS (\Seen \Deleted))
    S: * 3 FETCH (UID 9 FLAGS (\Deleted))
    S: {f} OK done
";

const UNFLAGGED: &str = r"
    C: {u} UID STORE 3,9 -FLAGS.SILENT (\Deleted)
    S: {u} OK done
    C: {v} UID FETCH 1:* (FLAGS)
    S: * 1 FETCH (UID 1 FLAGS (\Deleted))
    S: * 2 FETCH (UID 3 FLAGS (\Seen))
    S: * 3 FETCH (UID 9 FLAGS ())
    S: {v} OK done
";

const RESTORED: &str = r"
    C: {r} UID STORE 3,9 +FLAGS.SILENT (\Deleted)
    S: {r} OK done
";

fn expunging(text: &str) -> (Script, Session) {
    selecting_with("IMAP4rev1", text, |builder| builder)
}

fn expunged(session: &Session) -> Result<Expunged> {
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    inbox.run(Expunge::new(&"1:2".parse().unwrap()).unflag_others())
}

#[test]
fn hazard_h12_others_are_unflagged_for_an_expunge_on_request() {
    let (server, session) = expunging(&format!(
        "{OTHERS}{UNFLAGGED}
        C: {{e}} EXPUNGE
        S: * 1 EXPUNGE
        S: * 1 EXPUNGE
        S: {{e}} OK done
        {RESTORED}"
    ));
    assert_eq!(expunged(&session).unwrap().count(), 2);
    drop(session);
    server.finish();
}

#[test]
fn hazard_h12_where_nobody_else_flagged_one_expunge_is_enough() {
    let (server, session) = expunging(
        "
        C: {f} UID FETCH 1:* (FLAGS)
        S: * 1 FETCH (UID 1 FLAGS (\\Deleted))
        S: * 2 FETCH (UID 2 FLAGS (\\Deleted))
        S: * 3 FETCH (UID 9 FLAGS ())
        S: {f} OK done
        C: {e} EXPUNGE
        S: * 1 EXPUNGE
        S: {e} OK done
        ",
    );
    assert_eq!(expunged(&session).unwrap().count(), 1);
    drop(session);
    server.finish();
}

#[test]
fn hazard_h12_a_fetch_that_fails_stops_before_anything_is_changed() {
    let (server, session) = expunging(
        "
        C: {f} UID FETCH 1:* (FLAGS)
        S: {f} NO not now
        ",
    );
    assert!(matches!(expunged(&session), Err(Error::Refused(_))));
    drop(session);
    server.finish();
}

#[test]
fn hazard_h12_a_step_that_is_refused_is_undone_and_nothing_is_left() {
    let unflag = format!(
        "{OTHERS}
        C: {{u}} UID STORE 3,9 -FLAGS.SILENT (\\Deleted)
        S: {{u}} NO not now
        {RESTORED}"
    );
    let expunge = format!(
        "{OTHERS}{UNFLAGGED}
        C: {{e}} EXPUNGE
        S: {{e}} NO not now
        {RESTORED}"
    );
    for text in [unflag, expunge] {
        let (server, session) = expunging(&text);
        let error = expunged(&session).unwrap_err();
        assert!(matches!(error, Error::Refused(_)), "{error:?}");
        drop(session);
        server.finish();
    }
}

#[test]
fn hazard_h12_flags_that_could_not_be_given_back_are_told() {
    let refused = "
        C: {r} UID STORE 3,9 +FLAGS.SILENT (\\Deleted)
        S: {r} NO not now
    ";
    let cut = "
        C: {r} UID STORE 3,9 +FLAGS.SILENT (\\Deleted)
        cut
    ";
    for restore in [refused, cut] {
        let (server, session) = expunging(&format!(
            "{OTHERS}{UNFLAGGED}
            C: {{e}} EXPUNGE
            S: * 1 EXPUNGE
            S: {{e}} OK done
            {restore}"
        ));
        let told = unfinished(expunged(&session));
        assert_eq!(told.deleted_flag_lost().to_string(), "3,9");
        assert_eq!(told.expunged().unwrap().count(), 1);
        drop(session);
        server.finish();
    }
    for end in ["cut", "stall", "S: * BYE going"] {
        let (server, session) = expunging(&format!(
            "{OTHERS}{UNFLAGGED}
            C: {{e}} EXPUNGE
            {end}
            "
        ));
        if end == "stall" {
            session.set_read_timeout(SOON).unwrap();
        }
        let told = unfinished(expunged(&session));
        assert_eq!(told.deleted_flag_lost().to_string(), "3,9");
        assert!(told.expunged().is_none() && told.cause().is_closed());
        drop(session);
        server.finish();
    }
}

#[test]
fn hazard_h12_a_deletion_that_stops_says_what_is_left_flagged() {
    for (answer, is_closed) in [("S: {e} NO not now", false), ("cut", true)] {
        let (server, session) = selecting(&format!(
            "
            C: {{s}} UID STORE 1:5 +FLAGS.SILENT (\\Deleted)
            S: {{s}} OK done
            C: {{e}} UID EXPUNGE 1:5
            {answer}
            "
        ));
        let mut inbox = session.lock_mailbox("INBOX").unwrap();
        let told = unfinished(inbox.delete(&one_to_five()));
        assert_eq!(told.left_deleted().to_string(), "1:5");
        assert_eq!(told.remaining().to_string(), "1:5");
        assert_eq!(told.cause().is_closed(), is_closed);
        drop(inbox);
        drop(session);
        server.finish();
    }
}

/// Without MOVE and without UIDPLUS, on request: all the steps.
#[test]
fn hazard_h10_and_h12_a_move_with_neither_extension_spares_others() {
    let (server, session) = expunging(&format!(
        "
        C: {{f}} UID SEARCH UID 1:5
        S: * SEARCH 1 2
        S: {{f}} OK done
        C: {{d}} UID SEARCH UID 1:2 DELETED
        S: * SEARCH
        S: {{d}} OK done
        C: {{c}} UID COPY 1:2 \"Archive\"
        S: {{c}} OK done
        C: {{s}} UID STORE 1:2 +FLAGS.SILENT (\\Deleted)
        S: {{s}} OK done
        {OTHERS}{UNFLAGGED}
        C: {{e}} EXPUNGE
        S: {{e}} NO not now
        {RESTORED}
        C: {{b}} UID STORE 1:2 -FLAGS.SILENT (\\Deleted)
        S: {{b}} OK done
        "
    ));
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let told = unfinished(
        inbox.run(
            MoveMessages::new(&one_to_five(), "Archive")
                .unwrap()
                .unflag_others(),
        ),
    );
    assert!(told.copied().is_some());
    assert!(told.left_deleted().is_empty() && told.deleted_flag_lost().is_empty());
    assert_eq!(told.remaining().to_string(), "1:2");
    drop(inbox);
    drop(session);
    server.finish();
}
