//! Commands of the session on a connection that was lost: they reconnect in their turn, before
//! anything of them is sent, and nothing is sent twice.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use latchbox::command::IdleOptions;
use latchbox::command::Status;
use latchbox::types::{SearchKey, StatusItem};
use latchbox::{Account, Credentials, Error, Session};
use latchbox_testkit::{NewMessage, PASSWORD, Server, USER};

use super::{at_once, reconnecting};
use crate::sessions::{
    LONG, account, assert_cancelled, assert_closed, builder, played, session, until_hung_up,
};

type Command = (&'static str, fn(&Session) -> latchbox::Result<()>);

/// One of each way in which a session sends something.
const COMMANDS: [Command; 13] = [
    ("noop", |session| session.noop()),
    ("status", |session| {
        let status = session.status("INBOX", [StatusItem::Messages])?;
        assert_eq!(status.messages(), Some(0));
        Ok(())
    }),
    ("list", |session| {
        assert!(!session.list("*")?.is_empty());
        Ok(())
    }),
    ("append", |session| {
        session.append("Sent", b"Subject: x\r\n\r\nx\r\n").map(drop)
    }),
    ("create", |session| session.create("Made").map(drop)),
    ("rename", |session| session.rename("Made", "Renamed")),
    ("subscribe", |session| session.subscribe("Renamed")),
    ("delete", |session| session.delete("Renamed")),
    ("capabilities", |session| session.capabilities().map(drop)),
    ("namespace", |session| session.namespace().map(drop)),
    ("special_mailboxes", |session| {
        session.special_mailboxes().map(drop)
    }),
    ("pipeline", |session| {
        let (status,) = session.pipeline((Status::new("INBOX", [StatusItem::Messages])?,))?;
        status.map(drop)
    }),
    ("notifications", |session| {
        let mut notifications = session.notifications(&IdleOptions::new())?;
        notifications.try_next().map(drop)
    }),
];

#[test]
fn fault_60_the_user_was_kicked_and_every_command_of_the_session_works() {
    let none = Vec::<NewMessage>::new;
    let server = Server::builder()
        .mailbox("INBOX", none())
        .mailbox("Sent", none())
        .start()
        .unwrap();
    let asked = Arc::new(AtomicUsize::new(0));
    let counting = Arc::clone(&asked);
    let account = Account::new(builder(server.port()), move |_| {
        counting.fetch_add(1, Ordering::SeqCst);
        Ok(Credentials::login(USER, PASSWORD))
    });
    let session = account.reconnecting(at_once()).open().unwrap();
    for (number, (name, command)) in COMMANDS.into_iter().enumerate() {
        server.kick();
        until_hung_up(server.port());
        command(&session).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(asked.load(Ordering::SeqCst), number + 2, "{name}");
        command_again(name, command, &session);
        assert_eq!(asked.load(Ordering::SeqCst), number + 2, "{name}");
    }
    assert_eq!(server.messages("Sent").len(), 2, "each twice, and no more");
}

/// On the living connection it does not reconnect. What cannot be done twice is left out.
fn command_again(name: &str, command: fn(&Session) -> latchbox::Result<()>, session: &Session) {
    if !["create", "rename", "delete"].contains(&name) {
        command(session).unwrap_or_else(|error| panic!("{name} once more: {error}"));
    }
}

#[test]
fn fault_60_without_an_account_a_command_says_that_nothing_was_sent() {
    let server = played("hello\ncut");
    let session = session(server.port());
    until_hung_up(server.port());
    for (name, command) in COMMANDS {
        let error = command(&session).map(drop).unwrap_err();
        assert!(error.is_closed(), "{name}: {error}");
        assert!(!error.may_have_taken_effect(), "{name}: {error}");
    }
    server.finish();
}

#[test]
fn fault_60_a_message_whose_append_was_cut_off_is_not_sent_again() {
    let server = played(
        r#"
        hello
        C: {a} APPEND "Sent" {12+}
        C-literal: 12
        C:
        cut
        accept
        hello: pass2
        C: {s} STATUS "Sent" (MESSAGES)
        S: * STATUS "Sent" (MESSAGES 1)
        S: {s} OK done
        "#,
    );
    let (session, asked) = reconnecting(&server);
    let error = session.append("Sent", b"Subject: x\r\n").unwrap_err();
    assert!(
        error.is_closed() && error.may_have_taken_effect(),
        "{error}"
    );
    assert_eq!(asked.times(), 1, "who was sent is not tried again");
    let status = session.status("Sent", [StatusItem::Messages]).unwrap();
    assert_eq!(status.messages(), Some(1));
    assert_eq!(asked.times(), 2);
    let heard = server.finish();
    assert_eq!(heard.matches("APPEND").count(), 1, "{heard}");
}

/// A literal that is waited for: half of the command was sent, and that is enough.
#[test]
fn fault_60_a_command_that_was_cut_off_in_the_middle_is_not_sent_again() {
    let server = played(
        r#"
        hello
        C-start: {a} CREATE
        cut
        accept
        hello: pass2
        noop
        "#,
    );
    let (session, asked) = reconnecting(&server);
    let error = session.create("Box").unwrap_err();
    assert!(error.may_have_taken_effect(), "{error}");
    assert_eq!(asked.times(), 1);
    session.noop().unwrap();
    let heard = server.finish();
    assert_eq!(heard.matches("CREATE").count(), 1, "{heard}");
}

#[test]
fn fault_60_on_the_thread_that_holds_a_guard_nothing_reconnects() {
    let server = played(
        "
        hello
        select: INBOX
        cut
        accept
        hello: pass2
        noop
        select: INBOX
        ",
    );
    let (session, asked) = reconnecting(&server);
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    until_hung_up(server.port());
    for _ in 0..2 {
        let error = session.noop().unwrap_err();
        assert!(error.is_closed(), "{error}");
        assert!(inbox.refresh().unwrap_err().is_closed());
        assert!(session.list("*").unwrap_err().is_closed());
    }
    assert_eq!(asked.times(), 1);
    drop(inbox);
    session.noop().unwrap();
    assert_eq!(asked.times(), 2);
    drop(session.lock_mailbox("INBOX").unwrap());
    server.finish();
}

#[test]
fn fault_60_many_commands_at_once_cause_one_reconnection() {
    let noops = "noop\n".repeat(8);
    let server = played(&format!("hello\ncut\naccept\nhello: pass2\n{noops}"));
    let (session, asked) = reconnecting(&server);
    until_hung_up(server.port());
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| session.noop().unwrap());
        }
    });
    assert_eq!(asked.times(), 2);
    server.finish();
}

#[test]
fn fault_60_a_session_does_not_reconnect_in_order_to_end() {
    // Not noticed yet, and noticed by a command of a guard.
    for is_noticed in [false, true] {
        let server = played("hello\nselect: INBOX\ncut");
        let (session, asked) = reconnecting(&server);
        let mut inbox = session.lock_mailbox("INBOX").unwrap();
        until_hung_up(server.port());
        if is_noticed {
            assert!(inbox.refresh().unwrap_err().is_closed());
        }
        drop(inbox);
        let ended = session.logout();
        assert_eq!(ended.is_err_and(|error| error.is_closed()), is_noticed);
        assert_eq!(asked.times(), 1);
        server.finish();
    }
    let server = played("hello\ncut");
    let (session, asked) = reconnecting(&server);
    until_hung_up(server.port());
    assert!(session.unauthenticate().is_err());
    assert_eq!(asked.times(), 1);
    server.finish();
}

#[test]
fn fault_60_a_session_that_was_closed_stays_closed() {
    let server = played("hello\ncut");
    let (session, asked) = reconnecting(&server);
    until_hung_up(server.port());
    session.close_handle().close();
    for (_, command) in COMMANDS {
        assert_cancelled(command(&session));
    }
    assert_eq!(asked.times(), 1);
    server.finish();
}

#[test]
fn fault_60_the_deadline_of_the_turn_covers_the_reconnection() {
    let server = played(
        "
        hello
        cut
        accept
        stall
        accept
        hello: pass3
        select: INBOX
        ",
    );
    let (account, asked) = account(builder(server.port()).turn_timeout(Duration::from_secs(3)));
    let session = account.reconnecting(at_once()).open().unwrap();
    until_hung_up(server.port());
    let error = session.noop().unwrap_err();
    assert!(
        error.is_timeout() && !error.may_have_taken_effect(),
        "{error}"
    );
    assert_eq!(asked.times(), 2);
    drop(session.lock_mailbox("INBOX").unwrap());
    server.finish();
}

/// The server hung up while the answer to another thread's command was due: who waited is told, and
/// who comes later reconnects.
#[test]
fn fault_60_who_waited_when_the_connection_broke_is_told() {
    let server = played(
        "
        hello
        C: {n} NOOP
        signal: sent
        wait: lost
        cut
        accept
        hello: pass2
        noop
        ",
    );
    let (session, asked) = reconnecting(&server);
    thread::scope(|scope| {
        let first = scope.spawn(|| session.noop());
        server.reached("sent");
        let waiting = scope.spawn(|| session.noop());
        crate::sessions::until_waiting(&session, 1);
        server.go("lost");
        assert_closed(first.join().unwrap(), false);
        assert_closed(waiting.join().unwrap(), false);
    });
    assert_eq!(asked.times(), 1);
    session.noop().unwrap();
    server.finish();
}

#[test]
fn notifications_on_a_dead_session_are_an_error_without_an_account_and_reconnect_with_one() {
    let server = played("hello\ncut");
    let plain = session(server.port());
    until_hung_up(server.port());
    for _ in 0..2 {
        assert_closed(plain.notifications(&IdleOptions::new()), false);
    }
    server.finish();
    let server = played("hello\ncut\naccept\nhello: pass2\nS: * OK [ALERT] hello again");
    let (session, asked) = reconnecting(&server);
    until_hung_up(server.port());
    let mut notifications = session.notifications(&IdleOptions::new()).unwrap();
    assert_eq!(asked.times(), 2);
    let event = notifications.next_timeout(LONG).unwrap().unwrap();
    assert!(event.to_string().contains("hello again"), "{event}");
    drop(notifications);
    server.finish();
}

/// What was leaked in one turn disturbs no command of the next.
#[test]
fn a_forgotten_stream_is_read_to_its_end_by_the_next_command_of_the_session() {
    let server = played(
        "
        hello
        select: INBOX
        C-start: {f} UID FETCH 1:*
        S: * 1 FETCH (UID 1 FLAGS ())
        S: * 2 FETCH (UID 2 FLAGS ())
        wait: rest
        S: * 3 FETCH (UID 3 FLAGS ())
        S: {f} OK done
        noop
        C-start: {g} UID FETCH 1:*
        S: * 1 FETCH (UID 1 FLAGS ())
        S: {g} OK done
        C: {s} UID SEARCH ALL
        S: * SEARCH 1
        S: {s} OK done
        noop
        ",
    );
    let session = session(server.port());
    let all = latchbox::types::UidSet::all();
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let mut messages = inbox
        .fetch(&all, [latchbox::types::FetchItem::Flags])
        .unwrap();
    assert!(messages.next().unwrap().is_some());
    std::mem::forget(messages);
    // On this thread it may still be read.
    assert!(matches!(session.noop(), Err(Error::StreamOpen)));
    drop(inbox);
    server.go("rest");
    session.noop().unwrap();
    // Under the guard its own next command reads it to its end.
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let mut messages = inbox
        .fetch(&all, [latchbox::types::FetchItem::Flags])
        .unwrap();
    assert!(messages.next().unwrap().is_some());
    std::mem::forget(messages);
    assert_eq!(inbox.search(SearchKey::All).unwrap().len(), Some(1));
    session.noop().unwrap();
    drop(inbox);
    server.finish();
}

/// The turn is for the options of a lock as well.
#[test]
fn fault_60_a_lock_that_does_not_wait_reconnects_too() {
    let server = played("hello\ncut\naccept\nhello: pass2\nselect: INBOX");
    let (session, asked) = reconnecting(&server);
    until_hung_up(server.port());
    drop(session.try_lock_mailbox("INBOX").unwrap());
    assert_eq!(asked.times(), 2);
    server.finish();
}
