//! Quirks of time, of the connection, and of what is sent: more than one answer tells.

use std::io::Read;
use std::net::TcpListener;
use std::thread;

use latchbox::error::CloseReason;
use latchbox::transport::TlsBackend;
use latchbox::types::{
    Capability, FetchItem, Flag, MailboxEvent, SearchKey, Section, StatusItem, UidSet,
};
use latchbox::{Client, ClientBuilder, Error};

use crate::scripted::{
    SHORT, assert_unusable, closed, log_in, logged_in, logged_in_with, plain, selecting,
    selecting_with,
};
use crate::support::script::script;

fn uids(text: &str) -> UidSet {
    text.parse().unwrap()
}

#[test]
fn q25_a_literal_of_which_less_comes_than_was_announced_meets_the_deadline() {
    let (server, session) = selecting_with(
        "IMAP4rev1",
        "
        C: {a} UID FETCH 1 (BODY.PEEK[])
        S: * 1 FETCH (UID 1 BODY[] {100}
        S: short)
        S: {a} OK done
        stall
        ",
        |builder| builder,
    );
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    session.set_read_timeout(SHORT).unwrap();
    let one = uids("1");
    let whole = FetchItem::from(Section::whole());
    let error = inbox
        .fetch(&one, [whole])
        .and_then(|mut m| m.next().map(drop));
    let error = error.unwrap_err();
    assert!(error.is_timeout() && error.is_closed(), "{error:?}");
    drop(inbox);
    assert_unusable(&session);
    drop(session);
    server.finish();
}

#[test]
fn q39_each_tag_begins_with_a_letter() {
    let (server, session) = logged_in(
        "
        C: {a} NOOP
        S: {a} OK done
        C: {b} NOOP
        S: {b} OK done
        ",
    );
    session.noop().unwrap();
    session.noop().unwrap();
    drop(session);
    let heard = server.finish();
    assert_eq!(heard.lines().count(), 3);
    for line in heard.lines() {
        assert!(
            line.starts_with(|first: char| first.is_ascii_alphabetic()),
            "{line}"
        );
    }
}

/// What is not confirmed is not relied on: QRESYNC stays off, and SELECT asks for none of it.
#[test]
fn q42_enable_that_says_ok_and_no_more_enables_what_was_asked_for() {
    let (server, session) = logged_in_with(
        "IMAP4rev1 ENABLE CONDSTORE QRESYNC",
        r#"
        C: {a} ENABLE QRESYNC CONDSTORE
        S: {a} OK ENABLE completed
        C: {b} SELECT "INBOX"
        S: * 3 EXISTS
        S: {b} OK done
        "#,
        |builder| builder,
    );
    let asked = [Capability::Qresync, Capability::CondStore];
    assert_eq!(session.enable(&asked).unwrap(), asked);
    assert_eq!(session.lock_mailbox("INBOX").unwrap().exists(), 3);
    drop(session);
    server.finish();
}

/// What was asked for with the login and answered BAD is not asked for again.
#[test]
fn q41_namespace_that_was_answered_bad_with_the_login_is_asked_for_by_list() {
    let (server, session) = logged_in_with(
        "IMAP4rev1 NAMESPACE",
        r#"
        C: {a} NAMESPACE
        S: {a} BAD Error in IMAP command received by server.
        C: {b} LIST "" ""
        S: * LIST (\Noselect) "/" ""
        S: {b} OK done
        C: {c} NOOP
        S: {c} OK done
        "#,
        ClientBuilder::namespace,
    );
    for _ in 0..2 {
        let namespaces = session.namespace().unwrap();
        assert_eq!(namespaces.personal()[0].delimiter(), Some('/'));
    }
    session.noop().unwrap();
    drop(session);
    server.finish();
}

#[test]
fn q50_the_first_of_many_byes_is_the_end() {
    let (server, session) = logged_in(
        r"
        C: {a} NOOP
        S-raw: * BYE Autologout\r\n* BYE Autologout\r\n* BYE Autologout\r\n
        C-close
        ",
    );
    let error = session.noop().unwrap_err();
    assert!(error.to_string().contains("Autologout"), "{error}");
    assert_unusable(&session);
    drop(session);
    server.finish();
}

/// poczta.fm: the login succeeds, with an alert; then comes another, and no answer.
#[test]
fn q51_an_alert_without_an_answer_is_told_with_the_timeout() {
    let server = script(
        r#"
        S: * OK [CAPABILITY IMAP4rev1] ready
        C: {a} LOGIN "ann" "secret"
        S: {a} OK [ALERT] You have to enable IMAP first
        C: {c} CAPABILITY
        S: * CAPABILITY IMAP4rev1
        S: {c} OK done
        C: {b} SELECT "INBOX"
        S: * BAD [ALERT] Please enable IMAP in the settings of your mailbox
        stall
        "#,
    );
    let session = log_in(plain(&server));
    session.set_read_timeout(SHORT).unwrap();
    let error = session.lock_mailbox("INBOX").unwrap_err();
    assert!(error.is_timeout() && error.is_closed(), "{error:?}");
    let told: Vec<_> = session.events().iter().map(ToString::to_string).collect();
    assert_eq!(
        told,
        [
            "alert: You have to enable IMAP first",
            "alert: Please enable IMAP in the settings of your mailbox"
        ]
    );
    assert_unusable(&session);
    drop(session);
    server.finish();
}

/// The first bytes of the handshake, as any server sees them, of either implementation of TLS.
#[test]
fn q54_no_protocol_is_named_in_the_handshake() {
    let backends = [
        #[cfg(feature = "native-tls")]
        TlsBackend::NativeTls,
        #[cfg(feature = "rustls")]
        TlsBackend::Rustls,
    ];
    for backend in backends {
        let hello = client_hello(backend);
        let has = |part: &[u8]| hello.windows(part.len()).any(|window| window == part);
        assert_eq!(hello[0], 1, "{backend:?}: it is a ClientHello");
        assert!(has(b"localhost"), "{backend:?}: it names the server");
        assert!(!has(b"\x04imap"), "{backend:?}");
        // The extension for it (RFC 7301) would come with its length and that of its list.
        let is_alpn = |window: &[u8]| {
            let length = |at: usize| usize::from(u16::from_be_bytes([window[at], window[at + 1]]));
            window[..2] == [0, 16] && length(2) == length(4) + 2 && length(2) < 64
        };
        assert!(!hello.windows(6).any(is_alpn), "{backend:?}");
    }
}

fn client_hello(backend: TlsBackend) -> Vec<u8> {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let hello = thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut header = [0; 5];
        stream.read_exact(&mut header).unwrap();
        let mut hello = vec![0; usize::from(u16::from_be_bytes([header[3], header[4]]))];
        stream.read_exact(&mut hello).unwrap();
        hello
    });
    Client::builder("localhost")
        .port(port)
        .tls_backend(backend)
        .connect()
        .unwrap_err();
    hello.join().unwrap()
}

#[test]
fn q55_a_reset_is_an_end_of_logout_too() {
    for end in [
        "S: * BYE\nreset",
        "reset",
        "S: * BYE\nS: {a} OK\nreset",
        "cut",
    ] {
        let (server, session) = logged_in(&format!("C: {{a}} LOGOUT\n{end}\n"));
        session.logout().unwrap();
        server.finish();
    }
}

#[test]
fn q57_flags_that_idle_does_not_tell_are_told_by_a_refresh() {
    let (server, session) = selecting_with(
        "IMAP4rev1 IDLE",
        r"
        C: {a} IDLE
        S: + idling
        S: * 4 EXISTS
        C: DONE
        S: {a} OK done
        C: {b} NOOP
        S: * 2 FETCH (UID 2 FLAGS (\Seen))
        S: {b} OK done
        ",
        |builder| builder,
    );
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let mut idle = inbox.idle().unwrap();
    assert_eq!(idle.next().unwrap(), Some(MailboxEvent::Exists(4)));
    idle.done().unwrap();
    inbox.refresh().unwrap();
    let events = inbox.events();
    assert!(
        matches!(&events[..], [MailboxEvent::Flags { flags, .. }] if *flags == [Flag::Seen]),
        "{events:?}"
    );
    drop(inbox);
    drop(session);
    server.finish();
}

/// It is what the caller asked for, and its values are read; nothing here asks for it by itself. Who
/// holds the mailbox has its counts without a command.
#[test]
fn q81_the_status_of_the_open_mailbox_is_read_in_spite_of_the_complaint() {
    let (server, session) = selecting(
        r#"
        C: {a} STATUS "INBOX" (MESSAGES)
        S: * STATUS INBOX (MESSAGES 4)
        S: {a} OK [CLIENTBUG] Status on selected mailbox may have unexpected results.
        C: {b} NOOP
        S: {b} OK done
        "#,
    );
    let inbox = session.lock_mailbox("INBOX").unwrap();
    let status = session.status("INBOX", [StatusItem::Messages]).unwrap();
    assert_eq!(status.messages(), Some(4));
    session.noop().unwrap();
    drop(inbox);
    drop(session);
    server.finish();
}

/// `10:*` means the last message where there is no UID 10, so that it cannot be left out for the
/// caller. What can be done is to know the end, and to wait no longer than the deadline.
#[test]
fn q90_a_fetch_beyond_the_end_that_never_returns_meets_the_deadline() {
    let (server, session) = selecting_with(
        "IMAP4rev1",
        "
        C: {a} UID FETCH 10:4294967295 (FLAGS)
        stall
        ",
        |builder| builder,
    );
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    session.set_read_timeout(SHORT).unwrap();
    // The end is known before, so that a caller need not ask.
    assert_eq!(
        inbox.mailbox().unwrap().uid_next().unwrap().to_string(),
        "10"
    );
    let set = uids("10:*");
    let error = inbox
        .fetch(&set, [FetchItem::Flags])
        .and_then(|mut m| m.next().map(drop));
    let error = error.unwrap_err();
    assert!(error.is_timeout() && error.is_closed(), "{error:?}");
    drop(inbox);
    assert_unusable(&session);
    drop(session);
    server.finish();
}

#[test]
fn q91_a_search_of_the_header_takes_the_place_of_a_search_of_senders() {
    let (server, session) = selecting(
        r#"
        C: {a} UID SEARCH HEADER "From" "ann@example.org"
        S: * SEARCH 2
        S: {a} OK done
        "#,
    );
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let found = inbox
        .search(SearchKey::header("From", "ann@example.org"))
        .unwrap();
    assert_eq!(found.to_string(), "2");
    drop(inbox);
    drop(session);
    server.finish();
}

/// BINARY alone is no reason for `~{n}`, which some servers reject: only NUL needs it.
#[test]
fn q136_a_message_without_nul_is_an_ordinary_literal() {
    let (server, session) = logged_in_with(
        "IMAP4rev1 BINARY CATENATE LITERAL+",
        r#"
        C: {a} APPEND "Box" {8+}
        C-raw: a: b\r\n\r\n\r\n
        S: {a} OK done
        "#,
        |builder| builder,
    );
    session.append("Box", &b"a: b\r\n\r\n"[..]).unwrap();
    drop(session);
    server.finish();
}

/// There is no other form for a NUL. A refusal leaves the connection as it was.
#[test]
fn q136_a_message_with_a_nul_that_is_refused_is_refused() {
    let (server, session) = logged_in_with(
        "IMAP4rev1 BINARY",
        r#"
        C: {a} APPEND "Box" ~{7}
        S: {a} BAD Invalid literal
        C: {b} NOOP
        S: {b} OK done
        "#,
        |builder| builder,
    );
    let error = session.append("Box", &b"a: b\r\n\0"[..]).unwrap_err();
    assert!(matches!(error, Error::Refused(_)), "{error:?}");
    session.noop().unwrap();
    drop(session);
    server.finish();
}

/// Office 365 shows the archive as it was until it is opened anew; the copy is where COPYUID says.
#[test]
fn q139_a_copy_is_fetched_where_copyuid_says_although_it_is_not_counted_yet() {
    let (server, session) = selecting(
        r#"
        C: {a} UID MOVE 2 "Archive"
        S: * OK [COPYUID 55 2 600]
        S: * 2 EXPUNGE
        S: {a} OK MOVE completed.
        C: {b} SELECT "Archive"
        S: * 4 EXISTS
        S: * OK [UIDVALIDITY 55] UIDVALIDITY value
        S: * OK [UIDNEXT 600] The next unique identifier value
        S: {b} OK [READ-WRITE] SELECT completed.
        C: {c} UID FETCH 600 (FLAGS)
        S: * 5 EXISTS
        S: * 5 FETCH (FLAGS (\Seen) UID 600)
        S: {c} OK FETCH completed.
        "#,
    );
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let copied = inbox.move_to(&uids("2"), "Archive").unwrap();
    let copies = copied.copies().unwrap();
    let mut archive = inbox.switch_to("Archive").unwrap();
    let mut found = Vec::new();
    let messages = archive.fetch(copies, [FetchItem::Flags]).unwrap();
    messages.collect_into(&mut found).unwrap();
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].uid().to_string(), "600");
    assert_eq!(archive.exists(), 5);
    drop(archive);
    drop(session);
    server.finish();
}

/// What a client and the end of the connection have in common.
#[test]
fn q50_before_the_login_too() {
    let server = script(
        "
        S: * OK [CAPABILITY IMAP4rev1] ready
        C: {a} LOGIN \"ann\" \"secret\"
        S-raw: * BYE too many\\r\\n* BYE too many\\r\\n
        C-close
        ",
    );
    let client = plain(&server).connect().unwrap();
    let (error, client) = client
        .login("ann", "secret")
        .map(drop)
        .unwrap_err()
        .into_parts();
    assert!(
        matches!(closed(&error).reason(), CloseReason::Bye { .. }),
        "{error:?}"
    );
    drop(client);
    server.finish();
}
