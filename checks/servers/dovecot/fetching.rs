//! FETCH: the items that describe a message.

use latchbox::Error;
use latchbox::message::ItemErrorKind;
use latchbox::types::{
    DateTime, FetchItem, Flag, NewMessage, SearchKey, Section, SeqNum, StoreAction, UidSet,
};

use super::{session, tapped_on, uid, uids};
use crate::support::dovecot::dovecot;

const MESSAGE: &str = "\
From: =?utf-8?q?J=C3=BCrgen?= <juergen@example.com>\n\
Sender: office@example.com\n\
Reply-To: \"Reply, to\" <reply@example.com>\n\
To: Ann <ann@example.com>, bob@example.com\n\
Cc: Team: cc1@example.com, cc2@example.com;, last@example.com\n\
Bcc: hidden@example.com\n\
Subject: =?iso-8859-1?q?Gr=FC=DFe?= \"quoted\" \\back\n\
Date: Fri, 15 Mar 2024 10:11:12 +0100\n\
Message-ID: <one@example.com>\n\
In-Reply-To: <zero@example.com>\n\
\n\
Hello!\n";

#[test]
fn every_item_that_describes_a_message() {
    let session = session(&dovecot().user());
    let message = MESSAGE.replace('\n', "\r\n");
    let received: DateTime = "2024-03-15T11:22:33+01:00".parse().unwrap();
    session
        .append(
            "INBOX",
            NewMessage::new(message.as_bytes())
                .internal_date(received)
                .flags([Flag::Answered]),
        )
        .unwrap();
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let items = [
        FetchItem::Uid,
        FetchItem::Flags,
        FetchItem::InternalDate,
        FetchItem::Rfc822Size,
        FetchItem::Envelope,
        FetchItem::BodyStructure,
        FetchItem::ModSeq,
    ];
    let set = uids("1");
    let mut messages = inbox.fetch(&set, items).unwrap();
    let fetched = messages.next().unwrap().unwrap();
    assert_eq!(fetched.seq(), SeqNum::new(1));
    assert_eq!(fetched.uid(), uid(1));
    let flags: Vec<_> = fetched.flags().unwrap().collect();
    assert!(flags.contains(&Flag::Answered) && !flags.contains(&Flag::Seen));
    assert_eq!(fetched.internal_date().unwrap(), Some(received));
    assert_eq!(fetched.size(), Some(message.len() as u64));
    assert!(fetched.mod_seq().is_some());
    assert_eq!(fetched.errors().count(), 0);

    let envelope = fetched.envelope().unwrap();
    assert_eq!(envelope.subject(), "Grüße \"quoted\" \\back");
    let sent: DateTime = "2024-03-15T10:11:12+01:00".parse().unwrap();
    assert_eq!(envelope.date().and_then(|date| date.instant()), Some(sent));
    assert_eq!(
        envelope.message_id().as_deref(),
        Some(&b"<one@example.com>"[..])
    );
    assert_eq!(
        envelope.in_reply_to().as_deref(),
        Some(&b"<zero@example.com>"[..])
    );
    let from: Vec<_> = envelope.from().collect();
    assert_eq!(from.len(), 1);
    assert_eq!(from[0].name().as_deref(), Some("Jürgen"));
    assert_eq!(from[0].email().as_deref(), Some("juergen@example.com"));
    let emails = |addresses: latchbox::message::Addresses<'_>| {
        addresses
            .filter_map(|address| address.email())
            .collect::<Vec<_>>()
    };
    assert_eq!(emails(envelope.sender()), ["office@example.com"]);
    assert_eq!(emails(envelope.reply_to()), ["reply@example.com"]);
    let reply_to = envelope.reply_to().next().unwrap();
    assert_eq!(reply_to.name().as_deref(), Some("Reply, to"));
    assert_eq!(
        emails(envelope.to()),
        ["ann@example.com", "bob@example.com"]
    );
    let cc = ["cc1@example.com", "cc2@example.com", "last@example.com"];
    assert_eq!(emails(envelope.cc()), cc);
    let groups: Vec<_> = envelope
        .cc()
        .map(|address| address.group().is_some())
        .collect();
    assert_eq!(groups, [true, true, false]);
    assert_eq!(emails(envelope.bcc()), ["hidden@example.com"]);

    let structure = fetched.body_structure().unwrap();
    assert!(structure.root().is_type("text", "plain"));
    assert!(messages.next().unwrap().is_none());
}

#[test]
fn what_was_not_asked_for_is_missing_and_says_so() {
    let user = dovecot().user();
    user.fill("INBOX", 1);
    let session = session(&user);
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let set = uids("1");
    let mut messages = inbox.fetch(&set, [FetchItem::Rfc822Size]).unwrap();
    let fetched = messages.next().unwrap().unwrap();
    assert_eq!(fetched.uid(), uid(1), "it comes unasked");
    assert!(fetched.flags().is_none() && fetched.mod_seq().is_none());
    let error = fetched.internal_date().unwrap_err();
    assert_eq!(error.kind(), ItemErrorKind::Missing);
    let error = fetched.envelope().unwrap_err();
    assert_eq!(error.kind(), ItemErrorKind::Missing);
    assert!(fetched.body_structure().is_err());
    assert_eq!(fetched.body(&Section::whole()), None);
}

#[test]
fn messages_come_as_a_lending_stream_and_as_an_iterator() {
    let user = dovecot().user();
    user.fill("INBOX", 50);
    let session = session(&user);
    let mut inbox = session.lock_mailbox_read_only("INBOX").unwrap();
    let set = uids("11:20,40:*");
    let mut lent = Vec::new();
    let mut messages = inbox.fetch(&set, [FetchItem::Envelope]).unwrap();
    while let Some(message) = messages.next().unwrap() {
        let subject = message.envelope().unwrap().subject().into_owned();
        lent.push((message.uid(), subject));
    }
    assert!(messages.next().unwrap().is_none(), "and stays at the end");
    drop(messages);
    let expected: Vec<_> = (11..=20)
        .chain(40..=50)
        .map(|n| (uid(n), format!("message {n}")))
        .collect();
    assert_eq!(lent, expected);
    let owned: Result<Vec<_>, Error> = inbox
        .fetch(&set, [FetchItem::Envelope])
        .unwrap()
        .into_iter()
        .collect();
    let owned: Vec<_> = owned
        .unwrap()
        .iter()
        .map(|m| (m.uid(), m.envelope().unwrap().subject().into_owned()))
        .collect();
    assert_eq!(owned, expected);
}

#[test]
fn uids_of_no_message_are_passed_over() {
    let user = dovecot().user();
    user.fill("INBOX", 3);
    let session = session(&user);
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    inbox.delete(&uids("2")).unwrap();
    let found: Vec<_> = inbox
        .fetch(&uids("1:2,77"), [FetchItem::Flags])
        .unwrap()
        .into_iter()
        .map(|message| message.unwrap().uid())
        .collect();
    assert_eq!(found, [uid(1)]);
}

#[test]
fn sequence_numbers_fetch_by_place() {
    let user = dovecot().user();
    user.fill("INBOX", 9);
    let session = session(&user);
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    inbox.delete(&uids("1:3")).unwrap();
    let mut numbered = inbox.numbered();
    let places = numbered.parse("1,3:4").unwrap();
    let found: Vec<_> = numbered
        .fetch(&places, [FetchItem::Uid, FetchItem::Flags])
        .unwrap()
        .into_iter()
        .map(|message| message.unwrap())
        .map(|message| (message.seq().unwrap().value(), message.uid().value()))
        .collect();
    assert_eq!(found, [(1, 4), (3, 6), (4, 7)]);
}

#[test]
fn flags_that_another_session_changes_meanwhile_are_no_answers() {
    let user = dovecot().user();
    user.fill("INBOX", 10);
    let (one, other) = (session(&user), session(&user));
    let mut inbox = one.lock_mailbox("INBOX").unwrap();
    let mut theirs = other.lock_mailbox("INBOX").unwrap();
    theirs
        .store(&uids("1:10"), StoreAction::Add, [Flag::Flagged])
        .unwrap();
    let set = uids("3:4");
    let fetched: Vec<_> = inbox
        .fetch(&set, [FetchItem::Envelope])
        .unwrap()
        .into_iter()
        .map(|message| message.unwrap())
        .collect();
    assert_eq!(fetched.len(), 2);
    for message in &fetched {
        assert!(
            message
                .envelope()
                .unwrap()
                .subject()
                .starts_with("message ")
        );
    }
    inbox.refresh().unwrap();
    assert_eq!(inbox.search(SearchKey::Flagged).unwrap().len(), 10);
    let changed = inbox.events();
    assert!(!changed.is_empty());
}

#[test]
fn what_cannot_be_asked_for_is_refused_before_anything_is_sent() {
    let (session, sent) = tapped_on(dovecot(), &dovecot().user());
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    sent.take();
    let none = inbox.fetch(&UidSet::all(), []).map(drop).unwrap_err();
    assert!(matches!(none, Error::Argument(_)), "{none}");
    let header = FetchItem::BinaryAndMarkSeen(Section::whole().header());
    let refused = inbox.fetch(&UidSet::all(), [header]).map(drop).unwrap_err();
    assert!(matches!(refused, Error::Argument(_)), "{refused}");
    assert_eq!(sent.take(), "");
}
