//! A server that has IMAP4rev1 and nothing more: what works all the same, and what is refused
//! before anything is sent.

use std::sync::OnceLock;

use latchbox::command::Store;
use latchbox::types::{
    Capability, FetchItem, Flag, ModSeq, SearchKey, Section, StatusItem, StoreAction, UidSet,
};
use latchbox::{Error, Session};

use super::{tapped_on, uid, uids, whole};
use crate::support::dovecot::{Dovecot, User};
use crate::support::tap::Sent;

fn bare() -> &'static Dovecot {
    static BARE: OnceLock<Dovecot> = OnceLock::new();
    BARE.get_or_init(|| Dovecot::start("imap_capability = IMAP4rev1").unwrap())
}

fn filled(count: usize) -> (User, Session, Sent) {
    let user = bare().user();
    user.fill("INBOX", count);
    let (session, sent) = tapped_on(bare(), &user);
    (user, session, sent)
}

#[track_caller]
fn assert_unsupported<T: std::fmt::Debug>(result: latchbox::Result<T>, capability: &Capability) {
    match result {
        Err(Error::Unsupported(missing)) => assert_eq!(missing.capability(), capability),
        other => panic!("{capability}: {other:?}"),
    }
}

#[test]
fn what_the_server_does_not_have_is_refused_before_anything_is_sent() {
    let (_, session, sent) = filled(3);
    assert_eq!(session.capabilities().unwrap().to_string(), "IMAP4rev1");
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    sent.take();
    let one = uids("1");
    assert_unsupported(inbox.move_to(&one, "Archive"), &Capability::Move);
    assert_unsupported(inbox.expunge_uids(&one), &Capability::UidPlus);
    assert_unsupported(inbox.delete(&one), &Capability::UidPlus);
    let stored =
        inbox.run(Store::add(&one, &[Flag::Seen]).unchanged_since(ModSeq::new(1).unwrap()));
    assert_unsupported(stored, &Capability::CondStore);
    let fetched = inbox.fetch(&one, [FetchItem::ModSeq]).map(drop);
    assert_unsupported(fetched, &Capability::CondStore);
    let part = || Section::part("1").unwrap();
    for item in [
        FetchItem::BinaryAndMarkSeen(part()),
        FetchItem::BinaryPeek(part()),
        FetchItem::BinarySize(part()),
    ] {
        assert_unsupported(inbox.fetch(&one, [item]).map(drop), &Capability::Binary);
    }
    assert_unsupported(session.namespace(), &Capability::Namespace);
    assert_unsupported(session.id(&[]), &Capability::Id);
    assert_unsupported(
        session.enable(&[Capability::CondStore]),
        &Capability::Enable,
    );
    assert_unsupported(inbox.unselect(), &Capability::Unselect);
    assert_eq!(sent.take(), "");
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    assert_eq!(sent.take(), "", "the mailbox is still selected");
    assert_eq!(inbox.search(SearchKey::All).unwrap().len(), 3);
}

#[test]
fn the_base_protocol_works() {
    let (_, session, sent) = filled(4);
    session.create("Entwürfe & mehr").unwrap();
    session.rename("Entwürfe & mehr", "Später").unwrap();
    session.subscribe("Später").unwrap();
    assert_eq!(session.lsub("Sp*").unwrap().len(), 1);
    let message = "Subject: Grüße\r\n\r\nStraße\r\n".as_bytes();
    session.append("Später", message).unwrap();
    let status = session.status("Später", [StatusItem::Messages, StatusItem::UidNext]);
    assert_eq!(status.unwrap().messages(), Some(1));
    let mut later = session.lock_mailbox("Später").unwrap();
    assert_eq!(whole(&mut later, uid(1)), message);
    drop(later);

    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let unseen = inbox.search(SearchKey::Unseen).unwrap();
    assert_eq!(unseen.to_string(), "2,4");
    let none = inbox.search(SearchKey::Subject("ß \"q\"".into())).unwrap();
    assert!(none.is_empty());
    assert!(!sent.take().contains("RETURN"), "there is no ESEARCH");
    inbox
        .store(&unseen, StoreAction::Add, [Flag::Deleted])
        .unwrap();
    inbox.copy(&unseen, "Später").unwrap();
    assert_eq!(inbox.expunge_all_deleted().unwrap().count(), 2);
    let subjects: Vec<_> = inbox
        .fetch(&UidSet::all(), [FetchItem::Envelope])
        .unwrap()
        .into_iter()
        .map(|m| m.unwrap().envelope().unwrap().subject().into_owned())
        .collect();
    assert_eq!(subjects, ["message 1", "message 3"]);
    inbox.close_and_expunge().unwrap();
    assert_eq!(session.lock_mailbox("Später").unwrap().exists(), 3);
    session.logout().unwrap();
}

#[test]
fn a_selected_mailbox_is_deleted_without_unselect_too() {
    let (_, session, _) = filled(1);
    session.create("Box").unwrap();
    drop(session.lock_mailbox("Box").unwrap());
    session.delete("Box").unwrap();
    session.noop().unwrap();
    assert_eq!(session.lock_mailbox("INBOX").unwrap().exists(), 1);
}
