//! Streams and downloads that a server does not let come to their end.

use std::time::{Duration, Instant};

use latchbox::error::{CloseReason, Limit, Stage};
use latchbox::types::{FetchItem, Section, Uid, UidSet};
use latchbox::{Client, Error, MailboxGuard, ReadOnly};

use super::close_reason;
use super::kinds::{Form, kind_of_name};
use super::server::{Flood, Place};
use crate::scripted::{selecting, selecting_with};
use crate::sessions::preauthenticated;

fn assert_limit(error: &Error, limit: Limit) {
    let reason = close_reason(error);
    let CloseReason::Limit(exceeded) = reason else {
        panic!("{error:?}");
    };
    assert_eq!(exceeded.limit(), limit);
}

#[test]
fn fault_06_a_message_is_told_of_again_and_again() {
    let (server, session) = selecting(
        "
        C: {f} UID FETCH 5 (FLAGS)
        S-fill: 1000 * 1 FETCH (UID 5 FLAGS (\\\\Seen))\\r\\n
        stall
        ",
    );
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let one = UidSet::unbound([Uid::new(5).unwrap()]);
    let mut messages = inbox.fetch(&one, [FetchItem::Flags]).unwrap();
    let mut rows = 0;
    let error = loop {
        match messages.next() {
            Ok(message) => assert!(message.is_some()),
            Err(error) => break error,
        }
        rows += 1;
    };
    assert_eq!(rows, 64);
    assert_limit(&error, Limit::Rows);
    assert!(
        error.to_string().contains("ClientBuilder::rows_limit"),
        "{error}"
    );
    assert!(messages.next().unwrap().is_none());
    server.finish();
}

#[test]
fn fault_06_as_many_rows_as_the_mailbox_has_messages_are_no_reason() {
    // Three messages when it was selected, and two more since; each comes in two rows.
    let (server, session) = selecting_with(
        "IMAP4rev1",
        "
        C: {f} UID FETCH 1:* (FLAGS)
        S: * 1 FETCH (UID 5 FLAGS ())
        S: * 1 FETCH (UID 5 FLAGS ())
        S: * 2 FETCH (UID 6 FLAGS ())
        S: * 2 FETCH (UID 6 FLAGS ())
        S: * 3 FETCH (UID 7 FLAGS ())
        S: * 3 FETCH (UID 7 FLAGS ())
        S: * 5 EXISTS
        S: * 4 FETCH (UID 8 FLAGS ())
        S: * 4 FETCH (UID 8 FLAGS ())
        S: * 5 FETCH (UID 9 FLAGS ())
        S: * 5 FETCH (UID 9 FLAGS ())
        S: {f} OK done
        ",
        |builder| builder.rows_limit(2),
    );
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let messages = inbox.fetch(&UidSet::all(), [FetchItem::Flags]).unwrap();
    assert_eq!(messages.into_iter().map(Result::unwrap).count(), 10);
    server.finish();
}

#[test]
fn fault_06_what_comes_unasked_is_not_counted() {
    let (server, session) = selecting_with(
        "IMAP4rev1",
        "
        C: {f} UID FETCH 5 (RFC822.SIZE)
        S-fill: 100 * 1 FETCH (UID 5 FLAGS ())\\r\\n
        S: * 1 FETCH (UID 5 RFC822.SIZE 7)
        S-fill: 100 * 2 FETCH (UID 6 FLAGS ())\\r\\n
        S: {f} OK done
        ",
        |builder| builder.rows_limit(1),
    );
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let one = UidSet::unbound([Uid::new(5).unwrap()]);
    let messages = inbox.fetch(&one, [FetchItem::Rfc822Size]).unwrap();
    assert_eq!(messages.into_iter().map(Result::unwrap).count(), 1);
    server.finish();
}

#[test]
fn fault_06_a_section_is_sent_again_and_again() {
    let (server, session) = selecting_with(
        "IMAP4rev1",
        "
        C: {f} UID FETCH 5:6 (UID BODY.PEEK[])
        S-fill: 1000 * 1 FETCH (UID 5 BODY[] {3}\\r\\nabc)\\r\\n
        stall
        ",
        |builder| builder.rows_limit(4),
    );
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let both = "5:6".parse::<UidSet>().unwrap();
    let mut downloads = inbox.download_each(&both, &Section::whole()).unwrap();
    let mut sections = 0;
    let error = loop {
        match downloads.next() {
            Ok(download) => assert_eq!(download.unwrap().copy_to(&mut Vec::new()).unwrap(), 3),
            Err(error) => break error,
        }
        sections += 1;
    };
    assert_eq!(sections, 8);
    assert_limit(&error, Limit::Rows);
    server.finish();
}

#[test]
fn fault_06_behind_the_one_section_there_is_no_end() {
    let (server, session) = selecting_with(
        "IMAP4rev1",
        "
        C: {f} UID FETCH 5 (UID BODY.PEEK[])
        S: * 1 FETCH (UID 5 BODY[] {3}
        S-raw: abc)\\r\\n
        S-fill: 1000 * 1 FETCH (UID 5 BODY[] {3}\\r\\nabc)\\r\\n
        stall
        ",
        |builder| builder.answer_limit(10_000),
    );
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let uid = Uid::new(5).unwrap();
    let mut download = inbox.download(uid, &Section::whole()).unwrap();
    let error = download.copy_to(&mut Vec::new()).unwrap_err();
    assert_limit(&error, Limit::Answer);
    server.finish();
}

/// How long a whole stream may take.
const WHOLE: Duration = Duration::from_millis(300);

/// A session whose server sends such rows without end, and its error.
fn flooded(name: &str, form: Form, work: impl FnOnce(&mut MailboxGuard<'_, ReadOnly>) -> Error) {
    let flood = Flood {
        kind: kind_of_name(name).unwrap(),
        form,
        place: Place::Answer,
        literal: 4_000_000_000,
    };
    let server = flood.start();
    let client = Client::builder("127.0.0.1")
        .port(server.port)
        .danger_plaintext()
        .accept_preauth()
        .stream_timeout(WHOLE)
        .connect()
        .unwrap();
    let session = preauthenticated(client);
    let mut inbox = session.lock_mailbox_read_only("INBOX").unwrap();
    let began = Instant::now();
    let error = work(&mut inbox);
    assert!(
        began.elapsed() < Duration::from_secs(20),
        "{:?}",
        began.elapsed()
    );
    assert!(error.is_timeout(), "{error:?}");
    let text = error.to_string();
    assert!(text.contains("the stream timed out after 300ms"), "{text}");
    let reason = close_reason(&error);
    assert!(
        matches!(reason, CloseReason::Timeout(Stage::Stream, WHOLE)),
        "{reason:?}"
    );
}

#[test]
fn fault_06_a_stream_of_messages_ends_at_its_deadline() {
    flooded("FETCH FLAGS", Form::Short, |inbox| {
        let mut messages = inbox.fetch(&UidSet::all(), [FetchItem::Flags]).unwrap();
        let errors = std::iter::from_fn(|| Some(messages.next().map(drop)));
        errors.filter_map(Result::err).next().unwrap()
    });
}

#[test]
fn fault_06_a_stream_of_sections_ends_at_its_deadline() {
    flooded("download", Form::Short, |inbox| {
        let mut sections = inbox
            .download_each(&UidSet::all(), &Section::whole())
            .unwrap();
        let errors = std::iter::from_fn(|| Some(sections.next().map(drop)));
        errors.filter_map(Result::err).next().unwrap()
    });
}

#[test]
fn fault_06_a_download_ends_at_its_deadline() {
    flooded("FETCH body", Form::Long, |inbox| {
        let mut download = inbox.download(Uid::MIN, &Section::whole()).unwrap();
        download.copy_to(&mut std::io::sink()).unwrap_err()
    });
}

#[test]
fn fault_06_continuation_requests_without_end_end_a_stream() {
    let (server, session) = selecting(
        "
        C: {f} UID FETCH 5 (FLAGS)
        S-fill: 100 + go on\\r\\n
        stall
        ",
    );
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let one = UidSet::unbound([Uid::new(5).unwrap()]);
    let mut messages = inbox.fetch(&one, [FetchItem::Flags]).unwrap();
    assert_limit(&messages.next().unwrap_err(), Limit::Continuations);
    server.finish();
}
