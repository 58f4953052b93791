//! QUOTA, ACL and METADATA.

use std::sync::OnceLock;

use latchbox::acl::{AclIdentifier, Right, Rights, RightsChange};
use latchbox::command::List;
use latchbox::metadata::{GetMetadata, MetadataDepth, MetadataName, MetadataScope};
use latchbox::quota::QuotaResource;
use latchbox::{Error, Session};

use super::session_on;
use crate::support::dovecot::{Dovecot, PLUGINS};

fn server() -> &'static Dovecot {
    static SERVER: OnceLock<Dovecot> = OnceLock::new();
    SERVER.get_or_init(|| Dovecot::start(PLUGINS).unwrap())
}

fn new_session() -> Session {
    session_on(server(), &server().user())
}

#[test]
fn a_quota_is_told_and_held_against_an_append() {
    let user = server().user_with("secret", "userdb_quota_rule=*:storage=20K");
    let session = session_on(server(), &user);
    session.append("INBOX", vec![b'x'; 3000]).unwrap();
    let quotas = session.quota().roots("INBOX").unwrap();
    assert_eq!(quotas.roots(), ["User quota"]);
    let storage = quotas.resource(&QuotaResource::Storage).next().unwrap();
    assert_eq!(storage.limit_octets(), Some(20 << 10));
    assert!((1..=4).contains(&storage.usage()), "{storage}");
    let quota = session.quota().get("User quota").unwrap();
    assert_eq!(quota.resource(&QuotaResource::Storage), Some(storage));
    let refused = session.append("INBOX", vec![b'x'; 30_000]).unwrap_err();
    assert!(refused.is_over_quota(), "{refused}");
    let refused = session.quota().get("no such root").unwrap_err();
    assert!(matches!(refused, Error::Refused(_)), "{refused}");
    // For administrators only.
    let limits = [(QuotaResource::Storage, 1 << 20)];
    let refused = session.quota().set("User quota", limits).unwrap_err();
    assert!(matches!(refused, Error::Refused(_)), "{refused}");
    session.logout().unwrap();
}

#[test]
fn rights_are_given_and_taken_while_a_mailbox_is_held() {
    let session = new_session();
    let inbox = session.lock_mailbox("INBOX").unwrap();
    session.create("Shared").unwrap();
    assert_eq!(
        session.acl("Shared").my_rights().unwrap().expanded(),
        Rights::all()
    );
    let bob = AclIdentifier::new("bob").unwrap();
    let set = |change| session.acl("Shared").set(&bob, change).unwrap();
    let rights = || session.acl("Shared").get().unwrap().rights_of("bob");
    set(RightsChange::Replace(Rights::read()));
    assert_eq!(rights(), Some(Rights::read()));
    set(RightsChange::Add(Right::Insert.into()));
    set(RightsChange::Remove(Right::Seen.into()));
    assert_eq!(rights(), Some("lri".parse().unwrap()));
    let negative = bob.negative();
    session
        .acl("Shared")
        .set(&negative, RightsChange::Replace(Right::Write.into()))
        .unwrap();
    let acl = session.acl("Shared").get().unwrap();
    let entries = acl.entries().iter();
    assert!(
        entries
            .clone()
            .any(|entry| entry.identifier().is_negative())
    );
    session.acl("Shared").delete(&negative).unwrap();
    session.acl("Shared").delete(&bob).unwrap();
    assert_eq!(rights(), None);
    let listed = session.acl("Shared").list_rights("bob").unwrap();
    let optional = listed.optional().iter();
    let all = optional.fold(listed.required(), |all, group| all.union(*group));
    assert!(all.has_all(Rights::read()), "{listed:?}");
    drop(inbox);
    session.logout().unwrap();
}

#[test]
fn metadata_of_a_mailbox_and_of_the_server() {
    let session = new_session();
    let values: [(_, Option<&[u8]>); 3] = [
        ("/private/comment", Some("Grüße\r\n\"quoted\"".as_bytes())),
        ("/private/vendor/latchbox/a", Some(b"1")),
        ("/private/vendor/latchbox/long", Some(&[b'x'; 5000])),
    ];
    session.metadata("INBOX").set(values).unwrap();
    let told = session.metadata("INBOX").get(["/private/comment"]).unwrap();
    assert_eq!(told.text("/private/comment"), Some("Grüße\r\n\"quoted\""));
    let below = session
        .run(
            GetMetadata::new("INBOX", ["/private/vendor/latchbox"])
                .unwrap()
                .max_size(100)
                .depth(MetadataDepth::Infinity),
        )
        .unwrap();
    assert_eq!(below.text("/private/vendor/latchbox/a"), Some("1"));
    assert_eq!(below.value("/private/vendor/latchbox/long"), None);
    assert_eq!(below.longest_left_out(), Some(5000));
    let large: Vec<u8> = (0..300_000_u32).map(|at| (at % 251) as u8 + 1).collect();
    session
        .metadata("INBOX")
        .set([("/private/large", Some(&large))])
        .unwrap();
    let told = session.metadata("INBOX").get(["/private/large"]).unwrap();
    assert_eq!(told.value("/private/large"), Some(&large[..]));
    let gone: [(_, Option<&str>); 1] = [("/private/comment", None)];
    session.metadata("INBOX").set(gone).unwrap();
    let told = session.metadata("INBOX").get(["/private/comment"]).unwrap();
    assert_eq!(told.value("/private/comment"), None);
    let server = session
        .metadata(MetadataScope::Server)
        .get(["/shared/admin", "/shared/comment"])
        .unwrap();
    assert_eq!(server.text("/shared/admin"), Some("mailto:admin@localhost"));
    assert_eq!(server.text("/shared/comment"), Some("Dovecot test server"));
    session.logout().unwrap();
}

/// It has neither LIST-MYRIGHTS nor LIST-METADATA.
#[test]
fn a_listing_with_rights_and_metadata_is_made_up_for() {
    let session = new_session();
    let name = MetadataName::new("/private/color").unwrap();
    session
        .metadata("Sent")
        .set([(&name, Some("red"))])
        .unwrap();
    let listed = session
        .run(
            List::new("*")
                .unwrap()
                .return_my_rights()
                .return_metadata([name]),
        )
        .unwrap();
    assert!(listed.len() > 3);
    for mailbox in &listed {
        let rights = mailbox.my_rights().unwrap();
        assert!(rights.has_all(Rights::read()), "{mailbox}");
        let color = mailbox.metadata().first().and_then(|entry| entry.text());
        assert_eq!(color, (*mailbox.name() == "Sent").then_some("red"));
    }
    session.logout().unwrap();
}
