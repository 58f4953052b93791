//! What is sent, by what the server has.

use super::{EXTENDED, changes, on_script};
use crate::scripted::selecting_with;

#[test]
fn with_list_status_it_is_one_command() {
    let said = changes(
        EXTENDED,
        r#"
        C: {a} LIST "" "*" RETURN (STATUS (UIDVALIDITY UIDNEXT MESSAGES UNSEEN HIGHESTMODSEQ))
        S: * LIST () "/" INBOX
        S: * STATUS INBOX (UIDVALIDITY 7 UIDNEXT 31 MESSAGES 30 UNSEEN 2 HIGHESTMODSEQ 9)
        S: * LIST (\NoSelect) "/" Work
        S: * LIST (\NonExistent) "/" Old
        S: * LIST () "/" Work/A
        S: * STATUS Work/A (UIDVALIDITY 8 UIDNEXT 1 MESSAGES 0 UNSEEN 0 HIGHESTMODSEQ 1)
        S: {a} OK done
        again
        C: {b} LIST "" "*" RETURN (STATUS (UIDVALIDITY UIDNEXT MESSAGES UNSEEN HIGHESTMODSEQ))
        S: * LIST () "/" INBOX
        S: * LIST () "/" Work/A
        S: * STATUS INBOX (UIDVALIDITY 7 UIDNEXT 31 MESSAGES 30 UNSEEN 2 HIGHESTMODSEQ 10)
        S: * STATUS Work/A (UIDVALIDITY 8 UIDNEXT 1 MESSAGES 0 UNSEEN 0 HIGHESTMODSEQ 1)
        S: {b} OK done
        "#,
    );
    assert_eq!(
        said,
        [vec!["INBOX new", "Work/A new"], vec!["INBOX changed"]]
    );
}

#[test]
fn without_list_status_it_is_list_and_each_status_in_one_round_trip() {
    let said = changes(
        "IMAP4rev1",
        r#"
        C: {a} LIST "" "*"
        S: * LIST (\Noselect) "/" Work
        S: * LIST () "/" INBOX
        S: * LIST () "/" Work/A
        S: {a} OK done
        C: {i} STATUS "INBOX" (UIDVALIDITY UIDNEXT MESSAGES UNSEEN)
        C: {w} STATUS "Work/A" (UIDVALIDITY UIDNEXT MESSAGES UNSEEN)
        S: * STATUS Work/A (UIDVALIDITY 8 UIDNEXT 4 MESSAGES 2 UNSEEN 0)
        S: {w} OK done
        S: * STATUS INBOX (UIDVALIDITY 7 UIDNEXT 31 MESSAGES 30 UNSEEN 2)
        S: {i} OK done
        again
        C: {b} LIST "" "*"
        S: * LIST () "/" Work/A
        S: * LIST () "/" INBOX
        S: {b} OK done
        C: {i} STATUS "INBOX" (UIDVALIDITY UIDNEXT MESSAGES UNSEEN)
        C: {w} STATUS "Work/A" (UIDVALIDITY UIDNEXT MESSAGES UNSEEN)
        S: * STATUS INBOX (UIDVALIDITY 7 UIDNEXT 31 MESSAGES 30 UNSEEN 2)
        S: {i} OK done
        S: * STATUS Work/A (UIDVALIDITY 8 UIDNEXT 5 MESSAGES 3 UNSEEN 0)
        S: {w} OK done
        "#,
    );
    assert_eq!(
        said,
        [
            vec!["INBOX new", "Work/A new"],
            vec!["INBOX may", "Work/A changed"]
        ]
    );
}

/// What is told of each mailbox while INBOX is selected, and the number of messages in it.
#[track_caller]
fn with_selected(capabilities: &str, text: &str) -> (Vec<String>, u32) {
    let (server, session) = selecting_with(capabilities, text, |builder| builder);
    let inbox = session.lock_mailbox("INBOX").unwrap();
    let changes = session.mailboxes_changed_since(None).unwrap();
    let unseen = changes
        .iter()
        .map(|change| format!("{} {:?}", change.name(), change.unseen()));
    let told = (unseen.collect(), inbox.exists());
    drop(inbox);
    drop(session);
    server.finish();
    told
}

/// Dovecot 2.3 answers STATUS of the selected mailbox from the session's view of it.
#[test]
fn a_selected_mailbox_without_events_takes_no_more_round_trips() {
    let told = with_selected(
        EXTENDED,
        r#"
        C: {a} LIST "" "*" RETURN (STATUS (UIDVALIDITY UIDNEXT MESSAGES UNSEEN HIGHESTMODSEQ))
        C: {n} NOOP
        S: * LIST () "/" INBOX
        S: * STATUS INBOX (UIDVALIDITY 7 UIDNEXT 10 MESSAGES 3 UNSEEN 2 HIGHESTMODSEQ 9)
        S: {a} OK done
        S: {n} OK done
        "#,
    );
    assert_eq!(told, (vec!["INBOX Some(2)".to_owned()], 3));
    let told = with_selected(
        "IMAP4rev1",
        r#"
        C: {a} LIST "" "*"
        C: {n} NOOP
        S: * LIST () "/" INBOX
        S: {a} OK done
        S: * 4 EXISTS
        S: {n} OK done
        C: {s} STATUS "INBOX" (UIDVALIDITY UIDNEXT MESSAGES UNSEEN)
        S: * STATUS INBOX (UIDVALIDITY 7 UIDNEXT 11 MESSAGES 4 UNSEEN 3)
        S: {s} OK done
        "#,
    );
    assert_eq!(told, (vec!["INBOX Some(3)".to_owned()], 4));
}

#[test]
fn a_selected_mailbox_with_events_is_asked_again() {
    for event in [
        "* 4 EXISTS",
        "* 2 FETCH (FLAGS (\\Seen))",
        "* OK [HIGHESTMODSEQ 9] up",
    ] {
        let text = format!(
            r#"
            C-start: {{a}} LIST
            C: {{n}} NOOP
            S: * LIST () "/" a
            S: * STATUS a (UIDVALIDITY 8 UIDNEXT 2 MESSAGES 1 UNSEEN 1 HIGHESTMODSEQ 9)
            S: * LIST () "/" INBOX
            S: * STATUS Inbox (UIDVALIDITY 7 UIDNEXT 10 MESSAGES 3 UNSEEN 2 HIGHESTMODSEQ 9)
            S: {{a}} OK done
            S: {event}
            S: {{n}} OK done
            C: {{s}} STATUS "INBOX" (UIDVALIDITY UIDNEXT MESSAGES UNSEEN HIGHESTMODSEQ)
            S: * STATUS INBOX (UIDVALIDITY 7 UIDNEXT 11 MESSAGES 4 UNSEEN 3 HIGHESTMODSEQ 10)
            S: {{s}} OK done
            "#
        );
        let (told, _) = with_selected(EXTENDED, &text);
        assert_eq!(told, ["INBOX Some(3)", "a Some(1)"], "{event}");
    }
}

#[test]
fn a_line_that_cannot_be_read_is_noticed_beside_a_noop_too() {
    for lines in [
        "S: {n} OK done\nS: * LIST () \"/\" \"a\nS: {a} OK done",
        "S: * LIST () \"/\" \"a\nS: {a} OK done\nS: {n} OK done",
    ] {
        let text = format!("C-start: {{a}} LIST\nC: {{n}} NOOP\n{lines}");
        let (server, session) = selecting_with(EXTENDED, &text, |builder| builder);
        drop(session.lock_mailbox("INBOX").unwrap());
        let outcome = session.mailboxes_changed_since(None);
        assert!(
            matches!(outcome, Err(latchbox::Error::Unparsable(_))),
            "{outcome:?}"
        );
        drop(session);
        server.finish();
    }
}

/// Cyrus 3.6 sends garbage for an id that is asked for with another item.
#[test]
fn ids_are_asked_for_alone_and_only_of_what_is_new() {
    let capabilities = &format!("{EXTENDED} OBJECTID");
    let said = changes(
        capabilities,
        r#"
        C: {a} LIST "" "*" RETURN (STATUS (UIDVALIDITY UIDNEXT MESSAGES UNSEEN HIGHESTMODSEQ))
        S: * LIST () "/" a
        S: * LIST () "/" b
        S: * STATUS a (UIDVALIDITY 7 UIDNEXT 31 MESSAGES 30 UNSEEN 2 HIGHESTMODSEQ 9)
        S: * STATUS b (UIDVALIDITY 8 UIDNEXT 2 MESSAGES 1 UNSEEN 0 HIGHESTMODSEQ 3)
        S: {a} OK done
        C: {i} STATUS "a" (MAILBOXID)
        C: {j} STATUS "b" (MAILBOXID)
        S: * STATUS a (MAILBOXID (F1))
        S: {i} OK done
        S: * STATUS b (MAILBOXID (F2))
        S: {j} OK done
        again
        C: {b} LIST "" "*" RETURN (STATUS (UIDVALIDITY UIDNEXT MESSAGES UNSEEN HIGHESTMODSEQ))
        S: * LIST () "/" b
        S: * LIST () "/" c
        S: * STATUS b (UIDVALIDITY 8 UIDNEXT 2 MESSAGES 1 UNSEEN 0 HIGHESTMODSEQ 4)
        S: * STATUS c (UIDVALIDITY 9 UIDNEXT 32 MESSAGES 31 UNSEEN 2 HIGHESTMODSEQ 9)
        S: {b} OK done
        C: {i} STATUS "c" (MAILBOXID)
        S: * STATUS c (MAILBOXID (F1))
        S: {i} OK done
        again
        C: {c} LIST "" "*" RETURN (STATUS (UIDVALIDITY UIDNEXT MESSAGES UNSEEN HIGHESTMODSEQ))
        S: * LIST () "/" b
        S: * LIST () "/" c
        S: * STATUS b (UIDVALIDITY 8 UIDNEXT 2 MESSAGES 1 UNSEEN 0 HIGHESTMODSEQ 4)
        S: * STATUS c (UIDVALIDITY 9 UIDNEXT 32 MESSAGES 31 UNSEEN 2 HIGHESTMODSEQ 9)
        S: {c} OK done
        again
        C: {d} LIST "" "*" RETURN (STATUS (UIDVALIDITY UIDNEXT MESSAGES UNSEEN HIGHESTMODSEQ))
        S: * LIST () "/" b
        S: * LIST () "/" d
        S: * STATUS b (UIDVALIDITY 8 UIDNEXT 2 MESSAGES 1 UNSEEN 0 HIGHESTMODSEQ 4)
        S: * STATUS d (UIDVALIDITY 9 UIDNEXT 32 MESSAGES 31 UNSEEN 2 HIGHESTMODSEQ 9)
        S: {d} OK done
        C: {i} STATUS "d" (MAILBOXID)
        S: {i} NO not now
        "#,
    );
    let expected: [&[&str]; 4] = [
        &["a new", "b new"],
        &["a to c", "b changed"],
        &[],
        // Its id is not known, so its numbers are what is left.
        &["c to d by guess"],
    ];
    assert_eq!(said, expected);
}

#[test]
fn mailboxes_that_the_list_leaves_out_are_asked_for_by_status() {
    let outcomes = on_script(
        EXTENDED,
        r#"
        C: {a} LIST "" "*" RETURN (STATUS (UIDVALIDITY UIDNEXT MESSAGES UNSEEN HIGHESTMODSEQ))
        S: * LIST () "/" a
        S: * LIST () "/" b
        S: * LIST () "/" b
        S: * LIST () "/" c
        S: * STATUS a (UIDVALIDITY 7 UIDNEXT 31 MESSAGES 30 UNSEEN 2 HIGHESTMODSEQ 9)
        S: {a} OK done
        C: {b} STATUS "b" (UIDVALIDITY UIDNEXT MESSAGES UNSEEN HIGHESTMODSEQ)
        C: {c} STATUS "c" (UIDVALIDITY UIDNEXT MESSAGES UNSEEN HIGHESTMODSEQ)
        S: {b} NO [NOPERM] not yours
        S: * STATUS c (UIDVALIDITY 7 UIDNEXT 1 MESSAGES 0 UNSEEN 0 HIGHESTMODSEQ 9)
        S: {c} OK done
        "#,
    );
    let changes = outcomes[0].as_ref().unwrap();
    assert_eq!(super::shown(changes), ["a new", "b failed", "c new"]);
    let mailboxes = changes.checkpoint().mailboxes().iter();
    let unseen: Vec<_> = mailboxes
        .map(|one| (one.name().as_str(), one.unseen()))
        .collect();
    assert_eq!(unseen, [("a", Some(2)), ("c", Some(0))]);
}

/// Without HIGHESTMODSEQ for one mailbox (NOMODSEQ) its flags do not show.
#[test]
fn a_mailbox_without_mod_sequences_may_have_changed() {
    let answer = r#"
        S: * LIST () "/" a
        S: * LIST () "/" b
        S: * STATUS a (UIDVALIDITY 7 UIDNEXT 31 MESSAGES 30 UNSEEN 2 HIGHESTMODSEQ 0)
        S: * STATUS b (UIDVALIDITY 7 UIDNEXT 31 MESSAGES 30 UNSEEN 2 HIGHESTMODSEQ 9)
        "#;
    let text = format!(
        "C-start: {{a}} LIST\n{answer}\nS: {{a}} OK done\nagain\n\
         C-start: {{b}} LIST\n{answer}\nS: {{b}} OK done"
    );
    let said = changes(EXTENDED, &text);
    assert_eq!(said[1], ["a may"]);
}
