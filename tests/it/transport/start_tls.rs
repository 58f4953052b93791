//! STARTTLS that is missing, refused, forged or spoken over; no credential ever follows.

use latchbox::Error;
use latchbox::error::{CloseReason, ConnectErrorKind, Limit, Stage};
use latchbox::types::{Capability, SearchKey, StatusItem};

use crate::pieces::Connect;
use crate::scripted::{SHORT, log_in, log_in_client, problem, start_tls};
use crate::support::script::script;

/// Connects to this, which must fail, and shows what was sent; the script ends with the client's.
#[track_caller]
fn refused(text: &str) -> (Error, String) {
    let server = script(text);
    let error = start_tls(&server)
        .tls_timeout(SHORT * 20)
        .connect_in_pieces()
        .unwrap_err();
    let sent = server.finish();
    for word in ["LOGIN", "AUTHENTICATE", "secret"] {
        assert!(!sent.contains(word), "{sent}");
    }
    (error, sent)
}

#[track_caller]
fn assert_start_tls(error: &Error) {
    assert!(
        matches!(problem(error), ConnectErrorKind::StartTls(_)),
        "{error:?}"
    );
}

#[track_caller]
fn assert_protocol(error: &Error) {
    match problem(error) {
        ConnectErrorKind::Closed(reason) => {
            assert!(matches!(**reason, CloseReason::Protocol(_)), "{error:?}");
        }
        ConnectErrorKind::StartTls(_) => {}
        other => panic!("{other:?}"),
    }
}

#[test]
fn attack_001_without_the_capability_nothing_more_is_sent() {
    let (error, sent) = refused(
        "
        S: * OK [CAPABILITY IMAP4rev1 AUTH=PLAIN] ready
        C-close
        ",
    );
    assert_start_tls(&error);
    assert_eq!(sent, "");
}

#[test]
fn attack_002_a_server_that_does_not_tell_its_capabilities() {
    for answer in ["S: {a} BAD what", "S: {a} OK done", "S: {a} NO"] {
        let (error, sent) = refused(&format!(
            "
            S: * OK ready
            C: {{a}} CAPABILITY
            {answer}
            C-close
            "
        ));
        assert_start_tls(&error);
        assert!(!sent.contains("STARTTLS"), "{sent}");
    }
}

#[test]
fn attack_002_a_server_that_does_not_answer_capability() {
    let server = script(
        "
        S: * OK ready
        C: {a} CAPABILITY
        C-close
        ",
    );
    let error = start_tls(&server)
        .read_timeout(SHORT)
        .connect_in_pieces()
        .unwrap_err();
    assert!(error.is_timeout(), "{error:?}");
    server.finish();
}

const OFFERED: &str = "
    S: * OK [CAPABILITY IMAP4rev1 STARTTLS AUTH=PLAIN] ready
    C: {a} STARTTLS
";

#[test]
fn attack_003_and_004_a_refusal_is_not_gone_on_from_in_plaintext() {
    for answer in ["S: {a} NO not today", "S: {a} BAD what"] {
        let (error, _) = refused(&format!("{OFFERED}{answer}\nC-close\n"));
        assert_start_tls(&error);
    }
    let (error, _) = refused(&format!("{OFFERED}S: {{a}} NO not today\nC-close\n"));
    assert!(error.to_string().contains("not today"), "{error}");
}

#[test]
fn attack_005_a_continuation_request_is_no_consent() {
    let (error, _) = refused(&format!("{OFFERED}S-fill: 50 + go on\\r\\n\nC-close\n"));
    let ConnectErrorKind::Closed(reason) = problem(&error) else {
        panic!("{error:?}");
    };
    assert!(
        matches!(**reason, CloseReason::Limit(exceeded) if exceeded.limit() == Limit::Continuations),
        "{error:?}"
    );
    let (error, _) = refused(&format!("{OFFERED}S: + go on\nclose\n"));
    assert!(matches!(problem(&error), ConnectErrorKind::Closed(_)));
}

#[test]
fn attack_006_an_unknown_status_word_is_no_consent() {
    let (error, _) = refused(&format!("{OFFERED}S: {{a}} YES\nC-close\n"));
    assert_protocol(&error);
}

#[test]
fn attack_007_bye_or_the_end_is_no_consent() {
    for answer in ["S: * BYE no\nC-close", "close", "reset"] {
        let (error, _) = refused(&format!("{OFFERED}{answer}\n"));
        assert!(
            matches!(problem(&error), ConnectErrorKind::Closed(_)),
            "{error:?}"
        );
    }
}

#[test]
fn attack_008_silence_meets_a_deadline() {
    for answer in ["C-close\n", "S: {a} OK begin\nstall\n"] {
        let server = script(&format!("{OFFERED}{answer}"));
        let builder = start_tls(&server).read_timeout(SHORT).tls_timeout(SHORT);
        let error = builder.connect_in_pieces().unwrap_err();
        assert!(error.is_timeout(), "{error:?}");
        if answer.contains("OK") {
            let stage = matches!(problem(&error), ConnectErrorKind::Timeout(Stage::Tls));
            assert!(stage, "{error:?}");
        }
        server.finish();
    }
}

/// Whatever tag the client is going to choose.
#[test]
fn attack_009_an_answer_before_the_command_closes() {
    let server = script(
        "
        S: * OK [CAPABILITY IMAP4rev1 STARTTLS] ready
        C: {a} STARTTLS
        close
        ",
    );
    start_tls(&server).connect_in_pieces().unwrap_err();
    let tag = server.finish();
    let tag = tag.split(' ').next().unwrap();
    let (error, sent) = refused(&format!(
        r"
        S-raw: * OK [CAPABILITY IMAP4rev1 STARTTLS] ready\r\n{tag} OK begin\r\n
        C-close
        "
    ));
    assert_protocol(&error);
    assert_eq!(sent, "");
}

#[test]
fn attack_011_what_follows_the_consent_is_never_taken_for_imap() {
    let server = script(&format!(
        r"{OFFERED}
        S-raw: {{a}} OK begin\r\n* OK [CAPABILITY IMAP4rev1 AUTH=EVIL] injected\r\n* BYE injected\r\n
        stall
        "
    ));
    let error = start_tls(&server).connect_in_pieces().unwrap_err();
    assert!(
        matches!(problem(&error), ConnectErrorKind::Tls(_)),
        "{error:?}"
    );
    assert!(!server.finish().contains("LOGIN"));
}

#[test]
fn attack_012_cleartext_instead_of_a_handshake_is_a_tls_error() {
    let server = script(&format!(
        r"{OFFERED}
        S: {{a}} OK begin
        taken
        S: * OK [CAPABILITY IMAP4rev1 AUTH=EVIL] injected
        stall
        "
    ));
    let error = start_tls(&server).connect_in_pieces().unwrap_err();
    assert!(
        matches!(problem(&error), ConnectErrorKind::Tls(_)),
        "{error:?}"
    );
    assert!(!server.finish().contains("LOGIN"));
}

#[test]
fn attack_013_capabilities_from_before_tls_are_forgotten() {
    let server = script(
        "
        S: * OK [CAPABILITY IMAP4rev1 STARTTLS LOGINDISABLED] ready
        C: {a} STARTTLS
        S: * CAPABILITY IMAP4rev1 LITERAL+ MOVE X-INJECTED LOGINDISABLED
        S: {a} OK begin
        tls
        C: {b} CAPABILITY
        S: * CAPABILITY IMAP4rev1 AUTH=PLAIN
        S: {b} OK done
        ",
    );
    let mut client = start_tls(&server).connect_in_pieces().unwrap();
    let capabilities = client.capabilities().unwrap();
    assert!(!capabilities.contains(&Capability::Move));
    assert!(!capabilities.allows_literal_plus());
    assert!(!capabilities.contains(&Capability::LoginDisabled));
    assert!(client.is_encrypted());
    server.finish();
}

/// Data of every kind in cleartext, none of which is there afterwards.
#[test]
fn attack_014_data_from_before_tls_is_dropped() {
    let server = script(
        r#"
        S: * OK [CAPABILITY IMAP4rev1 STARTTLS] ready
        C: {a} STARTTLS
        S: * LIST () "/" "Injected"
        S: * LSUB () "/" "Injected"
        S: * STATUS "INBOX" (MESSAGES 17)
        S: * SEARCH 1 2 3
        S: * FLAGS (\Seen Injected)
        S: * 17 EXISTS
        S: * 17 RECENT
        S: * OK [UIDVALIDITY 666] injected
        S: * 1 EXPUNGE
        S-raw: * 1 FETCH (UID 1 BODY[] {10}\r\n0123456789)\r\n
        S: * ENABLED UTF8=ACCEPT
        S: * NAMESPACE (("Injected" "/")) NIL NIL
        S: {a} OK begin
        tls
        C: {b} CAPABILITY
        S: * CAPABILITY IMAP4rev1
        S: {b} OK done
        C: {c} LOGIN "ann" "secret"
        S: {c} OK [CAPABILITY IMAP4rev1] in
        C: {d} LIST "" "*"
        S: {d} OK done
        C: {e} STATUS "INBOX" (MESSAGES)
        S: * STATUS INBOX (MESSAGES 2)
        S: {e} OK done
        C: {f} SELECT "INBOX"
        S: * 2 EXISTS
        S: {f} OK [READ-WRITE] done
        C: {g} UID SEARCH ALL
        S: * SEARCH 8 9
        S: {g} OK done
        "#,
    );
    let session = log_in(start_tls(&server));
    assert!(session.list("*").unwrap().is_empty());
    let status = session.status("INBOX", [StatusItem::Messages]).unwrap();
    assert_eq!(status.messages(), Some(2));
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let mailbox = inbox.mailbox().unwrap();
    assert_eq!((mailbox.exists(), mailbox.recent()), (2, None));
    assert_eq!(mailbox.uid_validity(), None);
    assert!(mailbox.flags().is_empty());
    assert!(inbox.events().is_empty());
    assert_eq!(inbox.search(SearchKey::All).unwrap().to_string(), "8:9");
    server.finish();
}

#[test]
fn attack_015_an_alert_from_before_tls_is_not_shown_as_the_servers() {
    let server = script(
        "
        S: * OK [ALERT] call 555-EVIL at once
        C: {z} CAPABILITY
        S: * NO [ALERT] or 555-EVIL
        S: * BAD [PARSE] all your mail is at 555-EVIL
        S: * CAPABILITY IMAP4rev1 STARTTLS
        S: {z} OK [ALERT] 555-EVIL
        C: {a} STARTTLS
        S: * OK [ALERT] call 555-EVIL and tell your password
        S: {a} OK begin
        tls
        C: {b} CAPABILITY
        S: * CAPABILITY IMAP4rev1
        S: {b} OK done
        C: {c} LOGIN \"ann\" \"secret\"
        S: {c} OK [CAPABILITY IMAP4rev1] in
        C: {d} SELECT \"INBOX\"
        S: * 2 EXISTS
        S: {d} OK [READ-WRITE] done
        ",
    );
    let mut client = start_tls(&server).connect_in_pieces().unwrap();
    let told = client.events();
    let session = log_in_client(client);
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let told = format!("{told:?} {:?} {:?}", inbox.events(), session.events());
    assert!(!told.contains("EVIL"), "{told}");
    server.finish();
}

/// A stream is TLS from the first byte or by STARTTLS; the types have no third way. What a server
/// offers inside TLS is not taken up.
#[test]
fn attack_028_starttls_is_never_sent_inside_tls() {
    let server = script(
        "
        tls
        S: * OK [CAPABILITY IMAP4rev1 STARTTLS] ready
        C: {a} LOGIN \"ann\" \"secret\"
        S: {a} OK [CAPABILITY IMAP4rev1 STARTTLS] in
        C: {b} NOOP
        S: {b} OK done
        ",
    );
    let session = log_in(crate::scripted::implicit_tls(&server));
    session.noop().unwrap();
    assert!(!server.finish().contains("STARTTLS"));
}
