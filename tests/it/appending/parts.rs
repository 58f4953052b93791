//! CATENATE: messages of parts that the server has.

use latchbox::Error;
use latchbox::types::{
    Capability, CatenatePart, Flag, MessageUrl, NewMessage, ResponseCode, SearchKey, Section,
};

use crate::scripted::{logged_in, logged_in_with, selecting_with};

fn draft(url: MessageUrl) -> NewMessage<'static> {
    NewMessage::of_parts([CatenatePart::Text(b"a: b\r\n"), CatenatePart::Url(url)])
        .flags([Flag::Draft])
}

fn url() -> MessageUrl {
    let url = MessageUrl::new("Box".parse().unwrap(), "7".parse().unwrap());
    url.section(Section::part("2").unwrap())
}

#[test]
fn parts_are_put_together_by_the_server() {
    let (server, session) = selecting_with(
        "IMAP4rev1 LITERAL+ CATENATE",
        r#"
        C: {s} UID SEARCH FLAGGED
        S: * SEARCH 4
        S: {s} OK done
        C: {a} APPEND "INBOX" (\Draft) CATENATE (TEXT {6+}
        C: a: b
        C:  URL "/INBOX;UIDVALIDITY=7/;UID=4/;SECTION=2")
        S: {a} OK done
        "#,
        |builder| builder,
    );
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let four = inbox.search(SearchKey::Flagged).unwrap();
    let url = MessageUrl::try_from(&four).unwrap();
    inbox
        .append(draft(url.section(Section::part("2").unwrap())))
        .unwrap();
    drop(inbox);
    drop(session);
    server.finish();
}

#[test]
fn parts_wait_to_be_asked_for() {
    let (server, session) = logged_in_with(
        "IMAP4rev1 CATENATE",
        r#"
        C: {a} APPEND "INBOX" (\Draft) CATENATE (TEXT {6}
        S: + go on
        C: a: b
        C:  URL "/Box/;UID=7/;SECTION=2")
        S: {a} NO [BADURL "/Box/;UID=7/;SECTION=2"] no such thing
        C: {b} APPEND "INBOX" (\Draft) CATENATE (TEXT {6}
        S: {b} NO [TOOBIG] no
        C: {c} APPEND "INBOX" CATENATE (TEXT {0}
        S: + go on
        C: )
        S: {c} OK done
        "#,
        |builder| builder,
    );
    let error = session.append("INBOX", draft(url())).unwrap_err();
    assert!(
        matches!(error.response_code(), Some(ResponseCode::BadUrl(bad)) if bad == "/Box/;UID=7/;SECTION=2"),
        "{error:?}"
    );
    assert!(
        session
            .append("INBOX", draft(url()))
            .unwrap_err()
            .is_too_big()
    );
    session
        .append("INBOX", NewMessage::of_parts([CatenatePart::Text(b"")]))
        .unwrap();
    drop(session);
    server.finish();
}

#[test]
fn parts_need_catenate_and_something_to_put_together() {
    let (server, session) = logged_in("");
    let error = session.append("INBOX", draft(url())).unwrap_err();
    assert!(
        matches!(&error, Error::Unsupported(missing) if *missing.capability() == Capability::Catenate)
    );
    let error = session
        .append("INBOX", NewMessage::of_parts([]))
        .unwrap_err();
    assert!(matches!(error, Error::Argument(_)), "{error:?}");
    drop(session);
    server.finish();
}
