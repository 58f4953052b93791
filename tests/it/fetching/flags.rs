//! The flags of many messages in a table.

use latchbox::Error;
use latchbox::command::{FetchMessages, FlagTable};
use latchbox::types::{Capability, Flag, Uid, UidSet};

use super::{mod_seq, uids};
use crate::scripted::{assert_limit, log_in, plain, selecting, selecting_with, with_login};
use crate::support::script::script;

fn listed(table: &FlagTable) -> Vec<(u32, Vec<String>)> {
    let flags = |flags: &[Flag]| flags.iter().map(ToString::to_string).collect();
    table
        .iter()
        .map(|message| (message.uid().value(), flags(message.flags())))
        .collect()
}

#[test]
fn a_refusal_leaves_what_came_before_in_the_table() {
    let (server, session) = selecting(
        r"
        C: {f} UID FETCH 1:9 (FLAGS)
        S: * 2 FETCH (UID 5 FLAGS (\Seen $Work))
        S: * 1 FETCH (UID 4 FLAGS ())
        S: * 2 FETCH (FLAGS (\Deleted) UID 5)
        S: {f} NO [LIMIT] no more
        ",
    );
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let mut table = FlagTable::new();
    let read = inbox.fetch_flags_into(&mut table, FetchMessages::flags(&uids("1:9")));
    assert!(matches!(read, Err(Error::Refused(_))), "{read:?}");
    let expected = [(4, vec![]), (5, vec!["\\Deleted".to_owned()])];
    assert_eq!(listed(&table), expected);
    drop(inbox);
    drop(session);
    server.finish();
}

/// Rows with the same flags are a few octets each in the table, and many on their way.
#[test]
fn what_the_table_keeps_is_held_to_the_limit_of_an_answer() {
    let row = r"* 1 FETCH (UID 1 FLAGS (\\Seen $Forwarded $Work $Home $Later))\r\n";
    for (rows, is_kept) in [(20, true), (40, false)] {
        let (server, session) = selecting_with(
            "IMAP4rev1",
            &format!(
                "
                C: {{f}} UID FETCH 1:9 (FLAGS)
                S-fill: {rows} {row}
                {}
                ",
                if is_kept { "S: {f} OK done" } else { "C-close" }
            ),
            |builder| builder.answer_limit(800),
        );
        let mut inbox = session.lock_mailbox("INBOX").unwrap();
        let mut table = FlagTable::new();
        let set = uids("1:9");
        let read = inbox.fetch_flags_into(&mut table, FetchMessages::flags(&set));
        assert_eq!(table.len(), 1, "what came is there");
        match is_kept {
            true => read.unwrap(),
            false => assert_limit(&read.unwrap_err(), "answer_limit"),
        }
        drop(inbox);
        drop(session);
        server.finish();
    }
}

#[test]
fn a_message_without_flags_to_be_read_is_an_error_and_the_others_are_there() {
    let (server, session) = selecting(
        r"
        C: {f} UID FETCH 1:9 (FLAGS)
        S: * 1 FETCH (UID 4)
        S: * 2 FETCH (UID 5 FLAGS 7)
        S: * 3 FETCH (UID 6 FLAGS (\Seen))
        S: * 1 FETCH (UID 4 FLAGS ())
        S: {f} OK done
        C: {g} UID FETCH 1:9 (FLAGS)
        S: * 2 FETCH (UID 5 FLAGS 7)
        S: * 3 FETCH (UID 6 FLAGS (\Seen))
        S: {g} OK done
        ",
    );
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let set = uids("1:9");
    assert!(inbox.fetch_flags(&set).is_ok(), "the first was told later");
    let mut table = FlagTable::new();
    let error = inbox
        .fetch_flags_into(&mut table, FetchMessages::flags(&set))
        .unwrap_err();
    match error {
        Error::Item(error) => assert_eq!((error.item(), error.bytes()), ("FLAGS", &b"7"[..])),
        other => panic!("{other:?}"),
    }
    assert_eq!(table.len(), 1);
    drop(inbox);
    drop(session);
    server.finish();
}

#[test]
fn a_table_is_brought_up_to_date_by_what_has_changed_and_vanished() {
    let text = r#"
        C: {e} ENABLE QRESYNC
        S: * ENABLED QRESYNC
        S: {e} OK done
        C: {s} SELECT "INBOX"
        S: * 3 EXISTS
        S: * OK [UIDVALIDITY 7] since
        S: {s} OK [READ-WRITE] selected
        C: {f} UID FETCH 1:* (FLAGS)
        S: * 1 FETCH (UID 4 FLAGS ())
        S: * 2 FETCH (UID 5 FLAGS (\Seen))
        S: * 3 FETCH (UID 6 FLAGS ())
        S: {f} OK done
        C: {g} UID FETCH 1:4294967295 (FLAGS) (CHANGEDSINCE 9 VANISHED)
        S: * VANISHED (EARLIER) 5
        S: * 2 FETCH (UID 6 FLAGS (\Seen) MODSEQ (12))
        S: {g} OK done
        C: {t} SELECT "Trash"
        S: * 0 EXISTS
        S: * OK [UIDVALIDITY 8] since
        S: {t} OK [READ-WRITE] selected
    "#;
    let server = script(&with_login("IMAP4rev1 ENABLE QRESYNC", text));
    let session = log_in(plain(&server));
    session.enable(&[Capability::Qresync]).unwrap();
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let all = UidSet::all();
    let mut table = inbox.fetch_flags(&all).unwrap();
    assert_eq!(table.len(), 3);
    inbox
        .fetch_flags_into(
            &mut table,
            FetchMessages::flags(&all).changed_or_vanished_since(mod_seq(9)),
        )
        .unwrap();
    let expected = [(4, vec![]), (6, vec!["\\Seen".to_owned()])];
    assert_eq!(listed(&table), expected);
    let six = table.get(Uid::new(6).unwrap()).unwrap();
    assert_eq!(six.mod_seq(), Some(mod_seq(12)));
    assert_eq!(
        table.with_flag(&Flag::Seen).origin().unwrap().mailbox(),
        "INBOX"
    );
    drop(inbox);

    let mut trash = session.lock_mailbox("Trash").unwrap();
    let error = trash.fetch_flags_into(&mut table, FetchMessages::flags(&all));
    assert!(matches!(error, Err(Error::StaleUids(_))), "{error:?}");
    drop(trash);
    drop(session);
    server.finish();
}
