//! An IDLE that lasts: sent anew before it is too old, and when the line has been silent.

use std::time::{Duration, Instant};

use latchbox::Error;
use latchbox::command::IdleEnd;
use latchbox::command::IdleOptions;
use latchbox::error::CloseReason;

use super::{
    NOTIFY, NOTIFY_SELECTED, assert_ended, assert_exists, personal, selecting, selecting_on,
};
use crate::scripted::close_reason;

const SHORT: Duration = Duration::from_millis(50);
const NEVER: Duration = Duration::MAX;

/// Two rounds, with news between DONE and its answer and before the next IDLE has begun.
const ROUNDS: &str = "
    C: {a} IDLE
    S: + idling
    C: DONE
    S: * 4 EXISTS
    S: {a} OK done
    C: {b} IDLE
    S: * 5 EXISTS
    S: + idling
    C: DONE
    S: {b} OK done
    C: {c} IDLE
    S: + idling
    S: * 6 EXISTS
";

#[test]
fn an_old_idle_is_sent_anew_and_nothing_is_lost() {
    let (server, session) = selecting(ROUNDS);
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let options = IdleOptions::new().renew_after(SHORT).probe_after(NEVER);
    let mut idle = inbox.idle_with(&options).unwrap();
    for messages in 4..=6 {
        assert_exists(&mut idle, messages);
    }
    server.finish();
}

#[test]
fn after_an_overflow_of_notify_a_renewed_idle_has_the_events_of_the_mailbox() {
    let (server, session) = selecting_on(
        "IMAP4rev1 IDLE NOTIFY",
        &format!(
            "
            {NOTIFY}
            C: {{a}} IDLE
            S: + idling
            S: * OK [NOTIFICATIONOVERFLOW] too much
            C: DONE
            S: {{a}} OK done
            {NOTIFY_SELECTED}
            C: {{b}} IDLE
            S: + idling
            S: * 4 EXISTS
            "
        ),
    );
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    session.notify().set(&personal()).unwrap();
    let options = IdleOptions::new().renew_after(SHORT);
    let mut idle = inbox.idle_with(&options).unwrap();
    assert_exists(&mut idle, 4);
    server.finish();
}

#[test]
fn a_silent_line_is_probed_by_sending_the_idle_anew() {
    let (server, session) = selecting(ROUNDS);
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    // Long enough for the script to answer in.
    let half = Duration::from_millis(500);
    let options = IdleOptions::new().renew_after(NEVER).probe_after(half);
    let mut idle = inbox.idle_with(&options).unwrap();
    for messages in 4..=6 {
        assert_exists(&mut idle, messages);
    }
    server.finish();
}

#[test]
fn a_sign_of_life_puts_the_probe_off() {
    let (server, session) = selecting(
        "
        C: {a} IDLE
        S: + idling
        wait: alive
        S: * OK Still here
        C: DONE
        S: * 4 EXISTS
        S: {a} OK done
        C: {b} IDLE
        S: + idling
        ",
    );
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    // The server has as long to answer the probe.
    let silence = Duration::from_secs(2);
    let options = IdleOptions::new().probe_after(silence);
    let mut idle = inbox.idle_with(&options).unwrap();
    assert_eq!(idle.next_timeout(silence / 2).unwrap(), None);
    let heard = Instant::now();
    server.go("alive");
    assert_exists(&mut idle, 4);
    assert!(heard.elapsed() >= silence, "{:?}", heard.elapsed());
    server.finish();
}

#[test]
fn a_dead_line_is_noticed_by_the_probe() {
    let (server, session) =
        selecting("C: {a} IDLE\nS: + idling\nS: * 4 EXISTS\nC: DONE\nC-close\n");
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let options = IdleOptions::new().probe_after(Duration::from_millis(300));
    let mut idle = inbox.idle_with(&options).unwrap();
    assert_exists(&mut idle, 4);
    let error = idle.next().unwrap_err();
    let is_timeout = matches!(close_reason(&error), CloseReason::Timeout(..));
    assert!(is_timeout, "{error}");
    assert_ended(&mut idle, IdleEnd::Failed);
    server.finish();
}

#[test]
fn half_a_response_is_no_sign_of_life() {
    let (server, session) =
        selecting("C: {a} IDLE\nS-raw: + idling\\r\\n* 4 EXI\nC: DONE\nC-close\n");
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let options = IdleOptions::new().probe_after(Duration::from_millis(300));
    let mut idle = inbox.idle_with(&options).unwrap();
    let error = idle.next().unwrap_err();
    assert!(error.is_timeout(), "{error}");
    server.finish();
}

#[test]
fn an_idle_that_is_refused_when_it_is_sent_anew_is_an_error() {
    let (server, session) = selecting(
        "
        C: {a} IDLE
        S: + idling
        C: DONE
        S: {a} OK done
        C: {b} IDLE
        S: {b} NO too many
        C: {c} NOOP
        S: {c} OK
        ",
    );
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let options = IdleOptions::new().renew_after(SHORT);
    let mut idle = inbox.idle_with(&options).unwrap();
    assert!(matches!(idle.next(), Err(Error::Refused(_))));
    assert_ended(&mut idle, IdleEnd::Failed);
    drop(idle);
    inbox.refresh().unwrap();
    server.finish();
}
