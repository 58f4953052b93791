//! ACL: the old letters and the new, and what is not sent.

use latchbox::Error;
use latchbox::acl::MyRights;
use latchbox::acl::{AclIdentifier, Right, Rights, RightsChange};
use latchbox::types::Capability;

use super::{assert_unsupported, server};

fn rights(letters: &str) -> Rights {
    letters.parse().unwrap()
}

#[test]
fn every_command() {
    let (server, session) = server(
        "IMAP4rev1 ACL RIGHTS=texk",
        r#"
        C: {a} GETACL "INBOX"
        S: * ACL INBOX ann lrswipkxteacd "-eve b" w anyone ""
        S: {a} OK done
        C: {b} SETACL "INBOX" "bob" lrs
        S: {b} OK done
        C: {c} SETACL "INBOX" "-bob" +wt
        S: {c} OK done
        C: {d} SETACL "INBOX" "bob" -s
        S: {d} OK done
        C: {e} SETACL "INBOX" "bob" ""
        S: {e} OK done
        C: {f} DELETEACL "INBOX" "-bob"
        S: {f} OK done
        C: {g} LISTRIGHTS "INBOX" "bob"
        S: * LISTRIGHTS INBOX bob lr s wd it kxc
        S: {g} OK done
        C: {h} MYRIGHTS "INBOX"
        S: * MYRIGHTS INBOX lrcd
        S: {h} OK done
        "#,
    );
    let acl = session.acl("INBOX").get().unwrap();
    assert_eq!(acl.entries().len(), 3);
    assert!(acl.entries()[1].identifier().is_negative());
    assert_eq!(acl.entries()[1].identifier().name(), "eve b");
    assert_eq!(acl.rights_of("anyone"), Some(Rights::NONE));
    let ann = acl.rights_of("ann").unwrap();
    assert_eq!(ann.expanded(), Rights::all());
    let bob = AclIdentifier::new("bob").unwrap();
    let set = |identifier: &AclIdentifier, change| session.acl("INBOX").set(identifier, change);
    set(&bob, RightsChange::Replace(Rights::read())).unwrap();
    set(&bob.negative(), RightsChange::Add(rights("tw"))).unwrap();
    set(&bob, RightsChange::Remove(Right::Seen.into())).unwrap();
    set(&bob, RightsChange::Replace(Rights::NONE)).unwrap();
    session.acl("INBOX").delete(bob.negative()).unwrap();
    let listed = session.acl("INBOX").list_rights("bob").unwrap();
    assert_eq!(listed.required(), rights("lr"));
    let optional = ["s", "wd", "it", "kxc"].map(rights);
    assert_eq!(listed.optional(), optional);
    let mine = session.acl("INBOX").my_rights().unwrap();
    assert!(!mine.has(Right::Expunge) && mine.expanded().has(Right::Expunge));
    drop(session);
    server.finish();
}

#[test]
fn q29_a_mailbox_that_is_named_in_another_way_is_the_one_that_was_asked_for() {
    let (server, session) = server(
        "IMAP4rev1 ACL",
        r#"
        C: {a} MYRIGHTS "[a]/b"
        S: * MYRIGHTS [a]/b lr
        S: {a} OK done
        C: {b} MYRIGHTS "a.b"
        S: * MYRIGHTS a/b l
        S: {b} OK done
        C: {c} GETACL "a.b"
        S: * ACL a/b ann l
        S: {c} OK done
        C: {d} MYRIGHTS "a.b"
        S: {d} OK done
        "#,
    );
    assert_eq!(session.acl("[a]/b").my_rights().unwrap(), rights("lr"));
    assert_eq!(session.acl("a.b").my_rights().unwrap(), rights("l"));
    assert_eq!(session.acl("a.b").get().unwrap().entries().len(), 1);
    let silent = session.acl("a.b").my_rights();
    assert!(matches!(silent, Err(Error::MissingData(_))));
    drop(session);
    server.finish();
}

#[test]
fn rights_on_several_mailboxes_are_one_go() {
    let (server, session) = server(
        "IMAP4rev1 ACL",
        r#"
        C: {a} MYRIGHTS "a"
        C: {b} MYRIGHTS "b"
        C: {c} MYRIGHTS "c"
        S: * MYRIGHTS a lr
        S: {a} OK done
        S: {b} NO no such mailbox
        S: * MYRIGHTS c lrs
        S: {c} OK done
        "#,
    );
    let commands = ["a", "b", "c"].map(|name| MyRights::new(name).unwrap());
    let [a, b, c] = session.pipeline(commands).unwrap();
    assert_eq!((a.unwrap(), c.unwrap()), (rights("lr"), rights("lrs")));
    assert!(matches!(b, Err(Error::Refused(_))));
    drop(session);
    server.finish();
}

#[test]
fn nothing_is_sent_without_the_capability() {
    let (server, session) = server("IMAP4rev1", "");
    let none = RightsChange::Replace(Rights::NONE);
    assert_unsupported(session.acl("INBOX").get(), &Capability::Acl);
    assert_unsupported(session.acl("INBOX").my_rights(), &Capability::Acl);
    assert_unsupported(session.acl("INBOX").set("bob", none), &Capability::Acl);
    assert_unsupported(session.acl("INBOX").delete("bob"), &Capability::Acl);
    assert_unsupported(session.acl("INBOX").list_rights("bob"), &Capability::Acl);
    drop(session);
    server.finish();
}

#[test]
fn attack_103_identifiers() {
    let (server, session) = server(
        "IMAP4rev1 ACL",
        r#"
        C: {a} DELETEACL "INBOX" "a\" {5} (x"
        S: {a} OK done
        "#,
    );
    for identifier in ["", "-", "a\r\nb", "a\0", "\n"] {
        let refused = session.acl("INBOX").delete(identifier).unwrap_err();
        assert!(matches!(refused, Error::Argument(_)), "{identifier:?}");
    }
    session.acl("INBOX").delete("a\" {5} (x").unwrap();
    drop(session);
    server.finish();
}
