//! Rows that nobody asked for, rows that come twice, and streams that nobody reads to their end.

use std::panic::{AssertUnwindSafe, catch_unwind};

use latchbox::types::{FetchItem, Flag, MailboxEvent, SearchKey, Section, SeqNum, UidSet};
use latchbox::{Error, MailboxGuard, Session};

use crate::scripted::selecting;

fn whole() -> [FetchItem; 1] {
    [FetchItem::BodyPeek(Section::whole())]
}

/// UID and body of what a fetch of these gives.
fn bodies(inbox: &mut MailboxGuard<'_>, uids: &str) -> Vec<(u32, String)> {
    let uids: UidSet = uids.parse().unwrap();
    let messages = inbox.fetch(&uids, whole()).unwrap();
    messages
        .into_iter()
        .map(|message| {
            let message = message.unwrap();
            let body = message.body(&Section::whole()).unwrap();
            let body = String::from_utf8_lossy(body).into_owned();
            (message.uid().value(), body)
        })
        .collect()
}

#[test]
fn attack_085_a_message_that_was_not_asked_for_is_not_the_answer() {
    let (server, session) = selecting(
        r#"
        C: {f} UID FETCH 5 (BODY.PEEK[])
        S: * 2 FETCH (UID 6 BODY[] "wrong")
        S: * 1 FETCH (UID 4 BODY[] "wrong")
        S: {f} OK done
        C: {g} UID FETCH 5 (BODY.PEEK[])
        S: * 3 FETCH (UID 6 BODY[] "wrong")
        S: * 2 FETCH (UID 5 BODY[] "right")
        S: {g} OK done
        "#,
    );
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    assert_eq!(bodies(&mut inbox, "5"), []);
    assert_eq!(bodies(&mut inbox, "5"), [(5, "right".to_owned())]);
    drop(inbox);
    drop(session);
    server.finish();
}

#[test]
fn attack_086_a_row_without_its_uid_is_news_and_no_answer() {
    let (server, session) = selecting(
        r#"
        C: {f} UID FETCH 1:3 (BODY.PEEK[])
        S: * 1 FETCH (BODY[] "whose?")
        S: * 2 FETCH (FLAGS (\Seen))
        S: * 2 FETCH (UID 2 BODY[] "right")
        S: {f} OK done
        "#,
    );
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let _ = inbox.events();
    // What came with the message whose UID is told is given; the row that cannot be told apart is an
    // error behind it.
    let uids: UidSet = "1:3".parse().unwrap();
    let mut messages = inbox.fetch(&uids, whole()).unwrap();
    let message = messages.next().unwrap().unwrap();
    assert_eq!(message.uid().value(), 2);
    assert_eq!(message.body(&Section::whole()), Some(&b"right"[..]));
    let error = messages.next().unwrap_err();
    let Error::Unparsable(unreadable) = &error else {
        panic!("{error:?}");
    };
    assert_eq!(unreadable.seq().map(SeqNum::value), Some(1));
    let events = inbox.events();
    assert!(
        matches!(&events[..], [MailboxEvent::Flags { seq: Some(seq), flags, uid: None, .. }]
            if seq.value() == 2 && *flags == [Flag::Seen]),
        "{events:?}"
    );
    drop(inbox);
    drop(session);
    server.finish();
}

/// Flags that change while the bodies are on their way are no second body.
#[test]
fn attack_087_news_of_a_message_does_not_take_the_place_of_its_answer() {
    let (server, session) = selecting(
        r#"
        C: {f} UID FETCH 1:3 (BODY.PEEK[])
        S: * 1 FETCH (UID 1 FLAGS (\Seen))
        S: * 1 FETCH (UID 1 BODY[] "one")
        S: * 1 FETCH (UID 1 FLAGS (\Flagged))
        S: * 2 FETCH (UID 2 BODY[] "two")
        S: {f} OK done
        "#,
    );
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let expected = [(1, "one".to_owned()), (2, "two".to_owned())];
    assert_eq!(bodies(&mut inbox, "1:3"), expected);
    drop(inbox);
    drop(session);
    server.finish();
}

/// Neither takes the other's place: which one is the message's is for the caller to judge.
#[test]
fn attack_087_a_second_body_does_not_overwrite_the_first() {
    let (server, session) = selecting(
        r#"
        C: {f} UID FETCH 1 (BODY.PEEK[])
        S: * 1 FETCH (UID 1 BODY[] "one")
        S: * 1 FETCH (UID 1 BODY[] "another")
        S: {f} OK done
        "#,
    );
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let expected = [(1, "one".to_owned()), (1, "another".to_owned())];
    assert_eq!(bodies(&mut inbox, "1"), expected);
    drop(inbox);
    drop(session);
    server.finish();
}

const ROWS: &str = r#"
    C: {f} UID FETCH 1:* (BODY.PEEK[])
    S: * 1 FETCH (UID 1 BODY[] "one")
    S: * 2 FETCH (UID 2 BODY[] "two")
    S: * SEARCH 666
    S: * 3 FETCH (UID 3 BODY[] "three")
    S: {f} OK done
    C: {s} UID SEARCH ALL
    S: * SEARCH 7
    S: {s} OK done
    C: {g} UID FETCH 7 (BODY.PEEK[])
    S: * 3 FETCH (UID 7 BODY[] "seven")
    S: {g} OK done
"#;

/// Whatever was left unread before, these have their own answers.
#[track_caller]
fn assert_in_step(session: &Session) {
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    assert_eq!(inbox.search(SearchKey::All).unwrap().to_string(), "7");
    assert_eq!(bodies(&mut inbox, "7"), [(7, "seven".to_owned())]);
}

/// How a consumer goes away.
fn leave_by(leave: impl FnOnce(latchbox::command::Messages<'_>)) {
    let (server, session) = selecting(ROWS);
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let mut messages = inbox.fetch(&UidSet::all(), whole()).unwrap();
    assert_eq!(messages.next().unwrap().unwrap().uid().value(), 1);
    leave(messages);
    drop(inbox);
    assert_in_step(&session);
    drop(session);
    server.finish();
}

#[test]
fn attack_091_a_stream_that_is_dropped_half_way() {
    leave_by(|messages| {
        drop(messages);
    });
}

#[test]
fn attack_091_a_stream_that_is_forgotten() {
    leave_by(|messages| {
        std::mem::forget(messages);
    });
}

#[test]
fn attack_091_a_consumer_that_panics() {
    leave_by(|mut messages| {
        let caught = catch_unwind(AssertUnwindSafe(|| {
            let uid = messages.next().unwrap().unwrap().uid();
            panic!("on purpose, at {uid:?}");
        }));
        assert!(caught.is_err());
    });
}

#[test]
fn attack_091_an_iterator_that_is_dropped_half_way() {
    leave_by(|messages| assert_eq!(messages.into_iter().take(1).count(), 1));
}

/// The guard is gone without passing its turn on: whoever comes is told so, and waits no longer
/// than it is willing to.
#[test]
fn attack_091_a_guard_that_is_forgotten() {
    let (server, session) = selecting("");
    std::mem::forget(session.lock_mailbox("INBOX").unwrap());
    let again = session.lock_mailbox("INBOX").unwrap_err();
    assert!(matches!(again, latchbox::Error::Lock(_)), "{again:?}");
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let taken = session.try_lock_mailbox("INBOX").unwrap_err();
            assert!(taken.is_busy(), "{taken:?}");
        });
    });
    drop(session);
    server.finish();
}

/// A panic while the mailbox is held: the next thread finds it in order.
#[test]
fn attack_092_a_thread_that_panics_while_it_holds_the_lock() {
    let (server, session) = selecting(
        "
        C: {s} UID SEARCH ALL
        S: * SEARCH 7
        S: {s} OK done
        C: {g} UID FETCH 7 (BODY.PEEK[])
        S: * 3 FETCH (UID 7 BODY[] \"seven\")
        S: {g} OK done
        ",
    );
    let panicked = std::thread::scope(|scope| {
        let holder = scope.spawn(|| {
            let inbox = session.lock_mailbox("INBOX").unwrap();
            panic!("on purpose, with {}", inbox.name());
        });
        holder.join().map(drop)
    });
    assert!(panicked.is_err());
    assert_in_step(&session);
    drop(session);
    server.finish();
}
