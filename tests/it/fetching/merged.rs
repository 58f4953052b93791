//! One message in several answers, and a refusal behind messages that did come.

use latchbox::message::{Fetch, ItemErrorKind};
use latchbox::types::{FetchItem, Flag, MailboxEvent, Section};
use latchbox::{Error, Session};

use super::uids;
use crate::scripted::{assert_limit, selecting, selecting_with};

const TORN: &str = r#"
    S: * 1 FETCH (UID 1 RFC822.SIZE 7 FLAGS ())
    S: * 2 FETCH (UID 2 BODY[] "two" RFC822.SIZE 8 FLAGS ())
    S: * 1 FETCH (UID 1 BODY[] "one")
    S: * 1 FETCH (UID 1 FLAGS (\Seen))
    S: * 2 FETCH (UID 2 BODY[] "another")
"#;

fn items() -> [FetchItem; 3] {
    let body = FetchItem::BodyPeek(Section::whole());
    [body, FetchItem::Rfc822Size, FetchItem::Flags]
}

#[track_caller]
fn assert_merged(messages: &[Fetch]) {
    let told: Vec<_> = messages
        .iter()
        .map(|message| (message.uid().value(), message.size()))
        .collect();
    assert_eq!(told, [(1, Some(7)), (2, Some(8))]);
    let whole = Section::whole();
    assert_eq!(messages[0].body(&whole), Some(&b"one"[..]));
    assert_eq!(messages[1].body(&whole), Some(&b"two"[..]));
    assert_eq!(messages[0].errors().count(), 0);
    let errors: Vec<_> = messages[1].errors().collect();
    assert_eq!(errors.len(), 1);
    assert_eq!(errors[0].kind(), ItemErrorKind::Contradicted);
    assert_eq!(errors[0].bytes(), b"another");
}

#[test]
fn attack_087_collected_messages_are_one_each() {
    let text =
        format!("C: {{f}} UID FETCH 1:3 (BODY.PEEK[] RFC822.SIZE FLAGS)\n{TORN}S: {{f}} OK done");
    let (server, session) = selecting(&text);
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let mut messages = Vec::new();
    let stream = inbox.fetch(&uids("1:3"), items()).unwrap();
    stream.collect_into(&mut messages).unwrap();
    assert_merged(&messages);
    // Flags alone were not what was asked for: they are news.
    let news = inbox.events();
    let is_news = |event: &MailboxEvent| matches!(event, MailboxEvent::Flags { flags, .. } if *flags == [Flag::Seen]);
    assert!(news.iter().any(is_news), "{news:?}");
    drop(inbox);
    drop(session);
    server.finish();
}

/// Batches over UIDs 1 to 3, two at a time.
fn batches(text: &str, test: impl FnOnce(&Session)) {
    let text = format!(
        r"
        C: {{s}} UID SEARCH UID 1:3
        S: * SEARCH 1 2 3
        S: {{s}} OK done
        C: {{f}} UID FETCH 1:2 (BODY.PEEK[] RFC822.SIZE FLAGS)
        {text}
        "
    );
    let (server, session) = selecting(&text);
    test(&session);
    drop(session);
    server.finish();
}

#[test]
fn attack_087_a_batch_has_each_message_once() {
    batches(&format!("{TORN}S: {{f}} OK done"), |session| {
        let mut inbox = session.lock_mailbox("INBOX").unwrap();
        let mut batches = inbox.batches(&uids("1:3"), items(), 2).unwrap();
        assert_eq!(batches.remaining(), 3);
        assert_merged(&batches.next(&mut inbox).unwrap().unwrap());
        assert_eq!(batches.remaining(), 1);
    });
}

#[test]
fn q104_a_batch_hands_out_what_came_before_the_refusal_and_then_the_refusal() {
    let text = r#"
        S: * 1 FETCH (UID 1 BODY[] "one")
        S: {f} NO Some messages could not be FETCHed
        C: {g} UID FETCH 3 (BODY.PEEK[] RFC822.SIZE FLAGS)
        S: {g} NO [UNAVAILABLE] not now
    "#;
    batches(text, |session| {
        let mut inbox = session.lock_mailbox("INBOX").unwrap();
        let mut batches = inbox.batches(&uids("1:3"), items(), 2).unwrap();
        let batch = batches.next(&mut inbox).unwrap().unwrap();
        assert_eq!(batch.len(), 1);
        let refusal = batches.next(&mut inbox);
        assert!(matches!(refusal, Err(Error::Refused(_))), "{refusal:?}");
        let refusal = batches.next(&mut inbox);
        assert!(
            matches!(refusal, Err(Error::Refused(_))),
            "nothing came: {refusal:?}"
        );
        assert!(batches.next(&mut inbox).unwrap().is_none());
    });
}

#[test]
fn what_is_kept_is_held_to_the_limit_of_an_answer() {
    let (server, session) = selecting_with(
        "IMAP4rev1",
        r#"
        C: {f} UID FETCH 1:3 (BODY.PEEK[] RFC822.SIZE FLAGS)
        S-fill: 8 * 1 FETCH (UID 1 BODY[] "one")\r\n
        C-close
        "#,
        |builder| builder.answer_limit(250),
    );
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let mut messages = Vec::new();
    let stream = inbox.fetch(&uids("1:3"), items()).unwrap();
    let error = stream.collect_into(&mut messages).unwrap_err();
    assert_limit(&error, "answer_limit");
    assert_eq!(messages.len(), 1, "what came before is there");
    drop(inbox);
    drop(session);
    server.finish();
}
