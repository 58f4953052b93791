//! Connections that are lost under a lock, and answers that nobody read to their end.

use std::thread;

use latchbox::error::CloseReason;
use latchbox::types::{FetchItem, Flag, SearchKey, Section, StoreAction, Uid, UidSet};
use latchbox::{Error, Session};

use crate::scripted::{SHORT, closed, selecting, selecting_with};

fn attempts(session: &Session) -> Vec<Error> {
    vec![
        session.noop().unwrap_err(),
        session.list("*").unwrap_err(),
        session.append("INBOX", b"x: y").unwrap_err(),
        session.lock_mailbox("INBOX").unwrap_err(),
        session.lock_mailbox_read_only("Box").unwrap_err(),
        session.capabilities().unwrap_err(),
    ]
}

/// For every command, one kind of error, and never an empty answer.
#[test]
fn hazard_h06_a_lost_connection_is_one_error_always() {
    for end in ["close", "reset", "S: * BYE gone"] {
        let (server, session) = selecting(&format!(
            "
            C: {{a}} UID STORE 1 +FLAGS (\\Seen)
            {end}
            "
        ));
        let mut inbox = session.lock_mailbox("INBOX").unwrap();
        let one: UidSet = "1".parse().unwrap();
        let lost = inbox
            .store(&one, StoreAction::Add, [Flag::Seen])
            .unwrap_err();
        assert!(lost.is_closed(), "{lost:?}");
        assert!(lost.may_have_taken_effect(), "it was sent");
        let fetched = inbox
            .fetch(&one, [FetchItem::Flags])
            .and_then(|mut messages| messages.next().map(|message| message.is_some()));
        let under_the_lock = [
            inbox.search(SearchKey::All).unwrap_err(),
            inbox
                .store(&one, StoreAction::Add, [Flag::Seen])
                .unwrap_err(),
            inbox.copy(&one, "Box").unwrap_err(),
            inbox.move_to(&one, "Box").unwrap_err(),
            inbox.delete(&one).unwrap_err(),
            inbox.expunge_all_deleted().unwrap_err(),
            inbox.refresh().unwrap_err(),
            inbox.mailbox().unwrap_err(),
            inbox.release().unwrap_err(),
            fetched.unwrap_err(),
        ];
        for error in under_the_lock.into_iter().chain(attempts(&session)) {
            assert!(error.is_closed(), "{error:?}");
            assert!(!error.may_have_taken_effect(), "never sent: {error:?}");
            let same = std::mem::discriminant(closed(&error).reason());
            assert_eq!(same, std::mem::discriminant(closed(&lost).reason()));
        }
        drop(session);
        server.finish();
    }
}

#[test]
fn hazard_h06_those_who_wait_get_the_same_error() {
    let (server, session) = selecting(
        "
        C: {a} UID SEARCH ALL
        close
        ",
    );
    thread::scope(|scope| {
        let mut inbox = session.lock_mailbox("INBOX").unwrap();
        let names = ["INBOX", "Box", "Trash"];
        let waiters = names.map(|name| {
            let session = &session;
            scope.spawn(move || session.lock_mailbox(name).map(drop))
        });
        while session.lock_state().waiting() < names.len() {
            thread::yield_now();
        }
        assert!(inbox.search(SearchKey::All).unwrap_err().is_closed());
        drop(inbox);
        for waiter in waiters {
            assert!(waiter.join().unwrap().unwrap_err().is_closed());
        }
    });
    drop(session);
    server.finish();
}

#[test]
fn hazard_h06_a_connection_that_died_meanwhile_is_noticed_by_the_next_lock() {
    let (server, session) = selecting(
        "
        wait: free
        S: * BYE you are idle
        close
        signal: closed
        ",
    );
    drop(session.lock_mailbox("INBOX").unwrap());
    server.go("free");
    server.reached("closed");
    let error = session.lock_mailbox("INBOX").unwrap_err();
    assert!(
        matches!(closed(&error).reason(), CloseReason::Bye { .. }),
        "{error:?}"
    );
    drop(session);
    server.finish();
}

fn whole() -> [FetchItem; 1] {
    [FetchItem::BodyPeek(Section::whole())]
}

/// The first message is whole, the second is not: the first is given, the second is an error.
#[test]
fn hazard_h16_a_short_literal_is_no_message() {
    for end in ["close", "reset"] {
        let (server, session) = selecting(&format!(
            r"
            C: {{f}} UID FETCH 1:* (BODY.PEEK[])
            S-raw: * 1 FETCH (UID 1 BODY[] {{5}}\r\nwhole)\r\n
            S-raw: * 2 FETCH (UID 2 BODY[] {{50000}}\r\n
            S-fill: 49999 x
            taken
            {end}
            "
        ));
        let mut inbox = session.lock_mailbox("INBOX").unwrap();
        let mut messages = inbox.fetch(&UidSet::all(), whole()).unwrap();
        let first = messages.next().unwrap().unwrap();
        assert_eq!(first.body(&Section::whole()), Some(&b"whole"[..]));
        let error = messages.next().unwrap_err();
        let reason = closed(&error).reason();
        assert!(
            matches!(reason, CloseReason::Eof | CloseReason::Io(_)),
            "{error:?}"
        );
        drop(messages);
        drop(inbox);
        drop(session);
        server.finish();
    }
}

/// A download has given octets already, and says how many are missing.
#[test]
fn hazard_h16_a_short_download_is_truncated() {
    let (server, session) = selecting(
        r"
        C: {f} UID FETCH 2 (UID BODY.PEEK[])
        S-raw: * 2 FETCH (UID 2 BODY[] {50000}\r\n
        S-fill: 49999 x
        taken
        close
        ",
    );
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let mut octets = Vec::new();
    let section = Section::whole();
    let error = inbox
        .download(Uid::new(2).unwrap(), &section)
        .and_then(|mut download| download.copy_to(&mut octets))
        .unwrap_err();
    let Error::Truncated(truncated) = &error else {
        panic!("not Truncated: {error:?}");
    };
    assert_eq!((truncated.position(), truncated.len()), (49_999, 50_000));
    assert_eq!(octets.len(), 49_999);
    drop(inbox);
    drop(session);
    server.finish();
}

/// A section that the server gives shorter than it was asked for says so by its own length.
#[test]
fn hazard_h16_a_partial_section_has_the_length_that_it_has() {
    let (server, session) = selecting(
        r"
        C: {f} UID FETCH 1 (BODY.PEEK[]<0.100>)
        S-raw: * 1 FETCH (UID 1 BODY[]<0> {5}\r\nshort)\r\n
        S: {f} OK done
        ",
    );
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let one: UidSet = "1".parse().unwrap();
    let section = Section::whole().partial(0, std::num::NonZeroU32::new(100).unwrap());
    let messages = inbox.fetch(&one, [FetchItem::BodyPeek(section.clone())]);
    let message = messages.unwrap().into_iter().next().unwrap().unwrap();
    assert_eq!(message.body(&section), Some(&b"short"[..]));
    drop(inbox);
    drop(session);
    server.finish();
}

/// Left by an early drop, forgotten, or by a panic: see also attack 91.
#[test]
fn hazard_h31_what_was_left_unread_is_read_before_the_next_command() {
    let (server, session) = selecting(
        r#"
        C: {f} UID FETCH 1:* (BODY.PEEK[])
        S: * 1 FETCH (UID 1 BODY[] "one")
        taken
        silent
        wait: dropped
        S-raw: * 2 FETCH (UID 2 BODY[] {50000}\r\n
        S-fill: 50000 x
        S-raw: )\r\n
        silent
        S: * 4 EXISTS
        S: {f} OK done
        C: {s} UID SEARCH ALL
        S: * SEARCH 1 2 3 4
        S: {s} OK done
        "#,
    );
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let mut messages = inbox.fetch(&UidSet::all(), whole()).unwrap();
    messages.next().unwrap().unwrap();
    drop(messages);
    server.go("dropped");
    assert_eq!(inbox.search(SearchKey::All).unwrap().len(), 4);
    assert_eq!(inbox.exists(), 4);
    drop(inbox);
    drop(session);
    server.finish();
}

#[test]
fn hazard_h31_a_timeout_in_the_middle_of_an_answer_closes() {
    let (server, session) = selecting_with(
        "IMAP4rev1",
        r#"
        C: {f} UID FETCH 1:* (BODY.PEEK[])
        S: * 1 FETCH (UID 1 BODY[] "one")
        S-raw: * 2 FETCH (UID 2 BODY[] {10}\r\n01234
        C-close
        "#,
        |builder| builder,
    );
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    session.set_read_timeout(SHORT).unwrap();
    let mut messages = inbox.fetch(&UidSet::all(), whole()).unwrap();
    messages.next().unwrap().unwrap();
    let error = messages.next().unwrap_err();
    assert!(error.is_closed() && error.is_timeout(), "{error:?}");
    // Nothing is taken for an answer any more, and the stream is over.
    assert!(messages.next().is_err() || messages.next().unwrap().is_none());
    drop(messages);
    assert!(inbox.search(SearchKey::All).unwrap_err().is_closed());
    drop(inbox);
    drop(session);
    server.finish();
}
