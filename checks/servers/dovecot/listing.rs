//! LIST-EXTENDED, LIST-STATUS and special uses, and the same without them.

use latchbox::command::List;
use latchbox::types::{ListEntry, MailboxAttribute, MailboxTree, SpecialUse, StatusItem};
use latchbox::{Result, Session};

use super::{session, session_on, tapped_on};
use crate::support::dovecot::{Dovecot, dovecot};

/// What the listing of a user with some mailboxes is, by this LIST.
fn listed(session: &Session, list: List) -> Vec<String> {
    let mut found: Vec<_> = session
        .run(list)
        .unwrap()
        .iter()
        .map(|entry| {
            let is_subscribed = entry.has(&MailboxAttribute::Subscribed);
            format!("{} {is_subscribed}", entry.name())
        })
        .collect();
    found.sort();
    found
}

#[test]
fn subscriptions_are_the_same_with_list_extended_and_without() {
    let bare = Dovecot::start("imap_capability = IMAP4rev1").unwrap();
    for server in [dovecot(), &bare] {
        let session = session_on(server, &server.user());
        session.create("Work/2025").unwrap();
        session.subscribe("Work/2025").unwrap();
        let selected = listed(&session, List::new("*").unwrap().select_subscribed());
        assert!(selected.contains(&"Work/2025 true".to_owned()));
        assert!(selected.iter().all(|entry| entry.ends_with(" true")));
        assert!(!selected.contains(&"INBOX true".to_owned()), "{selected:?}");
        let told = listed(&session, List::new("*").unwrap().return_subscribed());
        assert!(told.contains(&"Work/2025 true".to_owned()), "{told:?}");
        assert!(told.contains(&"INBOX false".to_owned()), "{told:?}");
        let top = session
            .run(
                List::new("%")
                    .unwrap()
                    .select_subscribed()
                    .recursive_match(),
            )
            .unwrap();
        let work = top.iter().find(|entry| entry.name() == "Work").unwrap();
        assert_eq!(work.child_info(), ["SUBSCRIBED"]);
        assert!(!work.has(&MailboxAttribute::Subscribed));
    }
}

fn counts(listed: Result<Vec<ListEntry>>) -> Vec<(String, Option<u32>, Option<u32>)> {
    let entries = listed.unwrap().into_iter();
    let mut counts: Vec<_> = entries
        .filter_map(|entry| {
            let status = entry.status()?;
            let name = entry.name().as_str().to_owned();
            Some((name, status.messages(), status.unseen()))
        })
        .collect();
    counts.sort();
    counts
}

#[test]
fn counts_of_all_mailboxes_are_one_command_or_one_go() {
    let bare = Dovecot::start("imap_capability = IMAP4rev1").unwrap();
    let mut both = Vec::new();
    for server in [dovecot(), &bare] {
        let user = server.user();
        user.fill("INBOX", 10);
        user.fill("Archive", 4);
        let (session, sent) = tapped_on(server, &user);
        session.capabilities().unwrap();
        sent.take();
        both.push(counts(
            session.run(
                List::new("*")
                    .unwrap()
                    .return_status([StatusItem::Messages, StatusItem::Unseen]),
            ),
        ));
        let sent = sent.take();
        assert_eq!(
            sent.contains("RETURN (STATUS"),
            server.port() != bare.port(),
            "{sent}"
        );
    }
    assert_eq!(both[0], both[1]);
    assert!(
        both[0].contains(&("INBOX".to_owned(), Some(10), Some(5))),
        "{:?}",
        both[0]
    );
}

#[test]
fn special_uses_are_selected_and_found() {
    let session = session(&dovecot().user());
    session.create("Projects").unwrap();
    let selected = session
        .run(
            List::new("*")
                .unwrap()
                .select_special_use()
                .return_special_use(),
        )
        .unwrap();
    assert!(selected.iter().all(|entry| entry.special_use().is_some()));
    assert!(selected.len() >= 5, "{selected:?}");
    let special = session.special_mailboxes().unwrap();
    for (special_use, name) in [
        (SpecialUse::Archive, "Archive"),
        (SpecialUse::Drafts, "Drafts"),
        (SpecialUse::Junk, "Junk"),
        (SpecialUse::Sent, "Sent"),
        (SpecialUse::Trash, "Trash"),
    ] {
        assert_eq!(special.get(special_use).unwrap().mailbox().name(), name);
    }
}

#[test]
fn several_patterns_are_one_list() {
    let session = session(&dovecot().user());
    let found = session
        .run(List::new("T%").unwrap().or_pattern("S%".parse().unwrap()))
        .unwrap();
    let mut names: Vec<_> = found.iter().map(|entry| entry.name().as_str()).collect();
    names.sort_unstable();
    assert_eq!(names, ["Sent", "Trash"]);
}

#[test]
fn mailboxes_make_a_tree() {
    let session = session(&dovecot().user());
    session.create("Work/2025/März").unwrap();
    let tree = MailboxTree::new(session.list("*").unwrap());
    let march = tree.get("Work/2025/März").unwrap();
    assert_eq!((march.level(), march.depth()), ("März", 2));
    assert!(march.is_selectable());
    assert_eq!(march.parent().unwrap().name(), "Work/2025");
    let work = tree.get("Work").unwrap();
    assert_eq!(work.children().count(), 1);
    assert!(tree.roots().any(|node| node.name().is_inbox()));
}
