//! Stopping what a guard does from another thread: where it ends, what the error says of the command,
//! and that the session continues.

use std::thread;
use std::time::{Duration, Instant};

use latchbox::command::IdleEnd;
use latchbox::types::{FetchItem, Flag, Section, StoreAction, Uid, UidSet};
use latchbox::{Backoff, Error, MailboxGuard, ReadWrite, Session, StopHandle};
use latchbox_testkit::{Server, message};

use crate::scripted::{logged_in, selecting, selecting_with};
use crate::sessions::{account, builder, plaintext_session, played, until_hung_up, until_waiting};
use crate::support::script::Script;

/// INBOX, held by a guard that this stops.
#[track_caller]
fn stoppable<'s>(session: &'s Session, stop: &StopHandle) -> MailboxGuard<'s, ReadWrite> {
    session.mailbox("INBOX").stop_handle(stop).lock().unwrap()
}

#[track_caller]
fn assert_stopped<T: std::fmt::Debug>(outcome: latchbox::Result<T>, command: &str) {
    let error = outcome.unwrap_err();
    assert!(error.is_cancelled() && !error.is_closed() && !error.is_timeout());
    assert!(
        !error.is_busy() && !error.may_have_taken_effect(),
        "{error}"
    );
    let Error::Cancelled(cancelled) = &error else {
        panic!("{error}");
    };
    assert_eq!(cancelled.command(), command);
    assert_eq!(
        error.to_string(),
        format!("{command}: cancelled by its StopHandle")
    );
}

fn uids(set: &str) -> UidSet {
    set.parse().unwrap()
}

#[test]
fn a_wait_for_the_lock_ends_and_others_go_on_waiting() {
    let server = Server::builder()
        .mailbox("INBOX", [message("a", "ann@example.com", "b")])
        .start()
        .unwrap();
    let session = plaintext_session(&server);
    let (stop, other) = (StopHandle::new(), StopHandle::new());
    let held = session.lock_mailbox("INBOX").unwrap();
    let lock = |stop: &StopHandle| session.mailbox("INBOX").stop_handle(stop).lock().map(drop);
    thread::scope(|scope| {
        let stopped = scope.spawn(|| lock(&stop));
        until_waiting(&session, 1);
        let patient = scope.spawn(|| lock(&other));
        until_waiting(&session, 2);
        stop.stop();
        assert_stopped(stopped.join().unwrap(), "lock");
        assert_eq!(session.lock_state().waiting(), 1);
        drop(held);
        patient.join().unwrap().unwrap();
    });
}

#[test]
fn a_lock_with_a_used_handle_sends_nothing() {
    let (server, session) = logged_in("");
    let stop = StopHandle::new();
    stop.stop();
    let locked = session.mailbox("INBOX").stop_handle(&stop).lock();
    assert_stopped(locked.map(drop), "lock");
    assert!(session.lock_state().holders().is_empty());
    drop(session);
    server.finish();
}

#[test]
fn a_stream_ends_between_two_messages_and_the_session_continues() {
    let (server, session) = selecting(
        r"
        C: {f} UID FETCH 1:9 (FLAGS)
        S: * 1 FETCH (UID 1 FLAGS ())
        S: * 2 FETCH (UID 2 FLAGS ())
        S: {f} OK done
        C: {n} NOOP
        S: {n} OK done
        C: {s} UID SEARCH ALL
        S: * SEARCH 1
        S: {s} OK done
        ",
    );
    let stop = StopHandle::new();
    let mut inbox = stoppable(&session, &stop);
    let mut messages = inbox.fetch(&uids("1:9"), [FetchItem::Flags]).unwrap();
    assert_eq!(
        messages.next().unwrap().unwrap().uid(),
        Uid::new(1).unwrap()
    );
    stop.stop();
    assert_stopped(
        messages.next().map(|message| message.is_some()),
        "UID FETCH",
    );
    assert!(messages.next().is_err(), "the error stays");
    drop(messages);
    assert_stopped(inbox.refresh(), "NOOP");
    assert_stopped(
        inbox.store(&uids("1"), StoreAction::Add, [Flag::Seen]),
        "UID STORE",
    );
    session.noop().unwrap();
    drop(inbox);
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    assert_eq!(
        inbox.search(latchbox::types::SearchKey::All).unwrap().len(),
        1
    );
    drop(inbox);
    drop(session);
    server.finish();
}

#[test]
fn a_fetch_that_marks_as_seen_may_have_done_so_for_messages_that_are_not_returned() {
    let (server, session) = selecting(
        r"
        C: {f} UID FETCH 1:9 (BODY[TEXT])
        S: * 1 FETCH (UID 1 BODY[TEXT] x)
        S: * 2 FETCH (UID 2 BODY[TEXT] y)
        S: {f} OK done
        ",
    );
    let stop = StopHandle::new();
    let mut inbox = stoppable(&session, &stop);
    let items = [FetchItem::BodyAndMarkSeen(Section::whole().text())];
    let mut messages = inbox.fetch(&uids("1:9"), items).unwrap();
    assert!(messages.next().unwrap().is_some());
    stop.stop();
    let error = messages.next().map(drop).unwrap_err();
    assert!(error.is_cancelled() && error.may_have_taken_effect());
    drop(messages);
    drop(inbox);
    drop(session);
    server.finish();
}

#[test]
fn a_download_ends_between_two_pieces() {
    let (server, session) = selecting(
        r"
        C: {f} UID FETCH 1 (UID BODY.PEEK[])
        S: * 1 FETCH (UID 1 BODY[] {8}
        S: 01234567)
        S: {f} OK done
        C: {n} NOOP
        S: {n} OK done
        ",
    );
    let stop = StopHandle::new();
    let mut inbox = stoppable(&session, &stop);
    let mut download = inbox
        .download(Uid::new(1).unwrap(), &Section::whole())
        .unwrap();
    let mut place = [0; 4];
    assert_eq!(std::io::Read::read(&mut download, &mut place).unwrap(), 4);
    stop.stop();
    let error = std::io::Read::read(&mut download, &mut place).unwrap_err();
    assert!(error.to_string().contains("cancelled"), "{error}");
    drop(download);
    drop(inbox);
    session.noop().unwrap();
    drop(session);
    server.finish();
}

/// The thread that stops it knows that the first command is in flight.
#[test]
fn a_call_of_several_commands_ends_between_two_and_says_what_was_done() {
    let (server, session) = selecting_with(
        "IMAP4rev1 UIDPLUS MESSAGELIMIT=2",
        r"
        C: {a} UID STORE 1:9 +FLAGS (\Seen)
        signal: first
        wait: stopped
        S: * 3 FETCH (UID 9 FLAGS (\Seen))
        S: * NO [MESSAGELIMIT 2 7] for two
        S: {a} OK done
        ",
        |builder| builder,
    );
    let stop = StopHandle::new();
    let mut inbox = stoppable(&session, &stop);
    let stored = thread::scope(|scope| {
        scope.spawn(|| {
            server.reached("first");
            stop.stop();
            server.go("stopped");
        });
        inbox.store(&uids("1:9"), StoreAction::Add, [Flag::Seen])
    });
    let error = stored.unwrap_err();
    assert!(error.is_cancelled() && !error.is_closed() && error.may_have_taken_effect());
    let Error::Unfinished(unfinished) = &error else {
        panic!("{error}");
    };
    assert!(matches!(unfinished.cause(), Error::Cancelled(_)));
    assert_eq!(unfinished.not_done().to_string(), "1:6");
    drop(inbox);
    drop(session);
    server.finish();
}

/// Messages that other clients have flagged get their flags again, by commands of several parts.
#[test]
fn steps_that_would_leave_messages_half_changed_are_completed() {
    let (server, session) = selecting_with(
        "IMAP4rev1 MESSAGELIMIT=1",
        r"
        C: {a} UID STORE 1 +FLAGS.SILENT (\Deleted)
        S: {a} OK done
        C: {b} UID FETCH 1:* (FLAGS)
        S: * 1 FETCH (UID 1 FLAGS (\Deleted))
        S: * 2 FETCH (UID 2 FLAGS (\Deleted))
        S: * 3 FETCH (UID 3 FLAGS (\Deleted))
        S: {b} OK done
        C: {c} UID STORE 2 -FLAGS.SILENT (\Deleted)
        signal: spared
        wait: stopped
        S: {c} OK done
        C: {c} UID STORE 3 -FLAGS.SILENT (\Deleted)
        S: {c} OK done
        C: {b} UID FETCH 1:* (FLAGS)
        S: * 1 FETCH (UID 1 FLAGS (\Deleted))
        S: * 2 FETCH (UID 2 FLAGS ())
        S: * 3 FETCH (UID 3 FLAGS ())
        S: {b} OK done
        C: {d} EXPUNGE
        S: * 1 EXPUNGE
        S: {d} OK done
        C: {e} UID STORE 2 +FLAGS.SILENT (\Deleted)
        S: {e} OK done
        C: {e} UID STORE 3 +FLAGS.SILENT (\Deleted)
        S: {e} OK done
        ",
        |builder| builder,
    );
    let stop = StopHandle::new();
    let mut inbox = stoppable(&session, &stop);
    let deleted = thread::scope(|scope| {
        scope.spawn(|| {
            server.reached("spared");
            stop.stop();
            server.go("stopped");
        });
        let set = uids("1");
        inbox.run(latchbox::command::DeleteMessages::new(&set).unflag_others())
    });
    deleted.unwrap();
    assert_stopped(inbox.refresh(), "NOOP");
    drop(inbox);
    drop(session);
    server.finish();
}

/// What was copied by a move without MOVE is removed from its mailbox.
#[test]
fn the_rest_of_a_move_of_several_commands_is_completed() {
    let (server, session) = selecting_with(
        "IMAP4rev1 UIDPLUS MESSAGELIMIT=1",
        r#"
        C: {a} UID SEARCH UID 1:2
        S: * SEARCH 1 2
        S: {a} OK done
        C: {a} UID SEARCH UID 1:2 DELETED
        S: * SEARCH
        S: {a} OK done
        C: {b} UID COPY 1 "Archive"
        S: {b} OK [COPYUID 7 1 8] done
        C: {b} UID COPY 2 "Archive"
        S: {b} OK [COPYUID 7 2 9] done
        C: {c} UID STORE 1 +FLAGS.SILENT (\Deleted)
        signal: copied
        wait: stopped
        S: {c} OK done
        C: {c} UID STORE 2 +FLAGS.SILENT (\Deleted)
        S: {c} OK done
        C: {d} UID EXPUNGE 1
        S: * 1 EXPUNGE
        S: {d} OK done
        C: {d} UID EXPUNGE 2
        S: * 1 EXPUNGE
        S: {d} OK done
        "#,
        |builder| builder,
    );
    let stop = StopHandle::new();
    let mut inbox = stoppable(&session, &stop);
    let moved = thread::scope(|scope| {
        scope.spawn(|| {
            server.reached("copied");
            stop.stop();
            server.go("stopped");
        });
        inbox.move_to(&uids("1:2"), "Archive")
    });
    assert_eq!(moved.unwrap().pairs().count(), 2);
    assert_stopped(inbox.refresh(), "NOOP");
    drop(inbox);
    drop(session);
    server.finish();
}

#[test]
fn an_idle_is_ended_by_the_handle_of_its_guard() {
    let (server, session) = selecting_with(
        "IMAP4rev1 IDLE",
        "
        C: {i} IDLE
        S: + idling
        signal: idling
        C: DONE
        S: {i} OK done
        C: {n} NOOP
        S: {n} OK done
        ",
        |builder| builder,
    );
    let stop = StopHandle::new();
    let mut inbox = stoppable(&session, &stop);
    thread::scope(|scope| {
        scope.spawn(|| {
            server.reached("idling");
            stop.stop();
        });
        let mut idle = inbox.idle().unwrap();
        assert!(idle.next().unwrap().is_none());
        assert_eq!(idle.end_reason(), Some(IdleEnd::Stopped));
    });
    assert_stopped(inbox.idle().map(drop), "IDLE");
    drop(inbox);
    session.noop().unwrap();
    drop(session);
    server.finish();
}

/// How long what is stopped would wait.
const MINUTE: Duration = Duration::from_secs(60);

/// Runs `call`, which is stopped once the server has come to its signal `waiting`.
fn stopped_in_its_wait<T>(server: &Script, stop: &StopHandle, call: impl FnOnce() -> T) -> T {
    let began = Instant::now();
    let outcome = thread::scope(|scope| {
        scope.spawn(|| {
            server.reached("waiting");
            stop.stop();
        });
        call()
    });
    assert!(began.elapsed() < MINUTE / 2, "the wait was not ended");
    outcome
}

const THROTTLED: &str = "
    C: {f} UID FETCH %
    S: {f} NO [THROTTLED] wait 1 minute
    signal: waiting
    C: {n} NOOP
    S: {n} OK done
    ";

fn throttled(fetch: &str) -> (Script, Session) {
    let script = THROTTLED.replace('%', fetch);
    selecting_with("IMAP4rev1", &script, |builder| {
        builder.wait_when_throttled(10 * MINUTE)
    })
}

#[test]
fn a_stream_that_waits_for_a_throttling_server_ends() {
    let (server, session) = throttled("1:9 (FLAGS)");
    let stop = StopHandle::new();
    let mut inbox = stoppable(&session, &stop);
    let mut messages = inbox.fetch(&uids("1:9"), [FetchItem::Flags]).unwrap();
    let next = stopped_in_its_wait(&server, &stop, || messages.next().map(drop));
    assert_stopped(next, "UID FETCH");
    drop(messages);
    drop(inbox);
    session.noop().unwrap();
    drop(session);
    server.finish();
}

#[test]
fn a_download_that_waits_for_a_throttling_server_ends() {
    let (server, session) = throttled("1 (UID BODY.PEEK[])");
    let stop = StopHandle::new();
    let mut inbox = stoppable(&session, &stop);
    let (uid, whole) = (Uid::new(1).unwrap(), Section::whole());
    let download = stopped_in_its_wait(&server, &stop, || inbox.download(uid, &whole).map(drop));
    assert_stopped(download, "UID FETCH");
    drop(inbox);
    session.noop().unwrap();
    drop(session);
    server.finish();
}

#[test]
fn a_lock_that_waits_for_its_next_attempt_to_reconnect_ends() {
    let server = played(
        "
        hello
        cut
        accept
        S: * BYE [UNAVAILABLE] too busy
        signal: waiting
        close
        ",
    );
    let (account, asked) = account(builder(server.port()));
    let backoff = Backoff::new().initial_delay(MINUTE).max_delay(MINUTE);
    let session = account.reconnecting(backoff).open().unwrap();
    until_hung_up(server.port());
    let stop = StopHandle::new();
    let request = session.mailbox("INBOX").stop_handle(&stop);
    let locked = stopped_in_its_wait(&server, &stop, || request.lock().map(drop));
    assert_stopped(locked, "lock");
    assert_eq!(asked.times(), 2);
    // The wait of the account goes on for all other locks.
    let other = session.mailbox("INBOX").timeout(Duration::ZERO);
    assert!(other.lock().unwrap_err().is_timeout());
    assert!(session.lock_state().holders().is_empty());
    server.finish();
}
