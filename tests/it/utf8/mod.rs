//! UTF-8 in names and texts: what a login enables, how names look then, and IMAP4rev2.

mod limits;

use latchbox::types::{Capability, SearchKey, StatusItem};
use latchbox::{ClientBuilder, Error, Session};
use latchbox_testkit::Server;

use crate::scripted::{as_it_is, log_in, with_login};
use crate::sessions::{log_in_user, plaintext};
use crate::support::script::{Script, script};

const UTF8: &str = "IMAP4rev1 ENABLE UTF8=ACCEPT";

const ENABLED: &str = "
    C: {e} ENABLE UTF8=ACCEPT
    S: * ENABLED UTF8=ACCEPT
    S: {e} OK done
    ";

/// A session on which all is enabled that is where nothing is said.
#[track_caller]
fn logged_in(
    capabilities: &str,
    text: &str,
    settings: impl FnOnce(ClientBuilder) -> ClientBuilder,
) -> (Script, Session) {
    let server = script(&with_login(capabilities, text));
    let session = log_in(settings(as_it_is(&server)));
    (server, session)
}

#[test]
fn a_login_enables_what_the_server_has() {
    for (has, enables) in [
        ("UTF8=ACCEPT", "UTF8=ACCEPT"),
        ("UTF8=ONLY", "UTF8=ACCEPT"),
        ("IMAP4rev2", "IMAP4rev2"),
        ("IMAP4rev2 UTF8=ACCEPT", "IMAP4rev2 UTF8=ACCEPT"),
    ] {
        let (server, session) = logged_in(
            &format!("IMAP4rev1 ENABLE {has}"),
            &format!(
                r#"
                C: {{e}} ENABLE {enables}
                S: * ENABLED {enables}
                S: {{e}} OK done
                C: {{c}} CREATE "Entwürfe & Ä"
                S: {{c}} OK made
                "#
            ),
            |builder| builder,
        );
        session.create("Entwürfe & Ä").unwrap();
        server.finish();
    }
}

#[test]
fn what_is_opted_out_of_stays_off() {
    let (server, session) = logged_in(
        "IMAP4rev1 ENABLE UTF8=ACCEPT IMAP4rev2",
        r#"
        C: {c} CREATE "Entw&APw-rfe"
        S: {c} OK made
        "#,
        |builder| builder.without_utf8().without_imap4rev2(),
    );
    session.create("Entwürfe").unwrap();
    server.finish();
}

/// A server without IMAP4rev1 has nothing to switch: names are UTF-8 from the start.
#[test]
fn imap4rev2_alone_is_utf_8_without_enable() {
    let (server, session) = logged_in(
        "IMAP4rev2",
        r#"
        C: {e} ENABLE IMAP4rev2
        S: {e} NO what for
        C: {c} LIST "" "Ä*"
        S: * LIST () "/" "Ärger"
        S: {c} OK done
        "#,
        |builder| builder,
    );
    let entries = session.list("Ä*").unwrap();
    assert_eq!(*entries[0].name(), "Ärger");
    server.finish();
}

#[test]
fn attack_047_without_enabled_utf_8_is_not_assumed() {
    let (server, session) = logged_in(
        UTF8,
        r#"
        C: {e} ENABLE UTF8=ACCEPT
        S: {e} OK done
        C: {c} CREATE "Entw&APw-rfe"
        S: {c} OK made
        "#,
        |builder| builder,
    );
    session.create("Entwürfe").unwrap();
    server.finish();
}

#[test]
fn attack_047_utf8_only_says_what_to_do_before_anything_is_sent() {
    type Settings = fn(ClientBuilder) -> ClientBuilder;
    let opted_out: Settings = |builder| builder.without_utf8();
    let refused: Settings = |builder| builder;
    for (settings, text) in [
        (opted_out, ""),
        (refused, "C: {e} ENABLE UTF8=ACCEPT\nS: {e} NO not now\n"),
    ] {
        let (server, session) = logged_in(
            "IMAP4rev1 ENABLE UTF8=ONLY",
            &format!(
                "{text}\n{ENABLED}\nC: {{s}} SELECT \"INBOX\"\nS: * 0 EXISTS\nS: {{s}} OK in\n"
            ),
            settings,
        );
        let errors = [
            session.lock_mailbox("INBOX").map(drop).unwrap_err(),
            session.create("a").unwrap_err(),
            session.list("*").map(drop).unwrap_err(),
            session.append("INBOX", b"a\r\n\r\n").map(drop).unwrap_err(),
        ];
        for error in errors {
            assert!(matches!(error, Error::Argument(_)), "{error:?}");
            assert!(
                error.to_string().contains("UTF8=ACCEPT is not enabled"),
                "{error}"
            );
        }
        // And it can be done later.
        session.enable(&[Capability::Utf8Accept]).unwrap();
        drop(session.lock_mailbox("INBOX").unwrap());
        server.finish();
    }
}

/// Names from before UTF-8 was enabled, and names that are none, are the same to the program.
#[test]
fn attack_098_names_are_the_same_before_and_after_it_is_enabled() {
    let (server, session) = logged_in(
        UTF8,
        r#"
        C: {l} LIST "" "*"
        S: * LIST () "/" "Entw&APw-rfe"
        S: * LIST () "/" "R&-D"
        S: * LIST () "/" "&AGEAYg-"
        S: {l} OK done
        C: {e} ENABLE UTF8=ACCEPT
        S: * ENABLED UTF8=ACCEPT
        S: {e} OK done
        C: {l} LIST "" "*"
        S: * LIST () "/" "Entwürfe"
        S: * LIST () "/" "R&D"
        S: * LIST () "/" "&APw-"
        S-raw: * LIST () "/" "\xFFodd"\r\n
        S: * LIST () "/" inbox
        S: {l} OK done
        C: {d} DELETE "Entwürfe"
        S: {d} OK gone
        C: {d} DELETE "R&D"
        S: {d} OK gone
        C: {d} DELETE "&AGEAYg-"
        S: {d} OK gone
        C: {d} DELETE "&APw-"
        S: {d} OK gone
        C: {d} DELETE {4}
        S: + go on
        C-raw: \xFFodd\r\n
        S: {d} OK gone
        C: {s} STATUS "Ärger" (MESSAGES)
        S: * STATUS "Ärger" (MESSAGES 3)
        S: {s} OK done
        "#,
        ClientBuilder::without_utf8,
    );
    let before = session.list("*").unwrap();
    session.enable(&[Capability::Utf8Accept]).unwrap();
    let after = session.list("*").unwrap();
    assert_eq!(before[0].name(), after[0].name());
    assert_eq!(before[1].name(), after[1].name());
    assert_eq!(*after[2].name(), "&APw-");
    assert!(after[4].name().is_inbox());
    for entry in before.iter().chain(&after[2..4]) {
        session.delete(entry.name()).unwrap();
    }
    let status = session.status("Ärger", [StatusItem::Messages]).unwrap();
    assert_eq!(status.messages(), Some(3));
    server.finish();
}

#[test]
fn a_search_names_no_charset() {
    let (server, session) = logged_in(
        UTF8,
        &format!(
            r#"
            {ENABLED}
            C: {{s}} SELECT "INBOX"
            S: * 1 EXISTS
            S: {{s}} OK in
            C: {{f}} UID SEARCH SUBJECT "Grüße"
            S: * SEARCH 7
            S: {{f}} OK done
            "#
        ),
        |builder| builder,
    );
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let found = inbox.search(SearchKey::Subject("Grüße".into())).unwrap();
    assert_eq!(found.to_string(), "7");
    server.finish();
}

fn session_on(server: &Server, settings: impl FnOnce(ClientBuilder) -> ClientBuilder) -> Session {
    log_in_user(settings(plaintext(server.port())))
}

/// The same work in every mode comes to the same.
#[test]
fn every_mode_is_the_same_to_the_program() {
    for extensions in [
        &[][..],
        &["UTF8=ACCEPT"],
        &["UTF8=ONLY"],
        &["IMAP4rev2"],
        &["IMAP4rev2", "UTF8=ACCEPT"],
    ] {
        let builder = extensions
            .iter()
            .fold(Server::builder(), |builder, name| builder.with(name));
        let server = builder.start().unwrap();
        let session = session_on(&server, |builder| builder);
        session.create("Entwürfe 🎉").unwrap();
        let message = "Subject: Grüße\r\n\r\nan alle\r\n";
        session.append("Entwürfe 🎉", message.as_bytes()).unwrap();
        assert_eq!(server.messages("Entwürfe 🎉").len(), 1, "{extensions:?}");
        let listed = session.list("*").unwrap();
        assert!(listed.iter().any(|entry| *entry.name() == "Entwürfe 🎉"));
        let status = session
            .status("Entwürfe 🎉", [StatusItem::Messages])
            .unwrap();
        assert_eq!(status.messages(), Some(1));
        let mut mailbox = session.lock_mailbox("Entwürfe 🎉").unwrap();
        let is_rev2 = extensions.contains(&"IMAP4rev2");
        assert_eq!(mailbox.mailbox().unwrap().recent().is_none(), is_rev2);
        assert_eq!(mailbox.mailbox().unwrap().first_unseen().is_none(), is_rev2);
        let found = mailbox.search(SearchKey::Body("älle".into())).unwrap();
        assert!(found.is_empty());
        assert_eq!(mailbox.search(SearchKey::All).unwrap().to_string(), "1");
        drop(mailbox);
        session.delete("Entwürfe 🎉").unwrap();
        session.logout().unwrap();
    }
}
