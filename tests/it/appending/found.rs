//! The UID of a message that the server did not tell: looked for by its Message-ID.

use latchbox::command::Appended;
use latchbox::types::Uid;

use crate::scripted::selecting;

const MESSAGE: &str = "Message-ID: <1@x>\r\n\r\n";

/// Appends to INBOX, whose next UID is 10; the server goes on so after the OK.
#[track_caller]
fn appended(message: &str, rest: &str) -> Appended {
    let length = message.len();
    let (server, session) = selecting(&format!(
        "
        C: {{a}} APPEND \"INBOX\" {{{length}}}
        S: +
        C-literal: {length}
        C-raw: \\r\\n
        S: {{a}} OK done
        {rest}
        "
    ));
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let appended = inbox.append(message).unwrap();
    drop(inbox);
    drop(session);
    server.finish();
    appended
}

#[test]
fn one_that_is_new_and_has_the_message_id_is_it() {
    let appended = appended(
        MESSAGE,
        r#"
        C: {b} UID SEARCH HEADER "Message-ID" "<1@x>" UID 10:4294967295
        S: * SEARCH 12
        S: {b} OK done
        "#,
    );
    assert_eq!(appended.uid(), Uid::new(12));
    let origin = appended.uids().unwrap().origin().unwrap();
    assert_eq!(origin.mailbox(), "INBOX");
    assert_eq!(appended.uid_validity().unwrap().value(), 7);
}

/// `10:*` also names the last message when that is 9.
#[test]
fn an_old_one_is_not_it_and_news_is_asked_for() {
    let appended = appended(
        MESSAGE,
        r#"
        C: {b} UID SEARCH HEADER "Message-ID" "<1@x>" UID 10:4294967295
        S: * SEARCH 9
        S: {b} OK done
        C: {c} NOOP
        S: * 4 EXISTS
        S: {c} OK done
        C: {d} UID SEARCH HEADER "Message-ID" "<1@x>" UID 10:4294967295
        S: * SEARCH 10
        S: {d} OK done
        "#,
    );
    assert_eq!(appended.uid(), Uid::new(10));
}

#[test]
fn one_of_several_is_not_guessed() {
    let appended = appended(
        MESSAGE,
        r#"
        C: {b} UID SEARCH HEADER "Message-ID" "<1@x>" UID 10:4294967295
        S: * SEARCH 10 11
        S: {b} OK done
        "#,
    );
    assert_eq!((appended.uid(), appended.uids()), (None, None));
    assert_eq!(appended.candidates().to_string(), "10:11");
}

#[test]
fn that_the_look_fails_is_no_error() {
    let appended = appended(
        MESSAGE,
        r#"
        C: {b} UID SEARCH HEADER "Message-ID" "<1@x>" UID 10:4294967295
        S: {b} NO not now
        C: {c} NOOP
        S: {c} OK done
        C: {d} UID SEARCH HEADER "Message-ID" "<1@x>" UID 10:4294967295
        S: {d} NO not now
        "#,
    );
    assert_eq!(appended.uid(), None);
    assert!(appended.candidates().is_empty());
}

#[test]
fn one_without_a_message_id_is_not_looked_for() {
    assert_eq!(appended("a: b\r\n\r\n", "").uid(), None);
}
