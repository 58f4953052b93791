//! Downloads: long messages both ways, and parts that the server or we decode.

use std::io::Read;

use latchbox::Session;
use latchbox::message::Fetch;
use latchbox::types::{FetchItem, SearchKey, Section, Uid};

use super::{session, uids};
use crate::support::dovecot::dovecot;

const LONG: usize = 25 << 20;

/// A message of that length whose octets do not repeat soon.
fn long_message() -> Vec<u8> {
    let mut message = b"Subject: long\r\nContent-Type: text/plain\r\n\r\n".to_vec();
    let mut number = 1u32;
    while message.len() < LONG {
        for _ in 0..70 {
            number = number.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            message.push(b' ' + (number >> 24) as u8 % 94);
        }
        message.extend_from_slice(b"\r\n");
    }
    message
}

fn appended(message: &[u8]) -> Session {
    let session = session(&dovecot().user());
    session.append("INBOX", message).unwrap();
    session
}

fn first() -> Uid {
    Uid::new(1).unwrap()
}

#[test]
fn p8_a_long_message_comes_as_it_was_appended() {
    let message = long_message();
    let session = appended(&message);
    let mut inbox = session.lock_mailbox_read_only("INBOX").unwrap();
    let mut copied = Vec::new();
    let mut download = inbox.download(first(), &Section::whole()).unwrap();
    assert_eq!(download.len(), message.len() as u64);
    download.copy_to(&mut copied).unwrap();
    assert!(copied == message);
    let mut read = Vec::new();
    let mut download = inbox.download(first(), &Section::whole()).unwrap();
    download.read_to_end(&mut read).unwrap();
    assert!(read == message);
    // Left in the middle, and more is on its way than anybody drains.
    let mut download = inbox.download(first(), &Section::whole()).unwrap();
    download.read_exact(&mut [0; 1000]).unwrap();
    let after = inbox.search(SearchKey::All);
    assert!(after.unwrap_err().is_closed());
}

const PARTS: &str = "\
Subject: parts\r\n\
MIME-Version: 1.0\r\n\
Content-Type: multipart/mixed; boundary=b\r\n\
\r\n\
--b\r\n\
Content-Type: text/plain; charset=iso-8859-1\r\n\
Content-Transfer-Encoding: quoted-printable\r\n\
\r\n\
Gr=FC=DFe aus =\r\nK=F6ln\r\n\
--b\r\n\
Content-Type: application/octet-stream\r\n\
Content-Transfer-Encoding: base64\r\n\
Content-Disposition: attachment; filename=zero.bin\r\n\
\r\n\
AAECA/8A\r\n\
--b\r\n\
Content-Type: application/octet-stream\r\n\
Content-Transfer-Encoding: base64\r\n\
\r\n\
QUJD!!RE\r\n\
--b\r\n\
Content-Type: text/plain; charset=utf-8\r\n\
Content-Transfer-Encoding: x-uuencode\r\n\
\r\n\
begin\r\n\
--b--\r\n";

fn structure(session: &Session) -> Fetch {
    let mut inbox = session.lock_mailbox_read_only("INBOX").unwrap();
    let messages = inbox.fetch(&uids("1"), [FetchItem::BodyStructure]).unwrap();
    messages.into_iter().next().unwrap().unwrap()
}

#[test]
fn parts_come_decoded() {
    let session = appended(PARTS.as_bytes());
    let message = structure(&session);
    let structure = message.body_structure().unwrap();
    let mut inbox = session.lock_mailbox_read_only("INBOX").unwrap();
    let mut content = |number: &str, as_text: bool| {
        let part = structure.part(number).unwrap();
        let mut download = match as_text {
            true => inbox.download_text(first(), &part).unwrap(),
            false => inbox.download_part(first(), &part).unwrap(),
        };
        let mut content = Vec::new();
        download.copy_to(&mut content).unwrap();
        content
    };
    assert_eq!(content("1", false), b"Gr\xfc\xdfe aus K\xf6ln");
    assert_eq!(content("1", true), "Grüße aus Köln".as_bytes());
    assert_eq!(content("2", false), [0, 1, 2, 3, 255, 0]);
    assert_eq!(content("3", false), b"ABCD");
    assert_eq!(content("4", false), b"begin");
}

#[test]
fn each_message_of_many() {
    let user = dovecot().user();
    user.fill("INBOX", 50);
    let session = session(&user);
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let all = inbox.search(SearchKey::All).unwrap();
    let whole = Section::whole();
    let mut owned = Vec::new();
    for message in inbox.fetch(&all, [FetchItem::from(whole.clone())]).unwrap() {
        let mut message = message.unwrap();
        owned.push((Some(message.uid()), message.take_body(&whole).unwrap()));
    }
    let mut streamed = Vec::new();
    let mut downloads = inbox.download_each(&all, &whole).unwrap();
    while let Some(download) = downloads.next().unwrap() {
        let mut octets = Vec::new();
        download.read_to_end(&mut octets).unwrap();
        streamed.push((download.uid(), octets));
    }
    assert_eq!(streamed.len(), 50);
    assert!(streamed == owned);
    assert!(!inbox.search(SearchKey::Unseen).unwrap().is_empty());
    let mut seen = inbox.download_and_mark_seen(first(), &whole).unwrap();
    seen.copy_to(&mut std::io::sink()).unwrap();
    let unseen = inbox.search(SearchKey::Unseen).unwrap();
    assert!(!unseen.contains(first()));
}
