//! What was removed since a mod-sequence (QRESYNC, RFC 7162), up to the highest UID that there was.

use latchbox::command::FetchOptions;
use latchbox::types::{Capability, FetchItem, Flag, ModSeq, StoreAction, UidSet};
use latchbox::{Client, Session};

use crate::dovecot::session;
use crate::scripted::logged_in_with;
use crate::support::dovecot::dovecot;
use crate::support::servers::cyrus;

/// Two sessions of a user: the highest UID is removed by the one, and the other hears of it; then all.
fn the_highest_is_removed(one: &Session, other: &Session) {
    for number in 1..=5 {
        let message = format!("From: a@x.example\r\nSubject: {number}\r\n\r\nx\r\n");
        one.append("INBOX", message.as_bytes()).unwrap();
    }
    let enabled = one.enable(&[Capability::Qresync]).unwrap();
    assert!(enabled.contains(&Capability::Qresync), "{enabled:?}");
    let all = UidSet::all();
    let mut inbox = one.lock_mailbox("INBOX").unwrap();
    let mut table = inbox.fetch_flags(&all).unwrap();
    let uids: Vec<_> = table.iter().map(|message| message.uid()).collect();
    assert_eq!(uids.len(), 5);
    let mut seen = inbox.mailbox().unwrap().highest_mod_seq().unwrap();
    inbox.release().unwrap();
    for gone in [&uids[3..], &uids[..3]] {
        let gone = UidSet::unbound(gone.iter().copied());
        let mut elsewhere = other.lock_mailbox("INBOX").unwrap();
        elsewhere
            .store(&gone, StoreAction::Add, [Flag::Deleted])
            .unwrap();
        elsewhere.expunge_uids(&gone).unwrap();
        elsewhere.unselect().unwrap();
        let mut inbox = one.lock_mailbox("INBOX").unwrap();
        inbox.refresh().unwrap();
        let since = FetchOptions::new().changed_or_vanished_since(seen);
        let mut messages = inbox.fetch_with(&all, [FetchItem::Flags], since).unwrap();
        while messages.next().unwrap().is_some() {}
        let vanished = messages.vanished();
        for uid in gone.iter() {
            assert!(vanished.contains(uid), "{uid} in {vanished}");
        }
        inbox.fetch_flags_into(&mut table, &all, since).unwrap();
        let left: Vec<_> = table.iter().map(|message| message.uid()).collect();
        let exists = usize::try_from(inbox.exists()).unwrap();
        assert_eq!(left.len(), exists);
        assert!(left.iter().all(|uid| !gone.contains(*uid)));
        seen = inbox.mailbox().unwrap().highest_mod_seq().unwrap_or(seen);
        inbox.release().unwrap();
    }
    assert!(table.is_empty());
}

#[test]
fn fault_38_the_highest_uid_on_cyrus() {
    let server = cyrus().unwrap();
    let log_in = |user: &str| {
        let builder = Client::builder("127.0.0.1").port(server.running.port());
        let client = builder.danger_plaintext().danger_cleartext_login();
        let client = client.connect().unwrap();
        client
            .login(user, server.password())
            .map_err(|(error, _)| error)
            .unwrap()
    };
    let user = server.user();
    the_highest_is_removed(&log_in(&user), &log_in(&user));
    server.running.stop();
}

#[test]
fn fault_38_the_highest_uid_on_dovecot() {
    let user = dovecot().user();
    the_highest_is_removed(&session(&user), &session(&user));
}

const SELECT: &str = "
    C: {e} ENABLE QRESYNC
    S: * ENABLED QRESYNC
    S: {e} OK done
    C: {s} SELECT \"INBOX\"
    S: * 3 EXISTS
    S: * OK [UIDVALIDITY 7] since
    S: {s} OK [READ-WRITE] done
    C: {t} UID FETCH 1:* (FLAGS)
    S: * 1 FETCH (UID 4 FLAGS ())
    S: * 2 FETCH (UID 5 FLAGS ())
    S: * 3 FETCH (UID 9 FLAGS ())
    S: {t} OK done
";

/// The rows that are left of a table after this exchange.
fn after(lines: &str) -> Vec<u32> {
    let script = format!("{SELECT}{lines}");
    let (server, session) = logged_in_with("IMAP4rev1 ENABLE QRESYNC", &script, |builder| builder);
    session.enable(&[Capability::Qresync]).unwrap();
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let all = UidSet::all();
    let mut table = inbox.fetch_flags(&all).unwrap();
    let since = FetchOptions::new().changed_or_vanished_since(ModSeq::new(5).unwrap());
    inbox.fetch_flags_into(&mut table, &all, since).unwrap();
    let left = table.iter().map(|message| message.uid().value()).collect();
    drop(inbox);
    drop(session);
    server.finish();
    left
}

/// Held against what the mailbox has: a server may leave out what it has forgotten.
#[test]
fn fault_38_a_table_has_no_more_messages_than_the_mailbox() {
    let left = after(
        "
        C: {a} UID FETCH 1:4294967295 (FLAGS) (CHANGEDSINCE 5 VANISHED)
        S: * VANISHED 9
        S: {a} OK done
        C: {b} UID SEARCH ALL
        S: * SEARCH 4 5
        S: {b} OK done
        ",
    );
    assert_eq!(left, [4, 5]);
    let left = after(
        "
        C: {a} UID FETCH 1:4294967295 (FLAGS) (CHANGEDSINCE 5 VANISHED)
        S: * VANISHED (EARLIER) 1:3,6:9
        S: {a} OK done
        ",
    );
    assert_eq!(left, [4, 5], "no more is asked");
}

/// Nothing is there any more, which has to be told as well.
#[test]
fn fault_38_an_empty_mailbox_is_asked_too() {
    let left = after(
        "
        C: {a} UID FETCH 1:4294967295 (FLAGS) (CHANGEDSINCE 5 VANISHED)
        S: * VANISHED 4,5,9
        S: * VANISHED (EARLIER) 4,5,9
        S: {a} OK done
        ",
    );
    assert!(left.is_empty());
}
