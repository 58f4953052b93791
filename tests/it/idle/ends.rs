//! How an IDLE ends: as it should, and in every other way.

use std::thread;
use std::time::Duration;

use latchbox::command::IdleEnd;
use latchbox::command::IdleOptions;
use latchbox::error::{CloseReason, Effect};
use latchbox::types::MailboxEvent;
use latchbox::{Error, StopHandle};

use super::{assert_ended, assert_exists, selecting};
use crate::scripted::close_reason;

const SHORT: Duration = Duration::from_millis(50);

#[test]
fn attack_093_a_continuation_that_never_comes_is_a_timeout() {
    let (server, session) = selecting("C: {a} IDLE\nS: * 4 EXISTS\nC-close");
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let options = IdleOptions::new().probe_after(SHORT);
    let error = inbox.idle_with(&options).unwrap_err();
    let is_timeout = matches!(close_reason(&error), CloseReason::Timeout(..));
    assert!(is_timeout && error.is_timeout(), "{error}");
    assert!(!error.may_have_taken_effect());
    drop(inbox);
    assert!(session.noop().unwrap_err().is_closed());
    server.finish();
}

#[test]
fn attack_093_a_refusal_is_typed_and_leaves_the_connection_usable() {
    for status in ["NO", "BAD"] {
        let (server, session) = selecting(&format!(
            "
            C: {{a}} IDLE
            S: * 4 EXISTS
            S: {{a}} {status} [UNAVAILABLE] not today
            C: {{b}} NOOP
            S: {{b}} OK
            "
        ));
        let mut inbox = session.lock_mailbox("INBOX").unwrap();
        match inbox.idle().unwrap_err() {
            Error::Refused(refused) => assert_eq!(refused.command(), "IDLE"),
            other => panic!("{other}"),
        }
        assert_eq!(inbox.exists(), 4);
        inbox.refresh().unwrap();
        server.finish();
    }
}

#[test]
fn attack_093_data_in_the_segment_of_the_tagged_answer_is_not_lost() {
    let (server, session) = selecting(
        r"
        C: {a} IDLE
        S: + idling
        C: DONE
        S-raw: * 4 EXISTS\r\n* 1 EXPUNGE\r\n* 4 EXISTS\r\n{a} OK done\r\n
        ",
    );
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let mut idle = inbox.idle().unwrap();
    idle.stop_handle().stop();
    let events: Vec<_> = idle.blocking_iter().map(Result::unwrap).collect();
    assert_eq!(events.len(), 3, "{events:?}");
    assert_ended(&mut idle, IdleEnd::Stopped);
    assert_eq!(idle.exists(), 4);
    idle.done().unwrap();
    server.finish();
}

#[test]
fn what_comes_with_done_waits_among_the_events_of_the_guard() {
    let (server, session) =
        selecting("C: {a} IDLE\nS: + idling\nC: DONE\nS: * 4 EXISTS\nS: {a} OK done\n");
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    inbox.idle().unwrap().done().unwrap();
    assert_eq!(inbox.events(), [MailboxEvent::Exists(4)]);
    server.finish();
}

/// Five thousand changes in one go with the end, after data that came too early.
#[test]
fn attack_093_a_flood_before_and_after_the_continuation_is_counted_right() {
    let (server, session) = selecting(
        r"
        C: {a} IDLE
        S: * 4 EXISTS
        S: * 1 EXPUNGE
        S-raw: + idling\r\n
        C: DONE
        S-fill: 2500 * 9 EXISTS\r\n* 9 EXPUNGE\r\n
        S-raw: * 10 EXISTS\r\n{a} OK done\r\n
        C: {b} NOOP
        S: {b} OK
        ",
    );
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let mut idle = inbox.idle().unwrap();
    idle.stop_handle().stop();
    let events = idle.blocking_iter().map(Result::unwrap).count();
    assert!((2..=2_100).contains(&events), "{events}");
    assert_ended(&mut idle, IdleEnd::Stopped);
    assert_eq!(idle.exists(), 10);
    idle.done().unwrap();
    inbox.refresh().unwrap();
    assert_eq!(inbox.exists(), 10);
    server.finish();
}

#[test]
fn attack_093_a_server_that_ends_the_idle_by_itself_is_sent_no_done() {
    let (server, session) = selecting(
        r"
        C: {a} IDLE
        S-raw: + idling\r\n* 4 EXISTS\r\n{a} OK enough\r\n
        C: {b} NOOP
        S: {b} OK
        C: {c} IDLE
        S: {c} OK not now
        C: {d} NOOP
        S: {d} OK
        ",
    );
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let mut idle = inbox.idle().unwrap();
    assert_exists(&mut idle, 4);
    assert_ended(&mut idle, IdleEnd::Server);
    idle.done().unwrap();
    inbox.refresh().unwrap();
    let mut idle = inbox.idle().unwrap();
    assert_ended(&mut idle, IdleEnd::Server);
    drop(idle);
    inbox.refresh().unwrap();
    server.finish();
}

#[test]
fn a_server_that_has_ended_the_idle_before_it_is_stopped_is_sent_no_done() {
    let (server, session) = selecting(
        r"
        C: {a} IDLE
        S-raw: + idling\r\n* 4 EXISTS\r\n{a} OK enough\r\n
        taken
        signal: ended
        C: {b} NOOP
        S: {b} OK
        ",
    );
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let mut idle = inbox.idle().unwrap();
    server.reached("ended");
    idle.stop_handle().stop();
    assert_exists(&mut idle, 4);
    assert_ended(&mut idle, IdleEnd::Stopped);
    drop(idle);
    inbox.refresh().unwrap();
    server.finish();
}

#[test]
fn a_refusal_of_done_is_typed_and_leaves_the_connection_usable() {
    let (server, session) = selecting(
        "
        C: {a} IDLE
        S: + idling
        C: DONE
        S: * 4 EXISTS
        S: {a} NO interrupted
        C: {b} NOOP
        S: {b} OK
        ",
    );
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let mut idle = inbox.idle().unwrap();
    idle.stop_handle().stop();
    assert_exists(&mut idle, 4);
    assert!(matches!(idle.next(), Err(Error::Refused(_))));
    assert_ended(&mut idle, IdleEnd::Failed);
    idle.done().unwrap();
    inbox.refresh().unwrap();
    server.finish();
}

#[test]
fn attack_093_done_without_an_answer_is_a_timeout() {
    let (server, session) = selecting("C: {a} IDLE\nS: + idling\nC: DONE\nC-close");
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let options = IdleOptions::new().probe_after(Duration::from_secs(2));
    let error = inbox.idle_with(&options).unwrap().done().unwrap_err();
    let is_timeout = matches!(close_reason(&error), CloseReason::Timeout(..));
    assert!(is_timeout, "{error}");
    drop(inbox);
    server.finish();
}

#[test]
fn a_goodbye_is_told_after_the_events_before_it() {
    let (server, session) = selecting(
        r"
        C: {a} IDLE
        S-raw: + idling\r\n* 4 EXISTS\r\n* BYE [UNAVAILABLE] shutting down\r\n
        C-close
        ",
    );
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let mut idle = inbox.idle().unwrap();
    assert_eq!(idle.next().unwrap(), Some(MailboxEvent::Exists(4)));
    let error = idle.next().unwrap_err();
    match close_reason(&error) {
        CloseReason::Bye { text, .. } => assert_eq!(text, "shutting down"),
        other => panic!("{other}"),
    }
    assert_ended(&mut idle, IdleEnd::Failed);
    assert!(idle.done().unwrap_err().is_closed());
    drop(inbox);
    server.finish();
}

#[test]
fn q56_the_end_of_the_stream_is_told_after_the_events_before_it() {
    for end in ["close", "reset"] {
        let (server, session) = selecting(&format!(
            "C: {{a}} IDLE\nS: + idling\nS: * 4 EXISTS\ntaken\nwait: heard\n{end}\n"
        ));
        let mut inbox = session.lock_mailbox("INBOX").unwrap();
        let mut idle = inbox.idle().unwrap();
        assert_exists(&mut idle, 4);
        server.go("heard");
        let error = idle.next().unwrap_err();
        match (&error, end) {
            (Error::Closed(closed), _) => assert_eq!(closed.effect(), Effect::None),
            (other, _) => panic!("{other}"),
        }
        let reason = close_reason(&error);
        assert!(
            matches!(reason, CloseReason::Eof | CloseReason::Io(_)),
            "{end}: {reason}"
        );
        server.finish();
    }
}

#[test]
fn a_flood_without_news_does_not_hold_up_a_caller_whose_time_is_over() {
    let (server, session) = selecting(
        r"
        C: {a} IDLE
        S: + idling
        S-fill: 20000 * OK Still here\r\n
        S: * 4 EXISTS
        signal: sent
        C: DONE
        S: {a} OK done
        ",
    );
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let mut idle = inbox.idle().unwrap();
    server.reached("sent");
    assert_eq!(idle.try_next().unwrap(), None);
    assert_eq!(idle.next().unwrap(), Some(MailboxEvent::Exists(4)));
    idle.done().unwrap();
    server.finish();
}

#[test]
fn a_flood_does_not_keep_a_stop_from_being_seen() {
    let (server, session) = selecting(
        r"
        C: {a} IDLE
        S: + idling
        S-fill: 200000 * OK Still here\r\n
        C: DONE
        S: {a} OK done
        ",
    );
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let mut idle = inbox.idle().unwrap();
    idle.stop_handle().stop();
    assert_ended(&mut idle, IdleEnd::Stopped);
    server.finish();
}

#[test]
fn a_stop_before_the_wait_is_not_missed() {
    let (server, session) = selecting(
        "
        C: {a} IDLE
        S: + idling
        C: DONE
        S: {a} OK done
        C: {b} NOOP
        S: {b} OK
        ",
    );
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let stop = StopHandle::new();
    let options = IdleOptions::new().stop_handle(&stop);
    let mut idle = inbox.idle_with(&options).unwrap();
    thread::scope(|scope| {
        scope.spawn(|| stop.stop()).join().unwrap();
    });
    assert_ended(&mut idle, IdleEnd::Stopped);
    drop(idle);
    // Used up: the next one sends nothing at all.
    let mut idle = inbox.idle_with(&options).unwrap();
    assert_eq!(idle.end_reason(), Some(IdleEnd::Stopped));
    assert_ended(&mut idle, IdleEnd::Stopped);
    drop(idle);
    inbox.refresh().unwrap();
    server.finish();
}

#[test]
fn a_stop_from_another_thread_ends_the_wait() {
    let (server, session) =
        selecting("C: {a} IDLE\nS: + idling\nsignal: idling\nC: DONE\nS: {a} OK done\n");
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let mut idle = inbox.idle().unwrap();
    let stop = idle.stop_handle();
    thread::scope(|scope| {
        scope.spawn(|| {
            server.reached("idling");
            (0..1000).for_each(|_| stop.stop());
        });
        assert_ended(&mut idle, IdleEnd::Stopped);
    });
    server.finish();
}

#[test]
fn attack_094_a_stop_and_data_at_once_are_one_done_and_no_lost_event() {
    let (server, session) = selecting(
        "
        C: {a} IDLE
        S: + idling
        S: * 4 EXISTS
        signal: sent
        C: DONE
        S: * 5 EXISTS
        S: {a} OK done
        C: {b} NOOP
        S: {b} OK
        ",
    );
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let mut idle = inbox.idle().unwrap();
    server.reached("sent");
    idle.stop_handle().stop();
    assert_exists(&mut idle, 4);
    assert_exists(&mut idle, 5);
    assert_ended(&mut idle, IdleEnd::Stopped);
    idle.done().unwrap();
    inbox.refresh().unwrap();
    server.finish();
}

#[test]
fn a_close_handle_ends_the_wait_at_once() {
    let (server, session) = selecting("C: {a} IDLE\nS: + idling\nsignal: idling\nC-close\n");
    let close_handle = session.close_handle();
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let mut idle = inbox.idle().unwrap();
    thread::scope(|scope| {
        scope.spawn(|| {
            server.reached("idling");
            close_handle.close();
        });
        let error = idle.next().unwrap_err();
        assert!(matches!(close_reason(&error), CloseReason::Cancelled));
    });
    server.finish();
}

#[test]
fn a_session_command_of_the_idling_thread_is_an_error() {
    let (server, session) =
        selecting("C: {a} IDLE\nS: + idling\nC: DONE\nS: {a} OK done\nC: {b} NOOP\nS: {b} OK\n");
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let idle = inbox.idle().unwrap();
    assert!(matches!(session.noop(), Err(Error::StreamOpen)));
    drop(idle);
    session.noop().unwrap();
    server.finish();
}
