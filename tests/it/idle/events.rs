//! What an IDLE tells, and what it does not.

use latchbox::command::IdleEnd;
use latchbox::error::MailboxError;
use latchbox::types::{Flag, MailboxEvent, SeqNum};
use latchbox::{Client, Error, SessionEvent};

use super::{LONG, assert_ended, assert_exists, selecting};
use crate::scripted::{log_in_client, with_selected};
use crate::sessions::TrustTheKit;
use crate::support::script::script;

#[test]
fn events_are_typed_and_counters_current() {
    let (server, session) = selecting(
        r"
        C: {a} IDLE
        S: + idling
        S: * 4 EXISTS
        S: * 2 EXPUNGE
        S: * 1 FETCH (FLAGS (\Seen))
        S: * OK [ALERT] disk is full
        C: DONE
        S: {a} OK done
        ",
    );
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let mut idle = inbox.idle().unwrap();
    let events: Vec<_> = idle
        .timeout_iter(LONG)
        .take(3)
        .map(Result::unwrap)
        .collect();
    let seq = |n| SeqNum::new(n).unwrap();
    let flags = MailboxEvent::Flags {
        seq: Some(seq(1)),
        uid: None,
        flags: vec![Flag::Seen],
        mod_seq: None,
    };
    let gone = MailboxEvent::Expunged(seq(2));
    assert_eq!(events, [MailboxEvent::Exists(4), gone, flags]);
    assert_eq!(idle.exists(), 3);
    idle.done().unwrap();
    assert_eq!(inbox.exists(), 3);
    assert!(inbox.events().is_empty());
    let of_the_session = session.events();
    let is_alert = |text: &str| text == "disk is full";
    assert!(
        matches!(of_the_session.as_slice(), [SessionEvent::Alert(text)] if is_alert(text)),
        "{of_the_session:?}"
    );
    server.finish();
}

#[test]
fn a_sign_of_life_is_no_event() {
    let (server, session) = selecting(
        "
        C: {a} IDLE
        S: + idling
        S: * OK Still here
        S: * OK Still here
        S: * 4 EXISTS
        S: * OK Still here
        S: + still idling
        C: DONE
        S: {a} OK done
        ",
    );
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let mut idle = inbox.idle().unwrap();
    assert_exists(&mut idle, 4);
    idle.done().unwrap();
    assert!(inbox.events().is_empty());
    server.finish();
}

#[test]
fn events_from_before_the_idle_come_first() {
    let (server, session) = selecting(
        "
        C: {n} NOOP
        S: * 4 EXISTS
        S: {n} OK
        C: {a} IDLE
        S: * 5 EXISTS
        S: + idling
        S: * 6 EXISTS
        ",
    );
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    inbox.refresh().unwrap();
    let mut idle = inbox.idle().unwrap();
    let events: Vec<_> = idle.blocking_iter().take(3).map(Result::unwrap).collect();
    assert_eq!(events, [4, 5, 6].map(MailboxEvent::Exists));
    server.finish();
}

#[test]
fn what_has_arrived_is_told_without_waiting() {
    let (server, session) = selecting(
        "
        C: {a} IDLE
        S: + idling
        signal: idling
        wait: asked
        S: * OK Still here
        S: * 4 EXISTS
        S: * 5 EXISTS
        taken
        ",
    );
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let mut idle = inbox.idle().unwrap();
    server.reached("idling");
    assert_eq!(idle.try_next().unwrap(), None);
    assert_eq!(idle.end_reason(), None, "more may come");
    server.go("asked");
    let mut seen = Vec::new();
    while seen.len() < 2 {
        seen.extend(idle.iter().map(Result::unwrap));
    }
    assert_eq!(seen, [4, 5].map(MailboxEvent::Exists));
    server.finish();
}

#[test]
fn an_idle_outlives_the_deadline_of_a_wait() {
    let (server, session) = selecting(
        "
        C: {a} IDLE
        S: + idling
        wait: over
        silent
        S: * 4 EXISTS
        C: DONE
        S: {a} OK done
        ",
    );
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let mut idle = inbox.idle().unwrap();
    let short = std::time::Duration::from_millis(20);
    let began = std::time::Instant::now();
    assert_eq!(idle.timeout_iter(short).count(), 0);
    assert!(began.elapsed() >= short);
    assert_eq!(idle.end_reason(), Some(IdleEnd::Deadline));
    server.go("over");
    assert_exists(&mut idle, 4);
    assert_eq!(idle.end_reason(), None);
    idle.done().unwrap();
    server.finish();
}

#[test]
fn an_event_in_pieces_is_one_event() {
    let (server, session) = selecting(
        "
        C: {a} IDLE
        S: + idling
        bytes
        S: * 4 EXISTS
        whole
        S-raw: * 5 EXISTS\\r\\n* 6 EXISTS\\r\\n* 7 EX
        taken
        S-raw: ISTS\\r\\n
        ",
    );
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let mut idle = inbox.idle().unwrap();
    for messages in 4..=7 {
        assert_exists(&mut idle, messages);
    }
    server.finish();
}

#[test]
fn octets_that_tls_holds_are_seen_before_the_socket_is_polled() {
    let lines = "
        C: {a} IDLE
        S-raw: + idling\\r\\n* 4 EXISTS\\r\\n* 5 EXISTS\\r\\n* 6 EX
        taken
        S-raw: ISTS\\r\\n* 7 EXISTS\\r\\n
        bytes
        S: * 8 EXISTS
        whole
        C: DONE
        S: {a} OK done
        ";
    let server = script(&format!("tls\n{}", with_selected("IMAP4rev1 IDLE", lines)));
    let client = Client::builder("localhost")
        .port(server.port())
        .trust_the_kit()
        .connect();
    let session = log_in_client(client.unwrap());
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let mut idle = inbox.idle().unwrap();
    for messages in 4..=8 {
        assert_exists(&mut idle, messages);
    }
    let stop = idle.stop_handle();
    std::thread::scope(|scope| {
        scope.spawn(|| stop.stop());
        assert_ended(&mut idle, IdleEnd::Stopped);
    });
    idle.done().unwrap();
    server.finish();
}

#[test]
fn a_mailbox_that_is_closed_meanwhile_is_an_error_after_its_events() {
    for (line, is_closed) in [
        ("* OK [CLOSED] gone", true),
        ("* OK [UIDVALIDITY 2] made anew", false),
    ] {
        let (server, session) = selecting(&format!(
            "
            C: {{a}} IDLE
            S: + idling
            S: * 4 EXISTS
            S: {line}
            "
        ));
        let mut inbox = session.lock_mailbox("INBOX").unwrap();
        let mut idle = inbox.idle().unwrap();
        assert_eq!(idle.next().unwrap(), Some(MailboxEvent::Exists(4)));
        match (idle.next(), is_closed) {
            (Err(Error::Mailbox(error)), true) => {
                assert!(matches!(*error, MailboxError::NotSelected(_)), "{error}");
            }
            (Err(Error::Mailbox(error)), false) => {
                let changed = matches!(*error, MailboxError::UidValidityChanged(_));
                assert!(changed, "{error}");
            }
            (other, _) => panic!("{other:?}"),
        }
        assert_ended(&mut idle, IdleEnd::Failed);
        server.finish();
    }
}
