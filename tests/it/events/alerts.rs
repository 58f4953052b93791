//! Texts that the user has to be shown, wherever they stand.

use latchbox::{Client, Error, Session, SessionEvent};

use crate::scripted::{log_in, logged_in, plain, selecting};
use crate::support::script::script;

/// The texts of the alerts, which are all that there is.
#[track_caller]
fn alerts(events: Vec<SessionEvent>) -> Vec<String> {
    let text = |event| match event {
        SessionEvent::Alert(text) => text,
        other => panic!("{other:?}"),
    };
    events.into_iter().map(text).collect()
}

#[test]
fn in_the_greeting_and_the_login_and_before_any_mailbox() {
    let server = script(
        "
        S: * OK [ALERT] maintenance at noon
        C: {c} CAPABILITY
        S: * CAPABILITY IMAP4rev1
        S: {c} OK done
        C: {login} LOGIN \"ann\" \"secret\"
        S: * OK [ALERT] password expires
        S: {login} OK [ALERT] and a tagged one
        C: {d} CAPABILITY
        S: * NO [ALERT] disk is nearly full
        S: * CAPABILITY IMAP4rev1
        S: {d} OK done
        ",
    );
    let session = log_in(plain(&server));
    let told = alerts(session.events());
    assert_eq!(
        told,
        [
            "maintenance at noon",
            "password expires",
            "and a tagged one",
            "disk is nearly full"
        ]
    );
    assert!(session.events().is_empty());
    server.finish();
}

#[test]
fn with_a_login_that_fails() {
    let server = script(
        "
        S: * OK [CAPABILITY IMAP4rev1] ready
        C: {login} LOGIN \"ann\" \"secret\"
        S: {login} NO [ALERT] use an app password
        ",
    );
    let client = plain(&server).connect().unwrap();
    let (error, mut client): (Error, Client) =
        client.login("ann", "secret").unwrap_err().into_parts();
    assert!(error.to_string().contains("use an app password"), "{error}");
    assert_eq!(alerts(client.events()), ["use an app password"]);
    server.finish();
}

#[test]
fn in_a_refusal_and_while_a_mailbox_is_held() {
    let (server, session) = selecting(
        "
        C: {a} NOOP
        S: * OK [ALERT] over quota
        S: {a} OK done
        C: {b} CREATE \"x\"
        S: {b} NO [ALERT] not today
        ",
    );
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    inbox.refresh().unwrap();
    assert!(session.create("x").is_err());
    assert_eq!(alerts(session.events()), ["over quota", "not today"]);
    let of_the_mailbox = inbox.events();
    assert!(of_the_mailbox.is_empty(), "{of_the_mailbox:?}");
    drop(inbox);
    server.finish();
}

#[test]
fn after_the_end_and_from_any_thread() {
    let (server, session) = logged_in(
        "
        C: {a} NOOP
        S: * OK [ALERT] going down
        S: * BYE see you
        close
        ",
    );
    assert!(session.noop().unwrap_err().is_closed());
    let others = std::thread::scope(|scope| scope.spawn(|| session.events()).join().unwrap());
    assert_eq!(alerts(others), ["going down"]);
    server.finish();
}

#[test]
fn while_another_thread_uses_the_connection() {
    let (server, session) = logged_in(
        "
        C: {a} NOOP
        S: * OK [ALERT] look
        taken
        signal: told
        wait: on
        S: {a} OK done
        ",
    );
    std::thread::scope(|scope| {
        let busy = scope.spawn(|| session.noop());
        server.reached("told");
        let told = until(&session);
        assert_eq!(alerts(told), ["look"]);
        server.go("on");
        busy.join().unwrap().unwrap();
    });
    server.finish();
}

/// The events as soon as there are some; the thread that reads may need a moment to book them.
fn until(session: &Session) -> Vec<SessionEvent> {
    loop {
        let events = session.events();
        if !events.is_empty() {
            return events;
        }
        std::thread::yield_now();
    }
}

#[test]
fn a_warning_without_a_mailbox_is_told_to_the_session() {
    let (server, session) = logged_in(
        "
        C: {a} NOOP
        S: * NO slow disk
        S: {a} OK done
        ",
    );
    session.noop().unwrap();
    let events = session.events();
    assert!(
        matches!(&events[..], [SessionEvent::Notice { text, .. }] if text == "slow disk"),
        "{events:?}"
    );
    server.finish();
}

#[test]
fn a_flood_is_kept_within_bounds_and_the_loss_is_told() {
    let (server, session) = logged_in(
        r"
        C: {a} NOOP
        S-fill: 1100 * OK [ALERT] again\r\n
        S: {a} OK done
        ",
    );
    session.noop().unwrap();
    let events = session.events();
    assert_eq!(events.len(), 1025);
    assert!(matches!(events[0], SessionEvent::Overflow { lost: 76 }));
    server.finish();
}
