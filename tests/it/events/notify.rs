//! NOTIFY: what is sent, what is told, and what a wait for it does to others.

use std::time::Duration;

use latchbox::command::IdleEnd;
use latchbox::command::IdleOptions;
use latchbox::metadata::MetadataScope;
use latchbox::notify::{NotifyEvent, NotifyRequest};
use latchbox::types::{
    FetchItem, MailboxEvent, MailboxName, MailboxScope, ResponseCode, StatusItem,
};
use latchbox::{Error, Session, SessionEvent};

use crate::scripted::{logged_in, logged_in_with, selecting_with};
use crate::support::script::Script;

const LONG: Duration = Duration::from_secs(20);
const CAN: &str = "IMAP4rev1 NOTIFY IDLE UNSELECT";

fn playing(text: &str) -> (Script, Session) {
    logged_in_with(CAN, text, |builder| builder)
}

fn personal() -> NotifyRequest {
    NotifyRequest::new().mailboxes(MailboxScope::Personal, NotifyEvent::messages())
}

/// What [`personal`] is on the wire.
const PERSONAL: &str =
    "C: {n} NOTIFY SET (selected-delayed (MessageNew MessageExpunge FlagChange)) \
    (personal (MessageNew MessageExpunge FlagChange))
    S: {n} OK done";

#[test]
fn every_group_and_event_as_the_grammar_has_it() {
    let (server, session) = playing(
        r#"
        C: {n} NOTIFY SET STATUS (selected (MessageNew (UID ENVELOPE) MessageExpunge)) (inboxes NONE) (subtree ("a b" "Entw&APw-rfe") (MailboxName SubscriptionChange)) (mailboxes ("INBOX") (MessageNew MessageExpunge AnnotationChange MailboxMetadataChange)) (subscribed (ServerMetadataChange))
        S: * STATUS "a b" (MESSAGES 1)
        S: {n} OK done
        "#,
    );
    let name = |name| MailboxName::new(name).unwrap();
    let new = NotifyEvent::MessageNew;
    let request = NotifyRequest::new()
        .status()
        .selected([
            new(vec![FetchItem::Uid, FetchItem::Envelope]),
            NotifyEvent::MessageExpunge,
        ])
        .mailboxes(MailboxScope::Inboxes, [])
        .mailboxes(
            MailboxScope::Subtree(vec![name("a b"), name("Entw\u{fc}rfe")]),
            [NotifyEvent::MailboxName, NotifyEvent::SubscriptionChange],
        )
        .mailboxes(
            MailboxScope::Mailboxes(vec![name("INBOX")]),
            [
                new(vec![]),
                NotifyEvent::MessageExpunge,
                NotifyEvent::AnnotationChange,
                NotifyEvent::MailboxMetadataChange,
            ],
        )
        .mailboxes(
            MailboxScope::Subscribed,
            [NotifyEvent::ServerMetadataChange],
        );
    session.notify().set(&request).unwrap();
    let events = session.events();
    assert!(
        matches!(&events[..], [SessionEvent::Status(status)] if status.messages() == Some(1)),
        "{events:?}"
    );
    drop(session);
    server.finish();
}

#[test]
fn without_it_or_against_the_grammar_nothing_is_sent() {
    let (server, session) = logged_in("");
    assert!(matches!(
        session.notify().set(&personal()),
        Err(Error::Unsupported(_))
    ));
    drop(session);
    server.finish();
    let (server, session) = playing("");
    let bad = NotifyRequest::new().mailboxes(MailboxScope::Personal, [NotifyEvent::FlagChange]);
    assert!(matches!(
        session.notify().set(&bad),
        Err(Error::Argument(_))
    ));
    let preview = [
        NotifyEvent::MessageNew(vec![FetchItem::Preview]),
        NotifyEvent::MessageExpunge,
    ];
    let error = session
        .notify()
        .set(&NotifyRequest::new().selected_delayed(preview));
    assert!(matches!(error, Err(Error::Unsupported(_))));
    drop(session);
    server.finish();
}

#[test]
fn events_that_the_server_does_not_know_are_named() {
    let (server, session) = playing(
        "
        C: {a} NOTIFY SET (selected-delayed (MessageNew MessageExpunge FlagChange)) (personal (MailboxName))
        S: {a} NO [BADEVENT (MessageNew MessageExpunge)] unsupported events
        C: {b} NOOP
        S: * STATUS x (MESSAGES 1)
        S: {b} OK done
        ",
    );
    let request =
        NotifyRequest::new().mailboxes(MailboxScope::Personal, [NotifyEvent::MailboxName]);
    let error = session.notify().set(&request).unwrap_err();
    let Some(ResponseCode::BadEvent(known)) = error.response_code() else {
        panic!("{error:?}")
    };
    assert_eq!(known, &["MessageNew", "MessageExpunge"]);
    session.noop().unwrap();
    assert!(session.events().is_empty(), "nothing is in force");
    drop(session);
    server.finish();
}

#[test]
fn what_is_told_while_commands_run_waits_in_the_queue() {
    let (server, session) = playing(&format!(
        r#"
        {PERSONAL}
        C: {{a}} NOOP
        S: * STATUS "Lists" (MESSAGES 3 UIDNEXT 9)
        S: * LIST (\Subscribed) "/" "New" ("OLDNAME" ("Old"))
        S: * METADATA "New" /shared/comment
        S: {{a}} OK done
        "#
    ));
    session.notify().set(&personal()).unwrap();
    session.noop().unwrap();
    let events = session.events();
    let [
        SessionEvent::Status(status),
        SessionEvent::Mailbox(entry),
        SessionEvent::Metadata { scope, names },
    ] = &events[..]
    else {
        panic!("{events:?}")
    };
    assert_eq!(status.name(), "Lists");
    assert_eq!(entry.old_name().unwrap(), "Old");
    assert_eq!(*scope, MetadataScope::try_from("New").unwrap());
    assert_eq!(names[0].as_str(), "/shared/comment");
    drop(session);
    server.finish();
}

/// STATUS is answered in the same form: what is of another mailbox came unasked.
#[test]
fn what_is_told_of_another_mailbox_while_status_runs_is_an_event() {
    let (server, session) = playing(&format!(
        r#"
        {PERSONAL}
        C: {{a}} STATUS "INBOX" (MESSAGES)
        S: * STATUS "Lists" (MESSAGES 3)
        S: * STATUS "INBOX" (MESSAGES 7)
        S: {{a}} OK done
        C: {{b}} STATUS "Box" (MESSAGES)
        S: * STATUS "Lists" (MESSAGES 4)
        S: {{b}} NO no such mailbox
        C: {{c}} STATUS "Box" (MESSAGES)
        S: * STATUS "Lists" (MESSAGES 5)
        S: {{c}} OK and nothing of what was asked for
        "#
    ));
    session.notify().set(&personal()).unwrap();
    let items = [StatusItem::Messages];
    assert_eq!(session.status("INBOX", &items).unwrap().messages(), Some(7));
    session.status("Box", &items).unwrap_err();
    let untold = session.status("Box", items);
    assert!(matches!(untold, Err(Error::MissingData(_))), "{untold:?}");
    let told: Vec<_> = session
        .events()
        .into_iter()
        .map(|event| match event {
            SessionEvent::Status(status) => (status.name().to_string(), status.messages()),
            other => panic!("{other:?}"),
        })
        .collect();
    let lists = |count| ("Lists".to_owned(), Some(count));
    assert_eq!(told, [lists(3), lists(4), lists(5)]);
    drop(session);
    server.finish();
}

#[test]
fn a_wait_reads_without_a_command_and_yields() {
    let (server, session) = playing(&format!(
        r#"
        {PERSONAL}
        S: * STATUS "Lists" (MESSAGES 3)
        wait: taken
        S: * STATUS "Lists" (MESSAGES 4)
        C: {{a}} CREATE "x"
        S: {{a}} OK done
        "#
    ));
    session.notify().set(&personal()).unwrap();
    let mut notifications = session
        .notifications(&IdleOptions::new().yield_to_waiters(true))
        .unwrap();
    for expected in [3, 4] {
        let event = notifications.next_timeout(LONG).unwrap();
        assert!(
            matches!(&event, Some(SessionEvent::Status(s)) if s.messages() == Some(expected)),
            "{event:?}"
        );
        server.go("taken");
    }
    std::thread::scope(|scope| {
        let other = scope.spawn(|| session.create("x"));
        assert!(notifications.next().unwrap().is_none());
        assert_eq!(notifications.end_reason(), Some(IdleEnd::Yielded));
        drop(notifications);
        other.join().unwrap().unwrap();
    });
    drop(session);
    server.finish();
}

#[test]
fn a_wait_is_stopped_and_a_holder_is_told_to_idle() {
    let (server, session) = selecting_with(CAN, "", |builder| builder);
    let inbox = session.lock_mailbox("INBOX").unwrap();
    let refused = session.notifications(&IdleOptions::new()).map(drop);
    assert!(matches!(refused, Err(Error::Lock(_))));
    drop(inbox);
    let mut notifications = session.notifications(&IdleOptions::new()).unwrap();
    let stop = notifications.stop_handle();
    let stopper = std::thread::spawn(move || stop.stop());
    assert!(notifications.next().unwrap().is_none());
    assert_eq!(notifications.end_reason(), Some(IdleEnd::Stopped));
    stopper.join().unwrap();
    drop(notifications);
    drop(session);
    server.finish();
}

#[test]
fn the_mailbox_that_is_left_selected_tells_too_and_the_end_comes_last() {
    let (server, session) = selecting_with(
        CAN,
        "
        signal: selected
        wait: on
        S: * 4 EXISTS
        S: * BYE going down
        close
        ",
        |builder| builder,
    );
    drop(session.lock_mailbox("INBOX").unwrap());
    let mut notifications = session.notifications(&IdleOptions::new()).unwrap();
    server.go("on");
    let event = notifications.next_timeout(LONG).unwrap();
    let exists = MailboxEvent::Exists(4);
    assert!(
        matches!(&event, Some(SessionEvent::Selected { mailbox, event }) if *mailbox == "INBOX" && *event == exists),
        "{event:?}"
    );
    assert!(notifications.next_timeout(LONG).unwrap_err().is_closed());
    assert_eq!(notifications.end_reason(), Some(IdleEnd::Failed));
    drop(notifications);
    server.finish();
}

/// After it the server would tell nothing of the selected mailbox, and the counters stand still.
#[test]
fn an_overflow_is_told_and_the_counters_go_on() {
    let (server, session) = selecting_with(
        CAN,
        &format!(
            "
        {PERSONAL}
        C: {{a}} CREATE \"x\"
        S: * OK [NOTIFICATIONOVERFLOW] too much
        S: {{a}} OK done
        C: {{b}} NOTIFY SET (selected-delayed (MessageNew MessageExpunge FlagChange))
        S: {{b}} OK done
        C: {{c}} NOOP
        S: * 4 EXISTS
        S: * STATUS x (MESSAGES 1)
        S: {{c}} OK done
        "
        ),
        |builder| builder,
    );
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    session.notify().set(&personal()).unwrap();
    session.create("x").unwrap();
    inbox.refresh().unwrap();
    assert_eq!(inbox.exists(), 4);
    let events = session.events();
    assert!(
        matches!(&events[..], [SessionEvent::NotificationOverflow(text)] if text == "too much"),
        "{events:?}"
    );
    drop(inbox);
    server.finish();
}

#[test]
fn new_messages_come_with_their_items_and_numbers_are_refused() {
    let (server, session) = selecting_with(
        CAN,
        "
        C: {n} NOTIFY SET (selected (MessageNew (UID ENVELOPE) MessageExpunge))
        S: {n} OK done
        C: {a} NOOP
        S: * 4 EXISTS
        S: * 4 FETCH (UID 10 ENVELOPE (NIL \"hi\" NIL NIL NIL NIL NIL NIL NIL NIL))
        S: {a} OK done
        ",
        |builder| builder,
    );
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let new = NotifyEvent::MessageNew(vec![FetchItem::Uid, FetchItem::Envelope]);
    let request = NotifyRequest::new().selected([new, NotifyEvent::MessageExpunge]);
    session.notify().set(&request).unwrap();
    inbox.refresh().unwrap();
    let events = session.events();
    let [SessionEvent::Message { mailbox, message }] = &events[..] else {
        panic!("{events:?}")
    };
    assert_eq!(mailbox, "INBOX");
    assert_eq!(message.envelope().unwrap().subject(), "hi");
    let mut numbered = inbox.numbered();
    let last = numbered.last(1);
    let refused = numbered.fetch(&last, [FetchItem::Flags]).map(drop);
    assert!(matches!(refused, Err(Error::Mailbox(_))), "{refused:?}");
    drop(inbox);
    server.finish();
}
