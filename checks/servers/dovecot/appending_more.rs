//! The rest of APPEND's family: readers, several at once, parts, replaced drafts.

use std::io::{self, Read};

use latchbox::types::{
    CatenatePart, FetchItem, Flag, MessageUrl, NewMessage, ResponseCode, SearchKey, Section, UidSet,
};
use latchbox::{Error, Session};

use super::{session, session_on, tapped_on, uid, uids, whole};
use crate::support::dovecot::{Dovecot, dovecot};

/// Lines of 100 octets, made as they are read.
struct Lines {
    at: usize,
    end: usize,
}

const HEADER: &[u8] = b"Subject: lines\r\n\r\n";

impl Lines {
    fn new(octets: usize) -> Self {
        Self { at: 0, end: octets }
    }

    fn octet(at: usize) -> u8 {
        match HEADER.get(at) {
            Some(octet) => *octet,
            None => match (at - HEADER.len()) % 100 {
                98 => b'\r',
                99 => b'\n',
                column => b'a' + ((at / 100 + column) % 26) as u8,
            },
        }
    }
}

impl Read for Lines {
    fn read(&mut self, place: &mut [u8]) -> io::Result<usize> {
        let octets = place.len().min(self.end - self.at).min(10_007);
        for (place, at) in place[..octets].iter_mut().zip(self.at..) {
            *place = Self::octet(at);
        }
        self.at += octets;
        Ok(octets)
    }
}

fn append_lines(session: &Session, octets: usize) {
    let lines = Lines::new(octets);
    session
        .append("INBOX", NewMessage::from_reader(lines, octets as u64))
        .unwrap();
}

fn assert_lines(message: &[u8], octets: usize) {
    assert_eq!(message.len(), octets);
    let mut expected = (0..octets).map(Lines::octet);
    assert!(message.iter().all(|octet| expected.next() == Some(*octet)));
}

#[test]
fn twenty_five_megabytes_from_a_reader_come_back_octet_for_octet() {
    const OCTETS: usize = HEADER.len() + 250_000 * 100;
    let session = session(&dovecot().user());
    append_lines(&session, OCTETS);
    let mut inbox = session.lock_mailbox_read_only("INBOX").unwrap();
    assert_lines(&whole(&mut inbox, uid(1)), OCTETS);
}

#[test]
fn a_reader_is_sent_by_each_kind_of_literal() {
    for (setting, large) in [
        ("imap_literal_minus = yes", "{100018}"),
        ("imap_capability = IMAP4rev1 UIDPLUS", "{100018}"),
        ("imap_capability = IMAP4rev1 LITERAL+", "{100018+}"),
    ] {
        let own = Dovecot::start(setting).unwrap();
        let (session, sent) = tapped_on(&own, &own.user());
        for (number, octets) in [(1, 418), (2, 4018), (3, 4118), (4, 100_018)] {
            append_lines(&session, octets);
            let mut inbox = session.lock_mailbox_read_only("INBOX").unwrap();
            assert_lines(&whole(&mut inbox, uid(number)), octets);
        }
        assert!(sent.text().contains(large), "{setting}");
        let missing = session
            .append(
                "None such",
                NewMessage::from_reader(Lines::new(10_018), 10_018),
            )
            .unwrap_err();
        assert!(missing.is_try_create(), "{missing:?}");
        session.noop().unwrap();
    }
}

#[test]
fn a_reader_with_nul_is_stored_as_it_is() {
    let session = session(&dovecot().user());
    let message = b"Subject: nul\r\nContent-Transfer-Encoding: binary\r\n\r\na\0b\r\n";
    session
        .append(
            "INBOX",
            NewMessage::from_reader(&message[..], message.len() as u64).binary(),
        )
        .unwrap();
    let mut inbox = session.lock_mailbox_read_only("INBOX").unwrap();
    let body = Section::part("1").unwrap();
    let set = uids("1");
    let items = [FetchItem::BinaryPeek(body.clone())];
    let mut messages = inbox.fetch(&set, items).unwrap();
    let fetched = messages.next().unwrap().unwrap();
    assert_eq!(fetched.binary(&body), Some(&b"a\0b\r\n"[..]));
}

#[test]
fn a_reader_that_ends_early_leaves_nothing_behind() {
    let user = dovecot().user();
    let broken = session(&user);
    let error = broken
        .append(
            "INBOX",
            NewMessage::from_reader(Lines::new(100_000), 200_000),
        )
        .unwrap_err();
    assert!(error.is_closed() && !error.may_have_taken_effect());
    let session = session(&user);
    assert_eq!(session.lock_mailbox("INBOX").unwrap().exists(), 0);
}

fn numbered(number: u32) -> Vec<u8> {
    format!("Message-ID: <{number}@x>\r\nSubject: message {number}\r\n\r\nBody.\r\n").into_bytes()
}

fn subjects(session: &Session) -> Vec<String> {
    let mut inbox = session.lock_mailbox_read_only("INBOX").unwrap();
    let mut messages = inbox.fetch(&UidSet::all(), [FetchItem::Envelope]).unwrap();
    let mut subjects = Vec::new();
    while let Some(message) = messages.next().unwrap() {
        subjects.push(message.envelope().unwrap().subject().to_string());
    }
    subjects
}

#[test]
fn all_are_stored_or_none() {
    let own = Dovecot::start("imap_literal_minus = yes").unwrap();
    for server in [dovecot(), &own] {
        let session = session_on(server, &server.user());
        let messages = (1..=500).map(|number| match number {
            7 => NewMessage::new(numbered(7)).flags([Flag::Seen]),
            250 => NewMessage::from_reader(Lines::new(70_018), 70_018),
            number => numbered(number).into(),
        });
        let appended = session.append_atomic("INBOX", messages).unwrap();
        assert_eq!(appended.uids().unwrap().to_string(), "1:500");
        let subjects = subjects(&session);
        assert_eq!(subjects.len(), 500);
        assert_eq!((&*subjects[6], &*subjects[249]), ("message 7", "lines"));
        let mut inbox = session.lock_mailbox_read_only("INBOX").unwrap();
        assert_eq!(inbox.search(SearchKey::Seen).unwrap().to_string(), "7");
        // One that cannot be sent, after some that were.
        let broken = [numbered(1), numbered(2), Vec::new()];
        let error = session.append_atomic("INBOX", broken).unwrap_err();
        assert!(matches!(error, Error::Argument(_)), "{error:?}");
        inbox.refresh().unwrap();
        assert_eq!(inbox.exists(), 500);
        // A refusal.
        let error = session
            .append_atomic("None such", [numbered(1), numbered(2)])
            .unwrap_err();
        assert!(error.is_try_create(), "{error:?}");
        session.noop().unwrap();
    }
}

#[test]
fn each_is_stored_in_order() {
    let own = Dovecot::start("imap_capability = IMAP4rev1 UIDPLUS").unwrap();
    for server in [dovecot(), &own] {
        let session = session_on(server, &server.user());
        let messages = (1..=300).map(numbered);
        let outcomes = session.append_each("INBOX", messages).unwrap();
        let uids: Vec<_> = outcomes
            .map(|outcome| outcome.unwrap().uid().unwrap().value())
            .collect();
        assert_eq!(uids, (1..=300).collect::<Vec<_>>());
        let expected = (1..=300).map(|number| format!("message {number}"));
        assert_eq!(subjects(&session), expected.collect::<Vec<_>>());
        let refused = session
            .append_each("None such", [numbered(1), numbered(2)])
            .unwrap();
        assert_eq!(
            refused
                .filter(|o| o.as_ref().unwrap_err().is_try_create())
                .count(),
            2
        );
    }
}

#[test]
fn parts_of_other_messages_become_one() {
    let session = session(&dovecot().user());
    session.create("Entwürfe & Co").unwrap();
    let mixed = b"Subject: mixed\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n\
        --b\r\nContent-Type: text/plain\r\n\r\nHello.\r\n--b\r\nContent-Type: text/plain\r\n\r\n\
        The attachment.\r\n--b--\r\n";
    session.append("Entwürfe & Co", mixed).unwrap();
    let mut drafts = session.lock_mailbox("Entwürfe & Co").unwrap();
    let found = drafts.search(SearchKey::All).unwrap();
    let part = |section: Section| {
        CatenatePart::Url(MessageUrl::try_from(&found).unwrap().section(section))
    };
    let draft = NewMessage::of_parts([
        part(Section::header_fields(["Subject", "To"]).unwrap()),
        CatenatePart::Text(b"Once again:\r\n"),
        part(Section::part("2").unwrap()),
    ])
    .flags([Flag::Draft]);
    let appended = drafts.append(draft).unwrap();
    let stored = whole(&mut drafts, appended.uid().unwrap());
    let text = String::from_utf8(stored).unwrap();
    assert!(text.starts_with("Subject: mixed\r\n"), "{text}");
    assert!(text.ends_with("Once again:\r\nThe attachment."), "{text}");
    // A part of a message that is not there.
    let gone = MessageUrl::new(drafts.name().clone(), uid(77));
    let error = drafts
        .append(NewMessage::of_parts([CatenatePart::Url(gone.clone())]))
        .unwrap_err();
    let bad = Some(ResponseCode::BadUrl(gone.to_string()));
    assert_eq!(error.response_code(), bad.as_ref(), "{error:?}");
    assert_eq!(drafts.exists(), 2);
}

#[test]
fn a_draft_is_replaced_in_three_steps() {
    let session = session(&dovecot().user());
    session
        .append_atomic("INBOX", (1..=3).map(numbered))
        .unwrap();
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    // Somebody else's mark stays what it is.
    inbox
        .store(
            &uids("1"),
            latchbox::types::StoreAction::Add,
            [Flag::Deleted],
        )
        .unwrap();
    let replaced = inbox.replace(&uids("2"), "INBOX", numbered(4)).unwrap();
    assert_eq!(replaced.removed().unwrap().uid(), Some(uid(4)));
    assert_eq!(inbox.search(SearchKey::All).unwrap().to_string(), "1,3:4");
}

#[test]
fn the_uid_is_found_where_the_server_does_not_tell_it() {
    let own = Dovecot::start("imap_capability = IMAP4rev1 LITERAL+").unwrap();
    for server in [dovecot(), &own] {
        let session = session_on(server, &server.user());
        session.append("INBOX", numbered(1)).unwrap();
        let mut inbox = session.lock_mailbox("INBOX").unwrap();
        // The same Message-ID as an older one.
        assert_eq!(inbox.append(numbered(1)).unwrap().uid(), Some(uid(2)));
        assert_eq!(inbox.append(numbered(2)).unwrap().uid(), Some(uid(3)));
    }
}
