//! What other servers than Dovecot make of it.

use latchbox::command::CreateOptions;
use latchbox::types::{
    Capability, FoundBy, ListOptions, MailboxAttribute, ResponseCode, SearchKey, SpecialUse,
    StatusItem, UidSet,
};
use latchbox::{Client, Session};

use crate::support::servers::{PASSWORD, Server, courier, cyrus};

const MESSAGE: &str = "From: a@x\r\nSubject: plain\r\n\r\nBody.\r\n";

fn log_in(server: &Server) -> Session {
    let builder = Client::builder("127.0.0.1").port(server.running.port());
    let client = builder.danger_plaintext().danger_cleartext_login();
    let client = client.connect().unwrap();
    let session = client.login(&server.user(), PASSWORD).map_err(|(e, _)| e);
    session.unwrap()
}

/// It has all of it.
#[test]
fn cyrus_creates_for_a_use_lists_and_counts() {
    let server = cyrus().unwrap();
    let session = log_in(&server);
    // There is an archive already, and one is enough for Cyrus.
    let options = CreateOptions::new().special_use(SpecialUse::Archive);
    let refused = session.create_with("Kept", &options).unwrap_err();
    assert_eq!(refused.response_code(), Some(&ResponseCode::UseAttr));
    let options = CreateOptions::new().special_use(SpecialUse::Important);
    let created = session.create_with("Kept", &options).unwrap();
    assert_eq!(created.special_uses(), Some(&[SpecialUse::Important][..]));
    assert!(created.mailbox_id().is_some());
    session.subscribe("Kept").unwrap();
    session.append("Kept", MESSAGE).unwrap();
    // Ids of mailboxes are not asked for here: Cyrus 3.6 writes whatever lies in its memory then.
    let options = ListOptions::new()
        .return_subscribed()
        .return_children()
        .return_special_use()
        .return_status([StatusItem::Messages, StatusItem::Unseen]);
    let listed = session.list_with("*", &options).unwrap();
    let kept = listed.iter().find(|entry| entry.name() == "Kept").unwrap();
    assert_eq!(kept.special_use(), Some(SpecialUse::Important));
    assert!(kept.has(&MailboxAttribute::Subscribed));
    assert_eq!(kept.has_children(), Some(false));
    let status = kept.status().unwrap();
    assert_eq!(status.messages(), Some(1));
    let alone = session.status("Kept", [StatusItem::MailboxId]).unwrap();
    assert_eq!(alone.mailbox_id(), created.mailbox_id());
    session.logout().unwrap();
    server.running.stop();
}

/// It has UIDPLUS, names below `INBOX.`, and neither MOVE nor attributes of special use.
#[test]
fn courier_moves_in_steps_to_the_trash_that_has_its_name() {
    let server = courier().unwrap();
    let session = log_in(&server);
    let capabilities = session.capabilities().unwrap();
    assert!(!capabilities.supports(&Capability::Move));
    assert!(!capabilities.supports(&Capability::SpecialUse));
    for _ in 0..3 {
        session.append("INBOX", MESSAGE).unwrap();
    }
    let special = session.special_mailboxes().unwrap();
    if special.get(SpecialUse::Trash).is_none() {
        session.create("INBOX.Trash").unwrap();
    }
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let two: UidSet = inbox
        .search(SearchKey::All)
        .unwrap()
        .iter()
        .take(2)
        .collect();
    let trashed = inbox.move_to_trash(&two).unwrap();
    assert_eq!(trashed.trash().found_by(), FoundBy::Name);
    assert_eq!(trashed.trash().mailbox().name(), "INBOX.Trash");
    assert_eq!(trashed.copied().pairs().count(), 2);
    assert_eq!(inbox.exists(), 1);
    let counted = session.list_status("*", [StatusItem::Messages]).unwrap();
    let trash = counted.iter().find(|entry| entry.name() == "INBOX.Trash");
    let status = trash.unwrap().status().unwrap();
    assert_eq!(status.messages(), Some(2));
    drop(inbox);
    session.logout().unwrap();
    server.running.stop();
}
