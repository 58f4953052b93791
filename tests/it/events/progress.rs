//! The progress of long calls, for a function of the program.

use std::sync::{Arc, Mutex};

use latchbox::types::{FetchItem, NewMessage, Progress, ProgressUnit, UidSet};
use latchbox::{Account, Backoff, Credentials, Error, Session};
use latchbox_testkit::{PASSWORD, Server, USER, message};

use crate::scripted::{logged_in, selecting};
use crate::sessions::{builder, plaintext_session, until_hung_up};

type Seen = Arc<Mutex<Vec<Progress>>>;

/// Command, done and total of all that the session reports from now on.
fn watched(session: &Session) -> Seen {
    let seen = Seen::default();
    let own = Arc::clone(&seen);
    let push = move |progress| own.lock().unwrap().push(progress);
    session.on_progress(push).unwrap();
    seen
}

fn taken(seen: &Seen) -> Vec<(&'static str, u64, Option<u64>, ProgressUnit)> {
    let taken = std::mem::take(&mut *seen.lock().unwrap());
    let plain = taken.into_iter();
    plain
        .map(|p| (p.command, p.done, p.total, p.unit))
        .collect()
}

#[test]
fn what_the_server_reports() {
    let (server, session) = logged_in(
        r#"
        C: {n} NOOP
        S: * OK [INPROGRESS ("{n}" 1 10)] begun
        S: * OK [INPROGRESS ("{n}" 7 10)] still at it
        S: * OK [INPROGRESS] patience
        S: * OK [INPROGRESS ("nobody" 1 2)] of what?
        S: {n} OK done
        "#,
    );
    let seen = watched(&session);
    session.noop().unwrap();
    let server_unit = ProgressUnit::Server;
    assert_eq!(
        taken(&seen),
        [
            ("NOOP", 1, Some(10), server_unit),
            ("NOOP", 7, Some(10), server_unit),
            ("NOOP", 0, None, server_unit),
        ]
    );
    assert_eq!(session.events().len(), 1, "it is an event as well");
    server.finish();
}

#[test]
fn a_large_message_in_memory_is_reported_as_it_is_sent_and_stored_as_it_is() {
    let server = Server::start().unwrap();
    let session = plaintext_session(&server);
    let text = format!("Subject: large\r\n\r\n{}\r\n", "x".repeat(200_000));
    let total = text.len() as u64;
    session.append("INBOX", &text).unwrap();
    let seen = watched(&session);
    session.append("INBOX", &text).unwrap();
    let octets = taken(&seen);
    assert_eq!(octets.len(), 4, "{octets:?}");
    assert!(
        octets.is_sorted_by(|one, other| one.1 < other.1),
        "{octets:?}"
    );
    let end = ("APPEND", total, Some(total), ProgressUnit::Octets);
    assert_eq!(octets.last(), Some(&end));
    session
        .append("INBOX", NewMessage::from_reader(text.as_bytes(), total))
        .unwrap();
    assert_eq!(taken(&seen).last(), Some(&end));
    session
        .append("INBOX", "Subject: small\r\n\r\nx\r\n")
        .unwrap();
    assert!(taken(&seen).is_empty(), "it is sent at once");
    // A NUL needs a form of its own.
    session.append("INBOX", &text.replace("xx", "\0x")).unwrap();
    assert!(taken(&seen).is_empty());
    let stored = server.messages("INBOX");
    let is_whole = |bytes: &[u8]| bytes == text.as_bytes();
    let whole = stored.iter().filter(|stored| is_whole(&stored.bytes));
    assert_eq!(whole.count(), 3);
}

#[test]
fn the_parts_of_a_copy_and_the_rows_of_a_fetch() {
    let server = Server::builder()
        .mailbox(
            "INBOX",
            (0..3).map(|_| message("x", "ann@example.com", "y")),
        )
        .mailbox("Archive", Vec::<latchbox_testkit::NewMessage>::new())
        .start()
        .unwrap();
    let session = plaintext_session(&server);
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let seen = watched(&session);
    let first: UidSet = "1:2".parse().unwrap();
    inbox.copy(&first, "Archive").unwrap();
    let messages = ProgressUnit::Messages;
    assert_eq!(taken(&seen), [("UID COPY", 2, Some(2), messages)]);
    // Every second one of many needs several commands.
    let many: Vec<_> = (1..20_000).step_by(2).map(|uid| uid.to_string()).collect();
    let many: UidSet = many.join(",").parse().unwrap();
    inbox.copy(&many, "Archive").unwrap();
    let parts = taken(&seen);
    assert!(parts.len() > 2, "{parts:?}");
    assert_eq!(
        parts.last(),
        Some(&("UID COPY", 10_000, Some(10_000), messages))
    );
    assert!(
        parts.is_sorted_by(|one, other| one.1 < other.1),
        "{parts:?}"
    );
    inbox.move_to(&first, "Archive").unwrap();
    assert_eq!(taken(&seen), [("UID MOVE", 2, Some(2), messages)]);
    let rows = inbox.fetch(&UidSet::all(), [FetchItem::Flags]).unwrap();
    assert_eq!(rows.into_iter().count(), 1);
    assert_eq!(taken(&seen), [("UID FETCH", 1, Some(1), messages)]);
}

#[test]
fn a_function_that_panics_leaves_the_connection_usable() {
    let (server, session) = logged_in(
        r#"
        C: {n} NOOP
        S: * OK [INPROGRESS ("{n}" 1 2)] begun
        S: {n} OK done
        C: {m} NOOP
        S: {m} OK done
        "#,
    );
    session.on_progress(|_| panic!("in the program")).unwrap();
    let call = std::panic::AssertUnwindSafe(|| session.noop());
    assert!(std::panic::catch_unwind(call).is_err());
    session.noop().unwrap();
    server.finish();
}

#[test]
fn the_function_cannot_use_the_session() {
    let (server, session) = selecting(
        r#"
        C: {n} NOOP
        S: * OK [INPROGRESS ("{n}" 1 2)] begun
        S: {n} OK done
        "#,
    );
    let session = Arc::new(session);
    let errors = Arc::new(Mutex::new(Vec::new()));
    let (own, kept) = (Arc::downgrade(&session), Arc::clone(&errors));
    let hook = move |_| {
        let session = own.upgrade().unwrap();
        kept.lock().unwrap().extend(session.noop().err());
    };
    let inbox = session.lock_mailbox("INBOX").unwrap();
    session.on_progress(hook).unwrap();
    session.noop().unwrap();
    let errors = errors.lock().unwrap();
    assert!(matches!(errors[..], [Error::StreamOpen]), "{errors:?}");
    drop(inbox);
    drop(session);
    server.finish();
}

#[test]
fn the_next_connection_reports_too() {
    let server = Server::start().unwrap();
    let account = Account::new(builder(server.port()), |_| {
        Ok(Credentials::login(USER, PASSWORD))
    });
    let session = account.reconnecting(Backoff::new()).open().unwrap();
    let seen = watched(&session);
    server.kick();
    until_hung_up(server.port());
    drop(session.lock_mailbox("INBOX").unwrap());
    let text = format!("Subject: large\r\n\r\n{}\r\n", "x".repeat(100_000));
    session.append("INBOX", &text).unwrap();
    assert_eq!(taken(&seen).len(), 2);
}
