//! The items of extensions: asked for where they are, refused where they are not.

use std::num::NonZeroU32;

use latchbox::gmail::Label;
use latchbox::types::{Capability, ExtensionName, FetchItem, Section, UidSet};

use super::{assert_unsupported, uids};
use crate::scripted::selecting_with;

/// G15: a value that this crate has no method for, in the stream, in a batch, and of one message.
#[test]
fn an_item_that_is_not_known_is_asked_for_by_name() {
    let (server, session) = selecting_with(
        "IMAP4rev1",
        r#"
        C: {f} UID FETCH 5 (X-NEW X-OTHER)
        S: * 2 FETCH (UID 5 X-NEW (a "b"))
        S: * 2 FETCH (UID 5 x-other 7)
        S: {f} OK done
        C: {b} UID FETCH 5 (X-NEW)
        S: * 1 FETCH (UID 4 X-NEW 9)
        S: * 2 FETCH (UID 5 X-NEW NIL)
        S: {b} OK done
        "#,
        |builder| builder,
    );
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let other = |name: &str| FetchItem::Other(ExtensionName::new(name).unwrap());
    let items = [other("X-NEW"), other("X-OTHER")];
    let found: Vec<_> = inbox
        .fetch(&uids("5"), items)
        .unwrap()
        .into_iter()
        .collect();
    let [Ok(message)] = &found[..] else {
        panic!("{found:?}")
    };
    assert_eq!(message.raw_item("X-NEW"), Some(&b"(a \"b\")"[..]));
    assert_eq!(message.raw_item("X-OTHER"), Some(&b"7"[..]));
    let five = uids("5");
    let [found] = inbox
        .pipeline([latchbox::command::FetchMessages::new(
            &five,
            &[other("X-NEW")],
        )])
        .unwrap();
    let found = found.unwrap();
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].raw_item("x-new"), Some(&b"NIL"[..]));
    // It would set \Seen, which nothing in its name says.
    let refused = inbox.fetch(&five, [other("RFC822")]).map(drop);
    assert!(
        matches!(refused, Err(latchbox::Error::Argument(_))),
        "{refused:?}"
    );
    drop(inbox);
    server.finish();
}

#[test]
fn each_item_of_an_extension_is_asked_for_and_read() {
    let (server, session) = selecting_with(
        "IMAP4rev1 OBJECTID SAVEDATE PREVIEW X-GM-EXT-1 BINARY QRESYNC",
        r#"
        C: {f} UID FETCH 5 (EMAILID THREADID SAVEDATE PREVIEW (LAZY) MODSEQ)
        S: * 2 FETCH (UID 5 EMAILID (M1) THREADID NIL SAVEDATE "26-Jul-1996 02:44:25 -0700" PREVIEW "Hi" MODSEQ (9))
        S: {f} OK done
        C: {g} UID FETCH 5 (PREVIEW X-GM-MSGID X-GM-THRID X-GM-LABELS)
        S: * 2 FETCH (X-GM-THRID 7 X-GM-MSGID 8 X-GM-LABELS ("\\Important" Entw&APw-rfe) UID 5 PREVIEW NIL)
        S: {g} OK done
        C: {b} UID FETCH 5 (BINARY.PEEK[1]<2.3> BINARY[2] BINARY.SIZE[3])
        S: * 2 FETCH (UID 5 BINARY[1]<2> ~{3}
        S-raw: a\0b\x20
        S: BINARY[2] NIL BINARY.SIZE[3] 42)
        S: {b} OK done
        "#,
        |builder| builder,
    );
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let five = uids("5");
    let items = [
        FetchItem::EmailId,
        FetchItem::ThreadId,
        FetchItem::SaveDate,
        FetchItem::PreviewLazy,
        FetchItem::ModSeq,
    ];
    let mut messages = inbox.fetch(&five, items).unwrap();
    let message = messages.next().unwrap().unwrap();
    assert_eq!(
        (message.email_id(), message.thread_id()),
        (Some("M1"), None)
    );
    let saved = message.save_date().unwrap().unwrap();
    assert_eq!(saved.to_string(), "1996-07-26T02:44:25-07:00");
    assert_eq!(message.preview().unwrap().as_deref(), Some("Hi"));
    assert!(message.mod_seq().is_some());
    assert!(messages.next().unwrap().is_none());

    let items = [
        FetchItem::Preview,
        FetchItem::GmailMessageId,
        FetchItem::GmailThreadId,
        FetchItem::GmailLabels,
    ];
    let mut messages = inbox.fetch(&five, items).unwrap();
    let message = messages.next().unwrap().unwrap();
    assert_eq!(message.preview(), Ok(None));
    assert_eq!(message.gmail_thread_id(), Some(7));
    assert_eq!(message.gmail_message_id(), Some(8));
    let labels: Vec<Label> = message.gmail_labels().unwrap().collect();
    let expected = ["\\Important", "Entw\u{fc}rfe"].map(|label| Label::new(label).unwrap());
    assert_eq!(labels, expected);
    assert!(messages.next().unwrap().is_none());

    let part = |number| Section::part(number).unwrap();
    let partial = part("1").partial(2, NonZeroU32::new(3).unwrap());
    let items = [
        FetchItem::BinaryPeek(partial.clone()),
        FetchItem::BinaryAndMarkSeen(part("2")),
        FetchItem::BinarySize(part("3")),
    ];
    let mut messages = inbox.fetch(&five, items).unwrap();
    let message = messages.next().unwrap().unwrap();
    assert_eq!(message.binary(&partial), Some(&b"a\0b"[..]));
    assert_eq!(message.binary(&part("2")), None);
    assert_eq!(message.binary_size(&part("3")), Some(42));
    assert!(messages.next().unwrap().is_none());
    drop(inbox);
    drop(session);
    server.finish();
}

#[test]
fn what_the_server_lacks_is_refused_before_it_is_sent() {
    let (server, session) = selecting_with(
        "IMAP4rev1",
        r"
        C: {f} UID FETCH 1:* (FLAGS)
        S: {f} OK done
        ",
        |builder| builder,
    );
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let part = Section::part("1").unwrap();
    for (item, missing) in [
        (FetchItem::ModSeq, Capability::CondStore),
        (FetchItem::EmailId, Capability::ObjectId),
        (FetchItem::ThreadId, Capability::ObjectId),
        (FetchItem::SaveDate, Capability::SaveDate),
        (FetchItem::Preview, Capability::Preview),
        (FetchItem::PreviewLazy, Capability::Preview),
        (FetchItem::GmailMessageId, Capability::Gmail),
        (FetchItem::GmailThreadId, Capability::Gmail),
        (FetchItem::GmailLabels, Capability::Gmail),
        (
            FetchItem::BinaryAndMarkSeen(part.clone()),
            Capability::Binary,
        ),
        (FetchItem::BinarySize(part), Capability::Binary),
    ] {
        let error = inbox.fetch(&UidSet::all(), [FetchItem::Flags, item]);
        assert_unsupported(&error.unwrap_err(), &missing);
    }
    let mut messages = inbox.fetch(&UidSet::all(), [FetchItem::Flags]).unwrap();
    assert!(messages.next().unwrap().is_none());
    drop(inbox);
    drop(session);
    server.finish();
}

#[test]
fn imap4rev2_has_the_half_of_binary_that_is_about_fetch() {
    let (server, session) = selecting_with(
        "IMAP4rev2",
        r"
        C: {f} UID FETCH 5 (BINARY.SIZE[1])
        S: * 2 FETCH (UID 5 BINARY.SIZE[1] 4)
        S: {f} OK done
        ",
        |builder| builder,
    );
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let part = Section::part("1").unwrap();
    let mut messages = inbox
        .fetch(&uids("5"), [FetchItem::BinarySize(part.clone())])
        .unwrap();
    let message = messages.next().unwrap().unwrap();
    assert_eq!(message.binary_size(&part), Some(4));
    drop(inbox);
    drop(session);
    server.finish();
}

/// Single UIDs, each of six octets with its comma.
fn many() -> Vec<String> {
    let numbers = (10_000..16_000).filter(|number| number % 2 == 0);
    numbers.map(|number: u32| number.to_string()).collect()
}

/// The set is asked for so many UIDs at a time, in lines that are no longer than that.
#[track_caller]
fn assert_split(capabilities: &str, at_a_time: usize, longest: usize) {
    let many = many();
    let command = |part: &[String]| {
        let line = format!("{{f}} UID FETCH {} (FLAGS)", part.join(","));
        assert!(line.len() + "A123456".len() <= longest, "{}", line.len());
        format!("C: {line}\nS: {{f}} OK done\n")
    };
    let script: String = many.chunks(at_a_time).map(command).collect();
    let (server, session) = selecting_with(capabilities, &script, |builder| builder);
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let set = uids(&many.join(","));
    let mut messages = inbox.fetch(&set, [FetchItem::Flags]).unwrap();
    assert!(messages.next().unwrap().is_none());
    drop(inbox);
    drop(session);
    server.finish();
}

#[test]
fn a_long_set_is_split_by_what_the_server_takes() {
    assert_split("IMAP4rev1", 1321, 8_000);
    assert_split("IMAP4rev1 XYMHIGHESTMODSEQ", 155, 1_000);
    assert_split("IMAP4rev1 SCAN", 155, 1_000);
}
