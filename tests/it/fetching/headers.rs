//! Fields of a header by name, of messages that are borrowed and owned, in one answer or several.

use std::borrow::Cow;

use latchbox::types::{FetchItem, Section};

use super::uids;
use crate::scripted::selecting;

const FIELDS: &str = r#"
    S-raw: * 1 FETCH (UID 1 BODY[HEADER.FIELDS (LIST-ID SUBJECT RECEIVED RESENT-DATE RESENT-TO)] {275}\r\n
    S-raw: Received: by b;\r\n\tThu, 12 June 2025 23:42:00 +0200\r\n
    S-raw: Subject: =?utf-8?B?R3LDvMOf?=\r\n =?utf-8?B?ZQ==?=\r\n
    S-raw: Received: by a; 12 Jun 2025 23:41\r\n
    S-raw: list-ID: Friends <f.example>\r\n
    S-raw: Resent-Date: Thur, 04 Jan 2024 06:09:22 PM EST\r\n
    S-raw: Resent-To: =?utf-8?q?J=C3=BC?= <j@example.com>, Us: a@b;\r\n\r\n)\r\n
"#;

fn items() -> [FetchItem; 1] {
    let names = ["List-Id", "Subject", "Received", "Resent-Date", "Resent-To"];
    [FetchItem::BodyPeek(Section::header_fields(names).unwrap())]
}

#[track_caller]
fn assert_fields(message: &latchbox::message::Fetch) {
    let text = |name: &str| message.header(name).map(|field| field.text().into_owned());
    assert_eq!(text("subject").as_deref(), Some("Grüße"));
    assert_eq!(text("LIST-ID").as_deref(), Some("Friends <f.example>"));
    assert_eq!(text("X-None"), None);
    let received: Vec<_> = message
        .headers("Received")
        .map(|field| (field.text().into_owned(), field.date().unwrap().to_string()))
        .collect();
    let due = [
        (
            "by b;\tThu, 12 June 2025 23:42:00 +0200",
            "2025-06-12T23:42:00+02:00",
        ),
        ("by a; 12 Jun 2025 23:41", "2025-06-12T23:41:00"),
    ];
    assert_eq!(
        received,
        due.map(|(text, date)| (text.to_owned(), date.to_owned()))
    );
    let resent = message.header("Resent-Date").and_then(|field| field.date());
    assert_eq!(resent.unwrap().to_string(), "2024-01-04T18:09:22-05:00");
    let to = message.header("Resent-To").unwrap().addresses();
    let to: Vec<_> = to
        .map(|to| (to.to_string(), to.group().map(Cow::into_owned)))
        .collect();
    let due = [("Jü <j@example.com>", None), ("a@b", Some("Us"))];
    assert_eq!(
        to,
        due.map(|(to, group)| (to.to_owned(), group.map(str::to_owned)))
    );
}

#[test]
fn fault_64_fields_by_name() {
    let (server, session) = selecting(
        &format!(
            "C: {{one}} UID FETCH 1 (BODY.PEEK[HEADER.FIELDS (List-Id Subject Received Resent-Date Resent-To)])
            bytes
            {FIELDS}
            whole
            S: {{one}} OK done
            C: {{two}} UID FETCH 1 (BODY.PEEK[HEADER.FIELDS (List-Id Subject Received Resent-Date Resent-To)])
            {FIELDS}
            S: * 1 FETCH (UID 1 FLAGS (\\Seen))
            S: {{two}} OK done"
        ),
    );
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let mut messages = inbox.fetch(&uids("1"), items()).unwrap();
    assert_fields(messages.next().unwrap().unwrap());
    assert!(messages.next().unwrap().is_none());
    let mut owned = Vec::new();
    let messages = inbox.fetch(&uids("1"), items()).unwrap();
    messages.collect_into(&mut owned).unwrap();
    assert_eq!(owned.len(), 1);
    assert_fields(&owned[0]);
    drop(inbox);
    drop(session);
    server.finish();
}
