//! Names of mailboxes that look like something else, and texts that a terminal would obey.

use latchbox::types::{MailboxName, MailboxPattern};

use crate::scripted::{logged_in, selecting};

#[test]
fn attack_097_names_of_the_server_are_opaque() {
    let (server, session) = logged_in(
        r#"
        C: {a} LIST "" "*"
        S: * LIST () "/" "../../etc/passwd"
        S-raw: * LIST () "/" {8}\r\na\r\nA9 OK\r\n
        S-raw: * LIST () "/" "\xe2\x80\xaecod.exe"\r\n
        S: {a} OK done
        C: {b} SELECT "../../etc/passwd"
        S: * 1 EXISTS
        S: {b} OK done
        C: {c} SELECT {8}
        S: + go on
        C-raw: a\r\nA9 OK\r\n
        S: * 2 EXISTS
        S: {c} OK done
        "#,
    );
    let listed = session.list("*").unwrap();
    assert_eq!(listed.len(), 3);
    for entry in &listed {
        let shown = entry.name().to_string();
        assert!(!shown.contains(['\r', '\n', '\u{202e}']), "{shown:?}");
    }
    for (entry, count) in listed.iter().zip([1, 2]) {
        let held = session.lock_mailbox(entry.name()).unwrap();
        assert_eq!(held.exists(), count);
    }
    drop(session);
    server.finish();
}

#[test]
fn attack_098_odd_encodings_go_back_as_they_came() {
    let names = ["&", "&abc", "&AGEAYg-", "&AEkATgBCAE8AWA-", "&2AA-", "a&-b"];
    for name in names {
        let (server, session) = logged_in(&format!(
            "
            C: {{a}} LIST \"\" \"*\"
            S: * LIST () \"/\" \"{name}\"
            S: {{a}} OK done
            C: {{b}} SELECT \"{name}\"
            S: * 1 EXISTS
            S: {{b}} OK done
            "
        ));
        let listed = session.list("*").unwrap();
        assert!(!listed[0].name().is_inbox());
        drop(session.lock_mailbox(listed[0].name()).unwrap());
        drop(session);
        server.finish();
    }
}

#[test]
fn attack_099_names_that_look_like_words_of_the_protocol() {
    let (server, session) = logged_in(
        r#"
        C: {a} LIST "" "*"
        S: * LIST () "/" "NIL"
        S: * LIST () NIL NIL
        S: * LIST () "/" "Box/"
        S: * LIST () "/" ""
        S: * LIST () "/" iNbOx
        S: {a} OK done
        C: {b} SELECT "NIL"
        S: * 1 EXISTS
        S: {b} OK done
        C: {c} SELECT "Box/"
        S: * 2 EXISTS
        S: {c} OK done
        C: {d} SELECT "INBOX"
        S: * 3 EXISTS
        S: {d} OK done
        "#,
    );
    let listed = session.list("*").unwrap();
    let names: Vec<_> = listed.iter().map(|entry| entry.name().as_str()).collect();
    assert_eq!(names, ["NIL", "NIL", "Box/", "", "INBOX"]);
    assert_eq!(listed[1].delimiter(), None);
    assert!(listed[4].name().is_inbox());
    for (place, count) in [(0, 1), (2, 2), (4, 3)] {
        let held = session.lock_mailbox(listed[place].name()).unwrap();
        assert_eq!(held.exists(), count);
        drop(held);
    }
    // The one mailbox in all its spellings is one mailbox to the lock.
    drop(session.lock_mailbox("inbox").unwrap());
    drop(session.lock_mailbox("InBoX").unwrap());
    drop(session);
    server.finish();
}

#[test]
fn attack_101_terminal_escapes_are_shown_and_not_obeyed() {
    let (server, session) = selecting(
        r"
        C: {a} NOOP
        S-raw: * OK [ALERT] \x1b[2J\x1b]0;evil\x07 look\r\n
        S-raw: {a} NO [ALERT] \x1b[31mno\x1b[0m\xc2\x9b1m\r\n
        ",
    );
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let error = inbox.refresh().unwrap_err();
    for shown in [error.to_string(), format!("{error:?}")] {
        assert!(!shown.chars().any(char::is_control), "{shown:?}");
    }
    let events = session.events();
    let alert = events.first().unwrap();
    let shown = alert.to_string();
    assert!(!shown.chars().any(char::is_control), "{shown:?}");
    assert!(shown.contains("look"));
    drop(inbox);
    drop(session);
    server.finish();
}

#[test]
fn attack_109_wildcards_in_a_name_are_characters_of_the_name() {
    let (server, session) = logged_in(
        r#"
        C: {a} SELECT "*"
        S: {a} NO no such mailbox
        C: {b} CREATE "100%"
        S: {b} OK done
        C: {c} LIST "" "100%"
        S: {c} OK done
        "#,
    );
    session.lock_mailbox("*").unwrap_err();
    session.create("100%").unwrap();
    let pattern: MailboxPattern = MailboxPattern::new("100%").unwrap();
    assert!(session.list(pattern).unwrap().is_empty());
    assert_eq!(MailboxName::new("100%").unwrap().as_str(), "100%");
    drop(session);
    server.finish();
}
