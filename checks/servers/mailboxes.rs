//! What other servers than Dovecot make of it.

use latchbox::Error;
use latchbox::acl::{Rights, RightsChange};
use latchbox::command::{Create, List};
use latchbox::metadata::{GetMetadata, MetadataDepth, MetadataScope};
use latchbox::quota::{QuotaResource, QuotaUsage};
use latchbox::types::{
    Capability, FoundBy, MailboxAttribute, ResponseCode, SearchKey, SpecialUse, StatusItem, UidSet,
};

use crate::logged_in::{log_in, log_in_as};
use crate::support::servers::{courier, cyrus};

const MESSAGE: &str = "From: a@x\r\nSubject: plain\r\n\r\nBody.\r\n";

/// It has all of it.
#[test]
fn cyrus_creates_for_a_use_lists_and_counts() {
    let server = cyrus().unwrap();
    let session = log_in(&server);
    // There is an archive already, and one is enough for Cyrus.
    let refused = session
        .run(
            Create::new("Kept")
                .unwrap()
                .special_use(SpecialUse::Archive),
        )
        .unwrap_err();
    assert_eq!(refused.response_code(), Some(&ResponseCode::UseAttr));
    let created = session
        .run(
            Create::new("Kept")
                .unwrap()
                .special_use(SpecialUse::Important),
        )
        .unwrap();
    assert_eq!(created.special_uses(), Some(&[SpecialUse::Important][..]));
    assert!(created.mailbox_id().is_some());
    session.subscribe("Kept").unwrap();
    session.append("Kept", MESSAGE).unwrap();
    // Ids of mailboxes are not asked for here: Cyrus 3.6 writes whatever lies in its memory then.
    let listed = session
        .run(
            List::new("*")
                .unwrap()
                .return_subscribed()
                .return_children()
                .return_special_use()
                .return_status([StatusItem::Messages, StatusItem::Unseen]),
        )
        .unwrap();
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
    let two = UidSet::unbound(inbox.search(SearchKey::All).unwrap().iter().take(2));
    let trashed = inbox.move_to_trash(&two).unwrap();
    assert_eq!(trashed.trash().found_by(), FoundBy::Name);
    assert_eq!(trashed.trash().mailbox().name(), "INBOX.Trash");
    assert_eq!(trashed.copied().pairs().count(), 2);
    assert_eq!(inbox.exists(), 1);
    let counted = session
        .run(
            List::new("*")
                .unwrap()
                .return_status([StatusItem::Messages]),
        )
        .unwrap();
    let trash = counted.iter().find(|entry| entry.name() == "INBOX.Trash");
    let status = trash.unwrap().status().unwrap();
    assert_eq!(status.messages(), Some(2));
    drop(inbox);
    session.logout().unwrap();
    server.running.stop();
}

/// It lets its administrator set quotas, and lists with rights and metadata.
#[test]
fn cyrus_has_quotas_rights_and_metadata() {
    let server = cyrus().unwrap();
    let user = server.user();
    let session = log_in_as(&server, &user);
    let roots = session.quota().roots("INBOX").unwrap();
    assert_eq!(roots.roots(), ["INBOX"], "{roots:?}");
    let limits = [(QuotaResource::Storage, 500), (QuotaResource::Message, 7)];
    let refused = session.quota().set("INBOX", limits.clone()).unwrap_err();
    assert!(matches!(refused, Error::Refused(_)), "{refused}");
    session.noop().unwrap();

    let admin = log_in_as(&server, "admin");
    let root = format!("user/{user}");
    admin.quota().set(&root, limits).unwrap();
    let quota = admin.quota().get(&root).unwrap();
    let limit = |resource| quota.resource(&resource).map(QuotaUsage::limit);
    assert_eq!(limit(QuotaResource::Storage), Some(500));
    assert_eq!(limit(QuotaResource::Message), Some(7));

    session
        .acl("Sent")
        .set("anyone", RightsChange::Replace(Rights::read()))
        .unwrap();
    let anyone = session
        .acl("Sent")
        .get()
        .unwrap()
        .rights_of("anyone")
        .unwrap();
    assert_eq!(anyone.expanded(), Rights::read());
    let color = "/private/vendor/latchbox/color";
    let values = [(color, Some("r\u{f6}t")), ("/shared/comment", Some("x"))];
    session.metadata("Sent").set(values).unwrap();
    let listed = session
        .run(
            List::new("*")
                .unwrap()
                .return_my_rights()
                .return_metadata([color.parse().unwrap()]),
        )
        .unwrap();
    for mailbox in &listed {
        assert!(mailbox.my_rights().is_some(), "{mailbox}");
        let told = mailbox.metadata().first().and_then(|entry| entry.text());
        let is_sent = *mailbox.name() == "Sent";
        assert_eq!(told, is_sent.then_some("r\u{f6}t"), "{mailbox}");
    }
    let told = session
        .run(
            GetMetadata::new("Sent", ["/shared"])
                .unwrap()
                .max_size(1)
                .depth(MetadataDepth::Infinity),
        )
        .unwrap();
    assert_eq!(told.text("/shared/comment"), Some("x"));
    let alert = [("/shared/comment", Some("kept by admin"))];
    admin.metadata(MetadataScope::Server).set(alert).unwrap();
    let told = session
        .metadata(MetadataScope::Server)
        .get(["/shared/comment"])
        .unwrap();
    assert_eq!(told.text("/shared/comment"), Some("kept by admin"));
    admin.logout().unwrap();
    session.logout().unwrap();
    server.running.stop();
}

/// It has QUOTA and ACL, with identifiers of its own.
#[test]
fn q80_courier_has_quotas_and_rights() {
    let server = courier().unwrap();
    let session = log_in(&server);
    let roots = session.quota().roots("INBOX").unwrap();
    assert_eq!(roots.roots(), ["ROOT"]);
    session.append("INBOX", MESSAGE).unwrap();
    let quota = session.quota().get("ROOT").unwrap();
    let storage = quota.resource(&QuotaResource::Storage).unwrap();
    assert_eq!(storage.limit(), 1_000_000_000_u64.div_ceil(1024));
    let mine = session.acl("INBOX.Sent").my_rights().unwrap();
    // In the letters of RFC 2086.
    assert_eq!(mine, "lrswiacd".parse().unwrap());
    assert_eq!(mine.expanded(), "lrswikatek".parse().unwrap());
    session
        .acl("INBOX")
        .set("anyone", RightsChange::Replace(Rights::read()))
        .unwrap();
    let acl = session.acl("INBOX").get().unwrap();
    assert_eq!(acl.rights_of("anyone"), Some(Rights::read()), "{acl:?}");
    assert!(acl.rights_of("owner").is_some(), "{acl:?}");
    let listed = session.acl("INBOX").list_rights("anyone").unwrap();
    assert!(!listed.optional().is_empty());
    session.acl("INBOX").delete("anyone").unwrap();
    let missing = session
        .metadata("INBOX")
        .get(["/private/comment"])
        .unwrap_err();
    assert!(matches!(missing, Error::Unsupported(_)));
    session.logout().unwrap();
    server.running.stop();
}
