//! COMPRESS=DEFLATE: what it promises against servers that keep to it, and that do not.

use std::time::Duration;

use latchbox::error::{CloseReason, Stage};
use latchbox::types::{FetchItem, Section};
use latchbox::{Backoff, ClientBuilder, Error, Session};
use latchbox_testkit::Server;

use super::{BYE_AND_READS_NOTHING, WRITE, assert_bye_while_sending, assert_exists};
use crate::scripted::{
    SELECT, SHORT, assert_limit, assert_protocol_broken, assert_unusable, closed, logged_in_with,
    with_login,
};
use crate::sessions::{account, log_in_user, plaintext, played};
use crate::support::script::{Script, script};

const DEFLATE: &str = "IMAP4rev1 IDLE COMPRESS=DEFLATE";

/// What a script goes on with when the session compresses.
const BEGIN: &str = "
    C: {c} COMPRESS DEFLATE
    S: {c} OK from here on
    deflate
";

#[track_caller]
fn compressing(text: &str) -> (Script, Session) {
    compressing_with(text, |builder| builder)
}

#[track_caller]
fn compressing_with(
    text: &str,
    settings: impl FnOnce(ClientBuilder) -> ClientBuilder,
) -> (Script, Session) {
    let (server, session) = logged_in_with(DEFLATE, &format!("{BEGIN}{text}"), settings);
    session.compress().unwrap();
    (server, session)
}

#[test]
fn both_directions_are_compressed_and_it_begins_once() {
    let (server, session) = compressing(
        "
        C: {n} NOOP
        S: {n} OK done
        bytes
        C: {m} NOOP
        S: * OK in pieces
        S: {m} OK done
        ",
    );
    session.compress().unwrap();
    session.noop().unwrap();
    session.noop().unwrap();
    server.finish();
}

#[test]
fn a_server_without_it_is_not_asked() {
    let (server, session) = logged_in_with("IMAP4rev1", "C: {n} NOOP\nS: {n} OK done", |b| b);
    let error = session.compress().unwrap_err();
    assert!(matches!(error, Error::Unsupported(_)), "{error:?}");
    session.noop().unwrap();
    server.finish();
}

#[test]
fn a_refusal_leaves_the_session_in_step() {
    let (server, session) = logged_in_with(
        DEFLATE,
        "
        C: {c} COMPRESS DEFLATE
        S: {c} NO [COMPRESSIONACTIVE] TLS does it already
        C: {n} NOOP
        S: {n} OK done
        ",
        |builder| builder,
    );
    assert!(matches!(session.compress(), Err(Error::Refused(_))));
    session.noop().unwrap();
    server.finish();
}

#[test]
fn attack_029_plaintext_behind_the_ok_is_never_an_answer() {
    for behind in [
        "* 99 EXISTS\\r\\n",
        "+ go on\\r\\n",
        "* BYE really\\r\\n",
        "A9 OK\\r\\n",
    ] {
        let (_server, session) = logged_in_with(
            DEFLATE,
            &format!(
                "
                C: {{c}} COMPRESS DEFLATE
                S-raw: {{c}} OK from here on\\r\\n{behind}{behind}{behind}
                stall
                "
            ),
            |builder| builder,
        );
        session.compress().unwrap();
        session.set_read_timeout(SHORT).unwrap();
        let error = session.noop().unwrap_err();
        let reason = closed(&error).reason();
        assert!(
            matches!(
                reason,
                CloseReason::Protocol(_) | CloseReason::Timeout(..) | CloseReason::Eof
            ),
            "{behind}: {error:?}"
        );
        assert_unusable(&session);
    }
}

#[test]
fn damaged_data_end_the_connection() {
    let (_server, session) = logged_in_with(
        DEFLATE,
        "
        C: {c} COMPRESS DEFLATE
        S-raw: {c} OK from here on\\r\\n\\xff\\xff\\xff\\xff\\xff\\xff
        stall
        ",
        |builder| builder,
    );
    session.compress().unwrap();
    let error = session.noop().unwrap_err();
    assert_protocol_broken(&error);
    assert!(error.to_string().contains("compressed"), "{error}");
    assert_unusable(&session);
}

#[test]
fn the_server_of_the_examples_compresses() {
    let server = Server::start().unwrap();
    let session = log_in_user(plaintext(server.port()).compress());
    drop(session.lock_mailbox("INBOX").unwrap());
    session.noop().unwrap();
}

#[test]
fn attack_030_limits_count_inflated_octets() {
    let bomb = format!("{SELECT}C-start: {{f}} UID FETCH\nS-raw: * 1 FETCH (UID 1 BODY[] ");
    let fetch = |session: &Session| {
        let mut inbox = session.lock_mailbox("INBOX").unwrap();
        let all = latchbox::types::UidSet::all();
        let mut messages = inbox
            .fetch(&all, [FetchItem::BodyPeek(Section::whole())])
            .unwrap();
        messages.next().map(|_| ()).unwrap_err()
    };
    // Far smaller on the wire than the limit.
    let (_server, session) =
        compressing_with(&format!("{bomb}\"\nS-fill: 60000 a\nstall"), |builder| {
            builder.line_limit(1 << 14)
        });
    assert_limit(&fetch(&session), "line_limit");
    let (_server, session) =
        compressing_with(&format!("{bomb}{{1000000}}\\r\\nstall"), |builder| {
            builder.literal_limit(1 << 19)
        });
    assert_limit(&fetch(&session), "literal_limit");
    let (_server, session) = compressing_with(
        "C: {n} NOOP\nS-fill: 2000 * OK nothing at all, again and again\\r\\n\nstall",
        |builder| builder.answer_limit(1 << 15),
    );
    assert_limit(&session.noop().unwrap_err(), "answer_limit");
}

#[test]
fn an_end_in_the_middle_is_one() {
    for end in ["close", "cut"] {
        let (_server, session) = compressing(&format!("C: {{n}} NOOP\nS-raw: * OK hal\n{end}"));
        let error = session.noop().unwrap_err();
        assert!(
            matches!(
                closed(&error).reason(),
                CloseReason::Eof | CloseReason::Io(_)
            ),
            "{error:?}"
        );
    }
}

#[test]
fn a_deadline_passes_through() {
    let (_server, session) = compressing_with("C: {n} NOOP\nstall", |builder| builder);
    session.set_read_timeout(SHORT).unwrap();
    let error = session.noop().unwrap_err();
    assert!(
        matches!(
            closed(&error).reason(),
            CloseReason::Timeout(Stage::Read, _)
        ),
        "{error:?}"
    );
}

#[test]
fn a_close_handle_ends_a_compressed_read() {
    let (server, session) = compressing("C: {n} NOOP\nsignal: asked\nstall");
    let close_handle = session.close_handle();
    std::thread::scope(|scope| {
        let asking = scope.spawn(|| session.noop().unwrap_err());
        server.reached("asked");
        close_handle.close();
        let error = asking.join().unwrap();
        assert!(matches!(closed(&error).reason(), CloseReason::Cancelled));
    });
}

#[test]
fn events_that_the_inflater_holds_are_seen_before_the_socket_is_polled() {
    // More than the buffer above takes at once, in less than one read of compressed data.
    let many: String = (4..6000)
        .map(|count| format!("S: * {count} EXISTS\n"))
        .collect();
    let (server, session) = compressing(&format!(
        "{SELECT}
        C: {{i}} IDLE
        S: + idling
        wait: begun
        S: * 4 EXISTS
        S: * 5 EXISTS
        signal: sent
        C: DONE
        S: {{i}} OK done
        C: {{n}} NOOP
        {many}
        S: {{n}} OK done
        "
    ));
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let mut idle = inbox.idle().unwrap();
    server.go("begun");
    server.reached("sent");
    assert_exists(&mut idle, 4);
    assert_exists(&mut idle, 5);
    idle.done().unwrap();
    inbox.refresh().unwrap();
    assert_eq!(inbox.exists(), 5999);
}

#[test]
fn it_is_asked_for_at_the_login_where_it_is_offered() {
    let script_of = |capabilities: &str, text: &str| script(&with_login(capabilities, text));
    let noop = "C: {n} NOOP\nS: {n} OK done\n";
    for (capabilities, text) in [
        (DEFLATE, format!("{BEGIN}{noop}")),
        ("IMAP4rev1", noop.to_owned()),
        (
            DEFLATE,
            format!("C: {{c}} COMPRESS DEFLATE\nS: {{c}} NO not now\n{noop}"),
        ),
    ] {
        let server = script_of(capabilities, &text);
        let session = crate::scripted::log_in(crate::scripted::plain(&server).compress());
        session.noop().unwrap();
        server.finish();
    }
}

#[test]
fn fault_42_a_bye_in_the_middle_of_an_append_is_the_error() {
    let capabilities = format!("{DEFLATE} LITERAL+");
    let text = format!("{BEGIN}{BYE_AND_READS_NOTHING}");
    let (server, session) =
        logged_in_with(&capabilities, &text, |builder| builder.write_timeout(WRITE));
    session.compress().unwrap();
    assert_bye_while_sending(&session);
    server.go("over");
    server.finish();
}

#[test]
fn a_session_compresses_again_after_it_has_reconnected() {
    let hello = "
        S: * OK [CAPABILITY IMAP4rev1] ready
        C: {l} LOGIN \"jane\" \"PASSWORD\"
        S: {l} OK [CAPABILITY IMAP4rev1 COMPRESS=DEFLATE] done
        C: {c} COMPRESS DEFLATE
        S: {c} OK from here on
        deflate
        select: INBOX
    ";
    let server = played(&format!(
        "{}cut\naccept\n{}C: {{n}} NOOP\nS: {{n}} OK done\n",
        hello.replace("PASSWORD", "pass1"),
        hello.replace("PASSWORD", "pass2"),
    ));
    let (account, _) = account(crate::sessions::builder(server.port()));
    let backoff = Backoff::new().initial_delay(Duration::from_millis(1));
    let session = account.reconnecting(backoff).open().unwrap();
    session.compress().unwrap();
    drop(session.lock_mailbox("INBOX").unwrap());
    crate::sessions::until_hung_up(server.port());
    drop(session.lock_mailbox("INBOX").unwrap());
    session.noop().unwrap();
    server.finish();
}
