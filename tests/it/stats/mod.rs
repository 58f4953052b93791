//! What is known of a session without its connection: counters, what is switched on, and what the
//! server said when it was greeted and logged in to.

use std::time::Instant;

use latchbox::Backoff;
use latchbox::command::IdleOptions;
use latchbox::types::{Capability, ResponseCode, StatusItem, UidSet, UidValidity};
use latchbox_testkit::{Server, message};

use crate::pieces::Connect;
use crate::scripted::{
    as_it_is, log_in_client, logged_in, logged_in_with, selecting, selecting_with, start_tls,
};
use crate::sessions::{
    account, builder, plaintext, plaintext_session, played, preauthenticated, until,
};
use crate::support::script::script;

#[test]
fn octets_and_commands_are_counted_each_way() {
    let began = Instant::now();
    let text = "
        S: * OK [CAPABILITY IMAP4rev1] hi
        C: {l} LOGIN \"ann\" \"secret\"
        S: {l} OK [CAPABILITY IMAP4rev1] in
        C: {n} NOOP
        S: * OK a remark
        S: {n} OK done
        ";
    let server = script(text);
    let client = as_it_is(&server).connect().unwrap();
    let session = log_in_client(client);
    let before = session.stats();
    assert_eq!(before.commands, 1, "LOGIN");
    session.noop().unwrap();
    let stats = session.stats();
    assert_eq!(stats.commands, 2);
    assert_eq!(
        stats.octets_sent - before.octets_sent,
        "A2 NOOP\r\n".len() as u64
    );
    let received = "* OK a remark\r\nA2 OK done\r\n".len() as u64;
    assert_eq!(stats.octets_received - before.octets_received, received);
    let (sent_at, received_at) = (stats.last_sent_at.unwrap(), stats.last_received_at.unwrap());
    assert!(began <= stats.connected_at && stats.connected_at <= sent_at);
    assert!(before.last_received_at.unwrap() <= sent_at && sent_at <= received_at);
    assert!(!stats.is_encrypted && !stats.is_compressed && !stats.is_utf8 && !stats.is_idling);
    assert_eq!((stats.reconnections, stats.closed_at), (0, None));
    drop(session);
    server.finish();
}

#[test]
fn commands_of_a_pipeline_and_parts_of_an_upload_are_counted_once() {
    let (server, session) = logged_in(
        "
        C: {a} STATUS \"A\" (MESSAGES)
        C: {b} STATUS \"B\" (MESSAGES)
        S: * STATUS \"A\" (MESSAGES 1)
        S: {a} OK done
        S: * STATUS \"B\" (MESSAGES 1)
        S: {b} OK done
        C: {c} APPEND \"A\" {4}
        S: + go on
        C: x: y
        S: {c} OK done
        ",
    );
    let before = session.stats().commands;
    let messages = || [StatusItem::Messages];
    let batch = (
        latchbox::command::Status::new("A", messages()).unwrap(),
        latchbox::command::Status::new("B", messages()).unwrap(),
    );
    let _ = session.pipeline(batch).unwrap();
    assert_eq!(session.stats().commands - before, 2);
    session.append("A", b"x: y").unwrap();
    assert_eq!(session.stats().commands - before, 3);
    drop(session);
    server.finish();
}

#[test]
fn they_are_read_while_a_thread_has_the_connection_in_an_idle() {
    let server = Server::builder()
        .mailbox("INBOX", [message("a", "ann@example.com", "b")])
        .start()
        .unwrap();
    let session = plaintext_session(&server);
    let stop = latchbox::StopHandle::new();
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let mut inbox = session.lock_mailbox("INBOX").unwrap();
            let options = IdleOptions::new().stop_handle(&stop);
            let mut idle = inbox.idle_with(&options).unwrap();
            assert!(idle.next().unwrap().is_none());
        });
        until("no IDLE is reported", || session.stats().is_idling);
        stop.stop();
    });
    assert!(!session.stats().is_idling);
}

#[test]
fn what_it_was_doing_when_it_ended_is_known_afterwards() {
    let (server, session) = selecting_with(
        "IMAP4rev1 IDLE",
        "
        C: {i} IDLE
        S: + idling
        close
        ",
        |builder| builder,
    );
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    assert!(session.stats().closed_at.is_none());
    let mut idle = inbox.idle().unwrap();
    assert!(idle.next().unwrap_err().is_closed());
    drop(idle);
    drop(inbox);
    let stats = session.stats();
    assert!(stats.is_idling);
    assert!(stats.closed_at.unwrap() >= stats.last_received_at.unwrap());
    assert_eq!(stats.commands, 3, "LOGIN, SELECT, IDLE");
    drop(session);
    server.finish();
}

#[test]
fn a_reconnection_adds_up_and_brings_another_greeting_and_login() {
    let server = played(
        "
        hello: pass1
        cut
        accept
        S: * OK [CAPABILITY IMAP4rev1] the second
        C: {l} LOGIN \"jane\" \"pass2\"
        S: {l} OK [CAPABILITY IMAP4rev1] in again
        noop
        ",
    );
    let (account, _) = account(builder(server.port()));
    let session = account.reconnecting(Backoff::new()).open().unwrap();
    let first = session.stats();
    assert_eq!(session.greeting().unwrap().text(), "ready");
    crate::sessions::until_hung_up(server.port());
    session.noop().unwrap();
    let second = session.stats();
    assert_eq!((first.reconnections, second.reconnections), (0, 1));
    assert_eq!((first.commands, second.commands), (1, 3));
    assert!(second.octets_sent > 2 * first.octets_sent);
    assert!(second.connected_at > first.connected_at && second.closed_at.is_none());
    assert_eq!(session.greeting().unwrap().text(), "the second");
    assert_eq!(session.login_response().unwrap().text(), "in again");
    drop(session);
    server.finish();
}

#[test]
fn what_is_enabled_is_known_and_whether_texts_are_utf_8() {
    for (capability, is_utf8) in [
        (Capability::Utf8Accept, true),
        (Capability::Imap4Rev2, true),
        (Capability::CondStore, false),
    ] {
        let (server, session) = logged_in_with(
            "IMAP4rev1 IMAP4rev2 ENABLE UTF8=ACCEPT CONDSTORE",
            &format!(
                "
                C: {{e}} ENABLE {capability}
                S: * ENABLED {capability}
                S: {{e}} OK done
                "
            ),
            |builder| builder,
        );
        assert!(!session.is_utf8() && session.stats().enabled.is_empty());
        let wanted = std::slice::from_ref(&capability);
        session.enable(wanted).unwrap();
        assert_eq!(session.is_utf8(), is_utf8, "{capability}");
        assert_eq!(session.stats().enabled, [capability]);
        drop(session);
        server.finish();
    }
}

#[cfg(feature = "compress")]
#[test]
fn compression_is_known() {
    let (server, session) = logged_in_with(
        "IMAP4rev1 COMPRESS=DEFLATE",
        "
        C: {c} COMPRESS DEFLATE
        S: {c} OK from here on
        deflate
        C: {n} NOOP
        S: {n} OK done
        ",
        |builder| builder,
    );
    assert!(!session.is_compressed());
    session.compress().unwrap();
    assert!(session.is_compressed() && session.stats().is_compressed);
    let before = session.stats();
    session.noop().unwrap();
    let stats = session.stats();
    let sent = "A3 NOOP\r\n".len() as u64;
    assert_eq!(
        stats.octets_sent - before.octets_sent,
        sent,
        "before compression"
    );
    let received = "A3 OK done\r\n".len() as u64;
    assert_eq!(stats.octets_received - before.octets_received, received);
    drop(session);
    server.finish();
}

#[test]
fn a_greeting_and_the_ok_of_a_login_are_kept_with_their_codes() {
    let server = script(
        "
        S: * OK [CAPABILITY IMAP4rev1 AUTH=PLAIN] mail.example.com, hello
        C: {l} LOGIN \"ann\" \"secret\"
        S: {l} OK [CAPABILITY IMAP4rev1] last login of ann with secret: yesterday
        ",
    );
    let client = as_it_is(&server).connect().unwrap();
    let greeting = client.greeting().unwrap();
    assert_eq!(greeting.text(), "mail.example.com, hello");
    assert!(matches!(greeting.code(), Some(ResponseCode::Capability(_))));
    assert!(!client.is_preauthenticated() && !client.is_encrypted());
    let session = log_in_client(client);
    assert_eq!(session.greeting(), Some(greeting));
    let login = session.login_response().unwrap();
    assert_eq!(login.text(), "last login of ann with ***: yesterday");
    assert!(matches!(login.code(), Some(ResponseCode::Capability(_))));
    drop(session);
    server.finish();
}

#[test]
fn a_preauthenticated_client_says_so_and_has_no_login() {
    let server = script("S: * PREAUTH [CAPABILITY IMAP4rev1] welcome");
    let client = plaintext(server.port()).accept_preauth().connect().unwrap();
    assert!(client.is_preauthenticated());
    let session = preauthenticated(client);
    assert_eq!(session.greeting().unwrap().to_string(), "welcome");
    assert_eq!(session.login_response(), None);
    drop(session);
    server.finish();
}

/// Anybody on the way could have written it.
#[test]
fn a_greeting_before_tls_is_not_passed_on() {
    let server = script(
        "
        S: * OK [CAPABILITY IMAP4rev1 STARTTLS] forged
        C: {s} STARTTLS
        S: {s} OK begin
        tls
        C: {c} CAPABILITY
        S: * CAPABILITY IMAP4rev1
        S: {c} OK done
        C: {l} LOGIN \"ann\" \"secret\"
        S: {l} OK [CAPABILITY IMAP4rev1] in
        ",
    );
    let mut client = start_tls(&server).connect_in_pieces().unwrap();
    assert!(client.is_encrypted());
    assert_eq!(client.greeting(), None);
    client.capabilities().unwrap();
    let session = log_in_client(client);
    assert!(session.is_encrypted() && session.stats().is_encrypted);
    assert_eq!(session.greeting(), None);
    assert_eq!(session.login_response().unwrap().text(), "in");
    drop(session);
    server.finish();
}

#[test]
fn the_uid_validity_of_copies_is_that_of_their_mailbox() {
    for (code, expected) in [
        ("[COPYUID 77 3:4 8:9] ", UidValidity::new(77)),
        ("[COPYUID 77 3:4 8] ", None),
        ("", None),
    ] {
        let (server, session) = selecting(&format!(
            "
            C: {{c}} UID COPY 3:4 \"Box\"
            S: {{c}} OK {code}done
            "
        ));
        let mut inbox = session.lock_mailbox("INBOX").unwrap();
        let copied = inbox
            .copy(&UidSet::try_from("3:4").unwrap(), "Box")
            .unwrap();
        assert_eq!(copied.uid_validity(), expected, "{code}");
        drop(inbox);
        drop(session);
        server.finish();
    }
}
