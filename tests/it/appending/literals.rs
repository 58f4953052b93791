//! Literals of the client's: asked for, not asked for, asked for twice, and of which length.

use latchbox::Error;
use latchbox::types::{Capability, SearchKey};

use crate::pieces::Connect;
use crate::scripted::{
    SOON, assert_protocol_broken, assert_unusable, log_in, log_in_client, logged_in,
    logged_in_with, plain, selecting, selecting_with,
};
use crate::sessions::log_in_as;
use crate::support::script::script;

const MESSAGE: &[u8] = b"Subject: x\r\n\r\n";

#[test]
fn attack_074_a_literal_is_sent_once_when_it_is_asked_for() {
    let (server, session) = logged_in(
        "
        C: {a} APPEND \"INBOX\" {14}
        S: * 4 EXISTS
        S: * OK [ALERT] look
        S: * 1 FETCH (FLAGS ())
        silent
        S: + go on
        C-raw: Subject: x\\r\\n\\r\\n\\r\\n
        S: {a} OK done
        C: {b} NOOP
        S: {b} OK done
        ",
    );
    session.append("INBOX", MESSAGE).unwrap();
    session.noop().unwrap();
    drop(session);
    server.finish();
}

#[test]
fn attack_075_a_refusal_instead_keeps_the_message_back() {
    for status in ["NO [OVERQUOTA]", "BAD"] {
        let (server, session) = logged_in(&format!(
            "
            C: {{a}} APPEND \"INBOX\" {{14}}
            S: {{a}} {status} no
            C: {{b}} NOOP
            S: {{b}} OK done
            "
        ));
        let error = session.append("INBOX", MESSAGE).unwrap_err();
        assert!(matches!(error, Error::Refused(_)), "{error:?}");
        assert!(!error.may_have_taken_effect());
        session.noop().unwrap();
        drop(session);
        assert!(!server.finish().contains("Subject"));
    }
}

/// What was not asked for was not sent, so that nothing is stored, however the connection ends.
#[test]
fn attack_074_an_end_before_the_literal_is_asked_for_leaves_nothing_done() {
    for end in ["close", "reset", "S: * BYE enough\nclose", "stall"] {
        for literals in [1, 2] {
            let first = match literals {
                1 => String::new(),
                _ => "{14}\nS: + go on\nC: Subject: x\nC:\nC:  ".into(),
            };
            let (_server, session) = logged_in_with(
                "IMAP4rev1 MULTIAPPEND",
                &format!("C: {{a}} APPEND \"INBOX\" {first}{{14}}\nS: * 4 EXISTS\n{end}"),
                |builder| builder,
            );
            if end == "stall" {
                session.set_read_timeout(SOON).unwrap();
            }
            let error = match literals {
                1 => session.append("INBOX", MESSAGE).unwrap_err(),
                _ => session
                    .append_atomic("INBOX", [MESSAGE, MESSAGE])
                    .unwrap_err(),
            };
            assert!(error.is_closed(), "{end}: {error:?}");
            assert!(!error.may_have_taken_effect(), "{end}: {error:?}");
            assert_unusable(&session);
        }
    }
}

#[test]
fn attack_075_a_refusal_instead_keeps_the_password_back() {
    let server = script(
        "
        S: * OK [CAPABILITY IMAP4rev1] ready
        C: {a} LOGIN \"ann\" {6}
        S: {a} NO no
        C: {b} LOGIN \"ann\" \"secret\"
        S: {b} OK [CAPABILITY IMAP4rev1] in
        ",
    );
    let client = plain(&server).connect_in_pieces().unwrap();
    let (error, client) = client
        .login("ann", "pässs")
        .map(drop)
        .unwrap_err()
        .into_parts();
    assert!(matches!(error, Error::Refused(_)), "{error:?}");
    drop(log_in_client(client));
    let sent = server.finish();
    assert!(!sent.contains("sss"), "{sent}");
}

#[test]
fn attack_075_an_ok_instead_closes() {
    let (server, session) = logged_in(
        "
        C: {a} APPEND \"INBOX\" {14}
        S: {a} OK I have it already
        ",
    );
    assert_protocol_broken(&session.append("INBOX", MESSAGE).unwrap_err());
    assert_unusable(&session);
    drop(session);
    assert!(!server.finish().contains("Subject"));
}

#[test]
fn attack_076_a_second_request_sends_nothing() {
    let (server, session) = logged_in(
        r#"
        C: {a} APPEND "INBOX" {14}
        S-raw: + go on\r\n+ go on\r\n
        C-raw: Subject: x\r\n\r\n\r\n
        silent
        S: {a} OK done
        C: {b} NOOP
        S: {b} OK done
        "#,
    );
    session.append("INBOX", MESSAGE).unwrap();
    session.noop().unwrap();
    drop(session);
    server.finish();
}

/// Two literals in one command: the second waits for a request of its own.
#[test]
fn attack_076_a_request_is_for_one_literal() {
    let (server, session) = selecting(
        "
        C: {a} UID SEARCH CHARSET UTF-8 SUBJECT {3}
        S: + first
        C-raw: \\xc3\\xa4b BODY {3}\\r\\n
        silent
        S: + second
        C-raw: \\xc3\\xb6c\\r\\n
        S: * SEARCH 3
        S: {a} OK done
        ",
    );
    let key = SearchKey::Subject("äb".into()).and(SearchKey::Body("öc".into()));
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    assert_eq!(inbox.search(key).unwrap().to_string(), "3");
    drop(inbox);
    drop(session);
    server.finish();
}

#[test]
fn attack_106_a_literal_counts_octets() {
    let (server, session) = selecting(
        "
        C: {a} UID SEARCH CHARSET UTF-8 SUBJECT {10}
        S: + go on
        C-raw: \\xf0\\x9f\\x93\\xae \\xe2\\x82\\xac\\xc3\\xa4\\r\\n
        S: {a} OK done
        ",
    );
    let key = SearchKey::Subject("📮 €ä".into());
    let found = session.lock_mailbox("INBOX").unwrap().search(key).unwrap();
    assert!(found.is_empty());
    drop(session);
    server.finish();
}

/// A literal that needs none of these is asked for first.
#[test]
fn attack_107_at_once_only_as_far_as_it_is_advertised() {
    let (small, large) = (vec![b'x'; 4096], vec![b'x'; 4097]);
    for (capability, small_at_once, large_at_once) in [
        ("IMAP4rev1", false, false),
        ("IMAP4rev1 LITERAL-", true, false),
        ("IMAP4rev1 LITERAL+", true, true),
    ] {
        let mut text = String::new();
        for (message, at_once) in [(&small, small_at_once), (&large, large_at_once)] {
            let length = message.len();
            text += &match at_once {
                true => format!("C: {{a}} APPEND \"INBOX\" {{{length}+}}\n"),
                false => format!("C: {{a}} APPEND \"INBOX\" {{{length}}}\nsilent\nS: +\n"),
            };
            text += &format!("C-literal: {length}\nC-raw: \\r\\n\nS: {{a}} OK done\n");
        }
        let (server, session) = logged_in_with(capability, &text, |builder| builder);
        session.append("INBOX", &small).unwrap();
        session.append("INBOX", &large).unwrap();
        drop(session);
        server.finish();
    }
}

/// What the greeting told does not hold after the login.
#[test]
fn attack_107_abilities_are_those_after_the_login() {
    let server = script(
        "
        S: * OK [CAPABILITY IMAP4rev1 LITERAL+] ready
        C: {a} LOGIN \"ann\" \"secret\"
        S: {a} OK in
        C: {b} CAPABILITY
        S: * CAPABILITY IMAP4rev1
        S: {b} OK done
        C: {c} APPEND \"INBOX\" {14}
        silent
        S: + go on
        C-raw: Subject: x\\r\\n\\r\\n\\r\\n
        S: {c} OK done
        ",
    );
    let session = log_in(plain(&server));
    session.append("INBOX", MESSAGE).unwrap();
    drop(session);
    server.finish();
}

/// No LITERAL at all in the login where the greeting did not tell of it.
#[test]
fn attack_107_before_the_login_too() {
    for (capability, plus) in [("LITERAL+", "+"), ("LITERAL-", "+"), ("IDLE", "")] {
        let request = if plus.is_empty() { "S: +" } else { "" };
        let server = script(&format!(
            "
            S: * OK [CAPABILITY IMAP4rev1 {capability}] ready
            C: {{a}} LOGIN {{3{plus}}}
            {request}
            C-raw: \\xc3\\xa4x \"secret\"\\r\\n
            S: {{a}} OK [CAPABILITY IMAP4rev1] in
            "
        ));
        let client = plain(&server).connect_in_pieces().unwrap();
        drop(log_in_as(client, "äx", "secret"));
        server.finish();
    }
}

#[test]
fn attack_108_eight_bit_is_quoted_only_where_it_is_enabled() {
    let (server, session) = selecting_with(
        "IMAP4rev1 ENABLE UTF8=ACCEPT LITERAL+",
        r#"
        C: {a} UID SEARCH CHARSET UTF-8 SUBJECT {3+}
        C-raw: \xc3\xa4b\r\n
        S: {a} OK done
        C: {b} ENABLE UTF8=ACCEPT
        S: * ENABLED UTF8=ACCEPT
        S: {b} OK done
        C: {c} UID SEARCH SUBJECT "äb"
        S: {c} OK done
        "#,
        |builder| builder,
    );
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let key = SearchKey::Subject("äb".into());
    assert!(inbox.search(&key).unwrap().is_empty());
    session.enable(&[Capability::Utf8Accept]).unwrap();
    assert!(inbox.search(&key).unwrap().is_empty());
    drop(inbox);
    drop(session);
    server.finish();
}

#[test]
fn attack_111_a_nul_needs_binary() {
    let with_nul = b"Subject: x\r\n\r\n\0";
    let (server, session) = logged_in(
        "
        C: {a} NOOP
        S: {a} OK done
        ",
    );
    let error = session.append("INBOX", with_nul).unwrap_err();
    assert!(matches!(error, Error::Argument(_)), "{error:?}");
    session.noop().unwrap();
    drop(session);
    server.finish();
    let (server, session) = logged_in_with(
        "IMAP4rev1 BINARY",
        "
        C: {a} APPEND \"INBOX\" ~{15}
        S: + go on
        C-raw: Subject: x\\r\\n\\r\\n\\0\\r\\n
        S: {a} OK done
        ",
        |builder| builder,
    );
    session.append("INBOX", with_nul).unwrap();
    drop(session);
    server.finish();
}

#[test]
fn attack_112_a_message_beyond_appendlimit_is_not_sent() {
    let (server, session) = logged_in_with(
        "IMAP4rev1 APPENDLIMIT=13 LITERAL+",
        "
        C: {a} APPEND \"INBOX\" {13+}
        C-literal: 13
        C-raw: \\r\\n
        S: {a} OK done
        ",
        |builder| builder,
    );
    let error = session.append("INBOX", MESSAGE).unwrap_err();
    assert!(matches!(error, Error::Argument(_)), "{error:?}");
    session.append("INBOX", &MESSAGE[1..]).unwrap();
    drop(session);
    server.finish();
}
