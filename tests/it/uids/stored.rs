//! UIDs that are kept over the end of the program know whose they are.

use latchbox::types::{SearchKey, StoredUids};

use super::{assert_stale, log_in, two_users};

#[test]
fn fault_01_kept_uids_are_good_in_their_account_only() {
    let server = two_users();
    let line = {
        let session = log_in(&server, "jane");
        let mut inbox = session.lock_mailbox("INBOX").unwrap();
        let found = inbox.search(SearchKey::All).unwrap();
        found.to_stored().unwrap().to_string()
    };
    let start = format!("imap://jane@127.0.0.1:{}/INBOX;UIDVALIDITY=", server.port());
    assert!(line.starts_with(&start), "{line}");
    let stored: StoredUids = line.parse().unwrap();
    let joe = log_in(&server, "joe");
    server.clear_timeline();
    let mut inbox = joe.lock_mailbox(stored.mailbox()).unwrap();
    assert_stale(inbox.delete(stored.uids()));
    drop(inbox);
    let jane = log_in(&server, "jane");
    let mut inbox = jane.lock_mailbox(stored.mailbox()).unwrap();
    assert_eq!(inbox.delete(stored.uids()).unwrap().count(), 3);
    assert_eq!(server.messages_of("joe", "INBOX").len(), 3);
}

/// What was written before accounts were: mailbox and UIDVALIDITY are checked.
#[test]
fn fault_01_a_line_without_an_account_is_read_and_can_be_given_one() {
    let server = two_users();
    let joe = log_in(&server, "joe");
    let mut inbox = joe.lock_mailbox("INBOX").unwrap();
    let validity = inbox.mailbox().unwrap().uid_validity().unwrap();
    let old: StoredUids = format!("INBOX;UIDVALIDITY={validity}/;UID=1")
        .parse()
        .unwrap();
    assert_eq!(old.account(), None);
    let account = format!("imap://jane@127.0.0.1:{}", server.port());
    let janes = old.clone().in_account(account.parse().unwrap()).unwrap();
    assert_stale(inbox.delete(janes.uids()));
    assert_eq!(inbox.delete(old.uids()).unwrap().count(), 1);
    let other: StoredUids = "INBOX;UIDVALIDITY=4000000000/;UID=1".parse().unwrap();
    assert_stale(inbox.delete(other.uids()));
}
