//! APPEND: octets that survive the way there and back, by each kind of literal.

use latchbox::types::{DateTime, FetchItem, Flag, NewMessage, ResponseCode, SearchKey, Section};
use latchbox::{Error, Session};

use super::{plaintext, session, tapped_on, uid, uids, whole};
use crate::support::dovecot::{Dovecot, dovecot};

const SMALL: &[u8] = b"Subject: small\r\n\r\nA body.\r\n";

/// Every octet that a message may have, with lines of 200 octets; no two lines are alike.
fn eight_bit(octets: usize) -> Vec<u8> {
    let mut message = b"Subject: eight bits\r\nContent-Type: application/octet-stream\r\n\
        Content-Transfer-Encoding: 8bit\r\n\r\n"
        .to_vec();
    let mut state = 1_u32;
    while message.len() < octets {
        for _ in 0..200 {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let octet = (state >> 24) as u8;
            message.push(if matches!(octet, 0 | b'\r' | b'\n') {
                0xff
            } else {
                octet
            });
        }
        message.extend_from_slice(b"\r\n");
    }
    message
}

fn stored(session: &Session, number: u32) -> Vec<u8> {
    whole(
        &mut session.lock_mailbox_read_only("INBOX").unwrap(),
        uid(number),
    )
}

#[test]
fn eight_bit_messages_come_back_octet_for_octet() {
    let session = session(&dovecot().user());
    for (number, octets) in [(1, 300), (2, 5_000), (3, 70_000)] {
        let message = eight_bit(octets);
        let appended = session.append("INBOX", &message).unwrap();
        assert_eq!(appended.uid(), Some(uid(number)));
        assert!(stored(&session, number) == message, "{octets} octets");
    }
}

#[test]
fn five_megabytes_come_back_octet_for_octet() {
    let session = session(&dovecot().user());
    let message = eight_bit(5 << 20);
    session.append("INBOX", &message).unwrap();
    assert!(stored(&session, 1) == message);
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let set = uids("1");
    let mut messages = inbox.fetch(&set, [FetchItem::Rfc822Size]).unwrap();
    let size = messages.next().unwrap().unwrap().size();
    assert_eq!(size, Some(message.len() as u64));
}

#[test]
fn five_megabytes_that_others_delivered_come_octet_for_octet() {
    let user = dovecot().user();
    let message = eight_bit(5 << 20);
    user.deliver("INBOX", &message, "");
    assert!(stored(&session(&user), 1) == message);
}

#[test]
fn five_megabytes_inside_tls_come_back_octet_for_octet() {
    let user = dovecot().user();
    let roots = crate::support::certificates::certificates()
        .authority
        .clone();
    let client = latchbox::Client::builder("localhost")
        .port(dovecot().tls_port())
        .root_certificates_pem(roots);
    let session = super::log_in(client.connect().unwrap(), &user);
    let message = eight_bit(5 << 20);
    session.append("INBOX", &message).unwrap();
    assert!(stored(&session, 1) == message);
}

#[test]
fn flags_and_date_go_along() {
    let session = session(&dovecot().user());
    let work = Flag::keyword("$Work").unwrap();
    let date: DateTime = "2001-02-03T04:05:06+07:00".parse().unwrap();
    session
        .append(
            "INBOX",
            NewMessage::new(SMALL)
                .flags([Flag::Seen, Flag::Flagged, work.clone()])
                .internal_date(date),
        )
        .unwrap();
    session.append("INBOX", NewMessage::new(SMALL)).unwrap();
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let set = uids("1:2");
    let items = [FetchItem::Flags, FetchItem::InternalDate];
    let mut messages = inbox.fetch(&set, items).unwrap();
    let first = messages.next().unwrap().unwrap();
    let flags = first.flags().unwrap();
    for flag in [Flag::Seen, Flag::Flagged, work] {
        assert!(flags.contains(&flag), "{flags:?}");
    }
    assert!(!flags.contains(&Flag::Draft));
    assert_eq!(first.internal_date().unwrap(), Some(date));
    let second = messages.next().unwrap().unwrap();
    assert!(!second.flags().unwrap().contains(&Flag::Seen));
    let now = DateTime::try_from(std::time::SystemTime::now()).unwrap();
    let stored = second.internal_date().unwrap().unwrap();
    let apart = now.unix_timestamp().abs_diff(stored.unix_timestamp());
    assert!(apart < 3600, "{now} and {stored}");
}

#[test]
fn a_mailbox_that_is_not_there_is_refused_with_trycreate() {
    let (session, sent) = tapped_on(dovecot(), &dovecot().user());
    let error = session.append("None such", SMALL).unwrap_err();
    assert_eq!(error.response_code(), Some(&ResponseCode::TryCreate));
    assert!(!error.may_have_taken_effect());
    sent.take();
    let empty = session.append("INBOX", b"").unwrap_err();
    assert!(matches!(empty, Error::Argument(_)), "{empty}");
    assert_eq!(sent.take(), "");
    session.append("INBOX", SMALL).unwrap();
}

#[test]
fn a_message_with_nul_is_stored_where_the_server_has_binary() {
    let (session, sent) = tapped_on(dovecot(), &dovecot().user());
    let message = b"Subject: nul\r\nContent-Transfer-Encoding: binary\r\n\r\na\0b\r\n";
    session.append("INBOX", message).unwrap();
    assert!(sent.text().contains(" ~{"), "{}", sent.text());
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let body = Section::part("1").unwrap();
    let set = uids("1");
    let items = [FetchItem::BinaryPeek(body.clone())];
    let mut messages = inbox.fetch(&set, items).unwrap();
    let fetched = messages.next().unwrap().unwrap();
    assert_eq!(fetched.binary(&body), Some(&b"a\0b\r\n"[..]));
    let own = Dovecot::start("imap_capability = IMAP4rev1 LITERAL+").unwrap();
    let (session, sent) = tapped_on(&own, &own.user());
    session.capabilities().unwrap();
    sent.take();
    let refused = session.append("INBOX", message).unwrap_err();
    assert!(matches!(refused, Error::Argument(_)), "{refused}");
    assert_eq!(sent.take(), "");
}

#[test]
fn literal_plus_sends_everything_at_once() {
    let (session, sent) = tapped_on(dovecot(), &dovecot().user());
    let large = eight_bit(100_000);
    for (number, message) in [(1, SMALL), (2, &large)] {
        session.append("INBOX", message).unwrap();
        assert!(
            sent.take()
                .contains(&format!(" {{{}+}}\r\n", message.len()))
        );
        assert!(stored(&session, number) == message);
        sent.take();
    }
}

#[test]
fn literal_minus_sends_at_once_up_to_4096_octets() {
    let own = Dovecot::start("imap_literal_minus = yes").unwrap();
    let (session, sent) = tapped_on(&own, &own.user());
    let message = eight_bit(10_000);
    for (number, octets, sign) in [
        (1, 4095, "+"),
        (2, 4096, "+"),
        (3, 4097, ""),
        (4, 10_000, ""),
    ] {
        sent.take();
        session.append("INBOX", &message[..octets]).unwrap();
        let line = sent.take();
        assert!(
            line.contains(&format!(" {{{octets}{sign}}}\r\n")),
            "{octets}"
        );
        assert!(stored(&session, number) == message[..octets], "{octets}");
    }
    let refused = session.append("None such", &message).unwrap_err();
    assert_eq!(refused.response_code(), Some(&ResponseCode::TryCreate));
    session.noop().unwrap();
}

#[test]
fn synchronizing_literals_wait_to_be_asked_for() {
    let own = Dovecot::start("imap_capability = IMAP4rev1 UIDPLUS").unwrap();
    let user = own.user_with("pässwörd", "");
    let (session, sent) = tapped_on(&own, &user);
    let message = eight_bit(6_000);
    session.append("INBOX", &message).unwrap();
    assert!(!sent.text().contains("+}"));
    assert!(sent.text().contains(&format!(" {{{}}}\r\n", message.len())));
    assert!(stored(&session, 1) == message);
    // Refused when the literal is announced: its octets are never sent.
    sent.take();
    let refused = session.append("None such", &message).unwrap_err();
    assert_eq!(refused.response_code(), Some(&ResponseCode::TryCreate));
    assert_eq!(sent.take().lines().count(), 1);
    // Text that cannot be quoted goes the same way, in the middle of a command too.
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let key = SearchKey::Subject("ß".into()).or(SearchKey::Subject("eight bits".into()));
    assert_eq!(inbox.search(key).unwrap().to_string(), "1");
    assert!(sent.take().contains("{2}\r\n"));
}

#[test]
fn a_message_is_appended_while_another_thread_holds_nothing_and_seen_by_the_next_lock() {
    let user = dovecot().user();
    let session = super::log_in(plaintext(dovecot()).connect().unwrap(), &user);
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    session.append("INBOX", SMALL).unwrap();
    inbox.refresh().unwrap();
    assert_eq!(inbox.exists(), 1);
}
