//! Batches in a guard: STORE and COPY of different messages together, of the same one after the
//! other.

use latchbox::command::{CopyMessages, Search, Store};
use latchbox::types::{Flag, ModSeq, SearchKey, SortKey, ThreadAlgorithm, UidSet};
use latchbox::{Error, MailboxGuard};

use super::messages;
use crate::scripted::{selecting, selecting_with};

fn set(text: &str) -> UidSet {
    text.parse().unwrap()
}

#[test]
fn different_messages_are_stored_together_and_the_same_one_after_the_other() {
    let (server, session) = selecting(
        r#"
        C: {a} UID STORE 1 +FLAGS (\Seen)
        C: {b} UID STORE 2:3 +FLAGS (\Flagged)
        silent
        S: * 2 FETCH (UID 2 FLAGS (\Flagged))
        S: * 1 FETCH (UID 1 FLAGS (\Seen))
        S: * 3 FETCH (UID 3 FLAGS (\Flagged))
        S: {b} OK done
        S: {a} OK done
        C: {c} UID STORE 3 +FLAGS (\Deleted)
        C: {d} UID COPY 1:2 "Box"
        silent
        S: {c} NO no
        S: {d} OK [COPYUID 5 1:2 8:9] done
        C: {e} STATUS "Box" (MESSAGES)
        S: * STATUS "Box" (MESSAGES 2)
        S: {e} OK done
        "#,
    );
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let (one, two, three, first) = (set("1"), set("2:3"), set("3"), set("1:2"));
    let batch = (
        Store::add(&one, &[Flag::Seen]),
        Store::add(&two, &[Flag::Flagged]),
        Store::add(&three, &[Flag::Deleted]),
        CopyMessages::new(&first, "Box").unwrap(),
        messages("Box"),
    );
    let (one, two, three, copied, status) = inbox.pipeline(batch).unwrap();
    assert_eq!(one.unwrap().changed().len(), 1);
    assert_eq!(two.unwrap().changed().len(), 2);
    assert!(matches!(three, Err(Error::Refused(_))));
    assert_eq!(copied.unwrap().copies().unwrap().to_string(), "8:9");
    assert_eq!(status.unwrap().messages(), Some(2));
    drop(inbox);
    server.finish();
}

/// As it is for MOVE: answers come in the order of the commands, so that it is for the oldest.
#[test]
fn copyuid_before_the_ok_is_of_the_copy_that_is_answered_next() {
    let (server, session) = selecting(
        r#"
        C: {a} UID COPY 1 "Box"
        C: {b} UID COPY 2 "Box"
        C: {c} UID COPY 3 "Box"
        S: * OK [COPYUID 5 1 8] Exchange leaves out even more
        S: {a} OK done
        S: [COPYUID 5 2 9]
        S: {b} OK done
        S: {c} OK done
        "#,
    );
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let sets = [set("1"), set("2"), set("3")];
    let copies = sets
        .each_ref()
        .map(|uids| CopyMessages::new(uids, "Box").unwrap());
    let pairs = inbox.pipeline(copies).unwrap().map(|copied| {
        let pairs: Vec<_> = copied.unwrap().pairs().collect();
        pairs
            .into_iter()
            .map(|(uid, copy)| format!("{uid} {copy}"))
            .collect::<Vec<_>>()
    });
    assert_eq!(pairs, [vec!["1 8"], vec!["2 9"], vec![]]);
    drop(inbox);
    server.finish();
}

#[test]
fn h23_uids_of_elsewhere_are_refused_and_the_others_are_sent() {
    let (server, session) = selecting(
        r#"
        C: {s} UID SEARCH ALL
        S: * SEARCH 1 2 3
        S: {s} OK done
        C: {t} SELECT "Box"
        S: * 3 EXISTS
        S: * OK [UIDVALIDITY 8] since
        S: {t} OK [READ-WRITE] selected
        C: {a} UID STORE 2 +FLAGS.SILENT (\Seen)
        S: {a} OK done
        "#,
    );
    let foreign = session.lock_mailbox("INBOX").unwrap();
    let mut foreign = foreign;
    let all = foreign.search(SearchKey::All).unwrap();
    drop(foreign);
    let mut other = session.lock_mailbox("Box").unwrap();
    let (two, none) = (set("2"), UidSet::new());
    let batch = [
        Store::add(&all, &[Flag::Seen]),
        Store::add(&two, &[Flag::Seen]).silent(),
        Store::add(&none, &[Flag::Seen]),
    ];
    let [foreign, ours, empty] = other.pipeline(batch).unwrap();
    assert!(matches!(foreign, Err(Error::StaleUids(_))));
    assert!(ours.unwrap().changed().is_empty());
    assert!(matches!(empty, Err(Error::Argument(_))));
    drop(other);
    server.finish();
}

#[test]
fn fault_02_nothing_more_of_a_batch_is_sent_once_the_uids_are_no_longer_those_of_the_mailbox() {
    for told in ["[UIDVALIDITY 8] made anew", "[CLOSED] gone"] {
        let (server, session) = selecting(&format!(
            r"
            C: {{a}} UID STORE 1 +FLAGS.SILENT (\Seen)
            S: * OK {told}
            S: {{a}} OK done
            C: {{n}} NOOP
            S: {{n}} OK done
            "
        ));
        let mut inbox = session.lock_mailbox("INBOX").unwrap();
        let one = set("1");
        // The second may change what the first did, so it waits for its answer.
        let seen = Store::add(&one, &[Flag::Seen]).silent();
        let deleted = Store::add(&one, &[Flag::Deleted]).silent();
        let [first, second] = inbox.pipeline([seen, deleted]).unwrap();
        first.unwrap();
        let error = second.unwrap_err();
        assert!(matches!(error, Error::Mailbox(_)), "{told}: {error}");
        assert!(!error.may_have_taken_effect());
        drop(inbox);
        session.noop().unwrap();
        drop(session);
        server.finish();
    }
}

/// It may name messages by the old UIDs or by the new ones.
#[test]
fn fault_02_what_was_found_while_the_uids_changed_is_no_answer() {
    type Call = fn(&mut MailboxGuard<'_>) -> latchbox::Result<()>;
    let calls: [(&str, &str, Call); 4] = [
        ("UID SEARCH ALL", "SEARCH 1 2", |inbox| {
            inbox.search(SearchKey::All).map(drop)
        }),
        ("UID SEARCH ALL", "SEARCH 1 2", |inbox| {
            let [found] = inbox.pipeline([Search::new(SearchKey::All)])?;
            found.map(drop)
        }),
        ("UID SORT (DATE) UTF-8 ALL", "SORT 1 2", |inbox| {
            inbox.sort([SortKey::Date], SearchKey::All).map(drop)
        }),
        ("UID THREAD REFERENCES UTF-8 ALL", "THREAD (1 2)", |inbox| {
            inbox
                .thread(ThreadAlgorithm::References, SearchKey::All)
                .map(drop)
        }),
    ];
    for (command, answer, call) in calls {
        for told in ["[UIDVALIDITY 8] made anew", "[CLOSED] gone"] {
            let (server, session) = selecting_with(
                "IMAP4rev1 SORT THREAD=REFERENCES",
                &format!(
                    "
                    C: {{s}} {command}
                    S: * OK {told}
                    S: * {answer}
                    S: {{s}} OK done
                    "
                ),
                |builder| builder,
            );
            let mut inbox = session.lock_mailbox("INBOX").unwrap();
            let error = call(&mut inbox).unwrap_err();
            assert!(
                matches!(error, Error::Mailbox(_)),
                "{command}, {told}: {error}"
            );
            drop(inbox);
            drop(session);
            server.finish();
        }
    }
}

#[test]
fn h17_conflicts_are_told_by_the_command_that_met_them() {
    let (server, session) = selecting(
        r#"
        C: {a} UID STORE 1 (UNCHANGEDSINCE 5) +FLAGS (\Seen)
        C: {b} UID STORE 2 (UNCHANGEDSINCE 5) +FLAGS (\Seen)
        S: {a} OK [MODIFIED 1] conditional
        S: * 2 FETCH (UID 2 MODSEQ (7) FLAGS (\Seen))
        S: {b} OK done
        "#,
    );
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let since = ModSeq::new(5).unwrap();
    let (one, two) = (set("1"), set("2"));
    let batch = [&one, &two].map(|uids| Store::add(uids, &[Flag::Seen]).unchanged_since(since));
    let [one, two] = inbox.pipeline(batch).unwrap();
    assert_eq!(one.unwrap().modified().to_string(), "1");
    let two = two.unwrap();
    assert!(two.modified().is_empty() && two.changed().len() == 1);
    drop(inbox);
    server.finish();
}
