//! What follows a login goes out in one go: round trips are counted by `silent`, which holds where
//! nothing more is sent before the answers come.

use latchbox::types::Capability;
use latchbox::{Account, Backoff, ClientBuilder, Credentials, Session};

use crate::scripted::{as_it_is, log_in, plain};
use crate::support::script::{Script, script};

const ALL: &str = "IMAP4rev1 ID NAMESPACE ENABLE CONDSTORE QRESYNC";

/// With everything wished for.
fn wishing(server: &Script) -> ClientBuilder {
    plain(server)
        .identify([("name", "mailtool")])
        .namespace()
        .enable([Capability::CondStore, Capability::Qresync])
}

fn assert_set_up(session: &Session) {
    let namespaces = session.namespace().unwrap(); // nothing is sent
    assert_eq!(namespaces.personal()[0].prefix(), "");
}

/// What comes after the login on a server that can do all of it, as far as ID.
const WISHES: &str = r#"
    C: {i} ID ("name" "mailtool")
    C: {n} NAMESPACE
    C: {e} ENABLE CONDSTORE QRESYNC
    silent
    S: * ID NIL
    S: {i} OK done
    S: * NAMESPACE (("" "/")) NIL NIL
    S: {n} OK done
    S: * ENABLED CONDSTORE QRESYNC
    S: {e} OK done
"#;

#[test]
fn two_round_trips_where_the_capabilities_come_by_themselves() {
    let server = script(&format!(
        r#"
        S: * OK [CAPABILITY {ALL}] ready
        C: {{login}} LOGIN "ann" "secret"
        silent
        S: {{login}} OK [CAPABILITY {ALL}] welcome
        {WISHES}
        "#
    ));
    assert_set_up(&log_in(wishing(&server)));
    server.finish();
}

#[test]
fn two_round_trips_where_they_have_to_be_asked_for_again() {
    let server = script(&format!(
        r#"
        S: * OK [CAPABILITY {ALL}] ready
        C: {{login}} LOGIN "ann" "secret"
        silent
        S: {{login}} OK welcome
        C: {{c}} CAPABILITY
        C: {{i}} ID ("name" "mailtool")
        C: {{n}} NAMESPACE
        C: {{e}} ENABLE CONDSTORE QRESYNC
        silent
        S: * CAPABILITY {ALL} IDLE
        S: {{c}} OK done
        S: {{i}} NO not now
        S: * NAMESPACE (("" "/")) NIL NIL
        S: {{n}} OK done
        S: * ENABLED CONDSTORE QRESYNC
        S: {{e}} OK done
        "#
    ));
    let session = log_in(wishing(&server));
    assert_set_up(&session);
    assert!(session.capabilities().unwrap().contains(&Capability::Idle));
    server.finish();
}

#[test]
fn three_round_trips_where_a_greeting_is_all_there_is() {
    let server = script(&format!(
        r#"
        S: * OK ready
        C: {{c}} CAPABILITY
        silent
        S: * CAPABILITY {ALL}
        S: {{c}} OK done
        C: {{login}} LOGIN "ann" "secret"
        silent
        S: {{login}} OK [CAPABILITY {ALL}] welcome
        {WISHES}
        "#
    ));
    assert_set_up(&log_in(wishing(&server)));
    server.finish();
}

#[test]
fn three_round_trips_where_the_login_shows_what_the_greeting_hides() {
    let server = script(&format!(
        r#"
        S: * OK [CAPABILITY IMAP4rev1 ENABLE CONDSTORE] ready
        C: {{login}} LOGIN "ann" "secret"
        silent
        S: {{login}} OK welcome
        C: {{c}} CAPABILITY
        C: {{e}} ENABLE CONDSTORE
        silent
        S: * CAPABILITY {ALL}
        S: {{c}} OK done
        S: * ENABLED CONDSTORE
        S: {{e}} OK done
        {}
        "#,
        WISHES.replace("CONDSTORE ", "")
    ));
    assert_set_up(&log_in(wishing(&server)));
    server.finish();
}

#[test]
fn what_the_server_cannot_do_is_not_asked() {
    let server = script(
        r#"
        S: * OK [CAPABILITY IMAP4rev1] ready
        C: {login} LOGIN "ann" "secret"
        S: {login} OK [CAPABILITY IMAP4rev1 ENABLE CONDSTORE] welcome
        C: {e} ENABLE CONDSTORE
        silent
        S: {e} BAD what
        C: {n} NOOP
        S: {n} OK done
        "#,
    );
    let session = log_in(wishing(&server));
    session.noop().unwrap();
    server.finish();
}

#[test]
fn an_end_in_the_set_up_is_the_end_of_the_login() {
    let server = script(&format!(
        r#"
        S: * OK [CAPABILITY {ALL}] ready
        C: {{login}} LOGIN "ann" "secret"
        S: {{login}} OK [CAPABILITY {ALL}] welcome
        C: {{i}} ID ("name" "mailtool")
        C: {{n}} NAMESPACE
        C: {{e}} ENABLE CONDSTORE QRESYNC
        S: {{i}} OK done
        cut
        "#
    ));
    let client = wishing(&server).connect().unwrap();
    let (error, _) = client.login("ann", "secret").unwrap_err().into_parts();
    assert!(error.is_closed());
    server.finish();
}

#[test]
fn a_reconnection_sets_up_anew_and_enables_once() {
    let once = format!(
        r#"
        S: * OK [CAPABILITY {ALL}] ready
        C: {{login}} LOGIN "ann" "secret"
        S: {{login}} OK [CAPABILITY {ALL}] welcome
        {WISHES}
        "#
    );
    let server = script(&format!(
        r#"
        {once}
        C: {{a}} NOOP
        close
        accept
        {once}
        C: {{s}} SELECT "INBOX"
        S: * 0 EXISTS
        S: {{s}} OK done
        "#
    ));
    let account = Account::new(wishing(&server), |_| {
        Ok(Credentials::login("ann", "secret"))
    })
    .reconnecting(Backoff::new());
    let session = account.open().unwrap();
    session.noop().unwrap_err();
    drop(session.lock_mailbox("INBOX").unwrap());
    assert_set_up(&session);
    server.finish();
}

#[test]
fn nothing_is_enabled_once_enable_is_answered() {
    let server = script(
        r#"
        S: * OK [CAPABILITY IMAP4rev1 NAMESPACE ENABLE UTF8=ACCEPT] ready
        C: {login} LOGIN "ann" "secret"
        S: {login} OK [CAPABILITY IMAP4rev1 NAMESPACE ENABLE UTF8=ACCEPT] welcome
        C: {n} NAMESPACE
        C: {e} ENABLE UTF8=ACCEPT
        silent
        S: * ENABLED
        S: {e} OK done
        S: * ENABLED UTF8=ACCEPT
        S: * NAMESPACE (("" "/")) NIL NIL
        S: {n} OK done
        C: {c} CREATE "Entw&APw-rfe"
        S: {c} OK done
        "#,
    );
    let session = log_in(as_it_is(&server).namespace());
    assert_set_up(&session);
    session.create("Entwürfe").unwrap();
    server.finish();
}

#[test]
fn namespaces_that_cannot_be_read_are_asked_for_when_they_are_needed() {
    for told in ["* NAMESPACE ((", "* OK nothing to tell"] {
        let server = script(&format!(
            r#"
            S: * OK [CAPABILITY IMAP4rev1 NAMESPACE] ready
            C: {{login}} LOGIN "ann" "secret"
            S: {{login}} OK [CAPABILITY IMAP4rev1 NAMESPACE] welcome
            C: {{n}} NAMESPACE
            S: {told}
            S: {{n}} OK done
            C: {{m}} NAMESPACE
            S: * NAMESPACE (("" "/")) NIL NIL
            S: {{m}} OK done
            "#
        ));
        assert_set_up(&log_in(plain(&server).namespace()));
        server.finish();
    }
}
