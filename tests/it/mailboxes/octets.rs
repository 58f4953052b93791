//! Names whose octets do not decode: listed, stored by the program, and used after a restart.

use latchbox::types::{MailboxName, StoredUids, UidSet, UidValidity};

use crate::scripted::logged_in;

#[test]
fn fault_71_a_name_that_does_not_decode_is_selected_after_a_restart() {
    let (server, session) = logged_in(
        r#"
        C: {list} LIST "" "*"
        S-raw: * LIST () "/" "Entw\xfcrfe"\r\n
        S: * LIST () "/" "&AGEAYg-"
        S: * LIST () "/" "Entw&APw-rfe"
        S: {list} OK done
        "#,
    );
    let listed = session.list("*").unwrap();
    // What a program keeps in a database.
    let names: Vec<Vec<u8>> = listed.iter().map(|m| m.name().to_octets().into()).collect();
    let uids = listed.iter().map(|entry| {
        let validity = UidValidity::new(7).unwrap();
        let uids = UidSet::try_from("3").unwrap();
        StoredUids::new(entry.name().clone(), validity, uids).unwrap()
    });
    let uids: Vec<String> = uids.map(|uids| uids.to_string()).collect();
    drop((listed, session));
    server.finish();

    let (server, session) = logged_in(
        r#"
        C: {one} SELECT {8}
        S: + go on
        C-raw: Entw\xfcrfe\r\n
        S: * 0 EXISTS
        S: {one} OK [READ-WRITE] selected
        C: {two} SELECT "&AGEAYg-"
        S: * 0 EXISTS
        S: {two} OK [READ-WRITE] selected
        C: {three} SELECT "Entw&APw-rfe"
        S: * 0 EXISTS
        S: {three} OK [READ-WRITE] selected
        "#,
    );
    for (name, uids) in names.iter().zip(&uids) {
        let name = MailboxName::from_octets(name).unwrap();
        let uids: StoredUids = uids.parse().unwrap();
        assert_eq!(uids.mailbox(), &name);
        drop(session.lock_mailbox(&name).unwrap());
    }
    drop(session);
    server.finish();
}

/// The octets come from a store that somebody may have written to.
#[test]
fn fault_71_octets_that_would_end_the_line_are_a_literal() {
    let (server, session) = logged_in(
        r#"
        C: {one} DELETE {11}
        S: + go on
        C-raw: a\r\nX LOGOUT\r\n
        S: {one} NO there is none
        "#,
    );
    let name = MailboxName::from_octets(b"a\r\nX LOGOUT").unwrap();
    assert!(session.delete(&name).is_err());
    drop(session);
    server.finish();
}

#[test]
fn fault_71_a_nul_that_no_literal_takes_is_refused_before_anything_is_sent() {
    let (server, session) = logged_in("");
    let name = MailboxName::from_octets(b"a\0").unwrap();
    let error = session.delete(&name).unwrap_err();
    assert!(matches!(error, latchbox::Error::Argument(_)), "{error:?}");
    drop(session);
    server.finish();
}
