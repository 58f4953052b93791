//! What was removed since a mod-sequence (QRESYNC, RFC 7162), up to the highest UID that there was.

use latchbox::Session;
use latchbox::command::FetchMessages;
use latchbox::types::{Capability, FetchItem, Flag, StoreAction, UidSet};

use crate::dovecot::session;
use crate::sessions::{log_in_as, plaintext};
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
        let mut messages = inbox
            .stream(FetchMessages::new(&all, &[FetchItem::Flags]).changed_or_vanished_since(seen))
            .unwrap();
        while messages.next().unwrap().is_some() {}
        let vanished = messages.vanished();
        for uid in gone.iter() {
            assert!(vanished.contains(uid), "{uid} in {vanished}");
        }
        inbox
            .fetch_flags_into(
                &mut table,
                FetchMessages::flags(&all).changed_or_vanished_since(seen),
            )
            .unwrap();
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
        let client = plaintext(server.running.port()).connect().unwrap();
        log_in_as(client, user, server.password())
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
