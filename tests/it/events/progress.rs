//! The progress of long calls, for a function of the program.

use std::io::Read;
use std::sync::{Arc, Mutex};

use latchbox::types::{
    FetchItem, Flag, NewMessage, Progress, ProgressUnit, SearchKey, Section, StatusItem,
    StoreAction, Uid, UidSet,
};
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

/// A part in base64, whose octets are counted as they come.
#[test]
fn a_download_is_reported_as_it_comes() {
    let large = format!(
        "Content-Transfer-Encoding: base64\r\nContent-Type: application/octet-stream\r\n\r\n{}",
        format!("{}\r\n", "QUJD".repeat(19)).repeat(2_000)
    );
    let small = message("x", "ann@example.com", "y");
    let server = Server::builder()
        .mailbox("INBOX", [large.clone().into_bytes(), small])
        .without("BINARY")
        .start()
        .unwrap();
    let session = plaintext_session(&server);
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let seen = watched(&session);
    let (uid, whole) = (Uid::new(1).unwrap(), Section::whole());
    let octets = |seen: &Seen, total: u64| {
        let seen = taken(seen);
        let chunks = usize::try_from(total >> 16).unwrap();
        assert!(
            seen.len() >= chunks.min(2) && seen.len() <= chunks + 1,
            "{seen:?}"
        );
        assert!(seen.is_sorted_by(|one, other| one.1 < other.1), "{seen:?}");
        let end = ("UID FETCH", total, Some(total), ProgressUnit::Octets);
        assert_eq!(seen.last(), Some(&end));
        let is_alike = |p: &(_, _, _, ProgressUnit)| (p.0, p.2, p.3) == (end.0, end.2, end.3);
        assert!(seen.iter().all(is_alike), "{seen:?}");
    };
    let total = large.len() as u64;
    let mut download = inbox.download(uid, &whole).unwrap();
    download.copy_to(&mut std::io::sink()).unwrap();
    octets(&seen, total);
    let mut read = Vec::new();
    let mut download = inbox.download(uid, &whole).unwrap();
    download.read_to_end(&mut read).unwrap();
    octets(&seen, total);
    let structure = [FetchItem::BodyStructure];
    let described = inbox
        .fetch(&"1".parse::<UidSet>().unwrap(), structure)
        .unwrap();
    let described = described.into_iter().next().unwrap().unwrap();
    taken(&seen);
    let part = described.body_structure().unwrap().parts().next().unwrap();
    let mut download = inbox.download_part(uid, &part).unwrap();
    let decoded = download.copy_to(&mut std::io::sink()).unwrap();
    assert_eq!(decoded, 2_000 * 57);
    octets(&seen, 2_000 * 78);
    let other = Uid::new(2).unwrap();
    let mut download = inbox.download(other, &whole).unwrap();
    download.copy_to(&mut std::io::sink()).unwrap();
    assert_eq!(taken(&seen), [], "it comes at once");
    let mut downloads = inbox.download_each(&UidSet::all(), &whole).unwrap();
    while let Some(download) = downloads.next().unwrap() {
        download.copy_to(&mut std::io::sink()).unwrap();
    }
    let messages = ProgressUnit::Messages;
    let each = [1, 2].map(|done| ("UID FETCH", done, Some(2), messages));
    assert_eq!(taken(&seen), each);
}

#[test]
fn the_messages_of_a_store_an_expunge_and_of_batches() {
    let server = Server::builder()
        .mailbox(
            "INBOX",
            (0..5).map(|_| message("x", "ann@example.com", "y")),
        )
        .start()
        .unwrap();
    let session = plaintext_session(&server);
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let seen = watched(&session);
    let messages = ProgressUnit::Messages;
    let two: UidSet = "1:2".parse().unwrap();
    inbox.store(&two, StoreAction::Add, [Flag::Seen]).unwrap();
    assert_eq!(taken(&seen), [("UID STORE", 2, Some(2), messages)]);
    inbox.delete(&two).unwrap();
    let steps = ["UID STORE", "UID EXPUNGE"].map(|command| (command, 2, Some(2), messages));
    assert_eq!(taken(&seen), steps);
    let many: Vec<_> = (3..20_003).step_by(2).map(|uid| uid.to_string()).collect();
    let many: UidSet = many.join(",").parse().unwrap();
    inbox.delete(&many).unwrap();
    let parts = taken(&seen);
    for command in ["UID STORE", "UID EXPUNGE"] {
        let parts: Vec<_> = parts.iter().filter(|part| part.0 == command).collect();
        assert!(parts.len() > 2, "{parts:?}");
        assert!(
            parts.is_sorted_by(|one, other| one.1 < other.1),
            "{parts:?}"
        );
        assert_eq!(parts.last().unwrap().1, 10_000);
    }
    let last: UidSet = "4".parse().unwrap();
    inbox
        .store(&last, StoreAction::Add, [Flag::Deleted])
        .unwrap();
    taken(&seen);
    inbox.expunge_all_deleted().unwrap();
    assert_eq!(taken(&seen), [("EXPUNGE", 1, Some(1), messages)]);

    let texts = (0..5).map(|number| format!("Subject: {number}\r\n\r\nx\r\n").into_bytes());
    let texts: Vec<_> = texts.collect();
    let stored = session.append_each("INBOX", texts.iter().map(Vec::as_slice));
    assert!(stored.unwrap().all(|outcome| outcome.is_ok()));
    let each = |command| [1, 2, 3, 4, 5].map(|done| (command, done, Some(5), messages));
    assert_eq!(taken(&seen), each("APPEND"));
    let readers = texts
        .iter()
        .map(|text| NewMessage::from_reader(text.as_slice(), text.len() as u64));
    let readers = readers.collect::<Vec<_>>();
    let stored = session.append_each("INBOX", readers).unwrap();
    assert!(stored.into_iter().all(|outcome| outcome.is_ok()));
    let stored = taken(&seen).into_iter().filter(|p| p.3 == messages);
    assert_eq!(stored.collect::<Vec<_>>(), each("APPEND"));

    inbox.refresh().unwrap();
    let all = inbox.search(SearchKey::All).unwrap();
    let first = all.iter().take(5).map(|uid| uid.to_string());
    let first: UidSet = first.collect::<Vec<_>>().join(",").parse().unwrap();
    taken(&seen);
    let mut batches = inbox.batches(&first, [FetchItem::Flags], 2).unwrap();
    while batches.next(&mut inbox).unwrap().is_some() {}
    assert_eq!(taken(&seen), each("UID FETCH"));
}

#[test]
fn a_function_that_panics_in_a_pipeline_counts_no_later_one() {
    let server = Server::start().unwrap();
    let session = plaintext_session(&server);
    session.on_progress(|_| panic!("in the program")).unwrap();
    let call = std::panic::AssertUnwindSafe(|| {
        let mut stored = session
            .append_each("INBOX", ["Subject: a\r\n\r\nx\r\n"])
            .unwrap();
        stored.next()
    });
    assert!(std::panic::catch_unwind(call).is_err());
    let seen = watched(&session);
    let noop = latchbox::command::Status::new("INBOX", [StatusItem::Messages]).unwrap();
    let [status] = session.pipeline([noop]).unwrap();
    status.unwrap();
    assert_eq!(taken(&seen), []);
}
