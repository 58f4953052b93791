//! Messages that a server refuses to return, one by one or with the whole mailbox.

use latchbox::Error;
use latchbox::sync::{ChangeBatch, Checkpoint, FetchChanges};
use latchbox::types::{FetchItem, Flag};

use crate::scripted::logged_in_with;

const SELECTED: &str = "
    S: * 3 EXISTS
    S: * OK [UIDVALIDITY 7] since
    S: * OK [UIDNEXT 4] next
    S: * OK [HIGHESTMODSEQ 9] highest
";

/// The syncs of a mailbox with three messages, each from the checkpoint of the one before; and what
/// they end with.
#[track_caller]
fn syncs(items: &[FetchItem], count: usize, text: &str) -> Vec<latchbox::Result<Vec<ChangeBatch>>> {
    let text = format!(
        "C: {{e}} EXAMINE \"INBOX\"{SELECTED}S: {{e}} OK [READ-ONLY] selected\n{}",
        text.replace("S: selected", SELECTED)
    );
    let (server, session) = logged_in_with("IMAP4rev1 CONDSTORE", &text, |builder| builder);
    let mut inbox = session.lock_mailbox_read_only("INBOX").unwrap();
    let mut stored: Option<Checkpoint> = None;
    let mut outcomes = Vec::new();
    for _ in 0..count {
        let request = FetchChanges::since(stored.as_ref()).items(items);
        let mut changes = inbox.changes(request).unwrap();
        let mut batches = Vec::new();
        let outcome = loop {
            match changes.next() {
                Ok(Some(batch)) => {
                    let text = batch.checkpoint().to_string();
                    stored = Some(text.parse().unwrap());
                    batches.push(batch);
                }
                Ok(None) => break Ok(batches),
                Err(error) => break Err(error),
            }
        };
        outcomes.push(outcome);
    }
    drop(inbox);
    drop(session);
    server.finish();
    outcomes
}

#[track_caller]
fn one(outcome: &latchbox::Result<Vec<ChangeBatch>>) -> &latchbox::sync::ChangedMessages {
    match outcome.as_deref() {
        Ok([ChangeBatch::Changes(changes)]) => changes,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_message_that_is_refused_alone_is_left_out_and_requested_again_by_the_next_sync() {
    let outcomes = syncs(
        &[FetchItem::Rfc822Size],
        3,
        r#"
        C: {a} UID FETCH 1:3 (FLAGS RFC822.SIZE)
        S: * 1 FETCH (UID 1 FLAGS () RFC822.SIZE 5)
        S: {a} NO the rest cannot be read
        C: {b} UID FETCH 2 (FLAGS RFC822.SIZE)
        S: {b} NO it cannot be read
        C: {c} UID FETCH 3 (FLAGS RFC822.SIZE)
        S: * 3 FETCH (UID 3 FLAGS () RFC822.SIZE 6)
        S: {c} OK done
        C: {d} UID FETCH 2 (FLAGS)
        S: * 2 FETCH (UID 2 FLAGS (\Seen))
        S: {d} OK done
        C: {g} EXAMINE "INBOX" (CONDSTORE)
        S: selected
        S: {g} OK [READ-ONLY] selected
        C: {h} UID FETCH 2 (FLAGS RFC822.SIZE)
        S: {h} NO it still cannot be read
        C: {i} UID FETCH 2 (FLAGS)
        S: {i} NO nor its flags
        C: {j} EXAMINE "INBOX" (CONDSTORE)
        S: selected
        S: {j} OK [READ-ONLY] selected
        C: {k} UID FETCH 2 (FLAGS RFC822.SIZE)
        S: * 2 FETCH (UID 2 FLAGS (\Seen) RFC822.SIZE 7)
        S: {k} OK done
        "#,
    );
    let first = one(&outcomes[0]);
    let sizes = first
        .messages()
        .map(|message| (message.uid().value(), message.items().unwrap().size()));
    assert_eq!(sizes.collect::<Vec<_>>(), [(1, Some(5)), (3, Some(6))]);
    assert_eq!(first.uids().to_string(), "1,3");
    let [unreadable] = first.unreadable() else {
        panic!("{:?}", first.unreadable());
    };
    assert_eq!(unreadable.uid().value(), 2);
    assert_eq!(unreadable.flags(), Some(&[Flag::Seen][..]));
    assert!(matches!(unreadable.error(), Error::Refused(_)));
    assert_eq!(first.checkpoint().known().to_string(), "1,3");
    assert_eq!(first.checkpoint().unreadable().to_string(), "2");

    assert!(outcomes[1].as_ref().unwrap().is_empty(), "no news");

    let last = one(&outcomes[2]);
    assert_eq!(last.uids().to_string(), "2");
    assert!(last.unreadable().is_empty() && last.arrived().is_empty());
    assert!(last.checkpoint().unreadable().is_empty());
}

#[test]
fn a_mailbox_that_is_refused_as_a_whole_is_an_error() {
    // The code says so.
    let refused = |outcome: &latchbox::Result<Vec<ChangeBatch>>| match outcome {
        Err(Error::Refused(refused)) => refused.text().to_owned(),
        other => panic!("{other:?}"),
    };
    let outcomes = syncs(
        &[],
        1,
        "
        C: {a} UID FETCH 1:3 (FLAGS)
        S: {a} NO [NOPERM] the right to read was taken away
        ",
    );
    assert_eq!(refused(&outcomes[0]), "the right to read was taken away");
    // No message is returned, and no flags.
    let outcomes = syncs(
        &[FetchItem::Rfc822Size],
        1,
        "
        C: {a} UID FETCH 1:3 (FLAGS RFC822.SIZE)
        S: {a} NO a
        C: {b} UID FETCH 1 (FLAGS RFC822.SIZE)
        S: {b} NO b
        C: {c} UID FETCH 2:3 (FLAGS RFC822.SIZE)
        S: {c} NO c
        C: {d} UID FETCH 2 (FLAGS RFC822.SIZE)
        S: {d} NO d
        C: {g} UID FETCH 3 (FLAGS RFC822.SIZE)
        S: {g} NO g
        C: {h} UID FETCH 1:3 (FLAGS)
        S: {h} NO h
        ",
    );
    assert_eq!(refused(&outcomes[0]), "h");
}

#[test]
fn flags_that_cannot_be_read_are_of_their_message_alone() {
    let outcomes = syncs(
        &[],
        1,
        "
        C: {a} UID FETCH 1:3 (FLAGS)
        S: * 1 FETCH (UID 1 FLAGS ())
        S: * 2 FETCH (UID 2 FLAGS \"x\")
        S: * 3 FETCH (UID 3 FLAGS ())
        S: {a} OK done
        ",
    );
    let batch = one(&outcomes[0]);
    assert_eq!(batch.uids().to_string(), "1,3");
    assert_eq!(batch.unreadable().len(), 1);
    assert!(matches!(batch.unreadable()[0].error(), Error::Item(_)));
}
