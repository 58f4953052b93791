//! Answers that name fewer messages than the server counts: none of the others counts as removed, and
//! what is missing is reported.

use latchbox::Error;
use latchbox::sync::{ChangeBatch, ChangedMessages, Checkpoint, FetchChanges};

use crate::scripted::logged_in_with;

const COMPARISON: &str = "IMAP4rev1";
const CONDSTORE: &str = "IMAP4rev1 CONDSTORE";

/// The rows of three messages.
const ROWS: &str = r"
    S: * 1 FETCH (UID 1 FLAGS ())
    S: * 2 FETCH (UID 2 FLAGS (\Seen))
    S: * 3 FETCH (UID 3 FLAGS ())
";

/// One sync up to its end.
struct Synced {
    batches: Vec<ChangeBatch>,
    error: Option<Error>,
    checkpoint: Checkpoint,
}

impl Synced {
    #[track_caller]
    fn only(&self) -> &ChangedMessages {
        match &self.batches[..] {
            [ChangeBatch::Changes(changes)] => changes,
            other => panic!("{other:?}"),
        }
    }

    fn has_no_batch_with_changes(&self) -> bool {
        self.batches.iter().all(ChangeBatch::is_empty)
    }

    fn unreadable(&self) -> Vec<u32> {
        let changes = self.batches.iter().map(|batch| match batch {
            ChangeBatch::Changes(changes) => changes,
            ChangeBatch::Restart(restart) => panic!("{restart}"),
        });
        let unreadable = changes.flat_map(|changes| changes.unreadable());
        unreadable
            .inspect(|message| {
                let error = message.error();
                assert!(matches!(error, Error::MissingData("UID FETCH")), "{error}");
            })
            .map(|message| message.uid().value())
            .collect()
    }

    #[track_caller]
    fn assert_ok(&self) {
        assert!(self.error.is_none(), "{:?}", self.error);
    }

    #[track_caller]
    fn assert_incomplete(&self) {
        let error = self.error.as_ref();
        let is_it = matches!(error, Some(Error::MissingData("UID SEARCH")));
        assert!(is_it, "{error:?}");
    }
}

/// The lines of a SELECT: `look <tag> <EXISTS> <UIDNEXT> [<HIGHESTMODSEQ>]`.
fn with_looks(text: &str) -> String {
    let mut is_first = true;
    let lines = text.replace("rows", ROWS);
    let lines = lines.lines().map(|line| {
        let words: Vec<&str> = line.split_whitespace().collect();
        let ["look", tag, exists, uid_next, ref mod_seq @ ..] = words[..] else {
            return line.to_owned();
        };
        let highest = mod_seq
            .first()
            .map(|mod_seq| format!("S: * OK [HIGHESTMODSEQ {mod_seq}] ok"));
        let parameter = match std::mem::take(&mut is_first) || highest.is_none() {
            true => "",
            false => " (CONDSTORE)",
        };
        format!(
            "C: {{{tag}}} EXAMINE \"INBOX\"{parameter}
            S: * {exists} EXISTS
            S: * OK [UIDVALIDITY 7] ok
            S: * OK [UIDNEXT {uid_next}] ok
            {}
            S: {{{tag}}} OK [READ-ONLY] selected",
            highest.unwrap_or_default()
        )
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// So many syncs, each from the stored checkpoint of the one before.
#[track_caller]
fn syncs(capabilities: &str, count: usize, batch_size: u32, text: &str) -> Vec<Synced> {
    let (server, session) = logged_in_with(capabilities, &with_looks(text), |builder| builder);
    let mut inbox = session.lock_mailbox_read_only("INBOX").unwrap();
    let mut stored: Option<Checkpoint> = None;
    let mut outcomes = Vec::new();
    for _ in 0..count {
        let request = FetchChanges::since(stored.as_ref()).batch_size(batch_size);
        let mut changes = inbox.changes(request).unwrap();
        let mut batches = Vec::new();
        let error = loop {
            match changes.next() {
                Ok(Some(batch)) => batches.push(batch),
                Ok(None) => break None,
                Err(error) => break Some(error),
            }
        };
        assert!(changes.next().unwrap().is_none(), "it is reported once");
        let checkpoint: Checkpoint = changes.checkpoint().to_string().parse().unwrap();
        stored = Some(checkpoint.clone());
        outcomes.push(Synced {
            batches,
            error,
            checkpoint,
        });
    }
    drop(inbox);
    drop(session);
    server.finish();
    outcomes
}

#[test]
fn fault_38_messages_whose_flags_are_not_answered_are_not_gone() {
    // Not one row; one row without a UID.
    for (rows, named, others) in [
        ("", "1 2 3", "1:4294967295"),
        (
            "S: * 1 FETCH (UID 1 FLAGS ())
            S: * 2 FETCH (FLAGS (\\Seen))
            S: * 3 FETCH (UID 3 FLAGS ())",
            "2",
            "2,4:4294967295",
        ),
    ] {
        let outcomes = syncs(
            COMPARISON,
            3,
            1000,
            &format!(
                "
                look a 3 4
                C: {{b}} UID FETCH 1:3 (FLAGS)
                rows
                S: {{b}} OK done
                look c 3 4
                C: {{d}} UID FETCH 1:3 (FLAGS)
                {rows}
                S: {{d}} OK done
                C: {{e}} NOOP
                S: {{e}} OK nothing
                C: {{f}} UID SEARCH UID {others}
                S: * SEARCH {named}
                S: {{f}} OK done
                look g 3 4
                C: {{h}} UID FETCH 1:3 (FLAGS)
                rows
                S: {{h}} OK done
                "
            ),
        );
        let [first, second, third] = &outcomes[..] else {
            panic!();
        };
        assert_eq!(first.only().uids().to_string(), "1:3");
        let named: Vec<u32> = named.split(' ').map(|uid| uid.parse().unwrap()).collect();
        assert_eq!(second.unreadable(), named);
        assert!(second.only().vanished().is_empty());
        assert_eq!(second.checkpoint.known().to_string(), "1:3");
        assert!(third.batches.is_empty(), "{:?}", third.batches);
        outcomes.iter().for_each(Synced::assert_ok);
    }
}

#[test]
fn fault_38_a_search_that_names_fewer_than_there_are_shows_of_no_message_that_it_is_gone() {
    for found in ["", "S: * SEARCH", "S: * SEARCH 1"] {
        let others = match found.ends_with('1') {
            true => "2:4294967295",
            false => "1:4294967295",
        };
        let outcomes = syncs(
            CONDSTORE,
            3,
            1000,
            &format!(
                "
                look a 3 4 9
                C: {{b}} UID FETCH 1:3 (FLAGS)
                rows
                S: {{b}} OK done
                look c 2 4 10
                C: {{d}} UID FETCH 1:3 (FLAGS) (CHANGEDSINCE 9)
                S: * 1 FETCH (UID 1 FLAGS (\\Flagged) MODSEQ (10))
                S: {{d}} OK done
                C: {{e}} UID SEARCH UID 1:3
                {found}
                S: {{e}} OK done
                C: {{f}} NOOP
                S: {{f}} OK nothing
                C: {{g}} UID SEARCH UID {others}
                {found}
                S: {{g}} OK done
                look h 2 4 10
                C: {{i}} UID SEARCH UID 1:3
                S: * SEARCH 1 3
                S: {{i}} OK done
                "
            ),
        );
        let [first, second, third] = &outcomes[..] else {
            panic!();
        };
        first.assert_ok();
        // Everything else is given before the error, and counts.
        second.assert_incomplete();
        assert_eq!(second.only().changed().len(), 1);
        assert!(second.only().vanished().is_empty());
        assert_eq!(second.checkpoint.known().to_string(), "1:3");
        third.assert_ok();
        assert_eq!(third.only().vanished().to_string(), "2");
    }
}

/// Cyrus leaves a removed message out of the answer to UID SEARCH, and reports it later.
#[test]
fn fault_38_a_message_that_is_removed_meanwhile_is_gone_and_no_error() {
    let outcomes = syncs(
        CONDSTORE,
        2,
        1000,
        "
        look a 3 4 9
        C: {b} UID FETCH 1:3 (FLAGS)
        rows
        S: {b} OK done
        look c 2 4 10
        C: {d} UID FETCH 1:3 (FLAGS) (CHANGEDSINCE 9)
        S: {d} OK done
        C: {e} UID SEARCH UID 1:3
        S: * SEARCH 1
        S: {e} OK done
        C: {f} NOOP
        S: * 2 EXPUNGE
        S: {f} OK done
        ",
    );
    outcomes.iter().for_each(Synced::assert_ok);
    assert_eq!(outcomes[1].only().vanished().to_string(), "2:3");
    // It was reported before the answer was complete: nothing more is sent.
    for removed in ["S: * 2 EXPUNGE", "S: * 2 EXISTS"] {
        let outcomes = syncs(
            COMPARISON,
            2,
            1000,
            &format!(
                "
                look a 3 4
                C: {{b}} UID FETCH 1:3 (FLAGS)
                rows
                S: {{b}} OK done
                look c 3 4
                C: {{d}} UID FETCH 1:3 (FLAGS)
                S: * 1 FETCH (UID 1 FLAGS ())
                S: * 3 FETCH (UID 3 FLAGS ())
                {removed}
                S: {{d}} OK done
                "
            ),
        );
        outcomes.iter().for_each(Synced::assert_ok);
        assert_eq!(outcomes[1].only().vanished().to_string(), "2");
    }
}

#[test]
fn fault_38_messages_that_no_answer_names_are_reported_once_and_stop_nothing() {
    let outcomes = syncs(
        CONDSTORE,
        4,
        2,
        "
        look a 4 10 9
        C: {b} UID SEARCH UID 1:9
        S: * SEARCH 1 3
        S: {b} OK done
        C: {c} NOOP
        S: {c} OK nothing
        C: {d} UID SEARCH UID 2,4:4294967295
        S: * SEARCH 5
        S: {d} OK done
        C: {e} UID FETCH 3,5 (FLAGS)
        S: * 2 FETCH (UID 3 FLAGS ())
        S: * 3 FETCH (UID 5 FLAGS ())
        S: {e} OK done
        C: {f} UID FETCH 1 (FLAGS)
        S: * 1 FETCH (UID 1 FLAGS ())
        S: {f} OK done
        look g 4 10 9
        C: {h} UID SEARCH UID 1:9
        S: * SEARCH 1 3 5
        S: {h} OK done
        look i 3 10 10
        C: {j} UID FETCH 1:5 (FLAGS) (CHANGEDSINCE 9)
        S: {j} OK done
        C: {k} UID SEARCH UID 1:9
        S: * SEARCH 1 5
        S: {k} OK done
        look l 3 10 10
        C: {m} UID SEARCH UID 1:9
        S: * SEARCH 1 5 7
        S: {m} OK done
        C: {n} UID FETCH 7 (FLAGS)
        S: * 3 FETCH (UID 7 FLAGS ())
        S: {n} OK done
        ",
    );
    let [first, second, third, last] = &outcomes[..] else {
        panic!();
    };
    assert_eq!(first.checkpoint.known().to_string(), "1,3,5");
    first.assert_incomplete();
    assert!(second.batches.is_empty());
    second.assert_ok();
    // One that was named is gone.
    assert_eq!(third.only().vanished().to_string(), "3");
    third.assert_ok();
    // The one that was not named appears.
    let changes = last.only();
    assert_eq!(changes.uids().to_string(), "7");
    assert!(changes.arrived().is_empty(), "it is history");
    last.assert_ok();
}

#[test]
fn fault_38_messages_above_a_uidnext_that_is_too_low_are_in_the_copy() {
    for uid_next in [1, 3] {
        for capabilities in [COMPARISON, CONDSTORE] {
            let mod_seq = match capabilities == CONDSTORE {
                true => "9",
                false => "",
            };
            let (again, gone) = match capabilities == CONDSTORE {
                false => (
                    "C: {f} UID FETCH 1:3 (FLAGS)\nrows\nS: {f} OK done",
                    "C: {h} UID FETCH 1:3 (FLAGS)
                    S: * 1 FETCH (UID 1 FLAGS ())
                    S: * 2 FETCH (UID 3 FLAGS ())
                    S: {h} OK done",
                ),
                true => (
                    "",
                    "C: {h} UID SEARCH UID 1:3\nS: * SEARCH 1 3\nS: {h} OK done",
                ),
            };
            let outcomes = syncs(
                capabilities,
                3,
                1000,
                &format!(
                    "
                    look a 3 {uid_next} {mod_seq}
                    C: {{b}} UID SEARCH UID 1:4294967295
                    S: * SEARCH 1 2 3
                    S: {{b}} OK done
                    C: {{c}} UID FETCH 1:3 (FLAGS)
                    rows
                    S: {{c}} OK done
                    look e 3 {uid_next} {mod_seq}
                    {again}
                    look g 2 {uid_next} {mod_seq}
                    {gone}
                    "
                ),
            );
            outcomes.iter().for_each(Synced::assert_ok);
            let first = outcomes[0].only();
            assert_eq!(first.uids().to_string(), "1:3");
            assert!(first.arrived().is_empty(), "they were there before");
            assert!(outcomes[1].batches.is_empty(), "{:?}", outcomes[1].batches);
            assert_eq!(outcomes[2].only().vanished().to_string(), "2");
        }
    }
}

#[test]
fn fault_30_a_new_message_that_is_named_and_never_returned_is_unreadable() {
    let outcomes = syncs(
        CONDSTORE,
        3,
        1000,
        "
        look a 4 5 9
        C: {b} UID FETCH 1:4 (FLAGS)
        rows
        S: {b} OK done
        C: {c} UID SEARCH UID 1:4
        S: * SEARCH 1 2 3 4
        S: {c} OK done
        C: {d} UID FETCH 4 (FLAGS)
        S: {d} OK done
        look e 4 5 9
        C: {f} UID FETCH 4 (FLAGS)
        S: {f} OK done
        look g 4 5 9
        C: {h} UID FETCH 4 (FLAGS)
        S: * 4 FETCH (UID 4 FLAGS ())
        S: {h} OK done
        ",
    );
    outcomes.iter().for_each(Synced::assert_ok);
    assert_eq!(outcomes[0].unreadable(), [4]);
    assert_eq!(outcomes[0].checkpoint.known().to_string(), "1:3");
    assert_eq!(outcomes[0].checkpoint.unreadable().to_string(), "4");
    assert!(outcomes[1].has_no_batch_with_changes(), "no news");
    assert_eq!(outcomes[1].checkpoint.unreadable().to_string(), "4");
    assert_eq!(outcomes[2].only().uids().to_string(), "4");
    assert!(outcomes[2].checkpoint.unreadable().is_empty());
}

/// The comparison came before the FETCH whose row is missing.
#[test]
fn fault_30_a_message_that_a_comparison_has_named_is_looked_for_once_more() {
    for is_there in [true, false] {
        let found = match is_there {
            true => "S: * SEARCH 3\nS: {e} OK done\nC: {f} UID FETCH 3 (FLAGS)\nS: {f} OK done",
            false => "S: * SEARCH\nS: {e} OK done",
        };
        let outcomes = syncs(
            COMPARISON,
            2,
            1000,
            &format!(
                "
                look a 0 1
                look b 3 4
                C: {{c}} UID FETCH 1:3 (FLAGS)
                rows
                S: {{c}} OK done
                C: {{d}} UID FETCH 1:3 (FLAGS)
                S: * 1 FETCH (UID 1 FLAGS ())
                S: * 2 FETCH (UID 2 FLAGS ())
                S: {{d}} OK done
                C: {{e}} UID SEARCH UID 3
                {found}
                "
            ),
        );
        outcomes.iter().for_each(Synced::assert_ok);
        let expected: &[u32] = if is_there { &[3] } else { &[] };
        assert_eq!(outcomes[1].unreadable(), expected);
        assert_eq!(outcomes[1].checkpoint.known().to_string(), "1:2");
    }
}

#[test]
fn fault_30_changed_flags_that_could_not_be_read_are_requested_again() {
    let outcomes = syncs(
        CONDSTORE,
        5,
        1000,
        r"
        look a 3 4 9
        C: {b} UID FETCH 1:3 (FLAGS)
        rows
        S: {b} OK done
        look c 3 4 10
        C: {d} UID FETCH 1:3 (FLAGS) (CHANGEDSINCE 9)
        S: * 2 FETCH (UID 2 MODSEQ (10))
        S: {d} OK done
        look e 3 4 10
        C: {f} UID FETCH 2 (FLAGS)
        S: * 2 FETCH (UID 2 MODSEQ (10))
        S: {f} OK done
        look g 3 4 10
        C: {h} UID FETCH 2 (FLAGS)
        S: * 2 FETCH (UID 2 FLAGS (\Flagged) MODSEQ (10))
        S: {h} OK done
        look i 3 4 10
        ",
    );
    outcomes.iter().for_each(Synced::assert_ok);
    let [unreadable] = outcomes[1].only().unreadable() else {
        panic!("{:?}", outcomes[1].batches);
    };
    assert_eq!(unreadable.uid().value(), 2);
    assert!(matches!(unreadable.error(), Error::Item(_)));
    assert!(outcomes[2].has_no_batch_with_changes());
    let changed = outcomes[3].only().changed();
    assert_eq!(changed.iter().next().unwrap().uid().value(), 2);
    assert_eq!(changed.iter().next().unwrap().flags().len(), 1);
    assert!(outcomes[4].batches.is_empty());
}
