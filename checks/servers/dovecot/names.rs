//! Mailbox names beyond ASCII, and ASCII that the protocol makes trouble with: both ways.

use latchbox::types::{MailboxName, StatusItem};

use super::{session, uid, uids, whole};
use crate::support::dovecot::dovecot;

/// Names, and how the wire has them without UTF8=ACCEPT (RFC 3501 section 5.1.3).
const NAMES: [(&str, &str); 14] = [
    ("Entwürfe", "Entw&APw-rfe"),
    ("Tom & Jerry", "Tom &- Jerry"),
    ("R&D", "R&-D"),
    ("&", "&-"),
    ("a&-b", "a&--b"),
    ("🎉 party", "&2DzfiQ- party"),
    ("日本語", "&ZeVnLIqe-"),
    ("~peter ± /x", "~peter &ALE- /x"),
    ("two  words", "two  words"),
    (" leading and trailing ", " leading and trailing "),
    ("say \"hi\"", "say \\\"hi\\\""),
    ("back\\slash", "back\\\\slash"),
    ("(paren) {3} [x] 'q'", "(paren) {3} [x] 'q'"),
    ("NIL", "NIL"),
];

/// Those that Dovecot's own rules let be made.
fn names() -> impl Iterator<Item = (&'static str, &'static str)> {
    NAMES.into_iter().filter(|(name, _)| !name.starts_with('~'))
}

#[test]
fn what_we_create_the_server_has_under_that_name() {
    let user = dovecot().user();
    let (session, sent) = super::tapped_on(dovecot(), &user);
    for (name, wire) in names() {
        sent.take();
        session.create(name).unwrap();
        let line = sent.take();
        assert!(line.ends_with(&format!(" CREATE \"{wire}\"\r\n")), "{line}");
    }
    let listed = dovecot().doveadm(&["mailbox", "list", "-u", user.name()]);
    for (name, _) in names() {
        assert!(
            listed.lines().any(|line| line == name),
            "{name} in {listed}"
        );
    }
}

#[test]
fn what_the_server_has_we_list_under_that_name_and_can_use() {
    let user = dovecot().user();
    let session = session(&user);
    for (name, _) in names() {
        dovecot().doveadm(&["mailbox", "create", "-u", user.name(), "--", name]);
    }
    let listed = session.list("*").unwrap();
    for (name, _) in names() {
        let entry = listed.iter().find(|entry| entry.name().as_str() == name);
        let listed_name = entry
            .unwrap_or_else(|| panic!("{name} in {listed:?}"))
            .name();
        assert_eq!(*listed_name, MailboxName::new(name).unwrap());
        let guard = session.lock_mailbox(listed_name).unwrap();
        assert_eq!(guard.name().as_str(), name);
    }
}

#[test]
fn every_command_takes_such_a_name() {
    let user = dovecot().user();
    let session = session(&user);
    let message = b"Subject: here\r\n\r\nBody\r\n";
    for (number, (name, _)) in names().enumerate() {
        session.create(name).unwrap();
        session.subscribe(name).unwrap();
        let subscribed = session.lsub(name).unwrap();
        assert!(
            subscribed.iter().any(|entry| entry.name().as_str() == name),
            "{name}"
        );
        session.unsubscribe(name).unwrap();
        session.append(name, message).unwrap();
        let status = session.status(name, [StatusItem::Messages]).unwrap();
        assert_eq!((status.name().as_str(), status.messages()), (name, Some(1)));
        let mut guard = session.lock_mailbox(name).unwrap();
        assert_eq!(whole(&mut guard, uid(1)), message);
        let copied = guard.copy(&uids("1"), name).unwrap();
        assert_eq!(
            copied
                .copies()
                .unwrap()
                .origin()
                .unwrap()
                .mailbox()
                .as_str(),
            name
        );
        let moved = guard.move_to(&uids("1"), name).unwrap();
        assert_eq!(moved.pairs().collect::<Vec<_>>(), [(uid(1), uid(3))]);
        drop(guard);
        let plain = format!("plain {number}");
        session.rename(name, &plain).unwrap();
        session.rename(&plain, name).unwrap();
        session.delete(name).unwrap();
        assert!(session.list(name).unwrap().is_empty(), "{name}");
    }
}

#[test]
fn patterns_beyond_ascii_find_names_beyond_ascii() {
    let session = session(&dovecot().user());
    for name in ["Entwürfe", "Entwürfe/März", "Entwurf", "Übersicht"] {
        session.create(name).unwrap();
    }
    let found = |pattern: &str| {
        let entries = session.list(pattern).unwrap();
        let names = entries.iter().map(|entry| entry.name().as_str().to_owned());
        let mut names: Vec<_> = names.collect();
        names.sort();
        names
    };
    assert_eq!(found("Entwürfe"), ["Entwürfe"]);
    assert_eq!(found("Entwürfe*"), ["Entwürfe", "Entwürfe/März"]);
    assert_eq!(found("Entwürfe/%"), ["Entwürfe/März"]);
    assert_eq!(found("Ü%"), ["Übersicht"]);
}

#[test]
fn inbox_is_inbox_in_any_case() {
    let session = session(&dovecot().user());
    session.append("iNbOx", b"Subject: one\r\n\r\n").unwrap();
    let inbox = session.lock_mailbox("inbox").unwrap();
    assert_eq!((inbox.name().as_str(), inbox.exists()), ("INBOX", 1));
    drop(inbox);
    session.create("Inbox copies").unwrap();
    assert_eq!(
        session.list("Inbox copies").unwrap()[0].name().as_str(),
        "Inbox copies"
    );
}
