//! What follows a login: what may fail it, and what may not.

use latchbox::Error;
use latchbox::types::Capability;

use super::{connected, refused};
use crate::scripted::{log_in_client, plain};
use crate::support::script::script;

/// How a server can keep its capabilities to itself.
const UNTOLD: [&str; 4] = [
    "S: {b} NO not now",
    "S: {b} BAD what?",
    "S: {b} NO [THROTTLED] later",
    "S: {b} OK done",
];

#[test]
fn fault_31_a_login_without_capabilities_is_a_login() {
    for untold in UNTOLD {
        let (server, client) = connected(&format!(
            "
            S: * OK [CAPABILITY IMAP4rev1 NAMESPACE AUTH=PLAIN] ready
            C: {{a}} LOGIN \"ann\" \"secret\"
            S: {{a}} OK in
            C: {{b}} CAPABILITY
            {untold}
            C: {{c}} NOOP
            S: {{c}} OK done
            C: {{d}} CAPABILITY
            S: * CAPABILITY IMAP4rev1 MOVE
            S: {{d}} OK done
            "
        ));
        let session = log_in_client(client);
        session.noop().unwrap();
        // They are asked for when they are needed.
        let capabilities = session.capabilities().unwrap();
        assert!(capabilities.supports(&Capability::Move), "{capabilities}");
        drop(session);
        server.finish();
    }
}

#[test]
fn fault_31_what_was_told_before_the_login_stands_in() {
    let (server, client) = connected(
        "
        S: * OK [CAPABILITY IMAP4rev1 NAMESPACE AUTH=PLAIN] ready
        C: {a} LOGIN \"ann\" \"secret\"
        S: {a} OK in
        C: {b} CAPABILITY
        S: {b} NO not now
        C: {c} CAPABILITY
        S: {c} NO never
        C: {d} NAMESPACE
        S: * NAMESPACE ((\"\" \"/\")) NIL NIL
        S: {d} OK done
        C: {e} SELECT \"INBOX\"
        S: * 3 EXISTS
        S: {e} OK [READ-WRITE] done
        C: {f} CAPABILITY
        S: {f} NO never
        ",
    );
    let session = log_in_client(client);
    session.namespace().unwrap();
    let inbox = session.lock_mailbox("INBOX").unwrap();
    assert_eq!(inbox.exists(), 3);
    drop(inbox);
    // What the server does not say is not made up.
    let error = session.capabilities().unwrap_err();
    assert!(matches!(error, Error::Refused(_)), "{error:?}");
    drop(session);
    server.finish();
}

#[test]
fn fault_31_no_wish_fails_a_login() {
    for no in [
        "NO no",
        "BAD what?",
        "NO [THROTTLED] later",
        "NO [CANNOT] never",
    ] {
        let server = script(&format!(
            "
            S: * OK [CAPABILITY IMAP4rev1] ready
            C: {{a}} LOGIN \"ann\" \"secret\"
            S: {{a}} OK [CAPABILITY IMAP4rev1 ID NAMESPACE ENABLE CONDSTORE] in
            C: {{b}} ID (\"name\" \"test\")
            C: {{c}} NAMESPACE
            C: {{d}} ENABLE CONDSTORE
            S: {{b}} {no}
            S: {{c}} {no}
            S: {{d}} {no}
            C: {{e}} NOOP
            S: {{e}} OK done
            "
        ));
        let builder = plain(&server).identify([("name", "test")]).namespace();
        let client = builder.enable([Capability::CondStore]).connect().unwrap();
        let session = log_in_client(client);
        session.noop().unwrap();
        drop(session);
        server.finish();
    }
}

#[test]
fn fault_31_a_login_that_fails_gives_back_no_client_that_is_logged_in() {
    let (server, client) = connected(
        "
        S: * OK [CAPABILITY IMAP4rev1] ready
        C: {a} LOGIN \"ann\" \"secret\"
        S: {a} OK in
        C: {b} CAPABILITY
        S: {b} BAD User is authenticated but not connected.
        ",
    );
    let (error, mut client) = refused(client.login("ann", "secret"));
    assert!(error.is_authenticated_but_not_connected(), "{error:?}");
    assert!(client.capabilities().unwrap_err().is_closed());
    let (error, _client) = refused(client.login("ann", "secret"));
    assert!(error.is_closed(), "{error:?}");
    server.finish();
}

#[test]
fn fault_31_what_cannot_be_enabled_is_refused_before_the_login() {
    let server = script("S: * OK [CAPABILITY IMAP4rev1 ENABLE] ready\n");
    let builder = plain(&server).enable([Capability::Other("two words".into())]);
    let (error, client) = refused(builder.connect().unwrap().login("ann", "secret"));
    assert!(matches!(error, Error::Argument(_)), "{error:?}");
    drop(client);
    assert_eq!(server.finish(), "");
}
