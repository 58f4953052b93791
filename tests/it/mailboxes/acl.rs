//! ACL: the old letters and the new, and what is not sent.

use latchbox::Error;
use latchbox::command::MyRights;
use latchbox::types::{AclIdentifier, Capability, Right, Rights, RightsChange};

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
    let acl = session.acl("INBOX").unwrap();
    assert_eq!(acl.entries().len(), 3);
    assert!(acl.entries()[1].identifier().is_negative());
    assert_eq!(acl.entries()[1].identifier().name(), "eve b");
    assert_eq!(acl.rights_of("anyone"), Some(Rights::NONE));
    let ann = acl.rights_of("ann").unwrap();
    assert_eq!(ann.expanded(), Rights::all());
    let bob = AclIdentifier::new("bob").unwrap();
    let set = |identifier: &AclIdentifier, change| session.set_acl("INBOX", identifier, change);
    set(&bob, RightsChange::Replace(Rights::read())).unwrap();
    set(&bob.negative(), RightsChange::Add(rights("tw"))).unwrap();
    set(&bob, RightsChange::Remove(Right::Seen.into())).unwrap();
    set(&bob, RightsChange::Replace(Rights::NONE)).unwrap();
    session.delete_acl("INBOX", bob.negative()).unwrap();
    let listed = session.list_rights("INBOX", "bob").unwrap();
    assert_eq!(listed.required(), rights("lr"));
    let optional = ["s", "wd", "it", "kxc"].map(rights);
    assert_eq!(listed.optional(), optional);
    let mine = session.my_rights("INBOX").unwrap();
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
    assert_eq!(session.my_rights("[a]/b").unwrap(), rights("lr"));
    assert_eq!(session.my_rights("a.b").unwrap(), rights("l"));
    assert_eq!(session.acl("a.b").unwrap().entries().len(), 1);
    let silent = session.my_rights("a.b");
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
    assert_unsupported(session.acl("INBOX"), &Capability::Acl);
    assert_unsupported(session.my_rights("INBOX"), &Capability::Acl);
    assert_unsupported(session.set_acl("INBOX", "bob", none), &Capability::Acl);
    assert_unsupported(session.delete_acl("INBOX", "bob"), &Capability::Acl);
    assert_unsupported(session.list_rights("INBOX", "bob"), &Capability::Acl);
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
        let refused = session.delete_acl("INBOX", identifier).unwrap_err();
        assert!(matches!(refused, Error::Argument(_)), "{identifier:?}");
    }
    session.delete_acl("INBOX", "a\" {5} (x").unwrap();
    drop(session);
    server.finish();
}
