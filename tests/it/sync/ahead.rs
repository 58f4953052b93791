//! What goes out with the SELECT of a sync, and what if the server does not do it.

use latchbox::sync::{ChangeBatch, Checkpoint, Way};
use latchbox::types::MailboxEvent;
use latchbox::{Error, Session};

use crate::scripted::{SHORT, log_in, plain, with_login};
use crate::support::script::{Script, script};

const ALL: &str = "IMAP4rev1 ENABLE CONDSTORE QRESYNC UNSELECT";

/// The mailbox as the checkpoint has it: UIDs 1 and 2 of 7, HIGHESTMODSEQ 5.
const UNCHANGED: &str = "
    S: * 2 EXISTS
    S: * OK [UIDVALIDITY 7] valid
    S: * OK [UIDNEXT 3] next
    S: * OK [HIGHESTMODSEQ 5] highest
";

/// A first sync that ends at that state.
const FIRST: &str = r#"
    C: {e} ENABLE QRESYNC
    C: {s} EXAMINE "INBOX"
    silent
    S: * ENABLED QRESYNC
    S: {e} OK done
    S: * 2 EXISTS
    S: * OK [UIDVALIDITY 7] valid
    S: * OK [UIDNEXT 3] next
    S: * OK [HIGHESTMODSEQ 5] highest
    S: {s} OK [READ-ONLY] done
    C: {f} UID FETCH 1:2 (FLAGS)
    S: * 1 FETCH (UID 1 FLAGS () MODSEQ (4))
    S: * 2 FETCH (UID 2 FLAGS () MODSEQ (5))
    S: {f} OK done
"#;

/// A server that goes on after the login like this, a session on it, and the checkpoint of a first sync
/// on another.
fn after_a_first_sync(text: &str) -> (Script, Session, Checkpoint) {
    let (first, text) = (with_login(ALL, FIRST), with_login(ALL, text));
    let server = script(&format!("{first}\naccept\n{text}"));
    let stored = synced(&log_in(plain(&server)), None).unwrap().2;
    let session = log_in(plain(&server));
    (server, session, stored)
}

/// A sync with its lock: what has changed, in which way.
fn synced(
    session: &Session,
    since: Option<&Checkpoint>,
) -> latchbox::Result<(Vec<ChangeBatch>, Way, Checkpoint)> {
    let request = session.mailbox("INBOX").read_only().since(since);
    let mut inbox = request.lock()?;
    let mut changes = inbox.changes_since(since)?;
    let mut batches = Vec::new();
    while let Some(batch) = changes.next()? {
        batches.push(batch);
    }
    Ok((batches, changes.way(), changes.checkpoint().clone()))
}

const TOGETHER: &str = r#"
    C: {e} ENABLE QRESYNC
    C: {s} EXAMINE "INBOX" (QRESYNC (7 5 1:2))
    silent
"#;

#[test]
fn enable_and_the_select_that_relies_on_it_are_one_flight() {
    // Without an ENABLED, what was requested is enabled.
    for told in ["S: * ENABLED CONDSTORE QRESYNC", ""] {
        let script = format!(
            "
            {TOGETHER}
            {told}
            S: {{e}} OK done
            S: * 1 EXISTS
            S: * OK [UIDVALIDITY 7] valid
            S: * OK [UIDNEXT 3] next
            S: * OK [HIGHESTMODSEQ 6] highest
            S: * VANISHED (EARLIER) 2
            S: {{s}} OK [READ-ONLY] done
            "
        );
        let (server, session, since) = after_a_first_sync(&script);
        let request = session.mailbox("INBOX").read_only().since(Some(&since));
        let mut inbox = request.lock().unwrap();
        let mut changes = inbox.changes_since(Some(&since)).unwrap();
        let Some(ChangeBatch::Changes(batch)) = changes.next().unwrap() else {
            panic!("{told}");
        };
        assert_eq!(batch.vanished().to_string(), "2", "{told}");
        assert_eq!(changes.way(), Way::Qresync);
        server.finish();
    }
}

#[test]
fn a_server_that_does_not_enable_it_gets_the_select_again_and_is_not_asked_twice() {
    let again = r#"
        C: {t} EXAMINE "INBOX" (CONDSTORE)
    "#;
    for (enable, select) in [
        (
            "S: * ENABLED\nS: {e} OK done",
            "S: {s} BAD QRESYNC is not enabled",
        ),
        ("S: {e} NO not now", "S: {s} NO no such parameter"),
        (
            "S: {e} BAD what is that",
            "S: {s} OK [READ-ONLY] and ignored",
        ),
        ("S: {e} BAD what is that", "S: {s} BAD one at a time"),
    ] {
        let seen = match select.contains("OK") {
            true => UNCHANGED,
            false => "",
        };
        let script = format!(
            "
            {TOGETHER}
            {enable}
            {seen}
            {select}
            {again}
            {UNCHANGED}
            S: {{t}} OK [READ-ONLY] done
            {again}
            {UNCHANGED}
            S: {{t}} OK [READ-ONLY] done
            "
        );
        let (server, session, since) = after_a_first_sync(&script);
        for _ in 0..2 {
            let (batches, way, _) = synced(&session, Some(&since)).unwrap();
            assert!(batches.is_empty(), "{enable}: {batches:?}");
            assert_eq!(way, Way::CondStore, "{enable}");
        }
        server.finish();
    }
}

#[test]
fn a_mailbox_that_is_refused_is_refused_once() {
    let script = format!(
        "
        {TOGETHER}
        S: * ENABLED QRESYNC
        S: {{e}} OK done
        S: {{s}} NO [NONEXISTENT] no such mailbox
        "
    );
    let (server, session, since) = after_a_first_sync(&script);
    let error = synced(&session, Some(&since)).unwrap_err();
    let Error::Refused(refused) = &error else {
        panic!("{error:?}");
    };
    assert_eq!(refused.command(), "EXAMINE");
    server.finish();
}

#[test]
fn the_error_of_a_lost_connection_is_of_the_command_that_was_not_answered() {
    for (answered, command) in [("", "ENABLE"), ("S: {e} OK done", "EXAMINE")] {
        let script = format!("{TOGETHER}\n{answered}\ncut");
        let (server, session, since) = after_a_first_sync(&script);
        let error = synced(&session, Some(&since)).unwrap_err();
        let text = error.to_string();
        assert!(matches!(error, Error::Closed(_)), "{error:?}");
        assert!(text.contains(command), "{text}");
        assert!(!error.may_have_taken_effect(), "{text}");
        server.finish();
    }
}

/// What the server sends of the mailbox before, it sends before it completes UNSELECT.
#[test]
fn what_was_of_the_mailbox_before_is_not_of_the_next() {
    let first = r#"
        C: {b} SELECT "Box"
        S: * 9 EXISTS
        S: * OK [UIDVALIDITY 1] valid
        S: {b} OK [READ-WRITE] done
        C: {u} UNSELECT
    "#;
    let script = format!(
        "
        {first}
        {TOGETHER}
        S: * 10 EXISTS
        S: * 3 EXPUNGE
        S: * VANISHED 1
        S: * VANISHED (EARLIER) 1
        S: * 1 FETCH (UID 1 FLAGS (\\Seen) MODSEQ (99))
        S: * OK [HIGHESTMODSEQ 99] of the mailbox before
        S: {{u}} OK left
        S: * ENABLED QRESYNC
        S: {{e}} OK done
        {UNCHANGED}
        S: {{s}} OK [READ-ONLY] done
        "
    );
    let (server, session, since) = after_a_first_sync(&script);
    drop(session.lock_mailbox("Box").unwrap());
    let (batches, way, _) = synced(&session, Some(&since)).unwrap();
    assert!(batches.is_empty(), "{batches:?}");
    assert_eq!(way, Way::Qresync);
    let mut inbox = session.lock_mailbox_read_only("INBOX").unwrap();
    assert_eq!(inbox.exists(), 2);
    let events = inbox.events();
    let is_gone = |event: &MailboxEvent| matches!(event, MailboxEvent::Vanished { .. });
    assert!(!events.iter().any(is_gone), "{events:?}");
    server.finish();
}

/// Then the rest is read by the next command, and counts as if it had been waited for.
#[test]
fn a_lock_whose_time_is_over_leaves_both_to_the_next_command() {
    let script = format!(
        "
        {TOGETHER}
        wait: late
        S: * ENABLED QRESYNC
        S: {{e}} OK done
        {UNCHANGED}
        S: {{s}} OK [READ-ONLY] done
        C: {{s}} EXAMINE \"INBOX\" (QRESYNC (7 5 1:2))
        {UNCHANGED}
        S: {{s}} OK [READ-ONLY] done
        "
    );
    let (server, session, since) = after_a_first_sync(&script);
    let request = session.mailbox("INBOX").read_only().since(Some(&since));
    let error = request.timeout(SHORT).lock().unwrap_err();
    assert!(error.is_timeout(), "{error:?}");
    server.go("late");
    let (batches, way, _) = synced(&session, Some(&since)).unwrap();
    assert!(batches.is_empty() && way == Way::Qresync, "{batches:?}");
    server.finish();
}
