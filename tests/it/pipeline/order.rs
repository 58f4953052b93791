//! What is sent together, and whose answer is whose.

use latchbox::Error;
use latchbox::command::{Noop, Status};
use latchbox::types::{MailboxEvent, StatusItem};

use super::messages;
use crate::scripted::{assert_protocol_broken, assert_unusable, logged_in, selecting};

#[test]
fn a_batch_is_sent_before_any_of_it_is_answered() {
    let (server, session) = logged_in(
        r#"
        C: {a} NOOP
        C: {b} STATUS "Box" (MESSAGES)
        C: {c} STATUS "Other" (MESSAGES UNSEEN)
        silent
        S: {a} OK done
        S: * STATUS "Box" (MESSAGES 5)
        S: {b} OK done
        S: * STATUS "Other" (MESSAGES 6 UNSEEN 2)
        S: {c} OK done
        C: {d} NOOP
        S: {d} OK done
        "#,
    );
    let other = Status::new("Other", [StatusItem::Messages, StatusItem::Unseen]).unwrap();
    let batch = (Noop, messages("Box"), other);
    let (noop, one, two) = session.pipeline(batch).unwrap();
    noop.unwrap();
    assert_eq!(one.unwrap().messages(), Some(5));
    let two = two.unwrap();
    assert_eq!((two.messages(), two.unseen()), (Some(6), Some(2)));
    session.noop().unwrap();
    server.finish();
}

#[test]
fn answers_may_come_in_any_order() {
    let (server, session) = logged_in(
        r#"
        C: {a} STATUS "A" (MESSAGES)
        C: {b} STATUS "B" (MESSAGES)
        C: {c} STATUS "C" (MESSAGES)
        S: * STATUS "C" (MESSAGES 3)
        S: * STATUS "A" (MESSAGES 1)
        S: {c} OK done
        S: * STATUS "B" (MESSAGES 2)
        S: {a} OK done
        S: {b} OK done
        "#,
    );
    let answers = session.pipeline(["A", "B", "C"].map(messages)).unwrap();
    let counts = answers.map(|answer| answer.unwrap().messages().unwrap());
    assert_eq!(counts, [1, 2, 3]);
    server.finish();
}

#[test]
fn a_refusal_of_one_leaves_the_others() {
    let (server, session) = logged_in(
        r#"
        C: {a} STATUS "A" (MESSAGES)
        C: {b} STATUS "Gone" (MESSAGES)
        C: {c} STATUS "Bad" (MESSAGES)
        C: {d} STATUS "D" (MESSAGES)
        S: * STATUS "A" (MESSAGES 1)
        S: {a} OK done
        S: {b} NO [NONEXISTENT] no such mailbox
        S: {c} BAD what
        S: * STATUS "D" (MESSAGES 4)
        S: {d} OK done
        "#,
    );
    let items = [StatusItem::Messages];
    let names = ["A", "Gone", "two\r\nlines", "Bad", "D", ""];
    let mut counts = session.status_many(names, items).unwrap().into_iter();
    assert_eq!(counts.next().unwrap().unwrap().messages(), Some(1));
    assert!(matches!(counts.next(), Some(Err(Error::Refused(_)))));
    assert!(matches!(counts.next(), Some(Err(Error::Argument(_)))));
    assert!(matches!(counts.next(), Some(Err(Error::Refused(_)))));
    assert_eq!(counts.next().unwrap().unwrap().messages(), Some(4));
    assert!(matches!(counts.next(), Some(Err(Error::Argument(_)))));
    assert!(counts.next().is_none());
    server.finish();
}

#[test]
fn what_could_be_mistaken_is_sent_one_after_the_other() {
    let (server, session) = logged_in(
        r#"
        C: {a} STATUS "Box" (MESSAGES)
        silent
        S: * STATUS "Box" (MESSAGES 5)
        S: {a} OK done
        C: {b} STATUS "Box" (UNSEEN)
        C: {c} STATUS "Other" (MESSAGES)
        silent
        S: * STATUS "Box" (UNSEEN 1)
        S: {b} OK done
        S: * STATUS "Other" (MESSAGES 6)
        S: {c} OK done
        "#,
    );
    let unseen = Status::new("Box", [StatusItem::Unseen]).unwrap();
    let batch = (messages("Box"), unseen, messages("Other"));
    let (one, two, three) = session.pipeline(batch).unwrap();
    assert_eq!(one.unwrap().messages(), Some(5));
    let two = two.unwrap();
    assert_eq!((two.messages(), two.unseen()), (None, Some(1)));
    assert_eq!(three.unwrap().messages(), Some(6));
    server.finish();
}

#[test]
fn attack_089_a_status_of_another_mailbox_is_no_answer() {
    let (server, session) = logged_in(
        r#"
        C: {a} STATUS "A" (MESSAGES)
        C: {b} STATUS "B" (MESSAGES)
        S: * STATUS "Else" (MESSAGES 9)
        S: * STATUS "A" (MESSAGES 1)
        S: {a} OK done
        S: * STATUS "Else" (MESSAGES 9)
        S: * STATUS "More" (MESSAGES 9)
        S: {b} OK done
        "#,
    );
    let [one, two] = session.pipeline(["A", "B"].map(messages)).unwrap();
    assert_eq!(one.unwrap().messages(), Some(1));
    assert!(matches!(two, Err(Error::MissingData("STATUS"))));
    server.finish();
}

#[test]
fn a_name_that_the_server_spells_otherwise_is_an_answer_to_the_oldest() {
    let (server, session) = logged_in(
        r#"
        C: {a} STATUS "a" (MESSAGES)
        C: {b} STATUS "b" (MESSAGES)
        S: * STATUS "A" (MESSAGES 1)
        S: {a} OK done
        S: * STATUS "B" (MESSAGES 2)
        S: {b} OK done
        "#,
    );
    let [one, two] = session.pipeline(["a", "b"].map(messages)).unwrap();
    assert_eq!(one.unwrap().messages(), Some(1));
    assert_eq!(two.unwrap().messages(), Some(2));
    server.finish();
}

#[test]
fn what_nobody_asked_for_is_an_event() {
    let (server, session) = selecting(
        r#"
        C: {a} NOOP
        C: {b} STATUS "Box" (MESSAGES)
        S: * 4 EXISTS
        S: {a} OK done
        S: * STATUS "Box" (MESSAGES 5)
        S: * 5 EXISTS
        S: {b} OK done
        "#,
    );
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let (noop, status) = inbox.pipeline((Noop, messages("Box"))).unwrap();
    noop.unwrap();
    assert_eq!(status.unwrap().messages(), Some(5));
    assert_eq!(inbox.exists(), 5);
    let events = inbox.events();
    assert!(matches!(
        events[..],
        [MailboxEvent::Exists(4), MailboxEvent::Exists(5)]
    ));
    drop(inbox);
    server.finish();
}

#[test]
fn an_empty_batch_sends_nothing() {
    let (server, session) = logged_in("silent");
    assert!(session.pipeline(Vec::<Noop>::new()).unwrap().is_empty());
    let none: [String; 0] = [];
    let counts = session.status_many(none, [StatusItem::Messages]).unwrap();
    assert!(counts.is_empty());
    server.finish();
}

/// Twice for one command, for one that is not under way, for one before the batch, for none.
#[test]
fn attack_072_an_answer_to_no_command_of_the_batch_closes() {
    for tag in ["{a}", "{login}", "A4", "A99", "2", "a3"] {
        let (server, session) = logged_in(&format!(
            "
            C: {{a}} NOOP
            C: {{b}} NOOP
            S: {{a}} OK done
            S: {tag} OK done
            C-close
            "
        ));
        let [one, two] = session.pipeline([Noop, Noop]).unwrap();
        one.unwrap();
        let error = two.unwrap_err();
        assert_protocol_broken(&error);
        assert!(!error.may_have_taken_effect(), "{tag}: {error}");
        assert_unusable(&session);
        drop(session);
        server.finish();
    }
}
