//! Answers to no command, requests for nothing, goodbyes, and data of somebody else's command.

use latchbox::error::{CloseReason, Stage};
use latchbox::types::{ResponseCode, SearchKey, StatusItem};

use crate::scripted::{
    SHORT, assert_limit, assert_protocol_broken, assert_unusable, closed, log_in, logged_in,
    logged_in_with, plain, selecting, selecting_with, with_login,
};
use crate::support::script::script;

/// The tag that a command will have is nobody's secret.
#[test]
fn attack_010_an_answer_to_a_command_that_was_not_sent_yet_closes() {
    let server = script(&with_login(
        "IMAP4rev1",
        "C: {a} NOOP\nS: {a} OK done\nC: {b} CREATE \"Box\"\nclose\n",
    ));
    let session = log_in(plain(&server));
    session.noop().unwrap();
    session.create("Box").unwrap_err();
    drop(session);
    let sent = server.finish();
    let tag = sent.lines().last().unwrap().split(' ').next().unwrap();
    let (server, session) = logged_in(&format!(
        r"
        C: {{a}} NOOP
        S-raw: {{a}} OK done\r\n{tag} OK created\r\n
        C-close
        "
    ));
    session.noop().unwrap();
    let error = session.create("Box").unwrap_err();
    assert_protocol_broken(&error);
    assert!(!error.may_have_taken_effect(), "it was never sent: {error}");
    assert_unusable(&session);
    drop(session);
    server.finish();
}

#[test]
fn attack_010_the_answer_to_the_next_command_in_the_answer_to_this_one_closes() {
    for tag in ["A3", "A4", "A99", "B1", "a1", "2"] {
        let (server, session) = logged_in(&format!(
            "
            C: {{a}} NOOP
            S-raw: {tag} OK done\\r\\n{{a}} OK done\\r\\n
            "
        ));
        assert_protocol_broken(&session.noop().unwrap_err());
        assert_unusable(&session);
        drop(session);
        server.finish();
    }
}

#[test]
fn attack_072_an_answer_to_nothing_closes_at_the_next_lock() {
    for tag in ["{login}", "X7"] {
        let (server, session) = logged_in(&format!(
            "
            C: {{a}} NOOP
            S: {{a}} OK done
            wait: idle
            S: {tag} OK once more
            signal: said
            "
        ));
        session.noop().unwrap();
        server.go("idle");
        server.reached("said");
        let error = session.lock_mailbox("INBOX").unwrap_err();
        assert_protocol_broken(&error);
        assert_unusable(&session);
        drop(session);
        server.finish();
    }
}

#[test]
fn attack_072_an_old_tag_closes() {
    let (server, session) = logged_in(
        "
        C: {a} NOOP
        S-raw: {login} OK again\\r\\n{a} OK done\\r\\n
        ",
    );
    assert_protocol_broken(&session.noop().unwrap_err());
    assert_unusable(&session);
    drop(session);
    server.finish();
}

#[test]
fn attack_073_nothing_is_sent_for_a_request_for_nothing() {
    let (server, session) = logged_in(
        "
        C: {a} NOOP
        S: + go on
        S: + idling
        silent
        S: {a} OK done
        C: {b} NOOP
        S: + go on
        S: {b} OK done
        ",
    );
    session.noop().unwrap();
    session.noop().unwrap();
    drop(session);
    server.finish();
}

#[test]
fn attack_073_too_many_requests_for_nothing_close() {
    let (server, session) = logged_in(
        r"
        C: {a} NOOP
        S-fill: 100 + go on\r\n
        S: {a} OK done
        ",
    );
    assert_limit(&session.noop().unwrap_err(), "continuations_limit");
    assert_unusable(&session);
    drop(session);
    server.finish();
}

#[test]
fn attack_077_bye_in_the_middle_of_a_command_is_told() {
    let (server, session) = selecting(
        "
        C: {a} UID SEARCH ALL
        S: * SEARCH 1 2 3
        S-raw: * BYE [UNAVAILABLE] going down\\r\\n{a} OK done\\r\\n
        ",
    );
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let error = inbox.search(SearchKey::All).unwrap_err();
    match closed(&error).reason() {
        CloseReason::Bye { code, text } => {
            assert_eq!(*code, Some(ResponseCode::Unavailable));
            assert_eq!(text, "going down");
        }
        other => panic!("{other:?}"),
    }
    assert!(!error.may_have_taken_effect(), "it only reads");
    assert!(inbox.search(SearchKey::All).unwrap_err().is_closed());
    drop(inbox);
    assert_unusable(&session);
    drop(session);
    server.finish();
}

#[test]
fn attack_078_the_first_of_many_byes_closes() {
    let (server, session) = logged_in(
        r"
        C: {a} NOOP
        S-fill: 3000 * BYE for ever\r\n
        ",
    );
    let error = session.noop().unwrap_err();
    assert!(error.to_string().contains("for ever"), "{error}");
    assert_unusable(&session);
    drop(session);
    server.finish();
}

#[test]
fn attack_079_the_end_is_an_answer_to_logout() {
    for answer in [
        "S: * BYE bye\nS: {a} OK done",
        "S: * BYE bye\nclose",
        "close",
        "reset",
        "S: * BYE bye\nS: * BYE bye",
        "S: {a} NO stay",
        "S: {a} BAD what",
        "C-close",
    ] {
        let (server, session) = logged_in_with(
            "IMAP4rev1",
            &format!("C: {{a}} LOGOUT\n{answer}\n"),
            |builder| builder.logout_timeout(SHORT),
        );
        session.logout().unwrap();
        server.finish();
    }
}

/// The server never answers, and no deadline passes.
#[test]
fn a_logout_without_waiting_ends_when_it_is_sent() {
    let (server, session) = logged_in("C: {a} LOGOUT\nC-close");
    session.logout_without_waiting().unwrap();
    server.finish();
}

#[test]
fn attack_079_and_before_it_too() {
    let (server, session) = logged_in(
        "
        C: {a} NOOP
        S: {a} OK done
        S: * BYE you were idle for too long
        close
        signal: closed
        ",
    );
    session.noop().unwrap();
    server.reached("closed");
    session.logout().unwrap();
    server.finish();
}

#[test]
fn attack_089_data_of_another_command_is_not_mixed_in() {
    let (server, session) = selecting(
        r#"
        C: {a} NOOP
        S: * SEARCH 1 2 3
        S: * LIST () "/" "Injected"
        S: * STATUS "Injected" (MESSAGES 17)
        S: {a} OK done
        C: {b} UID SEARCH ALL
        S: * LIST () "/" "Injected"
        S: * SEARCH 5
        S: {b} OK done
        C: {c} LIST "" "*"
        S: * SEARCH 6
        S: * LSUB () "/" "Injected"
        S: * LIST () "/" INBOX
        S: {c} OK done
        C: {d} STATUS "Box" (MESSAGES)
        S: * STATUS "Other" (MESSAGES 17)
        S: * STATUS Box (MESSAGES 1)
        S: * STATUS "Another" (MESSAGES 18)
        S: {d} OK done
        "#,
    );
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    inbox.refresh().unwrap();
    assert_eq!(inbox.search(SearchKey::All).unwrap().to_string(), "5");
    let listed = session.list("*").unwrap();
    assert_eq!(listed.len(), 1);
    assert!(listed[0].name().is_inbox());
    let status = session.status("Box", [StatusItem::Messages]).unwrap();
    assert_eq!(status.name().as_str(), "Box");
    assert_eq!(status.messages(), Some(1));
    drop(inbox);
    drop(session);
    server.finish();
}

/// When nothing of it is ours, there is no answer.
#[test]
fn attack_089_the_status_of_another_mailbox_is_no_answer() {
    let (server, session) = logged_in(
        r#"
        C: {d} STATUS "Box" (MESSAGES)
        S: * STATUS "Other" (MESSAGES 17)
        S: * STATUS "Another" (MESSAGES 18)
        S: {d} OK done
        "#,
    );
    let status = session.status("Box", [StatusItem::Messages]);
    assert!(
        matches!(status, Err(latchbox::Error::MissingData("STATUS"))),
        "{status:?}"
    );
    drop(session);
    server.finish();
}

#[test]
fn attack_089_an_esearch_of_another_tag_is_not_mixed_in() {
    let (server, session) = selecting_with(
        "IMAP4rev1 ESEARCH",
        r#"
        C: {a} UID SEARCH RETURN (ALL) ALL
        S: * ESEARCH (TAG "A999") UID ALL 1:100
        S: * ESEARCH (TAG "{login}") UID ALL 200
        S: * ESEARCH (TAG "{a}") UID ALL 5,9
        S: {a} OK done
        "#,
        |builder| builder,
    );
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    assert_eq!(inbox.search(SearchKey::All).unwrap().to_string(), "5,9");
    drop(inbox);
    drop(session);
    server.finish();
}

#[test]
fn attack_090_what_comes_after_a_timeout_is_never_read_as_an_answer() {
    let (server, session) = selecting_with(
        "IMAP4rev1",
        "
        C: {a} UID SEARCH ALL
        S-raw: * SEARCH 1 2
        C-close
        ",
        |builder| builder,
    );
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    session.set_read_timeout(SHORT).unwrap();
    let error = inbox.search(SearchKey::All).unwrap_err();
    assert!(
        matches!(
            closed(&error).reason(),
            CloseReason::Timeout(Stage::Read, _)
        ),
        "{error:?}"
    );
    assert!(error.is_timeout() && !error.may_have_taken_effect());
    assert!(inbox.search(SearchKey::Seen).unwrap_err().is_closed());
    drop(inbox);
    assert_unusable(&session);
    assert!(session.lock_mailbox("INBOX").unwrap_err().is_closed());
    drop(session);
    server.finish();
}
