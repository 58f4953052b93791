//! What ENABLE switched on stays on for the session, whatever becomes of its connections.

use std::time::Duration;

use latchbox::Error;
use latchbox::types::Capability;

use super::{at_once, reconnecting, reconnecting_with};
use crate::sessions::{played, until_hung_up};

const HELLO: &str = r#"
    S: * OK [CAPABILITY IMAP4rev1] ready
    C-start: {l} LOGIN "jane"
    S: {l} OK [CAPABILITY IMAP4rev1 ENABLE CONDSTORE UTF8=ACCEPT] done
    "#;

const ENABLE: &str = "
    C: {e} ENABLE CONDSTORE UTF8=ACCEPT
    S: * ENABLED CONDSTORE UTF8=ACCEPT
    S: {e} OK done
    ";

const BOTH: [Capability; 2] = [Capability::CondStore, Capability::Utf8Accept];

#[test]
fn what_was_enabled_is_enabled_again_before_anything_is_selected() {
    let server = played(&format!(
        r#"
        {HELLO}
        {ENABLE}
        cut
        accept
        {HELLO}
        {ENABLE}
        C: {{s}} SELECT "Entwürfe"
        S: * 3 EXISTS
        S: {{s}} OK done
        cut
        accept
        {HELLO}
        {ENABLE}
        select: INBOX
        "#
    ));
    let (session, _) = reconnecting(&server);
    assert_eq!(session.enable(&BOTH).unwrap(), BOTH);
    until_hung_up(server.port());
    // The name goes as UTF-8, as that is on again.
    drop(session.lock_mailbox("Entwürfe").unwrap());
    until_hung_up(server.port());
    drop(session.lock_mailbox("INBOX").unwrap());
    server.finish();
}

/// The attempt failed, and the next one does it too.
#[test]
fn a_connection_on_which_it_cannot_be_enabled_is_none() {
    let server = played(&format!(
        "
        {HELLO}
        {ENABLE}
        cut
        accept
        {HELLO}
        C-start: {{e}} ENABLE
        S: {{e}} NO not today
        C-close
        accept
        {HELLO}
        C-start: {{e}} ENABLE
        stall
        accept
        {HELLO}
        {ENABLE}
        select: INBOX
        "
    ));
    let (session, asked) = reconnecting_with(&server, at_once().max_attempts(1));
    session.enable(&BOTH).unwrap();
    until_hung_up(server.port());
    let error = session.lock_mailbox("INBOX").unwrap_err();
    assert!(matches!(error, Error::Refused(_)), "{error}");
    let request = session.mailbox("INBOX").timeout(Duration::from_secs(3));
    let error = request.lock().unwrap_err();
    assert!(error.is_timeout(), "{error}");
    drop(session.lock_mailbox("INBOX").unwrap());
    assert_eq!(asked.times(), 4);
    server.finish();
}
