//! FETCH: the structure of a message and its sections.

use std::num::NonZeroU32;

use latchbox::Session;
use latchbox::message::Fetch;
use latchbox::types::{FetchItem, Flag, SearchKey, Section};

use super::{session, uids};
use crate::support::dovecot::dovecot;

const MESSAGE: &str = "\
From: ann@example.com\n\
To: bob@example.com\n\
Subject: parts\n\
X-Long: one\n two\n\
MIME-Version: 1.0\n\
Content-Type: multipart/mixed; boundary=outer\n\
\n\
--outer\n\
Content-Type: multipart/alternative; boundary=inner\n\
\n\
--inner\n\
Content-Type: text/plain; charset=utf-8\n\
Content-Transfer-Encoding: quoted-printable\n\
\n\
Gr=C3=BC=C3=9Fe\n\
--inner\n\
Content-Type: text/html; charset=utf-8\n\
\n\
<p>Hi</p>\n\
--inner--\n\
\n\
--outer\n\
Content-Type: application/octet-stream\n\
Content-Disposition: attachment; filename*=utf-8''d%C3%A4ta.bin\n\
Content-Transfer-Encoding: base64\n\
\n\
AAECAwQF/v8NCg==\n\
--outer\n\
Content-Type: message/rfc822\n\
\n\
From: eve@example.com\n\
Subject: inside\n\
Date: Fri, 15 Mar 2024 10:11:12 +0100\n\
\n\
Inner body\n\
--outer--\n";

const BINARY: &[u8] = &[0, 1, 2, 3, 4, 5, 0xfe, 0xff, b'\r', b'\n'];

fn filled() -> Session {
    let session = session(&dovecot().user());
    let message = MESSAGE.replace('\n', "\r\n");
    session.append("INBOX", message.as_bytes()).unwrap();
    session
}

fn fetched(session: &Session, items: Vec<FetchItem>) -> Fetch {
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let mut messages = inbox.fetch(&uids("1"), items).unwrap().into_iter();
    let message = messages.next().unwrap().unwrap();
    assert!(messages.next().is_none());
    message
}

fn part(number: &str) -> Section {
    Section::part(number).unwrap()
}

#[test]
fn the_structure_names_every_part() {
    let message = fetched(&filled(), vec![FetchItem::BodyStructure]);
    let structure = message.body_structure().unwrap();
    let described: Vec<_> = structure
        .parts()
        .map(|part| {
            let kind = format!("{}/{}", part.media_type(), part.media_subtype());
            (part.number().unwrap_or_default(), kind.to_ascii_lowercase())
        })
        .collect();
    let expected = [
        ("", "multipart/mixed"),
        ("1", "multipart/alternative"),
        ("1.1", "text/plain"),
        ("1.2", "text/html"),
        ("2", "application/octet-stream"),
        ("3", "message/rfc822"),
        ("3.1", "text/plain"),
    ];
    let expected: Vec<_> = expected
        .map(|(n, kind)| (n.to_owned(), kind.to_owned()))
        .into();
    assert_eq!(described, expected);
    assert_eq!(
        structure.text_part().unwrap().number().as_deref(),
        Some("1.1")
    );
    assert_eq!(
        structure.html_part().unwrap().number().as_deref(),
        Some("1.2")
    );
    let text = structure.part("1.1").unwrap();
    assert_eq!(text.parameter("charset").as_deref(), Some("utf-8"));
    assert!(text.encoding().eq_ignore_ascii_case("quoted-printable"));
    assert!(text.lines().is_some() && text.octets() == Some(15));
    let attachment = structure.part("2").unwrap();
    assert!(attachment.is_attachment());
    let name = attachment.file_name().unwrap();
    assert_eq!(name.as_untrusted_str(), "däta.bin");
    let inside = structure.part("3").unwrap();
    assert!(inside.is_message());
    assert_eq!(inside.envelope().unwrap().subject(), "inside");
    let names: Vec<_> = structure
        .attachments()
        .filter_map(|part| part.number())
        .collect();
    assert!(names.contains(&"2".to_owned()), "{names:?}");
}

#[test]
fn each_section_is_what_it_says() {
    let table = [
        (part("1.1"), "Gr=C3=BC=C3=9Fe"),
        (part("1.2"), "<p>Hi</p>"),
        (part("2"), "AAECAwQF/v8NCg=="),
        (
            part("3").header(),
            "From: eve@example.com\r\nSubject: inside\r\nDate: Fri, 15 Mar 2024 10:11:12 +0100\r\n\r\n",
        ),
        (part("3").text(), "Inner body"),
        (part("3.1"), "Inner body"),
        (
            part("1.2").mime(),
            "Content-Type: text/html; charset=utf-8\r\n\r\n",
        ),
        (
            Section::header_fields(["Subject", "X-LONG"]).unwrap(),
            "Subject: parts\r\nX-Long: one\r\n two\r\n\r\n",
        ),
        (Section::header_fields(["X-None"]).unwrap(), "\r\n"),
        (
            Section::header_fields_not(["From", "To", "X-Long", "MIME-Version", "Content-Type"])
                .unwrap(),
            "Subject: parts\r\n\r\n",
        ),
        (
            Section::header_fields(["Subject"])
                .unwrap()
                .in_part("3")
                .unwrap(),
            "Subject: inside\r\n\r\n",
        ),
    ];
    let items = table
        .iter()
        .map(|(section, _)| FetchItem::BodyPeek(section.clone()));
    let message = fetched(&filled(), items.collect());
    for (section, expected) in &table {
        let found = message.body(section).unwrap_or_else(|| panic!("{section}"));
        assert_eq!(String::from_utf8_lossy(found), *expected, "{section}");
    }
    assert_eq!(message.errors().count(), 0);
}

#[test]
fn header_and_text_together_are_the_whole() {
    let (header, text) = (Section::whole().header(), Section::whole().text());
    let items = [Section::whole(), header.clone(), text.clone()];
    let message = fetched(&filled(), items.map(FetchItem::BodyPeek).into());
    let whole = message.body(&Section::whole()).unwrap();
    assert_eq!(whole, MESSAGE.replace('\n', "\r\n").as_bytes());
    let parts = [message.body(&header).unwrap(), message.body(&text).unwrap()];
    assert_eq!(parts.concat(), whole);
}

#[test]
fn partials_put_together_are_the_whole() {
    let session = filled();
    let whole = MESSAGE.replace('\n', "\r\n").into_bytes();
    let step = NonZeroU32::new(100).unwrap();
    let mut found = Vec::new();
    loop {
        let section = Section::whole().partial(found.len() as u32, step);
        let message = fetched(&session, vec![FetchItem::BodyPeek(section.clone())]);
        let piece = message.body(&section).unwrap();
        assert!(piece.len() <= 100);
        if piece.is_empty() {
            break;
        }
        found.extend_from_slice(piece);
    }
    assert!(found == whole);
    let middle = part("1.1").partial(2, NonZeroU32::new(3).unwrap());
    let message = fetched(&session, vec![FetchItem::BodyPeek(middle.clone())]);
    assert_eq!(message.body(&middle), Some(&b"=C3"[..]));
}

#[test]
fn a_part_that_is_not_there_is_no_part() {
    let missing = part("7.1");
    let message = fetched(&filled(), vec![FetchItem::BodyPeek(missing.clone())]);
    assert!(message.body(&missing).is_none_or(<[u8]>::is_empty));
}

#[test]
fn peeking_leaves_a_message_unread_and_reading_does_not() {
    let session = filled();
    let peeks = vec![
        FetchItem::BodyPeek(Section::whole()),
        FetchItem::BinaryPeek(part("2")),
    ];
    fetched(&session, peeks);
    let unseen = |session: &Session| {
        let mut inbox = session.lock_mailbox("INBOX").unwrap();
        inbox.search(SearchKey::Unseen).unwrap().to_string()
    };
    assert_eq!(unseen(&session), "1");
    // Under a guard that only reads, nothing marks it.
    let mut inbox = session.lock_mailbox_read_only("INBOX").unwrap();
    let body = [FetchItem::BodyAndMarkSeen(Section::whole())];
    assert_eq!(
        inbox.fetch(&uids("1"), body).unwrap().into_iter().count(),
        1
    );
    drop(inbox);
    assert_eq!(unseen(&session), "1");
    let message = fetched(
        &session,
        vec![FetchItem::BodyAndMarkSeen(part("1.1")), FetchItem::Flags],
    );
    assert_eq!(message.body(&part("1.1")), Some(&b"Gr=C3=BC=C3=9Fe"[..]));
    assert!(message.flags().unwrap().contains(&Flag::Seen));
    assert_eq!(unseen(&session), "");
}

#[test]
fn binary_undoes_the_transfer_encoding() {
    let session = filled();
    let items = vec![
        FetchItem::BinaryPeek(part("2")),
        FetchItem::BinarySize(part("2")),
        FetchItem::BinaryPeek(part("1.1")),
        FetchItem::BinarySize(part("1.1")),
    ];
    let message = fetched(&session, items);
    assert_eq!(message.binary(&part("2")), Some(BINARY));
    assert_eq!(message.binary_size(&part("2")), Some(BINARY.len() as u64));
    assert_eq!(message.binary(&part("1.1")), Some("Grüße".as_bytes()));
    assert_eq!(
        message.binary_size(&part("1.1")),
        Some("Grüße".len() as u64)
    );
    let middle = part("2").partial(4, NonZeroU32::new(3).unwrap());
    let message = fetched(&session, vec![FetchItem::BinaryPeek(middle.clone())]);
    assert_eq!(message.binary(&middle), Some(&BINARY[4..7]));
    let message = fetched(
        &session,
        vec![FetchItem::BinaryAndMarkSeen(part("2")), FetchItem::Flags],
    );
    assert_eq!(message.binary(&part("2")), Some(BINARY));
    assert!(message.flags().unwrap().contains(&Flag::Seen));
}

#[test]
fn a_body_can_be_taken_out_without_a_copy() {
    let message = fetched(&filled(), vec![FetchItem::BodyPeek(Section::whole())]);
    let mut message = message;
    let body = message.take_body(&Section::whole()).unwrap();
    assert_eq!(body, MESSAGE.replace('\n', "\r\n").into_bytes());
}
